"""Drawings of the evaluation page: recall by condition, precision over recall, symbologies taken for one another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from synthgen.evaluation.conditions import Bin
from synthgen.evaluation.precision import RECALLS, Curve
from synthgen.reporting.axes import Axis
from synthgen.reporting.charts import HALF_WIDTH, ClassShare, heading, share_axis, share_lines, shares_by_class
from synthgen.reporting.colours import BAD, BLUE, GRID, INK, SOFT, series
from synthgen.reporting.numbers import share
from synthgen.reporting.svg import Svg, drawing, line, tag, text


def recall(title: str, bins: Sequence[Bin]) -> Svg:
    """Return the recall of each bin with its 95 % interval, and the number of codes."""
    return shares_by_class(title, [ClassShare(each.label, each.found, each.codes) for each in bins], "codes")


def precision(curves: Mapping[str, Curve], wide: float = HALF_WIDTH) -> Svg:
    """Return precision over recall of codes of any symbology at IoU 0.5, boxes and quads."""
    y, x = share_axis(26.0, 150.0), Axis(low=0.0, high=1.0, start=46.0, end=wide - 8.0)
    drawn = [heading("precision over recall, any symbology, IoU 0.5"), *share_lines(y, x.start, x.end)]
    for n in range(6):
        at = x(n / 5)
        drawn += [line(at, y(1.0), at, y(0.0), stroke=GRID, stroke_width=0.6)]
        drawn += [text(at, y(0.0) + 14, f"{20 * n}", text_anchor="middle", font_size=10)]
    drawn.append(text(x.end, y(0.0) + 28, "recall in %", text_anchor="end", fill=SOFT))
    for n, (form, each) in enumerate(curves.items()):
        pairs = zip(RECALLS, each.interpolated, strict=True)
        points = " ".join(f"{x(float(r)):.1f},{y(float(p)):.1f}" for r, p in pairs)
        drawn.append(tag("polyline", points=points, fill="none", stroke_width=2, **series(n)))
        left, foot = x.start + 8 + 150 * n, y(0.0) + 28
        drawn += [line(left, foot - 4, left + 24, foot - 4, stroke_width=2, **series(n))]
        drawn += [text(left + 30, foot, f"{form}, AP50 {share(each.average)}" if each.judged else form)]
    return drawing(wide, y(0.0) + 36, *drawn)


def confusion(names: Sequence[str], counts: np.ndarray) -> Svg:
    """Return a square for each true symbology (rows) and what it was taken for (columns).

    Args:
        names: of the symbologies, in the order of the rows.
        counts: codes, shape (len(names), len(names) + 1); the last column counts the missed ones.
    """
    rows = [n for n in range(len(names)) if counts[n].sum()]
    columns = [n for n in range(len(names)) if counts[:, n].sum() or n in rows] + [len(names)]
    left, top, wide, high = 120.0, 96.0, 46.0, 24.0
    drawn = [text(left - 8, top - 8, "true symbology", text_anchor="end", font_weight="bold")]
    for m, column in enumerate(columns):
        x, words = left + (m + 0.6) * wide, [*names, "missed"][column]
        drawn.append(text(x, top - 8, words, transform=f"rotate(-45 {x:.1f} {top - 8:.1f})"))
    for n, row in enumerate(rows):
        y, total = top + n * high, counts[row].sum()
        drawn.append(text(left - 8, y + 16, names[row], text_anchor="end"))
        for m, column in enumerate(columns):
            part, colour = float(counts[row, column] / total), BLUE if column == row else BAD
            box = {"x": left + m * wide + 1, "y": y + 1, "width": wide - 2, "height": high - 2}
            drawn.append(tag("rect", fill=colour, fill_opacity=0.55 * part, stroke=GRID, stroke_width=0.5, **box))
            words = str(counts[row, column]) if counts[row, column] else "·"
            drawn.append(text(left + (m + 0.5) * wide, y + 16, words, text_anchor="middle", fill=INK))
    return drawing(left + len(columns) * wide + 70, top + len(rows) * high + 4, *drawn)
