"""The field of a camera's lens against its region of the chip, from the plain values of a recipe.

The worst lens that a recipe may draw is known without drawing: the distorted radius grows least where k1, k2 and k3 are
smallest and p1 and p2 largest, and a region reaches furthest before the shortest focal length and the largest pitch.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from synthgen.recipe import scalars
from synthgen.world import lens
from synthgen.world.distributions import bounds, is_distribution
from synthgen.world.sensor_catalog import SENSORS
from synthgen.world.shot import Lens, Sensor

_STEPS = 30


def flaws(terms: Mapping[str, Any], sensors: Iterator[Sensor]) -> Iterator[str]:
    """Yield, once, that the lens of a camera folds back inside the image of one of its sensors.

    Args:
        terms: the plain values of the lens, by SI names.
        sensors: as `sensors_of` gives them.
    """
    worst = _worst(terms)
    for sensor in sensors if worst else ():
        found = lens.fold(worst, sensor)
        if found is not None:
            drawn = any(isinstance(value, dict) or is_distribution(value) for value in terms.values())
            where = "at the bounds of its distributions " if drawn else ""
            yield f"{where}{found}; {_remedy(worst, sensor)}"
            return


def sensors_of(
    names: list[Any], given: Mapping[str, Any], region: Callable[[int, int], tuple[int, ...]], binning: Any
) -> Iterator[Sensor]:
    """Yield the sensor of each name, read out; those whose numbers are not known are left out.

    Args:
        names: every name that the sensor may have.
        given: the numbers that the recipe gives, by SI names; they stand before the catalogue's.
        region: the region (x, y, width, height) of a chip of some width and height [px].
        binning: pixels that are read out as one, along each side.
    """
    step = binning if type(binning) is int and binning > 0 else 1
    for name in names:
        known = SENSORS.get(name) if isinstance(name, str) else None
        chip = given.get("resolution_px", known and known.resolution_px)
        pitch_m = _bounds(given.get("pitch_m", known and known.pitch_m))
        size = [_bounds(n) for n in chip] if isinstance(chip, (list, tuple)) and len(chip) == 2 else [None]
        if pitch_m is None or pitch_m[1] <= 0 or any(n is None or n[1] < 1 for n in size):
            continue
        width, height = (int(n[1]) for n in size if n)
        roi = region(width, height)
        yield replace(
            SENSORS["generic_vga"],
            resolution_px=(max(roi[2] // step, 1), max(roi[3] // step, 1)),
            pitch_m=pitch_m[1] * step,
            binning=step,
            chip_px=(width, height),
            roi_px=roi,
        )


def _worst(terms: Mapping[str, Any]) -> Lens | None:
    """Return the lens with the smallest field that may be drawn, None where its numbers are faults of their own."""
    focal_m = _bounds(terms.get("focal_m"))
    bounds = {name: _bounds(terms.get(name, 0.0)) for name in ("k1", "k2", "k3", "p1", "p2")}
    if focal_m is None or focal_m[0] <= 0 or None in bounds.values():
        return None
    low = {name: found[0] for name, found in bounds.items() if found and name.startswith("k")}
    wide = {name: max(map(abs, found)) for name, found in bounds.items() if found and name.startswith("p")}
    return Lens(focal_m=focal_m[0], f_number=1.0, focus_m=0.0, **low, **wide)


def _bounds(value: Any) -> tuple[float, float] | None:
    """Return the smallest and the largest number that a value may be, None where it is no such value."""
    if isinstance(value, dict):
        try:
            value = scalars.distribution(value)
        except ValueError:
            return None
    low, high = bounds(value)
    for bound in (low, high):
        if isinstance(bound, bool) or not isinstance(bound, (int, float)) or not math.isfinite(bound):
            return None
    return (float(low), float(high)) if max(abs(low), abs(high)) <= scalars.LARGEST else None


def _remedy(worst: Lens, sensor: Sensor) -> str:
    """Return what to write: the smallest k1 that fits, to two digits, where k1 alone can mend the lens."""
    others = "a smaller roi_px or a longer focal_mm"
    if worst.k1 >= 0 or lens.fold(replace(worst, k1=0.0), sensor) is not None:
        return f"write weaker distortion, {others}"
    low, high = worst.k1, 0.0
    for _ in range(_STEPS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if lens.fold(replace(worst, k1=middle), sensor) else (low, middle)
    digits = 1 - math.floor(math.log10(-high)) if high < 0 else 0
    fitting = math.ceil(high * 10.0**digits) / 10.0**digits
    return f"write k1 of at least {fitting:g}, {others}"
