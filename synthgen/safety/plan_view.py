"""The room as seen from above: footprints of baffles and structure for the plan views of a report."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthgen.world.scene_description import Description, Instance
from synthgen.world.shot import Vec3

_AROUND_M = 2.5  # drawn this far about the zones
_SMALLEST_M2 = 2e-4
_HALL_M = 8.0  # longer footprints are floors and walls: they say nothing in a plan and hide the rest
_MOST = 400
_EYES_M = 2.4  # structure that hangs above everybody's head is left out


@dataclass(frozen=True, kw_only=True)
class Outline:
    """Something that stands in the room, seen from above."""

    name: str
    kind: str
    """baffle or structure."""
    low_z_m: float
    high_z_m: float
    corners_m: tuple[tuple[float, float], ...]
    """Convex footprint, x and y, counter-clockwise."""


def outlines(description: Description, boxes_m: tuple[tuple[Vec3, Vec3], ...]) -> tuple[Outline, ...]:
    """Return the footprints of what stands about the zones' boxes [m], lowest first, the largest where there are many.

    Baffles are the prims below /World/Baffles; everything else that rises from 0.1 m is structure.
    """
    low = np.min([box[0] for box in boxes_m], axis=0)[:2] - _AROUND_M if boxes_m else np.full(2, -np.inf)
    high = np.max([box[1] for box in boxes_m], axis=0)[:2] + _AROUND_M if boxes_m else np.full(2, np.inf)
    found: list[tuple[float, Outline]] = []
    for instance in description.instances:
        outline = _outline(instance)
        if outline is None:
            continue
        corners = np.array(outline.corners_m)
        if (corners.max(axis=0) < low).any() or (corners.min(axis=0) > high).any():
            continue
        first = 1e9 if outline.kind == "baffle" else 0.0
        found.append((first + _area_m2(corners), outline))
    largest = sorted(found, key=lambda each: (-each[0], each[1].name))[:_MOST]
    return tuple(sorted((each[1] for each in largest), key=lambda each: (each.kind != "structure", each.high_z_m)))


def _outline(instance: Instance) -> Outline | None:
    kind = "baffle" if "/Baffles/" in instance.path else "structure"
    points_m = instance.mesh.points_m.astype(np.float64) @ instance.world_from_mesh[:3, :3].T
    points_m = points_m + instance.world_from_mesh[:3, 3]
    if len(points_m) == 0:
        return None
    low, high = points_m.min(axis=0), points_m.max(axis=0)
    if kind == "structure" and (high[2] < 0.1 or low[2] > _EYES_M or (high - low)[:2].max() > _HALL_M):
        return None
    corners = _hull(np.round(points_m[:, :2], 3))
    if kind == "structure" and _area_m2(corners) < _SMALLEST_M2:
        return None
    return Outline(
        name=instance.path.rsplit("/", 1)[-1] if kind == "structure" else instance.path.split("/Baffles/")[1],
        kind=kind,
        low_z_m=round(float(low[2]), 3),
        high_z_m=round(float(high[2]), 3),
        corners_m=tuple((float(x), float(y)) for x, y in corners),
    )


def _hull(points: np.ndarray) -> np.ndarray:
    """Return the convex hull counter-clockwise, shape (corners, 2) (Andrew's monotone chain)."""
    ordered = sorted({(float(x), float(y)) for x, y in points})
    if len(ordered) < 3:
        return np.array(ordered)
    halves = []
    for way in (ordered, ordered[::-1]):
        chain: list[tuple[float, float]] = []
        for point in way:
            while len(chain) > 1 and _turn(chain[-2], chain[-1], point) <= 0.0:
                chain.pop()
            chain.append(point)
        halves += chain[:-1]
    return np.array(halves)


def _turn(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _area_m2(corners: np.ndarray) -> float:
    x, y = corners[:, 0], corners[:, 1]
    return float(0.5 * abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))))
