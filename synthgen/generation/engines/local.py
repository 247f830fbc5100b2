"""Workers on this machine: this process alone, or a pool of processes (loky, as joblib brings it)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import suppress
from itertools import islice
from typing import Any

from synthgen.dataset import receipts, stores
from synthgen.dataset.receipts import Receipt
from synthgen.dataset.shard_layout import Shard
from synthgen.generation.engines.process_pool import start_worker
from synthgen.generation.engines.shard_worker import make, make_in_time
from synthgen.generation.task import Fault, Task

_AHEAD = 2
"""Shards a worker that the pool holds: the next one waits for the worker, not the other way round."""
_IDLE_S = 300.0
"""How long a worker without work stays."""
_LIBRARIES = ("OMP", "OPENBLAS", "MKL", "BLIS", "VECLIB_MAXIMUM", "NUMBA", "NUMEXPR")
_THREADS = tuple(f"{library}_NUM_THREADS" for library in _LIBRARIES)
"""Variables by which libraries share the cores among the workers."""


class Local:
    """`workers` processes; with one and no time limit for shards, this process itself."""

    host = "127.0.0.1"

    def __init__(self, workers: int = 1) -> None:
        self.workers = workers
        self._pool: Any = None

    def round(self, task: Task, batch: Iterator[Shard]) -> Iterator[Receipt | Fault]:
        """Yield results in the order in which they come; ends early when a worker dies, after naming the suspects."""
        if self.workers == 1 and not task.shard_timeout_s:
            yield from (make(task, shard) for shard in batch)
            return
        from joblib.externals.loky.process_executor import BrokenProcessPool

        store, held = stores.at(task.out), dict[Future, Shard]()
        store.sweep()
        try:
            yield from self._pooled(task, batch, held)
        except BrokenProcessPool as death:
            self.close()
            unfinished = set(store.sweep())  # what a dead worker had in its hands is known by its temporary files
            for shard in held.values():
                if receipt := receipts.trusted(store, shard, task.identity):
                    yield receipt
                elif f"{shard.stem}.tar" in unfinished:
                    message = f"its worker process died ({_first_line(death)})"
                    yield Fault(shard=shard, kind="killed", message=message)

    def close(self) -> None:
        """End the worker processes, whatever they are doing."""
        pool, self._pool = self._pool, None
        if pool is not None:
            with suppress(Exception):
                pool.shutdown(wait=True, kill_workers=True)

    def _pooled(self, task: Task, batch: Iterator[Shard], held: dict[Future, Shard]) -> Iterator[Receipt | Fault]:
        """Yield results of worker processes; the round ends with a shard that hangs, since the pool ends with it.

        Args:
            task: the task.
            batch: shards to be made.
            held: gets the shards that the pool holds.

        Raises:
            BrokenProcessPool: a worker died.
        """
        self._pool = self._pool or _started(self.workers)
        while True:
            for shard in islice(batch, max(0, _AHEAD * self.workers - len(held))):
                held[self._pool.submit(make_in_time, task, shard)] = shard
            if not held:
                return
            for future in wait(held, return_when=FIRST_COMPLETED)[0]:
                result = future.result()
                del held[future]
                yield result
                if isinstance(result, Fault) and result.kind == "timeout":
                    self.close()
                    return


def _started(workers: int) -> Any:
    """Return a pool of processes that share the cores."""
    from joblib import cpu_count
    from joblib.externals.loky import ProcessPoolExecutor

    threads = str(max(1, cpu_count() // workers))
    shared = {name: os.environ.get(name, threads) for name in _THREADS}
    return ProcessPoolExecutor(max_workers=workers, timeout=_IDLE_S, initializer=start_worker, env=shared)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
