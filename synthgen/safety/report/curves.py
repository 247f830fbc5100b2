"""Curves and views: the lamps' spectra, the ratio over the samples, the hazard map in a camera's view."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np

from synthgen.safety.record import CameraMap, Distribution
from synthgen.safety.report import scale
from synthgen.safety.report.svg import Svg, drawing, line, tag, text
from synthgen.safety.report.wording import number

_INK, _GREY, _BAD = "#1a1a1a", "#c9ced3", "#a4161a"
_COLOURS = ("#1f4e79", "#c05a00", "#4f7d2a", "#6a3d9a", "#7a7a00", "#8c1d0b")
_DASHES = (None, "7 3", "2 3", "9 3 2 3", "4 2", "1 2")
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
    left, top, wide, tall = 44.0, 10.0, 624.0, 105.0

    def at(nm: float) -> float:
        return left + (min(max(nm, low), high) - low) / (high - low) * wide

    drawn: list[Svg] = [tag("rect", x=left, y=top, width=wide, height=tall, fill="none", stroke=_INK)]
    step = scale.nice_length((high - low) / 5.0)
    for k in range(math.ceil(low / step), math.floor(high / step) + 1):
        drawn += [line(at(k * step), top, at(k * step), top + tall, stroke=_GREY, stroke_width=0.6),
                  text(at(k * step), top + tall + 14, number(k * step), text_anchor="middle")]  # fmt: skip
    drawn.append(text(left + wide, top + tall + 27, "wavelength in nm", text_anchor="end", fill="#444444"))
    drawn.append(text(left - 6, top + 8, "1", text_anchor="end"))
    drawn.append(text(left - 6, top + tall, "0", text_anchor="end"))
    for i, (_, nm, power) in enumerate(curves):
        kept = (nm >= low) & (nm <= high)
        heights = top + tall - power[kept] / power.max() * (tall - 6)
        points = " ".join(f"{at(float(x)):.1f},{y:.1f}" for x, y in zip(nm[kept], heights, strict=True))
        drawn.append(tag("polyline", points=points, fill="none", stroke_width=1.8, **_style(i)))
    y = top + tall + 42
    for i, (name, _, _) in enumerate(curves):
        drawn += [line(left, y - 4, left + 28, y - 4, stroke_width=1.8, **_style(i)), text(left + 36, y, name)]
        y += 15
    for name, first, last in _RANGES:
        if first < high and last > low:
            words = f"{name}, {number(first)} to {number(last)} nm"
            inside = at(last) - at(first) > 5.0 * len(words)
            x = at(first) + 4 if inside else at(last) + 5 if at(last) + 230 < left + wide else at(first) - 5
            anchor = "end" if x < at(first) else "start"
            drawn.append(tag("rect", x=at(first), y=y - 7, width=at(last) - at(first), height=11, fill="#cfd6dc"))
            drawn.append(text(x, y + 2, words, font_size=9.5, text_anchor=anchor))
            y += 13
    return drawing(680, y, *drawn)


def distribution(found: Distribution, allowed: float) -> Svg:
    """Return the share of samples whose worst ratio is at most x, over x on a logarithmic axis."""
    ratios = np.sort([max(sample.ratio, 1e-9) for sample in found.samples])
    low = math.floor(math.log10(min(ratios[0], allowed) * 0.99))
    high = math.ceil(math.log10(max(ratios[-1], allowed) * 1.01))
    left, top, wide, tall = 52.0, 14.0, 610.0, 150.0

    def at(ratio: float) -> float:
        return left + (math.log10(ratio) - low) / (high - low) * wide

    over = tag("rect", x=at(allowed), y=top, width=left + wide - at(allowed), height=tall, fill="#fbe3dc")
    drawn: list[Svg] = [over, tag("rect", x=left, y=top, width=wide, height=tall, fill="none", stroke=_INK)]
    for k in range(low, high + 1):
        drawn += [line(at(10.0**k), top, at(10.0**k), top + tall, stroke=_GREY, stroke_width=0.6),
                  text(at(10.0**k), top + tall + 14, number(10.0**k), text_anchor="middle")]  # fmt: skip
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        drawn.append(text(left - 6, top + tall * (1 - share) + 4, f"{100 * share:.0f} %", text_anchor="end"))
    steps = [f"M{at(float(ratios[0])):.1f} {top + tall:.1f}"]
    for i, ratio in enumerate(ratios, 1):
        steps.append(f"H{at(float(ratio)):.1f}V{top + tall * (1 - i / len(ratios)):.1f}")
    drawn.append(tag("path", d="".join(steps), fill="none", stroke="#1f4e79", stroke_width=2.0))
    drawn += [line(at(allowed), top - 6, at(allowed), top + tall, stroke=_BAD, stroke_width=2.0),
              text(at(allowed) + 4, top + 11, f"allowed: {number(allowed)}", fill=_BAD, font_weight="bold"),
              text(left + wide, top + tall + 28, "worst ratio of a sample", text_anchor="end", fill="#444444"),
              text(left, top + tall + 28, "share of samples with at most this ratio", fill="#444444")]  # fmt: skip
    return drawing(680, top + tall + 36, *drawn)


def camera_view(found: CameraMap, allowed: float) -> Svg:
    """Return the map of ratios in a camera's view, in false colour, with its maximum marked."""
    ratio, block = scale.coarser(np.asarray(found.ratio), 80)
    rows, columns = ratio.shape
    size, left = 676.0 / columns, 2.0
    kinds = scale.classes(ratio, allowed)
    cells = []
    for row, kinds_of_row in enumerate(kinds):
        edges = [0, *(np.flatnonzero(np.diff(kinds_of_row)) + 1).tolist(), columns]
        for start, end in pairwise(edges):
            place = {"x": left + start * size, "y": row * size + 2, "width": (end - start) * size + 0.5}
            cells.append(tag("rect", fill=scale.COLOURS[int(kinds_of_row[start])], height=size + 0.5, **place))
    per_cell = found.pixels_per_cell * block
    x, y = left + found.at_px[0] / per_cell * size, 2 + found.at_px[1] / per_cell * size
    frame = tag("rect", x=left, y=2.0, width=size * columns, height=size * rows, fill="none", stroke=_INK)
    rings = (tag("circle", cx=x, cy=y, r=14, fill="none", stroke=colour, stroke_width=width)
             for colour, width in (("#ffffff", 8.0), (_BAD, 4.5)))  # fmt: skip
    return drawing(680, rows * size + 6, tag("g", *cells, shape_rendering="crispEdges"), frame, *rings)


def _style(index: int) -> dict[str, str | None]:
    return {"stroke": _COLOURS[index % 6], "stroke_dasharray": _DASHES[index % 6]}


def _shown_nm(curves: list[tuple[str, np.ndarray, np.ndarray]]) -> tuple[float, float]:
    """Return the range outside of which no curve has a thousandth of its maximum, in hundreds of nm."""
    lit = np.concatenate([nm[power > 1e-3 * power.max()] for _, nm, power in curves])
    return math.floor(lit.min() / 100.0) * 100.0, max(math.ceil(lit.max() / 100.0) * 100.0, 800.0)
