"""A lamp as an eye sees it: a flat face, cut into tiles that are small to that eye.

Every shape has a face with coordinates (u, v) in [0, 1]^2. Rectangles and disks have their own; a sphere shows a disk,
a cylinder the strip that its tangents touch (its ends are not drawn in); a point shows a disk far smaller than any
averaging cone; daylight shows a part of the sky. Radiance is what the stage says, over the full spectrum, while on.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from synthgen.world import scene_description
from synthgen.world.lamp_power import shaping

FAR_M = 1e4
"""Where daylight comes from."""
_POINT_RAD = 1e-5  # half the angle of a point lamp
_AROUND = 64  # most corners of the polygon that stands for a disk
_SKY = (24, 12)  # tiles of a uniform dome
_ONE_SIDED = ("rect", "disk")


@dataclass(frozen=True, eq=False)
class Face:
    """The face that a lamp turns to one eye."""

    light: scene_description.Light
    eye_m: np.ndarray

    @cached_property
    def _frame(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return (centre, half extent along u, half extent along v) of the face [m]."""
        light, eye = self.light, self.eye_m
        world = np.asarray(light.world_from_light, np.float64)
        x, y, z, centre = world[:3, 0], world[:3, 1], world[:3, 2], world[:3, 3]
        if light.shape == "rect":
            return centre, 0.5 * light.width_m * x, 0.5 * light.height_m * y
        if light.shape == "disk":
            return centre, light.radius_m * x, light.radius_m * y
        if light.shape == "distant":
            radius_m = FAR_M * math.tan(min(light.half_angle_rad, 1.5))
            return eye + FAR_M * z, radius_m * x, radius_m * y
        away = centre - eye
        if light.shape == "cylinder":
            away = away - x * (away @ x)
        distance_m = max(float(np.linalg.norm(away)), 1e-9)
        toward = away / distance_m
        if light.shape == "point":
            radius_m = distance_m * _POINT_RAD
        else:
            sine = min(light.radius_m / distance_m, 1.0)
            centre, radius_m = centre - toward * light.radius_m * sine, light.radius_m * math.sqrt(1.0 - sine * sine)
        if light.shape == "cylinder":
            return centre, 0.5 * light.length_m * x, radius_m * np.cross(toward, x)
        side = np.cross(toward, np.eye(3)[int(np.argmin(np.abs(toward)))])
        side /= np.linalg.norm(side)
        return centre, radius_m * side, radius_m * np.cross(toward, side)

    @property
    def round(self) -> bool:
        """Return whether the face is a disk, not a rectangle."""
        return self.light.shape in ("disk", "sphere", "point", "distant")

    @property
    def dark(self) -> bool:
        """Return whether nothing of it can be seen: behind the lamp, inside it, or it is off."""
        light = self.light
        if light.strength <= 0.0:
            return True
        to_eye = self.eye_m - np.asarray(light.world_from_light)[:3, 3]
        if light.shape in _ONE_SIDED:
            return float(to_eye @ np.asarray(light.world_from_light)[:3, 2]) >= -1e-9
        return light.shape in ("sphere", "cylinder") and self.gap_m <= 0.0

    @property
    def gap_m(self) -> float:
        """Return the distance from the eye to the nearest point of the lamp [m]; inf for daylight."""
        return float(np.linalg.norm(self.eye_m - nearest_m(self.light, self.eye_m))) if near(self.light) else math.inf

    @cached_property
    def axes_rad(self) -> tuple[float, float]:
        """Return the angular extents of the whole face [rad]; a point has none."""
        if self.light.shape in ("point", "dome"):
            return (0.0, 0.0) if self.light.shape == "point" else (math.pi, math.pi)
        centre, along, across = self._frame
        first, second = (_angle(centre - half - self.eye_m, centre + half - self.eye_m) for half in (along, across))
        return first, second

    def cells(self, largest_rad: float, most: int) -> np.ndarray:
        """Return the face cut into tiles of at most about `largest_rad`, shape (tiles, 4): u0, u1, v0, v1."""
        if self.light.shape == "dome":
            return _cut(*_SKY)
        first, second = self.axes_rad
        if not self.round:
            return _cut(_pieces(first, largest_rad, most), _pieces(second, largest_rad, most))
        rings = _pieces(0.5 * first, largest_rad, most)
        return _cut(_AROUND // 4 if rings == 1 else min(max(8 * rings, 16), _AROUND), rings)

    def points_m(self, u: np.ndarray, v: np.ndarray, sectors: int) -> np.ndarray:
        """Return the face's points at coordinates, shape (..., 3) [m].

        A round face is a regular polygon of its area with `sectors` corners: tiles that are split stay within the tile
        that they came from, so that splitting changes no sum.
        """
        if self.light.shape == "dome":
            cosine, turn = 1.0 - 2.0 * v, 2.0 * math.pi * u
            sine = np.sqrt(np.maximum(1.0 - cosine**2, 0.0))
            return self.eye_m + FAR_M * np.stack([sine * np.cos(turn), sine * np.sin(turn), cosine], axis=-1)
        centre, along, across = self._frame
        if self.round:
            cosine, sine = _on_polygon(u, sectors)
            u, v = 0.5 + 0.5 * v * cosine, 0.5 + 0.5 * v * sine
        return centre + (2.0 * u - 1.0)[..., None] * along + (2.0 * v - 1.0)[..., None] * across

    def corners_m(self, cells: np.ndarray, sectors: int) -> np.ndarray:
        """Return the corners of tiles in order, shape (tiles, 4, 3) [m]."""
        u0, u1, v0, v1 = cells.T
        return self.points_m(np.stack([u0, u1, u1, u0], axis=1), np.stack([v0, v0, v1, v1], axis=1), sectors)

    def radiance_w_m2_sr(self, centres_m: np.ndarray) -> np.ndarray:
        """Return the radiance that tiles send to the eye while on, shape (tiles,)."""
        light = self.light
        if light.shape in ("distant", "dome"):
            return np.full(len(centres_m), light.strength)
        toward = centres_m - self.eye_m
        range_m = np.linalg.norm(toward, axis=1)
        cosine = (toward / range_m[:, None]) @ np.asarray(light.world_from_light)[:3, 2]
        strength = light.strength * shaping(
            np.arccos(np.clip(cosine, -1.0, 1.0)), light.cone_angle_rad, light.cone_softness, light.focus
        )
        if light.shape == "point":
            return strength / (math.pi * (_POINT_RAD * range_m) ** 2)
        return np.where(cosine > 0.0, strength, 0.0) if light.shape in _ONE_SIDED else strength

    def reach_m(self, points_m: np.ndarray) -> np.ndarray:
        """Return how far rays toward the face's points may run before they are there, shape (...,) [m]."""
        range_m = np.linalg.norm(points_m - self.eye_m, axis=-1)
        if self.light.shape in ("sphere", "cylinder"):
            return np.minimum(range_m, self.gap_m)
        return range_m


def near(light: scene_description.Light) -> bool:
    """Return whether a lamp is a thing at a place, not daylight."""
    return light.shape not in ("distant", "dome")


def nearest_m(light: scene_description.Light, at_m: np.ndarray) -> np.ndarray:
    """Return the point of a lamp's surface (of a point: its place) that is nearest to a place, shape (3,) [m]."""
    world = np.asarray(light.world_from_light, np.float64)
    x, y, centre = world[:3, 0], world[:3, 1], world[:3, 3]
    away = np.asarray(at_m) - centre
    if light.shape == "rect":
        half = 0.5 * np.array([light.width_m, light.height_m])
        u, v = np.clip([away @ x, away @ y], -half, half)
        return centre + u * x + v * y
    if light.shape == "disk":
        flat = np.array([away @ x, away @ y])
        flat *= min(1.0, light.radius_m / max(float(np.linalg.norm(flat)), 1e-12))
        return centre + flat[0] * x + flat[1] * y
    if light.shape == "cylinder":
        along = float(np.clip(away @ x, -0.5 * light.length_m, 0.5 * light.length_m))
        centre, away = centre + along * x, away - along * x
    distance_m = max(float(np.linalg.norm(away)), 1e-12)
    radius_m = 0.0 if light.shape == "point" else light.radius_m
    return centre + away * min(1.0, radius_m / distance_m)


def _pieces(extent_rad: float, largest_rad: float, most: int) -> int:
    return int(min(max(math.ceil(extent_rad / largest_rad), 1), most))


def _on_polygon(u: np.ndarray, sectors: int) -> tuple[np.ndarray, np.ndarray]:
    """Return x and y of the outline of a regular polygon with the area of the unit disk, at shares of a turn."""
    step = 2.0 * math.pi / sectors
    radius = math.sqrt(step / math.sin(step))
    side = np.clip(np.floor(u * sectors), 0, sectors - 1)
    along, turn = u * sectors - side, side * step
    return (
        radius * ((1.0 - along) * np.cos(turn) + along * np.cos(turn + step)),
        radius * ((1.0 - along) * np.sin(turn) + along * np.sin(turn + step)),
    )


def _cut(along: int, across: int) -> np.ndarray:
    """Return a regular grid of cells, shape (along across, 4)."""
    u, v = np.linspace(0.0, 1.0, along + 1), np.linspace(0.0, 1.0, across + 1)
    i, j = (a.ravel() for a in np.meshgrid(np.arange(along), np.arange(across), indexing="ij"))
    return np.stack([u[i], u[i + 1], v[j], v[j + 1]], axis=1)


def _angle(a: np.ndarray, b: np.ndarray) -> float:
    (ax, ay, az), (bx, by, bz) = a.tolist(), b.tolist()
    across = math.hypot(ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx)
    return math.atan2(across, ax * bx + ay * by + az * bz)
