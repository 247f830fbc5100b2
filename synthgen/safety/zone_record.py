"""A zone's result as values: what eyes meet there, hazard by hazard, and with one thing failed.

SI units. A ratio is level over exposure limit; above 1 the exposure is not allowed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Vec3 = tuple[float, float, float]


@dataclass(frozen=True, kw_only=True)
class LampShare:
    """One lamp's part of a level."""

    path: str
    name: str
    share: float
    """0 to 1."""


@dataclass(frozen=True, kw_only=True)
class HazardResult:
    """One hazard of one case where it is worst within a zone."""

    hazard: str
    symbol: str
    applicable: bool
    level: float
    """Weighted level averaged over the case's duration, in `unit`; 0 where not applicable."""
    unit: str
    limit: float
    """In `unit`; inf where not applicable."""
    ratio: float
    t_max_s: float
    """How long this mean level may last before it first exceeds a limit [s]; inf without end."""
    alpha_rad: float
    """Subtense of the causing source, clipped as the limit wants it; 0 where it plays no part."""
    averaging_angle_rad: float
    """Full angle of the cone that radiance is averaged over; 0 for irradiance."""
    clause: str
    evidence: str
    averaging_evidence: str
    position_m: Vec3
    """Of the eye."""
    gaze: Vec3
    """Unit, direction of the receiver or of the cone."""
    culprit: str
    """Path of the lamp that gives most of the level; empty where not applicable."""
    lamps: tuple[LampShare, ...]
    """Largest first; shares add up to 1."""
    reason: str
    """Why it is not applicable, or what to know about it."""


@dataclass(frozen=True, kw_only=True)
class CaseOutcome:
    """All eight hazards for one exposure: continuous, single pulse, pulses within 0.25 s, or time average."""

    name: str
    duration_s: float
    worst_hazard: str
    worst_ratio: float
    hazards: tuple[HazardResult, ...]


@dataclass(frozen=True, kw_only=True)
class Convergence:
    """How the worst position was found and how sure that is."""

    positions: int
    """Eye positions judged in all."""
    steps: int
    """Refinements until the worst ratio moved less than `tolerance`."""
    last_change: float
    """Relative change of the worst ratio in the last refinement."""
    tolerance: float
    converged: bool
    rays_per_lamp: int
    """Segments from the worst position to each lamp."""
    sampling: float
    """Relative change of the worst ratio when it is judged with a quarter of the rays."""
    statement: str


@dataclass(frozen=True, kw_only=True)
class SecondPath:
    """What a mirror adds: one reflection off glossy surfaces, by itself, where it is worst."""

    considered: bool
    """Whether the scene has any glossy surface."""
    ratio: float
    hazard: str
    position_m: Vec3
    gaze: Vec3
    surface: str
    """Path of the prim that mirrors; empty where nothing does."""
    lamp: str
    reflectance: float
    note: str


@dataclass(frozen=True, eq=False, kw_only=True)
class RatioMap:
    """The largest ratio of any hazard and case on a horizontal plane, for an eye turned to its worst direction."""

    z_m: float
    origin_m: tuple[float, float]
    """Centre of cell [0, 0]: x, y."""
    spacing_m: tuple[float, float]
    """Between cells along x and y."""
    ratio: np.ndarray
    """Shape (rows along y, columns along x), float64."""


@dataclass(frozen=True, kw_only=True)
class Remedy:
    """One change that alone brings a zone within its limit, with the ratio computed anew after it."""

    kind: str
    """power, duty, duration, distance or baffle."""
    target: str
    """Path of the lamp or baffle; the zone's name for duration and distance."""
    text: str
    """What to do, in a sentence."""
    value: float
    """Factor (power, duty), seconds (duration), metres (distance, baffle)."""
    unit: str
    ratio_before: float
    ratio_after: float
    exact: bool
    """Whether it follows from linearity; otherwise a search found it."""


@dataclass(frozen=True, kw_only=True)
class Zone:
    """A place where eyes can be, and what is worst there."""

    name: str
    kind: str
    """walkway, seat, reach_in or custom."""
    box_m: tuple[Vec3, Vec3]
    """As declared."""
    eyes_m: tuple[Vec3, Vec3]
    """The part of the box where eyes were put."""
    gaze: str
    """worst, at_source or horizontal."""
    duration_s: float
    passed: bool
    worst_ratio: float
    worst_hazard: str
    """Empty where nothing applies."""
    worst_case: str
    worst_position_m: Vec3
    worst_gaze: Vec3
    culprit: str
    """Path of the lamp that causes most of it."""
    t_max_s: float
    """How long one may stay at the worst place; 0 where a single pulse is over its limit; inf without end."""
    hazard_distance_m: float
    """From the culprit, through the worst place, from which on every limit is kept; 0: from 0.2 m on; inf: nowhere."""
    cases: tuple[CaseOutcome, ...]
    second_path: SecondPath
    maps: tuple[RatioMap, ...]
    convergence: Convergence
    remedies: tuple[Remedy, ...] = ()

    @property
    def decisive(self) -> HazardResult | None:
        """Return the result that `worst_ratio` is of; None where no hazard applies."""
        rows = (row for case in self.cases if case.name == self.worst_case for row in case.hazards if row.applicable)
        return next((row for row in rows if row.hazard == self.worst_hazard and row.ratio == self.worst_ratio), None)


@dataclass(frozen=True, eq=False, kw_only=True)
class SingleFault:
    """The zones with one thing failed while people are in them."""

    name: str
    what: str
    """What failed, in words."""
    passed: bool
    zones: tuple[Zone, ...]
    """Without maps, mirrors and remedies."""

    @property
    def worst(self) -> Zone:
        """Return the zone with the largest ratio."""
        return max(self.zones, key=lambda zone: zone.worst_ratio)
