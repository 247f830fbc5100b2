"""An object as a stream: fixed blocks, the next of which is on its way while one is read."""

from __future__ import annotations

import io
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import BinaryIO

from synthgen.errors import DatasetError

BLOCK_BYTES = 8 * 2**20
"""Large enough that a request's latency (some 50 ms) is small beside the transfer, small enough to hold two."""


def stream(place: str, size_bytes: int, fetch: Callable[[int, int], bytes], block_bytes: int = BLOCK_BYTES) -> BinaryIO:
    """Return an object of `size_bytes` as a stream that is read from its start.

    Args:
        place: where it is, for messages.
        size_bytes: how long it is.
        fetch: returns (start, size) bytes of it; called in another thread.
        block_bytes: how much is fetched at a time; two blocks are held.
    """
    return io.BufferedReader(_Ahead(place, size_bytes, fetch, block_bytes), 128 * 1024)


class _Ahead(io.RawIOBase):
    def __init__(self, place: str, size_bytes: int, fetch: Callable[[int, int], bytes], block_bytes: int) -> None:
        self._place, self._size_bytes, self._fetch, self._block_bytes = place, size_bytes, fetch, block_bytes
        self._threads = ThreadPoolExecutor(1, "read-ahead")
        self._block = memoryview(b"")
        self._asked = 0
        self._next = self._ask()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if not self._block and self._next:
            self._block = memoryview(self._next.result())
            self._next = self._ask()
        count = min(len(buffer), len(self._block))
        buffer[:count] = self._block[:count]
        self._block = self._block[count:]
        return count

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        super().close()

    def _ask(self) -> Future[bytes] | None:
        start = self._asked
        if start >= self._size_bytes:
            return None
        self._asked = min(start + self._block_bytes, self._size_bytes)
        return self._threads.submit(self._whole, start, self._asked - start)

    def _whole(self, start: int, size: int) -> bytes:
        data = self._fetch(start, size)
        if len(data) != size:
            raise DatasetError(
                f"{self._place}: ends at byte {start + len(data)} instead of {self._size_bytes}; read again"
            )
        return data
