"""Read what is drawn: meshes and primitives with their poses, also of native instances and point instancers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from pxr import Usd, UsdGeom, UsdLux, UsdShade

from synthgen.usd.read.gprims import NAMES as GPRIMS
from synthgen.usd.read.gprims import shape_of
from synthgen.usd.read.lights import luminance_nit
from synthgen.usd.read.materials import Look, look_of, worn_by
from synthgen.usd.read.meshes import mesh_of
from synthgen.usd.read.stage_frame import Frame, determinant
from synthgen.usd.read.traverse import Found, Inherited, Velocity, walk
from synthgen.world import spectra
from synthgen.world.scene_description import Instance, Material, Mesh, Texture

MAX_POINT_INSTANCES = 200_000
_MAX_DEPTH = 8
_FLAT = 1e-12
_OUTSIDE = 0.01
_ANCESTOR = "an instancer whose prototypes hold itself, or nested too deep; not drawn"


@dataclass(frozen=True, eq=False)
class _Dressed:
    """A prim to draw, with the looks of its slots."""

    prim: Usd.Prim
    velocity_m_s: Velocity
    looks: tuple[Look | None, ...]
    subsets: tuple[np.ndarray, ...]


def instances_of(found: Found, frame: Frame) -> Iterator[Instance]:
    """Yield everything that is drawn."""
    for dressed in _dress(found.gprims, frame):
        instance = _instance(dressed, frame)
        if instance is not None:
            yield instance
    for prim, velocity in found.instancers:
        yield from _point_instances(prim, velocity, frame, 0)


def _dress(gprims: Sequence[tuple[Usd.Prim, Velocity]], frame: Frame) -> list[_Dressed]:
    """Return the prims with the materials bound to them and to their subsets, all bindings resolved at once."""
    subsets = [_subsets(prim, frame) for prim, _ in gprims]
    wearers = [prim for (prim, _), own in zip(gprims, subsets, strict=True) for prim in (prim, *(s for s, _ in own))]
    looks = iter(_looks(wearers, frame))
    return [
        _Dressed(
            prim,
            velocity,
            tuple(next(looks) for _ in range(1 + len(own))),
            tuple(faces for _, faces in own),
        )
        for (prim, velocity), own in zip(gprims, subsets, strict=True)
    ]


def _subsets(prim: Usd.Prim, frame: Frame) -> list[tuple[Usd.Prim, np.ndarray]]:
    """Return the face subsets of a mesh that have materials of their own."""
    found = []
    for child in prim.GetFilteredChildren(Usd.TraverseInstanceProxies(Usd.PrimDefaultPredicate)):
        if child.GetTypeName() != "GeomSubset" or str(frame.value(child, "familyName", "")) != "materialBind":
            continue
        kind = str(frame.value(child, "elementType", "face"))
        faces = frame.array(child, "indices", 1, np.int64)
        if kind != "face" or faces is None:
            frame.remarks.add(child.GetPath(), f"GeomSubset of {kind} elements; ignored")
            continue
        found.append((child, faces))
    return found


def _looks(wearers: Sequence[Usd.Prim], frame: Frame) -> list[Look | None]:
    """Return the look bound to each prim: of purpose full or all, else of purpose preview."""
    materials = _bound(wearers, UsdShade.Tokens.full)
    looks = [look_of(material, frame) if material else None for material in materials]
    lost = [i for i, look in enumerate(looks) if look is None]
    for i, material in zip(lost, _bound([wearers[i] for i in lost], UsdShade.Tokens.preview), strict=True):
        if material and material.GetPath() != (materials[i].GetPath() if materials[i] else None):
            looks[i] = look_of(material, frame)
    return looks


def _bound(prims: Sequence[Usd.Prim], purpose: str) -> Sequence[UsdShade.Material]:
    return UsdShade.MaterialBindingAPI.ComputeBoundMaterials(list(prims), purpose)[0] if prims else []


def _instance(dressed: _Dressed, frame: Frame, world: np.ndarray | None = None) -> Instance | None:
    prim = dressed.prim
    world = frame.world_from_prim(prim) if world is None else world
    size = determinant(world)
    if not math.isfinite(size):
        frame.remarks.add(prim.GetPath(), "its transform is not finite; not drawn")
        return None
    if abs(size) <= _FLAT * float(np.abs(world[:3, :3]).max()) ** 3:
        frame.remarks.add(prim.GetPath(), "flattened by a scale of 0; not drawn")
        return None
    shaped = _mesh(dressed, size < 0, frame)
    if shaped is None:
        return None
    mesh, mesh_matrix = shaped
    return Instance(
        path=str(prim.GetPath()),
        mesh=mesh,
        world_from_mesh=world if mesh_matrix is None else world @ mesh_matrix,
        materials=_materials(dressed, frame),
        velocity_m_s=dressed.velocity_m_s,
    )


def _mesh(dressed: _Dressed, mirrored: bool, frame: Frame) -> tuple[Mesh, np.ndarray | None] | None:
    prim = dressed.prim
    if prim.GetTypeName() in GPRIMS:
        return shape_of(prim, mirrored, frame)
    if prim.HasAttribute("primvars:skel:jointIndices"):
        frame.remarks.add(prim.GetPath(), "skinning is left out; the rest pose is drawn")
    names = tuple(look.uv_name if look else "st" for look in dressed.looks)
    mesh = mesh_of(prim, names, dressed.subsets, mirrored, frame)
    if mesh is None:
        return None
    for look, name in zip(dressed.looks, names, strict=True):
        if look and look.material.texture:
            _check_uv(prim, name, look.material.texture, mesh, frame)
    return mesh, None


def _check_uv(prim: Usd.Prim, name: str, texture: Texture, mesh: Mesh, frame: Frame) -> None:
    """Add a remark where a texture has no coordinates, or coordinates outside an image that does not repeat."""
    a, b, c, d, e, f = texture.matrix
    if not any((a, b, d, e)):
        return
    if not prim.HasAttribute(f"primvars:{name}"):
        frame.remarks.add(prim.GetPath(), f"has no texture coordinates {name!r} for its material; 0 is used")
    elif "black" in texture.wrap and len(mesh.uv):
        at = mesh.uv.reshape(-1, 2) @ np.array([[a, d], [b, e]]) + (c, f)
        if at.min() < -_OUTSIDE or at.max() > 1.0 + _OUTSIDE:
            frame.remarks.add(prim.GetPath(), "texture coordinates leave 0..1 and no wrap is authored: black there")


def _materials(dressed: _Dressed, frame: Frame) -> tuple[Material, ...]:
    materials = tuple(worn_by(look, dressed.prim, frame) for look in dressed.looks)
    if dressed.prim.HasAPI(UsdLux.LightAPI):
        return tuple(_glowing(material, dressed.prim, frame) for material in materials)
    return materials


def _glowing(material: Material, prim: Usd.Prim, frame: Frame) -> Material:
    """Return the material of a mesh light: it is seen to glow, but lights nothing."""
    frame.remarks.add(prim.GetPath(), "a mesh light is seen glowing but lights nothing; use a RectLight or DiskLight")
    if prim.GetAttribute("inputs:normalize").Get(frame.time):
        return material
    light = spectra.d65()
    radiance = luminance_nit(prim, frame) / spectra.efficacy_lm_w(light)
    b, g, r, nir = (max(radiance, 0.0) * spectra.band_fractions(light)).tolist()
    return replace(material, emission_w_m2_sr=(b, g, r, nir))


def _point_instances(prim: Usd.Prim, velocity: Velocity, frame: Frame, depth: int) -> Iterator[Instance]:
    """Yield the instances of a PointInstancer, named `path[i]` and, for prototypes of many meshes, `path[i]/mesh`."""
    places = _places(prim, frame)
    if places is None:
        return
    prototypes, indices, matrices, kept = places
    if depth >= _MAX_DEPTH or any(prim.GetPath().HasPrefix(root.GetPath()) for root in prototypes if root):
        frame.remarks.add(prim.GetPath(), _ANCESTOR)
        return
    world = frame.world_from_prim(prim)
    parts = [_prototype(root, velocity, frame, depth) for root in prototypes]
    drawn = 0
    for i in kept.tolist():
        at = world @ matrices[i].T
        mirrored = determinant(at) < 0
        for part in parts[indices[i]]:
            drawn += 1
            if drawn > MAX_POINT_INSTANCES:
                frame.remarks.add(prim.GetPath(), f"more than {MAX_POINT_INSTANCES} instances; the rest is left out")
                return
            yield from part.placed(f"{prim.GetPath()}[{i}]", at, mirrored, frame)


def _places(prim: Usd.Prim, frame: Frame) -> tuple[list[Usd.Prim], np.ndarray, np.ndarray, np.ndarray] | None:
    """Return (prototype prims, prototype of each instance, Gf matrices, instances that are drawn), or None."""
    instancer = UsdGeom.PointInstancer(prim)
    stage = prim.GetStage()
    prototypes = [stage.GetPrimAtPath(path) for path in instancer.GetPrototypesRel().GetForwardedTargets()]
    indices = frame.array(prim, "protoIndices", 1, np.int64)
    if not prototypes or indices is None or not indices.size:
        frame.remarks.add(prim.GetPath(), "PointInstancer without prototypes or protoIndices; not drawn")
        return None
    found = instancer.ComputeInstanceTransformsAtTime(
        frame.time, frame.time, UsdGeom.PointInstancer.ExcludeProtoXform, UsdGeom.PointInstancer.IgnoreMask
    )
    matrices = np.asarray(found, np.float64).reshape(-1, 4, 4)
    if len(matrices) != indices.size:
        frame.remarks.add(prim.GetPath(), f"{indices.size} protoIndices but {len(matrices)} positions; not drawn")
        return None
    good = (indices >= 0) & (indices < len(prototypes)) & np.isfinite(matrices).all(axis=(1, 2))
    valid = np.array([bool(prototype) for prototype in prototypes])
    good[good] &= valid[indices[good]]
    if not good.all():
        frame.remarks.add(prim.GetPath(), "instances whose prototype or transform is not there; left out")
    mask = instancer.ComputeMaskAtTime(frame.time)
    if mask is not None and len(mask) == indices.size:
        good &= np.asarray(mask, bool)
    return prototypes, indices, matrices, np.flatnonzero(good)


@dataclass(frozen=True, eq=False)
class _Part:
    """One mesh, or one nested instancer's instance, of a prototype; `matrix` is in the frame of the instances."""

    suffix: str
    dressed: _Dressed | None
    matrix: np.ndarray
    instance: Instance
    """The instance where no transform mirrors it."""

    def placed(self, name: str, at: np.ndarray, mirrored: bool, frame: Frame) -> Iterator[Instance]:
        """Yield the part at a place in the world."""
        found: Instance | None = replace(self.instance, world_from_mesh=at @ self.instance.world_from_mesh)
        if mirrored and self.dressed is not None:
            found = _instance(self.dressed, frame, at @ self.matrix)
        if found is not None:
            yield replace(found, path=name + self.suffix)


def _prototype(root: Usd.Prim, velocity: Velocity, frame: Frame, depth: int) -> list[_Part]:
    """Return the parts of a prototype in the frame of the instances: with the root's own transform and none above."""
    if not root:
        return []
    found = walk(root, Inherited(velocity_m_s=velocity), frame)
    own = np.array(frame.xforms.GetLocalTransformation(root)[0]).T
    to_root = own @ np.linalg.inv(_or_identity(frame.world_from_prim(root)))
    parts = []
    for dressed in _dress(found.gprims, frame):
        matrix = to_root @ frame.world_from_prim(dressed.prim)
        instance = _instance(dressed, frame, matrix)
        if instance is not None:
            parts.append(_Part(str(dressed.prim.GetPath())[len(str(root.GetPath())) :], dressed, matrix, instance))
    for nested, speed in found.instancers:
        for instance in _point_instances(nested, speed, frame, depth + 1):
            local = replace(instance, world_from_mesh=to_root @ instance.world_from_mesh)
            parts.append(_Part(instance.path[len(str(root.GetPath())) :], None, local.world_from_mesh, local))
    return [replace(parts[0], suffix="")] if len(parts) == 1 else parts


def _or_identity(matrix: np.ndarray) -> np.ndarray:
    invertible = np.isfinite(matrix).all() and determinant(matrix) != 0
    return matrix if invertible else np.eye(4)
