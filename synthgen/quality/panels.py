"""How parts of the quality report lay out their drawings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from synthgen.quality import charts
from synthgen.reporting.document import Block, Figure
from synthgen.reporting.svg import Svg

_ACROSS = 3


def in_rows(small: Sequence[charts.Small], caption: str) -> Iterator[Block]:
    """Yield small charts, some a row, with one caption below."""
    for start in range(0, len(small), _ACROSS):
        last = start + _ACROSS >= len(small)
        yield figure(charts.row(small[start : start + _ACROSS], _ACROSS), caption if last else "")


def figure(svg: Svg, caption: str) -> Figure:
    """Return a drawing as a block."""
    return Figure(svg=svg, caption=caption, alt=caption or "chart")
