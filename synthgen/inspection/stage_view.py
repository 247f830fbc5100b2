"""Any stage, ours or another's, as a scene to look at and to measure in."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np

from synthgen.annotation import sample_record
from synthgen.errors import StageError
from synthgen.recipe import Recipe
from synthgen.rendering import default_view
from synthgen.rendering.render import Maps
from synthgen.scene import Scene, safety_of
from synthgen.usd.author import flatten
from synthgen.usd.read import open_stage

_DARK_DN = 20
_FULL_SHARE = 0.95
"""Of the pixels: a picture with more saturated ones shows nothing."""


def open_scene(path: str | Path, device: str = "cpu") -> Scene:
    """Return a stage's scene on the device; one without cameras is framed, one without lights gets a uniform dome.

    What was added, and what the stage asks for that the simulation leaves out, is in `description.warnings`.

    Raises:
        StageError: the stage cannot be opened or holds nothing that can be rendered.
    """
    scene = Scene(open_stage.open_stage(path), device)
    scene.sync()
    cameras, lights, warnings = default_view.complete(scene.description)
    if warnings != scene.description.warnings:
        scene.override(cameras, lights, warnings)
    return scene


def render_views(
    scene: Scene, outputs: Collection[str], camera: str = "", threads: int | None = None
) -> dict[str, Maps]:
    """Return the maps of one camera (by prim path or name), or of all, by camera name.

    Raises:
        StageError: there is no such camera; the message names those that there are.
    """
    chosen = _chosen(scene, camera)
    cameras = [scene.cameras[name] for name in chosen]
    safety = safety_of(scene.stage)
    count = threads or os.cpu_count() or 1
    maps = scene.render(cameras, outputs, safety=safety, threads=count)
    return dict(zip(chosen, maps, strict=True))


def exposure_warnings(views: dict[str, Maps]) -> tuple[str, ...]:
    """Return a warning for each view whose picture is all but black, or all but white."""
    found = []
    for maps in views.values():
        if maps.image is None:
            continue
        path, time_s, full = maps.camera.path, maps.camera.exposure_s, maps.image.record["saturated_fraction"]
        if maps.image.png.max() < _DARK_DN:
            found.append(f"{path}: all but black, no more light reaches it in {time_s:g} s")
        elif full > _FULL_SHARE:
            found.append(
                f"{path}: all but white, {full:.0%} of its pixels are saturated after {time_s:g} s; write a shorter "
                f"exposure_s, less gain or a higher f-number"
            )
    return tuple(found)


def arrays_of(views: dict[str, Maps], outputs: Sequence[str]) -> dict[str, np.ndarray]:
    """Return the arrays that were asked for; `<camera>/<map>` where there are several cameras."""
    arrays: dict[str, np.ndarray] = {}
    for name, maps in views.items():
        prefix = f"{name}/" if len(views) > 1 else ""
        made = sample_record.arrays(maps, outputs)
        if "image" in outputs and maps.image is not None:
            made["image"] = maps.image.png
        arrays |= {prefix + key: made[key] for key in outputs if key in made}
    return arrays


def write_shot(recipe: Recipe, split: str, index: int, out: Path) -> None:
    """Write a recipe's shot as a stage that other USD tools open.

    Raises:
        plan.Failed: no draw of this shot can be built.
        StageError: `out` is no .usda, .usdc or .usdz.
    """
    import tempfile

    from synthgen.planning import plan
    from synthgen.usd.author import live_stage

    shot = plan.anchored(plan.shot(recipe, split, index), Path(recipe.origin.folder))
    with tempfile.TemporaryDirectory(prefix="synthgen-") as folder:
        stage = live_stage.open_world(shot.world, Path(folder))
        live_stage.author(stage, shot)
        flatten.write(stage, out)


def _chosen(scene: Scene, camera: str) -> list[str]:
    by_path = {c.path: name for name, c in scene.cameras.items()}
    if not camera:
        return list(scene.cameras)
    name = by_path.get(camera, camera)
    if name not in scene.cameras:
        raise StageError(f"camera {camera!r}: not on this stage; there are {', '.join(by_path) or 'none'}")
    return [name]
