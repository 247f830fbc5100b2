"""Flashing of lamps that people see, with the guidance that it is held against; glare, which is not judged."""

from __future__ import annotations

from synthgen.reporting.document import Block, Bullets, Column, Heading, Paragraph, Row, Table
from synthgen.reporting.numbers import number, percent, quantity, sentence
from synthgen.safety import flicker
from synthgen.safety.record import SceneAssessment

FLICKER = "Flashing light and glare"
GLARE = (
    "Glare (dazzle, EN 12464-1, and after-images) is outside this report: visible lamps can disturb or distract well "
    "below the exposure limits."
)
_SHOWN = 4


def flicker_lines(assessment: SceneAssessment) -> tuple[str, ...]:
    """Return what page one says of flashing, one line a rate; the lowest rates first."""
    if not assessment.flicker:
        return ("no visible lamp flashes.",)
    return tuple(f"{_lamps(each)}: {sentence(each.statement)}" for each in assessment.flicker)


def flicker_section(assessment: SceneAssessment) -> tuple[Block, ...]:
    """Return the section on flashing and glare."""
    head: list[Block] = [Heading(FLICKER)]
    if not assessment.flicker:
        none = "No visible lamp pulses: nothing flashes. Infrared pulses are not seen."
        return (*head, Paragraph(none), Paragraph(GLARE, "warn"))
    columns = (
        Column(title="Lamps", share=2.2),
        Column(title="Flashes a second", align="right", share=1.0),
        Column(title="Luminance while on", align="right", share=1.3),
        Column(title="Saturated red", share=0.9),
        Column(title="Can provoke seizures", share=1.1),
        Column(title="Low-risk modulation; here", align="right", share=1.2),
    )
    rows = tuple(
        Row(
            (
                ", ".join(each.lamps),
                number(each.rate_hz),
                quantity(each.luminance_cd_m2, "cd/m2") if each.luminance_cd_m2 else "a point",
                "yes" if each.saturated_red else "no",
                "yes" if each.seizures else "no",
                f"{percent(each.low_risk_modulation)}; 100 %",
            ),
            "warn" if each.seizures else "plain",
        )
        for each in assessment.flicker
    )
    note = (
        "Lamps of one rate are taken to fire together. Luminance is that of the brightest face while on: what an eye "
        "makes of a short pulse is less. Where the lamps are seen from was not searched: the rate alone is judged."
    )
    guidance = tuple(
        Row((source, says.replace("m2", "m²"), f"{evidence} †" if evidence in "CD" else evidence))
        for source, says, evidence in flicker.GUIDANCE
    )
    return (
        *head,
        Paragraph("No exposure limit covers this, and it changes no verdict: the guidance is for screens and rooms."),
        Table(caption="Lamps that flash", columns=columns, rows=rows, note=note),
        Bullets(flicker_lines(assessment)),
        Table(
            caption="Guidance that this was held against",
            columns=(
                Column(title="Source", share=1.6),
                Column(title="What it says", share=3.4),
                Column(title="Evidence", share=0.7),
            ),
            rows=guidance,
            note="† not read in a source, or chosen here.",
        ),
        Paragraph(GLARE, "warn"),
    )


def _lamps(found: flicker.Flicker) -> str:
    more = len(found.lamps) - _SHOWN
    return ", ".join(found.lamps[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
