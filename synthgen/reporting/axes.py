"""Axes of drawings: where a value lies, and which round values are marked."""

from __future__ import annotations

import math
from dataclasses import dataclass

MOST_STEPS = 6
"""Of a linear axis, or decades of a logarithmic one, that are marked."""


@dataclass(frozen=True, kw_only=True)
class Axis:
    """Values from `low` to `high`, drawn from `start` to `end` [units of the drawing]."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> float:
        """Return where a value lies in the drawing; a value outside the axis lies at the nearer end.

        >>> Axis(low=1, high=100, start=0, end=200, log=True)(10)
        100.0
        """
        value = min(max(value, self.low), self.high)
        if self.log:
            share = math.log(value / self.low) / math.log(self.high / self.low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return self.start + (self.end - self.start) * share

    def ticks(self) -> list[float]:
        """Return the values to mark."""
        return ticks(self.low, self.high, log=self.log)


def ticks(low: float, high: float, *, log: bool = False) -> list[float]:
    """Return round values within a range, about three to seven; the range's ends where fewer than two are round.

    >>> ticks(0, 90), ticks(0.5, 16, log=True), ticks(1e-9, 10, log=True)
    ([0.0, 20.0, 40.0, 60.0, 80.0], [0.5, 1.0, 2.0, 5.0, 10.0], [1e-09, 1e-07, 1e-05, 0.001, 0.1, 10.0])
    """
    if not log:
        step = round_up((high - low) / MOST_STEPS)
        found = [n * step for n in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]
    else:
        first, last = math.floor(math.log10(low) + 1e-9), math.ceil(math.log10(high) - 1e-9)
        every = max(1, math.ceil((last - first) / MOST_STEPS))
        factors = (1, 2, 5) if math.log10(high / low) <= 2.1 else (1,)
        powers = [factor * 10.0**n for n in range(first, last + 1, every) for factor in factors]
        found = [tick for tick in powers if low * (1 - 1e-9) <= tick <= high * (1 + 1e-9)]
    return found if len(found) > 1 else [low, high]


def round_up(value: float) -> float:
    """Return the smallest 1, 2 or 5 times a power of ten that is not below `value`."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= value * (1 - 1e-9))


def round_down(value: float) -> float:
    """Return the largest 1, 2 or 5 times a power of ten that is not above `value`."""
    power = 10.0 ** math.floor(math.log10(value) + 1e-12)
    return next(step * power for step in (5, 2, 1) if step * power <= value * (1 + 1e-9))
