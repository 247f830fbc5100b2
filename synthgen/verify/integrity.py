"""Find any damaged byte of a data set: shards, receipts, indexes, manifest, identity, recipe, sidecars.

The shards' own hashes are in their receipts. What cannot be hashed by something else is derived again and compared:
receipts from rows, the manifest from receipts, sidecars from rows. `run.json` alone says nothing that anything
follows from, and is not checked.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict
from functools import partial
from typing import Any, BinaryIO

from synthgen import atomic_files
from synthgen.dataset import code_counts, identity_file, manifest, receipts, remedies, row_index, sidecars
from synthgen.dataset.identity import Identity, code_version
from synthgen.dataset.receipts import Entry, Receipt
from synthgen.dataset.row_index import Row
from synthgen.dataset.shard_check import Checked
from synthgen.dataset.sidecars import Gathered
from synthgen.dataset.stores import Absent, Store
from synthgen.errors import DatasetError, InputError
from synthgen.generation import run_record

Note = Callable[[str], None]
_FEW = 8  # another deflate writes other bytes all along; a damaged byte is one of few
_GZIP_SYSTEMS = (3, 255)


def faults(store: Store, note: Note = lambda text: None) -> Iterator[str]:
    """Yield every fault of the data set in a store, one line each; `note` gets what could not be checked.

    Raises:
        DatasetError: there is no data set, or the store does not answer.
    """
    try:
        identity = Identity.of(store)
    except InputError as damage:
        if store.size(manifest.FILE) is None:
            raise
        yield f"{damage} (the identity is damaged: {manifest.FILE} holds the same fields)"
        return
    found = list(_identity_faults(store, identity))
    yield from found
    if found:
        return  # receipts are tied to the identity: each would be called damaged
    shadow, compares = _Shadow(store), _comparable(identity, note)
    whole = True
    with sidecars.gathering(shadow) if compares else nullcontext() as gathered:  # type: ignore[arg-type]
        for fault in manifest.check(store, partial(_shard_faults, store, gathered)):
            whole = False
            yield fault
    yield from _foreign(store, identity, note)
    if whole and gathered:
        yield from _sidecar_faults(store, identity, shadow, gathered, note)


def _identity_faults(store: Store, identity: Identity) -> Iterator[str]:
    """Yield what is wrong with the identity and with the recipe that it names."""
    again = f"run `synthgen generate` of the same recipe and seed into {store.url} again"
    if store.read(identity_file.FILE) != atomic_files.document(asdict(identity)):
        yield f"{store.place(identity_file.FILE)}: damaged, it is not written as it was; {again}"
    try:
        listed = json.loads(store.read(manifest.FILE))
        same = {name: listed.get(name) for name in asdict(identity)} == json.loads(
            atomic_files.document(asdict(identity))
        )
    except (DatasetError, ValueError, AttributeError):
        same = True  # a manifest that is damaged or missing is named by its own check
    if not same and not _receipts_agree(store, identity):
        yield f"{store.place(identity_file.FILE)}: damaged, it is not that of {manifest.FILE} and the shards; {again}"
    try:
        recipe = store.read(identity_file.RECIPE)
    except Absent:
        yield remedies.remake(store.place(identity_file.RECIPE), "missing")
        return
    if hashlib.sha256(recipe).hexdigest() != identity.recipe_sha256:
        yield f"{store.place(identity_file.RECIPE)}: damaged: its hash is not that of the data set's identity; {again}"


def _receipts_agree(store: Store, identity: Identity) -> bool:
    """Return whether any shard's receipt belongs to this identity."""
    return any(receipts.read(store, shard, identity.sha256) for shard in identity.shards)


def _shard_faults(store: Store, gathered: Gathered | None, found: Checked) -> Iterator[str]:
    """Yield where a receipt or a file of rows is not, to the byte, what the shard's rows give; gather the rows."""
    receipt = found.receipt
    assert receipt is not None
    name = receipts.name_of(receipt.name)
    remedy = "remove it and run the same `synthgen generate` again"
    if found.receipt_bytes != atomic_files.document(asdict(receipt)):
        yield f"{store.place(name)}: damaged, it is not written as it was; {remedy}"
        return
    if found.faults:
        return
    if not _agrees(receipt, found.rows):
        yield f"{store.place(name)}: damaged, it does not say what the shard's rows do; {remedy}"
        return
    if gathered is not None:
        gathered.add(Entry.of(receipt), found.rows)
    if _altered(found.packed, row_index.packed(row_index.text(found.rows))):
        place = store.place(row_index.name_of(receipt.name))
        yield f"{place}: damaged where nothing is stored; run `synthgen finalize {store.url}`, or remove it first"


def _agrees(receipt: Receipt, rows: Sequence[Row]) -> bool:
    """Return whether a receipt counts what the rows of its shard hold."""
    counted = code_counts.total(code_counts.of(row.record.get("annotations", ())) for row in rows)
    ratios = [(float(row.record.get("safety", {}).get("max_ratio", 0.0)), row.key) for row in rows]
    worst = max([(0.0, ""), *ratios], key=lambda each: each[0])
    keys = (rows[0].key, rows[-1].key) if rows else ("", "")
    told = (receipt.worst_ratio, receipt.worst_key), (receipt.first_key, receipt.last_key)
    return (receipt.codes, *told, receipt.samples) == (counted, worst, keys, len(rows))


def _altered(packed: bytes, again: bytes) -> bool:
    """Return whether a gzip file with the right contents was changed after it was written."""
    if packed == again:
        return False
    head = packed[4:8] != bytes(4) or packed[8] != again[8] or packed[9] not in _GZIP_SYSTEMS
    few = len(packed) == len(again) and sum(a != b for a, b in zip(packed[10:], again[10:], strict=True)) <= _FEW
    return head or few


def _foreign(store: Store, identity: Identity, note: Note) -> Iterator[str]:
    """Yield files that do not belong to the data set but lie where loaders look for its shards."""
    known = set()
    for shard in identity.shards:
        side = (shard.name.removesuffix(".tar") + ending for ending in receipts.SIDE_FILES)
        known |= {shard.name, *side, row_index.name_of(shard.name), receipts.name_of(shard.name)}
    try:
        for folder in (*identity.splits, row_index.FOLDER, receipts.FOLDER):
            for name in store.names(folder):
                if name not in known:
                    yield f"{store.place(name)}: is no part of this data set, and loaders may read it; remove it"
    except DatasetError as unlisted:
        note(f"files that do not belong here were not looked for: {unlisted}")


def _comparable(identity: Identity, note: Note) -> bool:
    """Return whether this code writes the sidecars as they were written; `note` gets why not."""
    here, then = code_version(), identity.code_version
    if here != then:
        note(f"sidecars were not compared: they were written by synthgen {then}, this is {here}")
    return here == then


def _sidecar_faults(store: Store, identity: Identity, shadow: _Shadow, gathered: Gathered, note: Note) -> Iterator[str]:
    """Yield sidecars that are not what the rows give today."""
    listed = json.loads(store.read(manifest.FILE))
    recipe = identity_file.recipe(store)
    sidecars.finish(shadow, identity, lambda: manifest.entries(store, listed), recipe, gathered, note)  # type: ignore[arg-type]
    differing = [name for name, same in shadow.compared.items() if not same]
    uncertain = {name for name in differing if name.endswith((".parquet", ".md")) or name == "croissant.json"}
    if uncertain and _tables_then(store) != run_record.packages()["pyarrow"]:
        note(
            f"{', '.join(sorted(uncertain))} were not compared: they were written with pyarrow {_tables_then(store)}, "
            f"here is {run_record.packages()['pyarrow']}"
        )
        differing = [name for name in differing if name not in uncertain]
    for name in differing:
        state = "missing" if store.size(name) is None else "not what the shards give"
        yield remedies.derive(store.place(name), state, store.url)


def _tables_then(store: Store) -> str:
    """Return the version of pyarrow that the data set was made with, as far as run.json knows."""
    try:
        return str(json.loads(store.read("run.json"))["packages"]["pyarrow"])
    except (DatasetError, ValueError, KeyError, TypeError):
        return run_record.packages()["pyarrow"]


class _Shadow:
    """A store that compares what is written to it with what is there."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.compared: dict[str, bool] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def write(self, name: str, data: bytes) -> None:
        """Compare an object."""
        self.compared[name] = self._store.size(name) == len(data) and self._store.read(name) == data

    def create(self, name: str, data: bytes) -> bool:
        """Compare an object."""
        self.write(name, data)
        return True

    def delete(self, name: str) -> None:
        """Leave what is there."""

    @contextmanager
    def publish(self, name: str) -> Iterator[BinaryIO]:
        """Open a file that is compared with the object when the block ends."""
        with tempfile.TemporaryFile() as file:
            yield file  # type: ignore[misc]
            file.seek(0)
            same = self._store.size(name) is not None
            if same:
                with self._store.open(name) as stored:
                    one, other = (hashlib.file_digest(each, "sha256").digest() for each in (file, stored))
                same = one == other
            self.compared[name] = same
