"""The maps of a view: one table of names, types, units and meanings, from which every list of maps follows.

A new map is a row here and a function in `synthgen/rendering/maps.py`. Recipes, `render --maps`, shards, dataset cards
and the loader then know it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, kw_only=True)
class MapSpec:
    """What a map holds at each pixel's centre."""

    name: str
    """In `outputs`, and as `<name>.npy` in a shard."""
    dtype: np.dtype
    """Little-endian, as stored."""
    text: str
    unit: str = ""
    values: int = 1
    """How many a pixel: the shape is (height, width), or (height, width, values)."""
    lit: bool = False
    """Whether it follows from the light at the surfaces."""
    exposed: bool = False
    """Whether it follows from what the sensor receives during its exposure."""


def _spec(name: str, dtype: str, unit: str, text: str, **more: int | bool) -> MapSpec:
    return MapSpec(name=name, dtype=np.dtype(dtype), unit=unit, text=text, **more)  # type: ignore[arg-type]


MAPS: dict[str, MapSpec] = {
    spec.name: spec
    for spec in (
        _spec("depth", "<f4", "m", "along the optical axis, +inf where nothing is hit"),
        _spec("range", "<f4", "m", "along the ray, +inf where nothing is hit"),
        _spec("irradiance", "<f4", "W/m²", "on the visible surface, lamps on, 0 at misses", lit=True),
        _spec("hazard", "<f4", "1", "eye-safety level over limit at the visible point, 0 at misses", lit=True),
        _spec("instances", "<i4", "", "which prim, 0 for nothing; see json.instances"),
        _spec("normals", "<f4", "1", "unit normals in the world, 0 at misses", values=3),
        _spec(
            "radiance", "<f4", "W/(m² sr)", "towards the camera, in the four bands", values=4, lit=True, exposed=True
        ),
        _spec("raw", "<u2", "DN", "the sensor's own numbers, all its bits", lit=True, exposed=True),
    )
}
"""Every map, by name."""

OUTPUTS: tuple[str, ...] = ("image", *MAPS)
"""What can be asked for: the sensor's 8-bit image, and maps."""


def needs_light(outputs: Iterable[str]) -> bool:
    """Return whether any of the asked outputs follows from light."""
    return any(name == "image" or MAPS[name].lit for name in outputs)


def needs_exposure(outputs: Iterable[str]) -> bool:
    """Return whether any of the asked outputs follows from an exposure of the sensor."""
    return any(name == "image" or MAPS[name].exposed for name in outputs)
