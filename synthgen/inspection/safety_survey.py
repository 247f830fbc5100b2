"""Eye safety of a stage, of a recipe's shots or of a data set's: one assessment, that of the worst shot.

Every shot is looked at on the same coarse grid of eyes; those with the largest ratios are searched closely, and the
worst of them is judged in full. Whatever is random is the shot, so any number of runs says the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

import numpy as np

from synthgen import __version__, recipe
from synthgen.dataset.identity import code_version, identify
from synthgen.dataset.reader import open_dataset
from synthgen.errors import InputError
from synthgen.inspection import stored_shots
from synthgen.photobiology.limits import IRRADIANCE_HAZARDS
from synthgen.pipeline import SampleRenderer
from synthgen.planning import plan
from synthgen.recipe import Recipe
from synthgen.safety import record, zone_record
from synthgen.safety.scene import assess as scenes
from synthgen.safety.scene import screen, single_fault
from synthgen.safety.scene.sight import Sight
from synthgen.scene import Scene, safety_of
from synthgen.usd.read import open_stage
from synthgen.usd.read.zones import zones_of
from synthgen.world import scene_description
from synthgen.world.shot import Safety, Shot

Progress = Callable[[str, int, int], None]
"""Told (what is counted, how many are done, how many there are)."""

_SEARCHED = 3  # shots with the largest ratios that are searched closely
_CELLS = 160  # along the longer side of a camera's map
_EYES_M = (1.2, 1.9)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the caller wants instead of what the recipe or stage states; None leaves it."""

    hazard: str | None = None
    edition: str | None = None
    duration_s: float | None = None
    max_ratio: float | None = None
    decision_rule: str = "simple"
    document: record.Document = field(default_factory=record.Document)
    """Fields of the report; an empty one leaves what the recipe states."""

    def filed(self, stated: record.Document) -> record.Document:
        """Return the fields of the report."""
        given = {name: value for name, value in vars(self.document).items() if value}
        return replace(stated, **given)

    def question(self, stated: Safety) -> record.Question:
        """Return the question.

        Raises:
            InputError: an unknown hazard, edition or decision rule, or numbers out of range.
        """
        found = record.Question(
            hazard=self.hazard or stated.hazard,
            edition=self.edition or stated.edition,
            duration_s=stated.duration_s if self.duration_s is None else self.duration_s,
            max_ratio=stated.max_ratio if self.max_ratio is None else self.max_ratio,
            decision_rule=self.decision_rule,
        )
        scenes.check_question(found)
        return found


def of_stage(path: Path, device: str, asked: Asked, *, views: bool = True) -> record.SceneAssessment:
    """Return the assessment of a stage.

    Raises:
        StageError: it cannot be opened.
        InputError: it holds no lamp, or a lamp or zone that cannot be judged.
    """
    scene = Scene(open_stage.open_stage(path), device)
    scene.sync()
    if not scene.description.lights:
        raise InputError(f"{path}: no lamp to judge; add UsdLux lights (with SynthgenIlluminatorAPI for watts)")
    question = asked.question(safety_of(scene.stage))
    where, notes = _zones(zones_of(scene.stage), scene.description, asked)
    identity = _identity(path.name, "stage")
    found = _assessed(scene, where, question, identity, notes, views=views)
    return replace(found, document=asked.filed(record.Document()))


def of_recipe(
    loaded: Recipe,
    split: str,
    shots: int,
    device: str,
    asked: Asked,
    *,
    name: str,
    progress: Progress = lambda *_: None,
) -> record.SceneAssessment:
    """Return the assessment of a recipe's worst shot among the first `shots` of a split, with the distribution of all.

    Raises:
        InputError: no shot can be built, a lamp or zone cannot be judged, or there is no lamp.
    """
    failed = 0

    def drawn() -> Iterator[Shot]:
        nonlocal failed
        for index in range(shots):
            try:
                yield plan.shot(loaded, split, index)
            except plan.Failed:
                failed += 1

    renderer = SampleRenderer(loaded, device)
    found = _survey(renderer, drawn(), shots, asked, name, "recipe", progress)
    sample = found.identity.sample
    replay = f"synthgen shot {name} --split {split} --seed {loaded.seed} -i {int(sample[-8:])} -o worst.usda"
    sha256 = identify(recipe.resolved(loaded), loaded.seed, {split: shots}, 1).recipe_sha256
    distribution = replace(found.distribution, failed=failed, replay=replay)  # type: ignore[type-var]
    return replace(found, identity=replace(found.identity, recipe_sha256=sha256), distribution=distribution)


def of_dataset(
    url: str, shots: int | None, device: str, asked: Asked, *, progress: Progress = lambda *_: None
) -> record.SceneAssessment:
    """Return the assessment of a data set's worst shot, with the distribution of all, or of the first `shots`.

    Raises:
        DatasetError: it is not finished, or what it holds has another hash than was written down.
        InputError: it holds no shot, a lamp or zone cannot be judged, or there is no lamp.
    """
    opened = open_dataset(url)
    name = url.rstrip("/").rpartition("/")[2]
    loaded = stored_shots.recipe(opened)
    total = sum(shard.shots for shard in opened.identity.shards)
    count = min(shots or total, total)
    stored = islice(stored_shots.shots(opened), count)
    found = _survey(SampleRenderer(loaded, device), stored, count, asked, name, "dataset", progress)
    split, _, index = found.identity.sample.rpartition("-")
    replay = f"synthgen replay {name} {split}-{index}-<camera>"
    distribution = replace(found.distribution, replay=replay)  # type: ignore[type-var]
    changed = replace(found.identity, recipe_sha256=opened.identity.recipe_sha256)
    return replace(found, identity=changed, distribution=distribution)


def _survey(
    renderer: SampleRenderer, shots: Iterable[Shot], count: int, asked: Asked, name: str, kind: str, progress: Progress
) -> record.SceneAssessment:
    """Look at every shot, search the worst closely, judge the worst of those in full."""
    looked: list[tuple[Shot, record.SampleRatio]] = []
    for shot in shots:
        if not looked:
            _faulted(renderer, shot)  # a name that is not there is told before hours of work
        looked.append((shot, look(renderer, shot, asked, refined=False)))
        progress("shots", len(looked), count)
    if not looked:
        raise InputError(f"{name}: none of {count} shots can be built; `synthgen check {name}` says why")
    order = sorted(range(len(looked)), key=lambda k: (-looked[k][1].ratio, k))
    moved = 0.0
    for done, k in enumerate(order[:_SEARCHED]):
        progress("closer looks", done, min(_SEARCHED, len(order)))
        shot, rough = looked[k]
        close = look(renderer, shot, asked, refined=True)
        moved = max(moved, abs(close.ratio / rough.ratio - 1.0) if rough.ratio > 0.0 else 0.0)
        looked[k] = (shot, close)
    shot, worst = max(looked, key=lambda each: each[1].ratio)
    question = asked.question(shot.safety)
    scene = renderer.scene(shot)
    where, notes = _zones(_declared(shot), scene.description, asked)
    identity = replace(_identity(name, kind), sample=worst.key)
    states = 1 + len(renderer.recipe.safety.single_faults)
    progress("states", 0, states)
    found = _assessed(scene, where, question, identity, notes)
    faults = []
    for fault in _faults(renderer, shot, asked, found):
        faults.append(fault)
        progress("states", len(faults), states)
    found = single_fault.with_faults(found, faults)
    return replace(
        found,
        document=asked.filed(record.Document(**renderer.recipe.safety.report.model_dump())),
        distribution=_distribution([sample for _, sample in looked], question, worst, moved),
    )


def _faults(
    renderer: SampleRenderer, shot: Shot, asked: Asked, found: record.SceneAssessment
) -> Iterator[zone_record.SingleFault]:
    """Yield the worst shot's zones with each single fault that the recipe names."""
    margin = scenes.margin_of(found.question)
    for name, (changed, what) in _faulted(renderer, shot).items():
        scene = renderer.scene(changed)
        where, _ = _zones(_declared(changed), scene.description, asked)
        sight = Sight(scene.tables, scene.tracer)
        yield single_fault.judge(sight, where, found.question, margin, name=name, what=what)


def _faulted(renderer: SampleRenderer, shot: Shot) -> dict[str, tuple[Shot, str]]:
    """Return {name: (the shot with the fault, what failed)} of the single faults that the recipe names.

    Raises:
        InputError: the shot has no such lamp or sheet, or nothing of it can fail so.
    """
    found = {}
    for name, part in renderer.recipe.safety.single_faults.items():
        try:
            found[name] = single_fault.faulted(shot, part.stuck_on, part.removed)
        except InputError as fault:
            raise InputError(f"safety.single_faults.{name}: {fault}") from fault
    return found


def look(renderer: SampleRenderer, shot: Shot, asked: Asked, *, refined: bool) -> record.SampleRatio:
    """Return the largest ratio in the zones of a shot: on a coarse grid of eyes, or `refined` where a search ends.

    Raises:
        InputError: a lamp or zone cannot be judged, or there is no lamp.
    """
    scene = renderer.scene(shot)
    if not scene.description.lights:
        raise InputError(f"shot {shot.split}-{shot.index:08d}: no lamp to judge; declare one under lights")
    where, _ = _zones(_declared(shot), scene.description, asked)
    worst = screen.worst_of(Sight(scene.tables, scene.tracer), where, asked.question(shot.safety), refined)
    return record.SampleRatio(
        key=f"{shot.split}-{shot.index:08d}", ratio=worst.ratio, hazard=worst.hazard, zone=worst.zone, refined=refined
    )


def _distribution(
    samples: list[record.SampleRatio], question: record.Question, worst: record.SampleRatio, moved: float
) -> record.Distribution:
    ratios, n = np.array([sample.ratio for sample in samples]), len(samples)
    named = {"min": 0.0, "p05": 0.05, "p50": 0.5, "p95": 0.95, "max": 1.0}
    beyond = 1.0 - 0.05 ** (1.0 / n)
    return record.Distribution(
        samples=tuple(samples),
        quantiles={name: float(np.quantile(ratios, q)) for name, q in named.items()},
        over=int((ratios > question.max_ratio).sum()),
        failed=0,
        worst_key=worst.key,
        replay="",
        statement=(
            f"{n} shots; with 95 % confidence at most {beyond:.2%} of further ones are worse than the worst of these. "
            f"The same grid of eyes for every shot; searching the {min(_SEARCHED, n)} largest closely moved "
            f"them by up to {moved:.2%}."
        ),
    )


def _assessed(
    scene: Scene,
    where: tuple[scene_description.EyeZone, ...],
    question: record.Question,
    identity: record.Identity,
    notes: tuple[str, ...],
    *,
    views: bool = True,
) -> record.SceneAssessment:
    warnings = (*notes, *scene.description.warnings)
    found = scenes.assess(Sight(scene.tables, scene.tracer), where, question, identity, warnings=warnings)
    return replace(found, cameras=_views(scene, question)) if views else found


def _views(scene: Scene, question: record.Question) -> tuple[record.CameraMap, ...]:
    """Return the hazard map of each camera, the largest of some pixels square in each cell."""
    hazard = question.hazard if question.hazard in IRRADIANCE_HAZARDS else "worst"
    safety = Safety(hazard=hazard, edition=question.edition, duration_s=question.duration_s)
    found = []
    for name, camera in scene.cameras.items():
        (maps,) = scene.render([camera], ["hazard"], safety=safety)
        assert maps.hazard is not None
        level = maps.hazard
        cell = -(-max(level.ratio.shape) // _CELLS)
        rows, columns = (-(-size // cell) for size in level.ratio.shape)
        padded = np.zeros((rows * cell, columns * cell))
        padded[: level.ratio.shape[0], : level.ratio.shape[1]] = level.ratio
        found.append(
            record.CameraMap(
                camera=name,
                hazard=level.hazard,
                max_ratio=level.max_ratio,
                at_px=level.at_px,
                pixels_per_cell=cell,
                ratio=padded.reshape(rows, cell, columns, cell).max(axis=(1, 3)),
            )
        )
    return tuple(found)


def _declared(shot: Shot) -> tuple[scene_description.EyeZone, ...]:
    """Return the zones of a shot as its stage holds them."""
    return tuple(
        scene_description.EyeZone(
            path=f"/World/EyeZones/{name}",
            name=name,
            box_m=zone.box_m,
            kind=zone.kind,
            gaze=zone.gaze,
            duration_s=zone.duration_s or shot.safety.duration_s,
        )
        for name, zone in sorted(shot.safety.zones.items())
    )


def _zones(
    found: tuple[scene_description.EyeZone, ...], world: scene_description.Description, asked: Asked
) -> tuple[tuple[scene_description.EyeZone, ...], tuple[str, ...]]:
    """Return the zones to judge and what is to be said about them: without any, all of the floor is a walkway."""
    notes: tuple[str, ...] = ()
    if not found:
        corners = np.concatenate(
            [i.mesh.points_m @ i.world_from_mesh[:3, :3].T + i.world_from_mesh[:3, 3] for i in world.instances]
            or [np.zeros((1, 3))]
        )
        (x0, y0, _), (x1, y1, _) = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
        box = ((x0, y0, _EYES_M[0]), (x1, y1, _EYES_M[1]))
        found = (scene_description.EyeZone(path="/", name="everywhere", box_m=box, duration_s=Safety().duration_s),)
        notes = ("no eye zone is declared: eyes at 1.2 to 1.9 m anywhere above the scene were judged",)
    if asked.duration_s is not None:
        found = tuple(replace(zone, duration_s=asked.duration_s) for zone in found)
    return found, notes


def _identity(subject: str, kind: str) -> record.Identity:
    return record.Identity(
        subject=subject,
        kind=kind,
        sample="",
        operating_state="",
        stage_sha256="",
        recipe_sha256="",
        code_version=code_version(),
        software=f"synthgen {__version__}",
    )
