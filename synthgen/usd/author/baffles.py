"""Baffles on a stage: bent sheet, matt inside, painted outside, its edges hemmed."""

from __future__ import annotations

import math

import numpy as np
from pxr import Usd

from synthgen.usd import schemas
from synthgen.usd.author import materials, shapes, specs
from synthgen.usd.author.specs import TYPES, Path
from synthgen.world.shot import Baffle

OUTSIDE = "ral7035"
_HEM_M = 0.008
_BEND_STEPS = 4


def author(stage: Usd.Stage, path: Path, baffle: Baffle) -> None:
    """Define a sheet in its XY plane whose inside faces +Z, with lips bent up along +Z at both long edges."""
    inner, outer = _profile(baffle)
    length_m = max(baffle.size_m)
    points, counts, indices, inside = _extrude(inner, outer, length_m)
    if baffle.size_m[0] < baffle.size_m[1]:  # the long edges run along Y
        points = np.column_stack([-points[:, 1], points[:, 0], points[:, 2]])
    shapes.mesh(
        stage, path, points, counts, indices, baffle.pose.position_m, baffle.pose.rotation_wxyz,
        material=materials.material(stage, OUTSIDE),
    )  # fmt: skip
    shapes.subset(stage, specs.as_path(path), "inside", inside, materials.material(stage, baffle.finish))
    spec = specs.define(stage, path, "")
    specs.apply(spec, schemas.BAFFLE)
    specs.attribute(spec, "synthgen:baffle:role", TYPES.Token, baffle.role, uniform=True)


def _profile(baffle: Baffle) -> tuple[np.ndarray, np.ndarray]:
    """Return the inner and outer line across the sheet [m], shape (n, 2) each: (across, +Z).

    The outer line lies one thickness outward of the inner one, two where the edge is folded over (the hem).
    """
    half, thick_m = min(baffle.size_m) / 2, baffle.thickness_m
    line, normal = _half_line(half, baffle.lip_m, thick_m)
    hem_m = min(_HEM_M, 0.3 * half)
    end, tangent = line[-1], (line[-1] - line[-2]) / np.linalg.norm(line[-1] - line[-2])
    line = np.vstack([line[:-1], end - hem_m * tangent, end - hem_m * tangent, end])
    normal = np.vstack([normal[:-1], normal[-1], normal[-1], normal[-1]])
    depth = np.array([thick_m] * (len(line) - 2) + [2 * thick_m] * 2)
    outer = line + depth[:, None] * normal
    mirror = np.array([-1.0, 1.0])
    return np.vstack([line[::-1] * mirror, line]), np.vstack([outer[::-1] * mirror, outer])


def _half_line(half_m: float, lip_m: float, thick_m: float) -> tuple[np.ndarray, np.ndarray]:
    """Return points from the middle to the edge, and their outward normals, shape (n, 2) each."""
    radius = min(2.0 * thick_m, 0.5 * half_m, lip_m)
    if lip_m <= 0 or radius <= 0:
        return np.array([(0.0, 0.0), (half_m, 0.0)]), np.array([(0.0, -1.0), (0.0, -1.0)])
    turn = np.linspace(0.0, math.pi / 2, _BEND_STEPS + 1)
    normal = np.column_stack([np.sin(turn), -np.cos(turn)])
    bend = np.array([half_m - radius, radius]) + radius * normal
    line = np.vstack([(0.0, 0.0), bend, (half_m, max(lip_m, radius + 1e-4))])
    return line, np.vstack([normal[0], normal, normal[-1]])


def _extrude(
    inner: np.ndarray, outer: np.ndarray, length_m: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[int]]:
    """Return (points, counts, indices, inside faces) of the closed sheet along X; faces look outward."""
    n = len(inner)
    ends = [np.column_stack([np.full(n, x), line]) for line in (inner, outer) for x in (-length_m / 2, length_m / 2)]
    points = np.concatenate(ends)
    i = np.arange(n - 1)
    a, b, c, d = i, i + n, i + 2 * n, i + 3 * n  # inner at -x, inner at +x, outer at -x, outer at +x
    quads = [
        np.column_stack([a, b, b + 1, a + 1]),  # inside
        np.column_stack([c, c + 1, d + 1, d]),  # outside
        np.column_stack([a, a + 1, c + 1, c]),  # end at -x
        np.column_stack([b, d, d + 1, b + 1]),  # end at +x
        np.array([(0, 2 * n, 3 * n, n), (n - 1, 2 * n - 1, 4 * n - 1, 3 * n - 1)]),  # both long edges
    ]
    faces = np.concatenate(quads)
    return points, np.full(len(faces), 4), faces.ravel(), list(range(n - 1))
