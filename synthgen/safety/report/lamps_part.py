"""The lamps of a scene: what they are, and the verdict on each by itself."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from synthgen.photobiology.lamp_assessment import Assessment
from synthgen.reporting.document import Block, Bullets, Column, Figure, Heading, Paragraph, Row, Table
from synthgen.reporting.numbers import number, quantity
from synthgen.safety.record import SceneAssessment, Source
from synthgen.safety.report.curves import spectra
from synthgen.safety.report.lamp_part import ALLOWED, distance_text, drive_text, lamp_blocks

_CURVES = 6


def lamps_section(assessment: SceneAssessment) -> tuple[Block, ...]:
    """Return the source model: a table of all lamps, and their spectra."""
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


def alone_section(assessment: SceneAssessment) -> tuple[Block, ...]:
    """Return each lamp's verdict on its own, and all of the worst lamp of each kind."""
    judged = [source for source in assessment.sources if source.normative is not None]
    reasons = tuple(f"{s.name}: {s.normative_reason}" for s in assessment.sources if s.normative is None)
    text = "Classification by IEC 62471 is of one lamp at its normative distance; what stands around plays no part."
    blocks: list[Block] = [Heading("Each lamp on its own"), Paragraph(text)]
    if judged:
        blocks.append(_verdicts(assessment))
    for alike in _kinds(judged):
        worst = max(alike, key=lambda source: _normative(source).worst_ratio)
        others = [source.name for source in alike if source is not worst]
        blocks += lamp_blocks(_normative(worst), [worst.name])
        if others:
            more = f"The worst of its kind. Alike but for power, in full in the JSON record: {_together(others)}."
            blocks.append(Paragraph(more, "muted"))
    return (*blocks, *((Heading("Not classified", 2), Bullets(reasons)) if reasons else ()))


def _verdicts(assessment: SceneAssessment) -> Table:
    columns = (
        Column(title="Lamp", share=1.8),
        Column(title="Risk group", share=0.9),
        Column(title="Worst hazard, case", share=2.4),
        Column(title="Ratio", align="right", share=0.9),
        Column(title="Hazard distance", align="right", share=1.4),
    )
    rows = []
    for which, source in enumerate(assessment.sources, 1):
        if source.normative is not None:
            found = source.normative
            worst = f"{found.worst_hazard or 'none'}, {found.worst_case}"
            far = distance_text(max(found.exposure_distances_m.values(), default=0.0))
            tone = "bad" if found.worst_ratio > ALLOWED else "plain"
            cells = (f"{which}: {source.name}", found.risk_group or "–", worst, number(found.worst_ratio), far)
            rows.append(Row(cells, tone))
    note = "Hazard distance: from there on every exposure limit is kept, for somebody who looks into that lamp."
    return Table(caption="All lamps at their normative distance", columns=columns, rows=tuple(rows), note=note)


def _kinds(judged: Sequence[Source]) -> list[list[Source]]:
    """Return the lamps by kind: same shape, size, beam, spectrum and drive; power may differ."""
    found: dict[tuple[object, ...], list[Source]] = {}
    for s in judged:
        key = (s.shape, s.size_text, s.beam, s.peak_wavelength_nm, s.fwhm_nm, s.pulse_s, s.rate_hz)
        found.setdefault(key, []).append(s)
    return list(found.values())


def _normative(source: Source) -> Assessment:
    assert source.normative is not None
    return source.normative
