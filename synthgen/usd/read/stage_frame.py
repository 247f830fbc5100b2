"""The frame that a stage is read in: the time, and the matrix to metres and Z up.

For a stage in metres, Z up, the matrix is the identity. Any other stage keeps its own units and axes; only world
matrices are converted, so mesh points stay as they were authored.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from pxr import Usd, UsdGeom

from synthgen.usd.read.warnings import Remarks

_FROM_Y_UP = ((1.0, 0.0, 0.0), (0.0, 0.0, -1.0), (0.0, 1.0, 0.0))
_FROM_X_UP = ((0.0, -1.0, 0.0), (0.0, 0.0, -1.0), (1.0, 0.0, 0.0))
_FROM_Z_UP = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


@dataclass(frozen=True, eq=False)
class Frame:
    """A stage at one time, and its matrix to the world: metres, Z up."""

    stage: Usd.Stage
    time: Usd.TimeCode
    metres_per_unit: float
    world_from_stage: np.ndarray
    """4x4, column vectors, float64: scale and turn."""
    ours: bool
    """Whether the matrix is the identity: the stage is in metres, Z up."""
    xforms: UsdGeom.XformCache
    remarks: Remarks
    looks: dict[str, Any] = field(default_factory=dict)
    """Materials read so far, by prim path."""

    def world_from_prim(self, prim: Usd.Prim) -> np.ndarray:
        """Return the prim's frame in the world, 4x4, column vectors, float64."""
        stage_from_prim = np.array(self.xforms.GetLocalToWorldTransform(prim)).T
        return stage_from_prim if self.ours else self.world_from_stage @ stage_from_prim

    def value(self, prim: Usd.Prim, name: str, fallback: Any) -> Any:
        """Return an attribute's value, or `fallback` where there is none or it has another type."""
        attribute = prim.GetAttribute(name)
        found = attribute.Get(self.time) if attribute else None
        if found is None:
            return fallback
        if fallback is None or isinstance(found, type(fallback)) or _both_numbers(found, fallback):
            return found
        self.remarks.add(prim.GetPath(), f"{name} holds a {type(found).__name__}; ignored")
        return fallback

    def number(self, prim: Usd.Prim, name: str, fallback: float) -> float:
        """Return a finite number, or `fallback`."""
        found = float(self.value(prim, name, fallback))
        if math.isfinite(found):
            return found
        self.remarks.add(prim.GetPath(), f"{name} is {found}; {fallback:g} is used")
        return fallback

    def array(self, prim: Usd.Prim, name: str, columns: int, dtype: type = np.float32) -> np.ndarray | None:
        """Return an array attribute, shape (n, columns) or (n,) for 1 column; None where it is absent or malformed."""
        attribute = prim.GetAttribute(name)
        found = attribute.Get(self.time) if attribute else None
        if found is None:
            return None
        array = as_array(found, columns, dtype)
        if array is None:
            self.remarks.add(prim.GetPath(), f"{name} holds a {type(found).__name__}; ignored")
        return array


def frame_of(stage: Usd.Stage, time: Usd.TimeCode | None = None, remarks: Remarks | None = None) -> Frame:
    """Return the frame that `stage` is read in.

    Args:
        stage: Any stage.
        time: When; None is the stage's start (its first sample where it names no start), as a viewer shows it at first.
            Values without time samples are the same at every time.
        remarks: Where oddities are noted.
    """
    remarks = remarks or Remarks()
    if time is None:
        time = (
            Usd.TimeCode(stage.GetStartTimeCode()) if stage.HasAuthoredTimeCodeRange() else Usd.TimeCode.EarliestTime()
        )
    metres_per_unit = _metres_per_unit(stage, remarks)
    matrix = np.eye(4)
    matrix[:3, :3] = np.array(_up_axis(stage, remarks)) * metres_per_unit
    ours = bool((matrix == np.eye(4)).all())
    return Frame(stage, time, metres_per_unit, matrix, ours, UsdGeom.XformCache(time), remarks)


def determinant(matrix: np.ndarray) -> float:
    """Return the determinant of the upper 3x3 part; nan where anything of the matrix is not finite."""
    (a, b, c, x), (d, e, f, y), (g, h, i, z) = matrix[:3].tolist()
    return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g) + 0.0 * (x + y + z)


def as_array(found: Any, columns: int, dtype: type = np.float32) -> np.ndarray | None:
    """Return a Vt array as NumPy, without a copy where the types agree; None when it is no such array."""
    try:
        array = np.asarray(found)
        wanted = (columns,) if columns > 1 else ()
        if array.dtype.kind not in "fiub" or array.shape[1:] != wanted or array.ndim == 0:
            return np.zeros((0, *wanted), dtype) if array.size == 0 and array.ndim else None
        return array.astype(dtype, copy=False)
    except (TypeError, ValueError):
        return None


def _metres_per_unit(stage: Usd.Stage, remarks: Remarks) -> float:
    found = UsdGeom.GetStageMetersPerUnit(stage)
    if math.isfinite(found) and found > 0:
        return found
    remarks.add("/", f"metersPerUnit is {found}; USD's fallback of 0.01 is used")
    return 0.01


def _up_axis(stage: Usd.Stage, remarks: Remarks) -> tuple[tuple[float, ...], ...]:
    axis = str(UsdGeom.GetStageUpAxis(stage))
    if axis == "X":
        remarks.add("/", "upAxis X is not legal in USD (Y or Z are); the stage is turned so that its X points up")
        return _FROM_X_UP
    if axis not in ("Y", "Z"):
        remarks.add("/", f"upAxis {axis!r} is not legal in USD (Y or Z are); taken as Y")
    return _FROM_Z_UP if axis == "Z" else _FROM_Y_UP


def _both_numbers(found: Any, fallback: Any) -> bool:
    return isinstance(fallback, (int, float)) and isinstance(found, (int, float))
