"""Workers of a Ray cluster, through Ray's own tasks.

Not through joblib: its Ray backend gives no result before the last, and one dead worker ends them all. A Ray worker
is a process that holds one task, so a death blames the right shard.

A driver that has lost the cluster's head (GCS) for 60 s is ended by Ray's C++ code, without a word to Python; hence the
head is watched here, and asked about in a process of its own before this one relies on it.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, redirect_stdout, suppress
from itertools import islice
from pathlib import Path
from threading import Thread
from typing import Any

import ray
from ray.exceptions import GetTimeoutError, RayError, RayTaskError

from synthgen.dataset.receipts import Receipt
from synthgen.dataset.shard_layout import Shard
from synthgen.errors import InputError
from synthgen.generation.engines import cluster, orphans
from synthgen.generation.engines.cluster import POLL_S, Cluster
from synthgen.generation.engines.reachability import listens
from synthgen.generation.engines.remote_worker import by_value, judged, order
from synthgen.generation.task import Fault, Task

CONNECT_S = 40.0
_AHEAD = 2
"""Tasks a worker: the next one waits at the cluster, not in the worker's process."""
_PROBE = """
import logging, sys, ray
ray.init(address=sys.argv[1], log_to_driver=False, logging_level=logging.CRITICAL)
sys.stderr.write("found"); sys.stderr.flush()
"""


class Ray:
    """An engine of Ray tasks; retries are the driver's, not Ray's."""

    def __init__(self, found: Cluster, gpu: bool) -> None:
        self._cluster, self._gpu, self._head = found, gpu, ray.get_runtime_context().gcs_address
        self._hushed = ExitStack()  # Ray writes about dead workers to stdout, where only data goes
        nowhere = self._hushed.enter_context(Path(os.devnull).open("w"))  # noqa: SIM115
        self._hushed.enter_context(redirect_stdout(nowhere))
        self._unanswered = 0

    @staticmethod
    def connect(workers: int, scheduler: str = "", gpu: bool = False) -> Ray:
        """Reach the head at an address, or start a cluster of `workers` processes here.

        Raises:
            InputError: it is not reached, or speaks another version.
        """
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        quiet = {"log_to_driver": False, "logging_level": logging.CRITICAL}
        found = Cluster("Ray cluster", scheduler, "add nodes with `ray start --address ADDRESS`")
        if scheduler:
            _probe(scheduler, found)
        try:
            if scheduler:
                ray.init(address=scheduler, **quiet)
            else:
                orphans.watch()
                ray.init(address="local", num_cpus=workers, include_dashboard=False, **quiet)
        except (ConnectionError, RuntimeError, ValueError, RayError) as error:
            raise _unreached(found, str(error)) from error
        engine = Ray(found, gpu)
        engine._look()
        return engine

    @property
    def workers(self) -> int:
        """Return the number of workers as last counted, at least 1."""
        return max(1, self._cluster.workers)

    @property
    def host(self) -> str:
        """Return the address at which workers reach this machine."""
        return self._cluster.host

    def round(self, task: Task, batch: Iterator[Shard]) -> Iterator[Receipt | Fault]:
        """Yield results in the order in which they come.

        Raises:
            InputError: the head is gone, has no workers, or none that can make these shards.
        """
        remote = ray.remote(by_value()).options(num_cpus=1, num_gpus=int(self._gpu), max_retries=0)
        held: dict[Any, Shard] = {}
        try:
            while True:
                workers = self._look()
                for shard in islice(batch, max(0, _AHEAD * workers - len(held))):
                    held[remote.remote(order(task, shard))] = shard
                if not held and workers:
                    return
                for done in ray.wait(list(held), num_returns=1, timeout=POLL_S)[0] if held else _rest():
                    yield self._answer(task, held.pop(done), done)
        finally:
            if (
                self._cluster.scheduler
            ):  # our own cluster ends with us; Ray 2.60 may abort when a task ends while cancelled
                with suppress(Exception):
                    for reference in held:
                        ray.cancel(reference, force=True)

    def close(self) -> None:
        """Disconnect; end the cluster where it is our own. Waits at most 10 s: the head may be gone."""
        leaving = Thread(target=_leave, daemon=True)
        leaving.start()
        leaving.join(10.0)
        self._hushed.close()  # leaving, Ray tells what it had kept back

    def _answer(self, task: Task, shard: Shard, reference: Any) -> Receipt | Fault:
        """Return what became of a shard whose task is over."""
        try:
            return ray.get(reference, timeout=cluster.ANSWER_S)
        except RayTaskError as error:  # raised in the worker
            return judged(task, shard, error.cause if isinstance(error.cause, Exception) else error, died=False)
        except (RayError, GetTimeoutError) as error:
            return judged(task, shard, error, died=True)

    def _look(self) -> int:
        """Return the number of workers, counted now and then.

        Raises:
            InputError: the head does not answer, or has had no worker for long.
        """
        return self._cluster.look(self._counted, "GPU" if self._gpu else "CPU")

    def _counted(self) -> int | None:
        """Return the number of workers that the head tells; None the first time that it does not answer.

        Raises:
            InputError: it did not answer twice in a row.
        """
        self._unanswered = 0 if listens(self._head) else self._unanswered + 1
        if self._unanswered > 1:
            raise self._cluster.gone(f"nothing answers at {self._head}")
        if self._unanswered:
            return None
        return int(ray.cluster_resources().get("GPU" if self._gpu else "CPU", 0))


def _probe(address: str, found: Cluster) -> None:
    """Connect to the address in a process of its own, which may hang and is then ended.

    Raises:
        InputError: no head accepts a driver there.
    """
    if not address.startswith("ray://") and not listens(address):
        raise _unreached(found, "nothing listens there")
    try:
        done = subprocess.run(
            [sys.executable, "-c", _PROBE, address], capture_output=True, text=True, timeout=CONNECT_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise _unreached(found, f"no answer in {CONNECT_S:.0f} s") from error
    if done.returncode or "found" not in done.stderr:
        raise _unreached(found, done.stderr)


def _unreached(found: Cluster, said: str) -> InputError:
    """Return the error of a cluster that cannot be joined, with the remedy for what Ray said."""
    lines = [line.strip() for line in said.splitlines() if line.strip()] or ["no reason given"]
    telling = next((line for line in reversed(lines) if "ersion mismatch" in line or "oken" in line), lines[-1])
    remedy = "give HOST:PORT of the head, as `ray start --head` prints it, from a machine of the cluster"
    if "ersion" in telling:
        remedy = "install the same Ray and Python here and in the cluster"
    if "oken" in telling:
        remedy = "set RAY_AUTH_MODE=token, and RAY_AUTH_TOKEN or RAY_AUTH_TOKEN_PATH as in the cluster"
    return found.unreached(telling[:300], remedy)


def _rest() -> tuple[()]:
    time.sleep(POLL_S)
    return ()


def _leave() -> None:
    with suppress(Exception):
        ray.shutdown()
