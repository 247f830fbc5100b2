"""Read a UsdGeomMesh as triangles: polygons split, subdivision surfaces refined, one normal and st per corner.

Equal arrays give the same Mesh: a mesh that was read before is found by the hash of its authored values, so that a
thousand equal boxes are built once.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from pxr import Usd, UsdGeom

from synthgen.usd.read import subdivide
from synthgen.usd.read.primvars import Values, at_corners, primvar
from synthgen.usd.read.stage_frame import Frame
from synthgen.usd.read.triangulate import triangulate, unit
from synthgen.world.scene_description import Mesh

MAX_REFINED_TRIANGLES = 200_000
"""Subdivision stops below this many triangles; a mesh that starts above is drawn as its cage."""
LEVELS = 2
_CACHE_BYTES = 256 * 1024**2

_NONE = np.zeros(0)

_built: OrderedDict[bytes, tuple[Mesh | None, tuple[str, ...]]] = OrderedDict()
_built_bytes: list[int] = [0]


@dataclass(frozen=True, eq=False)
class _Authored:
    """The authored values of a Mesh prim."""

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
        frame: time and units of the stage.
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
    """Return a Mesh with its key; its arrays have the right types and are read-only."""
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


def _authored(prim: Usd.Prim, uv_names: Sequence[str], slots: Sequence[np.ndarray], frame: Frame) -> _Authored | None:
    points = frame.array(prim, "points", 3)
    counts = frame.array(prim, "faceVertexCounts", 1, np.int32)
    indices = frame.array(prim, "faceVertexIndices", 1, np.int32)
    if points is None or counts is None or indices is None or not (len(points) and len(counts)):
        frame.remarks.add(prim.GetPath(), "mesh without points or faces; not drawn")
        return None
    scheme = str(frame.value(prim, "subdivisionScheme", "catmullClark"))
    smooth = scheme not in ("none", "bilinear")

    def part(name: str) -> np.ndarray:
        return _or_empty(frame.array(prim, name, 1, np.float64)) if smooth else _NONE

    return _Authored(
        points=points,
        counts=counts,
        indices=indices,
        holes=_holes(prim, frame),
        left_handed=str(frame.value(prim, "orientation", "rightHanded")) == "leftHanded",
        scheme=scheme,
        sharp_boundary_corners=not smooth or frame.value(prim, "interpolateBoundary", None) != "edgeOnly",
        creases=(part("creaseIndices"), part("creaseLengths"), part("creaseSharpnesses")),
        corners=(part("cornerIndices"), part("cornerSharpnesses")),
        normals=None if smooth else _normals(prim, frame),
        uv=tuple(primvar(prim, name, 2, frame) for name in uv_names),
        slots=tuple(slots),
    )


def _holes(prim: Usd.Prim, frame: Frame) -> np.ndarray:
    attribute = prim.GetAttribute("holeIndices")
    if not attribute or not attribute.HasAuthoredValue():
        return _NONE
    return _or_empty(frame.array(prim, "holeIndices", 1, np.int32))


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
    return _NONE if array is None else array


def _digest(authored: _Authored, mirrored: bool) -> bytes:
    arrays = [authored.points, authored.counts, authored.indices, authored.holes, *authored.creases, *authored.corners]
    flags: list[object] = [authored.left_handed, authored.scheme, authored.sharp_boundary_corners, mirrored]
    for values in (authored.normals, *authored.uv):
        flags.append(values and values.interpolation)
        if values is not None:
            arrays += [values.array] if values.indices is None else [values.array, values.indices]
    arrays += authored.slots
    flags += [array.shape for array in arrays]
    content = hashlib.blake2b(repr(flags).encode(), digest_size=16)
    for array in arrays:
        if array.size:
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
    """Return the Mesh and the remarks about it."""
    texts: list[str] = []
    wide = (authored.counts.astype(np.int64), authored.indices.astype(np.int64), authored.holes.astype(np.int64))
    authored = replace(authored, counts=wide[0], indices=wide[1], holes=wide[2])
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
    normals = subdivide.smooth_normals(cage.points, cage.counts, cage.indices, creased)
    return _Faces(cage.points, cage.counts, cage.indices, cage.uv, cage.slot, normals)


def _levels(counts: np.ndarray, scheme: str) -> int:
    quads = scheme == "catmullClark"
    for levels in range(LEVELS, 0, -1):
        refined = 2 * int(counts.sum()) * 4 ** (levels - 1) if quads else len(counts) * 4**levels
        if refined <= MAX_REFINED_TRIANGLES:
            return levels
    return 0


def _cage(authored: _Authored, faces: _Faces) -> subdivide.Cage:
    edges, sharpness = subdivide.crease_edges(*authored.creases, len(faces.points))
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


def _triangles(faces: _Faces, left_handed: bool, mirrored: bool, texts: list[str]) -> Mesh:
    corners, face, fans = triangulate(faces.counts, faces.indices, faces.points)
    if fans:
        texts.append(f"{fans} concave faces are too many or too large to be split exactly; drawn as fans")
    if left_handed:  # authored winding is clockwise seen from outside
        corners = corners[:, [0, 2, 1]]
    triangles = faces.indices[corners]
    at = faces.points[triangles].astype(np.float64)
    flat = unit(np.cross(at[:, 1] - at[:, 0], at[:, 2] - at[:, 0]))[:, None, :].repeat(3, axis=1)
    normals = flat if faces.normals is None else faces.normals[corners]
    if faces.normals is not None:
        length = np.linalg.norm(normals.astype(np.float64), axis=-1, keepdims=True)
        usable = np.isfinite(length) & (length > 0)
        normals = np.where(usable, normals / np.where(usable, length, 1.0), flat)
    mesh = finished(faces.points, triangles, normals, faces.uv[corners], faces.slot[face])
    return turned_inside_out(mesh) if mirrored else mesh
