"""Irradiance at given points: direct light only, many samples, nothing pooled, sums in float64."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import warp as wp

from synthgen.kernels import direct_lighting as kernels
from synthgen.rendering.device_tables import Tables
from synthgen.rendering.direct_lighting import scramble
from synthgen.rendering.ray_tracers import Tracer
from synthgen.world.spectra import band_fractions, efficacy_lm_w

SAMPLES = 65_536
"""Shadow rays from a point to a light; a power of two. The net's error is then far below 0.1 % behind an edge."""

_RAYS_AT_ONCE = 1 << 20


@dataclass(frozen=True, eq=False)
class Measured:
    """What a cosine receiver reads at each point."""

    irradiance_w_m2: np.ndarray
    """Of each light over its full spectrum, shape (lights, points)."""
    bands_w_m2: np.ndarray
    """Of all lights in the four bands, shape (points, 4)."""
    illuminance_lux: np.ndarray
    """Of all lights, shape (points,)."""


def measure(
    tables: Tables,
    tracer: Tracer,
    points_m: np.ndarray,
    normals: np.ndarray,
    *,
    world: int = 0,
    samples: int = SAMPLES,
) -> Measured:
    """Return what receivers at `points_m` facing `normals` (unit), both shape (points, 3), get from each light."""
    lights = tables.worlds[world].lights
    rows = tables.light_rows[world]
    each = np.zeros((len(lights), len(points_m)))
    position, normal = (
        wp.array(a.astype(np.float32), dtype=wp.vec3, device=tables.device) for a in (points_m, normals)
    )
    step = max(1, _RAYS_AT_ONCE // samples)
    for k, row in enumerate(rows):
        for first in range(0, len(points_m), step):
            count = min(step, len(points_m) - first)
            each[k, first : first + count] = _one_light(
                tables, tracer, world, int(row), position, normal, first, count, samples, scramble(k)
            )
    bands = sum(
        (e[:, None] * band_fractions(light.spectrum) for e, light in zip(each, lights, strict=True)), np.zeros(4)
    )
    lux = sum((e * efficacy_lm_w(light.spectrum) for e, light in zip(each, lights, strict=True)), np.zeros(1))
    return Measured(each, np.broadcast_to(bands, (len(points_m), 4)), np.broadcast_to(lux, (len(points_m),)))


def _one_light(tables, tracer, world, row, position, normal, first, count, samples, pattern) -> np.ndarray:
    """Return the irradiance of one light at some points [W/m^2], summed in float64."""
    device, rays = tables.device, count * samples
    origin, toward = (wp.empty(rays, dtype=wp.vec3, device=device) for _ in range(2))
    reach, weight = (wp.empty(rays, dtype=wp.float32, device=device) for _ in range(2))
    clear = wp.empty(rays, dtype=wp.uint8, device=device)
    wp.launch(
        kernels.point_rays,
        dim=rays,
        inputs=[tables.lights, row, position, normal, samples, pattern, first],
        outputs=[origin, toward, reach, weight],
        device=device,
    )
    tracer.any_hit(world, origin, toward, reach, clear)
    through = weight.numpy().astype(np.float64) * clear.numpy()
    return through.reshape(count, samples).sum(axis=1) / samples
