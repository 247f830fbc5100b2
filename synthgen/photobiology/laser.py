"""Classify a laser by IEC 60825-1:2014: spots, lines and scanned lines, continuous or pulsed, 400 to 1400 nm.

References:
    IEC 60825-1:2014, clauses 4.3, 5.3 and 5.4. What rests on unverified numbers: docs/eye-safety.md.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from synthgen.errors import InputError
from synthgen.photobiology.duty_cycle import Drive
from synthgen.photobiology.lamp_assessment import plain
from synthgen.photobiology.laser_beam import Beam
from synthgen.photobiology.laser_limits import (
    AEL,
    ALPHA_MIN_RAD,
    APERTURE_M,
    BLINK_S,
    LOOK_S,
    MPE,
    STARE_S,
    Bound,
    c5,
    check_wavelength,
    class_1_j,
    class_2_j,
    class_3b_j,
    class_3r_j,
    t2_s,
    ti_s,
)

CLASSES = ("1", "1M", "2", "2M", "3R", "3B", "4")
"""Classes of IEC 60825-1:2014 that are told apart here."""

TELESCOPE = ("condition 1 (telescope)", 0.050, 2.0)
NAKED_EYE = ("condition 3 (naked eye)", APERTURE_M, 0.1)
"""Name, aperture [m], distance [m] (table 10; A)."""

_POSITIONS_M = tuple(0.1 * 10.0 ** (k / 24) for k in range(49))  # 0.1 to 10 m

BoundOf = Callable[[float, float, float], Bound]
"""(wavelength [nm], duration [s], alpha [rad]) -> emission limit."""


@dataclass(frozen=True, kw_only=True)
class Laser:
    """A laser to classify.

    Raises:
        InputError: a number out of its range.
    """

    wavelength_nm: float
    power_w: float
    """While on (peak power of a pulse)."""
    beam: Beam
    drive: Drive = field(default_factory=Drive)
    source_m: float = 0.0
    """Diameter of the apparent source; 0 is a point. Its subtense at distance r is source_m / r."""
    long_term: bool = False
    """Long looking is intended: the time base is 30 000 s instead of 100 s."""
    name: str = "laser"

    def __post_init__(self) -> None:
        check_wavelength(self.wavelength_nm)
        if not 0.0 < self.power_w < math.inf:
            raise InputError(f"power_w: {self.power_w}; write the power while on in watts, above 0")
        if not 0.0 <= self.source_m < math.inf:
            raise InputError(f"source_m: {self.source_m}; write the apparent source's diameter in metres, or 0")
        if self.beam.sweep_rad_s > 0.0 and not self.drive.continuous:
            raise InputError("laser: scanned and pulsed at once is not built; classify the stronger of both alone")


@dataclass(frozen=True, kw_only=True)
class Criterion:
    """One comparison of emission with a limit."""

    name: str
    """continuous, single pulse, average over T, or single pulse x C5."""
    duration_s: float
    energy_j: float
    limit_j: float
    ratio: float
    kind: str
    """thermal or photochemical."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """The emission of one measurement condition against one class."""

    laser_class: str
    condition: str
    aperture_m: float
    distance_m: float
    """The most restrictive position found."""
    alpha_rad: float
    share: float
    """Of the laser's power, inside the aperture."""
    time_base_s: float
    criteria: tuple[Criterion, ...]
    ratio: float
    """Of the worst criterion; above 1 the class is not met."""


@dataclass(frozen=True, kw_only=True)
class Classification:
    """The verdict on a laser."""

    name: str
    edition: str
    laser_class: str
    wavelength_nm: float
    power_w: float
    checks: tuple[Check, ...]
    nohd_m: float
    """Distance beyond which the MPE of the time base is kept; 0 if kept from 100 mm on, inf if nowhere."""
    nohd_time_s: float
    scan_fail_class: str
    """The class with the mirror stopped; empty for a standing beam."""
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """Return everything as plain objects; numbers without end become null."""
        return plain(self)  # type: ignore[return-value]


def classify(laser: Laser) -> Classification:
    """Return the class, how it came about, the nominal ocular hazard distance and the class with the scan stopped."""
    checks = {key: _check(laser, *key) for key in _needed(laser)}
    stopped = replace(laser, beam=replace(laser.beam, sweep_rad_s=0.0, lines_per_s=0.0))  # type: ignore[type-var]
    scanning = laser.beam.sweep_rad_s > 0.0
    time_s = BLINK_S if _visible(laser) else LOOK_S
    return Classification(
        name=laser.name,
        edition="iec60825-1-2014",
        laser_class=_class(laser, {key: check.ratio for key, check in checks.items()}),
        wavelength_nm=laser.wavelength_nm,
        power_w=laser.power_w,
        checks=tuple(checks.values()),
        nohd_m=nohd_m(laser, time_s),
        nohd_time_s=time_s,
        scan_fail_class=classify(stopped).laser_class if scanning else "",
        notes=_NOTES,
    )


def nohd_m(laser: Laser, time_s: float) -> float:
    """Return the nominal ocular hazard distance by the MPE over 7 mm for an exposure of `time_s` [m]."""

    def over(distance_m: float) -> float:
        return _worst(_criteria(laser, _mpe_j, APERTURE_M, distance_m, time_s)).ratio

    if over(0.1) <= 1.0:
        return 0.0
    inside_m, outside_m = 0.1, 0.2
    while over(outside_m) > 1.0:
        if outside_m > 1e7:
            return math.inf
        inside_m, outside_m = outside_m, 2.0 * outside_m
    while outside_m > inside_m * (1.0 + 1e-9):
        middle_m = math.sqrt(inside_m * outside_m)
        inside_m, outside_m = (middle_m, outside_m) if over(middle_m) > 1.0 else (inside_m, middle_m)
    return outside_m


def _needed(laser: Laser) -> list[tuple[str, tuple[str, float, float]]]:
    classes = ["1", *(["2"] if _visible(laser) else []), "3R", "3B"]
    return [(each, condition) for each in classes for condition in (NAKED_EYE, TELESCOPE)]


def _class(laser: Laser, ratios: dict[tuple[str, tuple[str, float, float]], float]) -> str:
    """Return the class by 5.3: M when the naked eye meets it and the telescope does not, within 3B."""

    def met(each: str, *conditions: tuple[str, float, float]) -> bool:
        return all(ratios[each, condition] <= 1.0 for condition in conditions)

    for each in ("1", "2") if _visible(laser) else ("1",):
        if met(each, NAKED_EYE, TELESCOPE):
            return each
        if met(each, NAKED_EYE) and met("3B", TELESCOPE):
            return each + "M"
    return next((each for each in ("3R", "3B") if met(each, NAKED_EYE, TELESCOPE)), "4")


def _check(laser: Laser, laser_class: str, condition: tuple[str, float, float]) -> Check:
    """Return the comparison at the most restrictive position from the condition's distance on (5.4.3; B)."""
    name, aperture_m, nearest_m = condition
    bound_of: BoundOf = {"1": _ael_j, "2": class_2_j, "3R": class_3r_j, "3B": class_3b_j}[laser_class]
    time_s = BLINK_S if laser_class in ("2", "3R") and _visible(laser) else STARE_S if laser.long_term else LOOK_S
    positions_m = [nearest_m, *(at for at in _POSITIONS_M if at > nearest_m and laser.source_m > 0.0)]
    found = [(at_m, _criteria(laser, bound_of, aperture_m, at_m, time_s)) for at_m in positions_m]
    distance_m, criteria = max(found, key=lambda each: _worst(each[1]).ratio)
    return Check(
        laser_class=laser_class,
        condition=name,
        aperture_m=aperture_m,
        distance_m=distance_m,
        alpha_rad=_alpha_rad(laser, distance_m),
        share=laser.beam.share(aperture_m, distance_m),
        time_base_s=time_s,
        criteria=criteria,
        ratio=_worst(criteria).ratio,
    )


def _criteria(
    laser: Laser, bound_of: BoundOf, aperture_m: float, distance_m: float, time_s: float
) -> tuple[Criterion, ...]:
    """Return the three criteria of 4.3 f for what an aperture at a distance takes in; one for a continuous beam."""
    alpha_rad = _alpha_rad(laser, distance_m)
    power_w = laser.power_w * laser.beam.share(aperture_m, distance_m)
    pulse_s, rate_hz = _train(laser, aperture_m, distance_m)

    def compared(name: str, duration_s: float, energy_j: float, factor: float = 1.0) -> Criterion:
        bound = bound_of(laser.wavelength_nm, duration_s, alpha_rad)
        limit_j = bound.energy_j * factor
        return Criterion(
            name=name,
            duration_s=duration_s,
            energy_j=energy_j,
            limit_j=limit_j,
            ratio=energy_j / limit_j,
            kind=bound.kind,
        )

    if pulse_s == 0.0:
        return (compared("continuous", time_s, power_w * time_s),)
    single = compared("single pulse", pulse_s, power_w * pulse_s)
    if rate_hz == 0.0:
        return (single,)
    windows_s = [at for at in _windows_s(time_s) if at > pulse_s]
    averages = [
        compared(f"average over {at:.4g} s", at, power_w * min(pulse_s * math.ceil(at * rate_hz - 1e-9), at))
        for at in windows_s
    ]
    worst = [_worst(tuple(averages))] if averages else []
    return (single, *worst, _with_c5(laser, compared, bound_of, alpha_rad, power_w, (pulse_s, rate_hz), time_s))


def _with_c5(
    laser: Laser,
    compared: Callable[..., Criterion],
    bound_of: BoundOf,
    alpha_rad: float,
    power_w: float,
    train: tuple[float, float],
    time_s: float,
) -> Criterion:
    """Return the third criterion: pulses nearer than T_i count as one of T_i, then each is lowered by C5."""
    pulse_s, rate_hz = train
    shortest_s = ti_s(laser.wavelength_nm)
    energy_j = power_w * pulse_s
    if rate_hz * shortest_s > 1.0:
        energy_j, pulse_s, rate_hz = energy_j * rate_hz * shortest_s, shortest_s, 1.0 / shortest_s
    pulses = math.ceil(min(t2_s(alpha_rad), time_s) * rate_hz - 1e-9)
    factor = 1.0 if bound_of is class_3b_j else c5(laser.wavelength_nm, pulse_s, alpha_rad, pulses, time_s)
    return compared("single pulse x C5", pulse_s, energy_j, factor)


def _train(laser: Laser, aperture_m: float, distance_m: float) -> tuple[float, float]:
    """Return (pulse [s], rate [Hz]) inside the aperture; a scanned beam passes it in aperture / (sweep distance)."""
    if laser.beam.sweep_rad_s > 0.0:
        pulse_s = aperture_m / (laser.beam.sweep_rad_s * distance_m)
        return min(pulse_s, 1.0 / laser.beam.lines_per_s), laser.beam.lines_per_s
    if laser.drive.continuous:
        return 0.0, 0.0
    return laser.drive.pulse_s, laser.drive.rate_hz


def _windows_s(time_s: float) -> list[float]:
    """Return the durations over which a train is averaged: quarter decades from 10 us to the time base."""
    quarters = [10.0 ** (k / 4) for k in range(-20, 20)]
    return [*(at for at in quarters if at < time_s), *([BLINK_S] if time_s > BLINK_S else []), time_s]


def _worst(criteria: tuple[Criterion, ...]) -> Criterion:
    return max(criteria, key=lambda criterion: criterion.ratio)


def _alpha_rad(laser: Laser, distance_m: float) -> float:
    return max(laser.source_m / distance_m, ALPHA_MIN_RAD)


def _visible(laser: Laser) -> bool:
    return laser.wavelength_nm <= 700.0


def _ael_j(wavelength_nm: float, duration_s: float, alpha_rad: float) -> Bound:
    return class_1_j(wavelength_nm, duration_s, alpha_rad, AEL)


def _mpe_j(wavelength_nm: float, duration_s: float, alpha_rad: float) -> Bound:
    return class_1_j(wavelength_nm, duration_s, alpha_rad, MPE)


_NOTES = (
    "Class limits are the AEL as printed; NOHD uses the MPE over a 7 mm pupil, up to 1.3 % stricter.",
    "C5 lowers the thermal limits; condition 1 counts no magnification of the source (stricter).",
    "Scanned beams: a mirror that stops must keep the class, unless a safeguard ends the emission (evidence C).",
    "A calculation is not type testing.",
)
