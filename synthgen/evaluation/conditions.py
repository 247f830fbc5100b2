"""Recall by condition: counts, shares and their intervals, in the classes of the quality report."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from synthgen.barcodes.symbologies import SYMBOLOGIES
from synthgen.evaluation.ground_truth import Truth
from synthgen.quality.histogram_axes import AXES
from synthgen.reporting.intervals import wilson

TITLES = {axis.name: f"{axis.title} [{axis.unit}]" if axis.unit else axis.title for axis in AXES} | {
    "decoded": "whether zxing-cpp reads it"
}
"""What a condition is called where its key in the annotation does not say it."""


@dataclass(frozen=True, kw_only=True)
class Bin:
    """Codes that are alike in one respect."""

    label: str
    codes: int
    found: int
    named: int
    """Found, and of the right symbology."""
    false: int
    """False detections that overlap one of these codes most."""

    @property
    def recall(self) -> float:
        """Return the share of codes that were found; NaN without any."""
        return self.found / self.codes if self.codes else math.nan

    @property
    def precision(self) -> float:
        """Return the share of right ones among the detections here; NaN without any."""
        return self.found / (self.found + self.false) if self.found + self.false else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """Return the 95 % interval of the recall (Wilson), 0 to 1 without a code."""
        return wilson(self.found, self.codes)

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain values; None for a share of nothing."""
        low, high = self.interval
        shares = {"recall": self.recall, "low": low, "high": high, "precision": self.precision}
        return asdict(self) | {name: None if math.isnan(v) else v for name, v in shares.items()}


def tables(truth: Truth, found: np.ndarray, named: np.ndarray, false_near: np.ndarray) -> dict[str, tuple[Bin, ...]]:
    """Return the bins of every condition by its key in the annotation, empty ones left out.

    Args:
        truth: the codes.
        found: whether each was.
        named: whether it was with the right symbology.
        false_near: for each false detection the code that it overlaps most, -1 for none.
    """
    false = np.bincount(false_near[false_near >= 0], minlength=len(found))

    def counted(label: str, chosen: np.ndarray) -> Bin:
        chosen = chosen & truth.judged
        return Bin(
            label=label,
            codes=int(chosen.sum()),
            found=int((found & chosen).sum()),
            named=int((named & chosen).sum()),
            false=int(false[chosen].sum()),
        )

    made: dict[str, tuple[Bin, ...]] = {}
    for axis in AXES:
        kind = axis.class_of(truth.numbers[axis.name])
        made[axis.name] = tuple(counted(word, kind == n) for n, word in enumerate(axis.words))
    made["symbology"] = tuple(counted(name, truth.category == n) for n, name in enumerate(SYMBOLOGIES, 1))
    made["reason"] = tuple(counted(str(word), truth.reason == word) for word in sorted(set(truth.reason.tolist())))
    made["decoded"] = (counted("yes", truth.decoded), counted("no", ~truth.decoded))
    return {name: tuple(each for each in bins if each.codes) for name, bins in made.items()}
