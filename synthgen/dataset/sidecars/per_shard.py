"""What lies beside one shard: its rows, and the indexes of loaders that want one a shard."""

from __future__ import annotations

from collections.abc import Sequence

from synthgen.dataset import row_index
from synthgen.dataset.row_index import Row
from synthgen.dataset.sidecars import offsets
from synthgen.dataset.stores import Store


def put(store: Store, shard_name: str, rows: Sequence[Row]) -> None:
    """Write a shard's rows and the indexes that follow from them.

    Raises:
        OutputError: no space, no permission.
    """
    store.write(row_index.name_of(shard_name), row_index.packed(row_index.text(rows)))
    for name, data in files(shard_name, rows).items():
        store.write(name, data)


def files(shard_name: str, rows: Sequence[Row]) -> dict[str, bytes]:
    """Return the indexes of energon and DALI for a shard as {name: bytes}."""
    stem = shard_name.removesuffix(".tar")
    return {f"{stem}.tar.idx": offsets.energon_index(rows), f"{stem}.idx": offsets.dali_index(rows)}
