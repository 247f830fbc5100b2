"""Read the inputs of a UsdPreviewSurface as constants and textures, with a remark for each that is left out.

References:
    UsdPreviewSurface specification, version 2.6 (OpenUSD): fallbacks, both workflows, opacity.
"""

from __future__ import annotations

import math
from typing import Any

from pxr import UsdShade

from synthgen.usd.read.stage_frame import Frame
from synthgen.usd.read.textures import Lookup, Source, fallback_of, lookup_of, mean_of, source_of

Rgb = tuple[float, float, float]

GREY = 0.5
"""Reflectance of what has neither a material nor a displayColor."""
LUMINANCE = (0.2126, 0.7152, 0.0722)
"""Luminance of linear Rec. 709 red, green and blue (ITU-R BT.709-6, item 3.2)."""

DEFAULTS = {
    "diffuseColor": (0.18, 0.18, 0.18), "emissiveColor": (0.0, 0.0, 0.0), "specularColor": (0.0, 0.0, 0.0),
    "roughness": 0.5, "metallic": 0.0, "ior": 1.5, "opacity": 1.0, "opacityThreshold": 0.0,
    "useSpecularWorkflow": 0, "clearcoat": 0.0, "displacement": 0.0,
}  # fmt: skip
_METAL_F0 = 0.25
"""A specularColor brighter than this is a metal's: no dielectric of ior below 3 reflects as much."""


class Preview:
    """The inputs of one UsdPreviewSurface as constants and textures."""

    def __init__(self, shader: UsdShade.Shader, frame: Frame) -> None:
        self._shader, self._frame = shader, frame
        self._path = shader.GetPrim().GetPath()
        self._lookups: dict[str, Lookup | None] = {}

    def source(self, name: str) -> Source:
        """Return what feeds an input."""
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
        source, default = self.source(name), DEFAULTS[name]
        if source.shader is None:
            return colour_or(source.value, default)
        if source.kind.startswith("UsdPrimvarReader"):
            return colour_or(source_of(source.shader, "fallback", self._frame).value, default)
        found = self._mean(name)
        if found is not None:
            return colour_or(found[:3], default)
        if source.kind != "UsdUVTexture":
            self._frame.remarks.add(self._path, f"{name} comes from a {source.kind or 'shader without id'}; not read")
            return default
        spare = fallback_of(source.shader, self._frame)
        return colour_or(spare[:3], default) if spare else (GREY, GREY, GREY)

    def number(self, name: str) -> float:
        """Return an input as one number: its constant, or the mean of its texture's channel."""
        source, default = self.source(name), float(DEFAULTS[name])
        if source.shader is None:
            return number_or(source.value, default)
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
        if not int(number_or(self.source("useSpecularWorkflow").value, 0.0)):
            return diffuse, ior, clipped(self.number("metallic"))
        specular = self.colour("specularColor")
        f0 = sum(specular) / 3.0
        if f0 > _METAL_F0:
            if lookup is not None or sum(diffuse) > sum(specular):
                self._frame.remarks.add(self._path, "a bright specularColor over a diffuse colour; its ior is limited")
                return diffuse, _ior(_METAL_F0), 0.0
            return specular, ior, 1.0
        return diffuse, _ior(f0), 0.0

    def opacity(self, colour: Lookup | None) -> tuple[dict[str, Any], Lookup | None]:
        """Return the opacity fields of a Material, and the texture of an alpha that has no colour beside it.

        Args:
            colour: the texture of the diffuse colour, whose alpha can be the opacity.
        """
        threshold = clipped(self.number("opacityThreshold"))
        source = self.source("opacity")
        if source.shader is None:
            return {"opacity": clipped(number_or(source.value, 1.0)), "opacity_threshold": threshold}, None
        own = self.lookup("opacity")
        if own is not None and source.output == "a" and (colour is None or own.texture.asset == colour.texture.asset):
            fields = {"opacity": 1.0, "opacity_threshold": threshold, "opacity_from_texture": True}
            return fields, own if colour is None else None
        return {"opacity": clipped(self.number("opacity")), "opacity_threshold": threshold}, None

    def note_left_out(self) -> None:
        """Add a remark for each input that Lambert plus one lobe cannot show."""
        for name in ("normal", "occlusion"):
            if self.source(name).shader is not None:
                self._frame.remarks.add(self._path, f"{name} map is left out")
        for name in ("clearcoat", "displacement"):
            source = self.source(name)
            if source.shader is not None or number_or(source.value, 0.0) != 0.0:
                self._frame.remarks.add(self._path, f"{name} is left out")


def _ior(f0: float) -> float:
    """Return the index of refraction that reflects `f0` at normal incidence (Fresnel)."""
    root = math.sqrt(min(max(f0, 0.0), 0.9))
    return (1.0 + root) / (1.0 - root)


def colour_or(value: Any, default: Rgb) -> Rgb:
    """Return three finite numbers, or `default`."""
    try:
        r, g, b = (float(item) for item in value)
    except (TypeError, ValueError):
        return default
    return (r, g, b) if math.isfinite(r) and math.isfinite(g) and math.isfinite(b) else default


def number_or(value: Any, default: float) -> float:
    """Return a finite number, or `default`."""
    try:
        found = float(value)
    except (TypeError, ValueError):
        return default
    return found if math.isfinite(found) else default


def clipped(value: float) -> float:
    """Return the nearest number of 0 to 1."""
    return min(max(float(value), 0.0), 1.0)
