"""Views shared out to launches, so that a launch has a bounded number of pixels whatever the size of a frame.

A band of a large frame carries some rows of its neighbours along, since visibility is pooled and blur is integrated
across rows; these rows are computed and then left out.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from synthgen.rendering.launch import View
from synthgen.world import frame_bands


@dataclass(frozen=True, eq=False)
class Band:
    """Some rows of a frame."""

    frame: int
    """Which of the views it is a part of."""
    view: View
    """The rows that are computed."""
    kept: slice
    """Those of them that are the band's own."""


def launches(views: Sequence[View], launch_px: int = frame_bands.LAUNCH_PX) -> Iterator[list[Band]]:
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


def _bands(frame: int, view: View, launch_px: int) -> Iterator[Band]:
    for rows in frame_bands.rows(view.width_px, view.height_px, launch_px):
        above, below = rows.computed
        part = View(view.world, view.camera, (view.first_row + above, view.first_row + below))
        yield Band(frame, part, slice(rows.own[0] - above, rows.own[1] - above))


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
