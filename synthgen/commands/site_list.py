"""What a scene has to offer a recipe: mounts, places and numbers, as data and as text."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synthgen.errors import InputError, RecipeError

if TYPE_CHECKING:
    from synthgen.recipe import Recipe


def listed(name: str, overrides: list[str]) -> dict[str, Any]:
    """Return the mounts, places and numbers of a warehouse, or of the scene of a recipe.

    A recipe's numbers stand in place of the defaults; one that is drawn stands with the middle of its bounds.

    Raises:
        InputError: there is no such warehouse, or the recipe has none.
        RecipeError: the scene of the recipe has faults.
    """
    from synthgen.world import sites

    if name in sites.SITES and not overrides and not os.path.lexists(name):
        return _plain(sites.SITES[name], {})
    if not os.path.lexists(name) and not Path(name).suffix and not _shipped(name):
        raise InputError(f"{name}: is no warehouse and no recipe; write one of {', '.join(sites.SITES)}")
    from synthgen.recipe.faults import texts
    from synthgen.recipe.load import examined

    loaded, faults, file = examined(name, overrides)  # a wrong mount is why one looks here
    if loaded is None:
        raise RecipeError(texts(faults, file))
    if not loaded.scene.warehouse:
        raise InputError(f"{name}: its scene has no warehouse and so no mounts; write one of {', '.join(sites.SITES)}")
    given = _numbers(loaded)
    return _plain(sites.build(loaded.scene.warehouse, given), given)


def lines(listed: dict[str, Any]) -> list[str]:
    """Return the same as text."""
    warehouse = listed["warehouse"]
    text = [f"scene: {{warehouse: {warehouse}, NUMBER: VALUE}}", "", "numbers"]
    for name, number in listed["numbers"].items():
        default = "" if number["value"] == number["default"] else f" (default {number['default']:g})"
        text.append(f"  {name:18} {number['value']:<8g} {number['about']}{default}")
    text += ["", "places [m], from and to along x, y, z"]
    text += [f"  {name:18} {_point(box['min_m'])} to {_point(box['max_m'])}" for name, box in listed["places"].items()]
    text += ["", "mounts [m], mount: NAME of a camera, light or baffle"]
    width = max(map(len, listed["mounts"]), default=0)
    for name, mount in listed["mounts"].items():
        at, to = _point(mount["position_m"]), _point(mount["look_at_m"])
        text.append(f"  {name:{width}} {mount['kind']:7} at {at} looks at {to}, {mount['distance_m']:.2f} m away")
    return text


def _plain(site: Any, given: dict[str, float]) -> dict[str, Any]:
    from synthgen.world import sites

    defaults, about = sites.DEFAULTS[site.name], sites.ABOUT[site.name]
    return {
        "warehouse": site.name,
        "numbers": {
            name: {"value": given.get(name, default), "default": default, "about": about[name]}
            for name, default in defaults.items()
        },
        "places": {name: {"min_m": box.min_m, "max_m": box.max_m} for name, box in site.zones.items()},
        "mounts": {
            name: {
                "kind": mount.kind,
                "position_m": mount.pose.position_m,
                "look_at_m": mount.target_m,
                "distance_m": mount.distance_m,
            }
            for name, mount in sorted(site.mounts.items())
        },
    }


def _numbers(recipe: Recipe) -> dict[str, float]:
    from synthgen.world.distributions import bounds

    numbers = {}
    for name, value in recipe.scene.parameters.items():
        low, high = bounds(value)
        numbers[name] = 0.5 * (low + high)
    return numbers


def _shipped(name: str) -> bool:
    from synthgen import shelves

    return (shelves.path("recipes") / f"{name}.yaml").exists()


def _point(place: Any) -> str:
    return "[" + ", ".join(f"{round(value, 4) + 0.0:.3g}" for value in place) + "]"
