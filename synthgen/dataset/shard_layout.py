"""How a data set's shots are laid out: splits in whole shards, shards in one order, computed and never stored."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import overload

from synthgen.errors import InputError


@dataclass(frozen=True, kw_only=True)
class Shard:
    """The unit of work: consecutive shots of one split."""

    number: int
    """Place among all shards of the data set, over all splits."""
    split: str
    place: int
    """Place among the shards of its split."""
    first: int
    """First shot index."""
    shots: int

    @property
    def name(self) -> str:
        """Return the file's path below the data set's folder."""
        return f"{self.split}/{self.split}-{self.place:06d}.tar"

    @property
    def stem(self) -> str:
        """Return the name without folder and ending, unique in the data set."""
        return f"{self.split}-{self.place:06d}"

    @property
    def indices(self) -> range:
        """Return the shot indices."""
        return range(self.first, self.first + self.shots)


class Layout(Sequence[Shard]):
    """Every shard of a data set in order, splits by name; only a split's last shard is short.

    >>> [(s.number, s.name, s.first, s.shots) for s in Layout({"train": 10, "val": 4}, 8)]
    [(0, 'train/train-000000.tar', 0, 8), (1, 'train/train-000001.tar', 8, 2), (2, 'val/val-000000.tar', 0, 4)]
    """

    def __init__(self, split_shots: Mapping[str, int], per_shard: int) -> None:
        self._splits = sorted(split_shots.items())
        self._per_shard = per_shard
        self._starts = [0, *accumulate(-(-shots // per_shard) for _, shots in self._splits)]

    def __len__(self) -> int:
        return self._starts[-1]

    @overload
    def __getitem__(self, number: int) -> Shard: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[Shard]: ...
    def __getitem__(self, number: int | slice) -> Shard | Sequence[Shard]:
        if isinstance(number, slice):
            return [self[i] for i in range(*number.indices(len(self)))]
        if not 0 <= number < len(self):
            raise IndexError(number)
        part = bisect_right(self._starts, number) - 1
        split, shots = self._splits[part]
        place = number - self._starts[part]
        first = place * self._per_shard
        return Shard(number=number, split=split, place=place, first=first, shots=min(self._per_shard, shots - first))

    def count(self, split: str) -> int:  # type: ignore[override]
        """Return the number of shards of a split."""
        return sum(
            stop - start
            for (name, _), start, stop in zip(self._splits, self._starts, self._starts[1:], strict=False)
            if name == split
        )


def counts(shots: int, splits: Mapping[str, float], per_shard: int, exact: bool = False) -> dict[str, int]:
    """Return the number of shots of each split, in the order of `splits`.

    Shots are dealt in units: whole shards, or single shots with `exact`. Their number is `shots` rounded up to whole
    units, and no less than one for each split; the largest remainders share them out, and every split keeps at least
    one. With `exact` the total is `shots` and the last shard of a split may be short. Only the arguments decide.

    >>> counts(32, {"train": 0.75, "val": 0.25}, 8)
    {'train': 24, 'val': 8}
    >>> counts(100, {"train": 0.75, "val": 0.25}, 8)
    {'train': 80, 'val': 24}
    >>> counts(4, {"train": 0.8, "val": 0.2}, 8)
    {'train': 8, 'val': 8}
    >>> counts(4, {"train": 0.8, "val": 0.2}, 8, exact=True)
    {'train': 3, 'val': 1}

    Raises:
        InputError: `exact` asks for fewer shots than there are splits.
    """
    unit = 1 if exact else per_shard
    units = -(-shots // unit)
    if 0 < units < len(splits):
        if exact:
            named = ", ".join(splits)
            raise InputError(
                f"-n {shots}: found {len(splits)} splits ({named}); write -n {len(splits)} or more, or leave out "
                "--exact, which gives every split a whole shard"
            )
        units = len(splits)
    return {split: dealt * unit for split, dealt in _apportioned(units, splits).items()}


def _apportioned(units: int, splits: Mapping[str, float]) -> dict[str, int]:
    """Return `units` shared out in proportion, by largest remainder; ties go to the split named first."""
    total = sum(splits.values())
    quotas = {split: units * share / total for split, share in splits.items()}
    floor = min(units, 1)
    given = {split: max(floor, int(quota + 1e-9)) for split, quota in quotas.items()}
    while sum(given.values()) < units:
        given[max(quotas, key=lambda split: quotas[split] - given[split])] += 1
    while sum(given.values()) > units:  # the floor of one gave too many
        given[min((s for s in quotas if given[s] > floor), key=lambda split: quotas[split] - given[split])] -= 1
    return given
