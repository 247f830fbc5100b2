"""Randomness by name: a draw depends on (seed, split, shot index, dotted path, attempt) and on nothing else.

Each path has a Philox key of its own, and the shot index is the counter, so a field that becomes random, a randomizer
that is added, another order of the list or another worker leaves every other draw as it was.

References:
    Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3. SC 2011 (Philox 4x64-10).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator, Philox

_WORDS = 4  # a Philox 4x64 block: what one counter value yields


@dataclass(frozen=True)
class Stream:
    """A named place in the tree of draws of one shot.

    `stream.at("lights", "key", "power_w")` names a place below; the same place always gives the same numbers.
    """

    seed: int
    split: str
    index: int
    path: str = ""
    attempt: int = 0

    def at(self, *names: str | int) -> Stream:
        """Return the stream of the dotted path below this one."""
        path = ".".join([*filter(None, [self.path]), *map(str, names)])
        return Stream(self.seed, self.split, self.index, path, self.attempt)

    def uniform(self) -> float:
        """Return this place's own number in [0, 1); asking again gives it again."""
        key = _key(self.seed, self.split, self.path, self.attempt)
        return (Philox(key=key, counter=self.index).random_raw() >> 11) * 2.0**-53

    def generator(self) -> Generator:
        """Return a fresh generator for draws without a name of their own (the k-th grain of a texture)."""
        key = _key(self.seed, self.split, self.path, self.attempt, str(self.index))
        return Generator(Philox(key=key))

    def integer(self) -> int:
        """Return this place's own 31-bit number, a seed for whoever needs one (sensor noise, a texture)."""
        return int(self.uniform() * (1 << 31))


def uniforms(stream: Stream, indices: np.ndarray) -> np.ndarray:
    """Return the numbers in [0, 1) of one place for many shot indices, shape (n,): what `uniform` gives for each."""
    indices = np.asarray(indices, np.int64)
    if indices.size == 0:
        return np.zeros(0)
    key = _key(stream.seed, stream.split, stream.path, stream.attempt)
    first, last = int(indices.min()), int(indices.max())
    words = Philox(key=key, counter=first).random_raw((last - first + 1) * _WORDS)
    return (words[::_WORDS][indices - first] >> np.uint64(11)) * 2.0**-53


def _key(seed: int, split: str, path: str, attempt: int, *more: str) -> np.ndarray:
    """Return the 128-bit Philox key of a place, shape (2,) uint64."""
    text = "\x1f".join([str(seed), split, path, str(attempt), *more])
    return np.frombuffer(hashlib.blake2b(text.encode(), digest_size=16).digest(), "<u8")
