"""Reads a UsdShade Material: our optical schema where it is applied, UsdPreviewSurface for everything else.

References:
    UsdPreviewSurface specification, version 2.6 (OpenUSD): both workflows, opacity and texture reading.
    Contract section 4: without the optical schema the near-infrared reflectance is the red one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
from pxr import Usd, UsdShade

from synthgen import spectra
from synthgen.description import Material, Texture
from synthgen.shot import Bands
from synthgen.usd import schemas
from synthgen.usd.read_primvars import inherited_primvar, mean
from synthgen.usd.read_textures import Lookup, Source, fallback_of, lookup_of, mean_of, source_of
from synthgen.usd.stage_frame import Frame

Rgb = tuple[float, float, float]

GREY = 0.5
"""Reflectance of what has neither a material nor a displayColor."""
LUMINANCE = (0.2126, 0.7152, 0.0722)
"""Luminance of linear Rec. 709 red, green and blue (ITU-R BT.709-6, item 3.2)."""

_PREVIEW = ("UsdPreviewSurface", "ND_UsdPreviewSurface_surfaceshader")
_DEFAULTS = {
    "diffuseColor": (0.18, 0.18, 0.18), "emissiveColor": (0.0, 0.0, 0.0), "specularColor": (0.0, 0.0, 0.0),
    "roughness": 0.5, "metallic": 0.0, "ior": 1.5, "opacity": 1.0, "opacityThreshold": 0.0,
    "useSpecularWorkflow": 0, "clearcoat": 0.0, "displacement": 0.0,
}  # fmt: skip
_METAL_F0 = 0.25
"""A specularColor brighter than this is a metal's: no dielectric of ior below 3 reflects as much."""


@dataclass(frozen=True)
class Look:
    """A material, and what it wants to know of the prim that wears it."""

    material: Material
    uv_name: str = "st"
    colour_primvar: str = ""
    """Primvar that the diffuse colour comes from, or ""."""


def look_of(material: UsdShade.Material, frame: Frame) -> Look | None:
    """Return what a Material looks like, or None with a remark where it is in nobody's words that we know."""
    path = str(material.GetPath())
    if path not in frame.looks:
        frame.looks[path] = _read(material, frame)
    return frame.looks[path]


def worn_by(look: Look | None, prim: Usd.Prim, frame: Frame) -> Material:
    """Return the material of one prim: with the prim's own displayColor where the look asks for it or is None."""
    if look is not None and not look.colour_primvar:
        return look.material
    name = look.colour_primvar if look else "displayColor"
    values = inherited_primvar(prim, name, 3, frame)
    colour = mean(values) if values is not None else None
    if colour is None or values is None:
        return look.material if look else _plain("", (GREY, GREY, GREY))
    if len(values.array) > 1:
        frame.remarks.add(prim.GetPath(), f"{name} varies over the prim; its mean is used")
    rgb = _colour(colour, (GREY, GREY, GREY))
    frame.remarks.add(prim.GetPath(), "no optical schema: near-infrared reflectance = red reflectance")
    if look is not None:
        return replace(look.material, reflectance=_bands(rgb))
    return replace(_plain("", rgb), opacity=_display_opacity(prim, frame))


def _plain(path: str, rgb: Rgb) -> Material:
    return Material(path=path, reflectance=_bands(rgb))


def _display_opacity(prim: Usd.Prim, frame: Frame) -> float:
    values = inherited_primvar(prim, "displayOpacity", 1, frame)
    found = mean(values) if values is not None else None
    return 1.0 if found is None else float(np.clip(np.nan_to_num(found, nan=1.0), 0.0, 1.0))


def _read(material: UsdShade.Material, frame: Frame) -> Look | None:
    prim = material.GetPrim()
    surface = _surface(material)
    if prim.HasAPI(schemas.OPTICAL):
        return _optical(prim, surface, frame)
    if surface is None:
        frame.remarks.add(prim.GetPath(), f"{_outputs(material)}; drawn in its displayColor or grey")
        return None
    frame.remarks.add(prim.GetPath(), "no optical schema: near-infrared reflectance = red reflectance")
    return _preview(prim, surface, frame)


def _surface(material: UsdShade.Material) -> UsdShade.Shader | None:
    """Return the UsdPreviewSurface of the universal output, or of the MaterialX output where that has none."""
    for context in ("", "mtlx"):
        shader = material.ComputeSurfaceSource(context)[0]
        if shader and str(shader.GetIdAttr().Get() or "") in _PREVIEW:
            return shader
    return None


def _outputs(material: UsdShade.Material) -> str:
    """Return in words why a material has no surface that we can read."""
    for context in ("", "mtlx", "arnold", "ri", "mdl", "glslfx"):
        shader = material.ComputeSurfaceSource(context)[0]
        if shader:
            name = str(shader.GetIdAttr().Get() or "of unknown kind")
            return f"surface shader {name} is not UsdPreviewSurface"
    return "material without a surface"


def _optical(prim: Usd.Prim, surface: UsdShade.Shader | None, frame: Frame) -> Look:
    """Return a material of ours: reflectances from the schema, texture, cut-out and metal from the preview surface."""
    preview = _Preview(surface, frame) if surface is not None else None
    tone = preview.lookup("diffuseColor") if preview else None
    texture = None
    if tone is not None:
        nearest = bool(frame.value(prim, "synthgen:optical:nearest", False))
        texture = _tone(tone.texture, nearest)
    if frame.number(prim, "synthgen:optical:retro_cd_lx_m2", 0.0) > 0:
        frame.remarks.add(prim.GetPath(), "retroreflection is not simulated")
    material = Material(
        path=str(prim.GetPath()),
        reflectance=_four_bands(prim, "synthgen:optical:reflectance", GREY, frame),
        ink_reflectance=_four_bands(prim, "synthgen:optical:ink_reflectance", 0.0, frame),
        texture=texture,
        roughness=_clipped(frame.number(prim, "synthgen:optical:roughness", 0.5)),
        ior=max(frame.number(prim, "synthgen:optical:ior", 1.5), 1.0),
        metallic=_clipped(preview.number("metallic")) if preview else 0.0,
    )
    if preview is not None:
        material = replace(material, **preview.opacity(tone, {}))
    return Look(material, tone.uv_name if tone else "st")


def _tone(texture: Texture, nearest: bool) -> Texture:
    """Return the grey map itself: the scale and bias that colour it for other tools are in the schema's reflectances."""
    return replace(
        texture, mode="tone", srgb=False, nearest=nearest, scale=(1.0, 1.0, 1.0, 1.0), bias=(0.0, 0.0, 0.0, 0.0)
    )


def _four_bands(prim: Usd.Prim, name: str, fallback: float, frame: Frame) -> Bands:
    """Return a reflectance per band; other band edges than ours are not resampled."""
    values = frame.array(prim, name, 1, np.float64)
    if values is None or not values.size:
        return (fallback, fallback, fallback, fallback)
    edges = frame.array(prim, "synthgen:optical:band_edges_nm", 1, np.float64)
    if edges is not None and edges.size == values.size + 1 and not np.allclose(edges[:5], spectra.BAND_EDGES_NM):
        values = _resampled(values, edges)
    elif values.size != 4:
        frame.remarks.add(prim.GetPath(), f"{name} has {values.size} values for 4 bands; the last is repeated")
        values = np.pad(values[:4], (0, max(4 - values.size, 0)), mode="edge")
    b, g, r, nir = (_clipped(float(value)) for value in values)
    return (b, g, r, nir)


def _resampled(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Return the mean over our bands of a reflectance that is constant within other bands."""
    means = []
    for low, high in zip(spectra.BAND_EDGES_NM, spectra.BAND_EDGES_NM[1:], strict=False):
        nm = np.linspace(low, high, 101)[:-1] + (high - low) / 200.0
        at = np.clip(np.searchsorted(edges, nm, side="right") - 1, 0, values.size - 1)
        means.append(values[at].mean())
    return np.array(means)


def _preview(prim: Usd.Prim, shader: UsdShade.Shader, frame: Frame) -> Look:
    """Return a UsdPreviewSurface's look."""
    preview = _Preview(shader, frame)
    preview.note_left_out()
    lookup = preview.lookup("diffuseColor")
    diffuse = (1.0, 1.0, 1.0) if lookup else preview.colour("diffuseColor")
    reflectance, ior, metallic = preview.gloss(diffuse, lookup)
    material = Material(
        path=str(prim.GetPath()),
        reflectance=_bands(reflectance),
        texture=lookup.texture if lookup else None,
        roughness=_clipped(preview.number("roughness")),
        ior=ior,
        metallic=metallic,
        emission_w_m2_sr=_emission(preview.colour("emissiveColor")),
    )
    found: dict[str, Any] = {"diffuse": diffuse}
    material = replace(material, **preview.opacity(lookup, found))
    cutout = found.get("lookup")
    uv_name = (lookup or cutout).uv_name if (lookup or cutout) else "st"
    return Look(material, uv_name, preview.primvar("diffuseColor"))


class _Preview:
    """The inputs of one UsdPreviewSurface as constants and textures; says what is lost on the way."""

    def __init__(self, shader: UsdShade.Shader, frame: Frame) -> None:
        self._shader, self._frame = shader, frame
        self._path = shader.GetPrim().GetPath()
        self._lookups: dict[str, Lookup | None] = {}

    def source(self, name: str) -> Source:
        return source_of(self._shader, name, self._frame)

    def lookup(self, name: str) -> Lookup | None:
        """Return the texture that feeds an input, or None."""
        source = self.source(name)
        if source.shader is None or source.kind != "UsdUVTexture":
            return None
        path = str(source.shader.GetPath())
        if path not in self._lookups:
            self._lookups[path] = lookup_of(source.shader, self._frame)
        return self._lookups[path]

    def primvar(self, name: str) -> str:
        """Return the primvar that feeds an input directly, or ""."""
        source = self.source(name)
        if source.shader is None or not source.kind.startswith("UsdPrimvarReader"):
            return ""
        return str(source_of(source.shader, "varname", self._frame).value or "")

    def colour(self, name: str) -> Rgb:
        """Return an input as one linear colour: its constant, its texture's mean or the texture's fallback."""
        source, default = self.source(name), _DEFAULTS[name]
        if source.shader is None:
            return _colour(source.value, default)
        if source.kind.startswith("UsdPrimvarReader"):
            return _colour(source_of(source.shader, "fallback", self._frame).value, default)
        found = self._mean(name)
        if found is not None:
            return _colour(found[:3], default)
        if source.kind != "UsdUVTexture":
            self._frame.remarks.add(self._path, f"{name} comes from a {source.kind or 'shader without id'}; not read")
            return default
        spare = fallback_of(source.shader, self._frame)
        return _colour(spare[:3], default) if spare else (GREY, GREY, GREY)

    def number(self, name: str) -> float:
        """Return an input as one number: its constant, or the mean of its texture's channel."""
        source, default = self.source(name), float(_DEFAULTS[name])
        if source.shader is None:
            return _number(source.value, default)
        found = self._mean(name)
        if found is None:
            self._frame.remarks.add(self._path, f"{name} comes from a {source.kind or 'shader'}; {default:g} is used")
            return default
        return found["rgba".find(source.output) if source.output in ("r", "g", "b", "a") else 0]

    def _mean(self, name: str) -> tuple[float, float, float, float] | None:
        lookup = self.lookup(name)
        found = mean_of(lookup.texture) if lookup else None
        if found is not None:
            self._frame.remarks.add(self._path, f"{name} is a texture; its mean is used")
        return found

    def gloss(self, diffuse: Rgb, lookup: Lookup | None) -> tuple[Rgb, float, float]:
        """Return (reflectance, ior, metallic) of either workflow."""
        ior = self.number("ior")
        ior = max(ior if ior >= 1.0 else 1.0 / ior if ior > 0 else 1.5, 1.0)
        if not int(_number(self.source("useSpecularWorkflow").value, 0.0)):
            return diffuse, ior, _clipped(self.number("metallic"))
        specular = self.colour("specularColor")
        f0 = sum(specular) / 3.0
        if f0 > _METAL_F0:
            if lookup is not None or sum(diffuse) > sum(specular):
                self._frame.remarks.add(self._path, "a bright specularColor over a diffuse colour; its ior is limited")
                return diffuse, _ior(_METAL_F0), 0.0
            return specular, ior, 1.0
        return diffuse, _ior(f0), 0.0

    def opacity(self, lookup: Lookup | None, found: dict[str, Any]) -> dict[str, Any]:
        """Return the opacity fields of a Material; an alpha from a texture of its own becomes the material's texture."""
        threshold = _clipped(self.number("opacityThreshold"))
        source = self.source("opacity")
        if source.shader is None:
            return {"opacity": _clipped(_number(source.value, 1.0)), "opacity_threshold": threshold}
        own = self.lookup("opacity")
        from_texture = {"opacity": 1.0, "opacity_threshold": threshold, "opacity_from_texture": True}
        if own is not None and source.output == "a":
            if lookup is not None and own.texture.asset == lookup.texture.asset:
                return from_texture
            if lookup is None and "diffuse" in found:
                found["lookup"] = own
                r, g, b = found["diffuse"]
                scale, bias = (0.0, 0.0, 0.0, own.texture.scale[3]), (1.0, 1.0, 1.0, own.texture.bias[3])
                return from_texture | {"texture": replace(own.texture, scale=scale, bias=bias)}
        return {"opacity": _clipped(self.number("opacity")), "opacity_threshold": threshold}

    def note_left_out(self) -> None:
        """Say which inputs have no place in Lambert plus one lobe."""
        for name in ("normal", "occlusion"):
            if self.source(name).shader is not None:
                self._frame.remarks.add(self._path, f"{name} map is left out")
        for name in ("clearcoat", "displacement"):
            source = self.source(name)
            if source.shader is not None or _number(source.value, 0.0) != 0.0:
                self._frame.remarks.add(self._path, f"{name} is left out")


def _ior(f0: float) -> float:
    """Return the index of refraction that reflects `f0` at normal incidence (Fresnel)."""
    root = math.sqrt(min(max(f0, 0.0), 0.9))
    return (1.0 + root) / (1.0 - root)


def _emission(rgb: Rgb) -> Bands:
    """Return the radiance per band [W/(m^2 sr)] of an emissive colour, whose 1 is 1 cd/m^2 of D65 (UsdLux LightAPI)."""
    if not any(rgb):
        return (0.0, 0.0, 0.0, 0.0)
    b, g, r, nir = _d65_w_m2_sr_per_nit()
    return (b * rgb[2], g * rgb[1], r * rgb[0], nir * rgb[0])


@cache
def _d65_w_m2_sr_per_nit() -> Bands:
    light = spectra.d65()
    b, g, r, nir = (spectra.band_fractions(light) / spectra.efficacy_lm_w(light)).tolist()
    return (b, g, r, nir)


def _bands(rgb: Rgb) -> Bands:
    """Return a linear colour as reflectance per band: blue, green, red, near infrared = red."""
    r, g, b = (_clipped(value) for value in rgb)
    return (b, g, r, r)


def _colour(value: Any, default: Rgb) -> Rgb:
    try:
        r, g, b = (float(item) for item in value)
    except (TypeError, ValueError):
        return default
    return (r, g, b) if math.isfinite(r) and math.isfinite(g) and math.isfinite(b) else default


def _number(value: Any, default: float) -> float:
    try:
        found = float(value)
    except (TypeError, ValueError):
        return default
    return found if math.isfinite(found) else default


def _clipped(value: float) -> float:
    return min(max(float(value), 0.0), 1.0)
