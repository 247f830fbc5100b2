"""What a report consists of, before it is HTML or PDF: blocks of plain text, tables and drawings.

Both renderers print the same strings, so a number cannot differ between them. Text here is never markup.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

SYMBOLS = {"good": "✓", "warn": "▲", "bad": "✗", "muted": "", "plain": ""}
"""The tones of a block or a row, what they say beside its words; each with a symbol, since colour is never alone."""


@dataclass(frozen=True, kw_only=True)
class Banner:
    """The verdict: a sign, a few words, a few lines."""

    tone: str
    title: str
    lines: tuple[str, ...]
    kind: str = "banner"


@dataclass(frozen=True)
class Heading:
    """A section's title; level 1 is numbered."""

    text: str
    level: int = 1
    kind: str = "heading"


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; a tone puts a bar beside it."""

    text: str
    tone: str = "plain"
    kind: str = "paragraph"


@dataclass(frozen=True)
class Bullets:
    """A list, numbered when its order matters."""

    items: tuple[str, ...]
    numbered: bool = False
    kind: str = "bullets"


@dataclass(frozen=True)
class Pairs:
    """Names and what they are."""

    rows: tuple[tuple[str, str], ...]
    kind: str = "pairs"


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a table."""

    title: str
    align: str = "left"
    """left or right."""
    share: float = 0.0
    """Of the width that is left over; 0: as wide as its text."""


@dataclass(frozen=True)
class Row:
    """Cells of a table, and what they say together."""

    cells: tuple[str, ...]
    tone: str = "plain"


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table; rows carry a symbol for their tone in the first column."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    note: str = ""
    kind: str = "table"

    def __post_init__(self) -> None:
        for row in self.rows:
            assert len(row.cells) == len(self.columns), (self.caption, row.cells)


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A drawing as SVG made by `svg.tag`, which escapes every text in it."""

    svg: str
    caption: str
    alt: str
    width_share: float = 1.0
    kind: str = "figure"


@dataclass(frozen=True)
class Gallery:
    """Drawings side by side, two in a row."""

    figures: tuple[Figure, ...]
    kind: str = "gallery"


@dataclass(frozen=True)
class Cards:
    """The few numbers to read first, each with the words below it."""

    items: tuple[tuple[str, str], ...]
    """(number, words)."""
    kind: str = "cards"


@dataclass(frozen=True)
class Details:
    """Blocks that an HTML page shows when its title is clicked; a PDF shows them at once."""

    title: str
    blocks: tuple[Block, ...]
    kind: str = "details"


@dataclass(frozen=True)
class PageBreak:
    """What follows begins on a new page."""

    kind: str = "page_break"


@dataclass(frozen=True)
class Signatures:
    """Lines to sign on."""

    roles: tuple[str, ...]
    kind: str = "signatures"


Block = (
    Banner | Heading | Paragraph | Bullets | Pairs | Table | Figure | Gallery | Cards | Details | PageBreak | Signatures
)


@dataclass(frozen=True, kw_only=True)
class Report:
    """A whole report."""

    title: str
    subject: str
    footer: str
    """Stands on every page: what the page belongs to."""
    language: str = "en"
    blocks: tuple[Block, ...]


def plain(value: Any) -> Any:
    """Return blocks as lists and dictionaries of visible text; drawings stay as they are."""
    if is_dataclass(value) and not isinstance(value, type):
        return {
            each.name: getattr(value, each.name) if each.name == "svg" else plain(getattr(value, each.name))
            for each in fields(value)
        }
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return visible(value) if isinstance(value, str) else value


def visible(text: str) -> str:
    """Return the text with everything that does not print, or that turns writing around, spelled out.

    A name must look like what it is, therefore control and format characters (category C) become their code points.
    """
    return "".join(_spelled(c) if c != "\n" and unicodedata.category(c).startswith("C") else c for c in text)


def _spelled(character: str) -> str:
    return f"[U+{ord(character):04X}]"
