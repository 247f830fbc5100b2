"""Views of a scene to maps and images: the road from rays to digital numbers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np
import warp as wp

from synthgen.rendering import maps, sensor
from synthgen.rendering.device_tables import Tables
from synthgen.rendering.direct_lighting import SAMPLES, light
from synthgen.rendering.gbuffer import trace_views
from synthgen.rendering.launch import View
from synthgen.rendering.pixel_integration import Photons, photons, with_exposure
from synthgen.rendering.ray_tracers import Tracer
from synthgen.world import scene_description, shot
from synthgen.world.maps import MAPS, needs_exposure, needs_light
from synthgen.world.spectra import band_photons_per_j

LAUNCH_PX = 2_000_000
"""Views share a launch while they have no more pixels than this together: it bounds the memory of a shot's cameras."""

Clock = Callable[[str, float], None]
"""Told (stage, seconds) of each stage that is done, once a view."""


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
    photons: Photons | None
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
) -> list[Maps]:
    """Return the maps of some views, computing only what `outputs` asks for; several views share a launch."""
    done: list[Maps] = []
    for together in _launches(views):
        tick = _stopwatch(clock, tables.device)
        g = trace_views(tables, tracer, together, threads)
        tick("trace", len(together))
        lit = light(g, samples=samples, vectors="hazard" in outputs) if needs_light(outputs) else None
        tick("light", len(together))
        for v in range(len(together)):
            traced = maps.Traced(g=g, view=v, light=lit, photons=None, image=None)
            done.append(_maps(traced, outputs, safety or shot.Safety(), noise=noise, tick=tick))
    return done


def _launches(views: Sequence[View]) -> Iterator[list[View]]:
    """Yield the views in runs of at most `LAUNCH_PX` pixels, or of one view."""
    together: list[View] = []
    pixels = 0
    for view in views:
        own = view.camera.width_px * view.camera.height_px
        if together and pixels + own > LAUNCH_PX:
            yield together
            together, pixels = [], 0
        together.append(view)
        pixels += own
    if together:
        yield together


def _stopwatch(clock: Clock | None, device: str) -> Callable[..., None]:
    """Return a function that tells `clock` the time since its last call, in equal shares for `views` views."""
    last = perf_counter()

    def tick(stage: str, views: int = 1) -> None:
        nonlocal last
        if clock is not None:
            wp.synchronize_device(device)
            share = (perf_counter() - last) / views
            for _ in range(views):
                clock(stage, share)
            last = perf_counter()

    return tick


def _maps(
    traced: maps.Traced,
    outputs: Collection[str],
    safety: shot.Safety,
    *,
    noise: bool,
    tick: Callable[..., None],
) -> Maps:
    """Return the maps of one view."""
    camera = traced.camera
    hazard = maps.hazard(traced, safety) if "hazard" in outputs else None
    tick("hazard")
    if needs_exposure(outputs):
        traced = _exposed(traced, noise=noise, tick=tick)
        assert traced.photons is not None
        camera = with_exposure(camera, traced.photons.exposure_s)
    asked = {*outputs, "depth", "instances"} - {"hazard"}
    arrays = {name: maps.COMPUTE[name](traced) for name in MAPS if name in asked}
    return Maps(
        camera=camera,
        arrays=arrays if hazard is None else {**arrays, "hazard": hazard.ratio},
        instance_paths=tuple(instance.path for instance in traced.g.tables.instances_host),
        hazard=hazard,
        image=traced.image,
        photons=traced.photons,
        stock=_stock(traced, camera),
    )


def _exposed(traced: maps.Traced, *, noise: bool, tick: Callable[..., None]) -> maps.Traced:
    """Return the view with its photons collected and its sensor exposed."""
    assert traced.light is not None
    arriving = photons(traced.g, traced.light, traced.view)
    tick("image")
    image = sensor.expose(
        arriving.strobed,
        traced.camera,
        rate=arriving.rate,
        exposure_s=arriving.exposure_s,
        device=traced.g.launch.device,
        noise=noise,
        threads=traced.g.launch.threads,
    )
    tick("sensor")
    return replace(traced, photons=arriving, image=image)


def _stock(traced: maps.Traced, camera: scene_description.Camera) -> dict[str, tuple[float, float]]:
    """Return how bright paper and ink of each printed label are to the view's sensor, by its lamps' photons."""
    world = traced.g.tables.worlds[traced.g.launch.views[traced.view].world]
    lamps = sum((x.strength * band_photons_per_j(x.spectrum) for x in world.lights), np.zeros(4))
    weight = sensor.electrons_per_photon(camera)[0] * lamps
    weight = weight / weight.sum() if weight.sum() > 0 else np.full(4, 0.25)
    printed = ((i.path, m) for i in world.instances for m in i.materials[:1] if m.texture and m.texture.mode == "tone")
    return {path: (float(weight @ m.reflectance), float(weight @ m.ink_reflectance)) for path, m in printed}
