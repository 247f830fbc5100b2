"""Who wrote what: two randomizers that write one field of a declared thing contradict each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from synthgen.world.shot import Shot

_GROUPS = ("cameras", "lights", "baffles", "items", "safety", "world")


class Ledger:
    """Remembers which entry changed which field that was there before any of them."""

    def __init__(self, declared: Shot) -> None:
        self._declared = declared
        self._writers: dict[str, str] = {}

    def note(self, label: str, before: Shot, after: Shot) -> str:
        """Note what an entry changed; return what is wrong, "" when nothing is."""
        for group in _GROUPS:
            for path in changes(getattr(before, group), getattr(after, group), group):
                if not self._is_declared(path):
                    continue
                first = self._writers.setdefault(path, label)
                if first != label:
                    return f"writes {path}, which randomize.{first} has written; let one of the two leave it alone"
        return ""

    def _is_declared(self, path: str) -> bool:
        value: Any = self._declared
        for step in path.split("."):
            if isinstance(value, dict):
                value = value.get(step)
            elif isinstance(value, tuple):
                value = value[int(step)] if int(step) < len(value) else None
            else:
                value = getattr(value, step, None)
            if value is None:
                return False
        return True


def changes(before: Any, after: Any, path: str) -> Iterator[str]:
    """Yield the dotted path of every leaf that differs; a tuple of numbers is one leaf, a tuple of things is not."""
    if before is after:
        return
    kind: Any = type(before)
    if is_dataclass(kind) and kind is type(after):
        for f in fields(kind):
            yield from changes(getattr(before, f.name), getattr(after, f.name), f"{path}.{f.name}")
    elif isinstance(before, dict) and isinstance(after, dict):
        for key in {**before, **after}:
            yield from changes(before.get(key), after.get(key), f"{path}.{key}")
    elif _of_things(before) and _of_things(after):
        for n in range(max(len(before), len(after))):
            yield from changes(*(seq[n] if n < len(seq) else None for seq in (before, after)), f"{path}.{n}")
    elif before != after:
        yield path


def _of_things(value: Any) -> bool:
    return isinstance(value, tuple) and all(is_dataclass(item) for item in value)
