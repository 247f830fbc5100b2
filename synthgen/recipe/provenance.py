"""Where a recipe came from: its file, its folder, its text with every override in it, and the line of each path."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from synthgen.recipe.faults import Path
from synthgen.recipe.yaml_lines import Document


@dataclass(frozen=True)
class Origin:
    """What a loaded recipe remembers of its source."""

    file: str = "<recipe>"
    folder: str = "."
    """Relative file names in the recipe start here."""
    document: Document = field(default_factory=lambda: Document({}, {}, []))

    def text(self) -> str:
        """Return the recipe as canonical text, which is JSON and YAML at once; `load` reads it back."""
        return json.dumps(self.document.data, indent=1, ensure_ascii=False, allow_nan=False) + "\n"

    def line(self, path: Path) -> int:
        """Return the line of a path, or of the nearest place above it that is written; 0 when it is not in the file."""
        return next((self.document.lines[p] for p in _upwards(path) if p in self.document.lines), 0)

    def place(self, path: Path) -> str:
        """Return the `--set` that wrote a path or a place above it, "" when the file did."""
        return next((self.document.places[p] for p in _upwards(path) if p in self.document.places), "")


def _upwards(path: Path) -> list[Path]:
    return [path[:n] for n in range(len(path), -1, -1)]
