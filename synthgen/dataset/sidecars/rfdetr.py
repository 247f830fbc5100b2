"""RF-DETR's index of a split of WebDataset shards: `<split>-index.json`.

References:
    rfdetr 1.11.2, `rfdetr.datasets.webdataset.index`: version 1; a sample is `png` and `json` with `image_id`,
    `file_name` and COCO `annotations`; "remap" gives label = place among the categories.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import BinaryIO

from synthgen.barcodes.symbologies import SYMBOLOGIES
from synthgen.dataset.receipts import Entry
from synthgen.dataset.sidecars import long_json

CATEGORIES = tuple({"id": i, "name": name, "supercategory": "barcode"} for i, name in enumerate(SYMBOLOGIES, 1))


def name_of(split: str) -> str:
    """Return the name of a split's index."""
    return f"{split}-index.json"


def write(
    file: BinaryIO, split: str, samples: int, category_ids: Collection[int], entries: Callable[[], Iterator[Entry]]
) -> None:
    """Write the index of a split.

    Args:
        file: where to.
        split: its name.
        samples: how many samples it has.
        category_ids: those that some annotation of it has.
        entries: yields the split's shards; called twice.
    """
    long_json.write(
        file,
        {
            "version": 1,
            "split": split,
            "num_samples": samples,
            "categories": list(CATEGORIES),
            "annotated_category_ids": sorted(category_ids),
            "category_ids": "remap",
            "shards": long_json.Array(entry.name for entry in entries()),
            "samples_per_shard": long_json.Array(entry.samples for entry in entries()),
        },
    )
