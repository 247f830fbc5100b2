"""Outside USD files on our stage: referenced, never executed, turned Z up and brought to metres."""

from __future__ import annotations

import math
import os
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path as FilePath

from pxr import Gf, Sdf, Usd, UsdGeom

from synthgen.errors import StageError
from synthgen.usd import shapes, specs
from synthgen.usd.open import open_stage
from synthgen.usd.specs import IDENTITY, Path, Quat, Vec3

_URI = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*:")
_TURN_Y_UP: Quat = (math.sqrt(0.5), math.sqrt(0.5), 0.0, 0.0)  # +90 degrees about X: Y becomes Z
_ORIGIN: Vec3 = (0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Asset:
    """What must be known of a file to place it."""

    file: str
    roots: tuple[str, ...]
    """Prims to reference; one where the file has a default prim."""
    cameras: tuple[str, ...]
    """Paths of its cameras, which are not ours to look through."""
    metres_per_unit: float
    up: str
    low_m: Vec3
    high_m: Vec3
    """Bounds in metres, Z up; all 0 when it holds nothing."""

    @property
    def rotation_wxyz(self) -> Quat:
        """Return the turn that brings it Z up."""
        return IDENTITY if self.up == "Z" else _TURN_Y_UP


def author(stage: Usd.Stage, path: Path, file: str, *, size_m: Vec3 = _ORIGIN, grounded: bool = False) -> None:
    """Reference a file below `path`, whose own transform is left alone.

    Args:
        stage: where to write.
        path: a prim in metres, Z up.
        file: USD file.
        size_m: box that it is scaled into, its proportions kept; a 0 does not bind.
        grounded: whether it is moved so that the centre of its bottom lies at the origin, as that of an item does.

    Raises:
        StageError: it cannot be read, is not a file, or holds nothing.
    """
    asset = inspect(file)
    spans = [high - low for low, high in zip(asset.low_m, asset.high_m, strict=True)]
    if grounded and not any(spans):
        raise StageError(f"{file}: holds no geometry; name a file with meshes")
    fit = min((want / span for want, span in zip(size_m, spans, strict=True) if want > 0 and span > 0), default=1.0)
    scale = fit * asset.metres_per_unit
    low, high = asset.low_m, asset.high_m
    foot = (-fit * (low[0] + high[0]) / 2, -fit * (low[1] + high[1]) / 2, -fit * low[2]) if grounded else _ORIGIN
    frame = shapes.xform(
        stage, specs.as_path(path).AppendChild("asset"), foot, asset.rotation_wxyz, (scale, scale, scale)
    )
    for root in asset.roots:
        _reference(stage, frame, asset, root)


def inspect(file: str) -> Asset:
    """Return what must be known of a USD file.

    Raises:
        StageError: it cannot be read, or is not a file on this machine.
    """
    if _URI.match(file) and not FilePath(file).exists():
        raise StageError(f"{file}: only files are referenced; download it and name the file")
    path = os.path.abspath(file)
    stamp = os.stat(path).st_mtime_ns if os.path.isfile(path) else 0
    return _inspect(path, stamp)


def _reference(stage: Usd.Stage, frame: Sdf.Path, asset: Asset, root: str) -> None:
    source = Sdf.Path(root)
    model = specs.define(stage, frame.AppendChild(source.name), "Xform")
    model.typeName = ""  # the referenced prim says what it is
    model.referenceList.prependedItems = [Sdf.Reference(asset.file, source)]
    for camera in map(Sdf.Path, asset.cameras):
        if camera.HasPrefix(source):
            over = Sdf.CreatePrimInLayer(specs.layer_of(stage), camera.ReplacePrefix(source, model.path))
            over.SetInfo("active", False)


@lru_cache(maxsize=64)
def _inspect(path: str, stamp: int) -> Asset:
    """Open the file; `stamp` is its time of change, so that an edited file is read again."""
    stage = open_stage(path)
    default = stage.GetDefaultPrim()
    roots = [default] if default else [p for p in stage.GetPseudoRoot().GetChildren() if not p.IsAbstract()]
    if not roots:
        raise StageError(f"{path}: holds no prim; export it again")
    metres = UsdGeom.GetStageMetersPerUnit(stage)
    if not (math.isfinite(metres) and metres > 0):
        raise StageError(f"{path}: metersPerUnit is {metres}; set it to the size of its unit in metres")
    up = str(UsdGeom.GetStageUpAxis(stage))
    low, high = _bounds(stage, roots, metres, up)
    cameras = [str(p.GetPath()) for p in stage.Traverse() if p.IsA(UsdGeom.Camera)]
    return Asset(path, tuple(str(p.GetPath()) for p in roots), tuple(cameras), metres, up, low, high)


def _bounds(stage: Usd.Stage, roots: list[Usd.Prim], metres: float, up: str) -> tuple[Vec3, Vec3]:
    time = Usd.TimeCode(stage.GetStartTimeCode()) if stage.HasAuthoredTimeCodeRange() else Usd.TimeCode.EarliestTime()
    cache = UsdGeom.BBoxCache(time, [UsdGeom.Tokens.default_, UsdGeom.Tokens.render])
    whole = Gf.Range3d()
    for prim in roots:
        whole.UnionWith(cache.ComputeWorldBound(prim).ComputeAlignedRange())
    if whole.IsEmpty():
        return _ORIGIN, _ORIGIN
    (ax, ay, az), (bx, by, bz) = whole.GetMin() * metres, whole.GetMax() * metres
    return ((ax, ay, az), (bx, by, bz)) if up == "Z" else ((ax, -bz, ay), (bx, -az, by))
