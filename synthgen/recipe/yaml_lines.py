"""YAML text to plain values, with the line of each: YAML 1.2 core scalars, no tags, no duplicate keys, no bombs.

PyYAML's parser is used up to its events; its constructors, which follow YAML 1.1 and can build objects, never run.

References:
    YAML 1.2.2, section 10.3 (core schema): the patterns of null, bool, int and float.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from synthgen.recipe.faults import Fault, Path, dotted, shown

MAX_DEPTH = 24
MAX_VALUES = 20_000
MAX_DIGITS = 40
_TOO_DEEP = f"nested deeper than {MAX_DEPTH} levels; write it flatter"
_PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULL = re.compile(r"null|Null|NULL|~|")
_BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEX = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_SPECIAL = {
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}


@dataclass(frozen=True)
class Document:
    """A parsed file: its value, the line of every path in it, and what was wrong on the way."""

    data: Any
    lines: dict[Path, int]
    faults: list[Fault]
    places: dict[Path, str] = field(default_factory=dict)
    """Paths whose value did not come from the file (`--set`), with what the user wrote."""
    typed: dict[Path, str] = field(default_factory=dict)
    """What stands in the file, letter by letter, where YAML reads unquoted text as a number or a switch."""


class YamlError(ValueError):
    """The text is not YAML that a recipe may hold; `line` says where, counted from 1."""

    def __init__(self, line: int, message: str) -> None:
        self.line = line
        super().__init__(message)


@dataclass(frozen=True)
class _Node:
    line: int
    value: Any
    """A scalar's value, a list of nodes, or a list of (key node, value node) pairs for a mapping."""
    kind: str = "scalar"
    typed: str = ""
    """A scalar's text where YAML takes it for something else than text."""


def parse(text: str) -> Document:
    """Return the one document of `text`.

    Raises:
        YamlError: not YAML, several documents, nested or repeated without end.
    """
    try:
        return _Composer(yaml.parse(text, _PARSER)).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        if "nesting depth" in str(error.problem):  # libyaml's own limit, met while it looks ahead (PyYAML >= 6.0.4)
            raise YamlError(line, _TOO_DEEP) from None
        raise YamlError(line, f"not YAML: {error.problem or error.context}; check brackets and indents") from None
    except yaml.YAMLError as error:
        line = text.count("\n", 0, max(int(getattr(error, "position", 0)), 0)) + 1
        reason = getattr(error, "reason", "unreadable text")
        raise YamlError(line, f"not YAML: {reason}; write plain UTF-8 text") from None


def scalar(text: str) -> Any:
    """Return the value of a plain scalar by the core schema.

    >>> [scalar(t) for t in ("1e2", "no", "1:20", "0o17", "0x1F", "007", "~")]
    [100.0, 'no', '1:20', 15, 31, 7, None]

    Raises:
        ValueError: a number with more digits than any quantity has.
    """
    if _NULL.fullmatch(text):
        return None
    if _BOOL.fullmatch(text):
        return text.lower() == "true"
    if text in _SPECIAL:
        return _SPECIAL[text]
    for pattern, base in ((_INT, 10), (_OCTAL, 8), (_HEX, 16)):
        if pattern.fullmatch(text):
            return int(_short(text) if base == 10 else _short(text)[2:], base)
    return float(_short(text)) if _FLOAT.fullmatch(text) else text


def _short(text: str) -> str:
    if len(text) > MAX_DIGITS:
        raise ValueError(f"found a number of {len(text)} characters; write at most {MAX_DIGITS}")
    return text


class _Composer:
    """Turns parser events into nodes (each anchor once), then nodes into values (each alias copied, counted)."""

    def __init__(self, events: Iterator[Any]) -> None:
        self._events = events
        self._anchors: dict[str, _Node] = {}
        self._faults: list[Fault] = []
        self._lines: dict[Path, int] = {}
        self._typed: dict[Path, str] = {}
        self._values = 0

    def document(self) -> Document:
        """Return the only document."""
        root: _Node | None = None
        for event in self._events:
            if isinstance(event, DocumentStartEvent):
                if root is not None:
                    raise YamlError(event.start_mark.line + 1, "found a second document; write one recipe a file")
                root = self._node(next(self._events), 0)
            elif isinstance(event, DocumentEndEvent):
                continue
        data = self._value(root, ()) if root else None
        return Document(data, self._lines, self._faults, typed=self._typed)

    def _node(self, event: Any, depth: int) -> _Node:
        line = event.start_mark.line + 1
        if depth > MAX_DEPTH:
            raise YamlError(line, _TOO_DEEP)
        if isinstance(event, AliasEvent):
            return self._aliased(event, line)
        if getattr(event, "tag", None) is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self._faults.append(Fault(line, "", f"found the tag {shown(tag)}; tags are not used here, delete it"))
        if isinstance(event, ScalarEvent):
            value = self._scalar(event, line)
            node = _Node(line, value, typed="" if isinstance(value, str) else event.value)
        elif isinstance(event, SequenceStartEvent):
            node = _Node(line, self._until(SequenceEndEvent, depth), "list")
        else:
            assert isinstance(event, MappingStartEvent)
            flat = self._until(MappingEndEvent, depth)
            node = _Node(line, list(zip(flat[::2], flat[1::2], strict=True)), "mapping")
        if event.anchor:
            self._anchors[event.anchor] = node
        return node

    def _until(self, end: type, depth: int) -> list[_Node]:
        nodes = []
        while not isinstance(event := next(self._events), end):
            nodes.append(self._node(event, depth + 1))
        return nodes

    def _aliased(self, event: AliasEvent, line: int) -> _Node:
        if event.anchor not in self._anchors:
            raise YamlError(line, f"*{event.anchor} repeats nothing that stands above it; write &{event.anchor} first")
        return self._anchors[event.anchor]

    def _scalar(self, event: ScalarEvent, line: int) -> Any:
        if not event.implicit[0]:
            return event.value
        try:
            return scalar(event.value)
        except ValueError as error:
            self._faults.append(Fault(line, "", str(error)))
            return 0

    def _value(self, node: _Node, path: Path) -> Any:
        self._values += 1
        if self._values > MAX_VALUES:
            raise YamlError(node.line, f"more than {MAX_VALUES} values, aliases included; write a smaller recipe")
        if len(path) > MAX_DEPTH:
            raise YamlError(node.line, f"nested deeper than {MAX_DEPTH} levels, aliases included; write it flatter")
        self._lines.setdefault(path, node.line)
        if node.typed:
            self._typed[path] = node.typed
        if node.kind == "list":
            return [self._value(item, (*path, n)) for n, item in enumerate(node.value)]
        return self._mapping(node, path) if node.kind == "mapping" else node.value

    def _mapping(self, node: _Node, path: Path) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = key_node.value
            if key_node.kind != "scalar" or not isinstance(key, str):
                found = (key_node.typed or shown(key)) if key_node.kind == "scalar" else f"a {key_node.kind}"
                write = f'write it in quotes: "{found}"' if key_node.typed else "write a word"
                self._fault(key_node, path, f"found {found} as a key; keys are text, {write}")
                continue
            place = (*path, key)
            if key in data:
                first = self._lines[place]
                self._fault(key_node, place, f"found twice, first on line {first}; delete one of the two")
                continue
            self._lines[place] = key_node.line
            data[key] = self._value(value_node, place)
        return data

    def _fault(self, node: _Node, path: Path, message: str) -> None:
        self._faults.append(Fault(node.line, dotted(path), message))
