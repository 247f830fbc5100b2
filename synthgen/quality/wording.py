"""Shares as the quality report prints them."""

from __future__ import annotations

import math

BLANK = "\u00a0"


def share(value: float) -> str:
    """Return a share as per cent with one decimal; small ones keep a digit. The blank does not break.

    >>> [share(value).replace(BLANK, " ") for value in (0.49167, 0.0004, 0.0, 1.0, float("nan"))]
    ['49.2 %', '0.04 %', '0 %', '100 %', '–']
    """
    if not math.isfinite(value):
        return "–"
    percent = 100 * value
    digits = f"{percent:.1f}".removesuffix(".0") if abs(percent) >= 0.1 else f"{percent:.1g}"
    return f"{digits}{BLANK}%"


def some(number: int, word: str) -> str:
    """Return a number with its noun.

    >>> some(1, "frame"), some(3, "frame")
    ('1 frame', '3 frames')
    """
    return f"{number} {word}{'' if number == 1 else 's'}"
