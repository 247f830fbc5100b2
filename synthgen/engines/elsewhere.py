"""A shard's work on a machine of a cluster: first make sure that it is the driver's code, libraries and store."""

from __future__ import annotations

import platform
import threading
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache, lru_cache

from synthgen import claim, outputs, receipts, run_record, stores
from synthgen.engines.work import Fault, Task, make
from synthgen.errors import InputError, SynthgenError
from synthgen.identity import Identity, code_version
from synthgen.layout import Shard
from synthgen.receipts import Receipt

_NO_PART_IN_BYTES = {"joblib", "pyarrow"}
_MAKER = threading.Lock()
"""A process has one maker, which makes one shard at a time; a Dask worker may have several threads."""


def make_elsewhere(task: Task, versions: Mapping[str, str], shard: Shard) -> Receipt | Fault:
    """Make one shard, if this process would make the bytes that the driver (of these `versions`) asks for."""
    complaint = _complaint(task.out, task.identity, tuple(sorted(versions.items())))
    if complaint:
        return Fault(shard=shard, kind="input", message=complaint)
    with _MAKER:
        return make(task, shard)


@cache
def versions() -> dict[str, str]:
    """Return what the bytes of a shard follow from besides the order: this code, Python and the libraries."""
    found = {name: held for name, held in run_record.packages().items() if name not in _NO_PART_IN_BYTES | {"synthgen"}}
    python = ".".join(platform.python_version_tuple()[:2])
    return {"synthgen": code_version(), "python": python, "machine": platform.machine(), **found}


def judged(task: Task, shard: Shard, error: BaseException, *, died: bool) -> Receipt | Fault:
    """Return what became of a shard whose task has no result: the store knows.

    Args:
        task: the task.
        shard: the shard.
        error: what the engine says.
        died: whether that means that a worker died, or may have.

    Raises:
        InputError: no worker of this kind could make any shard.
    """
    if isinstance(error, ImportError):
        raise InputError(f"a worker cannot import what it needs ({error}); install the driver's synthgen there, extras too")
    if receipt := receipts.trusted(stores.at(task.out), shard, task.identity):
        return receipt
    first = (str(error).strip().splitlines() or [""])[0]
    text = f"{type(error).__name__}: {first}" if first else type(error).__name__
    if died:
        return Fault(shard=shard, kind="killed", message=f"its worker process died ({text})")
    return Fault(shard=shard, kind="error", message=text)


@lru_cache(maxsize=8)
def _complaint(out: str, identity: str, wanted: tuple[tuple[str, str], ...]) -> str:
    """Return why this process must not make shards of a data set; empty when it may."""
    here, host = versions(), platform.node()
    for name, version in wanted:
        if here.get(name, "absent") != version:
            other = f"{name} {here.get(name, 'absent')} where the driver has {version}"
            return f"worker on {host}: {other}; install the same there, or the shards would differ"
    if claimed := _unseen(out, identity):
        return f"worker on {host}: {out} is not what the driver sees ({claimed}); give -o a shared folder or s3://"
    return ""


def _unseen(out: str, identity: str) -> str:
    try:
        found = claim.read(stores.at(out))
    except SynthgenError as error:
        return str(error)
    if found is None:
        return "no data set is begun there"
    known = outputs.document(found)
    return "" if Identity(**found).sha256 == identity or not known else "another data set is there"
