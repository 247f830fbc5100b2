"""Materials on a stage: the truth in SynthgenOpticalMaterialAPI, UsdPreviewSurface beside it for other tools.

A texture of ours is one grey tone map g: reflectance = g reflectance + (1 - g) ink_reflectance, band by band. Materials
lie under /World/Looks and are named by what they are made of, so equal looks are one prim.
"""

from __future__ import annotations

import functools
import hashlib
import io
import json
import os
import tempfile
from pathlib import Path as FilePath
from typing import Any

import numpy as np
from PIL import Image
from pxr import Gf, Sdf, Usd, Vt

from synthgen import png, spectra
from synthgen.errors import OutputError
from synthgen.materials import FILMS, MATERIALS, covered
from synthgen.shot import Bands
from synthgen.usd import schemas, specs
from synthgen.usd.specs import TYPES, Path

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
        texture: tone map, uint8 (h, w), first row at the top (v = 1), or the asset path `save_texture` gave.
        alpha: where the surface is there at all, uint8 (h, w): below one half it is cut out.
        ink: what the texture's 0 shows; default the surface's own partner.
        film: a name of `materials.FILMS` that lies over it, or "".
        scale_m: size that one copy of the texture covers [m], for meshes with `st` in metres; None: st 0..1 covers it.
        roughness: instead of the surface's own.
        wrap: repeat or clamp; default repeat where `scale_m` is given.
        nearest: keep printed edges sharp (do not interpolate).
        cutout: the asset given as a path has an alpha channel that cuts out.
    """
    surface = MATERIALS[name]
    ink = ink or surface.ink
    paper = _toned(surface.reflectance, tone)
    dark = _toned(MATERIALS[ink].reflectance, tone) if ink else _BLACK
    rough, ior = surface.roughness if roughness is None else roughness, surface.ior
    if film:
        layer = FILMS[film]
        paper, dark, rough, ior = covered(paper, layer), covered(dark, layer), layer.roughness, layer.ior
    if isinstance(texture, np.ndarray):
        texture, cutout = save_texture(stage, texture, alpha), alpha is not None
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


def save_texture(stage: Usd.Stage, tone: np.ndarray, alpha: np.ndarray | None = None) -> str:
    """Write a tone map once, named by its content, and return its asset path relative to the stage's root layer.

    Raises:
        OutputError: no space or no permission.
    """
    name = texture_name(tone, alpha)
    if not (texture_folder(stage) / name).exists():
        store_texture(stage, *encode_texture(tone, alpha))
    return f"./textures/{name}"


def texture_name(tone: np.ndarray, alpha: np.ndarray | None = None) -> str:
    """Return the file name of a tone map: the hash of its pixels, then `a` where there is an alpha channel."""
    return _hash(tone) + ("" if alpha is None else f"{_hash(alpha)}a") + ".png"


def encode_texture(tone: np.ndarray, alpha: np.ndarray | None = None) -> tuple[str, bytes]:
    """Return (file name, PNG file) of a tone map, uint8 (h, w)."""
    if alpha is None:
        return texture_name(tone), png.encode(np.asarray(tone, np.uint8))
    buffer = io.BytesIO()
    Image.fromarray(np.dstack([tone, alpha]).astype(np.uint8)).save(buffer, "png", compress_level=1)
    return texture_name(tone, alpha), buffer.getvalue()


def store_texture(stage: Usd.Stage, file_name: str, content: bytes) -> str:
    """Write a texture unless it is there already, and return its asset path relative to the stage's root layer.

    Raises:
        OutputError: no space or no permission.
    """
    path = texture_folder(stage) / file_name
    if not path.exists():
        _write_whole(path, content)
    return f"./textures/{file_name}"


def texture_folder(stage: Usd.Stage) -> FilePath:
    """Return the folder `textures` beside the stage's root layer."""
    layer = stage.GetRootLayer()
    if layer.anonymous:
        raise ValueError("textures need a stage with a place on disk: make it with usd.stage.open_world")
    return FilePath(layer.realPath or layer.identifier).parent / "textures"


def _write_whole(path: FilePath, content: bytes) -> None:
    """Write beside and rename, so that two workers that share a folder never see half a file."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as part:
            part.write(content)
        os.replace(part.name, path)
    except OSError as fault:
        remedy = "free space or choose another folder"
        raise OutputError(f"{path}: cannot write the texture ({fault.strerror}); {remedy}") from fault


def _hash(pixels: np.ndarray) -> str:
    """Return the hash of an image; of a read-only one, such as textures keep, it is remembered."""
    return _digest(pixels) if pixels.flags.writeable else _known_digest(_Same(pixels))


def _digest(pixels: np.ndarray) -> str:
    content = np.ascontiguousarray(pixels, np.uint8)
    person = f"{content.shape[0]}x{content.shape[1]}".encode()
    return hashlib.blake2b(content.data, digest_size=12, person=person).hexdigest()


class _Same:
    """An array that equals itself alone."""

    def __init__(self, pixels: np.ndarray) -> None:
        self.pixels = pixels

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.pixels is self.pixels

    def __hash__(self) -> int:
        return id(self.pixels)


@functools.lru_cache(maxsize=256)
def _known_digest(same: _Same) -> str:
    return _digest(same.pixels)


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
    """Return a material whose numbers are still to be set."""
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
