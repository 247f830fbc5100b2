"""Validate the reasons of misses: take only the named cause away, render the view again, and read it.

Only the part of the view around the code is rendered, from the whole scene: that part of the picture is the same except
for its noise.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from synthgen import pipeline
from synthgen.annotation import annotate
from synthgen.annotation.annotate import Outline
from synthgen.barcodes import rectify
from synthgen.dataset import code_counts
from synthgen.experiments import remove_cause
from synthgen.planning import plan
from synthgen.recipe import Recipe
from synthgen.scene import Scene
from synthgen.world import scene_description
from synthgen.world.shot import Shot

MARGIN_PX = 16
"""Margin around a code and its quiet zone: light is pooled over neighbouring pixels, and blur spreads over them."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Case:
    """A code in a view; the shot holds the exposure time that the camera settled on."""

    shot: Shot
    camera: str
    annotation: dict[str, Any]

    @property
    def code_id(self) -> str:
        """Return the code's name."""
        return str(self.annotation["code_id"])


@dataclass(frozen=True, eq=False, kw_only=True)
class Trial:
    """A miss, and whether the code was read once its cause was gone."""

    case: Case
    decoded: bool


@dataclass(frozen=True, eq=False, kw_only=True)
class Report:
    """Counts of the codes in view of some shots, and of the first misses whose reason was confirmed."""

    recipe: str
    shots: int
    codes: code_counts.Tally
    trials: tuple[Trial, ...]

    @property
    def rows(self) -> dict[str, tuple[int, int]]:
        """Return {reason: (misses, decoded once it was gone)}, the most frequent first."""
        named = [str(trial.case.annotation["reason"]) for trial in self.trials]
        order = sorted(set(named), key=lambda name: (-named.count(name), name))
        return {name: self._count(name) for name in order}

    def _count(self, name: str) -> tuple[int, int]:
        found = [trial.decoded for trial in self.trials if trial.case.annotation["reason"] == name]
        return len(found), sum(found)

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        clear = [trial.decoded for trial in self.trials if code_counts.clear(trial.case.annotation)]
        return {
            "recipe": self.recipe,
            "shots": self.shots,
            "codes": self.codes.as_dict(),
            "cases": len(self.trials),
            "decoded_without_cause": sum(trial.decoded for trial in self.trials),
            "clear_cases": len(clear),
            "clear_decoded_without_cause": sum(clear),
            "reasons": {name: {"cases": n, "decoded_without_cause": k} for name, (n, k) in self.rows.items()},
        }

    def as_text(self) -> str:
        """Return the counts and a table."""
        numbers = self.as_dict()
        lines = [f"{self.recipe}, {self.shots} shots", code_counts.text(self.codes), ""]
        lines += [f"  {'reason':<13} {'cases':>5} {'decoded without it':>19}", f"  {'-' * 13} {'-' * 5} {'-' * 19}"]
        lines += [f"  {name.replace('_', ' '):<13} {n:>5} {k:>19}" for name, (n, k) in self.rows.items()]
        all_of_them = _share(numbers["decoded_without_cause"], numbers["cases"])
        clear = _share(numbers["clear_decoded_without_cause"], numbers["clear_cases"])
        return "\n".join([*lines, "", f"  all cases {all_of_them}; fine and unoccluded ones {clear}"])


def run(recipe: Recipe, *, shots: int, cases: int, device: str = "cpu", name: str = "recipe") -> Report:
    """Count the codes in view of the first shots of a recipe's first split, and validate the first misses' reasons."""
    renderer = pipeline.SampleRenderer(recipe, device=device)
    split, annotations, trials = next(iter(recipe.splits)), [], []
    for index in range(shots):
        found = look_at_all(renderer, split, index)
        annotations += [case.annotation for case in found]
        missed = [case for case in found if case.annotation["reason"] not in ("readable", "out_of_view")]
        trials += [prove(renderer, case) for case in missed[: max(cases - len(trials), 0)]]
    return Report(recipe=name, shots=shots, codes=code_counts.of(annotations), trials=tuple(trials))


def look_at_all(renderer: pipeline.SampleRenderer, split: str, index: int) -> list[Case]:
    """Return each code of a shot in each view that sees any part of it; none where no draw can build the shot."""
    try:
        shot = plan.shot(renderer.recipe, split, index)
    except plan.Failed:
        return []
    scene, found = renderer.scene(shot), []
    for name, camera in scene.cameras.items():
        camera = settled(scene, camera)
        fixed = replace(shot.cameras[name], exposure_s=camera.exposure_s, auto_exposure_target=0.0)
        here = replace(shot, cameras={**shot.cameras, name: fixed})
        looks = (look(scene, camera, code) for code in scene.description.codes)
        found += [Case(shot=here, camera=name, annotation=seen) for seen in looks if seen is not None]
    return found


def settled(scene: Scene, camera: scene_description.Camera) -> scene_description.Camera:
    """Return the camera with the exposure time that it settles on for the whole view."""
    if camera.auto_exposure_target <= 0:
        return camera
    return scene.render([camera], {"image"})[0].camera


def prove(renderer: pipeline.SampleRenderer, case: Case) -> Trial:
    """Return whether a miss is read once its named cause is taken away."""
    reason = str(case.annotation["reason"])
    light = 0.5 / max(case.annotation["contrast"], 0.01) if reason == "underexposed" else 0.4
    changed = remove_cause.without(case.shot, case.camera, case.code_id, reason, light)
    if changed is case.shot:
        return Trial(case=case, decoded=False)
    scene = renderer.scene(changed)
    code = next(code for code in scene.description.codes if code.code_id == case.code_id)
    annotation = look(scene, scene.cameras[case.camera], code)
    return Trial(case=case, decoded=annotation is not None and annotation["decoded"])


def look(scene: Scene, camera: scene_description.Camera, code: scene_description.Code) -> dict[str, Any] | None:
    """Return the annotation of one code in one view, None where no part of it is seen.

    Its pixels count from the corner of the rendered part. The camera's exposure time must be settled.
    """
    place = annotate.outline(scene.tables, scene.tracer, camera, code)
    if place is None or not place.seen.any():
        return None
    maps = scene.render([window(camera, place)], {"image"})[0]
    found = annotate.annotate(scene.tables, scene.tracer, maps, [code], 0)
    return found[0] if found else None


def window(camera: scene_description.Camera, place: Outline) -> scene_description.Camera:
    """Return the camera with only the region around a code read out, behind the same lens."""
    corners = rectify.outline(place.quad_px, place.symbol)
    size = (camera.width_px, camera.height_px)
    low = np.clip(np.floor(corners.min(axis=0)) - MARGIN_PX, 0, size).astype(int)
    high = np.clip(np.ceil(corners.max(axis=0)) + MARGIN_PX, 0, size).astype(int)
    width, height = (int(n) for n in np.maximum(high - low, 1))
    sensor = replace(camera.sensor, resolution_px=(width, height))
    return replace(camera, sensor=sensor, cx_px=camera.cx_px - float(low[0]), cy_px=camera.cy_px - float(low[1]))


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({100 * part / whole:.0f} %)" if whole else "none"
