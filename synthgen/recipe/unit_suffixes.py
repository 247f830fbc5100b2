"""Names as people write them: `exposure_us: 50` becomes `exposure_s: 5e-05`, once, at the door."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from synthgen import units
from synthgen.recipe import scalars
from synthgen.recipe.faults import nearest
from synthgen.world.distributions import is_distribution, times

_DIMENSIONS = {
    "m": "a length",
    "s": "a time",
    "rad": "an angle",
    "w": "a power",
    "hz": "a frequency",
    "kg": "a mass",
    "m_s": "a speed",
    "nm": "a wavelength",
}


@lru_cache(maxsize=4096)
def factors(si_name: str) -> Mapping[str, float]:
    """Return {name a recipe may write: factor to SI} of a field."""
    return units.spellings(si_name)


def field_of(key: str, names: Iterable[str]) -> tuple[str, float]:
    """Return (SI name, factor) of the field that `key` spells, ("", 1.0) when it spells none of `names`."""
    names = list(names)
    if key in names:
        return key, 1.0
    return next(((name, factors(name)[key]) for name in names if key in factors(name)), ("", 1.0))


def to_si(data: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Return `data` with the keys that spell a field renamed to it and their values scaled.

    A key that spells nothing, or a field that another key has already given, stays as it is and is found later.
    """
    names = list(names)
    converted: dict[str, Any] = {}
    for key, value in data.items():
        name, factor = field_of(key, names)
        if name and name not in converted and not (name != key and name in data):
            converted[name] = scaled(value, factor)
        else:
            converted[key] = value
    return converted


def scaled(value: Any, factor: float) -> Any:
    """Return a number, list or distribution times `factor`; what is none of these stays, for its field to refuse."""
    if factor == 1.0:
        return value
    if isinstance(value, dict):
        try:
            return scalars.distribution(value).scaled(factor)
        except ValueError:
            return value
    if is_distribution(value):
        return value.scaled(factor)
    if isinstance(value, list):
        return [scaled(item, factor) for item in value]
    return times(value, factor) if isinstance(value, (int, float)) else value


def what_to_write(name: str) -> str:
    """Return a field's spellings in words.

    >>> what_to_write("exposure_s")
    'exposure_us, exposure_ms or exposure_s'
    """
    stem, suffix = units.split(name)
    common = {
        "m": ("mm", "m"),
        "s": ("us", "ms", "s"),
        "rad": ("deg", "rad"),
        "w": ("mw", "w"),
        "hz": ("hz", "khz"),
        "m_s": ("m_s", "mm_s"),
        "kg": ("g", "kg"),
        "nm": ("nm",),
    }.get(suffix, ())
    spelled = [f"{stem}_{unit}" for unit in common] or [name]
    return spelled[0] if len(spelled) == 1 else f"{', '.join(spelled[:-1])} or {spelled[-1]}"


def unknown_key(key: str, names: Iterable[str], given: Iterable[str] = ()) -> str:
    """Return what is wrong with a key that was not taken: a second spelling, a wrong unit, or a slip."""
    names = list(names)
    name, _ = field_of(key, names)
    if name:
        other = next((g for g in given if g != key and field_of(g, [name])[0]), name)
        return f"says the same as {other}; delete one of the two"
    stem, suffix = units.split(key)
    name = _same_stem(key, names)
    if name and suffix:
        return f"{_dimension(suffix)}, {stem} wants {_dimension(units.split(name)[1])}: {what_to_write(name)}"
    if name:
        return f"has no unit; write {what_to_write(name)}"
    near = _slip(key, names)
    if near:
        return f"is not known here; write {near}"
    return f"is not known here; write one of {', '.join(names)}" if names else "is not known here; delete it"


def meant(key: str, names: Iterable[str]) -> str:
    """Return the SI name of the field that an unknown key is taken for in `unknown_key`, "" when for none.

    >>> meant("exposure_um", ["exposure_s"]), meant("exposre_us", ["exposure_s"]), meant("x", ["exposure_s"])
    ('exposure_s', 'exposure_s', '')
    """
    names = list(names)
    return _same_stem(key, names) or field_of(_slip(key, names), names)[0]


def _same_stem(key: str, names: list[str]) -> str:
    """Return the field that a key names with another unit or without one, "" when there is none."""
    stem, suffix = units.split(key)
    for name in names:
        field_stem, field_suffix = units.split(name)
        if field_suffix and ((field_stem == stem and suffix) or field_stem == key):
            return name
    return ""


def _dimension(suffix: str) -> str:
    """Return what a unit measures; `um` is a length before it is a wavelength."""
    return next((name for si, name in _DIMENSIONS.items() if f"x_{suffix}" in factors(f"x_{si}")), "another quantity")


def _slip(key: str, names: list[str]) -> str:
    """Return the nearest correct spelling of a key, with the unit that was written where it fits, "" for none."""
    stem, suffix = units.split(key)
    spelled = {spelling: name for name in names for spelling in factors(name)}
    near = nearest(key, names) or nearest(key, spelled)
    if suffix:
        stems = {units.split(name)[0]: name for name in names if units.split(name)[1]}
        close = nearest(stem, stems)
        if close and f"{close}_{suffix}" in spelled:
            near = f"{close}_{suffix}"
        elif close and not near:
            near = stems[close]
    return near
