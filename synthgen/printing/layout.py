"""Arrange codes on a label of a known size: rows from the bottom up, the rest left to the template."""

from __future__ import annotations

from dataclasses import dataclass, replace

from numpy.random import Generator

from synthgen.barcodes import encode
from synthgen.barcodes.symbologies import TABLE
from synthgen.printing import texel_grid
from synthgen.world.shot import Code

_GAP_M = 0.002
_MIN_BAR_M = 0.0055
_CENTRED = ("plain", "card", "small")
_LEFT = ("small", "rack")


@dataclass(frozen=True)
class Room:
    """The rectangle that a code takes with its quiet zone, bearer bars and text."""

    code: Code
    width_m: float
    height_m: float
    shift_m: tuple[float, float]
    """From the middle of the room to the middle of the symbol, x right and y up."""


def arrange(codes: list[Code], size_m: tuple[float, float], template: str, rng: Generator) -> tuple[Code, ...] | None:
    """Return the codes with their places on the label, the first one lowest; None when they do not fit.

    Bars are cut down to what the label's height leaves, but not below 5.5 mm or 15 % of the code's length.
    """
    edge = min(0.003, 0.06 * min(size_m))
    free = (size_m[0] - 2 * edge, size_m[1] - 2 * edge)
    rows = _rows([room(code) for code in codes], free[0])
    if rows is None:
        return None
    over = sum(_height(row) for row in rows) + _GAP_M * (len(rows) - 1) - free[1]
    if over > 0:
        rows = _lowered(rows, over)
        if rows is None:
            return None
    return tuple(_place(rows, size_m, edge, template, rng))


def room(code: Code) -> Room:
    """Return the rectangle that a code takes on the label."""
    width, height = texel_grid.needed_size_m([code])
    around = texel_grid.needed_margins_m(code)
    return Room(code, width, height, _shift(around))


def _shift(around: tuple[float, float, float, float]) -> tuple[float, float]:
    left, top, right, bottom = around
    return (left - right) / 2, (bottom - top) / 2


def _rows(rooms: list[Room], width_m: float) -> list[list[Room]] | None:
    """Return the rooms in rows that fit the width: bars alone or beside matrix codes."""
    if any(r.width_m > width_m for r in rooms):
        return None
    rows: list[list[Room]] = []
    for item in rooms:
        row = next((row for row in rows if _joins(row, item, width_m)), None)
        if row is None:
            rows.append([item])
        else:
            row.append(item)
    return rows


def _joins(row: list[Room], item: Room, width_m: float) -> bool:
    both_linear = TABLE[item.code.symbology].linear and any(TABLE[r.code.symbology].linear for r in row)
    return not both_linear and sum(r.width_m + _GAP_M for r in row) + item.width_m <= width_m


def _height(row: list[Room]) -> float:
    return max(r.height_m for r in row)


def _lowered(rows: list[list[Room]], over_m: float) -> list[list[Room]] | None:
    """Return the rows with shorter bars, so that they are `over_m` lower together; None when that is too short."""
    linear = [r for row in rows for r in row if TABLE[r.code.symbology].linear and r.code.quarter_turns % 2 == 0]
    if not linear:
        return None
    scale = 1 - over_m / sum(r.code.height_m for r in linear)
    lower = []
    for row in rows:
        lower.append([_shorter(r, scale) if r in linear else r for r in row])
    checked = [r for row in lower for r in row if TABLE[r.code.symbology].linear]
    if scale <= 0 or any(r.code.height_m < _least_bar_m(r.code) for r in checked):
        return None
    still = sum(_height(row) for row in lower) - sum(_height(row) for row in rows) + over_m
    return lower if still <= 1e-6 else None


def _shorter(item: Room, scale: float) -> Room:
    return room(replace(item.code, height_m=max(item.code.height_m * scale, 1e-4)))


def _least_bar_m(code: Code) -> float:
    length_m = encode.encode(code.symbology, code.payload, alone=False).width * code.module_m
    return max(_MIN_BAR_M, 0.12 * length_m)


def _place(
    rows: list[list[Room]], size_m: tuple[float, float], edge: float, template: str, rng: Generator
) -> list[Code]:
    spare = size_m[1] - 2 * edge - sum(_height(row) for row in rows) - _GAP_M * (len(rows) - 1)
    below, between = _spare(spare, len(rows), template, rng)
    y = -size_m[1] / 2 + edge + below
    codes = []
    for row in rows:
        height = _height(row)
        codes += _across(row, y + height / 2, size_m[0] - 2 * edge, template, rng)
        y += height + _GAP_M + between
    return codes


def _spare(spare: float, rows: int, template: str, rng: Generator) -> tuple[float, float]:
    """Return the space below the lowest row and the extra space between rows [m]; the rest stays above."""
    if template in _CENTRED:
        return spare / 2, 0.0
    if template in ("fnsku", "retail"):
        return spare * float(rng.uniform(0.3, 0.6)), 0.0
    below = spare * float(rng.choice([0.0, 0.0, 0.12, 0.25]))
    return below, 0.0 if rows < 2 else float(rng.choice([0.0, 0.25])) * (spare - below) / (rows - 1)


def _across(row: list[Room], y: float, width: float, template: str, rng: Generator) -> list[Code]:
    """Return a row's codes spread over the width."""
    order = [row[i] for i in rng.permutation(len(row))]
    spare = width - sum(r.width_m for r in order) - _GAP_M * (len(order) - 1)
    if len(order) == 1:
        lead = 0.0 if template in _LEFT else spare * float(rng.choice([0.5, 0.5, 0.5, 0.1, 0.9]))
        gap = 0.0
    else:
        gap = spare / (len(order) + 1)
        lead = gap
    x, codes = -width / 2 + lead, []
    for item in order:
        position = (x + item.width_m / 2 + item.shift_m[0], y + item.shift_m[1])
        codes.append(replace(item.code, position_m=position))
        x += item.width_m + _GAP_M + gap
    return codes
