"""The part of a loader that runs in its workers: each makes every n-th batch, so all of them make one order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import Any

from torch.utils.data import IterableDataset, get_worker_info

from synthgen.dataset.reader import Members
from synthgen.dataset.row_index import Row
from synthgen.errors import DatasetError, SynthgenError
from synthgen.loader.cache import Cache
from synthgen.loader.catalog import Catalog
from synthgen.loader.decoding import decoded
from synthgen.loader.order import Order, Place
from synthgen.loader.sample_reader import Reader
from synthgen.loader.targets import Decoded, pack, sample

AHEAD = 2
"""Batches that a worker asks a remote store for before it needs them."""


@dataclass(frozen=True)
class Fault:
    """What went wrong in a worker; an exception would arrive wrapped in its traceback."""

    error: SynthgenError


@dataclass(eq=False, kw_only=True)
class Feed(IterableDataset):
    """Batches of one epoch from number `first` on."""

    catalog: Catalog
    order: Order
    epoch: int
    first: int
    batch_size: int
    drop_last: bool
    fields: tuple[str, ...]
    collate: Callable[[list], Any] | None
    cache: Cache | None

    def __iter__(self) -> Iterator[Any]:
        info = get_worker_info()
        worker, workers = (info.id, info.num_workers) if info else (0, 1)
        try:
            reader = Reader(self.catalog, self.order.window, self.cache)
            batches = self.order.batches(self.epoch, self.batch_size, self.first, self.drop_last)
            with closing(_read(reader, islice(batches, worker, None, workers))) as found:
                for members in found:
                    yield self._collated(members)
        except SynthgenError as error:
            yield Fault(error)

    def _collated(self, found: list[tuple[Row, Members]]) -> Any:
        decoded_all = [self._decoded(row, members) for row, members in found]
        if self.collate is not None:
            return self.collate([sample(one) for one in decoded_all])
        return pack(decoded_all, "record" in self.fields)

    def _decoded(self, row: Row, members: Members) -> Decoded:
        try:
            return decoded(row, members, self.fields)
        except (OSError, ValueError, KeyError) as error:  # whole, yet not what we write
            raise DatasetError(f"{self.catalog.url}: sample {row.key} does not decode ({error})") from error


def _read(reader: Reader, batches: Iterable[list[Place]]) -> Iterator[list[tuple[Row, Members]]]:
    """Yield the samples of each batch; from afar the next ones are on their way meanwhile."""
    if not reader.remote:
        yield from map(reader.read, batches)
        return
    with ThreadPoolExecutor(1) as ahead:
        under_way: deque = deque()
        try:
            for batch in batches:
                under_way.append(ahead.submit(reader.read, batch))
                if len(under_way) > AHEAD:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        finally:
            for future in under_way:
                future.cancel()
