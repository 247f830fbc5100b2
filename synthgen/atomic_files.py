"""Files that appear whole or not at all, and error messages that say why they cannot.

A file is written beside its final place under a name that starts with `.tmp-`, forced to the disk, then renamed. Its
writer holds a lock on it meanwhile, so that `sweep` can tell leftovers of killed runs from the work of live ones, on
any number of machines that share the folder.

References:
    POSIX.1-2017, rename(): a reader sees the old file or the new one. Linux man-pages, fsync(2): the folder's entry
    needs an fsync of its own. flock(2): the lock goes with the process, however it ends.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from synthgen.errors import OutputError

TEMPORARY = ".tmp-"
"""How the name of a file begins that is being written."""
_REMEDIES = {
    errno.ENOSPC: "free some space or choose another folder with -o",
    errno.EDQUOT: "your disk quota is used up: free some space or choose another folder with -o",
    errno.EFBIG: "files may not grow that large here (see `ulimit -f`): raise the limit or make shards smaller",
    errno.EACCES: "choose a folder that you may write, with -o",
    errno.EPERM: "choose a folder that you may write, with -o",
    errno.EROFS: "choose a folder that is not read-only, with -o",
    errno.ENOTDIR: "choose a folder with -o, not a file",
    errno.EEXIST: "choose a folder with -o, not a file",
    errno.ENAMETOOLONG: "choose a shorter name with -o",
}


def document(value: Any) -> bytes:
    """Return `value` as the JSON of a file that people read too: sorted keys, two blanks of indent, a final newline."""
    return (json.dumps(value, sort_keys=True, indent=2, allow_nan=False) + "\n").encode()


def write(path: Path, data: bytes) -> None:
    """Put a file with this content at `path`, whole or not at all.

    Raises:
        OutputError: no space, no permission.
    """
    with published(path) as file, explained(path):
        file.write(data)


def make_room(path: Path) -> None:
    """Make the folder that a file is to be written in.

    Raises:
        OutputError: it cannot be made.
    """
    with explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)


def create(path: Path, data: bytes) -> bool:
    """Put a file where there is none; return False, and change nothing, where there is one.

    Raises:
        OutputError: no space, no permission.
    """
    with _temporary(path) as (file, temporary), explained(path):
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
        try:
            os.link(temporary, path)  # unlike a rename, it fails where something is
        except FileExistsError:
            return False
        _sync_folder(path.parent)
        return True


@contextmanager
def published(path: Path) -> Iterator[BinaryIO]:
    """Open a new file that replaces `path` when the block ends well, and vanishes when it does not.

    Raises:
        OutputError: the file cannot be opened, forced to the disk or renamed.
    """
    with _temporary(path) as (file, temporary):
        yield file
        with explained(path):
            file.flush()
            os.fsync(file.fileno())
            os.replace(temporary, path)
            _sync_folder(path.parent)


@contextmanager
def _temporary(path: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """Yield a new, locked file beside `path` and its name; it is gone afterwards, unless it got another name.

    Raises:
        OutputError: it cannot be made.
    """
    temporary = path.with_name(f"{TEMPORARY}{path.name}-{secrets.token_hex(4)}")
    make_room(path)
    with explained(path):
        file = os.fdopen(os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666), "w+b")
    try:
        with suppress(OSError):  # a file system without locks: `sweep` then leaves the file alone
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield file, temporary
    finally:
        with suppress(OSError):
            os.unlink(temporary)
        with suppress(OSError):  # a buffer that still does not fit; the file is gone already
            file.close()


def sweep(out: Path) -> list[str]:
    """Remove temporary files that no live process holds; return the names of the files they were to become."""
    swept = []
    for path in _temporaries(out):
        with suppress(OSError), path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
            swept.append(path.name.removeprefix(TEMPORARY).rpartition("-")[0])
    return swept


@contextmanager
def explained(place: Path) -> Iterator[None]:
    """Turn an OSError of the block into an OutputError that says where, what and what to do.

    Raises:
        OutputError: instead of the OSError.
    """
    try:
        yield
    except OSError as error:
        remedy = _REMEDIES.get(error.errno or 0, "check the disk and the folder's permissions")
        raise OutputError(f"{place}: {error.strerror or error}; {remedy}") from error


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _temporaries(out: Path) -> Iterator[Path]:
    for folder in (out, *(p for p in _listed(out) if p.is_dir())):
        yield from (path for path in _listed(folder) if path.name.startswith(TEMPORARY))


def _sync_folder(folder: Path) -> None:
    """Force the folder's entries to the disk, where its file system can."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            os.fsync(handle)
    finally:
        os.close(handle)
