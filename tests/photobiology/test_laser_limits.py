"""Limits of IEC 60825-1:2014 by hand, and the continuity of every factor."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthgen.errors import InputError
from synthgen.photobiology import laser_limits as ll

POINT = ll.ALPHA_MIN_RAD


@pytest.mark.parametrize(
    ("factor", "argument", "expected"),
    [
        (ll.c3, 450.0, 1.0),
        (ll.c3, 488.0, 10**0.76),
        (ll.c4, 700.0, 1.0),
        (ll.c4, 850.0, 10**0.3),
        (ll.c4, 1064.0, 10**0.7),  # 5.01, printed as 5
        (ll.c7, 1150.0, 1.0),
        (ll.c7, 1175.0, 10**0.45),
        (ll.c7, 1250.0, 9.0),  # 8 + 1: not the 8 of the 2007 edition
        (ll.c7, 1310.0, 8 + 10**2.4),
        (ll.t2_s, 0.0015, 10.0),
        (ll.t2_s, 0.1, 100.0),
        (ll.alpha_max_rad, 1e-4, 0.005),
        (ll.alpha_max_rad, 0.01, 0.02),
        (ll.alpha_max_rad, 10.0, 0.1),
        (ll.ti_s, 905.0, 5e-6),
        (ll.ti_s, 1064.0, 1.3e-5),
        (ll.field_rad, 10.0, 0.011),
        (ll.field_rad, 1e4, 0.11),
    ],
)
def test_factors(factor, argument, expected):
    assert factor(argument) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("wavelength_nm", "duration_s", "alpha_rad", "expected_j"),
    [
        (650.0, 1e-12, POINT, 3.8e-8),
        (650.0, 1e-8, POINT, 7.7e-8),
        (650.0, 1e-3, POINT, 7e-4 * 1e-3**0.75),
        (650.0, 100.0, POINT, 0.039),  # 0.39 mW
        (850.0, 100.0, POINT, 0.039 * 10**0.3),
        (650.0, 0.25, 0.015, 7e-4 * 0.25**0.75 * 10.0),  # C6 = 10
        (650.0, 1e-3, 0.05, 7e-4 * 1e-3**0.75 * 0.2 * math.sqrt(1e-3) / 0.0015),  # C6 stops at alpha_max
        (1064.0, 1e-8, POINT, 7.7e-7),
        (1064.0, 100.0, POINT, 0.039 * 10**0.7),
        (1310.0, 100.0, POINT, 50.0),  # 3.9e-4 x 5 x 259 W is above class 3B: capped at 0.5 W
        (905.0, 1e-8, POINT, 7.7e-8 * 10**0.41),
    ],
)
def test_thermal_limits_of_class_1(wavelength_nm, duration_s, alpha_rad, expected_j):
    assert ll.thermal_j(wavelength_nm, duration_s, alpha_rad) == pytest.approx(expected_j, rel=1e-9)


def test_blue_lasers_are_limited_photochemically():
    assert ll.class_1_j(445.0, 100.0, POINT).kind == "photochemical"
    assert ll.class_1_j(445.0, 100.0, POINT).energy_j == pytest.approx(3.9e-3)
    assert ll.class_1_j(445.0, 30000.0, POINT).energy_j == pytest.approx(3.9e-5 * 30000.0)
    assert ll.class_1_j(488.0, 100.0, POINT).energy_j == pytest.approx(3.9e-3 * 10**0.76)
    assert ll.class_1_j(550.0, 100.0, POINT).kind == "thermal"
    # 33 mrad source, 11 mrad field: nine times the energy
    assert ll.class_1_j(445.0, 100.0, 0.033).energy_j == pytest.approx(9 * 3.9e-3)


def test_higher_classes():
    assert ll.class_2_j(650.0, 0.25, POINT).energy_j == pytest.approx(0.25e-3)  # 1 mW
    assert ll.class_3r_j(650.0, 0.25, POINT).energy_j == pytest.approx(1.25e-3)  # 5 mW
    assert ll.class_3r_j(850.0, 100.0, POINT).energy_j == pytest.approx(5 * 0.039 * 10**0.3)
    assert ll.class_3b_j(650.0, 100.0).energy_j == 50.0
    assert ll.class_3b_j(650.0, 1e-3).energy_j == 0.03
    assert ll.class_3b_j(1064.0, 1e-3).energy_j == 0.15


@pytest.mark.parametrize(
    ("pulse_s", "alpha_rad", "pulses", "base_s", "expected"),
    [
        (1e-8, POINT, 600, 100.0, 1.0),
        (1e-8, POINT, 10_000, 100.0, 0.5),  # 5 x 10^4^-0.25
        (1e-8, POINT, 10**6, 100.0, 0.4),
        (1e-8, POINT, 10**6, 0.25, 1.0),
        (1e-3, POINT, 1000, 100.0, 1.0),  # points: none beyond T_i
        (1e-3, 0.006, 16, 100.0, 0.5),  # within alpha_max(1 ms) = 6.3 mrad
        (1e-3, 0.006, 1000, 100.0, 0.4),
        (1e-3, 0.05, 1000, 100.0, 0.2),  # 1000^-0.25 = 0.178: beyond alpha_max the floor is 0.2
        (1e-3, 0.05, 81, 100.0, 1 / 3),
        (1e-3, 0.2, 1000, 100.0, 1.0),
        (0.5, 0.05, 1000, 100.0, 1.0),
    ],
)
def test_c5(pulse_s, alpha_rad, pulses, base_s, expected):
    assert ll.c5(650.0, pulse_s, alpha_rad, pulses, base_s) == pytest.approx(expected)


def test_mpe_and_ael_differ_by_their_rounding_alone():
    for duration_s in (1e-12, 1e-8, 1e-3, 100.0):
        for wavelength_nm in (650.0, 905.0, 1064.0):
            ael, mpe = (ll.thermal_j(wavelength_nm, duration_s, POINT, scale) for scale in (ll.AEL, ll.MPE))
            assert 0.98 < mpe / ael < 1.02
    # 25.4 W/m2 for 0.25 s of visible light
    assert ll.thermal_j(650.0, 0.25, POINT, ll.MPE) / 0.25 / ll.PUPIL_M2 == pytest.approx(18 * 0.25**-0.25, rel=1e-9)


@settings(max_examples=150, deadline=None)
@given(st.floats(400.0, 1399.0), st.floats(-12.0, 4.4), st.floats(0.0015, 0.12))
def test_limits_are_continuous_in_wavelength_but_at_600_1050_and_1200_nm(wavelength_nm, exponent, alpha_rad):
    duration_s, step_nm = 10.0**exponent, 1e-6
    if any(wavelength_nm <= joint <= wavelength_nm + step_nm for joint in (600.0, 1050.0, 1200.0)):
        return
    one, other = (ll.class_1_j(nm, duration_s, alpha_rad).energy_j for nm in (wavelength_nm, wavelength_nm + step_nm))
    assert other == pytest.approx(one, rel=1e-6)


@settings(max_examples=150, deadline=None)
@given(st.floats(400.0, 1400.0), st.floats(-12.0, 4.3), st.floats(1.0, 100.0), st.floats(0.0015, 0.12))
def test_longer_exposures_never_allow_more_power(wavelength_nm, exponent, longer, alpha_rad):
    here_s, later_s = 10.0**exponent, 10.0**exponent * longer
    here, later = (ll.class_1_j(wavelength_nm, at, alpha_rad).energy_j / at for at in (here_s, later_s))
    # C6 grows with sqrt(t) where alpha is above alpha_max; printed constants step up by 2 at 10 ps (IR: 20)
    growth = ll.c6(alpha_rad, later_s) / ll.c6(alpha_rad, here_s)
    printed = 20.3 * 5.1 if here_s < 1e-11 <= later_s else 1.02
    assert later <= here * growth * printed


def test_wavelengths_outside_are_refused():
    with pytest.raises(InputError, match="400 to 1400 nm"):
        ll.check_wavelength(1550.0)
