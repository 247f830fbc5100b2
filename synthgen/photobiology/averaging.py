"""Angles of the retinal hazards: how large a source counts as, and over which cone its radiance is averaged.

Two angles that must not be confused: alpha, the size of the source, divides the thermal limits; the averaging cone says
which part of the retina (eye movements smear the image) sees the mean radiance. The cone never replaces alpha.

References:
    IEC 62471:2006, 4.2.1 to 4.2.3 and 5.2.2 (times and cones recalled, evidence C); ICNIRP 2013 (blue light cones A).
"""

from __future__ import annotations

import math

from synthgen.errors import InputError
from synthgen.photobiology.editions import ICNIRP, RADIANCE_HAZARDS, check_edition, check_hazard

SMALL_SOURCE_RAD = 0.011
"""Below this subtense the blue-light hazard may be judged by irradiance (IEC 62471:2006, 4.3.4; evidence A)."""

_CONE_0_RAD, _CONE_10_RAD, _CONE_MAX_RAD = 0.0017, 0.011, 0.1


def alpha_clips_rad(hazard: str, edition: str, duration_s: float) -> tuple[float, float]:
    """Return (smallest, largest) angular subtense of the hazard's limit [rad]; (0, inf) where alpha plays no part.

    IEC 62471 and the Directive: 1.7 to 100 mrad for L_R, 11 to 100 mrad for L_IR. ICNIRP 2013, both: 1.5 mrad to a
    maximum that grows with duration, 5 mrad (below 625 us), 200 sqrt(t) mrad, 100 mrad (from 0.25 s).
    """
    check_edition(edition)
    if check_hazard(hazard) not in ("retinal-thermal", "retinal-thermal-weak"):
        return 0.0, math.inf
    if edition == ICNIRP:
        return 0.0015, min(max(0.2 * math.sqrt(duration_s), 0.005), 0.1)
    return (0.0017 if hazard == "retinal-thermal" else 0.011), 0.1


def clipped_alpha_rad(alpha_rad: float, hazard: str, edition: str, duration_s: float) -> float:
    """Return the measured subtense clipped as the hazard's limit wants it [rad]."""
    low, high = alpha_clips_rad(hazard, edition, duration_s)
    return min(max(alpha_rad, low), high)


def effective_alpha_rad(axes_rad: tuple[float, float], hazard: str, edition: str, duration_s: float) -> float:
    """Return the subtense of an oblong source: the mean of longest and shortest extent, each clipped first [rad].

    (IEC 62471:2006, 5.2.2; evidence C.)

    >>> effective_alpha_rad((3.0, 0.0), "retinal-thermal", "iec62471-2006", 1.0)
    0.05085
    """
    check_alpha(axes_rad[0])
    check_alpha(axes_rad[1])
    return 0.5 * sum(clipped_alpha_rad(alpha_rad, hazard, edition, duration_s) for alpha_rad in axes_rad)


def averaging_angle_rad(hazard: str, edition: str, duration_s: float) -> float | None:
    """Return the full angle of the cone that radiance is averaged over [rad]; None for irradiance hazards."""
    check_edition(edition)
    if check_hazard(hazard) not in RADIANCE_HAZARDS:
        return None
    if hazard == "retinal-thermal-weak":
        return _CONE_10_RAD
    if hazard == "blue-light":
        return _blue_cone_rad(edition, duration_s)
    smallest = 0.0015 if edition == ICNIRP else _CONE_0_RAD
    return _moving_eye_rad(smallest, min(duration_s, 10.0))


def averaging_evidence(hazard: str, edition: str) -> str:
    """Return the evidence of `averaging_angle_rad`."""
    if hazard == "blue-light" and edition == ICNIRP:
        return "A"
    return "D" if edition == ICNIRP and hazard == "retinal-thermal" else "C"


def solid_angle_sr(cone_rad: float) -> float:
    """Return the solid angle of a cone by its full angle, pi/4 of its square as the standards write it [sr]."""
    return 0.25 * math.pi * cone_rad**2


def check_alpha(alpha_rad: float) -> float:
    """Return the angle.

    Raises:
        InputError: it is negative, not a number, or larger than pi.
    """
    if not 0.0 <= alpha_rad <= math.pi:
        raise InputError(f"alpha_rad: {alpha_rad}; write an angle in radians, 0 to pi (11 mrad is 0.011)")
    return alpha_rad


def _blue_cone_rad(edition: str, duration_s: float) -> float:
    if edition != ICNIRP:
        return _moving_eye_rad(_CONE_0_RAD, duration_s)
    return min(max(0.011, 0.0011 * math.sqrt(duration_s)), 0.11)


def _moving_eye_rad(smallest_rad: float, duration_s: float) -> float:
    """Return the smallest image that a moving eye paints: 0.011 sqrt(t/10) to 10 s, 0.011 to 100 s, 0.0011 sqrt(t)."""
    if duration_s < 0.25:
        return smallest_rad
    if duration_s <= 100.0:
        return _CONE_10_RAD * math.sqrt(min(duration_s, 10.0) / 10.0)
    return min(0.0011 * math.sqrt(duration_s), _CONE_MAX_RAD)
