"""Precision over recall and its average, as COCO does it: interpolated, read at 101 recalls."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

IOUS = np.linspace(0.5, 0.95, 10)
RECALLS = np.linspace(0.0, 1.0, 101)


@dataclass(frozen=True, eq=False, kw_only=True)
class Curve:
    """A detector's precision over recall at one threshold of overlap."""

    score: np.ndarray
    """Of the detections that are judged, falling."""
    recall: np.ndarray
    precision: np.ndarray
    """Share of right ones among those of at least this score."""
    judged: int
    """Codes."""

    @property
    def interpolated(self) -> np.ndarray:
        """Return the best precision at each of RECALLS or beyond, 0 where that recall is not reached."""
        best = np.maximum.accumulate(self.precision[::-1])[::-1]
        at = np.searchsorted(self.recall, RECALLS, side="left")
        return np.where(at < len(best), np.append(best, 0.0)[np.minimum(at, len(best))], 0.0)

    @property
    def average(self) -> float:
        """Return the average precision, NaN without a code to find."""
        return float(self.interpolated.mean()) if self.judged else float("nan")


def curve(score: np.ndarray, image: np.ndarray, right: np.ndarray, dropped: np.ndarray, judged: int) -> Curve:
    """Return the curve of detections in their groups' order.

    Args:
        score: of each.
        image: of each; equal scores are taken by image, then as they come.
        right: whether it took a code that is judged.
        dropped: whether it took one that is not.
        judged: number of codes that are.
    """
    order = np.lexsort((np.arange(len(score)), image, -score))
    kept = order[~dropped[order]]
    hits, misses = np.cumsum(right[kept]), np.cumsum(~right[kept])
    return Curve(
        score=score[kept],
        recall=hits / max(judged, 1),
        precision=hits / np.maximum(hits + misses, 1),
        judged=judged,
    )


def best_f1(found: Curve) -> tuple[float, float]:
    """Return the score from which on recall and precision are best together, and their F1 there; 0, 0 without any."""
    total = found.recall + found.precision
    f1 = np.divide(2 * found.recall * found.precision, total, out=np.zeros_like(total), where=total > 0)
    last = np.r_[found.score[1:] < found.score[:-1], True] if len(f1) else np.zeros(0, bool)
    f1 = np.where(last, f1, -1.0)  # equal scores pass together
    if not len(f1) or f1.max() <= 0:
        return 0.0, 0.0
    at = int(f1.argmax())
    return float(found.score[at]), float(f1[at])
