"""Where everything lies on a label's texel grid: the pitch, each code's box, its corners, and whether it fits.

All codes of a label share one grid whose texel divides their modules, so a printed module is a whole number of texels
and every corner falls between texels: label corners are exact, not rounded.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

import numpy as np

from synthgen.barcodes import encode, gs1
from synthgen.barcodes.encode import Symbol
from synthgen.errors import BarcodeError
from synthgen.printing import code_raster
from synthgen.printing.code_raster import Margins
from synthgen.world.shot import Code, Label

_BARE_PITCH_M = 0.00015
"""Texel of a label without codes."""
_TEXELS_PER_MODULE = (4, 5, 6, 7, 8, 3, 2, 1)
"""Tried in this order; fewer than 4 only where the texture would grow too large."""
_MAX_TEXELS = 6_000_000
_SAME = 0.004
"""Share by which a printed module may differ from the one asked for before a finer grid is tried."""
Box = tuple[int, int, int, int]
"""Left, top, right, bottom in texels, right and bottom exclusive, y down."""


class LayoutError(BarcodeError):
    """Codes do not fit on their label; `cause` is the short name of the reason."""

    def __init__(self, cause: str, message: str) -> None:
        self.cause = cause
        super().__init__(message)


@dataclass(frozen=True, eq=False)
class Placed:
    """A code on the grid."""

    code: Code
    symbol: Symbol
    texels: int
    """Texels along a module."""
    rows: int
    """Height of the upright symbol in texels."""
    box: Box
    """The modules, as they lie on the label."""
    around: Margins
    """Quiet zone, bearer bars and text, as they lie on the label."""

    @property
    def zone(self) -> Box:
        """Return the box with everything that belongs to the code."""
        left, top, right, bottom = self.box
        m = self.around
        return left - m.left, top - m.top, right + m.right, bottom + m.bottom


@dataclass(frozen=True, eq=False)
class Grid:
    """A label in texels; a texel is `pitch_m` along x and y, rounded so that the label's edges fit."""

    width: int
    height: int
    pitch_m: tuple[float, float]
    placed: tuple[Placed, ...]


@lru_cache(maxsize=512)
def grid(label: Label) -> Grid:
    """Return the label's grid with all codes snapped to it.

    Raises:
        BarcodeError: a payload does not fit its symbology.
        LayoutError: a code does not fit on the label (`code_too_large`), reaches over its edge (`code_off_label`) or
            over another one (`codes_overlap`).
    """
    symbols = tuple(encode.encode(code.symbology, code.payload, alone=False) for code in label.codes)
    nominal_m = _pitch(label)
    width, height = (max(round(size / nominal_m), 1) for size in label.size_m)
    pitch_m = (label.size_m[0] / width, label.size_m[1] / height)
    placed = tuple(
        _place(code, symbol, pitch_m, (width, height)) for code, symbol in zip(label.codes, symbols, strict=True)
    )
    result = Grid(width, height, pitch_m, placed)
    _check_fit(label, result)
    return result


def code_quad(label: Label, code: Code) -> np.ndarray:
    """Return the corners of a code as printed: TL, TR, BR, BL of the symbol as read, shape (4, 2) [m].

    From the label's centre, x right and y up. The outer edge of the outermost modules: no quiet zone, bearer or text.
    """
    return _quad(grid(label), _find(label, code))


def module_size_m(label: Label, code: Code) -> float:
    """Return the module as printed, along the symbol's top edge [m]; differs from `code.module_m` by rounding alone."""
    layout, placed = grid(label), _find(label, code)
    return placed.texels * layout.pitch_m[code.quarter_turns % 2]


def needed_size_m(codes: Iterable[Code]) -> tuple[float, float]:
    """Return width and height [m] that the largest of some codes needs with quiet zone, bearer bars and text."""
    sizes = [_needed(code) for code in codes]
    return max((w for w, _ in sizes), default=0.0), max((h for _, h in sizes), default=0.0)


def needed_margins_m(code: Code) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom [m] that belong to a code around its modules, as it lies on the label."""
    symbol = encode.encode(code.symbology, code.payload, alone=False)
    around = code_raster.margins(symbol, 4, code.module_m / 4, code.human_readable).turned(code.quarter_turns)
    left, top, right, bottom = (n * code.module_m / 4 for n in (around.left, around.top, around.right, around.bottom))
    return left, top, right, bottom


def _needed(code: Code) -> tuple[float, float]:
    symbol = encode.encode(code.symbology, code.payload, alone=False)
    texel_m = code.module_m / 4
    around = code_raster.margins(symbol, 4, texel_m, code.human_readable)
    width = symbol.width * code.module_m + (around.left + around.right) * texel_m
    body_m = code.height_m if symbol.linear else symbol.height * code.module_m
    size = (width, body_m + (around.top + around.bottom) * texel_m)
    return size if code.quarter_turns % 2 == 0 else (size[1], size[0])


def _find(label: Label, code: Code) -> Placed:
    return next(p for p in grid(label).placed if p.code.code_id == code.code_id)


def _quad(layout: Grid, placed: Placed) -> np.ndarray:
    left, top, right, bottom = placed.box
    corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)], float)
    corners = np.roll(corners, placed.code.quarter_turns, axis=0)
    return (corners - (layout.width / 2, layout.height / 2)) * (layout.pitch_m[0], -layout.pitch_m[1])


def _pitch(label: Label) -> float:
    """Return the texel that divides every module of a label, as nearly as the size of the texture allows [m]."""
    area = label.size_m[0] * label.size_m[1]
    if not label.codes:
        return max(_BARE_PITCH_M, (area / _MAX_TEXELS) ** 0.5)
    modules = np.array([code.module_m for code in label.codes])
    best, best_error = modules.min(), np.inf
    for count in _TEXELS_PER_MODULE:
        pitch = modules.min() / count
        if area / pitch**2 > _MAX_TEXELS and count > 1:
            continue
        if np.isfinite(best_error) and count < 4:
            break
        error = float(np.abs(np.round(modules / pitch) * pitch / modules - 1).max())
        if error < best_error - 1e-9:
            best, best_error = pitch, error
        if error <= _SAME:
            break
    return float(best)


def _place(code: Code, symbol: Symbol, pitch_m: tuple[float, float], size: tuple[int, int]) -> Placed:
    nominal = (pitch_m[0] * pitch_m[1]) ** 0.5
    texels = max(round(code.module_m / nominal), 1)
    rows = max(round(code.height_m / nominal), texels) if symbol.linear else symbol.height * texels
    around = code_raster.margins(symbol, texels, nominal, code.human_readable)
    across, down = (symbol.width * texels, rows) if code.quarter_turns % 2 == 0 else (rows, symbol.width * texels)
    left = round(size[0] / 2 + code.position_m[0] / pitch_m[0] - across / 2)
    top = round(size[1] / 2 - code.position_m[1] / pitch_m[1] - down / 2)
    box = (left, top, left + across, top + down)
    return Placed(code, symbol, texels, rows, box, around.turned(code.quarter_turns))


def _check_fit(label: Label, layout: Grid) -> None:
    for placed in layout.placed:
        _check_size(label, layout, placed)
        _check_inside(label, layout, placed)
    for one, other in combinations(layout.placed, 2):
        if _overlap(one.zone, other.box) or _overlap(one.box, other.zone):
            names = f"{one.code.code_id} and {other.code.code_id}"
            raise LayoutError("codes_overlap", f"label {label.label_id}: codes {names} overlap; move one")


def _check_size(label: Label, layout: Grid, placed: Placed) -> None:
    """Refuse a code that fits at no position, and name the module that would fit."""
    code, symbol = placed.code, placed.symbol
    left, top, right, bottom = placed.zone
    for axis, need, have in ((0, right - left, layout.width), (1, bottom - top, layout.height)):
        if need > have + 1:
            raise LayoutError("code_too_large", _too_large(label, placed, axis))
    width_m = (symbol.width + 20) * code.module_m
    if code.symbology == "gs1_128" and width_m > gs1.MAX_GS1_128_WIDTH_M + 1e-9:
        limit = gs1.MAX_GS1_128_WIDTH_M / (symbol.width + 20) * 1e3
        raise LayoutError(
            "code_too_large",
            f"label {label.label_id}: gs1_128 at {code.module_m * 1e3:.3g} mm is {width_m * 1e3:.0f} mm wide, "
            f"at most 165 mm are allowed; use module_mm <= {np.floor(limit * 100) / 100:.2f} or two codes",
        )


def _too_large(label: Label, placed: Placed, axis: int) -> str:
    """Return the message: what does not fit, and which module, bar height or label would."""
    code, symbol = placed.code, placed.symbol
    need_m, have_m = _needed(code)[axis], label.size_m[axis]
    along_bars = symbol.linear and axis != code.quarter_turns % 2
    largest_mm = np.floor(code.module_m * 1e5 * have_m / need_m) / 100
    remedy = "a smaller height_mm" if along_bars else f"module_mm <= {largest_mm:.2f}"
    return (
        f"label {label.label_id}: {code.symbology} of {symbol.width} modules at {code.module_m * 1e3:.3g} mm "
        f"needs {need_m * 1e3:.0f} mm, the label is {have_m * 1e3:.0f} mm {('wide', 'high')[axis]}; "
        f"use {remedy} or a {('wider', 'higher')[axis]} label"
    )


def _check_inside(label: Label, layout: Grid, placed: Placed) -> None:
    left, top, right, bottom = placed.zone
    if left < -1 or top < -1 or right > layout.width + 1 or bottom > layout.height + 1:
        x, y = placed.code.position_m
        raise LayoutError(
            "code_off_label",
            f"label {label.label_id}: code {placed.code.code_id} at ({x * 1e3:.1f}, {y * 1e3:.1f}) mm reaches over the "
            f"label's edge with its quiet zone; move it towards the centre",
        )


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
