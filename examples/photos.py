"""Photographs that no renderer made, and zxing-cpp as the detector to beat.

A folder of photographs holds `quads.json`:

    {"images": [{"file": "a.jpg", "codes": [{"quad_px": [[x, y], [x, y], [x, y], [x, y]]}, ...]}, ...]}

`quad_px` are the corners in order around the code [px]; an image without codes has an empty list. Other keys are free.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path

import detector
import numpy as np
import zxingcpp
from detector import Found
from PIL import Image

from synthgen.barcodes.symbologies import SYMBOLOGIES, TABLE

SIDES_PX = (96, 144, 216, 324, 486)
"""A photograph is looked at with its longer side at each of these sizes, if that enlarges it no more than twice."""
LEAST_IOU = 0.5
Boxes = list[np.ndarray]
"""left, top, right, bottom [px] of each."""


def folder(path: Path) -> list[tuple[str, np.ndarray, Boxes]]:
    """Return name, grey image and the boxes of the codes of every photograph."""
    images = json.loads((path / "quads.json").read_text(encoding="utf-8"))["images"]
    return [(one["file"], grey(path / one["file"]), [box(code["quad_px"]) for code in one["codes"]]) for one in images]


def grey(path: Path) -> np.ndarray:
    """Return a picture as grey levels; what is transparent in it is white paper."""
    picture = Image.open(path).convert("RGBA")
    return np.asarray(Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("L"))


def box(quad: Iterable) -> np.ndarray:
    """Return left, top, right, bottom [px] of some corners."""
    corners = np.array(quad, float)
    return np.concatenate([corners.min(0), corners.max(0)])


def at_all_sizes(find: Callable[[np.ndarray], list[Found]], image: np.ndarray) -> list[Found]:
    """Return what is found in an image at several sizes of it; of what overlaps, the best."""
    found = []
    for side in SIDES_PX:
        scale = side / max(image.shape)
        if scale > 2:
            continue
        size = tuple(max(8, round(n * scale)) for n in image.shape[::-1])
        small = np.asarray(
            Image.fromarray(image).resize(size, Image.Resampling.BOX if scale < 1 else Image.Resampling.BICUBIC)
        )
        back = np.array(image.shape[::-1]) / size
        for one in find(small):
            found.append(
                Found(one.score, one.category, one.quad * back, one.polygon * back, one.box * np.tile(back, 2))
            )
    return detector.best_of(found)


def zxing(image: np.ndarray, scales: tuple[int, ...] = (1, 2, 3)) -> list[Found]:
    """Return what zxing-cpp locates, read or only found with errors, in the image as it is and enlarged."""
    formats, found = list({kind.reader for kind in TABLE.values()}), []
    for scale in scales:
        size = (image.shape[1] * scale, image.shape[0] * scale)
        large = image if scale == 1 else np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BICUBIC))
        for code in zxingcpp.read_barcodes(large, formats=formats, return_errors=True):
            at = code.position
            quad = np.array([[p.x, p.y] for p in (at.top_left, at.top_right, at.bottom_right, at.bottom_left)], float)
            quad = (quad + 0.5) / scale
            polygon = detector.clip(_round(quad), detector.frame(image.shape[1], image.shape[0]))
            if len(polygon):
                found.append(Found((1.0 if code.valid else 0.5) / scale, _category(code), quad, polygon, box(polygon)))
    return detector.best_of(found)


def _round(quad: np.ndarray) -> np.ndarray:
    """Return corners in the order of the image, at least a pixel wide: a scanned line has no height of its own."""
    if abs(detector.area(quad)) < 1:
        low, high = quad.min(0) - 0.5, quad.max(0) + 0.5
        return np.array([low, [high[0], low[1]], high, [low[0], high[1]]])
    return quad if detector.area(quad) > 0 else quad[::-1]


def _category(code: zxingcpp.Barcode) -> int:
    gs1 = code.content_type == zxingcpp.ContentType.GS1
    names = [name for name, kind in TABLE.items() if kind.reader == code.format and kind.gs1 == gs1]
    names = names or [name for name, kind in TABLE.items() if kind.reader == code.format] or [SYMBOLOGIES[0]]
    return SYMBOLOGIES.index(names[0])


def iou(a: np.ndarray, b: np.ndarray) -> float:
    """Return intersection over union of two boxes."""
    width, height = np.clip(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0, None)
    union = np.prod(a[2:] - a[:2]) + np.prod(b[2:] - b[:2]) - width * height
    return float(width * height / max(union, 1e-9))


def same_place(a: np.ndarray, b: np.ndarray) -> float:
    """Return 1 where the middle of `b` lies in `a` and their longer sides differ by less than a factor of two."""
    middle, sides = (b[:2] + b[2:]) / 2, [(c[2:] - c[:2]).max() for c in (a, b)]
    return float((a[:2] <= middle).all() and (middle <= a[2:]).all() and 0.5 < sides[0] / max(sides[1], 1e-9) < 2)


def f1(truth: list[Boxes], found: list[Boxes], near: Callable[[np.ndarray, np.ndarray], float]) -> dict[str, float]:
    """Return precision, recall and F1 over all images; boxes found come best first and take one code each."""
    right = 0
    for wanted, boxes in zip(truth, found, strict=True):
        left = list(wanted)
        for one in boxes:
            scores = [near(one, code) for code in left]
            if scores and max(scores) >= LEAST_IOU:
                left.pop(int(np.argmax(scores)))
                right += 1
    precision, recall = right / max(sum(map(len, found)), 1), right / max(sum(map(len, truth)), 1)
    return {
        "precision": precision,
        "recall": recall,
        "f1": 2 * right / max(sum(map(len, found)) + sum(map(len, truth)), 1),
    }
