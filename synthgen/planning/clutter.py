"""The clutter of a scene: outside models strewn over a region, each draw at its own name."""

from __future__ import annotations

import math
from pathlib import Path

from synthgen.planning import instantiate
from synthgen.random_streams import Stream
from synthgen.recipe.cross_references import files
from synthgen.recipe.model import Recipe
from synthgen.world import poses
from synthgen.world.shot import Item, Vec3
from synthgen.world.sites import Site

_NOWHERE = ((-1.5, -1.5, 0.0), (1.5, 1.5, 0.0))
"""Region of a scene that has no place of its own for clutter [m]."""


def items(recipe: Recipe, site: Site, rng: Stream) -> dict[str, Item]:
    """Return the clutter of one shot: models standing on the floor of the region, turned about the vertical.

    File names stay relative to the recipe.
    """
    part = recipe.scene.clutter
    if part is None:
        return {}
    names = sorted({name for pattern in part.usd for name in files(pattern, Path(recipe.origin.folder))})
    count = instantiate.decided(part.count, rng.at("count"))
    low, high = _region(part.region_m, site, rng)
    return {f"clutter_{n}": _item(names, low, high, part.size_m, rng.at(n)) for n in range(count)}


def _item(names: list[str], low: Vec3, high: Vec3, size_m: object, rng: Stream) -> Item:
    def between(axis: int) -> float:
        return low[axis] + rng.at("position_m", axis).uniform() * (high[axis] - low[axis])

    longest = instantiate.decided(size_m, rng.at("size_m"))
    return Item(
        kind="usd",
        pose=poses.standing((between(0), between(1), low[2]), rng.at("yaw_rad").uniform() * 2 * math.pi),
        size_m=(longest, longest, longest),
        look_seed=rng.at("look").integer(),
        usd=names[int(rng.at("usd").uniform() * len(names))],
    )


def _region(region: object, site: Site, rng: Stream) -> tuple[Vec3, Vec3]:
    """Return the region's lower and upper corner [m]."""
    if region is not None:
        a, b = instantiate.decided(region, rng.at("region_m"))
    elif "clutter" in site.zones:
        a, b = site.zones["clutter"].min_m, site.zones["clutter"].max_m
    else:
        a, b = _NOWHERE
    low, high = (tuple(choose(p, q) for p, q in zip(a, b, strict=True)) for choose in (min, max))
    return low, high  # pyright: ignore[reportReturnType]
