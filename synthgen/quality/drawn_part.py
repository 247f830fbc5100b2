"""The part of the quality report on parameters: asked for against drawn, and what shots came out as."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from synthgen.planning import forecast, plan
from synthgen.quality import panels, parameter_charts
from synthgen.quality.findings import Findings
from synthgen.reporting.document import Block, Column, Heading, Paragraph, Row, Table
from synthgen.reporting.numbers import number

_CHARTS = 60
_ROWS = 60
_BARS = "▁▂▃▄▅▆▇█"


def requested(found: Findings) -> Iterator[Block]:
    """Yield what was asked for against what was drawn, and what the shots came out as."""
    yield Heading("Asked for and drawn")
    if found.drawn is None:
        yield Paragraph(f"Not compared: {found.undrawn}.", "warn")
        return
    drawn, chance = found.drawn, found.chance_of_skew
    random = [each for each in drawn.parameters if parameter_charts.is_random(each.wanted)]
    yield Paragraph(
        "Asked for: each distribution of the recipe, with the defaults of its randomizers, exactly. Drawn: what "
        f"{drawn.shots} shots of the data set hold: each was drawn again from the recipe, up to the attempt that was "
        f"accepted; {drawn.same} came out as they are stored, to the last bit. The gap is the largest distance between "
        "the two cumulative distributions; by chance it stays below the bound printed beside it for all "
        f"{len(random)} parameters together in 99 of 100 data sets (Dvoretzky-Kiefer-Wolfowitz). Attempts that are "
        "rejected because of a value skew its distribution: ▲."
    )
    if not random:
        yield Paragraph("The recipe has no random parameter.")
        return
    order = sorted(random, key=lambda each: (each.gap <= chance(each), each.path))
    small = [drawing for each in order[:_CHARTS] if (drawing := parameter_charts.chart(each, chance(each)))]
    yield from panels.in_rows(small, "Blue: drawn. Orange: asked for.")
    yield Table(
        caption="All parameters",
        columns=(
            Column(title="Parameter", share=2.2),
            Column(title="Asked for", share=2.4),
            Column(title="Drawn", align="right"),
            Column(title="Rejected", align="right"),
            Column(title="Gap", align="right"),
            Column(title="Chance", align="right"),
        ),
        rows=tuple(
            Row(
                (
                    each.path.removeprefix("randomize."),
                    parameter_charts.asked(each),
                    str(len(each.accepted)),
                    str(len(each.rejected)),
                    f"{each.gap:.3f}",
                    f"{chance(each):.3f}",
                ),
                "warn" if each.gap > chance(each) else "plain",
            )
            for each in order
        ),
        note="Drawn and rejected count draws: a label's module size is drawn once for each label of a shot.",
    )


def came_out(found: Findings) -> Iterator[Block]:
    """Yield the numbers that differ between the shots that were read."""
    if len(found.stored) < 2:
        return
    series: dict[str, list[float]] = {}
    for shot in found.stored:
        for path, value in plan.numbers(shot):
            series.setdefault(path, []).append(value)
    values = {path: np.array(each) for path, each in series.items() if min(each) != max(each)}
    statistics = plan.Statistics(len(found.stored), 0, len(found.stored), {}, values)
    listed = forecast.summary(statistics, 0.0, len(found.stored))["values"]
    rows = tuple(
        Row(
            (
                name,
                str(each["count"]),
                *(number(each["quantiles"][q]) for q in ("0", "0.5", "1")),
                _bars(each["histogram"]),
            )
        )
        for name, each in list(listed.items())[:_ROWS]
    )
    yield Heading("What the shots came out as", 2)
    titles = (
        ("Number of the shot (SI)", "left"),
        ("Values", "right"),
        ("Least", "right"),
        ("Median", "right"),
        ("Most", "right"),
    )
    more = f" {len(listed) - _ROWS} more are left out." if len(listed) > _ROWS else ""
    yield Table(
        caption=f"Numbers that differ between the {len(found.stored)} shots that were read",
        columns=(*(Column(title=title, align=align) for title, align in titles), Column(title="Histogram")),
        rows=rows,
        note=f"As stored in shot.json; things of one kind (item_1, item_2) in one row.{more}",
    )


def _bars(counts: Sequence[int]) -> str:
    most = max(counts)
    return "".join(_BARS[-(-count * len(_BARS) // most) - 1] if count else " " for count in counts)
