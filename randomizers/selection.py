"""Which declared things a randomizer changes: `on: lights` all of them, `on: lights.key` one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from synthgen.errors import InputError
from synthgen.random_streams import Stream
from synthgen.world import distributions
from synthgen.world.shot import Shot
from synthgen.world.sites import Site, build

Thing = TypeVar("Thing")
Number = float | distributions.Distribution
Maybe = float | distributions.Distribution | None
"""A number, a distribution, or None: leave what is declared."""


def changed(
    things: Mapping[str, Thing], group: str, on: str, change: Callable[[str, Thing], Thing]
) -> dict[str, Thing]:
    """Return the things with `change(name, thing)` in place of those that `on` selects.

    Raises:
        InputError: `on` names another group or a thing that is not there.
    """
    wanted, _, name = on.partition(".")
    if wanted != group or (name and name not in things):
        known = ", ".join([group, *(f"{group}.{n}" for n in sorted(things))])
        raise InputError(f"on: found {on!r}; write one of {known}")
    return {key: change(key, thing) if name in ("", key) else thing for key, thing in things.items()}


def number(value: Maybe, declared: float, rng: Stream) -> float:
    """Return a drawn number, or the declared one where the field is None."""
    return declared if value is None else float(distributions.draw(value, rng))


def site_of(shot: Shot, needed: str) -> Site:
    """Return the shot's site.

    Raises:
        InputError: the scene is another warehouse than the `needed` one.
    """
    if shot.world.warehouse != needed:
        raise InputError(f"scene.warehouse: found {shot.world.warehouse!r}; write {needed} for this randomizer")
    return build(needed, shot.world.parameters)
