"""Count what became of the codes in some annotations: how fine they are, how clear, how many were read, and why not.

Counts add up, so that shards may each keep their own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

FINE_PX = 2.5
"""A code is fine from this many pixels a module on, at the corner where its modules are smallest."""
WHOLE = 0.98
"""A code is unoccluded when at least this share of its area is seen and none of it is outside the image."""


@dataclass(frozen=True, kw_only=True)
class Tally:
    """How many codes there are of each sort; a code counts once in every view that it is in."""

    in_view: int = 0
    decoded: int = 0
    fine: int = 0
    """Of those in view: at least FINE_PX a module."""
    clear: int = 0
    """Of the fine: unoccluded and not cut by the image's edge."""
    clear_decoded: int = 0
    out_of_view: int = 0
    """Too far outside the image to be read; not counted in any other field."""
    reasons: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Of those in view: {symbology: {reason: codes}}."""
    clear_reasons: Mapping[str, int] = field(default_factory=dict)
    """Of the clear: {reason: codes}."""

    @property
    def fine_share(self) -> float:
        """Return the share of the codes in view that are fine; 0 where none is in view."""
        return self.fine / self.in_view if self.in_view else 0.0

    @property
    def clear_decoded_share(self) -> float:
        """Return the share of the clear codes that were decoded; 0 where none is clear."""
        return self.clear_decoded / self.clear if self.clear else 0.0

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, the two shares among them."""
        return {**asdict(self), "fine_share": self.fine_share, "clear_decoded_share": self.clear_decoded_share}


def of(annotations: Iterable[Mapping[str, Any]]) -> Tally:
    """Return the tally of annotations (docs/contract.md section 6)."""
    found = list(annotations)
    seen = [code for code in found if code["reason"] != "out_of_view"]
    fine = [code for code in seen if code["module_px_min"] >= FINE_PX]
    whole = [code for code in fine if clear(code)]
    return Tally(
        in_view=len(seen),
        decoded=_decoded(seen),
        fine=len(fine),
        clear=len(whole),
        clear_decoded=_decoded(whole),
        out_of_view=len(found) - len(seen),
        reasons={
            symbology: _reasons(code for code in seen if code["symbology"] == symbology)
            for symbology in sorted({str(code["symbology"]) for code in seen})
        },
        clear_reasons=_reasons(whole),
    )


def clear(code: Mapping[str, Any]) -> bool:
    """Return whether an annotation's code is fine, unoccluded and not cut by the image's edge."""
    return code["module_px_min"] >= FINE_PX and code["visible_fraction"] >= WHOLE and not code["truncated"]


def total(tallies: Iterable[Tally]) -> Tally:
    """Return the sum of tallies."""
    every = list(tallies)
    names = sorted({name for tally in every for name in tally.reasons})
    return Tally(
        in_view=sum(tally.in_view for tally in every),
        decoded=sum(tally.decoded for tally in every),
        fine=sum(tally.fine for tally in every),
        clear=sum(tally.clear for tally in every),
        clear_decoded=sum(tally.clear_decoded for tally in every),
        out_of_view=sum(tally.out_of_view for tally in every),
        reasons={name: _added(tally.reasons.get(name, {}) for tally in every) for name in names},
        clear_reasons=_added(tally.clear_reasons for tally in every),
    )


def text(tally: Tally) -> str:
    """Return the tally in a few lines."""
    if not tally.in_view:
        return "codes: none in view"
    by_reason = _added(tally.reasons.values())
    by_symbology = (f"{name} {named.get('readable', 0)}/{sum(named.values())}" for name, named in tally.reasons.items())
    return "\n".join(
        [
            f"codes: {tally.in_view} in view, {_part(tally.decoded, tally.in_view)} decoded; "
            f"{_part(tally.fine, tally.in_view)} have {FINE_PX:g} px a module or more",
            f"  of these {tally.clear} unoccluded, {_part(tally.clear_decoded, tally.clear)} decoded"
            f"{_misses(tally.clear_reasons)}",
            f"  in view{_misses(by_reason) or ': all decoded'}",
            f"  decoded by symbology: {', '.join(by_symbology)}",
        ]
    )


def _decoded(codes: Iterable[Mapping[str, Any]]) -> int:
    return sum(bool(code["decoded"]) for code in codes)


def _reasons(codes: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    return dict(sorted(Counter(str(code["reason"]) for code in codes).items()))


def _added(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    added: Counter[str] = Counter()
    for count in counts:
        added.update(count)
    return dict(sorted(added.items()))


def _part(count: int, whole: int) -> str:
    return f"{count} ({100 * count / whole:.0f} %)" if whole else "0"


def _misses(reasons: Mapping[str, int]) -> str:
    """Return the reasons of what was not decoded, the most frequent first; "" when everything was."""
    missed = sorted(
        ((n, name) for name, n in reasons.items() if name != "readable"), key=lambda pair: (-pair[0], pair[1])
    )
    return "; not decoded: " + ", ".join(f"{n} {name.replace('_', ' ')}" for n, name in missed) if missed else ""
