"""The false colours of ratio maps, and where a map crosses a level.

Light to dark with the ratio, so that a grey print keeps the order; the colour turns at the limit, and a line marks it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from synthgen.reporting.numbers import number

STEPS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
"""Shares of the allowed ratio at which the colour changes."""
COLOURS = ("#f7fbff", "#e1edf8", "#c4dbef", "#9cc4e4", "#6fa8d6", "#f6a04d", "#d9541e", "#8c1d0b")
"""One more than STEPS: blue where allowed, orange to red where not."""

Segment = tuple[tuple[float, float], tuple[float, float]]


def classes(ratio: np.ndarray, allowed: float) -> np.ndarray:
    """Return the index into COLOURS of each ratio; a ratio that equals the allowed one is allowed."""
    return np.searchsorted(np.array(STEPS) * allowed, ratio, side="left")


def runs(kinds: np.ndarray) -> Iterator[tuple[int, int, str]]:
    """Yield (first, end, colour) of the equal neighbours in one row of classes, so that each is one rectangle."""
    edges = [0, *(np.flatnonzero(np.diff(kinds)) + 1).tolist(), len(kinds)]
    for first, end in pairwise(edges):
        yield first, end, COLOURS[int(kinds[first])]


def labels(allowed: float) -> list[str]:
    """Return what each colour stands for."""
    bounds = [number(step * allowed) for step in STEPS]
    between = [f"{low} to {high}" for low, high in pairwise(bounds)]
    return [f"up to {bounds[0]}", *between, f"above {bounds[-1]}"]


def contour(ratio: np.ndarray, level: float) -> list[Segment]:
    """Return the line where a map crosses a level, as segments in (column, row) (marching squares, saddles by mean)."""
    found: list[Segment] = []
    for row in range(ratio.shape[0] - 1):
        for column in range(ratio.shape[1] - 1):
            values = ratio[row : row + 2, column : column + 2]
            if values.min() <= level < values.max():
                found += [
                    ((column + a[0], row + a[1]), (column + b[0], row + b[1])) for a, b in _cell(values.tolist(), level)
                ]
    return found


def coarser(ratio: np.ndarray, most: int) -> tuple[np.ndarray, int]:
    """Return the map with blocks replaced by their largest value, at most `most` cells wide and high; and the block."""
    block = max(math.ceil(max(ratio.shape) / most), 1)
    rows, columns = (math.ceil(size / block) for size in ratio.shape)
    padded = np.zeros((rows * block, columns * block))
    padded[: ratio.shape[0], : ratio.shape[1]] = ratio
    return padded.reshape(rows, block, columns, block).max(axis=(1, 3)), block


def _cell(values: list[list[float]], level: float) -> list[Segment]:
    (a, b), (d, c) = values  # corners in order around the cell: a b c d
    around = ((0.0, 0.0, a), (1.0, 0.0, b), (1.0, 1.0, c), (0.0, 1.0, d))
    crossed = []
    for (x0, y0, low), (x1, y1, high) in zip(around, (*around[1:], around[0]), strict=True):
        if (low > level) != (high > level):
            t = (level - low) / (high - low)
            crossed.append((x0 + t * (x1 - x0), y0 + t * (y1 - y0)))
    if len(crossed) == 4 and ((a + b + c + d) / 4.0 > level) == (a > level):
        crossed = [crossed[3], *crossed[:3]]
    return list(zip(crossed[::2], crossed[1::2], strict=True))
