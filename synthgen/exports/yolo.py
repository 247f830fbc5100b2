"""The layouts of Ultralytics: `images/<split>`, `labels/<split>`, `data.yaml`; detection, oriented boxes, pose.

A line a code, everything in shares of the image's width and height with eight decimals:

    detect   class cx cy w h                     the box around what is visible
    obb      class x1 y1 x2 y2 x3 y3 x4 y4       TL, TR, BR, BL of the symbol; of what is left of one that is cut off
    pose     class cx cy w h (x y v) x 4         the same corners as COCO's keypoints, 0 0 0 outside the image

Classes are the symbologies in alphabetical order from 0: COCO's category ids less one.

References:
    Ultralytics documentation, docs.ultralytics.com/datasets: detect, obb, pose. No code of theirs is used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from synthgen.barcodes.symbologies import SYMBOLOGIES
from synthgen.dataset.reader import Dataset
from synthgen.exports import folder
from synthgen.exports.labelled import codes, corners_in_image, pictures, stem
from synthgen.progress import Watch

ABOUT = {
    "detect": """\
`data.yaml` names the folders. A line of `labels/`: `class cx cy w h`, in shares of the image; the box is around what
the image shows of a code.
""",
    "obb": """\
`data.yaml` names the folders. A line of `labels/`: `class x1 y1 x2 y2 x3 y3 x4 y4`, in shares of the image: top left,
top right, bottom right, bottom left of the symbol as printed. Of a code that the image's edge cuts, they are the four
corners of what is left that enclose the most. Training turns them into the smallest rotated rectangle around them.
""",
    "pose": """\
`data.yaml` names the folders. A line of `labels/`: `class cx cy w h`, then `x y v` of the four corners top left, top
right, bottom right, bottom left of the symbol as printed (v 0: outside the image, 1: hidden, 2: seen), in shares of
the image.
""",
}
"""What the files of each task hold, for the README of an export."""


def about(*, task: str) -> str:
    """Return what the files of a task hold, for the README of an export."""
    return ABOUT[task]


def write(source: Dataset, splits: Sequence[str], out: Path, watch: Watch, *, task: str) -> int:
    """Write the export for a task of LINES; return the number of images.

    Raises:
        DatasetError: a sample is damaged.
        OutputError: no space, no permission.
    """
    images = 0
    for split in splits:
        folder.make(out / "images" / split, out / "labels" / split)
        for record, png in pictures(source, split, watch):
            folder.put(out / "images" / split / record["file_name"], png)
            folder.put(out / "labels" / split / f"{stem(record)}.txt", label(record, task).encode())
            images += 1
    folder.put(out / "data.yaml", description(splits, task).encode())
    return images


def label(record: Mapping[str, Any], task: str) -> str:
    """Return the text of a sample's label file; empty where no code is to be seen."""
    size = (record["width"], record["height"])
    lines = (" ".join([str(code["category_id"] - 1), *LINES[task](code, size)]) for code in codes(record))
    return "".join(line + "\n" for line in lines)


def description(splits: Sequence[str], task: str) -> str:
    """Return `data.yaml`: paths count from its own folder, so the export may be moved."""
    lines = ["# Turn mirroring off (fliplr=0 flipud=0): a mirrored barcode is no barcode."]
    train = "train" if "train" in splits else splits[0]
    held_out = next((name for name in ("val", "valid", "validation") if name in splits), None)
    if held_out is None:
        held_out = next((name for name in splits if name != train), train)
        lines.append(f"# There is no split named val: {held_out} stands in for it.")
    lines += [f"train: images/{train}", f"val: images/{held_out}"]
    lines += [f"{name}: images/{name}" for name in splits if name not in (train, held_out)]
    if task == "pose":
        lines += ["kpt_shape: [4, 3]", "flip_idx: [1, 0, 3, 2]"]
    lines += [f"nc: {len(SYMBOLOGIES)}", "names:", *(f"  {n}: {name}" for n, name in enumerate(SYMBOLOGIES))]
    return "\n".join(lines) + "\n"


def _box(code: Mapping[str, Any], size: tuple[int, int]) -> list[str]:
    x, y, wide, high = code["bbox"]
    return _shares((x + wide / 2, y + high / 2, wide, high), size)


def _quad(code: Mapping[str, Any], size: tuple[int, int]) -> list[str]:
    return _shares(corners_in_image(code).ravel().tolist(), size)


def _pose(code: Mapping[str, Any], size: tuple[int, int]) -> list[str]:
    points = code["keypoints"]
    words = _box(code, size)
    for n in range(0, 12, 3):
        words += [*_shares(points[n : n + 2], size), str(int(points[n + 2]))]
    return words


def _shares(values: Iterable[float], size: tuple[int, int]) -> list[str]:
    """Return x, y, x, y, ... over width, height, width, height, ...; rounding does not leave the image."""
    return [f"{min(max(value / size[n % 2], 0.0), 1.0):.8f}" for n, value in enumerate(values)]


LINES: Mapping[str, Callable[[Mapping[str, Any], tuple[int, int]], list[str]]] = {
    "detect": _box,
    "obb": _quad,
    "pose": _pose,
}
"""The fields after the class in the line of a code, by task."""
