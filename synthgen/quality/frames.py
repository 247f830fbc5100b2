"""Faults of frames that show in their pixels, and frames that are nearly alike.

Two frames are near-duplicates when none of the means of 32 x 32 blocks differs by more than ALIKE_DN, both brought to
one mean first, so that another exposure of one scene counts too. A mean over many pixels hardly has noise; a carton or
a label elsewhere moves some of them by tens of levels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

BLACK_DN = 8
"""A frame is black when 99.9 % of its pixels lie below this."""
FULL_DN = 254
"""A pixel is saturated from here on."""
SATURATED_SHARE = 0.05
"""A frame is saturated when more than this share of its pixels is."""
FLAT_DN = 6
"""A frame is flat when its middle 98 % of pixels span fewer levels, and it is not black."""
BLOCKS = 32
ALIKE_DN = 6.0
_MEAN_DN = 128.0
_COARSE = 4
_ROWS = 64


@dataclass(frozen=True, eq=False, kw_only=True)
class Frame:
    """What is kept of an image."""

    key: str
    split: str
    mean_dn: float
    high_dn: float
    """Level that 0.1 % of the pixels exceed."""
    span_dn: float
    """Between the 1st and the 99th percentile."""
    saturated_share: float
    blocks: np.ndarray
    """Means of BLOCKS x BLOCKS parts [DN], float32."""

    @property
    def faults(self) -> tuple[str, ...]:
        """Return which of black, saturated and flat it is."""
        black = self.high_dn < BLACK_DN
        flat = self.span_dn < FLAT_DN and not black
        return tuple(
            name
            for name, here in (
                ("black", black),
                ("saturated", self.saturated_share > SATURATED_SHARE),
                ("flat", flat),
            )
            if here
        )


@dataclass(frozen=True)
class Pair:
    """Two frames that are nearly alike."""

    keys: tuple[str, str]
    splits: tuple[str, str]
    distance_dn: float

    @property
    def across(self) -> bool:
        """Return whether they are in different splits."""
        return self.splits[0] != self.splits[1]


@dataclass(frozen=True)
class Duplicates:
    """What was found alike among the frames looked at."""

    frames: int
    """Frames that are like another one."""
    pairs: int
    across: int
    """Pairs whose frames are in different splits."""
    shown: tuple[Pair, ...]
    """The most alike ones, across splits first."""


def frame(key: str, split: str, image: np.ndarray) -> Frame:
    """Return what is to be kept of an image, (h, w) or (h, w, 3), uint8."""
    grey = image if image.ndim == 2 else np.asarray(Image.fromarray(image).convert("L"))
    levels = np.cumsum(np.bincount(grey.ravel(), minlength=256)) / grey.size
    low, top, high = (int(np.searchsorted(levels, share)) for share in (0.01, 0.99, 0.999))
    brightest = image if image.ndim == 2 else image.max(axis=2)
    small = Image.fromarray(grey.astype(np.float32)).resize((BLOCKS, BLOCKS), Image.Resampling.BOX)
    return Frame(
        key=key,
        split=split,
        mean_dn=float(grey.mean(dtype=np.float64)),
        high_dn=float(high),
        span_dn=float(top - low),
        saturated_share=float((brightest >= FULL_DN).mean()),
        blocks=np.asarray(small, np.float32),
    )


def duplicates(frames: Sequence[Frame], shown: int = 24) -> Duplicates:
    """Return which frames are nearly alike; black ones are no duplicates of each other, they are black."""
    lit = [each for each in frames if "black" not in each.faults and each.mean_dn > 0]
    if len(lit) < 2:
        return Duplicates(0, 0, 0, ())
    blocks = np.stack([each.blocks.ravel() * (_MEAN_DN / each.mean_dn) for each in lit])
    step = BLOCKS // _COARSE
    coarse = blocks.reshape(-1, _COARSE, step, _COARSE, step).mean(axis=(2, 4)).reshape(len(lit), -1)
    splits = np.array([each.split for each in lit])
    alike, pairs, across = np.zeros(len(lit), bool), 0, 0
    best: list[tuple[bool, float, int, int]] = []
    for start in range(0, len(lit), _ROWS):
        # A mean of means differs by no more than the means do: what differs coarsely differs finely.
        rows = coarse[start : start + _ROWS, None]
        near = np.abs(rows - coarse[None, start:]).max(axis=2) <= ALIKE_DN
        one, other = np.nonzero(np.triu(near, 1))
        distance = np.abs(blocks[one + start] - blocks[other + start]).max(axis=1)
        kept = distance <= ALIKE_DN
        one, other, distance = one[kept] + start, other[kept] + start, distance[kept]
        alike[one] = alike[other] = True
        apart = splits[one] != splits[other]
        pairs, across = pairs + len(one), across + int(apart.sum())
        best += [(not a, d, i, j) for a, d, i, j in zip(apart.tolist(), distance.tolist(), one, other, strict=True)]
        best = sorted(best)[:shown]
    found = tuple(Pair((lit[i].key, lit[j].key), (lit[i].split, lit[j].split), d) for _, d, i, j in best)
    return Duplicates(int(alike.sum()), pairs, across, found)
