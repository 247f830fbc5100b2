"""The verdict's signs: shape and mark differ, so that they hold without colour and in a grey print."""

from __future__ import annotations

import math

from synthgen.reporting.svg import Svg, drawing, line, polygon, tag


def signs() -> dict[str, Svg]:
    """Return {tone: sign}: a cross in an octagon, an exclamation mark in a triangle, a tick in a disk."""
    octagon = [
        (33 + 31 * math.cos(math.pi * (k + 0.5) / 4), 33 + 31 * math.sin(math.pi * (k + 0.5) / 4)) for k in range(8)
    ]
    white = {"stroke": "#ffffff", "stroke_width": 7.0, "stroke_linecap": "round", "fill": "none"}
    stop = (polygon(octagon, fill="#a4161a"), line(22, 22, 44, 44, **white), line(44, 22, 22, 44, **white))
    care = (
        polygon([(33.0, 3.0), (64.0, 60.0), (2.0, 60.0)], fill="#8a5a00"),
        line(33, 24, 33, 41, **white),
        tag("circle", cx=33, cy=51, r=4, fill="#ffffff"),
    )
    kept = (tag("circle", cx=33, cy=33, r=31, fill="#1b5e20"), tag("polyline", points="19,34 29,44 48,23", **white))
    return {tone: drawing(66, 66, *parts) for tone, parts in (("bad", stop), ("warn", care), ("good", kept))}
