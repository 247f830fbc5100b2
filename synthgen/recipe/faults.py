"""Faults: what is wrong, where it stands, what to write instead; all of them at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches
from typing import Any

Path = tuple[str | int, ...]
"""Keys and list positions that lead from the top of a recipe to a value."""

_SHORT = 24
"""A list of choices up to this long keeps its own order."""


@dataclass(frozen=True, order=True)
class Fault:
    """One fault, at a line of the file (0: no line) or in a `--set`."""

    line: int
    path: str
    message: str
    place: str = ""
    """Shown instead of file:line when the value came from a `--set`."""

    def text(self, file: str) -> str:
        """Return `file:line: dotted.path: what was found; what to write`."""
        place = self.place or (f"{file}:{self.line}" if self.line else file)
        return ": ".join(filter(None, [place, self.path, self.message]))


def texts(faults: Iterable[Fault], file: str) -> list[str]:
    """Return the faults as lines in the order of the file, each once."""
    return list(dict.fromkeys(fault.text(file) for fault in sorted(faults)))


def dotted(path: Path) -> str:
    """Return a path as a recipe's user writes it: `cameras.top.roi_px.0`.

    >>> dotted(("cameras", "top", "roi_px", 0))
    'cameras.top.roi_px.0'
    """
    return ".".join(map(str, path))


def shown(value: Any) -> str:
    """Return a value as a message shows it: short, on one line."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    text = _flow(value) if isinstance(value, (dict, list)) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def hint(word: Any, options: Sequence[str]) -> str:
    """Return `write nearest`, or the whole list when nothing is near, a long one with the most alike first.

    >>> hint("exposre_us", ["exposure_us", "lens"])
    'write exposure_us'
    """
    near = nearest(word, options)
    if near:
        return f"write {near}"
    listed = ", ".join(options if len(options) <= _SHORT else by_likeness(word, options))
    return f"write one of {listed}" if len(options) > 1 else f"write {listed}" if options else "delete it"


def by_likeness(word: Any, options: Iterable[str]) -> list[str]:
    """Return the options, those spelled most like `word` first, equals in alphabetical order.

    >>> by_likeness("gantry_tpo", ["bar_top", "hall_1", "gantry_top"])
    ['gantry_top', 'bar_top', 'hall_1']
    """
    bare = _bare(str(word)[:100])
    return sorted(options, key=lambda option: (-SequenceMatcher(None, bare, _bare(option)).ratio(), option))


def nearest(word: Any, options: Iterable[str]) -> str:
    """Return the option spelled most like `word`, or "" when none is near.

    >>> nearest("QR-code", ["code39", "qr"]), nearest("data_matrix", ["datamatrix"])
    ('qr', 'datamatrix')
    """
    known = {_bare(option): option for option in options}
    bare = _bare(str(word)[:100])
    if bare in known:
        return known[bare]
    inside = [key for key in known if len(key) > 1 and bare.startswith(key)]
    near = inside or get_close_matches(bare, list(known), 1, cutoff=0.6)
    return known[max(near, key=len)] if near else ""


def _bare(word: str) -> str:
    return word.lower().replace("_", "").replace("-", "").replace(" ", "")


def _flow(value: Any, depth: int = 3) -> str:
    """Return a value in YAML's flow style, cut off below `depth` levels."""
    if isinstance(value, (dict, list)) and not depth:
        return "..."
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(item, depth - 1)}" for key, item in list(value.items())[:5]) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(item, depth - 1) for item in value[:9]) + "]"
    return str(value)[:40]
