"""A finished data set, for reading: its shards, its rows, its samples; wherever it lives.

found = dataset.open_dataset("s3://bucket/tunnel")
for row in found.rows("val"):
    row.key, row.record["annotations"]           # no tar is touched
for key, members in found.samples("val"):
    members["png"]                               # bytes that have the hash that was written down
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, BinaryIO

from synthgen.dataset import identity_file, manifest, remedies, row_index, stores
from synthgen.dataset import shard as shards
from synthgen.dataset.identity import Identity
from synthgen.dataset.receipts import Entry
from synthgen.dataset.row_index import Row
from synthgen.dataset.stores import Absent, Store
from synthgen.errors import DatasetError, UsageError
from synthgen.recipe import Recipe, from_text

Members = dict[str, bytes]
"""{field: bytes} of a sample."""


@dataclass(frozen=True)
class Dataset:
    """A finished data set: its manifest, and access to the shards that the manifest lists."""

    store: Store
    identity: Identity
    manifest: Mapping[str, Any]

    @cached_property
    def splits(self) -> dict[str, int]:
        """Return the number of samples of each split."""
        return {split: counts["samples"] for split, counts in self.manifest["split_counts"].items()}

    def entries(self, split: str = "") -> Iterator[Entry]:
        """Yield what the manifest says of each shard, of one split or all.

        Raises:
            UsageError: there is no such split.
            DatasetError: a part of the manifest is missing or damaged.
        """
        self.require(split)
        listed = manifest.entries(self.store, self.manifest)
        return (entry for entry in listed if split in ("", entry.split))

    def rows(self, split: str = "") -> Iterator[Row]:
        """Yield every sample's row, of one split or all, in order.

        Raises:
            UsageError: there is no such split.
            DatasetError: a file of rows is missing or damaged.
        """
        for entry in self.entries(split):
            yield from row_index.rows(self.store, entry)

    def samples(self, split: str = "") -> Iterator[tuple[str, Members]]:
        """Yield (key, {field: bytes}) of every sample, of one split or all, in order.

        Raises:
            UsageError: there is no such split.
            DatasetError: something is missing or damaged.
        """
        for entry in self.entries(split):
            yield from ((row.key, members) for row, members in self.shard(entry))

    def shard(self, entry: Entry) -> Iterator[tuple[Row, Members]]:
        """Yield the samples of a shard with their rows, in order.

        Raises:
            DatasetError: something is missing or damaged.
        """
        place = self.store.place(entry.name)
        with shards.opened(self.store, entry.name) as file:
            at = 0
            for row in row_index.rows(self.store, entry):
                _read(file, row.offset - at)
                yield row, row.cut(_read(file, row.bytes), place)
                at = row.offset + row.bytes

    def sample(self, key: str) -> tuple[Row, Members]:
        """Return a sample by its key.

        Raises:
            DatasetError: there is none of that key, or it is damaged.
        """
        entry, row = self.find(key)
        return row, shards.members(self.store, entry.name, row)

    def find(self, key: str) -> tuple[Entry, Row]:
        """Return where a sample is.

        Raises:
            DatasetError: there is none of that key; the message names keys that there are.
        """
        near: list[str] = []
        for entry in self.entries():
            near = [*near, entry.first_key][:3]
            if not entry.first_key <= key <= entry.last_key:
                continue
            for row in row_index.rows(self.store, entry):
                if row.key == key:
                    return entry, row
        raise DatasetError(f"{self.store.place()}: no sample {key!r}; there are {', '.join(near)}, ...")

    def recipe(self, folder: str = "", overrides: Sequence[str] = ()) -> Recipe:
        """Return the recipe that the data set follows from, with `path=value` overrides.

        Args:
            folder: where its relative file names start; default the folder that `run.json` names.
            overrides: as of `--set`.

        Raises:
            RecipeError: it does not suit this version of synthgen.
            DatasetError: it is missing.
        """
        text = identity_file.recipe(self.store)
        return from_text(text, overrides, file=identity_file.RECIPE, folder=folder or self.recipe_folder)

    @cached_property
    def recipe_folder(self) -> str:
        """Return the folder that the recipe lay in when the data set was made, "." where that is unknown."""
        try:
            return str(json.loads(self.store.read("run.json"))["recipe_folder"])
        except (Absent, ValueError, KeyError, TypeError):
            return "."

    def require(self, split: str) -> None:
        """Raise if the data set has no such split; "" stands for all splits.

        Raises:
            UsageError: it has none of that name.
        """
        if split and split not in self.identity.splits:
            raise UsageError(f"split {split}: this data set has {', '.join(self.identity.splits)}")


def open_dataset(url: str) -> Dataset:
    """Return the finished data set at a path or URL.

    Raises:
        DatasetError: there is none, or it is not finished.
    """
    store = stores.at(url)
    identity = Identity.of(store)
    try:
        listed = json.loads(store.read(manifest.FILE))
    except Absent as error:
        raise DatasetError(
            f"{store.place()}: not finished, it has no {manifest.FILE}; run `synthgen generate` again, or "
            f"`synthgen finalize {url}` after an array job"
        ) from error
    except ValueError as error:
        raise DatasetError(remedies.derive(store.place(manifest.FILE), "damaged", url)) from error
    return Dataset(store, identity, listed)


def _read(file: BinaryIO, size: int) -> bytes:
    """Return `size` bytes, fewer only at the end of the file."""
    parts = []
    while size > 0 and (part := file.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
