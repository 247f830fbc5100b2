"""The report on a scene, a recipe or a data set, block by block."""

from __future__ import annotations

from collections.abc import Sequence

from synthgen.photobiology.editions import EVIDENCE
from synthgen.photobiology.limit_tables import TITLES
from synthgen.reporting.document import (
    Block,
    Bullets,
    Column,
    Figure,
    Gallery,
    Heading,
    PageBreak,
    Pairs,
    Paragraph,
    Report,
    Row,
    Signatures,
    Table,
)
from synthgen.reporting.numbers import lasting, number, percent, sentence
from synthgen.safety.record import SceneAssessment
from synthgen.safety.report.curves import camera_view, distribution
from synthgen.safety.report.faults_part import faults_section
from synthgen.safety.report.flicker_part import flicker_section
from synthgen.safety.report.formulas import formula_table
from synthgen.safety.report.front_page import front_page, plan_page
from synthgen.safety.report.lamp_part import label_blocks
from synthgen.safety.report.lamps_part import alone_section, lamps_section
from synthgen.safety.report.verdict import UNCERTAINTY, UNVERIFIED, margin
from synthgen.safety.report.zone_part import zone_section

NOT_TYPE_TESTING = (
    "This report is a simulation. It is not type testing: it does not replace measurements on the built product by a "
    "laboratory, nor the manufacturer's classification."
)
NOT_A_RISK_GROUP = (
    "Maps and zones show level divided by exposure limit at places of eyes. They are no risk groups: a risk group "
    "belongs to a lamp at its normative distance."
)
ROLES = (
    "Prepared by (name, date, signature)",
    "Checked by, laser and optical radiation safety (name, date, signature)",
    "Released for operation by (name, date, signature)",
    "Place, and operating state confirmed on site (date, signature)",
)
_SAMPLES = 12


def scene_report(assessment: SceneAssessment) -> Report:
    """Return the whole report."""
    identity, record = assessment.identity, assessment.sha256()
    rest = _sections(assessment, record)
    first = front_page(assessment, section_numbers(rest))
    filed = f"{assessment.document.document_number[:40]} · " if assessment.document.document_number else ""
    return Report(
        title="Eye-safety assessment",
        subject=f"{identity.subject} ({identity.kind})" + (f", sample {identity.sample}" if identity.sample else ""),
        footer=f"{filed}{identity.subject[:60]} · {identity.software} · record {record[:16]} · "
        "simulation, not type testing",
        blocks=(*first, PageBreak(), *plan_page(assessment), *rest),
    )


def section_numbers(blocks: Sequence[Block]) -> dict[str, int]:
    """Return the number that each section's title gets in print."""
    titles = [block.text for block in blocks if isinstance(block, Heading) and block.level == 1]
    return {title: count for count, title in enumerate(titles, 1)}


def _sections(assessment: SceneAssessment, record: str) -> tuple[Block, ...]:
    """Return everything behind page one."""
    blocks: list[Block] = [*_identity(assessment, record), *_set_up(assessment), *lamps_section(assessment)]
    for zone in assessment.zones:
        blocks += zone_section(assessment, zone)
    blocks += [*faults_section(assessment), *flicker_section(assessment)]
    blocks += [*alone_section(assessment), *_samples(assessment), *_views(assessment), *_uncertainty(assessment)]
    labels = [(s.name, s.normative.label) for s in assessment.sources if s.normative]
    blocks += [Heading("Labels of the lamps"), *label_blocks(labels)]
    return (*blocks, *unverified_blocks(assessment.unverified), *_method(assessment), *signature_blocks(record))


def unverified_blocks(found: Sequence[str]) -> tuple[Block, ...]:
    """Return the numbers of evidence C or D, and what the codes mean."""
    codes = tuple((f"Evidence {code}", meaning) for code, meaning in EVIDENCE.items())
    listed: tuple[Block, ...] = (Paragraph("None: every number compared with was read (evidence A or B)."),)
    if found:
        text = "The verdict rests on these numbers, which were not read in a source. Check them before signing."
        listed = (Paragraph(text, "warn"), Bullets(tuple(found)))
    return (Heading(UNVERIFIED), *listed, Pairs(codes))


def signature_blocks(record: str) -> tuple[Block, ...]:
    """Return the lines to sign on, with what is signed."""
    return (
        Heading("Signatures"),
        Paragraph(
            f"Signed is the record with sha256 {record}. This document is made from it alone: numbers are rounded to "
            "four significant digits, the JSON record holds them in full."
        ),
        Signatures(ROLES),
    )


def _identity(assessment: SceneAssessment, record: str) -> tuple[Block, ...]:
    identity = assessment.identity
    rows = [
        ("Subject", f"{identity.subject} ({identity.kind})"),
        ("Sample shown", identity.sample or "the stage itself"),
        ("Operating state", identity.operating_state),
        ("Software", identity.software),
        ("Code version", identity.code_version),
        ("Stage, sha256", identity.stage_sha256),
        ("Recipe, sha256", identity.recipe_sha256 or "no recipe: a stage was judged"),
        ("Record, sha256", record),
    ]
    warned: tuple[Block, ...] = ()
    if assessment.warnings:
        warned = (Heading("What the stage asks for and the simulation leaves out", 2), Bullets(assessment.warnings))
    return (Heading("What was judged"), Pairs(tuple(rows)), *warned)


def _set_up(assessment: SceneAssessment) -> tuple[Block, ...]:
    asked = assessment.question
    rows = (
        ("Standard, edition", f"{TITLES[asked.edition].rstrip(',')} ({asked.edition})"),
        ("Verdict on", "the worst of all eight hazards" if asked.hazard == "worst" else asked.hazard),
        ("Duration", f"{number(asked.duration_s)} s ({lasting(asked.duration_s)}), unless a zone states its own"),
        ("Allowed ratio", number(asked.max_ratio)),
        ("Decision rule", sentence(assessment.decision_rule)),
        (
            "Irradiance hazards",
            "summed over all lamps, receiver turned to the worst direction that the zone's gaze allows",
        ),
        ("Radiance hazards", "never summed: the averaging cone is slid over the source image, the largest mean counts"),
        ("Pulses", "each pulse by itself, all within 0.25 s, and the time average, each against the limit of its time"),
        ("Lamps on their own", "at 200 mm, or where general lighting gives 500 lx (IEC 62471:2006, 6.1)"),
    )
    return (Heading("What was asked, and by which rules"), Pairs(rows))


def _samples(assessment: SceneAssessment) -> tuple[Block, ...]:
    found = assessment.distribution
    if found is None or not found.samples:
        return ()
    allowed, count = assessment.question.max_ratio, len(found.samples)
    worst = sorted(found.samples, key=lambda sample: (-sample.ratio, sample.key))[:_SAMPLES]
    facts = (
        ("Samples", f"{count} judged, {found.failed} could not be built, {found.over} above the allowed ratio"),
        ("Quantiles", ", ".join(f"{name}: {number(value)}" for name, value in found.quantiles.items())),
        ("Worst sample", found.worst_key),
        ("To see it again", found.replay),
        ("What this says", sentence(found.statement)),
    )
    columns = (
        Column(title="Sample", share=2.0),
        Column(title="Worst ratio", align="right", share=1.0),
        Column(title="Hazard", share=1.4),
        Column(title="Zone", share=1.4),
        Column(title="Position", share=1.4),
    )
    rows = tuple(
        Row((each.key, number(each.ratio), each.hazard, each.zone, "refined" if each.refined else "coarse grid"),
            "bad" if each.ratio > allowed else "plain")
        for each in worst
    )  # fmt: skip
    caption = f"Worst ratio of {count} samples: the share of samples that stay at or below a ratio."
    return (
        Heading("The samples"),
        Pairs(facts),
        Figure(svg=distribution(found, allowed), caption=caption, alt=caption),
        Table(caption="The worst samples", columns=columns, rows=rows, note="All samples are in the JSON record."),
    )


def _views(assessment: SceneAssessment) -> tuple[Block, ...]:
    if not assessment.cameras:
        return ()
    text = (
        "The hazard map of each camera's view: for a small receiver at the visible surfaces, turned to the worst "
        "direction, irradiance hazards, as if pulsed lamps stayed on for the whole duration. It shows where light "
        "lands, not where eyes are, and no verdict rests on it. Colours as in plans."
    )
    figures = []
    for found in assessment.cameras:
        caption = (
            f"{found.camera}: largest ratio {number(found.max_ratio)} ({found.hazard or 'no hazard'}) at pixel "
            f"{found.at_px[0]}, {found.at_px[1]} (ring), lamps always on. Not a risk group."
        )
        svg = camera_view(found, assessment.question.max_ratio)
        figures.append(Figure(svg=svg, caption=caption, alt=caption))
    return (Heading("In the cameras' views"), Paragraph(text), Gallery(tuple(figures)))


def _uncertainty(assessment: SceneAssessment) -> tuple[Block, ...]:
    budget = assessment.budget
    columns = (
        Column(title="Contribution", share=1.6),
        Column(title="Standard (k = 1)", align="right", share=1.0),
        Column(title="Basis", share=3.4),
        Column(title="Evidence", share=0.7),
    )
    rows = tuple(
        Row((each.name, percent(each.relative), sentence(each.basis), _code(each.evidence))) for each in budget.lines
    )
    combined = budget.expanded / budget.coverage_factor
    note = (
        f"Combined as the root of the sum of squares: {percent(combined)}; expanded with k = "
        f"{number(budget.coverage_factor)}: {percent(budget.expanded)}. Of every ratio here. † assumed (C or D)."
    )
    decided = "passes" if assessment.passed else "does not pass"
    return (
        Heading(UNCERTAINTY),
        Table(caption="Uncertainty budget of a ratio, relative", columns=columns, rows=rows, note=note),
        Paragraph(f"Decision rule: {assessment.decision_rule}. By this rule the subject {decided}."),
        Paragraph(margin(assessment)),
    )


def _code(evidence: str) -> str:
    return f"{evidence} †" if evidence in ("C", "D") else evidence


def _method(assessment: SceneAssessment) -> tuple[Block, ...]:
    edition = assessment.question.edition
    used = [
        (result.hazard, case.duration_s)
        for zone in assessment.zones
        for case in zone.cases
        for result in case.hazards
        if result.applicable
    ]
    said = [text for text in assessment.limits_of_method if "type testing" not in text]
    return (
        Heading("How the numbers came about"),
        *((formula_table(edition, used),) if used else ()),
        Heading("Limits of the method"),
        Bullets((*said, NOT_A_RISK_GROUP)),
        Paragraph(NOT_TYPE_TESTING, "warn"),
    )
