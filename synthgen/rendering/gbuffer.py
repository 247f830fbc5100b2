"""The working arrays of a launch: one entry a pixel, all views one after the other, and the blocks they are done in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
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
from synthgen.rendering.ray_tracers import Hits, Tracer
from synthgen.world import scene_description

BLOCK_PX = 20_000
"""Pixels of a block on the CPU: its rays stay in the cache."""

WAVELENGTH_M = 0.6e-6
"""Middle of the sensor's range, for the width of diffraction."""


@dataclass(frozen=True, eq=False)
class View:
    """A camera in one of the tables' worlds."""

    world: int
    camera: scene_description.Camera


@dataclass(frozen=True)
class Block:
    """Some rows of a view: pixels `first` to `first + count` of the launch."""

    view: int
    first: int
    count: int


@dataclass(frozen=True, eq=False)
class Frame:
    """What the primary rays found, and what launches share."""

    tables: Tables
    tracer: Tracer
    views: tuple[View, ...]
    threads: int
    cameras: wp.array
    pixel_camera: wp.array
    first_pixel: tuple[int, ...]
    pixels: int
    origin: wp.array
    toward: wp.array
    hits: Hits
    position: wp.array
    normal: wp.array
    plane: wp.array
    material: wp.array

    @property
    def device(self) -> str:
        """Return the Warp device."""
        return self.tables.device

    def empty(self, dtype: Any, rows: int = 0) -> wp.array:
        """Return an array of a value a pixel, or of `rows` of them."""
        return wp.empty((rows, self.pixels) if rows else self.pixels, dtype=dtype, device=self.device)

    def blocks(self, view: int | None = None) -> list[Block]:
        """Return the blocks of one view or of all: some rows each on the CPU, the whole view on a GPU."""
        chosen = range(len(self.views)) if view is None else [view]
        return [block for v in chosen for block in self._blocks_of(v)]

    def _blocks_of(self, view: int) -> list[Block]:
        camera = self.views[view].camera
        rows = max(1, BLOCK_PX // camera.width_px) if self.device == "cpu" else camera.height_px
        return [
            Block(
                view,
                self.first_pixel[view] + row * camera.width_px,
                min(rows, camera.height_px - row) * camera.width_px,
            )
            for row in range(0, camera.height_px, rows)
        ]

    def launch(self, kernel: Any, block: Block, inputs: Sequence[Any], outputs: Sequence[Any]) -> None:
        """Launch a kernel of one thread a pixel over a block; `first` is its last input."""
        wp.launch(kernel, dim=block.count, inputs=[*inputs, block.first], outputs=list(outputs), device=self.device)

    def each(self, work: Callable[[Block], None], view: int | None = None) -> None:
        """Do `work` on every block, on `threads` threads: Warp and Embree release the interpreter while they run."""
        blocks = self.blocks(view)
        if self.threads == 1 or len(blocks) == 1 or self.device != "cpu":
            for block in blocks:
                work(block)
            return
        with ThreadPoolExecutor(self.threads) as pool:
            list(pool.map(work, blocks))


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


def trace_views(tables: Tables, tracer: Tracer, views: Sequence[View], threads: int = 1) -> Frame:
    """Return the frame of some views with their primary rays traced, one through each pixel's centre."""
    device = tables.device
    sizes = [view.camera.width_px * view.camera.height_px for view in views]
    first = np.concatenate([[0], np.cumsum(sizes)]).astype(int)
    total = int(first[-1])
    structs = [_camera(view, int(start)) for view, start in zip(views, first[:-1], strict=True)]
    owner = np.repeat(np.arange(len(views), dtype=np.int32), sizes)
    frame = Frame(
        tables=tables,
        tracer=tracer,
        views=tuple(views),
        threads=threads,
        cameras=wp.array(structs, dtype=types.Camera, device=device),
        pixel_camera=wp.array(owner, dtype=wp.int32, device=device),
        first_pixel=tuple(first[:-1].tolist()),
        pixels=total,
        origin=wp.empty(total, dtype=wp.vec3, device=device),
        toward=wp.empty(total, dtype=wp.vec3, device=device),
        hits=Hits.empty(total, device),
        position=wp.empty(total, dtype=wp.vec3, device=device),
        normal=wp.empty(total, dtype=wp.vec3, device=device),
        plane=wp.empty(total, dtype=wp.vec3, device=device),
        material=wp.empty(total, dtype=wp.int32, device=device),
    )
    load(device)
    frame.each(lambda block: _trace(frame, block))
    return frame


def _trace(frame: Frame, block: Block) -> None:
    tables, hits = frame.tables, frame.hits
    frame.launch(camera_rays.camera_rays, block, [frame.cameras, frame.pixel_camera], [frame.origin, frame.toward])
    world = frame.views[block.view].world
    frame.tracer.closest_hit(world, frame.origin, frame.toward, block.first, block.count, hits)
    see_through(tables, frame.tracer, world, frame.origin, frame.toward, block.first, block.count, hits)
    frame.launch(
        surface_hit.surface,
        block,
        [tables.meshes, tables.instances, frame.origin, frame.toward, hits.t, hits.instance, hits.triangle, hits.uv],
        [frame.position, frame.normal, frame.plane, frame.material],
    )


def see_through(
    tables: Tables, tracer: Tracer, world: int, origin: wp.array, toward: wp.array, first: int, count: int, hits: Hits
) -> None:
    """Carry on rays that hit a cut-out, up to 8 layers deep, until they hit something that is there."""
    if not tables.cut_outs:
        return
    for _ in range(8):
        gone = wp.empty(count, dtype=wp.uint8, device=tables.device)
        inputs = [tables.meshes, tables.instances, tables.materials, tables.textures]
        wp.launch(
            surface_hit.cut_out,
            dim=count,
            inputs=[*inputs, hits.instance, hits.triangle, hits.uv, first],
            outputs=[gone],
            device=tables.device,
        )
        again = np.flatnonzero(gone.numpy())
        if not again.size:
            return
        rows = first + again
        passed = hits.t.numpy()[rows]
        step = passed * (1 + 1e-5) + 1e-5
        along = toward.numpy()[rows]
        start = (origin.numpy()[rows] + along * step[:, None]).astype(np.float32)
        found = Hits.empty(len(rows), tables.device)
        o, t = (wp.array(a, dtype=wp.vec3, device=tables.device) for a in (start, along))
        tracer.closest_hit(world, o, t, 0, len(rows), found)
        for target, source in ((hits.instance, found.instance), (hits.triangle, found.triangle), (hits.uv, found.uv)):
            _put(target, rows, source.numpy())
        _put(hits.t, rows, found.t.numpy() + step)


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
    row.width, row.height = camera.width_px, camera.height_px
    row.origin = wp.vec3(*matrix[:3, 3].tolist())
    row.x, row.y, row.z = (wp.vec3(*matrix[:3, axis].tolist()) for axis in range(3))
    row.fx, row.fy, row.cx, row.cy = camera.fx_px, camera.fy_px, camera.cx_px, camera.cy_px
    row.k1, row.k2, row.p1, row.p2, row.k3 = camera.dist
    row.blur_px = diffraction_px(camera)
    row.defocus_px_m = defocus_px_m(camera)
    row.focus_m = camera.lens.focus_m
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
