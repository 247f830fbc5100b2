"""Make shards here or in worker processes; survive workers that die, and name the shard that kills them.

A task returns a receipt of some hundred bytes, never an image. A worker that dies takes its pool with it: what was in
its hands is known by its temporary files, and is tried again alone, so that blame falls on the right shard.
"""

from __future__ import annotations

import os
import pickle
import signal
import threading
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from synthgen import outputs, samples, shards
from synthgen.errors import InputError, OutputError
from synthgen.plan import Failed
from synthgen.shards import Receipt, Shard

MAX_TRIES = 3
_PARENT_PERIOD_S = 0.5


class Maker(Protocol):
    """What makes the samples of a shot, such as `pipeline.Maker`; lives as long as its process."""

    def samples(self, split: str, index: int) -> list[samples.Sample]:
        """Return the shot's samples, one a camera.

        Raises:
            Failed: no draw of this shot can be built.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class Task:
    """What a worker must know besides the shard."""

    out: str
    identity: str
    """Hash of the data set's identity."""
    factory: bytes
    """Pickled callable that returns a Maker."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A shard that was not made."""

    shard: Shard
    kind: str
    """output, input, error (an exception) or killed."""
    message: str
    trace: str = ""

    @property
    def final(self) -> bool:
        """Return whether another try would end alike."""
        return self.kind in ("output", "input")


def make(task: Task, shard: Shard, tick: Callable[[int], None] = lambda samples: None) -> Receipt | Fault:
    """Make one shard and put it and its receipt in place; `tick` gets the samples of each shot done."""
    out, failed = Path(task.out), {}
    try:
        with outputs.published(out / shard.name) as file:
            content = _samples(_maker(task.factory), shard, failed, tick)
            receipt = shards.write(file, content, shard.name)
        receipt = replace(receipt, shots=shard.shots, failed=failed, identity=task.identity)
        shards.store_receipt(out, receipt)
    except OutputError as error:
        return Fault(shard=shard, kind="output", message=str(error))
    except InputError as error:
        return Fault(shard=shard, kind="input", message=str(error), trace=traceback.format_exc())
    except Exception as error:
        message = f"{type(error).__name__}: {error}"
        return Fault(shard=shard, kind="error", message=message, trace=traceback.format_exc())
    return receipt


def results(task: Task, todo: Sequence[Shard], workers: int, tick: Callable[[int], None]) -> Iterator[Receipt | Fault]:
    """Yield a receipt for each shard, or a fault for each that could not be made in MAX_TRIES tries.

    Stops early when nothing at all succeeds: what is left has no result then.
    """
    tries: Counter[int] = Counter()
    queue, alone, made = list(todo), [], 0
    while queue or alone:
        batch = queue or [alone.pop(0)]
        answered = set()
        for result in _round(task, batch, workers, tick):
            shard = result.shard if isinstance(result, Fault) else next(s for s in batch if s.name == result.name)
            answered.add(shard.number)
            if isinstance(result, Receipt) or result.final:
                made += isinstance(result, Receipt)
                yield result
                continue
            tries[shard.number] += result.kind != "killed" or len(batch) == 1
            hopeless = not made and len(alone) >= 2 * workers
            if hopeless or tries[shard.number] >= MAX_TRIES:
                yield result
            else:
                alone.append(shard)
            if hopeless:
                return
        queue = [shard for shard in batch if shard.number not in answered]
        if not answered:  # the pool broke before it took up anything
            tries.update(shard.number for shard in queue)
            if tries[queue[0].number] >= MAX_TRIES:
                yield Fault(shard=queue[0], kind="killed", message="worker processes die while they start")
                return


def _round(task: Task, batch: list[Shard], workers: int, tick: Callable[[int], None]) -> Iterator[Receipt | Fault]:
    """Yield results in the order in which they come; ends early when a worker dies, after naming the suspects."""
    if workers == 1:
        for shard in batch:
            yield make(task, shard, tick)
        return
    from joblib import Parallel, delayed, parallel_config
    from joblib.externals.loky.process_executor import BrokenProcessPool

    given = set()
    outputs.sweep(Path(task.out))
    try:
        with parallel_config(backend="loky", initializer=_start_worker), warnings.catch_warnings():
            warnings.filterwarnings("ignore", r"\d+ tasks ")  # that it is stopped early is meant
            pool = Parallel(n_jobs=workers, batch_size=1, return_as="generator_unordered")
            with closing(pool(delayed(make)(task, shard) for shard in batch)) as found:
                for result in found:
                    given.add(result.shard.name if isinstance(result, Fault) else result.name)
                    yield result
    except BrokenProcessPool as death:
        stop_workers()
        held = set(outputs.sweep(Path(task.out)))
        for shard in (shard for shard in batch if shard.name not in given):
            if receipt := shards.trusted(Path(task.out), shard, task.identity):
                yield receipt
            elif Path(shard.name).name in held:
                yield Fault(shard=shard, kind="killed", message=f"its worker process died ({_first_line(death)})")


def stop_workers() -> None:
    """End the worker processes, whatever they are doing."""
    from joblib.externals.loky import get_reusable_executor

    with suppress(Exception):
        get_reusable_executor(reuse=True).shutdown(wait=True, kill_workers=True)


def _samples(
    maker: Maker, shard: Shard, failed: dict[int, dict[str, int]], tick: Callable[[int], None]
) -> Iterator[samples.Sample]:
    """Yield the shard's samples by shot, then camera name; note in `failed` the shots that cannot be built."""
    for index in shard.indices:
        made = []
        try:
            made = sorted(maker.samples(shard.split, index), key=lambda sample: sample.key)
        except Failed as error:
            failed[index] = dict(error.causes)
        yield from made
        tick(len(made))


@lru_cache(maxsize=1)
def _maker(factory: bytes) -> Maker:
    """Return this process's maker: its scene and textures stay from shard to shard."""
    return pickle.loads(factory)()


def _start_worker() -> None:
    """Leave Ctrl-C to the driver, which ends the workers itself, and do not outlive it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()


def _end_with(driver: int) -> None:
    """End this process soon after its parent: loky's workers would go on with what is queued."""
    while os.getppid() == driver:
        time.sleep(_PARENT_PERIOD_S)
    os._exit(1)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
