"""Undo the known perspective of a code and stretch its contrast, so that a reader decodes more.

References:
    Heckbert: Fundamentals of texture mapping and image warping. 1989, section 2.2 (square to quadrilateral).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from synthgen.barcodes.symbologies import Symbol

_MARGIN = 1.5
"""Modules kept around the quiet zone."""
_GUARDED = ("ean13", "upca")
_SMOOTH_MODULES = 0.3


def homography(quad_px: np.ndarray, width: float, height: float) -> np.ndarray:
    """Return the 3x3 matrix that takes (x, y, 1) in [0, width] x [0, height] to the quad TL, TR, BR, BL [px]."""
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], float)
    rows, right = [], []
    for (x, y), (u, v) in zip(corners, np.asarray(quad_px, float), strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        right += [u, v]
    return np.append(np.linalg.solve(np.array(rows), np.array(right)), 1.0).reshape(3, 3)


def outline(quad_px: np.ndarray, symbol: Symbol) -> np.ndarray:
    """Return the quad enlarged by the quiet zone and a little more, shape (4, 2) [px]."""
    rows = bar_modules(quad_px, symbol)
    matrix = homography(quad_px, symbol.width, rows)
    left, right, top, bottom = (n + _MARGIN for n in symbol.quiet)
    corners = [(-left, -top), (symbol.width + right, -top)]
    corners += [(symbol.width + right, rows + bottom), (-left, rows + bottom)]
    return _project(matrix, np.array(corners, float))


def bar_modules(quad_px: np.ndarray, symbol: Symbol) -> float:
    """Return the height in modules; of a linear code from the quad's shape, 8 to 120."""
    if not symbol.linear:
        return float(symbol.height)
    quad = np.asarray(quad_px, float)
    across = np.linalg.norm(quad[1] - quad[0]) + np.linalg.norm(quad[2] - quad[3])
    down = np.linalg.norm(quad[3] - quad[0]) + np.linalg.norm(quad[2] - quad[1])
    return float(np.clip(down / max(across, 1e-9) * symbol.width, 8, 120))


def rectify(image: np.ndarray, quad_px: np.ndarray, symbol: Symbol, px_per_module: int = 4) -> np.ndarray:
    """Return the code seen straight on, with its quiet zone, `px_per_module` pixels a module, float32.

    Args:
        image: grey levels, shape (height, width).
        quad_px: TL, TR, BR, BL of the symbol, origin at the corner of the top-left pixel, shape (4, 2).
        symbol: the code; a linear one gets its height from the quad's shape.
        px_per_module: scale of the result.
    """
    rows = bar_modules(quad_px, symbol)
    left, right, top, bottom = (n + _MARGIN for n in symbol.quiet)
    over = _oversampling(quad_px, symbol, px_per_module)
    step = 1.0 / (px_per_module * over)
    x = _centres(-left, symbol.width + right, step, over)
    y = _centres(-top, rows + bottom, step, over)
    grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    at = _project(homography(quad_px, symbol.width, rows), grid)
    fine = sampled(image, at).reshape(len(y), len(x))
    return fine.reshape(len(y) // over, over, len(x) // over, over).mean(axis=(1, 3))


def views(image: np.ndarray, quad_px: np.ndarray, symbol: Symbol) -> Iterator[np.ndarray]:
    """Yield pictures of the code to be tried in this order, uint8, the most promising first."""
    scale = 4
    straight = rectify(image, quad_px, symbol, scale)
    if symbol.linear:
        yield from _linear_views(straight, symbol, scale)
        return
    yield _stretch(_smooth(straight, _SMOOTH_MODULES * scale))
    yield _stretch(straight)
    yield _stretch(_levelled(straight, 6 * scale))


def _linear_views(straight: np.ndarray, symbol: Symbol, scale: int) -> Iterator[np.ndarray]:
    """Yield the bars averaged along their length, whole and by thirds: dirt and glare rarely cover all three.

    The bars without averaging are among them: their noise dithers the reader's threshold, which helps blurred EAN.
    """
    margin = int(_MARGIN * scale)
    foot = 0.72 if symbol.symbology in _GUARDED else 0.95
    bars = straight[margin : straight.shape[0] - margin]
    bars = bars[int(0.05 * len(bars)) : max(int(foot * len(bars)), int(0.05 * len(bars)) + 1)]
    profile = bars.mean(axis=0, keepdims=True)
    yield np.repeat(_stretch(profile), 32, axis=0)
    yield _stretch(bars)
    yield np.repeat(_stretch(_sharpened(profile, scale)), 32, axis=0)
    third = max(len(bars) // 3, 1)
    for part in (bars, bars[:third], bars[third : 2 * third], bars[-third:]):
        profile = part.mean(axis=0, keepdims=True)
        yield np.repeat(_stretch(_sharpened(_levelled(profile, 12 * scale), scale)), 32, axis=0)


def _oversampling(quad_px: np.ndarray, symbol: Symbol, px_per_module: int) -> int:
    """Return how many samples of the image a pixel of the result averages along one axis."""
    quad = np.asarray(quad_px, float)
    longest = max(np.linalg.norm(quad[1] - quad[0]), np.linalg.norm(quad[2] - quad[3]))
    return int(np.clip(round(longest / symbol.width / px_per_module), 1, 4))


def _centres(first: float, last: float, step: float, over: int) -> np.ndarray:
    count = max(int((last - first) / step) // over * over, over)
    return first + (np.arange(count) + 0.5) * step


def _project(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    homogeneous = points @ matrix[:, :2].T + matrix[:, 2]
    return homogeneous[:, :2] / homogeneous[:, 2:]


def sampled(image: np.ndarray, at_px: np.ndarray) -> np.ndarray:
    """Return grey levels at positions whose origin is the corner of the first pixel, edges repeated."""
    height, width = image.shape
    x = np.clip(at_px[:, 0] - 0.5, 0, width - 1)
    y = np.clip(at_px[:, 1] - 0.5, 0, height - 1)
    left = np.minimum(x.astype(np.intp), max(width - 2, 0))
    top = np.minimum(y.astype(np.intp), max(height - 2, 0))
    right, bottom = np.minimum(left + 1, width - 1), np.minimum(top + 1, height - 1)
    u, v = (x - left).astype(np.float32), (y - top).astype(np.float32)
    upper = image[top, left] * (1 - u) + image[top, right] * u
    lower = image[bottom, left] * (1 - u) + image[bottom, right] * u
    return (upper * (1 - v) + lower * v).astype(np.float32)


def _stretch(grey: np.ndarray) -> np.ndarray:
    low, high = np.percentile(grey, (1, 99))
    return np.clip((grey - low) * (255.0 / max(high - low, 1e-6)), 0, 255).astype(np.uint8)


def _levelled(grey: np.ndarray, reach: int) -> np.ndarray:
    """Return grey levels scaled between the running minimum and maximum along x, without slow changes of light."""
    span = float(np.ptp(grey))
    profile = grey.mean(axis=0) if grey.shape[0] > 1 else grey[0]
    padded = np.pad(profile, reach, mode="edge")
    windows = sliding_window_view(padded, 2 * reach + 1)
    low, high = _running_mean(windows.min(axis=1), reach), _running_mean(windows.max(axis=1), reach)
    return (grey - low) / np.maximum(high - low, 0.15 * span + 1e-6)


def _sharpened(profile: np.ndarray, scale: int) -> np.ndarray:
    """Return a profile with its detail finer than a module raised, as barcode readers do before they threshold."""
    return profile + 1.5 * (profile - _running_mean(profile[0], scale))


def _running_mean(values: np.ndarray, reach: int) -> np.ndarray:
    return np.convolve(np.pad(values, reach, mode="edge"), np.full(2 * reach + 1, 1 / (2 * reach + 1)), mode="valid")


def _smooth(grey: np.ndarray, sigma: float) -> np.ndarray:
    reach = max(int(3 * sigma), 1)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    kernel /= kernel.sum()
    for axis in (0, 1):
        padded = np.pad(grey, [(reach, reach) if a == axis else (0, 0) for a in (0, 1)], mode="edge")
        parts = [np.take(padded, np.arange(i, i + grey.shape[axis]), axis=axis) * k for i, k in enumerate(kernel)]
        grey = np.sum(parts, axis=0)
    return grey
