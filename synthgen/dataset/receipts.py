"""Receipts: the size, hashes and counts of a whole shard, written once the shard is in place.

A shard exists when its receipt does and its bytes have the receipt's hash; anything else is made again. A cut at a
member's boundary leaves a tar that readers accept without an error, so no tar is trusted for being readable.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from synthgen import atomic_files
from synthgen.dataset import code_counts, remedies, row_index
from synthgen.dataset.shard_layout import Shard
from synthgen.dataset.stores import Absent, Store, concurrent

FOLDER = ".receipts"
SIDE_FILES = (".tar.idx", ".idx")
"""Endings of the index files that a worker writes beside a shard for loaders with their own index (energon, DALI)."""


class _Named:
    """Anything that carries the name of a shard."""

    name: str

    @property
    def split(self) -> str:
        """Return the split that the shard belongs to."""
        return self.name.partition("/")[0]


@dataclass(frozen=True, kw_only=True)
class Receipt(_Named):
    """Size, hashes and counts of a whole shard."""

    name: str
    bytes: int
    sha256: str
    content_sha256: str
    """Hash of the decoded values; the same for every PNG encoder."""
    index_sha256: str = ""
    """Hash of the shard's rows (`row_index.text`)."""
    shots: int = 0
    samples: int
    first_key: str = ""
    last_key: str = ""
    failed: Mapping[int, Mapping[str, int]] = field(default_factory=dict)
    """Shots that no draw could build: {index: {cause: times}}."""
    identity: str = ""
    """Hash of the data set's identity."""
    codes: code_counts.Tally = field(default_factory=code_counts.Tally)
    """Counts of the codes in it, so that a resumed run can add up the shards that it kept."""
    worst_ratio: float = 0.0
    """Largest level over eye-safety limit of its samples' hazard maps; 0 where they were not made."""
    worst_key: str = ""
    """The sample that has it."""


@dataclass(frozen=True, kw_only=True)
class Entry(_Named):
    """What the manifest says of a shard."""

    name: str
    bytes: int
    sha256: str
    content_sha256: str
    index_sha256: str
    shots: int
    samples: int
    first_key: str
    last_key: str
    failed: Mapping[str, Mapping[str, int]]
    eye_safety: Mapping[str, Any]

    @staticmethod
    def of(receipt: Receipt) -> Entry:
        """Return the entry that follows from a receipt."""
        return Entry(
            **{name: getattr(receipt, name) for name in _COPIED},
            failed={str(number): dict(causes) for number, causes in sorted(receipt.failed.items())},
            eye_safety={"worst_ratio": receipt.worst_ratio, "worst_key": receipt.worst_key},
        )


_COPIED = ("name", "bytes", "sha256", "content_sha256", "index_sha256", "shots", "samples", "first_key", "last_key")


def put(store: Store, receipt: Receipt) -> None:
    """Write the receipt of a shard that is in place already; one that says the same may be there.

    Raises:
        OutputError: no space, no permission.
    """
    name, data = name_of(receipt.name), atomic_files.document(asdict(receipt))
    if not store.create(name, data) and store.read(name) != data:
        store.write(name, data)  # another encoder's: ours is the shard that was put last, or `trusted` will tell


def read(store: Store, shard: Shard, identity: str) -> Receipt | None:
    """Return the receipt of a shard; None when there is none that belongs to this data set.

    Raises:
        DatasetError: the store does not answer.
    """
    return parsed(stored(store, shard), shard, identity)


def stored(store: Store, shard: Shard) -> bytes | None:
    """Return the bytes of a shard's receipt; None when there is none.

    Raises:
        DatasetError: the store does not answer.
    """
    try:
        return store.read(name_of(shard.name))
    except Absent:
        return None


def parsed(data: bytes | None, shard: Shard, identity: str) -> Receipt | None:
    """Return the receipt in some bytes; None when they are damaged or belong to another data set."""
    if data is None:
        return None
    try:
        found = json.loads(data)
        failed = {int(number): dict(causes) for number, causes in found.pop("failed").items()}
        codes = code_counts.Tally(**found.pop("codes"))
        receipt = Receipt(**found, failed=failed, codes=codes)
    except (ValueError, TypeError, KeyError, AttributeError):  # damaged: the shard is made again
        return None
    known = (receipt.name, receipt.shots, receipt.identity) == (shard.name, shard.shots, identity)
    return receipt if known else None


def trusted(store: Store, shard: Shard, identity: str) -> Receipt | None:
    """Return the receipt of a shard whose bytes have its hash; None when the shard must be made again.

    Raises:
        DatasetError: the shard is there but may not be read.
    """
    receipt = read(store, shard, identity)
    return receipt if receipt is not None and holds(store, receipt) else None


def holds(store: Store, receipt: Receipt) -> bool:
    """Return whether the shard's bytes are those that its receipt names.

    Raises:
        DatasetError: the shard is there but may not be read.
    """
    try:
        return store.size(receipt.name) == receipt.bytes and store.sha256(receipt.name) == receipt.sha256
    except Absent:
        return False


def each_trusted(store: Store, shards: Iterable[Shard], identity: str) -> Iterator[tuple[Shard, Receipt | None]]:
    """Yield each shard with what `trusted` says of it, in order."""
    return concurrent.answers(store, shards, lambda shard: trusted(store, shard, identity))


def each(store: Store, shards: Iterable[Shard], identity: str) -> Iterator[Receipt]:
    """Yield the receipts of shards that are known to be whole, in order.

    Raises:
        DatasetError: one is missing after all.
    """
    for shard, receipt in concurrent.answers(store, shards, lambda shard: read(store, shard, identity)):
        if receipt is None:
            raise Absent(remedies.remake(store.place(name_of(shard.name)), "missing or damaged"))
        yield receipt


def discard(store: Store, shard: Shard) -> None:
    """Remove a shard that is not trusted, its receipt first, so that no receipt is ever left without its shard.

    Raises:
        OutputError: no permission.
    """
    side = (shard.name.removesuffix(".tar") + ending for ending in SIDE_FILES)
    for name in (name_of(shard.name), shard.name, row_index.name_of(shard.name), *side):
        store.delete(name)


def name_of(shard_name: str) -> str:
    """Return the name of a shard's receipt."""
    return f"{FOLDER}/{shard_name.rpartition('/')[2].removesuffix('.tar')}.json"
