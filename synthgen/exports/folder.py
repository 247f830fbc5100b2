"""The folder that an export owns, and its files, which appear whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from synthgen import atomic_files
from synthgen.errors import InputError

MARK = ".synthgen-export.json"
"""Name of the file, written first, that says which export a folder holds."""


def claim(out: Path, identity: Mapping[str, Any]) -> None:
    """Make `out` the folder of this export.

    Raises:
        InputError: it holds something else.
        OutputError: it cannot be made or written.
    """
    with atomic_files.explained(out):
        out.mkdir(parents=True, exist_ok=True)
        present = sorted(path.name for path in out.iterdir() if not path.name.startswith(atomic_files.TEMPORARY))
    if MARK in present:
        before = _read(out / MARK)
        if before != dict(identity):
            raise InputError(f"{out}: holds another export ({_named(before)}); choose a new folder with -o")
    elif present:
        raise InputError(f"{out}: holds other files ({', '.join(present[:3])}); choose a new folder with -o")
    atomic_files.write(out / MARK, atomic_files.document(identity))


def put(path: Path, data: bytes) -> None:
    """Put a file whole or not at all; `put_last` is what forces many of them to the disk together.

    Raises:
        OutputError: no space, no permission.
    """
    temporary = path.with_name(f"{atomic_files.TEMPORARY}{path.name}")
    with atomic_files.explained(path):
        temporary.write_bytes(data)
        os.replace(temporary, path)


def put_lines(path: Path, lines: Iterable[str]) -> None:
    """Put a text file whole or not at all, a line at a time.

    Raises:
        OutputError: no space, no permission.
    """
    with atomic_files.published(path) as file, atomic_files.explained(path):
        for line in lines:
            file.write(line.encode() + b"\n")


def put_last(path: Path, data: bytes) -> None:
    """Put the file whose presence says that all others are there.

    Raises:
        OutputError: no space, no permission.
    """
    os.sync()
    atomic_files.write(path, data)


def make(*folders: Path) -> None:
    """Make folders.

    Raises:
        OutputError: one cannot be made.
    """
    for folder in folders:
        with atomic_files.explained(folder):
            folder.mkdir(parents=True, exist_ok=True)


def _read(path: Path) -> dict[str, Any]:
    try:
        with atomic_files.explained(path):
            return dict(json.loads(path.read_bytes()))
    except (ValueError, TypeError) as damage:
        raise InputError(f"{path}: damaged ({damage}); choose a new folder with -o, or remove this one") from damage


def _named(identity: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {identity[name]}" for name in sorted(identity))
