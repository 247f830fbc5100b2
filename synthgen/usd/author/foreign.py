"""Outside USD files on our stage: referenced, never executed, converted to Z up and metres.

A reference brings in one root prim and drops targets outside of it, such as a material kept beside the geometry. So
every root that is needed is referenced, side by side, and relationships between the roots are authored again.
"""

from __future__ import annotations

import math
import os
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path as FilePath

from pxr import Gf, Sdf, Usd, UsdGeom

from synthgen.errors import StageError
from synthgen.usd.author import shapes, specs
from synthgen.usd.author.specs import IDENTITY, Path, Quat, Vec3
from synthgen.usd.read.open_stage import open_stage

_URI = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*:")
_TURN_Y_UP: Quat = (math.sqrt(0.5), math.sqrt(0.5), 0.0, 0.0)  # +90 degrees about X: Y becomes Z
_ORIGIN: Vec3 = (0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Asset:
    """The facts about a file that placing it needs."""

    file: str
    default: str
    """Its default prim, "" when it has none."""
    roots: tuple[str, ...]
    """All its root prims that are not classes."""
    cameras: tuple[str, ...]
    """Paths of its cameras; a shot does not look through them."""
    links: tuple[tuple[str, tuple[str, ...]], ...]
    """(property, targets) where a relationship or connection points from one root prim to another."""
    metres_per_unit: float
    up: str
    low_m: Vec3
    high_m: Vec3
    """Bounds of the default prim, else of everything, in metres, Z up; all 0 when it holds nothing."""

    @property
    def rotation_wxyz(self) -> Quat:
        """Return the rotation to Z up."""
        return IDENTITY if self.up == "Z" else _TURN_Y_UP

    def needed(self) -> tuple[str, ...]:
        """Return the default prim's root and every root that it points to; all roots when there is no default."""
        if not self.default:
            return self.roots
        found = {self.default: None}
        for _ in self.roots:
            for name, targets in self.links:
                if _root(name) in found:
                    found.update({_root(target): None for target in targets})
        return tuple(found)


def author(stage: Usd.Stage, path: Path, file: str, *, size_m: Vec3 = _ORIGIN, grounded: bool = False) -> None:
    """Reference a file below `path`, whose own transform is left alone.

    Args:
        stage: where to write.
        path: a prim in metres, Z up.
        file: USD file.
        size_m: box that it is scaled into with its proportions kept; an edge of 0 sets no limit.
        grounded: True for an item: only the default prim, the centre of its bottom at the origin. False: all, unmoved.

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
    frame = specs.as_path(path).AppendChild("asset")
    shapes.xform(stage, frame, foot, asset.rotation_wxyz, (scale, scale, scale))
    roots = asset.needed() if grounded else asset.roots
    for root in roots:
        _reference(stage, frame, asset, root)
    for name, targets in asset.links:
        if _root(name) in roots:
            _link(stage, frame, name, targets)
    for camera in asset.cameras:
        if _root(camera) in roots:
            Sdf.CreatePrimInLayer(specs.layer_of(stage), _moved(camera, frame)).SetInfo("active", False)


def inspect(file: str) -> Asset:
    """Return the facts about a USD file.

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
    parent = specs.define(stage, frame, "")
    model = Sdf.PrimSpec(parent, source.name, Sdf.SpecifierDef)  # without a type: the referenced prim says what it is
    model.referenceList.prependedItems = [Sdf.Reference(asset.file, source)]


def _link(stage: Usd.Stage, frame: Sdf.Path, name: str, targets: tuple[str, ...]) -> None:
    """Author the new paths of a property's targets on a referenced prim."""
    path = _moved(name, frame)
    prim = Sdf.CreatePrimInLayer(specs.layer_of(stage), path.GetPrimPath())
    specs.relationship(prim, path.name, *(_moved(target, frame) for target in targets))


def _moved(path: str, frame: Sdf.Path) -> Sdf.Path:
    return Sdf.Path(path).ReplacePrefix(Sdf.Path.absoluteRootPath, frame)


def _root(path: str) -> str:
    return "/" + re.split(r"[/.]", path, maxsplit=2)[1]


@lru_cache(maxsize=64)
def _inspect(path: str, stamp: int) -> Asset:
    """Open the file; `stamp` is its time of change, so that an edited file is read again."""
    stage = open_stage(path)
    roots = [prim for prim in stage.GetPseudoRoot().GetChildren() if not prim.IsAbstract()]
    if not roots:
        raise StageError(f"{path}: holds no prim; export it again")
    metres = UsdGeom.GetStageMetersPerUnit(stage)
    if not (math.isfinite(metres) and metres > 0):
        raise StageError(f"{path}: metersPerUnit is {metres}; set it to the size of its unit in metres")
    up = str(UsdGeom.GetStageUpAxis(stage))
    default = stage.GetDefaultPrim()
    low, high = _bounds(stage, [default] if default else roots, metres, up)
    return Asset(
        file=path,
        default=_root(str(default.GetPath())) if default else "",
        roots=tuple(str(prim.GetPath()) for prim in roots),
        cameras=tuple(str(prim.GetPath()) for prim in stage.Traverse() if prim.IsA(UsdGeom.Camera)),
        links=tuple(_links(stage)) if len(roots) > 1 else (),
        metres_per_unit=metres,
        up=up,
        low_m=low,
        high_m=high,
    )


def _links(stage: Usd.Stage) -> list[tuple[str, tuple[str, ...]]]:
    found = []
    for prim in stage.Traverse():
        for relationship in prim.GetAuthoredRelationships():
            targets = tuple(str(target) for target in relationship.GetTargets())
            if any(_root(target) != _root(str(prim.GetPath())) for target in targets):
                found.append((str(relationship.GetPath()), targets))
    return found


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
