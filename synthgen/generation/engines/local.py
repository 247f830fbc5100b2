"""Workers on this machine: this process alone, or joblib's loky pool."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Any

from synthgen.dataset import receipts, stores
from synthgen.dataset.receipts import Receipt
from synthgen.dataset.shard_layout import Shard
from synthgen.generation.engines.process_pool import start_worker
from synthgen.generation.engines.shard_worker import make
from synthgen.generation.task import Fault, Task


@dataclass(frozen=True)
class Local:
    """`workers` processes; with one, this process itself."""

    workers: int = 1

    @property
    def ticks(self) -> bool:
        """Return whether every shot is told: in this process alone."""
        return self.workers == 1

    def round(self, task: Task, batch: Iterator[Shard], tick: Callable[[int], None]) -> Iterator[Receipt | Fault]:
        """Yield results in the order in which they come; ends early when a worker dies, after naming the suspects."""
        if self.workers == 1:
            yield from (make(task, shard, tick) for shard in batch)
        else:
            yield from _pooled(task, batch, self.workers)

    def close(self) -> None:
        """End the worker processes, whatever they are doing."""
        if self.workers > 1:
            _stop_workers()


def _pooled(task: Task, batch: Iterator[Shard], workers: int) -> Iterator[Receipt | Fault]:
    """Yield results of worker processes.

    What a dead worker had in its hands is known by its temporary files.
    """
    from joblib import Parallel, delayed, parallel_config
    from joblib.externals.loky.process_executor import BrokenProcessPool

    store, taken = stores.at(task.out), dict[str, Shard]()

    def calls() -> Iterator[Any]:
        for shard in batch:
            taken[shard.name] = shard
            yield delayed(make)(task, shard)

    store.sweep()
    try:
        with parallel_config(backend="loky", initializer=start_worker), warnings.catch_warnings():
            warnings.filterwarnings("ignore", r"\d+ tasks ")  # that it is stopped early is meant
            pool = Parallel(n_jobs=workers, batch_size=1, return_as="generator_unordered")
            with closing(pool(calls())) as found:
                for result in found:
                    del taken[result.shard.name if isinstance(result, Fault) else result.name]
                    yield result
    except BrokenProcessPool as death:
        _stop_workers()
        held = set(store.sweep())
        for shard in list(taken.values()):
            if receipt := receipts.trusted(store, shard, task.identity):
                yield receipt
            elif f"{shard.stem}.tar" in held:
                yield Fault(shard=shard, kind="killed", message=f"its worker process died ({_first_line(death)})")


def _stop_workers() -> None:
    from joblib.externals.loky import get_reusable_executor

    with suppress(Exception):
        get_reusable_executor(reuse=True).shutdown(wait=True, kill_workers=True)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
