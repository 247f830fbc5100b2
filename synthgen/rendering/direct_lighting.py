"""Direct light at every pixel's point, light by light, with shadows: closed form times pooled visibility."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import warp as wp

from synthgen.kernels import direct_lighting as kernels
from synthgen.kernels import types
from synthgen.random_streams import Stream
from synthgen.rendering.device_tables import Tables
from synthgen.rendering.gbuffer import GBuffer
from synthgen.rendering.launch import Block
from synthgen.world import scene_description

SAMPLES = 1
"""Shadow rays a pixel and light, a power of two; 16 neighbours share one net of 16 times as many."""


@dataclass(frozen=True, eq=False)
class DirectLight:
    """Irradiance of each light at the pixels of all views of a launch; row k is the k-th light of a view's world."""

    irradiance: Any
    """`types.LightIrradiance`, both arrays of shape (lights, pixels)."""
    vectors: wp.array
    """Irradiance vector of each whole light, if it was asked for [W/m^2], shape (lights, pixels)."""

    @property
    def irradiance_w_m2(self) -> wp.array:
        """Return the irradiance of each light, shadows included, shape (lights, pixels)."""
        return self.irradiance.shadowed

    @property
    def unshadowed_irradiance_w_m2(self) -> wp.array:
        """Return the irradiance of each light if nothing stood in the way, shape (lights, pixels)."""
        return self.irradiance.unshadowed


def world_lights(tables: Tables, world: int, open_s: np.ndarray | None = None) -> Any:
    """Return a world's lights as `types.WorldLights`; `open_s` is how long each shines, shape (lights, 2) [s]."""
    out = types.WorldLights()
    rows = tables.light_rows[world]
    out.table = tables.lights
    out.rows = wp.array(rows, dtype=wp.int32, device=tables.device)
    times = np.zeros((max(len(rows), 1), 2), np.float32)
    times[: len(rows)] = 0.0 if open_s is None else open_s
    out.open_s = wp.array(times, dtype=wp.vec2, device=tables.device)
    return out


def light(g: GBuffer, *, samples: int = SAMPLES, pool: bool = True, vectors: bool = False) -> DirectLight:
    """Return the irradiance at every pixel's point of each light of its view's world [W/m^2].

    `samples` must be a power of two; without `pool` each pixel keeps its own visibility ratio (the slow reference).
    """
    launch = g.launch
    worlds = {view.world: world_lights(g.tables, view.world) for view in launch.views}
    room = max(1, *(len(g.tables.light_rows[world]) for world in worlds))
    visible_weight, total_weight = (launch.empty(wp.float32, room) for _ in range(2))
    irradiance = types.LightIrradiance()
    irradiance.unshadowed, irradiance.shadowed = (launch.empty(wp.float32, room) for _ in range(2))
    vector = launch.empty(wp.vec3, room) if vectors else wp.empty((room, 1), dtype=wp.vec3, device=launch.device)
    total = launch.empty(wp.float32)

    def visibility(block: Block) -> None:
        world = launch.views[block.view].world
        inputs = [g.pixels, worlds[world], int(vectors)]
        launch.run(kernels.unshadowed_irradiance, block, inputs, [irradiance.unshadowed, vector, total])
        for k, row in enumerate(g.tables.light_rows[world]):
            query = shadow_query(k, int(row), samples, sparse=pool and samples == 1)
            whole = (irradiance.unshadowed[k], total)
            _visibility(g, block, query, whole, (visible_weight[k], total_weight[k]))

    def pooled(block: Block) -> None:
        count = len(g.tables.light_rows[launch.views[block.view].world])
        inputs = [g.pixels, visible_weight, total_weight, irradiance.unshadowed, count, int(pool)]
        launch.run(kernels.pool, block, inputs, [irradiance.shadowed])

    launch.each(visibility)
    launch.each(pooled)
    return DirectLight(irradiance, vector)


def shadow_query(k: int, row: int, samples: int, *, sparse: bool) -> Any:
    """Return how a world's k-th light, `row` of the table, is sampled."""
    query = kernels.ShadowQuery()
    query.row, query.samples, query.scramble, query.sparse = row, samples, scramble(k), int(sparse)
    return query


def _visibility(
    g: GBuffer, block: Block, query: Any, unshadowed: tuple[wp.array, wp.array], out: tuple[wp.array, wp.array]
) -> None:
    """Write the visible and the total weight of one light in one block."""
    count, device = block.count * query.samples, g.launch.device
    origin, direction = (wp.empty(count, dtype=wp.vec3, device=device) for _ in range(2))
    t_max, weight = (wp.empty(count, dtype=wp.float32, device=device) for _ in range(2))
    clear = wp.empty(count, dtype=wp.uint8, device=device)
    inputs = [g.pixels, g.tables.lights, query, *unshadowed]
    g.launch.run(kernels.shadow_rays, block, inputs, [origin, direction, t_max, weight])
    g.tracer.any_hit(g.launch.views[block.view].world, origin, direction, t_max, clear)
    g.launch.run(kernels.sum_visible, block, [weight, t_max, clear, query.samples], out)


def scramble(k: int) -> int:
    """Return the 32 bits that scramble the net of a world's k-th light: lights must not share a pattern."""
    return int(Stream(0, "net", k).uniform() * 2**32)


def shutter_overlap_s(light: scene_description.Light, exposure_s: float) -> tuple[float, float]:
    """Return for how long a lamp shines while the shutter is open: (in pulses, steadily) [s].

    The shutter opens at 0; pulses start at `delay_s` and repeat with `rate_hz` (0: a single one). A lamp without
    pulses, or whose pulses touch, shines steadily.
    """
    if light.pulse_s <= 0 or light.pulse_s * light.rate_hz >= 1:
        return 0.0, exposure_s
    period_s = 1 / light.rate_hz if light.rate_hz > 0 else np.inf
    first = 0 if np.isinf(period_s) else int(np.floor((-light.delay_s - light.pulse_s) / period_s))
    last = 0 if np.isinf(period_s) else int(np.ceil((exposure_s - light.delay_s) / period_s))
    starts = light.delay_s + (np.arange(first, last + 1) * period_s if last > first else np.zeros(1))
    overlap = np.minimum(starts + light.pulse_s, exposure_s) - np.maximum(starts, 0.0)
    return float(np.clip(overlap, 0.0, None).sum()), 0.0
