"""Subdivision surfaces in NumPy: Catmull-Clark and Loop, with boundaries, semi-sharp creases and corners.

References:
    Catmull, Clark 1978, Recursively generated B-spline surfaces on arbitrary topological meshes.
    Loop 1987, Smooth subdivision surfaces based on triangles.
    DeRose, Kass, Truong 1998, Subdivision surfaces in character animation, section 3 and appendix B (semi-sharp).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthgen.usd.read.triangulate import next_corner, unit

INFINITE = 10.0
"""Sharpness that never wears off, as in OpenSubdiv."""
_CREASED_COS = 0.85
"""Where a creased surface turns by more than this (32 degrees), its corner keeps the face's own normal."""


@dataclass(frozen=True, eq=False)
class Cage:
    """A polygon mesh that is to be refined. Corners are face-vertices in order."""

    points: np.ndarray
    """Shape (points, 3), float64."""
    counts: np.ndarray
    indices: np.ndarray
    uv: np.ndarray
    """At corners, shape (corners, 2), float64."""
    slot: np.ndarray
    """At faces, shape (faces,)."""
    crease_edges: np.ndarray
    """Pairs of points, shape (creases, 2)."""
    crease_sharpness: np.ndarray
    corner_points: np.ndarray
    """Points that stay where they are while sharp, shape (corners,)."""
    corner_sharpness: np.ndarray
    sharp_boundary_corners: bool = True
    """Points of one face only stay where they are (interpolateBoundary `edgeAndCorner`)."""


@dataclass(frozen=True, eq=False)
class _Edges:
    ends: np.ndarray
    """Points of each edge, shape (edges, 2)."""
    of_corner: np.ndarray
    """Edge from each corner to the next one of its face."""
    faces: np.ndarray
    """How many faces share each edge."""
    sharpness: np.ndarray


def catmull_clark(cage: Cage) -> Cage:
    """Return the cage after one step; every face is a quadrilateral then."""
    starts = np.cumsum(cage.counts) - cage.counts
    following = next_corner(cage.counts, starts)
    edges = _edges(cage, following)
    face_of_corner = np.repeat(np.arange(cage.counts.size), cage.counts)
    face_points = np.add.reduceat(cage.points[cage.indices], starts, axis=0) / cage.counts[:, None]
    middle = cage.points[edges.ends].mean(axis=1)
    across = _gather(edges.of_corner, face_points[face_of_corner], len(edges.ends))
    smooth = (2.0 * middle + across) / 4.0
    points = np.concatenate(
        [
            _moved_points(cage, edges, middle, face_points[face_of_corner]),
            _mixed_edges(edges, middle, smooth),
            face_points,
        ]
    )
    return _quads(cage, points, edges, face_of_corner, starts, following)


def loop(cage: Cage) -> Cage:
    """Return the cage after one step; all its faces are triangles."""
    following = next_corner(cage.counts, np.cumsum(cage.counts) - cage.counts)
    edges = _edges(cage, following)
    middle = cage.points[edges.ends].mean(axis=1)
    opposite = _gather(edges.of_corner, cage.points[cage.indices[following[following]]], len(edges.ends))
    smooth = 0.75 * middle + opposite / 8.0
    moved = _moved_points(cage, edges, middle, None)
    return _triangles(cage, np.concatenate([moved, _mixed_edges(edges, middle, smooth)]), edges, following)


def crease_edges(
    indices: np.ndarray, lengths: np.ndarray, sharpnesses: np.ndarray, points: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the creases as pairs of points, with one sharpness each; nothing when the numbers do not fit."""
    lengths = lengths.astype(np.int64)
    none = np.zeros((0, 2), np.int64), np.zeros(0)
    if not lengths.size or (lengths < 2).any() or lengths.sum() != indices.size:
        return none
    ends = np.cumsum(lengths) - 1
    first = np.delete(np.arange(indices.size), ends)
    edges = np.stack([indices[first], indices[first + 1]], axis=1).astype(np.int64)
    if sharpnesses.size == lengths.size:
        sharpnesses = np.repeat(sharpnesses, lengths - 1)
    if sharpnesses.size != len(edges) or edges.min() < 0 or edges.max() >= points:
        return none
    return edges, np.maximum(sharpnesses, 0.0)


def smooth_normals(points: np.ndarray, counts: np.ndarray, indices: np.ndarray, creased: bool = False) -> np.ndarray:
    """Return area-weighted point normals at the corners, shape (corners, 3); creased: the face's where it turns off."""
    following = next_corner(counts, np.cumsum(counts) - counts)
    before = np.empty_like(following)
    before[following] = np.arange(following.size)
    here = points[indices]
    wedge = np.cross(here[following] - here, here[before] - here)
    summed = np.stack([np.bincount(indices, wedge[:, k], len(points)) for k in range(3)], axis=1)
    normals = unit(summed[indices])
    if creased:
        own = unit(wedge)
        away = np.einsum("ij,ij->i", own, normals) < _CREASED_COS
        normals[away] = own[away]
    return normals


def _edges(cage: Cage, following: np.ndarray) -> _Edges:
    pairs = np.sort(np.stack([cage.indices, cage.indices[following]], axis=1), axis=1)
    keys, of_corner, faces = np.unique(_key(pairs, len(cage.points)), return_inverse=True, return_counts=True)
    ends = np.stack([keys // len(cage.points), keys % len(cage.points)], axis=1)
    sharpness = np.where(faces == 2, 0.0, INFINITE)  # boundaries, and edges where more than two faces meet
    if cage.crease_edges.size:
        wanted = _key(np.sort(cage.crease_edges, axis=1), len(cage.points))
        at = np.minimum(np.searchsorted(keys, wanted), keys.size - 1)
        found = keys[at] == wanted
        np.maximum.at(sharpness, at[found], cage.crease_sharpness[found])
    return _Edges(ends, of_corner, faces, sharpness)


def _key(pairs: np.ndarray, points: int) -> np.ndarray:
    return pairs[:, 0].astype(np.int64) * points + pairs[:, 1]


def _mixed_edges(edges: _Edges, middle: np.ndarray, smooth: np.ndarray) -> np.ndarray:
    """Return the edge points: on the middle where sharp, blended by the part of a sharpness below 1."""
    share = np.minimum(edges.sharpness, 1.0)[:, None]
    return share * middle + (1.0 - share) * np.where((edges.faces == 2)[:, None], smooth, middle)


def _moved_points(cage: Cage, edges: _Edges, middle: np.ndarray, face_points: np.ndarray | None) -> np.ndarray:
    """Return where the old points go: the smooth rule, the crease rule at two sharp edges, or nowhere at corners."""
    total = len(cage.points)
    ends = edges.ends.ravel()
    degree = np.bincount(ends, minlength=total)[:, None]
    used = degree[:, 0] > 0
    ring = _gather(ends, np.repeat(middle, 2, axis=0), total) / np.maximum(degree, 1)
    if face_points is None:
        smooth = _loop_rule(cage.points, ring, degree)
    else:
        faces = np.maximum(np.bincount(cage.indices, minlength=total), 1)[:, None]
        area = _gather(cage.indices, face_points, total) / faces
        smooth = (area + 2.0 * ring + (degree - 3.0) * cage.points) / np.maximum(degree, 1)
    sharp = np.repeat(edges.sharpness > 0, 2)
    count = np.bincount(ends[sharp], minlength=total)
    level = _gather(ends[sharp], np.repeat(edges.sharpness, 2)[sharp][:, None], total)[:, 0] / np.maximum(count, 1)
    crease = 0.5 * cage.points + _gather(ends[sharp], np.repeat(middle, 2, axis=0)[sharp], total) / 4.0
    share = np.minimum(level, 1.0)[:, None]
    moved = np.where((count == 2)[:, None], share * crease + (1.0 - share) * smooth, smooth)
    pinned = np.where(count > 2, np.minimum(level, 1.0), 0.0)
    np.maximum.at(pinned, cage.corner_points, np.minimum(cage.corner_sharpness, 1.0))
    if cage.sharp_boundary_corners:
        pinned[(np.bincount(cage.indices, minlength=total) == 1) & (count == 2)] = 1.0
    pinned[~used] = 1.0
    return pinned[:, None] * cage.points + (1.0 - pinned[:, None]) * moved


def _loop_rule(points: np.ndarray, ring: np.ndarray, degree: np.ndarray) -> np.ndarray:
    """Return Loop's rule for inner points, from the mean of the edges' middles around each."""
    around = 2.0 * ring - points
    n = np.maximum(degree, 1)
    weight = 0.625 - (0.375 + 0.25 * np.cos(2.0 * np.pi / n)) ** 2
    return (1.0 - weight) * points + weight * around


def _gather(at: np.ndarray, values: np.ndarray, size: int) -> np.ndarray:
    """Return the sum of `values` at each place, shape (size, columns)."""
    return np.stack([np.bincount(at, values[:, k], size) for k in range(values.shape[1])], axis=1)


def _quads(
    cage: Cage,
    points: np.ndarray,
    edges: _Edges,
    face_of_corner: np.ndarray,
    starts: np.ndarray,
    following: np.ndarray,
) -> Cage:
    """Return one quadrilateral for each corner: its point, its edge, its face, the edge before it."""
    before = np.empty_like(following)
    before[following] = np.arange(following.size)
    first_edge, first_face = len(cage.points), len(cage.points) + len(edges.ends)
    quads = np.stack(
        [
            cage.indices,
            first_edge + edges.of_corner,
            first_face + face_of_corner,
            first_edge + edges.of_corner[before],
        ],
        axis=1,
    )
    middle_uv = 0.5 * (cage.uv + cage.uv[following])
    face_uv = np.add.reduceat(cage.uv, starts, axis=0) / cage.counts[:, None]
    uv = np.stack([cage.uv, middle_uv, face_uv[face_of_corner], middle_uv[before]], axis=1)
    return _refined(cage, points, edges, quads, uv, cage.slot[face_of_corner])


def _triangles(cage: Cage, points: np.ndarray, edges: _Edges, following: np.ndarray) -> Cage:
    """Return the three corner triangles and the middle one of each face."""
    edge = len(cage.points) + edges.of_corner.reshape(-1, 3)
    index, uv = cage.indices.reshape(-1, 3), cage.uv.reshape(-1, 3, 2)
    middle_uv = (0.5 * (cage.uv + cage.uv[following])).reshape(-1, 3, 2)
    parts = [np.stack([index[:, k], edge[:, k], edge[:, k - 1]], axis=1) for k in range(3)] + [edge]
    parts_uv = [np.stack([uv[:, k], middle_uv[:, k], middle_uv[:, k - 1]], axis=1) for k in range(3)] + [middle_uv]
    faces, faces_uv = np.stack(parts, axis=1).reshape(-1, 3), np.stack(parts_uv, axis=1).reshape(-1, 3, 2)
    return _refined(cage, points, edges, faces, faces_uv, np.repeat(cage.slot, 4))


def _refined(
    cage: Cage, points: np.ndarray, edges: _Edges, faces: np.ndarray, uv: np.ndarray, slot: np.ndarray
) -> Cage:
    lasting = np.flatnonzero((edges.sharpness > 1.0) & (edges.faces == 2))
    middle = len(cage.points) + lasting
    halves = [np.stack([edges.ends[lasting, k], middle], axis=1) for k in range(2)]
    sharpness = _worn(edges.sharpness[lasting])
    return Cage(
        points=points,
        counts=np.full(len(faces), faces.shape[1]),
        indices=faces.ravel(),
        uv=uv.reshape(-1, 2),
        slot=slot,
        crease_edges=np.concatenate(halves),
        crease_sharpness=np.concatenate([sharpness, sharpness]),
        corner_points=cage.corner_points,
        corner_sharpness=_worn(cage.corner_sharpness),
        sharp_boundary_corners=cage.sharp_boundary_corners,
    )


def _worn(sharpness: np.ndarray) -> np.ndarray:
    return np.where(sharpness >= INFINITE, sharpness, np.maximum(sharpness - 1.0, 0.0))
