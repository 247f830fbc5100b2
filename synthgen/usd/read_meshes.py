"""Reads a UsdGeomMesh as triangles: polygons split, subdivision surfaces refined, one normal and st per corner.

Equal arrays give the same Mesh: a mesh read before is found by the hash of what was authored, so that a thousand equal
boxes are built once.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from pxr import Usd, UsdGeom

from synthgen.description import Mesh
from synthgen.usd import subdivide
from synthgen.usd.read_primvars import Values, at_corners, primvar
from synthgen.usd.stage_frame import Frame
from synthgen.usd.triangulate import next_corner, triangulate

MAX_REFINED_TRIANGLES = 200_000
"""Subdivision stops below this many triangles; a mesh that starts above is drawn as its cage."""
LEVELS = 2
_CACHE_BYTES = 256 * 1024**2
_CREASED_COS = 0.85
"""Where a creased surface turns by more than this (32 degrees), its corner keeps the face's own normal."""

_built: OrderedDict[bytes, tuple[Mesh | None, tuple[str, ...]]] = OrderedDict()
_built_bytes: list[int] = [0]


@dataclass(frozen=True, eq=False)
class _Authored:
    """What a Mesh prim says."""

    points: np.ndarray
    counts: np.ndarray
    indices: np.ndarray
    holes: np.ndarray
    left_handed: bool
    scheme: str
    sharp_boundary_corners: bool
    creases: tuple[np.ndarray, np.ndarray, np.ndarray]
    """creaseIndices, creaseLengths, creaseSharpnesses."""
    corners: tuple[np.ndarray, np.ndarray]
    normals: Values | None
    uv: tuple[Values | None, ...]
    """st of each slot."""
    slots: tuple[np.ndarray, ...]
    """Faces of slot 1, 2, ...; the others are slot 0."""


@dataclass(frozen=True, eq=False)
class _Faces:
    """Valid polygons with values at their corners."""

    points: np.ndarray
    counts: np.ndarray
    indices: np.ndarray
    uv: np.ndarray
    slot: np.ndarray
    normals: np.ndarray | None


def mesh_of(
    prim: Usd.Prim, uv_names: Sequence[str], slots: Sequence[np.ndarray], mirrored: bool, frame: Frame
) -> Mesh | None:
    """Return the triangles of a Mesh prim, or None with a remark when there are none.

    Args:
        prim: a UsdGeomMesh.
        uv_names: the texture coordinates that the material of each slot reads; slot 0 is all faces in no other slot.
        slots: faces of slot 1, 2, ...
        mirrored: whether the prim's world transform turns it inside out, so that the winding is reversed.
        frame: how the stage is looked at.
    """
    authored = _authored(prim, uv_names, slots, frame)
    if authored is None:
        return None
    digest = _digest(authored, mirrored)
    if digest not in _built:
        _keep(digest, *_build(authored, mirrored))
    _built.move_to_end(digest)
    mesh, texts = _built[digest]
    for text in texts:
        frame.remarks.add(prim.GetPath(), text)
    return mesh


def finished(points: np.ndarray, triangles: np.ndarray, normals: np.ndarray, uv: np.ndarray, slot: np.ndarray) -> Mesh:
    """Return a Mesh with its key, arrays of the right kind that nobody can change."""
    arrays = (
        np.ascontiguousarray(points, np.float32),
        np.ascontiguousarray(triangles, np.int32),
        np.ascontiguousarray(normals, np.float32),
        np.ascontiguousarray(uv, np.float32),
        np.ascontiguousarray(slot, np.int32),
    )
    content = hashlib.blake2b(digest_size=16)
    for array in arrays:
        content.update(np.int64(array.size).tobytes())
        content.update(array)
        array.setflags(write=False)
    points, triangles, normals, uv, slot = arrays
    return Mesh(key=content.hexdigest(), points_m=points, triangles=triangles, normals=normals, uv=uv, slot=slot)


def turned_inside_out(mesh: Mesh) -> Mesh:
    """Return the mesh with its winding reversed, for a transform that mirrors."""
    order = [0, 2, 1]
    return finished(mesh.points_m, mesh.triangles[:, order], mesh.normals[:, order], mesh.uv[:, order], mesh.slot)


def _authored(
    prim: Usd.Prim, uv_names: Sequence[str], slots: Sequence[np.ndarray], frame: Frame
) -> _Authored | None:
    points = frame.array(prim, "points", 3)
    counts = frame.array(prim, "faceVertexCounts", 1, np.int64)
    indices = frame.array(prim, "faceVertexIndices", 1, np.int64)
    if points is None or counts is None or indices is None or not (len(points) and len(counts)):
        frame.remarks.add(prim.GetPath(), "mesh without points or faces; not drawn")
        return None
    scheme = str(frame.value(prim, "subdivisionScheme", "catmullClark"))
    none = np.zeros(0)
    smooth = scheme not in ("none", "bilinear")

    def part(name: str, columns: int = 1) -> np.ndarray:
        return _or_empty(frame.array(prim, name, columns, np.float64)) if smooth else none

    return _Authored(
        points=points,
        counts=counts,
        indices=indices,
        holes=_or_empty(frame.array(prim, "holeIndices", 1, np.int64)).astype(np.int64),
        left_handed=str(frame.value(prim, "orientation", "rightHanded")) == "leftHanded",
        scheme=scheme,
        sharp_boundary_corners=str(frame.value(prim, "interpolateBoundary", "edgeAndCorner")) != "edgeOnly",
        creases=(part("creaseIndices"), part("creaseLengths"), part("creaseSharpnesses")),
        corners=(part("cornerIndices"), part("cornerSharpnesses")),
        normals=None if smooth else _normals(prim, frame),
        uv=tuple(primvar(prim, name, 2, frame) for name in uv_names),
        slots=tuple(slots),
    )


def _normals(prim: Usd.Prim, frame: Frame) -> Values | None:
    found = primvar(prim, "normals", 3, frame)
    if found is not None:
        return found
    array = frame.array(prim, "normals", 3)
    if array is None or not len(array):
        return None
    interpolation = prim.GetAttribute("normals").GetMetadata("interpolation")
    return Values(array, None, str(interpolation or UsdGeom.Tokens.vertex))


def _or_empty(array: np.ndarray | None) -> np.ndarray:
    return np.zeros(0) if array is None else array


def _digest(authored: _Authored, mirrored: bool) -> bytes:
    content = hashlib.blake2b(digest_size=16)
    flags = (authored.left_handed, authored.scheme, authored.sharp_boundary_corners, mirrored)
    content.update(repr(flags).encode())
    arrays = [authored.points, authored.counts, authored.indices, authored.holes, *authored.creases, *authored.corners]
    for values in (authored.normals, *authored.uv):
        content.update(b"-" if values is None else values.interpolation.encode())
        if values is not None:
            arrays += [values.array] if values.indices is None else [values.array, values.indices]
    for array in (*arrays, *authored.slots):
        content.update(np.int64(array.size).tobytes())
        content.update(np.ascontiguousarray(array))
    return content.digest()


def _keep(digest: bytes, mesh: Mesh | None, texts: tuple[str, ...]) -> None:
    """Remember a mesh; forget those used longest ago when they take too much memory."""
    _built[digest] = (mesh, texts)
    _built_bytes[0] += _bytes(mesh)
    while _built_bytes[0] > _CACHE_BYTES and len(_built) > 1:
        _built_bytes[0] -= _bytes(_built.popitem(last=False)[1][0])


def _bytes(mesh: Mesh | None) -> int:
    if mesh is None:
        return 0
    return sum(array.nbytes for array in (mesh.points_m, mesh.triangles, mesh.normals, mesh.uv, mesh.slot))


def _build(authored: _Authored, mirrored: bool) -> tuple[Mesh | None, tuple[str, ...]]:
    """Return the Mesh and what is to be said about it."""
    texts: list[str] = []
    if fault := _fault(authored):
        return None, (f"{fault}; not drawn",)
    if authored.scheme not in ("none", "catmullClark", "loop", "bilinear"):
        texts.append(f"subdivisionScheme {authored.scheme!r} is not known; drawn as polygons")
    with np.errstate(all="ignore"):
        faces = _valid_faces(authored, texts)
        refined = _refined(authored, faces, texts) if len(faces.counts) else faces
        if not len(refined.counts):
            return None, (*texts, "no face can be drawn")
        return _triangles(refined, authored.left_handed, mirrored, texts), tuple(texts)


def _fault(authored: _Authored) -> str:
    """Return why the topology makes no sense, or ""."""
    if (authored.counts < 0).any() or authored.counts.sum() != len(authored.indices):
        return f"faceVertexCounts add up to {authored.counts.sum()} but there are {len(authored.indices)} indices"
    if len(authored.indices) and not 0 <= authored.indices.min() <= authored.indices.max() < len(authored.points):
        worst = authored.indices.max() if authored.indices.min() >= 0 else authored.indices.min()
        return f"faceVertexIndices has {worst} but there are {len(authored.points)} points"
    return ""


def _valid_faces(authored: _Authored, texts: list[str]) -> _Faces:
    """Return the faces that can be drawn, holes still in (slot -1), with values spread to the corners."""
    counts, indices, size = authored.counts, authored.indices, len(authored.counts)
    slot = _slots(authored, size, texts)
    holes = authored.holes[(authored.holes >= 0) & (authored.holes < size)]
    slot[holes] = -1
    uv = _uv(authored, slot, texts)
    normals = None
    if authored.normals is not None:
        normals = at_corners(authored.normals, counts, indices, len(authored.points))
        if normals is None:
            texts.append("as many normals as neither its points, faces nor corners; drawn faceted")
    finite = np.isfinite(authored.points).all(axis=1)
    keep = counts >= 3
    if not finite.all():
        ends = np.concatenate([[0], np.cumsum(~finite[indices])])
        starts = np.cumsum(counts) - counts
        keep &= ends[starts + counts] == ends[starts]
        texts.append("has points that are not finite; their faces are left out")
    if (counts < 3).any():
        texts.append("has faces of fewer than 3 corners; left out")
    corner = np.repeat(keep, counts)
    return _Faces(
        points=np.where(finite[:, None], authored.points, 0.0),
        counts=counts[keep],
        indices=indices[corner],
        uv=uv[corner],
        slot=slot[keep],
        normals=None if normals is None else normals[corner],
    )


def _slots(authored: _Authored, size: int, texts: list[str]) -> np.ndarray:
    slot = np.zeros(size, np.int64)
    for number, faces in enumerate(authored.slots, 1):
        inside = (faces >= 0) & (faces < size)
        if not inside.all():
            texts.append("a GeomSubset names faces that are not there; ignored")
        slot[faces[inside]] = number
    return slot


def _uv(authored: _Authored, slot: np.ndarray, texts: list[str]) -> np.ndarray:
    """Return texture coordinates at the corners, each slot by the primvar that its material reads."""
    uv = np.zeros((len(authored.indices), 2))
    of_corner = np.repeat(slot, authored.counts)
    for number, values in enumerate(authored.uv):
        if values is None:
            continue
        spread = at_corners(values, authored.counts, authored.indices, len(authored.points))
        if spread is None:
            texts.append("texture coordinates of the wrong number; left at 0")
            continue
        chosen = of_corner == number
        uv[chosen] = spread[chosen]
    if not np.isfinite(uv).all():
        texts.append("has texture coordinates that are not finite; left at 0")
        uv[~np.isfinite(uv)] = 0.0
    return uv


def _refined(authored: _Authored, faces: _Faces, texts: list[str]) -> _Faces:
    """Return the faces after subdivision, or as they are for polygonal schemes; holes are cut out."""
    scheme = authored.scheme
    if scheme == "loop" and (faces.counts != 3).any():
        texts.append("subdivisionScheme loop on faces that are not triangles; drawn as polygons")
    elif scheme in ("catmullClark", "loop"):
        faces = _subdivided(authored, faces, scheme, texts)
    keep = faces.slot >= 0
    corner = np.repeat(keep, faces.counts)
    normals = None if faces.normals is None else faces.normals[corner]
    return replace(
        faces,
        counts=faces.counts[keep],
        indices=faces.indices[corner],
        uv=faces.uv[corner],
        slot=faces.slot[keep],
        normals=normals,
    )


def _subdivided(authored: _Authored, faces: _Faces, scheme: str, texts: list[str]) -> _Faces:
    cage = _cage(authored, faces)
    creased = bool(cage.crease_edges.size or cage.corner_points.size)
    step = subdivide.catmull_clark if scheme == "catmullClark" else subdivide.loop
    levels = _levels(faces.counts, scheme)
    if levels < LEVELS:
        texts.append(f"a large subdivision surface; refined {levels} times, not {LEVELS}")
    for _ in range(levels):
        cage = step(cage)
    normals = smooth_normals(cage.points, cage.counts, cage.indices, creased)
    return _Faces(cage.points, cage.counts, cage.indices, cage.uv, cage.slot, normals)


def _levels(counts: np.ndarray, scheme: str) -> int:
    quads = scheme == "catmullClark"
    for levels in range(LEVELS, 0, -1):
        refined = 2 * int(counts.sum()) * 4 ** (levels - 1) if quads else len(counts) * 4**levels
        if refined <= MAX_REFINED_TRIANGLES:
            return levels
    return 0


def _cage(authored: _Authored, faces: _Faces) -> subdivide.Cage:
    edges, sharpness = _crease_edges(*authored.creases, len(faces.points))
    corner, corner_sharpness = (array.copy() for array in authored.corners)
    size = min(corner.size, corner_sharpness.size)
    inside = (corner[:size] >= 0) & (corner[:size] < len(faces.points))
    return subdivide.Cage(
        points=faces.points.astype(np.float64),
        counts=faces.counts,
        indices=faces.indices,
        uv=faces.uv,
        slot=faces.slot,
        crease_edges=edges,
        crease_sharpness=sharpness,
        corner_points=corner[:size][inside].astype(np.int64),
        corner_sharpness=np.maximum(corner_sharpness[:size][inside], 0.0),
        sharp_boundary_corners=authored.sharp_boundary_corners,
    )


def _crease_edges(
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
    normals = _unit(summed[indices])
    if creased:
        own = _unit(wedge)
        away = np.einsum("ij,ij->i", own, normals) < _CREASED_COS
        normals[away] = own[away]
    return normals


def _triangles(faces: _Faces, left_handed: bool, mirrored: bool, texts: list[str]) -> Mesh:
    corners, face, fans = triangulate(faces.counts, faces.indices, faces.points)
    if fans:
        texts.append(f"{fans} concave faces are too many or too large to be split exactly; drawn as fans")
    if left_handed:  # authored winding is clockwise seen from outside
        corners = corners[:, [0, 2, 1]]
    triangles = faces.indices[corners]
    at = faces.points[triangles].astype(np.float64)
    flat = _unit(np.cross(at[:, 1] - at[:, 0], at[:, 2] - at[:, 0]))[:, None, :].repeat(3, axis=1)
    normals = flat if faces.normals is None else faces.normals[corners]
    if faces.normals is not None:
        lost = ~(np.abs(np.einsum("tki,tki->tk", normals, normals) - 1.0) < 1e-3)
        normals = np.where(lost[..., None], flat, normals)
    mesh = finished(faces.points, triangles, normals, faces.uv[corners], faces.slot[face])
    return turned_inside_out(mesh) if mirrored else mesh


def _unit(vectors: np.ndarray) -> np.ndarray:
    """Return unit vectors; +Z where there is no direction."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.where(length > 0, vectors / np.where(length > 0, length, 1.0), (0.0, 0.0, 1.0))
