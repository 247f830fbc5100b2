"""The G-buffer: what the primary ray of each pixel found, for all views of a launch one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import warp as wp

from synthgen.kernels import (
    camera_rays,
    direct_lighting,
    hazard,
    intersect,
    pixel_filter,
    pixel_integration,
    sensor,
    shading,
    surface_hit,
    types,
)
from synthgen.rendering.device_tables import Tables
from synthgen.rendering.launch import Block, Launch, View
from synthgen.rendering.ray_tracers import Hits, Tracer
from synthgen.world import scene_description
from synthgen.world.lens import field_limit

WAVELENGTH_M = 0.6e-6
"""Middle of the sensor's range, for the width of diffraction."""

MOST_LAYERS = 8
"""Cut-outs that one ray passes through."""


@dataclass(frozen=True, eq=False)
class GBuffer:
    """What the primary rays of some views found in their worlds."""

    tables: Tables
    tracer: Tracer
    launch: Launch
    scene: Any
    """`types.SceneTables` on the device."""
    pixels: Any
    """`types.GBuffer`: arrays with one entry a pixel."""

    @property
    def hits(self) -> Hits:
        """Return what each primary ray hit first; the weights on the triangle are not kept."""
        g = self.pixels
        return Hits(g.ray_t, g.instance, g.triangle, wp.empty(0, dtype=wp.vec2, device=self.tables.device))


def load(device: str) -> None:
    """Compile and load the kernels, once, before threads would each ask for them."""
    for module in (
        camera_rays,
        intersect,
        surface_hit,
        direct_lighting,
        hazard,
        shading,
        pixel_filter,
        pixel_integration,
        sensor,
    ):
        wp.load_module(module, device=device)


def trace_views(tables: Tables, tracer: Tracer, views: Sequence[View], threads: int = 1) -> GBuffer:
    """Return the G-buffer of some views, one ray through each pixel's centre."""
    launch = Launch.over(views, tables.device, threads)
    g = types.GBuffer()
    structs = [_camera(view, first) for view, first in zip(views, launch.first_pixel, strict=True)]
    sizes = [view.width_px * view.height_px for view in views]
    g.cameras = wp.array(structs, dtype=types.Camera, device=tables.device)
    g.pixel_camera = wp.array(
        np.repeat(np.arange(len(views), dtype=np.int32), sizes), dtype=wp.int32, device=tables.device
    )
    for name, dtype in (
        *((name, wp.vec3) for name in ("ray_origin", "ray_direction", "position")),
        *((name, wp.vec3) for name in ("shading_normal", "geometric_normal")),
        *((name, wp.int32) for name in ("instance", "triangle", "material")),
        ("ray_t", wp.float32),
    ):
        setattr(g, name, launch.empty(dtype))
    found = GBuffer(tables, tracer, launch, scene_tables(tables), g)
    hits = Hits(g.ray_t, g.instance, g.triangle, launch.empty(wp.vec2))
    load(tables.device)
    launch.each(lambda block: _trace(found, hits, block))
    return found


def _trace(found: GBuffer, hits: Hits, block: Block) -> None:
    g, launch = found.pixels, found.launch
    launch.run(camera_rays.camera_rays, block, [g.cameras, g.pixel_camera], [g.ray_origin, g.ray_direction])
    world = launch.views[block.view].world
    found.tracer.closest_hit(world, g.ray_origin, g.ray_direction, block.first, block.count, hits)
    rays = ray_hits(g.ray_origin, g.ray_direction, hits)
    see_through(found, world, rays, block.first, block.count)
    surfaces = [g.position, g.shading_normal, g.geometric_normal, g.material]
    launch.run(surface_hit.surface, block, [found.scene, rays], surfaces)


def scene_tables(tables: Tables) -> Any:
    """Return the tables as the structure that kernels take."""
    out = types.SceneTables()
    out.meshes, out.instances = tables.meshes, tables.instances
    out.materials, out.textures = tables.materials, tables.textures
    return out


def ray_hits(origin: wp.array, direction: wp.array, hits: Hits) -> Any:
    """Return rays and their hits as the structure that kernels take."""
    out = types.RayHits()
    out.origin, out.direction = origin, direction
    out.t, out.instance, out.triangle, out.uv = hits.t, hits.instance, hits.triangle, hits.uv
    return out


def see_through(found: GBuffer, world: int, rays: Any, first: int, count: int) -> None:
    """Carry on rays that hit a cut-out, up to `MOST_LAYERS` deep, until they hit something that is there."""
    tables = found.tables
    if not tables.cut_outs:
        return
    for _ in range(MOST_LAYERS):
        gone = wp.empty(count, dtype=wp.uint8, device=tables.device)
        inputs = [found.scene, rays, first]
        wp.launch(surface_hit.cut_out, dim=count, inputs=inputs, outputs=[gone], device=tables.device)
        again = np.flatnonzero(gone.numpy())
        if not again.size:
            return
        rows = first + again
        passed = rays.t.numpy()[rows]
        step = passed * (1 + 1e-5) + 1e-5
        along = rays.direction.numpy()[rows]
        start = (rays.origin.numpy()[rows] + along * step[:, None]).astype(np.float32)
        next_hits = Hits.empty(len(rows), tables.device)
        o, t = (wp.array(a, dtype=wp.vec3, device=tables.device) for a in (start, along))
        found.tracer.closest_hit(world, o, t, 0, len(rows), next_hits)
        for name in ("instance", "triangle", "uv"):
            _put(getattr(rays, name), rows, getattr(next_hits, name).numpy())
        _put(rays.t, rows, next_hits.t.numpy() + step)


def _put(target: wp.array, rows: np.ndarray, values: np.ndarray) -> None:
    """Write some rows of a device array."""
    host = target.numpy()
    host[rows] = values
    if target.device.is_cuda:
        target.assign(host)


def _camera(view: View, first: int) -> Any:
    camera = view.camera
    row = types.Camera()
    matrix = np.asarray(camera.world_from_camera, np.float64)
    row.first_pixel = first
    row.width, row.height, row.first_row = view.width_px, view.height_px, view.first_row
    row.origin = wp.vec3(*matrix[:3, 3].tolist())
    row.x, row.y, row.z = (wp.vec3(*matrix[:3, axis].tolist()) for axis in range(3))
    row.fx, row.fy, row.cx, row.cy = camera.fx_px, camera.fy_px, camera.cx_px, camera.cy_px
    row.k1, row.k2, row.p1, row.p2, row.k3 = camera.dist
    row.blur_px = diffraction_px(camera)
    row.defocus_px_m = defocus_px_m(camera)
    row.focus_m = camera.lens.focus_m
    row.field_limit = field_limit(camera.dist)
    return row


def diffraction_px(camera: scene_description.Camera) -> float:
    """Return the width (one sigma) of the Airy disc [px]: 0.42 lambda N / pitch (Zhang et al. 2007)."""
    return 0.42 * WAVELENGTH_M * camera.lens.f_number / camera.sensor.pitch_m


def defocus_px_m(camera: scene_description.Camera) -> float:
    """Return c in: diameter of the circle of confusion [px] = c |1/focus - 1/depth| (thin lens).

    diameter = A f |z - s| / (z (s - f)) with aperture A = f/N, so c = A f s / ((s - f) pitch).
    """
    lens = camera.lens
    if lens.focus_m <= lens.focal_m:
        return 0.0
    aperture_m = lens.focal_m / lens.f_number
    return aperture_m * lens.focal_m * lens.focus_m / ((lens.focus_m - lens.focal_m) * camera.sensor.pitch_m)
