"""Unshadowed irradiance in NumPy: closed forms far and near, shaping, power conserved."""

from __future__ import annotations

import math

import numpy as np
import pytest

from synthgen.world import irradiance
from synthgen.world.poses import look_at
from synthgen.world.shot import Light, Pose

DOWN = Pose(position_m=(0.0, 0.0, 1.0))
"""A lamp emits along its -Z."""
ORIGIN, UP = np.zeros(3), np.array([0.0, 0.0, 1.0])


@pytest.mark.parametrize(
    ("lamp", "expected"),
    [
        (Light(shape="disk", pose=DOWN, radius_m=0.001, peak_power_w=10.0), 10.0 / math.pi),
        (Light(shape="rect", pose=DOWN, size_m=(0.001, 0.002), peak_power_w=10.0), 10.0 / math.pi),
        (Light(shape="point", pose=DOWN, peak_power_w=10.0), 10.0 / (4 * math.pi)),
        (Light(shape="sphere", pose=DOWN, radius_m=0.1, peak_power_w=10.0), 10.0 / (4 * math.pi)),
        (Light(shape="cylinder", pose=DOWN, size_m=(0.001, 0.0), radius_m=0.001, peak_power_w=10.0), 10 / math.pi**2),
        (Light(shape="dome", irradiance_w_m2=3.0), 3.0),
        (Light(shape="distant", pose=DOWN, irradiance_w_m2=3.0), 3.0),
    ],
)
def test_a_surface_below_a_lamp(lamp, expected):
    assert irradiance.unshadowed_w_m2(lamp, ORIGIN, UP) == pytest.approx(expected, rel=1e-3)


def test_a_large_disk_follows_its_closed_form():
    lamp = Light(shape="disk", pose=DOWN, radius_m=0.5, peak_power_w=10.0)
    expected = math.pi * irradiance.radiance_w_m2_sr(lamp) * 0.25 / 1.25  # pi L r^2 / (r^2 + d^2)
    assert irradiance.unshadowed_w_m2(lamp, ORIGIN, UP) == pytest.approx(expected, rel=0.01)


def test_a_large_rectangle_follows_its_closed_form():
    lamp = Light(shape="rect", pose=DOWN, size_m=(0.8, 0.8), peak_power_w=10.0)
    x = 0.4 / math.sqrt(1.16)  # four corners of x = y = 0.4 at distance 1: Lambert's contour formula
    expected = irradiance.radiance_w_m2_sr(lamp) * 4 * x * math.atan(x)
    assert irradiance.unshadowed_w_m2(lamp, ORIGIN, UP) == pytest.approx(expected, rel=1e-4)


def test_what_looks_away_or_lies_outside_the_cone_is_dark():
    lamp = Light(shape="disk", pose=DOWN, radius_m=0.05, peak_power_w=10.0, cone_angle_rad=math.radians(30))
    assert irradiance.unshadowed_w_m2(lamp, ORIGIN, -UP) == 0.0
    assert irradiance.unshadowed_w_m2(lamp, np.array([0.9, 0.0, 0.0]), UP) == 0.0
    behind = Light(shape="rect", pose=look_at((0, 0, 1), (0, 0, 2)), size_m=(0.1, 0.1), peak_power_w=10.0)
    assert irradiance.unshadowed_w_m2(behind, ORIGIN, UP) == 0.0


def test_a_lamp_without_power_is_dark_and_one_without_size_is_refused():
    lamp = Light(shape="disk", pose=DOWN, radius_m=0.05)
    assert irradiance.unshadowed_w_m2(lamp, ORIGIN, UP) == 0.0
    with pytest.raises(Exception, match="nothing to emit from"):
        irradiance.unshadowed_w_m2(Light(shape="disk", pose=DOWN, peak_power_w=1.0), ORIGIN, UP)
