"""Lamps in mirrors: one reflection off a glossy flat surface, by the mirror image of the eye.

Every flat group of glossy triangles is taken as a perfect mirror of its Fresnel reflectance: what a slightly rough one
spreads out, the true one concentrates, so this is the stricter choice. Curved mirrors are as flat as their facets.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from synthgen.photobiology.averaging_cone import unit
from synthgen.safety.scene.sight import FINE, Detail, Seen, Sight, _Part
from synthgen.safety.scene.surfaces import Face, near
from synthgen.world import scene_description
from synthgen.world.spectra import band_fractions

GLOSSY = 0.3
"""Roughness up to which a surface shows lamps as a mirror does (GGX alpha 0.09: some 5 degrees)."""
_MOST_PLANES = 4000
_SMALLEST_M2 = 1e-5


@dataclass(frozen=True, eq=False)
class Plane:
    """A flat mirror."""

    path: str
    material: scene_description.Material
    normal: np.ndarray
    offset_m: float
    """normal @ point."""
    triangles_m: np.ndarray
    """Shape (n, 3, 3)."""

    @cached_property
    def ball(self) -> tuple[np.ndarray, float]:
        """Return a ball around the triangles: (centre, radius) [m]."""
        corners = self.triangles_m.reshape(-1, 3)
        centre = 0.5 * (corners.min(axis=0) + corners.max(axis=0))
        return centre, float(np.linalg.norm(corners - centre, axis=1).max())

    @property
    def area_m2(self) -> float:
        """Return the area of the triangles."""
        a, b, c = np.moveaxis(self.triangles_m, 1, 0)
        return float(0.5 * np.linalg.norm(np.cross(b - a, c - a), axis=1).sum())

    def reflectance(self, cosine: np.ndarray, light: scene_description.Light) -> np.ndarray:
        """Return the mirror reflectance for a lamp's light by the cosine to the normal (Schlick's Fresnel)."""
        m = self.material
        dielectric = ((m.ior - 1.0) / (m.ior + 1.0)) ** 2
        f0 = m.metallic * np.array(m.reflectance) + (1.0 - m.metallic) * dielectric
        shares = band_fractions(light.spectrum)
        normal = float(f0 @ shares / shares.sum()) if shares.sum() > 0 else float(f0[-1])
        return m.opacity * (normal + (1.0 - normal) * (1.0 - np.clip(cosine, 0.0, 1.0)) ** 5)

    def holds(self, points_m: np.ndarray) -> np.ndarray:
        """Return which points of the plane lie on a triangle, shape (n,)."""
        a, b, c = np.moveaxis(self.triangles_m, 1, 0)
        inside = np.zeros(len(points_m), bool)
        for first, second, third in zip(a, b, c, strict=True):
            sides = [
                np.cross(q - p, points_m - p) @ self.normal
                for p, q in ((first, second), (second, third), (third, first))
            ]
            inside |= np.all([s >= -1e-12 for s in sides], axis=0) | np.all([s <= 1e-12 for s in sides], axis=0)
        return inside


@dataclass(frozen=True, eq=False)
class Mirrored:
    """What an eye sees in mirrors: tiles, and which plane shows each."""

    seen: Seen
    plane: np.ndarray
    reflectance: np.ndarray


def planes_of(world: scene_description.Description) -> list[Plane]:
    """Return the flat mirrors of a world, largest first."""
    found = []
    for instance in world.instances:
        shiny = [k for k, m in enumerate(instance.materials) if m.roughness <= GLOSSY and (m.metallic > 0 or m.ior > 1)]
        if shiny:
            found += _planes(instance, shiny)
    found.sort(key=lambda plane: -plane.area_m2)
    return [plane for plane in found[:_MOST_PLANES] if plane.area_m2 > _SMALLEST_M2]


def look(sight: Sight, planes: list[Plane], eye_m: np.ndarray, detail: Detail = FINE) -> Mirrored:
    """Return what one eye sees of the lamps in the mirrors."""
    parts, owner = [], []
    for p, k in _promising(planes, sight.lights, eye_m):
        plane = planes[p]
        image_m = eye_m + 2.0 * (plane.offset_m - eye_m @ plane.normal) * plane.normal
        face = Face(sight.lights[k], image_m)
        if face.dark:
            continue
        part = _Part(0, k, face, face.cells(detail.tile_rad, detail.most))
        _trace(sight, plane, part, eye_m, detail)
        for _ in range(detail.splits):
            for piece in part.split(detail.edge_rad):
                _trace(sight, plane, piece, eye_m, detail)
                part.cells = np.concatenate([part.cells, piece.cells])
                part.visible = np.concatenate([part.visible, piece.visible])
        parts.append(part)
        owner.append(p)
    return _mirrored(sight, planes, parts, owner, eye_m, detail)


def _mirrored(
    sight: Sight, planes: list[Plane], parts: list[_Part], owner: list[int], eye_m: np.ndarray, detail: Detail
) -> Mirrored:
    """Return the tiles of all parts turned back to the real eye."""
    corners, radiance, lamp, plane_of, share = [], [], [], [], []
    axes = np.zeros((len(sight.lights), 2))
    for part, p in zip(parts, owner, strict=True):
        corners_m, light, k = part.shown()
        plane = planes[p]
        toward = unit(corners_m - part.face.eye_m) if len(corners_m) else np.zeros((0, 4, 3))
        reflectance = plane.reflectance(np.abs(toward.mean(axis=1) @ plane.normal), sight.lights[k])
        corners.append(toward - 2.0 * (toward @ plane.normal)[..., None] * plane.normal)
        radiance.append(light * reflectance)
        lamp.append(np.full(len(light), k))
        plane_of.append(np.full(len(light), p))
        share.append(reflectance)
        axes[k] = np.maximum(axes[k], part.face.axes_rad)
    seen = Seen(
        eye_m=eye_m,
        corners=np.concatenate([np.zeros((0, 4, 3)), *corners]),
        radiance_w_m2_sr=np.concatenate([np.zeros(0), *radiance]),
        lamp=np.concatenate([np.zeros(0, int), *lamp]),
        axes_rad=axes,
        rays=2 * detail.rays * sum(len(part.cells) for part in parts),
    )
    return Mirrored(seen, np.concatenate([np.zeros(0, int), *plane_of]), np.concatenate([np.zeros(0), *share]))


def _trace(sight: Sight, plane: Plane, part: _Part, eye_m: np.ndarray, detail: Detail) -> None:
    """Fill in how much of each tile the eye sees in the plane."""
    target = part.samples_m(detail.rays)
    image = part.face.eye_m
    rise = (target - image) @ plane.normal
    crossing = (plane.offset_m - image @ plane.normal) / np.where(np.abs(rise) > 1e-12, rise, np.inf)
    at = image + crossing[:, None] * (target - image)
    ok = (crossing > 1e-9) & (crossing < 1.0 - 1e-9)
    rows = np.flatnonzero(ok)
    rows = rows[plane.holds(at[rows])]
    side = np.sign(eye_m @ plane.normal - plane.offset_m) * plane.normal
    lifted = at[rows] + side * (2e-5 + 2e-6 * np.linalg.norm(at[rows], axis=1))[:, None]
    reach = part.face.reach_m(target)[rows] * (1.0 - crossing[rows])
    clear = sight.clear(lifted, np.broadcast_to(eye_m, lifted.shape)) & sight.clear(lifted, target[rows], reach)
    seen = np.zeros(len(target))
    seen[rows[clear]] = 1.0
    part.visible = seen.reshape(-1, detail.rays).mean(axis=1)


def _promising(
    planes: list[Plane], lights: tuple[scene_description.Light, ...], eye_m: np.ndarray
) -> list[tuple[int, int]]:
    """Return the pairs (plane, lamp) whose mirror image may cross the plane's triangles."""
    if not planes:
        return []
    normals = np.array([plane.normal for plane in planes])
    height = normals @ eye_m - np.array([plane.offset_m for plane in planes])
    images = eye_m - 2.0 * height[:, None] * normals
    centres = np.array([plane.ball[0] for plane in planes])
    radii = np.array([plane.ball[1] for plane in planes])
    found = []
    for k, light in enumerate(lights):
        if not near(light) or light.strength <= 0.0:
            continue
        at = np.asarray(light.world_from_light, np.float64)[:3, 3]
        size_m = 0.5 * float(np.hypot(light.width_m + light.length_m, light.height_m)) + light.radius_m
        opposite = (normals @ at - np.array([plane.offset_m for plane in planes])) * np.sign(height)
        share = np.abs(height) / np.maximum(np.abs(height) + np.maximum(opposite, 0.0), 1e-12)
        crossing = images + share[:, None] * (at - images)
        close = np.linalg.norm(crossing - centres, axis=1) < radii + size_m
        found += [(int(p), k) for p in np.flatnonzero(close & (opposite > -size_m) & (np.abs(height) > 1e-6))]
    return found


def _planes(instance: scene_description.Instance, shiny: list[int]) -> list[Plane]:
    """Return an instance's glossy triangles grouped by material and plane."""
    mesh, world = instance.mesh, instance.world_from_mesh
    rows = np.flatnonzero(np.isin(mesh.slot, shiny))
    points = mesh.points_m.astype(np.float64) @ world[:3, :3].T + world[:3, 3]
    triangles = points[mesh.triangles[rows]]
    normals = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
    length = np.linalg.norm(normals, axis=1)
    rows, triangles, normals = rows[length > 0], triangles[length > 0], normals[length > 0]
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    offsets = (normals * triangles[:, 0]).sum(axis=1)
    groups: dict[tuple[object, ...], list[int]] = {}
    for i, (slot, normal, offset) in enumerate(zip(mesh.slot[rows], normals, offsets, strict=True)):
        groups.setdefault((int(slot), *np.round(normal, 4).tolist(), round(float(offset), 4)), []).append(i)
    return [
        Plane(
            instance.path, instance.materials[mesh.slot[rows[g[0]]]], normals[g[0]], float(offsets[g[0]]), triangles[g]
        )
        for g in groups.values()
    ]
