"""Textures as files: 8-bit grey PNG in `textures` beside the stage's root layer, named by content and written once."""

from __future__ import annotations

import functools
import hashlib
import io
import os
import re
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image
from pxr import Sdf, Usd

from synthgen.errors import OutputError
from synthgen.textures import png

NAME = re.compile(r"[0-9a-f]{24}(_[0-9a-f]{24})?\.png")
"""The form of our file names."""
_LASTING, _PASSING = "./textures/", "./textures/labels/"


def save(stage: Usd.Stage, tone: np.ndarray, alpha: np.ndarray | None = None) -> str:
    """Write a tone map once, named by its content, and return its asset path relative to the stage's root layer.

    Raises:
        OutputError: no space or no permission.
    """
    name = name_of(tone, alpha)
    if not (folder_of(stage) / name).exists():
        store(stage, *encode(tone, alpha))
    return f"{_LASTING}{name}"


def name_of(tone: np.ndarray, alpha: np.ndarray | None = None) -> str:
    """Return the file name of a tone map: the hash of its pixels, then that of its alpha channel if it has one."""
    return _hash(tone) + ("" if alpha is None else f"_{_hash(alpha)}") + ".png"


def has_alpha(name: str) -> bool:
    """Return whether a texture of ours has an alpha channel, by its file name or asset path."""
    return "_" in Path(name).name


def encode(tone: np.ndarray, alpha: np.ndarray | None = None) -> tuple[str, bytes]:
    """Return (file name, PNG file) of a tone map, uint8 (h, w)."""
    if alpha is None:
        return name_of(tone), png.encode(np.asarray(tone, np.uint8))
    buffer = io.BytesIO()
    Image.fromarray(np.dstack([tone, alpha]).astype(np.uint8)).save(buffer, "png", compress_level=1)
    return name_of(tone, alpha), buffer.getvalue()


def store(stage: Usd.Stage, file_name: str, content: bytes, *, passing: bool = False) -> str:
    """Write a texture unless it is there already, and return its asset path relative to the stage's root layer.

    A `passing` texture belongs to one shot; `forget` deletes it after that shot.

    Raises:
        OutputError: no space or no permission.
    """
    asset = f"{_PASSING if passing else _LASTING}{file_name}"
    path = folder_of(stage).parent / asset
    if not path.exists():
        _write_whole(path, content)
    return asset


def passing_assets(layer: Sdf.Layer) -> set[str]:
    """Return the asset paths of the passing textures that a layer's materials name."""
    looks = layer.GetPrimAtPath("/World/Looks")
    paths = [look.path.AppendPath("tone.inputs:file") for look in looks.nameChildren] if looks else []
    files = map(layer.GetAttributeAtPath, paths)
    return {path for file in files if file and (path := file.default.path).startswith(_PASSING)}


def forget(stage: Usd.Stage, assets: set[str]) -> None:
    """Delete passing textures that no shot uses any more, so that a long run does not fill the disk."""
    for asset in assets:
        (folder_of(stage).parent / asset).unlink(missing_ok=True)


def folder_of(stage: Usd.Stage) -> Path:
    """Return the folder `textures` beside the stage's root layer."""
    layer = stage.GetRootLayer()
    if layer.anonymous:
        raise ValueError("textures need a stage with a place on disk: make it with usd.author.live_stage.open_world")
    return Path(layer.realPath or layer.identifier).parent / "textures"


def _write_whole(path: Path, content: bytes) -> None:
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
    """Return the hash of an image; that of a read-only image is cached."""
    return _digest(pixels) if pixels.flags.writeable else _known_digest(_Same(pixels))


def _digest(pixels: np.ndarray) -> str:
    content = np.ascontiguousarray(pixels, np.uint8)
    person = f"{content.shape[0]}x{content.shape[1]}".encode()
    return hashlib.blake2b(content.data, digest_size=12, person=person).hexdigest()


class _Same:
    """An array compared by identity, so that it can be a key."""

    def __init__(self, pixels: np.ndarray) -> None:
        self.pixels = pixels

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.pixels is self.pixels

    def __hash__(self) -> int:
        return id(self.pixels)


@functools.lru_cache(maxsize=256)
def _known_digest(same: _Same) -> str:
    return _digest(same.pixels)
