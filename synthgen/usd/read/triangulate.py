"""Split polygons into triangles: fans where a face is convex, ear clipping where it is not.

A mesh's *corners* are its face-vertices in order: entry i of `faceVertexIndices`. Results index corners, so that
values of every interpolation can follow.
"""

from __future__ import annotations

import numpy as np

MAX_CLIPPED_FACES = 20_000
MAX_CLIPPED_CORNERS = 2_000


def triangulate(counts: np.ndarray, indices: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """Return the triangles of polygons.

    Args:
        counts: Corners of each face, all at least 3, shape (faces,).
        indices: Point of each corner, all valid, shape (corners,).
        points: Shape (points, 3).

    Returns:
        Corners of each triangle, shape (triangles, 3), int64; face of each triangle, shape (triangles,), int64; number
        of concave faces that were too many or too large to clip and are fans.
    """
    starts = np.cumsum(counts) - counts
    corners, faces = _fans(counts, starts)
    concave = _concave(counts, starts, indices, points)
    clipped = concave[counts[concave] <= MAX_CLIPPED_CORNERS][:MAX_CLIPPED_FACES]
    first = np.cumsum(counts - 2) - (counts - 2)
    for face in clipped.tolist():
        corner = np.arange(starts[face], starts[face] + counts[face])
        ears = _clip(points[indices[corner]].astype(np.float64))
        corners[first[face] : first[face] + counts[face] - 2] = corner[ears]
    return corners, faces, int(concave.size - clipped.size)


def newell(counts: np.ndarray, starts: np.ndarray, indices: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return the area vector of each face (twice the area along its normal), shape (faces, 3), float64."""
    if not counts.size:
        return np.zeros((0, 3))
    here = points[indices].astype(np.float64) - np.repeat(points[indices[starts]].astype(np.float64), counts, axis=0)
    return np.add.reduceat(np.cross(here, here[next_corner(counts, starts)]), starts, axis=0)


def next_corner(counts: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Return the corner that follows each corner around its face, shape (corners,)."""
    following = np.arange(1, int(counts.sum()) + 1)
    following[starts + counts - 1] = starts
    return following


def _fans(counts: np.ndarray, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    faces = np.repeat(np.arange(counts.size), counts - 2)
    step = np.arange(faces.size) - np.repeat(np.cumsum(counts - 2) - (counts - 2), counts - 2)
    base = starts[faces]
    return np.stack([base, base + step + 1, base + step + 2], axis=1), faces


def _concave(counts: np.ndarray, starts: np.ndarray, indices: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return the faces that have a corner turning the wrong way."""
    many = np.flatnonzero(counts > 3)
    if not many.size:
        return many
    corner = np.repeat(starts[many] - np.cumsum(counts[many]) + counts[many], counts[many]) + np.arange(
        counts[many].sum()
    )
    sub_counts = counts[many]
    sub_starts = np.cumsum(sub_counts) - sub_counts
    at = points[indices[corner]].astype(np.float64)
    ahead = at[next_corner(sub_counts, sub_starts)] - at
    behind = np.empty_like(ahead)
    behind[next_corner(sub_counts, sub_starts)] = ahead
    area = newell(sub_counts, sub_starts, indices[corner], points)
    turn = np.einsum("ij,ij->i", np.cross(behind, ahead), np.repeat(area, sub_counts, axis=0))
    size = np.repeat(np.einsum("ij,ij->i", area, area), sub_counts)
    return many[np.logical_or.reduceat(turn < -1e-7 * size, sub_starts)]


def _clip(polygon: np.ndarray) -> np.ndarray:
    """Return the triangles of one simple polygon, shape (n - 2, 3); a fan of what is left when no ear is found."""
    flat = _projected(polygon)
    left = list(range(len(flat)))
    ears = []
    while len(left) > 3:
        ear = next((i for i in range(len(left)) if _is_ear(flat, left, i)), None)
        if ear is None:  # the outline crosses itself
            break
        ears.append((left[ear - 1], left[ear], left[(ear + 1) % len(left)]))
        del left[ear]
    ears += [(left[0], left[i], left[i + 1]) for i in range(1, len(left) - 1)]
    return np.array(ears)


def _projected(polygon: np.ndarray) -> np.ndarray:
    """Return the polygon in its plane, counter-clockwise, shape (n, 2)."""
    here = polygon - polygon[0]
    normal = np.cross(here, np.roll(here, -1, axis=0)).sum(axis=0)
    drop = int(np.argmax(np.abs(normal)))
    flat = here[:, [(drop + 1) % 3, (drop + 2) % 3]]
    return flat if normal[drop] > 0 else flat * (1.0, -1.0)


def _is_ear(flat: np.ndarray, left: list[int], i: int) -> bool:
    a, b, c = flat[left[i - 1]], flat[left[i]], flat[left[(i + 1) % len(left)]]
    if _cross(b - a, c - b) <= 0.0:
        return False
    others = flat[[k for k in left if k not in (left[i - 1], left[i], left[(i + 1) % len(left)])]]
    inside = (_cross(b - a, others - a) >= 0) & (_cross(c - b, others - b) >= 0) & (_cross(a - c, others - c) >= 0)
    same = (others == a).all(1) | (others == b).all(1) | (others == c).all(1)
    return not bool((inside & ~same).any())


def _cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]


def unit(vectors: np.ndarray) -> np.ndarray:
    """Return unit vectors; +Z where there is no direction."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.where(length > 0, vectors / np.where(length > 0, length, 1.0), (0.0, 0.0, 1.0))
