"""A described stage as device arrays: meshes once (BLAS), instances as transforms, materials, textures, lights.

`Resident` is what stays on the device from one description to the next, by content; it counts what is uploaded.
`Tables` is one or more worlds side by side, each a group of the TLAS, so that a launch can cover many shots.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import numpy as np
import warp as wp

from synthgen.errors import StageError
from synthgen.kernels import types
from synthgen.textures.image_files import texels
from synthgen.world import scene_description
from synthgen.world.light_shapes import LIGHT_SHAPES
from synthgen.world.spectra import band_photons_per_j

_WRAPS = {"repeat": types.REPEAT, "clamp": types.CLAMP, "mirror": types.MIRROR, "black": types.BLACK}


@dataclass(frozen=True, eq=False)
class DeviceMesh:
    """A mesh on the device, with the host copy that Embree's flattening needs."""

    row: Any
    blas: wp.Mesh
    host: scene_description.Mesh
    low_m: np.ndarray
    high_m: np.ndarray
    arrays: MeshArrays


@dataclass(frozen=True, eq=False)
class MeshArrays:
    """The arrays that a mesh's row and its BLAS point into: they live as long as this does."""

    points: wp.array
    triangles: wp.array
    normals: wp.array
    uv: wp.array
    slot: wp.array


@dataclass(frozen=True, eq=False)
class DeviceTexture:
    """A texture on the device: its row, and the texels that the row points into."""

    row: Any
    texels: wp.array


@dataclass(eq=False)
class Resident:
    """Meshes and textures that are on `device`, by content."""

    device: str
    meshes: dict[str, DeviceMesh] = field(default_factory=dict)
    textures: dict[str, DeviceTexture] = field(default_factory=dict)
    uploads: Counter[str] = field(default_factory=Counter)
    """How many meshes, textures, instances (transforms), materials and lights were uploaded so far."""

    def mesh(self, mesh: scene_description.Mesh) -> DeviceMesh:
        """Return the mesh on the device, uploaded on its first use."""
        if mesh.key not in self.meshes:
            self.meshes[mesh.key] = _upload_mesh(mesh, self.device)
            self.uploads["mesh"] += 1
        return self.meshes[mesh.key]

    def texture(self, asset: str) -> Any:
        """Return the texture's row, uploaded on its first use."""
        if asset not in self.textures:
            self.textures[asset] = _upload_texture(asset, self.device)
            self.uploads["texture"] += 1
        return self.textures[asset].row

    def keep_only(self, meshes: set[str], textures: set[str]) -> None:
        """Free what no table uses any more."""
        self.meshes = {key: mesh for key, mesh in self.meshes.items() if key in meshes}
        self.textures = {asset: texture for asset, texture in self.textures.items() if asset in textures}


@dataclass(eq=False)
class Tables:
    """The worlds of a launch on the device."""

    device: str
    resident: Resident
    worlds: tuple[scene_description.Description, ...]
    instances_host: list[scene_description.Instance]
    instance_world: np.ndarray
    meshes: wp.array
    instances: wp.array
    materials: wp.array
    textures: wp.array
    lights: wp.array
    light_rows: tuple[np.ndarray, ...]
    """For each world the rows of its lights."""
    tlas: wp.Bvh
    first_material: np.ndarray
    """The row of the first material of each instance."""
    mesh_row: dict[str, int]
    """The row of each mesh, by its key."""
    tlas_groups: wp.array
    """The world of each instance; the TLAS points into it."""
    meshes_in_use: dict[str, DeviceMesh]
    """The meshes whose BLAS the rows point into, by key."""
    warnings: tuple[str, ...]
    cut_outs: bool
    """Whether any material is less than opaque."""
    revision: int = 0
    """Grows with every change of a transform, so that a flattened copy of the scene can tell that it is out of date."""

    def move(self, row: int, instance: scene_description.Instance) -> None:
        """Upload one instance's new transform; nothing else changes."""
        self.instances_host[row] = instance
        mesh = self.resident.mesh(instance.mesh)
        struct = _instance(instance, self.mesh_row[instance.mesh.key], int(self.first_material[row]))
        wp.copy(self.instances, wp.array([struct], dtype=types.Instance, device=self.device), dest_offset=row, count=1)
        low, high = _bounds(instance, mesh)
        for bounds, value in ((self.tlas.lowers, low), (self.tlas.uppers, high)):
            one = wp.array(value[None].astype(np.float32), dtype=wp.vec3, device=self.device)
            wp.copy(bounds, one, dest_offset=row, count=1)
        self.tlas.refit()
        self.resident.uploads["instance"] += 1
        self.revision += 1


def build(worlds: Sequence[scene_description.Description], resident: Resident) -> Tables:
    """Return the tables of some described stages, uploading what is not on the device yet."""
    device = resident.device
    pairs = [(w, i) for w, world in enumerate(worlds) for i in sorted(world.instances, key=lambda i: i.path)]
    hosts = [instance for _, instance in pairs]
    used = {instance.mesh.key: resident.mesh(instance.mesh) for instance in hosts}
    mesh_row = {key: row for row, key in enumerate(used)}
    rows, materials, textures, warnings = _materials(hosts, resident)
    resident.keep_only(set(used), set(textures))
    instances = [_instance(i, mesh_row[i.mesh.key], first) for i, first in zip(hosts, rows, strict=True)]
    resident.uploads["instance"] += len(instances)
    resident.uploads["material"] += len(materials)
    bounds = np.array([_bounds(i, used[i.mesh.key]) for i in hosts], np.float32).reshape(-1, 2, 3)
    group = np.array([w for w, _ in pairs], np.int32)
    lights = [light for world in worlds for light in world.lights]
    resident.uploads["light"] += len(lights)
    counts = np.cumsum([0] + [len(world.lights) for world in worlds])
    if not hosts:
        bounds, group = np.full((1, 2, 3), 1e9, np.float32), np.zeros(1, np.int32)
    low, high = (wp.array(np.ascontiguousarray(bounds[:, k]), dtype=wp.vec3, device=device) for k in (0, 1))
    groups = wp.array(group, dtype=wp.int32, device=device)
    return Tables(
        device=device,
        resident=resident,
        worlds=tuple(worlds),
        instances_host=hosts,
        instance_world=group,
        meshes=_array([mesh.row for mesh in used.values()], types.Mesh, device),
        instances=_array(instances, types.Instance, device),
        materials=_array(materials, types.Material, device),
        textures=_array([resident.textures[asset].row for asset in textures], types.Texture, device),
        lights=_array([_light(light) for light in lights], types.Light, device),
        light_rows=tuple(np.arange(a, b, dtype=np.int32) for a, b in pairwise(counts)),
        cut_outs=any(m.opacity < 1 or m.opacity_from_texture for i in hosts for m in i.materials),
        tlas=wp.Bvh(low, high, groups=groups),
        first_material=np.array(rows, np.int32),
        mesh_row=mesh_row,
        tlas_groups=groups,
        meshes_in_use=used,
        warnings=tuple(dict.fromkeys([w for world in worlds for w in world.warnings] + warnings)),
    )


def _array(rows: list[Any], dtype: Any, device: str) -> wp.array:
    """Return the rows on the device; one empty row where there are none, for kernels to be given something."""
    return wp.array(rows or [dtype()], dtype=dtype, device=device)


def _upload_mesh(mesh: scene_description.Mesh, device: str) -> DeviceMesh:
    points = wp.array(mesh.points_m, dtype=wp.vec3, device=device)
    triangles = wp.array(mesh.triangles.reshape(-1), dtype=wp.int32, device=device)
    normals = wp.array(mesh.normals.reshape(-1, 3), dtype=wp.vec3, device=device)
    uv = wp.array(mesh.uv.reshape(-1, 2), dtype=wp.vec2, device=device)
    slot = wp.array(mesh.slot, dtype=wp.int32, device=device)
    blas = wp.Mesh(points=points, indices=triangles, bvh_constructor="sah")
    row = types.Mesh()
    row.id = blas.id
    row.points, row.triangles, row.normals, row.uv, row.slot = points, triangles, normals, uv, slot
    arrays = MeshArrays(points, triangles, normals, uv, slot)
    return DeviceMesh(row, blas, mesh, mesh.points_m.min(axis=0), mesh.points_m.max(axis=0), arrays)


def _upload_texture(asset: str, device: str) -> DeviceTexture:
    values = texels(asset)
    row = types.Texture()
    row.height, row.width, row.channels = values.shape
    array = wp.array(np.ascontiguousarray(values).reshape(-1), dtype=wp.uint8, device=device)
    row.texels = array
    return DeviceTexture(row, array)


def _instance(instance: scene_description.Instance, mesh_row: int, first_material: int) -> Any:
    row = types.Instance()
    matrix = np.asarray(instance.world_from_mesh, np.float64)
    row.world_from_mesh = wp.mat44(*matrix.astype(np.float32).ravel().tolist())
    row.mesh_from_world = wp.mat44(*np.linalg.inv(matrix).astype(np.float32).ravel().tolist())
    row.mesh = mesh_row
    row.first_material = first_material
    row.velocity = wp.vec3(*instance.velocity_m_s)
    return row


def _bounds(instance: scene_description.Instance, mesh: DeviceMesh) -> tuple[np.ndarray, np.ndarray]:
    """Return the world box of an instance, a little larger than float32 can round off."""
    corners = np.array(
        [[(mesh.low_m, mesh.high_m)[k][axis] for axis, k in enumerate(pick)] for pick in np.ndindex(2, 2, 2)]
    )
    matrix = instance.world_from_mesh
    world = corners @ matrix[:3, :3].T + matrix[:3, 3]
    margin = 1e-5 + 1e-6 * np.abs(world).max()
    return world.min(axis=0) - margin, world.max(axis=0) + margin


def _materials(
    hosts: list[scene_description.Instance], resident: Resident
) -> tuple[list[int], list[Any], dict[str, int], list[str]]:
    """Return each instance's first row, the rows, the textures in use, and warnings about those that cannot be read."""
    first_of: dict[tuple[scene_description.Material, ...], int] = {}
    rows: list[Any] = []
    textures: dict[str, int] = {}
    warnings: list[str] = []
    for instance in hosts:
        if instance.materials not in first_of:
            first_of[instance.materials] = len(rows)
            for material in instance.materials:
                readable = _with_texture(material, resident, textures, warnings)
                rows.append(_material(readable, textures))
    return [first_of[instance.materials] for instance in hosts], rows, textures, warnings


def _with_texture(
    material: scene_description.Material, resident: Resident, textures: dict[str, int], warnings: list[str]
) -> scene_description.Material:
    if material.texture is None:
        return material
    asset = material.texture.asset
    try:
        resident.texture(asset)
    except StageError as reason:
        warnings.append(f"{material.path}: {reason}; drawn without its texture")
        return replace(material, texture=None)
    textures.setdefault(asset, len(textures))
    return material


def _material(material: scene_description.Material, textures: dict[str, int]) -> Any:
    row = types.Material()
    row.reflectance = wp.vec4(*material.reflectance)
    row.ink = wp.vec4(*material.ink_reflectance)
    row.emission = wp.vec4(*material.emission_w_m2_sr)
    row.alpha = float(material.roughness) ** 2
    row.f0 = ((material.ior - 1.0) / (material.ior + 1.0)) ** 2
    row.metallic = material.metallic
    row.opacity = material.opacity
    row.threshold = material.opacity_threshold
    row.alpha_channel = int(material.opacity_from_texture)
    row.texture = -1
    row.scale = wp.vec4(1.0, 1.0, 1.0, 1.0)
    texture = material.texture
    if texture is not None:
        row.texture = textures[texture.asset]
        row.tone = int(texture.mode == "tone")
        row.srgb = int(texture.srgb)
        row.nearest = int(texture.nearest)
        row.wrap_u, row.wrap_v = (_WRAPS[mode] for mode in texture.wrap)
        row.u_row = wp.vec3(*texture.matrix[:3])
        row.v_row = wp.vec3(*texture.matrix[3:])
        row.scale = wp.vec4(*texture.scale)
        row.bias = wp.vec4(*texture.bias)
    return row


def _light(light: scene_description.Light) -> Any:
    row, shape = types.Light(), LIGHT_SHAPES[light.shape]
    matrix = np.asarray(light.world_from_light, np.float64)
    row.kind = shape.kernel_code
    row.position = wp.vec3(*matrix[:3, 3].tolist())
    row.x, row.y, row.z = (wp.vec3(*matrix[:3, axis].tolist()) for axis in range(3))
    row.half_width = getattr(light, shape.x_size) / 2
    row.half_height = light.height_m / 2
    row.radius = light.radius_m
    row.cap = 2.0 * math.sin(light.half_angle_rad / 2) ** 2
    row.strength = light.strength
    cuts = light.cone_angle_rad < (math.pi / 2 if shape.is_one_sided else math.pi) - 1e-6
    row.shaped = int(cuts or light.focus > 0)
    row.cone_rad = light.cone_angle_rad if cuts else 4.0
    row.cone_inner_rad = light.cone_angle_rad * (1.0 - light.cone_softness) if cuts else 4.0
    row.focus = light.focus
    row.photons = wp.vec4(*band_photons_per_j(light.spectrum).tolist())
    return row
