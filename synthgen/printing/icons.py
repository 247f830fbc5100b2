"""Signs on labels and cartons, drawn by hand: this way up, fragile, keep dry, recycling, hazard, invented logos.

They follow the style of ISO 780:2015 (handling) and of GHS diamonds without copying any artwork.
"""

from __future__ import annotations

import math

from numpy.random import Generator

from synthgen.printing.canvas import Area, Paper

HANDLING = ("up", "glass", "umbrella", "hands")


def sign(paper: Paper, area: Area, name: str, tone: int = 0) -> None:
    """Draw one handling sign in the middle of an area."""
    side = min(area.width, area.height)
    x, y = (area.left + area.right) / 2, (area.top + area.bottom) / 2
    _SIGNS[name](paper, x - side / 2, y - side / 2, side, tone)


def logo(paper: Paper, area: Area, rng: Generator, tone: int = 0) -> None:
    """Draw one of a few geometric marks, filling the height of an area from its left."""
    side = min(area.width, area.height)
    left, top = area.left, (area.top + area.bottom) / 2 - side / 2
    (_chevrons, _ring, _kite, _stairs, _sun)[int(rng.integers(5))](paper, left, top, side, tone)


def diamond(paper: Paper, area: Area, rng: Generator) -> None:
    """Draw a hazard diamond."""
    side = min(area.width, area.height)
    x, y, r = (area.left + area.right) / 2, (area.top + area.bottom) / 2, side / 2
    for scale, tone in ((1.0, 0), (0.94, 255), (0.88, 0), (0.84, 255)):
        paper.shape([(x, y - r * scale), (x + r * scale, y), (x, y + r * scale), (x - r * scale, y)], tone)
    kind = int(rng.integers(3))
    if kind == 0:
        _flame(paper, x, y - 0.12 * side, 0.36 * side)
    elif kind == 1:
        for i in range(4):
            _stripe(paper, x - 0.26 * side + i * 0.14 * side, y - 0.05 * side, 0.07 * side, 0.24 * side)
    else:
        paper.text(Area(x - r * 0.5, y - r * 0.4, x + r * 0.5, y + r * 0.25), "!", "m", bold=True)
    number = str(int(rng.integers(2, 10)))
    paper.text(Area(x - r * 0.2, y + r * 0.5, x + r * 0.2, y + r * 0.8), number, "m", bold=True)


def arrow(paper: Paper, area: Area, up: bool, tone: int = 0) -> None:
    """Draw a fat arrow up or down, as on rack labels."""
    side = min(area.width * 1.3, area.height)
    x, y = (area.left + area.right) / 2, (area.top + area.bottom) / 2
    s = (1 if up else -1) * side / 2
    head = [(x, y - s), (x + 0.38 * side, y), (x + 0.15 * side, y), (x + 0.15 * side, y + s)]
    paper.shape([*head, (x - 0.15 * side, y + s), (x - 0.15 * side, y), (x - 0.38 * side, y)], tone)


def _up(paper: Paper, x: float, y: float, s: float, tone: int) -> None:
    for middle in (x + 0.27 * s, x + 0.73 * s):
        paper.shape(
            [(middle, y + 0.06 * s), (middle + 0.18 * s, y + 0.36 * s), (middle - 0.18 * s, y + 0.36 * s)], tone
        )
        paper.box(Area(middle - 0.065 * s, y + 0.34 * s, middle + 0.065 * s, y + 0.84 * s), tone)
    paper.box(Area(x + 0.04 * s, y + 0.88 * s, x + 0.96 * s, y + 0.96 * s), tone)


def _glass(paper: Paper, x: float, y: float, s: float, tone: int) -> None:
    bowl = [(x + 0.22 * s, y + 0.05 * s), (x + 0.78 * s, y + 0.05 * s), (x + 0.74 * s, y + 0.4 * s)]
    paper.shape([*bowl, (x + 0.56 * s, y + 0.58 * s), (x + 0.44 * s, y + 0.58 * s), (x + 0.26 * s, y + 0.4 * s)], tone)
    paper.box(Area(x + 0.46 * s, y + 0.56 * s, x + 0.54 * s, y + 0.86 * s), tone)
    paper.box(Area(x + 0.26 * s, y + 0.85 * s, x + 0.74 * s, y + 0.94 * s), tone)
    crack = [(0.56, 0.05), (0.5, 0.17), (0.58, 0.24), (0.5, 0.38)]
    paper.line([(x + u * s, y + v * s) for u, v in crack], 0.04 * s, 255 - tone)


def _umbrella(paper: Paper, x: float, y: float, s: float, tone: int) -> None:
    dome = [(0.5 - 0.44 * math.cos(a), 0.52 - 0.34 * math.sin(a)) for a in [math.pi * i / 16 for i in range(17)]]
    paper.shape([(x + u * s, y + v * s) for u, v in dome], tone)
    for middle in (0.205, 0.5, 0.795):
        paper.disc(x + middle * s, y + 0.54 * s, 0.14 * s, 255 - tone)
    paper.box(Area(x + 0.475 * s, y + 0.4 * s, x + 0.525 * s, y + 0.88 * s), tone)
    hook = [(0.5 - 0.08 + 0.08 * math.cos(a), 0.86 + 0.09 * math.sin(a)) for a in [math.pi * i / 8 for i in range(9)]]
    paper.line([(x + u * s, y + v * s) for u, v in hook], 0.05 * s, tone)
    for u, v in ((0.2, 0.06), (0.4, 0.02), (0.62, 0.03), (0.82, 0.07)):
        paper.line([(x + u * s, y + v * s), (x + (u - 0.03) * s, y + (v + 0.09) * s)], 0.03 * s, tone)


def _hands(paper: Paper, x: float, y: float, s: float, tone: int) -> None:
    paper.box(Area(x + 0.28 * s, y + 0.2 * s, x + 0.72 * s, y + 0.58 * s), tone, 0.05 * s)
    for flip in (1, -1):
        palm = [(-0.42, 0.42), (-0.34, 0.42), (-0.22, 0.66), (0.0, 0.68), (0.0, 0.76), (-0.26, 0.78), (-0.42, 0.62)]
        paper.shape([(x + (0.5 + flip * u) * s, y + v * s) for u, v in palm], tone)


_SIGNS = {"up": _up, "glass": _glass, "umbrella": _umbrella, "hands": _hands}


def _chevrons(paper: Paper, x: float, y: float, s: float, tone: int) -> None:
    for u in (0.0, 0.3, 0.6):
        points = [(0, 0.1), (0.18, 0.1), (0.4, 0.5), (0.18, 0.9), (0, 0.9), (0.22, 0.5)]
        paper.shape([(x + (u + a) * s, y + b * s) for a, b in points], tone)


def _ring(paper: Paper, x: float, y: float, s: float, tone: int) -> None:
    paper.disc(x + s / 2, y + s / 2, s * 0.46, tone)
    paper.disc(x + s * 0.58, y + s * 0.44, s * 0.27, 255 - tone)
    paper.disc(x + s * 0.63, y + s * 0.4, s * 0.12, tone)


def _kite(paper: Paper, x: float, y: float, s: float, tone: int) -> None:
    paper.shape([(x + 0.5 * s, y), (x + s, y + 0.5 * s), (x + 0.5 * s, y + 0.5 * s)], tone)
    paper.shape([(x, y + 0.5 * s), (x + 0.46 * s, y + 0.54 * s), (x + 0.46 * s, y + s)], tone)
    paper.shape([(x + 0.54 * s, y + 0.54 * s), (x + 0.96 * s, y + 0.54 * s), (x + 0.54 * s, y + 0.94 * s)], tone)


def _stairs(paper: Paper, x: float, y: float, s: float, tone: int) -> None:
    for i in range(4):
        _stripe(paper, x + 0.25 * i * s, y + (0.75 - 0.25 * i) * s, 0.19 * s, (0.25 + 0.25 * i) * s, tone)


def _sun(paper: Paper, x: float, y: float, s: float, tone: int) -> None:
    for i in range(8):
        a, b = math.pi * i / 4 - 0.16, math.pi * i / 4 + 0.16
        ray = [
            (0.5 + 0.48 * math.cos(a), 0.5 + 0.48 * math.sin(a)),
            (0.5 + 0.48 * math.cos(b), 0.5 + 0.48 * math.sin(b)),
        ]
        paper.shape([(x + u * s, y + v * s) for u, v in [*ray, (0.5, 0.5)]], tone)
    paper.disc(x + s / 2, y + s / 2, 0.2 * s, 255 - tone)
    paper.disc(x + s / 2, y + s / 2, 0.14 * s, tone)


def _stripe(paper: Paper, x: float, y: float, width: float, height: float, tone: int = 0) -> None:
    paper.box(Area(x, y, x + width, y + height), tone)


def _flame(paper: Paper, x: float, y: float, s: float) -> None:
    outer = [(0, -0.6), (0.2, -0.2), (0.34, -0.34), (0.42, 0.2), (0.2, 0.5), (-0.2, 0.5), (-0.42, 0.2), (-0.28, -0.12)]
    paper.shape([(x + u * s, y + v * s) for u, v in outer])
    inner = [(0, -0.1), (0.16, 0.2), (0.08, 0.42), (-0.1, 0.42), (-0.16, 0.2)]
    paper.shape([(x + u * s, y + v * s) for u, v in inner], 255)
