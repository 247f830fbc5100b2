"""How far a run has come: a bar on a terminal, one plain line every ten seconds elsewhere, or nothing."""

from __future__ import annotations

import math
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TextIO

PLAIN_PERIOD_S = 10.0
_REMEMBERED = 256
"""Ended pieces whose late messages are known for what they are; far more than messages are late by."""


class Watch(Protocol):
    """Receives notes and progress while a run goes on."""

    def note(self, message: str) -> None:
        """Show a message to the user."""
        ...

    def begin(self, total: int, done: float, unit: str = "shots", unit_s: float = 0.0) -> None:
        """Start to count: `total` units of work, `done` of which were there already.

        `unit_s` is how long one is expected to take [s], for the time before the first is done; 0 is not known.
        """
        ...

    def advance(self, count: float, samples: int) -> None:
        """Add units done and samples made; a count may be a fraction, and negative where work was lost."""
        ...


class Silent:
    """A watch that shows nothing."""

    def note(self, message: str) -> None:
        """Drop the message."""

    def begin(self, total: int, done: float, unit: str = "shots", unit_s: float = 0.0) -> None:
        """Drop the numbers."""

    def advance(self, count: float, samples: int) -> None:
        """Drop the numbers."""


class Plain:
    """Writes notes at once and one line of progress every period."""

    def __init__(self, stream: TextIO, period_s: float = PLAIN_PERIOD_S) -> None:
        self._stream, self._period_s = stream, period_s
        self._total, self._unit, self._samples, self._unit_s = 0, "shots", 0, 0.0
        self._done = self._made = 0.0
        self._started_s = time.monotonic()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._report, daemon=True)

    def note(self, message: str) -> None:
        """Write the message as a line."""
        self._stream.write(message + "\n")
        self._stream.flush()

    def begin(self, total: int, done: float, unit: str = "shots", unit_s: float = 0.0) -> None:
        """Start the clock, and the lines."""
        self._total, self._unit, self._done, self._unit_s = total, unit, done, unit_s
        self._made, self._samples, self._started_s = 0.0, 0, time.monotonic()
        if self._period_s > 0 and not self._thread.is_alive():
            self._thread.start()

    def advance(self, count: float, samples: int) -> None:
        """Count."""
        self._done += count
        self._made += count
        self._samples += samples

    def line(self, elapsed_s: float) -> str:
        """Return the state in words, `elapsed_s` after the start."""
        parts = [f"{_amount(self._done)}/{self._total} {self._unit}"]
        if self._samples and elapsed_s > 0:
            parts.append(f"{self._samples / elapsed_s:.2f} samples/s")
        elif self._made > 1e-9 and elapsed_s > 0:
            parts.append(f"{self._made / elapsed_s:.2f} {self._unit}/s")
        return ", ".join([*parts, f"ETA {self._eta(max(0.0, self._total - self._done), elapsed_s)}"])

    def _eta(self, left: float, elapsed_s: float) -> str:
        """Return how long the rest takes: at the pace so far, or as was expected while nothing is done."""
        if self._made > 1e-9:
            return clock(left * elapsed_s / self._made)
        expected_s = left * self._unit_s - elapsed_s
        return f"about {clock(expected_s)}" if expected_s > 0 else "unknown"

    def close(self) -> None:
        """Stop the lines."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()

    def _report(self) -> None:
        while not self._over.wait(self._period_s):
            self.note(self.line(time.monotonic() - self._started_s))


class Bar(Plain):
    """Draws a bar with rich, notes above it."""

    def __init__(self, stream: TextIO) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        super().__init__(stream, period_s=0.0)
        columns = (BarColumn(), TextColumn("{task.fields[state]}"), TimeElapsedColumn())
        self._progress = Progress(*columns, console=Console(file=stream))
        self._task: Any = None

    def note(self, message: str) -> None:
        """Write the message above the bar."""
        self._progress.console.print(message, markup=False, highlight=False, soft_wrap=True)

    def begin(self, total: int, done: float, unit: str = "shots", unit_s: float = 0.0) -> None:
        """Show the bar."""
        super().begin(total, done, unit, unit_s)
        if self._task is not None:
            self._progress.remove_task(self._task)
        self._task = self._progress.add_task("", total=total, completed=done, state=self.line(0.0))
        self._progress.start()

    def advance(self, count: float, samples: int) -> None:
        """Move the bar."""
        super().advance(count, samples)
        state = self.line(time.monotonic() - self._started_s)
        self._progress.update(self._task, completed=self._done, state=state)

    def close(self) -> None:
        """Leave the bar as it is."""
        self._progress.stop()


class Parts:
    """Counts pieces of work that are under way at once, such as the shards in the hands of workers.

    A piece in work counts by what its worker last told, a finished one by what is known of it then; so a message that
    is lost, or work that is lost with its worker, leaves no error in the sum. Threads may share it.
    """

    def __init__(self, watch: Watch) -> None:
        self._watch, self._lock = watch, threading.Lock()
        self._open: dict[Hashable, tuple[float, int]] = {}
        self._ended: deque[Hashable] = deque(maxlen=_REMEMBERED)

    def at(self, piece: Hashable, count: float, samples: int) -> None:
        """Set how far a piece has come; a message that comes after the piece's end is dropped."""
        with self._lock:
            if piece not in self._ended:
                self._set(piece, count, samples)

    def end(self, piece: Hashable, count: float = 0.0, samples: int = 0) -> None:
        """Set what a piece came to in the end: nothing, where it was lost."""
        with self._lock:
            self._set(piece, count, samples)
            del self._open[piece]
            self._ended.append(piece)

    def _set(self, piece: Hashable, count: float, samples: int) -> None:
        before, samples_before = self._open.get(piece, (0.0, 0))
        self._open[piece] = count, samples
        if (count, samples) != (before, samples_before):
            self._watch.advance(count - before, samples - samples_before)


@contextmanager
def watching(mode: str, stream: TextIO) -> Iterator[Watch]:
    """Yield the watch for a mode; notes are written in every mode."""
    if mode == "auto":
        animated = stream.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
        mode = "bar" if animated else "plain"
    watch = Bar(stream) if mode == "bar" else Plain(stream, PLAIN_PERIOD_S if mode == "plain" else 0.0)
    try:
        yield watch
    finally:
        watch.close()


@contextmanager
def counting(mode: str, stream: TextIO, unit: str = "", unit_s: float = 0.0) -> Iterator[Callable[..., None]]:
    """Yield a function `tell(done, total)`, or `tell(what, done, total)`, for a command that counts by itself.

    Each new `what`, or total, starts the clock anew, so that a command of several steps shows each in turn. `unit_s` is
    how long a unit is expected to take [s]; 0 is not known.

    >>> import sys
    >>> with counting("none", sys.stderr, "points") as tell:
    ...     tell(1, 4000)
    """
    with watching(mode, stream) as watch:
        state: list[Any] = [None, 0]

        def tell(*told: Any) -> None:
            *what, done, total = told
            key = (what[0] if what else unit, total)
            if state[0] != key:
                state[:] = key, 0
                watch.begin(total, 0, key[0], unit_s)
            if done != state[1]:
                watch.advance(done - state[1], 0)
            state[1] = done

        yield tell


def clock(seconds: float) -> str:
    """Return a duration as people write it.

    >>> clock(75), clock(3725)
    ('1:15', '1:02:05')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def _amount(done: float) -> str:
    """Return a count, with one digit behind the point where a part is in work."""
    whole = math.floor(done + 1e-6)
    return f"{max(done, 0.0):.1f}" if done - whole >= 0.05 else str(whole)
