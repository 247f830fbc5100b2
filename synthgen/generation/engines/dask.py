"""Workers of a Dask cluster, through the client of `distributed`.

Not through joblib: its Dask backend waits for ever once a shard has killed its workers (joblib 1.6: the callback of a
failed task is never called), and takes every task at once.
"""

from __future__ import annotations

import logging
import queue
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib.metadata import version
from typing import Any

from dask import config
from distributed import Client, Future, KilledWorker, LocalCluster

from synthgen.dataset.receipts import Receipt
from synthgen.dataset.shard_layout import Shard
from synthgen.errors import InputError
from synthgen.generation.engines import cluster
from synthgen.generation.engines.cluster import POLL_S, Cluster
from synthgen.generation.engines.reachability import listens
from synthgen.generation.engines.remote_worker import by_value, judged, order, versions
from synthgen.generation.task import Fault, Task

CONNECT_S = 15.0
_PRELOAD = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)"
"""Runs in each worker of our own cluster: Ctrl-C goes to the driver alone, which ends the workers."""


class Dask:
    """An engine that gives each Dask worker one shard at a time: a death has one suspect, memory stays flat."""

    def __init__(self, client: Client, own: LocalCluster | None, found: Cluster) -> None:
        self._client, self._own, self._cluster = client, own, found

    @staticmethod
    def connect(workers: int, scheduler: str = "") -> Dask:
        """Reach the scheduler at an address, or start one here with `workers` processes.

        Raises:
            InputError: it is not reached, or speaks another version.
        """
        _hush()
        own = None if scheduler else _own_cluster(workers)
        found = Cluster("Dask scheduler", scheduler, "start some with `dask worker ADDRESS`")
        try:
            if scheduler and not listens(scheduler):
                raise OSError("nothing listens there")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of versions: they are compared below
                client = Client(own or scheduler, timeout=CONNECT_S, set_as_default=False)
        except (OSError, ValueError, TypeError, RuntimeError) as error:
            remedy = "give the address that `dask scheduler` prints, tcp://HOST:8786, or leave it out to start one here"
            raise found.unreached(_line(error), remedy) from error
        engine = Dask(client, own, found)
        try:
            engine._compare()
            engine._look()
        except BaseException:
            engine.close()
            raise
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
            InputError: the scheduler is gone, has no workers, or none that can make these shards.
        """
        call, held = by_value(), dict[str, tuple[Future, Shard]]()
        over: queue.SimpleQueue[Future] = queue.SimpleQueue()
        try:
            while True:
                workers = self._look()
                while len(held) < workers and (shard := next(batch, None)):
                    key = f"synthgen-{shard.number}-{uuid.uuid4().hex}"
                    future = self._client.submit(call, order(task, shard), key=key, pure=False, retries=0)
                    held[key] = future, shard
                    future.add_done_callback(over.put)
                if not held and workers:
                    return
                try:
                    future, shard = held.pop(over.get(timeout=POLL_S).key)
                except queue.Empty:
                    continue
                yield self._answer(task, shard, future)
        finally:
            with suppress(Exception):
                self._client.cancel([future for future, _ in held.values()])

    def close(self) -> None:
        """Disconnect; end scheduler and workers where they are our own."""
        with suppress(Exception):
            self._client.close(timeout=5)
        if self._own is not None:
            with suppress(Exception):
                self._own.close(timeout=10)

    def _answer(self, task: Task, shard: Shard, future: Future) -> Receipt | Fault:
        """Return what became of a shard whose task is over."""
        if future.status in ("cancelled", "lost"):
            raise self._cluster.gone("it dropped the tasks")
        try:
            return future.result(timeout=cluster.ANSWER_S)
        except Exception as error:  # a worker that dies right after its task takes the result along: a timeout
            return judged(task, shard, error, died=isinstance(error, (KilledWorker, TimeoutError, OSError)))

    def _look(self) -> int:
        """Return the number of workers, counted now and then.

        Raises:
            InputError: the scheduler does not answer, or has had no worker for long.
        """
        if self._client.status != "running":
            raise self._cluster.gone("the connection is lost")
        return self._cluster.look(lambda: len(self._ask(self._client.scheduler.ncores)))

    def _compare(self) -> None:
        """Compare versions: a driver and a scheduler of different ones fail with obscure errors.

        Raises:
            InputError: it is of another version.
        """
        theirs = self._ask(self._client.scheduler.versions)["packages"]
        for name, here in (("distributed", version("distributed")), ("python", versions()["python"])):
            there = str(theirs.get(name))
            if not there.startswith(here):
                raise InputError(
                    f"{self._cluster.place}: it has {name} {there}, and {here} is here; install the same in both"
                )

    def _ask(self, question: Callable[..., Any]) -> Any:
        try:
            return self._client.sync(question, callback_timeout=cluster.ANSWER_S)
        except Exception as error:
            raise self._cluster.gone(_line(error)) from error


def _hush() -> None:
    """Silence Dask's logs: errors that it would log with a traceback are reported as one message here."""
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] == "distributed":  # each has a level of its own
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def _own_cluster(workers: int) -> LocalCluster:
    """Start worker processes here; the scheduler reports a task at its first worker's death, without a retry."""
    with config.set({"distributed.scheduler.allowed-failures": 0}):
        return LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            dashboard_address=None,
            memory_limit=0,
            silence_logs=logging.CRITICAL,
            preload=[_PRELOAD],
        )


def _line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
