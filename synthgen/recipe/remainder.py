"""What is left of a recipe without its faults, so that draws can find more of them in the same run."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from synthgen.random_streams import Stream
from synthgen.recipe.faults import Fault
from synthgen.recipe.model import Recipe
from synthgen.recipe.provenance import Origin
from synthgen.recipe.randomizer_entry import Entry
from synthgen.world.selection import GROUPS, parts
from synthgen.world.shot import Shot

_STANDING = ("warehouse", "usd")
"""Keys of `scene` without which nothing else has a place."""
_ROUNDS = 4


@dataclass(frozen=True)
class Nothing:
    """A randomizer that changes nothing: it keeps the place of one that cannot be used."""

    def __call__(self, shot: Shot, rng: Stream) -> Shot:
        """Return the shot as it is."""
        return shot


def idle(entry: Entry) -> Entry:
    """Return an entry of the same label that does nothing."""
    return replace(entry, kind=Nothing, fields={})


def without(origin: Origin, entries: Sequence[Entry | None], faults: Sequence[Fault]) -> Recipe | None:
    """Return the recipe without everything that is at fault, None when too little is left to draw.

    A faulty camera, lamp, sheet or item is left out whole, and so is a randomizer that is faulty or changes a group of
    which something is left out. Without the scene nothing can be drawn; without a camera no randomizer is.

    Args:
        origin: where the recipe comes from.
        entries: the list of randomizers, None for each that cannot be read.
        faults: all that is known to be wrong.
    """
    data = copy.deepcopy(origin.document.data)
    if any(not fault.path or fault.path in ("scene", *(f"scene.{key}" for key in _STANDING)) for fault in faults):
        return None
    cut = {group for fault in faults for group in _cut(data, fault.path.split("."))}
    labels = {fault.path.split(".")[1] for fault in faults if fault.path.startswith("randomize.")}
    kept = tuple(
        _placeholder(n) if entry is None else idle(entry) if _is_out(entry, n, cut, labels) else entry
        for n, entry in enumerate(entries)
    )
    for _ in range(_ROUNDS):
        try:
            recipe = Recipe.model_validate({**data, "randomize": kept})
        except ValidationError as error:
            for each in error.errors(include_url=False):
                _cut(data, [str(step) for step in each["loc"]])
            continue
        recipe._origin = origin
        return recipe
    return None


def _is_out(entry: Entry, n: int, cut: set[str], labels: set[str]) -> bool:
    group = parts(str(entry.fields.get("on", getattr(entry.kind, "on", ""))))[0]
    return entry.label in labels or str(n) in labels or group in cut or "cameras" in cut


def _placeholder(n: int) -> Entry:
    return Entry(label=f"unreadable_{n}", name="", kind=Nothing, fields={})


def _cut(data: Any, path: list[str]) -> list[str]:
    """Delete from `data` the thing or value that a path leads to or into; return the group of a deleted thing."""
    top, *below = path
    if top == "version":
        data["version"] = 1
    elif top == "safety" and below[:1] == ["zones"] and len(below) > 1:
        _delete(data.get("safety"), "zones")
    elif top in data and below and isinstance(data[top], dict):
        _delete(data[top], below[0])
    elif top != "randomize":
        data.pop(top, None)
    return [top] if top in GROUPS else []


def _delete(mapping: Any, key: str) -> None:
    if isinstance(mapping, dict):
        mapping.pop(key, None)
