"""S, B and R against their formulas, and their integrals against CIE's lamps."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthgen.errors import InputError
from synthgen.photobiology.editions import EDITIONS, EU, HAZARDS, ICNIRP, IEC
from synthgen.photobiology.weighting import fraction, weight_of
from synthgen.world import spectra

# CIE typical LED type LED-B1 (2733 K), 380 to 780 nm in steps of 5 nm (CIE 015:2018, table 12)
LED_B1 = (
    0, 0.01, 0.01, 0.02, 0.04, 0.07, 0.15, 0.28, 0.53, 0.92, 1.54, 2.52, 4.16, 6.39, 7.89, 7.57, 6.25, 5.16, 4.37,
    3.84, 3.7, 3.88, 4.26, 4.79, 5.41, 6.05, 6.7, 7.34, 7.98, 8.64, 9.31, 10.02, 10.76, 11.53, 12.38, 13.28, 14.23,
    15.2, 16.2, 17.19, 18.14, 19.02, 19.78, 20.38, 20.8, 21, 20.97, 20.71, 20.23, 19.56, 18.76, 17.82, 16.78, 15.66,
    14.49, 13.31, 12.15, 11.02, 9.95, 8.93, 7.98, 7.1, 6.3, 5.57, 4.89, 4.26, 3.72, 3.25, 2.83, 2.47, 2.15, 1.87,
    1.63, 1.42, 1.25, 1.1, 0.97, 0.86, 0.76, 0.68, 0.61,
)  # fmt: skip


def _blue_mw_lm(spectrum, edition=IEC):
    return 1e3 * fraction(spectrum, "blue-light", edition) / spectra.efficacy_lm_w(spectrum)


def test_blue_light_of_a_warm_led_and_of_daylight():
    # frudawski.de/cieblh, reproduced to 0.01 % in the research: K_B,v of LED-B1 is 0.26349 mW/lm, so that 1e6 J/(m2 sr)
    # are reached at 1e6 cd/m2 after 1e6 / 263.49 = 3795.2 s; D65: 0.98505 mW/lm
    led_b1 = spectra.from_table(np.arange(380.0, 781.0, 5.0), LED_B1)
    assert _blue_mw_lm(led_b1) == pytest.approx(0.26349, rel=1e-3)
    assert 1e6 / (1e3 * _blue_mw_lm(led_b1)) == pytest.approx(3795.2, rel=1e-3)
    assert _blue_mw_lm(spectra.clipped(spectra.d65(), 379.5, 780.5)) == pytest.approx(0.98505, rel=5e-4)
    # efficacy and retinal-thermal share of the same research table
    assert spectra.efficacy_lm_w(led_b1) == pytest.approx(311.76, rel=1e-3)
    assert fraction(led_b1, "retinal-thermal", IEC) == pytest.approx(1.64524, rel=1e-3)
    assert fraction(led_b1, "retinal-thermal", ICNIRP) == pytest.approx(0.99373, rel=1e-3)


@pytest.mark.parametrize(
    ("cct_k", "mw_lm"), [(2733, 0.26349), (2998, 0.31810), (4103, 0.53975), (5109, 0.69307), (6598, 0.88416)]
)
def test_our_white_led_has_the_blue_share_of_the_cie_types(cct_k, mw_lm):
    assert _blue_mw_lm(spectra.white_led(cct_k)) == pytest.approx(mw_lm, rel=3e-3)


@pytest.mark.parametrize(
    ("peak_nm", "fwhm_nm", "blue", "thermal_iec", "thermal_icnirp"),
    [(450, 20, 0.91274, 9.12738, 0.99940), (525, 33, 0.04081, 1.02962, 1.0), (850, 35, 0.0, 0.50236, 0.50236)],
)
def test_led_shares_of_the_research_table(peak_nm, fwhm_nm, blue, thermal_iec, thermal_icnirp):
    led = spectra.led(peak_nm, fwhm_nm)
    assert fraction(led, "blue-light", IEC) == pytest.approx(blue, rel=2e-3)
    assert fraction(led, "retinal-thermal", IEC) == pytest.approx(thermal_iec, rel=2e-3)
    assert fraction(led, "retinal-thermal", ICNIRP) == pytest.approx(thermal_icnirp, rel=2e-3)


def test_formulas_of_the_standard_at_the_nodes():
    nm = np.arange(500.0, 600.1, 5.0)
    np.testing.assert_allclose(weight_of("blue-light", IEC)(nm), 10.0 ** ((450.0 - nm) / 50.0), rtol=1e-6)
    nm = np.arange(700.0, 1050.1, 5.0)
    np.testing.assert_allclose(weight_of("retinal-thermal", ICNIRP)(nm), 10.0 ** ((700.0 - nm) / 500.0), rtol=1e-6)
    nm = np.arange(1150.0, 1200.1, 5.0)
    np.testing.assert_allclose(weight_of("retinal-thermal", IEC)(nm), 0.2 * 10.0 ** (0.02 * (1150.0 - nm)), rtol=1e-6)


def test_the_editions_differ_tenfold_in_the_blue_of_r():
    iec, icnirp, eu = (weight_of("retinal-thermal", edition)(440.0) for edition in (IEC, ICNIRP, EU))
    assert (iec, icnirp, eu) == (10.0, 1.0, 10.0)
    assert weight_of("blue-light", IEC)(385.0) == 0.013
    assert weight_of("blue-light", ICNIRP)(385.0) == 0.0125


def test_s_is_interpolated_by_its_logarithm_and_b_and_r_linearly():
    s = weight_of("actinic-uv", IEC)
    assert s(272.5) == pytest.approx(np.sqrt(1.0 * 0.96), rel=1e-12)  # halfway from 270 (1) to 275 nm (0.96)
    assert weight_of("blue-light", IEC)(487.5) == pytest.approx(0.5 * (0.4 + 0.22), rel=1e-12)
    assert weight_of("retinal-thermal", IEC)(487.5) == pytest.approx(0.5 * (4.0 + 2.2), rel=1e-12)


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("hazard", HAZARDS)
def test_weights_end_at_their_range(hazard, edition):
    weight = weight_of(hazard, edition)
    edges = np.array([weight.low_nm, weight.high_nm])
    assert (weight(edges) > 0.0).all()
    assert (weight(edges + np.array([-0.01, 0.01])) == 0.0).all()


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(HAZARDS), st.sampled_from(EDITIONS), st.floats(190.0, 3050.0))
def test_inside_their_range_weights_are_continuous(hazard, edition, nm):
    weight = weight_of(hazard, edition)
    step_nm = 1e-3
    if weight.low_nm <= nm and nm + step_nm <= weight.high_nm:
        # steepest: S falls by 10^(1/3 decade / nm) around 300 nm, B rises 0.08 per nm of up to 10 (R) near 415 nm
        assert abs(weight(nm + step_nm) - weight(nm)) <= 1.0 * step_nm
    assert 0.0 <= weight(nm) <= 10.0


def test_power_outside_the_range_does_not_count():
    for hazard in ("actinic-uv", "uva", "blue-light", "blue-light-small"):
        assert fraction(spectra.led(850.0, 30.0), hazard, IEC) == 0.0
    assert fraction(spectra.led(365.0, 10.0), "uva", IEC) == pytest.approx(1.0, abs=1e-6)
    half = spectra.from_table([315.0 - 50.0, 315.0 + 50.0], [1.0, 1.0])
    assert fraction(half, "uva", IEC) == pytest.approx(0.5, rel=1e-12)  # the edge cuts between samples


def test_unknown_names_are_refused():
    with pytest.raises(InputError, match="did you mean blue-light"):
        weight_of("bluelight", IEC)
    with pytest.raises(InputError, match="iec62471-2006"):
        weight_of("uva", "iec62471")
