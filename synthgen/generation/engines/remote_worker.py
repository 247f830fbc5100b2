"""The work on one shard on a machine of a cluster, after its code, libraries and store are compared with ours."""

from __future__ import annotations

import pickle
import platform
import threading
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from synthgen.dataset import receipts, stores
from synthgen.dataset.identity import Identity, code_version
from synthgen.dataset.receipts import Receipt
from synthgen.dataset.shard_layout import Shard
from synthgen.errors import InputError, SynthgenError
from synthgen.generation import run_record
from synthgen.generation.engines.shard_worker import make_in_time
from synthgen.generation.task import Fault, Task

_NO_PART_IN_BYTES = {"joblib", "pyarrow"}
_MAKER = threading.Lock()
"""A process has one renderer, which makes one shard at a time; a Dask worker may have several threads."""
_AGREED: set[Any] = set()
"""Data sets and versions for which `_complaint` found nothing wrong; they are not compared again."""


def make_elsewhere(task: Task, wanted: Mapping[str, str], shard: Shard) -> Receipt | Fault:
    """Make one shard, provided that this process has the driver's versions, which are `wanted`, and sees its store."""
    if complaint := _complaint(task, wanted):
        return Fault(shard=shard, kind="input", message=complaint)
    with _MAKER:
        return make_in_time(task, shard)


def by_value() -> Callable[[bytes], Any]:
    """Return a function of a pickled (function, *arguments) that travels as code.

    A worker that cannot import synthgen then answers with an ImportError; a Dask worker that had to import the function
    itself would exit instead.
    """

    def call(pickled: bytes) -> Any:
        import pickle

        function, *arguments = pickle.loads(pickled)
        return function(*arguments)

    return call


def order(task: Task, shard: Shard) -> bytes:
    """Return the argument with which the function of `by_value` makes a shard."""
    return pickle.dumps((make_elsewhere, task, versions(), shard))


@cache
def versions() -> dict[str, str]:
    """Return the versions that decide the bytes of a shard: of this code, of Python and of the libraries."""
    found = {name: held for name, held in run_record.packages().items() if name not in _NO_PART_IN_BYTES | {"synthgen"}}
    python = ".".join(platform.python_version_tuple()[:2])
    return {"synthgen": code_version(), "python": python, "machine": platform.machine(), **found}


def judged(task: Task, shard: Shard, error: BaseException, *, died: bool) -> Receipt | Fault:
    """Return what became of a shard whose task has no result: its receipt where the store has one, else a fault.

    Args:
        task: the task.
        shard: the shard.
        error: what the engine says.
        died: whether that means that a worker died, or may have.

    Raises:
        InputError: no worker of this kind could make any shard.
    """
    if isinstance(error, ImportError):
        raise InputError(
            f"a worker cannot import what it needs ({error}); install the driver's synthgen there, extras too"
        )
    if receipt := receipts.trusted(stores.at(task.out), shard, task.identity):
        return receipt
    first = (str(error).strip().splitlines() or [""])[0].partition(". ")[0]
    text = f"{type(error).__name__}: {first}" if first else type(error).__name__
    if died:
        return Fault(shard=shard, kind="killed", message=f"its worker process died ({text})")
    return Fault(shard=shard, kind="error", message=text)


def _complaint(task: Task, wanted: Mapping[str, str]) -> str:
    """Return why this process may not make shards of a data set; empty when it may."""
    question = (task.out, task.identity, tuple(sorted(wanted.items())))
    if question in _AGREED:
        return ""
    here, host = versions(), platform.node()
    for name, version in wanted.items():
        if here.get(name, "absent") != version:
            other = f"{name} {here.get(name, 'absent')} where the driver has {version}"
            return f"worker on {host}: {other}; install the same there, or the shards would differ"
    try:
        same = Identity.of(stores.at(task.out)).sha256 == task.identity
    except SynthgenError as error:
        return f"worker on {host} does not see the data set ({error}); give -o a folder that all share, or s3://"
    if not same:
        return f"worker on {host}: another data set is in its {task.out}; give -o a folder that all share, or s3://"
    _AGREED.add(question)
    return ""
