"""One shard's work, the same in this process and on any machine: make it, put it in place, answer with its receipt."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from synthgen import receipts, samples, shards, stores
from synthgen.engines.process import Maker, maker_here
from synthgen.errors import InputError, OutputError
from synthgen.layout import Shard
from synthgen.plan import Failed
from synthgen.receipts import Receipt
from synthgen.sidecars import beside


@dataclass(frozen=True, kw_only=True)
class Task:
    """What a worker must know besides the shard."""

    out: str
    """URL of the store."""
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
    store, failed = stores.at(task.out), {}
    try:
        with store.publish(shard.name) as file:
            content = _samples(maker_here(task.factory), shard, failed, tick)
            receipt, rows = shards.write(file, content, shard.name)
        receipt = replace(receipt, shots=shard.shots, failed=failed, identity=task.identity)
        beside.put(store, shard.name, rows)
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
    maker: Maker, shard: Shard, failed: dict[int, dict[str, int]], tick: Callable[[int], None]
) -> Iterator[samples.Sample]:
    """Yield the shard's samples by shot, then camera name; note in `failed` the shots that cannot be built."""
    for number in shard.indices:
        made = []
        try:
            made = sorted(maker.samples(shard.split, number), key=lambda sample: sample.key)
        except Failed as error:
            failed[number] = dict(error.causes)
        yield from made
        tick(len(made))
