"""Limits of IEC 60825-1:2014 for 400 to 1400 nm: correction factors, AEL of the classes, MPE at the cornea.

Emission limits are energies [J] through the aperture within a duration; a power limit is energy over duration.

References:
    IEC 60825-1:2014, tables 3, 4, 6, 7, 8, 9 and annex A; ICNIRP 2013 (laser), table 5. Read in two or more
    transcriptions (evidence A) unless a comment says otherwise: docs/eye-safety.md.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from synthgen.errors import InputError

APERTURE_M = 0.007
"""Pupil: limiting aperture for 400 to 1400 nm [m] (table 10, A)."""
PUPIL_M2 = math.pi / 4 * APERTURE_M**2
"""Area that turns an MPE into the energy through a pupil [m^2]."""
ALPHA_MIN_RAD = 0.0015
"""Below this subtense a source is a point (table 9, A)."""
BLINK_S, LOOK_S, STARE_S = 0.25, 100.0, 30000.0
"""Time bases: class 2 and 3R in the visible; unintended; intended long-term viewing (4.3, A)."""


@dataclass(frozen=True)
class Scale:
    """The constants of one set of limits, as energy or power through 7 mm."""

    name: str
    picosecond_j: float
    nanosecond_j: float
    thermal: float
    point_w: float
    photochemical_j: float
    photochemical_w: float
    infrared_nanosecond_j: float
    infrared_thermal: float


AEL = Scale("AEL of IEC 60825-1:2014, tables 3 and 4", 3.8e-8, 7.7e-8, 7e-4, 3.9e-4, 3.9e-3, 3.9e-5, 7.7e-7, 3.5e-3)
"""As printed: two digits, so up to 1.3 % above the MPE over the pupil."""
MPE = Scale(
    "MPE of ICNIRP 2013 over 7 mm", *(level * PUPIL_M2 for level in (1e-3, 2e-3, 18.0, 10.0, 100.0, 1.0, 2e-2, 90.0))
)
"""Maximum permissible exposure times the pupil's area (annex A, tables A.1 and A.2)."""


@dataclass(frozen=True)
class Bound:
    """An emission limit and which damage it guards against."""

    energy_j: float
    kind: str
    """thermal or photochemical."""


def check_wavelength(wavelength_nm: float) -> float:
    """Return the wavelength.

    Raises:
        InputError: it is not within 400 to 1400 nm, all that is built here.
    """
    if not 400.0 <= wavelength_nm <= 1400.0:
        raise InputError(f"wavelength_nm: {wavelength_nm}; lasers are classified from 400 to 1400 nm only")
    return wavelength_nm


def c3(wavelength_nm: float) -> float:
    """Return C3: how much less blue a photochemical limit sees; 1 to 450 nm, rising to 1000 at 600 nm."""
    return 10.0 ** (0.02 * max(wavelength_nm - 450.0, 0.0))


def c4(wavelength_nm: float) -> float:
    """Return C4: the retina absorbs less infrared; 1 to 700 nm, 5 from 1050 nm."""
    return 10.0 ** (0.002 * (min(wavelength_nm, 1050.0) - 700.0)) if wavelength_nm > 700.0 else 1.0


def c6(alpha_rad: float, duration_s: float) -> float:
    """Return C6: how much larger than a point the image is."""
    return min(max(alpha_rad, ALPHA_MIN_RAD), alpha_max_rad(duration_s)) / ALPHA_MIN_RAD


def c7(wavelength_nm: float) -> float:
    """Return C7: the eye's media absorb before the retina, from 1150 nm; 8 + 10^(0.04 (nm - 1250)) from 1200 nm."""
    if wavelength_nm <= 1150.0:
        return 1.0
    if wavelength_nm < 1200.0:
        return 10.0 ** (0.018 * (wavelength_nm - 1150.0))
    return 8.0 + 10.0 ** (0.04 * (wavelength_nm - 1250.0))


def alpha_max_rad(duration_s: float) -> float:
    """Return the subtense beyond which a larger image is no safer: 5 mrad, 200 sqrt(t) mrad, 100 mrad from 0.25 s."""
    return min(max(0.2 * math.sqrt(duration_s), 0.005), 0.1)


def t2_s(alpha_rad: float) -> float:
    """Return T2, from when eye movements hold the hazard constant: 10 s for a point to 100 s for 100 mrad."""
    alpha_mrad = min(max(1e3 * alpha_rad, 1.5), 100.0)
    return 10.0 * 10.0 ** ((alpha_mrad - 1.5) / 98.5)


def ti_s(wavelength_nm: float) -> float:
    """Return T_i, below which pulses add up as one: 5 us, and 13 us from 1050 nm."""
    return 5e-6 if wavelength_nm < 1050.0 else 1.3e-5


def field_rad(duration_s: float) -> float:
    """Return gamma_ph, the field of view of the photochemical limit: 11 mrad to 100 s, 1.1 sqrt(t) mrad, 110 mrad."""
    return min(max(0.011, 0.0011 * math.sqrt(duration_s)), 0.11)


def thermal_j(wavelength_nm: float, duration_s: float, alpha_rad: float, scale: Scale = AEL) -> float:
    """Return the thermal limit of class 1 for one exposure of a duration [J] (tables 3 and 4)."""
    t, size, turn_s = duration_s, c6(alpha_rad, duration_s), t2_s(alpha_rad)
    infrared = wavelength_nm >= 1050.0
    pulse = c7(wavelength_nm) if infrared else c4(wavelength_nm)
    if t < 1e-11:
        return scale.picosecond_j * size * (c7(wavelength_nm) if infrared else 1.0)
    if t < ti_s(wavelength_nm):
        return (scale.infrared_nanosecond_j if infrared else scale.nanosecond_j) * size * pulse
    rate = (scale.infrared_thermal if infrared else scale.thermal) * size * pulse
    if t <= turn_s:
        return _capped(rate * t**0.75, wavelength_nm, t)
    if alpha_rad <= ALPHA_MIN_RAD:
        return _capped(scale.point_w * c4(wavelength_nm) * c7(wavelength_nm) * t, wavelength_nm, t)
    return _capped(rate * turn_s**-0.25 * t, wavelength_nm, t)


def photochemical_j(wavelength_nm: float, duration_s: float, scale: Scale = AEL) -> float:
    """Return the photochemical limit of class 1 within `field_rad` [J]: 400 to 600 nm, from 10 s; else inf."""
    if wavelength_nm > 600.0 or duration_s < 10.0:
        return math.inf
    if duration_s <= 100.0:
        return scale.photochemical_j * c3(wavelength_nm)
    return scale.photochemical_w * c3(wavelength_nm) * duration_s


def class_1_j(wavelength_nm: float, duration_s: float, alpha_rad: float, scale: Scale = AEL) -> Bound:
    """Return the stricter of both limits; the photochemical one raised by what its field of view leaves out."""
    thermal = thermal_j(wavelength_nm, duration_s, alpha_rad, scale)
    beyond = max(alpha_rad / field_rad(duration_s), 1.0) ** 2
    photochemical = photochemical_j(wavelength_nm, duration_s, scale) * beyond
    return Bound(thermal, "thermal") if thermal <= photochemical else Bound(photochemical, "photochemical")


def class_2_j(wavelength_nm: float, duration_s: float, alpha_rad: float) -> Bound:
    """Return the limit of class 2 (400 to 700 nm): class 1 to 0.25 s, then C6 x 1 mW."""
    if duration_s < BLINK_S:
        return class_1_j(wavelength_nm, duration_s, alpha_rad)
    return Bound(1e-3 * c6(alpha_rad, duration_s) * duration_s, "thermal")


def class_3r_j(wavelength_nm: float, duration_s: float, alpha_rad: float) -> Bound:
    """Return the limit of class 3R: five times class 2 in the visible, five times class 1 elsewhere."""
    visible = wavelength_nm <= 700.0
    bound = (class_2_j if visible else class_1_j)(wavelength_nm, duration_s, alpha_rad)
    return Bound(5.0 * bound.energy_j, bound.kind)


def class_3b_j(wavelength_nm: float, duration_s: float, alpha_rad: float = 0.0) -> Bound:
    """Return the limit of class 3B: 0.5 W, for short pulses 0.03 C4 J (below 0.06 C4 s) or 0.15 J (from 1050 nm)."""
    if wavelength_nm >= 1050.0:
        return Bound(0.15 if duration_s < BLINK_S else 0.5 * duration_s, "thermal")
    pulse_j = 0.03 * c4(wavelength_nm)
    return Bound(pulse_j if duration_s < 0.06 * c4(wavelength_nm) else 0.5 * duration_s, "thermal")


def c5(wavelength_nm: float, pulse_s: float, alpha_rad: float, pulses: int, time_base_s: float) -> float:
    """Return C5: how much less each pulse of a train may carry (4.3 f; retinal thermal limits only)."""
    if pulse_s > BLINK_S or pulses <= 1:
        return 1.0
    if pulse_s <= ti_s(wavelength_nm):
        return 1.0 if time_base_s <= BLINK_S or pulses <= 600 else max(5.0 * pulses**-0.25, 0.4)
    if alpha_rad <= 0.005 or alpha_rad > 0.1:
        return 1.0
    return max(pulses**-0.25, 0.4 if alpha_rad <= alpha_max_rad(pulse_s) else 0.2)


def _capped(energy_j: float, wavelength_nm: float, duration_s: float) -> float:
    """Return the limit, never above class 3B from 1250 nm (note of table 3; binds from about 1310 nm)."""
    if wavelength_nm < 1250.0:
        return energy_j
    return min(energy_j, class_3b_j(wavelength_nm, duration_s).energy_j)
