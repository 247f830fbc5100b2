"""The manifest: the list of all shards of a data set, written last, in parts where it would grow large.

It holds nothing that depends on host, time, workers or order, so its hash tells two runs apart exactly when their data
differ; `run.json` has the rest (docs/contract.md section 9). Up to PART shards are listed in `manifest.json` itself;
more are listed in parts of that many, whose hashes it holds, so that neither reader nor writer needs the whole list in
memory.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from synthgen import atomic_files
from synthgen.dataset import identity_file, receipts, remedies, row_index, shard_check, sidecars
from synthgen.dataset import shard as shards
from synthgen.dataset.identity import Identity
from synthgen.dataset.receipts import Entry, Receipt
from synthgen.dataset.shard_check import Checked
from synthgen.dataset.shard_layout import Shard
from synthgen.dataset.sidecars import per_shard
from synthgen.dataset.stores import Absent, Store, concurrent
from synthgen.errors import DatasetError, PartialError

FILE = "manifest.json"
PART = 4096
"""Shards that a manifest, or a part of one, lists."""


@dataclass
class Counts:
    """Sums over shards."""

    shards: int = 0
    shots: int = 0
    samples: int = 0
    bytes: int = 0
    failed_shots: int = 0

    def add(self, receipt: Receipt) -> None:
        """Count a shard."""
        self.shards += 1
        self.shots += receipt.shots
        self.samples += receipt.samples
        self.bytes += receipt.bytes
        self.failed_shots += len(receipt.failed)


@dataclass
class _Draft:
    """A manifest that is being put together shard by shard, in their order."""

    identity: Identity
    write: Callable[[str, bytes], None]
    """Gets each part's name and bytes as soon as it is full."""
    counts: Counts = field(default_factory=Counts)
    splits: dict[str, Counts] = field(default_factory=dict)
    worst: tuple[float, str] = (0.0, "")
    contents: Any = field(default_factory=hashlib.sha256)
    entries: list[dict[str, Any]] = field(default_factory=list)
    parts: list[dict[str, Any]] = field(default_factory=list)

    def add(self, receipt: Receipt) -> None:
        if len(self.entries) == PART:
            self._close_part()
        self.counts.add(receipt)
        self.splits.setdefault(receipt.split, Counts()).add(receipt)
        self.worst = max(self.worst, (receipt.worst_ratio, receipt.worst_key), key=lambda each: each[0])
        self.contents.update(receipt.content_sha256.encode())
        self.entries.append(asdict(Entry.of(receipt)))

    def finish(self) -> bytes:
        """Return the manifest's bytes."""
        if self.parts:
            self._close_part()
        return atomic_files.document(
            {
                **asdict(self.identity),
                "content_sha256": self.contents.hexdigest(),
                "counts": asdict(self.counts),
                "eye_safety": {"worst_ratio": self.worst[0], "worst_key": self.worst[1]},
                "parts": self.parts,
                "shards": self.entries,
                "split_counts": {split: asdict(self.splits.get(split, Counts())) for split in self.identity.splits},
            }
        )

    def _close_part(self) -> None:
        name = f"manifest/part-{len(self.parts):06d}.json"
        data = atomic_files.document(self.entries)
        self.write(name, data)
        self.parts.append(
            {"name": name, "shards": len(self.entries), "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
        )
        self.entries = []


def build(
    identity: Identity, found: Iterable[Receipt], write: Callable[[str, bytes], None] = lambda name, data: None
) -> bytes:
    """Return the manifest of a complete data set, its shards' receipts in order; `write` gets its parts."""
    draft = _Draft(identity=identity, write=write)
    for receipt in found:
        draft.add(receipt)
    return draft.finish()


def publish(store: Store, identity: Identity, note: Callable[[str], None] = lambda text: None) -> str:
    """Write sidecars and manifest for shards that were just made or verified; return the manifest's hash.

    Raises:
        DatasetError: a receipt is gone, or the store does not answer.
        OutputError: something cannot be written.
    """
    data = build(identity, receipts.each(store, identity.shards, identity.sha256), store.write)
    listed = json.loads(data)
    sidecars.write(store, identity, lambda: entries(store, listed), identity_file.recipe(store), note)
    store.write(FILE, data)
    store.sweep()
    store.abort_uploads()
    return hashlib.sha256(data).hexdigest()


def finalize(
    store: Store,
    on_shard: Callable[[Receipt], None] = lambda receipt: None,
    note: Callable[[str], None] = lambda text: None,
) -> str:
    """Verify every shard of the data set in a store, write the files beside them and return the manifest's hash.

    Raises:
        DatasetError: there is no data set.
        PartialError: shards are missing or damaged; the message names them.
        OutputError: something cannot be written.
    """
    identity = Identity.of(store)
    faulty, count = [], 0
    for shard, receipt in concurrent.answers(
        store, identity.shards, lambda shard: _whole(store, shard, identity.sha256)
    ):
        if receipt is None:
            count += 1
            faulty = [*faulty, shard.name][:5]
        else:
            on_shard(receipt)
    if faulty:
        store.delete(FILE)
        named = ", ".join(faulty) + (", ..." if count > len(faulty) else "")
        raise PartialError(
            f"{store.place()}: {count} of {len(identity.shards)} shards are missing or damaged ({named}); "
            "run `synthgen generate` again"
        )
    return publish(store, identity, note)


def _whole(store: Store, shard: Shard, identity: str) -> Receipt | None:
    """Return the receipt of a whole shard after mending the files beside it; None when the shard is not whole."""
    receipt = receipts.trusted(store, shard, identity)
    if receipt and not _indexed(store, shard, receipt):
        _index_again(store, shard)
    return receipt


def entries(store: Store, manifest: Mapping[str, Any]) -> Iterator[Entry]:
    """Yield what a manifest says of each shard, in order.

    Raises:
        DatasetError: a part is missing or damaged.
    """
    try:
        for part in manifest["parts"]:
            yield from (Entry(**entry) for entry in json.loads(_part(store, part["name"], part["sha256"])))
        yield from (Entry(**entry) for entry in manifest["shards"])
    except (KeyError, TypeError, ValueError) as damage:
        raise DatasetError(remedies.derive(store.place(FILE), f"damaged ({damage})", store.url)) from damage


def _part(store: Store, name: str, sha256: str) -> bytes:
    try:
        data = store.read(name)
    except Absent as error:
        raise Absent(remedies.derive(store.place(name), "missing", store.url)) from error
    if hashlib.sha256(data).hexdigest() != sha256:
        raise DatasetError(remedies.derive(store.place(name), "damaged", store.url))
    return data


def check(store: Store, more: Callable[[Checked], Iterable[str]] = lambda found: ()) -> Iterator[str]:
    """Yield every fault of the data set in a store, one line each; each receipt and each file of rows is read once.

    Args:
        store: where the data set lives.
        more: returns further faults of a shard that is whole, from what was read of it.

    Raises:
        DatasetError: there is no data set.
    """
    identity, whole, lies = Identity.of(store), True, list[str]()

    def compare(name: str, data: bytes) -> None:
        lies.extend(_manifest_faults(store, name, data))

    draft = _Draft(identity=identity, write=compare)
    for shard in identity.shards:
        found = shard_check.checked(store, shard, identity.sha256)
        yield from found.faults
        if found.receipt is None:
            whole = False
            continue
        yield from more(found)
        draft.add(found.receipt)
    if whole:
        compare(FILE, draft.finish())
        yield from lies


def _manifest_faults(store: Store, name: str, data: bytes) -> Iterator[str]:
    """Yield a fault where a manifest, or a part of one, differs from what the receipts give."""
    try:
        if store.read(name) != data:
            yield remedies.derive(store.place(name), "does not say what the shards hold", store.url)
    except Absent:
        yield remedies.derive(store.place(name), "missing", store.url)


def _indexed(store: Store, shard: Shard, receipt: Receipt) -> bool:
    """Return whether a shard's rows, and the loaders' indexes that follow from them, are as they were written."""
    try:
        found = list(row_index.rows(store, receipt))
        return all(store.read(name) == data for name, data in per_shard.files(shard.name, found).items())
    except DatasetError:
        return False


def _index_again(store: Store, shard: Shard) -> None:
    with shards.opened(store, shard.name) as file:
        per_shard.put(store, shard.name, list(row_index.of_tar(file, store.place(shard.name))))
