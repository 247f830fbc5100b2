"""Write a stage as one file that stands alone: all layers in one, its textures beside it or, in a usdz, inside it."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from pxr import Ar, Sdf, Tf, Usd, UsdUtils

from synthgen.errors import OutputError
from synthgen.usd.author import texture_files
from synthgen.usd.read.open_stage import asset_bytes

SUFFIXES = (".usda", ".usdc", ".usdz")
_TILES = range(1001, 1101)
_ZIP_EPOCH_S = 315_662_400
"""2 January 1980, noon UTC: a ZIP's years start in 1980, in local time."""


def write(stage: Usd.Stage, path: str | Path) -> None:
    """Write `stage` as `.usda`, `.usdc` or `.usdz`; textures of the first two go to `<stem>_textures` beside it.

    The file appears whole or not at all. The same stage gives the same bytes.

    Raises:
        OutputError: the suffix is none of these, or the file cannot be written.
        StageError: a texture cannot be read.
    """
    path = Path(path)
    if path.suffix not in SUFFIXES:
        raise OutputError(f"{path}: cannot write {path.suffix or 'no suffix'}; name one of {', '.join(SUFFIXES)}")
    flat = stage.Flatten(addSourceFileComment=False)
    flat.Traverse(Sdf.Path.absoluteRootPath, lambda spec_path: _fit_type(flat, spec_path))
    with _writing(path), tempfile.TemporaryDirectory(prefix=f".{path.stem}.", dir=path.parent) as work:
        draft = Path(work)
        textures = f"{path.stem}_textures"
        UsdUtils.ModifyAssetPaths(flat, _collector(draft / textures, textures))
        if path.suffix == ".usdz":
            _pack(flat, draft, path)
        else:
            _place(flat, draft, path)
    if layer := Sdf.Layer.Find(str(path.resolve())):
        layer.Reload(force=True)  # this process has the old file open elsewhere


def _fit_type(flat: Sdf.Layer, path: Sdf.Path) -> None:
    """Give an array the type of its attribute, or drop it: USD composes a mismatch but cannot parse it."""
    attribute = flat.GetAttributeAtPath(path) if path.IsPropertyPath() else None
    if attribute is None or not attribute.HasDefaultValue():
        return
    value, kind = attribute.default, attribute.typeName.type
    if not (attribute.typeName.isArray or type(value).__name__.endswith("Array")):
        return
    if Sdf.GetValueTypeNameForValue(value).type == kind:
        return
    attribute.ClearDefaultValue()
    try:
        wanted, found = np.asarray(kind.pythonClass(1)), np.asarray(value)
        if found.shape[1:] == wanted.shape[1:]:
            attribute.default = kind.pythonClass.FromNumpy(found.astype(wanted.dtype))
    except (TypeError, ValueError, AttributeError, Tf.ErrorException):
        return  # the types have nothing in common


def _place(flat: Sdf.Layer, draft: Path, path: Path) -> None:
    """Move textures first, then the layer, so that the layer never names a file that is not there."""
    layer = draft / path.name
    _export(flat, layer)
    for texture in sorted(draft.glob("*_textures/*")):
        target = path.parent / texture.parent.name / texture.name
        target.parent.mkdir(exist_ok=True)
        os.replace(texture, target)
    os.replace(layer, path)


def _pack(flat: Sdf.Layer, draft: Path, path: Path) -> None:
    """Write the layer first and the textures in order of name, stored and aligned as the usdz specification asks."""
    layer, package = draft / f"{path.stem}.usdc", draft / path.name
    _export(flat, layer)
    writer = Sdf.ZipFileWriter.CreateNew(str(package))
    for file in (layer, *sorted(draft.glob("*_textures/*"))):
        os.utime(file, (_ZIP_EPOCH_S, _ZIP_EPOCH_S))  # the time goes into the package
        writer.AddFile(str(file), str(file.relative_to(draft)))
    writer.Save()
    os.replace(package, path)


def _export(flat: Sdf.Layer, path: Path) -> None:
    if not flat.Export(str(path)):
        raise OutputError(f"{path}: cannot be written; free space or choose another folder")


def _collector(folder: Path, name: str) -> Callable[[str], str]:
    """Return a function that copies an asset to `folder` and gives its path from the layer; a missing one stays."""
    known: dict[str, str] = {}

    def collect(asset: str) -> str:
        if asset not in known:
            known[asset] = _copy_tiles(asset, folder, name) if "<UDIM>" in asset else _copy(asset, folder, name)
        return known[asset]

    return collect


def _copy(asset: str, folder: Path, name: str) -> str:
    resolved = Ar.GetResolver().Resolve(asset)
    if not resolved:
        return asset
    content, file_name = asset_bytes(str(resolved)), Path(asset).name
    if not texture_files.NAME.fullmatch(file_name):  # our own names are hashes of the pixels already
        file_name = f"{_hash(content)}{_suffix(asset)}"
    _store(folder / file_name, content)
    return f"./{name}/{file_name}"


def _copy_tiles(asset: str, folder: Path, name: str) -> str:
    """Copy the tiles of a UDIM texture under one name, made from what they hold."""
    found = {tile: Ar.GetResolver().Resolve(asset.replace("<UDIM>", str(tile))) for tile in _TILES}
    tiles = {tile: asset_bytes(str(resolved)) for tile, resolved in found.items() if resolved}
    if not tiles:
        return asset
    stem = _hash(b"".join(tiles[tile] for tile in sorted(tiles)))
    for tile, content in tiles.items():
        _store(folder / f"{stem}.{tile}{_suffix(asset)}", content)
    return f"./{name}/{stem}.<UDIM>{_suffix(asset)}"


def _store(path: Path, content: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)


def _hash(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def _suffix(asset: str) -> str:
    """Return the suffix of an asset's file, also of `box.usdz[inner.png]`."""
    return os.path.splitext(re.split(r"[\[\]]", asset.rstrip("]"))[-1])[1].lower()


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Turn what the system and USD raise while writing into an OutputError that names `path`."""
    try:
        yield
    except OSError as fault:
        reason = fault.strerror or str(fault)
        raise OutputError(f"{path}: cannot be written ({reason}); free space or choose another folder") from fault
    except Tf.ErrorException as fault:
        raise OutputError(f"{path}: USD cannot write it ({fault}); choose another name or folder") from fault
