"""A lamp on its own: eight hazards at the normative distance, risk group, hazard distances, label."""

from __future__ import annotations

from collections.abc import Sequence

from synthgen.photobiology.lamp_assessment import Assessment
from synthgen.reporting.document import Block, Bullets, Column, Heading, Pairs, Paragraph, Row, Table
from synthgen.reporting.numbers import lasting, number, quantity, sentence
from synthgen.safety.report import hazards
from synthgen.safety.report.zone_part import distance_text

ALLOWED = 1.0
"""Ratio that a lamp on its own is held to: its exposure limits."""


def lamp_blocks(found: Assessment, names: Sequence[str]) -> tuple[Block, ...]:
    """Return the blocks of one lamp, or of lamps that are alike."""
    missing = hazards.not_applicable(found.cases)
    notes = hazards.remarks(found.cases)
    who = ", ".join(names)
    side = hazards.side_by_side(found.cases, ALLOWED, "Single pulse and averages side by side")
    tables = [
        hazards.eight_hazards(case, ALLOWED, f"{hazards.case_name(case)}: the eight hazards") for case in found.cases
    ]
    return (
        Heading(who, 2),
        _facts(found),
        *([side] if len(found.cases) > 1 else []),
        *tables,
        *((missing,) if missing else ()),
        *((Bullets(notes),) if notes else ()),
        *_groups(found),
        _distances(found),
    )


def label_blocks(labels: Sequence[tuple[str, str]]) -> tuple[Block, ...]:
    """Return what the labels of (lamp, text) say."""
    said = [(name, text) for name, text in labels if text]
    if not said:
        return (Paragraph("No lamp needs a label by its risk group."),)
    return (
        Pairs(tuple(said)),
        Paragraph(
            "Texts after IEC TR 62471-2, recalled and unverified (evidence C). One registry lists an adoption of that "
            "report as withdrawn: check its status before printing labels.",
            "muted",
        ),
    )


def _facts(found: Assessment) -> Pairs:
    where = quantity(found.distance_m, "m") if found.distance_m else "at the place of measurement"
    group = f"{found.risk_group}: {found.risk_group_reason}" if found.risk_group else found.risk_group_reason
    return Pairs(
        (
            ("Risk group", sentence(group)),
            ("Distance", f"{where}; {found.distance_reason}"),
            ("Judged for", f"{number(found.duration_s)} s ({lasting(found.duration_s)})"),
            ("Worst", f"{found.worst_hazard or 'no hazard'}, {found.worst_case}: ratio {number(found.worst_ratio)}"),
            ("Radiant power while on", quantity(found.power_w, "W") if found.power_w else "not given"),
            ("Spectrum", f"peak {number(found.peak_wavelength_nm)} nm, {number(found.efficacy_lm_w)} lm/W"),
            ("Drive", drive_text(found.pulse_s, found.rate_hz, found.duty)),
            ("Luminance while on", quantity(found.luminance_cd_m2, "cd/m2") + ", mean over 11 mrad"),
        )
    )


def drive_text(pulse_s: float, rate_hz: float, duty: float) -> str:
    """Return how a lamp is driven, in words."""
    if pulse_s <= 0.0:
        return "continuous"
    if rate_hz <= 0.0:
        return f"a single pulse of {lasting(pulse_s)}"
    return f"pulses of {lasting(pulse_s)} at {number(rate_hz)} Hz, duty {number(100.0 * duty)} %"


def _groups(found: Assessment) -> tuple[Block, ...]:
    rows = []
    for group in found.groups:
        for row in group.rows:
            weak = "C" in (row.evidence, row.cone_evidence) or "D" in (row.evidence, row.cone_evidence)
            unit = "W/(m2 sr)" if row.cone_rad else "W/m2"
            codes = " / ".join(code for code in (row.evidence, row.cone_evidence) if code)
            rows.append(
                Row((group.hazard, row.group, quantity(row.level, unit), quantity(row.limit, unit), number(row.ratio),
                     lasting(row.time_s), hazards.milliradians(row.cone_rad), codes + (" †" if weak else "")))
            )  # fmt: skip
    if not rows:
        return ()
    columns = (
        Column(title="Hazard", share=1.7),
        Column(title="Group", share=0.8),
        Column(title="Time average", align="right", share=1.8),
        Column(title="Its limit", align="right", share=1.8),
        Column(title="Ratio", align="right", share=1.0),
        Column(title="Time", align="right", share=1.1),
        Column(title="Cone\nmrad", align="right", share=0.7),
        Column(title="Evidence", share=0.9),
    )
    note = (
        "IEC 62471:2006, clause 6 and table 6.1. A lamp is in the lowest group whose limit it keeps; RG3 above RG2's."
    )
    return (Table(caption="Risk groups by hazard", columns=columns, rows=tuple(rows), note=note),)


def _distances(found: Assessment) -> Block:
    if not found.exposure_distances_m:
        return Paragraph("Levels were measured at one place: no hazard distances follow from them.")
    groups = {each.hazard: each.distances_m for each in found.groups}
    names = ("Exempt", "RG1", "RG2")
    rows = tuple(
        Row((hazard, distance_text(distance_m), *(_group_distance(groups.get(hazard, {}), name) for name in names)))
        for hazard, distance_m in found.exposure_distances_m.items()
    )
    columns = (
        Column(title="Hazard", share=1.4),
        Column(title="Exposure limit", align="right", share=1.2),
        *(Column(title=name, align="right", share=1.2) for name in names),
    )
    note = "From this distance on the limit is kept, in every case of pulses; for groups from time averages."
    return Table(caption="Hazard distances", columns=columns, rows=rows, note=note)


def _group_distance(distances_m: dict[str, float], name: str) -> str:
    return distance_text(distances_m[name]) if name in distances_m else "–"
