"""Checks of an `-o` before any work: the ending, what is needed to write it, and the folder it goes to."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from synthgen.errors import InputError, OutputError, UsageError

REPORT = {".pdf": ("typst", "report")}
"""Ending -> (package, extra) of what reports are written with beyond the core."""
STORES = {"s3": ("s3fs", "s3")}


@dataclass(frozen=True)
class Output:
    """Validator of a parameter that names a file or folder to be written."""

    endings: tuple[str, ...] = ()
    """Of files, in lower case."""
    folder: bool = False
    """A name without an ending is a folder, which may be new."""
    store: bool = False
    """A URL such as s3://bucket/prefix will do, and any name is a folder's."""
    needs: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Ending -> (package, extra)."""

    def __call__(self, kind: Any, value: Any) -> None:
        """Check the value that was given.

        Raises:
            UsageError: the ending is none of those that can be written.
            InputError: what writes it is not installed.
            OutputError: its folder is not there, or may not be written.
        """
        if value is None:
            return
        if self.store and "://" in str(value):
            require(STORES, str(value).partition("://")[0], f"-o {value}")
            return
        path = Path(value)
        if not self.store:
            self._refuse_ending(path)
            require(self.needs, path.suffix.lower(), f"-o {value}")
        is_file = not self.store and bool(path.suffix)
        if is_file and path.is_dir():
            raise OutputError(f"-o {path}: is a folder; give the name of a file in it, such as {path / self._example}")
        refuse_place(path, is_file)

    @property
    def _example(self) -> str:
        return f"out{self.endings[0]}" if self.endings else "out"

    def _refuse_ending(self, path: Path) -> None:
        if path.suffix.lower() in self.endings or (self.folder and not path.suffix):
            return
        if self.folder and not self.endings:
            return  # any name is a folder's
        listed = " or ".join(filter(None, (", ".join(self.endings), "no ending, for a folder" if self.folder else "")))
        found = f"ends in {path.suffix}" if path.suffix else "has no ending"
        raise UsageError(f"-o {path}: {found}; write a name with the ending {listed}, such as {self._example}")


def require(needs: Mapping[str, tuple[str, str]], key: str, what: str) -> None:
    """Check that the package which `key` needs is installed.

    Raises:
        InputError: it is not; the message names the extra.
    """
    package, extra = needs.get(key, ("", ""))
    if package and not _installed(package):
        raise InputError(f"{what}: needs {package}, which is not installed: pip install 'synthgen[{extra}]'")


def refuse_place(path: Path, is_file: bool) -> None:
    """Check that the folder which a file or a new folder goes into is there and may be written.

    Raises:
        OutputError: it is not.
    """
    if not is_file and path.is_dir():
        return
    parent = path.absolute().parent
    if not parent.exists():
        near = next(folder for folder in parent.parents if folder.exists())
        make = f"correct the path, or make the folder first: mkdir -p {parent}"
        raise OutputError(f"-o {path}: there is no folder {parent}; the nearest that exists is {near}; {make}")
    if not parent.is_dir():
        raise OutputError(f"-o {path}: {parent} is not a folder; correct the path")
    if not os.access(parent, os.W_OK):
        raise OutputError(f"-o {path}: {parent} may not be written; choose a folder that you may write")


def _installed(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except (ImportError, ValueError):  # a parent that cannot be imported, a module that is masked
        return False
