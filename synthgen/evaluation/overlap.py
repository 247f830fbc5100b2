"""How much boxes and quads overlap: intersection over union of pairs, many at a time.

A polygon is a row of `v` points; one with fewer repeats its last point. Polygons are cut by each other edge after edge
(Sutherland and Hodgman, 1974, "Reentrant polygon clipping"), which is exact for convex ones.
"""

from __future__ import annotations

import numpy as np

_CHUNK = 50_000
"""Pairs that are cut at once, so that memory stays small."""


def boxes(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the IoU of pairs of boxes [x, y, width, height], shape (n,); 0 where both are empty."""
    wide, high = (
        np.minimum(a[:, k] + a[:, k + 2], b[:, k] + b[:, k + 2]) - np.maximum(a[:, k], b[:, k]) for k in (0, 1)
    )
    inter = np.where((wide > 0) & (high > 0), wide * high, 0.0)
    return _ratio(inter, a[:, 2] * a[:, 3], b[:, 2] * b[:, 3])


def polygons(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the IoU of pairs of convex polygons of either sense, shapes (n, v, 2) and (n, w, 2) to (n,)."""
    found = np.zeros(len(a))
    for start in range(0, len(a), _CHUNK):
        at = slice(start, start + _CHUNK)
        first, second = turned(a[at]), turned(b[at])
        found[at] = _ratio(area(cut(first, second)), area(first), area(second))
    return found


def bounds(polygon: np.ndarray) -> np.ndarray:
    """Return the boxes [x, y, width, height] around polygons, shape (n, v, 2) to (n, 4)."""
    low, high = polygon.min(axis=1), polygon.max(axis=1)
    return np.concatenate([low, high - low], axis=1)


def area(polygon: np.ndarray) -> np.ndarray:
    """Return the area of polygons that do not cross themselves, shape (..., v, 2) to (...)."""
    return np.abs(signed_area(polygon))


def signed_area(polygon: np.ndarray) -> np.ndarray:
    """Return the area of polygons, shape (..., v, 2) to (...); negative where x turns to y the other way."""
    near = polygon - polygon[..., :1, :]  # far from the origin the products would lose digits
    return _cross(near, np.roll(near, -1, axis=-2)).sum(axis=-1) / 2


def turned(polygon: np.ndarray) -> np.ndarray:
    """Return polygons that all turn the same way: positive area."""
    return np.where((signed_area(polygon) < 0)[:, None, None], polygon[:, ::-1], polygon)


def cut(polygon: np.ndarray, by: np.ndarray) -> np.ndarray:
    """Return what convex polygons have in common with others, both of positive sense; nothing is all zeros."""
    for edge in range(by.shape[1]):
        start, end = by[:, edge], by[:, (edge + 1) % by.shape[1]]
        polygon = _cut_by_line(polygon, start, end - start)
    return polygon


def convex(quads: np.ndarray) -> np.ndarray:
    """Return the convex hulls of four points each, shape (n, 4, 2); those that are convex quads stay as they are."""
    edges = np.roll(quads, -1, axis=1) - quads
    turns = _cross(edges, np.roll(edges, -1, axis=1))
    crossed = ~((turns >= 0).all(axis=1) | (turns <= 0).all(axis=1))
    hulls = quads.copy()
    for i in np.flatnonzero(crossed):
        hulls[i] = _hull(quads[i])
    return hulls


def within(polygon: np.ndarray, size_px: np.ndarray) -> np.ndarray:
    """Return polygons cut to their images, sizes (width, height) of shape (n, 2)."""
    outside = ((polygon < 0) | (polygon > size_px[:, None])).any(axis=(1, 2))
    if not outside.any():
        return polygon
    w, h = size_px[:, 0], size_px[:, 1]
    zero = np.zeros_like(w)
    frame = np.stack([np.stack(c, axis=1) for c in ((zero, zero), (w, zero), (w, h), (zero, h))], axis=1)
    clipped = cut(turned(polygon[outside]), frame[outside].astype(float))
    whole = padded(polygon, clipped.shape[1])
    whole[outside] = padded(clipped, whole.shape[1])
    return whole


def padded(polygon: np.ndarray, points: int) -> np.ndarray:
    """Return polygons of at least this many points, the last one repeated."""
    more = points - polygon.shape[1]
    return np.concatenate([polygon, np.repeat(polygon[:, -1:], max(more, 0), axis=1)], axis=1)


def _ratio(inter: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    union = a + b - inter
    return np.divide(inter, union, out=np.zeros_like(inter), where=union > 0)


def _cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]


def _cut_by_line(polygon: np.ndarray, start: np.ndarray, along: np.ndarray) -> np.ndarray:
    """Return the part of each polygon on the left of a line; a line without direction cuts nothing."""
    side = _cross(along[:, None], polygon - start[:, None])
    after, side_after = np.roll(polygon, -1, axis=1), np.roll(side, -1, axis=1)
    inside, crossing = side >= 0, (side >= 0) != (side_after >= 0)
    share = np.divide(side, side - side_after, out=np.zeros_like(side), where=crossing)
    between = polygon + share[..., None] * (after - polygon)
    n, v = side.shape
    points = np.stack([polygon, between], axis=2).reshape(n, 2 * v, 2)
    kept = np.stack([inside, crossing], axis=2).reshape(n, 2 * v)
    count = kept.sum(axis=1)
    order = np.argsort(~kept, axis=1, kind="stable")[:, : max(int(count.max(initial=0)), 1)]
    packed = np.take_along_axis(points, order[..., None], axis=1)
    last = np.take_along_axis(packed, np.maximum(count - 1, 0)[:, None, None], axis=1)
    packed = np.where((np.arange(order.shape[1]) < count[:, None])[..., None], packed, last)
    return np.where((count > 0)[:, None, None], packed, 0.0)


def _hull(points: np.ndarray) -> np.ndarray:
    """Return the hull of four points (Andrew's monotone chain), its last point repeated up to four."""
    ordered = sorted(map(tuple, points.tolist()))
    chain: list[tuple[float, float]] = []
    for way in (ordered, ordered[::-1]):
        part: list[tuple[float, float]] = []
        for p in way:
            while len(part) > 1 and _turn(part[-2], part[-1], p) <= 0:
                part.pop()
            part.append(p)
        chain += part[:-1]
    chain = chain or ordered[:1]
    return np.array([*chain, *[chain[-1]] * (4 - len(chain))])


def _turn(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
