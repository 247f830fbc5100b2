"""Check one shard of a data set: receipt, tar, rows and the indexes beside it, the small files read once each."""

from __future__ import annotations

from dataclasses import dataclass

from synthgen.dataset import receipts, remedies, row_index
from synthgen.dataset import shard as shards
from synthgen.dataset.receipts import Receipt
from synthgen.dataset.row_index import Row
from synthgen.dataset.shard_layout import Shard
from synthgen.dataset.sidecars import per_shard
from synthgen.dataset.stores import Absent, Store
from synthgen.errors import DatasetError


@dataclass(frozen=True, eq=False, kw_only=True)
class Checked:
    """What the files of a shard hold, and what is wrong with them."""

    shard: Shard
    faults: tuple[str, ...] = ()
    receipt: Receipt | None = None
    """None where the shard is missing or damaged and must be made again."""
    receipt_bytes: bytes = b""
    """The receipt as it is stored."""
    rows: tuple[Row, ...] = ()
    """Empty where the file of rows is missing or damaged."""
    packed: bytes = b""
    """The file of rows as it is stored."""


def checked(store: Store, shard: Shard, identity: str) -> Checked:
    """Return the files of a shard with every fault in them, one line each.

    Args:
        store: where the data set lives.
        shard: which.
        identity: hash of the data set's identity.

    Raises:
        DatasetError: the store does not answer.
    """
    data = receipts.stored(store, shard)
    receipt = receipts.parsed(data, shard, identity)
    if receipt is None or not receipts.holds(store, receipt):
        state = "missing" if store.size(shard.name) is None else "damaged"
        return Checked(shard=shard, faults=(remedies.remake(store.place(shard.name), state),))
    faults, place = [], store.place(shard.name)
    with shards.opened(store, shard.name) as file:
        if shards.content_sha256(file, place) != receipt.content_sha256:
            faults.append(remedies.remake(place, "its samples decode to other values than its receipt says"))
    packed, rows = b"", ()
    try:
        packed = row_index.stored(store, receipt)
        rows = tuple(map(row_index.row, row_index.unpacked(store, receipt, packed)))
        faults += _index_faults(store, shard, rows)
    except DatasetError as fault:
        faults.append(str(fault))
    return Checked(
        shard=shard, faults=tuple(faults), receipt=receipt, receipt_bytes=data or b"", rows=rows, packed=packed
    )


def _index_faults(store: Store, shard: Shard, rows: tuple[Row, ...]) -> list[str]:
    """Return which of the loaders' indexes of a shard are not what its rows give."""
    faults = []
    for name, data in per_shard.files(shard.name, rows).items():
        try:
            state = "" if store.read(name) == data else "damaged"
        except Absent:
            state = "missing"
        if state:
            faults.append(remedies.derive(store.place(name), state, store.url))
    return faults
