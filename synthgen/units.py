"""Unit suffixes of names: `exposure_us` in a recipe is `exposure_s` inside, converted once at the door.

References:
    SI Brochure, 9th edition (BIPM 2019), tables 2, 4, 7 and 8; exact constants of its section 2.2.
"""

from __future__ import annotations

import math

PLANCK_J_S = 6.62607015e-34
"""Planck constant [J s], exact (SI Brochure 9, 2.2)."""
LIGHT_SPEED_M_S = 299_792_458.0
"""Speed of light in vacuum [m/s], exact (SI Brochure 9, 2.2)."""
BOLTZMANN_J_K = 1.380649e-23
"""Boltzmann constant [J/K], exact (SI Brochure 9, 2.2)."""
LUMINOUS_EFFICACY_LM_W = 683.0
"""Luminous efficacy K_m [lm/W] at 555 nm (CIE 018:2019; 683.002 with the standard-air refinement)."""

# SI suffix -> {suffix a recipe may write: factor to SI}
_FAMILIES: dict[str, dict[str, float]] = {
    "m": {"m": 1.0, "cm": 1e-2, "mm": 1e-3, "um": 1e-6, "in": 0.0254},
    "s": {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9, "min": 60.0, "h": 3600.0},
    "rad": {"rad": 1.0, "mrad": 1e-3, "deg": math.pi / 180.0},
    "w": {"w": 1.0, "mw": 1e-3, "kw": 1e3},
    "hz": {"hz": 1.0, "khz": 1e3},
    "kg": {"kg": 1.0, "g": 1e-3},
    "m_s": {"m_s": 1.0, "mm_s": 1e-3},
    "nm": {"nm": 1.0, "um": 1e3},
    "e_s": {"e_s": 1.0},  # electrons a second: not a time
}


def split(name: str) -> tuple[str, str]:
    """Return (stem, unit suffix) of a field name; the suffix is "" when it carries no known unit.

    >>> split("exposure_us")
    ('exposure', 'us')
    >>> split("speed_m_s")
    ('speed', 'm_s')
    >>> split("count")
    ('count', '')
    """
    known = sorted({suffix for family in _FAMILIES.values() for suffix in family}, key=len, reverse=True)
    for suffix in known:
        if name.endswith("_" + suffix):
            return name[: -len(suffix) - 1], suffix
    return name, ""


def spellings(si_name: str) -> dict[str, float]:
    """Return {name a recipe may write: factor to SI} for a field whose name ends in an SI suffix.

    >>> spellings("exposure_s")["exposure_us"]
    1e-06
    >>> spellings("count")
    {'count': 1.0}
    """
    stem, suffix = split(si_name)
    family = _FAMILIES.get(suffix)
    if family is None:
        return {si_name: 1.0}
    return {f"{stem}_{other}": factor for other, factor in family.items()}
