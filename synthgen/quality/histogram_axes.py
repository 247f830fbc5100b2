"""The quantities that codes are counted by: where their histograms' bins lie and into which classes rates are split."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np


@dataclass(frozen=True, kw_only=True)
class Axis:
    """One quantity of an annotation."""

    name: str
    """Its key in the annotation."""
    title: str
    unit: str
    low: float
    high: float
    log: bool
    classes: tuple[float, ...]
    """Inner bounds of the classes that rates are given for; the outer ones are open."""
    bins: int = 36

    @property
    def edges(self) -> np.ndarray:
        """Return the bounds of the histogram's bins; what lies outside is counted in the outermost."""
        return (np.geomspace if self.log else np.linspace)(self.low, self.high, self.bins + 1)

    def place(self, values: np.ndarray) -> np.ndarray:
        """Return the bin of each value."""
        return np.clip(np.searchsorted(self.edges, values, side="right") - 1, 0, self.bins - 1)

    def class_of(self, values: np.ndarray) -> np.ndarray:
        """Return the class of each value; a bound belongs to the class above it."""
        return np.searchsorted(np.array(self.classes), values, side="right")

    @property
    def words(self) -> tuple[str, ...]:
        """Return what each class is called.

        >>> AXES[1].words[:2], AXES[1].words[-1]
        (('< 15', '15–30'), '≥ 75')
        """
        bounds = [f"{bound:g}" for bound in self.classes]
        between = [f"{low}–{high}" for low, high in pairwise(bounds)]
        return (f"< {bounds[0]}", *between, f"≥ {bounds[-1]}")


AXES = (
    Axis(name="module_px_min", title="module size", unit="px", low=0.5, high=16, log=True,
         classes=(1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0)),
    Axis(name="incidence_deg", title="tilt", unit="°", low=0, high=90, log=False, classes=(15, 30, 45, 60, 75)),
    Axis(name="contrast", title="contrast", unit="of full scale", low=0, high=1, log=False,
         classes=(0.05, 0.1, 0.2, 0.3, 0.5)),
    Axis(name="snr", title="signal to noise", unit="", low=0.5, high=500, log=True, classes=(3, 10, 20, 50, 100)),
    Axis(name="visible_fraction", title="visible share", unit="", low=0, high=1, log=False, bins=25,
         classes=(0.25, 0.5, 0.75, 0.9, 0.98)),
    Axis(name="distance_m", title="distance", unit="m", low=0.1, high=20, log=True, classes=(0.5, 1, 2, 4, 8)),
)  # fmt: skip
MODULE, TILT = 0, 1
"""Places in AXES of the two that the map of rates is drawn over."""


def values_of(code: Mapping[str, Any]) -> list[float]:
    """Return an annotation's value on each axis; nan where it has none."""
    return [float(code.get(axis.name, float("nan"))) for axis in AXES]
