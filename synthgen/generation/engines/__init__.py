"""Engines make shards in this process, in worker processes or on a cluster, and outlive workers that die.

A task returns a receipt of some hundred bytes, never an image. When a worker dies, the shards that it may have held are
tried again one at a time, which tells the shard that kills its worker from the others. A shard is done when the store
has its receipt, whatever an engine reports.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from itertools import chain
from typing import Protocol

from synthgen.dataset.receipts import Receipt
from synthgen.dataset.shard_layout import Shard
from synthgen.errors import InputError
from synthgen.generation.engines.process_pool import SampleRenderer
from synthgen.generation.task import Fault, Task

__all__ = ["Engine", "SampleRenderer", "open_engine", "results"]

MAX_TRIES = 3


class Engine(Protocol):
    """What runs the workers: this process, a pool, a cluster."""

    @property
    def workers(self) -> int:
        """Return how many there are."""
        ...

    @property
    def host(self) -> str:
        """Return the address of this machine at which workers reach it, for progress; empty where there is none."""
        ...

    def round(self, task: Task, batch: Iterator[Shard]) -> Iterator[Receipt | Fault]:
        """Try each shard once; yield results as they come.

        Takes few more shards from `batch` than there are workers. After a worker's death it may end early: suspects
        have a Fault of kind `killed`, and shards that were taken up and dropped have no result at all. A shard that
        exceeds the task's time limit has a Fault of kind `timeout`.

        Raises:
            InputError: the engine itself is gone, or its workers cannot make these shards.
        """
        ...

    def close(self) -> None:
        """End our own workers, busy or not; may be called more than once."""
        ...


def require(name: str) -> None:
    """Check, before any work, that the package of an engine is installed.

    Raises:
        InputError: it is not.
    """
    package = {"dask": "distributed", "ray": "ray"}.get(name)
    try:
        found = package is None or find_spec(package) is not None
    except ValueError:  # masked
        found = False
    if not found:
        raise InputError(f"--engine {name}: {package} is not installed; pip install 'synthgen[{name}]'")


def open_engine(name: str, workers: int, scheduler: str = "", gpu: bool = False) -> Engine:
    """Start an engine, or reach the one at an address; `close` it in the end.

    Args:
        name: local, dask or ray.
        workers: processes to start where there is no `scheduler`.
        scheduler: address of a running scheduler.
        gpu: each worker needs one.

    Raises:
        InputError: it is not installed, not reached, or does not fit.
    """
    try:
        if name == "dask":
            from synthgen.generation.engines.dask import Dask

            return Dask.connect(workers, scheduler)
        if name == "ray":
            from synthgen.generation.engines.ray import Ray

            return Ray.connect(workers, scheduler, gpu)
    except ImportError as error:
        raise InputError(f"--engine {name}: {error}; pip install 'synthgen[{name}]'") from error
    from synthgen.generation.engines.local import Local

    return Local(workers)


def results(engine: Engine, task: Task, todo: Iterable[Shard]) -> Iterator[Receipt | Fault]:
    """Yield a receipt for each shard, or a fault for each that could not be made in MAX_TRIES tries.

    A shard that exceeded its time limit is given up at once: another try would take as long. Stops early when nothing
    at all succeeds: what is left has no result then.

    Raises:
        InputError: the engine itself is gone, or its workers cannot make these shards.
    """
    rounds, tries, suspects, made, hung = _Rounds(todo), Counter[int](), list[Shard](), 0, 0
    while batch := rounds.next(suspects, 2 * engine.workers):
        answered = 0
        for result in engine.round(task, batch):
            shard = rounds.answered(result)
            answered += 1
            if isinstance(result, Receipt) or result.final:
                made += isinstance(result, Receipt)
                yield result
                continue
            tries[shard.number] += result.kind != "killed" or rounds.alone
            hung += not result.retried
            hopeless = not made and len(suspects) + hung >= 2 * engine.workers
            if hopeless or not result.retried or tries[shard.number] >= MAX_TRIES:
                yield result
            else:
                suspects.append(shard)
            if hopeless:
                return
        if not answered and (first := rounds.dropped()):  # the workers died before they took up anything
            tries[first.number] += 1
            if tries[first.number] >= MAX_TRIES:
                yield Fault(shard=first, kind="killed", message="worker processes die while they start")
                return


class _Rounds:
    """Chooses the shards of each round: first all, then the suspects while their number falls, then each alone."""

    def __init__(self, todo: Iterable[Shard]) -> None:
        self.alone = False
        """Whether a death in this round has just one suspect."""
        self._left = iter(todo)
        self._open: dict[str, Shard] = {}
        self._crowd = 0

    def next(self, suspects: list[Shard], many: int) -> Iterator[Shard] | None:
        """Return the shards of the next round; takes what it needs from `suspects`."""
        again, fresh = list(self._open.values()), next(self._left, None)
        self.alone = False
        if fresh is not None:
            return self._taken(chain(again, [fresh], self._left))
        if again:
            return self._taken(again)
        if not suspects:
            return None
        self.alone = len(suspects) <= many or 0 < self._crowd <= len(suspects)
        count = 1 if self.alone else len(suspects)
        self._crowd = self._crowd if self.alone else count
        batch, suspects[:] = suspects[:count], suspects[count:]
        return self._taken(batch)

    def answered(self, result: Receipt | Fault) -> Shard:
        """Record that a shard has a result; return the shard."""
        return self._open.pop(result.shard.name if isinstance(result, Fault) else result.name)

    def dropped(self) -> Shard | None:
        """Return the first shard that was taken up and has no result."""
        return next(iter(self._open.values()), None)

    def _taken(self, shards: Iterable[Shard]) -> Iterator[Shard]:
        for shard in shards:
            self._open[shard.name] = shard
            yield shard
