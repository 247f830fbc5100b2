"""Power per radiance against closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest

from synthgen.world import lamp_power
from synthgen.world.lamp_power import power_per_radiance_m2_sr as per_radiance


def test_unshaped_lights() -> None:
    r, length, w, h = 0.3, 1.2, 0.6, 0.04
    assert per_radiance("rect", width_m=w, height_m=h) == pytest.approx(math.pi * w * h)
    assert per_radiance("disk", radius_m=r) == pytest.approx(math.pi**2 * r**2)
    assert per_radiance("sphere", radius_m=r) == pytest.approx(4 * math.pi**2 * r**2)
    assert per_radiance("cylinder", radius_m=r, length_m=length) == pytest.approx(2 * math.pi**2 * r * length, rel=1e-4)


@pytest.mark.parametrize("cone", [0.1, 0.5, 1.2, math.pi / 2])
def test_hard_cone(cone: float) -> None:
    assert per_radiance("disk", radius_m=1.0, cone_angle_rad=cone) == pytest.approx(math.pi**2 * math.sin(cone) ** 2)
    expected = math.pi * 2 * math.pi * (1 - math.cos(cone))
    assert per_radiance("sphere", radius_m=1.0, cone_angle_rad=cone) == pytest.approx(expected)


@pytest.mark.parametrize("focus", [0.5, 4.0, 60.0])
def test_focus(focus: float) -> None:
    """A cosine to the power n+1 integrates to 2 pi / (n + 2) over a hemisphere; a sphere also emits backwards."""
    assert per_radiance("rect", width_m=1, height_m=1, focus=focus) == pytest.approx(
        2 * math.pi / (focus + 2), rel=1e-5
    )
    expected = math.pi * 4 * math.pi / (focus + 1)
    assert per_radiance("sphere", radius_m=1.0, focus=focus) == pytest.approx(expected, rel=1e-4)


def test_soft_cone_against_a_fine_sum() -> None:
    theta = (np.arange(200_000) + 0.5) * (math.pi / 2 / 200_000)
    shape = lamp_power.shaping(theta, 0.9, 0.4, 2.0)
    expected = 2 * math.pi * np.sum(shape * np.cos(theta) * np.sin(theta)) * (math.pi / 2 / 200_000)
    found = per_radiance("rect", width_m=1, height_m=1, cone_angle_rad=0.9, cone_softness=0.4, focus=2.0)
    assert found == pytest.approx(expected, rel=1e-6)


def test_shaping_is_the_schema_text() -> None:
    at = lamp_power.shaping(np.array([0.0, 0.3, 0.45, 0.6, 0.7]), 0.6, 0.5, 0.0)
    assert at == pytest.approx([1.0, 1.0, 0.5, 0.0, 0.0])  # smoothstep from 0.3 to 0.6


@pytest.mark.parametrize("shape", ["distant", "dome"])
def test_lights_without_a_power_are_refused(shape: str) -> None:
    with pytest.raises(ValueError, match=shape):
        per_radiance(shape)
