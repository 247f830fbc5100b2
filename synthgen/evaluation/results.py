"""A detector's results: COCO's list of detections, checked entry by entry.

    [{"image_id": 64, "category_id": 2, "score": 0.9, "bbox": [x, y, width, height],
      "segmentation": [[x1, y1, x2, y2, x3, y3, x4, y4]]}, ...]

`file_name` may stand for `image_id`, which counts within one split. `segmentation` is optional: the quad, top left,
top right, bottom right, bottom left of the symbol.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from synthgen.barcodes.symbologies import SYMBOLOGIES
from synthgen.errors import InputError
from synthgen.evaluation.ground_truth import Truth

_CATEGORIES = f"1 {SYMBOLOGIES[0]} to {len(SYMBOLOGIES)} {SYMBOLOGIES[-1]}, in alphabetical order"


@dataclass(frozen=True, eq=False, kw_only=True)
class Detections:
    """What a detector found, columns of shape (n, ...)."""

    image: np.ndarray
    """A place in `Truth.names`."""
    category: np.ndarray
    score: np.ndarray
    box: np.ndarray
    """[x, y, width, height] [px]."""
    quad: np.ndarray
    """As given, or the box's corners, shape (n, 4, 2) [px]."""
    has_quad: np.ndarray
    """Whether it was given."""


def load(path: Path, truth: Truth) -> Detections:
    """Return the detections in a file.

    Raises:
        InputError: it cannot be read, is no JSON list, or an entry is wrong; the message says which.
    """
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}; give the JSON file of a detector's results") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: is no JSON ({error}); write a list of detections") from error
    return parse(entries, truth, str(path))


def parse(entries: Any, truth: Truth, place: str = "results") -> Detections:
    """Return detections from plain values.

    Raises:
        InputError: an entry is wrong; the message names it.
    """
    if isinstance(entries, Mapping) and isinstance(entries.get("annotations"), list):
        entries = entries["annotations"]
    if not isinstance(entries, list):
        raise InputError(f'{place}: is {_kind(entries)}; write a list of detections, [{{"image_id": ...}}, ...]')
    find = _images(truth, place)
    rows = [_entry(entry, find, f"{place}, entry {n}") for n, entry in enumerate(entries)]
    box = np.array([row[3] for row in rows], float).reshape(-1, 4)
    quad = _corners(box)
    has_quad = np.array([row[4] is not None for row in rows], bool)
    quad[has_quad] = np.array([row[4] for row in rows if row[4] is not None], float).reshape(-1, 4, 2)
    return Detections(
        image=np.array([row[0] for row in rows], int),
        category=np.array([row[1] for row in rows], int),
        score=np.array([row[2] for row in rows], float),
        box=box,
        quad=quad,
        has_quad=has_quad,
    )


def _images(truth: Truth, place: str) -> Callable[[Mapping[str, Any], str], int]:
    """Return who finds the image of an entry."""
    by_name = {name: n for n, name in enumerate(truth.names)}
    by_name |= {name.removesuffix(".png"): n for n, name in enumerate(truth.names)}
    by_id = {int(i): n for n, i in enumerate(truth.ids)}
    examples = ", ".join(truth.names[:2]) or "none"

    def find(entry: Mapping[str, Any], where: str) -> int:
        if "file_name" in entry:
            name = entry["file_name"]
            found = by_name.get(name.replace("\\", "/").rpartition("/")[2]) if isinstance(name, str) else None
            if found is None:
                raise InputError(
                    f"{where}: no image {name!r} in this split (its images are {examples}, ...); "
                    "evaluate each split on its own, with --split"
                )
            return found
        number = entry.get("image_id")
        if isinstance(number, bool) or not isinstance(number, int) or number not in by_id:
            raise InputError(
                f"{where}: no image_id {number!r} in this split (there are {', '.join(map(str, truth.ids[:3]))}, ...); "
                "give the data set's image_id, or file_name, and evaluate each split on its own, with --split"
            )
        if len(by_id) < len(truth.ids):
            raise InputError(f"{place}: image_id is not unique in this split; give file_name in every entry")
        return by_id[number]

    return find


def _entry(entry: Any, find: Callable[[Mapping[str, Any], str], int], where: str) -> tuple[Any, ...]:
    if not isinstance(entry, Mapping):
        raise InputError(f"{where}: is {_kind(entry)}; write an object with image_id, category_id, score and bbox")
    image = find(entry, where)
    category = entry.get("category_id")
    if isinstance(category, bool) or not isinstance(category, int) or not 1 <= category <= len(SYMBOLOGIES):
        raise InputError(f"{where}: category_id {category!r} is out of range; write {_CATEGORIES}")
    (score,) = _numbers([entry.get("score")], 1, f"{where}: score", "a number")
    box = _numbers(entry.get("bbox"), 4, f"{where}: bbox", "[x, y, width, height] in pixels")
    if min(box[2:]) < 0:
        raise InputError(f"{where}: bbox {entry['bbox']} has a negative side; write [x, y, width, height], not corners")
    return image, category, score, box, _quad(entry.get("segmentation"), f"{where}: segmentation")


def _quad(value: Any, where: str) -> list[float] | None:
    if value is None or value == []:
        return None
    wanted = "[[x1, y1, ..., x4, y4]], the quad's four corners, or leave it out"
    if not isinstance(value, list) or len(value) != 1:
        raise InputError(f"{where} is {_kind(value)}; write {wanted}")
    return _numbers(value[0], 8, where, wanted)


def _numbers(value: Any, many: int, where: str, wanted: str) -> list[float]:
    good = (
        isinstance(value, list)
        and len(value) == many
        and all(isinstance(v, (int, float)) and not isinstance(v, bool) and _sane(v) for v in value)
    )
    if not good:
        shown = value[0] if many == 1 else value
        raise InputError(f"{where} is {str(shown)[:80]}; write {wanted}, finite numbers")
    return [float(v) for v in value]


def _sane(value: float) -> bool:
    """Return whether a number is finite and small enough to be squared."""
    return math.isfinite(value) and abs(value) < 1e12 if not isinstance(value, int) else abs(value) < 10**12


def _corners(box: np.ndarray) -> np.ndarray:
    """Return TL, TR, BR, BL of boxes, shape (n, 4, 2)."""
    x, y, w, h = box.T
    return np.stack([np.stack(c, axis=1) for c in ((x, y), (x + w, y), (x + w, y + h), (x, y + h))], axis=1)


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")
