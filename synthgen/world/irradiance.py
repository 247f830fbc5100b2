"""Unshadowed irradiance from the lamps of a Shot, in NumPy: planning has no scene in which it could trace shadows.

The renderer computes the same sums on the device (`kernels/light_sampling.py`) and adds shadows.

References:
    UsdLux schema text (OpenUSD 26.11): shapes, ShapingAPI. E. Hecht: Optics, the inverse square and the cosine law.
"""

from __future__ import annotations

import math

import numpy as np

from synthgen.errors import InputError
from synthgen.world import lamp_power
from synthgen.world.light_shapes import LIGHT_SHAPES, Patches, Sizes
from synthgen.world.poses import rotate
from synthgen.world.shot import Light

POINT_RADIUS_M = 0.01
"""Radius of a point light that has none: UsdLux needs one, I = L pi r^2."""
DISTANT_ANGLE_DEG = 0.53
"""Full cone of a distant light: the sun's, UsdLux's own fallback."""


def radiance_w_m2_sr(light: Light) -> float:
    """Return the radiance on the light's axis while it is on; of a point light that of a sphere of its radius.

    Raises:
        InputError: the light has power, but no size to emit it from.
    """
    if light.shape == "dome":
        return light.irradiance_w_m2 / math.pi
    if light.shape == "distant":
        return light.irradiance_w_m2 / (math.pi * math.sin(math.radians(DISTANT_ANGLE_DEG / 2)) ** 2)
    emitting_m2_sr = lamp_power.power_per_radiance_m2_sr(
        light.shape,
        **vars(sizes(light)),
        cone_angle_rad=light.cone_angle_rad if is_shaped(light) else lamp_power.UNSHAPED_RAD,
        cone_softness=light.cone_softness,
        focus=light.focus,
    )
    if emitting_m2_sr <= 0:
        found = f"size_m {light.size_m}, radius_m {light.radius_m}, cone_angle_rad {light.cone_angle_rad}"
        raise InputError(f"a {light.shape} light of {found} has nothing to emit from; give it a size")
    return light.peak_power_w / emitting_m2_sr


def is_shaped(light: Light) -> bool:
    """Return whether the light needs UsdLux's shaping: a cone below a right angle, or a focus."""
    return LIGHT_SHAPES[light.shape].is_finite and (
        light.cone_angle_rad < math.pi / 2 - 1e-9 or light.focus > 0 or light.cone_softness > 0
    )


def sizes(light: Light) -> Sizes:
    """Return the sizes of the light [m]; a point without a radius has `POINT_RADIUS_M`."""
    radius_m = light.radius_m or (POINT_RADIUS_M if LIGHT_SHAPES[light.shape].usd_point else 0.0)
    return Sizes(width_m=light.size_m[0], height_m=light.size_m[1], radius_m=radius_m, length_m=light.size_m[0])


def unshadowed_w_m2(light: Light, point_m: np.ndarray, normal: np.ndarray) -> float:
    """Return the irradiance of a surface with a unit `normal` at a point of the world, the lamp on [W/m^2]."""
    if light.shape == "dome":
        return light.irradiance_w_m2
    axes = np.array([rotate(light.pose.rotation_wxyz, axis) for axis in np.eye(3)])
    if light.shape == "distant":
        return light.irradiance_w_m2 * max(float(axes[2] @ normal), 0.0)
    radiance = radiance_w_m2_sr(light)
    if radiance <= 0:
        return 0.0
    offset, area_m2 = _patches(light)
    away = np.asarray(light.pose.position_m) + offset @ axes - point_m
    distance_m = np.maximum(np.linalg.norm(away, axis=1), 1e-6)
    toward = away / distance_m[:, None]
    facing = _facing(light, toward @ axes.T)
    if is_shaped(light):
        angle = np.arccos(np.clip(toward @ axes[2], -1.0, 1.0))
        facing = facing * lamp_power.shaping(angle, light.cone_angle_rad, light.cone_softness, light.focus)
    return float(radiance * np.sum(area_m2 * facing * np.maximum(toward @ normal, 0.0) / distance_m**2))


def _patches(light: Light) -> Patches:
    """Return the patches that stand for the light's surface, in its frame."""
    size, shape = sizes(light), LIGHT_SHAPES[light.shape]
    return shape.patches(size) if shape.patches else (np.zeros((1, 3)), np.array([shape.projected_m2(size)]))


def _facing(light: Light, toward: np.ndarray) -> np.ndarray:
    """Return the cosine under which each patch emits; `toward` leads from the receiver to it, in the light's frame."""
    spread = LIGHT_SHAPES[light.shape].spread
    if spread == "one_sided":
        return np.maximum(toward[:, 2], 0.0)
    if spread == "across":
        return np.hypot(toward[:, 1], toward[:, 2])
    return np.ones(len(toward))
