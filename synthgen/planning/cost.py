"""What making samples takes: memory of a worker and processor time, from the pixels, lamps and maps of a shot.

Memory follows from what `synthgen/rendering` allocates: arrays of one launch, which is a frame or a band of its rows,
and the maps of every camera of a shot. Times were measured; both estimates were compared with runs of the shipped
recipes (docs/scale.md).
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass

from synthgen.planning import plan
from synthgen.recipe.model import Recipe
from synthgen.world import frame_bands
from synthgen.world.maps import MAPS, needs_exposure, needs_light
from synthgen.world.shot import Camera, Shot

BASE_BYTES = 430e6
"""Of a worker with Python, libraries, compiled kernels and a scene of some hundred items."""
_TRACED, _LIT, _LIT_LAMP, _EXPOSED, _EXPOSED_LAMP, _HAZARD_LAMP = 88, 4, 16, 173, 8, 12
"""Bytes of a launch for each of its pixels: rays and hits; light; of each lamp while it is sampled; photons; of each
lamp after that; of each lamp where a hazard map is asked for."""
_IMAGE = 8
"""Bytes of an image's channel for each pixel of the frame: electrons, numbers, 8-bit image, saturation."""
FRAME_COPIES = 2
"""A shot's maps are there while those of the shot before are written; a frame in bands has those of its bands too."""

MACHINE = "one core of an AMD EPYC server, with Embree"
"""Where the times below were measured."""
_LABEL_S, _SAMPLE_S = 0.04, 0.04
"""For printing a label and putting its item in place, once a shot; for reading codes and writing, once a sample."""
_TRACE_S, _LIGHT_S, _LIGHT_LAMP_S = 0.37e-6, 0.08e-6, 0.56e-6
_EXPOSE_S, _EXPOSE_LAMP_S, _HAZARD_LAMP_S = 0.85e-6, 0.24e-6, 0.02e-6
"""For each pixel of a frame, and each pixel and lamp."""


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What a recipe's samples take."""

    worker_bytes: float
    """Memory of a process that makes samples."""
    sample_s: float
    """Processor time of a sample, the mean over the cameras."""
    samples: int
    """Of a shot."""

    @property
    def shot_s(self) -> float:
        """Return the processor time of a shot [s]; 0 is not known."""
        return self.sample_s * self.samples


def of_shot(shot: Shot, outputs: Collection[str], lamps: int | None = None) -> Cost:
    """Return what the samples of a shot take on a processor.

    Args:
        shot: its cameras count.
        outputs: image and maps.
        lamps: how many light it; None is the shot's own number.
    """
    lamps = len(shot.lights) if lamps is None else lamps
    wanted = {*outputs} if shot.safety.on_exceed == "flag" else {*outputs, "hazard"}
    cameras = list(shot.cameras.values())
    launch = max((launch_px(*camera.sensor.resolution_px) for camera in cameras), default=0)
    maps = sum(_frame_bytes(camera, wanted) for camera in cameras) * FRAME_COPIES
    maps += max(
        (_frame_bytes(camera, wanted) for camera in cameras if frame_bands.is_cut(*camera.sensor.resolution_px)),
        default=0,
    )
    placing_s = _LABEL_S * sum(len(item.labels) for item in shot.items.values())
    times = [_frame_s(math.prod(camera.sensor.resolution_px), wanted, lamps) for camera in cameras]
    return Cost(
        worker_bytes=BASE_BYTES + launch * _launch_bytes(wanted, lamps) + maps,
        sample_s=(placing_s + sum(times)) / len(times) if times else 0.0,
        samples=len(cameras),
    )


def of_recipe(recipe: Recipe) -> Cost:
    """Return what a recipe's samples take, from the first shot; only the base where none of three can be built."""
    shots = plan.shots(recipe, next(iter(recipe.splits)), range(3))
    taken = (of_shot(shot, recipe.outputs) for shot in shots)
    return next(taken, Cost(worker_bytes=BASE_BYTES, sample_s=0.0, samples=0))


def launch_px(width: int, height: int) -> int:
    """Return how many pixels of a frame are computed at once, at most."""
    return width * max(band.computed[1] - band.computed[0] for band in frame_bands.rows(width, height))


def _launch_bytes(outputs: Collection[str], lamps: int) -> float:
    """Return the memory for each pixel of a launch, at the stage that takes most [bytes]."""
    if not needs_light(outputs):
        return _TRACED
    kept = _TRACED + lamps * _HAZARD_LAMP * ("hazard" in outputs)
    lighting = kept + _LIT + lamps * _LIT_LAMP
    return max(lighting, kept + _EXPOSED + lamps * _EXPOSED_LAMP) if needs_exposure(outputs) else lighting


def _frame_bytes(camera: Camera, outputs: Collection[str]) -> float:
    """Return the memory that the maps and the image of a frame take [bytes]."""
    names = {"depth", "instances", *outputs} - {"image", "raw"}
    per_px = sum(MAPS[name].dtype.itemsize * MAPS[name].values for name in names)
    return math.prod(camera.sensor.resolution_px) * (per_px + channels(camera) * _IMAGE * needs_exposure(outputs))


def channels(camera: Camera) -> int:
    """Return how many numbers a pixel of the camera's image has."""
    return 3 if camera.sensor.color == "rgb" else 1


def _frame_s(pixels: int, outputs: Collection[str], lamps: int) -> float:
    """Return the processor time of a frame [s]."""
    per_px = _TRACE_S
    if needs_light(outputs):
        per_px += _LIGHT_S + lamps * (_LIGHT_LAMP_S + _HAZARD_LAMP_S * ("hazard" in outputs))
    if needs_exposure(outputs):
        per_px += _EXPOSE_S + lamps * _EXPOSE_LAMP_S
    return _SAMPLE_S + pixels * per_px
