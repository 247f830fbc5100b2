"""The shard index of `wids`, random access over WebDataset shards: `<split>.wids.json`.

References:
    wids 0.1.11, `widsindex create` and `wids_specs.resolve_dsdesc`: version 1, `url` and `nsamples` are required and
    URLs are relative to the file.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import BinaryIO

from synthgen.dataset.receipts import Entry
from synthgen.dataset.sidecars import long_json


def name_of(split: str) -> str:
    """Return the name of a split's index."""
    return f"{split}.wids.json"


def write(file: BinaryIO, split: str, entries: Iterable[Entry]) -> None:
    """Write the index of a split's shards."""
    shards = ({"url": entry.name, "nsamples": entry.samples, "filesize": entry.bytes} for entry in entries)
    head = {"__kind__": "wids-shard-index-v1", "wids_version": 1, "name": split}
    long_json.write(file, {**head, "shardlist": long_json.Array(shards)})
