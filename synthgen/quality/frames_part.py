"""The part of the quality report on frames: black, saturated, flat, alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from synthgen.quality import census, charts, frames, panels
from synthgen.quality.findings import Findings
from synthgen.reporting.document import Block, Column, Heading, Paragraph, Row, Table
from synthgen.reporting.intervals import wilson
from synthgen.reporting.numbers import percent, share

_FAULTS = (
    ("black", f"99.9 % of the pixels below {frames.BLACK_DN} DN"),
    ("saturated", f"more than {percent(frames.SATURATED_SHARE)} of the pixels at or above {frames.FULL_DN} DN"),
    ("flat", f"the middle 98 % of the pixels span less than {frames.FLAT_DN} DN"),
)
_ALIKE = (
    f"no mean of {frames.BLOCKS} x {frames.BLOCKS} blocks differs, at equal brightness, by more than "
    f"{frames.ALIKE_DN:g} DN"
)


def pixels(found: Findings) -> Iterator[Block]:
    """Yield faults of frames."""
    looked, total = len(found.frames), int(found.counted.samples.sum())
    yield Heading("Frames")
    yield Paragraph(
        f"Pixels of {looked} of {total} samples were read, one at random in each of {looked} equal stretches."
    )
    yield _faults(found)
    small = [
        _levels("mean level", [each.mean_dn for each in found.frames], 256.0, "DN"),
        _levels("saturated pixels", [100 * each.saturated_share for each in found.frames], 100.0, "%"),
        charts.Histogram(
            title="median signal",
            unit="of saturation",
            edges=census.SHARE_EDGES,
            counts=found.counted.signal_histogram,
            note="all samples, lit pixels",
        ),
    ]
    yield from panels.in_rows(small, "Levels of the frames.")
    if found.alike.shown:
        yield _alike(found)


def _faults(found: Findings) -> Table:
    looked, total = len(found.frames), int(found.counted.samples.sum())
    rows = []
    for name, when in _FAULTS:
        hits = sum(name in each.faults for each in found.frames)
        low, high = wilson(hits, looked)
        rows.append(Row((name, when, str(hits), f"{share(low)} to {share(high)}"), "warn" if hits else "good"))
    alike, empty = found.alike.frames, int(found.counted.empty.sum())
    rows.append(Row(("nearly alike", _ALIKE, str(alike), "of those read only"), "warn" if alike else "good"))
    rows.append(Row(("empty view", "no code in view; all samples counted", str(empty), share(empty / max(1, total)))))
    columns = (
        Column(title="Frames"),
        Column(title="When", share=3.0),
        Column(title="Found", align="right"),
        Column(title="Of all, 95 %", align="right"),
    )
    return Table(caption="Faults of frames", columns=columns, rows=tuple(rows))


def _alike(found: Findings) -> Table:
    return Table(
        caption="Frames that are nearly alike, across splits first",
        columns=(
            Column(title="One", share=1.0),
            Column(title="Other", share=1.0),
            Column(title="Distance [DN]", align="right"),
        ),
        rows=tuple(
            Row((*pair.keys, f"{pair.distance_dn:.1f}"), "bad" if pair.across else "warn")
            for pair in found.alike.shown[:12]
        ),
        note=f"{found.alike.pairs} pairs in all, {found.alike.across} across splits.",
    )


def _levels(title: str, values: Sequence[float], high: float, unit: str) -> charts.Histogram:
    edges = np.linspace(0.0, high, 33)
    return charts.Histogram(
        title=title,
        unit=unit,
        edges=edges,
        counts=np.histogram(np.clip(values, 0, high), edges)[0],
        note="samples that were read",
    )
