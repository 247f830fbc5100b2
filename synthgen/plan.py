"""Decide Shots: `shot(recipe, "train", 7)` is the same world on every machine, in every order, after every crash."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

import numpy as np

from synthgen import clutter, constraints, declared, site, writes
from synthgen.errors import Infeasible, InputError, PartialError, RecipeError
from synthgen.recipe.entry import Entry
from synthgen.recipe.model import Recipe
from synthgen.shot import EyeZone, Shot, World, as_plain
from synthgen.site import Site
from synthgen.streams import Stream

TRIES = 20
"""Attempts at one shot (contract section 2)."""


class Failed(PartialError):
    """No attempt at a shot could be built; `causes` counts why."""

    def __init__(self, split: str, index: int, causes: Mapping[str, int], detail: str = "") -> None:
        self.split, self.index, self.causes = split, index, dict(causes)
        counted = ", ".join(f"{cause} x {n}" for cause, n in sorted(causes.items()))
        super().__init__(f"shot {split}-{index:08d}: nothing could be built in {TRIES} tries ({counted}); {detail}")


@dataclass(frozen=True)
class Decision:
    """A shot and what its earlier attempts failed of."""

    shot: Shot
    causes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Statistics:
    """What many shots came out as."""

    shots: int
    """Shots that could be built."""
    failed: int
    attempts: int
    causes: Mapping[str, int]
    """Infeasible attempts by cause."""
    values: Mapping[str, np.ndarray]
    """Every number that differs between shots, by dotted path, one entry for each shot that has it."""

    @property
    def acceptance(self) -> float:
        """Return the share of attempts that could be built."""
        return self.shots / self.attempts if self.attempts else 0.0


def shot(recipe: Recipe, split: str, index: int) -> Shot:
    """Return the shot `index` of a split, decided.

    Raises:
        Failed: 20 attempts could not be built.
        RecipeError: two randomizers write one field, or one of them is not usable.
    """
    return decide(recipe, split, index).shot


def shots(recipe: Recipe, split: str, indices: Iterable[int]) -> Iterator[Shot]:
    """Yield the shots of some indices, leaving out those that cannot be built."""
    for index in indices:
        try:
            yield shot(recipe, split, index)
        except Failed:
            continue


def decide(recipe: Recipe, split: str, index: int) -> Decision:
    """Return the shot with the causes of its earlier attempts; errors as in `shot`."""
    causes: Counter[str] = Counter()
    detail = ""
    for attempt in range(TRIES):
        try:
            return Decision(try_once(recipe, split, index, attempt), MappingProxyType(dict(causes)))
        except Infeasible as error:
            causes[error.cause] += 1
            detail = str(error)
    raise Failed(split, index, causes, f"the last: {detail}")


def try_once(recipe: Recipe, split: str, index: int, attempt: int = 0) -> Shot:
    """Return one attempt at a shot.

    Raises:
        Infeasible: these draws cannot be built.
        RecipeError: two randomizers write one field, or one of them is not usable.
    """
    rng = Stream(recipe.seed, split, index, attempt=attempt)
    started = _declared(recipe, rng)
    standing = _site(started.world)
    decided = started
    ledger = writes.Ledger(started)
    for entry in recipe.randomize:
        changed = _randomized(recipe, entry, decided, rng.at("randomize", entry.label))
        clash = ledger.note(entry.label, decided, changed)
        if clash:
            raise RecipeError([f"{recipe.origin.file}: randomize.{entry.label}: {clash}"])
        decided = changed
    constraints.check(decided, standing)
    return decided


def statistics(recipe: Recipe, split: str, n: int) -> Statistics:
    """Return what the first `n` shots of a split come out as."""
    causes: Counter[str] = Counter()
    series: dict[str, list[float]] = {}
    failed = 0
    for index in range(n):
        try:
            decision = decide(recipe, split, index)
        except Failed as error:
            causes.update(error.causes)
            failed += 1
            continue
        causes.update(decision.causes)
        for path, value in numbers(decision.shot):
            series.setdefault(path, []).append(value)
    values = {path: np.array(found) for path, found in sorted(series.items()) if min(found) != max(found)}
    attempts = n - failed + sum(causes.values())
    return Statistics(n - failed, failed, attempts, MappingProxyType(dict(causes)), MappingProxyType(values))


def numbers(shot: Shot) -> Iterator[tuple[str, float]]:
    """Yield (dotted path, value) of every number of a shot, seeds and positions in lists included."""
    yield from _numbers(as_plain(shot), "")


def anchored(shot: Shot, folder: Path) -> Shot:
    """Return the shot with the file names in it absolute: a stored shot keeps them relative to its recipe."""

    def absolute(name: str) -> str:
        return str((folder / name).resolve()) if name else name

    items = {key: replace(item, usd=absolute(item.usd)) if item.usd else item for key, item in shot.items.items()}
    return replace(shot, world=replace(shot.world, usd=absolute(shot.world.usd)), items=items)


def _declared(recipe: Recipe, rng: Stream) -> Shot:
    """Return the shot as the recipe declares it, before any randomizer."""
    world = _world(recipe, rng)
    standing = _site(world)
    cameras, lights, baffles, items = (
        {name: declared.decided(part, rng.at(group, name)) for name, part in getattr(recipe, group).items()}
        for group in ("cameras", "lights", "baffles", "items")
    )
    return Shot(
        seed=recipe.seed,
        split=rng.split,
        index=rng.index,
        attempt=rng.attempt,
        world=world,
        cameras={n: declared.camera(part, standing, rng.at("cameras", n)) for n, part in cameras.items()},
        lights={n: declared.light(part, standing) for n, part in lights.items()},
        baffles={n: declared.baffle(part, standing) for n, part in baffles.items()},
        items={
            **{n: declared.item(part, n, rng.at("items", n)) for n, part in items.items()},
            **clutter.items(recipe, standing, rng.at("scene", "clutter")),
        },
        safety=replace(recipe.eye_safety, zones=_zones(recipe, rng)),
    )


def _world(recipe: Recipe, rng: Stream) -> World:
    scene = recipe.scene
    look = Stream(recipe.seed, "", 0).at("scene", "look")
    return World(
        warehouse=scene.warehouse,
        usd=scene.usd,
        parameters=declared.decided(scene.parameters, rng.at("scene")),
        seed=look.integer(),
    )


def _zones(recipe: Recipe, rng: Stream) -> dict[str, EyeZone]:
    zones = {}
    for name, part in recipe.safety.zones.items():
        a, b = declared.decided(part.box_m, rng.at("safety", "zones", name, "box_m"))
        low, high = (tuple(choose(p, q) for p, q in zip(a, b, strict=True)) for choose in (min, max))
        zones[name] = EyeZone(box_m=(low, high), kind=part.kind)
    return zones


def _site(world: World) -> Site:
    return _built(world.warehouse, tuple(sorted(world.parameters.items())))


@lru_cache(maxsize=64)
def _built(warehouse: str, parameters: tuple[tuple[str, float], ...]) -> Site:
    return site.build(warehouse, dict(parameters))


def _randomized(recipe: Recipe, entry: Entry, decided: Shot, rng: Stream) -> Shot:
    """Return the shot after one randomizer; whatever a user's class raises names its entry."""
    try:
        return entry.build(rng)(decided, rng)
    except (Infeasible, InputError):
        raise
    except (ValueError, KeyError, TypeError, AttributeError, LookupError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise RecipeError(
            [f"{recipe.origin.file}: randomize.{entry.label}: {entry.name} failed with {reason}"]
        ) from error


def _numbers(value: object, path: str) -> Iterator[tuple[str, float]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _numbers(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            yield from _numbers(inner, f"{path}.{n}")
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield path, float(value)
