"""The report on one lamp by itself."""

from __future__ import annotations

import hashlib
import json

from synthgen.photobiology.lamp_assessment import Assessment
from synthgen.photobiology.limit_tables import TITLES
from synthgen.reporting.document import Banner, Block, Bullets, Heading, Pairs, Paragraph, Report
from synthgen.reporting.numbers import lasting, number, sentence
from synthgen.safety.report.formulas import formula_table
from synthgen.safety.report.hazards import HAZARD_WORDS
from synthgen.safety.report.lamp_part import ALLOWED, label_blocks, lamp_blocks
from synthgen.safety.report.scene_report import NOT_TYPE_TESTING, signature_blocks, unverified_blocks
from synthgen.safety.report.zone_part import distance_text


def lamp_text(found: Assessment) -> str:
    """Return the canonical JSON text of a lamp's assessment."""
    return json.dumps(found.to_json(), indent=1, sort_keys=True, allow_nan=False) + "\n"


def lamp_report(found: Assessment) -> Report:
    """Return the whole report."""
    record = hashlib.sha256(lamp_text(found).encode()).hexdigest()
    used = [(row.hazard, case.duration_s) for case in found.cases for row in case.hazards if row.applicable]
    blocks: tuple[Block, ...] = (
        _banner(found),
        Heading("What to change", 2),
        *_changes(found),
        Heading("The rules", 2),
        Pairs(
            (
                ("Standard, edition", f"{TITLES[found.edition].rstrip(',')} ({found.edition})"),
                ("Record, sha256", record),
                ("Decision rule", "Simple acceptance: no uncertainty is added. No budget was given for this lamp."),
            )
        ),
        Heading("The lamp at its distance"),
        *lamp_blocks(found, [found.name]),
        Heading("Label"),
        *label_blocks([(found.name, found.label)]),
        *unverified_blocks(found.unverified),
        Heading("How the numbers came about"),
        *((formula_table(found.edition, used),) if used else ()),
        Heading("Limits of the method"),
        Bullets(tuple(note for note in found.notes if "type testing" not in note)),
        Paragraph(NOT_TYPE_TESTING, "warn"),
        *signature_blocks(record),
    )
    footer = f"{found.name[:60]} · record {record[:16]} · simulation, not type testing"
    return Report(title="Eye-safety assessment of a lamp", subject=found.name, footer=footer, blocks=blocks)


def _banner(found: Assessment) -> Banner:
    over = found.worst_ratio > ALLOWED
    kind = "bad" if over else "good"
    words = "an exposure limit is exceeded" if over else "every exposure limit is kept"
    group = f"Risk group {found.risk_group}: {sentence(found.risk_group_reason)}" if found.risk_group else ""
    worst = (
        f"At {number(found.distance_m)} m for {lasting(found.duration_s)} the worst is "
        if found.distance_m
        else f"Where it was measured, for {lasting(found.duration_s)}, the worst is "
    )
    hazard = HAZARD_WORDS.get(found.worst_hazard, "no hazard")
    worst += f"{number(found.worst_ratio)} times the limit: {hazard}, {found.worst_case}."
    count = len(found.unverified)
    weak = f"Unverified numbers it rests on (evidence C or D), listed in this report: {count}."
    lines = tuple(line for line in (group, worst, weak if count else "") if line)
    return Banner(
        tone=kind, title=f"At its normative distance {words}" if found.distance_m else sentence(words), lines=lines
    )


def _changes(found: Assessment) -> tuple[Block, ...]:
    if found.worst_ratio <= ALLOWED:
        return (Paragraph("Nothing has to change for the exposure limits at this distance."),)
    share = ALLOWED / found.worst_ratio
    items = [f"Power: to {number(100.0 * share)} % of what it is; light is linear, this is exact."]
    far = max(found.exposure_distances_m.values(), default=0.0)
    if far > 0.0:
        items.append(f"Distance: the limits of every hazard are kept from {distance_text(far)} on.")
    return (Paragraph("Either alone is enough:"), Bullets(tuple(items), numbered=True))
