"""`synthgen plan`: statistics of drawn shots, without rendering one."""

from __future__ import annotations

from synthgen.commands import flags


def plan(
    recipe: flags.RecipeName,
    *,
    shots: flags.DrawnShots = 64,
    split: flags.Split = "",
    seed: flags.Seed = None,
    overrides: flags.Set = [],  # noqa: B006
    json: flags.Json = False,
) -> None:
    """Draw shots without rendering: histograms, acceptance rates, codes in view, signal of paper, disk, memory, time.

    Memory is that of one worker process; time is that of one core, as it was measured on the machine that is named.

    Example: `synthgen plan scan_tunnel -n 200`

    Exits 4 when the recipe has faults, or names a file that cannot be used.
    """
    from synthgen.errors import RecipeError
    from synthgen.inspection import recipe_files
    from synthgen.planning import forecast
    from synthgen.planning import plan as planner
    from synthgen.recipe.faults import texts

    loaded = flags.load(recipe, seed, overrides)
    name = flags.split_of(loaded, split)
    opened = recipe_files.inspected(loaded)
    if opened.faults:
        raise RecipeError(texts(opened.faults, loaded.origin.file))
    statistics = planner.statistics(loaded, name, shots)
    first = next(planner.shots(loaded, name, range(shots)), None)
    size = forecast.bytes_per_shot(loaded, first) if first else 0.0
    cost = forecast.taken(loaded, first, statistics) if first else None
    warnings = forecast.warnings(loaded, statistics, lit_by_usd=opened.lit)
    if json:
        flags.data_object(forecast.summary(statistics, size, shots, cost) | {"warnings": warnings})
    else:
        flags.data("\n".join(forecast.text(statistics, size, shots, cost)))
    flags.warn_all(warnings)
