"""What a hazard map says about eyes, and under which assumption: its numbers are never printed without it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from synthgen.reporting.numbers import short

ASSUMPTION = "lamps always on, an eye at the surface, looking at the source"
"""What a hazard map judges (docs/contract.md, section 7); `synthgen safety` judges the zones where eyes can be."""


@dataclass(frozen=True, kw_only=True)
class ZoneLevel:
    """The largest level over limit that eyes meet in the zones of one shot."""

    ratio: float
    zone: str
    """Where that is."""
    hazard: str
    allowed: float = 1.0


def largest(record: Mapping[str, Any]) -> float | None:
    """Return the largest level over limit in the hazard map of a sample, from its JSON; None where it has no map.

    A sample without a map says `hazard: ""`; data sets of earlier versions name a hazard there and hold a ratio of 0.
    """
    safety = record.get("safety", {})
    ratio = float(safety.get("max_ratio", 0.0))
    return ratio if safety.get("hazard") != "" and ratio > 0.0 else None


def times_limit(ratio: float) -> str:
    """Return a ratio in words for pictures, with two digits.

    >>> times_limit(0.9703), times_limit(0.001123)
    ('0.97 x limit', '0.0011 x limit')
    """
    return f"{short(float(f'{ratio:.2g}'))} x limit"


def in_zones(found: ZoneLevel) -> str:
    """Return what eyes meet in the zones.

    >>> in_zones(ZoneLevel(ratio=0.0011, zone="walkway", hazard="retinal-thermal"))
    'eyes in zone walkway: 0.0011 x limit (retinal-thermal), allowed 1'
    """
    hazard = f" ({found.hazard})" if found.hazard else ""
    return f"eyes in zone {found.zone}: {times_limit(found.ratio)}{hazard}, allowed {short(found.allowed)}"
