"""The drawings of the page: recall by condition with its intervals, precision over recall."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from synthgen.evaluation.conditions import Bin
from synthgen.evaluation.precision import RECALLS, Curve
from synthgen.reporting.svg import Svg, drawing, line, tag, text

INK, GREY, FOUND, OTHER = "#1a1a1a", "#c9ced3", "#1f4e79", "#c05a00"
_LEFT, _TOP, _TALL = 46.0, 26.0, 150.0


def recall(title: str, bins: Sequence[Bin], wide: float = 420.0) -> Svg:
    """Return the recall of each bin as a bar with its 95 % interval, the number of codes below."""
    step = (wide - _LEFT - 8.0) / max(len(bins), 1)
    drawn = _frame(title, wide)
    for n, each in enumerate(bins):
        x, (low, high) = _LEFT + (n + 0.5) * step, each.interval
        half = min(step * 0.32, 22.0)
        drawn.append(
            tag("rect", x=x - half, y=_y(each.recall), width=2 * half, height=_y(0) - _y(each.recall), fill="#9db8d2")
        )
        drawn += [
            line(x, _y(low), x, _y(high), stroke=INK, stroke_width=1.4),
            line(x - 4, _y(low), x + 4, _y(low), stroke=INK, stroke_width=1.4),
            line(x - 4, _y(high), x + 4, _y(high), stroke=INK, stroke_width=1.4),
            tag("circle", cx=x, cy=_y(each.recall), r=3.0, fill=FOUND),
        ]
        drawn += _below(each, x, step)
    return drawing(wide, _y(0) + (66.0 if _slanted(bins, step) else 36.0), *drawn, *_labels(bins, step))


def precision(curves: Mapping[str, Curve], wide: float = 420.0) -> Svg:
    """Return precision over recall of codes of any symbology at IoU 0.5, boxes and quads."""
    drawn = _frame("precision over recall, any symbology, IoU 0.5", wide)
    span = wide - _LEFT - 8.0
    for n in range(6):
        x = _LEFT + span * n / 5
        drawn += [line(x, _y(1), x, _y(0), stroke=GREY, stroke_width=0.6)]
        drawn += [text(x, _y(0) + 14, f"{20 * n}", text_anchor="middle")]
    drawn.append(text(_LEFT + span, _y(0) + 28, "recall in %", text_anchor="end", fill="#444444"))
    for n, (form, each) in enumerate(curves.items()):
        colour, dash = ((FOUND, None), (OTHER, "6 3"))[n % 2]
        points = " ".join(
            f"{_LEFT + span * r:.1f},{_y(float(p)):.1f}" for r, p in zip(RECALLS, each.interpolated, strict=True)
        )
        drawn.append(tag("polyline", points=points, fill="none", stroke=colour, stroke_width=2, stroke_dasharray=dash))
        x = _LEFT + 8 + 150 * n
        drawn += [line(x, _y(0) + 24, x + 24, _y(0) + 24, stroke=colour, stroke_width=2, stroke_dasharray=dash)]
        drawn += [text(x + 30, _y(0) + 28, f"{form}, AP50 {100 * each.average:.1f} %" if each.judged else form)]
    return drawing(wide, _y(0) + 36, *drawn)


def _frame(title: str, wide: float) -> list[Svg]:
    drawn = [text(_LEFT, 15, title, font_size=13, font_weight="bold")]
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        drawn.append(line(_LEFT, _y(share), wide - 8, _y(share), stroke=GREY, stroke_width=0.6))
        drawn.append(text(_LEFT - 6, _y(share) + 4, f"{100 * share:.0f} %", text_anchor="end"))
    drawn.append(line(_LEFT, _y(0), wide - 8, _y(0), stroke=INK))
    return drawn


def _y(share: float) -> float:
    return _TOP + _TALL * (1 - share)


def _slanted(bins: Sequence[Bin], step: float) -> bool:
    return any(6.0 * len(each.label) > step for each in bins)


def _below(each: Bin, x: float, step: float) -> list[Svg]:
    """Return the number of codes, at the foot of its bar."""
    size = 10 if step > 32 else 8.5
    return [text(x, _y(0) - 4, str(each.codes), text_anchor="middle", font_size=size, fill="#333333")]


def _labels(bins: Sequence[Bin], step: float) -> list[Svg]:
    drawn = []
    for n, each in enumerate(bins):
        x = _LEFT + (n + 0.5) * step
        if _slanted(bins, step):
            turn = f"rotate(-32 {x + 4:.1f} {_y(0) + 13:.1f})"
            drawn.append(text(x + 4, _y(0) + 13, each.label, text_anchor="end", transform=turn, font_size=10.5))
        else:
            drawn.append(text(x, _y(0) + 15, each.label, text_anchor="middle"))
    return drawn
