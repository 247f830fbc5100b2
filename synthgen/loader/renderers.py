"""Worker processes that render shots for a training job, in the order in which it asks.

They are spawned: a fork would share the parent's CUDA context, its OpenMP threads and a half-initialised Warp. Unlike
a DataLoader's workers they outlive the epoch, for each has compiled its kernels and built the standing scene, and
whoever is free takes the next shot.
"""

from __future__ import annotations

import pickle
import weakref
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context

from synthgen.errors import InputError, PartialError, SynthgenError
from synthgen.generation.engines import MAX_TRIES, SampleRenderer
from synthgen.generation.engines.process_pool import renderer_here, start_worker
from synthgen.loader.decoding import rendered
from synthgen.loader.targets import Decoded
from synthgen.planning.plan import Failed

AHEAD = 2
"""Shots under way or waiting for the job, for each worker."""

Answer = list[Decoded] | dict[str, int]
"""The samples of a shot, or why no draw of it could be built: {cause: times}."""


class Renderers:
    """Renders shots of a split; workers are started with the first shot and stay."""

    def __init__(
        self, factory: Callable[[], SampleRenderer], split: str, fields: tuple[str, ...], workers: int
    ) -> None:
        self._task = (pickle.dumps(factory), split, fields)
        self._workers = workers
        self._pool: ProcessPoolExecutor | None = None

    def rendered(self, indices: Iterable[int]) -> Iterator[tuple[int, Answer]]:
        """Yield (index, samples or causes) of each shot, in order.

        Raises:
            PartialError: a shot kills every worker that tries it.
            SynthgenError: a shot cannot be rendered.
        """
        if not self._workers:
            yield from ((index, _taken(_render(*self._task, index))) for index in indices)
            return
        left, tries = iter(indices), Counter[int]()
        again = deque[int]()  # were under way when a worker died: one at a time, so that blame falls on the right one
        under_way = deque[tuple[int, Future]]()
        while True:
            limit = 1 if again else AHEAD * self._workers
            while len(under_way) < limit and (index := again.popleft() if again else next(left, None)) is not None:
                under_way.append((index, self._submit(index)))
            if not under_way:
                return
            index, future = under_way[0]
            try:
                answer = future.result()
            except BrokenProcessPool as death:
                tries[index] += len(under_way) == 1
                if tries[index] == MAX_TRIES:
                    remedy = "lower what it needs (memory?), or leave it out"
                    raise PartialError(f"shot {index}: {MAX_TRIES} workers died of it; {remedy}") from death
                again.extendleft(index for index, _ in reversed(under_way))
                under_way.clear()
                self.close()
                continue
            under_way.popleft()
            yield index, _taken(answer)

    def close(self) -> None:
        """End the workers once they are done with the shot in hand."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

    def _submit(self, index: int) -> Future:
        if self._pool is None:
            start = {"mp_context": get_context("spawn"), "initializer": start_worker}
            self._pool = ProcessPoolExecutor(self._workers, **start)
            weakref.finalize(self, self._pool.shutdown, wait=False, cancel_futures=True)
        try:
            return self._pool.submit(_render, *self._task, index)
        except BrokenProcessPool as death:
            failed: Future = Future()
            failed.set_exception(death)
            return failed


def _render(factory: bytes, split: str, fields: tuple[str, ...], index: int) -> Answer | Exception:
    """Return a shot's samples by camera name, its causes of failure, or an error that can travel."""
    try:
        made = sorted(renderer_here(factory).samples(split, index), key=lambda sample: sample.key)
        return [rendered(sample, fields) for sample in made]
    except Failed as error:
        return dict(error.causes)
    except InputError as error:
        return InputError(str(error))
    except Exception as error:
        return SynthgenError(f"shot {split}-{index:08d}: {type(error).__name__}: {error}")


def _taken(answer: Answer | Exception) -> Answer:
    if isinstance(answer, Exception):
        raise answer
    return answer
