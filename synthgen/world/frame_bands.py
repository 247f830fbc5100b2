"""Bands of rows that a large frame is computed in: where they begin and end, for rendering and for its forecast."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

LAUNCH_PX = 2_000_000
"""Most pixels of a launch: smaller frames share one, larger ones are cut. It bounds the memory of a shot's cameras."""

HALO_PX = 16
"""Rows of its neighbours that a band carries on each side: 2 for visibility, the others for motion and defocus.

Where the lens or the motion spreads light wider, a band's edge is treated as the frame's own edge is: light is computed
anew at points that no pixel of the band shows.
"""


@dataclass(frozen=True)
class Rows:
    """Rows of a frame; each pair is the first row and the one after the last."""

    own: tuple[int, int]
    computed: tuple[int, int]
    """The band's own and those of its neighbours that it carries."""


def is_cut(width_px: int, height_px: int, launch_px: int = LAUNCH_PX) -> bool:
    """Return whether a frame has more pixels than a launch."""
    return width_px * height_px > launch_px


def rows(width_px: int, height_px: int, launch_px: int = LAUNCH_PX) -> list[Rows]:
    """Return the bands of a frame from the top down; a frame that fits into a launch is one band."""
    if not is_cut(width_px, height_px, launch_px):
        return [Rows((0, height_px), (0, height_px))]
    count = math.ceil(height_px / max(HALO_PX, launch_px // width_px - 2 * HALO_PX))
    edges = [height_px * k // count for k in range(count + 1)]
    return [
        Rows((first, end), (max(first - HALO_PX, 0), min(end + HALO_PX, height_px))) for first, end in pairwise(edges)
    ]
