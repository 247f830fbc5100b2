"""The six distributions that a recipe may use for a field; every one is bounded.

A distribution maps one uniform number to one value (`at`), so that each draw takes one number of a named stream,
whatever the distribution; `scaled` converts a unit suffix, once.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Any, Protocol

from synthgen.random_streams import Stream


class Distribution(Protocol):
    """Anything a field may hold instead of a number."""

    def at(self, u: float) -> Any:
        """Return the value at the cumulative probability `u` in [0, 1)."""
        ...

    def scaled(self, factor: float) -> Distribution:
        """Return the distribution of the values times `factor`."""
        ...

    def bounds(self) -> tuple[Any, Any]:
        """Return (smallest, largest) value that can be drawn."""
        ...


@dataclass(frozen=True)
class Fixed:
    """Always the same value."""

    value: Any

    def at(self, u: float) -> Any:
        """Return the value, whatever `u`."""
        return self.value

    def scaled(self, factor: float) -> Fixed:
        """Return the scaled value; text, lists and switches stay as they are."""
        return Fixed(times(self.value, factor))

    def bounds(self) -> tuple[Any, Any]:
        """Return the value twice."""
        return self.value, self.value


@dataclass(frozen=True)
class Uniform:
    """Uniform over [low, high)."""

    low: float
    high: float

    def __post_init__(self) -> None:
        _ordered(self.low, self.high)

    def at(self, u: float) -> float:
        """Return low + u (high - low)."""
        return self.low + u * (self.high - self.low)

    def scaled(self, factor: float) -> Uniform:
        """Return the distribution in the other unit."""
        return Uniform(times(self.low, factor), times(self.high, factor))

    def bounds(self) -> tuple[float, float]:
        """Return (low, high)."""
        return self.low, self.high


@dataclass(frozen=True)
class LogUniform:
    """Uniform in the logarithm over [low, high), both positive."""

    low: float
    high: float

    def __post_init__(self) -> None:
        _ordered(self.low, self.high)
        if self.low <= 0:
            raise ValueError(f"log_uniform needs positive bounds, found {self.low}")

    def at(self, u: float) -> float:
        """Return low (high / low)^u, kept inside the bounds."""
        return min(self.low * (self.high / self.low) ** u, self.high)

    def scaled(self, factor: float) -> LogUniform:
        """Return the distribution in the other unit."""
        return LogUniform(times(self.low, factor), times(self.high, factor))

    def bounds(self) -> tuple[float, float]:
        """Return (low, high)."""
        return self.low, self.high


@dataclass(frozen=True)
class Normal:
    """Normal, cut off at `low` and `high`: no physical quantity here has an unbounded tail."""

    mean: float
    std: float
    low: float
    high: float

    def __post_init__(self) -> None:
        _ordered(self.low, self.high)
        if self.std <= 0:
            raise ValueError(f"normal needs a positive std, found {self.std}")
        below = NormalDist(self.mean, self.std)
        if below.cdf(self.high) - below.cdf(self.low) < 1e-3:
            raise ValueError(
                f"normal(mean {self.mean}, std {self.std}) leaves less than 0.1 % between {self.low} and {self.high}"
            )

    def at(self, u: float) -> float:
        """Return the quantile of the truncated distribution."""
        normal = NormalDist(self.mean, self.std)
        first, last = normal.cdf(self.low), normal.cdf(self.high)
        inside = min(max(first + u * (last - first), 1e-300), math.nextafter(1.0, 0.0))
        return min(max(normal.inv_cdf(inside), self.low), self.high)

    def scaled(self, factor: float) -> Normal:
        """Return the distribution in the other unit."""
        return Normal(*(times(value, factor) for value in (self.mean, self.std, self.low, self.high)))

    def bounds(self) -> tuple[float, float]:
        """Return (low, high)."""
        return self.low, self.high


@dataclass(frozen=True)
class Int:
    """A whole number from low to high, both included, times `unit`."""

    low: int
    high: int
    unit: float = 1.0

    def __post_init__(self) -> None:
        _ordered(self.low, self.high)

    def at(self, u: float) -> float:
        """Return the whole number whose share of [0, 1) holds `u`, an int unless a unit scales it."""
        return times(min(self.low + int(u * (self.high - self.low + 1)), self.high), self.unit)

    def scaled(self, factor: float) -> Int:
        """Return the distribution in the other unit."""
        return replace(self, unit=self.unit * factor)

    def bounds(self) -> tuple[float, float]:
        """Return (low, high)."""
        return times(self.low, self.unit), times(self.high, self.unit)


@dataclass(frozen=True)
class Choice:
    """One of some values, by weight (equal when none are given)."""

    options: tuple[Any, ...]
    weights: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if not self.options:
            raise ValueError("choice needs at least one option")
        if self.weights and len(self.weights) != len(self.options):
            raise ValueError(f"choice has {len(self.options)} options and {len(self.weights)} weights")
        if self.weights and (min(self.weights) < 0 or not 0 < sum(self.weights) < math.inf):
            raise ValueError("choice weights must be >= 0 and not all 0")

    def at(self, u: float) -> Any:
        """Return the option whose share of [0, 1) holds `u`."""
        weights = self.weights or (1.0,) * len(self.options)
        rest = u * sum(weights)
        for option, weight in zip(self.options, weights, strict=True):
            if rest < weight:
                return option
            rest -= weight
        return next(o for o, w in reversed(list(zip(self.options, weights, strict=True))) if w > 0)

    def scaled(self, factor: float) -> Choice:
        """Return the choice of the scaled options."""
        return replace(self, options=tuple(times(option, factor) for option in self.options))

    def bounds(self) -> tuple[Any, Any]:
        """Return (smallest, largest) option, or (first, last) when they have no order."""
        try:
            return min(self.options), max(self.options)
        except TypeError:
            return self.options[0], self.options[-1]


def draw(value: Any, stream: Stream) -> Any:
    """Return a number for `value`: drawn where it is a distribution, itself where it is not."""
    return value.at(stream.uniform()) if is_distribution(value) else value


def is_distribution(value: Any) -> bool:
    """Return whether `value` is one of this module's distributions."""
    return isinstance(value, (Fixed, Uniform, LogUniform, Normal, Int, Choice))


def bounds(asked: Any) -> tuple[float, float]:
    """Return the least and the most that `asked`, a number or a distribution, can give."""
    return asked.bounds() if is_distribution(asked) else (asked, asked)


def allows(asked: Any, value: Any, slack: float = 1e-9) -> bool:
    """Return whether `asked`, a value or a distribution, can give `value`; numbers may differ by `slack`.

    >>> allows(Uniform(0.33, 0.5), 0.4), allows(Choice((1, 2), (1, 0)), 2), allows("top", "left")
    (True, False, False)
    """
    if isinstance(asked, Choice):
        weights = asked.weights or (1.0,) * len(asked.options)
        return any(allows(o, value, slack) for o, weight in zip(asked.options, weights, strict=True) if weight > 0)
    if isinstance(asked, Fixed):
        return allows(asked.value, value, slack)
    if isinstance(asked, Int):
        return any(abs(value - times(n, asked.unit)) <= slack for n in range(asked.low, asked.high + 1))
    if is_distribution(asked):
        low, high = asked.bounds()
        return low - slack <= value <= high + slack
    return asked == value if isinstance(asked, str) else abs(asked - value) <= slack


def smaller(asked: Any, value: float, factor: float) -> Iterator[float]:
    """Yield values below `value` that `asked` can give, down to the least: in steps of a factor over a range."""
    if not is_distribution(asked) or isinstance(asked, Fixed):
        return
    if isinstance(asked, (Choice, Int)):
        values = asked.options if isinstance(asked, Choice) else range(asked.low, asked.high + 1)
        scale = asked.unit if isinstance(asked, Int) else 1.0
        lower = sorted({times(v, scale) for v in values if times(v, scale) < value}, reverse=True)
        yield from (v for v in lower if allows(asked, v))
        return
    low, _ = asked.bounds()
    value *= factor
    while value > low > 0:
        yield value
        value *= factor
    yield low


def _ordered(low: float, high: float) -> None:
    if not (math.isfinite(low) and math.isfinite(high)):
        raise ValueError(f"bounds must be finite, found {low} and {high}")
    if low > high:
        raise ValueError(f"the lower bound {low} is above the upper bound {high}")


def times(value: Any, factor: float) -> Any:
    """Return a value in another unit; text and switches stay. 700 mm is 0.7 m, not 0.7000000000000001.

    A factor such as 1e-3 is no exact float while its inverse is, and a quotient is rounded once.
    """
    if factor == 1.0 or isinstance(value, (bool, str)):
        return value
    if isinstance(value, (list, tuple)):
        return tuple(times(v, factor) for v in value)
    inverse = round(1.0 / factor) if 0 < factor < 1 else 0
    return value / inverse if inverse and 1.0 / inverse == factor else value * factor
