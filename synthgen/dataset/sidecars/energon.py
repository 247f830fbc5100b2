"""NVIDIA energon's description of the data set: `.nv-meta/`; `<shard>.tar.idx` lies beside each shard (`offsets`).

References:
    megatron-energon 7.4.1, `flavors/webdataset/metadata.py` and `structs.py`: `dataset.yaml`, `split.yaml` (names with
    braces are expanded, `exclude` takes shards out) and `.info.json` are enough for a CrudeWebdataset. `index.sqlite`
    and `index.uuid` are not: they differ from run to run, and serve joins alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import BinaryIO

from synthgen.dataset.receipts import Entry
from synthgen.dataset.sidecars import long_json

DATASET, SPLIT, INFO = (f".nv-meta/{name}" for name in ("dataset.yaml", "split.yaml", ".info.json"))
_VERSION = "7.4.1"


def dataset() -> bytes:
    """Return `dataset.yaml`: samples are dicts of decoded members."""
    return b"__module__: megatron.energon\n__class__: CrudeWebdataset\n"


def splits(shards: Mapping[str, int], empty: Iterable[str]) -> bytes:
    """Return `split.yaml`.

    Args:
        shards: shards of each split.
        empty: names of shards without a sample, which energon does not open.
    """
    lines = ["split_parts:"]
    for split, count in shards.items():
        lines += [f"  {split}:", f"    - {split}/{split}-{{000000..{count - 1:06d}}}.tar"]
    left_out = [f"  - {name}" for name in empty]
    lines += ["exclude:", *left_out] if left_out else ["exclude: []"]
    return ("\n".join(lines) + "\n").encode()


def write_info(file: BinaryIO, entries: Iterable[Entry]) -> None:
    """Write `.info.json`: how many samples each shard has."""
    counts = long_json.Object((entry.name, entry.samples) for entry in entries)
    long_json.write(file, {"energon_version": _VERSION, "shard_counts": counts})
