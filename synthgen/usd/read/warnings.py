"""Warnings of what a stage asks for and the simulation leaves out: one for each kind, naming the first prim."""

from __future__ import annotations


class Remarks:
    """Collects remarks while a stage is read; the same remark on many prims becomes one line."""

    def __init__(self) -> None:
        self._paths: dict[str, dict[str, None]] = {}

    def add(self, path: object, text: str) -> None:
        """Note that the prim at `path` asks for something that is left out or changed."""
        self._paths.setdefault(text, {})[str(path)] = None

    def lines(self) -> tuple[str, ...]:
        """Return one line for each kind of remark, in the order in which they came up."""
        return tuple(_line(text, list(paths)) for text, paths in self._paths.items())


def _line(text: str, paths: list[str]) -> str:
    more = f" (and {len(paths) - 1} more)" if len(paths) > 1 else ""
    return f"{paths[0]}{more}: {text}"
