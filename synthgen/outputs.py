"""The output folder: whether it can be written, whose data set it holds, and files that appear whole or not at all.

A file is written beside its final place under a name that starts with `.tmp-`, forced to the disk, then renamed. While
it is being written its writer holds a lock on it, so that leftovers of killed runs are told from the work of live ones
on any number of machines that share the folder.

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
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from synthgen.errors import InputError, OutputError

IDENTITY_FILE = ".synthgen.json"
"""What the folder's data set follows from; the first file written, the key to resuming."""
RECEIPTS = ".receipts"
"""Folder with one receipt a shard."""
RESUME = ("if-possible", "always", "never")

_TEMPORARY = ".tmp-"
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


def claim(out: Path, identity: Mapping[str, Any], resume: str = "if-possible") -> bool:
    """Make `out` the folder of the data set with this identity; return whether it was so before.

    Raises:
        InputError: the folder holds something else, or `resume` (a name of RESUME) forbids what was found.
        OutputError: the folder cannot be made or written.
    """
    if resume not in RESUME:
        raise InputError(f"--resume {resume}: choose one of {', '.join(RESUME)}")
    with explained(out):
        present = sorted(p.name for p in out.iterdir() if not p.name.startswith(".")) if out.exists() else []
    before = read_identity(out)
    if before is None:
        _refuse_foreign(out, present, resume)
    else:
        _refuse_other(out, before, identity, resume)
    try:
        with explained(out):
            (out / RECEIPTS).mkdir(parents=True, exist_ok=True)
        write(out / IDENTITY_FILE, document(identity))
    except OutputError:
        if before is None:
            withdraw(out)
        raise
    return before is not None


def read_identity(out: Path) -> dict[str, Any] | None:
    """Return the identity of the data set in `out`, or None where there is none.

    Raises:
        InputError: the identity file is damaged.
    """
    path = out / IDENTITY_FILE
    try:
        with explained(out):
            return dict(json.loads(path.read_bytes()))
    except OutputError as error:
        if isinstance(error.__cause__, (FileNotFoundError, NotADirectoryError)):
            return None
        raise
    except (ValueError, TypeError) as damage:
        raise InputError(f"{path}: damaged ({damage}); choose another folder with -o, or remove this one") from damage


def withdraw(out: Path) -> None:
    """Undo `claim` in a folder that got no shard: remove what was written, and `out` itself when that empties it."""
    for path in (out / IDENTITY_FILE, out / "run.json", out / "recipe.resolved.yaml"):
        with suppress(OSError):
            path.unlink()
    for folder in (*(p for p in _listed(out) if p.is_dir()), out):
        with suppress(OSError):  # not empty: not ours alone
            folder.rmdir()


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


@contextmanager
def published(path: Path) -> Iterator[BinaryIO]:
    """Open a new file that replaces `path` when the block ends well, and vanishes when it does not.

    Raises:
        OutputError: the file cannot be opened, forced to the disk or renamed.
    """
    temporary = path.with_name(f"{_TEMPORARY}{path.name}-{secrets.token_hex(4)}")
    make_room(path)
    with explained(path):
        file = os.fdopen(os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666), "w+b")
    try:
        with suppress(OSError):  # a file system without locks: `sweep` then leaves the file alone
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield file
        with explained(path):
            file.flush()
            os.fsync(file.fileno())
            os.replace(temporary, path)
            _sync_folder(path.parent)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise
    finally:
        with suppress(OSError):  # a buffer that still does not fit; the file is gone already
            file.close()


def sweep(out: Path) -> list[str]:
    """Remove temporary files that no live process holds; return the names of the files they were to become."""
    swept = []
    for path in _temporaries(out):
        with suppress(OSError), path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
            swept.append(path.name.removeprefix(_TEMPORARY).rpartition("-")[0])
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


def _refuse_foreign(out: Path, present: list[str], resume: str) -> None:
    if resume == "always":
        raise InputError(f"{out}: there is nothing to resume; leave out `--resume always` to start anew")
    if present:
        raise InputError(f"{out}: holds other files ({', '.join(present[:3])}, ...); choose a new folder with -o")


def _refuse_other(out: Path, before: Mapping[str, Any], identity: Mapping[str, Any], resume: str) -> None:
    if resume == "never":
        raise InputError(f"{out}: a data set is here already; choose a new folder with -o, or leave out --resume never")
    plain = json.loads(document(identity))
    differing = [name for name in sorted(before.keys() | plain.keys()) if before.get(name) != plain.get(name)]
    if differing:
        changes = ", ".join(f"{name} {_short(before.get(name))} -> {_short(plain.get(name))}" for name in differing)
        raise InputError(f"{out}: holds another data set ({changes}); choose a new folder with -o")


def _short(value: Any) -> str:
    return value[:12] if isinstance(value, str) else json.dumps(value)


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _temporaries(out: Path) -> Iterator[Path]:
    for folder in (out, *(p for p in _listed(out) if p.is_dir())):
        yield from (path for path in _listed(folder) if path.name.startswith(_TEMPORARY))


def _sync_folder(folder: Path) -> None:
    """Force the folder's entries to the disk, where its file system can."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            os.fsync(handle)
    finally:
        os.close(handle)
