"""The warning for shots in which nothing gives light: their images are black."""

from __future__ import annotations

from collections.abc import Iterable

from synthgen.planning.view_forecast import Look
from synthgen.recipe.model import Recipe
from synthgen.world.shot import Light, Shot


def warning(recipe: Recipe, shots: Iterable[Shot | Look], *, lit_by_usd: bool = False) -> str:
    """Return that no lamp gives light in any of some drawn shots, "" when one does or there are no shots.

    Args:
        recipe: the recipe that the shots are of.
        shots: shots as they are drawn, or what was noted of them, with the lamps that randomizers add.
        lit_by_usd: whether the stage of `scene.usd` or a USD item has lamps of its own.
    """
    drawn = list(shots)
    if not drawn or lit_by_usd or any(shines(light) for shot in drawn for light in shot.lights.values()):
        return ""
    lamps = any(shot.lights for shot in drawn)
    path = ("lights",) if recipe.lights else ()
    what = "every lamp has a strength of 0" if lamps else "there is no lamp"
    write = "write a peak_power_w, flux_lm or illuminance_lux above 0" if lamps else "declare one under lights"
    line = recipe.origin.line(path)
    place = recipe.origin.place(path) or (f"{recipe.origin.file}:{line}" if line else recipe.origin.file)
    return f"{place}: lights: {what} in all of {len(drawn)} draws, images will be black; {write}"


def shines(light: Light) -> bool:
    """Return whether a lamp emits anything."""
    return light.peak_power_w > 0 or light.irradiance_w_m2 > 0
