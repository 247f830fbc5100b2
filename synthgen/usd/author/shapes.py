"""Boxes, sheets, tubes and meshes on a stage, all with `st`, normals, extent and no subdivision.

Every function writes into the edit target and returns the `Sdf.Path` of what it wrote (not a `Usd.Prim`: inside a
`Sdf.ChangeBlock` there is none yet). Unit meshes with a scale in the transform are preferred, so that many prims share
one mesh on the device; `st` then runs from 0 to 1 over each face. With `uv_m=True` the vertices are written at true
size and `st` is in metres, for textures with a physical scale (`materials.material(..., scale_m=...)`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from pxr import Gf, Sdf, Usd, Vt

from synthgen.usd.author import materials, specs, unit_meshes
from synthgen.usd.author.specs import IDENTITY, TYPES, Path, Quat, Vec3
from synthgen.usd.author.unit_meshes import MeshArrays, flat_normals
from synthgen.world import item_faces

__all__ = ["box", "cylinder", "flat_normals", "instance", "mesh", "quad", "subset", "xform"]

_ORIGIN: Vec3 = (0.0, 0.0, 0.0)
_ONE: Vec3 = (1.0, 1.0, 1.0)


def xform(
    stage: Usd.Stage, path: Path, position_m: Vec3 = _ORIGIN, rotation_wxyz: Quat = IDENTITY, scale: Vec3 | None = None
) -> Sdf.Path:
    """Define a frame of reference."""
    spec = specs.define(stage, path)
    specs.place(spec, position_m, rotation_wxyz, scale)
    return spec.path


def box(
    stage: Usd.Stage,
    path: Path,
    size_m: Vec3,
    center_m: Vec3 = _ORIGIN,
    rotation_wxyz: Quat = IDENTITY,
    *,
    material: Path = "",
    face_materials: Mapping[str, Path] | None = None,
    uv_m: bool = False,
) -> Sdf.Path:
    """Define a box around `center_m`; `face_materials` gives single faces (`item_faces.FACES`) another look."""
    template = _template("box", tuple(size_m) if uv_m else _ONE, False)
    path = _stamp(stage, path, template, center_m, rotation_wxyz, _ONE if uv_m else size_m, material)
    for face, look in sorted((face_materials or {}).items()):
        subset(stage, path, face, [item_faces.FACES.index(face)], look)
    return path


def quad(
    stage: Usd.Stage,
    path: Path,
    size_m: tuple[float, float],
    center_m: Vec3 = _ORIGIN,
    rotation_wxyz: Quat = IDENTITY,
    *,
    material: Path = "",
    uv_m: bool = False,
) -> Sdf.Path:
    """Define a sheet in its XY plane facing +Z, seen from both sides; st (0, 0) is its lower left corner."""
    template = _template("quad", tuple(size_m) if uv_m else (1.0, 1.0), True)
    scale = _ONE if uv_m else (size_m[0], size_m[1], 1.0)
    return _stamp(stage, path, template, center_m, rotation_wxyz, scale, material)


def cylinder(
    stage: Usd.Stage,
    path: Path,
    radius_m: float,
    length_m: float,
    center_m: Vec3 = _ORIGIN,
    rotation_wxyz: Quat = IDENTITY,
    *,
    axis: str = "X",
    segments: int = 24,
    material: Path = "",
) -> Sdf.Path:
    """Define a closed cylinder around `center_m` along X, Y or Z; st is (around, along), 0 to 1."""
    template = _template("cylinder", (axis, segments), False)
    x, y, z = (length_m if name == axis else 2.0 * radius_m for name in "XYZ")
    return _stamp(stage, path, template, center_m, rotation_wxyz, (x, y, z), material)


def mesh(
    stage: Usd.Stage,
    path: Path,
    points: np.ndarray | Sequence[Vec3],
    counts: np.ndarray | Sequence[int],
    indices: np.ndarray | Sequence[int],
    position_m: Vec3 = _ORIGIN,
    rotation_wxyz: Quat = IDENTITY,
    scale: Vec3 | None = None,
    *,
    normals: np.ndarray | None = None,
    uv: np.ndarray | None = None,
    material: Path = "",
    double_sided: bool = False,
) -> Sdf.Path:
    """Define a polygon mesh; `normals` (n, 3) and `uv` (n, 2) are per point or per face corner, by their length.

    Without normals the faces are flat; counter-clockwise faces look outward.

    Raises:
        ValueError: the number of normals or uv is neither that of the points nor that of the face corners.
    """
    points = np.asarray(points, np.float32)
    counts, indices = np.asarray(counts, np.int32), np.asarray(indices, np.int32)
    normals = flat_normals(points, counts, indices) if normals is None else normals
    uv = np.zeros((len(points), 2), np.float32) if uv is None else uv
    content = unit_meshes.arrays(points, counts, indices, normals, uv)
    template = _blank(content.interpolation("normals"), content.interpolation("uv"), double_sided)
    path = _stamp(stage, path, template, position_m, rotation_wxyz, scale or _ONE, material)
    _set_arrays(specs.define(stage, path, ""), content)
    return path


def subset(stage: Usd.Stage, mesh_path: Path, name: str, face_indices: Sequence[int], material: Path) -> Sdf.Path:
    """Give some faces of a mesh a material of their own."""
    path = specs.as_path(mesh_path)
    spec = specs.define(stage, path.AppendChild(name), "GeomSubset")
    specs.attribute(spec, "elementType", TYPES.Token, "face", uniform=True)
    specs.attribute(spec, "familyName", TYPES.Token, "materialBind", uniform=True)
    specs.attribute(spec, "indices", TYPES.IntArray, Vt.IntArray([int(i) for i in face_indices]))
    parent = specs.define(stage, path, "")
    specs.attribute(parent, "subsetFamily:materialBind:familyType", TYPES.Token, "nonOverlapping", uniform=True)
    materials.bind(stage, spec.path, material)
    return spec.path


def instance(
    stage: Usd.Stage, path: Path, prototype: Path, position_m: Vec3 = _ORIGIN, rotation_wxyz: Quat = IDENTITY
) -> Sdf.Path:
    """Define an instance of the prim tree at `prototype`, whose own transform it replaces."""
    spec = specs.define(stage, path)
    spec.referenceList.prependedItems = [Sdf.Reference(primPath=specs.as_path(prototype))]
    spec.SetInfo("instanceable", True)
    specs.place(spec, position_m, rotation_wxyz)
    return spec.path


def _stamp(
    stage: Usd.Stage,
    path: Path,
    template: specs.Spec,
    position_m: Vec3,
    rotation_wxyz: Quat,
    scale: Vec3,
    material: Path,
) -> Sdf.Path:
    spec = specs.stamp(stage, path, template)
    specs.set_values(
        spec,
        xformOp__translate=Gf.Vec3d(*position_m),
        xformOp__orient=specs.quaternion(rotation_wxyz),
        xformOp__scale=Gf.Vec3d(*scale),
    )
    if material:
        materials.bind(stage, spec.path, material)
    return spec.path


@specs.template
def _template(layer: Sdf.Layer, shape: str, key: tuple, double_sided: bool) -> specs.Spec:
    """Return a shared mesh with its arrays."""
    content = getattr(unit_meshes, shape)(*(key if shape == "cylinder" else (key,)))
    spec = _fill_blank(layer, content.interpolation("normals"), content.interpolation("uv"), double_sided)
    _set_arrays(spec, content)
    return spec


@specs.template
def _blank(layer: Sdf.Layer, normals: str, uv: str, double_sided: bool) -> specs.Spec:
    """Return a mesh without its arrays."""
    return _fill_blank(layer, normals, uv, double_sided)


def _fill_blank(layer: Sdf.Layer, normals: str, uv: str, double_sided: bool) -> specs.Spec:
    spec = specs.define_in(layer, Sdf.Path("/mesh"), "Mesh")
    for name, kind in (
        ("points", TYPES.Point3fArray),
        ("faceVertexCounts", TYPES.IntArray),
        ("faceVertexIndices", TYPES.IntArray),
        ("extent", TYPES.Float3Array),
    ):
        specs.attribute(spec, name, kind)
    specs.attribute(spec, "normals", TYPES.Normal3fArray, interpolation=normals)
    specs.attribute(spec, "primvars:st", TYPES.TexCoord2fArray, interpolation=uv)
    specs.attribute(spec, "subdivisionScheme", TYPES.Token, "none", uniform=True)
    if double_sided:
        specs.attribute(spec, "doubleSided", TYPES.Bool, True, uniform=True)
    specs.place(spec, _ORIGIN, (0.0, 1.0, 0.0, 0.0), _ONE)
    return spec


def _set_arrays(spec: specs.Spec, content: MeshArrays) -> None:
    specs.set_values(
        spec,
        points=content.points,
        faceVertexCounts=content.counts,
        faceVertexIndices=content.indices,
        normals=content.normals,
        primvars__st=content.uv,
        extent=content.extent,
    )
