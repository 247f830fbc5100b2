"""What a recipe asked for against what the shots of its data set hold.

Shots follow from the recipe, so each is drawn again, attempt by attempt, with every distribution of the recipe noting
the numbers that are drawn from it. A distribution turns a uniform number into a value: whatever it is, the numbers of
all attempts are uniform, and those of the accepted attempts are uniform exactly when nothing rejected them by value.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from functools import cache, cached_property
from types import MappingProxyType
from typing import Any

import numpy as np

from synthgen.errors import Infeasible
from synthgen.planning import plan
from synthgen.recipe import Entry, Recipe
from synthgen.recipe.base import Part
from synthgen.recipe.randomizer_entry import hints, takes_distributions
from synthgen.reporting.intervals import uniform_gap
from synthgen.world import distributions
from synthgen.world.distributions import Distribution
from synthgen.world.shot import Shot

Note = Callable[[str, float], None]
"""Told (path of a distribution, the number in [0, 1) that was drawn)."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Parameter:
    """One distribution of the recipe, and what was drawn from it."""

    path: str
    wanted: Distribution
    accepted: np.ndarray
    """Cumulative probabilities of the draws of accepted attempts."""
    rejected: np.ndarray

    @cached_property
    def gap(self) -> float:
        """Return the largest distance of the accepted draws' distribution from the one asked for."""
        return uniform_gap(self.accepted)

    def values(self) -> list[Any]:
        """Return the values of the accepted draws."""
        return [self.wanted.at(share) for share in self.accepted.tolist()]


@dataclass(frozen=True, eq=False, kw_only=True)
class Drawn:
    """What the draws of some shots were."""

    shots: int
    same: int
    """Shots that came out as they are stored, to the last bit."""
    attempts: int
    causes: Mapping[str, int] = field(default_factory=dict)
    """Rejected attempts by cause."""
    parameters: tuple[Parameter, ...] = ()
    """Those that were drawn from at all."""

    @property
    def acceptance(self) -> float:
        """Return the share of attempts that were accepted; nan without any."""
        return self.shots / self.attempts if self.attempts else float("nan")


def drawn(recipe: Recipe, shots: Iterable[Shot]) -> Drawn:
    """Return what was drawn for some stored shots.

    Raises:
        RecipeError: a randomizer of the recipe cannot be used.
    """
    now: list[tuple[str, float]] = []
    wanted: dict[str, Distribution] = {}
    watching = watched(recipe, lambda path, share: now.append((path, share)), wanted)
    kept: dict[str, tuple[list[float], list[float]]] = {}
    causes: Counter[str] = Counter()
    count = same = attempts = 0
    for stored in shots:
        count += 1
        for attempt in range(stored.attempt + 1):
            attempts += 1
            now.clear()
            built, cause = _attempt(watching, stored, attempt)
            accepted = attempt == stored.attempt
            same += accepted and built == stored
            if not accepted:
                causes[cause] += 1
            for path, share in now:
                kept.setdefault(path, ([], []))[0 if accepted else 1].append(share)
    found = tuple(
        Parameter(path=path, wanted=wanted[path], accepted=np.array(taken), rejected=np.array(refused))
        for path, (taken, refused) in sorted(kept.items())
    )
    return Drawn(shots=count, same=same, attempts=attempts, causes=MappingProxyType(dict(causes)), parameters=found)


def watched(recipe: Recipe, note: Note, wanted: dict[str, Distribution]) -> Recipe:
    """Return the recipe with every distribution telling `note` what is drawn; `wanted` gets them by path."""

    def looked_at(value: Any, path: str) -> Any:
        if distributions.is_distribution(value) and not isinstance(value, distributions.Fixed):
            wanted[path] = value
            return _watched(value, lambda share: note(path, share))
        if isinstance(value, Part):
            own = {name: looked_at(getattr(value, name), f"{path}.{name}".lstrip(".")) for name in _names(value)}
            return value.model_copy(update=own)
        if isinstance(value, Entry):
            given = {
                name: looked_at(each, f"{path}.{name}") for name, each in (_defaults(value) | value.fields).items()
            }
            return replace(value, fields=given)
        if isinstance(value, tuple):
            return tuple(looked_at(each, f"{path}.{n}") for n, each in enumerate(value))
        if isinstance(value, dict):
            return {key: looked_at(each, f"{path}.{key}") for key, each in value.items()}
        return value

    listed = tuple(looked_at(entry, f"randomize.{entry.label}") for entry in recipe.randomize)
    return looked_at(recipe, "").model_copy(update={"randomize": listed})


def _names(part: Part) -> list[str]:
    return [name for name in type(part).model_fields if name != "randomize"]


def _defaults(entry: Entry) -> dict[str, Any]:
    """Return the distributions that a randomizer's class draws from where the recipe gives none."""
    declared = hints(entry.kind)
    return {
        each.name: each.default
        for each in fields(entry.kind)
        if each.init
        and each.default is not MISSING
        and distributions.is_distribution(each.default)
        and takes_distributions(declared[each.name])
    }


def _attempt(recipe: Recipe, stored: Shot, attempt: int) -> tuple[Shot | None, str]:
    """Return an attempt at a shot and, for one that was rejected, why."""
    try:
        return plan.try_once(recipe, stored.split, stored.index, attempt), "safety"
    except Infeasible as error:
        return None, error.cause


def _watched(value: Distribution, note: Callable[[float], None]) -> Distribution:
    """Return an equal distribution that tells `note` each number it is asked for."""
    copied = _watching(type(value))(**{each.name: getattr(value, each.name) for each in fields(value)})  # type: ignore[arg-type]
    object.__setattr__(copied, "note", note)
    return copied


@cache
def _watching(kind: Any) -> Any:
    def at(self: Any, u: float) -> Any:
        note = self.__dict__.get("note")  # a copy made by `replace` has none
        if note is not None:
            note(u)
        return kind.at(self, u)

    return type(f"Watched{kind.__name__}", (kind,), {"at": at})
