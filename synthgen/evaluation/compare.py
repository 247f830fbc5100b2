"""Compare detections with the truth: average precision, recall by condition, corners, symbologies, misses.

Rules, all of them:

* A detection is right when it takes a code at an IoU of 0.5 or more, COCO's way (`matching`). Boxes are compared with
  the box around what is visible; quads, both cut to the image, with the part of the code that lies in it. A quad that
  crosses itself or is not convex stands for the hull of its corners, a missing one for the detection's box.
* Codes of which less than `LEAST_VISIBLE` is seen are neither hits nor misses: a detection that takes one is dropped.
* `ap` is COCO's: the mean over the symbologies that occur of the average precision at IoU 0.5, 0.55, ... 0.95; `any` is
  the same for codes of whatever symbology.
* Everything by condition counts detections from a score on, by default the one where F1 is best, and codes whatever
  symbology they were taken for. A false detection is counted with the code that it overlaps most, at least by NEAR.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from synthgen.barcodes.symbologies import SYMBOLOGIES
from synthgen.evaluation import matching, overlap
from synthgen.evaluation.conditions import Bin, tables
from synthgen.evaluation.corners import Corners, corners
from synthgen.evaluation.ground_truth import Truth
from synthgen.evaluation.precision import IOUS, Curve, best_f1, curve
from synthgen.evaluation.results import Detections

FORMS = ("box", "quad")
NEAR = 0.1
"""IoU from which on a false detection counts as near a code."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Precisions:
    """Average precisions of boxes or of quads."""

    ap: float
    """Mean over IoU 0.5 to 0.95 and the symbologies that occur; NaN without a code."""
    ap50: float
    any_ap: float
    """The same whatever the symbology."""
    any_ap50: float
    any_curve: Curve
    """Of any symbology, at IoU 0.5."""
    by_symbology: dict[str, tuple[float, float]]
    """ap and ap50."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Verdict:
    """What a detector is worth on a split."""

    truth: Truth
    detections: Detections
    on: str
    """What `found` and all that follows from it were decided on, one of FORMS."""
    score: float
    """Detections of at least this score count in what follows."""
    f1: float
    precisions: dict[str, Precisions]
    found: np.ndarray
    """Whether each code was found."""
    taken: np.ndarray
    """The code that each detection took, -1 for none."""
    counted: np.ndarray
    """Whether each detection counts: it has the score, and took no code that is not judged."""
    everything: Bin
    bins: dict[str, tuple[Bin, ...]]
    corners: Corners | None
    confusion: np.ndarray
    """Codes by true symbology, and by the one that they were taken for; the last column is missed."""

    @property
    def false(self) -> np.ndarray:
        """Return whether each detection is a false one."""
        return self.counted & (self.taken < 0)

    @property
    def missed_decodable(self) -> np.ndarray:
        """Return the codes that zxing-cpp reads and the detector did not find."""
        return np.flatnonzero(self.truth.judged & self.truth.decoded & ~self.found)


@dataclass(frozen=True, eq=False)
class _Shapes:
    """The outlines of codes and detections, as boxes or quads."""

    form: str
    truth: Truth
    detections: Detections

    @cached_property
    def hulls(self) -> np.ndarray:
        """Return the detections' quads, convex and cut to their images."""
        return overlap.within(overlap.convex(self.detections.quad), self.truth.size_px[self.detections.image])

    @cached_property
    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the boxes around the quads of detections and codes."""
        return overlap.bounds(self.hulls), overlap.bounds(self.truth.outline)

    def overlap(self, pairs: matching.Pairs) -> np.ndarray:
        """Return the IoU of each pair."""
        if self.form == "box":
            return overlap.boxes(self.detections.box[pairs.detection], self.truth.box[pairs.code])
        found, true = self.bounds
        iou = overlap.boxes(found[pairs.detection], true[pairs.code])
        near = np.flatnonzero(iou)
        iou[near] = overlap.polygons(self.hulls[pairs.detection[near]], self.truth.outline[pairs.code[near]])
        return iou


def judge(truth: Truth, detections: Detections, *, on: str = "box", score: float | None = None) -> Verdict:
    """Return what the detections are worth.

    Args:
        truth: the codes of a split.
        detections: what was found in its images.
        on: whether a code is found is decided on boxes or quads, one of FORMS.
        score: detections below it do not count; default where F1 is best.
    """
    forms = FORMS if detections.has_quad.any() or on == "quad" else FORMS[:1]
    shapes = {form: _Shapes(form, truth, detections) for form in forms}
    precisions = {form: _precisions(each) for form, each in shapes.items()}
    best, f1 = best_f1(precisions[on].any_curve)
    least = best if score is None else score
    taken, near = _taken(shapes[on], least)
    counted = (detections.score >= least) & _in_first(detections)
    counted &= ~np.append(truth.ignored, False)[taken]
    found, named = np.zeros(len(truth.image), bool), np.zeros(len(truth.image), bool)
    hits = np.flatnonzero(taken >= 0)
    found[taken[hits]] = True
    named[taken[hits]] = detections.category[hits] == truth.category[taken[hits]]
    false = counted & (taken < 0)
    bins = tables(truth, found, named, near[false])
    everything = Bin(
        label="all",
        codes=int(truth.judged.sum()),
        found=int((found & truth.judged).sum()),
        named=int((named & truth.judged).sum()),
        false=int(false.sum()),
    )
    return Verdict(
        truth=truth,
        detections=detections,
        on=on,
        score=least,
        f1=f1,
        precisions=precisions,
        found=found,
        taken=taken,
        counted=counted,
        everything=everything,
        bins=bins,
        corners=_corners(shapes, least) if "quad" in forms else None,
        confusion=_confusion(truth, detections, taken),
    )


def _precisions(shapes: _Shapes) -> Precisions:
    truth = shapes.truth
    every = _curves(shapes, 0)
    by_category = {n: _curves(shapes, n) for n in np.unique(truth.category[truth.judged]).tolist()}
    by_symbology = {SYMBOLOGIES[n - 1]: (_mean(found), found[0].average) for n, found in by_category.items()}
    return Precisions(
        ap=_mean_of([ap for ap, _ in by_symbology.values()]),
        ap50=_mean_of([ap50 for _, ap50 in by_symbology.values()]),
        any_ap=_mean(every),
        any_ap50=every[0].average,
        any_curve=every[0],
        by_symbology=by_symbology,
    )


def _curves(shapes: _Shapes, category: int) -> list[Curve]:
    """Return the curve at each of IOUS, of one category or, for 0, of codes of any."""
    truth, detections = shapes.truth, shapes.detections
    chosen = np.flatnonzero((detections.category == category) | (category == 0))
    codes = np.flatnonzero((truth.category == category) | (category == 0))
    ranked = matching.ranked(detections.image[chosen], detections.score[chosen])
    pairs = matching.pairs(ranked, truth.image[codes], truth.ignored[codes])
    iou = shapes.overlap(replace(pairs, detection=chosen[pairs.detection], code=codes[pairs.code]))
    taken = matching.match(pairs, iou, truth.ignored[codes], len(chosen), IOUS)[:, ranked.order]
    dropped = np.append(truth.ignored[codes], False)[taken]
    of = chosen[ranked.order]
    judged = int(truth.judged[codes].sum())
    return [
        curve(detections.score[of], detections.image[of], (one >= 0) & ~drop, drop, judged)
        for one, drop in zip(taken, dropped, strict=True)
    ]


def _taken(shapes: _Shapes, least: float) -> tuple[np.ndarray, np.ndarray]:
    """Return what each detection takes at IoU 0.5, and the judged code that it overlaps most, at least by NEAR."""
    truth, detections = shapes.truth, shapes.detections
    ranked = matching.ranked(detections.image, detections.score)
    pairs = matching.pairs(ranked, truth.image, truth.ignored)
    iou = shapes.overlap(pairs)
    taken = matching.match(pairs, iou, truth.ignored, len(detections.image), IOUS[:1])[0]
    near = np.full(len(detections.image), -1)
    order = np.argsort(iou, kind="stable")
    order = order[(iou[order] >= NEAR) & truth.judged[pairs.code[order]]]
    near[pairs.detection[order]] = pairs.code[order]  # the last write, that of the largest overlap, stays
    return np.where(detections.score >= least, taken, -1), near


def _in_first(detections: Detections) -> np.ndarray:
    """Return whether each detection is among the best of its image that count at all."""
    first = np.zeros(len(detections.image), bool)
    first[matching.ranked(detections.image, detections.score).order] = True
    return first


def _corners(shapes: dict[str, _Shapes], least: float) -> Corners | None:
    taken, _ = _taken(shapes["quad"], least)
    truth, detections = shapes["quad"].truth, shapes["quad"].detections
    hits = np.flatnonzero((taken >= 0) & detections.has_quad)
    hits = hits[truth.whole[taken[hits]] & truth.judged[taken[hits]]]
    codes = taken[hits]
    return corners(detections.quad[hits], truth.corners[codes], truth.numbers["module_px_mean"][codes])


def _confusion(truth: Truth, detections: Detections, taken: np.ndarray) -> np.ndarray:
    many = len(SYMBOLOGIES)
    called = np.full(len(truth.image), many)
    hits = np.flatnonzero(taken >= 0)
    called[taken[hits]] = detections.category[hits] - 1
    counts = np.zeros((many, many + 1), int)
    np.add.at(counts, (truth.category[truth.judged] - 1, called[truth.judged]), 1)
    return counts


def _mean(curves: list[Curve]) -> float:
    return _mean_of([each.average for each in curves])


def _mean_of(values: list[float]) -> float:
    return sum(values) / len(values) if values else math.nan
