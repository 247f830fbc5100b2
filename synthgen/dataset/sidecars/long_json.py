"""JSON documents with long lists, written as they come: no list of a million shards is ever held."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO


@dataclass(frozen=True)
class Array:
    """A list that is written an element a line."""

    values: Iterable[Any]


@dataclass(frozen=True)
class Object:
    """A mapping that is written a member a line, in the order given."""

    pairs: Iterable[tuple[str, Any]]


def write(file: BinaryIO, members: Mapping[str, Any]) -> None:
    """Write an object whose members, or members of these, may be an Array or an Object; the order is kept."""
    _put(file, Object(members.items()))
    file.write(b"\n")


def _put(file: BinaryIO, value: Any) -> None:
    if isinstance(value, Mapping) and any(isinstance(item, (Array, Object)) for item in value.values()):
        value = Object(value.items())
    if isinstance(value, Array):
        _put_all(file, b"[]", (("", item) for item in value.values))
    elif isinstance(value, Object):
        _put_all(file, b"{}", value.pairs)
    else:
        file.write(_text(value))


def _put_all(file: BinaryIO, brackets: bytes, pairs: Iterable[tuple[str, Any]]) -> None:
    """Write a list, whose names are "", or an object."""
    file.write(brackets[:1])
    mark = b"\n"
    for name, item in pairs:
        file.write(mark + (_text(name) + b": " if name else b""))
        _put(file, item)
        mark = b",\n"
    file.write(brackets[1:])


def _text(value: Any) -> bytes:
    return json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
