"""From light at surfaces to photons at pixels: reflection, texture, lens blur, motion."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import warp as wp

from synthgen.kernels import direct_lighting, pixel_filter, shading
from synthgen.kernels import pixel_integration as kernels
from synthgen.rendering import sensor
from synthgen.rendering.direct_lighting import Lit, shutter_overlap_s
from synthgen.rendering.gbuffer import Block, Frame, diffraction_px, see_through
from synthgen.rendering.ray_tracers import Hits
from synthgen.units import LIGHT_SPEED_M_S, PLANCK_J_S
from synthgen.world import scene_description
from synthgen.world.spectra import band_photons_per_j

FINE = 32
"""Places a pixel integrates where it shows print; a power of two, as are the next two."""
COARSE = 8
"""The same on other textures."""
EDGE = 16
"""Rays of a pixel that shows several surfaces."""
BAND_PHOTONS_PER_J = np.array([450e-9, 550e-9, 650e-9, 850e-9]) / (PLANCK_J_S * LIGHT_SPEED_M_S)
"""Photons per joule in the middle of each band: for light whose spectrum is not known better."""


@dataclass(frozen=True, eq=False)
class Photons:
    """What reaches a view's pixels, per band [1/(m^2 sr)], shape (height, width, 4)."""

    pulsed: np.ndarray
    """From strobes, whatever the exposure time."""
    rate: np.ndarray
    """From lamps that are always on, per second of exposure."""
    exposure_s: float
    irradiance_w_m2: np.ndarray
    """All lamps on, shape (height, width)."""
    smear_s: np.ndarray
    """How long the light that makes the picture lasts, shape (height, width)."""
    diffuse: np.ndarray
    """What falls on the surface at the pixel's centre during the exposure [1/m^2], shape (height, width, 4)."""
    mirror: np.ndarray
    """What the surface there mirrors of lamps into the pixel [1/(m^2 sr)], shape (height, width, 4)."""
    motion_px: np.ndarray
    """How far the surface moves while it is lit, shape (height, width, 2)."""
    disc_px: np.ndarray
    """Diameter of its circle of confusion, shape (height, width)."""


def photons(frame: Frame, lit: Lit) -> Photons:
    """Return the photons at the pixels of the view of `lit`, its exposure time settled."""
    view = frame.views[lit.view]
    world = frame.tables.worlds[view.world]
    exposure_s = view.camera.exposure_s
    if view.camera.auto_exposure_target > 0:
        rough = _picture(frame, lit, exposure_s, rough=True)
        longest = max((shutter_overlap_s(x, exposure_s)[0] for x in world.lights), default=0.0)
        exposure_s = sensor.exposure_time_s(rough.pulsed, view.camera, rate=rough.rate, shortest_s=longest)
    return _picture(frame, lit, exposure_s, rough=False)


def _picture(frame: Frame, lit: Lit, exposure_s: float, *, rough: bool) -> Photons:
    """Return the picture's photons; a rough one looks at each pixel's centre only."""
    view = frame.views[lit.view]
    world = frame.tables.worlds[view.world]
    overlap = np.array([shutter_overlap_s(light, exposure_s) for light in world.lights], np.float32).reshape(-1, 2)
    times = wp.array(overlap if len(overlap) else np.zeros((1, 2), np.float32), dtype=wp.vec2, device=frame.device)
    light = _Light(lit, times, *(frame.empty(wp.vec4) for _ in range(4)))
    irradiance_w_m2, smear_s, disc_px = (frame.empty(wp.float32) for _ in range(3))
    motion_px, sweep_px = frame.empty(wp.vec2), frame.empty(wp.vec2)
    mixed = wp.zeros(frame.pixels, dtype=wp.uint8, device=frame.device)
    pulsed, steady = frame.empty(wp.vec4), frame.empty(wp.vec4)
    sky = _sky(world, overlap, exposure_s)
    taps = [_taps(view.camera, 1 if rough else count, frame.device) for count in (FINE, COARSE, EDGE)]
    hits = frame.hits

    def shade(block: Block) -> None:
        table = [frame.tables.lights, lit.light_rows, times]
        out = [irradiance_w_m2, light.diffuse_pulsed, light.diffuse_steady, smear_s]
        frame.launch(direct_lighting.sum_lights, block, [*table, lit.lit], out)
        ray = [frame.toward, frame.position, frame.normal, frame.material]
        inputs = [*table, frame.tables.materials, *ray, lit.lit, lit.whole]
        frame.launch(shading.specular, block, inputs, [light.mirror_pulsed, light.mirror_steady])
        inputs = [frame.cameras, frame.pixel_camera, frame.tables.instances, frame.position, hits.t, hits.instance]
        frame.launch(pixel_filter.blur, block, [*inputs, smear_s], [motion_px, disc_px])

    def find_edges(block: Block) -> None:
        surfaces = [hits.instance, hits.triangle, frame.plane]
        inputs = [frame.cameras, frame.pixel_camera, *surfaces, motion_px, disc_px, furthest_px]
        frame.launch(pixel_filter.edges, block, inputs, [mixed, sweep_px])

    def paint(block: Block) -> None:
        _inside(frame, block, light, sky, taps, mixed, motion_px, disc_px, pulsed, steady)
        if not rough:
            _outside(frame, block, light, sky, taps, mixed, sweep_px, disc_px, pulsed, steady)

    first, size = frame.first_pixel[lit.view], (view.camera.height_px, view.camera.width_px)

    def of_view(values: wp.array) -> np.ndarray:
        return values.numpy()[first : first + size[0] * size[1]].reshape(*size, *values.numpy().shape[1:])

    frame.each(shade, lit.view)
    if not rough:
        furthest_px = 0.5 * float(np.linalg.norm(of_view(motion_px), axis=-1).max())
        frame.each(find_edges, lit.view)
    frame.each(paint, lit.view)
    return Photons(
        pulsed=of_view(pulsed),
        rate=of_view(steady) / np.float32(exposure_s),
        exposure_s=exposure_s,
        irradiance_w_m2=of_view(irradiance_w_m2),
        smear_s=of_view(smear_s),
        diffuse=of_view(light.diffuse_pulsed) + of_view(light.diffuse_steady),
        mirror=of_view(light.mirror_pulsed) + of_view(light.mirror_steady),
        motion_px=of_view(motion_px),
        disc_px=of_view(disc_px),
    )


@dataclass(frozen=True, eq=False)
class _Light:
    """Light at the pixels' points as photons by band: received [1/m^2], and mirrored to the eye [1/(m^2 sr)]."""

    lit: Lit
    times: wp.array
    diffuse_pulsed: wp.array
    diffuse_steady: wp.array
    mirror_pulsed: wp.array
    mirror_steady: wp.array

    def arrays(self) -> list[wp.array]:
        return [self.diffuse_pulsed, self.diffuse_steady, self.mirror_pulsed, self.mirror_steady]


def _inside(frame: Frame, block: Block, light: _Light, sky, taps, mixed, motion_px, disc_px, pulsed, steady):
    tables, hits = frame.tables, frame.hits
    frame.launch(
        kernels.inside,
        block,
        [
            *(frame.cameras, frame.pixel_camera, tables.meshes, tables.instances, tables.materials, tables.textures),
            *(tables.lights, light.lit.light_rows, light.times, sky, *taps[:2]),
            *(frame.origin, frame.toward, hits.t, frame.normal, hits.instance, hits.triangle),
            *(frame.material, mixed, motion_px, disc_px, *light.arrays()),
        ],
        [pulsed, steady],
    )


def _outside(frame: Frame, block: Block, light: _Light, sky, taps, mixed, motion_px, disc_px, pulsed, steady):
    rows = slice(block.first, block.first + block.count)
    chosen = block.first + np.flatnonzero(mixed.numpy()[rows]).astype(np.int32)
    if not chosen.size:
        return
    tables, device, count = frame.tables, frame.device, len(chosen) * EDGE
    pixels = wp.array(chosen, dtype=wp.int32, device=device)
    origin, toward = (wp.empty(count, dtype=wp.vec3, device=device) for _ in range(2))
    places = [frame.cameras, frame.pixel_camera, pixels, taps[2], frame.origin, frame.toward, motion_px, disc_px]
    wp.launch(pixel_filter.edge_rays, dim=count, inputs=places, outputs=[origin, toward], device=device)
    hits, world = Hits.empty(count, device), frame.views[block.view].world
    frame.tracer.closest_hit(world, origin, toward, 0, count, hits)
    see_through(tables, frame.tracer, world, origin, toward, 0, count, hits)
    wp.launch(
        kernels.outside,
        dim=len(chosen),
        inputs=[
            *(frame.cameras, frame.pixel_camera, tables.meshes, tables.instances, tables.materials, tables.textures),
            *(tables.lights, light.lit.light_rows, light.times, sky, pixels, taps[2]),
            *(origin, toward, hits.t, hits.instance, hits.triangle, hits.uv),
            *(frame.hits.instance, frame.position, frame.plane, light.lit.lit, light.lit.whole),
            *(motion_px, disc_px, *light.arrays()),
        ],
        outputs=[pulsed, steady],
        device=device,
    )


def _taps(camera: scene_description.Camera, count: int, device: str) -> wp.array:
    """Return the places that each pixel integrates, a power of two of them, for its area, diffraction, pulse, defocus.

    So few points have variances of their own, and a blur is its variance: they are made uncorrelated and given the
    variances of what they stand for (box 1/12, disc of diameter 1 1/16), so that the spread of every edge comes out.
    """
    rows = np.zeros(count, pixel_filter.Tap.numpy_dtype())
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
    return wp.array(rows, dtype=pixel_filter.Tap, device=device)


def _spiral(place: np.ndarray, radius: np.ndarray) -> np.ndarray:
    """Return points at radii, each a golden angle on from the one before (Vogel 1979)."""
    turn = 2 * np.pi * 0.6180339887498949 * place
    return radius[:, None] * np.stack([np.cos(turn), np.sin(turn)], axis=1)


def _radical_inverse(i: np.ndarray, count: int) -> np.ndarray:
    """Return the bits of `i` mirrored at the point, for a power of two `count`."""
    bits = count.bit_length() - 1
    return sum((((i >> b) & 1) << (bits - 1 - b) for b in range(bits)), np.zeros(count)) / count


def _sky(world: scene_description.Description, overlap: np.ndarray, exposure_s: float):
    """Return what rays see that hit nothing: the domes; and what emission [W/(m^2 sr)] is in photons."""
    sky = kernels.Sky()
    flash, glow = np.zeros(4), np.zeros(4)
    for light, (pulse_s, steady_s) in zip(world.lights, overlap, strict=True):
        if light.shape == "dome":
            flash += light.strength * pulse_s * band_photons_per_j(light.spectrum)
            glow += light.strength * steady_s * band_photons_per_j(light.spectrum)
    sky.pulsed, sky.steady = wp.vec4(*flash.tolist()), wp.vec4(*glow.tolist())
    sky.emission = wp.vec4(*(BAND_PHOTONS_PER_J * exposure_s).tolist())
    return sky


def with_exposure(camera: scene_description.Camera, exposure_s: float) -> scene_description.Camera:
    """Return the camera with its exposure time settled."""
    return replace(camera, exposure_s=exposure_s, auto_exposure_target=0.0)
