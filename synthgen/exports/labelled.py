"""Which codes of a sample are exported, and what their four corners in the image are.

A code is exported when the image shows some of it: its `quad_visible_px` encloses an area and its `bbox` is no line.
Nothing else is asked, so that no code that can be seen is taught as background; `visible_fraction` and `reason` go
along where a format has room for them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

import numpy as np

from synthgen.dataset.reader import Dataset
from synthgen.errors import DatasetError
from synthgen.evaluation import overlap
from synthgen.progress import Watch


def pictures(source: Dataset, split: str, watch: Watch) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Yield the JSON and the png bytes of each sample of a split, and tell how far it has come.

    Raises:
        DatasetError: a sample is damaged or lacks its image.
    """
    last = None
    for key, members in source.samples(split):
        if "png" not in members or "json" not in members:
            raise DatasetError(f"sample {key}: has no png or no json; was it written by `synthgen generate`?")
        record = json.loads(members["json"])
        yield record, members["png"]
        watch.advance(int(record["shot_index"] != last), 1)
        last = record["shot_index"]


def stem(record: Mapping[str, Any]) -> str:
    """Return the name of a sample's files without suffix."""
    return str(record["file_name"]).removesuffix(".png")


def codes(record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the annotations of a sample that are exported."""
    return [each for each in record["annotations"] if _shown(each)]


def corners_in_image(code: Mapping[str, Any]) -> np.ndarray:
    """Return four corners of a code inside the image, shape (4, 2): TL, TR, BR, BL of the symbol where it is whole.

    Where the image's edge cuts it, they are the four corners of what is left that enclose the most, in the same sense
    of rotation and beginning with the one that is nearest to TL.
    """
    quad, left = np.asarray(code["quad_px"], float), np.asarray(code["quad_visible_px"], float)
    if not code["truncated"]:
        return quad
    while len(left) < 4:  # a triangle: its longest side gets a corner in its middle
        sides = np.linalg.norm(np.roll(left, -1, axis=0) - left, axis=1)
        at = int(sides.argmax())
        left = np.insert(left, at + 1, (left[at] + left[(at + 1) % len(left)]) / 2, axis=0)
    best = max(combinations(range(len(left)), 4), key=lambda chosen: float(overlap.area(left[list(chosen)])))
    kept = left[list(best)]
    return min((np.roll(kept, -k, axis=0) for k in range(4)), key=lambda turned: float(((turned - quad) ** 2).sum()))


def _shown(code: Mapping[str, Any]) -> bool:
    visible = code["quad_visible_px"]
    return min(code["bbox"][2:]) > 0 and len(visible) >= 3 and bool(overlap.area(np.asarray(visible, float)) > 0)
