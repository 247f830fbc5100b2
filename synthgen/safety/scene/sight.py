"""What an eye sees of the lamps past everything that stands in the way: tiles with the part of them that is visible.

Every tile gets its own shadow rays and keeps its own visibility, nothing is pooled; tiles that an edge cuts are split
until the edge is found finely. Sums are NumPy's in float64.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import warp as wp

from synthgen.photobiology.averaging_cone import Tiles, unit
from synthgen.rendering.device_tables import Tables
from synthgen.rendering.ray_tracers import Tracer
from synthgen.safety.scene.surfaces import Face
from synthgen.world import scene_description

_RAYS_AT_ONCE = 1 << 20


@dataclass(frozen=True)
class Detail:
    """How finely lamps are looked at."""

    tile_rad: float
    """Tiles are smaller than this, as long as `most` tiles along an axis do."""
    most: int
    rays: int
    """Segments to each tile."""
    splits: int
    """How often a tile that an edge cuts is split in four, at most."""
    edge_rad: float = 0.004
    """Tiles smaller than this are not split: half the smallest cone that must find its way between edges."""


COARSE = Detail(tile_rad=0.15, most=4, rays=4, splits=2)
QUARTER = Detail(tile_rad=0.04, most=12, rays=4, splits=7)
FINE = Detail(tile_rad=0.04, most=12, rays=16, splits=7)
_SKY_RAD = 0.1  # an even sky is not split further
_MOST_CUT = 3000  # tiles of one lamp that are split at once


@dataclass(frozen=True, eq=False)
class Seen:
    """The lamps as one eye sees them: tiles of all lamps, hidden ones left out."""

    eye_m: np.ndarray
    corners: np.ndarray
    """Unit vectors to the tiles' corners, shape (tiles, 4, 3)."""
    radiance_w_m2_sr: np.ndarray
    """While on, times the part that is visible, over the full spectrum, shape (tiles,)."""
    lamp: np.ndarray
    """Row of each tile's lamp, shape (tiles,)."""
    axes_rad: np.ndarray
    """Angular extents of each whole lamp, hidden parts included, shape (lamps, 2)."""
    rays: int
    """Segments that were traced."""
    held: dict[float, np.ndarray] = field(default_factory=dict)
    """Extents of lamps that one cone can hold together, by that cone."""

    @cached_property
    def centres(self) -> np.ndarray:
        """Return unit vectors to the tiles, shape (tiles, 3)."""
        return unit(self.corners.mean(axis=1)) if len(self.corners) else np.zeros((0, 3))

    @cached_property
    def vectors_w_m2(self) -> np.ndarray:
        """Return the irradiance vector of each tile while on, by Lambert's contour formula, shape (tiles, 3)."""
        after = np.roll(self.corners, -1, axis=1)
        across = np.cross(self.corners, after)
        sine = np.linalg.norm(across, axis=-1)
        angle = np.arctan2(sine, (self.corners * after).sum(axis=-1))
        contour = 0.5 * (np.where(sine > 1e-15, angle / np.maximum(sine, 1e-15), 0.0)[..., None] * across).sum(axis=1)
        turned = np.sign((contour * self.centres).sum(axis=-1, keepdims=True))
        return contour * turned * self.radiance_w_m2_sr[:, None]

    def tiles(self, weight: np.ndarray) -> Tiles:
        """Return the tiles with their radiance times a weight, shape (tiles,)."""
        return Tiles(self.corners, self.radiance_w_m2_sr * weight)


@dataclass(frozen=True, eq=False)
class Screen:
    """An opaque rectangle that is not in the tables: a sheet's edge moved outward."""

    centre_m: np.ndarray
    along_m: np.ndarray
    """From the centre to the middle of one side, shape (3,)."""
    across_m: np.ndarray

    def blocks(self, origin_m: np.ndarray, target_m: np.ndarray) -> np.ndarray:
        """Return whether segments cross the rectangle, shapes (n, 3) -> (n,) bool."""
        normal = np.cross(self.along_m, self.across_m)
        start, end = (origin_m - self.centre_m) @ normal, (target_m - self.centre_m) @ normal
        share = start / np.where(start == end, np.inf, start - end)
        at = origin_m + share[:, None] * (target_m - origin_m) - self.centre_m
        inside = [np.abs(at @ axis) <= axis @ axis for axis in (self.along_m, self.across_m)]
        return (share > 0.0) & (share < 1.0) & inside[0] & inside[1]


@dataclass(frozen=True, eq=False)
class Sight:
    """Answers what eyes see in one world of some tables."""

    tables: Tables
    tracer: Tracer
    world: int = 0
    instead: tuple[scene_description.Light, ...] | None = None
    """The world's lamps with other numbers; None takes them as they are."""
    screens: tuple[Screen, ...] = ()

    @property
    def lights(self) -> tuple[scene_description.Light, ...]:
        """Return the world's lamps."""
        return self.tables.worlds[self.world].lights if self.instead is None else self.instead

    def look(self, eyes_m: np.ndarray, detail: Detail = FINE) -> list[Seen]:
        """Return what eyes at some places, shape (eyes, 3) [m], see."""
        faces = [[Face(light, np.asarray(eye, np.float64)) for light in self.lights] for eye in eyes_m]
        parts = [
            _Part(e, k, face, face.cells(detail.tile_rad, detail.most))
            for e, row in enumerate(faces)
            for k, face in enumerate(row)
            if not face.dark
        ]
        self._trace(parts, detail)
        for _ in range(detail.splits):
            cut = [piece for part in parts for piece in part.split(detail.edge_rad)]
            if not cut:
                break
            self._trace(cut, detail)
            parts += cut
        mine: list[list[_Part]] = [[] for _ in faces]
        for part in parts:
            mine[part.eye].append(part)
        return [self._seen(row, own, detail) for row, own in zip(faces, mine, strict=True)]

    def clear(self, origin_m: np.ndarray, target_m: np.ndarray, reach_m: np.ndarray | None = None) -> np.ndarray:
        """Return whether nothing stands between places, shapes (n, 3) [m] -> (n,) bool; targets may lie on surfaces."""
        away = target_m - origin_m
        range_m = np.maximum(np.linalg.norm(away, axis=1), 1e-12)
        far = (range_m if reach_m is None else reach_m) * 0.9999 - 1e-5
        free = np.zeros(len(away), bool)
        for first in range(0, len(away), _RAYS_AT_ONCE):
            rows = slice(first, first + _RAYS_AT_ONCE)
            toward = away[rows] / range_m[rows, None]
            origin, direction = (
                wp.array(a.astype(np.float32), dtype=wp.vec3, device=self.tables.device)
                for a in (origin_m[rows], toward)
            )
            reach = wp.array(np.maximum(far[rows], 0.0).astype(np.float32), dtype=wp.float32, device=self.tables.device)
            clear = wp.empty(len(toward), dtype=wp.uint8, device=self.tables.device)
            self.tracer.any_hit(self.world, origin, direction, reach, clear)
            free[rows] = clear.numpy() == 1
        for screen in self.screens:
            free &= ~screen.blocks(origin_m, origin_m + (np.maximum(far, 0.0) / range_m)[:, None] * away)
        return free

    def _trace(self, parts: Sequence[_Part], detail: Detail) -> None:
        """Fill in the visibility of the parts' tiles."""
        if not parts:
            return
        points = [part.samples_m(detail.rays) for part in parts]
        origin = np.concatenate([np.broadcast_to(p.face.eye_m, s.shape) for p, s in zip(parts, points, strict=True)])
        reach = np.concatenate([p.face.reach_m(s) for p, s in zip(parts, points, strict=True)])
        free = self.clear(origin, np.concatenate(points), reach)
        first = 0
        for part in parts:
            count = len(part.cells) * detail.rays
            part.visible = free[first : first + count].reshape(-1, detail.rays).mean(axis=1)
            first += count

    def _seen(self, faces: Sequence[Face], parts: Sequence[_Part], detail: Detail) -> Seen:
        mine = [part.shown() for part in parts]
        rays = sum(len(part.cells) * detail.rays for part in parts)
        corners = [unit(corners_m - faces[0].eye_m) for corners_m, _, _ in mine]
        return Seen(
            eye_m=np.asarray(faces[0].eye_m if faces else np.zeros(3), np.float64),
            corners=np.concatenate(corners) if corners else np.zeros((0, 4, 3)),
            radiance_w_m2_sr=np.concatenate([radiance for _, radiance, _ in mine]) if mine else np.zeros(0),
            lamp=np.concatenate([np.full(len(radiance), k) for _, radiance, k in mine]) if mine else np.zeros(0, int),
            axes_rad=np.array([face.axes_rad for face in faces]).reshape(-1, 2),
            rays=rays,
        )


class _Part:
    """Tiles of one lamp's face as one eye sees it."""

    def __init__(self, eye: int, lamp: int, face: Face, cells: np.ndarray, sectors: int = 0) -> None:
        self.eye, self.lamp, self.face, self.cells = eye, lamp, face, cells
        self.sectors = sectors or round(1.0 / float(cells[0, 1] - cells[0, 0]))
        """Tiles around a round face before any was split."""
        self.visible = np.zeros(len(cells))

    def samples_m(self, rays: int) -> np.ndarray:
        """Return points spread evenly over each tile, another pattern in each, shape (tiles rays, 3) [m]."""
        steps = np.arange(rays)
        turn = (np.arange(len(self.cells)) * 0.618034)[:, None]
        u = ((steps + 0.5) / rays + turn) % 1.0
        v = (steps * 0.7548777 + 0.5 + turn * 0.5698403) % 1.0
        u0, u1, v0, v1 = (column[:, None] for column in self.cells.T)
        spread = np.sqrt(v0**2 + v * (v1**2 - v0**2)) if self.face.round else v0 + v * (v1 - v0)
        return self.face.points_m(u0 + u * (u1 - u0), spread, self.sectors).reshape(-1, 3)

    def split(self, edge_rad: float) -> list[_Part]:
        """Take out the tiles that an edge cuts and that are not small yet, and return them in four pieces each."""
        least_rad = _SKY_RAD if self.face.light.shape == "dome" else edge_rad
        cut = (self.visible > 0.0) & (self.visible < 1.0) & (self._sizes_rad > least_rad)
        if not cut.any() or cut.sum() > _MOST_CUT:
            return []
        u0, u1, v0, v1 = self.cells[cut].T
        um, vm = 0.5 * (u0 + u1), 0.5 * (v0 + v1)
        quarters = [(u0, um, v0, vm), (um, u1, v0, vm), (u0, um, vm, v1), (um, u1, vm, v1)]
        self.cells, self.visible = self.cells[~cut], self.visible[~cut]
        pieces = np.concatenate([np.stack(q, axis=1) for q in quarters])
        return [_Part(self.eye, self.lamp, self.face, pieces, self.sectors)]

    @property
    def _sizes_rad(self) -> np.ndarray:
        """Return about the longer side of each tile as the eye sees it, shape (tiles,)."""
        u0, u1, v0, v1 = self.cells.T
        first, second = self.face.axes_rad
        if self.face.round:
            return np.maximum(np.pi * first * (u1 - u0) * v1, 0.5 * first * (v1 - v0))
        return np.maximum(first * (u1 - u0), second * (v1 - v0))

    def shown(self) -> tuple[np.ndarray, np.ndarray, int]:
        """Return (corners [m], radiance times visibility, lamp) of the tiles that are seen at all."""
        lit = self.visible > 0.0
        corners_m = self.face.corners_m(self.cells[lit], self.sectors)
        radiance = self.face.radiance_w_m2_sr(corners_m.mean(axis=1)) * self.visible[lit]
        return corners_m[radiance > 0.0], radiance[radiance > 0.0], self.lamp
