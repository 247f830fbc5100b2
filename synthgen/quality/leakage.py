"""What splits share that they should not: payloads, outside files, looks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from synthgen.quality.fingerprints import Repeats
from synthgen.world.shot import Shot


@dataclass(frozen=True)
class Assets:
    """What the shots of several splits are made of, among those that were read."""

    files: Mapping[str, tuple[str, ...]]
    """Of each outside file on an item: the splits it occurs in."""
    scenes: Mapping[str, tuple[str, ...]]
    """The same of backdrops."""
    looks: int
    """Different seeds of prints, tape and scuffs."""
    shared_looks: int
    """Of these, how many occur in more than one split."""

    @property
    def shared(self) -> tuple[str, ...]:
        """Return the files on items that occur in more than one split."""
        return tuple(name for name, splits in self.files.items() if len(splits) > 1)


def assets(shots: Iterable[Shot]) -> Assets:
    """Return what some shots are made of."""
    files: dict[str, set[str]] = {}
    scenes: dict[str, set[str]] = {}
    looks: dict[int, set[str]] = {}
    for shot in shots:
        for name in (item.usd for item in shot.items.values() if item.usd):
            files.setdefault(name, set()).add(shot.split)
        if shot.world.usd:
            scenes.setdefault(shot.world.usd, set()).add(shot.split)
        for seed in _looks(shot):
            looks.setdefault(seed, set()).add(shot.split)
    return Assets(_listed(files), _listed(scenes), len(looks), sum(len(splits) > 1 for splits in looks.values()))


def expected_by_chance(found: Repeats) -> float | None:
    """Return how many pairs of equal things different splits would have if things were drawn at random.

    The chance that two things are equal is taken from the pairs within splits; None where there is none of these.
    """
    counts = found.of_split.astype(float)
    within = float((counts * (counts - 1) / 2).sum())
    if not within or not found.pairs_within:
        return None
    between = (counts.sum() ** 2 - (counts**2).sum()) / 2
    return found.pairs_within / within * between


def chance_is_below(found: Repeats) -> float:
    """Return the chance that two things are equal which no repeat in so many pairs excludes with 95 % confidence."""
    counts = found.of_split.astype(float)
    within = float((counts * (counts - 1) / 2).sum())
    return min(1.0, 3.0 / within) if within else 1.0


def leaked_share(found: Repeats) -> float:
    """Return the largest share of a split's things that other splits have too, the largest split left out."""
    return max(_shares(found), default=0.0)


def _shares(found: Repeats) -> Sequence[float]:
    order = np.argsort(-found.of_split, kind="stable")
    return [float(found.shared_by[n] / found.of_split[n]) for n in order[1:] if found.of_split[n]]


def _looks(shot: Shot) -> Iterator[int]:
    for item in shot.items.values():
        yield item.look_seed
        yield from (label.art_seed for label in item.labels)


def _listed(found: Mapping[str, set[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(sorted(splits)) for name, splits in sorted(found.items())}
