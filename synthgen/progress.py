"""How far a run has come: a bar on a terminal, one plain line every ten seconds elsewhere, or nothing."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TextIO

MODES = ("auto", "bar", "plain", "none")
PLAIN_PERIOD_S = 10.0


class Watch(Protocol):
    """What a run tells about itself while it goes on."""

    def note(self, message: str) -> None:
        """Say something that the user should know."""
        ...

    def begin(self, shots: int, done: int) -> None:
        """Say how many shots there are and how many of them were there already."""
        ...

    def advance(self, shots: int, samples: int) -> None:
        """Say that some more are done; either number may come alone."""
        ...


class Silent:
    """A watch that nobody looks at."""

    def note(self, message: str) -> None:
        """Drop the message."""

    def begin(self, shots: int, done: int) -> None:
        """Drop the numbers."""

    def advance(self, shots: int, samples: int) -> None:
        """Drop the numbers."""


class Plain:
    """Writes notes at once and one line of progress every period."""

    def __init__(self, stream: TextIO, period_s: float = PLAIN_PERIOD_S) -> None:
        self._stream, self._period_s = stream, period_s
        self._shots = self._done = self._made = self._samples = 0
        self._started_s = time.monotonic()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._report, daemon=True)

    def note(self, message: str) -> None:
        """Write the message as a line."""
        self._stream.write(message + "\n")
        self._stream.flush()

    def begin(self, shots: int, done: int) -> None:
        """Start the clock, and the lines."""
        self._shots, self._done, self._started_s = shots, done, time.monotonic()
        if self._period_s > 0:
            self._thread.start()

    def advance(self, shots: int, samples: int) -> None:
        """Count."""
        self._done += shots
        self._made += shots
        self._samples += samples

    def line(self, elapsed_s: float) -> str:
        """Return the state in words, `elapsed_s` after the start."""
        rate = self._samples / elapsed_s if elapsed_s > 0 else 0.0
        left = self._shots - self._done
        eta = clock(left * elapsed_s / self._made) if self._made else "unknown"
        return f"{self._done}/{self._shots} shots, {rate:.2f} samples/s, ETA {eta}"

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
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        super().__init__(stream, period_s=0.0)
        columns = (BarColumn(), MofNCompleteColumn(), TextColumn("shots · {task.fields[state]}"), TimeElapsedColumn())
        self._progress = Progress(*columns, console=Console(file=stream))
        self._task: Any = None

    def note(self, message: str) -> None:
        """Write the message above the bar."""
        self._progress.console.print(message, markup=False, highlight=False, soft_wrap=True)

    def begin(self, shots: int, done: int) -> None:
        """Show the bar."""
        super().begin(shots, done)
        self._task = self._progress.add_task("", total=shots, completed=done, state="starting")
        self._progress.start()

    def advance(self, shots: int, samples: int) -> None:
        """Move the bar."""
        super().advance(shots, samples)
        state = self.line(time.monotonic() - self._started_s).partition(", ")[2]
        self._progress.update(self._task, completed=self._done, state=state)

    def close(self) -> None:
        """Leave the bar as it is."""
        self._progress.stop()


@contextmanager
def watching(mode: str, stream: TextIO) -> Iterator[Watch]:
    """Yield the watch for one of MODES; notes are written in every mode."""
    if mode == "auto":
        animated = stream.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
        mode = "bar" if animated else "plain"
    watch = Bar(stream) if mode == "bar" else Plain(stream, PLAIN_PERIOD_S if mode == "plain" else 0.0)
    try:
        yield watch
    finally:
        watch.close()


def clock(seconds: float) -> str:
    """Return a duration as people write it.

    >>> clock(75), clock(3725)
    ('1:15', '1:02:05')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
