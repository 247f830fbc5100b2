"""Where a recipe came from: its file, its folder, its text with every override in it, and the line of each path."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from synthgen.recipe import randomizer_entry
from synthgen.recipe.faults import Fault, Path, dotted
from synthgen.recipe.yaml_lines import Document


@dataclass(frozen=True)
class Origin:
    """The source of a loaded recipe."""

    file: str = "<recipe>"
    folder: str = "."
    """Folder that relative file names in the recipe start from."""
    document: Document = field(default_factory=lambda: Document({}, {}, []))

    def text(self) -> str:
        """Return the recipe as canonical text, which is JSON and YAML at once; `load` reads it back."""
        return json.dumps(self.document.data, indent=1, ensure_ascii=False, allow_nan=False) + "\n"

    def typed(self, path: Path) -> str:
        """Return what the user typed for a number or a switch, "" for a value that is text or no scalar."""
        return self.document.typed.get(path, "")

    def fault(self, path: Path, message: str) -> Fault:
        """Return the fault at a path, by its line or its `--set`, its path as `--set` takes it."""
        return Fault(self.line(path), self.spelled(path), message, self.place(path))

    def spelled(self, path: Path) -> str:
        """Return a path as `--set` takes it: an entry of the list of randomizers goes by its label.

        >>> document = Document({"randomize": [{"bar_lights": {"peak_nm": 1}, "as": "red"}]}, {}, [])
        >>> Origin(document=document).spelled(("randomize", 0, "bar_lights", "peak_nm"))
        'randomize.red.peak_nm'
        """
        if len(path) < 2 or path[0] != "randomize":
            return dotted(path)
        labels = self._labels()
        n, name, rest = path[1], path[2:3], path[3:]
        if not isinstance(n, int) or n >= len(labels) or labels.count(labels[n]) > 1 or not labels[n]:
            return dotted(path)
        return dotted((path[0], labels[n], *(() if name != ("as",) else name), *rest))

    def _labels(self) -> list[str]:
        """Return the label of each entry of the list of randomizers, "" for what is no entry."""
        entries = self.document.data.get("randomize") if isinstance(self.document.data, dict) else None
        labels = []
        for raw in entries if isinstance(entries, list) else ():
            try:
                labels.append(randomizer_entry.split(raw)[1])
            except ValueError:
                labels.append("")
        return labels

    def line(self, path: Path) -> int:
        """Return the line of a path, or of the nearest place above it that is written; 0 when it is not in the file."""
        return next((self.document.lines[p] for p in _upwards(path) if p in self.document.lines), 0)

    def place(self, path: Path) -> str:
        """Return the `--set` that wrote a path or a place above it, "" when the file did."""
        return next((self.document.places[p] for p in _upwards(path) if p in self.document.places), "")


def _upwards(path: Path) -> list[Path]:
    return [path[:n] for n in range(len(path), -1, -1)]
