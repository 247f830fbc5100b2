"""Select the things that a randomizer changes: `on: lights` is all, `lights.key` one, `lights.bar_*` a pattern."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from synthgen.errors import InputError
from synthgen.random_streams import Stream
from synthgen.world import distributions
from synthgen.world.selection import select
from synthgen.world.shot import Item, Shot
from synthgen.world.sites import Site, build

Thing = TypeVar("Thing")
Number = float | distributions.Distribution
Maybe = float | distributions.Distribution | None
Count = int | distributions.Distribution
Text = str | distributions.Distribution
"""A number, a distribution, or None, which keeps the declared value."""


def changed(
    things: Mapping[str, Thing], group: str, on: str, change: Callable[[str, Thing], Thing]
) -> dict[str, Thing]:
    """Return the things with `change(name, thing)` in place of those that `on` selects.

    Raises:
        InputError: `on` names another group or a thing that is not there.
    """
    chosen = select(things, group, on)
    return {key: change(key, thing) if key in chosen else thing for key, thing in things.items()}


def selected(shot: Shot, on: str, kinds: tuple[str, ...]) -> Iterator[tuple[str, Item]]:
    """Yield the items that `on` (`items` or `items.<name or pattern>`) and `kinds` name, in alphabetical order."""
    for item_id, item in select(shot.items, "items", on).items():
        if item.kind in kinds:
            yield item_id, item


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
