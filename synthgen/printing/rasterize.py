"""Draw a label: one texture holds paper, print, codes and wear; and check that its codes decode before wear.

`draw` gives a tone map: 255 is bare stock, 0 full ink. `texel_grid` says where a code lies on it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from synthgen.barcodes import decode
from synthgen.errors import BarcodeError
from synthgen.printing import code_raster, templates
from synthgen.printing import wear as label_wear
from synthgen.printing.texel_grid import Grid, Placed, code_quad, grid, module_size_m, needed_size_m
from synthgen.world.shot import Label, Wear

__all__ = ["NEGATIVES", "TEMPLATES", "LabelArt", "check", "code_quad", "draw", "grid", "module_size_m", "needed_size_m"]

TEMPLATES = templates.TEMPLATES
NEGATIVES = templates.NEGATIVES


@dataclass(frozen=True, eq=False)
class LabelArt:
    """A drawn label, row 0 at its top."""

    tone: np.ndarray
    """255 bare stock, 0 full ink, shape (height, width), uint8."""
    alpha: np.ndarray
    """255 where there is label, 0 where it is torn off, shape (height, width), uint8."""
    pitch_m: float
    """Size of a texel."""


def draw(label: Label) -> LabelArt:
    """Return the label as printed and worn.

    Raises:
        BarcodeError: a code does not fit its label, or the template is not known.
    """
    layout = grid(label)
    tone = templates.draw(label, layout)
    for placed in layout.placed:
        _print(tone, placed, layout)
    alpha = np.full_like(tone, 255)
    if label.wear != Wear():
        tone, alpha = label_wear.apply(tone, label.wear, layout)
    return LabelArt(tone, alpha, (layout.pitch_m[0] * layout.pitch_m[1]) ** 0.5)


@lru_cache(maxsize=512)
def check(label: Label) -> None:
    """Read every code of the unworn label in its flat drawing.

    Raises:
        BarcodeError: a code does not decode to what was written.
    """
    fresh = replace(label, wear=Wear())
    tone, layout = draw(fresh).tone, grid(fresh)
    for placed in layout.placed:
        if not decode.read(_crop(tone, placed), placed.code.symbology, placed.symbol.written).decoded:
            raise BarcodeError(
                f"label {label.label_id}: code {placed.code.code_id} ({placed.code.symbology}) does not decode flat; "
                f"give it more room or another template than {label.template!r}"
            )


def _print(tone: np.ndarray, placed: Placed, layout: Grid) -> None:
    """Print one code over what the template has printed."""
    pitch_m = (layout.pitch_m[0] * layout.pitch_m[1]) ** 0.5
    art = code_raster.tile(placed.symbol, placed.texels, pitch_m, placed.rows, placed.code.human_readable)
    art = np.rot90(art, placed.code.quarter_turns)
    left, top, right, bottom = placed.zone
    inside = slice(max(top, 0), min(bottom, layout.height)), slice(max(left, 0), min(right, layout.width))
    tone[inside] = art[inside[0].start - top : inside[0].stop - top, inside[1].start - left : inside[1].stop - left]


def _crop(tone: np.ndarray, placed: Placed) -> np.ndarray:
    """Return a code with its quiet zone and a little more, bars upright."""
    left, top, right, bottom = placed.zone
    more = 3 * placed.texels
    padded = tone[max(top - more, 0) : bottom + more, max(left - more, 0) : right + more]
    return np.pad(np.rot90(padded, -placed.code.quarter_turns), more, constant_values=255)
