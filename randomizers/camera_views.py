"""Close views: each camera looks at one code from a drawn distance and tilt, like a hand-held reader."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from synthgen.barcodes import encode
from synthgen.errors import Infeasible
from synthgen.random_streams import Stream
from synthgen.world import label_pose, occlusion
from synthgen.world.distributions import LogUniform, Normal, Uniform, allows, draw
from synthgen.world.lens import intrinsics
from synthgen.world.poses import add, look_at, moved, rotate, turned
from synthgen.world.shot import Camera, Code, Item, Pose, Shot, Vec3

from .selection import Number, changed

_TRIES = 12
_CLEARANCE_M = 0.03
_NOMINAL_MODULE_M = 0.0005
_Target = tuple[Pose, float, float, bool]
"""Pose of the sheet with its origin at the target; module [m]; longest extent [m]; whether it is a code."""


@dataclass(frozen=True, kw_only=True)
class LabelViews:
    """Move declared cameras, each to look at one code."""

    on: str = "cameras"
    share: float = 0.88
    """Share of views that look at a code; the others look at labels without codes and at tops without labels.

    Where a shot has none of one kind, the view looks at the other kind.
    """
    module_px: Number = LogUniform(0.9, 8.0)
    """Size of a module in a view straight on; tilt shortens it along one axis by its cosine."""
    fill: Number = Uniform(0.5, 1.2)
    """Greatest length of the code over the shorter side of the image; a longer code is seen from farther away, down to
    the smallest `module_px` that the recipe allows."""
    tilt_rad: Number = Uniform(0.0, math.radians(65.0))
    """Angle between the sheet's normal and the direction to the camera."""
    azimuth_rad: Number = Uniform(-math.pi, math.pi)
    """Direction of the tilt on the sheet, from its right."""
    roll_rad: Number = Uniform(-math.pi, math.pi)
    """Roll about the optical axis; 0 shows the code upright."""
    spread: Number = Uniform(0.0, 0.6)
    """Largest offset of the code from the image's middle, over half the image: 1 reaches the edges."""
    focus_scale: Number = Normal(1.0, 0.02, 0.94, 1.06)
    """Factor on the distance to which the lens is focused."""
    least_m: float = 0.08
    """Shortest distance from camera to target."""

    def __call__(self, shot: Shot, rng: Stream) -> Shot:
        """Return the shot with the selected cameras moved; they stay where there is no target.

        Raises:
            Infeasible: no draw shows a camera its target with modules as large as the recipe asks for (`no_view`).
        """
        codes, others = list(_codes(shot)), list(_others(shot))

        def change(name: str, camera: Camera) -> Camera:
            here = rng.at(name)
            first, second = (codes, others) if here.at("share").uniform() < self.share else (others, codes)
            if not first and not second:
                return camera
            for attempt in range(_TRIES):
                found = self._laid(shot, camera, first or second, here.at(attempt))
                if found is not None:
                    return found
            text = f"cameras.{name}: none of {_TRIES} draws sees what it is laid on; write other tilt_deg or module_px"
            raise Infeasible("no_view", text)

        return replace(shot, cameras=changed(shot.cameras, "cameras", self.on, change))

    def _laid(self, shot: Shot, camera: Camera, targets: list[_Target], rng: Stream) -> Camera | None:
        """Return the camera before one of the targets; None where it is occluded or its modules are too small."""
        place, module_m, extent_m, is_code = targets[int(rng.at("which").uniform() * len(targets))]
        focal_px, _, _, _ = intrinsics(camera.lens, camera.sensor)
        longest_px = float(draw(self.fill, rng.at("fill"))) * min(camera.sensor.resolution_px)
        scale = min(float(draw(self.module_px, rng.at("module_px"))) / module_m, longest_px / extent_m)
        distance_m = max(focal_px / scale, self.least_m)
        if is_code and not allows(self.module_px, focal_px / distance_m * module_m):
            return None
        eye = add(place.position_m, rotate(place.rotation_wxyz, self._way(distance_m, rng)))
        lowest = min((item.pose.position_m[2] for item in shot.items.values()), default=0.0)
        near = moved(place, (0.0, 0.0, 0.002)).position_m
        if eye[2] < lowest + _CLEARANCE_M or any(occlusion.hides(item, near, eye) for item in shot.items.values()):
            return None
        pose = look_at(eye, place.position_m, rotate(place.rotation_wxyz, (0.0, 1.0, 0.0)))
        pose = turned(pose, (0.0, 0.0, 1.0), float(draw(self.roll_rad, rng.at("roll_rad"))))
        for axis, size in zip(("y", "x"), camera.sensor.resolution_px, strict=True):
            off_px = (rng.at(axis).uniform() - 0.5) * float(draw(self.spread, rng.at("spread"))) * size
            turn: Vec3 = (0.0, 1.0, 0.0) if axis == "y" else (1.0, 0.0, 0.0)
            pose = turned(pose, turn, math.atan(off_px / focal_px))
        focus_m = distance_m * float(draw(self.focus_scale, rng.at("focus_scale")))
        return replace(camera, pose=pose, lens=replace(camera.lens, focus_m=focus_m))

    def _way(self, distance_m: float, rng: Stream) -> Vec3:
        """Return the vector from the target to the camera in the sheet's frame."""
        tilt = float(draw(self.tilt_rad, rng.at("tilt_rad")))
        azimuth = float(draw(self.azimuth_rad, rng.at("azimuth_rad")))
        aside = distance_m * math.sin(tilt)
        return aside * math.cos(azimuth), aside * math.sin(azimuth), distance_m * math.cos(tilt)


def _codes(shot: Shot) -> Iterator[_Target]:
    for _, item in sorted(shot.items.items()):
        for label in item.labels:
            sheet = label_pose.in_world(item, label)
            for code in label.codes:
                yield moved(sheet, (*code.position_m, 0.0)), code.module_m, _extent_m(code), True


def _others(shot: Shot) -> Iterator[_Target]:
    """Yield labels without a code, and the tops of items without a label on top."""
    for _, item in sorted(shot.items.items()):
        for label in item.labels:
            if not label.codes:
                yield label_pose.in_world(item, label), _NOMINAL_MODULE_M, max(label.size_m), False
        if all(label.face != "top" for label in item.labels):
            yield _top(item), _NOMINAL_MODULE_M, max(item.size_m[:2]), False


def _top(item: Item) -> Pose:
    return moved(item.pose, (0.0, 0.0, item.size_m[2]))


def _extent_m(code: Code) -> float:
    symbol = encode.encode(code.symbology, code.payload, alone=False)
    return max(symbol.width * code.module_m, code.height_m or symbol.height * code.module_m)
