"""Decide Shots: `shot(recipe, "train", 7)` is the same world on every machine, in every order, after every crash."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from synthgen.errors import Infeasible, InputError, PartialError, RecipeError
from synthgen.planning import clutter, constraints, instantiate, view_forecast, write_conflicts
from synthgen.random_streams import Stream
from synthgen.recipe.faults import Fault
from synthgen.recipe.model import Recipe
from synthgen.world import sites
from synthgen.world.shot import EyeZone, Shot, World, as_plain
from synthgen.world.sites import Site

TRIES = 20
"""Attempts at one shot (docs/contract.md section 2)."""


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
    """Counts and values of many drawn shots."""

    shots: int
    """Shots that could be built."""
    failed: int
    attempts: int
    causes: Mapping[str, int]
    """Infeasible attempts by cause."""
    values: Mapping[str, np.ndarray]
    """Every number that differs between shots, by dotted path, one entry for each shot that has it."""
    looks: tuple[view_forecast.Look, ...] = ()
    """What the cameras of each shot see."""

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
    return next(decisions(recipe, split, index))


def decisions(recipe: Recipe, split: str, index: int) -> Iterator[Decision]:
    """Yield every attempt at a shot that can be built; asking for the next one calls the last unsafe to eyes.

    Raises:
        Failed: 20 attempts are used up.
        RecipeError: as in `shot`.
    """
    causes: Counter[str] = Counter()
    detail = ""
    for attempt in range(TRIES):
        try:
            built = try_once(recipe, split, index, attempt)
        except Infeasible as error:
            causes[error.cause] += 1
            detail = str(error)
            continue
        yield Decision(built, MappingProxyType(dict(causes)))
        causes["safety"] += 1
        detail = "safety: a hazard map exceeds safety.max_ratio; dim the lights, or write on_exceed: flag"
    raise Failed(split, index, causes, f"the last: {detail}")


def try_once(recipe: Recipe, split: str, index: int, attempt: int = 0) -> Shot:
    """Return one attempt at a shot.

    Raises:
        Infeasible: these draws cannot be built.
        RecipeError: two randomizers write one field, or one of them is not usable.
    """
    rng = Stream(recipe.seed, split, index, attempt=attempt)
    started = _declared(recipe, rng)
    standing = _site(recipe, started.world)
    decided = started
    ledger = write_conflicts.Ledger(started)
    for n, entry in enumerate(recipe.randomize):
        changed = _randomized(recipe, n, decided, rng.at("randomize", entry.label))
        clash = ledger.note(entry.label, decided, changed)
        if clash:
            raise _wrong(recipe, n, clash)
        decided = changed
    constraints.check(decided, standing)
    return _canonical(recipe, decided)


def _canonical(recipe: Recipe, decided: Shot) -> Shot:
    """Return the shot as its JSON gives it back, so that a stored shot is this one to the last bit."""
    try:
        return Shot.from_json(decided.to_json())
    except (ValueError, TypeError) as error:
        labels = ", ".join(entry.label for entry in recipe.randomize)
        message = f"one of {labels} decided what a Shot cannot hold: {error}; repair that class"
        raise _at(recipe, ("randomize",), "randomize", message) from error


def statistics(recipe: Recipe, split: str, n: int) -> Statistics:
    """Return acceptance, causes of failure and values of the first `n` shots of a split."""
    causes: Counter[str] = Counter()
    series: dict[str, list[float]] = {}
    failed = 0
    looks = []
    for index in range(n):
        try:
            decision = decide(recipe, split, index)
        except Failed as error:
            causes.update(error.causes)
            failed += 1
            continue
        causes.update(decision.causes)
        looks.append(view_forecast.look(decision.shot))
        for path, value in numbers(decision.shot):
            series.setdefault(path, []).append(value)
    values = {path: np.array(found) for path, found in sorted(series.items()) if min(found) != max(found)}
    attempts = n - failed + sum(causes.values())
    counted = MappingProxyType(dict(causes))
    return Statistics(n - failed, failed, attempts, counted, MappingProxyType(values), tuple(looks))


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
    standing = _site(recipe, world)
    parts = {group: getattr(recipe, group) for group in ("cameras", "lights", "baffles", "items")}
    build: dict[str, Callable[[Any, str, Stream], Any]] = {
        "cameras": lambda part, _, place: instantiate.camera(part, standing, place),
        "lights": lambda part, _, place: instantiate.light(part, standing),
        "baffles": lambda part, _, place: instantiate.baffle(part, standing),
        "items": instantiate.item,
    }
    things = {
        group: {name: _made(recipe, build[group], part, name, rng.at(group, name)) for name, part in named.items()}
        for group, named in parts.items()
    }
    things["items"] |= clutter.items(recipe, standing, rng.at("scene", "clutter"))
    return Shot(
        seed=recipe.seed,
        split=rng.split,
        index=rng.index,
        attempt=rng.attempt,
        world=world,
        **things,
        safety=replace(recipe.eye_safety, zones=_zones(recipe, rng)),
    )


def _made(recipe: Recipe, build: Callable[[Any, str, Stream], Any], part: Any, name: str, rng: Stream) -> Any:
    """Return a declared thing; what is wrong with it names its path."""
    try:
        return build(instantiate.decided(part, rng), name, rng)
    except Infeasible as error:
        raise Infeasible(error.cause, f"{rng.path}: {str(error).removeprefix(f'{error.cause}: ')}") from None
    except InputError as error:
        raise _at(recipe, tuple(rng.path.split(".")), rng.path, str(error)) from error


def _world(recipe: Recipe, rng: Stream) -> World:
    scene = recipe.scene
    look = Stream(recipe.seed, "", 0).at("scene", "look")
    return World(
        warehouse=scene.warehouse,
        usd=scene.usd,
        parameters=instantiate.decided(scene.parameters, rng.at("scene")),
        seed=look.integer(),
    )


def _zones(recipe: Recipe, rng: Stream) -> dict[str, EyeZone]:
    zones = {}
    for name, part in recipe.safety.zones.items():
        a, b = instantiate.decided(part.box_m, rng.at("safety", "zones", name, "box_m"))
        low, high = (tuple(choose(p, q) for p, q in zip(a, b, strict=True)) for choose in (min, max))
        zones[name] = EyeZone(box_m=(low, high), kind=part.kind, gaze=part.gaze, duration_s=part.duration_s)
    return zones


def _site(recipe: Recipe, world: World) -> Site:
    try:
        return _built(world.warehouse, tuple(sorted(world.parameters.items())))
    except (InputError, ArithmeticError, ValueError) as error:
        raise _at(recipe, ("scene",), "scene", f"{error}; write other numbers for {world.warehouse}") from error


@lru_cache(maxsize=64)
def _built(warehouse: str, parameters: tuple[tuple[str, float], ...]) -> Site:
    return sites.build(warehouse, dict(parameters))


def _randomized(recipe: Recipe, n: int, decided: Shot, rng: Stream) -> Shot:
    """Return the shot after the n-th randomizer; an error that a user's class raises names the entry in the recipe."""
    entry = recipe.randomize[n]
    try:
        return entry.build(rng)(decided, rng)
    except (Infeasible, RecipeError):
        raise
    except InputError as error:
        raise _wrong(recipe, n, str(error)) from error
    except Exception as error:  # a class from anywhere
        raise _wrong(recipe, n, f"{entry.name} failed with {type(error).__name__}: {error}") from error


def _wrong(recipe: Recipe, n: int, message: str) -> RecipeError:
    """Return the error that names the n-th entry of the randomizer list by its line and label."""
    return _at(recipe, ("randomize", n), f"randomize.{recipe.randomize[n].label}", message)


def _at(recipe: Recipe, place: tuple[str | int, ...], path: str, message: str) -> RecipeError:
    """Return the error that names a place of the recipe by its line and path."""
    fault = Fault(recipe.origin.line(place), path, message, recipe.origin.place(place))
    return RecipeError([fault.text(recipe.origin.file)])


def _numbers(value: object, path: str) -> Iterator[tuple[str, float]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _numbers(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            yield from _numbers(inner, f"{path}.{n}")
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield path, float(value)
