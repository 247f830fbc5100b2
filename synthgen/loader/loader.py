"""Stream a finished data set into a training job: a fixed order, every byte checked, resumable at any batch.

from synthgen.loader import Loader

loader = Loader("s3://bucket/tunnel", "train", batch_size=16, fields=("image", "depth"), workers=4)
for epoch in range(10):
    for batch in loader:                       # one epoch
        batch.image, batch.maps["depth"], batch.targets[0].quads
        checkpoint = loader.state_dict()       # small, plain; goes on with the next batch
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch.utils.data import DataLoader

from synthgen.errors import InputError, SynthgenError
from synthgen.loader.cache import Cache
from synthgen.loader.catalog import catalog
from synthgen.loader.decoding import checked
from synthgen.loader.order import Order
from synthgen.loader.resume_state import Position, Resumable, layout
from synthgen.loader.targets import Packed, unpack
from synthgen.loader.worker_dataset import Fault, Feed


class Loader(Resumable):
    """Batches of a split of a finished data set, epoch by epoch; `len` is their number in one epoch on this rank.

    A state is the same on every rank, and going on from it reads nothing that was consumed before.

    Args:
        url: a folder, https://... or s3://bucket/prefix.
        split: a split of it.
        batch_size: samples of a batch on this rank.
        fields: what to decode besides targets: `image`, `record` (the JSON) and maps such as `depth`.
        seed: of the order; 0 is as good as any.
        filter: keep the samples that have a code like this: `module_px_min > 1.5 and incidence_deg < 45`.
        first: use only the first so many of these; 0 for all.
        shuffle: mix shards, and samples within `window` shards; False keeps the order of the data set.
        window: shards whose samples are mixed.
        workers: processes that read and decode; 0 does it here. The order does not depend on it.
        rank: of this process; the default is torch.distributed's or $RANK.
        world_size: number of processes that share an epoch; the default is torch.distributed's or $WORLD_SIZE.
        even: what becomes of samples that do not divide by the ranks, see `order.Order.even`.
        drop_last: leave out an incomplete last batch.
        collate: makes a batch of a list of `Sample`s, in the worker; the default makes a `Batch`.
        cache: a folder that keeps what was fetched from afar, for all workers and epochs.
        cache_bytes: how much it may hold.
        pin_memory: put batches where a GPU fetches them from.

    Raises:
        DatasetError: there is no finished data set, or it is damaged.
        InputError: an argument makes no sense; the filter is wrong or keeps nothing.
    """

    def __init__(
        self,
        url: str,
        split: str = "train",
        *,
        batch_size: int = 16,
        fields: Sequence[str] = ("image",),
        seed: int = 0,
        filter: str = "",
        first: int = 0,
        shuffle: bool = True,
        window: int = 16,
        workers: int = 2,
        rank: int | None = None,
        world_size: int | None = None,
        even: str = "repeat",
        drop_last: bool = False,
        collate: Callable[[list], Any] | None = None,
        cache: str = "",
        cache_bytes: int = 10_000_000_000,
        pin_memory: bool = False,
    ) -> None:
        if batch_size < 1 or workers < 0 or first < 0:
            raise InputError(f"batch_size {batch_size}, workers {workers}, first {first}: give at least 1, 0 and 0")
        self._fields, self._workers, self._pin = checked(fields), workers, pin_memory
        self._batch_size, self._drop_last, self._collate = batch_size, drop_last, collate
        self._cache = Cache(cache, cache_bytes) if cache else None
        self._catalog = catalog(str(url), split, filter, first)
        rank, world_size = layout(rank, world_size)
        self._order = Order(
            counts=self._catalog.counts,
            seed=seed,
            split=split,
            shuffle=shuffle,
            window=window,
            rank=rank,
            world_size=world_size,
            even=even,
        )
        order = {name: getattr(self._order, name) for name in ("seed", "shuffle", "window", "world_size", "even")}
        own = {
            "split": split,
            "filter": filter.strip(),
            "first": first,
            "batch_size": batch_size,
            "drop_last": drop_last,
        }
        self._position = Position({"dataset": self._catalog.dataset, **own, **order}, {"batch": 0})

    def __len__(self) -> int:
        return self._order.batch_count(self._batch_size, self._drop_last)

    def __iter__(self) -> Iterator[Any]:
        self._position.begin()
        source = self._source(self._position.epoch, self._position.at["batch"])
        for number, batch in enumerate(_answers(source), self._position.at["batch"] + 1):
            self._position.move(batch=number)
            yield unpack(batch) if isinstance(batch, Packed) else batch
        self._position.end()

    @property
    def samples(self) -> int:
        """Return the samples of the split that the filter keeps, over all ranks."""
        return self._order.total

    def _source(self, epoch: int, first: int) -> DataLoader:
        feed = Feed(
            catalog=self._catalog,
            order=self._order,
            epoch=epoch,
            first=first,
            batch_size=self._batch_size,
            drop_last=self._drop_last,
            fields=self._fields,
            collate=self._collate,
            cache=self._cache,
        )
        return DataLoader(
            feed,
            batch_size=None,
            num_workers=self._workers,
            collate_fn=_as_it_is,
            pin_memory=self._pin,
            generator=torch.Generator(),  # or each epoch would draw from the job's
        )


def _as_it_is(batch: Any) -> Any:
    return batch


def _answers(source: DataLoader) -> Iterator[Any]:
    """Yield the batches of the workers.

    Raises:
        SynthgenError: a worker failed or died; the message says why.
    """
    answers = iter(source)
    while True:
        try:
            answer = next(answers)
        except StopIteration:
            return
        except RuntimeError as error:
            if "DataLoader worker" in str(error) and "exited unexpectedly" in str(error):
                reason = "often for want of memory: take fewer workers or smaller batches, load the last state"
                raise SynthgenError(f"a loader's worker process died ({error}); {reason}") from error
            raise
        if isinstance(answer, Fault):
            raise answer.error
        yield answer
