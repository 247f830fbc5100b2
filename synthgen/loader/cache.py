"""A folder of samples that were fetched from afar, named by their hash and bounded in size.

Any number of processes share it without locks: a file appears whole under the name of its content, so writing it twice
does no harm, and a damaged one is noticed and fetched again.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from contextlib import suppress
from pathlib import Path

SWEEPS = 16
"""A process looks at the folder's size after putting this fraction of the limit into it."""


class Cache:
    """Samples by the hash of their bytes; the least recently used go first."""

    def __init__(self, folder: str, limit_bytes: int) -> None:
        self._folder, self._limit_bytes = Path(folder), limit_bytes
        self._put_bytes = 0

    def get(self, sha256: str) -> bytes | None:
        """Return the bytes with this hash, None where they are not here."""
        path = self._path(sha256)
        try:
            data = path.read_bytes()
            os.utime(path)
        except OSError:
            return None
        if hashlib.sha256(data).hexdigest() == sha256:
            return data
        with suppress(OSError):
            path.unlink()
        return None

    def put(self, sha256: str, data: bytes | memoryview) -> None:
        """Keep bytes; a full disk only means that they are fetched again."""
        path = self._path(sha256)
        temporary = path.with_name(f".tmp-{secrets.token_hex(8)}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_bytes(data)
            os.replace(temporary, path)
        except OSError:
            with suppress(OSError):
                temporary.unlink()
        self._put_bytes += memoryview(data).nbytes
        if self._put_bytes > self._limit_bytes // SWEEPS:
            self._put_bytes = 0
            self.sweep()

    def sweep(self) -> None:
        """Remove what was not used for longest until the folder is within its limit."""
        files = []
        for folder, _, names in os.walk(self._folder):
            for name in names:
                with suppress(OSError):
                    path = Path(folder, name)
                    state = path.stat()
                    files.append((state.st_mtime_ns, state.st_size, path))
        excess = sum(size for _, size, _ in files) - self._limit_bytes
        for _, size, path in sorted(files):
            if excess <= 0:
                break
            with suppress(OSError):
                path.unlink()
                excess -= size

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256
