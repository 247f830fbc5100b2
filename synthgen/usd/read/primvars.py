"""Read the primvars of a mesh: values per point, per face, per corner or for the whole mesh."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pxr import Usd, UsdGeom

from synthgen.usd.read.stage_frame import Frame, as_array


@dataclass(frozen=True, eq=False)
class Values:
    """Values as authored."""

    array: np.ndarray
    """Shape (n, columns)."""
    indices: np.ndarray | None
    interpolation: str
    """constant, uniform, vertex, varying or faceVarying."""


def primvar(prim: Usd.Prim, name: str, columns: int, frame: Frame) -> Values | None:
    """Return a primvar of the prim itself, or None where it has none."""
    attribute = prim.GetAttribute(f"primvars:{name}")
    if not attribute or not attribute.HasAuthoredValue():
        return None
    return _values(UsdGeom.Primvar(attribute), columns, frame)


def inherited_primvar(prim: Usd.Prim, name: str, columns: int, frame: Frame) -> Values | None:
    """Return a primvar of the prim, or a constant one of its nearest ancestor."""
    found = UsdGeom.PrimvarsAPI(prim).FindPrimvarWithInheritance(name)
    return _values(found, columns, frame) if found and found.HasAuthoredValue() else None


def at_corners(values: Values, counts: np.ndarray, indices: np.ndarray, points: int) -> np.ndarray | None:
    """Return the values at the corners (face-vertices), shape (corners, columns); None when their number is wrong."""
    array = _expanded(values)
    if array is None or not len(array):
        return None
    corners, kind = len(indices), values.interpolation
    if kind == "constant":
        return np.repeat(array[:1], corners, axis=0)
    if kind == "uniform":
        return np.repeat(array, counts, axis=0) if len(array) == len(counts) else None
    if kind in ("vertex", "varying"):
        return array[indices] if len(array) >= points else None
    return array if len(array) == corners else None


def mean(values: Values) -> np.ndarray | None:
    """Return the mean of all values, shape (columns,); None where there are none."""
    array = _expanded(values)
    return None if array is None or not len(array) else array.mean(axis=0, dtype=np.float64)


def _values(found: UsdGeom.Primvar, columns: int, frame: Frame) -> Values | None:
    attribute = found.GetAttr()
    raw = attribute.Get(frame.time)
    array = as_array(raw, columns) if raw is not None else None
    if array is None and raw is not None:
        single = as_array([tuple(raw)] if columns > 1 and hasattr(raw, "__len__") else [raw], columns)
        array = single
    if array is None:
        if raw is not None:
            kind = attribute.GetTypeName()
            frame.remarks.add(attribute.GetPrim().GetPath(), f"{attribute.GetName()} has type {kind}; ignored")
        return None
    indices = found.GetIndices(frame.time) if found.IsIndexed() else None
    return Values(array, None if indices is None else np.asarray(indices, np.int64), str(found.GetInterpolation()))


def _expanded(values: Values) -> np.ndarray | None:
    """Return the values with their indices followed; None when an index is out of range."""
    if values.indices is None:
        return values.array
    if values.indices.size and not 0 <= values.indices.min() <= values.indices.max() < len(values.array):
        return None
    return values.array[values.indices]
