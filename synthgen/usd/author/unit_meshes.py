"""Arrays of the meshes that many prims share: box, sheet and cylinder, as USD wants them."""

from __future__ import annotations

import functools
import math
from typing import NamedTuple

import numpy as np
from pxr import Vt

from synthgen.world import item_faces
from synthgen.world.shot import Vec3


class MeshArrays(NamedTuple):
    """A polygon mesh; normals and uv are per point or per face corner, by their length."""

    points: Vt.Vec3fArray
    counts: Vt.IntArray
    indices: Vt.IntArray
    normals: Vt.Vec3fArray
    uv: Vt.Vec2fArray
    extent: Vt.Vec3fArray

    def interpolation(self, name: str) -> str:
        """Return how `normals` or `uv` lie on the mesh.

        Raises:
            ValueError: their length is neither that of the points nor that of the face corners.
        """
        count = len(getattr(self, name))
        if count == len(self.points):
            return "vertex"
        if count == len(self.indices):
            return "faceVarying"
        raise ValueError(f"{count} {name} for {len(self.points)} points and {len(self.indices)} face corners")


def arrays(
    points: np.ndarray, counts: np.ndarray, indices: np.ndarray, normals: np.ndarray, uv: np.ndarray
) -> MeshArrays:
    """Return NumPy arrays as USD's; float32 and int32."""
    points = np.ascontiguousarray(points, np.float32)
    extent = np.array([points.min(axis=0), points.max(axis=0)])
    return MeshArrays(
        Vt.Vec3fArray.FromNumpy(points),
        Vt.IntArray.FromNumpy(np.ascontiguousarray(counts, np.int32)),
        Vt.IntArray.FromNumpy(np.ascontiguousarray(indices, np.int32)),
        Vt.Vec3fArray.FromNumpy(np.ascontiguousarray(normals, np.float32)),
        Vt.Vec2fArray.FromNumpy(np.ascontiguousarray(uv, np.float32)),
        Vt.Vec3fArray.FromNumpy(extent),
    )


def flat_normals(points: np.ndarray, counts: np.ndarray, indices: np.ndarray) -> np.ndarray:
    """Return one unit normal per face corner, shape (corners, 3), by Newell's method."""
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(int)
    corner = np.asarray(points, np.float64)[indices]
    following = np.arange(1, len(indices) + 1)
    following[starts + counts - 1] = starts
    after = corner[following]
    cross = np.column_stack(
        [
            corner[:, 1] * after[:, 2] - corner[:, 2] * after[:, 1],
            corner[:, 2] * after[:, 0] - corner[:, 0] * after[:, 2],
            corner[:, 0] * after[:, 1] - corner[:, 1] * after[:, 0],
        ]
    )
    areas = np.add.reduceat(cross, starts, axis=0)
    length = np.sqrt((areas * areas).sum(axis=1, keepdims=True))
    return np.repeat(areas / np.where(length > 0, length, 1.0), counts, axis=0).astype(np.float32)


@functools.lru_cache(maxsize=256)
def box(size_m: Vec3) -> MeshArrays:
    """Return a box around the origin: four points a face, in the order of `item_faces.FACES`, st per face."""
    points, normals, uv = [], [], []
    for face in item_faces.FACES:
        center, right, up, outward = (np.array(v) for v in item_faces.frame(face, size_m))
        center[2] -= 0.5 * size_m[2]
        width, height = item_faces.size(face, size_m)
        for u, v in ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)):
            points.append(center + u * width * right + v * height * up)
            normals.append(outward)
            uv.append(((u + 0.5) * width, (v + 0.5) * height))
    return arrays(np.array(points), np.full(6, 4), np.arange(24), np.array(normals), np.array(uv))


@functools.lru_cache(maxsize=256)
def quad(size_m: tuple[float, float]) -> MeshArrays:
    """Return a sheet around the origin in the XY plane, facing +Z."""
    uv = np.array([(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]) * size_m
    points = np.column_stack([uv - 0.5 * np.array(size_m), np.zeros(4)])
    return arrays(points, np.array([4]), np.arange(4), np.tile((0.0, 0.0, 1.0), (4, 1)), uv)


@functools.lru_cache(maxsize=32)
def cylinder(axis: str, segments: int) -> MeshArrays:
    """Return a cylinder of diameter 1 and length 1: a smooth side whose seam is doubled, then two caps."""
    turn = np.linspace(0.0, 2.0 * math.pi, segments + 1)
    ring = np.column_stack([np.cos(turn), np.sin(turn)])
    side = [np.column_stack([np.full(segments + 1, x), 0.5 * ring]) for x in (-0.5, 0.5)]
    caps = [np.column_stack([np.full(segments, x), 0.5 * ring[:-1]]) for x in (-0.5, 0.5)]
    radial = np.column_stack([np.zeros(segments + 1), ring])
    flat = [np.tile((x, 0.0, 0.0), (segments, 1)) for x in (-1.0, 1.0)]
    around = np.linspace(0.0, 1.0, segments + 1)
    uv = [np.column_stack([around, np.full(segments + 1, v)]) for v in (0.0, 1.0)]
    uv += [ring[:-1] * 0.5 + 0.5] * 2
    i, n = np.arange(segments), segments + 1
    quads = np.column_stack([i, i + 1, i + 1 + n, i + n]).ravel()
    indices = np.concatenate([quads, (2 * n + i)[::-1], 2 * n + segments + i])
    counts = np.concatenate([np.full(segments, 4), [segments, segments]])
    points, normals = np.concatenate(side + caps), np.concatenate([radial, radial, *flat])
    shift = {"X": 0, "Y": 1, "Z": 2}[axis]
    return arrays(np.roll(points, shift, 1), counts, indices, np.roll(normals, shift, 1), np.concatenate(uv))
