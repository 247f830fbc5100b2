"""Charts that several reports draw: shares by class with their intervals, and the frame of an axis in per cent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from synthgen.reporting.axes import Axis
from synthgen.reporting.colours import BLUE, GRID, INK, PALE_BLUE, SOFT
from synthgen.reporting.intervals import wilson
from synthgen.reporting.numbers import count
from synthgen.reporting.svg import Svg, drawing, line, tag, text

QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)
HALF_WIDTH = 420.0
"""Of a page: two such charts stand side by side."""
_LEFT, _TOP, _TALL, _RIGHT = 46.0, 26.0, 130.0, 8.0


class ClassShare(NamedTuple):
    """How many of a class's members have a property."""

    label: str
    hits: int
    members: int


def shares_by_class(title: str, classes: Sequence[ClassShare], noun: str, wide: float = HALF_WIDTH) -> Svg:
    """Return the share of each class as a bar and a dot in its 95 % interval (Wilson), the class's size below.

    Args:
        title: what the share is of.
        classes: in the order in which they are drawn.
        noun: plural of what is counted, such as "codes".
        wide: width [units of the drawing].
    """
    step = (wide - _LEFT - _RIGHT) / max(len(classes), 1)
    slanted = any(6.0 * len(each.label) > step for each in classes)
    y = share_axis(_TOP, _TALL)
    foot = y(0.0) + (60.0 if slanted else 31.0)
    drawn = [heading(title), *share_lines(y, _LEFT, wide - _RIGHT)]
    for n, each in enumerate(classes):
        x = _LEFT + (n + 0.5) * step
        drawn += _class_mark(each, x, step, y)
        drawn.append(_class_label(each.label, x, y(0.0), slanted))
        drawn.append(
            text(x, foot, count(each.members), text_anchor="middle", fill=SOFT, font_size=9 if step > 32 else 8)
        )
    drawn.append(text(_LEFT - 6, foot, noun, text_anchor="end", fill=SOFT, font_size=9))
    return drawing(wide, foot + 6, *drawn)


def heading(title: str) -> Svg:
    """Return the title of a chart of half a page's width."""
    return text(0, 12, title, font_weight="bold", font_size=12)


def share_axis(top: float, tall: float) -> Axis:
    """Return an upright axis from 0 to 1, with its upper end at `top`."""
    return Axis(low=0.0, high=1.0, start=top + tall, end=top)


def share_lines(y: Axis, left: float, right: float, lines: bool = True) -> list[Svg]:
    """Return the marks of an upright axis of shares, in per cent, with lines across the chart."""
    drawn = [
        text(left - 6, y(share) + 4, f"{100 * share:.0f} %", text_anchor="end", font_size=10) for share in QUARTERS
    ]
    if lines:
        drawn += [line(left, y(share), right, y(share), stroke=GRID, stroke_width=0.6) for share in QUARTERS[1:]]
        drawn.append(line(left, y(0.0), right, y(0.0), stroke=INK))
    return drawn


def _class_mark(each: ClassShare, x: float, step: float, y: Axis) -> list[Svg]:
    """Return a class's bar, dot and interval; nothing for a class without members."""
    if not each.members:
        return []
    share, half = each.hits / each.members, min(step * 0.32, 22.0)
    low, high = wilson(each.hits, each.members)
    return [
        tag("rect", x=x - half, y=y(share), width=2 * half, height=y(0.0) - y(share), fill=PALE_BLUE),
        line(x, y(low), x, y(high), stroke=INK, stroke_width=1.4),
        *(line(x - 4, y(end), x + 4, y(end), stroke=INK, stroke_width=1.4) for end in (low, high)),
        tag("circle", cx=x, cy=y(share), r=3.0, fill=BLUE),
    ]


def _class_label(label: str, x: float, y: float, slanted: bool) -> Svg:
    if not slanted:
        return text(x, y + 15, label, text_anchor="middle", font_size=10.5)
    turn = f"rotate(-32 {x + 4:.1f} {y + 13:.1f})"
    return text(x + 4, y + 13, label, text_anchor="end", transform=turn, font_size=10.5)
