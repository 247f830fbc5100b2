"""Judge a lamp on its own: every hazard's level, limit, ratio, permissible time, risk group and hazard distance.

References:
    IEC 62471:2006, clauses 4 to 6. What rests on unverified numbers: docs/eye-safety.md.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from synthgen.errors import InputError
from synthgen.photobiology.duty_cycle import Drive
from synthgen.photobiology.editions import HAZARDS, IEC, RADIANCE_HAZARDS, check_edition
from synthgen.photobiology.emitter_geometry import Emitters
from synthgen.photobiology.evaluate_exposure import Judge, blue_kind
from synthgen.photobiology.exposure import AtDistance, Exposure, Measured, visible_efficacy_lm_w
from synthgen.photobiology.lamp_assessment import (
    Assessment,
    CaseResult,
    GroupResult,
    label_text,
    method_notes,
    unverified,
)
from synthgen.photobiology.limits import check_duration
from synthgen.photobiology.risk_groups import EMISSION_LIMITS, GROUPS, group_of, group_rows, highest
from synthgen.world.spectra import Spectrum, efficacy_lm_w

NORMATIVE_M = 0.2
"""Distance of every lamp that is not for general lighting (IEC 62471:2006, 6.1) [m]."""
GENERAL_LUX = 500.0
"""Illuminance whose distance is used for general lighting, if not below 200 mm (IEC 62471:2006, 6.1) [lx]."""

_FARTHEST_M = 1e4
_SCAN = 33  # distances tried inward before the outermost crossing is bisected

SeenFrom = Callable[[float], Exposure]
"""What an eye sees from a distance [m]."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Lamp:
    """A lamp to judge."""

    name: str = "lamp"
    spectrum: Spectrum
    emitters: Emitters
    drive: Drive = field(default_factory=Drive)
    general_lighting: bool = False
    """Lights rooms: judged where it gives 500 lx, and continuous by definition."""


def assess(lamp: Lamp, edition: str = IEC, duration_s: float = 30000.0, distance_m: float | None = None) -> Assessment:
    """Judge a lamp at its normative distance, or at `distance_m`, for a stay of `duration_s`.

    Raises:
        InputError: unknown edition, a duration or distance that is not positive, a pulsed lamp for general lighting, or
            general lighting without visible light.
    """
    if lamp.general_lighting and not lamp.drive.continuous:
        raise InputError("general_lighting: such lamps are continuous; leave out the pulse or general_lighting")
    judge = Judge(lamp.spectrum, lamp.drive, check_edition(edition), check_duration(duration_s))
    where_m, why = _distance(lamp, distance_m)
    seen: dict[float, AtDistance] = {}

    def seen_from(at_m: float) -> AtDistance:
        return seen.setdefault(at_m, AtDistance(lamp.emitters, at_m))

    return _assessment(judge, lamp.name, lamp.emitters.power_w, seen_from, where_m, why)


def assess_levels(
    spectrum: Spectrum,
    levels: Measured,
    edition: str = IEC,
    duration_s: float = 30000.0,
    drive: Drive | None = None,
    name: str = "measured levels",
) -> Assessment:
    """Judge levels that somebody measured while the lamp was on.

    Raises:
        InputError: unknown edition or a duration that is not positive.
    """
    judge = Judge(spectrum, drive or Drive(), check_edition(edition), check_duration(duration_s))
    return _assessment(judge, name, 0.0, lambda _: levels, 0.0, "where the levels were measured")


def _assessment(
    judge: Judge, name: str, power_w: float, seen_from: SeenFrom, distance_m: float, why: str
) -> Assessment:
    here = seen_from(distance_m)
    results = judge.results(here)
    worst = max(results, key=lambda result: result.worst_ratio)
    groups = _groups(judge, seen_from, distance_m) if judge.edition == IEC else ()
    risk_group, why_group = _risk_group(judge, results, groups)
    spectrum, drive = judge.spectrum, judge.drive
    return Assessment(
        name=name,
        edition=judge.edition,
        distance_m=distance_m,
        distance_reason=why,
        duration_s=judge.duration_s,
        peak_wavelength_nm=float(spectrum.wavelength_nm[spectrum.power_w_nm.argmax()]),
        efficacy_lm_w=efficacy_lm_w(spectrum),
        power_w=power_w,
        pulse_s=drive.pulse_s,
        rate_hz=drive.rate_hz,
        duty=drive.duty,
        luminance_cd_m2=judge.luminance_cd_m2(here) or 0.0,
        cases=results,
        worst_case=worst.name,
        worst_hazard=worst.worst_hazard,
        worst_ratio=worst.worst_ratio,
        exposure_distances_m=_exposure_distances_m(judge, seen_from, distance_m),
        risk_group=risk_group,
        risk_group_reason=why_group,
        groups=groups,
        label=label_text(risk_group, groups),
        unverified=unverified(results, groups),
        notes=method_notes(distance_m),
    )


def _distance(lamp: Lamp, distance_m: float | None) -> tuple[float, str]:
    """Return (distance [m], why there)."""
    if distance_m is not None:
        if not 0.0 < distance_m < math.inf:
            raise InputError(f"distance_m: {distance_m}; write a positive number of metres")
        return distance_m, "as asked"
    if not lamp.general_lighting:
        return NORMATIVE_M, "200 mm: not a lamp for general lighting (IEC 62471:2006, 6.1)"
    efficacy = visible_efficacy_lm_w(lamp.spectrum, "general_lighting", "no general_lighting, and power")

    def excess(at_m: float) -> float:
        return lamp.emitters.irradiance_w_m2(at_m) * efficacy / GENERAL_LUX

    at_m = _outermost_m(excess, NORMATIVE_M)
    if at_m == 0.0:
        return NORMATIVE_M, "200 mm: the distance of 500 lx is shorter (IEC 62471:2006, 6.1)"
    return at_m, "where it gives 500 lx: general lighting (IEC 62471:2006, 6.1)"


def _groups(judge: Judge, seen_from: SeenFrom, distance_m: float) -> tuple[GroupResult, ...]:
    """Return the risk group by each hazard that applies, from levels averaged over time."""
    here, share, found = seen_from(distance_m), judge.drive.duty, []
    for hazard in EMISSION_LIMITS:
        if judge.not_applicable(hazard, here):
            continue

        def level_at(cone_rad: float | None, hazard: str = hazard) -> float:
            return share * judge.level(hazard, here, cone_rad)

        rows = group_rows(hazard, level_at, here.axes_rad() or (0.0, 0.0))
        distances_m = {row.group: _group_distance_m(judge, hazard, row.group, seen_from, distance_m) for row in rows}
        found.append(
            GroupResult(
                hazard=hazard,
                risk_group=group_of(rows),
                rows=rows,
                distances_m=distances_m if distance_m > 0.0 else {},
            )
        )
    return tuple(found)


def _group_distance_m(judge: Judge, hazard: str, group: str, seen_from: SeenFrom, distance_m: float) -> float:
    """Return from which distance on a group's emission limit is kept [m]."""

    def over(at_m: float) -> float:
        there = seen_from(at_m)
        kind = blue_kind(there) if hazard.startswith("blue-light") else hazard
        bound = EMISSION_LIMITS[kind][GROUPS.index(group)]
        level = judge.drive.duty * judge.level(kind, there, bound.cone_rad)
        return level / bound.limit(there.axes_rad() or (0.0, 0.0))

    return _hazard_distance_m(over, hazard, distance_m)


def _exposure_distances_m(judge: Judge, seen_from: SeenFrom, distance_m: float) -> dict[str, float]:
    """Return {hazard: distance from which its exposure limit is kept in every case [m]}."""
    if distance_m == 0.0:
        return {}
    found = {}
    for hazard in HAZARDS:
        if judge.not_applicable(hazard, seen_from(distance_m)):
            continue

        def over(at_m: float, hazard: str = hazard) -> float:
            there = seen_from(at_m)
            kind = blue_kind(there) if hazard.startswith("blue-light") else hazard
            return max(judge.ratio(kind, case, there) for case in judge.cases)

        found[hazard] = _hazard_distance_m(over, hazard, distance_m)
    return found


def _risk_group(judge: Judge, results: tuple[CaseResult, ...], groups: tuple[GroupResult, ...]) -> tuple[str, str]:
    """Return (group, why) by IEC 62471:2006, clause 6 (pulsed lamps: 6.2, evidence C)."""
    if judge.edition != IEC:
        return "", "risk groups exist for iec62471-2006 alone"
    for result in results:
        if result.name.startswith(("single", "pulses")) and result.worst_ratio > 1.0:
            return GROUPS[-1], f"{result.name}: {result.worst_hazard} exceeds its exposure limit (6.2)"
    if judge.drive.pulse_s > 0.0 and judge.drive.rate_hz == 0.0:
        return GROUPS[0], "a single pulse within the exposure limits (6.2)"
    group = highest([result.risk_group for result in groups])
    causes = ", ".join(result.hazard for result in groups if result.risk_group == group)
    kind = "continuous" if judge.drive.continuous else "time-averaged"
    return group, f"{kind} levels: {causes or 'no hazard applies'}"


def _hazard_distance_m(over: Callable[[float], float], hazard: str, distance_m: float) -> float:
    """Return from where on `over` stays at most 1, 0 if it does from `distance_m` on [m]."""
    if distance_m == 0.0:
        return 0.0
    return (_outward_m if hazard in RADIANCE_HAZARDS else _outermost_m)(over, distance_m)


def _outward_m(over: Callable[[float], float], start_m: float) -> float:
    """Return where `over`, which falls with distance as mean radiance does, comes down to 1; inf if it never does."""
    if over(start_m) <= 1.0:
        return 0.0
    inside_m, outside_m = start_m, 2.0 * start_m
    while over(outside_m) > 1.0:
        if outside_m > _FARTHEST_M:
            return math.inf
        inside_m, outside_m = outside_m, 2.0 * outside_m
    return _crossing_m(over, inside_m, outside_m)


def _outermost_m(over: Callable[[float], float], start_m: float) -> float:
    """Return the outermost distance at which `over` is 1; 0 if it is nowhere above; inf if everywhere.

    Irradiance may rise first, where beams cross: distances are tried from far to near.
    """
    outside_m = math.inf
    for k in reversed(range(_SCAN)):
        inside_m = start_m * max(_FARTHEST_M / start_m, 1.0) ** (k / (_SCAN - 1))
        if over(inside_m) > 1.0:
            return outside_m if math.isinf(outside_m) else _crossing_m(over, inside_m, outside_m)
        outside_m = inside_m
    return 0.0


def _crossing_m(over: Callable[[float], float], inside_m: float, outside_m: float) -> float:
    """Return where `over` crosses 1 between two distances, within 1e-4, on the safe side."""
    while outside_m > inside_m * (1.0 + 1e-4):
        middle_m = math.sqrt(inside_m * outside_m)
        inside_m, outside_m = (middle_m, outside_m) if over(middle_m) > 1.0 else (inside_m, middle_m)
    return outside_m
