"""Read UsdLux lights in watts: those with our schema by radiant power, all others by the UsdLux schema text.

Photometric: luminance [cd/m^2] = intensity 2^exposure Y(color), divided by the size when `normalize` is on. Watts
follow from the luminous efficacy of the lamp's own spectrum, so that lux come out exactly. Power: see `lamp_power`.

References:
    UsdLux schema text of OpenUSD 26.11: LightAPI, ShapingAPI, DistantLight, SphereLight.
"""

from __future__ import annotations

import csv
import io
import math
from dataclasses import replace
from typing import Any

import numpy as np
from pxr import Usd, UsdLux

from synthgen.errors import InputError
from synthgen.usd import schemas
from synthgen.usd.read.open_stage import asset_bytes
from synthgen.usd.read.preview_surface import LUMINANCE
from synthgen.usd.read.stage_frame import Frame
from synthgen.usd.read.textures import auto_srgb, mean_rgba
from synthgen.world import lamp_power, spectra
from synthgen.world.light_shapes import BY_USD_TYPE, LIGHT_SHAPES, POINT_OF, Sizes
from synthgen.world.scene_description import Light
from synthgen.world.spectra import Spectrum

UNREADABLE = {
    "PortalLight": "a portal only guides sampling; ignored",
    "GeometryLight": "GeometryLight is deprecated and not simulated; apply MeshLightAPI to the mesh",
    "PluginLight": "PluginLight is not simulated",
}
_OWN = "synthgen:illuminator:"
_PARALLEL_RAD = 1e-4
"""Half cone of a DistantLight of angle 0, which has an irradiance but no radiance."""
_CCT_K = (1000.0, 25000.0)
_UNEVEN = 1.001


def light_from(prim: Usd.Prim, frame: Frame) -> Light | None:
    """Return a lamp, or None with a remark when it cannot emit."""
    shape = BY_USD_TYPE.get(str(prim.GetTypeName()))
    if shape is None:
        text = UNREADABLE.get(str(prim.GetTypeName()), f"light of type {prim.GetTypeName()} is not simulated")
        frame.remarks.add(prim.GetPath(), text)
        return None
    if shape in POINT_OF and bool(_input(prim, "treatAsPoint", False, frame, inputs=False)):
        shape = POINT_OF[shape]
    world = frame.world_from_prim(prim)
    axes_m = np.linalg.norm(world[:3, :3], axis=0)
    if not np.isfinite(world).all() or (axes_m.min() <= 0 and LIGHT_SHAPES[shape].is_finite):
        frame.remarks.add(prim.GetPath(), "its transform has no size or is not finite; left out")
        return None
    sizes = _sizes(prim, shape, axes_m, frame)
    cone_angle_rad, cone_softness, focus = _shaping(prim, frame)
    own = prim.HasAPI(schemas.ILLUMINATOR)
    try:
        spectrum = _own_spectrum(prim, frame) if own else _photometric_spectrum(prim, frame)
    except InputError as error:
        frame.remarks.add(prim.GetPath(), f"{error}; CIE D65 is used")
        spectrum = spectra.d65()
    light = Light(
        path=str(prim.GetPath()),
        shape=shape,
        world_from_light=_rigid(world),
        width_m=sizes.width_m,
        height_m=sizes.height_m,
        radius_m=sizes.radius_m,
        length_m=sizes.length_m,
        half_angle_rad=_half_angle_rad(prim, frame) if shape == "distant" else 0.0,
        spectrum=spectrum,
        cone_angle_rad=cone_angle_rad,
        cone_softness=cone_softness,
        focus=focus,
        ies_asset=_ies(prim, frame),
        ies_angle_scale=_number(prim, "shaping:ies:angleScale", 0.0, frame),
        ies_normalize=bool(_input(prim, "shaping:ies:normalize", False, frame)),
    )
    strength = _own_strength(prim, light, frame) if own else _photometric_strength(prim, light, frame)
    if not math.isfinite(strength) or strength < 0:
        frame.remarks.add(prim.GetPath(), f"emits {strength:g}; left out")
        return None
    _note_left_out(prim, frame)
    return _pulsed(prim, replace(light, strength=strength), frame) if own else replace(light, strength=strength)


def luminance_nit(prim: Usd.Prim, frame: Frame) -> float:
    """Return intensity 2^exposure Y(color) of a light before normalisation [cd/m^2; lux for a parallel beam]."""
    fallback = 50000.0 if prim.GetTypeName() == "DistantLight" else 1.0
    intensity = _number(prim, "intensity", fallback, frame)
    exposure = min(_number(prim, "exposure", 0.0, frame), 1000.0)
    color = np.array(_input(prim, "color", (1.0, 1.0, 1.0), frame), np.float64)
    if color.shape != (3,) or not np.isfinite(color).all():
        color = np.ones(3)
    if float(color.max() - color.min()) > 1e-3 * float(np.abs(color).max()):
        frame.remarks.add(prim.GetPath(), "a light's color changes its luminance only, not its spectrum")
    if _input(prim, "enableColorTemperature", False, frame):
        color = color * np.array(UsdLux.BlackbodyTemperatureAsRgb(_number(prim, "colorTemperature", 6500.0, frame)))
    return float(intensity * 2.0**exposure * np.dot(color, LUMINANCE)) * _texture_mean(prim, frame)


def _sizes(prim: Usd.Prim, shape: str, axes_m: np.ndarray, frame: Frame) -> Sizes:
    """Return the light's sizes with the scale of its world transform."""
    scale_m = dict(zip("xyz", map(float, axes_m), strict=True))
    return Sizes(
        **{
            size.field: abs(_number(prim, size.usd_input, size.fallback, frame))
            * _even(prim, tuple(scale_m[axis] for axis in size.axes), frame)
            for size in LIGHT_SHAPES[shape].usd_sizes
        }
    )


def _half_angle_rad(prim: Usd.Prim, frame: Frame) -> float:
    """Return half the cone that a DistantLight's light comes from."""
    half = math.radians(min(max(_number(prim, "angle", 0.53, frame), 0.0), 360.0)) / 2.0
    if half > math.pi / 2.0:
        frame.remarks.add(prim.GetPath(), "a DistantLight wider than 180 degrees; a half sky is used")
    return min(max(half, _PARALLEL_RAD), math.pi / 2.0)


def _even(prim: Usd.Prim, axes_m: tuple[float, ...], frame: Frame) -> float:
    if max(axes_m) > _UNEVEN * min(axes_m):
        frame.remarks.add(prim.GetPath(), "a round light under an uneven scale; its mean radius is used")
    return sum(axes_m) / len(axes_m)


def _rigid(world: np.ndarray) -> np.ndarray:
    """Return the rotation and place of a transform; a mirrored x axis is turned back, which no shape shows."""
    z = world[:3, 2]
    y = world[:3, 1]
    z = z / np.linalg.norm(z) if z.any() else np.array([0.0, 0.0, 1.0])
    y = y - z * (y @ z)
    y = y / np.linalg.norm(y) if np.linalg.norm(y) > 0 else _across(z)
    rigid = np.eye(4)
    rigid[:3, :3] = np.stack([np.cross(y, z), y, z], axis=1)
    rigid[:3, 3] = world[:3, 3]
    return rigid


def _across(z: np.ndarray) -> np.ndarray:
    y = np.cross(z, np.eye(3)[int(np.argmin(np.abs(z)))])
    return y / np.linalg.norm(y)


def _shaping(prim: Usd.Prim, frame: Frame) -> tuple[float, float, float]:
    """Return (cone angle [rad], softness, focus); without ShapingAPI nothing is cut off."""
    angle_deg = 90.0 if prim.HasAPI(UsdLux.ShapingAPI) else 180.0
    angle_deg = _number(prim, "shaping:cone:angle", angle_deg, frame)
    tint = _input(prim, "shaping:focusTint", (0.0, 0.0, 0.0), frame)
    focus = max(_number(prim, "shaping:focus", 0.0, frame), 0.0)
    if focus > 0 and any(float(value) > 0 for value in tint):
        frame.remarks.add(prim.GetPath(), "shaping:focusTint is left out")
    softness = _number(prim, "shaping:cone:softness", 0.0, frame)
    return math.radians(min(max(angle_deg, 0.0), 180.0)), min(max(softness, 0.0), 1.0), focus


def _ies(prim: Usd.Prim, frame: Frame) -> str:
    value = _input(prim, "shaping:ies:file", None, frame)
    authored, resolved = str(getattr(value, "path", "") or ""), str(getattr(value, "resolvedPath", "") or "")
    if authored and not resolved:
        frame.remarks.add(prim.GetPath(), f"IES profile {authored} is not there; left out")
    elif authored:
        frame.remarks.add(prim.GetPath(), "IES profiles are not simulated yet; the light shines without its own")
    return resolved


def _own_spectrum(prim: Usd.Prim, frame: Frame) -> Spectrum:
    name = str(frame.value(prim, f"{_OWN}spectrum", "led"))
    if name == "asset":
        return _spectrum_table(prim, frame)
    numbers = {"peak_nm": 630.0, "fwhm_nm": 20.0, "cct_k": 5000.0}
    return spectra.named(name, **{key: frame.number(prim, _OWN + key, value) for key, value in numbers.items()})


def _spectrum_table(prim: Usd.Prim, frame: Frame) -> Spectrum:
    """Return the spectrum of a CSV of wavelength [nm] and power.

    Raises:
        InputError: it is not there or not such a table.
    """
    attribute = prim.GetAttribute(f"{_OWN}spectrum_asset")
    value = attribute.Get(frame.time) if attribute else None
    resolved = str(getattr(value, "resolvedPath", "") or "")
    if not resolved:
        raise InputError(f"spectrum_asset {getattr(value, 'path', '')!r} is not there")
    rows = []
    for row in csv.reader(io.StringIO(asset_bytes(resolved).decode("utf-8-sig", "replace"))):
        try:
            rows.append((float(row[0]), float(row[1])))
        except (ValueError, IndexError):
            continue  # a heading or a blank line
    table = np.array(rows).reshape(-1, 2)
    return spectra.from_table(table[:, 0], table[:, 1])


def _photometric_spectrum(prim: Usd.Prim, frame: Frame) -> Spectrum:
    if not _input(prim, "enableColorTemperature", False, frame):
        return spectra.d65()
    cct_k = _number(prim, "colorTemperature", 6500.0, frame)
    return spectra.blackbody(min(max(cct_k, _CCT_K[0]), _CCT_K[1]))


def _own_strength(prim: Usd.Prim, light: Light, frame: Frame) -> float:
    """Return the radiance (point: intensity) of a lamp with our schema from its power or irradiance."""
    if str(frame.value(prim, f"{_OWN}beam", "lambertian")) == "laser":
        frame.remarks.add(prim.GetPath(), "a laser beam is drawn as its shape and shaping say, not by divergence_rad")
    if not LIGHT_SHAPES[light.shape].is_finite:
        half = light.half_angle_rad if light.shape == "distant" else math.pi / 2.0
        return frame.number(prim, f"{_OWN}irradiance_w_m2", 0.0) / (math.pi * math.sin(half) ** 2)
    per_strength = lamp_power.power_per_strength(light)
    power_w = frame.number(prim, f"{_OWN}peak_power_w", 0.0)
    return power_w / per_strength if per_strength > 0 else (0.0 if power_w == 0 else math.inf)


def _photometric_strength(prim: Usd.Prim, light: Light, frame: Frame) -> float:
    """Return the radiance (point: intensity) that the UsdLux inputs ask for."""
    strength = luminance_nit(prim, frame) / spectra.efficacy_lm_w(light.spectrum)
    normalize = bool(_input(prim, "normalize", False, frame))
    if light.shape == "distant":
        parallel = _number(prim, "angle", 0.53, frame) <= 0
        size = math.pi * math.sin(light.half_angle_rad) ** 2
        return strength / size if normalize or parallel else strength
    if light.shape == "dome":
        return strength
    if light.shape == "point":  # I = L pi r^2, and the sphere's area is 4 pi r^2
        return strength / 4.0 if normalize else strength * math.pi * light.radius_m**2
    area_m2 = surface_m2(light)
    if area_m2 <= 0:
        return math.nan
    return strength / area_m2 if normalize else strength


def surface_m2(light: Light) -> float:
    """Return the emitting area of an area light [m^2]; a cylinder's ends do not emit."""
    sizes = Sizes(light.width_m, light.height_m, light.radius_m, light.length_m)
    return LIGHT_SHAPES[light.shape].emitting_m2(sizes)


def _pulsed(prim: Usd.Prim, light: Light, frame: Frame) -> Light:
    return replace(light, **{name: frame.number(prim, _OWN + name, 0.0) for name in ("pulse_s", "rate_hz", "delay_s")})


def _texture_mean(prim: Usd.Prim, frame: Frame) -> float:
    """Return the mean luminance of a light's texture, 1 where it has none or it cannot be read."""
    value = _input(prim, "texture:file", None, frame)
    authored, resolved = str(getattr(value, "path", "") or ""), str(getattr(value, "resolvedPath", "") or "")
    if not authored:
        return 1.0
    srgb = auto_srgb(resolved) if resolved else None
    found = None if srgb is None else mean_rgba(resolved, srgb)
    if found is None:
        frame.remarks.add(prim.GetPath(), f"light texture {authored} cannot be read; a uniform light is used")
        return 1.0
    frame.remarks.add(prim.GetPath(), "light texture is replaced by its mean")
    return float(np.dot(found[:3], LUMINANCE))


def _note_left_out(prim: Usd.Prim, frame: Frame) -> None:
    """Add a remark for each non-physical or unsupported control that a light uses."""
    for name in ("diffuse", "specular"):
        if _number(prim, name, 1.0, frame) != 1.0:
            frame.remarks.add(prim.GetPath(), f"inputs:{name} is not physical; left out")
    if not _input(prim, "shadow:enable", True, frame):
        frame.remarks.add(prim.GetPath(), "a light without shadows is not physical; it casts them")
    for name in ("lightLink", "shadowLink"):
        rels = [prim.GetRelationship(f"collection:{name}:{part}") for part in ("includes", "excludes")]
        root = prim.GetAttribute(f"collection:{name}:includeRoot")
        if any(rel and rel.HasAuthoredTargets() for rel in rels) or (root and root.Get() is False):
            frame.remarks.add(prim.GetPath(), f"{name} is left out: the light reaches everything")
    filters = prim.GetRelationship("light:filters")
    if filters and filters.GetTargets():
        frame.remarks.add(prim.GetPath(), "light filters are left out")


def _number(prim: Usd.Prim, name: str, fallback: float, frame: Frame) -> float:
    try:
        found = float(_input(prim, name, fallback, frame))
    except (TypeError, ValueError):
        return fallback
    if math.isfinite(found):
        return found
    frame.remarks.add(prim.GetPath(), f"{name} is {found}; {fallback:g} is used")
    return fallback


def _input(prim: Usd.Prim, name: str, fallback: Any, frame: Frame, inputs: bool = True) -> Any:
    """Return a light's input; files from before 2021 have it without `inputs:`."""
    attribute = prim.GetAttribute(f"inputs:{name}" if inputs else name)
    if not (attribute and attribute.HasAuthoredValue()):
        old = prim.GetAttribute(name)
        attribute = old if old and old.HasAuthoredValue() else attribute
    found = attribute.Get(frame.time) if attribute else None
    return fallback if found is None else found
