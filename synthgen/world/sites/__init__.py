"""Sites: the numbers of each warehouse (mount points, solids, zones), without USD.

sites.build("scan_tunnel", {"belt_width_m": 1.0}).mount("gantry_top").pose
"""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches

from synthgen.errors import InputError
from synthgen.world.sites import aisle, bench, dock, tunnel
from synthgen.world.sites.model import Box, Mount, Site, looking, mount_choices, shade

__all__ = [
    "ABOUT", "DEFAULTS", "SITES", "Box", "Mount", "Site", "aisle", "bench", "build", "dock", "looking",
    "mount_choices", "shade", "tunnel",
]  # fmt: skip

_BUILDERS: dict[str, Callable[[dict[str, float]], Site]] = {
    "scan_tunnel": tunnel.build,
    "rack_aisle": aisle.build,
    "dock_door": dock.build,
    "bench": bench.build,
}

DEFAULTS: dict[str, dict[str, float]] = {
    "scan_tunnel": tunnel.DEFAULTS,
    "rack_aisle": aisle.DEFAULTS,
    "dock_door": dock.DEFAULTS,
    "bench": bench.DEFAULTS,
}
"""Every number that a recipe's `scene` may set, by warehouse."""


ABOUT: dict[str, dict[str, str]] = {
    "scan_tunnel": tunnel.ABOUT,
    "rack_aisle": aisle.ABOUT,
    "dock_door": dock.ABOUT,
    "bench": bench.ABOUT,
}
"""What each of these numbers is, by warehouse."""


def build(name: str, parameters: dict[str, float] | None = None) -> Site:
    """Return the site `name` with the given numbers in place of its defaults; "" is an empty world.

    Raises:
        InputError: an unknown warehouse, or a number that it does not have; the message names those there are.
    """
    if not name:
        return Site(name="", parameters=dict(parameters or {}), mounts={}, solids=())
    if name not in _BUILDERS:
        near = get_close_matches(name, _BUILDERS, 1)
        hint = f"write {near[0]}" if near else f"write one of {', '.join(_BUILDERS)}"
        raise InputError(f"scene.warehouse: found {name!r}; {hint}")
    return _BUILDERS[name](parameters or {})


SITES: dict[str, Site] = {name: builder({}) for name, builder in _BUILDERS.items()}
"""Each site with its default numbers."""
