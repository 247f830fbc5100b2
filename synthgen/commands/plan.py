"""`synthgen plan`: what shots come out as, without rendering one."""

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
    """Draw shots without rendering: histograms, acceptance rates, codes in view, signal of paper, disk space, time.

    Example: `synthgen plan scan_tunnel -n 200`
    """
    from synthgen.planning import forecast
    from synthgen.planning import plan as planner

    loaded = flags.load(recipe, seed, overrides)
    name = flags.split_of(loaded, split)
    statistics = planner.statistics(loaded, name, shots)
    first = next(planner.shots(loaded, name, range(shots)), None)
    size = forecast.bytes_per_shot(loaded, first) if first else 0.0
    warnings = forecast.warnings(loaded, statistics)
    if json:
        flags.data_object(forecast.summary(statistics, size, shots) | {"warnings": warnings})
    else:
        flags.data("\n".join(forecast.text(statistics, size, shots)))
    flags.warn_all(warnings)
