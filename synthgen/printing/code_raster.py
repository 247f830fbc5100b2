"""One barcode as texels: bars or cells, guard bars, bearer bars and the text below, upright and not yet on a label.

References:
    ISO/IEC 15420:2009 5.3 (guard bars five modules longer). GS1 General Specifications, release 24, 5.3.2.4 (bearer
    bars at least twice the narrow bar on label printers), 4.15 (human readable interpretation).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from synthgen.barcodes.encode import Symbol
from synthgen.printing import font as label_font

_TEXT_M = (0.0017, 0.0042)
"""Smallest and largest height of the human-readable text [m]."""
_TEXT_MODULES = 7
_GUARD_MODULES = 5
_BEARER_MODULES = 3
_GUARDS = {  # columns whose bars reach down to the foot of the digits
    "ean13": ((0, 3), (45, 50), (92, 95)),
    "upca": ((0, 10), (45, 50), (85, 95)),
}


@dataclass(frozen=True)
class Margins:
    """Texels that belong to a code around its modules: quiet zone, bearer bars, text."""

    left: int
    top: int
    right: int
    bottom: int

    def turned(self, quarter_turns: int) -> Margins:
        """Return the margins after counter-clockwise quarter turns."""
        sides = (self.left, self.top, self.right, self.bottom)  # in counter-clockwise turns each side moves back one
        k = quarter_turns % 4
        return Margins(*(sides[(i + k) % 4] for i in range(4)))


def margins(symbol: Symbol, texels: int, pitch_m: float, human_readable: bool) -> Margins:
    """Return what a code of `texels` per module needs around its modules, upright [texels]."""
    left, right, top, bottom = (n * texels for n in symbol.quiet)
    if symbol.symbology == "itf14":
        top = bottom = _BEARER_MODULES * texels
    if symbol.linear:
        top = max(top, texels)
        bottom += texels + (text_texels(symbol, texels, pitch_m) if human_readable and symbol.text else 0)
    return Margins(left, top, right, bottom)


def text_texels(symbol: Symbol, texels: int, pitch_m: float) -> int:
    """Return the height that the text below a linear code adds [texels]."""
    if symbol.symbology in _GUARDS:
        return 4 * texels  # the digits stand between the guard bars
    low, high = (round(size / pitch_m) for size in _TEXT_M)
    return min(max(_TEXT_MODULES * texels, low), high) + texels


def tile(symbol: Symbol, texels: int, pitch_m: float, rows: int, human_readable: bool) -> np.ndarray:
    """Return a code with all its margins as a tone map (255 bare, 0 ink), upright, uint8.

    Args:
        symbol: the code.
        texels: texels along a module.
        pitch_m: size of a texel, which decides how large the text is [m].
        rows: height of the modules [texels]; for a matrix code `symbol.height * texels`.
        human_readable: whether the text stands below.
    """
    around = margins(symbol, texels, pitch_m, human_readable)
    height = around.top + rows + around.bottom
    width = around.left + symbol.width * texels + around.right
    tone = np.full((height, width), 255, np.uint8)
    body = tone[around.top : around.top + rows, around.left : around.left + symbol.width * texels]
    body[:] = _body(symbol, texels, rows)
    if symbol.symbology in _GUARDS:
        _shorten(symbol, body, texels, human_readable)
    if symbol.symbology == "itf14":
        tone[: around.top] = 0
        tone[around.top + rows : around.top + rows + _BEARER_MODULES * texels] = 0
    if human_readable and symbol.text and symbol.linear:
        _print_text(symbol, tone, around, texels, rows)
    return tone


def _body(symbol: Symbol, texels: int, rows: int) -> np.ndarray:
    """Return the modules as tone, shape (rows, width x texels)."""
    line = np.where(np.repeat(symbol.modules, texels, axis=1), 0, 255).astype(np.uint8)
    return np.repeat(line, rows if symbol.linear else texels, axis=0)


def _shorten(symbol: Symbol, body: np.ndarray, texels: int, human_readable: bool) -> None:
    """Clear the foot of every bar that is no guard, when digits stand there."""
    if not human_readable:
        return
    guard = np.zeros(symbol.width, bool)
    for first, last in _GUARDS[symbol.symbology]:
        guard[first:last] = True
    foot = min(_GUARD_MODULES * texels, body.shape[0] // 4)
    body[body.shape[0] - foot :, ~np.repeat(guard, texels)] = 255


def _print_text(symbol: Symbol, tone: np.ndarray, around: Margins, texels: int, rows: int) -> None:
    image = Image.fromarray(tone)
    draw = ImageDraw.Draw(image)
    if symbol.symbology in _GUARDS:
        _print_digits(symbol, draw, around, texels, rows)
    else:
        _print_centred(symbol, draw, around, tone.shape[0], texels)
    tone[:] = np.asarray(image)


def _print_centred(symbol: Symbol, draw: ImageDraw.ImageDraw, around: Margins, height: int, texels: int) -> None:
    bearer = _BEARER_MODULES * texels if symbol.symbology == "itf14" else 0
    room = around.bottom - bearer - texels
    width = symbol.width * texels + around.left  # the text may reach half into both quiet zones
    font = label_font.fitting(symbol.text, width, int(0.8 * room))
    foot = height - 0.2 * room  # brackets and commas reach below the baseline
    draw.text((around.left + symbol.width * texels / 2, foot), symbol.text, fill=0, font=font, anchor="ms")


_FIELDS = {  # digits, first module and last module of the field they stand in; negative: left of the code
    "ean13": ((0, 1, -9, -1), (1, 7, 3, 45), (7, 13, 50, 92)),
    "upca": ((0, 1, -8, -1), (1, 6, 10, 45), (6, 11, 50, 85), (11, 12, 96, 103)),
}


def _print_digits(symbol: Symbol, draw: ImageDraw.ImageDraw, around: Margins, texels: int, rows: int) -> None:
    """Print EAN and UPC digits between and beside the guard bars."""
    digits = symbol.text.replace(" ", "")
    foot = around.top + rows - min(_GUARD_MODULES * texels, rows // 4)
    middle = (foot + texels + foot + 9 * texels) / 2
    font = label_font.fitting("000000", 40 * texels, 8 * texels)
    for first, last, start, stop in _FIELDS[symbol.symbology]:
        _print_field(draw, digits[first:last], around.left + start * texels, (stop - start) * texels, middle, font)


def _print_field(
    draw: ImageDraw.ImageDraw, text: str, x: float, width: float, middle: float, font: ImageFont.FreeTypeFont
) -> None:
    step = width / len(text)
    for i, digit in enumerate(text):
        draw.text((x + (i + 0.5) * step, middle), digit, fill=0, font=font, anchor="mm")
