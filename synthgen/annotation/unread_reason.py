"""The reason why a code was not read: one word of docs/contract.md section 6.

First come the causes that optics cannot mend: the code is cut off by the image's edge, hidden, or its light is out of
range. Then the finished picture is tried again: if the reader succeeds once the crop is turned upright, or a slanting
view is straightened, the cause is orientation. The rest is predicted: each cause is taken away in turn, and the one
whose absence leaves the widest margin is named. Where the margin was wide from the start, the print is damaged.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from synthgen.annotation.label_signal import Signal
from synthgen.barcodes import decodability, decode, rectify
from synthgen.barcodes.symbologies import Symbol

REASONS = (
    *("readable", "out_of_view", "occluded", "undersampled", "orientation", "motion_blur", "defocus", "low_contrast"),
    *("glare", "saturated", "underexposed", "noise", "damaged", "misread", "unknown"),
)
_LEAST_DN = 18.0
_GOOD_DN = 120.0
_FINER = 4.0
"""Factor by which pixels and diffraction are finer when the cause `undersampled` is taken away."""
_LINES = 0.15
"""Least share of a linear code's height where scan lines pass unhidden: a reader needs a strip of a pixel or two."""
_CUT = 0.5
"""Part of the outermost modules that may be cut off [modules]."""
_ITF_QUIET = 9.0
"""Quiet zone that a reader needs beside ITF-14 [modules]."""
_SLANT = 0.82
"""Foreshortening below which a view counts as slanting: 35 degrees."""
_FRESH_MU = 0.1
"""Margin mu above which a damaged code would have been read without damage: 85 % or more are."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Evidence:
    """Geometry, optics and light of a code in a view."""

    seen: np.ndarray
    """Which points of a raster over the code, rows along its top edge, are in the image and not hidden, bool."""
    in_image: np.ndarray
    """Which are in the image, hidden or not."""
    jacobian_px: np.ndarray
    """d pixel / d module at its corners, shape (4, 2, 2)."""
    conditions: decodability.Conditions
    diffraction_px: float
    """The part of the blur that focusing does not change, one sigma."""
    signal: Signal
    damaged: bool
    """Print or wear defects were applied."""


def hidden(raster: np.ndarray, symbol: Symbol) -> float:
    """Return the share of a code that a reader misses, where `raster` says which points of it are seen.

    A linear code loses nothing as long as scan lines cross it from end to end; where none does, at least half is lost.
    """
    missing = 1.0 - float(raster.mean())
    if not symbol.linear:
        return missing
    return 0.0 if raster.all(axis=1).mean() >= _LINES else max(missing, 0.5)


def reason(
    evidence: Evidence, plain: decode.Reading, image: np.ndarray | None, quad_px: np.ndarray, symbol: Symbol
) -> str:
    """Return the reason for the outcome `plain`, a word of REASONS.

    Args:
        evidence: geometry, optics and light of the code.
        plain: what the reader made of the plain crop.
        image: the picture as grey levels, uint8, shape (height, width); None where none was made.
        quad_px: TL, TR, BR, BL in it, shape (4, 2).
        symbol: the code as written.
    """
    if plain.decoded:
        return "readable"
    prediction = decodability.predict(symbol.symbology, evidence.jacobian_px, evidence.conditions)
    if image is None and prediction.mu > 0:
        return "readable"
    whole = replace(evidence.conditions, hidden=0.0)
    margin = decodability.predict(symbol.symbology, evidence.jacobian_px, whole).mu
    size = None if image is None else (image.shape[1], image.shape[0])
    cut = _cut(evidence, symbol, margin, size is None or in_view(quad_px, symbol, size))
    if cut:
        return cut
    of_light = _light(evidence.signal)
    if of_light:
        return of_light
    if plain.misread:
        return "misread"
    if image is not None and _reads_turned(image, evidence, quad_px, symbol):
        return "orientation"
    return _of_optics(evidence, symbol, prediction.mu)


def in_view(quad_px: np.ndarray, symbol: Symbol, size_px: tuple[int, int]) -> bool:
    """Return whether an image of some width and height holds what a reader needs of a code.

    A matrix code needs its corners; of a linear one and PDF417 a scan line must pass both ends. The image's edge
    serves as a quiet zone, except for ITF-14 (zxing-cpp 3.1.1, cut off at all distances from the ends).
    """
    rows = rectify.bar_modules(quad_px, symbol)
    to_px = rectify.homography(quad_px, symbol.width, rows)
    scanned = symbol.linear or symbol.symbology == "pdf417"
    beyond = _ITF_QUIET if symbol.symbology == "itf14" else -_CUT
    lines = [0.1 * rows, 0.3 * rows, 0.5 * rows, 0.7 * rows, 0.9 * rows] if scanned else [_CUT, rows - _CUT]
    ends = np.array([(x, y, 1.0) for y in lines for x in (-beyond, symbol.width + beyond)]) @ to_px.T
    inside = ((ends[:, 2:] > 0) & (ends[:, :2] >= 0) & (ends[:, :2] <= ends[:, 2:] * size_px)).all(axis=1)
    whole = inside.reshape(-1, 2).all(axis=1)
    return bool(whole.any() if scanned else whole.all())


def _cut(evidence: Evidence, symbol: Symbol, margin: float, in_view: bool) -> str:
    """Return `out_of_view` or `occluded` where too much of the code is missing, else "".

    A missing part that error correction mends on average counts only where the code is readable in other respects.
    """
    limit = decodability.NATIVE[symbol.symbology].hidden if margin < 0 else 0.0
    if not in_view or hidden(evidence.in_image, symbol) > limit:
        return "out_of_view"
    return "occluded" if hidden(evidence.seen, symbol) > max(limit, 0.01) else ""


def _light(signal: Signal) -> str:
    """Return `glare`, `saturated` or `underexposed`; "" where the light is right."""
    if signal.contrast_dn < _LEAST_DN <= signal.free_light_dn - signal.free_dark_dn:
        return "glare" if signal.glare_dn > 0.5 * signal.free_light_dn else "saturated"
    if signal.glare_dn > signal.free_light_dn - signal.glare_dn:
        return "glare"
    if signal.free_light_dn < 1.5 * _LEAST_DN:
        return "underexposed"
    return ""


def _reads_turned(image: np.ndarray, evidence: Evidence, quad_px: np.ndarray, symbol: Symbol) -> bool:
    """Return whether the picture is read once it is turned upright, or once a slanting view is seen straight on."""
    turned = decode.turned(image, quad_px, symbol)
    if turned is not None and decode.read(turned, symbol.symbology, symbol.written).decoded:
        return True
    longest, shortest = np.linalg.svd(evidence.jacobian_px.mean(axis=0), compute_uv=False)
    if shortest > _SLANT * longest:
        return False
    faced = np.clip(np.rint(decode.rectify(image, quad_px, symbol)), 0, 255).astype(np.uint8)
    return decode.read(faced, symbol.symbology, symbol.written).decoded


def _of_optics(evidence: Evidence, symbol: Symbol, mu: float) -> str:
    """Return the cause whose absence leaves the widest margin; `damaged` where the margin is wide already."""
    if mu > _FRESH_MU and evidence.damaged:
        return "damaged"
    margins = {name: margin(evidence, symbol, name) for name in _MENDED}
    best = max(margins, key=lambda name: margins[name])
    if evidence.damaged and margins[best] < mu + 0.05:
        return "damaged"
    return best if mu < decodability.SURE else "unknown"


def margin(evidence: Evidence, symbol: Symbol, cause: str) -> float:
    """Return the margin mu that is predicted without a cause."""
    jacobian, conditions = _MENDED[cause](evidence)
    return decodability.predict(symbol.symbology, jacobian, conditions).mu


def _fine(evidence: Evidence) -> tuple[np.ndarray, decodability.Conditions]:
    """Return the view with finer pixels and less diffraction: defocus and motion then span more pixels."""
    was = evidence.conditions
    disc2 = max(was.blur_px**2 - evidence.diffraction_px**2, 0.0)
    x, y = was.motion_px
    blur_px = math.sqrt(disc2 * _FINER**2 + evidence.diffraction_px**2)
    grown = replace(was, blur_px=blur_px, motion_px=(x * _FINER, y * _FINER))
    return evidence.jacobian_px * _FINER, grown


def _straight(evidence: Evidence) -> tuple[np.ndarray, decodability.Conditions]:
    """Return the view of the code upright and straight on from the same distance, every axis as long as the longest."""
    was = evidence.jacobian_px.mean(axis=0)
    upright = np.linalg.svd(was, compute_uv=False)[0] * np.eye(2)
    x, y = upright @ np.linalg.inv(was) @ evidence.conditions.motion_px
    return upright, replace(evidence.conditions, motion_px=(float(x), float(y)))


def _changed(evidence: Evidence, **numbers: object) -> tuple[np.ndarray, decodability.Conditions]:
    return evidence.jacobian_px, replace(evidence.conditions, **numbers)  # pyright: ignore[reportArgumentType]


_MENDED = {
    "undersampled": _fine,
    "orientation": _straight,
    "motion_blur": lambda e: _changed(e, motion_px=(0.0, 0.0)),
    "defocus": lambda e: _changed(e, blur_px=e.diffraction_px),
    "low_contrast": lambda e: _changed(e, contrast_dn=max(e.conditions.contrast_dn, _GOOD_DN)),
    "noise": lambda e: _changed(e, noise_dn=0.0),
}
