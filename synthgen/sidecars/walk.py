"""One walk over every row of a data set, reading a few files ahead."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from synthgen import index
from synthgen.index import Row
from synthgen.receipts import Entry
from synthgen.stores import Store

AHEAD = 4
"""Files of rows that are read before they are asked for, so that a store's latency is waited for once in four."""


def shards(store: Store, entries: Iterable[Entry]) -> Iterator[tuple[Entry, list[Row]]]:
    """Yield each shard with its rows, in order.

    Raises:
        DatasetError: a file of rows is missing or damaged.
    """
    with ThreadPoolExecutor(AHEAD) as pool:
        under_way: deque[tuple[Entry, Future[list[bytes]]]] = deque()
        for entry in entries:
            under_way.append((entry, pool.submit(index.lines, store, entry)))
            if len(under_way) > AHEAD:
                yield _next(under_way)
        while under_way:
            yield _next(under_way)


def _next(under_way: deque[tuple[Entry, Future[list[bytes]]]]) -> tuple[Entry, list[Row]]:
    entry, future = under_way.popleft()
    return entry, [index.row(line) for line in future.result()]
