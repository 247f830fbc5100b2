"""The compliance report: one record, printed as HTML, as PDF/A, or as the JSON itself.

verdict, front_page                                      page one
zone_part, faults_part, flicker_part, lamp_part,
lamps_part, hazards, formulas                            what each part behind it says
scene_report, lamp_report                                which parts there are, in order
figures, curves, scale                                   drawings as SVG

What a report consists of and how its blocks look in HTML and PDF is in `synthgen.reporting`.
"""

from __future__ import annotations

from pathlib import Path

from synthgen import atomic_files
from synthgen.errors import InputError
from synthgen.photobiology.lamp_assessment import Assessment
from synthgen.reporting import html_page, pdf
from synthgen.reporting.document import Report
from synthgen.safety.record import SceneAssessment
from synthgen.safety.report.lamp_report import lamp_report, lamp_text
from synthgen.safety.report.scene_report import scene_report
from synthgen.world.calendar_day import day

SUFFIXES = (".html", ".pdf", ".json")


def write(assessment: SceneAssessment | Assessment, path: Path) -> None:
    """Write the report at `path`, whole or not at all; its suffix says in which form.

    Raises:
        InputError: an unknown suffix, or the `report` extra is not installed.
        OutputError: no space, no permission.
    """
    atomic_files.write(path, render(assessment, path.suffix.lower()))


def render(assessment: SceneAssessment | Assessment, suffix: str) -> bytes:
    """Return the report's bytes; the same assessment gives the same bytes, on any machine.

    Raises:
        InputError: an unknown suffix, or the `report` extra is not installed.
    """
    if suffix not in SUFFIXES:
        raise InputError(f"-o {suffix or 'without a suffix'}: write a file name that ends in {', '.join(SUFFIXES)}")
    scene = isinstance(assessment, SceneAssessment)
    if suffix == ".json":
        return (assessment.text() if scene else lamp_text(assessment)).encode()
    found = compose(assessment)
    if suffix == ".html":
        return html_page.render(found)
    issued = assessment.document.issued if scene else ""
    return pdf.render(found, day(issued) if issued else pdf.NO_DAY)


def compose(assessment: SceneAssessment | Assessment) -> Report:
    """Return the report's blocks."""
    return scene_report(assessment) if isinstance(assessment, SceneAssessment) else lamp_report(assessment)
