"""Where labels lie in the world and what stands between them and an eye."""

from __future__ import annotations

import math

from synthgen.world import item_faces
from synthgen.world.poses import add, moved, rotate
from synthgen.world.shot import Item, Label, Pose, Vec3


def sheet(item: Item, label: Label) -> Pose:
    """Return world_from_label: its +Z looks out of the item, its +Y is up as the label is read."""
    position, turn = item_faces.pose(label.face, item.size_m, label.center_m, label.angle_rad)
    placed = moved(item.pose, position)
    right, up, out = (rotate(item.pose.rotation_wxyz, rotate(turn, axis)) for axis in _AXES)
    return Pose(position_m=placed.position_m, rotation_wxyz=item_faces.rotation(right, up, out))


def cosine(place: Pose, eye_m: Vec3) -> float:
    """Return the cosine between a sheet's normal and the way to the eye."""
    normal = rotate(place.rotation_wxyz, (0.0, 0.0, 1.0))
    way = add(eye_m, tuple(-v for v in place.position_m))  # pyright: ignore[reportArgumentType]
    return sum(n * w for n, w in zip(normal, way, strict=True)) / max(math.hypot(*way), 1e-9)


def hides(item: Item, point_m: Vec3, eye_m: Vec3) -> bool:
    """Return whether an item's box lies on the way from a point to the eye (slabs, Kay and Kajiya 1986)."""
    if min(item.size_m) <= 0:
        return False
    w, x, y, z = item.pose.rotation_wxyz
    near, far = 0.0, 1.0
    start, end = (
        rotate((w, -x, -y, -z), tuple(p - o for p, o in zip(at, item.pose.position_m, strict=True)))  # pyright: ignore[reportArgumentType]
        for at in (point_m, eye_m)
    )
    for a, b, low, size in zip(start, end, (-0.5, -0.5, 0.0), item.size_m, strict=True):
        low, high, step = low * size, (low + 1.0) * size, b - a
        if abs(step) < 1e-12:
            if not low < a < high:
                return False
            continue
        first, last = sorted(((low - a) / step, (high - a) / step))
        near, far = max(near, first), min(far, last)
    return far - near > 1e-6


_AXES: tuple[Vec3, ...] = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
