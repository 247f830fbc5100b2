"""A folder as a store."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import BinaryIO

from synthgen import atomic_files
from synthgen.dataset.stores.store import Absent
from synthgen.errors import DatasetError, OutputError

_REMEDY = "check the path and its permissions"


class Local:
    """Objects are files below a folder."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._root = Path(url)

    def place(self, name: str = "") -> str:
        """Return the file's path."""
        return str(self._root / name)

    def prepare(self) -> None:
        """Do nothing: the folder comes with its first file."""

    def read(self, name: str) -> bytes:
        """Return a file's bytes."""
        try:
            return (self._root / name).read_bytes()
        except OSError as error:
            raise self._unread(name, error) from error

    def read_range(self, name: str, start: int, size: int) -> bytes:
        """Return `size` bytes from `start` on."""
        try:
            with (self._root / name).open("rb") as file:
                return os.pread(file.fileno(), size, start)
        except OSError as error:
            raise self._unread(name, error) from error

    def open(self, name: str) -> BinaryIO:
        """Open a file for reading."""
        try:
            return (self._root / name).open("rb")
        except OSError as error:
            raise self._unread(name, error) from error

    def size(self, name: str) -> int | None:
        """Return a file's size [B], None where there is none."""
        try:
            return (self._root / name).stat().st_size
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise self._unread(name, error) from error

    def sha256(self, name: str) -> str:
        """Read the file and return its hash."""
        with self.open(name) as file:
            try:
                return hashlib.file_digest(file, "sha256").hexdigest()
            except OSError as error:
                raise self._unread(name, error) from error

    def names(self, folder: str = "") -> Iterator[str]:
        """Yield the paths of all files below a folder; unfinished ones are no files."""
        for where, folders, files in os.walk(self._root / folder):
            folders.sort()
            here = Path(where).relative_to(self._root)
            yield from (
                (here / name).as_posix() for name in sorted(files) if not name.startswith(atomic_files.TEMPORARY)
            )

    def write(self, name: str, data: bytes) -> None:
        """Put a file."""
        atomic_files.write(self._root / name, data)

    def create(self, name: str, data: bytes) -> bool:
        """Put a file where there is none."""
        return atomic_files.create(self._root / name, data)

    def publish(self, name: str) -> AbstractContextManager[BinaryIO]:
        """Open a file that replaces `name` when the block ends well."""
        return atomic_files.published(self._root / name)

    def delete(self, name: str) -> None:
        """Remove a file; none is fine."""
        with atomic_files.explained(self._root / name), suppress(NotADirectoryError):
            (self._root / name).unlink(missing_ok=True)

    def sweep(self) -> list[str]:
        """Remove temporary files that no live process holds."""
        return atomic_files.sweep(self._root)

    def abort_uploads(self, name: str = "") -> int:
        """Return 0: nothing is sent anywhere."""
        return 0

    def withdraw(self) -> None:
        """Remove empty folders, the store's own last."""
        folders = [Path(found[0]) for found in os.walk(self._root, topdown=False)]
        for folder in folders:
            with suppress(OSError):  # not empty: not ours alone
                folder.rmdir()

    def free_bytes(self) -> int | None:
        """Return the room that is left on the disk [B]."""
        return shutil.disk_usage(self._root).free

    def _unread(self, name: str, error: OSError) -> DatasetError | OutputError:
        place = self.place(name)
        if isinstance(error, (FileNotFoundError, NotADirectoryError)):
            return Absent(f"{place}: there is no such file; {_REMEDY}")
        return DatasetError(f"{place}: {error.strerror or error}; {_REMEDY}")
