"""Irradiance at given points: direct light only, many samples, nothing pooled, sums in float64.

A first pass asks a light's net at one point of each of its cells. Only where the light's edge, or the edge of what
stands before it, passes through a cell does a second pass ask for the rest of the net's points there: the sum over the
light then has the error of the whole net, for a tenth of its rays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import warp as wp

from synthgen.kernels import probe_rays as kernels
from synthgen.rendering.device_tables import Tables
from synthgen.rendering.direct_lighting import scramble
from synthgen.rendering.ray_tracers import Tracer
from synthgen.world.light_shapes import LIGHT_SHAPES
from synthgen.world.scene_description import Light
from synthgen.world.spectra import band_fractions, efficacy_lm_w

SAMPLES = 65_536
"""Points of a light's net; a power of two. Behind an edge the net's error is far below 0.1 % of the whole light."""
FIRST = 4_096
"""Points of the first pass, one a cell; what covers no cell's point is smaller than 0.1 % of the light."""

_RAYS_AT_ONCE = 1 << 20
_NEAR_CELLS = 2
"""Cells around an edge that are refined: a bar thinner than a cell is hit in some cells of its length only."""


@dataclass(frozen=True, eq=False)
class Measured:
    """What a cosine receiver reads at each point."""

    irradiance_w_m2: np.ndarray
    """Of each light over its full spectrum, shape (lights, points)."""
    bands_w_m2: np.ndarray
    """Of all lights in the four bands, shape (points, 4)."""
    illuminance_lux: np.ndarray
    """Of all lights, shape (points,)."""


def measure(
    tables: Tables,
    tracer: Tracer,
    points_m: np.ndarray,
    normals: np.ndarray,
    *,
    world: int = 0,
    samples: int = SAMPLES,
    threads: int = 1,
    on_points: Callable[[int], None] | None = None,
) -> Measured:
    """Return what receivers at `points_m` facing `normals` (unit), both shape (points, 3), get from each light.

    Args:
        tables: the described worlds on the device.
        tracer: answers the shadow rays.
        points_m: [m], shape (points, 3).
        normals: unit, shape (points, 3).
        world: which of the worlds.
        samples: points of each light's net, a power of two.
        threads: on the CPU, how many batches of points run at once; the result does not depend on it.
        on_points: called with how many points are done with one light, after every batch.
    """
    lights = tables.worlds[world].lights
    position, normal = (
        wp.array(a.astype(np.float32), dtype=wp.vec3, device=tables.device) for a in (points_m, normals)
    )
    wp.load_module(kernels, device=tables.device)  # once, before threads would each ask for it
    each = np.zeros((len(lights), len(points_m)))
    for k, (light, row) in enumerate(zip(lights, tables.light_rows[world], strict=True)):
        probe = _Probe(tables, tracer, world, int(row), position, normal, _Net.of(light, k, samples, tables.device))
        reached = np.flatnonzero(may_light(light, points_m, normals))
        if on_points:
            on_points(len(points_m) - len(reached))
        step = max(1, _RAYS_AT_ONCE // probe.net.first.shape[1])
        batches = [reached[first : first + step] for first in range(0, len(reached), step)]
        for batch, found in zip(batches, _each(probe.irradiance_w_m2, batches, tables.device, threads), strict=True):
            each[k, batch] = found
            if on_points:
                on_points(len(batch))
    bands = sum(
        (e[:, None] * band_fractions(light.spectrum) for e, light in zip(each, lights, strict=True)), np.zeros(4)
    )
    lux = sum((e * efficacy_lm_w(light.spectrum) for e, light in zip(each, lights, strict=True)), np.zeros(1))
    return Measured(each, np.broadcast_to(bands, (len(points_m), 4)), np.broadcast_to(lux, (len(points_m),)))


def may_light(light: Light, points_m: np.ndarray, normals: np.ndarray) -> np.ndarray:
    """Return whether any of a light may reach receivers if nothing stands between, shape (points,).

    False is certain: the light lies below the receiver's horizon, or the receiver behind a one-sided light.
    """
    shape, matrix = LIGHT_SHAPES[light.shape], light.world_from_light
    facing = matrix[:3, 2]
    if light.shape == "distant":
        return normals @ facing > -np.sin(light.half_angle_rad)
    if not shape.is_finite:
        return np.ones(len(points_m), bool)
    extent_m = float(np.linalg.norm([getattr(light, shape.x_size) / 2, light.height_m / 2, light.radius_m]))
    away = matrix[:3, 3] - points_m
    above = np.einsum("ij,ij->i", away, normals) > -extent_m
    return above & (away @ facing > 0) if shape.is_one_sided else above


def _each(
    work: Callable[[np.ndarray], np.ndarray], batches: list[np.ndarray], device: str, threads: int
) -> Iterator[np.ndarray]:
    """Yield what `work` makes of each batch, in order."""
    if threads == 1 or len(batches) < 2 or device != "cpu":
        yield from map(work, batches)
        return
    with ThreadPoolExecutor(threads) as pool:
        yield from pool.map(work, batches)


@dataclass(frozen=True, eq=False)
class _Net:
    """The points of a light's net, by the cells of the unit square that they lie in."""

    scramble: int
    first: wp.array
    """One point a cell in the order of the cells, shape (1, cells)."""
    rest: wp.array
    """The other points of each cell, shape (cells, rest)."""
    grid: tuple[int, int]
    """Cells along u and v."""

    @staticmethod
    def of(light: Light, k: int, samples: int, device: str) -> _Net:
        """Return the net of a world's k-th light; a point light has one point, whatever the net."""
        count = 1 if LIGHT_SHAPES[light.shape].usd_point else samples
        cells, seed = min(count, FIRST), scramble(k)
        bits = cells.bit_length() - 1
        grid = (1 << (bits + 1) // 2, 1 << bits // 2)
        uv = wp.empty(count, dtype=wp.vec2, device=device)
        wp.launch(kernels.net_points, dim=count, inputs=[seed], outputs=[uv], device=device)
        column, row = (uv.numpy() * grid).astype(np.int64).T
        # A stable sort keeps the order of the net in each cell: its first point is one of the first pass.
        members = np.argsort(column * grid[1] + row, kind="stable").reshape(cells, -1).astype(np.int32)
        first, rest = np.ascontiguousarray(members[:, 0])[None], np.ascontiguousarray(members[:, 1:])
        upload = [wp.array(a, dtype=wp.int32, ndim=2, device=device) for a in (first, rest)]
        return _Net(seed, *upload, grid)


@dataclass(frozen=True, eq=False)
class _Probe:
    """One light and the receivers of a measurement."""

    tables: Tables
    tracer: Tracer
    world: int
    light_row: int
    position: wp.array
    normal: wp.array
    net: _Net

    def irradiance_w_m2(self, points: np.ndarray) -> np.ndarray:
        """Return the irradiance of the light at some points, rows of `position`."""
        through = self._through(points, np.zeros(len(points), int), self.net.first)
        wanted = _near_edges(through > 0, self.net.grid)
        refined = np.zeros_like(wanted)
        while self.net.rest.shape[1] and wanted.any():
            divided = self._refine(points, wanted, through)
            refined |= wanted
            # A bar thinner than a cell shows in few cells at first: it is followed from one to the next.
            wanted = _near(divided, self.net.grid) & ~refined
        return through.sum(axis=1) / through.shape[1]

    def _refine(self, points: np.ndarray, wanted: np.ndarray, through: np.ndarray) -> np.ndarray:
        """Replace what one point of each wanted cell stands for by the mean of all; return the cells with an edge."""
        divided = np.zeros_like(wanted)
        at, cell = np.nonzero(wanted)
        step = max(1, _RAYS_AT_ONCE // self.net.rest.shape[1])
        for start in range(0, len(at), step):
            one, many = at[start : start + step], cell[start : start + step]
            rest = self._through(points[one], many, self.net.rest)
            lit = (through[one, many] > 0) + np.count_nonzero(rest, axis=1)
            divided[one, many] = (lit > 0) & (lit <= rest.shape[1])
            through[one, many] = (through[one, many] + rest.sum(axis=1)) / (1 + rest.shape[1])
        return divided

    def _through(self, points: np.ndarray, cell: np.ndarray, members: wp.array) -> np.ndarray:
        """Return the irradiance that each sample would stand for alone, 0 where it is hidden, shape (pairs, members).

        Args:
            points: the receiver of each pair, a row of `position`.
            cell: the row of `members` of each pair.
            members: points of the net.
        """
        device, rays = self.tables.device, len(points) * members.shape[1]
        origin, toward = (wp.empty(rays, dtype=wp.vec3, device=device) for _ in range(2))
        reach, weight = (wp.empty(rays, dtype=wp.float32, device=device) for _ in range(2))
        clear = wp.empty(rays, dtype=wp.uint8, device=device)
        pairs = [wp.array(a.astype(np.int32), dtype=wp.int32, device=device) for a in (points, cell)]
        wp.launch(
            kernels.probe_rays,
            dim=rays,
            inputs=[
                *(self.tables.lights, self.light_row, self.position, self.normal),
                *(*pairs, members, self.net.scramble),
            ],
            outputs=[origin, toward, reach, weight],
            device=device,
        )
        self.tracer.any_hit(self.world, origin, toward, reach, clear)
        return (weight.numpy().astype(np.float64) * clear.numpy()).reshape(len(points), -1)


def _near_edges(lit: np.ndarray, grid: tuple[int, int]) -> np.ndarray:
    """Return the cells within `_NEAR_CELLS` of a cell that is lit otherwise, shape (points, cells), bool."""
    return (lit & _near(~lit, grid)) | (~lit & _near(lit, grid))


def _near(cells: np.ndarray, grid: tuple[int, int]) -> np.ndarray:
    """Return the cells within `_NEAR_CELLS` of one that is set, shape (points, cells), bool."""
    near = cells.copy()
    some = np.flatnonzero(cells.any(axis=1) & ~cells.all(axis=1))
    wide = cells[some].reshape(-1, *grid)
    for axis in (1, 2):
        narrow = wide.copy()
        for step in range(1, min(_NEAR_CELLS, grid[axis - 1] - 1) + 1):
            ahead, behind = [slice(None)] * 3, [slice(None)] * 3
            ahead[axis], behind[axis] = slice(step, None), slice(None, -step)
            wide[tuple(ahead)] |= narrow[tuple(behind)]
            wide[tuple(behind)] |= narrow[tuple(ahead)]
    near[some] = wide.reshape(len(some), cells.shape[1])
    return near
