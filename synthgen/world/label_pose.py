"""The pose of a label on its item and in the world, and the points of a code there.

A sheet lies in its XY plane: +Z points out of the item, +Y is up as the label is read.
"""

from __future__ import annotations

import math

import numpy as np

from synthgen.world import item_faces
from synthgen.world.poses import add, moved, rotate
from synthgen.world.shot import Item, Label, Pose, Quat, Vec3

LIFT_M = 0.0003
"""Height of a label above its face, whose print and tape are 0.1 and 0.2 mm high."""
TOTE_FLOOR_M = 0.004
"""Height of a tote's floor above the foot that it stands on: a label on `bottom` lies on the floor."""
_AXES: tuple[Vec3, ...] = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


def on_item(item: Item, label: Label, lift_m: float = LIFT_M) -> tuple[Vec3, Quat]:
    """Return (position [m], quaternion wxyz) of a sheet in its item's frame, `lift_m` above the surface."""
    height_m = lift_m - (TOTE_FLOOR_M if item.kind == "tote" and label.face == "bottom" else 0.0)
    return item_faces.pose(label.face, item.size_m, label.center_m, label.angle_rad, height_m)


def in_world(item: Item, label: Label) -> Pose:
    """Return world_from_label of the surface that the label lies on."""
    position, turn = on_item(item, label, 0.0)
    placed = moved(item.pose, position)
    right, up, out = (rotate(item.pose.rotation_wxyz, rotate(turn, axis)) for axis in _AXES)
    return Pose(position_m=placed.position_m, rotation_wxyz=item_faces.rotation(right, up, out))


def points_world(item: Item, label: Label, points_m: np.ndarray) -> np.ndarray:
    """Return points of a label's sheet [m], shape (n, 2), as points of the world [m], shape (n, 3)."""
    position, rotation = on_item(item, label)
    on_body = (np.add(position, rotate(rotation, (float(x), float(y), 0.0))) for x, y in points_m)
    pose = item.pose
    return np.array([np.add(pose.position_m, rotate(pose.rotation_wxyz, tuple(map(float, p)))) for p in on_body])


def cosine(sheet: Pose, eye_m: Vec3) -> float:
    """Return the cosine between a sheet's normal and the way to an eye."""
    normal = rotate(sheet.rotation_wxyz, (0.0, 0.0, 1.0))
    way = add(eye_m, tuple(-v for v in sheet.position_m))  # pyright: ignore[reportArgumentType]
    return sum(n * w for n, w in zip(normal, way, strict=True)) / max(math.hypot(*way), 1e-9)
