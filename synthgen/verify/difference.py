"""The difference between two versions of a sample, in words and numbers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from synthgen.dataset import sample
from synthgen.dataset.sample import Sample

MOST_DN = 2
"""Pixels of two renderers may differ by this many levels [DN] ..."""
MOST_SHARE = 0.01
"""... but for this share of them: where a rounding decides what a ray hits, or a grain of noise tips a level."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What differs between the stored sample and the one made now."""

    key: str
    members: tuple[str, ...] = ()
    """Fields that differ, each with how; empty when the content digests are equal."""
    worst_dn: int = 0
    """Largest difference of a pixel of the image."""
    beyond_share: float = 0.0
    """Share of the pixels that differ by more than MOST_DN."""
    comparable: bool = True
    """False where the images have different sizes, or the sample was not made at all."""

    @property
    def same(self) -> bool:
        """Return whether the samples are the same."""
        return not self.members

    @property
    def tolerable(self) -> bool:
        """Return whether another version or machine may explain it."""
        return self.comparable and self.beyond_share <= MOST_SHARE

    def __str__(self) -> str:
        if self.same:
            return f"{self.key}: the same, content digest equal"
        return f"{self.key}: {'; '.join(self.members)}"


def difference(key: str, stored: Mapping[str, bytes], made: Sample | None) -> Difference:
    """Return what differs; `made` is None where the shot has no such camera now, or cannot be built."""
    if made is None:
        return Difference(key=key, members=("it is not made any more",), comparable=False)
    if sample.digest_of_members(key, stored) == sample.digest(made):
        return Difference(key=key)
    fresh = sample.encode(made)
    told = []
    worst, beyond, comparable = 0, 0.0, True
    for name in sorted(stored.keys() | fresh.keys()):
        if name not in stored or name not in fresh:
            told.append(f"{name} is {'new' if name in fresh else 'gone'}")
            continue
        one, other = sample.decoded(name, stored[name]), sample.decoded(name, fresh[name])
        if name == "png":
            comparable, worst, beyond = _pixels(np.asarray(one), np.asarray(other))
        told += _told(name, one, other)
    return Difference(key=key, members=tuple(told), worst_dn=worst, beyond_share=beyond, comparable=comparable)


def _pixels(one: np.ndarray, other: np.ndarray) -> tuple[bool, int, float]:
    """Return (whether the sizes agree, largest difference, share beyond MOST_DN)."""
    if one.shape != other.shape:
        return False, 0, 1.0
    apart = np.abs(one.astype(int) - other.astype(int))
    return True, int(apart.max(initial=0)), float((apart > MOST_DN).mean())


def _told(name: str, one: Any, other: Any) -> Iterator[str]:
    if isinstance(one, bytes):
        if one != other:
            yield _json_told(name, one, other)
    elif one.shape != other.shape or one.dtype != other.dtype:
        yield f"{name} was {one.dtype} {one.shape}, is {other.dtype} {other.shape}"
    elif not np.array_equal(one, other, equal_nan=one.dtype.kind == "f"):
        yield _array_told(name, one, other)


def _array_told(name: str, one: np.ndarray, other: np.ndarray) -> str:
    differing = ~((one == other) | ((one != one) & (other != other)))
    share = f"{name}: {100 * differing.mean():.3g} % of the values differ"
    with np.errstate(invalid="ignore"):
        apart = np.abs(one.astype(float) - other.astype(float))[differing]
    finite = apart[np.isfinite(apart)]
    return f"{share}, by up to {finite.max():.4g}{' DN' if name == 'png' else ''}" if finite.size else share


def _json_told(name: str, one: bytes, other: bytes) -> str:
    paths = list(changed(json.loads(one), json.loads(other)))
    shown = ", ".join(paths[:4]) + (", ..." if len(paths) > 4 else "")
    return f"{name}: {len(paths)} values differ ({shown})" if paths else f"{name} is written otherwise"


def changed(one: Any, other: Any, path: str = "") -> Iterator[str]:
    """Yield the dotted paths at which two JSON values differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted(one.keys() | other.keys()):
            inner = f"{path}.{key}" if path else key
            if key in one and key in other:
                yield from changed(one[key], other[key], inner)
            else:
                yield inner
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for n, (a, b) in enumerate(zip(one, other, strict=True)):
            yield from changed(a, b, f"{path}.{n}")
    elif one != other:
        yield path
