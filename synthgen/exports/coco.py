"""COCO: `<split>/<key>.png` and `annotations/instances_<split>.json`, written as it is made, never held in memory.

`bbox` and `segmentation` are what the image shows of a code (docs/contract.md section 6), `keypoints` its four
corners, and every key of ours stays in the annotation, where COCO's tools leave it alone. Ids are ours plus one,
because pycocotools takes a match with annotation 0 for none.

References:
    COCO data format, cocodataset.org/#format-data: object detection and keypoint detection.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from synthgen import atomic_files
from synthgen.barcodes.symbologies import SYMBOLOGIES
from synthgen.dataset import identity_file
from synthgen.dataset.reader import Dataset
from synthgen.dataset.sidecars import licence
from synthgen.dataset.sidecars.licence import Licence
from synthgen.exports import folder
from synthgen.exports.labelled import codes, pictures
from synthgen.progress import Watch

CORNERS = ("top_left", "top_right", "bottom_right", "bottom_left")

CATEGORIES = tuple(
    {
        "id": number,
        "name": name,
        "supercategory": "barcode",
        "keypoints": list(CORNERS),
        "skeleton": [[1, 2], [2, 3], [3, 4], [4, 1]],
    }
    for number, name in enumerate(SYMBOLOGIES, 1)
)
"""All symbologies, whether the data set has some of them or not."""


def about() -> str:
    """Return what the files hold, for the README of an export."""
    return """\
Images are in `<split>/`, annotations in `annotations/instances_<split>.json`.

* `bbox` [x, y, width, height] and `segmentation` are what the image shows of a code; `keypoints` are its corners top
  left, top right, bottom right, bottom left of the symbol as printed (0: outside the image, 1: hidden, 2: seen).
* `quad_px` is the whole code, also outside the image. `payload`, `module_px_mean`, `decoded`, `reason` and the other
  keys of synthgen are kept.
* Annotation ids are those of the data set plus one: pycocotools cannot match an annotation with id 0.
* COCOeval for keypoints has 17 sigmas of the human body built in: set `params.kpt_oks_sigmas` to four of your own.
"""


def write(source: Dataset, splits: Sequence[str], out: Path, watch: Watch) -> int:
    """Write the export; return the number of images.

    Raises:
        DatasetError: a sample is damaged.
        OutputError: no space, no permission.
    """
    images, stated = 0, licence.of(identity_file.recipe(source.store))
    for split in splits:
        folder.make(out / split, out / "annotations")
        for record, png in pictures(source, split, watch):
            folder.put(out / split / record["file_name"], png)
            images += 1
        path = out / "annotations" / f"instances_{split}.json"
        with atomic_files.published(path) as file, atomic_files.explained(path):
            document(file, lambda split=split: (row.record for row in source.rows(split)), split, stated)
    return images


def document(
    file: BinaryIO,
    records: Callable[[], Iterable[Mapping[str, Any]]],
    split: str,
    stated: Licence = Licence(licence.NOT_STATED),  # noqa: B008
) -> None:
    """Write the JSON of one split; `records()` yields its samples' JSON, and is called twice.

    Args:
        file: open for writing.
        records: gives an iterator over the records each time it is called.
        split: named in `info`.
        stated: the licence of the images; `licenses` is empty where none is stated.
    """
    info = {"description": f"synthgen, split {split}", "version": "1", "contributor": "", "url": ""}
    licences = [{"id": 1, "name": stated.name, "url": stated.url}] if stated.stated else []
    file.write(b'{"info":' + _text(info) + b',"licenses":' + _text(licences) + b',"categories":' + _text(CATEGORIES))
    file.write(b',"images":')
    licensed = {"license": 1} if licences else {}
    _list(file, (_image(record) | licensed for record in records()))
    file.write(b',"annotations":')
    _list(file, (code for record in records() for code in codes(record)))
    file.write(b"}\n")


def _image(record: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in record.items() if name not in ("annotations", "instances", "image_id")}
    return {"id": record["image_id"], **kept}


def _list(file: BinaryIO, items: Iterable[Mapping[str, Any]]) -> None:
    before = b"["
    for item in items:
        file.write(before + b"\n" + _text(item))
        before = b","
    file.write(b"[]" if before == b"[" else b"\n]")


def _text(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), allow_nan=False).encode()
