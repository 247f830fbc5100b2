"""Spectra against published efficacies, closed forms and CIE's typical LEDs."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthgen.errors import InputError
from synthgen.units import LIGHT_SPEED_M_S, PLANCK_J_S
from synthgen.world import spectra

# CIE typical LED types: CCT [K], efficacy [lm/W] (CIE 015:2018, table 12, with V(lambda), 380 to 780 nm)
LED_TYPES = [(2733, 311.8), (2998, 313.8), (4103, 316.9), (5109, 319.2), (6598, 305.2)]


def _chromaticity(spectrum):
    """Return CIE x, y by the fits of Wyman, Sloan and Shirley (JCGT 2(2), 2013): independent of our tables."""
    nm, power = spectrum.wavelength_nm, spectrum.power_w_nm

    def lobe(scale, peak, short, long):
        return scale * np.exp(-0.5 * ((nm - peak) * np.where(nm < peak, short, long)) ** 2)

    x_bar = (
        lobe(0.362, 442.0, 0.0624, 0.0374) + lobe(1.056, 599.8, 0.0264, 0.0323) + lobe(-0.065, 501.1, 0.0490, 0.0382)
    )
    y_bar = lobe(0.821, 568.8, 0.0213, 0.0247) + lobe(0.286, 530.9, 0.0613, 0.0322)
    z_bar = lobe(1.217, 437.0, 0.0845, 0.0278) + lobe(0.681, 459.0, 0.0385, 0.0725)
    xyz = np.array([np.trapezoid(power * bar, nm) for bar in (x_bar, y_bar, z_bar)])
    return xyz[:2] / xyz.sum()


def test_photopic_peaks_at_555_nm_and_ends_at_the_table():
    assert spectra.photopic(555.0) == 1.0
    # CIE 018:2019, 1 nm table: between our 5 nm nodes
    np.testing.assert_allclose(spectra.photopic(np.array([507.0, 612.0])), [0.44431, 0.47803], rtol=1e-3)
    assert spectra.photopic(359.0) == spectra.photopic(831.0) == 0.0


@pytest.mark.parametrize(
    ("spectrum", "lm_w"), [(spectra.d65(), 204.82), (spectra.illuminant_a(), 155.78)], ids=["D65", "A"]
)
def test_efficacy_of_daylight_and_lamp_light(spectrum, lm_w):
    # The published sums run over 380, 381 ... 780 nm, each standing for 1 nm: 379.5 to 780.5 nm
    assert spectra.efficacy_lm_w(spectra.clipped(spectrum, 379.5, 780.5)) == pytest.approx(lm_w, rel=3e-4)


def test_efficacy_of_one_wavelength_is_683_v():
    assert spectra.efficacy_lm_w(spectra.led(555.0, 0.1)) == pytest.approx(683.0, rel=1e-4)
    assert spectra.efficacy_lm_w(spectra.led(940.0, 40.0)) == 0.0


@pytest.mark.parametrize(("cct_k", "lm_w"), LED_TYPES)
def test_white_led_is_near_the_cie_types(cct_k, lm_w):
    spectrum = spectra.white_led(cct_k)
    assert spectra.efficacy_lm_w(spectrum) == pytest.approx(lm_w, rel=0.025)
    x, y = _chromaticity(spectrum)
    n = (x - 0.3320) / (0.1858 - y)  # McCamy 1992
    assert 449.0 * n**3 + 3525.0 * n**2 + 6823.3 * n + 5520.33 == pytest.approx(cct_k, rel=0.03)


def test_blackbody_follows_wien_and_stefan():
    spectrum = spectra.blackbody(3000.0)
    step_nm = 2.0
    peak_nm = spectrum.wavelength_nm[spectrum.power_w_nm.argmax()]
    assert peak_nm == pytest.approx(2.897771955e6 / 3000.0, abs=step_nm)  # CODATA Wien displacement [nm K]
    # Planck's fraction below x = lambda T = 2898 um K is 0.2501, below 9000 um K 0.8900 (blackbody tables)
    below = spectra.weighted_fraction(spectrum, np.ones_like, 300.0, 966.0)
    assert below == pytest.approx(0.2501 / 0.8900, rel=2e-3)


def test_flat_spectrum_has_equal_power_per_nanometre():
    flat = spectra.equal_energy()
    np.testing.assert_allclose(spectra.band_fractions(flat), [1 / 6, 1 / 6, 1 / 6, 1 / 2], rtol=1e-12)
    # photons in a band: (1/600) int lambda dlambda / (h c), = (b^2 - a^2) / 1200 nm^2
    edges_m = 1e-9 * np.array(spectra.BAND_EDGES_NM)
    expected = np.diff(edges_m**2) / (2 * 600e-9) / (PLANCK_J_S * LIGHT_SPEED_M_S)
    np.testing.assert_allclose(spectra.band_photons_per_j(flat), expected, rtol=1e-12)


def test_an_led_lies_in_its_band_with_the_photons_of_its_peak():
    red = spectra.led(630.0, 20.0)
    fractions = spectra.band_fractions(red)
    # 600 nm is 30 / (20 / 2.3548) = 3.532 sigma below the peak: Phi(-3.532) = 2.06e-4 of a Gaussian
    assert fractions[1] == pytest.approx(2.06e-4, rel=0.2)
    assert fractions[0] == fractions[3] == 0.0
    assert fractions.sum() == pytest.approx(1.0, rel=1e-9)
    photon_j = PLANCK_J_S * LIGHT_SPEED_M_S / 630e-9
    assert spectra.band_photons_per_j(red).sum() == pytest.approx(1.0 / photon_j, rel=1e-4)


@settings(max_examples=40, deadline=None)
@given(st.floats(380.0, 1100.0), st.floats(1.0, 80.0))
def test_every_led_carries_one_watt_and_has_its_width(peak_nm, fwhm_nm):
    spectrum = spectra.led(peak_nm, fwhm_nm)
    assert np.trapezoid(spectrum.power_w_nm, spectrum.wavelength_nm) == pytest.approx(1.0, rel=1e-12)
    at_half = np.interp(peak_nm + fwhm_nm / 2, spectrum.wavelength_nm, spectrum.power_w_nm)
    assert at_half == pytest.approx(0.5 * spectrum.power_w_nm.max(), rel=2e-3)
    assert 0.0 <= spectra.band_fractions(spectrum).sum() <= 1.0 + 1e-9


@settings(max_examples=40, deadline=None)
@given(st.floats(1e-6, 1e6), st.integers(2, 40))
def test_the_unit_of_a_table_does_not_matter(factor, rows):
    nm = np.linspace(400.0, 900.0, rows)
    power = 1.0 + np.cos(nm / 50.0) ** 2
    one, other = spectra.from_table(nm, power), spectra.from_table(nm, factor * power)
    np.testing.assert_allclose(one.power_w_nm, other.power_w_nm, rtol=1e-12)


def test_named_gives_what_the_recipe_names():
    assert spectra.named("led", peak_nm=850.0, fwhm_nm=30.0) is spectra.led(850.0, 30.0)
    assert spectra.named("d65") is spectra.d65()
    for name in spectra.NAMES:
        assert math.isfinite(spectra.efficacy_lm_w(spectra.named(name)))


@pytest.mark.parametrize(
    ("make", "names"),
    [
        (lambda: spectra.named("sun"), "sun"),
        (lambda: spectra.led(0.63, 20.0), "nanometres"),
        (lambda: spectra.led(630.0, 0.0), "fwhm_nm"),
        (lambda: spectra.white_led(15000.0), "7000"),
        (lambda: spectra.blackbody(100.0), "1000"),
        (lambda: spectra.from_table([500.0], [1.0]), "2 rows"),
        (lambda: spectra.from_table([500.0, 400.0], [1.0, 1.0]), "rise"),
        (lambda: spectra.from_table([400.0, 500.0], [1.0, -1.0]), "negative"),
        (lambda: spectra.from_table([400.0, 500.0], [0.0, 0.0]), "not all 0"),
        (lambda: spectra.from_table([400.0, 500.0], [math.nan, 1.0]), "finite"),
    ],
)
def test_a_wrong_spectrum_is_refused_with_a_remedy(make, names):
    with pytest.raises(InputError, match=names):
        make()


def test_a_spectrum_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        spectra.d65().power_w_nm[0] = 1.0
