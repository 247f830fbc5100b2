"""Tessellate USD's primitive shapes: Cube, Sphere, Cylinder, Cone, Capsule and Plane, with exact smooth normals.

Where a scale can express the size, a unit mesh is shared and the size goes into the transform.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from pxr import Usd

from synthgen.usd.read.meshes import finished, turned_inside_out
from synthgen.usd.read.stage_frame import Frame
from synthgen.world.scene_description import Mesh

SIDES = 64
_STACKS = 32

Shape = tuple[Mesh, np.ndarray]
"""A mesh and the 4x4 matrix that brings it into the prim's frame."""

# From a shape along Z to one along the named axis, by turning x, y, z round: no mirror.
_AXES = {
    "X": np.array([[0.0, 0, 1, 0], [1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1]]),
    "Y": np.array([[0.0, 1, 0, 0], [0, 0, 1, 0], [1, 0, 0, 0], [0, 0, 0, 1]]),
    "Z": np.eye(4),
}


def shape_of(prim: Usd.Prim, mirrored: bool, frame: Frame) -> Shape | None:
    """Return a primitive's mesh and size, or None with a remark when it has no size."""
    sizes, build = _SHAPES[str(prim.GetTypeName())]
    found = {name: frame.number(prim, name, fallback) for name, fallback in sizes.items()}
    if min(found.values()) < 0 or max(found.values()) == 0:
        text = ", ".join(f"{name} {value:g}" for name, value in found.items())
        frame.remarks.add(prim.GetPath(), f"has no size ({text}); not drawn")
        return None
    axis = str(frame.value(prim, "axis", "Z"))
    if "width" in found and axis in ("X", "Y"):  # a Plane's width lies along z and x then, its length along y and z
        found = {"width": found["length"], "length": found["width"]}
    mesh, matrix = build(found)
    return (_mirror(mesh) if mirrored else mesh), _AXES.get(axis, _AXES["Z"]) @ matrix


def _cube(sizes: dict[str, float]) -> Shape:
    return _unit_cube(), _scaled(sizes["size"], sizes["size"], sizes["size"])


def _sphere(sizes: dict[str, float]) -> Shape:
    return _unit_sphere(), _scaled(sizes["radius"], sizes["radius"], sizes["radius"])


def _cylinder(sizes: dict[str, float]) -> Shape:
    return _frustum(1.0, 1.0), _scaled(sizes["radius"], sizes["radius"], sizes["height"])


def _cone(sizes: dict[str, float]) -> Shape:
    return _frustum(1.0, 0.0), _scaled(sizes["radius"], sizes["radius"], sizes["height"])


def _frustum_of(sizes: dict[str, float]) -> Shape:
    bottom, top = sizes["radiusBottom"], sizes["radiusTop"]
    largest = max(bottom, top)
    if largest == 0:
        return _frustum(1.0, 1.0), _scaled(0.0, 0.0, sizes["height"])
    return _frustum(bottom / largest, top / largest), _scaled(largest, largest, sizes["height"])


def _capsule(sizes: dict[str, float]) -> Shape:
    return _round_ended(sizes["height"], sizes["radius"], sizes["radius"]), np.eye(4)


def _capsule_1(sizes: dict[str, float]) -> Shape:
    return _round_ended(sizes["height"], sizes["radiusBottom"], sizes["radiusTop"]), np.eye(4)


def _plane(sizes: dict[str, float]) -> Shape:
    return _unit_plane(), _scaled(sizes["width"], sizes["length"], 1.0)


_SHAPES: dict[str, tuple[dict[str, float], Callable[[dict[str, float]], Shape]]] = {
    "Cube": ({"size": 2.0}, _cube),
    "Sphere": ({"radius": 1.0}, _sphere),
    "Cylinder": ({"height": 2.0, "radius": 1.0}, _cylinder),
    "Cylinder_1": ({"height": 2.0, "radiusBottom": 1.0, "radiusTop": 1.0}, _frustum_of),
    "Cone": ({"height": 2.0, "radius": 1.0}, _cone),
    "Capsule": ({"height": 1.0, "radius": 0.5}, _capsule),
    "Capsule_1": ({"height": 1.0, "radiusBottom": 0.5, "radiusTop": 0.5}, _capsule_1),
    "Plane": ({"width": 2.0, "length": 2.0}, _plane),
}

NAMES = frozenset(_SHAPES)


def _scaled(x: float, y: float, z: float) -> np.ndarray:
    return np.diag([x, y, z, 1.0])


@lru_cache(maxsize=256)
def _mirror(mesh: Mesh) -> Mesh:
    return turned_inside_out(mesh)


@lru_cache(maxsize=1)
def _unit_cube() -> Mesh:
    """Return the cube of edge 1 about the origin; st covers each face once."""
    corner = np.array([(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)])
    faces = []
    for axis in range(3):
        for side in (0.5, -0.5):
            face = np.zeros((4, 3))
            face[:, axis] = side
            face[:, (axis + 1) % 3] = corner[:, 0] * math.copysign(1.0, side)
            face[:, (axis + 2) % 3] = corner[:, 1]
            faces.append(face)
    points = np.concatenate(faces)
    triangles = np.concatenate([np.array([(0, 1, 2), (0, 2, 3)]) + 4 * k for k in range(6)])
    normals = np.repeat([np.sign(face.mean(axis=0)) for face in faces], 2, axis=0)[:, None, :].repeat(3, axis=1)
    return finished(points, triangles, normals, np.tile(corner + 0.5, (6, 1))[triangles], np.zeros(12))


@lru_cache(maxsize=1)
def _unit_plane() -> Mesh:
    """Return the square of edge 1 in XY facing +Z."""
    points = np.array([(-0.5, -0.5, 0), (0.5, -0.5, 0), (0.5, 0.5, 0), (-0.5, 0.5, 0)])
    triangles = np.array([(0, 1, 2), (0, 2, 3)])
    normals = np.tile([0.0, 0.0, 1.0], (2, 3, 1))
    return finished(points, triangles, normals, points[triangles][..., :2] + 0.5, np.zeros(2))


@lru_cache(maxsize=1)
def _unit_sphere() -> Mesh:
    angle = np.linspace(-0.5 * np.pi, 0.5 * np.pi, _STACKS + 1)
    outline = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    outline[[0, -1], 0] = 0.0
    return _turned([(outline, outline)])


@lru_cache(maxsize=256)
def _frustum(bottom: float, top: float) -> Mesh:
    """Return the frustum of height 1 about the origin along Z, with flat ends."""
    side = np.array([(bottom, -0.5), (top, 0.5)])
    slope = np.tile([1.0, bottom - top], (2, 1))
    parts = [(side, slope)]
    if bottom > 0:
        parts.insert(0, (np.array([(0.0, -0.5), (bottom, -0.5)]), np.tile([0.0, -1.0], (2, 1))))
    if top > 0:
        parts.append((np.array([(top, 0.5), (0.0, 0.5)]), np.tile([0.0, 1.0], (2, 1))))
    return _turned(parts)


@lru_cache(maxsize=256)
def _round_ended(height: float, bottom: float, top: float) -> Mesh:
    """Return a capsule along Z: a part of `height` between two half spheres of their own radii."""
    down, up = np.linspace(-0.5 * np.pi, 0.0, _STACKS // 2 + 1), np.linspace(0.0, 0.5 * np.pi, _STACKS // 2 + 1)
    ends = []
    for angle, radius, z in ((down, bottom, -0.5 * height), (up, top, 0.5 * height)):
        turn = np.stack([np.cos(angle), np.sin(angle)], axis=1)
        turn[np.abs(turn) < 1e-12] = 0.0
        ends.append((turn * radius + (0.0, z), turn))
    side = np.array([ends[0][0][-1], ends[1][0][0]])
    parts = [ends[0], (side, np.tile([max(height, 1e-12), bottom - top], (2, 1))), ends[1]]
    return _turned(parts if height > 0 else [ends[0], ends[1]])


def _turned(parts: list[tuple[np.ndarray, np.ndarray]]) -> Mesh:
    """Return a surface of revolution about Z.

    Args:
        parts: outlines from bottom to top as (radius, z), shape (n, 2), with their outward normals in the same plane.
    """
    turn = np.linspace(0.0, 2.0 * np.pi, SIDES + 1)
    points, triangles, normals, uv, first = [], [], [], [], 0
    for outline, slope in parts:
        rows = len(outline)
        unit = slope / np.linalg.norm(slope, axis=1, keepdims=True)
        points.append(_spun(outline, turn))
        normals.append(_spun(unit, turn))
        along = np.linspace(0.0, 1.0, rows)
        uv.append(np.stack([np.tile(turn / turn[-1], rows), np.repeat(along, SIDES + 1)], axis=1))
        triangles.append(_strip(outline[:, 0]) + first)
        first += rows * (SIDES + 1)
    corners = np.concatenate(triangles)
    return finished(
        np.concatenate(points), corners, np.concatenate(normals)[corners], np.concatenate(uv)[corners],
        np.zeros(len(corners)),
    )  # fmt: skip


def _spun(outline: np.ndarray, turn: np.ndarray) -> np.ndarray:
    x = outline[:, :1] * np.cos(turn)
    y = outline[:, :1] * np.sin(turn)
    return np.stack([x, y, np.broadcast_to(outline[:, 1:], x.shape)], axis=2).reshape(-1, 3)


def _strip(radius: np.ndarray) -> np.ndarray:
    """Return the triangles between the rings of one outline, none where a ring is a point."""
    row, side = np.meshgrid(np.arange(len(radius) - 1), np.arange(SIDES), indexing="ij")
    a = row * (SIDES + 1) + side
    b, c, d = a + 1, a + SIDES + 2, a + SIDES + 1
    lower = np.stack([a, b, c], axis=-1)[radius[:-1] > 0]
    upper = np.stack([a, c, d], axis=-1)[radius[1:] > 0]
    return np.concatenate([lower.reshape(-1, 3), upper.reshape(-1, 3)])
