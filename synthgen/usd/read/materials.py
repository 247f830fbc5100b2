"""Read a UsdShade Material: our optical schema where it is applied, UsdPreviewSurface for everything else.

References:
    UsdPreviewSurface specification, version 2.6 (OpenUSD): both workflows, opacity and texture reading.
    docs/contract.md section 4: without the optical schema the near-infrared reflectance is the red one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from pxr import Usd, UsdShade

from synthgen.usd import schemas
from synthgen.usd.read.preview_surface import GREY, Preview, Rgb, clipped, colour_or
from synthgen.usd.read.primvars import inherited_primvar, mean
from synthgen.usd.read.stage_frame import Frame
from synthgen.world import spectra
from synthgen.world.scene_description import Material, Texture
from synthgen.world.shot import Bands

_PREVIEW = ("UsdPreviewSurface", "ND_UsdPreviewSurface_surfaceshader")


@dataclass(frozen=True)
class Look:
    """A material, and the primvars that it reads from the prim it is bound to."""

    material: Material
    uv_name: str = "st"
    colour_primvar: str = ""
    """Primvar that the diffuse colour comes from, or ""."""


def look_of(material: UsdShade.Material, frame: Frame) -> Look | None:
    """Return what a Material looks like, or None with a remark where it has no shader that can be read."""
    path = str(material.GetPath())
    if path not in frame.looks:
        frame.looks[path] = _read(material, frame)
    return frame.looks[path]


def worn_by(look: Look | None, prim: Usd.Prim, frame: Frame) -> Material:
    """Return the material of one prim, with its displayColor where the look reads that or is None."""
    if look is not None and not look.colour_primvar:
        return look.material
    name = look.colour_primvar if look else "displayColor"
    values = inherited_primvar(prim, name, 3, frame)
    colour = mean(values) if values is not None else None
    if colour is None or values is None:
        return look.material if look else _plain("", (GREY, GREY, GREY))
    if len(values.array) > 1:
        frame.remarks.add(prim.GetPath(), f"{name} varies over the prim; its mean is used")
    rgb = colour_or(colour, (GREY, GREY, GREY))
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
    """Return a material with our schema: reflectances from it; texture, cut-out and metal from the preview surface."""
    preview = Preview(surface, frame) if surface is not None else None
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
        roughness=clipped(frame.number(prim, "synthgen:optical:roughness", 0.5)),
        ior=max(frame.number(prim, "synthgen:optical:ior", 1.5), 1.0),
        metallic=clipped(preview.number("metallic")) if preview else 0.0,
    )
    if preview is not None:
        material = replace(material, **preview.opacity(tone)[0])
    return Look(material, tone.uv_name if tone else "st")


def _tone(texture: Texture, nearest: bool) -> Texture:
    """Return the grey map without scale and bias: the reflectances of the schema replace them."""
    return replace(
        texture, mode="tone", srgb=False, nearest=nearest, scale=(1.0, 1.0, 1.0, 1.0), bias=(0.0, 0.0, 0.0, 0.0)
    )


def _four_bands(prim: Usd.Prim, name: str, fallback: float, frame: Frame) -> Bands:
    """Return a reflectance per band; other band edges than ours are not resampled."""
    values = frame.array(prim, name, 1, np.float64)
    if values is None or not values.size:
        return (fallback, fallback, fallback, fallback)
    edges = frame.array(prim, "synthgen:optical:band_edges_nm", 1, np.float64)
    ours = edges is None or edges.size != values.size + 1 or np.array_equal(edges, spectra.BAND_EDGES_NM)
    if not ours:
        values = _resampled(values, edges)
    elif values.size != 4:
        frame.remarks.add(prim.GetPath(), f"{name} has {values.size} values for 4 bands; the last is repeated")
        values = np.pad(values[:4], (0, max(4 - values.size, 0)), mode="edge")
    b, g, r, nir = (clipped(float(value)) for value in values)
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
    preview = Preview(shader, frame)
    preview.note_left_out()
    lookup = preview.lookup("diffuseColor")
    diffuse = (1.0, 1.0, 1.0) if lookup else preview.colour("diffuseColor")
    reflectance, ior, metallic = preview.gloss(diffuse, lookup)
    material = Material(
        path=str(prim.GetPath()),
        reflectance=_bands(reflectance),
        texture=lookup.texture if lookup else None,
        roughness=clipped(preview.number("roughness")),
        ior=ior,
        metallic=metallic,
        emission_w_m2_sr=_emission(preview.colour("emissiveColor")),
    )
    opacity, cutout = preview.opacity(lookup)
    if cutout is not None:  # the image gives its alpha alone: its colours times 0, plus 1
        scale, bias = (0.0, 0.0, 0.0, cutout.texture.scale[3]), (1.0, 1.0, 1.0, cutout.texture.bias[3])
        material = replace(material, texture=replace(cutout.texture, scale=scale, bias=bias))
    coordinates = lookup or cutout
    uv_name = coordinates.uv_name if coordinates else "st"
    return Look(replace(material, **opacity), uv_name, preview.primvar("diffuseColor"))


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
    r, g, b = (clipped(value) for value in rgb)
    return (b, g, r, r)
