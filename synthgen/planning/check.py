"""`synthgen check`: every fault of a recipe, then 64 draws, and what is probably not meant."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from synthgen.errors import Infeasible, InputError, RecipeError
from synthgen.planning import plan, unlit, view_forecast
from synthgen.recipe import plausible
from synthgen.recipe.faults import Path, texts
from synthgen.recipe.load import examined
from synthgen.recipe.model import Recipe
from synthgen.recipe.remainder import idle
from synthgen.world.selection import matching, parts
from synthgen.world.shot import Shot

DRAWS = 64


@dataclass(frozen=True)
class Draws:
    """What 64 draws of a recipe's first split show."""

    faults: tuple[str, ...] = ()
    """What fails in every draw, one line each with its place."""
    shots: tuple[Shot, ...] = ()
    """The shots that can be built."""


@dataclass(frozen=True)
class Report:
    """What a check of a recipe finds."""

    faults: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    """What is allowed and probably not meant."""
    recipe: Recipe | None = None
    """The recipe; without what is at fault in it, None when too little is left."""
    shots: tuple[Shot, ...] = ()
    views: view_forecast.ViewForecast | None = None
    """What the cameras of the shots see; None when faults would hide it."""


def check(path: str | os.PathLike[str], overrides: Sequence[str] = ()) -> list[str]:
    """Return every fault of a recipe, [] when it is good.

    Raises:
        UsageError: an override names nothing that a recipe has.
    """
    return list(examine(path, overrides).faults)


def examine(path: str | os.PathLike[str], overrides: Sequence[str] = ()) -> Report:
    """Return every fault and warning of a recipe.

    Beyond what loading finds, 64 shots are drawn once each: a field that two randomizers write, a randomizer that
    fails, and a thing that stands in a wall in every draw are faults at their lines. What is at fault already is left
    out of the draws, so that they find the other faults in the same run.

    Raises:
        UsageError: an override names nothing that a recipe has.
    """
    try:
        recipe, found, file = examined(path, overrides)
    except RecipeError as error:
        return Report(tuple(error.faults))
    except InputError as error:
        return Report((f"{os.fspath(path)}: {error}",))
    faults = texts(found, file)
    draws = draw(recipe) if recipe is not None else Draws()
    warnings = [*texts(plausible.warnings(recipe.origin), file), *_selecting_nothing(recipe, draws)] if recipe else []
    if recipe and not found and not recipe.cameras:
        warnings.append(f"{file}: cameras: there is none, no image will be made; declare one under cameras")
    views = None
    if recipe and not found and not draws.faults:
        views = view_forecast.of_shots(draws.shots)
        warnings += view_forecast.warnings(recipe, views)
    return Report(tuple(dict.fromkeys([*faults, *draws.faults])), tuple(warnings), recipe, draws.shots, views)


def dark(report: Report, *, lit_by_usd: bool = False) -> str:
    """Return the warning that nothing gives light, "" when something does, or when faults hide what would."""
    if report.recipe is None or report.faults:
        return ""
    return unlit.warning(report.recipe, report.shots, lit_by_usd=lit_by_usd)


def require_possible(recipe: Recipe) -> None:
    """Return when any of 64 draws of the first split can be built; most often that is the first.

    Raises:
        RecipeError: none can, with what stands in the way.
    """
    split = next(iter(recipe.splits))
    for index in range(DRAWS):
        try:
            plan.try_once(recipe, split, index)
            return
        except Infeasible:
            continue
    raise RecipeError(draw(recipe).faults)


def draw(recipe: Recipe) -> Draws:
    """Return what 64 draws of the first split show to be wrong in every one of them, and the shots.

    A randomizer that fails is told once and left out of the draws that follow.
    """
    split = next(iter(recipe.splits))
    causes: Counter[str] = Counter()
    first: dict[str, str] = {}
    failed: list[str] = []
    shots: list[Shot] = []
    for index in range(DRAWS):
        try:
            recipe, shot = _drawn(recipe, split, index, failed)
        except Infeasible as error:
            causes[error.cause] += 1
            first.setdefault(error.cause, str(error).removeprefix(f"{error.cause}: "))
            continue
        if shot is None:
            return Draws(tuple(failed))
        shots.append(shot)
    if shots:
        return Draws(tuple(failed), tuple(shots))
    never = [
        f"{_place(recipe, detail)}: {detail} ({cause} in {causes[cause]} of {DRAWS} draws)"
        for cause, detail in first.items()
    ]
    return Draws((*failed, *never))


def _drawn(recipe: Recipe, split: str, index: int, failed: list[str]) -> tuple[Recipe, Shot | None]:
    """Return (the recipe with every randomizer idle that has failed, the shot, None when the recipe itself fails).

    Args:
        recipe: what is drawn.
        split: the split of the shot.
        index: the shot's index.
        failed: takes the messages of what fails.

    Raises:
        Infeasible: this draw cannot be built.
    """
    while True:
        try:
            return recipe, plan.try_once(recipe, split, index)
        except RecipeError as error:
            failed += error.faults
            guilty = [n for n, entry in enumerate(recipe.randomize) if f": randomize.{entry.label}: " in str(error)]
            if not guilty:
                return recipe, None
            entries = tuple(idle(entry) if n in guilty else entry for n, entry in enumerate(recipe.randomize))
            recipe = recipe.model_copy(update={"randomize": entries})


def _selecting_nothing(recipe: Recipe, draws: Draws) -> list[str]:
    """Return one line for each randomizer whose `on` names items that are in none of the drawn shots."""
    lines = []
    for n, entry in enumerate(recipe.randomize if draws.shots else ()):
        on = entry.fields.get("on")
        group, pattern = parts(on) if isinstance(on, str) else ("", "")
        if group != "items" or not pattern or any(matching(shot.items, pattern) for shot in draws.shots):
            continue
        path: Path = ("randomize", n, entry.name, "on")
        message = (
            f"found {on!r}, which selects nothing in any of {len(draws.shots)} draws; write items, or another name"
        )
        lines.append(recipe.origin.fault(path, message).text(recipe.origin.file))
    return lines


def _place(recipe: Recipe, detail: str) -> str:
    """Return file:line of the thing whose dotted path opens a detail."""
    path: Path = tuple(detail.partition(":")[0].split("."))
    line = recipe.origin.line(path)
    return recipe.origin.place(path) or (f"{recipe.origin.file}:{line}" if line else recipe.origin.file)
