"""Match detections with codes: COCO's greedy matching, all images and thresholds at once.

Within a group (an image, or an image and a category) detections come by falling score; each takes the free code that
it overlaps most, if that is at least the threshold; codes that are not to be judged are taken only where no other is.

References:
    T.-Y. Lin et al., COCO detection evaluation (cocodataset.org/#detection-eval); pycocotools' COCOeval is the
    reference that tests compare with, ties included: of equal overlaps the later code wins.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

MOST = 100
"""Detections of a group that count, best first (COCO's maxDets)."""
_CELLS = 4_000_000
"""Overlaps that are held at once."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Pairs:
    """Every detection beside every code of its group."""

    detection: np.ndarray
    code: np.ndarray
    group: np.ndarray
    """Of the pair, from 0."""
    rank: np.ndarray
    """Of the detection in its group by falling score."""
    place: np.ndarray
    """Of the code in its group: judged ones first."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Ranked:
    """Detections in their groups."""

    order: np.ndarray
    """Indices of those that count, by group and falling score."""
    group: np.ndarray
    """Of each of them."""
    rank: np.ndarray


def ranked(group: np.ndarray, score: np.ndarray) -> Ranked:
    """Return which detections count, in the order in which they choose; equal scores keep their order."""
    order = np.lexsort((-score, group))
    place = _places(group[order])
    order = order[place < MOST]
    return Ranked(order=order, group=group[order], rank=place[place < MOST])


def pairs(found: Ranked, code_group: np.ndarray, ignored: np.ndarray) -> Pairs:
    """Return the detections that count beside the codes of their groups."""
    codes = np.lexsort((ignored, code_group))
    first = np.searchsorted(code_group[codes], found.group, "left")
    many = np.searchsorted(code_group[codes], found.group, "right") - first
    owner = np.repeat(np.arange(len(found.order)), many)
    place = np.arange(len(owner)) - np.repeat(np.cumsum(many) - many, many)
    _, group = np.unique(found.group[owner], return_inverse=True)
    return Pairs(
        detection=found.order[owner],
        code=codes[first[owner] + place],
        group=group.reshape(-1),
        rank=found.rank[owner],
        place=place,
    )


def match(found: Pairs, iou: np.ndarray, ignored: np.ndarray, detections: int, thresholds: np.ndarray) -> np.ndarray:
    """Return the code that each detection takes at each threshold, -1 for none, shape (thresholds, detections).

    Args:
        found: the pairs of detections and codes.
        iou: overlap of each pair.
        ignored: whether each code is not to be judged.
        detections: number of all detections.
        thresholds: of the overlap.
    """
    taken = np.full((len(thresholds), detections), -1)
    if not len(iou):
        return taken
    tall, wide = int(found.rank.max()) + 1, int(found.place.max()) + 1
    at_once = max(_CELLS // (max(tall, len(thresholds)) * wide), 1)
    bounds = np.searchsorted(found.group, np.arange(0, int(found.group.max()) + 1 + at_once, at_once))
    for start, stop in pairwise(bounds):
        part = Pairs(**{name: getattr(found, name)[start:stop] for name in Pairs.__dataclass_fields__})
        if stop > start:
            _match_some(part, iou[start:stop], ignored, np.minimum(thresholds, 1 - 1e-10), taken)
    return taken


def _match_some(found: Pairs, iou: np.ndarray, ignored: np.ndarray, least: np.ndarray, taken: np.ndarray) -> None:
    group = found.group - found.group[0]
    shape = (int(group[-1]) + 1, int(found.rank.max()) + 1, int(found.place.max()) + 1)
    overlap = np.full(shape, -1.0)
    overlap[group, found.rank, found.place] = iou
    code, who = np.full((shape[0], shape[2]), -1), np.full(shape[:2], -1)
    code[group, found.place], who[group, found.rank] = found.code, found.detection
    judged = np.zeros(code.shape, bool)
    judged[group, found.place] = ~ignored[found.code]
    all_judged = bool(judged[code >= 0].all())
    free = np.ones((len(least), *code.shape), bool)
    for rank in range(shape[1]):
        possible = np.where(free & (overlap[:, rank] >= least[:, None, None]), overlap[:, rank], -1.0)
        if not all_judged:
            first = np.where(judged, possible, -1.0)
            possible = np.where((first >= 0).any(axis=2, keepdims=True), first, possible)
        place = shape[2] - 1 - possible[..., ::-1].argmax(axis=2)  # of equal ones the last
        threshold, row = np.nonzero(np.take_along_axis(possible, place[..., None], axis=2)[..., 0] >= 0)
        column = place[threshold, row]
        free[threshold, row, column] = False
        taken[threshold, who[row, rank]] = code[row, column]


def _places(groups: np.ndarray) -> np.ndarray:
    """Return each entry's place in its run of equal values."""
    if not len(groups):
        return np.zeros(0, int)
    starts = np.flatnonzero(np.r_[True, groups[1:] != groups[:-1]])
    return np.arange(len(groups)) - np.repeat(starts, np.diff(np.r_[starts, len(groups)]))
