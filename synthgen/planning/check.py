"""`synthgen check`: every fault of a recipe, then 64 draws."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence

from synthgen.errors import Infeasible, InputError, RecipeError
from synthgen.recipe.faults import Path
from synthgen.recipe.load import load
from synthgen.recipe.model import Recipe

DRAWS = 64


def check(path: str | os.PathLike[str], overrides: Sequence[str] = ()) -> list[str]:
    """Return every fault of a recipe, [] when it is good.

    Beyond what loading finds, 64 shots are drawn once each: a field that two randomizers write, a randomizer that
    fails, and a thing that stands in a wall in every draw are faults at their lines.

    Raises:
        UsageError: an override names nothing that a recipe has.
    """
    try:
        recipe = load(path, overrides)
        return drawn(recipe)
    except RecipeError as error:
        return list(error.faults)
    except InputError as error:
        return [f"{os.fspath(path)}: {error}"]


def require_possible(recipe: Recipe) -> None:
    """Return when any of 64 draws of the first split can be built; most often that is the first.

    Raises:
        RecipeError: none can, with what stands in the way.
    """
    from synthgen.planning import plan

    split = next(iter(recipe.splits))
    for index in range(DRAWS):
        try:
            plan.try_once(recipe, split, index)
            return
        except Infeasible:
            continue
    raise RecipeError(drawn(recipe))


def drawn(recipe: Recipe) -> list[str]:
    """Return what 64 draws of the first split show to be wrong in every one of them."""
    from synthgen.planning import plan

    split = next(iter(recipe.splits))
    causes: Counter[str] = Counter()
    first: dict[str, str] = {}
    for index in range(DRAWS):
        try:
            plan.try_once(recipe, split, index)
        except Infeasible as error:
            causes[error.cause] += 1
            first.setdefault(error.cause, str(error).removeprefix(f"{error.cause}: "))
    if sum(causes.values()) < DRAWS:
        return []
    return [
        f"{_place(recipe, detail)}: {detail} ({cause} in {causes[cause]} of {DRAWS} draws)"
        for cause, detail in first.items()
    ]


def _place(recipe: Recipe, detail: str) -> str:
    """Return file:line of the thing whose dotted path opens a detail."""
    path: Path = tuple(detail.partition(":")[0].split("."))
    line = recipe.origin.line(path)
    return recipe.origin.place(path) or (f"{recipe.origin.file}:{line}" if line else recipe.origin.file)
