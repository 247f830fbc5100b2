"""What every store can do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import BinaryIO, Protocol

from synthgen.errors import DatasetError


class Absent(DatasetError):
    """There is no object of this name."""


class Store(Protocol):
    """Named bytes. Every object appears whole or not at all; small ones are read and written in one piece.

    Errors are OutputError where writing fails and DatasetError where reading does; both name place and remedy.
    """

    url: str
    """As it was given; `stores.at(url)` is the same store in any process."""

    def place(self, name: str = "") -> str:
        """Return where an object is, for messages."""
        ...

    def prepare(self) -> None:
        """Check, without leaving anything behind, that the store can be written.

        Raises:
            OutputError: it cannot, or does not answer.
        """
        ...

    def read(self, name: str) -> bytes:
        """Return an object's bytes.

        Raises:
            Absent: there is none.
            DatasetError: it cannot be read.
        """
        ...

    def read_range(self, name: str, start: int, size: int) -> bytes:
        """Return `size` bytes from `start` on; fewer only where the object ends."""
        ...

    def open(self, name: str) -> BinaryIO:
        """Return an object as a stream that is read from its start."""
        ...

    def size(self, name: str) -> int | None:
        """Return an object's size [B], None where there is none."""
        ...

    def sha256(self, name: str) -> str:
        """Return the hash of an object's bytes as cheaply as can be trusted, "" where that is unknown."""
        ...

    def names(self, folder: str = "") -> Iterator[str]:
        """Yield the names of all objects below a folder, unfinished ones left out."""
        ...

    def write(self, name: str, data: bytes) -> None:
        """Put an object, replacing one of that name."""
        ...

    def create(self, name: str, data: bytes) -> bool:
        """Put an object where there is none; return False, and change nothing, where there is one."""
        ...

    def publish(self, name: str) -> AbstractContextManager[BinaryIO]:
        """Open a new file that becomes the object when the block ends well and vanishes when it does not."""
        ...

    def delete(self, name: str) -> None:
        """Remove an object; none is fine."""
        ...

    def sweep(self) -> list[str]:
        """Remove unfinished objects of dead writers; return the names, last part only, that they were to have."""
        ...

    def abort_uploads(self, name: str = "") -> int:
        """Abort unfinished uploads of an object, or of any; return how many there were.

        Called by the writer that makes that object now, or publishes the data set: a sender that is still alive starts
        anew by itself.
        """
        ...

    def withdraw(self) -> None:
        """Remove what an empty data set leaves: folders that hold nothing."""
        ...

    def free_bytes(self) -> int | None:
        """Return the room that is left [B], None where it is not known or without limit."""
        ...
