"""From light at surfaces to photons at pixels: reflection, texture, lens blur, motion."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import warp as wp

from synthgen.kernels import direct_lighting, pixel_filter, shading, types
from synthgen.kernels import pixel_integration as kernels
from synthgen.rendering import sensor
from synthgen.rendering.direct_lighting import DirectLight, shutter_overlap_s, world_lights
from synthgen.rendering.gbuffer import GBuffer, diffraction_px, ray_hits, see_through
from synthgen.rendering.launch import Block
from synthgen.rendering.ray_tracers import Hits
from synthgen.units import LIGHT_SPEED_M_S, PLANCK_J_S
from synthgen.world import scene_description
from synthgen.world.spectra import band_photons_per_j

FINE = 32
"""Points that a pixel integrates where it shows print; a power of two, as are the next two."""
COARSE = 8
"""The same on other textures."""
EDGE = 16
"""Rays of a pixel that shows several surfaces."""
BAND_PHOTONS_PER_J = np.array([450e-9, 550e-9, 650e-9, 850e-9]) / (PLANCK_J_S * LIGHT_SPEED_M_S)
"""Photons per joule in the middle of each band: for light whose spectrum is not known better."""


@dataclass(frozen=True, eq=False)
class Photons:
    """What reaches a view's pixels, per band [1/(m^2 sr)], shape (height, width, 4)."""

    strobed: np.ndarray
    """From strobes, whatever the exposure time."""
    rate: np.ndarray
    """From lamps that are always on, per second of exposure."""
    exposure_s: float
    irradiance_w_m2: np.ndarray
    """All lamps on, shape (height, width)."""
    motion_time_s: np.ndarray
    """How long the light that makes the picture lasts, shape (height, width)."""
    diffuse: np.ndarray
    """What falls on the surface at the pixel's centre during the exposure [1/m^2], shape (height, width, 4)."""
    specular: np.ndarray
    """What the surface there mirrors of lamps into the pixel [1/(m^2 sr)], shape (height, width, 4)."""
    motion_px: np.ndarray
    """How far the surface moves while it is lit, shape (height, width, 2)."""
    coc_px: np.ndarray
    """Diameter of its circle of confusion, shape (height, width)."""

    def rows(self, kept: slice) -> Photons:
        """Return those of some rows."""
        return replace(self, **{n: v[kept] for n, v in vars(self).items() if isinstance(v, np.ndarray)})


def photons(g: GBuffer, light: DirectLight, view: int, exposure_s: float | None = None) -> Photons:
    """Return the photons at the pixels of a view of the launch during an exposure; None is the camera's own."""
    return _picture(g, light, view, g.launch.views[view].camera.exposure_s if exposure_s is None else exposure_s)


@dataclass(frozen=True)
class Settled:
    """What a camera's exposure settles on."""

    exposure_s: float
    gain_dn_e: float

    def of(self, camera: scene_description.Camera) -> scene_description.Camera:
        """Return the camera with this exposure time and gain; its `auto_exposure_target` stays."""
        return replace(camera, exposure_s=self.exposure_s, sensor=replace(camera.sensor, gain_dn_e=self.gain_dn_e))


def settled(g: GBuffer, light: DirectLight, view: int) -> Settled:
    """Return a view's exposure: the camera's, or what auto exposure makes of the light at pixel centres."""
    camera, world = g.launch.views[view].camera, g.tables.worlds[g.launch.views[view].world]
    exposure_s, gain_dn_e = camera.exposure_s, camera.sensor.gain_dn_e
    if camera.auto_exposure_target > 0:
        rough = _picture(g, light, view, camera.exposure_s, rough=True)
        longest = max((shutter_overlap_s(lamp, camera.exposure_s)[0] for lamp in world.lights), default=0.0)
        exposure_s = sensor.exposure_time_s(rough.strobed, camera, rate=rough.rate, shortest_s=longest)
        if exposure_s == camera.exposure_s:
            gain_dn_e *= sensor.auto_gain(rough.strobed, camera, rough.rate)
    return Settled(exposure_s, gain_dn_e)


@dataclass(frozen=True, eq=False)
class _Shading:
    """What light does at the pixels' own points of one view, and what the picture is made of."""

    light: DirectLight
    lights: Any
    """`types.WorldLights`."""
    environment: Any
    """`kernels.Environment`."""
    photons: Any
    """`types.SurfacePhotons`."""
    irradiance_w_m2: wp.array
    motion_time_s: wp.array
    spread: Any
    """`types.PixelSpread`: of each pixel's own surface."""


def _picture(g: GBuffer, light: DirectLight, v: int, exposure_s: float, *, rough: bool = False) -> Photons:
    """Return the picture's photons; a rough one looks at each pixel's centre only."""
    launch = g.launch
    camera = launch.views[v].camera
    shaded = _shade(g, light, v, exposure_s)
    fine, coarse, edge = (filter_samples(camera, 1 if rough else n, launch.device) for n in (FINE, COARSE, EDGE))
    is_edge, sweep_px = wp.zeros(launch.pixels, dtype=wp.uint8, device=launch.device), shaded.spread.motion_px
    if not rough:
        is_edge, sweep_px = _edges(g, v, shaded.spread)
    filters = kernels.PixelFilters()
    filters.fine, filters.coarse = fine, coarse
    swept = pixel_spread(sweep_px, shaded.spread.coc_px)
    strobed, continuous = launch.empty(wp.vec4), launch.empty(wp.vec4)

    def integrate(block: Block) -> None:
        scene = [g.scene, g.pixels, shaded.lights, shaded.environment]
        inputs = [*scene, filters, shaded.spread, shaded.photons, is_edge]
        launch.run(kernels.integrate_interior, block, inputs, [strobed, continuous])
        if not rough:
            _integrate_edges(g, block, shaded, swept, edge, is_edge, (strobed, continuous))

    launch.each(integrate, v)
    made = shaded.photons
    return Photons(
        strobed=launch.of_view(v, strobed),
        rate=launch.of_view(v, continuous) / np.float32(exposure_s),
        exposure_s=exposure_s,
        irradiance_w_m2=launch.of_view(v, shaded.irradiance_w_m2),
        motion_time_s=launch.of_view(v, shaded.motion_time_s),
        diffuse=launch.of_view(v, made.diffuse_strobed) + launch.of_view(v, made.diffuse_continuous),
        specular=launch.of_view(v, made.specular_strobed) + launch.of_view(v, made.specular_continuous),
        motion_px=launch.of_view(v, shaded.spread.motion_px),
        coc_px=launch.of_view(v, shaded.spread.coc_px),
    )


def _shade(g: GBuffer, light: DirectLight, view: int, exposure_s: float) -> _Shading:
    """Return what light does at the pixels' own points during an exposure."""
    launch = g.launch
    world = g.tables.worlds[launch.views[view].world]
    overlap = np.array([shutter_overlap_s(lamp, exposure_s) for lamp in world.lights], np.float32).reshape(-1, 2)
    made = types.SurfacePhotons()
    made.diffuse_strobed, made.diffuse_continuous = launch.empty(wp.vec4), launch.empty(wp.vec4)
    made.specular_strobed, made.specular_continuous = launch.empty(wp.vec4), launch.empty(wp.vec4)
    shaded = _Shading(
        light=light,
        lights=world_lights(g.tables, launch.views[view].world, overlap),
        environment=_environment(world, overlap, exposure_s),
        photons=made,
        irradiance_w_m2=launch.empty(wp.float32),
        motion_time_s=launch.empty(wp.float32),
        spread=pixel_spread(launch.empty(wp.vec2), launch.empty(wp.float32)),
    )

    def shade(block: Block) -> None:
        sums = [shaded.irradiance_w_m2, made.diffuse_strobed, made.diffuse_continuous, shaded.motion_time_s]
        launch.run(direct_lighting.sum_lights, block, [shaded.lights, light.irradiance.shadowed], sums)
        inputs = [g.pixels, shaded.lights, g.tables.materials, light.irradiance]
        launch.run(shading.specular, block, inputs, [made.specular_strobed, made.specular_continuous])
        inputs = [g.pixels, g.tables.instances, shaded.motion_time_s]
        launch.run(pixel_filter.spread, block, inputs, [shaded.spread.motion_px, shaded.spread.coc_px])

    launch.each(shade, view)
    return shaded


def _edges(g: GBuffer, view: int, spread: Any) -> tuple[wp.array, wp.array]:
    """Return which pixels show several surfaces, and the motion that sweeps over each [px]."""
    launch = g.launch
    is_edge = wp.zeros(launch.pixels, dtype=wp.uint8, device=launch.device)
    sweep_px = launch.empty(wp.vec2)
    furthest_px = 0.5 * float(np.linalg.norm(launch.of_view(view, spread.motion_px), axis=-1).max())

    def find(block: Block) -> None:
        launch.run(pixel_filter.find_edges, block, [g.pixels, spread, furthest_px], [is_edge, sweep_px])

    launch.each(find, view)
    return is_edge, sweep_px


def _integrate_edges(
    g: GBuffer,
    block: Block,
    shaded: _Shading,
    swept: Any,
    samples: wp.array,
    is_edge: wp.array,
    out: tuple[wp.array, wp.array],
) -> None:
    """Trace the filter samples of the edge pixels of a block and write what they see."""
    chosen = block.first + np.flatnonzero(is_edge.numpy()[block.first : block.first + block.count]).astype(np.int32)
    if not chosen.size:
        return
    device, count = g.launch.device, len(chosen) * EDGE
    edge_pixels = wp.array(chosen, dtype=wp.int32, device=device)
    origin, direction = (wp.empty(count, dtype=wp.vec3, device=device) for _ in range(2))
    inputs = [g.pixels, swept, edge_pixels, samples]
    wp.launch(pixel_filter.edge_rays, dim=count, inputs=inputs, outputs=[origin, direction], device=device)
    hits, world = Hits.empty(count, device), g.launch.views[block.view].world
    g.tracer.closest_hit(world, origin, direction, 0, count, hits)
    rays = ray_hits(origin, direction, hits)
    see_through(g, world, rays, 0, count)
    scene = [g.scene, g.pixels, shaded.lights, shaded.environment]
    inputs = [*scene, shaded.light.irradiance, shaded.photons, swept, edge_pixels, samples, rays]
    wp.launch(kernels.integrate_edges, dim=len(chosen), inputs=inputs, outputs=list(out), device=device)


def pixel_spread(motion_px: wp.array, coc_px: wp.array) -> Any:
    """Return `types.PixelSpread` of these arrays."""
    out = types.PixelSpread()
    out.motion_px, out.coc_px = motion_px, coc_px
    return out


def filter_samples(camera: scene_description.Camera, count: int, device: str) -> wp.array:
    """Return the points that each pixel integrates, a power of two of them, for its area, diffraction, pulse, defocus.

    So few points have variances of their own, and a blur is its variance: they are made uncorrelated and given the
    variances of what they stand for (box 1/12, disc of diameter 1 1/16), so that the spread of every edge comes out.
    """
    rows = np.zeros(count, pixel_filter.FilterSample.numpy_dtype())
    if count > 1:
        i = np.arange(count)
        box = np.stack([_radical_inverse(i, count), (i + 0.5) / count], axis=1)
        # Odd factors permute the points of one dimension against the others; these three left the least to correct.
        time = (27 * i % count + 0.5) / count
        disc = _spiral(31 * i % count, np.sqrt((31 * i % count + 0.5) / count))
        airy = _spiral(19 * i % count, np.sqrt(-2 * np.log(1 - (19 * i % count + 0.5) / count)))
        points = np.column_stack([box, time, disc, airy])
        points -= points.mean(axis=0)
        points = np.linalg.solve(np.linalg.cholesky(points.T @ points / count), points.T).T
        points *= np.sqrt([1 / 12, 1 / 12, 1 / 12, 1 / 16, 1 / 16, 1.0, 1.0])
        rows["fixed"] = points[:, :2] + diffraction_px(camera) * points[:, 5:]
        rows["time"], rows["disc"] = points[:, 2], points[:, 3:5]
    return wp.array(rows, dtype=pixel_filter.FilterSample, device=device)


def _spiral(place: np.ndarray, radius: np.ndarray) -> np.ndarray:
    """Return points at radii, each a golden angle on from the one before (Vogel 1979)."""
    turn = 2 * np.pi * 0.6180339887498949 * place
    return radius[:, None] * np.stack([np.cos(turn), np.sin(turn)], axis=1)


def _radical_inverse(i: np.ndarray, count: int) -> np.ndarray:
    """Return the bits of `i` mirrored at the point, for a power of two `count`."""
    bits = count.bit_length() - 1
    return sum((((i >> b) & 1) << (bits - 1 - b) for b in range(bits)), np.zeros(count)) / count


def _environment(world: scene_description.Description, overlap: np.ndarray, exposure_s: float) -> Any:
    """Return what rays see that hit nothing: the domes; and what emission [W/(m^2 sr)] is in photons."""
    out = kernels.Environment()
    strobed, continuous = np.zeros(4), np.zeros(4)
    for light, (pulse_s, steady_s) in zip(world.lights, overlap, strict=True):
        if light.shape == "dome":
            strobed += light.strength * pulse_s * band_photons_per_j(light.spectrum)
            continuous += light.strength * steady_s * band_photons_per_j(light.spectrum)
    out.strobed, out.continuous = wp.vec4(*strobed.tolist()), wp.vec4(*continuous.tolist())
    out.emission = wp.vec4(*(BAND_PHOTONS_PER_J * exposure_s).tolist())
    return out
