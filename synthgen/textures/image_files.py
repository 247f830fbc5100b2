"""Image files of materials, as 8-bit texels: whatever Pillow opens, also inside a usdz package."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

from synthgen.errors import StageError

MAX_PIXELS = 64_000_000
"""A larger texture is refused, as a mistake or a decompression bomb."""


def texels(asset: str) -> np.ndarray:
    """Return an image's texels, uint8, shape (height, width, channels) with 1 (grey) to 4 (RGBA) channels.

    16-bit and float images are scaled to 8 bits, palettes and CMYK turned into RGB.

    Raises:
        StageError: the file is missing, no image, or too large; the message names it.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(_open(asset)) as image:
                if image.width * image.height > MAX_PIXELS:
                    size = f"{image.width} x {image.height}"
                    raise StageError(f"{asset}: {size} texels; scale it below {MAX_PIXELS} in all")
                return _eight_bit(image)
    except StageError:
        raise
    except Exception as reason:
        raise StageError(f"{asset}: no image that can be read ({reason}); save it as PNG or JPEG") from reason


def _open(asset: str) -> Path | io.BytesIO:
    packaged = re.fullmatch(r"(.+\.usdz)\[(.+)\]", asset)
    if not packaged:
        return Path(asset)
    with zipfile.ZipFile(packaged[1]) as package:
        return io.BytesIO(package.read(packaged[2]))


def _eight_bit(image: Image.Image) -> np.ndarray:
    if image.mode.startswith("I") or image.mode == "F":
        values = np.asarray(image, np.float64)
        top = 65535.0 if image.mode.startswith("I") else 1.0
        grey = np.clip(np.rint(values / top * 255.0), 0, 255).astype(np.uint8)
        return grey[:, :, None]
    if image.mode not in ("L", "LA", "RGB", "RGBA"):
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    values = np.asarray(image)
    return values[:, :, None] if values.ndim == 2 else values
