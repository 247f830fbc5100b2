"""The standing scene as parametric USD: `author_world` writes the geometry of a site below /World/Environment.

No roof and no closed walls: a dome light stands for what the hall's surfaces scatter.
"""

from __future__ import annotations

from collections.abc import Callable

from pxr import Usd

from synthgen.usd.warehouse import aisle, bench, dock, tunnel
from synthgen.world import sites
from synthgen.world.shot import World
from synthgen.world.sites import Site

ROOT = "/World/Environment"

_AUTHORS: dict[str, Callable[[Usd.Stage, str, Site, int], None]] = {
    "scan_tunnel": tunnel.author,
    "rack_aisle": aisle.author,
    "dock_door": dock.author,
    "bench": bench.author,
}


def author_world(stage: Usd.Stage, world: World) -> None:
    """Author the warehouse of `world` with its parameters.

    Raises:
        InputError: an unknown warehouse, or a parameter that it does not have.
    """
    if world.warehouse:
        place = sites.build(world.warehouse, world.parameters)
        _AUTHORS[world.warehouse](stage, f"{ROOT}/{world.warehouse}", place, world.seed)
