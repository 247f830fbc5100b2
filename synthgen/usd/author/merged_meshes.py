"""Many boxes, a bent strip or a grid surface as one mesh: arrays for `shapes.mesh`, no stage involved.

A rack frame of thirty members is one mesh and one prim; each member keeps its own offset into the texture, so that no
two boards show the same knot.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.random import Generator, Philox

from synthgen.world import item_faces
from synthgen.world.poses import rotate
from synthgen.world.shot import Quat, Vec3


class Block(NamedTuple):
    """A box around `center_m`, turned by a unit quaternion (w, x, y, z)."""

    size_m: Vec3
    center_m: Vec3
    rotation_wxyz: Quat = (1.0, 0.0, 0.0, 0.0)


class Arrays(NamedTuple):
    """Points (n, 3) [m], corners per face, point indices and texture coordinates per point (n, 2)."""

    points: np.ndarray
    counts: np.ndarray
    indices: np.ndarray
    uv: np.ndarray


def blocks(parts: Sequence[Block], tile_m: tuple[float, float], seed: int | None = 0, grain: bool = True) -> Arrays:
    """Return the boxes as one mesh; st is metres over `tile_m`, u along each face's longer edge when `grain`.

    With a seed each box starts at its own place of the texture; None aligns all with the box's lower left corner.
    """
    rng = Generator(Philox(key=seed or 0))
    points, uv = [], []
    for part in parts:
        offset = rng.random(2) if seed is not None else np.zeros(2)
        corners, st = _block(part, tile_m, grain)
        points.append(corners)
        uv.append(st + offset)
    count = 6 * len(parts)
    return Arrays(np.concatenate(points), np.full(count, 4), np.arange(4 * count), np.concatenate(uv))


def _block(part: Block, tile_m: tuple[float, float], grain: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return the 24 points and texture coordinates of one box."""
    unit, st = _UNIT
    points = unit * part.size_m
    if part.rotation_wxyz != (1.0, 0.0, 0.0, 0.0):
        points = np.array([rotate(part.rotation_wxyz, tuple(p)) for p in points])
    uv = st * np.repeat([item_faces.size(face, part.size_m) for face in item_faces.FACES], 4, axis=0)
    if grain:
        sizes = np.repeat([item_faces.size(face, part.size_m) for face in item_faces.FACES], 4, axis=0)
        uv = np.where((sizes[:, :1] >= sizes[:, 1:]), uv, uv[:, ::-1])
    return points + part.center_m, uv / tile_m


def _unit_box() -> tuple[np.ndarray, np.ndarray]:
    points, st = [], []
    for face in item_faces.FACES:
        center, right, up, _ = (np.array(v) for v in item_faces.frame(face, (1.0, 1.0, 1.0)))
        for u, v in ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)):
            points.append(center - (0.0, 0.0, 0.5) + (u - 0.5) * right + (v - 0.5) * up)
            st.append((u, v))
    return np.array(points), np.array(st)


_UNIT = _unit_box()


def strip(left: np.ndarray, right: np.ndarray) -> Arrays:
    """Return the band between two lines of points, each (n, 3) [m]; u runs along it, v from right (0) to left (1)."""
    n = len(left)
    along = np.linspace(0.0, 1.0, n)
    uv = np.concatenate([np.column_stack([along, np.zeros(n)]), np.column_stack([along, np.ones(n)])])
    i = np.arange(n - 1)
    quads = np.column_stack([i, i + 1, i + 1 + n, i + n])
    return Arrays(np.concatenate([right, left]), np.full(n - 1, 4), quads.ravel(), uv)


def surface(height: np.ndarray) -> Arrays:
    """Return a height field over the unit square around the origin, shape (rows, columns); st runs from 0 to 1."""
    rows, columns = height.shape
    u, v = np.meshgrid(np.linspace(0, 1, columns), np.linspace(0, 1, rows))
    points = np.column_stack([u.ravel() - 0.5, v.ravel() - 0.5, height.ravel()])
    i = (np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)).ravel()
    quads = np.column_stack([i, i + 1, i + 1 + columns, i + columns])
    return Arrays(points, np.full(len(i), 4), quads.ravel(), np.column_stack([u.ravel(), v.ravel()]))


def smooth_normals(height: np.ndarray) -> np.ndarray:
    """Return unit normals of `surface(height)` per point, shape (rows columns, 3)."""
    dv, du = np.gradient(height, 1 / (height.shape[0] - 1), 1 / (height.shape[1] - 1))
    normals = np.dstack([-du, -dv, np.ones_like(height)]).reshape(-1, 3)
    return normals / np.linalg.norm(normals, axis=1, keepdims=True)
