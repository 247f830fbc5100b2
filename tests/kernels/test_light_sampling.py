"""Unshadowed light in closed form, in the kernel against float64."""

from __future__ import annotations

import math

import numpy as np
import pytest
import warp as wp

from synthgen.rendering import device_tables
from tests import scenes
from tests.kernels import probes

UP = np.array([0.0, 0.0, 1.0])


def whole(light, points, normals):
    """Return the irradiance and the irradiance vector at points."""
    count = len(points)
    irradiance, vector = wp.empty(count, dtype=wp.float32), wp.empty(count, dtype=wp.vec3)
    at, facing = (wp.array(np.asarray(a, np.float32), dtype=wp.vec3) for a in (points, normals))
    wp.launch(
        probes.whole,
        dim=count,
        inputs=[device_tables._light(light), at, facing],
        outputs=[irradiance, vector],
        device="cpu",
    )
    return irradiance.numpy().astype(float), vector.numpy().astype(float)


def scattered(count=60):
    rng = np.random.Generator(np.random.Philox(key=3))
    normals = rng.normal(size=(count, 3))
    return rng.uniform(-1, 1, (count, 3)), normals / np.linalg.norm(normals, axis=1, keepdims=True)


def test_a_rectangle_is_the_contour_sum_everywhere():
    light = scenes.lamp(scenes.facing((0.2, 0.1, 1.3), (0, 0.3, 0)), width_m=0.7, height_m=0.25)
    points, normals = scattered()
    found, vectors = whole(light, points, normals)
    corners = scenes.corners_of(light)
    behind = (points - light.world_from_light[:3, 3]) @ light.world_from_light[:3, 2] >= 0
    expected = [
        0.0 if b else 10.0 * scenes.contour(corners, p, n) for p, n, b in zip(points, normals, behind, strict=True)
    ]
    # 1e-4 of what falls on a receiver that faces the lamp: float32 angles of a polygon cut at the horizon.
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-4 * max(expected))
    for p, v in zip(points[~behind], vectors[~behind], strict=True):
        facing = v / np.linalg.norm(v)
        whole_above = ((corners - p) @ facing > 0).all()
        if whole_above:
            assert np.linalg.norm(v) == pytest.approx(10.0 * scenes.contour(corners, p, facing), rel=1e-3)


@pytest.mark.parametrize(
    ("shape", "numbers"),
    [
        ("disk", {"radius_m": 0.2}),
        ("sphere", {"radius_m": 0.15}),
        ("cylinder", {"radius_m": 0.03, "length_m": 0.5}),
        ("distant", {"half_angle_rad": 0.05}),
    ],
)
def test_strata_stand_in_for_a_closed_form(shape, numbers):
    """16 x 4 strata where there is no formula, against 256 x 256 of `measure`'s own net: 1 % away from horizons."""
    from synthgen.rendering import irradiance_probe, ray_tracers

    light = scenes.lamp(scenes.facing((0.2, 0.1, 1.3), (0, 0.3, 0)), shape=shape, **numbers)
    rng = np.random.Generator(np.random.Philox(key=5))
    points = np.column_stack([rng.uniform(-0.4, 0.4, (12, 2)), np.zeros(12)])
    normals = np.broadcast_to(UP, points.shape)
    device = scenes.tables_of(scenes.description(lights=[light]))
    expected = irradiance_probe.measure(device, ray_tracers.of(device, "warp"), points, normals).irradiance_w_m2[0]
    np.testing.assert_allclose(whole(light, points, normals)[0], expected, rtol=0.01)


@pytest.mark.parametrize("softness", [0.0, 0.6])
def test_the_power_of_a_shaped_lamp_is_what_emission_says(softness):
    """What a closed sphere around a lamp receives is its radiant power: `lamp_power` and the kernel mean one cone."""
    from synthgen.world.lamp_power import power_per_radiance_m2_sr

    numbers = {"cone_angle_rad": math.radians(50), "cone_softness": softness, "focus": 2.0}
    light = scenes.lamp(scenes.pose(), width_m=0.02, height_m=0.01, **numbers)
    theta = (np.arange(400) + 0.5) / 400 * math.pi / 2
    away = np.stack([np.sin(theta), np.zeros_like(theta), -np.cos(theta)], axis=1)
    found, _ = whole(light, 2.0 * away, -away)
    power_w = (found * 4.0 * 2 * math.pi * np.sin(theta)).sum() * math.pi / 2 / 400
    expected = 10.0 * power_per_radiance_m2_sr("rect", width_m=0.02, height_m=0.01, **numbers)
    # 0.5 %: the sphere is 100 times as large as the lamp, and the cone's edge falls between two of 400 rings.
    assert power_w == pytest.approx(expected, rel=0.005)


def test_irradiance_is_linear_in_strength():
    points, normals = scattered(20)
    light = scenes.lamp(scenes.facing((0.2, 0.1, 1.3), (0, 0.3, 0)))
    twice = scenes.lamp(scenes.facing((0.2, 0.1, 1.3), (0, 0.3, 0)), strength=20.0)
    np.testing.assert_array_equal(2 * whole(light, points, normals)[0], whole(twice, points, normals)[0])
