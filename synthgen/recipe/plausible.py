"""The numbers of a recipe against their ranges: what cannot be is a fault, what is unusual a warning."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Any

from synthgen import units
from synthgen.recipe import messages, randomizer_entry
from synthgen.recipe.faults import Fault, Path
from synthgen.recipe.model import ScenePart, parameter_names
from synthgen.recipe.provenance import Origin
from synthgen.recipe.ranges import Range, range_of
from synthgen.recipe.unit_suffixes import factors, field_of

_WORDS = {
    "m": "metres", "cm": "centimetres", "mm": "millimetres", "um": "micrometres", "in": "inches",
    "s": "seconds", "ms": "milliseconds", "us": "microseconds", "ns": "nanoseconds", "min": "minutes", "h": "hours",
    "rad": "radians", "mrad": "milliradians", "deg": "degrees", "w": "watts", "mw": "milliwatts", "kw": "kilowatts",
    "hz": "hertz", "khz": "kilohertz", "kg": "kilograms", "g": "grams", "nm": "nanometres",
    "m_s": "metres a second", "mm_s": "millimetres a second",
}  # fmt: skip
_RARE = ("cm", "um", "in", "ns", "min", "h", "mrad", "g")
"""Units that a slip is less often about."""
_SI = {"m": "m", "s": "s", "rad": "rad", "w": "w", "hz": "hz", "kg": "kg", "m_s": "m_s", "nm": "nm"}
_DISTRIBUTION = {"uniform", "log_uniform", "normal", "int", "choice", "fixed"}
Number = tuple[Path, str, str, float, float]
"""Path as written, path in SI names, unit suffix as written ("" for none), the number, its factor to SI."""


def faults(origin: Origin) -> Iterator[Fault]:
    """Yield every number that cannot physically be, with the limit in the unit that was written."""
    for path, si_path, suffix, value, factor in numbers(origin):
        row = range_of(si_path)
        least, most = row.least * row.factor, row.most * row.factor
        slack = 1e-9 * max(abs(least), abs(most))
        if least - slack <= value * factor <= most + slack:
            continue
        op, limit = ("of at most", most) if value * factor > most else ("of at least", least)
        slip = _slip(row, suffix, value, factor)
        yield origin.fault(path, f"found {value:g}; write a value {op} {limit / factor:.6g}{slip}; {row.why}")


def warnings(origin: Origin) -> Iterator[Fault]:
    """Yield every number outside its usual range, in the unit that people use, with the slip that it looks like."""
    for path, si_path, suffix, value, factor in numbers(origin):
        row = range_of(si_path)
        shown, slack = value * factor / row.factor, 1e-9 * max(abs(row.low), abs(row.high))
        if value == 0 or row.low - slack <= shown <= row.high + slack:
            continue
        if not row.least - slack <= shown <= row.most + slack:
            continue
        usual = f"usual is {row.low:.6g} to {_with_unit(row.high, row)}: {row.why}"
        yield origin.fault(path, f"{_with_unit(shown, row)}{_slip(row, suffix, value, factor)}; {usual}")


def numbers(origin: Origin) -> Iterator[Number]:
    """Yield every number of a recipe, bounds of distributions included, from its plain values."""
    data = origin.document.data
    for path, part, given in messages.mappings(data):
        known = list(part.model_fields)
        if part is ScenePart:
            known = [*part.names(), *parameter_names(given.get("warehouse"))]
        yield from _fields(path, _named(path), given, known)
    entries = data.get("randomize") if isinstance(data, dict) else None
    for n, raw in enumerate(entries if isinstance(entries, list) else ()):
        try:
            name, _, given = randomizer_entry.split(raw)
            known = list(randomizer_entry.adapters(randomizer_entry.find(name, FilePath(origin.folder))))
        except ValueError:
            continue
        yield from _fields(("randomize", n, name), f"randomize.{name.rpartition(':')[2]}", given, known)


def _named(path: Path) -> str:
    return ".".join(step for step in path if isinstance(step, str))


def _fields(path: Path, si_path: str, given: dict[str, Any], known: list[str]) -> Iterator[Number]:
    """Yield the numbers of one mapping; what lies in a mapping with a model of its own comes with that."""
    for key, value in given.items():
        name, factor = field_of(key, known)
        if not name:
            continue
        suffix = units.split(key)[1] if name in factors(name) and key in factors(name) else ""
        for below, number in _leaves(value, ()):
            yield (*path, key, *below), f"{si_path}.{name}".lstrip("."), suffix, number, factor
        if path == ("dataset",) and name == "splits" and isinstance(value, dict):
            for split, number in value.items():
                if _is_number(number):
                    yield (*path, key, split), f"dataset.splits.{split}", "", float(number), 1.0


def _leaves(value: Any, path: Path) -> Iterator[tuple[Path, float]]:
    """Yield the numbers of a scalar, a list of scalars, or a distribution; weights and spreads are not values."""
    if _is_number(value):
        yield path, float(value)
    elif isinstance(value, list):
        for n, item in enumerate(value):
            yield from _leaves(item, (*path, n))
    elif isinstance(value, dict):
        for tag in _DISTRIBUTION & set(value):
            body = value[tag]
            if tag == "normal":
                body = (
                    {key: body[key] for key in ("mean", "min", "max") if key in body} if isinstance(body, dict) else {}
                )
                for key, number in body.items():
                    yield from _leaves(number, (*path, tag, key))
            else:
                yield from _leaves(body, (*path, tag))


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _with_unit(value: float, row: Range) -> str:
    return f"{value:.6g} {row.unit}".rstrip()


def _slip(row: Range, suffix: str, value: float, factor: float) -> str:
    """Return `; did you mean 8 mm? (...)` where the number is usual in another unit, "" where it is in none."""
    family = next((f for si in _SI for f in (units.spellings(f"x_{si}"),) if f"x_{suffix}" in f), {}) if suffix else {}
    if f"x_{suffix}" in family and factor != family[f"x_{suffix}"]:
        family = units.spellings("x_nm")  # um of a wavelength
    candidates = [(name.removeprefix("x_"), value * other / row.factor) for name, other in family.items()]
    fitting = [(unit, shown) for unit, shown in candidates if unit != suffix and row.low <= shown <= row.high]
    if not fitting:
        return ""
    unit, shown = min(fitting, key=lambda each: (each[0] in _RARE, _off(each[1], row)))
    return f"; did you mean {_with_unit(shown, row)}? ({_WORDS[unit]} written where {_WORDS[suffix]} are meant)"


def _off(shown: float, row: Range) -> float:
    """Return how far a value is from the middle of its usual range, in powers of ten; 0 has no logarithm."""
    low, high = max(row.low, row.high * 1e-6), row.high
    return abs(math.log10(max(abs(shown), 1e-300)) - 0.5 * (math.log10(low) + math.log10(high))) if high > 0 else 0.0
