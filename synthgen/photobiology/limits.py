"""Exposure limits as functions: what constant weighted level is allowed, for how long, and why.

The limit is that of the *weighted* quantity; it does not change with wavelength (docs/contract.md section 8). Levels
above the limit for a duration are not allowed; a ratio of level over limit above 1 says so.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, fields

from synthgen.errors import InputError
from synthgen.photobiology.averaging import averaging_angle_rad, averaging_evidence, check_alpha, clipped_alpha_rad
from synthgen.photobiology.editions import RADIANCE_HAZARDS, check_edition, check_hazard
from synthgen.photobiology.limit_tables import LAWS, TITLES, Row
from synthgen.photobiology.weighting import Weight, fraction, weight_of
from synthgen.world.spectra import Spectrum

IRRADIANCE_HAZARDS = ("actinic-uv", "uva", "blue-light-small", "ir-eye")
"""Hazards of the hazard map (docs/contract.md section 7), ordered as `irradiance_hazards` and `hazard_fractions`."""

_LONGEST_S = 1e9
# While the averaging cone grows with duration, the ratio may rise and fall again: looked at here before bisecting.
_CONE_GROWS_S = (
    0.2499999,
    0.25,
    0.35,
    0.5,
    0.8,
    1.2,
    2.0,
    3.0,
    5.0,
    7.0,
    10.0,
    100.0,
    200.0,
    400.0,
    1e3,
    2e3,
    4e3,
    8e3,
    1e4,
)


@dataclass(frozen=True, kw_only=True)
class Limit:
    """A limit with everything that an auditor asks about it."""

    hazard: str
    edition: str
    applicable: bool
    limit: float | None
    """Constant weighted level allowed for the whole duration, in `unit`; None where the hazard does not apply."""
    unit: str
    """W/m2 or W/(m2 sr)."""
    dose_limit: float | None
    """limit x duration, in `dose_unit`: J/m2 or J/(m2 sr)."""
    dose_unit: str
    weight: float | None
    """Of the asked wavelength; None when none was asked."""
    clause: str
    duration_s: float
    alpha_rad: float | None
    """The measured subtense as it was given."""
    alpha_clipped_rad: float | None
    """The subtense that the limit was computed with."""
    averaging_angle_rad: float | None
    """Full angle of the cone that the level must be averaged over; None for irradiance."""
    evidence: str
    averaging_evidence: str
    reason: str
    """Why it does not apply, or what to know about it."""

    def to_json(self) -> dict[str, object]:
        """Return the fields as a plain object."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def limit(
    hazard: str,
    edition: str,
    duration_s: float,
    alpha_rad: float | None = None,
    wavelength_nm: float | None = None,
) -> Limit:
    """Return the exposure limit of a hazard for a duration [s] and a subtense before clipping [rad].

    Raises:
        InputError: unknown hazard or edition, a duration that is not positive, an angle out of range, or no angle for a
            hazard whose limit depends on it.
    """
    law = LAWS[check_edition(edition)][check_hazard(hazard)]
    row = _row(law.rows, check_duration(duration_s))
    if alpha_rad is not None:
        check_alpha(alpha_rad)
    level, clipped_rad, reason = row.coefficient * duration_s**row.exponent, None, row.note
    if not math.isfinite(level):
        level = None
    elif alpha_rad is not None and alpha_rad >= law.alpha_max_rad:
        level, reason = None, f"the source subtends {law.alpha_max_rad:g} rad or more: use blue-light"
    elif law.over_alpha:
        if alpha_rad is None:
            raise InputError(f"{hazard}: alpha_rad is missing; give the subtense of the source in radians")
        clipped_rad = clipped_alpha_rad(alpha_rad, hazard, edition, duration_s)
        level /= clipped_rad
    weight = None if wavelength_nm is None else _weight_at(hazard, edition, wavelength_nm)
    if weight == 0.0 and not reason:
        reason = f"light of {wavelength_nm:g} nm does not count: it is outside the hazard's range"
    per_sr = hazard in RADIANCE_HAZARDS
    return Limit(
        hazard=hazard,
        edition=edition,
        applicable=level is not None,
        limit=level,
        unit="W/(m2 sr)" if per_sr else "W/m2",
        dose_limit=None if level is None else level * duration_s,
        dose_unit="J/(m2 sr)" if per_sr else "J/m2",
        weight=weight,
        clause=f"{TITLES[edition]} {row.clause}",
        duration_s=duration_s,
        alpha_rad=alpha_rad,
        alpha_clipped_rad=clipped_rad,
        averaging_angle_rad=averaging_angle_rad(hazard, edition, duration_s),
        evidence=row.evidence,
        averaging_evidence=averaging_evidence(hazard, edition) if per_sr else "",
        reason=reason,
    )


def permissible_s(
    hazard: str,
    edition: str,
    level_at: Callable[[float], float],
    alpha_at: Callable[[float], float] | None = None,
    tolerance: float = 1e-12,
) -> float:
    """Return how long a constant weighted level may last [s]: 0 if never, inf if without end.

    `level_at(duration_s)` gives the level averaged as that duration wants it (constant for irradiance), `alpha_at` the
    source's subtense [rad] where the limit depends on it. Durations without a limit are allowed. Found by bisection of
    the logarithm to the relative `tolerance`.
    """

    def exceeded(duration_s: float) -> bool:
        bound = limit(hazard, edition, duration_s, alpha_at(duration_s) if alpha_at else None).limit
        return bound is not None and level_at(duration_s) > bound * (1.0 + 1e-12)

    law = LAWS[check_edition(edition)][check_hazard(hazard)]
    joints_s = {1e-9, _LONGEST_S, *(row.until_s for row in law.rows if row.until_s < _LONGEST_S)}
    if hazard in RADIANCE_HAZARDS:
        joints_s.update(_CONE_GROWS_S)
    safe_s = 0.0
    for joint_s in sorted({*joints_s, *(math.nextafter(at_s, math.inf) for at_s in joints_s)}):
        if exceeded(joint_s):
            return safe_s if safe_s == 0.0 else _bisect(exceeded, safe_s, joint_s, tolerance)
        safe_s = joint_s
    return math.inf


@dataclass(frozen=True, eq=False, kw_only=True)
class IrradianceHazard:
    """What the hazard map needs of one hazard: ratio = sum over lights of irradiance x fraction, over the limit."""

    name: str
    weight: Weight
    limit_w_m2: float
    """Constant weighted irradiance allowed for the duration; inf where the edition has no limit for it."""
    clause: str
    evidence: str


def irradiance_hazards(edition: str, duration_s: float) -> tuple[IrradianceHazard, ...]:
    """Return the four irradiance hazards of the hazard map, in the order of `IRRADIANCE_HAZARDS`.

    Raises:
        InputError: unknown edition, or a duration that is not positive.
    """
    found = []
    for name in IRRADIANCE_HAZARDS:
        bound = limit(name, edition, duration_s)
        level = math.inf if bound.limit is None else bound.limit
        found.append(
            IrradianceHazard(
                name=name,
                weight=weight_of(name, edition),
                limit_w_m2=level,
                clause=bound.clause,
                evidence=bound.evidence,
            )
        )
    return tuple(found)


def hazard_fractions(spectrum: Spectrum, edition: str) -> dict[str, float]:
    """Return {irradiance hazard: weighted watts per watt of the spectrum}, in the order of `IRRADIANCE_HAZARDS`."""
    return {name: fraction(spectrum, name, edition) for name in IRRADIANCE_HAZARDS}


def check_duration(duration_s: float) -> float:
    """Return the duration.

    Raises:
        InputError: it is not positive and finite.
    """
    if not 0.0 < duration_s < math.inf:
        raise InputError(f"duration_s: {duration_s}; write a positive number of seconds (a working day is 30000)")
    return duration_s


def _row(rows: tuple[Row, ...], duration_s: float) -> Row:
    return next(r for r in rows if duration_s < r.until_s or (r.closed and duration_s == r.until_s))


def _weight_at(hazard: str, edition: str, wavelength_nm: float) -> float:
    if not 0.0 < wavelength_nm < math.inf:
        raise InputError(f"wavelength_nm: {wavelength_nm}; write a positive number of nanometres")
    return float(weight_of(hazard, edition)(wavelength_nm))


def _bisect(exceeded: Callable[[float], bool], safe_s: float, exceeded_s: float, tolerance: float) -> float:
    """Return the longest duration found that does not exceed."""
    while exceeded_s > safe_s * (1.0 + tolerance):
        middle_s = math.sqrt(safe_s * exceeded_s)
        if not safe_s < middle_s < exceeded_s:
            break
        safe_s, exceeded_s = (safe_s, middle_s) if exceeded(middle_s) else (middle_s, exceeded_s)
    return safe_s
