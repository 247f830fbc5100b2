"""A Shot: one world with every random choice already made, in SI numbers, and its JSON.

Only values live here. `planning.plan` makes a Shot, randomizers replace parts of it, `usd.author` writes it to a stage,
and shards hold it as `shot.json`.

Poses are `world_from_thing`: a position and a unit quaternion (w, x, y, z). Things look as in OpenUSD:
a camera along its -Z with +Y up, a light along its -Z; a sheet lies in its XY plane facing +Z; an item stands on z = 0
of its own frame with its centre above the origin, x along its length, y along its width.
"""

from __future__ import annotations

import json
import types
import typing
from dataclasses import dataclass, field, fields, is_dataclass
from functools import lru_cache
from typing import Any

Vec3 = tuple[float, float, float]
Quat = tuple[float, float, float, float]
Bands = tuple[float, float, float, float]
"""One number for each wavelength band of `spectra.BAND_EDGES_NM`: B, G, R, NIR."""


@dataclass(frozen=True, kw_only=True)
class Pose:
    """Where a thing is and how it is turned: world_from_thing."""

    position_m: Vec3 = (0.0, 0.0, 0.0)
    rotation_wxyz: Quat = (1.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, kw_only=True)
class Lens:
    """A thin lens with Brown-Conrady distortion (OpenCV's k1, k2, p1, p2, k3)."""

    focal_m: float
    f_number: float
    focus_m: float
    """Distance of best focus along the axis [m]; 0 means focused everywhere."""
    k1: float = 0.0
    k2: float = 0.0
    p1: float = 0.0
    p2: float = 0.0
    k3: float = 0.0
    transmission: float = 0.9


@dataclass(frozen=True, kw_only=True)
class Sensor:
    """An image sensor in the words of EMVA 1288."""

    model: str
    resolution_px: tuple[int, int]
    """Width and height of the image that leaves the camera (after ROI and binning)."""
    pitch_m: float
    """Pitch of an image pixel (after binning)."""
    quantum_efficiency: Bands
    saturation_e: float
    dark_noise_e: float
    dark_current_e_s: float
    gain_dn_e: float
    """Overall system gain K [DN/e-]."""
    black_level_dn: float = 0.0
    bits: int = 8
    shutter: str = "global"
    color: str = "mono"
    """mono or rgb (three ideal channels; no mosaic)."""
    roi_px: tuple[int, int, int, int] = (0, 0, 0, 0)
    """x, y, width, height on the chip; zero size means the whole chip."""
    binning: int = 1
    chip_px: tuple[int, int] = (0, 0)
    """Width and height of the whole chip, unbinned; zero puts the ROI in its middle."""


@dataclass(frozen=True, kw_only=True)
class Camera:
    """A camera of the shot."""

    pose: Pose
    lens: Lens
    sensor: Sensor
    exposure_s: float
    auto_exposure_target: float = 0.0
    """Share of saturation that the median lit pixel is brought to by shortening or lengthening exposure; 0 is off."""
    noise_seed: int = 0


@dataclass(frozen=True, kw_only=True)
class Light:
    """A lamp. `peak_power_w` is the radiant flux while on; pulse, rate and delay are separate."""

    shape: str
    """rect, disk, sphere, cylinder, point, distant or dome."""
    pose: Pose = Pose()
    size_m: tuple[float, float] = (0.0, 0.0)
    """Rect: width, height. Cylinder: length, 0 (its axis is X)."""
    radius_m: float = 0.0
    peak_power_w: float = 0.0
    irradiance_w_m2: float = 0.0
    """For distant (perpendicular to it) and dome (pi L), which have no finite power."""
    spectrum: str = "led"
    """led (peak_nm, fwhm_nm), white_led (cct_k), d65, blackbody (cct_k) or equal_energy."""
    peak_nm: float = 630.0
    fwhm_nm: float = 20.0
    cct_k: float = 5000.0
    pulse_s: float = 0.0
    """Length of a pulse; 0 means continuous."""
    rate_hz: float = 0.0
    delay_s: float = 0.0
    cone_angle_rad: float = 1.5707963267948966
    """Half angle of the emission cone (UsdLux shaping:cone:angle); pi/2 is Lambertian."""
    cone_softness: float = 0.0
    focus: float = 0.0
    """Exponent of the extra cosine falloff (UsdLux shaping:focus)."""
    mount: str = ""
    housing: bool = True
    """Whether a housing (bar profile, high-bay body) is drawn around the emitting face."""


@dataclass(frozen=True, kw_only=True)
class Baffle:
    """A bent or flat sheet that cuts light."""

    pose: Pose
    size_m: tuple[float, float]
    thickness_m: float = 0.0015
    lip_m: float = 0.0
    """Height of a lip bent up along +Z at both long edges; 0 is flat."""
    finish: str = "matt_black"
    mount: str = ""
    role: str = "shade"


@dataclass(frozen=True, kw_only=True)
class Wear:
    """Print defects and handling damage of a label, applied to its reflectance map."""

    print_growth_x: float = 0.0
    """Dark growth in modules, both edges together (negative: shrink)."""
    fade: float = 0.0
    """0 fresh ink, 1 ink gone."""
    void_share: float = 0.0
    """Share of the printed area lost to voids."""
    dead_lines: int = 0
    """Print-head dots that are dead: light lines along the feed."""
    scratches: int = 0
    smear_m: float = 0.0
    dirt: float = 0.0
    """Strength of low-frequency dirt, 0 to 1."""
    tear: float = 0.0
    """Share of the label torn off at one corner."""
    crease: int = 0
    seed: int = 0


@dataclass(frozen=True, kw_only=True)
class Code:
    """One barcode of a label."""

    code_id: str
    symbology: str
    """A name of `symbologies.SYMBOLOGIES`."""
    payload: str
    """What is given to the writer; GS1 content in bracketed form."""
    module_m: float
    position_m: tuple[float, float]
    """Centre of the symbol on the label, from the label's centre, x right, y up as the label is read."""
    height_m: float = 0.0
    """Bar height of a linear code; 0 for matrix codes."""
    quarter_turns: int = 0
    """Turn on the label, counter-clockwise, in steps of 90 degrees."""
    human_readable: bool = True


@dataclass(frozen=True, kw_only=True)
class Label:
    """A printed label on one face of an item; may carry no code at all (a hard negative)."""

    label_id: str
    face: str
    """front (+x), back (-x), left (+y), right (-y), top (+z), bottom (-z) of the item's box."""
    center_m: tuple[float, float]
    """Centre on the face, from the face's centre, x right and y up as seen from outside."""
    angle_rad: float = 0.0
    """Turn of the label on the face, counter-clockwise as seen from outside."""
    size_m: tuple[float, float]
    template: str = "shipping"
    """What is printed around the codes: a name of `templates.TEMPLATES`, or of `lookalikes.NEGATIVES`."""
    codes: tuple[Code, ...] = ()
    stock: str = "thermal_paper"
    """A material of `materials`: thermal_paper, polypropylene, kraft_print, ..."""
    ink: str = "carbon"
    film: str = ""
    """A layer over the label: "", tape, stretch_film or pouch."""
    wear: Wear = Wear()
    art_seed: int = 0


@dataclass(frozen=True, kw_only=True)
class Item:
    """A thing that carries labels or is in the way: carton, tote, pallet, mailer, card, beam, shelf, usd ..."""

    kind: str
    pose: Pose
    size_m: Vec3
    """Length (x), width (y), height (z)."""
    velocity_m_s: Vec3 = (0.0, 0.0, 0.0)
    material: str = "kraft"
    tone: float = 1.0
    """Factor on the material's reflectance: boxes of one batch differ."""
    look_seed: int = 0
    """Seed of tape, print, scuffs and the like."""
    usd: str = ""
    """For kind `usd`: the file referenced, scaled so that it fits size_m when that is not zero."""
    labels: tuple[Label, ...] = ()


@dataclass(frozen=True, kw_only=True)
class World:
    """The standing scene: which warehouse, which outside stage, and their decided numbers."""

    warehouse: str
    """scan_tunnel, rack_aisle, dock_door, bench or "" for none."""
    usd: str = ""
    """An outside stage referenced as backdrop."""
    parameters: dict[str, float] = field(default_factory=dict)
    """Decided numbers of the warehouse, such as belt_speed_m_s."""
    seed: int = 0
    """Seed of the standing scene's look; fixed by the recipe, not by the shot."""


@dataclass(frozen=True, kw_only=True)
class EyeZone:
    """A box where eyes can be."""

    box_m: tuple[Vec3, Vec3]
    kind: str = "walkway"
    gaze: str = "worst"
    """worst, at_source or horizontal."""
    duration_s: float = 0.0
    """Length of a stay; 0 is that of `Safety`."""


@dataclass(frozen=True, kw_only=True)
class Safety:
    """Which hazard the hazard map shows and what happens above its limit (docs/contract.md section 8)."""

    hazard: str = "worst"
    edition: str = "iec62471-2006"
    duration_s: float = 30000.0
    max_ratio: float = 1.0
    on_exceed: str = "flag"
    zones: dict[str, EyeZone] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Shot:
    """One decided world."""

    version: int = 1
    seed: int
    split: str
    index: int
    attempt: int = 0
    world: World
    cameras: dict[str, Camera] = field(default_factory=dict)
    lights: dict[str, Light] = field(default_factory=dict)
    baffles: dict[str, Baffle] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)
    safety: Safety = Safety()
    notes: dict[str, str] = field(default_factory=dict)
    """Notes of randomizers for the reader of a shot; no code reads them."""

    def to_json(self) -> str:
        """Return the shot as canonical JSON: sorted keys, shortest round-trip floats, no blanks."""
        return json.dumps(as_plain(self), sort_keys=True, separators=(",", ":"), allow_nan=False)

    @staticmethod
    def from_json(text: str | bytes) -> Shot:
        """Return the shot that `to_json` wrote.

        Raises:
            ValueError: a key is missing, unknown or of the wrong kind; the message names it.
        """
        return _build(Shot, json.loads(text), "shot")


def as_plain(value: Any) -> Any:
    """Return `value` as dicts, lists and scalars."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: as_plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, dict):
        return {key: as_plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_plain(item) for item in value]
    return value


def _build(kind: Any, data: Any, place: str) -> Any:
    """Return `data` as an instance of `kind`, a dataclass, dict, tuple or scalar type."""
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        raise TypeError(f"{place}: a Shot has no optional fields")
    if is_dataclass(kind):
        return _build_dataclass(kind, data, place)
    if origin is dict:
        (_, item) = typing.get_args(kind)
        return {key: _build(item, value, f"{place}.{key}") for key, value in _expect(data, dict, place).items()}
    if origin is tuple:
        return _build_tuple(typing.get_args(kind), _expect(data, list, place), place)
    if kind is float:
        return float(_expect(data, (int, float), place))
    return _expect(data, kind, place)


@lru_cache(maxsize=64)
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _build_dataclass(kind: Any, data: Any, place: str) -> Any:
    hints = _hints(kind)
    if unknown := set(_expect(data, dict, place)) - set(hints):
        raise ValueError(f"{place}: unknown key {sorted(unknown)[0]!r}")
    try:
        return kind(**{key: _build(hints[key], value, f"{place}.{key}") for key, value in data.items()})
    except TypeError as missing:
        raise ValueError(f"{place}: {missing}") from missing


def _build_tuple(parts: tuple[Any, ...], data: list[Any], place: str) -> tuple[Any, ...]:
    if len(parts) == 2 and parts[1] is Ellipsis:
        parts = (parts[0],) * len(data)
    if len(parts) != len(data):
        raise ValueError(f"{place}: {len(parts)} values expected, found {len(data)}")
    return tuple(_build(part, value, f"{place}[{i}]") for i, (part, value) in enumerate(zip(parts, data, strict=True)))


def _expect(data: Any, kind: Any, place: str) -> Any:
    if not isinstance(data, kind) or (isinstance(data, bool) and kind is not bool):
        raise ValueError(f"{place}: found {data!r}")
    return data
