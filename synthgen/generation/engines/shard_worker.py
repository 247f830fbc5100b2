"""One shard's work, the same in this process and on any machine: make it, put it in place, answer with its receipt."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace

from synthgen.dataset import receipts, stores
from synthgen.dataset import sample as samples
from synthgen.dataset import shard as shards
from synthgen.dataset.receipts import Receipt
from synthgen.dataset.shard_layout import Shard
from synthgen.dataset.sidecars import per_shard
from synthgen.errors import InputError, OutputError
from synthgen.generation.engines.process_pool import SampleRenderer, renderer_here
from synthgen.generation.task import Fault, Task
from synthgen.planning.plan import Failed


def make(task: Task, shard: Shard, tick: Callable[[int], None] = lambda samples: None) -> Receipt | Fault:
    """Make one shard and put it and its receipt in place; `tick` gets the samples of each shot done."""
    store, failed = stores.at(task.out), {}
    try:
        with store.publish(shard.name) as file:
            content = _samples(renderer_here(task.factory), shard, failed, tick)
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


def _samples(
    renderer: SampleRenderer, shard: Shard, failed: dict[int, dict[str, int]], tick: Callable[[int], None]
) -> Iterator[samples.Sample]:
    """Yield the shard's samples by shot, then camera name; note in `failed` the shots that cannot be built."""
    for number in shard.indices:
        made = []
        try:
            made = sorted(renderer.samples(shard.split, number), key=lambda sample: sample.key)
        except Failed as error:
            failed[number] = dict(error.causes)
        yield from made
        tick(len(made))
