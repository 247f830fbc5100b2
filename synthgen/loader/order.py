"""The order of an epoch: which sample comes when, on which rank, as a pure function of seed, epoch and layout.

The shards of a split are permuted and their samples laid end to end; the ranks cut this line into equal contiguous
pieces, so any number of shards serves any number of ranks, and no rank waits for another. A rank walks its piece by
windows of some shards and shuffles inside each: reading stays near and the workers of a rank share batches, not shards.
How many workers there are changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from synthgen.errors import InputError
from synthgen.random_streams import Stream, uniforms

EVEN = ("repeat", "drop", "keep")
"""How samples that do not divide by the ranks are dealt, see `Order.even`."""
Place = tuple[int, int]
"""(shard among those of the split, sample among those wanted of the shard)."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Order:
    """What one rank gets of every epoch.

    Raises:
        InputError: a number makes no sense.
    """

    counts: np.ndarray
    """Samples wanted of each shard, int64."""
    seed: int
    split: str
    shuffle: bool = True
    window: int = 16
    """Shards whose samples are mixed."""
    rank: int = 0
    world_size: int = 1
    even: str = "repeat"
    """With n samples, w ranks: `repeat` gives each ceil(n / w), at most w - 1 of them twice in an epoch; `drop` gives
    each floor(n / w) and leaves out at most w - 1, others in each epoch; `keep` gives each sample once, so that ranks
    may differ by one."""

    def __post_init__(self) -> None:
        if not 0 <= self.rank < self.world_size:
            raise InputError(f"rank {self.rank} of {self.world_size}: give 0 <= rank < world_size")
        if self.window < 1:
            raise InputError(f"window {self.window}: mix the samples of 1 shard or more")
        if self.even not in EVEN:
            raise InputError(f"even {self.even!r}: choose one of {', '.join(EVEN)}")

    @property
    def total(self) -> int:
        """Return the samples of the split."""
        return int(self.counts.sum())

    @property
    def length(self) -> int:
        """Return the samples of this rank in an epoch."""
        return sum(stop - start for start, stop in self._pieces)

    def places(self, epoch: int, first: int = 0) -> Iterator[np.ndarray]:
        """Yield this rank's places from its `first` sample on, some at a time, each shape (n, 2): shard, sample."""
        shards = self._filled[self._permutation(len(self._filled), epoch, "shards")]
        starts = np.concatenate([[0], np.cumsum(self.counts[shards])])
        passed = 0
        for start, stop in self._pieces:
            for number, low, high in self._windows(starts, start, stop):
                size = high - low
                if passed + size > first:
                    line = low + self._permutation(size, epoch, f"window.{number}")
                    line = line[max(0, first - passed) :]
                    slots = np.searchsorted(starts, line, "right") - 1
                    yield np.stack([shards[slots], line - starts[slots]], axis=1)
                passed += size

    def batches(self, epoch: int, size: int, first: int = 0, drop_last: bool = False) -> Iterator[list[Place]]:
        """Yield this rank's batches from number `first` on."""
        held: list[Place] = []
        for places in self.places(epoch, first * size):
            held += map(tuple, places.tolist())
            whole = len(held) - len(held) % size
            yield from (held[at : at + size] for at in range(0, whole, size))
            held = held[whole:]
        if held and not drop_last:
            yield held

    def batch_count(self, size: int, drop_last: bool = False) -> int:
        """Return the number of batches of an epoch."""
        return self.length // size if drop_last else -(-self.length // size)

    @cached_property
    def _filled(self) -> np.ndarray:
        """Shards of which something is wanted."""
        return np.flatnonzero(self.counts)

    @cached_property
    def _pieces(self) -> list[tuple[int, int]]:
        """Return the parts of the line of all samples that are this rank's."""
        total, rank, ranks = self.total, self.rank, self.world_size
        if self.even == "keep":
            return [(rank * total // ranks, (rank + 1) * total // ranks)]
        share = total // ranks if self.even == "drop" else -(-total // ranks)
        pieces, at, left = [], rank * share, share
        while left:  # beyond the end the line starts again
            start = at % total
            taken = min(left, total - start)
            pieces.append((start, start + taken))
            at, left = at + taken, left - taken
        return pieces

    def _windows(self, starts: np.ndarray, start: int, stop: int) -> Iterator[tuple[int, int, int]]:
        """Yield (window, from, to) of the parts into which the windows cut a piece of the line."""
        while start < stop:
            number = int(np.searchsorted(starts, start, "right") - 1) // self.window
            end = int(starts[min((number + 1) * self.window, len(starts) - 1)])
            yield number, start, min(end, stop)
            start = end

    def _permutation(self, size: int, epoch: int, name: str) -> np.ndarray:
        if not self.shuffle:
            return np.arange(size)
        keys = uniforms(Stream(self.seed, self.split, 0).at("loader", epoch, name), np.arange(size))
        return np.argsort(keys, kind="stable")
