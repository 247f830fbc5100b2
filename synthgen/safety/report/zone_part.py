"""A zone's section: maps, verdicts side by side, the eight hazards, distances, and where each number was found."""

from __future__ import annotations

import math

from synthgen.reporting.document import (
    Block,
    Bullets,
    Column,
    Figure,
    Gallery,
    Heading,
    Pairs,
    Paragraph,
    Row,
    Table,
)
from synthgen.reporting.numbers import after_change, lasting, number, percent, quantity, sentence
from synthgen.safety.record import SceneAssessment
from synthgen.safety.report import hazards
from synthgen.safety.report.figures import corner_text, lamp_number, nearest_map, zone_plan
from synthgen.safety.report.scale import STEPS
from synthgen.safety.zone_record import HazardResult, Zone

_MORE_MAPS = 4


def zone_section(assessment: SceneAssessment, zone: Zone) -> tuple[Block, ...]:
    """Return the blocks of a zone."""
    allowed = assessment.question.max_ratio
    missing = hazards.not_applicable(zone.cases)
    notes = hazards.remarks(zone.cases)
    tables = (
        hazards.eight_hazards(case, allowed, f"{zone.name}, {hazards.case_name(case)}: the eight hazards")
        for case in zone.cases
    )
    return (
        Heading(f"Zone {zone.name}", 1),
        Paragraph(_verdict(zone, allowed), "good" if zone.passed else "bad"),
        _facts(assessment, zone),
        hazards.side_by_side(zone.cases, allowed, f"{zone.name}: single pulse and averages side by side"),
        *_maps(assessment, zone),
        *tables,
        *((missing,) if missing else ()),
        *((Heading("Remarks", 2), Bullets(notes)) if notes else ()),
        _places(assessment, zone),
        Heading("Second path: mirrors", 2),
        Paragraph(_mirror(zone)),
        *_remedies(zone),
    )


def distance_text(distance_m: float) -> str:
    """Return a hazard distance in words: 0 and inf have meanings of their own."""
    if math.isinf(distance_m):
        return "nowhere in reach"
    return "kept from 0.2 m on" if distance_m == 0.0 else f"{number(distance_m)} m"


def _verdict(zone: Zone, allowed: float) -> str:
    word = "Kept" if zone.passed else "Exceeded"
    return (
        f"{word}: worst ratio {number(zone.worst_ratio)} (allowed {number(allowed)}), "
        f"{zone.worst_hazard or 'no hazard applies'}, {zone.worst_case}."
    )


def _facts(assessment: SceneAssessment, zone: Zone) -> Pairs:
    low, high = zone.eyes_m
    found = zone.convergence
    return Pairs(
        (
            ("Box, as declared", f"{corner_text(zone.box_m[0])} to {corner_text(zone.box_m[1])}"),
            ("Eyes", f"{corner_text(low)} to {corner_text(high)}; gaze: {zone.gaze.replace('_', ' ')}"),
            ("Judged for", f"{number(zone.duration_s)} s ({lasting(zone.duration_s)})"),
            ("Worst place", f"{corner_text(zone.worst_position_m)}; looking along {_vector(zone.worst_gaze)}"),
            ("Caused by", _lamp(assessment, zone.culprit)),
            ("Allowed at the worst place", lasting(zone.t_max_s)),
            ("Hazard distance", f"{distance_text(zone.hazard_distance_m)} from that lamp, through the worst place"),
            ("Search", f"{sentence(found.statement)} Wanted below {percent(found.tolerance)}: "
                       f"{'converged' if found.converged else 'NOT converged'} after {found.steps} refinements. "
                       f"{found.rays_per_lamp} rays a lamp from the worst place."),
        )
    )  # fmt: skip


def _maps(assessment: SceneAssessment, zone: Zone) -> tuple[Block, ...]:
    nearest = nearest_map(zone)
    if nearest is None:
        return (Paragraph("The record holds no map of this zone."),)
    top = float(nearest.ratio.max())
    pale = " (so low that all of it has the palest colour)" if top <= STEPS[0] * assessment.question.max_ratio else ""
    grid = f"grid {number(nearest.spacing_m[0])} by {number(nearest.spacing_m[1])} m"
    caption = (
        f"{zone.name}: ratio of level to limit at z = {number(nearest.z_m)} m, largest of all hazards and cases, each "
        f"for an eye turned to its worst direction; maximum {number(top)}{pale} ({grid}; the search "
        "goes finer and finds the worst place marked). Not a risk group."
    )
    main = Figure(svg=zone_plan(assessment, zone, nearest), caption=caption, alt=caption)
    others = sorted((each for each in zone.maps if each is not nearest), key=lambda each: -float(each.ratio.max()))
    shown = sorted(others[:_MORE_MAPS], key=lambda each: each.z_m)
    small = []
    for ratios in shown:
        words = f"The same at z = {number(ratios.z_m)} m: maximum {number(float(ratios.ratio.max()))}."
        small.append(Figure(svg=zone_plan(assessment, zone, ratios, small=True), caption=words, alt=words))
    left = len(others) - len(shown)
    more = (Paragraph(f"{left} more planes are in the JSON record."),) if left else ()
    return (main, *((Gallery(tuple(small)),) if small else ()), *more)


def _places(assessment: SceneAssessment, zone: Zone) -> Table:
    """Return where each hazard of each case is worst and which lamps give it: what an auditor measures again."""
    columns = (
        Column(title="Hazard, case", share=1.9),
        Column(title="Level ÷ limit = ratio", share=2.4),
        Column(title="Eye at x, y, z in m", share=1.3),
        Column(title="Facing", share=1.3),
        Column(title="Lamps (share of the level)", share=1.9),
    )
    rows = [
        Row((f"{result.hazard}\n{hazards.case_name(case)}", _division(result), _vector(result.position_m),
             _vector(result.gaze), _shares(assessment, result)))
        for case in zone.cases
        for result in case.hazards
        if result.applicable and result.ratio > 0.0
    ]  # fmt: skip
    return Table(
        caption=f"{zone.name}: how each ratio came about",
        columns=columns,
        rows=tuple(rows),
        note="Levels are weighted means over the case's time. Lamps by their numbers in the table of lamps.",
    )


def _division(result: HazardResult) -> str:
    return f"{quantity(result.level, result.unit)} ÷ {quantity(result.limit, result.unit)} = {number(result.ratio)}"


def _shares(assessment: SceneAssessment, result: HazardResult) -> str:
    shown = [each for each in result.lamps if each.share >= 0.01][:4]
    text = ", ".join(f"{lamp_number(assessment, each.path)}: {100.0 * each.share:.1f} %" for each in shown)
    rest = 1.0 - sum(each.share for each in shown)
    return f"{text}, others {100.0 * rest:.1f} %" if rest >= 0.0005 else text


def _mirror(zone: Zone) -> str:
    second = zone.second_path
    if not second.considered:
        return sentence(second.note or "the scene has no glossy surface: no second path exists")
    if second.ratio <= 0.0:
        return f"No glossy surface sends light to the eyes that were tried here. {sentence(second.note)}".strip()
    words = (
        f"One reflection of {second.lamp} off {second.surface} (mirror reflectance {percent(second.reflectance)}) "
        f"gives by itself a ratio of {number(second.ratio)} ({second.hazard}) at {corner_text(second.position_m)}, "
        f"looking along {_vector(second.gaze)}."
    )
    return f"{words} {sentence(second.note)}".strip()


def _remedies(zone: Zone) -> tuple[Block, ...]:
    if not zone.remedies:
        return ()
    columns = (
        Column(title="Change", share=4.0),
        Column(title="On", share=1.6),
        Column(title="Value", align="right", share=1.2),
        Column(title="Ratio before", align="right", share=0.9),
        Column(title="Ratio after", align="right", share=0.9),
        Column(title="Found by", share=1.2),
    )
    rows = tuple(
        Row((sentence(each.text), each.target.rpartition("/")[2], f"{number(each.value)} {each.unit}".strip(),
             number(each.ratio_before), after_change(each.ratio_after), "linearity" if each.exact else "search"))
        for each in zone.remedies
    )  # fmt: skip
    note = "Each line alone keeps the limit. Light is linear: power and duty follow exactly. A search traced rays anew."
    return (Table(caption=f"{zone.name}: what would make it safe", columns=columns, rows=rows, note=note),)


def _lamp(assessment: SceneAssessment, path: str) -> str:
    which = lamp_number(assessment, path)
    return f"lamp {which}: {assessment.sources[which - 1].name} ({path})" if which else path or "no lamp"


def _vector(vector: tuple[float, float, float]) -> str:
    return ", ".join(number(float(f"{part:.3f}")) for part in vector)
