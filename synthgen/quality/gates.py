"""Bounds on the numbers of a report: `decode_rate>=0.6`."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from synthgen.errors import UsageError
from synthgen.recipe.faults import nearest
from synthgen.reporting import eye_hazard

NUMBERS = {
    "samples": "samples in the data set",
    "shots": "shots that were built",
    "codes": "codes in view, each counted once in every view it is in",
    "failed_shots": "shots that no draw could build",
    "acceptance": "share of the attempts at a shot that could be built (of the shots that were read)",
    "decode_rate": "share of the codes in view that the reader reads from the plain crop",
    "rectified_rate": "share that it reads from the rectified crop",
    "clear_decode_rate": "decode rate of the codes that are fine, unoccluded and not cut by the edge",
    "fine_share": "share of the codes in view with 2.5 px per module or more",
    "misread_share": "share of the codes in view that were read as something else",
    "empty_share": "share of the samples without a code in view",
    "black_share": "share of the frames looked at that are black",
    "saturated_share": "share of the frames looked at of whose pixels more than 5 % are saturated",
    "flat_share": "share of the frames looked at that show almost nothing",
    "duplicate_share": "share of the frames looked at that are nearly the same as another one",
    "cross_split_duplicates": "pairs of near-duplicates in different splits, among the frames looked at",
    "view_duplicate_share": "share of the samples with codes that have them at the same pixels as another sample",
    "payload_leaks": "different payloads that occur in more than one split",
    "payload_leak_share": "largest share of a smaller split's codes whose payload occurs in another split",
    "asset_leaks": "outside files on items that occur in more than one split (of the shots that were read)",
    "skewed_parameters": "parameters whose drawn values differ from what the recipe asks for by more than chance",
    "drifted_measures": "measures that differ between splits by more than chance",
    "worst_eye_ratio": f"largest level over eye-safety limit of any hazard map ({eye_hazard.ASSUMPTION})",
    "over_limit_share": "share of the samples whose hazard map exceeds safety.max_ratio",
    "reproduced_share": "share of the shots that were read which this version of synthgen draws again bit for bit",
}
"""What a gate may name. A gate of a symbology's decode rate is written decode_rate.qr."""

_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    ">": operator.gt,
    "<": operator.lt,
}
_GATE = re.compile(r"\s*([\w.-]+?)\s*(>=|<=|==|>|<)\s*([-+.\deE]+)\s*")


@dataclass(frozen=True)
class Gate:
    """One bound."""

    name: str
    sign: str
    bound: float

    def holds(self, value: float) -> bool:
        """Return whether a value keeps the bound; a value that does not exist (nan) never does."""
        return math.isfinite(value) and _OPERATORS[self.sign](value, self.bound)

    def __str__(self) -> str:
        return f"{self.name} {self.sign} {self.bound:g}"


@dataclass(frozen=True)
class Judged:
    """A gate and the number it was held against."""

    gate: Gate
    value: float

    @property
    def passed(self) -> bool:
        """Return whether the bound is kept."""
        return self.gate.holds(self.value)

    def __str__(self) -> str:
        found = f"{self.value:.6g}" if math.isfinite(self.value) else "not known: nothing to count"
        return f"{self.gate}: found {found}"


def parse(text: str) -> Gate:
    """Return the gate that a text such as `decode_rate>=0.6` writes.

    Raises:
        UsageError: the text has another form, or names a number that no report has.
    """
    found = _GATE.fullmatch(text)
    try:
        name, sign, bound = found.groups() if found else ("", "", "")
        gate = Gate(name, sign, float(bound))
    except ValueError:
        raise UsageError(f"--gate {text!r}: write a number's name, >=, <=, >, < or ==, a bound: {_EXAMPLE}") from None
    if name not in NUMBERS and not re.fullmatch(r"decode_rate\.\w+", name):
        near = nearest(name, NUMBERS)
        hint = f"; did you mean {near}?" if near else ""
        raise UsageError(f"--gate {text!r}: there is no number {name}{hint} Known: {', '.join(NUMBERS)}")
    return gate


def judged(gates: Sequence[Gate], numbers: Mapping[str, float]) -> tuple[Judged, ...]:
    """Return each gate with the number that it is about.

    Raises:
        UsageError: a gate names a symbology of which no code is in view.
    """
    for gate in gates:
        if gate.name not in NUMBERS and gate.name not in numbers:
            known = ", ".join(name for name in numbers if name.startswith("decode_rate."))
            raise UsageError(f"--gate {gate}: no code of this symbology is in view; there are {known or 'none'}")
    return tuple(Judged(gate, numbers.get(gate.name, math.nan)) for gate in gates)


_EXAMPLE = '--gate "decode_rate>=0.6"'
