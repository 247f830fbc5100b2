"""The exposure limits as data: each is coefficient x duration^exponent, for radiance of thermal hazards over alpha.

References:
    IEC 62471:2006, clause 4.3; ICNIRP 2013, Health Physics 105:74-96 (with its errata); ICNIRP 2004 (UV), Health
    Physics 87:171-186; Directive 2006/25/EC, annex I, table 1.1. Where each row was read: docs/eye-safety.md.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from synthgen.photobiology.editions import EU, ICNIRP, IEC

DAY_S = 30000.0
"""An 8 h working day, rounded as the limits do [s]."""

_FOREVER = math.inf


@dataclass(frozen=True)
class Row:
    """One stretch of durations of a limit."""

    until_s: float
    coefficient: float
    """In SI units for duration in s and alpha in rad; nan where the edition has no limit."""
    exponent: float
    evidence: str
    clause: str
    closed: bool = True
    """Whether `until_s` itself belongs to this row."""
    note: str = ""


@dataclass(frozen=True)
class Law:
    """A limit of one hazard in one edition."""

    rows: tuple[Row, ...]
    over_alpha: bool = False
    alpha_max_rad: float = math.inf
    """Blue light, small source: applies below this subtense."""


def _none(until_s: float, clause: str, note: str, closed: bool = True) -> Row:
    return Row(until_s, math.nan, 0.0, "A", clause, closed, note)


_HELD_DAY = "the dose is one day's: beyond 8 h the 8 h level is held"
_WEAK_SHORT = "up to 10 s the retinal thermal limit holds, whatever the visual stimulus"
_SKIN_LONG = "for 10 s and more no limit is given: pain and the heat stress of the whole body warn before"

_IEC_LAWS = {
    "actinic-uv": Law(
        (
            Row(DAY_S, 30.0, -1.0, "A", "4.3.1"),
            Row(_FOREVER, 30.0 / DAY_S, 0.0, "C", "4.3.1", note=_HELD_DAY),
        )
    ),
    "uva": Law((Row(1000.0, 1e4, -1.0, "A", "4.3.2", closed=False), Row(_FOREVER, 10.0, 0.0, "A", "4.3.2"))),
    "blue-light": Law((Row(1e4, 1e6, -1.0, "A", "4.3.3"), Row(_FOREVER, 100.0, 0.0, "A", "4.3.3"))),
    "blue-light-small": Law(
        (Row(100.0, 100.0, -1.0, "A", "4.3.4"), Row(_FOREVER, 1.0, 0.0, "A", "4.3.4")), alpha_max_rad=0.011
    ),
    "retinal-thermal": Law(
        (
            Row(1e-5, 5e4 * 1e-5**-0.25, 0.0, "C", "4.3.5", closed=False, note="the value at 10 us is held"),
            Row(10.0, 5e4, -0.25, "A", "4.3.5"),
            Row(_FOREVER, 5e4 * 10.0**-0.25, 0.0, "C", "4.3.5", note="the value at 10 s is held"),
        ),
        over_alpha=True,
    ),
    "retinal-thermal-weak": Law(
        (_none(10.0, "4.3.6", _WEAK_SHORT), Row(_FOREVER, 6000.0, 0.0, "A", "4.3.6")), over_alpha=True
    ),
    "ir-eye": Law((Row(1000.0, 18000.0, -0.75, "A", "4.3.7"), Row(_FOREVER, 100.0, 0.0, "A", "4.3.7"))),
    "skin-thermal": Law(
        (
            Row(10.0, 20000.0, -0.75, "C", "4.3.8", closed=False),
            _none(_FOREVER, "4.3.8", _SKIN_LONG),
        )
    ),
}

_UV = "(has no UV: from ICNIRP 2004)"
_NO_FLASH = "below 0.25 s the retinal thermal limit is the stricter one and no photochemical limit is given"
_ICNIRP_THERMAL = (
    Row(1e-6, 0.63, -1.0, "C", "retinal thermal", closed=False),
    Row(0.25, 2e4, -0.25, "B", "retinal thermal", closed=False),
)
_ICNIRP_LAWS = {
    "actinic-uv": Law((Row(DAY_S, 30.0, -1.0, "A", _UV), Row(_FOREVER, 30.0 / DAY_S, 0.0, "C", _UV, note=_HELD_DAY))),
    "uva": Law((Row(DAY_S, 1e4, -1.0, "C", _UV), Row(_FOREVER, 1e4 / DAY_S, 0.0, "C", _UV, note=_HELD_DAY))),
    "blue-light": Law(
        (
            _none(0.25, "blue light", _NO_FLASH, closed=False),
            Row(1e4, 1e6, -1.0, "A", "blue light"),
            Row(_FOREVER, 100.0, 0.0, "A", "blue light"),
        )
    ),
    "blue-light-small": Law(
        (
            _none(0.25, "blue light, small source", _NO_FLASH, closed=False),
            Row(100.0, 100.0, -1.0, "A", "blue light, small source"),
            Row(_FOREVER, 1.0, 0.0, "A", "blue light, small source"),
        ),
        alpha_max_rad=0.011,
    ),
    "retinal-thermal": Law((*_ICNIRP_THERMAL, Row(_FOREVER, 2.8e4, 0.0, "B", "retinal thermal")), over_alpha=True),
    "retinal-thermal-weak": Law(
        (
            _ICNIRP_THERMAL[0],
            Row(100.0, 2e4, -0.25, "A", "retinal thermal, weak visual stimulus", closed=False),
            Row(_FOREVER, 6300.0, 0.0, "A", "retinal thermal, weak visual stimulus; errata eq. 9"),
        ),
        over_alpha=True,
    ),
    "ir-eye": Law(
        (
            Row(1000.0, 18000.0, -0.75, "A", "cornea and lens", closed=False),
            Row(_FOREVER, 100.0, 0.0, "A", "cornea and lens"),
        )
    ),
    "skin-thermal": Law((Row(10.0, 20000.0, -0.75, "C", "skin", closed=False), _none(_FOREVER, "skin", _SKIN_LONG))),
}

# The Directive's C_alpha is in mrad: 2.8e7 / C_alpha is 2.8e4 over radians.
_EU_SHORT, _EU_MIDDLE = 8.89e5, 5e4
_EU_LAWS = {
    "actinic-uv": Law(
        (Row(DAY_S, 30.0, -1.0, "C", "row a"), Row(_FOREVER, 30.0 / DAY_S, 0.0, "C", "row a", note=_HELD_DAY))
    ),
    "uva": Law((Row(DAY_S, 1e4, -1.0, "B", "row b"), Row(_FOREVER, 1e4 / DAY_S, 0.0, "C", "row b", note=_HELD_DAY))),
    "blue-light": Law((Row(1e4, 1e6, -1.0, "C", "row c"), Row(_FOREVER, 100.0, 0.0, "C", "row d"))),
    "blue-light-small": Law(
        (Row(1e4, 100.0, -1.0, "C", "row e"), Row(_FOREVER, 0.01, 0.0, "C", "row f")), alpha_max_rad=0.011
    ),
    "retinal-thermal": Law(
        (
            Row(1e-5, _EU_SHORT, 0.0, "C", "row i", closed=False),
            Row(10.0, _EU_MIDDLE, -0.25, "C", "row h"),
            Row(_FOREVER, 2.8e4, 0.0, "C", "row g"),
        ),
        over_alpha=True,
    ),
    "retinal-thermal-weak": Law(
        (
            Row(1e-5, _EU_SHORT, 0.0, "C", "row l", closed=False),
            Row(10.0, _EU_MIDDLE, -0.25, "C", "row k"),
            Row(_FOREVER, 6e3, 0.0, "C", "row j"),
        ),
        over_alpha=True,
    ),
    "ir-eye": Law((Row(1000.0, 18000.0, -0.75, "C", "row m"), Row(_FOREVER, 100.0, 0.0, "C", "row n"))),
    "skin-thermal": Law((Row(10.0, 20000.0, -0.75, "C", "row o", closed=False), _none(_FOREVER, "row o", _SKIN_LONG))),
}

LAWS: dict[str, dict[str, Law]] = {IEC: _IEC_LAWS, ICNIRP: _ICNIRP_LAWS, EU: _EU_LAWS}
"""Edition -> hazard -> limit."""

TITLES = {
    IEC: "IEC 62471:2006",
    ICNIRP: "ICNIRP 2013",
    EU: "Directive 2006/25/EC, annex I, table 1.1,",
}
"""What stands before a clause."""
