"""The barcode symbologies that synthgen knows, as one fixed table (names, writer, reader, quiet zones), and a symbol.

References:
    ISO/IEC 15417 (Code 128), 15420 (EAN/UPC), 16388 (Code 39), 16390 (ITF), 15438 (PDF417), 16022 (Data Matrix),
    18004 (QR), 24778 (Aztec): quiet zones. GS1 General Specifications, release 24, section 5: GS1 use of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
from zxingcpp import BarcodeFormat

Sides = tuple[int, int, int, int]
"""Left, right, top, bottom, in modules."""


@dataclass(frozen=True, kw_only=True)
class Symbology:
    """How one symbology is written by zxing-cpp and read back."""

    writer: BarcodeFormat
    reader: BarcodeFormat
    quiet: Sides
    linear: bool = False
    gs1: bool = False
    """Whether the payload is a GS1 element string in brackets."""
    options: Mapping[str, Any] = field(default_factory=dict)
    row_modules: int = 1
    """Height of one row of a stacked symbology, in modules."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Symbol:
    """A barcode as modules, without quiet zone, bearer bars or text."""

    symbology: str
    payload: str
    modules: np.ndarray
    """True is dark, shape (rows, columns); one row for a linear code; read-only."""
    quiet: Sides
    """Clear modules needed at the left, right, top and bottom."""
    linear: bool
    written: bytes
    """What a reader must return."""
    text: str
    """Human-readable text; "" where the payload has none."""
    symbology_identifier: str

    @property
    def width(self) -> int:
        """Return the modules along the top edge."""
        return self.modules.shape[1]

    @property
    def height(self) -> int:
        """Return the modules along the left edge; 1 for a linear code, whose bars are as high as wanted."""
        return self.modules.shape[0]


_F = BarcodeFormat
_LINEAR: Sides = (10, 10, 0, 0)

TABLE: Mapping[str, Symbology] = MappingProxyType(
    {
        "aztec": Symbology(writer=_F.Aztec, reader=_F.Aztec, quiet=(0, 0, 0, 0)),
        "code128": Symbology(writer=_F.Code128, reader=_F.Code128, quiet=_LINEAR, linear=True),
        "code39": Symbology(writer=_F.Code39Std, reader=_F.Code39, quiet=_LINEAR, linear=True),
        "datamatrix": Symbology(
            writer=_F.DataMatrix, reader=_F.DataMatrix, quiet=(1, 1, 1, 1), options={"force_square": True}
        ),
        "ean13": Symbology(writer=_F.EAN13, reader=_F.EAN13, quiet=(11, 7, 0, 0), linear=True),
        "gs1_128": Symbology(
            writer=_F.Code128, reader=_F.Code128, quiet=_LINEAR, linear=True, gs1=True, options={"gs1": True}
        ),
        "gs1_datamatrix": Symbology(
            writer=_F.DataMatrix,
            reader=_F.DataMatrix,
            quiet=(1, 1, 1, 1),
            gs1=True,
            options={"gs1": True, "force_square": True},
        ),
        "gs1_qr": Symbology(
            writer=_F.QRCode,
            reader=_F.QRCode,
            quiet=(4, 4, 4, 4),
            gs1=True,
            options={"gs1": True, "ec_level": "M"},
        ),
        "itf14": Symbology(writer=_F.ITF, reader=_F.ITF, quiet=_LINEAR, linear=True),
        "pdf417": Symbology(writer=_F.PDF417, reader=_F.PDF417, quiet=(2, 2, 2, 2), row_modules=3),
        "qr": Symbology(writer=_F.QRCode, reader=_F.QRCode, quiet=(4, 4, 4, 4), options={"ec_level": "M"}),
        "upca": Symbology(writer=_F.UPCA, reader=_F.UPCA, quiet=(9, 9, 0, 0), linear=True),
    }
)

SYMBOLOGIES: tuple[str, ...] = tuple(TABLE)
"""Every symbology in alphabetical order; its category id is its place, counted from 1 (docs/contract.md section 6)."""


def category_id(symbology: str) -> int:
    """Return the category id of a symbology, from 1."""
    return SYMBOLOGIES.index(symbology) + 1
