"""Read windows: the part of a large chip that a smart camera reads out after a coarse search found something.

A tunnel's camera covers the belt with five megapixels and hands its decoder a window of each; this decides the window,
so a small image shows a code at the pitch of the large one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from synthgen.random_streams import Stream
from synthgen.world import label_pose, occlusion
from synthgen.world.distributions import bounds, draw
from synthgen.world.lens import intrinsics
from synthgen.world.poses import moved, rotate
from synthgen.world.shot import Camera, Shot, Vec3

from .selection import Maybe, Number, changed

Pixel = tuple[float, float]
Seen = tuple[Pixel, float]
"""A chip pixel, and the depth along the axis of the point that it shows [m]."""


@dataclass(frozen=True, kw_only=True)
class ReadWindow:
    """Move the region of declared cameras over their chips: onto a code, or onto any part of a parcel."""

    on: str = "cameras"
    share: float = 0.85
    """Share of windows on a code that faces the camera, where there is one; the others fall on an item."""
    max_incidence_rad: float = math.radians(60.0)
    """Codes at a larger angle of incidence are left to other cameras."""
    spread: Number = 0.5
    """Largest offset of the code from the window's middle, over half the window: 1 reaches its edges.

    A code so near the chip's edge that no window on the chip keeps this is left out.
    """

    focus_scale: Maybe = None
    """Factor on the distance of the window's target, to which a liquid lens is focused; None keeps the focus."""

    def __call__(self, shot: Shot, rng: Stream) -> Shot:
        """Return the shot with the selected cameras' regions moved; their size stays."""

        def change(name: str, camera: Camera) -> Camera:
            if not all(camera.sensor.chip_px):
                return camera
            here = rng.at(name)
            codes = _codes(shot, camera, math.cos(self.max_incidence_rad))
            seen = [code for code in codes if self._holds(camera, code)]
            if not seen or here.at("share").uniform() >= self.share:
                seen = list(_bodies(shot, camera, here))
            if not seen:
                return camera
            at, distance_m = seen[int(here.at("which").uniform() * len(seen))]
            reach = float(draw(self.spread, here.at("spread")))
            shift = ((here.at("u").uniform() - 0.5) * reach, (here.at("v").uniform() - 0.5) * reach)
            if self.focus_scale is not None:
                focus_m = distance_m * float(draw(self.focus_scale, here.at("focus_scale")))
                camera = replace(camera, lens=replace(camera.lens, focus_m=focus_m))
            return _windowed(camera, at, shift)

        return replace(shot, cameras=changed(shot.cameras, "cameras", self.on, change))

    def _holds(self, camera: Camera, code: Seen) -> bool:
        """Return whether a window on the chip has the code as near its middle as `spread` asks for."""
        window, at = _windowed(camera, code[0], (0.0, 0.0)).sensor.roi_px, code[0]
        off = max(abs((at[k] - window[k]) / window[2 + k] - 0.5) for k in (0, 1))
        return off <= bounds(self.spread)[1] / 2 + 1 / min(window[2:])


def _windowed(camera: Camera, at: Pixel, shift: tuple[float, float]) -> Camera:
    """Return the camera with its region around a chip pixel, kept on the chip."""
    _, _, width, height = camera.sensor.roi_px
    corner = []
    for place, part, size, chip in zip(at, shift, (width, height), camera.sensor.chip_px, strict=True):
        corner.append(min(max(round(place - (0.5 + part) * size), 0), chip - size))
    return replace(camera, sensor=replace(camera.sensor, roi_px=(corner[0], corner[1], width, height)))


def _codes(shot: Shot, camera: Camera, least_cosine: float) -> Iterator[Seen]:
    """Yield the chip pixel and distance of every code that faces the camera and falls on its chip."""
    for item in shot.items.values():
        for label in item.labels:
            sheet = label_pose.in_world(item, label)
            if label_pose.cosine(sheet, camera.pose.position_m) < least_cosine:
                continue
            for code in label.codes:
                point = moved(sheet, (*code.position_m, 0.002)).position_m
                at = _on_chip(camera, point)
                if at is not None and not any(
                    occlusion.hides(other, point, camera.pose.position_m) for other in shot.items.values()
                ):
                    yield at


def _bodies(shot: Shot, camera: Camera, rng: Stream) -> Iterator[Seen]:
    """Yield the chip pixel and distance of one drawn point on top of every item."""
    for name, item in shot.items.items():
        here, (length, width, height) = rng.at("body", name), item.size_m
        point = ((here.at("x").uniform() - 0.5) * length, (here.at("y").uniform() - 0.5) * width, height)
        at = _on_chip(camera, moved(item.pose, point).position_m)
        if at is not None:
            yield at


def _on_chip(camera: Camera, point_m: Vec3) -> Seen | None:
    """Return where a point falls on the whole chip [px], distortion left out, and how far it is; None off the chip."""
    sensor = camera.sensor
    w, x, y, z = camera.pose.rotation_wxyz
    way = tuple(p - o for p, o in zip(point_m, camera.pose.position_m, strict=True))
    right, up, back = rotate((w, -x, -y, -z), way)  # pyright: ignore[reportArgumentType]
    if back > -0.05:
        return None
    focal_px, _, _, _ = intrinsics(camera.lens, sensor)
    focal_px *= sensor.binning
    chip_x, chip_y = sensor.chip_px
    u, v = chip_x / 2 - focal_px * right / back, chip_y / 2 + focal_px * up / back
    return ((u, v), -back) if 0 <= u <= chip_x and 0 <= v <= chip_y else None
