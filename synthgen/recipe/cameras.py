"""Cameras of a recipe: sensor, lens, exposure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainValidator
from pydantic_core import PydanticCustomError

from synthgen.recipe import lens_field
from synthgen.recipe.base import Flaw, Given, NotNegative, Number, Part, Positive, Share, Word, lacks, one_of, wrong
from synthgen.recipe.faults import hint, shown
from synthgen.recipe.placement import Placed
from synthgen.recipe.scalars import Leaf, vector
from synthgen.recipe.unit_suffixes import to_si
from synthgen.world.sensor_catalog import SENSORS

_OF_A_SENSOR = (
    "resolution_px",
    "pitch_m",
    "quantum_efficiency",
    "saturation_e",
    "dark_noise_e",
    "dark_current_e_s",
)


Pixels = Annotated[Any, Leaf("whole", ge=1)]


class LensPart(Part):
    """A thin lens with Brown-Conrady distortion."""

    focal_m: Positive
    f_number: Annotated[Any, Leaf("number", ge=0.5, le=128)]
    focus_m: NotNegative | None = None
    """Distance of best focus; left out: the distance to what is looked at; 0: everything is sharp."""
    k1: Number = 0.0
    k2: Number = 0.0
    p1: Number = 0.0
    p2: Number = 0.0
    k3: Number = 0.0
    transmission: Share = 0.9

    @classmethod
    def whole(cls, given: Given) -> Iterator[Flaw]:
        """Yield that a lens is to focus nearer than its focal length, where no image forms."""
        focal_m, focus_m = given.get("focal_m"), given.get("focus_m")
        if isinstance(focal_m, (int, float)) and isinstance(focus_m, (int, float)) and 0 < focus_m <= focal_m:
            near = f"a lens of {1e3 * focal_m:g} mm cannot focus at {1e3 * focus_m:g} mm"
            yield "focus_m", f"{near}; write a longer distance, or 0 for sharp everywhere"


class SensorPart(Part):
    """A sensor by its name, by its numbers, or by its name with other numbers."""

    model: Word = "own"
    resolution_px: vector(Pixels, Pixels) | None = None  # type: ignore[valid-type]
    pitch_m: Positive | None = None
    quantum_efficiency: vector(Share, Share, Share, Share) | None = None  # type: ignore[valid-type]
    saturation_e: Positive | None = None
    dark_noise_e: NotNegative | None = None
    dark_current_e_s: NotNegative | None = None
    gain_dn_e: Positive | None = None
    """System gain; left out: saturation fills the digital range."""
    black_level_dn: NotNegative = 0.0
    shutter: one_of("global", "rolling") | None = None  # type: ignore[valid-type]
    color: one_of("mono", "rgb") = "mono"  # type: ignore[valid-type]

    @classmethod
    def whole(cls, given: Given) -> Iterator[Flaw]:
        """Yield what is missing of a sensor that is in no table, and that a shutter is not simulated."""
        yield from _rolling(given)
        if {"choice", "fixed"} & set(given):  # a choice of names: its camera asks about each of them
            return
        lacking = [name for name in _OF_A_SENSOR if lacks(given, name)]
        for name in _names(given.get("model", "own")):
            if isinstance(name, str) and name not in SENSORS and lacking:
                near = hint(name, list(SENSORS))
                yield "model", f"found the sensor {shown(name)}; {near}, or give {', '.join(lacking)}"


def _rolling(given: Given) -> Iterator[Flaw]:
    """Yield that a shutter rolls: the image would silently be that of a global one."""
    why = "rolling shutters are not simulated yet"
    if "rolling" in _names(given.get("shutter")):
        yield "shutter", f"found rolling; {why}, write global"
    elif lacks(given, "shutter"):
        for name in _names(given.get("model")):
            if isinstance(name, str) and name in SENSORS and SENSORS[name].shutter != "global":
                yield "model", f"found the sensor {name!r}, whose shutter rolls; {why}, write shutter: global"


def _names(value: Any) -> list[Any]:
    """Return every name that a word or a choice of words can be."""
    if isinstance(value, dict):
        options = value.get("choice", [value.get("fixed")])
        return options if isinstance(options, list) else []
    return [value]


def _sensor(value: Any) -> Any:
    """Take a bare name, or a choice of names, for the model."""
    if isinstance(value, (str, int, float)) or (isinstance(value, dict) and {"choice", "fixed"} & set(value)):
        return {"model": value}
    return value


class ExposurePart(Part):
    """Auto-exposure: the share of saturation that the median lit pixel is brought to."""

    auto: Annotated[Any, Leaf("number", gt=0, le=1)]


def _region(value: Any) -> tuple[int, ...]:
    """Return a region of pixels."""
    if not (isinstance(value, list) and len(value) in (2, 4) and all(type(n) is int and n >= 0 for n in value)):
        raise wrong(
            f"found {shown(value)}; write [width, height] or [x, y, width, height] in whole pixels, such as [1280, 960]"
        )
    if min(value[-2:]) < 8:
        raise wrong(f"found {shown(value)}; write a width and a height of at least 8")
    return tuple(value)


class CameraPart(Placed):
    """A camera."""

    sensor: Annotated[SensorPart, BeforeValidator(_sensor)]
    roi_px: Annotated[Any, PlainValidator(_region)] = None
    """Width and height in the middle of the chip, or x, y, width, height."""
    binning: Annotated[Any, Leaf("whole", ge=1, le=8)] = 1
    bits: Annotated[Any, Leaf("whole", ge=1, le=16)] | None = None
    gain_db: Number = 0.0
    lens: LensPart
    exposure_s: Positive
    """With `exposure: {auto: ...}` the longest exposure."""
    exposure: ExposurePart | None = None

    @classmethod
    def whole(cls, given: Given) -> Iterator[Flaw]:
        """Yield what is wrong between a camera's fields."""
        yield from super().whole(given)
        if not lacks(given, "position_m") and lacks(given, "look_at_m"):
            yield "", "has a position_m and nothing to look at; write look_at_m: [x, y, z]"
        sensor = _sensor(given.get("sensor"))
        if isinstance(sensor, dict):
            if not isinstance(given.get("sensor"), dict) or {"choice", "fixed"} & set(given["sensor"]):
                yield from (("sensor", message) for _, message in SensorPart.whole(sensor))
            yield from _beyond_chip(given.get("roi_px"), sensor)
            yield from _beyond_field(given, sensor)


def _beyond_chip(roi_px: Any, sensor: Given) -> Iterator[Flaw]:
    """Yield that a region is larger than the chip."""
    try:
        *corner, width, height = _region(roi_px)
    except PydanticCustomError:
        return
    x, y = corner or (0, 0)
    for name in _names(sensor.get("model", "own")):
        known = SENSORS[name].resolution_px if isinstance(name, str) and name in SENSORS else None
        chip = sensor.get("resolution_px", known)
        if not (isinstance(chip, (list, tuple)) and len(chip) == 2 and all(isinstance(n, (int, float)) for n in chip)):
            continue
        if x + width > chip[0] or y + height > chip[1]:
            size = " x ".join(f"{n:g}" for n in chip)
            yield "roi_px", f"found {list(roi_px)}, the chip of {name} has {size} pixels; write a smaller region"


def _beyond_field(given: Given, sensor: Given) -> Iterator[Flaw]:
    """Yield that the lens folds back inside the region that is read out."""
    terms, numbers = given.get("lens"), to_si(sensor, SensorPart.names())
    if not isinstance(terms, dict):
        return

    def region(width: int, height: int) -> tuple[int, ...]:
        try:
            *corner, w, h = _region(given["roi_px"])
        except (KeyError, PydanticCustomError):
            return (0, 0, width, height)
        x, y = corner or ((width - w) // 2, (height - h) // 2)
        return (x, y, w, h)

    sensors = lens_field.sensors_of(_names(numbers.get("model", "own")), numbers, region, given.get("binning"))
    yield from (("lens", message) for message in lens_field.flaws(to_si(terms, LensPart.names()), sensors))
