"""Poses of things: look-at, turns about their own axes, and footprints that must not overlap.

Plain floats are used, as each pose is a handful of numbers; matrices are 3x3 with the thing's axes as columns.
"""

from __future__ import annotations

import math
from dataclasses import replace

from synthgen.world.item_faces import rotation
from synthgen.world.shot import Item, Pose, Quat, Vec3

Vec2 = tuple[float, float]
_PARALLEL = 1e-9


def look_at(position_m: Vec3, target_m: Vec3, up: Vec3 = (0.0, 0.0, 1.0)) -> Pose:
    """Return the pose of a camera or lamp at `position_m` whose -Z meets `target_m`, +Y as near to `up` as can be.

    Raises:
        ValueError: position and target are the same point.
    """
    back = tuple(p - t for p, t in zip(position_m, target_m, strict=True))
    if math.hypot(*back) < _PARALLEL:
        raise ValueError(f"position and target are both {position_m}")
    right = cross(up, back)
    if math.hypot(*right) < _PARALLEL * math.hypot(*back):
        right = cross((1.0, 0.0, 0.0) if abs(up[0]) < abs(up[1]) + abs(up[2]) else (0.0, 1.0, 0.0), back)
    return _framed(position_m, unit(right), unit(cross(back, right)))


def facing(position_m: Vec3, normal: Vec3, along: Vec3) -> Pose:
    """Return the pose of a sheet: its +Z is `normal`, its +X is `along` made perpendicular to it."""
    up = cross(normal, along)
    return _framed(position_m, unit(cross(up, normal)), unit(up))


def standing(position_m: Vec3, yaw_rad: float = 0.0) -> Pose:
    """Return the pose of an upright thing turned by `yaw_rad` about the vertical."""
    return Pose(position_m=position_m, rotation_wxyz=(math.cos(yaw_rad / 2), 0.0, 0.0, math.sin(yaw_rad / 2)))


def turned(pose: Pose, axis: Vec3, angle_rad: float) -> Pose:
    """Return `pose` turned by `angle_rad` about its own unit `axis`."""
    half = math.sin(angle_rad / 2)
    turn = (math.cos(angle_rad / 2), axis[0] * half, axis[1] * half, axis[2] * half)
    return replace(pose, rotation_wxyz=product(pose.rotation_wxyz, turn))


def moved(pose: Pose, offset_m: Vec3) -> Pose:
    """Return `pose` shifted by `offset_m` in its own frame."""
    shift = rotate(pose.rotation_wxyz, offset_m)
    return replace(pose, position_m=add(pose.position_m, shift))


def _framed(position_m: Vec3, x: Vec3, y: Vec3) -> Pose:
    return Pose(position_m=position_m, rotation_wxyz=rotation(x, y, cross(x, y)))


def product(a: Quat, b: Quat) -> Quat:
    """Return the Hamilton product a b: turn by b in the frame that a makes."""
    return (
        a[0] * b[0] - a[1] * b[1] - a[2] * b[2] - a[3] * b[3],
        a[0] * b[1] + a[1] * b[0] + a[2] * b[3] - a[3] * b[2],
        a[0] * b[2] - a[1] * b[3] + a[2] * b[0] + a[3] * b[1],
        a[0] * b[3] + a[1] * b[2] - a[2] * b[1] + a[3] * b[0],
    )


def rotate(q: Quat, v: Vec3) -> Vec3:
    """Return `v` turned by the unit quaternion `q`."""
    axis = (q[1], q[2], q[3])
    t = cross(axis, v)
    t = (2 * t[0], 2 * t[1], 2 * t[2])
    u = cross(axis, t)
    return (v[0] + q[0] * t[0] + u[0], v[1] + q[0] * t[1] + u[1], v[2] + q[0] * t[2] + u[2])


def cross(a: Vec3, b: Vec3) -> Vec3:
    """Return the cross product."""
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])


def add(a: Vec3, b: Vec3) -> Vec3:
    """Return the sum."""
    return (a[0] + b[0], a[1] + b[1], a[2] + b[2])


def unit(v: Vec3) -> Vec3:
    """Return `v` at length 1."""
    size = math.hypot(*v)
    return (v[0] / size, v[1] / size, v[2] / size)


def box_corners(item: Item) -> tuple[Vec3, ...]:
    """Return the eight corners [m] of an item's box in the world, those of its base first."""
    length, width, height = item.size_m
    signs = ((-1, -1), (1, -1), (1, 1), (-1, 1))
    return tuple(
        moved(item.pose, (x * length / 2, y * width / 2, z)).position_m for z in (0.0, height) for x, y in signs
    )


def footprint(item: Item) -> tuple[Vec2, ...]:
    """Return the corners [m] of the area that an item covers on the floor, counter-clockwise from above.

    The four of its base where it stands upright, otherwise those of the convex outline of its box.
    """
    if item.pose.rotation_wxyz[1] or item.pose.rotation_wxyz[2]:
        return _outline([(x, y) for x, y, _ in box_corners(item)])
    length, width, _ = item.size_m
    corners = ((-length, -width), (length, -width), (length, width), (-length, width))
    placed = (moved(item.pose, (x / 2, y / 2, 0.0)).position_m for x, y in corners)
    return tuple((x, y) for x, y, _ in placed)


def _outline(points: list[Vec2]) -> tuple[Vec2, ...]:
    """Return the convex hull of points, counter-clockwise (Andrew's monotone chain)."""
    halves: list[list[Vec2]] = []
    for ordered in (sorted(set(points)), sorted(set(points), reverse=True)):
        half: list[Vec2] = []
        for point in ordered:
            while len(half) > 1 and _turn(half[-2], half[-1], point) <= 1e-12:
                half.pop()
            half.append(point)
        halves.append(half[:-1])
    return tuple(halves[0] + halves[1])


def _turn(a: Vec2, b: Vec2, c: Vec2) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def apart(a: tuple[Vec2, ...], b: tuple[Vec2, ...], gap_m: float = 0.0) -> bool:
    """Return whether two convex polygons keep `gap_m` along one of their edge normals (separating axis theorem)."""
    for polygon in (a, b):
        for (x0, y0), (x1, y1) in zip(polygon, polygon[1:] + polygon[:1], strict=True):
            size = math.hypot(x1 - x0, y1 - y0)
            normal = ((y1 - y0) / size, (x0 - x1) / size)
            spans = [[normal[0] * x + normal[1] * y for x, y in points] for points in (a, b)]
            if max(spans[0]) + gap_m <= min(spans[1]) or max(spans[1]) + gap_m <= min(spans[0]):
                return True
    return False
