"""Exposure of a sensor to a matt surface, by EMVA 1288's linear model: for planning, which renders no picture.

A surface of reflectance rho under the photon exposure H [1/m^2] by band sends rho H / pi [1/(m^2 sr)] to the lens:

    electrons = sum over bands QE rho H / pi pitch^2 Omega T,   Omega = pi / (4 N^2 (1 + m)^2),   m = f / (focus - f)

References:
    EMVA Standard 1288, release 4.0 Linear (2021), section 2. R. Kingslake: Optics in Photography (1992), chapter 6.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from synthgen.world import spectra
from synthgen.world.shot import Camera, Light

SHORTEST_SHARE = 1e-3
"""Auto exposure goes down to this share of the camera's own exposure time, which is the longest."""
_CHANNELS = {"mono": ((0, 1, 2, 3),), "rgb": ((2, 3), (1, 3), (0, 3))}
"""Bands B, G, R, NIR that each channel sees."""


def electrons(camera: Camera, photons_m2: np.ndarray, reflectance: Sequence[float]) -> float:
    """Return the photo-electrons of the fullest channel, on the axis.

    Args:
        camera: its lens and sensor.
        photons_m2: photons by band on the surface while the shutter is open [1/m^2], shape (4,).
        reflectance: of the surface, by band.
    """
    lens, sensor = camera.lens, camera.sensor
    far = lens.focus_m == 0 or math.isinf(lens.focus_m)
    magnification = 0.0 if far else lens.focal_m / (lens.focus_m - lens.focal_m)
    solid_angle_sr = math.pi / (4 * (lens.f_number * (1 + magnification)) ** 2)
    by_band = np.asarray(sensor.quantum_efficiency) * np.asarray(reflectance) * photons_m2 / math.pi
    by_band = by_band * sensor.pitch_m**2 * solid_angle_sr * lens.transmission
    return max(float(by_band[list(bands)].sum()) for bands in _CHANNELS[sensor.color])


def capacity_e(camera: Camera) -> float:
    """Return the signal at saturation [e-]: the full well or the converter's end, whichever comes first."""
    sensor = camera.sensor
    return min(sensor.saturation_e, ((1 << sensor.bits) - 1 - sensor.black_level_dn) / sensor.gain_dn_e)


def photons_m2(light: Light, irradiance_w_m2: float, exposure_s: float) -> tuple[np.ndarray, np.ndarray]:
    """Return photons by band while the shutter is open: (of pulses, of a steady lamp) [1/m^2], each of shape (4,)."""
    spectrum = spectra.named(light.spectrum, peak_nm=light.peak_nm, fwhm_nm=light.fwhm_nm, cct_k=light.cct_k)
    pulsed_s, steady_s = overlap_s(light, exposure_s)
    per_s = irradiance_w_m2 * spectra.band_photons_per_j(spectrum)
    return per_s * pulsed_s, per_s * steady_s


def overlap_s(light: Light, exposure_s: float) -> tuple[float, float]:
    """Return for how long a lamp shines while the shutter is open: (in pulses, steadily) [s].

    The shutter opens at 0; pulses start at `delay_s` and repeat with `rate_hz` (0: a single one). A lamp without
    pulses, or whose pulses touch, shines steadily.
    """
    if light.pulse_s <= 0 or light.pulse_s * light.rate_hz >= 1:
        return 0.0, exposure_s
    starts = np.array([light.delay_s])
    if light.rate_hz > 0:
        first = math.floor((-light.delay_s - light.pulse_s) * light.rate_hz)
        last = math.ceil((exposure_s - light.delay_s) * light.rate_hz)
        starts = light.delay_s + np.arange(first, last + 1) / light.rate_hz
    overlap = np.minimum(starts + light.pulse_s, exposure_s) - np.maximum(starts, 0.0)
    return float(np.clip(overlap, 0.0, None).sum()), 0.0
