"""How much power leaves a lamp per unit of radiance on its axis: the bridge between watts and W/(m^2 sr).

Shapes and shaping are those of the UsdLux schema text (OpenUSD 26.11): emission along -Z, times |cos|^focus, times a
cone that is cut off at `cone_angle` and, with softness s, fades by a smoothstep from (1 - s) cone_angle on.
"""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import pairwise

import numpy as np

from synthgen.world.light_shapes import LIGHT_SHAPES, Sizes
from synthgen.world.scene_description import Light

UNSHAPED_RAD = math.pi
"""A cone angle that cuts nothing off, whatever the shape."""
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(96)
_AROUND = 256


@lru_cache(maxsize=1024)
def power_per_radiance_m2_sr(
    shape: str,
    *,
    width_m: float = 0.0,
    height_m: float = 0.0,
    radius_m: float = 0.0,
    length_m: float = 0.0,
    cone_angle_rad: float = UNSHAPED_RAD,
    cone_softness: float = 0.0,
    focus: float = 0.0,
) -> float:
    """Return radiant power / radiance on axis [m^2 sr] of a rect, disk, sphere, point or cylinder light.

    A point light is a sphere far smaller than its distance. Unshaped: rect pi w h, disk pi^2 r^2, sphere 4 pi^2 r^2,
    cylinder (without caps) 2 pi^2 r l.

    Raises:
        ValueError: the shape has no finite power (distant, dome).
    """
    row = LIGHT_SHAPES[shape]
    if not row.is_finite:
        raise ValueError(f"a {shape} light has no finite power")
    shaping = (cone_angle_rad, cone_softness, focus)
    projected_m2 = row.projected_m2(Sizes(width_m, height_m, radius_m, length_m))
    if row.spread == "across":
        return projected_m2 * _mean_sine(*shaping)
    return projected_m2 * _solid_angle(*shaping, one_sided=row.is_one_sided)


def power_per_strength(light: Light) -> float:
    """Return power / radiance [m^2 sr] of a lamp of a stage; of a point, power / intensity [sr].

    A point's intensity is that of a sphere whose cross-section is 1 m^2.

    Raises:
        ValueError: the shape has no finite power (distant, dome).
    """
    return power_per_radiance_m2_sr(
        light.shape,
        width_m=light.width_m,
        height_m=light.height_m,
        radius_m=1.0 / math.sqrt(math.pi) if light.shape == "point" else light.radius_m,
        length_m=light.length_m,
        cone_angle_rad=light.cone_angle_rad,
        cone_softness=light.cone_softness,
        focus=light.focus,
    )


def shaping(theta_rad: np.ndarray, cone_angle_rad: float, cone_softness: float, focus: float) -> np.ndarray:
    """Return the factor on the radiance emitted at `theta_rad` from the axis."""
    factor = np.abs(np.cos(theta_rad)) ** max(focus, 0.0)
    start = (1.0 - min(max(cone_softness, 0.0), 1.0)) * cone_angle_rad
    if start < cone_angle_rad:
        t = np.clip((theta_rad - start) / (cone_angle_rad - start), 0.0, 1.0)
        factor = factor * (1.0 - t * t * (3.0 - 2.0 * t))
    return np.where(theta_rad > cone_angle_rad, 0.0, factor)


def _solid_angle(cone_angle_rad: float, cone_softness: float, focus: float, *, one_sided: bool) -> float:
    """Return the shaped solid angle [sr], projected on the emitting face of a one-sided light."""
    theta, weight = _angles(cone_angle_rad, cone_softness, math.pi / 2 if one_sided else math.pi)
    projected = np.cos(theta) if one_sided else 1.0
    factor = shaping(theta, cone_angle_rad, cone_softness, focus)
    return float(2.0 * math.pi * np.sum(weight * factor * projected * np.sin(theta)))


def _mean_sine(cone_angle_rad: float, cone_softness: float, focus: float) -> float:
    """Return the integral over all directions of shaping times the sine of the angle to X, the cylinder's axis [sr]."""
    theta, weight = _angles(cone_angle_rad, cone_softness, math.pi)
    around = (np.arange(_AROUND) + 0.5) * (2.0 * math.pi / _AROUND)
    sine = np.sqrt(np.maximum(1.0 - (np.sin(theta)[:, None] * np.cos(around)) ** 2, 0.0)).mean(axis=1)
    factor = shaping(theta, cone_angle_rad, cone_softness, focus)
    return float(2.0 * math.pi * np.sum(weight * factor * sine * np.sin(theta)))


def _angles(cone_angle_rad: float, cone_softness: float, last_rad: float) -> tuple[np.ndarray, np.ndarray]:
    """Return Gauss-Legendre nodes and weights over [0, last], split where the shaping has kinks."""
    cut = min(max(cone_angle_rad, 0.0), last_rad)
    start = min((1.0 - min(max(cone_softness, 0.0), 1.0)) * cone_angle_rad, cut)
    edges = sorted({0.0, start, cut, *([math.pi / 2] if math.pi / 2 < cut else [])})
    halves = [(0.5 * (b - a), 0.5 * (b + a)) for a, b in pairwise(edges)]
    theta = np.concatenate([half * _NODES + middle for half, middle in halves]) if halves else np.zeros(0)
    weight = np.concatenate([half * _WEIGHTS for half, _ in halves]) if halves else np.zeros(0)
    return theta, weight
