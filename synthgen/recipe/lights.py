"""Lamps and baffles of a recipe."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Annotated, Any

from synthgen.recipe.base import Flaw, Given, NotNegative, Positive, Share, Size2, Switch, Vec3, Word, lacks, one_of
from synthgen.recipe.placement import Angle, Placed
from synthgen.recipe.scalars import Leaf, vector
from synthgen.world import spectra
from synthgen.world.light_shapes import ENDLESS, FINITE, LIGHT_SHAPES
from synthgen.world.materials import MATERIALS


class LightPart(Placed):
    """A lamp."""

    shape: one_of(*FINITE, *ENDLESS)  # type: ignore[valid-type]
    size_m: vector(Positive, NotNegative) | None = None  # type: ignore[valid-type]
    """Rect: width, height. Cylinder: length, 0."""
    radius_m: Positive | None = None
    peak_power_w: NotNegative | None = None
    """Radiant flux while on."""
    flux_lm: NotNegative | None = None
    irradiance_w_m2: NotNegative | None = None
    illuminance_lux: NotNegative | None = None
    spectrum: one_of(*spectra.NAMES) = "led"  # type: ignore[valid-type]
    peak_nm: Annotated[Any, Leaf("number", ge=200, le=3000)] = 630.0
    fwhm_nm: Annotated[Any, Leaf("number", ge=1, le=500)] = 20.0
    cct_k: Annotated[Any, Leaf("number", ge=1000, le=25000)] = 5000.0
    pulse_s: NotNegative = 0.0
    rate_hz: NotNegative = 0.0
    delay_s: NotNegative = 0.0
    cone_angle_rad: Annotated[Any, Leaf("number", gt=0, le=math.pi)] = math.pi / 2
    cone_softness: Share = 0.0
    focus: NotNegative = 0.0
    beam: one_of("lambertian") = "lambertian"  # type: ignore[valid-type]
    housing: Switch = True

    @classmethod
    def whole(cls, given: Given) -> Iterator[Flaw]:
        """Yield what is wrong between a lamp's fields."""
        shape = given.get("shape")
        if shape != "dome":  # a dome is everywhere
            yield from super().whole(given)
        if isinstance(shape, str):
            yield from _strength(shape, given)
            yield from _always_on(given)
            needed = LIGHT_SHAPES[shape].recipe_size if shape in LIGHT_SHAPES else ""
            if needed and lacks(given, needed):
                yield "", f"is a {shape} without a size; write {needed.replace('_m', '_mm')}"


def _always_on(given: Given) -> Iterator[Flaw]:
    """Yield that a pulse lasts longer than the time from one to the next."""
    pulse_s, rate_hz = (
        value if isinstance(value, (int, float)) and not isinstance(value, bool) else 0.0
        for value in (given.get("pulse_s"), given.get("rate_hz"))
    )
    if min(pulse_s, rate_hz) > 0 and pulse_s * rate_hz > 1 + 1e-9:
        most_us = 1e6 / rate_hz
        yield "pulse_s", f"pulses of {1e6 * pulse_s:g} us at {rate_hz:g} Hz overlap; write at most {most_us:.6g} us"


def _strength(shape: str, given: Given) -> Iterator[Flaw]:
    """Yield that a strength is not given, given twice, or in a quantity that the shape does not have."""
    finite, endless = ("peak_power_w", "flux_lm"), ("irradiance_w_m2", "illuminance_lux")
    found = [name for name in (*finite, *endless) if not lacks(given, name)]
    fitting = endless if shape in ENDLESS else finite
    if len(found) != 1:
        what = f"has {' and '.join(found)}" if found else "has no strength"
        yield "", f"{what}; write {' or '.join(fitting)}" + (" alone" if found else "")
    elif found[0] not in fitting and shape in (*FINITE, *ENDLESS):
        yield found[0], f"a {shape} light has no {found[0]}; write {' or '.join(fitting)}"


class BafflePart(Placed):
    """A bent or flat sheet that cuts light. Its +Z faces `look_at_m`, or along `normal`."""

    normal: Vec3 | None = None
    along: Vec3 = (1.0, 0.0, 0.0)
    """Direction of its width, made perpendicular to the normal."""
    size_m: Size2
    tilt_rad: Angle = 0.0
    """Turn about its own width."""
    lip_m: NotNegative = 0.0
    thickness_m: Positive = 0.0015
    finish: Annotated[Any, Leaf("word", options=lambda: sorted(MATERIALS))] = "matt_black"
    role: Word = "shade"

    @classmethod
    def whole(cls, given: Given) -> Iterator[Flaw]:
        """Yield what is wrong between a sheet's fields."""
        yield from super().whole(given)
        if not lacks(given, "position_m") and lacks(given, "look_at_m") == lacks(given, "normal"):
            yield "", "has a position_m; write either look_at_m or normal"
