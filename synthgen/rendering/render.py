"""Views of a scene to maps and images: the road from rays to digital numbers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np
import warp as wp

from synthgen.rendering import bands, label_light, maps, sensor
from synthgen.rendering.device_tables import Tables
from synthgen.rendering.direct_lighting import SAMPLES, light
from synthgen.rendering.gbuffer import trace_views
from synthgen.rendering.label_light import LabelLight
from synthgen.rendering.launch import View
from synthgen.rendering.pixel_integration import Settled, photons, settled
from synthgen.rendering.ray_tracers import Tracer
from synthgen.world import frame_bands, scene_description, shot
from synthgen.world.maps import MAPS, needs_exposure, needs_light
from synthgen.world.spectra import band_photons_per_j

Clock = Callable[[str, float], None]
"""Told (stage, seconds) of each stage, once a view."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Maps:
    """What was computed of one view: `maps["depth"]`; depth and instances are always there, others when asked for."""

    camera: scene_description.Camera
    """With its exposure time settled."""
    arrays: Mapping[str, np.ndarray]
    """By the names of `world.maps`."""
    instance_paths: tuple[str, ...]
    """Prim paths by the values of the map of instances, less 1."""
    hazard: maps.HazardMap | None
    """None where no hazard map was asked for."""
    image: sensor.Image | None
    label_light: LabelLight | None
    """Light at the surfaces that carry codes; None where nothing was exposed."""
    stock: Mapping[str, tuple[float, float]]
    """Reflectance of paper and ink to this sensor, by the path of a label's instance."""

    def __getitem__(self, name: str) -> np.ndarray:
        """Return a map that was computed."""
        return self.arrays[name]

    def __contains__(self, name: str) -> bool:
        """Return whether a map was computed."""
        return name in self.arrays


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
    launch_px: int = frame_bands.LAUNCH_PX,
) -> list[Maps]:
    """Return the maps of some views, computing only what `outputs` asks for.

    Views share a launch while they are small; a frame of more than `launch_px` pixels is computed in bands of rows.
    """
    how = _How(outputs, safety or shot.Safety(), samples, threads, noise, clock is not None)
    exposures = [
        _settled(tables, tracer, view, how) if frame_bands.is_cut(view.width_px, view.height_px, launch_px) else None
        for view in views
    ]
    parts: list[list[Maps]] = [[] for _ in views]
    spent: list[dict[str, float]] = [defaultdict(float) for _ in views]
    for together in bands.launches(views, launch_px):
        for band, found in zip(together, _launched(tables, tracer, together, how, exposures, spent), strict=True):
            parts[band.frame].append(found)
    if clock is not None:
        for stage, seconds in (item for stages in spent for item in stages.items()):
            clock(stage, seconds)
    return [_joined(each) for each in parts]


@dataclass(frozen=True)
class _How:
    """What is asked of every view."""

    outputs: Collection[str]
    safety: shot.Safety
    samples: int
    threads: int
    noise: bool
    timed: bool


def _launched(
    tables: Tables,
    tracer: Tracer,
    together: Sequence[bands.Band],
    how: _How,
    exposures: Sequence[Settled | None],
    spent: Sequence[dict[str, float]],
) -> list[Maps]:
    """Return the maps of the bands of one launch; what the launch took lives no longer than this call."""
    tick = _stopwatch(tables.device, [spent[band.frame] for band in together] if how.timed else [])
    g = trace_views(tables, tracer, [band.view for band in together], how.threads)
    tick("trace")
    lit = light(g, samples=how.samples, vectors="hazard" in how.outputs) if needs_light(how.outputs) else None
    tick("light")
    done = []
    for v, band in enumerate(together):
        traced = maps.Traced(g=g, view=v, kept=band.kept, light=lit, photons=None, image=None)
        tick = _stopwatch(tables.device, [spent[band.frame]] if how.timed else [])
        camera = traced.camera
        hazard = maps.hazard(traced, how.safety) if "hazard" in how.outputs else None
        tick("hazard")
        if needs_exposure(how.outputs):
            traced, camera = _exposed(traced, exposures[band.frame], noise=how.noise, tick=tick)
        done.append(_maps(traced, camera, how.outputs, hazard))
    return done


def _settled(tables: Tables, tracer: Tracer, view: View, how: _How) -> Settled | None:
    """Return what auto exposure makes of a small picture of a frame; None where there is nothing to settle."""
    if not needs_exposure(how.outputs) or view.camera.auto_exposure_target <= 0:
        return None
    g = trace_views(tables, tracer, [bands.smaller(view)], how.threads)
    return settled(g, light(g, samples=how.samples), 0)


def _stopwatch(device: str, spent: Sequence[dict[str, float]]) -> Callable[[str], None]:
    """Return a function that adds the time [s] since its last call to a stage, in equal shares to each of `spent`."""
    last = perf_counter()

    def tick(stage: str) -> None:
        nonlocal last
        if not spent:
            return
        wp.synchronize_device(device)
        now = perf_counter()
        for each in spent:
            each[stage] += (now - last) / len(spent)
        last = now

    return tick


def _exposed(
    traced: maps.Traced, exposure: Settled | None, *, noise: bool, tick: Callable[[str], None]
) -> tuple[maps.Traced, scene_description.Camera]:
    """Return the view with its photons collected and its sensor exposed, and the camera as it was then."""
    assert traced.light is not None
    camera = (exposure or settled(traced.g, traced.light, traced.view)).of(traced.camera)
    arriving = photons(traced.g, traced.light, traced.view, camera.exposure_s).rows(traced.kept)
    tick("image")
    image = sensor.expose(
        arriving.strobed,
        camera,
        rate=arriving.rate,
        exposure_s=camera.exposure_s,
        device=traced.g.launch.device,
        noise=noise,
        threads=traced.g.launch.threads,
        rows=traced.rows,
    )
    tick("sensor")
    return replace(traced, photons=arriving, image=image), replace(camera, auto_exposure_target=0.0)


def _maps(
    traced: maps.Traced, camera: scene_description.Camera, outputs: Collection[str], hazard: maps.HazardMap | None
) -> Maps:
    """Return the maps of some rows of a frame."""
    asked = {*outputs, "depth", "instances"} - {"hazard"}
    arrays = {name: maps.COMPUTE[name](traced) for name in MAPS if name in asked}
    return Maps(
        camera=camera,
        arrays=arrays if hazard is None else {**arrays, "hazard": hazard.ratio},
        instance_paths=tuple(instance.path for instance in traced.g.tables.instances_host),
        hazard=hazard,
        image=traced.image,
        label_light=None if traced.photons is None else label_light.collect(traced, traced.photons),
        stock=_stock(traced.world, camera),
    )


def _joined(parts: list[Maps]) -> Maps:
    """Return the maps of a frame from those of its bands, the upper ones first; empties the list.

    A map's bands are let go as soon as it is whole, so that a frame is in memory once.
    """
    first = parts[0]
    if len(parts) == 1:
        return first
    images = [part.image for part in parts if part.image]
    hazards = [part.hazard for part in parts if part.hazard]
    lights = [part.label_light for part in parts if part.label_light]
    bands_of = {name: [part[name] for part in parts] for name in first.arrays}
    hollow = replace(first, arrays={}, image=None, hazard=None, label_light=None)
    del first
    parts.clear()
    arrays = {name: np.concatenate(bands_of.pop(name)) for name in list(bands_of)}
    return replace(
        hollow,
        arrays=arrays,
        hazard=maps.join_hazard(hazards, arrays["hazard"]) if hazards else None,
        image=sensor.join(hollow.camera, images) if images else None,
        label_light=label_light.join(lights) if lights else None,
    )


def _stock(world: scene_description.Description, camera: scene_description.Camera) -> dict[str, tuple[float, float]]:
    """Return how bright paper and ink of each printed label are to a camera's sensor, by the lamps' photons."""
    lamps = sum((x.strength * band_photons_per_j(x.spectrum) for x in world.lights), np.zeros(4))
    weight = sensor.electrons_per_photon(camera)[0] * lamps
    weight = weight / weight.sum() if weight.sum() > 0 else np.full(4, 0.25)
    printed = ((i.path, m) for i in world.instances for m in i.materials[:1] if m.texture and m.texture.mode == "tone")
    return {path: (float(weight @ m.reflectance), float(weight @ m.ink_reflectance)) for path, m in printed}
