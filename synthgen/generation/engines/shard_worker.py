"""The work on one shard, the same on any machine: make it, put it in place, return its receipt."""

from __future__ import annotations

import faulthandler
import os
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import TextIO

from synthgen.dataset import receipts, stores
from synthgen.dataset import sample as samples
from synthgen.dataset import shard as shards
from synthgen.dataset.receipts import Receipt
from synthgen.dataset.shard_layout import Shard
from synthgen.dataset.sidecars import per_shard
from synthgen.errors import InputError, OutputError
from synthgen.generation.engines import beats
from synthgen.generation.engines.process_pool import SampleRenderer, renderer_here
from synthgen.generation.task import Fault, Task
from synthgen.planning.plan import Failed

ANSWER_S = 2.0
"""How long a process with a hung shard lives on, so that its answer reaches the driver."""
GRACE_S = 30.0
"""How much later a process ends that cannot even answer: a library that hangs may keep Python's lock."""


def make(task: Task, shard: Shard) -> Receipt | Fault:
    """Make one shard and put it and its receipt in place."""
    store, failed = stores.at(task.out), {}
    try:
        with beats.telling(task.beats, shard.name) as tell, store.publish(shard.name) as file:
            content = _samples(renderer_here(task.factory), shard, failed, tell)
            receipt, rows = shards.write(file, content, shard.name)
        receipt = replace(receipt, shots=shard.shots, failed=failed, identity=task.identity)
        per_shard.put(store, shard.name, rows)
        receipts.put(store, receipt)
    except OutputError as error:
        return Fault(shard=shard, kind="output", message=str(error))
    except InputError as error:
        return Fault(shard=shard, kind="input", message=str(error), trace=traceback.format_exc())
    except Exception as error:
        message = f"{type(error).__name__}: {error}"
        return Fault(shard=shard, kind="error", message=message, trace=traceback.format_exc())
    return receipt


def make_in_time(task: Task, shard: Shard) -> Receipt | Fault:
    """Make one shard within the task's time limit; a process with a shard that exceeds it answers, then ends.

    To be called in a worker process only: a thread that hangs cannot be stopped, its process can.
    """
    if not task.shard_timeout_s:
        return make(task, shard)
    answers: list[Receipt | Fault] = []
    worker = threading.Thread(target=lambda: answers.append(make(task, shard)), daemon=True)
    faulthandler.dump_traceback_later(task.shard_timeout_s + GRACE_S, exit=True, file=_nowhere())
    try:
        worker.start()
        worker.join(task.shard_timeout_s)
    finally:
        faulthandler.cancel_dump_traceback_later()
    if answers:
        return answers[0]
    if not worker.is_alive():
        return Fault(shard=shard, kind="error", message="its thread ended without an answer")
    end = threading.Timer(ANSWER_S, os._exit, (1,))
    end.daemon = True
    end.start()
    return _late(task, shard, worker)


def _late(task: Task, shard: Shard, worker: threading.Thread) -> Fault:
    """Return the fault of a shard that is not done in time, with the place where its thread is."""
    frame = sys._current_frames().get(worker.ident or 0)
    stack = traceback.extract_stack(frame)
    where = f", last in {stack[-1].name} ({os.path.basename(stack[-1].filename)}:{stack[-1].lineno})" if frame else ""
    message = f"not done in {task.shard_timeout_s:g} s{where}; --shard-timeout-s allows more"
    return Fault(shard=shard, kind="timeout", message=message, trace="".join(stack.format()) if frame else "")


@cache
def _nowhere() -> TextIO:
    return open(os.devnull, "w")  # stays open: faulthandler keeps its number


def _samples(
    renderer: SampleRenderer, shard: Shard, failed: dict[int, dict[str, int]], tell: beats.Tell
) -> Iterator[samples.Sample]:
    """Yield the shard's samples by shot, then camera name; note in `failed` the shots that cannot be built."""
    count = 0
    for place, number in enumerate(shard.indices):
        made = []
        try:
            viewed = _viewed(tell, place, count)
            made = sorted(renderer.samples(shard.split, number, viewed=viewed), key=lambda sample: sample.key)
        except Failed as error:
            failed[number] = dict(error.causes)
        yield from made
        count += len(made)
        tell(place + 1, count)


def _viewed(tell: beats.Tell, shots: int, samples_before: int) -> Callable[[int, int], None]:
    """Return what a renderer calls with (views done, views of the shot)."""
    return lambda done, views: tell(shots + done / max(views, 1), samples_before + done)
