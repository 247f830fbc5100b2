"""Read one barcode of a known symbology from a crop and compare what was read with what was written, byte by byte.

`read` reads the plain picture; `read_rectified` first undoes the known perspective and stretches the contrast, which
gives the ceiling of a perfect detector with the same reader.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import zxingcpp

from synthgen.barcodes import gs1
from synthgen.barcodes import rectify as rectifying
from synthgen.barcodes.rectify import rectify
from synthgen.barcodes.symbologies import TABLE, Symbol

__all__ = ["NOTHING", "Reading", "crop", "read", "read_rectified", "rectify", "same", "text_of", "turned"]


@dataclass(frozen=True)
class Reading:
    """The outcome of reading one code in one crop."""

    decoded: bool
    """Whether the bytes that were written were read."""
    text: str
    """What was read, in the form of a payload; "" when nothing was."""
    misread: bool = False
    """Whether only other bytes were read."""


NOTHING = Reading(False, "")
_NEAR = 1.25
"""Size of the area where a find counts as this code's, in sizes of its quad: the reader's corners are rough."""


def read(image: np.ndarray, symbology: str, written: bytes, quad_px: np.ndarray | None = None) -> Reading:
    """Look for `symbology` in a crop and compare it with the bytes that were written.

    Args:
        image: grey levels, shape (height, width), uint8.
        symbology: a name of `symbologies.SYMBOLOGIES`; only this format is asked for.
        written: `Symbol.written` of the code.
        quad_px: corners of the code in the crop, shape (4, 2): finds elsewhere (a neighbour) do not count.

    Returns:
        decoded when a symbol there carries `written`; misread when only others were found.
    """
    if min(image.shape) < 3:
        return NOTHING
    found = zxingcpp.read_barcodes(np.ascontiguousarray(image), formats=[TABLE[symbology].reader])
    kept = [result for result in found if _counts(symbology, result) and _near(result, quad_px)]
    for result in kept:
        if same(symbology, result.bytes, written):
            return Reading(True, text_of(symbology, result.bytes))
    return Reading(False, text_of(symbology, kept[0].bytes), misread=True) if kept else NOTHING


def read_rectified(image: np.ndarray, quad_px: np.ndarray, symbol: Symbol) -> Reading:
    """Read a code whose corners are known: perspective undone, contrast stretched, bars averaged along their length.

    Args:
        image: grey levels of the whole picture, shape (height, width), uint8.
        quad_px: TL, TR, BR, BL of the symbol, origin at the corner of the top-left pixel, shape (4, 2).
        symbol: the code as written.
    """
    best = NOTHING
    for view in rectifying.views(image, quad_px, symbol):
        reading = read(view, symbol.symbology, symbol.written)
        if reading.decoded:
            return reading
        best = reading if best is NOTHING else best
    return best


def crop(image: np.ndarray, quad_px: np.ndarray, symbol: Symbol) -> tuple[np.ndarray, np.ndarray]:
    """Return (the part of an image that holds a code and its quiet zone, the quad in that part).

    The part is empty where the code lies outside the image.
    """
    outline = rectifying.outline(quad_px, symbol)
    height, width = image.shape[:2]
    left, top = np.clip(np.floor(outline.min(axis=0)), 0, (width, height)).astype(int)
    right, bottom = np.clip(np.ceil(outline.max(axis=0)), 0, (width, height)).astype(int)
    return image[top:bottom, left:right], np.asarray(quad_px, float) - (left, top)


def turned(image: np.ndarray, quad_px: np.ndarray, symbol: Symbol) -> np.ndarray | None:
    """Return a code's surroundings turned about it, at the same scale, until its top edge lies along a row or column.

    Returns:
        Grey levels, uint8, shape (height, width); None where the code is straight as it is (within 0.5 degrees).
    """
    quad = np.asarray(quad_px, float)
    x, y = quad[1] + quad[2] - quad[0] - quad[3]
    angle = np.arctan2(y, x) % (np.pi / 2)
    angle = angle - np.pi / 2 if angle > np.pi / 4 else angle
    if abs(angle) < np.radians(0.5):
        return None
    image_from_turned = np.array([(np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))])
    around, center = rectifying.outline(quad, symbol), quad.mean(axis=0)
    corners = (around - center) @ image_from_turned
    low, high = np.floor(corners.min(axis=0)), np.ceil(corners.max(axis=0))
    across, down = (np.arange(first, last) + 0.5 for first, last in zip(low, high, strict=True))
    at = np.stack(np.meshgrid(across, down), axis=-1).reshape(-1, 2) @ image_from_turned.T + center
    grey = rectifying.sampled(image, at).reshape(len(down), len(across))
    return np.clip(np.rint(grey), 0, 255).astype(np.uint8)


def same(symbology: str, found: bytes, written: bytes) -> bool:
    """Return whether two byte strings are one payload; UPC-A is read with 13 digits, the first a 0."""
    if symbology == "upca":
        return found.rjust(13, b"0") == written.rjust(13, b"0")
    return found == written


def text_of(symbology: str, found: bytes) -> str:
    """Return the bytes of a symbol as text, in the form in which payloads are written (docs/barcodes.md).

    GS1 content gets its brackets, UPC-A its 12 digits; anything else is UTF-8, or ISO 8859-1 where it is no UTF-8.
    """
    if symbology == "upca" and len(found) == 13:
        found = found.removeprefix(b"0")
    text = gs1.bracketed(found) if TABLE[symbology].gs1 else None
    if text is not None:
        return text
    try:
        return found.decode()
    except UnicodeDecodeError:
        return found.decode("latin-1")


def _counts(symbology: str, result: zxingcpp.Barcode) -> bool:
    """Return whether a result may count as a read: ITF gives short ghosts, so 14 digits with a valid check digit."""
    if symbology != "itf14":
        return True
    return len(result.bytes) == 14 and result.symbology_identifier == "]I1"


def _near(result: zxingcpp.Barcode, quad_px: np.ndarray | None) -> bool:
    """Return whether the centre of a find lies in the quad, enlarged a little."""
    if quad_px is None:
        return True
    at = result.position
    corners = [(p.x, p.y) for p in (at.top_left, at.top_right, at.bottom_right, at.bottom_left)]
    quad = np.asarray(quad_px, float)
    quad = quad.mean(axis=0) + _NEAR * (quad - quad.mean(axis=0))
    edges = np.roll(quad, -1, axis=0) - quad
    to_centre = np.mean(corners, axis=0) - quad
    turns = edges[:, 0] * to_centre[:, 1] - edges[:, 1] * to_centre[:, 0]
    return bool((turns >= 0).all() or (turns <= 0).all())
