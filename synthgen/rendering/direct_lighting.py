"""Irradiance of every light at every pixel's point, with shadows: closed form times pooled visibility."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import warp as wp

from synthgen.kernels import direct_lighting as kernels
from synthgen.random_streams import Stream
from synthgen.rendering.gbuffer import Block, Frame
from synthgen.world import scene_description

SAMPLES = 1
"""Shadow rays a pixel and light, a power of two; 16 neighbours share one net of 16 times as many."""


@dataclass(frozen=True, eq=False)
class Lit:
    """What lights do at the pixels of one view's world; only that view's pixels are written."""

    view: int
    light_rows: wp.array
    lit: wp.array
    """Irradiance of each light [W/m^2], shape (lights, pixels)."""
    whole: wp.array
    """The same if nothing stood in the way."""
    vectors: wp.array
    """Its irradiance vector, if it was asked for [W/m^2], shape (lights, pixels)."""

    @property
    def count(self) -> int:
        """Return how many lights there are."""
        return self.light_rows.shape[0]


def light(frame: Frame, view: int, *, samples: int = SAMPLES, pool: bool = True, vectors: bool = False) -> Lit:
    """Return the irradiance of each light of the view's world at its pixels' points [W/m^2].

    `samples` must be a power of two; without `pool` each pixel keeps its own visibility ratio (the slow reference).
    """
    rows = frame.tables.light_rows[frame.views[view].world]
    room = max(len(rows), 1)
    seen, asked, whole, lit = (frame.empty(wp.float32, room) for _ in range(4))
    vector = frame.empty(wp.vec3, room) if vectors else wp.empty((room, 1), dtype=wp.vec3, device=frame.device)
    light_rows = wp.array(rows, dtype=wp.int32, device=frame.device)
    total = frame.empty(wp.float32)

    def visibility(block: Block) -> None:
        inputs = [
            frame.tables.lights,
            light_rows,
            len(rows),
            frame.position,
            frame.normal,
            frame.material,
            int(vectors),
        ]
        frame.launch(kernels.unshadowed, block, inputs, [whole, vector, total])
        for k, row in enumerate(rows):
            asks = (k, int(row), samples, int(pool and samples == 1))
            _visibility(frame, block, asks, (whole[k], total), (seen[k], asked[k]))

    frame.each(visibility, view)
    inputs = [frame.cameras, frame.pixel_camera, frame.hits.instance, frame.position, frame.plane, frame.hits.t]

    def pooled(block: Block) -> None:
        frame.launch(kernels.pool, block, [*inputs, seen, asked, whole, len(rows), int(pool)], [lit])

    frame.each(pooled, view)
    return Lit(view, light_rows, lit, whole, vector)


def _visibility(
    frame: Frame,
    block: Block,
    asks: tuple[int, int, int, int],
    unshadowed: tuple[wp.array, wp.array],
    out: tuple[wp.array, wp.array],
) -> None:
    """Write the weights seen and asked for of one light in one block."""
    (k, row, samples, sparse), (whole, total) = asks, unshadowed
    count, device = block.count * samples, frame.device
    origin, toward = (wp.empty(count, dtype=wp.vec3, device=device) for _ in range(2))
    reach, weight = (wp.empty(count, dtype=wp.float32, device=device) for _ in range(2))
    clear = wp.empty(count, dtype=wp.uint8, device=device)
    surface = [frame.position, frame.normal, frame.plane, whole, total]
    inputs = [frame.cameras, frame.pixel_camera, frame.tables.lights, row, *surface, samples, scramble(k), sparse]
    frame.launch(kernels.shadow_rays, block, inputs, [origin, toward, reach, weight])
    frame.tracer.any_hit(frame.views[block.view].world, origin, toward, reach, clear)
    frame.launch(kernels.gather, block, [weight, reach, clear, samples], out)


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
