"""Numbers, shares and times as reports print them.

Quantities have four significant digits and a unit, and are never rounded onto 1, the exposure limit.
"""

from __future__ import annotations

import math

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_DIGITS = 4


def number(value: float | None, none: str = "–") -> str:
    """Return four significant digits; `none` for a number that does not exist.

    >>> number(0.123456), number(123456.0), number(1.2345678e-7), number(1.00001)
    ('0.1235', '123500', '1.235 × 10⁻⁷', '1.00001')
    """
    if value is None or not math.isfinite(value):
        return none
    if value == 0.0:
        return "0"
    digits = _DIGITS
    while digits < 9 and value != 1.0 and float(f"{value:.{digits}g}") == 1.0:
        digits += 1
    rounded = float(f"{value:.{digits}g}")
    if 1e-3 <= abs(rounded) < 1e6:
        whole = len(str(int(abs(rounded))))
        places = max(digits - whole, 0) if abs(rounded) >= 1.0 else digits - math.floor(math.log10(abs(rounded))) - 1
        text = f"{rounded:.{places}f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    mantissa, exponent = f"{rounded:.{digits - 1}e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{mantissa} × 10{str(int(exponent)).translate(_SUPERSCRIPT)}"


def after_change(ratio: float) -> str:
    """Return the ratio after a change; a change that was made to reach the limit exactly ends at 1.

    >>> after_change(0.999999999), after_change(0.9993)
    ('1', '0.9993')
    """
    return number(1.0 if abs(ratio - 1.0) < 1e-6 else ratio)


def quantity(value: float | None, unit: str, none: str = "–") -> str:
    """Return a number with its unit, as standards write it."""
    return none if value is None or not math.isfinite(value) else f"{number(value)} {unit_text(unit)}"


def unit_text(unit: str) -> str:
    """Return a unit with real exponents.

    >>> unit_text("W/(m2 sr)")
    'W/(m² sr)'
    """
    return unit.replace("m2", "m²").replace("m^2", "m²")


def lasting(seconds: float | None) -> str:
    """Return how long something may last, in words a person uses; rounded down, so that nobody stays too long.

    >>> lasting(30000.0), lasting(None), lasting(312.7), lasting(2e-5), lasting(40.68)
    ('8 h 20 min', 'without end', '5 min 12 s', '20 µs', '40.6 s')
    """
    if seconds is None or math.isinf(seconds):
        return "without end"
    if seconds <= 0.0:
        return "not at all"
    for bound, factor, unit in ((1e-6, 1e9, "ns"), (1e-3, 1e6, "µs"), (1.0, 1e3, "ms"), (60.0, 1.0, "s")):
        if seconds < bound:
            return f"{number(_down(seconds * factor))} {unit}"
    whole = math.floor(seconds * (1.0 + 1e-9))
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    if hours >= 24:
        return "more than a day"
    parts = [f"{n} {unit}" for n, unit in ((hours, "h"), (minutes, "min"), (rest if not hours else 0, "s")) if n]
    return " ".join(parts)


def _down(value: float) -> float:
    """Return the value rounded down to three significant digits."""
    step = 10.0 ** (math.floor(math.log10(value)) - 2)
    return float(f"{math.floor(value / step * (1.0 + 1e-9)) * step:.6g}")


def percent(share: float) -> str:
    """Return a share in per cent, with the digits of `number`: for shares that are quantities."""
    return f"{number(100.0 * share)} %"


def share(value: float) -> str:
    """Return a share in per cent with one decimal; small ones keep one digit: for shares of counts.

    >>> [share(value) for value in (0.49167, 0.0004, 0.0, 1.0, float("nan"))]
    ['49.2 %', '0.04 %', '0.0 %', '100.0 %', '–']
    """
    if not math.isfinite(value):
        return "–"
    percents = 100.0 * value
    return f"{percents:.1f} %" if not percents or abs(percents) >= 0.1 else f"{percents:.1g} %"


def share_of(part: int, whole: int) -> str:
    """Return `part` of `whole` in per cent."""
    return share(part / whole if whole else math.nan)


def count(n: int) -> str:
    """Return a whole number with its thousands apart.

    >>> count(12345)
    '12 345'
    """
    return f"{n:,}".replace(",", " ")


def some(n: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun.

    >>> some(1, "frame"), some(3, "frame")
    ('1 frame', '3 frames')
    """
    return f"{count(n)} {noun if n == 1 else plural or noun + 's'}"


def short(value: float) -> str:
    """Return a number in few ASCII letters, for pictures.

    >>> short(0.002), short(15.0), short(1e5), short(2.5e7)
    ('0.002', '15', '10^5', '2.5e7')
    """
    if value and not 1e-3 <= abs(value) < 1e5:
        exponent = math.floor(math.log10(abs(value)) + 1e-9)
        mantissa = value / 10.0**exponent
        return f"10^{exponent}" if abs(mantissa - 1) < 1e-6 else f"{mantissa:.3g}e{exponent}"
    return f"{value:.4g}"


def sentence(text: str) -> str:
    """Return the text with a capital and a full stop."""
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?", ":")) else ".") if text else ""
