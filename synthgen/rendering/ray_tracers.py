"""Ray tracers behind one interface: Warp's BVH on any device, Embree on the CPU where it is installed.

Shading hands over arrays of rays and gets arrays of hits, whichever tracer found them. Rays of one call belong to one
world; a ray of direction 0 hits nothing. On the CPU calls come from several threads at once, each with its own rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Protocol

import numpy as np
import warp as wp

from synthgen.kernels import intersect
from synthgen.rendering.device_tables import Tables


@dataclass(frozen=True, eq=False)
class Hits:
    """What rays hit: t [lengths of the direction], instance (-1: nothing), triangle, weights of its first corners."""

    t: wp.array
    instance: wp.array
    triangle: wp.array
    uv: wp.array

    @staticmethod
    def empty(count: int, device: str) -> Hits:
        """Return room for `count` hits."""
        return Hits(
            t=wp.empty(count, dtype=wp.float32, device=device),
            instance=wp.empty(count, dtype=wp.int32, device=device),
            triangle=wp.empty(count, dtype=wp.int32, device=device),
            uv=wp.empty(count, dtype=wp.vec2, device=device),
        )


class Tracer(Protocol):
    """Finds what rays hit in the worlds of some tables."""

    def closest_hit(self, world: int, origin: wp.array, toward: wp.array, first: int, count: int, hits: Hits) -> None:
        """Write the hits of rays `first` to `first + count`."""
        ...

    def any_hit(self, world: int, origin: wp.array, toward: wp.array, reach: wp.array, clear: wp.array) -> None:
        """Write 1 to `clear` where nothing stands between 0 and `reach` [lengths of the direction], or `reach` is 0."""
        ...


def of(tables: Tables, name: str = "auto") -> Tracer:
    """Return the tracer `warp`, `embree`, or the faster one that is there (`auto`)."""
    embree = name == "embree" or (name == "auto" and tables.device == "cpu" and find_spec("embreex") is not None)
    return EmbreeTracer(tables) if embree else WarpTracer(tables)


@dataclass(frozen=True, eq=False)
class WarpTracer:
    """Warp's own two-level BVH."""

    tables: Tables

    def closest_hit(self, world: int, origin: wp.array, toward: wp.array, first: int, count: int, hits: Hits) -> None:
        """Launch `trace.closest_hit`."""
        t = self.tables
        if self._empty(world):
            rows = slice(first, first + count)
            hits.t[rows].fill_(np.inf)
            hits.instance[rows].fill_(-1)
            hits.triangle[rows].fill_(-1)
            hits.uv[rows].zero_()
            return
        wp.launch(
            intersect.closest_hit,
            dim=count,
            inputs=[t.tlas.id, world, t.meshes, t.instances, origin, toward, first],
            outputs=[hits.t, hits.instance, hits.triangle, hits.uv],
            device=t.device,
        )

    def any_hit(self, world: int, origin: wp.array, toward: wp.array, reach: wp.array, clear: wp.array) -> None:
        """Launch `trace.any_hit`."""
        t = self.tables
        if self._empty(world):
            clear.fill_(1)
            return
        wp.launch(
            intersect.any_hit,
            dim=reach.shape[0],
            inputs=[t.tlas.id, world, t.meshes, t.instances, origin, toward, reach],
            outputs=[clear],
            device=t.device,
        )

    def _empty(self, world: int) -> bool:
        """Return whether a world has nothing to hit: it has no group then, and Warp would answer for all worlds."""
        return not self.tables.instances_host or not (self.tables.instance_world == world).any()


class EmbreeTracer:
    """Embree over the flattened triangles of each world (CPU, the `fast` extra)."""

    def __init__(self, tables: Tables) -> None:
        self._scenes = [_Flat.of(tables, world) for world in range(len(tables.worlds))]

    def closest_hit(self, world: int, origin: wp.array, toward: wp.array, first: int, count: int, hits: Hits) -> None:
        """Ask Embree."""
        flat = self._scenes[world]
        rows = slice(first, first + count)
        t, instance, triangle, uv = (a.numpy()[rows] for a in (hits.t, hits.instance, hits.triangle, hits.uv))
        t[:], instance[:], triangle[:], uv[:] = np.inf, -1, -1, 0.0
        if flat.scene is None:
            return
        directions = toward.numpy()[rows]
        found = flat.scene.run(origin.numpy()[rows], directions, output=1)
        hit = np.flatnonzero((found["primID"] >= 0) & directions.any(axis=1))
        prim = found["primID"][hit]
        t[hit] = found["tfar"][hit]
        instance[hit] = flat.instance[prim]
        triangle[hit] = flat.triangle[prim]
        u, v = found["u"][hit], found["v"][hit]
        uv[hit] = np.stack([1.0 - u - v, u], axis=1)

    def any_hit(self, world: int, origin: wp.array, toward: wp.array, reach: wp.array, clear: wp.array) -> None:
        """Ask Embree about the rays that reach anywhere."""
        flat = self._scenes[world]
        free, far = clear.numpy(), reach.numpy()
        free[:] = 1
        asked = np.flatnonzero(far > 0)
        if flat.scene is None or not asked.size:
            return
        answers = flat.scene.run(origin.numpy()[asked], toward.numpy()[asked], far[asked], query="OCCLUDED")
        free[asked] = answers < 0


@dataclass(frozen=True, eq=False)
class _Flat:
    """One world's triangles in the world frame, and which instance and triangle each is."""

    scene: Any
    instance: np.ndarray
    triangle: np.ndarray

    @staticmethod
    def of(tables: Tables, world: int) -> _Flat:
        from embreex.mesh_construction import TriangleMesh
        from embreex.rtcore_scene import EmbreeScene

        rows = np.flatnonzero(tables.instance_world == world) if tables.instances_host else []
        points, corners, instance, triangle, start = [], [], [], [], 0
        for row in rows:
            host = tables.instances_host[row]
            matrix = host.world_from_mesh
            points.append((host.mesh.points_m @ matrix[:3, :3].T + matrix[:3, 3]).astype(np.float32))
            corners.append(host.mesh.triangles + start)
            start += len(host.mesh.points_m)
            instance.append(np.full(len(host.mesh.triangles), row, np.int32))
            triangle.append(np.arange(len(host.mesh.triangles), dtype=np.int32))
        if not points:
            return _Flat(None, np.zeros(0, np.int32), np.zeros(0, np.int32))
        scene = EmbreeScene()
        TriangleMesh(scene, np.concatenate(points), np.concatenate(corners).astype(np.int32))
        return _Flat(scene, np.concatenate(instance), np.concatenate(triangle))
