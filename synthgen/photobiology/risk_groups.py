"""Risk groups of IEC 62471:2006: emission limits, the times and cones they belong to, and the group of a lamp.

A risk group is a property of a lamp at the normative distance; a map or a zone has none.

References:
    IEC 62471:2006, clause 6 and table 6.1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from synthgen.photobiology.averaging import effective_alpha_rad
from synthgen.photobiology.editions import IEC, check_hazard

GROUPS = ("Exempt", "RG1", "RG2", "RG3")
"""No hazard, low, moderate and high risk; RG3 is whatever exceeds RG2."""


@dataclass(frozen=True)
class EmissionLimit:
    """The largest weighted emission of a risk group."""

    hazard: str
    group: str
    coefficient: float
    """W/m2 or W/(m2 sr); of the thermal radiance hazards: times rad, over alpha."""
    over_alpha: bool
    time_s: float
    cone_rad: float | None
    """Full angle of the averaging cone; None for irradiance hazards."""
    evidence: str
    cone_evidence: str = ""

    def limit(self, axes_rad: tuple[float, float]) -> float:
        """Return the limit for a source of these angular extents before clipping [W/m2 or W/(m2 sr)]."""
        if not self.over_alpha:
            return self.coefficient
        return self.coefficient / effective_alpha_rad(axes_rad, self.hazard, IEC, self.time_s)


def _three(
    hazard: str,
    values: tuple[float, float, float],
    times_s: tuple[float, float, float],
    evidence: str,
    cones_rad: tuple[float, float, float] | None = None,
    over_alpha: bool = False,
) -> tuple[EmissionLimit, ...]:
    cones = cones_rad or (None, None, None)
    return tuple(
        EmissionLimit(hazard, group, value, over_alpha, time_s, cone, code, "C" if cone else "")
        for group, value, time_s, cone, code in zip(GROUPS, values, times_s, cones, evidence, strict=False)
    )


EMISSION_LIMITS: dict[str, tuple[EmissionLimit, ...]] = {
    "actinic-uv": _three("actinic-uv", (0.001, 0.003, 0.03), (30000.0, 10000.0, 1000.0), "BCC"),
    "uva": _three("uva", (10.0, 33.0, 100.0), (1000.0, 300.0, 100.0), "BCC"),
    "blue-light": _three("blue-light", (100.0, 1e4, 4e6), (1e4, 100.0, 0.25), "AAA", (0.1, 0.011, 0.0017)),
    "blue-light-small": _three("blue-light-small", (1.0, 1.0, 400.0), (1e4, 100.0, 0.25), "BBB"),
    "retinal-thermal": _three(
        "retinal-thermal", (28000.0, 28000.0, 71000.0), (10.0, 10.0, 0.25), "AAC", (0.011, 0.011, 0.0017), True
    ),
    "retinal-thermal-weak": _three(
        "retinal-thermal-weak", (6000.0, 6000.0, 6000.0), (1000.0, 100.0, 10.0), "ACC", (0.011, 0.011, 0.011), True
    ),
    "ir-eye": _three("ir-eye", (100.0, 570.0, 3200.0), (1000.0, 100.0, 10.0), "ACC"),
}
"""Hazard -> emission limits of Exempt, RG1 and RG2. Thermal skin has no risk groups."""


@dataclass(frozen=True)
class GroupRow:
    """How a lamp compares with one emission limit."""

    group: str
    level: float
    limit: float
    ratio: float
    time_s: float
    cone_rad: float | None
    evidence: str
    cone_evidence: str


def group_rows(
    hazard: str, level_at: Callable[[float | None], float], axes_rad: tuple[float, float]
) -> tuple[GroupRow, ...]:
    """Return the lamp's row for Exempt, RG1 and RG2; none for a hazard without groups.

    `level_at(cone_rad)` gives the weighted emission averaged over that cone (None: irradiance).
    """
    rows = []
    for bound in EMISSION_LIMITS.get(check_hazard(hazard), ()):
        level, limit = level_at(bound.cone_rad), bound.limit(axes_rad)
        rows.append(
            GroupRow(
                bound.group,
                level,
                limit,
                level / limit,
                bound.time_s,
                bound.cone_rad,
                bound.evidence,
                bound.cone_evidence,
            )
        )
    return tuple(rows)


def group_of(rows: tuple[GroupRow, ...]) -> str:
    """Return the lowest group whose limit is not exceeded, RG3 when all are."""
    return next((row.group for row in rows if row.ratio <= 1.0), GROUPS[-1])


def highest(groups: list[str]) -> str:
    """Return the highest of some groups; Exempt for none."""
    return max(groups, key=GROUPS.index, default=GROUPS[0])
