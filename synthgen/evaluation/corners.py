"""How far a detector's corners are from the true ones."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

_ORDERS = np.array([[(start + way * n) % 4 for n in range(4)] for way in (1, -1) for start in range(4)])
"""Every order in which four corners can be told along the outline; the first is ours."""


@dataclass(frozen=True, kw_only=True)
class Corners:
    """Distances between corners, averaged over the four of a code."""

    codes: int
    """Found codes that are whole in the image and whose detection has a quad."""
    median_px: float
    p90_px: float
    median_modules: float
    p90_modules: float
    in_order: float
    """Share of them whose corners came as TL, TR, BR, BL of the symbol; distances are to the nearest order."""

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return asdict(self)


def errors_px(found: np.ndarray, true: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean distance of corners [px] and whether they come in our order; quads of shape (n, 4, 2)."""
    distance = np.linalg.norm(found[:, _ORDERS] - true[:, None], axis=3).mean(axis=2)
    return distance.min(axis=1), distance.argmin(axis=1) == 0


def corners(found: np.ndarray, true: np.ndarray, module_px: np.ndarray) -> Corners | None:
    """Return what the distances come to; None without a code."""
    if not len(found):
        return None
    error, ordered = errors_px(found, true)
    modules = error / module_px
    return Corners(
        codes=len(error),
        median_px=float(np.median(error)),
        p90_px=float(np.quantile(error, 0.9)),
        median_modules=float(np.median(modules)),
        p90_modules=float(np.quantile(modules, 0.9)),
        in_order=float(ordered.mean()),
    )
