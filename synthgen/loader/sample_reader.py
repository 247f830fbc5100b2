"""Reads samples: just the bytes that are wanted, neighbours in one request, each checked against its hash."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from synthgen.dataset import shard as shards
from synthgen.dataset import stores
from synthgen.dataset.reader import Members
from synthgen.dataset.row_index import Row
from synthgen.loader.cache import Cache
from synthgen.loader.catalog import Catalog, parsed
from synthgen.loader.order import Place

THREADS = 8
"""Requests under way at a time to a store that is not a folder."""
MAX_RUN_BYTES = 16 << 20
"""Neighbours beyond this are asked for in several requests."""


@dataclass(frozen=True)
class Run:
    """Samples that lie side by side in a shard."""

    name: str
    rows: list[Row]

    @property
    def offset(self) -> int:
        """Return where the first begins [B]."""
        return self.rows[0].offset

    @property
    def bytes(self) -> int:
        """Return the size of all [B]."""
        return self.rows[-1].offset + self.rows[-1].bytes - self.offset


class Reader:
    """Reads samples in the process that made it; keeps the rows of the shards that it is at."""

    def __init__(self, catalog: Catalog, window: int, cache: Cache | None = None) -> None:
        self._catalog, self._cache = catalog, cache
        self._store = stores.at(catalog.url)
        self._kept = 2 * window
        self._rows: OrderedDict[int, list[bytes | Row]] = OrderedDict()
        self.remote = "://" in catalog.url
        self._pool = ThreadPoolExecutor(THREADS) if self.remote else None

    def read(self, places: Sequence[Place]) -> list[tuple[Row, Members]]:
        """Return the samples at some places, in their order.

        Raises:
            DatasetError: the bytes that came are not those that were written; names shard, key and remedy.
        """
        wanted = [(self._catalog.names[shard], self._row(shard, place)) for shard, place in places]
        found = self._cached(wanted)
        missing = [(name, row) for name, row in wanted if row.key not in found]
        map_all = self._pool.map if self._pool else map
        for some in map_all(self._fetch, runs(missing)):
            found |= some
        return [(row, found[row.key]) for _, row in wanted]

    def _row(self, shard: int, place: int) -> Row:
        if shard not in self._rows:
            self._rows[shard] = self._catalog.rows(self._store, shard)
            if len(self._rows) > self._kept:
                self._rows.popitem(last=False)
        self._rows.move_to_end(shard)
        rows = self._rows[shard]
        row = rows[place] = parsed(rows[place])
        return row

    def _cached(self, wanted: Sequence[tuple[str, Row]]) -> dict[str, Members]:
        if self._cache is None:
            return {}
        here = ((name, row, self._cache.get(row.sha256)) for name, row in wanted)
        return {row.key: row.cut(data, self._store.place(name)) for name, row, data in here if data is not None}

    def _fetch(self, run: Run) -> dict[str, Members]:
        data = memoryview(shards.part(self._store, run.name, run.offset, run.bytes))
        place, found = self._store.place(run.name), {}
        for row in run.rows:
            own = data[row.offset - run.offset :][: row.bytes]
            found[row.key] = row.cut(own, place)  # type: ignore[arg-type]
            if self._cache is not None:
                self._cache.put(row.sha256, own)
        return found


def runs(wanted: Sequence[tuple[str, Row]]) -> Iterator[Run]:
    """Yield samples joined where one ends as the next begins, shard by shard, each sample once."""
    places = {(name, row.offset): row for name, row in wanted}
    name, rows = "", list[Row]()
    for (at, offset), row in sorted(places.items(), key=lambda item: item[0]):
        ends = bool(rows) and (at != name or rows[-1].offset + rows[-1].bytes != offset)
        if ends or (rows and offset + row.bytes - rows[0].offset > MAX_RUN_BYTES):
            yield Run(name, rows)
            rows = []
        name = at
        rows.append(row)
    if rows:
        yield Run(name, rows)
