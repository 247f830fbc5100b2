"""Drawings of a quality report, as SVG: small histograms in rows, rates with their intervals, a map of rates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from synthgen.quality.census import Rate
from synthgen.reporting.intervals import wilson
from synthgen.reporting.numbers import number
from synthgen.reporting.svg import Svg, drawing, line, tag, text

WIDTH = 812.0
_INK, _SOFT, _GRID, _BAR, _ASKED, _BAD = "#1a1a1a", "#555555", "#dfe3e6", "#7f9fc0", "#c05a00", "#a4161a"
_GAP = 22.0
_TALL = 74.0
_SHADES = ("#a4161a", "#cf5a3c", "#e8a06b", "#f3d9a8", "#d5e3b5", "#9cc48c", "#4f8f5b", "#1b5e20")
"""Of rates, from 0 to 1 in equal steps: dark at both ends, so that a grey print keeps the extremes."""


@dataclass(frozen=True, kw_only=True)
class Histogram:
    """A small histogram."""

    title: str
    edges: np.ndarray
    counts: np.ndarray
    unit: str = ""
    log: bool = False
    asked: np.ndarray | None = None
    """Share of each bin that was asked for: drawn as a line of steps over the bars."""
    mark: float | None = None
    """A value that matters."""
    note: str = ""
    tone: str = "plain"


@dataclass(frozen=True, kw_only=True)
class Shares:
    """A small chart of words and how often each came."""

    title: str
    words: tuple[str, ...]
    counts: np.ndarray
    asked: np.ndarray | None = None
    note: str = ""
    tone: str = "plain"


Small = Histogram | Shares


def row(charts: Sequence[Small], across: int = 3) -> Svg:
    """Return up to `across` small charts side by side."""
    wide = (WIDTH - (across - 1) * _GAP) / across
    parts = [
        tag(
            "g",
            *(_histogram(chart, wide) if isinstance(chart, Histogram) else _shares(chart, wide)),
            transform=f"translate({n * (wide + _GAP):.1f} 0)",
        )
        for n, chart in enumerate(charts)
    ]
    return drawing(WIDTH, 14 + _TALL + 34, *parts)


def rates(title: str, words: Sequence[str], found: Sequence[Rate], wide: float = 394.0) -> Svg:
    """Return the decode rate of each class as a dot in its 95 % interval, with the number of codes below."""
    left, top, tall = 34.0, 20.0, 100.0
    each = (wide - left - 4) / max(1, len(words))

    def y(share: float) -> float:
        return top + tall * (1 - share)

    drawn: list[Svg] = [text(0, 11, title, font_weight="bold")]
    for share in (0.0, 0.5, 1.0):
        drawn += [
            line(left, y(share), wide, y(share), stroke=_GRID),
            text(left - 5, y(share) + 4, f"{100 * share:.0f} %", text_anchor="end", fill=_SOFT, font_size=9.5),
        ]
    for n, (word, rate) in enumerate(zip(words, found, strict=True)):
        x = left + (n + 0.5) * each
        drawn.append(text(x, top + tall + 13, word, text_anchor="middle", font_size=9.5))
        drawn.append(text(x, top + tall + 25, _count(rate.count), text_anchor="middle", fill=_SOFT, font_size=9))
        if rate.count:
            low, high = wilson(rate.decoded, rate.count)
            drawn += [
                line(x, y(low), x, y(high), stroke="#1f4e79", stroke_width=5.0, stroke_opacity=0.3),
                tag("circle", cx=x, cy=y(rate.decoded / rate.count), r=3.2, fill="#1f4e79"),
            ]
    drawn.append(text(left - 5, top + tall + 25, "codes", text_anchor="end", fill=_SOFT, font_size=9))
    return drawing(wide, top + tall + 30, *drawn)


def rate_map(across: Sequence[str], down: Sequence[str], found: np.ndarray, across_title: str, down_title: str) -> Svg:
    """Return decode rates over two conditions: `found` holds (codes, decoded), shape (down, across, 2)."""
    left, top, high = 96.0, 34.0, 24.0
    wide = (WIDTH - left) / len(across)
    drawn: list[Svg] = [text(left, 11, across_title, font_weight="bold"), text(0, 26, down_title, font_weight="bold")]
    for n, word in enumerate(across):
        drawn.append(text(left + (n + 0.5) * wide, 27, word, text_anchor="middle"))
    for m, word in enumerate(down):
        y = top + m * high
        drawn.append(text(left - 8, y + 16, word, text_anchor="end"))
        for n in range(len(across)):
            drawn += _cell(left + n * wide, y, wide, high, int(found[m, n, 0]), int(found[m, n, 1]))
    return drawing(WIDTH, top + len(down) * high + 2, *drawn)


def bars(rows: Sequence[tuple[str, int, int]], part_word: str = "") -> Svg:
    """Return a bar a row, (word, all, a part of it): the part is drawn darker, and told where it has a word."""
    most, left, wide, high = max((n for _, n, _ in rows), default=1), 130.0, 520.0, 17.0
    drawn: list[Svg] = []
    told = f", {{}} {part_word}" if part_word else ""
    for n, (word, count, part) in enumerate(rows):
        y = n * high
        drawn += [
            text(left - 8, y + 12, word, text_anchor="end"),
            tag("rect", x=left, y=y + 2, width=wide * count / most, height=high - 5, fill="#c3d3e3"),
            tag("rect", x=left, y=y + 2, width=wide * part / most, height=high - 5, fill="#1f4e79"),
            text(left + wide * count / most + 6, y + 12, _count(count) + told.format(_count(part))),
        ]
    return drawing(WIDTH, len(rows) * high + 2, *drawn)


def _histogram(chart: Histogram, wide: float) -> list[Svg]:
    low, high = float(chart.edges[0]), float(chart.edges[-1])

    def x(value: float) -> float:
        if chart.log:
            return wide * (math.log(value / low) / math.log(high / low))
        return wide * (value - low) / (high - low)

    total = max(1, int(chart.counts.sum()))
    shares = chart.counts / total
    most = max(float(shares.max(initial=0)), float(chart.asked.max(initial=0)) if chart.asked is not None else 0, 1e-9)
    drawn = [_title(chart)]
    for n, share in enumerate(shares):
        tall = _TALL * float(share) / most
        place = {"x": x(chart.edges[n]), "width": max(x(chart.edges[n + 1]) - x(chart.edges[n]) - 0.6, 0.5)}
        if share:
            drawn.append(tag("rect", y=18 + _TALL - tall, height=max(tall, 0.8), fill=_BAR, **place))
    if chart.asked is not None:
        drawn.append(_steps([x(edge) for edge in chart.edges], chart.asked / most))
    if chart.mark is not None and low < chart.mark < high:
        drawn.append(line(x(chart.mark), 18, x(chart.mark), 18 + _TALL, stroke=_BAD, stroke_dasharray="3 2"))
    drawn.append(line(0, 18 + _TALL, wide, 18 + _TALL, stroke=_INK, stroke_width=0.8))
    for value in _ticks(low, high, chart.log):
        anchor = "start" if x(value) < 8 else "end" if x(value) > wide - 8 else "middle"
        drawn += [
            line(x(value), 18 + _TALL, x(value), 21 + _TALL, stroke=_INK, stroke_width=0.8),
            text(x(value), 31 + _TALL, number(value), text_anchor=anchor, font_size=9.5),
        ]
    return [*drawn, text(0, 43 + _TALL, chart.note, fill=_SOFT, font_size=9.5)]


def _shares(chart: Shares, wide: float) -> list[Svg]:
    total = max(1, int(chart.counts.sum()))
    most = max(float(chart.counts.max(initial=0)) / total, float(np.max(chart.asked)) if chart.asked is not None else 0)
    shown = min(len(chart.words), 6)
    high, left = _TALL / max(shown, 3), 0.42 * wide
    drawn = [_title(chart)]
    for n in range(shown):
        share, y = float(chart.counts[n]) / total, 20 + n * high
        long = (wide - left - 34) / max(most, 1e-9)
        hoped = float(chart.asked[n]) if chart.asked is not None else 0.0
        word = chart.words[n] if len(chart.words[n]) <= 14 else chart.words[n][:13] + "…"
        drawn += [
            text(left - 5, y + high / 2 + 2, word, text_anchor="end", font_size=9.5),
            tag("rect", x=left, y=y, width=long * share, height=high - 4, fill=_BAR),
            text(left + long * max(share, hoped) + 5, y + high / 2 + 2, f"{100 * share:.0f} %", font_size=9.5),
        ]
        if chart.asked is not None:
            at = left + long * hoped
            drawn.append(line(at, y - 1.5, at, y + high - 2.5, stroke=_ASKED, stroke_width=2.2))
    more = f"and {len(chart.words) - shown} more; " if len(chart.words) > shown else ""
    return [*drawn, text(0, 43 + _TALL, more + chart.note, fill=_SOFT, font_size=9.5)]


def _title(chart: Small) -> Svg:
    unit = f" [{chart.unit}]" if isinstance(chart, Histogram) and chart.unit else ""
    sign = "▲ " if chart.tone == "warn" else ""
    words = chart.title + unit
    words = words if len(words) <= 36 else "…" + words[-35:]
    return text(0, 11, sign + words, font_weight="bold", font_size=10.5, fill="#8a5a00" if sign else _INK)


def _steps(edges: Sequence[float], heights: np.ndarray) -> Svg:
    points = [f"M{edges[0]:.1f} {18 + _TALL:.1f}"]
    for n, height in enumerate(heights):
        points.append(f"V{18 + _TALL * (1 - float(height)):.1f}H{edges[n + 1]:.1f}")
    return tag("path", d="".join([*points, f"V{18 + _TALL:.1f}"]), fill="none", stroke=_ASKED, stroke_width=1.4)


def _cell(x: float, y: float, wide: float, high: float, count: int, decoded: int) -> list[Svg]:
    share = decoded / count if count else 0.0
    step = min(int(share * len(_SHADES)), len(_SHADES) - 1)
    fill = _SHADES[step] if count else "#f4f5f6"
    ink = "#ffffff" if count and step in (0, 1, 6, 7) else _INK
    faint = {} if not count or count >= 10 else {"fill_opacity": 0.55}
    words = f"{100 * share:.0f} %" if count else "–"
    number = text(x + wide - 6, y + 16, _count(count) if count else "", text_anchor="end", font_size=9, fill=ink)
    box = tag("rect", x=x + 1, y=y + 1, width=wide - 2, height=high - 2, fill=fill, **faint)
    return [box, text(x + 7, y + 16, words, fill=ink), number]


def _ticks(low: float, high: float, log: bool) -> list[float]:
    """Return three to six round values in a range."""
    if log:
        powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        decades = math.log10(high / low)
        factors = (1, 2, 5) if decades < 2.1 else (1,)
        found = [f * 10.0**n for n in powers for f in factors if low * 0.999 <= f * 10.0**n <= high * 1.001]
        return found if len(found) > 1 else [low, high]
    step = 10.0 ** math.floor(math.log10((high - low) / 3))
    step *= next(f for f in (10, 5, 2, 1) if (high - low) / (f * step) >= 2.99) if (high - low) / step >= 2.99 else 1
    first = math.ceil(low / step - 1e-9)
    ticks = [round(n * step, 12) for n in range(first, math.floor(high / step + 1e-9) + 1)]
    return ticks if len(ticks) <= 6 else ticks[::2]


def _count(n: int) -> str:
    return f"{n:,}".replace(",", " ")
