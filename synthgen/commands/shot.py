"""`synthgen shot`: one shot as a stage that other USD tools open."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from synthgen.commands import flags


def shot(
    recipe: flags.RecipeName,
    *,
    index: Annotated[int, Parameter(name=["-i", "--index"], validator=Number(gte=0), help="Shot index.")],
    out: flags.Out,
    split: flags.Split = "",
    seed: flags.Seed = None,
    overrides: flags.Set = [],  # noqa: B006
) -> None:
    """Write one shot as a self-contained USD stage (.usda, .usdc or .usdz), textures beside it or inside.

    Example: `synthgen shot bench_card -i 3 -o shot.usda`, then `synthgen render shot.usda -o shot.npz`
    """
    from synthgen import atomic_files
    from synthgen.inspection import stage_view

    atomic_files.make_room(out)
    loaded = flags.load(recipe, seed, overrides)
    stage_view.write_shot(loaded, flags.split_of(loaded, split), index, out)
    flags.message(f"{out}: shot {index}")
