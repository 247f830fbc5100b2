"""Materials on a stage: the truth in SynthgenOpticalMaterialAPI, UsdPreviewSurface beside it for other tools.

A texture of ours is one grey tone map g: reflectance = g reflectance + (1 - g) ink_reflectance, band by band. Materials
lie under /World/Looks and are named by what they are made of, so equal looks are one prim.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy as np
from pxr import Gf, Sdf, Usd, Vt

from synthgen.usd import schemas
from synthgen.usd.author import specs, texture_files
from synthgen.usd.author.specs import TYPES, Path
from synthgen.world import materials, spectra
from synthgen.world.shot import Bands

SCOPE = Sdf.Path("/World/Looks")
_BLACK: Bands = (0.0, 0.0, 0.0, 0.0)


def material(
    stage: Usd.Stage,
    name: str,
    *,
    tone: float = 1.0,
    texture: np.ndarray | str | None = None,
    alpha: np.ndarray | None = None,
    ink: str = "",
    film: str = "",
    scale_m: float | tuple[float, float] | None = None,
    roughness: float | None = None,
    wrap: str = "",
    nearest: bool = False,
    cutout: bool = False,
) -> Sdf.Path:
    """Define the surface `name` of `materials.MATERIALS` and return the path of its Material.

    Args:
        stage: where to write, in its edit target.
        name: a name of `materials.MATERIALS`.
        tone: factor on the reflectances; boxes of one batch differ.
        texture: tone map, uint8 (h, w), first row at the top (v = 1), or the asset path `texture_files.save` gave.
        alpha: coverage, uint8 (h, w): below one half the surface is cut out.
        ink: material where the texture is 0; default the surface's own `ink`.
        film: a name of `materials.FILMS` that lies over it, or "".
        scale_m: size that one copy of the texture covers [m], for meshes with `st` in metres; None: st 0..1 covers it.
        roughness: instead of the surface's own.
        wrap: repeat or clamp; default repeat where `scale_m` is given.
        nearest: keep printed edges sharp (do not interpolate).
        cutout: the asset given as a path has an alpha channel that cuts out.

    Raises:
        InputError: there is no such surface, ink or film.
        OutputError: the texture cannot be written.
    """
    surface = materials.surface(name)
    ink = ink or surface.ink
    paper = _toned(surface.reflectance, tone)
    dark = _toned(materials.surface(ink).reflectance, tone) if ink else _BLACK
    rough, ior = surface.roughness if roughness is None else roughness, surface.ior
    if film:
        layer = materials.film(film)
        paper, dark = materials.covered(paper, layer), materials.covered(dark, layer)
        rough, ior = layer.roughness, layer.ior
    if isinstance(texture, np.ndarray):
        texture, cutout = texture_files.save(stage, texture, alpha), alpha is not None
    facts = {
        "name": name, "paper": paper, "dark": dark, "rough": rough, "ior": ior, "metallic": surface.metallic,
        "texture": texture or "", "scale": _pair(scale_m), "wrap": wrap or ("repeat" if scale_m else "clamp"),
        "nearest": nearest, "cutout": cutout,
    }  # fmt: skip
    return _author(stage, facts)


def bind(stage: Usd.Stage, prim: Path | Usd.Prim, material_path: Path) -> None:
    """Bind a material to a prim (or a path) already defined in the edit target."""
    path = prim.GetPath() if isinstance(prim, Usd.Prim) else prim
    spec = specs.define(stage, path, "")
    specs.apply(spec, "MaterialBindingAPI")
    specs.relationship(spec, "material:binding", material_path)


def _author(stage: Usd.Stage, facts: dict[str, Any]) -> Sdf.Path:
    digest = hashlib.blake2b(json.dumps(facts, sort_keys=True).encode(), digest_size=6).hexdigest()
    path = SCOPE.AppendChild(f"{facts['name']}_{digest}")
    if specs.layer_of(stage).GetPrimAtPath(path) is not None:
        return path
    specs.define(stage, SCOPE, "Scope")
    shape = (bool(facts["texture"]), facts["wrap"], bool(facts["scale"]), facts["cutout"], facts["nearest"])
    spec = specs.stamp(stage, path, _template(*shape))
    _set_optics(spec, facts)
    if facts["texture"]:
        _set_texture(spec, facts)
    return path


def _set_optics(spec: specs.Spec, facts: dict[str, Any]) -> None:
    specs.set_values(
        spec,
        synthgen__optical__reflectance=Vt.FloatArray(facts["paper"]),
        synthgen__optical__ink_reflectance=Vt.FloatArray(facts["dark"]),
        synthgen__optical__roughness=facts["rough"],
        synthgen__optical__ior=facts["ior"],
    )
    specs.set_values(
        _child(spec, "surface"),
        inputs__diffuseColor=_rgb(facts["paper"]),
        inputs__roughness=facts["rough"],
        inputs__ior=facts["ior"],
        inputs__metallic=facts["metallic"],
    )


def _set_texture(spec: specs.Spec, facts: dict[str, Any]) -> None:
    paper, dark = _rgb(facts["paper"]), _rgb(facts["dark"])
    specs.set_values(
        _child(spec, "tone"),
        inputs__file=Sdf.AssetPath(facts["texture"]),
        inputs__scale=Gf.Vec4f(*(paper - dark), 1.0),
        inputs__bias=Gf.Vec4f(*dark, 0.0),
    )
    if facts["scale"]:
        specs.set_values(_child(spec, "scale"), inputs__scale=Gf.Vec2f(*(1.0 / s for s in facts["scale"])))


def _child(spec: specs.Spec, name: str) -> specs.Spec:
    return spec.layer.GetPrimAtPath(spec.path.AppendChild(name))


@specs.template
def _template(layer: Sdf.Layer, textured: bool, wrap: str, scaled: bool, cutout: bool, nearest: bool) -> specs.Spec:
    """Return a material without its numbers."""
    spec = specs.define_in(layer, Sdf.Path("/material"), "Material")
    specs.apply(spec, schemas.OPTICAL)
    edges = Vt.FloatArray(spectra.BAND_EDGES_NM)
    specs.attribute(spec, "synthgen:optical:band_edges_nm", TYPES.FloatArray, edges)
    for name, kind in (
        ("reflectance", TYPES.FloatArray),
        ("ink_reflectance", TYPES.FloatArray),
        ("roughness", TYPES.Float),
        ("ior", TYPES.Float),
    ):
        specs.attribute(spec, f"synthgen:optical:{name}", kind)
    if nearest:
        specs.attribute(spec, "synthgen:optical:nearest", TYPES.Bool, True)
    surface = _shader(spec, "surface", "UsdPreviewSurface")
    specs.attribute(surface, "inputs:diffuseColor", TYPES.Color3f)
    for name in ("roughness", "ior", "metallic"):
        specs.attribute(surface, f"inputs:{name}", TYPES.Float)
    _connect(spec, "outputs:surface", TYPES.Token, surface, "outputs:surface", TYPES.Token)
    if textured:
        _add_texture(spec, surface, wrap, scaled, cutout)
    return spec


def _add_texture(spec: specs.Spec, surface: specs.Spec, wrap: str, scaled: bool, cutout: bool) -> None:
    reader = _shader(spec, "st", "UsdPrimvarReader_float2")
    specs.attribute(reader, "inputs:varname", TYPES.String, "st")
    if scaled:
        transform = _shader(spec, "scale", "UsdTransform2d")
        specs.attribute(transform, "inputs:scale", TYPES.Float2)
        _connect(transform, "inputs:in", TYPES.Float2, reader, "outputs:result", TYPES.Float2)
        reader = transform
    texture = _shader(spec, "tone", "UsdUVTexture")
    specs.attribute(texture, "inputs:file", TYPES.Asset)
    for name, token in (("sourceColorSpace", "raw"), ("wrapS", wrap), ("wrapT", wrap)):
        specs.attribute(texture, f"inputs:{name}", TYPES.Token, token)
    specs.attribute(texture, "inputs:scale", TYPES.Float4)
    specs.attribute(texture, "inputs:bias", TYPES.Float4)
    _connect(texture, "inputs:st", TYPES.Float2, reader, "outputs:result", TYPES.Float2)
    _connect(surface, "inputs:diffuseColor", TYPES.Color3f, texture, "outputs:rgb", TYPES.Float3)
    if cutout:
        _connect(surface, "inputs:opacity", TYPES.Float, texture, "outputs:a", TYPES.Float)
        specs.attribute(surface, "inputs:opacityThreshold", TYPES.Float, 0.5)


def _shader(material_spec: specs.Spec, name: str, identifier: str) -> specs.Spec:
    spec = specs.define_in(material_spec.layer, material_spec.path.AppendChild(name), "Shader")
    specs.attribute(spec, "info:id", TYPES.Token, identifier, uniform=True)
    return spec


def _connect(
    spec: specs.Spec,
    name: str,
    kind: Sdf.ValueTypeName,
    source: specs.Spec,
    output: str,
    output_kind: Sdf.ValueTypeName,
) -> None:
    specs.attribute(source, output, output_kind)
    specs.attribute(spec, name, kind).connectionPathList.explicitItems = [source.path.AppendProperty(output)]


def _rgb(bands: Bands) -> Gf.Vec3f:
    """Return linear red, green, blue of a reflectance in the bands B, G, R, NIR."""
    return Gf.Vec3f(bands[2], bands[1], bands[0])


def _toned(bands: Bands, tone: float) -> Bands:
    b, g, r, nir = (min(max(value * tone, 0.0), 0.98) for value in bands)
    return b, g, r, nir


def _pair(scale_m: float | tuple[float, float] | None) -> tuple[float, float] | None:
    return (scale_m, scale_m) if isinstance(scale_m, (int, float)) else scale_m
