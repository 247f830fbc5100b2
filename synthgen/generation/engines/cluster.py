"""What the Dask and the Ray engine have in common: a head that may go away, and a number of workers that changes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from synthgen.errors import InputError
from synthgen.generation.engines import beats

ANSWER_S = 20.0
"""How long a head may take to answer a question."""
IDLE_S = 45.0
"""How long a cluster may be without any worker."""
POLL_S = 1.0
LOOK_PERIOD_S = 3.0


@dataclass
class Cluster:
    """A running cluster as its driver sees it."""

    head: str
    """Name of its head in messages, such as `Dask scheduler`."""
    scheduler: str
    """Address that the user gave; empty for a cluster of our own."""
    add_workers: str
    """How more workers are started, for messages."""
    _workers: int = 0
    _looked_s: float = 0.0
    _seen_s: float = field(default_factory=time.monotonic)

    @property
    def place(self) -> str:
        """Return what messages call the cluster."""
        return f"--scheduler {self.scheduler}" if self.scheduler else f"the {self.head} here"

    @property
    def host(self) -> str:
        """Return this machine's address as the cluster's workers see it."""
        return beats.own_address(self.scheduler) if self.scheduler else "127.0.0.1"

    @property
    def workers(self) -> int:
        """Return the number of workers that was found last, 0 where there are none."""
        return self._workers

    def look(self, count: Callable[[], int | None], what: str = "worker") -> int:
        """Count the workers, at most once every LOOK_PERIOD_S; return how many there are.

        Args:
            count: asks the head; None where it does not answer just now.
            what: what is counted, for the message.

        Raises:
            InputError: there has been no worker for IDLE_S.
        """
        now_s = time.monotonic()
        if self._looked_s and now_s - self._looked_s < LOOK_PERIOD_S:
            return self._workers
        found = count()
        self._looked_s = time.monotonic()
        if found is None:
            return self._workers
        self._workers = found
        if found:
            self._seen_s = now_s
        elif now_s - self._seen_s > IDLE_S:
            raise InputError(f"{self.place}: no {what} for {IDLE_S:.0f} s; {self.add_workers}")
        return found

    def gone(self, why: str) -> InputError:
        """Return the error of a head that was there and does not answer any more."""
        return InputError(f"{self.place}: the {self.head} is gone ({why}); start it, then give the same command again")

    def unreached(self, why: str, remedy: str) -> InputError:
        """Return the error of a head that is not reached in the first place."""
        return InputError(f"{self.place}: no {self.head} is reached ({why}); {remedy}")
