"""Tables of the eight hazards, the same for a lamp at its normative distance and for an eye in a zone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from synthgen.photobiology.lamp_assessment import CaseResult, HazardRow
from synthgen.reporting.document import Column, Row, Table
from synthgen.reporting.numbers import lasting, number, sentence, unit_text
from synthgen.safety.zone_record import CaseOutcome, HazardResult

HAZARD_WORDS = {
    "actinic-uv": "ultraviolet (skin and eye)",
    "uva": "near ultraviolet (eye)",
    "blue-light": "blue light (retina)",
    "blue-light-small": "blue light, small source (retina)",
    "retinal-thermal": "heat on the retina",
    "retinal-thermal-weak": "heat on the retina, dim light",
    "ir-eye": "infrared (cornea and lens)",
    "skin-thermal": "heat on the skin",
}
"""What a reader who is not an engineer calls each hazard."""

Result = HazardResult | HazardRow
Case = CaseOutcome | CaseResult

_WEAK = ("C", "D")
_OF_ALPHA = ("blue-light-small", "retinal-thermal", "retinal-thermal-weak")


def case_name(case: Case) -> str:
    """Return a case with its duration: two widths of pulse are two cases."""
    return f"{case.name} ({lasting(case.duration_s)})"


def side_by_side(cases: Sequence[Case], allowed: float, caption: str) -> Table:
    """Return ratios by hazard and case: single pulse and averages side by side."""
    columns = [
        Column(title="Hazard", share=2.2),
        *(Column(title=case_name(case), align="right", share=1.0) for case in cases),
        Column(title="Verdict", share=1.1),
    ]
    rows = []
    for results in zip(*(case.hazards for case in cases), strict=True):
        worst = max(result.ratio for result in results)
        any_applies = any(result.applicable for result in results)
        verdict = "exceeded" if worst > allowed else "kept" if any_applies else "not applicable"
        cells = [number(result.ratio) if result.applicable else "n/a" for result in results]
        tone = "bad" if worst > allowed else "plain" if any_applies else "muted"
        rows.append(Row((f"{results[0].hazard}: {HAZARD_WORDS[results[0].hazard]}", *cells, verdict), tone))
    note = f"Ratio = level ÷ exposure limit; allowed up to {number(allowed)}. n/a: not applicable, reasons below."
    return Table(caption=caption, columns=tuple(columns), rows=tuple(rows), note=note)


def eight_hazards(case: Case, allowed: float, caption: str) -> Table:
    """Return everything about the eight hazards of one case; rows on unverified numbers carry a dagger."""
    columns = (
        Column(title="Hazard", share=2.9),
        Column(title="Level", align="right", share=1.35),
        Column(title="Limit", align="right", share=1.35),
        Column(title="Unit", share=1.15),
        Column(title="Ratio", align="right", share=1.35),
        Column(title="Allowed for", align="right", share=1.35),
        Column(title="α, mrad", align="right", share=0.85),
        Column(title="Cone, mrad", align="right", share=1.15),
        Column(title="Clause", share=0.95),
        Column(title="Evid.", share=0.95),
    )
    rows = tuple(_row(result, allowed) for result in case.hazards)
    note = "α: subtense of the source, clipped. Evidence of limit / of averaging cone; † unverified (C or D)."
    return Table(caption=caption, columns=columns, rows=rows, note=note)


def not_applicable(cases: Iterable[Case]) -> Table | None:
    """Return why hazards do not apply, each reason once; None where all apply."""
    cases = tuple(cases)
    reasons: dict[tuple[str, str], list[str]] = {}
    for case in cases:
        for result in case.hazards:
            if not result.applicable:
                reasons.setdefault((result.hazard, result.reason), []).append(case_name(case))
    if not reasons:
        return None
    rows = [
        Row((hazard, sentence(reason or "no limit for this duration"), _in(names, len(cases))))
        for (hazard, reason), names in reasons.items()
    ]
    columns = (Column(title="Hazard", share=1.2), Column(title="Why", share=3.0), Column(title="In", share=1.8))
    return Table(caption="Why a hazard does not apply", columns=columns, rows=tuple(rows))


def remarks(cases: Iterable[Case]) -> tuple[str, ...]:
    """Return what there is to know about rows that apply, each once."""
    found = {}
    for case in cases:
        for result in case.hazards:
            if result.applicable and result.reason:
                found[f"{result.hazard}, {case_name(case)}: {result.reason}"] = None
    return tuple(found)


def _in(names: list[str], cases: int) -> str:
    return "all cases" if len(names) == cases else ", ".join(names)


def milliradians(angle_rad: float | None) -> str:
    """Return an angle that plays a part, else a dash."""
    return number(1e3 * angle_rad) if angle_rad else "–"


def evidence(result: Result) -> str:
    """Return the evidence of limit and cone, marked where it is weak."""
    codes = [code for code in (result.evidence, result.averaging_evidence) if code]
    return " / ".join(codes) + (" †" if set(codes) & set(_WEAK) else "")


def _row(result: Result, allowed: float) -> Row:
    clause = result.clause.removeprefix("IEC 62471:2006 ").removeprefix("ICNIRP 2013 ").rpartition("table 1.1, ")[2]
    name = f"{result.hazard}, {result.symbol}"
    if not result.applicable:
        return Row((name, "n/a", "–", "–", "–", "–", "–", "–", clause, evidence(result)), "muted")
    cells = (
        name,
        number(result.level),
        number(result.limit),
        unit_text(result.unit),
        number(result.ratio),
        lasting(result.t_max_s),
        milliradians(result.alpha_rad) if result.hazard in _OF_ALPHA else "–",
        milliradians(result.averaging_angle_rad),
        clause,
        evidence(result),
    )
    return Row(cells, "bad" if result.ratio > allowed else "plain")
