"""The images and codes of a split, as columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from synthgen.errors import DatasetError
from synthgen.evaluation import overlap
from synthgen.quality.histogram_axes import AXES

NUMBERS = ("module_px_mean", *(axis.name for axis in AXES))
"""Keys of an annotation that are kept as columns of numbers."""
LEAST_VISIBLE = 0.25
"""Codes of which less is seen are neither hits nor misses."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Truth:
    """The images and codes of a split; columns of codes have shape (n, ...)."""

    names: tuple[str, ...]
    """File names of the images."""
    ids: np.ndarray
    """Their `image_id`."""
    size_px: np.ndarray
    """Their (width, height)."""
    image: np.ndarray
    """Of each code: a place in `names`."""
    category: np.ndarray
    """From 1."""
    box: np.ndarray
    """[x, y, width, height] around what is visible [px]."""
    outline: np.ndarray
    """The part of the quad that lies in the image [px], shape (n, v, 2)."""
    corners: np.ndarray
    """TL, TR, BR, BL of the whole code [px], shape (n, 4, 2)."""
    whole: np.ndarray
    """Whether all corners are in the image."""
    decoded: np.ndarray
    """Whether zxing-cpp reads the plain crop."""
    reason: np.ndarray
    """A word of docs/contract.md section 6."""
    code_id: np.ndarray
    numbers: Mapping[str, np.ndarray]
    """Columns by the names in NUMBERS."""
    ignored: np.ndarray
    """Whether a code is neither hit nor miss: nothing of it, or less than a stated share, is seen."""

    @property
    def judged(self) -> np.ndarray:
        """Return whether each code counts."""
        return ~self.ignored


def collect(records: Iterable[Mapping[str, Any]], least_visible: float = LEAST_VISIBLE) -> Truth:
    """Return the codes of samples, given their JSON.

    Raises:
        DatasetError: a record lacks what every sample has.
    """
    images: list[tuple[str, int, int, int]] = []
    codes: list[tuple[int, Mapping[str, Any]]] = []
    for record in records:
        try:
            images.append((record["file_name"], record["image_id"], record["width"], record["height"]))
            codes += [(len(images) - 1, each) for each in record["annotations"]]
        except KeyError as missing:
            raise DatasetError(
                f"{record.get('file_name', '?')}: its JSON has no {missing}; was it made by us?"
            ) from None
    try:
        return _columns(images, codes, least_visible)
    except KeyError as missing:
        raise DatasetError(f"an annotation has no {missing}; was the data set made by us?") from None


def _columns(
    images: list[tuple[str, int, int, int]], codes: list[tuple[int, Mapping[str, Any]]], least_visible: float
) -> Truth:
    def column(name: str, kind: Any, *shape: int) -> np.ndarray:
        return np.array([code[name] for _, code in codes], kind).reshape(len(codes), *shape)

    outline = _outlines([code["quad_visible_px"] for _, code in codes])
    box, seen = column("bbox", float, 4), column("visible_fraction", float)
    return Truth(
        names=tuple(name for name, *_ in images),
        ids=np.array([i for _, i, _, _ in images], np.int64),
        size_px=np.array([size for _, _, *size in images], float).reshape(-1, 2),
        image=np.array([image for image, _ in codes], int),
        category=column("category_id", int),
        box=box,
        outline=outline,
        corners=column("quad_px", float, 4, 2),
        whole=~column("truncated", bool),
        decoded=column("decoded", bool),
        reason=column("reason", "U16"),
        code_id=column("code_id", "U128"),
        numbers={name: column(name, float) for name in NUMBERS},
        ignored=(seen < least_visible) | (box[:, 2:] <= 0).any(axis=1) | (overlap.area(outline) <= 0),
    )


def _outlines(polygons: list[list[list[float]]]) -> np.ndarray:
    """Return polygons of one number of points, the last one repeated, shape (n, v, 2); nothing is all zeros."""
    wide = max((len(p) for p in polygons), default=4)
    padded = np.zeros((len(polygons), max(wide, 4), 2))
    for row, polygon in zip(padded, polygons, strict=True):
        if polygon:
            row[: len(polygon)] = polygon
            row[len(polygon) :] = polygon[-1]
    return padded
