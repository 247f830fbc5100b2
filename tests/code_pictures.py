"""Pictures of flat codes under a known homography, for tests of readers and of their prediction."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from synthgen.barcodes import encode
from synthgen.barcodes.rectify import homography
from synthgen.barcodes.symbologies import Symbol

BARS = 30
"""Height of linear codes [modules]."""
_OVER = 3
_MARGIN_PX = 24


def rows_of(symbol: Symbol) -> int:
    """Return the height of a symbol in modules."""
    return BARS if symbol.linear else symbol.height


def straight_quad(symbol: Symbol, module_px: float, angle_rad: float = 0.0) -> np.ndarray:
    """Return the quad of a code turned in the image, its top-left-most point at 40 px."""
    w, h = symbol.width * module_px, rows_of(symbol) * module_px
    corners = np.array([(0, 0), (w, 0), (w, h), (0, h)])
    cos, sin = np.cos(angle_rad), np.sin(angle_rad)
    turned = corners @ np.array([[cos, sin], [-sin, cos]])
    quiet_px = (max(symbol.quiet) + 2) * module_px
    return turned - turned.min(axis=0) + _MARGIN_PX + quiet_px


def picture(
    symbol: Symbol,
    quad_px: np.ndarray,
    rng: Generator,
    *,
    light_dn: float = 200.0,
    dark_dn: float = 40.0,
    noise_dn: float = 1.0,
    blur_px: float = 0.0,
    motion_px: tuple[float, float] = (0.0, 0.0),
) -> np.ndarray:
    """Return an image of a code whose corners are `quad_px`, box pixels, uint8."""
    quiet_px = np.linalg.norm(quad_px[1] - quad_px[0]) / symbol.width * (max(symbol.quiet) + 2)
    width, height = np.ceil(quad_px.max(axis=0) + _MARGIN_PX + quiet_px).astype(int)
    y, x = (np.mgrid[: height * _OVER, : width * _OVER] + 0.5) / _OVER
    back = np.linalg.inv(homography(quad_px, symbol.width, rows_of(symbol)))
    u, v, w = np.tensordot(back, np.stack([x, y, np.ones_like(x)]), axes=1)
    column, row = np.floor(u / w).astype(int), np.floor(v / w).astype(int)
    inside = (column >= 0) & (column < symbol.width) & (row >= 0) & (row < rows_of(symbol))
    row = np.zeros_like(row) if symbol.linear else np.clip(row, 0, symbol.height - 1)
    dark = inside & symbol.modules[row, np.clip(column, 0, symbol.width - 1)]
    grey = np.where(dark, dark_dn, light_dn)
    grey = grey.reshape(height, _OVER, width, _OVER).mean(axis=(1, 3))
    grey = _blurred(grey, blur_px, motion_px)
    return np.clip(np.rint(grey + rng.normal(0, noise_dn, grey.shape)), 0, 255).astype(np.uint8)


def _blurred(grey: np.ndarray, blur_px: float, motion_px: tuple[float, float]) -> np.ndarray:
    """Return the picture blurred by its transfer function: a Gaussian times the sinc of a motion."""
    if blur_px == 0 and motion_px == (0.0, 0.0):
        return grey
    fy = np.fft.fftfreq(grey.shape[0])[:, None]
    fx = np.fft.rfftfreq(grey.shape[1])[None, :]
    transfer = np.exp(-2 * (np.pi * blur_px) ** 2 * (fx**2 + fy**2)) * np.sinc(motion_px[0] * fx + motion_px[1] * fy)
    return np.fft.irfft2(np.fft.rfft2(grey) * transfer, grey.shape)


def jacobian(symbol: Symbol, quad_px: np.ndarray) -> np.ndarray:
    """Return d pixel / d module at the four corners, shape (4, 2, 2)."""
    matrix = homography(quad_px, symbol.width, rows_of(symbol))
    w, h = symbol.width, rows_of(symbol)
    result = []
    for x, y in ((0, 0), (w, 0), (w, h), (0, h)):
        u, v, s = matrix @ (x, y, 1)
        result.append((matrix[:2, :2] - np.outer((u / s, v / s), matrix[2, :2])) / s)
    return np.array(result)


def example(symbology: str) -> Symbol:
    """Return a code of a symbology, of the size its limits were measured with."""
    payload = {
        "aztec": "TBA123456789",
        "code39": "AA-01-02-03",
        "ean13": "9521234543213",
        "upca": "012345678905",
        "itf14": "19521234543210",
        "gs1_128": "(00)395212345678901236",
        "gs1_datamatrix": "(01)09521234543213(10)ABC123(21)XYZ",
        "gs1_qr": "(01)09521234543213(10)ABC123",
        "pdf417": "TBA123456789012|12345|S01|12.5KG",
    }.get(symbology, "X00ABC1234")
    return encode.encode(symbology, payload)
