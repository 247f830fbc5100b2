"""The one typeface of all labels: the scalable font inside Pillow, sized by the room there is."""

from __future__ import annotations

from functools import lru_cache

from PIL import ImageFont

_CAP_SHARE = 0.73
"""Height of capitals and digits over the font size, of Pillow's built-in typeface."""


@lru_cache(maxsize=256)
def sized(px: int) -> ImageFont.FreeTypeFont:
    """Return the font with a size of `px` texels.

    Raises:
        RuntimeError: this build of Pillow has no FreeType.
    """
    font = ImageFont.load_default(max(px, 4))
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise RuntimeError("this Pillow is built without FreeType: install the wheel from the registry")
    return font


@lru_cache(maxsize=4096)
def fitting(text: str, width: int, height: int) -> ImageFont.FreeTypeFont:
    """Return the largest font in which one line of `text` is at most `width` wide and its capitals `height` high."""
    size = max(int(height / _CAP_SHARE), 4)
    length = sized(size).getlength(text)
    if length > width:
        size = max(int(size * width / length), 4)
    return sized(size)
