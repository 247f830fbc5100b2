"""Fingerprints of many things in little memory, to find which occur in several places.

17 bytes each. When there are too many, only those whose print falls below a bound are kept: equal things have equal
prints, so that what repeats is still found, in a known share of all.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import numpy as np

MOST = 8_000_000
"""Prints that are kept; beyond, the share that is looked at is halved."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Repeats:
    """What occurs more than once."""

    things: int
    """How many there are."""
    repeated: int
    """Of these, how many are like another one."""
    shared: int
    """Different things that occur in more than one split."""
    shared_by: np.ndarray
    """Of each split: how many of its things also occur in another split."""
    of_split: np.ndarray
    """Of each split: how many things it has."""
    pairs_within: int
    """Pairs of equal things inside one split."""
    examples: tuple[tuple[int, ...], ...]
    """Places of some things that occur in several splits, one of each split."""
    share: float
    """Of all things that was looked at; counts are of these."""


@dataclass
class Prints:
    """Collects prints with the split and the place that each was found in."""

    splits: int
    most: int = MOST
    _parts: list[np.ndarray] = field(default_factory=list)
    _new: list[tuple[int, int, int]] = field(default_factory=list)
    _halved: int = 0

    def add(self, text: str, split: int, place: int) -> None:
        """Note a thing by the text that tells it from others."""
        found = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")
        if not found >> (64 - self._halved):
            self._new.append((found, split, place))
            if len(self._new) >= 65536:
                self._pack()

    def repeats(self, examples: int = 12) -> Repeats:
        """Return what occurs more than once."""
        self._pack()
        kept = np.concatenate(self._parts) if self._parts else _table([])
        kept = kept[np.lexsort((kept["place"], kept["split"], kept["print"]))]
        _, first, inverse, counts = np.unique(kept["print"], return_index=True, return_inverse=True, return_counts=True)
        per = np.zeros((len(first), self.splits), np.int64)
        np.add.at(per, (inverse, kept["split"]), 1)
        in_several = (per > 0).sum(axis=1) > 1
        shared = in_several[inverse] if len(first) else np.zeros(0, bool)
        return Repeats(
            things=len(kept),
            repeated=int(counts[counts > 1].sum()),
            shared=int(in_several.sum()),
            shared_by=np.bincount(kept["split"][shared], minlength=self.splits),
            of_split=np.bincount(kept["split"], minlength=self.splits),
            pairs_within=int((per * (per - 1) // 2).sum()),
            examples=tuple(
                _places(kept[start : start + count])
                for start, count in zip(first[in_several][:examples], counts[in_several], strict=False)
            ),
            share=0.5**self._halved,
        )

    def _pack(self) -> None:
        if self._new:
            self._parts.append(_table(self._new))
            self._new = []
        while sum(map(len, self._parts)) > self.most:
            self._halved += 1
            bound = np.uint64(1 << (64 - self._halved))
            self._parts = [part[part["print"] < bound] for part in self._parts]


def _table(rows: list[tuple[int, int, int]]) -> np.ndarray:
    return np.array(rows, dtype=[("print", "u8"), ("split", "u1"), ("place", "i8")])


def _places(found: np.ndarray) -> tuple[int, ...]:
    """Return the first place in each split."""
    _, first = np.unique(found["split"], return_index=True)
    return tuple(int(place) for place in found["place"][first])
