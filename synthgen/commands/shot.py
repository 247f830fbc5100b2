"""`synthgen shot`: one shot as a stage that other USD tools open."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from synthgen.commands import flags


def shot(
    recipe: flags.RecipeName,
    *,
    index: Annotated[
        int,
        Parameter(name=["-i", "--index"], validator=Number(gte=0, lte=flags.MOST_SHOTS - 1), help="Shot index."),
    ],
    out: Annotated[Path, flags.output("The stage: a .usda, .usdc or .usdz file.", endings=(".usda", ".usdc", ".usdz"))],
    split: flags.Split = "",
    seed: flags.Seed = None,
    overrides: flags.Set = [],  # noqa: B006
) -> None:
    """Write one shot as a self-contained USD stage (.usda, .usdc or .usdz), textures beside it or inside.

    Example: `synthgen shot bench_card -i 3 -o shot.usda`, then `synthgen render shot.usda -o shot.npz`
    """
    from synthgen.inspection import stage_view

    loaded = flags.load(recipe, seed, overrides)
    stage_view.write_shot(loaded, flags.split_of(loaded, split), index, out)
    flags.message(f"{out}: shot {index}")
