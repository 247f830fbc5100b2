"""Print that is not a label: handling marks and the maker's print on cartons, brands on pallets, signs and numbers.

All are drawn here in the style of ISO 780 and ISPM 15 marks, as tone maps: 255 is the ground, 0 the ink, row 0 the top.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.random import Generator, Philox
from PIL import Image, ImageDraw

from synthgen.printing import font as label_font

_GROUND = 237  # the mean of textures.kraft, so that a printed sheet does not show its rim
_FINE = 2  # drawn this many times larger, then reduced


@lru_cache(maxsize=32)
def handling(seed: int = 0) -> np.ndarray:
    """Return three handling marks in a row, upright: this way up, fragile, keep dry; shape (128, 384)."""
    image, draw = _sheet(384, 128)
    _arrows(draw, 64, 64)
    _glass(draw, 192, 64)
    _umbrella(draw, 320, 64)
    return _printed(image, seed)


@lru_cache(maxsize=32)
def maker(seed: int = 0) -> np.ndarray:
    """Return a maker's print: a brand word, a line of figures and a recycling loop; shape (128, 256)."""
    rng = _generator(seed)
    image, draw = _sheet(256, 128)
    word = "".join(rng.choice(list("BCDFGLMNPRSTV")) + rng.choice(list("AEIOU")) for _ in range(rng.integers(2, 4)))
    _text(draw, word, (12, 10, 180, 62))
    figures = f"{rng.integers(100, 990)} x {rng.integers(100, 590)} x {rng.integers(80, 490)} mm"
    _text(draw, figures, (12, 74, 180, 90))
    _text(draw, f"Art. {rng.integers(10000, 99999)}", (12, 100, 120, 116))
    _loop(draw, 218, 56, 30)
    return _printed(image, seed)


@lru_cache(maxsize=64)
def sign(text: str, width: int = 256, height: int = 256, border: bool = False) -> np.ndarray:
    """Return dark text filling a light plate, shape (height, width)."""
    image, draw = _sheet(width, height, 250)
    edge = min(width, height) // 8
    _text(draw, text, (edge, edge, width - edge, height - edge))
    if border:
        _box(draw, (4, 4, width - 4, height - 4), max(edge // 4, 3))
    return np.asarray(image.resize((width, height), Image.Resampling.BOX))


@lru_cache(maxsize=128)
def places(address: str) -> np.ndarray:
    """Return three numbered plates on a dark strip, one under each pallet of a bay; shape (32, 1024)."""
    image, draw = _sheet(1024, 32, 30)
    for n, middle in enumerate((171, 512, 853), 1):
        draw.rectangle([_FINE * v for v in (middle - 26, 1, middle + 26, 31)], fill=250)
        _text(draw, f"{address}-{n}", (middle - 24, 9, middle + 24, 23))
    return np.asarray(image.resize((1024, 32), Image.Resampling.BOX))


@lru_cache(maxsize=8)
def brand(which: str, seed: int = 0) -> np.ndarray:
    """Return a burnt mark of a pallet block: `corner` an oval with letters, `middle` a boxed treatment mark."""
    image, draw = _sheet(192, 128, 184)
    if which == "corner":
        draw.ellipse([_FINE * v for v in (16, 20, 176, 108)], outline=0, width=9 * _FINE)
        _text(draw, "EUR", (44, 42, 148, 86))
    else:
        _box(draw, (12, 14, 180, 114), 5)
        _text(draw, f"DE-{40000 + 137 * (seed % 97)}", (22, 26, 170, 58))
        _text(draw, "HT", (22, 70, 70, 102))
        _text(draw, f"{1 + seed % 9}-{20 + seed % 6}", (90, 70, 170, 102))
    return _printed(image, seed, 0.5)


def _sheet(width: int, height: int, ground: int = _GROUND) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("L", (width * _FINE, height * _FINE), ground)
    return image, ImageDraw.Draw(image)


def _printed(image: Image.Image, seed: int, mottle: float = 0.3) -> np.ndarray:
    """Return the drawing at its size, its ink mottled like flexo print, with pinholes."""
    small = image.resize((image.width // _FINE, image.height // _FINE), Image.Resampling.BOX)
    tone = np.asarray(small, np.float32)
    rng = _generator(seed + 1)
    ink = 1.0 - tone / tone.max()
    tone = (
        tone + ink * mottle * 90 * rng.random(tone.shape, np.float32) + 3 * rng.standard_normal(tone.shape, np.float32)
    )
    tone = np.where(rng.random(tone.shape) < 0.01, tone.max(), tone)
    return np.clip(tone, 0, 255).astype(np.uint8)


def _generator(seed: int) -> Generator:
    return Generator(Philox(key=seed))


def _text(draw: ImageDraw.ImageDraw, text: str, box: tuple[int, int, int, int]) -> None:
    """Write one line as large as the box (left, top, right, bottom) allows, centred in it."""
    left, top, right, bottom = (_FINE * v for v in box)
    font = label_font.fitting(text, right - left, bottom - top)
    draw.text(((left + right) / 2, (top + bottom) / 2), text, font=font, fill=0, anchor="mm")


def _box(draw: ImageDraw.ImageDraw, box: tuple[int, int, int, int], width: int) -> None:
    draw.rectangle([_FINE * v for v in box], outline=0, width=width * _FINE)


def _polygon(draw: ImageDraw.ImageDraw, points: list[tuple[float, float]], fill: int = 0) -> None:
    draw.polygon([(_FINE * x, _FINE * y) for x, y in points], fill=fill)


def _arrows(draw: ImageDraw.ImageDraw, x: float, y: float) -> None:
    """Draw two arrows pointing up from a bar."""
    for dx in (-20, 20):
        _polygon(draw, [(x + dx, y - 50), (x + dx - 15, y - 22), (x + dx + 15, y - 22)])
        _polygon(draw, [(x + dx - 5, y - 24), (x + dx + 5, y - 24), (x + dx + 5, y + 34), (x + dx - 5, y + 34)])
    _polygon(draw, [(x - 44, y + 40), (x + 44, y + 40), (x + 44, y + 50), (x - 44, y + 50)])


def _glass(draw: ImageDraw.ImageDraw, x: float, y: float) -> None:
    """Draw a stemmed glass with a crack."""
    _polygon(
        draw, [(x - 30, y - 50), (x + 30, y - 50), (x + 18, y - 4), (x + 5, y + 6), (x - 5, y + 6), (x - 18, y - 4)]
    )
    _polygon(draw, [(x - 4, y + 4), (x + 4, y + 4), (x + 4, y + 44), (x - 4, y + 44)])
    _polygon(draw, [(x - 24, y + 42), (x + 24, y + 42), (x + 24, y + 50), (x - 24, y + 50)])
    crack = [
        (x + 8, y - 50),
        (x + 2, y - 36),
        (x + 9, y - 28),
        (x + 2, y - 14),
        (x + 5, y - 28),
        (x - 3, y - 35),
        (x + 2, y - 50),
    ]
    _polygon(draw, crack, _GROUND)


def _umbrella(draw: ImageDraw.ImageDraw, x: float, y: float) -> None:
    """Draw an umbrella under drops."""
    draw.pieslice([_FINE * v for v in (x - 42, y - 34, x + 42, y + 50)], 180, 360, fill=0)
    for dx in (-28, 0, 28):
        draw.pieslice([_FINE * v for v in (x + dx - 14, y, x + dx + 14, y + 16)], 180, 360, fill=_GROUND)
    _polygon(draw, [(x - 3, y + 4), (x + 3, y + 4), (x + 3, y + 44), (x - 3, y + 44)])
    draw.arc([_FINE * v for v in (x - 3, y + 34, x + 19, y + 54)], 0, 180, fill=0, width=6 * _FINE)
    for dx in (-30, -6, 18):
        _polygon(draw, [(x + dx, y - 50), (x + dx + 4, y - 50), (x + dx - 2, y - 36), (x + dx - 6, y - 36)])


def _loop(draw: ImageDraw.ImageDraw, x: float, y: float, size: float) -> None:
    """Draw the recycling loop: three bent arrows around a triangle."""
    for turn in range(3):
        a = math.radians(120 * turn - 90)
        b = math.radians(120 * turn + 10)
        start = (x + size * math.cos(a), y + size * math.sin(a))
        end = (x + size * math.cos(b), y + size * math.sin(b))
        draw.line([tuple(_FINE * v for v in start), tuple(_FINE * v for v in end)], fill=0, width=10 * _FINE)
        tip = math.radians(120 * turn + 32)
        side = [(x + r * math.cos(b), y + r * math.sin(b)) for r in (size * 0.62, size * 1.38)]
        _polygon(draw, [side[0], side[1], (x + size * math.cos(tip), y + size * math.sin(tip))])
