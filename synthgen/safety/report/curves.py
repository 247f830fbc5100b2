"""Curves and views: the lamps' spectra, the ratio over the samples, the hazard map in a camera's view."""

from __future__ import annotations

import math

import numpy as np

from synthgen.reporting.axes import Axis, ticks
from synthgen.reporting.charts import share_axis, share_lines
from synthgen.reporting.colours import BAD, BLUE, GRID, INK, SOFT, series
from synthgen.reporting.numbers import number
from synthgen.reporting.svg import Svg, drawing, line, tag, text
from synthgen.safety.record import CameraMap, Distribution
from synthgen.safety.report import scale

_RANGES = (
    ("actinic ultraviolet S(λ)", 200.0, 400.0),
    ("near ultraviolet", 315.0, 400.0),
    ("blue light B(λ)", 300.0, 700.0),
    ("heat on the retina R(λ)", 380.0, 1400.0),
    ("infrared, cornea and lens", 780.0, 3000.0),
)


def spectra(curves: list[tuple[str, np.ndarray, np.ndarray]]) -> Svg:
    """Return the spectra, each curve (name, nm, W/nm) to its own maximum, over the hazards' ranges."""
    low, high = _shown_nm(curves)
    top, tall = 10.0, 105.0
    x = Axis(low=low, high=high, start=44.0, end=668.0)
    drawn = [_frame(x, top, tall), *_marks(x, top, tall)]
    drawn.append(text(x.end, top + tall + 27, "wavelength in nm", text_anchor="end", fill=SOFT))
    drawn.append(text(x.start - 6, top + 8, "1", text_anchor="end"))
    drawn.append(text(x.start - 6, top + tall, "0", text_anchor="end"))
    for i, (_, nm, power) in enumerate(curves):
        kept = (nm >= low) & (nm <= high)
        heights = top + tall - power[kept] / power.max() * (tall - 6)
        points = " ".join(f"{x(float(at)):.1f},{y:.1f}" for at, y in zip(nm[kept], heights, strict=True))
        drawn.append(tag("polyline", points=points, fill="none", stroke_width=1.8, **series(i)))
    y = top + tall + 42
    for i, (name, _, _) in enumerate(curves):
        drawn += [line(x.start, y - 4, x.start + 28, y - 4, stroke_width=1.8, **series(i)), text(x.start + 36, y, name)]
        y += 15
    for name, first, last in _RANGES:
        if first < high and last > low:
            drawn += _range(x, y, name, first, last)
            y += 13
    return drawing(680, y, *drawn)


def distribution(found: Distribution, allowed: float) -> Svg:
    """Return the share of samples whose worst ratio is at most x, over x on a logarithmic axis."""
    ratios = np.sort([max(sample.ratio, 1e-9) for sample in found.samples])
    low = math.floor(math.log10(min(ratios[0], allowed) * 0.99))
    high = math.ceil(math.log10(max(ratios[-1], allowed) * 1.01))
    top, tall = 14.0, 150.0
    x, y = Axis(low=10.0**low, high=10.0**high, start=52.0, end=662.0, log=True), share_axis(top, tall)
    over = tag("rect", x=x(allowed), y=top, width=x.end - x(allowed), height=tall, fill="#fbe3dc")
    drawn = [over, _frame(x, top, tall), *_marks(x, top, tall), *share_lines(y, x.start, x.end, lines=False)]
    steps = [f"M{x(float(ratios[0])):.1f} {y(0.0):.1f}"]
    steps += [f"H{x(float(ratio)):.1f}V{y(i / len(ratios)):.1f}" for i, ratio in enumerate(ratios, 1)]
    drawn.append(tag("path", d="".join(steps), fill="none", stroke=BLUE, stroke_width=2.0))
    drawn += [line(x(allowed), top - 6, x(allowed), top + tall, stroke=BAD, stroke_width=2.0),
              text(x(allowed) + 4, top + 11, f"allowed: {number(allowed)}", fill=BAD, font_weight="bold"),
              text(x.end, top + tall + 28, "worst ratio of a sample", text_anchor="end", fill=SOFT),
              text(x.start, top + tall + 28, "share of samples with at most this ratio", fill=SOFT)]  # fmt: skip
    return drawing(680, top + tall + 36, *drawn)


def camera_view(found: CameraMap, allowed: float) -> Svg:
    """Return the map of ratios in a camera's view, in false colour, with its maximum marked."""
    ratio, block = scale.coarser(np.asarray(found.ratio), 80)
    rows, columns = ratio.shape
    size, left = 676.0 / columns, 2.0
    kinds = scale.classes(ratio, allowed)
    cells = []
    for row, kinds_of_row in enumerate(kinds):
        for start, end, colour in scale.runs(kinds_of_row):
            place = {"x": left + start * size, "y": row * size + 2, "width": (end - start) * size + 0.5}
            cells.append(tag("rect", fill=colour, height=size + 0.5, **place))
    per_cell = found.pixels_per_cell * block
    x, y = left + found.at_px[0] / per_cell * size, 2 + found.at_px[1] / per_cell * size
    frame = tag("rect", x=left, y=2.0, width=size * columns, height=size * rows, fill="none", stroke=INK)
    rings = (tag("circle", cx=x, cy=y, r=14, fill="none", stroke=colour, stroke_width=width)
             for colour, width in (("#ffffff", 8.0), (BAD, 4.5)))  # fmt: skip
    return drawing(680, rows * size + 6, tag("g", *cells, shape_rendering="crispEdges"), frame, *rings)


def _frame(x: Axis, top: float, tall: float) -> Svg:
    return tag("rect", x=x.start, y=top, width=x.end - x.start, height=tall, fill="none", stroke=INK)


def _marks(x: Axis, top: float, tall: float) -> list[Svg]:
    """Return the marked values of a lying axis, each with a line across the frame."""
    marks = ((x(value), number(value)) for value in ticks(x.low, x.high, log=x.log))
    return [part for at, words in marks
            for part in (line(at, top, at, top + tall, stroke=GRID, stroke_width=0.6),
                         text(at, top + tall + 14, words, text_anchor="middle"))]  # fmt: skip


def _range(x: Axis, y: float, name: str, first: float, last: float) -> list[Svg]:
    """Return a hazard's range of wavelengths as a bar, its name inside where it fits, else beside it."""
    words = f"{name}, {number(first)} to {number(last)} nm"
    inside = x(last) - x(first) > 5.0 * len(words)
    at = x(first) + 4 if inside else x(last) + 5 if x(last) + 230 < x.end else x(first) - 5
    anchor = "end" if at < x(first) else "start"
    return [
        tag("rect", x=x(first), y=y - 7, width=x(last) - x(first), height=11, fill="#cfd6dc"),
        text(at, y + 2, words, font_size=9.5, text_anchor=anchor),
    ]


def _shown_nm(curves: list[tuple[str, np.ndarray, np.ndarray]]) -> tuple[float, float]:
    """Return the range outside of which no curve has a thousandth of its maximum, in hundreds of nm."""
    lit = np.concatenate([nm[power > 1e-3 * power.max()] for _, nm, power in curves])
    return math.floor(lit.min() / 100.0) * 100.0, max(math.ceil(lit.max() / 100.0) * 100.0, 800.0)
