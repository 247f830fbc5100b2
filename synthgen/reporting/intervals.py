"""How far a count or an empirical distribution may lie from what it estimates.

References:
    E. B. Wilson: Probable inference, the law of succession, and statistical inference. JASA 22 (1927).
    P. Massart: The tight constant in the Dvoretzky-Kiefer-Wolfowitz inequality. Annals of Probability 18 (1990).
    N. V. Smirnov: asymptotic distribution of the two-sample statistic (1939), tail 2 exp(-2 k^2).
"""

from __future__ import annotations

import math

import numpy as np

_Z_95 = 1.959963984540054


def wilson(hits: int, count: int) -> tuple[float, float]:
    """Return the 95 % interval of a share; (0, 1) where nothing was counted.

    >>> tuple(round(bound, 4) for bound in wilson(8, 10))
    (0.4902, 0.9433)
    """
    if not count:
        return 0.0, 1.0
    share, z2 = hits / count, _Z_95**2
    middle = (share + z2 / (2 * count)) / (1 + z2 / count)
    half = _Z_95 / (1 + z2 / count) * math.sqrt(share * (1 - share) / count + z2 / (4 * count**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def uniform_gap(shares: np.ndarray) -> float:
    """Return the largest distance between the distribution of numbers in [0, 1) and the uniform one.

    >>> round(uniform_gap((np.arange(100) + 0.5) / 100), 3), round(uniform_gap(np.full(9, 0.25)), 3)
    (0.005, 0.75)
    """
    found = np.sort(np.asarray(shares, float))
    if not found.size:
        return 0.0
    steps = np.arange(found.size + 1) / found.size
    return float(max(np.max(steps[1:] - found), np.max(found - steps[:-1])))


def chance_gap(count: int, level: float) -> float:
    """Return the gap that `count` independent draws exceed with a probability of at most `level` (Massart).

    >>> round(chance_gap(100, 0.01), 4)
    0.1628
    """
    return min(1.0, math.sqrt(math.log(2 / level) / (2 * count))) if count else 1.0


def binned_gap(one: np.ndarray, other: np.ndarray) -> float:
    """Return the largest distance between two distributions given as counts in the same bins."""
    if not one.sum() or not other.sum():
        return 0.0
    return float(np.abs(np.cumsum(one) / one.sum() - np.cumsum(other) / other.sum()).max())


def chance_gap_of_two(one: int, other: int, level: float) -> float:
    """Return the gap that two samples of one distribution exceed with a probability of about `level` (Smirnov)."""
    if not one or not other:
        return 1.0
    return min(1.0, math.sqrt(math.log(2 / level) / 2 * (one + other) / (one * other)))
