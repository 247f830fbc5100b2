"""One walk over every row of a data set, reading some files ahead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from synthgen import index
from synthgen.index import Row
from synthgen.receipts import Entry
from synthgen.stores import Store, many


def shards(store: Store, entries: Iterable[Entry]) -> Iterator[tuple[Entry, list[Row]]]:
    """Yield each shard with its rows, in order.

    Raises:
        DatasetError: a file of rows is missing or damaged.
    """
    for entry, lines in many.answers(store, entries, lambda entry: index.lines(store, entry)):
        yield entry, [index.row(line) for line in lines]
