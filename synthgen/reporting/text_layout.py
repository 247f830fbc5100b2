"""Text in pictures: broken into lines that fit, never cut at an edge."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import ImageDraw

from synthgen.reporting.overlays import Rgb, text_width, write

SEPARATOR = "   ·   "
LEADING = 1.35
"""Height of a line over the size of its letters."""


def wrapped(facts: Sequence[str], size: float, width: float) -> list[str]:
    """Return facts as lines of less than `width` [px]: broken between facts, else between words, else within a word."""
    lines: list[str] = []
    width -= 2  # letters may reach a pixel further than they are wide
    for fact in facts:
        if lines and text_width(lines[-1] + SEPARATOR + fact, size) <= width:
            lines[-1] += SEPARATOR + fact
        else:
            lines += _words(fact, size, width)
    return lines


Block = Sequence[tuple[Sequence[str], Rgb, float]]
"""Paragraphs below each other: lines, colour, size of the letters."""


def block_height(block: Block) -> int:
    """Return the height of paragraphs [px]."""
    return sum(len(lines) * _line_height(size) for lines, _, size in block)


def write_block(pen: ImageDraw.ImageDraw, at: tuple[float, float], block: Block) -> None:
    """Write paragraphs below each other, their top left corner at `at`."""
    x, y = at
    for lines, fill, size in block:
        for line in lines:
            write(pen, (x, y), line, fill, size)
            y += _line_height(size)


def fitted(text: str, size: float, width: float, least: float = 7.0) -> float:
    """Return the size of letters, at most `size` and at least `least`, at which a text is `width` [px] wide or less."""
    return max(least, min(size, size * width / max(text_width(text, size), 1e-9)))


def _line_height(size: float) -> int:
    return round(LEADING * size)


def _words(text: str, size: float, width: float) -> list[str]:
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if text_width(longer, size) <= width:
            lines[-1] = longer
            continue
        lines = [*(lines if lines[-1] else lines[:-1]), *_pieces(word, size, width)]
    return lines


def _pieces(word: str, size: float, width: float) -> list[str]:
    """Return a word in parts that fit, at least one letter each."""
    parts = [""]
    for letter in word:
        if parts[-1] and text_width(parts[-1] + letter, size) > width:
            parts.append("")
        parts[-1] += letter
    return parts
