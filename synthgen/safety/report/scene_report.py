"""The report on a scene, a recipe or a data set, block by block."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np

from synthgen.safety.editions import EVIDENCE
from synthgen.safety.limit_tables import TITLES
from synthgen.safety.record import SceneAssessment, Source, plain
from synthgen.safety.report.curves import camera_view, distribution, spectra
from synthgen.safety.report.document import (
    Block,
    Bullets,
    Column,
    Figure,
    Heading,
    PageBreak,
    Pairs,
    Paragraph,
    Report,
    Row,
    Signatures,
    Table,
)
from synthgen.safety.report.formulas import formula_table
from synthgen.safety.report.front_page import front_page, margin
from synthgen.safety.report.lamp_part import drive_text, label_blocks, lamp_blocks
from synthgen.safety.report.wording import lasting, number, percent, quantity, sentence
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
_CURVES = 6


def scene_report(assessment: SceneAssessment) -> Report:
    """Return the whole report."""
    identity, record = assessment.identity, assessment.sha256()
    blocks: list[Block] = [*front_page(assessment), PageBreak(), *_identity(assessment, record), *_set_up(assessment)]
    blocks += _lamps(assessment)
    for zone in assessment.zones:
        blocks += zone_section(assessment, zone)
    blocks += [*_alone(assessment), *_samples(assessment), *_views(assessment), *_uncertainty(assessment)]
    labels = [(s.name, s.normative.label) for s in assessment.sources if s.normative]
    blocks += [Heading("Labels of the lamps"), *label_blocks(labels)]
    blocks += [*unverified_blocks(assessment.unverified), *_method(assessment), *signature_blocks(record)]
    return Report(
        title="Eye-safety assessment",
        subject=f"{identity.subject} ({identity.kind})" + (f", sample {identity.sample}" if identity.sample else ""),
        footer=f"{identity.subject} · {identity.software} · record {record[:16]} · simulation, not type testing",
        blocks=tuple(blocks),
    )


def unverified_blocks(found: Sequence[str]) -> tuple[Block, ...]:
    """Return the numbers of evidence C or D, and what the codes mean."""
    codes = tuple((f"Evidence {code}", meaning) for code, meaning in EVIDENCE.items())
    listed: tuple[Block, ...] = (Paragraph("None: every number compared with was read (evidence A or B)."),)
    if found:
        text = "The verdict rests on these numbers, which were not read in a source. Check them before signing."
        listed = (Paragraph(text, "warn"), Bullets(tuple(found)))
    return (Heading("Unverified numbers"), *listed, Pairs(codes))


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
        *assessment.inputs.items(),
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


def _lamps(assessment: SceneAssessment) -> tuple[Block, ...]:
    columns = (
        Column(title="Lamp", share=1.9),
        Column(title="Shape, size, beam", share=2.4),
        Column(title="At x, y, z in m;\nalong", share=1.7),
        Column(title="While on", align="right", share=1.6),
        Column(title="Peak, centroid,\nFWHM in nm", align="right", share=1.4),
        Column(title="Drive", share=1.6),
    )
    rows = tuple(_lamp_row(i, source) for i, source in enumerate(assessment.sources, 1))
    blocks: list[Block] = [
        Heading("The lamps"),
        Table(
            caption="Source model",
            columns=columns,
            rows=rows,
            note="Power and radiance over the full spectrum, while on. The number names the lamp in plans and tables.",
        ),
    ]
    curves = _curves(assessment.sources)
    if curves:
        caption = "Spectra of the lamps, each to its own maximum, over the ranges in which light counts for a hazard."
        blocks.append(Figure(svg=spectra(curves), caption=caption, alt=caption))
    return tuple(blocks)


def _lamp_row(which: int, source: Source) -> Row:
    placed = source.shape not in ("distant", "dome")
    where = ", ".join(number(part) for part in source.position_m) if placed else "daylight: everywhere"
    along = ", ".join(number(round(part, 3)) for part in source.direction)
    levels = [quantity(source.peak_power_w, "W") if source.peak_power_w else "no power of its own"]
    levels += [quantity(source.radiance_w_m2_sr, "W/(m2 sr)")] if source.radiance_w_m2_sr else []
    shape = ", ".join(text for text in (source.shape, source.size_text, source.beam) if text)
    spectrum = " / ".join(
        number(float(f"{nm:.4g}")) for nm in (source.peak_wavelength_nm, source.centroid_wavelength_nm, source.fwhm_nm)
    )
    group = source.normative.risk_group if source.normative else ""
    name = f"{which}: {source.name}" + (f"\n{group} on its own" if group else "")
    drive = drive_text(source.pulse_s, source.rate_hz, source.duty)
    return Row((name, shape, f"{where}\n{along}", "\n".join(levels), spectrum, drive))


def _curves(sources: Sequence[Source]) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """Return each different spectrum once, named by its lamps."""
    found: dict[bytes, list[Source]] = {}
    for source in sources:
        if len(source.power_w_nm) and float(np.max(source.power_w_nm)) > 0.0:
            found.setdefault(np.asarray(source.power_w_nm).tobytes(), []).append(source)
    return [
        (_together([s.name for s in alike]), np.asarray(alike[0].wavelength_nm), np.asarray(alike[0].power_w_nm))
        for alike in list(found.values())[:_CURVES]
    ]


def _together(names: Sequence[str]) -> str:
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")


def _alone(assessment: SceneAssessment) -> tuple[Block, ...]:
    """Return each lamp's verdict on its own, those of equal lamps once."""
    alike: dict[str, list[Source]] = {}
    reasons = []
    for source in assessment.sources:
        if source.normative is None:
            reasons.append(f"{source.name}: {source.normative_reason}")
            continue
        content = {**plain(source.normative), "name": ""}  # type: ignore[dict-item]
        alike.setdefault(json.dumps(content, sort_keys=True), []).append(source)
    blocks: list[Block] = [
        Heading("Each lamp on its own"),
        Paragraph(
            "Classification by IEC 62471 is of one lamp at its normative distance; what stands around plays no part."
        ),
    ]
    for group in alike.values():
        normative = group[0].normative
        if normative is not None:
            blocks += lamp_blocks(normative, [source.name for source in group])
    return (*blocks, *((Heading("Not classified", 2), Bullets(tuple(reasons))) if reasons else ()))


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
        "direction, irradiance hazards, lamps on. It shows where light lands, not where eyes are. Colours as in plans."
    )
    figures = []
    for found in assessment.cameras:
        caption = (
            f"{found.camera}: largest ratio {number(found.max_ratio)} ({found.hazard or 'no hazard'}) at pixel "
            f"{found.at_px[0]}, {found.at_px[1]} (ring). Not a risk group."
        )
        svg = camera_view(found, assessment.question.max_ratio)
        figures.append(Figure(svg=svg, caption=caption, alt=caption, width_share=0.75))
    return (Heading("In the cameras' views"), Paragraph(text), *figures)


def _uncertainty(assessment: SceneAssessment) -> tuple[Block, ...]:
    budget = assessment.budget
    columns = (
        Column(title="Contribution", share=1.6),
        Column(title="Standard (k = 1)", align="right", share=1.0),
        Column(title="Basis", share=3.4),
        Column(title="Evidence", share=0.7),
    )
    rows = tuple(Row((each.name, percent(each.relative), sentence(each.basis), each.evidence)) for each in budget.lines)
    combined = budget.expanded / budget.coverage_factor
    note = (
        f"Combined as the root of the sum of squares: {percent(combined)}; expanded with k = "
        f"{number(budget.coverage_factor)}: {percent(budget.expanded)}. It holds for every ratio in this report."
    )
    decided = "passes" if assessment.passed else "does not pass"
    return (
        Heading("Uncertainty and decision rule"),
        Table(caption="Uncertainty budget of a ratio, relative", columns=columns, rows=rows, note=note),
        Paragraph(f"Decision rule: {assessment.decision_rule}. By this rule the subject {decided}."),
        Paragraph(margin(assessment)),
    )


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
