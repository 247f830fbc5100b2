"""Make some samples of a data set again, and compare."""

from __future__ import annotations

import json
import platform
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np

from synthgen.dataset import row_index
from synthgen.dataset import shard as shards
from synthgen.dataset.identity import code_version
from synthgen.dataset.reader import Dataset
from synthgen.dataset.receipts import Entry
from synthgen.dataset.row_index import Row
from synthgen.dataset.sample import Sample
from synthgen.errors import DatasetError
from synthgen.generation.engines.shard_worker import SampleRenderer
from synthgen.planning.plan import Failed
from synthgen.verify.difference import Difference, difference

_DECIDING = ("numpy", "warp-lang", "usd-core", "zxing-cpp", "embreex", "pillow")


@dataclass(frozen=True)
class Circumstances:
    """The versions and machines that a byte may depend on besides the recipe and the seed, then and now."""

    then: Mapping[str, str]
    now: Mapping[str, str]

    @property
    def changes(self) -> tuple[str, ...]:
        """Return what has changed since, in words."""
        return tuple(f"{name} was {self.then[name]}, is {self.now[name]}" for name in self.then if self._differs(name))

    def _differs(self, name: str) -> bool:
        return name in self.now and self.then[name] != self.now[name]


def circumstances(dataset: Dataset) -> Circumstances:
    """Return those of the data set's run and of this process."""
    from synthgen.generation import run_record

    try:
        run: dict[str, Any] = json.loads(dataset.store.read("run.json"))
    except (DatasetError, ValueError):
        run = {}
    now = run_record.packages()
    packages = run.get("packages", {}) if isinstance(run.get("packages"), dict) else {}
    then = {name: str(packages[name]) for name in _DECIDING if name in packages}
    here = {name: now[name] for name in _DECIDING}
    if "platform" in run:
        then["platform"], here["platform"] = str(run["platform"]), platform.platform()
    then["code version"], here["code version"] = dataset.identity.code_version, code_version()
    return Circumstances(then, here)


def chosen(dataset: Dataset, k: int, seed: int) -> Iterator[tuple[Entry, Row]]:
    """Yield k samples at random, in order; the same for the same seed.

    Raises:
        DatasetError: part of the manifest, or a file of rows, is missing or damaged.
    """
    counts = [entry.samples for entry in dataset.entries()]
    starts = [0, *accumulate(counts)]
    rng = np.random.Generator(np.random.Philox(key=seed))
    places = sorted(rng.permutation(starts[-1])[:k].tolist())
    wanted: dict[int, list[int]] = {}
    for place in places:
        number = bisect_right(starts, place) - 1
        wanted.setdefault(number, []).append(place - starts[number])
    for number, entry in enumerate(dataset.entries()):
        if number in wanted:
            rows = list(row_index.rows(dataset.store, entry))
            yield from ((entry, rows[n]) for n in wanted[number])


def compared(dataset: Dataset, renderer: SampleRenderer, k: int, seed: int) -> Iterator[Difference]:
    """Yield the differences of k random samples: the stored one beside the one that `renderer` makes now.

    Raises:
        DatasetError: a sample is damaged.
    """
    last: tuple[str, int] = ("", -1)
    made: dict[str, Sample] = {}
    for entry, row in chosen(dataset, k, seed):
        members = shards.members(dataset.store, entry.name, row)
        shot = entry.split, row.shot_index
        if shot != last:
            last, made = shot, samples_of(renderer, *shot)
        yield difference(row.key, members, made.get(row.key))


def samples_of(renderer: SampleRenderer, split: str, index: int) -> dict[str, Sample]:
    """Return a shot's samples by key; none where it cannot be built any more."""
    try:
        return {sample.key: sample for sample in renderer.samples(split, index)}
    except Failed:
        return {}
