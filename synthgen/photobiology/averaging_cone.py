"""Radiance averaged over a cone, and the direction in which it is worst.

The standards measure the radiance of a retinal hazard through a cone of a few milliradians and take the direction with
the largest reading: emitters that the cone does not hold are not added. A source is a list of flat tiles (convex
polygons with a radiance); a scene's lamps, seen past baffles, are the same list with a visibility per tile.

References:
    IEC 62471:2006, 5.2.2; OSRAM application note AN097 (array of 20 LEDs).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

_STARTS = 4  # candidates that are refined
_HALVINGS = 9  # of the refinement's step, from cone / 4
_LEAST_COS = 1e-3  # a tile's corners beyond 89.9 degrees from the cone's axis are drawn in to there


@dataclass(frozen=True, eq=False)
class Tiles:
    """A source as seen from one place."""

    directions: np.ndarray
    """Unit vectors to the corners of each tile, shape (tiles, corners, 3)."""
    radiance_w_m2_sr: np.ndarray
    """Radiance toward the eye (times visibility), shape (tiles,)."""

    @property
    def centres(self) -> np.ndarray:
        """Return unit vectors to the tiles, shape (tiles, 3)."""
        return unit(self.directions.mean(axis=1))

    @property
    def reach_rad(self) -> np.ndarray:
        """Return the angle from each tile's centre to its farthest corner, shape (tiles,)."""
        chord = np.linalg.norm(self.directions - self.centres[:, None, :], axis=-1).max(axis=1)
        return 2.0 * np.arcsin(np.minimum(0.5 * chord, 1.0))


def mean_radiance(tiles: Tiles, directions: np.ndarray, cone_rad: float) -> np.ndarray:
    """Return the radiance averaged over a cone about each unit direction (k, 3) [W/(m^2 sr)], shape (k,).

    `cone_rad` is the full angle. The cone's part that sees no tile counts as dark.
    """
    which, near, share = filled(tiles, directions, cone_rad)
    return np.bincount(which, share * tiles.radiance_w_m2_sr[near], minlength=len(directions))


def filled(tiles: Tiles, directions: np.ndarray, cone_rad: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return how much of cones about unit directions (k, 3) tiles fill: (direction, tile, share of the cone)."""
    touched = np.cos(np.minimum(0.5 * cone_rad + tiles.reach_rad, 1.5))
    which, near = np.nonzero(directions @ tiles.centres.T > touched)
    flat = _central(tiles.directions[near], directions[which])
    cap_sr = 4.0 * math.pi * math.sin(0.25 * cone_rad) ** 2
    return which, near, np.abs(cap_overlap_sr(flat, 0.5 * cone_rad)) / cap_sr


def worst_radiance(tiles: Tiles, cone_rad: float, also: np.ndarray | None = None) -> tuple[float, np.ndarray]:
    """Return (largest cone-averaged radiance [W/(m^2 sr)], unit direction of the cone).

    Starts from the tiles and from the centre of what a cone there sees, and from the directions `also` (k, 3); refines
    the best by a pattern search.
    """
    best, where = 0.0, tiles.centres[0]
    brightest = float(tiles.radiance_w_m2_sr.max())
    for start in [*(also if also is not None else ()), *_starts(tiles, cone_rad)]:
        value, direction = _refine(tiles, start, cone_rad)
        if value > best * (1.0 + 1e-12):
            best, where = value, direction
        if best >= brightest * (1.0 - 1e-9):  # the cone is full of the brightest tile: nothing can be worse
            break
    return best, where


def cap_overlap_sr(polygons: np.ndarray, half_angle_rad: float) -> np.ndarray:
    """Return the solid angle that each polygon shares with a cap about the z axis, signed by orientation, shape (n,).

    Exact on the sphere, so the parts of a polygon add up to it however it is cut: edges are great circles, straight in
    the central projection; inside the cap each gives a spherical triangle, outside a sector of the cap.

    Args:
        polygons: corners in order, projected from the centre onto the plane z = 1, shape (n, corners, 2).
        half_angle_rad: from the cap's axis to its rim, below pi / 2.
    """
    start, end = polygons, np.roll(polygons, -1, axis=1)
    along = end - start
    radius, sector_sr = math.tan(half_angle_rad), 2.0 * math.sin(0.5 * half_angle_rad) ** 2
    a = np.maximum((along**2).sum(-1), 1e-300)
    b = (start * along).sum(-1)
    root = np.sqrt(np.maximum(b**2 - a * ((start**2).sum(-1) - radius**2), 0.0))
    enter, leave = np.clip((-b - root) / a, 0.0, 1.0), np.clip((-b + root) / a, 0.0, 1.0)
    first, last = start + enter[..., None] * along, start + leave[..., None] * along
    before = np.where(enter > 0.0, _turn_rad(start, first), 0.0)  # a corner on the origin has no direction
    behind = np.where(leave < 1.0, _turn_rad(last, end), 0.0)
    return (sector_sr * (before + behind) + _triangle_sr(first, last)).sum(-1)


def unit(vectors: np.ndarray) -> np.ndarray:
    """Return the vectors at unit length, shape (..., 3)."""
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def _turn_rad(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Return the signed angle about the origin from one direction of the plane to another."""
    return np.arctan2(_cross(start, end), (start * end).sum(-1))


def _triangle_sr(first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Return the signed solid angle of the z axis and two points of the plane z = 1 (Van Oosterom, Strackee 1983)."""
    one, other = (np.sqrt(1.0 + (at**2).sum(-1)) for at in (first, last))
    return 2.0 * np.arctan2(_cross(first, last), one * other + 1.0 + (first * last).sum(-1) + one + other)


def _cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]


def _central(directions: np.ndarray, axes: np.ndarray) -> np.ndarray:
    """Return directions (n, corners, 3) on the planes at distance 1 along `axes`, where great circles are straight."""
    right, up = _frame(axes)
    scale = 1.0 / np.maximum(_along(directions, axes), _LEAST_COS)
    return np.stack([_along(directions, right) * scale, _along(directions, up) * scale], axis=-1)


def _along(directions: np.ndarray, axes: np.ndarray) -> np.ndarray:
    return np.einsum("ncx,nx->nc", directions, axes)


def _frame(axes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return two unit vectors across each axis, shape (n, 3) each."""
    right = unit(np.cross(np.eye(3)[np.argmin(np.abs(axes), axis=-1)], axes))
    return right, np.cross(axes, right)


def _starts(tiles: Tiles, cone_rad: float) -> list[np.ndarray]:
    """Return the most promising directions, by the light of tile centres inside a cone there."""
    centres = tiles.centres
    chosen = centres[np.unique(np.linspace(0, len(centres) - 1, min(len(centres), 600)).astype(int))]
    light = tiles.radiance_w_m2_sr * _tile_sr(tiles)
    inside = (chosen @ centres.T > math.cos(0.5 * cone_rad)) * light
    means = inside @ centres
    shifted = unit(np.where(inside.any(axis=1)[:, None], means, chosen))
    candidates = np.concatenate([chosen, shifted, unit((light[:, None] * centres).sum(axis=0))[None]])
    score = ((candidates @ centres.T > math.cos(0.5 * cone_rad)) * light).sum(axis=1)
    order = np.argsort(-score, kind="stable")
    return _distinct(candidates[order], 0.1 * cone_rad)


def _distinct(candidates: np.ndarray, apart_rad: float) -> list[np.ndarray]:
    kept: list[np.ndarray] = []
    for candidate in candidates:
        if all(np.linalg.norm(candidate - other) > apart_rad for other in kept):
            kept.append(candidate)
        if len(kept) == _STARTS:
            break
    return kept


def _tile_sr(tiles: Tiles) -> np.ndarray:
    """Return the solid angle of each small tile, shape (tiles,)."""
    fan = tiles.directions - tiles.directions[:, :1]
    return 0.5 * np.linalg.norm(np.cross(fan[:, 1:-1], fan[:, 2:]), axis=-1).sum(axis=1)


def _refine(tiles: Tiles, direction: np.ndarray, cone_rad: float) -> tuple[float, np.ndarray]:
    """Return the best of a pattern search: step to the best of eight neighbours, else halve the step."""
    best, step = float(mean_radiance(tiles, direction[None], cone_rad)[0]), 0.25 * cone_rad
    angles = np.arange(8)[:, None] * math.pi / 4
    while step > 0.25 * cone_rad * 0.5**_HALVINGS:
        right, up = _frame(direction[None])
        around = unit(direction + step * (np.cos(angles) * right + np.sin(angles) * up))
        values = mean_radiance(tiles, around, cone_rad)
        top = int(np.argmax(values))
        if values[top] > best * (1.0 + 1e-9):
            best, direction = float(values[top]), around[top]
        else:
            step *= 0.5
    return best, direction
