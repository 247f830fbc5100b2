"""Drawings of a quality report, as SVG: small histograms in rows, a map of rates, bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from synthgen.reporting.axes import Axis
from synthgen.reporting.colours import BAD, BLUE, INK, ORANGE, SOFT, WARN
from synthgen.reporting.numbers import count, number
from synthgen.reporting.svg import Svg, drawing, line, tag, text

WIDTH = 812.0
_BAR = "#7f9fc0"
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
    for n, (word, all_of_them, part) in enumerate(rows):
        y = n * high
        drawn += [
            text(left - 8, y + 12, word, text_anchor="end"),
            tag("rect", x=left, y=y + 2, width=wide * all_of_them / most, height=high - 5, fill="#c3d3e3"),
            tag("rect", x=left, y=y + 2, width=wide * part / most, height=high - 5, fill=BLUE),
            text(left + wide * all_of_them / most + 6, y + 12, count(all_of_them) + told.format(count(part))),
        ]
    return drawing(WIDTH, len(rows) * high + 2, *drawn)


def _histogram(chart: Histogram, wide: float) -> list[Svg]:
    x = Axis(low=float(chart.edges[0]), high=float(chart.edges[-1]), start=0.0, end=wide, log=chart.log)
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
    if chart.mark is not None and x.low < chart.mark < x.high:
        drawn.append(line(x(chart.mark), 18, x(chart.mark), 18 + _TALL, stroke=BAD, stroke_dasharray="3 2"))
    drawn.append(line(0, 18 + _TALL, wide, 18 + _TALL, stroke=INK, stroke_width=0.8))
    for value in x.ticks():
        anchor = "start" if x(value) < 8 else "end" if x(value) > wide - 8 else "middle"
        drawn += [
            line(x(value), 18 + _TALL, x(value), 21 + _TALL, stroke=INK, stroke_width=0.8),
            text(x(value), 31 + _TALL, number(value), text_anchor=anchor, font_size=9.5),
        ]
    return [*drawn, text(0, 43 + _TALL, chart.note, fill=SOFT, font_size=9.5)]


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
            drawn.append(line(at, y - 1.5, at, y + high - 2.5, stroke=ORANGE, stroke_width=2.2))
    more = f"and {len(chart.words) - shown} more; " if len(chart.words) > shown else ""
    return [*drawn, text(0, 43 + _TALL, more + chart.note, fill=SOFT, font_size=9.5)]


def _title(chart: Small) -> Svg:
    unit = f" [{chart.unit}]" if isinstance(chart, Histogram) and chart.unit else ""
    sign = "▲ " if chart.tone == "warn" else ""
    words = chart.title + unit
    words = words if len(words) <= 36 else "…" + words[-35:]
    return text(0, 11, sign + words, font_weight="bold", font_size=10.5, fill=WARN if sign else INK)


def _steps(edges: Sequence[float], heights: np.ndarray) -> Svg:
    points = [f"M{edges[0]:.1f} {18 + _TALL:.1f}"]
    for n, height in enumerate(heights):
        points.append(f"V{18 + _TALL * (1 - float(height)):.1f}H{edges[n + 1]:.1f}")
    return tag("path", d="".join([*points, f"V{18 + _TALL:.1f}"]), fill="none", stroke=ORANGE, stroke_width=1.4)


def _cell(x: float, y: float, wide: float, high: float, codes: int, decoded: int) -> list[Svg]:
    share = decoded / codes if codes else 0.0
    step = min(int(share * len(_SHADES)), len(_SHADES) - 1)
    fill = _SHADES[step] if codes else "#f4f5f6"
    ink = "#ffffff" if codes and step in (0, 1, 6, 7) else INK
    faint = {} if not codes or codes >= 10 else {"fill_opacity": 0.55}
    words = f"{100 * share:.0f} %" if codes else "–"
    number = text(x + wide - 6, y + 16, count(codes) if codes else "", text_anchor="end", font_size=9, fill=ink)
    box = tag("rect", x=x + 1, y=y + 1, width=wide - 2, height=high - 2, fill=fill, **faint)
    return [box, text(x + 7, y + 16, words, fill=ink), number]
