"""The shapes of lamps, one row each: recipes, USD, photometry and device tables read this table.

A new shape is a row here, and in `kernels/light_sampling.py` its constant, its light at a point, its samples and its
own face. Shapes and fallbacks are those of the UsdLux schema text (OpenUSD 26.11). Lamps emit along -Z; cylinders lie
along X.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(8)
_RINGS, _SPOKES = 6, 16


@dataclass(frozen=True)
class Sizes:
    """The sizes of a lamp [m], 0 where its shape has no such size."""

    width_m: float = 0.0
    height_m: float = 0.0
    radius_m: float = 0.0
    length_m: float = 0.0


Patches = tuple[np.ndarray, np.ndarray]
"""Middles of patches in the lamp's frame [m], shape (n, 3), and their projected areas [m^2], shape (n,)."""


@dataclass(frozen=True)
class UsdSize:
    """How UsdLux writes one size: the input, its fallback [scene units], and the axes whose scale it follows."""

    field: str
    """The field of `Sizes`."""
    usd_input: str
    fallback: float
    axes: str


@dataclass(frozen=True, kw_only=True)
class LightShape:
    """The properties of a shape, the same for every lamp of it."""

    name: str
    kernel_code: int
    """The constant in `kernels/light_sampling.py` that has the name in capitals."""
    usd_type: str
    """The UsdLux type that is written, and read as this shape."""
    usd_aliases: tuple[str, ...] = ()
    """Other UsdLux types that are read as this shape."""
    usd_sizes: tuple[UsdSize, ...] = ()
    """In the order in which they are written."""
    usd_point: bool = False
    """Whether it is the UsdLux type with `treatAsPoint`."""
    recipe_size: str = ""
    """The field of a recipe that gives the shape a surface to emit from."""
    x_size: str = "width_m"
    """The field of `Sizes` along the lamp's X."""
    spread: str = ""
    """Where it emits: `one_sided` from a flat face, `all_round` from a ball, `across` a tube; "": it has no surface."""
    emitting_m2: Callable[[Sizes], float] = lambda size: 0.0
    """Area of the surface that emits [m^2]; a cylinder's ends do not."""
    projected_m2: Callable[[Sizes], float] = lambda size: 0.0
    """Largest projected area [m^2]; power is this times the integral of the relative radiance over directions."""
    patches: Callable[[Sizes], Patches] | None = None
    """Parts of that area, each small enough to be a point; None: the area is one patch in the lamp's middle."""

    @property
    def is_finite(self) -> bool:
        """Return whether the lamp has a power [W] and a place; otherwise it has an irradiance [W/m^2]."""
        return self.spread != ""

    @property
    def is_one_sided(self) -> bool:
        """Return whether a flat face emits to one side of its plane only."""
        return self.spread == "one_sided"


def _disc_m2(size: Sizes) -> float:
    return math.pi * size.radius_m**2


def _on_rectangle(size: Sizes) -> Patches:
    u, v = (grid.ravel() for grid in np.meshgrid(_NODES, _NODES))
    weight = np.outer(_WEIGHTS, _WEIGHTS).ravel() / 4
    middles = np.stack([u * size.width_m / 2, v * size.height_m / 2, np.zeros_like(u)], axis=1)
    return middles, weight * size.width_m * size.height_m


def _on_disk(size: Sizes) -> Patches:
    radius_m = size.radius_m * np.sqrt((np.arange(_RINGS) + 0.5) / _RINGS)
    angle = (np.arange(_SPOKES) + 0.5) * 2 * np.pi / _SPOKES
    r, a = (grid.ravel() for grid in np.meshgrid(radius_m, angle))
    middles = np.stack([r * np.cos(a), r * np.sin(a), np.zeros_like(r)], axis=1)
    return middles, np.full(r.size, math.pi * size.radius_m**2 / r.size)


def _along_tube(size: Sizes) -> Patches:
    along = _NODES * size.length_m / 2
    middles = np.stack([along, np.zeros_like(along), np.zeros_like(along)], axis=1)
    return middles, _WEIGHTS / 2 * 2 * size.radius_m * size.length_m


_ROUND = UsdSize("radius_m", "radius", 0.5, "xyz")
_ROWS = (
    LightShape(
        name="rect",
        kernel_code=0,
        usd_type="RectLight",
        usd_sizes=(UsdSize("width_m", "width", 1.0, "x"), UsdSize("height_m", "height", 1.0, "y")),
        recipe_size="size_m",
        spread="one_sided",
        emitting_m2=lambda size: size.width_m * size.height_m,
        projected_m2=lambda size: size.width_m * size.height_m,
        patches=_on_rectangle,
    ),
    LightShape(
        name="disk",
        kernel_code=1,
        usd_type="DiskLight",
        usd_sizes=(UsdSize("radius_m", "radius", 0.5, "xy"),),
        recipe_size="radius_m",
        spread="one_sided",
        emitting_m2=_disc_m2,
        projected_m2=_disc_m2,
        patches=_on_disk,
    ),
    LightShape(
        name="sphere",
        kernel_code=2,
        usd_type="SphereLight",
        usd_sizes=(_ROUND,),
        recipe_size="radius_m",
        spread="all_round",
        emitting_m2=lambda size: 4.0 * math.pi * size.radius_m**2,
        projected_m2=_disc_m2,
    ),
    LightShape(
        name="cylinder",
        kernel_code=3,
        usd_type="CylinderLight",
        usd_sizes=(UsdSize("radius_m", "radius", 0.5, "yz"), UsdSize("length_m", "length", 1.0, "x")),
        recipe_size="size_m",
        x_size="length_m",
        spread="across",
        emitting_m2=lambda size: 2.0 * math.pi * size.radius_m * size.length_m,
        projected_m2=lambda size: 2.0 * size.radius_m * size.length_m,
        patches=_along_tube,
    ),
    LightShape(
        name="point",
        kernel_code=4,
        usd_type="SphereLight",
        usd_sizes=(_ROUND,),
        usd_point=True,
        spread="all_round",
        projected_m2=_disc_m2,
    ),
    LightShape(name="distant", kernel_code=5, usd_type="DistantLight"),
    LightShape(name="dome", kernel_code=6, usd_type="DomeLight", usd_aliases=("DomeLight_1",)),
)

LIGHT_SHAPES = MappingProxyType({row.name: row for row in _ROWS})
FINITE = tuple(row.name for row in _ROWS if row.is_finite)
"""Shapes that have a power and a place."""
ENDLESS = tuple(row.name for row in _ROWS if not row.is_finite)
"""Shapes that come from everywhere or from far away, and have an irradiance."""
BY_USD_TYPE = MappingProxyType(
    {usd_type: row.name for row in _ROWS if not row.usd_point for usd_type in (row.usd_type, *row.usd_aliases)}
)
"""{UsdLux type: shape that it is read as}."""
POINT_OF = MappingProxyType({BY_USD_TYPE[row.usd_type]: row.name for row in _ROWS if row.usd_point})
"""{shape: shape that it is read as where the prim says `treatAsPoint`}."""
