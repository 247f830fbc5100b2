"""The shards of a split, and how many samples are to be read from each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from synthgen.dataset import reader, row_index
from synthgen.dataset.row_index import Row
from synthgen.dataset.stores import Store
from synthgen.errors import DatasetError, InputError
from synthgen.loader.sample_filter import Choice, chosen


@dataclass(frozen=True)
class Known:
    """The name of a shard and the hash of its rows, as `row_index.lines` takes them."""

    name: str
    index_sha256: str


@dataclass(frozen=True, eq=False, kw_only=True)
class Catalog:
    """The shards of a split; some dozen bytes a shard, nothing a sample (a filter adds 12 bytes for each it keeps)."""

    url: str
    dataset: str
    """Hash of the data set's identity."""
    split: str
    names: tuple[str, ...]
    hashes: np.ndarray
    """Hash of each shard's rows, S64."""
    samples: np.ndarray
    """Samples of each shard, int64."""
    choice: Choice | None = None
    first: int = 0
    """Only the first so many samples are wanted; 0 for all."""

    @cached_property
    def counts(self) -> np.ndarray:
        """Return the samples wanted of each shard, int64."""
        counts = self.samples if self.choice is None else self.choice.counts
        if not self.first:
            return counts
        return np.minimum(counts, np.maximum(self.first - np.cumsum(counts) + counts, 0))

    def shard(self, number: int) -> Known:
        """Return a shard of the split."""
        return Known(self.names[number], self.hashes[number].decode())

    def rows(self, store: Store, number: int) -> list[bytes | Row]:
        """Return the rows of the samples to be read from a shard; still as text where no filter had to parse them.

        Raises:
            DatasetError: they are damaged, or not those that the manifest or the table of codes counted.
        """
        lines: list[bytes | Row] = list(row_index.lines(store, self.shard(number)))
        if self.choice is not None:
            keys = self.choice.keys(number)
            lines = [row for row in map(parsed, lines) if row.key in keys]
        if self.first:
            lines = lines[: self.counts[number]]
        if len(lines) != self.counts[number]:
            place, wanted = store.place(row_index.name_of(self.names[number])), self.counts[number]
            raise DatasetError(f"{place}: {len(lines)} samples, expected {wanted}; run `synthgen finalize {self.url}`")
        return lines


def parsed(row: bytes | Row) -> Row:
    """Return a row that may still be text."""
    return row_index.row(row) if isinstance(row, bytes) else row


def catalog(url: str, split: str, filter: str = "", first: int = 0) -> Catalog:
    """Return the shards and samples to read from a split of a finished data set.

    Raises:
        DatasetError: there is none, or it is damaged.
        InputError: the filter is wrong, or nothing is left to read.
        UsageError: there is no such split.
    """
    found = reader.open_dataset(url)
    found.require(split)
    entries = [(entry.name, entry.index_sha256, entry.samples) for entry in found.entries(split)]
    names, hashes, samples = zip(*entries, strict=True) if entries else ((), (), ())
    choice = chosen(found, split, filter) if filter.strip() else None
    kept = sum(samples) if choice is None else int(choice.counts.sum())
    if not kept:
        reason = f"filter {filter!r} keeps none; loosen it" if sum(samples) else "it is empty; generate more shots"
        raise InputError(f"{found.store.place()}: no sample to read in split {split}: {reason}")
    return Catalog(
        url=url,
        dataset=found.identity.sha256,
        split=split,
        names=names,
        hashes=np.array(hashes, "S64"),
        samples=np.array(samples, np.int64),
        choice=choice,
        first=first,
    )


def lacking(members: Mapping[str, Any], key: str, field: str) -> DatasetError:
    """Return the error of a sample that has no such field."""
    have = ", ".join(sorted(name.removesuffix(".npy") for name in members))
    return DatasetError(f"{key}: has no {field}, only {have}; add it to the recipe's outputs and generate again")
