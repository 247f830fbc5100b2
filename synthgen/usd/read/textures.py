"""Read UsdUVTexture, UsdTransform2d and UsdPrimvarReader as one Texture and the primvar of its coordinates."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from PIL import Image, UnidentifiedImageError
from pxr import Usd, UsdShade

from synthgen.errors import StageError
from synthgen.usd.read.open_stage import asset_bytes
from synthgen.usd.read.stage_frame import Frame
from synthgen.world.scene_description import Texture

Matrix = tuple[float, float, float, float, float, float]
_MEAN_SIDE = 64
_MAX_CHAIN = 16
_GREY = ("1", "L", "LA")
_PNG = b"\x89PNG\r\n\x1a\n"
_DEEP = ("I", "F", "I;16", "I;16B", "I;16L")


@dataclass(frozen=True)
class Source:
    """What feeds a shader's input: a value, or a shader's output."""

    value: Any = None
    shader: UsdShade.Shader | None = None
    output: str = ""

    @property
    def kind(self) -> str:
        """Return the identifier of the shader, or ""."""
        return str(self.shader.GetIdAttr().Get() or "") if self.shader else ""


@dataclass(frozen=True)
class Lookup:
    """A texture and the primvar of its coordinates."""

    texture: Texture
    uv_name: str


def source_of(shader: UsdShade.Shader, name: str, frame: Frame) -> Source:
    """Return what feeds an input, through any interface of node graphs; an empty Source when nothing is authored."""
    found = shader.GetInput(name)
    if not found:
        return Source()
    feeding = UsdShade.Utils.GetValueProducingAttributes(found)
    if not feeding:
        return Source()
    attribute = feeding[0]
    if UsdShade.Output.IsOutput(attribute):
        return Source(shader=UsdShade.Shader(attribute.GetPrim()), output=UsdShade.Output(attribute).GetBaseName())
    return Source(value=attribute.Get(frame.time))


def lookup_of(shader: UsdShade.Shader, frame: Frame) -> Lookup | None:
    """Return the texture of a UsdUVTexture, or None with a remark when its image cannot be used."""
    prim = shader.GetPrim()
    asset = _asset(shader, frame)
    if not asset:
        return None
    uv_name, matrix = _coordinates(shader, frame)
    auto = auto_srgb(asset)
    if auto is None:
        frame.remarks.add(prim.GetPath(), f"image {asset} cannot be read (PNG, JPEG and TIFF can); left out")
        return None
    constant = not any(matrix[k] for k in (0, 1, 3, 4))
    texture = Texture(
        asset=asset,
        mode="rgb",
        srgb=_is_srgb(shader, auto, frame),
        wrap=("clamp", "clamp") if constant else (_wrap(shader, "wrapS", frame), _wrap(shader, "wrapT", frame)),
        matrix=matrix,
        scale=_four(source_of(shader, "scale", frame).value, (1.0, 1.0, 1.0, 1.0)),
        bias=_four(source_of(shader, "bias", frame).value, (0.0, 0.0, 0.0, 0.0)),
    )
    return Lookup(texture, uv_name)


def fallback_of(shader: UsdShade.Shader, frame: Frame) -> tuple[float, float, float, float] | None:
    """Return the colour that a UsdUVTexture names for a missing image, or None."""
    value = source_of(shader, "fallback", frame).value
    return None if value is None else _four(value, (0.0, 0.0, 0.0, 1.0))


@lru_cache(maxsize=4096)
def auto_srgb(asset: str) -> bool | None:
    """Return whether `sourceColorSpace = auto` means sRGB for an image, or None when Pillow cannot read it.

    It does where the file says so, and for 8-bit images of three or more channels (UsdPreviewSurface, UsdUVTexture).
    """
    try:
        content = asset_bytes(asset)
        with Image.open(io.BytesIO(content)) as image:
            tagged = "srgb" in image.info or abs(float(image.info.get("gamma", 0.0)) - 1.0 / 2.2) < 0.01
            deep = image.mode in _DEEP or (content[:8] == _PNG and content[24] > 8)
            return tagged or (not deep and image.mode not in _GREY)
    except (StageError, UnidentifiedImageError, OSError, ValueError, IndexError, Image.DecompressionBombError):
        return None


@lru_cache(maxsize=1024)
def mean_rgba(asset: str, srgb: bool) -> tuple[float, float, float, float] | None:
    """Return the mean of an image, linear, or None when Pillow cannot read it."""
    try:
        with Image.open(io.BytesIO(asset_bytes(asset))) as image:
            if image.mode in _DEEP:
                grey = float(np.asarray(image, np.float64).mean()) / (1.0 if image.mode == "F" else 65535.0)
                return grey, grey, grey, 1.0
            small = image.convert("RGBA").resize((_MEAN_SIDE, _MEAN_SIDE), Image.Resampling.BOX)
    except (StageError, UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        return None
    pixels = np.asarray(small, np.float64) / 255.0
    if srgb:
        pixels[..., :3] = linear(pixels[..., :3])
    r, g, b, a = pixels.mean(axis=(0, 1)).tolist()
    return r, g, b, a


def mean_of(texture: Texture) -> tuple[float, float, float, float] | None:
    """Return the mean of a texture after its scale and bias."""
    found = mean_rgba(texture.asset, texture.srgb)
    if found is None:
        return None
    r, g, b, a = (value * s + o for value, s, o in zip(found, texture.scale, texture.bias, strict=True))
    return r, g, b, a


def linear(encoded: np.ndarray) -> np.ndarray:
    """Return linear values of sRGB-encoded ones (IEC 61966-2-1:1999, 5.2)."""
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def _asset(shader: UsdShade.Shader, frame: Frame) -> str:
    """Return the resolved image of a texture, or "" with a remark."""
    path = shader.GetPrim().GetPath()
    value = source_of(shader, "file", frame).value
    authored = str(getattr(value, "path", value) or "")
    if not authored:
        frame.remarks.add(path, "texture without a file; left out")
        return ""
    if "<UDIM>" in authored:
        frame.remarks.add(path, f"UDIM texture {authored}: only tile 1001 is used")
        return _first_tile(shader, authored)
    resolved = str(getattr(value, "resolvedPath", ""))
    if not resolved:
        frame.remarks.add(path, f"image {authored} is not there; left out")
    return resolved


def _first_tile(shader: UsdShade.Shader, authored: str) -> str:
    found = UsdShade.UdimUtils.ResolveUdimPath(authored, _layer(shader)) if hasattr(UsdShade, "UdimUtils") else ""
    return str(found).replace("<UDIM>", "1001")


def _layer(shader: UsdShade.Shader) -> Any:
    stack = shader.GetInput("file").GetAttr().GetPropertyStack(Usd.TimeCode.Default())
    return stack[0].layer if stack else shader.GetPrim().GetStage().GetRootLayer()


def _is_srgb(shader: UsdShade.Shader, auto: bool, frame: Frame) -> bool:
    space = str(source_of(shader, "sourceColorSpace", frame).value or "auto")
    return space == "sRGB" if space in ("sRGB", "raw") else auto


def _wrap(shader: UsdShade.Shader, name: str, frame: Frame) -> str:
    """Return repeat, clamp, mirror or black; the fallback useMetadata is black where the file has none, as here."""
    value = str(source_of(shader, name, frame).value or "useMetadata")
    return value if value in ("repeat", "clamp", "mirror", "black") else "black"


def _coordinates(shader: UsdShade.Shader, frame: Frame) -> tuple[str, Matrix]:
    """Return the primvar that feeds `st`, and the transforms between them as one matrix.

    Without any source every point of the surface looks up the same constant coordinate.
    """
    matrix = np.eye(3)
    source = source_of(shader, "st", frame)
    for _ in range(_MAX_CHAIN):
        if source.shader is None or source.kind != "UsdTransform2d":
            break
        matrix = matrix @ _transform(source.shader, frame)
        source = source_of(source.shader, "in", frame)
    name = "st"
    if source.shader is None:
        constant = _two(source.value, (0.0, 0.0))
        matrix = matrix @ np.array([[0.0, 0.0, constant[0]], [0.0, 0.0, constant[1]], [0.0, 0.0, 1.0]])
    elif source.kind.startswith("UsdPrimvarReader"):
        name = str(source_of(source.shader, "varname", frame).value or "st")
    else:
        text = f"texture coordinates come from a {source.kind or 'shader without id'}; st is used"
        frame.remarks.add(shader.GetPrim().GetPath(), text)
    a, b, c, d, e, f = matrix[:2].ravel().tolist()
    return name, (a, b, c, d, e, f)


def _transform(shader: UsdShade.Shader, frame: Frame) -> np.ndarray:
    """Return UsdTransform2d as a matrix: scale, then turn counter-clockwise [deg], then translate."""
    turn = math.radians(_one(source_of(shader, "rotation", frame).value, 0.0))
    sx, sy = _two(source_of(shader, "scale", frame).value, (1.0, 1.0))
    tx, ty = _two(source_of(shader, "translation", frame).value, (0.0, 0.0))
    cos, sin = math.cos(turn), math.sin(turn)
    return np.array([[cos * sx, -sin * sy, tx], [sin * sx, cos * sy, ty], [0.0, 0.0, 1.0]])


def _one(value: Any, fallback: float) -> float:
    try:
        return float(value) if value is not None and math.isfinite(float(value)) else fallback
    except (TypeError, ValueError):
        return fallback


def _two(value: Any, fallback: tuple[float, float]) -> tuple[float, float]:
    try:
        x, y = (float(item) for item in value)
        return (x, y) if math.isfinite(x) and math.isfinite(y) else fallback
    except (TypeError, ValueError):
        return fallback


def _four(value: Any, fallback: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    try:
        x, y, z, w = (float(item) for item in value)
        return (x, y, z, w) if all(map(math.isfinite, (x, y, z, w))) else fallback
    except (TypeError, ValueError):
        return fallback
