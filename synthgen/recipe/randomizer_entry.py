"""An entry of the randomizer list: a class from the shelf with the values that the recipe gives its fields."""

from __future__ import annotations

import types
import typing
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import TypeAdapter, ValidationError

from synthgen.errors import InputError
from synthgen.random_streams import Stream
from synthgen.recipe import randomizers
from synthgen.recipe.base import MOST, symbologies
from synthgen.recipe.faults import shown
from synthgen.recipe.scalars import Leaf
from synthgen.recipe.unit_suffixes import to_si
from synthgen.world import distributions

_DISTRIBUTIONS = tuple(
    getattr(distributions, name) for name in ("Fixed", "Uniform", "LogUniform", "Normal", "Int", "Choice")
)
_KINDS = {float: "number", int: "whole", str: "word", bool: "switch"}
_KNOWN = {
    "symbology": Annotated[Any, Leaf("word", options=symbologies)],
    "count": Annotated[Any, Leaf("whole", ge=0, le=MOST)],
}
"""Fields that mean the same in every randomizer, so that what may stand there is known."""
Errors = list[tuple[tuple[str | int, ...], str, dict[str, Any]]]
"""Path below the entry, what kind of error, and its context, as pydantic names them."""


@dataclass(frozen=True)
class Entry:
    """A randomizer with its fields: numbers, words, and distributions of them."""

    label: str
    """Names its draws: `randomize.<label>`."""
    name: str
    kind: type
    fields: dict[str, Any]

    def build(self, rng: Stream) -> randomizers.Randomizer:
        """Return the randomizer of one shot: a field that is declared a plain number gets one, drawn at its name."""
        values = {
            name: value if takes_distributions(hints(self.kind)[name]) else decide(value, rng.at(name))
            for name, value in self.fields.items()
        }
        return self.kind(**values)


def decide(value: Any, rng: Stream) -> Any:
    """Return `value` with every distribution in it drawn, each at the stream of its own name or position."""
    if distributions.is_distribution(value):
        return value.at(rng.uniform())
    if isinstance(value, tuple):
        return tuple(decide(item, rng.at(n)) for n, item in enumerate(value))
    if isinstance(value, dict):
        return {key: decide(item, rng.at(key)) for key, item in value.items()}
    return value


def split(raw: Any) -> tuple[str, str, dict[str, Any]]:
    """Return (name, label, fields) of `name`, `name: {fields}` or `{name: {fields}, as: label}`.

    Raises:
        ValueError: it is none of these; says what to write.
    """
    if isinstance(raw, str):
        raw = {raw: None}
    names = [key for key in raw if key != "as"] if isinstance(raw, dict) else []
    if len(names) != 1 or not isinstance(raw[names[0]], (dict, types.NoneType)):
        raise ValueError(f"found {shown(raw)}; write - name: {{field: value}}")
    name = names[0]
    given = dict(raw[name] or {})
    label = given.pop("as", raw.get("as", name.rpartition("/")[2].rpartition(":")[2]))
    if not (isinstance(label, str) and label.isascii() and label.isidentifier()):
        raise ValueError(f"found the label {shown(label)}; write as: label, with letters, digits and _")
    return name, label, given


def read(raw: Any, folder: Path) -> tuple[Entry | None, Errors]:
    """Return the entry that `raw` writes, or None, and everything that is wrong with its fields.

    Raises:
        ValueError: the entry's shape or its name is wrong.
    """
    name, label, given = split(raw)
    kind = find(name, folder)
    schema = adapters(kind)
    values, errors = {}, []
    for key, value in to_si(given, schema).items():
        if key not in schema:
            errors.append(((key,), "extra_forbidden", {}))
            continue
        try:
            values[key] = schema[key].validate_python(value)
        except ValidationError as error:
            errors += [((key, *e["loc"]), e["type"], {**e.get("ctx", {}), "msg": e["msg"]}) for e in error.errors()]
    required = [f.name for f in fields(kind) if f.init and f.default is MISSING and f.default_factory is MISSING]
    errors += [((key,), "missing", {}) for key in required if key not in {*values, *(e[0][0] for e in errors)}]
    entry = Entry(label, name, kind, values)
    if set(required) <= set(values):
        errors += _trial(entry)
    return (None if errors else entry), errors


def find(name: str, folder: Path) -> type:
    """Return the class of a name.

    Raises:
        ValueError: there is none, or it is no dataclass.
    """
    try:
        kind = randomizers.find(name, folder)
    except InputError as error:
        raise ValueError(str(error)) from error
    if not is_dataclass(kind):
        raise ValueError(f"{name} is no dataclass; write @dataclass(frozen=True) above its class")
    return kind


def _trial(entry: Entry) -> Errors:
    """Build the randomizer at the ends and in the middle of every distribution: its own checks speak here."""
    for u in (0.0, 0.5, 1.0 - 2.0**-53):
        values = {
            name: value.at(u) if distributions.is_distribution(value) and not takes_distributions(hint) else value
            for name, value in entry.fields.items()
            for hint in (hints(entry.kind)[name],)
        }
        try:
            entry.kind(**values)
        except Exception as error:
            return [((), "part", {"message": f"{type(error).__name__ if not str(error) else error}"})]
    return []


@lru_cache(maxsize=256)
def adapters(kind: type) -> dict[str, TypeAdapter[Any]]:
    """Return {field: its validator} of a randomizer class."""
    declared = hints(kind)
    return {f.name: TypeAdapter(_KNOWN.get(f.name) or _annotation(declared[f.name])) for f in fields(kind) if f.init}


@lru_cache(maxsize=256)
def hints(kind: type) -> dict[str, Any]:
    """Return {field: its type}; Any where the annotation names something that cannot be found."""
    try:
        found = typing.get_type_hints(kind, include_extras=True)
    except Exception:  # annotations are a user's code
        found = {}
    return {f.name: found.get(f.name, Any) for f in fields(kind)}


def takes_distributions(hint: Any) -> bool:
    """Return whether a field wants the distribution itself, to draw from it under names of its own."""
    if hint is Any or hint is distributions.Distribution or hint in _DISTRIBUTIONS:
        return True
    return any(takes_distributions(arg) for arg in get_args(hint) if get_origin(hint) is not Literal)


def _annotation(hint: Any) -> Any:
    """Return the pydantic type for a dataclass field's type."""
    if get_origin(hint) is Annotated:
        return _annotation(get_args(hint)[0])
    if hint in _KINDS:
        return Annotated[Any, Leaf(_KINDS[hint])]
    origin, args = get_origin(hint), get_args(hint)
    if origin is Literal:
        return Annotated[Any, Leaf("word", options=lambda: args)]
    if origin is tuple and args:
        parts = tuple(arg if arg is Ellipsis else _annotation(arg) for arg in args)
        return tuple[parts]
    if origin in (list, dict) and args:
        parts = [_annotation(arg) if arg is not str else str for arg in args]
        return list[parts[0]] if origin is list else dict[parts[0], parts[-1]]
    if origin in (typing.Union, types.UnionType):
        return _union(args)
    return Annotated[Any, Leaf("any")] if takes_distributions(hint) or hint is Any else Any


def _union(args: tuple[Any, ...]) -> Any:
    """Return the type of `float | Distribution` and the like: the plain member decides what may be drawn."""
    plain = [a for a in args if a is not type(None) and not (a is distributions.Distribution or a in _DISTRIBUTIONS)]
    if len(plain) == 1:
        one = _annotation(plain[0])
    elif set(plain) == {float, int}:
        one = Annotated[Any, Leaf("number")]
    else:
        one = Annotated[Any, Leaf("any")]
    return one | None if type(None) in args else one
