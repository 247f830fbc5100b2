"""The specular lobe by its laws: energy, reciprocity, and one lamp whose mirror image is known."""

from __future__ import annotations

import math

import numpy as np
import pytest
import warp as wp

from synthgen.rendering import device_tables
from synthgen.world import scene_description
from tests import scenes
from tests.kernels import probes

ALPHAS = (0.03, 0.1, 0.25, 0.5, 1.0)


def unit(theta, phi):
    theta, phi = np.broadcast_arrays(theta, phi)
    return np.stack([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)], axis=-1).reshape(-1, 3)


def scattered(count=200):
    """Return directions in the upper hemisphere for an eye and a light, both of shape (count, 3)."""
    rng = np.random.Generator(np.random.Philox(key=1))
    eye, light = (unit(np.arccos(rng.uniform(0.05, 1, count)), rng.uniform(0, 6.28, count)) for _ in range(2))
    return eye, light


def brdf(alpha, f0, to_eye, to_light):
    out = wp.empty(len(to_light), dtype=wp.float32, device="cpu")
    eye, lit = (
        wp.array(np.broadcast_to(a, to_light.shape).astype(np.float32), dtype=wp.vec3) for a in (to_eye, to_light)
    )
    wp.launch(probes.brdf, dim=len(to_light), inputs=[alpha, f0, eye, lit], outputs=[out], device="cpu")
    return out.numpy().astype(float)


def smith(alpha, eye, light):
    """Return the lobe of f0 = 1 by Heitz 2014, equations 71, 72, 99 and 15, in float64, for directions (n, 3)."""
    half = eye + light
    half = half / np.linalg.norm(half, axis=1, keepdims=True)
    cos2 = half[:, 2] ** 2
    d = 1 / (math.pi * alpha**2 * cos2**2 * (1 + (1 - cos2) / cos2 / alpha**2) ** 2)
    below = [0.5 * (np.sqrt(1 + alpha**2 * (1 / v[:, 2] ** 2 - 1)) - 1) for v in (eye, light)]
    return d / (1 + below[0] + below[1]) / (4 * eye[:, 2] * light[:, 2])


@pytest.mark.parametrize("alpha", ALPHAS)
def test_the_lobe_is_ggx_with_height_correlated_smith_masking(alpha):
    eye, light = scattered()
    # 2e-3: float32, magnified where the narrowest lobe is steepest.
    np.testing.assert_allclose(brdf(alpha, 1.0, eye, light), smith(alpha, eye, light), rtol=2e-3, atol=1e-7)


@pytest.mark.parametrize("alpha", ALPHAS)
@pytest.mark.parametrize("theta_deg", [0.0, 40.0, 75.0])
def test_a_white_furnace_gives_no_more_than_it_gets(alpha, theta_deg):
    """A mirror-like lobe (f0 = 1) under a uniform sky: the albedo is 1 less what a second bounce would have brought."""
    eye = unit(math.radians(theta_deg), 0.0)
    # Quadrature in half vectors, which follows the lobe however narrow: light = mirrored eye, d light = 4 (h.v) d half.
    around = (np.arange(256) + 0.5) / 256 * 2 * math.pi
    share = (np.arange(400) + 0.5) / 400
    tangent = alpha * np.sqrt(share / (1 - share))  # equal shares of the distribution of half vectors
    half = unit(np.arctan(tangent)[:, None], around[None, :])
    light = 2 * (half @ eye[0])[:, None] * half - eye
    cos_h = half[:, 2]
    density = alpha**2 / (math.pi * (cos_h**2 * (alpha**2 - 1) + 1) ** 2) * cos_h / (4 * np.abs(half @ eye[0]))
    facing = (light[:, 2] > 0) & (half @ eye[0] > 0)
    value = brdf(alpha, 1.0, eye, light)
    albedo = np.where(facing, value * light[:, 2] / density, 0).mean()
    # 1e-3: float32 in the kernel and the quadrature's own error.
    assert albedo <= 1 + 1e-3
    if alpha == 0.03 and theta_deg < 60:
        assert albedo == pytest.approx(1, abs=0.01), "a nearly smooth mirror loses nothing"
    if alpha == 1.0 and theta_deg == 0.0:
        # From the zenith, alpha = 1: brdf cos = m / (2 pi (1 + m)) at cosine m, which integrates to 1 - ln 2.
        assert albedo == pytest.approx(1 - math.log(2), abs=1e-3)


@pytest.mark.parametrize("alpha", ALPHAS)
def test_the_lobe_is_the_same_from_both_ends(alpha):
    eye, light = scattered()
    # 2e-4: the half vector's float32 rounding, magnified by a lobe of alpha 0.03.
    np.testing.assert_allclose(brdf(alpha, 0.04, eye, light), brdf(alpha, 0.04, light, eye), rtol=2e-4, atol=1e-7)


def lobe_of(light, material, positions, to_eye):
    row = device_tables._material(material, {})
    out = wp.empty(len(positions), dtype=wp.float32, device="cpu")
    at, eye = (wp.array(np.asarray(a, np.float32), dtype=wp.vec3) for a in (positions, to_eye))
    wp.launch(
        probes.lobe, dim=len(positions), inputs=[device_tables._light(light), row, at, eye], outputs=[out], device="cpu"
    )
    return out.numpy()


def test_a_dome_is_mirrored_with_fresnels_share():
    dome = scenes.lamp(scenes.pose(), shape="dome", strength=7.0)
    metal = scene_description.Material(path="/m", reflectance=(1, 1, 1, 1), metallic=1.0)
    plastic = scene_description.Material(path="/p", reflectance=(1, 1, 1, 1), ior=1.5)
    eye = unit(np.radians([0.0, 30.0, 80.0]), np.zeros(3))
    np.testing.assert_allclose(lobe_of(dome, metal, np.zeros((3, 3)), eye), 7.0, rtol=1e-6)
    found = lobe_of(dome, plastic, np.zeros((3, 3)), eye) / 7.0
    assert found[0] == pytest.approx(0.04, rel=1e-4), "((1.5 - 1) / (1.5 + 1))^2"
    assert (np.diff(found) > 0).all() and (found <= 1).all()


@pytest.mark.parametrize("roughness", [0.3, 0.45, 0.6, 1.0])
def test_a_small_lamp_is_the_brdf_times_its_irradiance(roughness):
    """Seen 20 degrees from its mirror direction a lamp far smaller than the lobe is a point: L = brdf E."""
    lamp = scenes.lamp(scenes.facing((0.3, 0.0, 0.95), (0, 0, 0)), width_m=0.02, height_m=0.02)
    material = scene_description.Material(path="/p", reflectance=(0.5,) * 4, roughness=roughness, ior=1.5)
    to_light = np.array([0.3, 0, 0.95]) / math.hypot(0.3, 0.95)
    eye = unit(np.radians([0.0]), np.zeros(1))
    irradiance = 10.0 * scenes.contour(scenes.corners_of(lamp), np.zeros(3), np.array([0, 0, 1.0]))
    expected = brdf(roughness**2, 0.04, eye, to_light[None]) * irradiance
    # 3 %: over 0.02 m at 1 m the narrowest of these lobes is not quite flat.
    np.testing.assert_allclose(lobe_of(lamp, material, np.zeros((1, 3)), eye), expected, rtol=0.03)


def test_a_smooth_surface_shows_the_lamp_itself():
    """In the mirror direction of a lamp wider than the lobe the surface has f0 times the lamp's radiance."""
    lamp = scenes.lamp(scenes.facing((0.0, 0.0, 1.0), (0, 0, 0)), width_m=1.2, height_m=1.2)
    material = scene_description.Material(path="/p", reflectance=(0.5,) * 4, roughness=0.3, ior=1.5)
    found = lobe_of(lamp, material, np.zeros((1, 3)), unit(np.zeros(1), np.zeros(1)))
    # 10 %: the strata of the lamp are as wide as the lobe, whose long tail misses the lamp.
    assert found[0] == pytest.approx(0.04 * 10.0, rel=0.1)
