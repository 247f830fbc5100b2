"""The part of the quality report on codes: what they are like, which are read, and why others are not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from synthgen.quality import charts, panels
from synthgen.quality.census import Rate
from synthgen.quality.findings import Findings
from synthgen.quality.histogram_axes import AXES, MODULE, TILT
from synthgen.reporting.charts import ClassShare, shares_by_class
from synthgen.reporting.document import Block, Column, Gallery, Heading, Paragraph, Row, Table
from synthgen.reporting.intervals import wilson
from synthgen.reporting.numbers import share_of
from synthgen.reporting.svg import Svg


def codes(found: Findings) -> Iterator[Block]:
    """Yield what the codes in view are like and which of them are read."""
    c = found.counted
    yield Heading("The codes in view")
    if not c.in_view.sum():
        yield Paragraph("There is none.", "warn")
        return
    small = [
        charts.Histogram(
            title=axis.title,
            unit=axis.unit,
            edges=axis.edges,
            counts=counts.sum(axis=0),
            log=axis.log,
            mark=2.5 if n == MODULE else None,
            note=_ends(axis.name),
        )
        for n, (axis, counts) in enumerate(zip(AXES, c.histograms, strict=True))
    ]
    yield from panels.in_rows(small, "Codes by what a reader meets; each counts once in every view it is in.")
    yield Heading("Which are read", 2)
    shown = [axis for axis in AXES if axis.name != "distance_m"]
    figures = [
        panels.figure(_rates(f"by {axis.title}{f' [{axis.unit}]' if axis.unit else ''}", axis.words, rates), "")
        for axis, rates in zip(AXES, c.rates, strict=True)
        if axis in shown
    ]
    names = list(c.symbologies)
    figures.append(
        panels.figure(_rates("by symbology", [n[:10] for n in names[:8]], [c.symbologies[n][0] for n in names[:8]]), "")
    )
    yield Gallery(tuple(figures))
    yield Paragraph(
        "Bars and dots are the share of codes that zxing-cpp reads from the plain crop, lines its 95 % interval "
        "(Wilson). Views of one code are counted as if they were independent.",
        "muted",
    )
    caption = "Decode rate by tilt (columns) and module size (rows); small: codes; pale below 10 of them."
    joint = charts.rate_map(AXES[TILT].words, AXES[MODULE].words, c.by_module_and_tilt, "tilt [°]", "module size [px]")
    yield panels.figure(joint, caption)
    yield _symbologies(found)
    yield Heading("Why codes are not read", 2)
    missed = sorted(((n, clear, name) for name, (n, clear) in c.reasons.items() if name != "readable"), reverse=True)
    rows = [(name.replace("_", " "), n, clear) for n, clear, name in missed]
    if not rows:
        yield Paragraph("Every code in view was read.", "good")
        return
    caption = (
        "Codes in view by the reason that was found for it; dark: clear ones (2.5 px per module or more, not occluded, "
    )
    yield panels.figure(charts.bars(rows, "of them clear"), f"{caption}not cut by the edge).")


def _symbologies(found: Findings) -> Table:
    titles = ("Codes", "Decoded", "95 %", "Clear", "Clear decoded", "95 %")
    return Table(
        caption="By symbology",
        columns=(Column(title="Symbology"), *(Column(title=title, align="right") for title in titles)),
        rows=tuple(
            Row(
                (
                    name,
                    str(every.count),
                    share_of(every.decoded, every.count),
                    _span(every),
                    str(clear.count),
                    share_of(clear.decoded, clear.count),
                    _span(clear),
                )
            )
            for name, (every, clear) in found.counted.symbologies.items()
        ),
    )


def _rates(title: str, words: Sequence[str], rates: Sequence[Rate]) -> Svg:
    classes = [ClassShare(word, rate.decoded, rate.count) for word, rate in zip(words, rates, strict=True)]
    return shares_by_class(title, classes, "codes")


def _ends(name: str) -> str:
    return "outermost bins are open" + ("; dashed: fine from here" if name == "module_px_min" else "")


def _span(rate: Rate) -> str:
    low, high = wilson(rate.decoded, rate.count)
    return f"{100 * low:.0f}–{100 * high:.0f} %" if rate.count else "–"
