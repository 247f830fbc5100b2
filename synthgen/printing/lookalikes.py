"""Look-alikes: patterns that a detector may take for a barcode, and that hold no code.

Pitches are those of real modules (0.25 to 1.2 mm), so that they cover 1.5 to 8 pixels in views where real ones do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from numpy.random import Generator

from synthgen.printing import icons, text_blocks
from synthgen.printing.canvas import Area, Paper
from synthgen.world import fake_names


def draw(paper: Paper, name: str, rng: Generator) -> None:
    """Draw the look-alike `name` of `NEGATIVES` over the whole sheet."""
    _TEMPLATES[name](paper, rng)


def _pitch_m(rng: Generator) -> float:
    return 0.00025 * (1.2 / 0.25) ** rng.random()


def _blank(paper: Paper, rng: Generator) -> None:
    if rng.random() < 0.5:
        paper.box(paper.area.inset(0.002), 0, 0.0003)


def _stripes(paper: Paper, rng: Generator) -> None:
    """Print bars of equal pitch, which no symbology has."""
    pitch = 2 * _pitch_m(rng)
    area = paper.area.inset(0.004)
    duty = rng.uniform(0.35, 0.65)
    for x in np.arange(area.left, area.right - pitch, pitch):
        paper.box(Area(float(x), area.top, float(x + duty * pitch), area.bottom))


def _grille(paper: Paper, rng: Generator) -> None:
    """Print slots in columns, as vents and louvres show them."""
    pitch = 2.5 * _pitch_m(rng)
    area = paper.area.inset(0.003)
    for column in area.columns(1, 1, 1)[: int(rng.integers(1, 4))]:
        for y in np.arange(column.top, column.bottom - pitch, pitch):
            paper.box(Area(column.left + pitch, float(y), column.right - pitch, float(y + 0.5 * pitch)))


def _dots(paper: Paper, rng: Generator) -> None:
    """Print a regular grid of square or round dots, as perforated sheet and LED arrays show them."""
    pitch = 2 * _pitch_m(rng)
    area = paper.area.inset(0.004)
    stagger = rng.random() < 0.5
    size = pitch * rng.uniform(0.35, 0.6)
    for row, y in enumerate(np.arange(area.top, area.bottom - pitch, pitch)):
        for x in np.arange(area.left + (0.5 * pitch if stagger and row % 2 else 0), area.right - pitch, pitch):
            if stagger:
                paper.disc(float(x) + size / 2, float(y) + size / 2, size / 2)
            else:
                paper.box(Area(float(x), float(y), float(x) + size, float(y) + size))


def _text(paper: Paper, rng: Generator) -> None:
    """Print a block of text, as delivery notes have it."""
    head, body = paper.area.inset(0.003).rows(1, 5)
    paper.text(head, fake_names.company(rng).upper(), cap_m=0.006, bold=True)
    text_blocks.fine_print(paper, body, rng, float(rng.uniform(0.0014, 0.003)))


def _table(paper: Paper, rng: Generator) -> None:
    """Print a ruled table of numbers, as packing lists have it."""
    area = paper.area.inset(0.003)
    down, across = max(int(area.height / 0.006), 2), max(int(area.width / 0.014), 2)
    for row in area.rows(*[1] * down):
        for cell in row.columns(*[1] * across):
            paper.box(cell, 0, 0.0002)
            paper.text(cell.inset(0.0008), fake_names.digits(rng, int(rng.integers(2, 7))), "r", cap_m=0.002)


def _void(paper: Paper, rng: Generator) -> None:
    """Print bars of random widths, which no reader decodes, crossed out with a pen."""
    area = paper.area.inset(0.005)
    module = _pitch_m(rng)
    x, dark = area.left, True
    while x < area.right - 4 * module:
        width = module * int(rng.integers(1, 5))
        if dark:
            paper.box(Area(x, area.top, x + width, area.bottom))
        x, dark = x + width, not dark
    wobble = rng.uniform(-0.1, 0.1, 4) * area.height
    pen = 0.004 if area.height > 0.03 else 0.0025
    for (x0, y0), (x1, y1) in (((0, 0), (1, 1)), ((0, 1), (1, 0))):
        start = (area.left + x0 * area.width, area.top + y0 * area.height + wobble[0])
        middle = (area.left + 0.5 * area.width, area.top + 0.5 * area.height + wobble[1])
        stop = (area.left + x1 * area.width, area.top + y1 * area.height + wobble[2])
        paper.line([start, middle, stop], 1.8 * pen, 255)
        paper.line([start, middle, stop], pen)


def _checker(paper: Paper, rng: Generator) -> None:
    """Print a checkered mark with a name, like some logos."""
    mark, name = paper.area.inset(0.003).rows(2.5, 1)
    side = min(mark.width, mark.height)
    cells = int(rng.integers(4, 13))
    step = side / cells
    left = (mark.left + mark.right - side) / 2
    for i in range(cells):
        for j in range(i % 2, cells, 2):
            paper.box(Area(left + j * step, mark.top + i * step, left + (j + 1) * step, mark.top + (i + 1) * step))
    paper.text(name, fake_names.carrier(rng), "m", cap_m=0.008, bold=True)


def _hazard(paper: Paper, rng: Generator) -> None:
    icons.diamond(paper, paper.area.inset(0.002), rng)


def _handling(paper: Paper, rng: Generator) -> None:
    top, foot = paper.area.inset(0.003).rows(2.2, 1)
    text_blocks.signs(paper, top, rng)
    paper.text(foot, ("FRAGILE", "THIS WAY UP", "HANDLE WITH CARE", "HEAVY")[int(rng.integers(4))], "m", bold=True)


def _ruler(paper: Paper, rng: Generator) -> None:
    """Print a millimetre scale."""
    area = paper.area.inset(0.003)
    for i in range(int(area.width / 0.001) + 1):
        x = area.left + i * 0.001
        share = 0.7 if i % 10 == 0 else 0.5 if i % 5 == 0 else 0.35
        paper.line([(x, area.top), (x, area.top + share * area.height)], 0.0002)
        if i % 10 == 0 and x + 0.006 < area.right:
            number = Area(x + 0.0005, area.top + 0.72 * area.height, x + 0.006, area.bottom)
            paper.text(number, str(i // 10), cap_m=0.003)


_TEMPLATES: Mapping[str, Callable[[Paper, Generator], None]] = MappingProxyType(
    {
        "blank": _blank,
        "checker": _checker,
        "dots": _dots,
        "grille": _grille,
        "handling": _handling,
        "hazard": _hazard,
        "ruler": _ruler,
        "stripes": _stripes,
        "table": _table,
        "text": _text,
        "void": _void,
    }
)
NEGATIVES: tuple[str, ...] = tuple(_TEMPLATES)
