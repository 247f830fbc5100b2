"""Subtense and averaging cones: values of the standards, their continuity, and per-axis clipping."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthgen.errors import InputError
from synthgen.photobiology import averaging
from synthgen.photobiology.editions import EDITIONS, EU, HAZARDS, ICNIRP, IEC, RADIANCE_HAZARDS


@pytest.mark.parametrize(
    ("hazard", "edition", "duration_s", "cone_rad"),
    [
        ("blue-light", IEC, 0.1, 0.0017),
        ("blue-light", IEC, 2.5, 0.011 * math.sqrt(0.25)),
        ("blue-light", IEC, 50.0, 0.011),
        ("blue-light", IEC, 2500.0, 0.055),
        ("blue-light", IEC, 30000.0, 0.1),
        ("blue-light", ICNIRP, 1.0, 0.011),
        ("blue-light", ICNIRP, 30000.0, 0.11),
        ("retinal-thermal", IEC, 0.1, 0.0017),
        ("retinal-thermal", EU, 1000.0, 0.011),
        ("retinal-thermal-weak", IEC, 1000.0, 0.011),
    ],
)
def test_cones_of_the_standards(hazard, edition, duration_s, cone_rad):
    assert averaging.averaging_angle_rad(hazard, edition, duration_s) == pytest.approx(cone_rad, rel=1e-12)


def test_irradiance_hazards_have_no_cone():
    for hazard in set(HAZARDS) - set(RADIANCE_HAZARDS):
        assert averaging.averaging_angle_rad(hazard, IEC, 1.0) is None


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(EDITIONS), st.sampled_from(RADIANCE_HAZARDS), st.floats(-6.0, 5.0))
def test_cones_grow_with_duration_without_a_jump_but_at_a_quarter_second(edition, hazard, exponent):
    here_s = 10.0**exponent
    here, later = (averaging.averaging_angle_rad(hazard, edition, at) for at in (here_s, here_s * 1.001))
    # at 0.25 s the printed 1.7 mrad meets 0.011 sqrt(0.025) = 1.739 mrad (ICNIRP: 1.5 mrad), as docs/eye-safety.md says
    allowed = 1.17 if here_s < 0.25 <= here_s * 1.001 else 1.0006
    assert here <= later <= here * allowed


def test_solid_angles_at_200_mm_are_those_of_the_research():
    for cone_rad, expected_sr in ((0.0017, 2.27e-6), (0.011, 9.50e-5), (0.1, 7.85e-3)):
        assert averaging.solid_angle_sr(cone_rad) == pytest.approx(expected_sr, rel=1e-3)


def test_an_oblong_source_is_clipped_axis_by_axis():
    # 600 mm x 0.2 mm at 200 mm: 3 rad -> 0.1, 0.001 rad -> 0.0017; mean 0.05085, not 1.5 clipped to 0.1
    found = averaging.effective_alpha_rad((3.0, 0.001), "retinal-thermal", IEC, 1.0)
    assert found == pytest.approx(0.05085)
    # ICNIRP at 0.01 s: largest 200 sqrt(0.01) mrad = 20 mrad; (0.020 + 0.0015) / 2
    found = averaging.effective_alpha_rad((3.0, 0.0), "retinal-thermal", ICNIRP, 0.01)
    assert found == pytest.approx(0.01075)


def test_an_angle_in_milliradians_is_refused():
    with pytest.raises(InputError, match=r"11 mrad is 0\.011"):
        averaging.check_alpha(11.0)
