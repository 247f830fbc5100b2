"""Select the things of a shot that `on:` names: `lights` is all, `lights.key` one, `lights.bar_*` a pattern."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import TypeVar

from synthgen.errors import InputError

Thing = TypeVar("Thing")
GROUPS = ("cameras", "lights", "baffles", "items")
"""The maps of a Shot that `on` may name."""


def select(things: Mapping[str, Thing], group: str, on: str) -> dict[str, Thing]:
    """Return {name: thing} of everything in a group that `on` names, in alphabetical order.

    Args:
        things: the group of a shot, such as `shot.lights`.
        group: the name of that group, such as `lights`.
        on: `group`, `group.name` or `group.pattern` with the signs *, ? and [...] of shell patterns.

    Raises:
        InputError: `on` names another group, or a camera, light or baffle that is not there. Items come and go from
            shot to shot, so `items.name` may select nothing.
    """
    wanted, pattern = parts(on)
    found = matching(things, pattern)
    if wanted != group or (pattern and not found and group != "items"):
        known = ", ".join([group, *(f"{group}.{name}" for name in sorted(things))])
        raise InputError(f"on: found {on!r}; write one of {known}")
    return {name: things[name] for name in found}


def parts(on: str) -> tuple[str, str]:
    """Return (group, pattern) of `on`; the pattern is "" when every thing of the group is meant.

    >>> parts("lights.bar_*"), parts("items")
    (('lights', 'bar_*'), ('items', ''))
    """
    group, _, pattern = on.partition(".")
    return group, pattern


def matching(names: Iterable[str], pattern: str) -> list[str]:
    """Return the names that a pattern selects, in alphabetical order; "" selects all.

    >>> matching(["key", "bar_b", "bar_a"], "bar_*")
    ['bar_a', 'bar_b']
    """
    return sorted(name for name in names if fnmatchcase(name, pattern or "*"))
