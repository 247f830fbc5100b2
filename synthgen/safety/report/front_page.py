"""Page one, for readers who are no engineers: what is filed, the verdict and what it rests on, what to change."""

from __future__ import annotations

import math
from collections.abc import Mapping

from synthgen.reporting.document import Block, Bullets, Column, Figure, Heading, Pairs, Paragraph, Row, Table
from synthgen.reporting.numbers import after_change, lasting, number, sentence
from synthgen.safety.record import Document, SceneAssessment
from synthgen.safety.report.figures import corner_text, drawn_sources, lamp_number, overview
from synthgen.safety.report.flicker_part import GLARE, flicker_lines
from synthgen.safety.report.hazards import HAZARD_WORDS
from synthgen.safety.report.verdict import banner, flicker_pointer
from synthgen.safety.zone_record import Zone

FIELDS = {
    "document_number": "Document number",
    "issued": "Date of issue",
    "client": "Client",
    "site": "Site",
    "machine": "Machine",
    "data_sheets": "Data sheets of the lamps",
}
"""Names of `Document` and what the report calls them."""
TO_FILL_IN = "\n" + "_" * 56
"""A line to fill in by hand, with room for a hand above it."""
_SHOWN = 4  # changes on page one; the zone's section has them all


def front_page(assessment: SceneAssessment, sections: Mapping[str, int]) -> tuple[Block, ...]:
    """Return the blocks of page one; `sections`: number of each section's title in print."""
    filed, verdict = identity_block(assessment.document), banner(assessment, sections)
    if not assessment.zones:
        nothing = (
            "No zone was declared and nothing was judged: add safety.zones to the recipe or eye zones to the stage."
        )
        return (filed, verdict, Paragraph(nothing, "warn"))
    worst = assessment.zone(assessment.worst_zone)
    return (
        filed,
        verdict,
        _zones(assessment),
        *_beside(assessment, sections),
        Heading("The worst place", 2),
        Paragraph(_place(assessment, worst)),
        Heading("What to change", 2),
        *_changes(assessment),
    )


def plan_page(assessment: SceneAssessment) -> tuple[Block, ...]:
    """Return the plan of all zones, which follows page one."""
    if not assessment.zones:
        return ()
    words = _caption(assessment, assessment.zone(assessment.worst_zone))
    return (
        Heading("The worst place in the plan", 2),
        Figure(svg=overview(assessment), caption=words, alt=f"Plan view. {words}", width_share=0.84),
    )


def identity_block(document: Document) -> Pairs:
    """Return what the report is filed by, with lines to fill in by hand where nothing is given."""
    return Pairs(tuple((title, getattr(document, name) or TO_FILL_IN) for name, title in FIELDS.items()))


def _beside(assessment: SceneAssessment, sections: Mapping[str, int]) -> tuple[Block, ...]:
    """Return what no exposure limit covers."""
    warned = any(each.seizures for each in assessment.flicker)
    flashing = [Paragraph(f"Flashing light: {text} ({flicker_pointer(sections)})", "warn" if warned else "plain")
                for text in flicker_lines(assessment)]  # fmt: skip
    return (*flashing, Paragraph(GLARE))


def _place(assessment: SceneAssessment, worst: Zone) -> str:
    which = lamp_number(assessment, worst.culprit)
    name = assessment.sources[which - 1].name if which else ""
    lamp = f" Lamp {which} ({name}) causes most of it." if which else ""
    return (
        f"Worst eye in zone {worst.name}: {corner_text(worst.worst_position_m)} (z is the height of the eye), "
        f"{number(worst.worst_ratio)} times the exposure limit, "
        f"{worst.worst_hazard or 'no hazard'}, {worst.worst_case}.{lamp}"
    )


def _caption(assessment: SceneAssessment, worst: Zone) -> str:
    drawn = {source.path for source in drawn_sources(assessment, assessment.zones)}
    away = [str(i) for i, s in enumerate(assessment.sources, 1) if s.path not in drawn]
    outside = f" Not in the plan: lamps {', '.join(away[:8])}{' and more' if len(away) > 8 else ''}." if away else ""
    shown = f" Shown is sample {assessment.identity.sample}." if assessment.identity.sample else ""
    return (
        f"{_place(assessment, worst)}{shown}{outside} "
        "The colours are ratios of level to limit at eye height, each for an eye turned to its worst direction; "
        "they are not risk groups."
    )


def _changes(assessment: SceneAssessment) -> tuple[Block, ...]:
    failing = [zone for zone in assessment.zones if not zone.passed]
    blocks = list(_by_zone(failing)) if failing else [_room(assessment)]
    over = [(fault, zone) for fault in assessment.faults for zone in fault.zones if not zone.passed]
    for name in dict.fromkeys(fault.name for fault, _ in over):
        fault = next(fault for fault, _ in over if fault.name == name)
        worst = max((zone for found, zone in over if found is fault), key=lambda zone: zone.worst_ratio)
        blocks.append(Paragraph(f"{name} ({fault.what}): make it impossible{_noticed(worst)}.", "bad"))
    return tuple(blocks)


def _noticed(worst: Zone) -> str:
    """Return how soon lamps must go off after a fault; nothing where the exposure limit itself is kept without end."""
    if math.isinf(worst.t_max_s):
        return f", or bring the ratio of {number(worst.worst_ratio)} in {worst.name} down to what is allowed"
    if worst.t_max_s == 0.0:
        return f"; noticing it is too late, the first pulse in {worst.name} is over its limit"
    return f", or have it noticed and the lamps off within {lasting(worst.t_max_s)} (where it is worst, {worst.name})"


def _room(assessment: SceneAssessment) -> Paragraph:
    working = "While everything works nothing" if assessment.faults else "Nothing"
    worst, failed = assessment.worst_ratio, max((fault.worst.worst_ratio for fault in assessment.faults), default=0.0)
    if worst <= 0.0:
        return Paragraph(f"{working} has to change.")
    allowed = assessment.question.max_ratio
    more = f"All lamps together could be {number(allowed / worst)} times as strong before the allowed ratio is reached"
    faulty = f", {number(allowed / failed)} times with a single fault" if 0.0 < failed <= allowed else ""
    return Paragraph(f"{working} has to change. {more}{faulty}.")


def _by_zone(failing: list[Zone]) -> tuple[Block, ...]:
    blocks: list[Block] = [Paragraph("Each line alone is enough for its zone; the ratio after it was computed anew.")]
    for zone in failing:
        if not zone.remedies:
            blocks.append(Paragraph(f"{zone.name}: no single change was found that keeps the limit.", "bad"))
            continue
        shown = zone.remedies[:_SHOWN]
        items = [
            f"{zone.name}: {sentence(each.text)} Ratio {number(each.ratio_before)} → {after_change(each.ratio_after)}."
            for each in shown
        ]
        more = len(zone.remedies) - len(shown)
        blocks.append(Bullets(tuple(items), numbered=True))
        blocks += [Paragraph(f"{more} more for {zone.name} in its section.", "muted")] if more else []
    return tuple(blocks)


def _zones(assessment: SceneAssessment) -> Table:
    columns = [
        Column(title="Zone", share=1.7),
        Column(title="Verdict", share=1.1),
        Column(title="Worst ratio", align="right", share=0.9),
        Column(title="Hazard", share=2.0),
        Column(title="Judged for", align="right", share=1.0),
        Column(title="Allowed there for", align="right", share=1.1),
    ]
    if assessment.faults:
        columns.append(Column(title="Worst ratio with a fault", share=2.0))
    rows = []
    for zone in assessment.zones:
        cells = [
            zone.name if zone.name == zone.kind else f"{zone.name} ({zone.kind})",
            "kept" if zone.passed else "exceeded",
            number(zone.worst_ratio),
            HAZARD_WORDS.get(zone.worst_hazard, "none applies"),
            lasting(zone.duration_s),
            lasting(zone.t_max_s),
        ]
        faulty = [(fault, each) for fault in assessment.faults for each in fault.zones if each.name == zone.name]
        if assessment.faults:
            fault, worst = max(faulty, key=lambda pair: pair[1].worst_ratio)
            over = "" if all(each.passed for _, each in faulty) else " exceeded:"
            cells.append(f"{over} {number(worst.worst_ratio)} ({fault.name})".strip())
        bad = not zone.passed or any(not each.passed for _, each in faulty)
        rows.append(Row(tuple(cells), "bad" if bad else "plain"))
    return Table(caption="All zones", columns=tuple(columns), rows=tuple(rows))
