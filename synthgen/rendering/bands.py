"""Frames cut into bands of rows, so that a launch has a bounded number of pixels whatever the size of a frame.

A band carries some rows of its neighbours along, since visibility is pooled and blur is integrated across rows; these
rows are computed and then left out.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from synthgen.rendering.launch import View

LAUNCH_PX = 2_000_000
"""Most pixels of a launch: smaller frames share one, larger ones are cut. It bounds the memory of a shot's cameras."""

HALO_PX = 16
"""Rows of its neighbours that a band carries on each side: 2 for visibility, the others for motion and defocus.

Where the lens or the motion spreads light wider, a band's edge is treated as the frame's own edge is: light is computed
anew at points that no pixel of the band shows.
"""


@dataclass(frozen=True, eq=False)
class Band:
    """Some rows of a frame."""

    frame: int
    """Which of the views it is a part of."""
    view: View
    """The rows that are computed."""
    kept: slice
    """Those of them that are the band's own."""


def launches(views: Sequence[View], launch_px: int) -> Iterator[list[Band]]:
    """Yield the bands of all views in order, in runs of at most `launch_px` pixels (a few rows at least)."""
    together: list[Band] = []
    pixels = 0
    for frame, view in enumerate(views):
        for band in _bands(frame, view, launch_px):
            own = band.view.height_px * band.view.width_px
            if together and pixels + own > launch_px:
                yield together
                together, pixels = [], 0
            together.append(band)
            pixels += own
    if together:
        yield together


def is_cut(view: View, launch_px: int) -> bool:
    """Return whether a view has more pixels than a launch."""
    return view.height_px * view.width_px > launch_px


def _bands(frame: int, view: View, launch_px: int) -> Iterator[Band]:
    height = view.height_px
    if not is_cut(view, launch_px):
        yield Band(frame, view, slice(0, height))
        return
    most = max(HALO_PX, launch_px // view.width_px - 2 * HALO_PX)
    count = math.ceil(height / most)
    for k in range(count):
        first, end = height * k // count, height * (k + 1) // count
        above, below = max(first - HALO_PX, 0), min(end + HALO_PX, height)
        rows = (view.first_row + above, view.first_row + below)
        yield Band(frame, View(view.world, view.camera, rows), slice(first - above, end - above))


def smaller(view: View, most_px: int = 250_000) -> View:
    """Return a whole frame as a camera of the same field with larger pixels sees it, at most `most_px` of them."""
    camera = view.camera
    n = max(1, math.ceil(math.sqrt(camera.width_px * camera.height_px / most_px)))
    size = (max(1, camera.width_px // n), max(1, camera.height_px // n))
    coarse = replace(
        camera,
        fx_px=camera.fx_px / n,
        fy_px=camera.fy_px / n,
        cx_px=camera.cx_px / n,
        cy_px=camera.cy_px / n,
        sensor=replace(camera.sensor, resolution_px=size),
    )
    return View(view.world, coarse)
