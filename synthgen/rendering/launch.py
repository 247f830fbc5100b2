"""How launches are worked through: one thread a pixel, all views one after the other, in blocks of rows on the CPU."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import warp as wp

from synthgen.world import scene_description

BLOCK_PX = 20_000
"""Pixels of a block on the CPU: its rays stay in the cache."""


@dataclass(frozen=True, eq=False)
class View:
    """A camera in one of the tables' worlds, or some rows of its frame."""

    world: int
    camera: scene_description.Camera
    rows: tuple[int, int] | None = None
    """The first row and the one after the last; None: the whole frame."""

    @property
    def first_row(self) -> int:
        """Return the first row in the frame."""
        return self.rows[0] if self.rows else 0

    @property
    def width_px(self) -> int:
        """Return the number of columns."""
        return self.camera.width_px

    @property
    def height_px(self) -> int:
        """Return the number of rows."""
        return self.rows[1] - self.rows[0] if self.rows else self.camera.height_px


@dataclass(frozen=True)
class Block:
    """Some rows of a view: pixels `first` to `first + count` of the launch."""

    view: int
    first: int
    count: int


@dataclass(frozen=True, eq=False)
class Launch:
    """The pixels of some views as one flat range, and the threads that work on them."""

    device: str
    views: tuple[View, ...]
    first_pixel: tuple[int, ...]
    """Of each view."""
    pixels: int
    threads: int

    @classmethod
    def over(cls, views: Sequence[View], device: str, threads: int = 1) -> Launch:
        """Return the launch over the pixels of `views`."""
        first = np.concatenate([[0], np.cumsum([v.width_px * v.height_px for v in views])]).astype(int)
        return cls(device, tuple(views), tuple(first[:-1].tolist()), int(first[-1]), threads)

    def empty(self, dtype: Any, rows: int = 0) -> wp.array:
        """Return an array of a value a pixel, or of `rows` of them."""
        return wp.empty((rows, self.pixels) if rows else self.pixels, dtype=dtype, device=self.device)

    def blocks(self, view: int | None = None) -> list[Block]:
        """Return the blocks of one view or of all: some rows each on the CPU, the whole view on a GPU."""
        chosen = range(len(self.views)) if view is None else [view]
        return [block for v in chosen for block in self._blocks_of(v)]

    def _blocks_of(self, view: int) -> list[Block]:
        width, height = self.views[view].width_px, self.views[view].height_px
        rows = max(1, BLOCK_PX // width) if self.device == "cpu" else height
        return [
            Block(view, self.first_pixel[view] + row * width, min(rows, height - row) * width)
            for row in range(0, height, rows)
        ]

    def run(self, kernel: Any, block: Block, inputs: Sequence[Any], outputs: Sequence[Any]) -> None:
        """Launch a kernel of one thread a pixel over a block; `first` is its last input."""
        wp.launch(kernel, dim=block.count, inputs=[*inputs, block.first], outputs=list(outputs), device=self.device)

    def each(self, work: Callable[[Block], None], view: int | None = None) -> None:
        """Do `work` on every block, on `threads` threads: Warp and Embree release the interpreter while they run."""
        blocks = self.blocks(view)
        if self.threads == 1 or len(blocks) == 1 or self.device != "cpu":
            for block in blocks:
                work(block)
            return
        with ThreadPoolExecutor(self.threads) as pool:
            list(pool.map(work, blocks))

    def of_view(self, view: int, values: wp.array) -> np.ndarray:
        """Return a view's share of an array of a value a pixel, shape (height, width, ...); on the CPU no copy."""
        size, first = (self.views[view].height_px, self.views[view].width_px), self.first_pixel[view]
        host = values.numpy()
        return host[first : first + size[0] * size[1]].reshape(*size, *host.shape[1:])
