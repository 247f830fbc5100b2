"""The whole road on one page: a recipe becomes shots, a shot a stage, a stage a scene, a scene samples.

recipe ──plan──▶ Shot ──author──▶ Usd.Stage ──sync──▶ Scene ──render──▶ Maps ──annotate──▶ Labels ──▶ Sample
"""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Callable, Collection
from pathlib import Path
from time import perf_counter

from synthgen.annotation import annotate, sample_record
from synthgen.dataset.sample import Sample, key
from synthgen.planning import plan
from synthgen.recipe import Recipe
from synthgen.rendering.render import Clock, Maps
from synthgen.scene import Scene
from synthgen.usd.author import live_stage
from synthgen.world.shot import Shot


def _unseen(done: int, views: int) -> None:
    """Drop what is told of views."""


class SampleRenderer:
    """Makes samples, keeping the standing scene open and on the device from shot to shot."""

    def __init__(self, recipe: Recipe, device: str = "cpu", threads: int = 1, tracer: str = "auto") -> None:
        self.recipe = recipe
        self._device, self._threads, self._tracer = device, threads, tracer
        self._folder = Path(tempfile.mkdtemp(prefix="synthgen-"))
        weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self._scene: Scene | None = None
        self._world = None

    def samples(
        self, split: str, index: int, clock: Clock | None = None, *, viewed: Callable[[int, int], None] = _unseen
    ) -> list[Sample]:
        """Return the samples of a shot, one a camera in the order of their names.

        `viewed` gets (views done, views of the shot) after each view.

        With `safety: {on_exceed: reject}` a shot whose hazard maps exceed `max_ratio` is drawn again.

        Raises:
            plan.Failed: no draw of this shot can be built.
        """
        attempts = plan.decisions(self.recipe, split, index)
        while True:
            shot = next(attempts).shot
            scene = self.scene(shot, clock)
            made = samples_of(shot, scene, self.recipe.outputs, self._threads, clock=clock, viewed=viewed)
            worst = max((sample.record["safety"]["max_ratio"] for sample in made), default=0.0)
            if shot.safety.on_exceed != "reject" or worst <= shot.safety.max_ratio:
                return made

    def scene(self, shot: Shot, clock: Clock | None = None) -> Scene:
        """Return the scene showing `shot`: the live layer written anew above the standing scene."""
        started = perf_counter()
        placed = plan.anchored(shot, Path(self.recipe.origin.folder))
        if self._scene is None or self._world != placed.world:
            stage = live_stage.open_world(placed.world, self._folder)
            self._scene, self._world = Scene(stage, self._device, self._tracer), placed.world
        live_stage.author(self._scene.stage, placed)
        _tell(clock, "author", started)
        started = perf_counter()
        self._scene.sync()
        _tell(clock, "sync", started)
        return self._scene


def samples_of(
    shot: Shot,
    scene: Scene,
    outputs: Collection[str],
    threads: int = 1,
    *,
    clock: Clock | None = None,
    viewed: Callable[[int, int], None] = _unseen,
) -> list[Sample]:
    """Return the samples of a scene that shows `shot`, one a camera in the order of their names."""
    cameras = list(scene.cameras.values())
    wanted = outputs if shot.safety.on_exceed == "flag" else {*outputs, "hazard"}
    maps = []
    for done, camera in enumerate(cameras, 1):
        maps += scene.render([camera], wanted, safety=shot.safety, threads=threads, clock=clock)
        viewed(done, len(cameras))
    return [
        sample_of(shot, scene, name, m, k, outputs, clock)
        for k, (name, m) in enumerate(zip(scene.cameras, maps, strict=True))
    ]


def sample_of(
    shot: Shot, scene: Scene, name: str, maps: Maps, k: int, outputs: Collection[str], clock: Clock | None = None
) -> Sample:
    """Return one camera's sample: image, maps, labels and the record that holds them together."""
    started = perf_counter()
    image_id = shot.index * sample_record.CAMERAS_PER_SHOT + k
    annotations = annotate.annotate(scene.tables, scene.tracer, maps, scene.description.codes, image_id)
    sample_key = key(shot.split, shot.index, name)
    sample = Sample(
        key=sample_key,
        image=maps.image.png if maps.image else sample_record.no_image(maps),
        record=sample_record.record(
            shot, name, sample_key, image_id, maps, annotations, scene.description.codes, outputs
        ),
        shot_json=shot.to_json(),
        arrays=sample_record.arrays(maps, outputs),
    )
    _tell(clock, "label", started)
    return sample


def _tell(clock: Clock | None, stage: str, started: float) -> None:
    if clock is not None:
        clock(stage, perf_counter() - started)
