"""Spectra of lamps: watts per nanometre for one watt in all, their share per wavelength band, and their lumens.

A Spectrum is a relative one: it integrates to 1 W over its own wavelengths, so a lamp is a power times a Spectrum.

References:
    CIE 018:2019, The basis of physical photometry: V(lambda) of CIE 1924, K_m = 683 lm/W.
    CIE 015:2018, Colorimetry: illuminants A and D65, table 12 (LED-B1 to LED-B5, which `white_led` is fitted to).
    ISO 11664-2:2022, CIE standard illuminants.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np

from synthgen.errors import InputError
from synthgen.units import BOLTZMANN_J_K, LIGHT_SPEED_M_S, LUMINOUS_EFFICACY_LM_W, PLANCK_J_S

BAND_EDGES_NM = (400.0, 500.0, 600.0, 700.0, 1000.0)
"""Edges of the bands B, G, R and NIR [nm]."""

NAMES = ("led", "white_led", "d65", "illuminant_a", "blackbody", "equal_energy")
"""Spectra that `named` knows."""

# V(lambda) of CIE 1924, 360 to 830 nm in steps of 5 nm (CIE 018:2019, table 1; equal to y-bar of ISO/CIE 11664-1).
_PHOTOPIC_5_NM = (
    3.917e-06, 6.965e-06, 1.239e-05, 2.202e-05, 3.9e-05, 6.4e-05, 0.00012, 0.000217, 0.000396, 0.00064, 0.00121,
    0.00218, 0.004, 0.0073, 0.0116, 0.01684, 0.023, 0.0298, 0.038, 0.048, 0.06, 0.0739, 0.09098, 0.1126, 0.13902,
    0.1693, 0.20802, 0.2586, 0.323, 0.4073, 0.503, 0.6082, 0.71, 0.7932, 0.862, 0.9148501, 0.954, 0.9803, 0.9949501,
    1.0, 0.995, 0.9786, 0.952, 0.9154, 0.87, 0.8163, 0.757, 0.6949, 0.631, 0.5668, 0.503, 0.4412, 0.381, 0.321, 0.265,
    0.217, 0.175, 0.1382, 0.107, 0.0816, 0.061, 0.04458, 0.032, 0.0232, 0.017, 0.01192, 0.00821, 0.005723, 0.004102,
    0.002929, 0.002091, 0.001484, 0.001047, 0.00074, 0.00052, 0.0003611, 0.0002492, 0.0001719, 0.00012, 8.48e-05,
    6e-05, 4.24e-05, 3e-05, 2.12e-05, 1.499e-05, 1.06e-05, 7.4657e-06, 5.2578e-06, 3.7029e-06, 2.6078e-06,
    1.8366e-06, 1.2934e-06, 9.1093e-07, 6.4153e-07, 4.5181e-07,
)  # fmt: skip

# CIE standard illuminant D65, 300 to 830 nm in steps of 5 nm, relative (ISO 11664-2, table 1).
_D65_5_NM = (
    0.0341, 1.6643, 3.2945, 11.7652, 20.236, 28.6447, 37.0535, 38.5011, 39.9488, 42.4302, 44.9117, 45.775, 46.6383,
    49.3637, 52.0891, 51.0323, 49.9755, 52.3118, 54.6482, 68.7015, 82.7549, 87.1204, 91.486, 92.4589, 93.4318,
    90.057, 86.6823, 95.7736, 104.865, 110.936, 117.008, 117.41, 117.812, 116.336, 114.861, 115.392, 115.923,
    112.367, 108.811, 109.082, 109.354, 108.578, 107.802, 106.296, 104.79, 106.239, 107.689, 106.047, 104.405,
    104.225, 104.046, 102.023, 100.0, 98.1671, 96.3342, 96.0611, 95.788, 92.2368, 88.6856, 89.3459, 90.0062, 89.8026,
    89.5991, 88.6489, 87.6987, 85.4936, 83.2886, 83.4939, 83.6992, 81.863, 80.0268, 80.1207, 80.2146, 81.2462,
    82.2778, 80.281, 78.2842, 74.0027, 69.7213, 70.6652, 71.6091, 72.979, 74.349, 67.9765, 61.604, 65.7448, 69.8856,
    72.4863, 75.087, 69.3398, 63.5927, 55.0054, 46.4182, 56.6118, 66.8054, 65.0941, 63.3828,
    63.8434, 64.304, 61.8779, 59.4519, 55.7054, 51.959, 54.6998, 57.4406, 58.8765, 60.3125,
)  # fmt: skip

_FWHM_PER_SIGMA = 2.0 * math.sqrt(2.0 * math.log(2.0))

# White LED: a pump of fixed shape and a phosphor whose shape goes with 1/CCT, fitted to CIE LED-B1 to LED-B5 (2733,
# 2998, 4103, 5109 and 6598 K): K_B,v within 0.3 %, efficacy within 2.2 %, CCT within 0.8 % of each.
_PUMP_NM, _PUMP_SIGMA_NM = 450.8, (10.63, 10.92)  # shorter, longer side
_PHOSPHOR_NM = ((581.3, 59.4, 63.6), (27.57, 7.36, -8.76))  # peak and both sigmas at 4000 K; change per 100 / MK
_PUMP_SHARE_CCT_K = (6598.0, 5109.0, 4103.0, 2998.0, 2733.0)
_PUMP_SHARE = (0.6446, 0.5771, 0.4989, 0.3175, 0.2537)  # height of the pump; the phosphor has the rest
_WHITE_CCT_K = (2500.0, 7000.0)


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Relative spectral power that integrates to 1 W over its wavelengths (linear between its samples).

    Raises:
        InputError: fewer than two samples, wavelengths that do not rise, a negative or infinite power, or no power.
    """

    wavelength_nm: np.ndarray
    """Rising, shape (samples,), float64."""
    power_w_nm: np.ndarray
    """Spectral power for 1 W in all [W/nm], shape (samples,), float64; whatever is given is scaled to 1 W."""

    def __post_init__(self) -> None:
        wavelength_nm = np.array(self.wavelength_nm, np.float64)
        power = np.array(self.power_w_nm, np.float64)
        if wavelength_nm.ndim != 1 or wavelength_nm.shape != power.shape or wavelength_nm.size < 2:
            raise InputError(
                f"spectrum: shapes {wavelength_nm.shape} and {power.shape}; "
                "give two equally long columns (wavelength_nm, power) of at least 2 rows"
            )
        if not (np.isfinite(wavelength_nm).all() and (np.diff(wavelength_nm) > 0).all() and wavelength_nm[0] > 0):
            raise InputError("spectrum: wavelengths must be positive and rise from row to row [nm]")
        if not (np.isfinite(power).all() and (power >= 0).all() and power.any()):
            raise InputError("spectrum: powers must be finite, not negative and not all 0")
        power /= np.trapezoid(power, wavelength_nm)
        for array in (wavelength_nm, power):
            array.setflags(write=False)
        object.__setattr__(self, "wavelength_nm", wavelength_nm)
        object.__setattr__(self, "power_w_nm", power)


def photopic(wavelength_nm: np.ndarray | float) -> np.ndarray:
    """Return V(lambda) of CIE 1924 at the wavelengths [nm]; 0 outside 360 to 830 nm.

    The 5 nm table is brought to 1 nm by third-order Lagrange interpolation (within 0.1 % of the 1 nm table from 450 to
    680 nm), then linear.
    """
    nodes_nm, values = _photopic_1_nm()
    return np.asarray(np.interp(wavelength_nm, nodes_nm, values, left=0.0, right=0.0))


@cache
def d65() -> Spectrum:
    """Return CIE standard illuminant D65, 300 to 830 nm (daylight goes on in the infrared; the standard ends there)."""
    return Spectrum(np.arange(300.0, 831.0, 5.0), np.array(_D65_5_NM))


@cache
def illuminant_a() -> Spectrum:
    """Return CIE standard illuminant A, 300 to 830 nm: Planck's law at 2848 K with c2 = 1.435e-2 m K (CIE 015:2018)."""
    wavelength_nm = np.arange(300.0, 831.0, 1.0)
    return Spectrum(wavelength_nm, wavelength_nm**-5 / np.expm1(1.435e7 / (2848.0 * wavelength_nm)))


@cache
def blackbody(cct_k: float) -> Spectrum:
    """Return Planck's law at `cct_k` kelvin from 300 to 3000 nm, the range that eye-safety hazards weigh.

    Raises:
        InputError: the temperature is not within 1000 to 25000 K.
    """
    if not 1000.0 <= cct_k <= 25000.0:
        raise InputError(f"blackbody: cct_k {cct_k}; write 1000 to 25000")
    wavelength_nm = np.concatenate([np.arange(300.0, 1000.0, 2.0), np.arange(1000.0, 3001.0, 10.0)])
    second_radiation_nm_k = 1e9 * PLANCK_J_S * LIGHT_SPEED_M_S / BOLTZMANN_J_K
    return Spectrum(wavelength_nm, wavelength_nm**-5 / np.expm1(second_radiation_nm_k / (cct_k * wavelength_nm)))


@cache
def led(peak_nm: float, fwhm_nm: float) -> Spectrum:
    """Return a single-colour LED as a Gaussian over wavelength, cut at 4 sigma.

    Raises:
        InputError: the peak is not within 180 to 3000 nm, or the width not within 0.1 to 200 nm.
    """
    if not 180.0 <= peak_nm <= 3000.0:
        raise InputError(f"led: peak_nm {peak_nm}; write a wavelength in nanometres, 180 to 3000")
    if not 0.1 <= fwhm_nm <= 200.0:
        raise InputError(f"led: fwhm_nm {fwhm_nm}; write the full width at half maximum, 0.1 to 200 (an LED: 15 to 50)")
    offset = np.linspace(-4.0, 4.0, 161)
    return Spectrum(peak_nm + offset * fwhm_nm / _FWHM_PER_SIGMA, np.exp(-0.5 * offset**2))


@cache
def white_led(cct_k: float) -> Spectrum:
    """Return a phosphor-converted white LED of about `cct_k`, like CIE LED-B1 to LED-B5.

    Raises:
        InputError: the temperature is not within 2500 to 7000 K, where the model was fitted.
    """
    if not _WHITE_CCT_K[0] <= cct_k <= _WHITE_CCT_K[1]:
        raise InputError(f"white_led: cct_k {cct_k}; write {_WHITE_CCT_K[0]:g} to {_WHITE_CCT_K[1]:g}")
    wavelength_nm = np.arange(380.0, 831.0, 2.0)
    hundreds = (1e6 / cct_k - 250.0) / 100.0
    peak_nm, short_nm, long_nm = (at + slope * hundreds for at, slope in zip(*_PHOSPHOR_NM, strict=True))
    pump = _pump_share(cct_k)
    power = pump * _skewed(wavelength_nm, _PUMP_NM, *_PUMP_SIGMA_NM)
    power += (1.0 - pump) * _skewed(wavelength_nm, peak_nm, short_nm, long_nm)
    return Spectrum(wavelength_nm, power)


@cache
def equal_energy() -> Spectrum:
    """Return equal power per nanometre from 400 to 1000 nm, the whole of the bands."""
    return Spectrum(np.array([400.0, 1000.0]), np.array([1.0, 1.0]))


def from_table(wavelength_nm: Sequence[float] | np.ndarray, power: Sequence[float] | np.ndarray) -> Spectrum:
    """Return the spectrum of a measured table, in any unit of power per nanometre.

    Raises:
        InputError: see `Spectrum`.
    """
    return Spectrum(np.asarray(wavelength_nm, np.float64), np.asarray(power, np.float64))


def clipped(spectrum: Spectrum, low_nm: float, high_nm: float) -> Spectrum:
    """Return the part of the spectrum between two wavelengths, as 1 W of its own.

    Published efficacies of D65 (204.8 lm/W) and A (155.8) are those of 380 to 780 nm.

    Raises:
        InputError: the spectrum has no power there.
    """
    grid_nm = _refined(spectrum, low_nm, high_nm)
    return Spectrum(grid_nm, _power_at(spectrum, grid_nm))


def named(name: str, *, peak_nm: float = 630.0, fwhm_nm: float = 20.0, cct_k: float = 5000.0) -> Spectrum:
    """Return the spectrum a recipe or an illuminator schema names; each name uses the numbers that concern it.

    Raises:
        InputError: the name is not one of `NAMES`, or a number is out of its range.
    """
    if name == "led":
        return led(peak_nm, fwhm_nm)
    if name in ("white_led", "blackbody"):
        return white_led(cct_k) if name == "white_led" else blackbody(cct_k)
    plain: dict[str, Callable[[], Spectrum]] = {"d65": d65, "illuminant_a": illuminant_a, "equal_energy": equal_energy}
    if name not in plain:
        raise InputError(f"spectrum: {name!r}; write one of {', '.join(NAMES)}")
    return plain[name]()


def band_fractions(spectrum: Spectrum) -> np.ndarray:
    """Return the share of the total power in each band of `BAND_EDGES_NM`, shape (4,); sums to 1 or less."""
    return _band_integrals(spectrum, np.ones_like)


def band_photons_per_j(spectrum: Spectrum) -> np.ndarray:
    """Return photons in each band per joule of the spectrum's total energy [1/J], shape (4,)."""
    return _band_integrals(spectrum, lambda nm: nm * 1e-9 / (PLANCK_J_S * LIGHT_SPEED_M_S))


def efficacy_lm_w(spectrum: Spectrum) -> float:
    """Return the luminous efficacy of radiation [lm/W], 0 for infrared."""
    return LUMINOUS_EFFICACY_LM_W * weighted_fraction(spectrum, photopic)


def weighted_fraction(
    spectrum: Spectrum, weight: Callable[[np.ndarray], np.ndarray], low_nm: float = 0.0, high_nm: float = math.inf
) -> float:
    """Return the weighted power per watt of total power; `weight` maps wavelengths [nm] within low..high to weights.

    Integrated by the trapezoidal rule over the spectrum's own samples and every whole nanometre between them.
    """
    grid_nm = _refined(spectrum, low_nm, high_nm)
    return float(np.trapezoid(_power_at(spectrum, grid_nm) * weight(grid_nm), grid_nm))


def _band_integrals(spectrum: Spectrum, weight: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    return np.array([weighted_fraction(spectrum, weight, low, high) for low, high in pairwise(BAND_EDGES_NM)])


def _refined(spectrum: Spectrum, low: float, high: float) -> np.ndarray:
    """Return both ends, the spectrum's samples and the whole nanometres between them; nothing where it has no power."""
    own_nm = spectrum.wavelength_nm
    first, last = max(low, own_nm[0]), min(high, own_nm[-1])
    if first >= last:
        return np.zeros(0)
    whole_nm = np.arange(math.ceil(first), math.floor(last) + 1.0)
    inside_nm = np.concatenate([own_nm, whole_nm])
    return np.unique(np.concatenate([[first, last], inside_nm[(inside_nm >= first) & (inside_nm <= last)]]))


def _power_at(spectrum: Spectrum, wavelength_nm: np.ndarray) -> np.ndarray:
    return np.interp(wavelength_nm, spectrum.wavelength_nm, spectrum.power_w_nm, left=0.0, right=0.0)


def _pump_share(cct_k: float) -> float:
    """Return the pump's height, linear in 1/CCT, the end segments continued beyond the first and last type."""
    mired = 1e6 / np.array(_PUMP_SHARE_CCT_K)
    at = 1e6 / cct_k
    i = int(np.clip(np.searchsorted(mired, at) - 1, 0, mired.size - 2))
    slope = (_PUMP_SHARE[i + 1] - _PUMP_SHARE[i]) / (mired[i + 1] - mired[i])
    return float(_PUMP_SHARE[i] + slope * (at - mired[i]))


def _skewed(wavelength_nm: np.ndarray, peak_nm: float, short_nm: float, long_nm: float) -> np.ndarray:
    sigma_nm = np.where(wavelength_nm < peak_nm, short_nm, long_nm)
    return np.exp(-0.5 * ((wavelength_nm - peak_nm) / sigma_nm) ** 2)


@cache
def _photopic_1_nm() -> tuple[np.ndarray, np.ndarray]:
    """Return V(lambda) at every nanometre by third-order Lagrange interpolation of the 5 nm table."""
    table = np.array(_PHOTOPIC_5_NM)
    nodes_nm = np.arange(360.0, 831.0)
    first = np.clip(((nodes_nm - 360.0) // 5.0).astype(int) - 1, 0, table.size - 4)
    t = (nodes_nm - 360.0) / 5.0 - first
    basis = (
        -(t - 1) * (t - 2) * (t - 3) / 6,
        t * (t - 2) * (t - 3) / 2,
        -t * (t - 1) * (t - 3) / 2,
        t * (t - 1) * (t - 2) / 6,
    )
    return nodes_nm, np.sum([part * table[first + k] for k, part in enumerate(basis)], axis=0)
