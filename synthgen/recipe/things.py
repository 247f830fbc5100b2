"""What a recipe declares by name: cameras, lights, baffles, items, and where they stand."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainValidator
from pydantic_core import PydanticCustomError

from synthgen import faces, spectra
from synthgen.materials import FILMS, MATERIALS
from synthgen.recipe.faults import hint, shown
from synthgen.recipe.leaves import Leaf, vector
from synthgen.recipe.part import (
    Flaw,
    Given,
    Name,
    NotNegative,
    Number,
    Part,
    Positive,
    Share,
    Size2,
    Switch,
    Vec2,
    Vec3,
    Whole,
    Word,
    lacks,
    one_of,
    wrong,
)
from synthgen.sensors import SENSORS

_ANGLE = Annotated[Any, Leaf("number", ge=-2 * math.pi, le=2 * math.pi)]
_OF_A_SENSOR = (
    "resolution_px",
    "pitch_m",
    "quantum_efficiency",
    "saturation_e",
    "dark_noise_e",
    "dark_current_e_s",
)
KINDS = (
    "carton",
    "mailer",
    "tote",
    "pallet",
    "pallet_load",
    "stack",
    "card",
    "beam",
    "drum",
    "shelf",
    "box",
    "usd",
)
"""Bodies that `usd.items` can make; a plain box for `box`, a file's content for `usd`."""
FINITE = ("rect", "disk", "sphere", "cylinder", "point")
ENDLESS = ("distant", "dome")
_SIZES = {"rect": "size_m", "cylinder": "size_m", "disk": "radius_m", "sphere": "radius_m"}


class Placed(Part):
    """A thing with a place: a mount of the scene, or a position and what it looks at."""

    mount: Word | None = None
    position_m: Vec3 | None = None
    look_at_m: Vec3 | None = None
    up: Vec3 = (0.0, 0.0, 1.0)
    offset_m: Vec3 = (0.0, 0.0, 0.0)
    """Shift in the thing's own frame: x right, y up, z backwards."""
    yaw_rad: _ANGLE = 0.0
    """Turn about its own up, to the left."""
    pitch_rad: _ANGLE = 0.0
    """Turn about its own right, upwards."""
    roll_rad: _ANGLE = 0.0
    """Turn about its own backward axis, counter-clockwise as it sees."""

    @classmethod
    def whole(cls, given: Given) -> Iterator[Flaw]:
        """Yield what is wrong with the place."""
        if lacks(given, "mount", "position_m"):
            yield "", "has no place; write mount: <mount point of the scene>, or position_m and look_at_m"
        if not lacks(given, "mount") and not lacks(given, "position_m"):
            yield "", "has a mount and a position_m; delete one of the two (offset_mm shifts what a mount holds)"


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


class SensorPart(Part):
    """A sensor by its name, by its numbers, or by its name with other numbers."""

    model: Word = "own"
    resolution_px: vector(Positive, Positive) | None = None  # type: ignore[valid-type]
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
        """Yield what is missing of a sensor that is in no table."""
        lacking = [name for name in _OF_A_SENSOR if lacks(given, name)]
        for name in _names(given.get("model", "own")):
            if isinstance(name, str) and name not in SENSORS and lacking:
                near = hint(name, list(SENSORS))
                yield "model", f"found the sensor {shown(name)}; {near}, or give {', '.join(lacking)}"


def _names(value: Any) -> list[Any]:
    """Return every name that a word or a choice of words can be."""
    if isinstance(value, dict):
        options = value.get("choice", [value.get("fixed")])
        return options if isinstance(options, list) else []
    return [value]


def _sensor(value: Any) -> Any:
    """Take a bare name, or a choice of names, for the model."""
    if isinstance(value, str) or (isinstance(value, dict) and {"choice", "fixed"} & set(value)):
        return {"model": value}
    return value


class ExposurePart(Part):
    """Auto-exposure: the share of saturation that the median lit pixel is brought to."""

    auto: Annotated[Any, Leaf("number", gt=0, le=1)]


def _region(value: Any) -> tuple[int, ...]:
    """Return a region of pixels."""
    if not (isinstance(value, list) and len(value) in (2, 4) and all(type(n) is int and n >= 0 for n in value)):
        raise wrong(f"found {shown(value)}; write [width, height] or [x, y, width, height] in whole pixels")
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
            needed = _SIZES.get(shape)
            if needed and lacks(given, needed):
                yield "", f"is a {shape} without a size; write {needed.replace('_m', '_mm')}"


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
    tilt_rad: _ANGLE = 0.0
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


def _templates() -> list[str]:
    from synthgen import label_art

    return [*label_art.TEMPLATES, *label_art.NEGATIVES]


def _symbologies() -> list[str]:
    from synthgen.symbologies import SYMBOLOGIES

    return list(SYMBOLOGIES)


class CodePart(Part):
    """One barcode of a label."""

    symbology: Annotated[Any, Leaf("word", options=_symbologies)]
    payload: Word | None = None
    """Left out: drawn, plausible for the symbology."""
    module_m: Positive
    position_m: Vec2 = (0.0, 0.0)
    height_m: NotNegative = 0.0
    quarter_turns: Annotated[Any, Leaf("whole", ge=0, le=3)] = 0
    human_readable: Switch = True


class WearPart(Part):
    """What print and handling did to a label."""

    print_growth_x: Number = 0.0
    fade: Share = 0.0
    void_share: Share = 0.0
    dead_lines: Whole = 0
    scratches: Whole = 0
    smear_m: NotNegative = 0.0
    dirt: Share = 0.0
    tear: Share = 0.0
    crease: Whole = 0


class LabelPart(Part):
    """A printed label on one face of an item."""

    face: one_of(*faces.FACES) = "front"  # type: ignore[valid-type]
    center_m: Vec2 = (0.0, 0.0)
    angle_rad: _ANGLE = 0.0
    size_m: Size2
    template: Annotated[Any, Leaf("word", options=_templates)] = "plain"
    stock: Annotated[Any, Leaf("word", options=lambda: sorted(MATERIALS))] = "thermal_paper"
    ink: Annotated[Any, Leaf("word", options=lambda: sorted(MATERIALS))] = "carbon"
    film: Annotated[Any, Leaf("word", options=lambda: ["", *sorted(FILMS)])] = ""
    wear: WearPart = WearPart()
    codes: tuple[CodePart, ...] = ()


class ItemPart(Part):
    """A thing that carries labels or is in the way."""

    kind: one_of(*KINDS)  # type: ignore[valid-type]
    size_m: vector(NotNegative, NotNegative, NotNegative) | None = None  # type: ignore[valid-type]
    position_m: Vec3
    yaw_rad: _ANGLE = 0.0
    pitch_rad: _ANGLE = 0.0
    roll_rad: _ANGLE = 0.0
    velocity_m_s: Vec3 = (0.0, 0.0, 0.0)
    material: Annotated[Any, Leaf("word", options=lambda: sorted(MATERIALS))] = "kraft"
    tone: Positive = 1.0
    usd: Annotated[Any, Leaf("word", random=False)] = ""
    labels: dict[Name, LabelPart] = Field(default_factory=dict)

    @classmethod
    def whole(cls, given: Given) -> Iterator[Flaw]:
        """Yield what is wrong between an item's fields."""
        kind = given.get("kind")
        if kind == "usd" and not given.get("usd"):
            yield "", "is of kind usd without a file; write usd: FILE"
        if isinstance(kind, str) and kind != "usd" and given.get("usd"):
            yield "", f"is of kind {kind} and has a file; write kind: usd"
        if kind != "usd" and lacks(given, "size_m"):
            yield "", "has no size; write size_mm: [length, width, height]"
