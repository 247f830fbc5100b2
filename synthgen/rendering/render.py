"""Views of a scene to maps and images: the road from rays to digital numbers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np
import warp as wp

from synthgen.kernels import hazard as kernels
from synthgen.photobiology import limits
from synthgen.rendering import sensor
from synthgen.rendering.device_tables import Tables
from synthgen.rendering.direct_lighting import SAMPLES, Lit, light
from synthgen.rendering.gbuffer import Block, Frame, View, trace_views
from synthgen.rendering.pixel_integration import BAND_PHOTONS_PER_J, Photons, photons, with_exposure
from synthgen.rendering.ray_tracers import Tracer
from synthgen.world import scene_description, shot
from synthgen.world.spectra import band_photons_per_j

OUTPUTS = ("image", "raw", "depth", "irradiance", "hazard", "instances", "normals", "range", "radiance")
"""What can be asked for. All but `image` and `raw` are maps at the pixels' centres."""

Clock = Callable[[str, float], None]
"""Told (stage, seconds) of each stage that is done."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Maps:
    """What was computed of one view; arrays that nobody asked for are empty."""

    camera: scene_description.Camera
    """With its exposure time settled."""
    depth_m: np.ndarray
    """Along the optical axis, +inf where nothing is hit, float32, shape (height, width)."""
    instances: np.ndarray
    """1 + row of `instance_paths`, 0 where nothing is hit, int32, shape (height, width)."""
    instance_paths: tuple[str, ...]
    irradiance_w_m2: np.ndarray
    """On the visible surface, all lamps on, 0 where nothing is hit, float32."""
    hazard: np.ndarray
    """Level / limit for an eye there, 0 where nothing is hit, float32."""
    hazard_worst: tuple[str, float, tuple[int, int]]
    """The hazard at the map's maximum, the ratio there, and the pixel (column, row)."""
    normals: np.ndarray
    """Unit, world, 0 where nothing is hit, float32, shape (height, width, 3)."""
    range_m: np.ndarray
    """Along the ray, +inf where nothing is hit, float32."""
    radiance_w_m2_sr: np.ndarray
    """Towards the camera while the shutter is open, in the four bands, float32, shape (height, width, 4)."""
    image: sensor.Image | None
    photons: Photons | None
    stock: Mapping[str, tuple[float, float]]
    """Reflectance of paper and ink to this sensor, by the path of a label's instance."""


def render(
    tables: Tables,
    tracer: Tracer,
    views: Sequence[View],
    outputs: Collection[str],
    *,
    safety: shot.Safety | None = None,
    samples: int = SAMPLES,
    threads: int = 1,
    noise: bool = True,
    clock: Clock | None = None,
) -> list[Maps]:
    """Return the maps of some views, computing only what `outputs` asks for."""
    tick = _stopwatch(clock, tables.device)
    frame = trace_views(tables, tracer, views, threads)
    tick("trace")
    wants_light = bool({"image", "raw", "irradiance", "hazard", "radiance"} & set(outputs))
    maps = []
    for v in range(len(views)):
        lit = light(frame, v, samples=samples, vectors="hazard" in outputs) if wants_light else None
        tick("light")
        maps.append(_maps(frame, v, lit, outputs, safety or shot.Safety(), noise=noise, tick=tick))
    return maps


def _stopwatch(clock: Clock | None, device: str) -> Callable[[str], None]:
    last = perf_counter()

    def tick(stage: str) -> None:
        nonlocal last
        if clock is not None:
            wp.synchronize_device(device)
            clock(stage, perf_counter() - last)
            last = perf_counter()

    return tick


def _maps(
    frame: Frame,
    v: int,
    lit: Lit | None,
    outputs: Collection[str],
    safety: shot.Safety,
    *,
    noise: bool,
    tick: Callable[[str], None],
) -> Maps:
    """Return the maps of one view."""
    camera = frame.views[v].camera
    size = (camera.height_px, camera.width_px)
    nothing = np.zeros((0, 0), np.float32)
    depth_m = _of(frame, v, frame.hits.t).reshape(size)
    hit = np.isfinite(depth_m)
    irradiance = nothing
    if lit is not None and "irradiance" in outputs:
        each = _of(frame, v, lit.lit, axis=1)[: lit.count]
        irradiance = each.sum(axis=0, dtype=np.float64).astype(np.float32).reshape(size)
    hazard, worst = nothing, ("", 0.0, (0, 0))
    if lit is not None and "hazard" in outputs:
        hazard, worst = _hazard(frame, lit, safety)
    tick("hazard")
    image, arriving = None, None
    if lit is not None and {"image", "raw", "radiance"} & set(outputs):
        arriving = photons(frame, lit)
        tick("image")
        camera = with_exposure(camera, arriving.exposure_s)
        image = sensor.expose(
            arriving.pulsed,
            frame.views[v].camera,
            rate=arriving.rate,
            exposure_s=arriving.exposure_s,
            device=frame.device,
            noise=noise,
            threads=frame.threads,
        )
        tick("sensor")
    toward = _of(frame, v, frame.toward).reshape(*size, 3) if {"range", "normals"} & set(outputs) else nothing
    return Maps(
        camera=camera,
        depth_m=depth_m,
        instances=(_of(frame, v, frame.hits.instance).reshape(size) + 1).astype(np.int32),
        instance_paths=tuple(instance.path for instance in frame.tables.instances_host),
        irradiance_w_m2=irradiance,
        hazard=hazard,
        hazard_worst=worst,
        normals=_of(frame, v, frame.normal).reshape(*size, 3) if "normals" in outputs else nothing,
        range_m=np.where(hit, depth_m * np.linalg.norm(toward, axis=-1), np.inf).astype(np.float32)
        if "range" in outputs
        else nothing,
        radiance_w_m2_sr=_radiance(arriving) if arriving is not None and "radiance" in outputs else nothing,
        image=image,
        photons=arriving,
        stock=_stock(frame, v, camera),
    )


def _stock(frame: Frame, v: int, camera: scene_description.Camera) -> dict[str, tuple[float, float]]:
    """Return how bright paper and ink of each printed label are to the view's sensor, by its lamps' photons."""
    world = frame.tables.worlds[frame.views[v].world]
    lamps = sum((x.strength * band_photons_per_j(x.spectrum) for x in world.lights), np.zeros(4))
    weight = sensor.electrons_per_photon(camera)[0] * lamps
    weight = weight / weight.sum() if weight.sum() > 0 else np.full(4, 0.25)
    printed = ((i.path, m) for i in world.instances for m in i.materials[:1] if m.texture and m.texture.mode == "tone")
    return {path: (float(weight @ m.reflectance), float(weight @ m.ink_reflectance)) for path, m in printed}


def _of(frame: Frame, v: int, values: wp.array, axis: int = 0) -> np.ndarray:
    """Return a copy of one view's share of a frame's array."""
    camera = frame.views[v].camera
    first = frame.first_pixel[v]
    rows = slice(first, first + camera.width_px * camera.height_px)
    return values.numpy()[rows].copy() if axis == 0 else values.numpy()[:, rows].copy()


def _hazard(frame: Frame, lit: Lit, safety: shot.Safety) -> tuple[np.ndarray, tuple[str, float, tuple[int, int]]]:
    """Return the hazard map and what is worst in it (docs/contract.md section 7)."""
    camera = frame.views[lit.view].camera
    world = frame.tables.worlds[frame.views[lit.view].world]
    size = (camera.height_px, camera.width_px)
    if not world.lights:
        return np.zeros(size, np.float32), ("", 0.0, (0, 0))
    hazards = limits.irradiance_hazards(safety.edition, safety.duration_s)
    chosen = [h for h in hazards if safety.hazard in ("worst", h.name)]
    weights = np.zeros((len(world.lights), 4), np.float32)
    for k, lamp in enumerate(world.lights):
        fractions = limits.hazard_fractions(lamp.spectrum, safety.edition)
        for column, hazard in enumerate(chosen):
            weights[k, column] = fractions[hazard.name] / hazard.limit_w_m2
    ratio_m2_w = wp.array(weights, dtype=wp.vec4, device=frame.device)
    ratio, which = frame.empty(wp.float32), frame.empty(wp.int32)

    def work(block: Block) -> None:
        frame.launch(kernels.hazard_ratio, block, [ratio_m2_w, lit.vectors, lit.lit, lit.whole], [ratio, which])

    frame.each(work, lit.view)
    values = _of(frame, lit.view, ratio).reshape(size)
    row, column = np.unravel_index(int(values.argmax()), size)
    name = chosen[int(_of(frame, lit.view, which).reshape(size)[row, column])].name if values[row, column] > 0 else ""
    return values, (name, float(values[row, column]), (int(column), int(row)))


def _radiance(arriving: Photons) -> np.ndarray:
    """Return the mean radiance over the exposure in the bands [W/(m^2 sr)], by the energy of mid-band photons."""
    photon_rate = arriving.pulsed / np.float32(arriving.exposure_s) + arriving.rate
    return (photon_rate / BAND_PHOTONS_PER_J).astype(np.float32)
