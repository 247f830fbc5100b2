"""A lamp's geometry: flat emitters in a plane, what they give at a distance, and how they look from there.

The lamp shines along +z from the plane z = 0. The eye is tried in front of the lamp's middle, in front of the emitter
nearest to it, and, where the beam is brightest off its axis, in that direction. It looks wherever it is worst; a
receiver is turned to the light.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from synthgen.errors import InputError
from synthgen.photobiology.averaging_cone import Tiles, unit, worst_radiance
from synthgen.photobiology.beam import Beam

SHAPES = ("point", "disk", "rect")

_POINT_M = 1e-6  # a point emitter's diameter: far below every averaging cone
_AROUND = 48  # corners of a disk, scaled so that its area is exact
_TILE_RAD = 0.25  # tiles are smaller than this, as seen from the eye
_MOST_TILES = 200_000


@dataclass(frozen=True, eq=False, kw_only=True)
class Emitters:
    """Equal flat emitters facing +z.

    Raises:
        InputError: an unknown shape, a size that does not fit it, a power or a place that is no number.
    """

    shape: str
    """point, disk or rect."""
    size_m: tuple[float, float] = (0.0, 0.0)
    """Rect: width (x) and height (y); disk: diameter twice; point: zeros."""
    centers_m: np.ndarray
    """Shape (n, 2)."""
    power_w: float
    """Radiant power of the whole lamp while on, shared equally."""
    beam: Beam

    def __post_init__(self) -> None:
        if self.shape not in SHAPES:
            raise InputError(f"shape: {self.shape!r}; write one of {', '.join(SHAPES)}")
        if self.shape != "point" and not all(0.0 < size < math.inf for size in self.size_m):
            raise InputError(f"size_m: {self.size_m} of a {self.shape}; write positive metres, or shape point")
        centers_m = np.array(self.centers_m, np.float64).reshape(-1, 2)
        if len(centers_m) == 0 or not np.isfinite(centers_m).all():
            raise InputError("centers_m: give at least one pair of finite metres")
        if not 0.0 < self.power_w < math.inf:
            raise InputError(f"power_w: {self.power_w}; write the radiant power in watts, above 0")
        if self.shape == "point":
            object.__setattr__(self, "size_m", (_POINT_M, _POINT_M))
        object.__setattr__(self, "centers_m", centers_m)

    @property
    def area_m2(self) -> float:
        """Return the area of one emitter."""
        return self.size_m[0] * self.size_m[1] * (1.0 if self.shape == "rect" else math.pi / 4)

    @property
    def extent_m(self) -> tuple[float, float]:
        """Return width and height of the whole source, outer edges included; a point has none."""
        edge_m = (0.0, 0.0) if self.shape == "point" else self.size_m
        span_m = np.ptp(self.centers_m, axis=0)
        return float(span_m[0] + edge_m[0]), float(span_m[1] + edge_m[1])

    def eyes_m(self, distance_m: float) -> np.ndarray:
        """Return where the eye is tried, shape (places, 3) [m]: none is nearer to an emitter than `distance_m`.

        Before the middle, before the emitter nearest to it, and where the beam is brightest: from the emitter that
        lies farthest that way.
        """
        middle_m = 0.5 * (self.centers_m.min(axis=0) + self.centers_m.max(axis=0))
        nearest_m = self.centers_m[np.argmin(((self.centers_m - middle_m) ** 2).sum(axis=1))]
        found = [np.append(at_m, distance_m) for at_m in np.unique([middle_m, nearest_m], axis=0)]
        theta, azimuth = self.beam.brightest
        if theta > 0.0:
            outward = np.array([math.cos(azimuth), math.sin(azimuth)])
            outermost_m = self.centers_m[np.argmax(self.centers_m @ outward)]
            sideways_m = outermost_m + distance_m * math.sin(theta) * outward
            found.append(np.append(sideways_m, distance_m * math.cos(theta)))
        return np.array(found)

    def irradiance_w_m2(self, distance_m: float) -> float:
        """Return the irradiance of a receiver at the worst place tried, turned to the light [W/m^2].

        The length of the light vector: exact while all of the lamp is in front of the receiver. Gauss-Legendre rule.
        """
        points_m, weights = self._quadrature(distance_m)
        found = []
        for eye_m in self.eyes_m(distance_m):
            to_eye = eye_m - points_m
            range_m = np.linalg.norm(to_eye, axis=1)
            intensity = self.beam.intensity(to_eye[:, 2] / range_m, np.arctan2(to_eye[:, 1], to_eye[:, 0]))
            found.append(np.linalg.norm(((weights * intensity / range_m**3)[:, None] * to_eye).sum(axis=0)))
        return float(self.power_w * max(found))

    def radiance_w_m2_sr(self, cone_rad: float, distance_m: float) -> float:
        """Return the cone-averaged radiance in the worst direction, from the worst place tried [W/(m^2 sr)]."""
        corners_m = self._tiles_m(distance_m)
        return max(worst_radiance(self._seen(corners_m, eye_m), cone_rad)[0] for eye_m in self.eyes_m(distance_m))

    def axes_rad(self, distance_m: float) -> tuple[float, float]:
        """Return the angular extents of the whole source: size over distance, at most pi [rad]."""
        return min(self.extent_m[0] / distance_m, math.pi), min(self.extent_m[1] / distance_m, math.pi)

    def _seen(self, corners_m: np.ndarray, eye_m: np.ndarray) -> Tiles:
        """Return the tiles as the eye sees them."""
        toward = corners_m - eye_m
        x, y, cosine = -unit(toward.mean(axis=1)).T
        per_emitter_w = self.power_w / len(self.centers_m)
        return Tiles(unit(toward), per_emitter_w / self.area_m2 * self.beam.radiance(cosine, np.arctan2(y, x)))

    def _tiles_m(self, distance_m: float) -> np.ndarray:
        """Return every emitter cut into convex tiles, shape (tiles, corners, 3)."""
        pieces = [max(math.ceil(size / (_TILE_RAD * distance_m)), 1) for size in self.size_m]
        one = (
            _rect_tiles(self.size_m, pieces) if self.shape == "rect" else _disk_tiles(0.5 * self.size_m[0], max(pieces))
        )
        if len(one) * len(self.centers_m) > _MOST_TILES:
            raise InputError(
                f"{len(self.centers_m)} emitters at {distance_m:g} m: too many; group them into larger ones"
            )
        flat = (self.centers_m[:, None, None, :] + one[None]).reshape(-1, one.shape[1], 2)
        return np.concatenate([flat, np.zeros((*flat.shape[:2], 1))], axis=-1)

    def _quadrature(self, distance_m: float) -> tuple[np.ndarray, np.ndarray]:
        """Return points (n, 3) on the emitters and their weights, which sum to 1."""
        n, m = (int(min(max(math.ceil(8.0 * size / distance_m) + 1, 2), 48)) for size in self.size_m)
        (u, wu), (v, wv) = np.polynomial.legendre.leggauss(n), np.polynomial.legendre.leggauss(m)
        if self.shape == "rect":
            grid = np.stack(np.meshgrid(0.5 * self.size_m[0] * u, 0.5 * self.size_m[1] * v, indexing="ij"), axis=-1)
            weights = np.outer(wu, wv) / 4.0
        else:
            share = 0.5 * (u + 1.0)  # of the area within a radius
            radius_m, turn = 0.5 * self.size_m[0] * np.sqrt(share), np.arange(12) * math.pi / 6
            grid = radius_m[:, None, None] * np.stack([np.cos(turn), np.sin(turn)], axis=-1)[None]
            weights = np.outer(0.5 * wu, np.full(12, 1.0 / 12.0))
        flat = (self.centers_m[:, None, :] + grid.reshape(1, -1, 2)).reshape(-1, 2)
        n_emitters = len(self.centers_m)
        return np.column_stack([flat, np.zeros(len(flat))]), np.tile(weights.ravel() / n_emitters, n_emitters)


def grid_centers_m(columns: int, rows: int, pitch_m: tuple[float, float]) -> np.ndarray:
    """Return the centres of a regular array about the origin, shape (columns rows, 2) [m].

    Raises:
        InputError: no emitters, more than 10000, or a negative pitch.
    """
    if not (columns >= 1 and rows >= 1 and columns * rows <= 10_000):
        raise InputError(f"array: {columns} x {rows} emitters; write 1 to 10000 in all")
    if not all(0.0 <= pitch < math.inf for pitch in pitch_m):
        raise InputError(f"array: pitch_m {pitch_m}; write metres of 0 or more")
    x = (np.arange(columns) - 0.5 * (columns - 1)) * pitch_m[0]
    y = (np.arange(rows) - 0.5 * (rows - 1)) * pitch_m[1]
    return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)


def _rect_tiles(size_m: tuple[float, float], pieces: list[int]) -> np.ndarray:
    """Return a rectangle cut into equal rectangles, shape (tiles, 4, 2)."""
    x, y = (np.linspace(-0.5 * size, 0.5 * size, n + 1) for size, n in zip(size_m, pieces, strict=True))
    left, low = (a.ravel() for a in np.meshgrid(x[:-1], y[:-1], indexing="ij"))
    right, high = (a.ravel() for a in np.meshgrid(x[1:], y[1:], indexing="ij"))
    return np.stack([np.stack([left, low], -1), np.stack([right, low], -1), np.stack([right, high], -1),
                     np.stack([left, high], -1)], axis=1)  # fmt: skip


def _disk_tiles(radius_m: float, rings: int) -> np.ndarray:
    """Return a disk as one polygon, or as rings of four-cornered tiles; the area is exact."""
    step = 2.0 * math.pi / _AROUND
    edge_m = radius_m * math.sqrt(step / math.sin(step))
    turn = np.arange(_AROUND) * step
    around = np.stack([np.cos(turn), np.sin(turn)], axis=-1)
    if rings == 1:
        return edge_m * around[None]
    radii_m = np.linspace(0.0, edge_m, rings // 2 + 2)
    after = np.roll(around, -1, axis=0)
    tiles = [
        np.stack([low * around, high * around, high * after, low * after], axis=1) for low, high in pairwise(radii_m)
    ]
    return np.concatenate(tiles)
