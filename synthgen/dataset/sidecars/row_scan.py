"""One walk over every row of a data set, reading some files ahead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from synthgen.dataset import row_index
from synthgen.dataset.receipts import Entry
from synthgen.dataset.row_index import Row
from synthgen.dataset.stores import Store, concurrent


def shards(store: Store, entries: Iterable[Entry]) -> Iterator[tuple[Entry, list[Row]]]:
    """Yield each shard with its rows, in order.

    Raises:
        DatasetError: a file of rows is missing or damaged.
    """
    for entry, lines in concurrent.answers(store, entries, lambda entry: row_index.lines(store, entry)):
        yield entry, [row_index.row(line) for line in lines]
