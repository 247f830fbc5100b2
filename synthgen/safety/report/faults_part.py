"""The zones with one thing failed: which faults were judged, and every zone's ratio and verdict with each of them."""

from __future__ import annotations

from synthgen.reporting.document import Block, Column, Heading, Paragraph, Row, Table
from synthgen.reporting.numbers import lasting, number, quantity, sentence
from synthgen.safety.record import SceneAssessment
from synthgen.safety.report.figures import corner_text, lamp_number
from synthgen.safety.zone_record import SingleFault, Zone

FAULTS = "With one thing failed"
NONE_JUDGED = (
    "No single fault was judged: the verdict holds only while lamps, their drive and covers work as described. "
    "Name faults under safety.single_faults of the recipe."
)
_WHICH = (
    "Every zone was judged anew with one thing failed while people are in it, for the zone's whole stay. A lamp that "
    "stays on is taken to hold the power of its pulses; one that its driver limits, or that burns out within seconds, "
    "gives less. Which faults can happen, and how soon one is noticed, is for the risk assessment of the machine "
    "(ISO 12100). The worst zone decides the verdict on page one."
)


def faults_section(assessment: SceneAssessment) -> tuple[Block, ...]:
    """Return the section on single faults; it says so where none was judged."""
    if not assessment.faults:
        return (Heading(FAULTS), Paragraph(NONE_JUDGED, "warn"))
    columns = (
        Column(title="Zone", share=1.3),
        Column(title="Verdict", share=1.0),
        Column(title="Ratio", align="right", share=0.9),
        Column(title="Hazard, case", share=2.0),
        Column(title="Level ÷ limit", share=2.3),
        Column(title="Eye at", share=1.5),
        Column(title="Mainly by", share=0.9),
        Column(title="Allowed there for", align="right", share=1.2),
    )
    blocks: list[Block] = [Heading(FAULTS), Paragraph(_WHICH)]
    for fault in assessment.faults:
        rows = tuple(_row(assessment, zone) for zone in fault.zones)
        blocks.append(Table(caption=f"{fault.name}: {fault.what}", columns=columns, rows=rows))
    blocks.append(Paragraph(_search(assessment.faults), "muted"))
    return tuple(blocks)


def _row(assessment: SceneAssessment, zone: Zone) -> Row:
    result = zone.decisive
    which = lamp_number(assessment, zone.culprit)
    division = (
        f"{quantity(result.level, result.unit)} ÷ {quantity(result.limit, result.unit)}" if result is not None else "–"
    )
    cells = (
        zone.name,
        "kept" if zone.passed else "exceeded",
        number(zone.worst_ratio),
        f"{zone.worst_hazard or 'none applies'}, {zone.worst_case}",
        division,
        corner_text(zone.worst_position_m),
        f"lamp {which}" if which else "no lamp",
        lasting(zone.t_max_s),
    )
    return Row(cells, "plain" if zone.passed else "bad")


def _search(faults: tuple[SingleFault, ...]) -> str:
    zones = [zone for fault in faults for zone in fault.zones]
    moved = max(zone.convergence.last_change for zone in zones)
    loose = [
        f"{zone.name} with {fault.name}" for fault in faults for zone in fault.zones if not zone.convergence.converged
    ]
    words = f"Searched as the zones above; the worst ratios moved by at most {100.0 * moved:.2f} % in the last step."
    return f"{words} NOT converged: {', '.join(loose)}." if loose else sentence(words)
