"""Occlusion by the bounding boxes of items, whatever their shapes.

References:
    T. L. Kay, J. T. Kajiya: Ray tracing complex scenes. SIGGRAPH 1986 (slabs).
"""

from __future__ import annotations

import numpy as np

from synthgen.world.poses import rotate
from synthgen.world.shot import Item, Vec3


def hides(item: Item, point_m: Vec3, eye_m: Vec3) -> bool:
    """Return whether an item's box lies between a point and an eye."""
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


def hidden(item: Item, points_m: np.ndarray, eye_m: Vec3) -> np.ndarray:
    """Return `hides` for each of many points [m], shape (n, 3), as bool of shape (n,)."""
    if min(item.size_m) <= 0:
        return np.zeros(len(points_m), bool)
    w, x, y, z = item.pose.rotation_wxyz
    rows = np.array([rotate((w, -x, -y, -z), axis) for axis in ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))])
    start = (points_m - item.pose.position_m) @ rows
    step = (np.asarray(eye_m) - item.pose.position_m) @ rows - start
    step = np.where(np.abs(step) < 1e-12, 1e-12, step)
    low = np.array([-0.5, -0.5, 0.0]) * item.size_m
    ends = np.sort([(low - start) / step, (low + item.size_m - start) / step], axis=0)
    near, far = np.maximum(ends[0].max(axis=1), 0.0), np.minimum(ends[1].min(axis=1), 1.0)
    return far - near > 1e-6
