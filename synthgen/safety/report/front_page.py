"""Page one: for a reader who is no engineer. The verdict, the worst place, what to change."""

from __future__ import annotations

import math

from synthgen.reporting.document import Banner, Block, Bullets, Column, Figure, Heading, Paragraph, Row, Table
from synthgen.reporting.numbers import after_change, lasting, number, percent, sentence
from synthgen.safety.record import SceneAssessment, Zone
from synthgen.safety.report.figures import corner_text, drawn_sources, lamp_number, overview
from synthgen.safety.report.hazards import HAZARD_WORDS

_APART = 0.01  # relative: the search ends when the worst ratio moves less than 1 %
_MOST_LINES = 13
_SHOWN = 4  # changes on page one; the zone's section has them all


def front_page(assessment: SceneAssessment) -> tuple[Block, ...]:
    """Return the blocks of page one."""
    if not assessment.zones:
        nothing = (
            "No zone was declared and nothing was judged: add safety.zones to the recipe or eye zones to the stage."
        )
        return (_banner(assessment), Paragraph(nothing, "warn"))
    worst = assessment.zone(assessment.worst_zone)
    return (
        _banner(assessment),
        Heading("The worst place", 2),
        Figure(
            svg=overview(assessment),
            caption=_where(assessment, worst),
            alt=f"Plan view. {_where(assessment, worst)}",
            width_share=0.84,
        ),
        Heading("What to change", 2),
        *_changes(assessment),
        _zones(assessment),
    )


def fits_one_page(blocks: tuple[Block, ...]) -> bool:
    """Return whether these blocks are short enough for page one; otherwise what follows needs no page of its own."""
    lines = sum(
        len(block.lines) if isinstance(block, Banner) else
        len(block.rows) if isinstance(block, Table) else
        len(block.items) if isinstance(block, Bullets) else 0
        for block in blocks
    )  # fmt: skip
    return lines <= _MOST_LINES


def tone(assessment: SceneAssessment) -> str:
    """Return bad when not passed, warn when anything about a pass needs a second look, else good."""
    if not assessment.passed:
        return "bad"
    return "warn" if reservations(assessment) or not assessment.zones else "good"


def reservations(assessment: SceneAssessment) -> tuple[str, ...]:
    """Return what somebody who signs a pass has to know."""
    allowed, found = assessment.question.max_ratio, []
    reach = assessment.worst_ratio * (1.0 + assessment.budget.expanded)
    if assessment.worst_ratio <= allowed < reach:
        found.append("The margin is smaller than the uncertainty: measuring may decide otherwise.")
    if allowed > 1.0:
        found.append(f"A ratio of {number(allowed)} was declared acceptable: that is above the exposure limit itself.")
    over = {
        result.hazard: None
        for zone in assessment.zones
        for case in zone.cases
        for result in case.hazards
        if result.ratio > allowed and assessment.question.hazard not in ("worst", result.hazard)
    }
    if over:
        found.append(f"Hazards that were not asked about exceed their limits: {', '.join(over)}.")
    loose = [zone.name for zone in assessment.zones if not zone.convergence.converged]
    if loose:
        found.append(f"The search for the worst place has not converged in {', '.join(loose)}.")
    screened = assessment.distribution.quantiles.get("max", 0.0) if assessment.distribution else 0.0
    if screened > assessment.worst_ratio * (1.0 + _APART):
        found.append(
            f"Looking through the samples gave {number(screened)}, judging the worst of them in full "
            f"{number(assessment.worst_ratio)}: the larger one is the safe one."
        )
    return tuple(found)


def margin(assessment: SceneAssessment) -> str:
    """Return how the worst ratio and its uncertainty lie to the allowed ratio, in words."""
    ratio, expanded, allowed = assessment.worst_ratio, assessment.budget.expanded, assessment.question.max_ratio
    low, high = ratio * max(1.0 - expanded, 0.0), ratio * (1.0 + expanded)
    span = (
        f"Worst ratio {number(ratio)}, allowed {number(allowed)}; with its uncertainty of ±{percent(expanded)} "
        f"(k = {number(assessment.budget.coverage_factor)}) from {number(low)} to {number(high)}"
    )
    if low > allowed:
        return f"{span}: above what is allowed, whatever the uncertainty."
    if high <= allowed:
        return f"{span}: below what is allowed, also with the uncertainty."
    return f"{span}: the uncertainty reaches over the allowed ratio."


def _banner(assessment: SceneAssessment) -> Banner:
    lines = [sentence(assessment.verdict)]
    if assessment.zones:
        lines.append(margin(assessment))
    if assessment.question.hazard != "worst":
        lines.append(f"The verdict is on one hazard alone: {assessment.question.hazard}.")
    lines += reservations(assessment)
    if assessment.unverified:
        count = len(assessment.unverified)
        lines.append(f"Unverified numbers it rests on (evidence C or D), listed in this report: {count}.")
    return Banner(tone=tone(assessment), title=_title(assessment), lines=tuple(lines))


def _title(assessment: SceneAssessment) -> str:
    allowed, kind = assessment.question.max_ratio, tone(assessment)
    if not assessment.zones:
        return "Nothing judged: there are no eye zones"
    if kind == "bad" and assessment.worst_ratio <= allowed:
        return "Not acceptable: with its uncertainty the exposure is not shown to stay within what is allowed"
    if allowed != 1.0:
        over = f"the allowed ratio of {number(allowed)} is "
        return f"Not acceptable: {over}exceeded" if kind == "bad" else f"Acceptable by declaration: {over}kept"
    if kind == "bad":
        return "Not acceptable: an exposure limit is exceeded"
    return f"Acceptable{', with reservations' if kind == 'warn' else ''}: what was judged stays within its limits"


def _where(assessment: SceneAssessment, worst: Zone) -> str:
    which = lamp_number(assessment, worst.culprit)
    name = assessment.sources[which - 1].name if which else ""
    lamp = f" Lamp {which} ({name}) causes most of it." if which else ""
    drawn = {source.path for source in drawn_sources(assessment, assessment.zones)}
    away = [str(i) for i, s in enumerate(assessment.sources, 1) if s.path not in drawn]
    outside = f" Not in the plan: lamps {', '.join(away[:8])}{' and more' if len(away) > 8 else ''}." if away else ""
    shown = f" Shown is sample {assessment.identity.sample}." if assessment.identity.sample else ""
    return (
        f"Worst eye in zone {worst.name}: {corner_text(worst.worst_position_m)} (z is the height of the eye), "
        f"{number(worst.worst_ratio)} times the exposure limit, "
        f"{worst.worst_hazard or 'no hazard'}, {worst.worst_case}.{lamp}{shown}{outside} "
        "The colours are ratios of level to limit at eye height, each for an eye turned to its worst direction; "
        "they are not risk groups."
    )


def _changes(assessment: SceneAssessment) -> tuple[Block, ...]:
    failing = [zone for zone in assessment.zones if not zone.passed]
    if not failing:
        room = assessment.question.max_ratio / assessment.worst_ratio if assessment.worst_ratio > 0.0 else math.inf
        more = f" All lamps together could be {number(room)} times as strong before the allowed ratio is reached at the"
        return (
            Paragraph(
                f"Nothing has to change.{more} worst place." if math.isfinite(room) else "Nothing has to change."
            ),
        )
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
    columns = (
        Column(title="Zone", share=1.6),
        Column(title="Verdict", share=1.1),
        Column(title="Worst ratio", align="right", share=1.0),
        Column(title="Hazard", share=2.2),
        Column(title="Judged for", align="right", share=1.2),
        Column(title="Allowed there for", align="right", share=1.2),
    )
    rows = tuple(
        Row(
            (
                zone.name if zone.name == zone.kind else f"{zone.name} ({zone.kind})",
                "kept" if zone.passed else "exceeded",
                number(zone.worst_ratio),
                HAZARD_WORDS.get(zone.worst_hazard, "none applies"),
                lasting(zone.duration_s),
                lasting(zone.t_max_s),
            ),
            "good" if zone.passed else "bad",
        )
        for zone in assessment.zones
    )
    return Table(caption="All zones", columns=columns, rows=rows)
