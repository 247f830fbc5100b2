"""Runs of the fake renderer as processes of their own, that tests watch, kill and compare."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import fake_renderer

REPOSITORY = Path(fake_renderer.__file__).parents[1]
_STARTED: list[subprocess.Popen[str]] = []
WORKER_PATH = os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "tests")])


def until(true: Callable[[], object], what: str, limit_s: float = 120.0) -> None:
    """Wait for a condition."""
    deadline_s = time.monotonic() + limit_s
    while not true():
        if time.monotonic() > deadline_s:
            for run in (run for run in _STARTED if run.poll() is None):
                kill_group(run)
            raise AssertionError(f"waited {limit_s:.0f} s in vain: {what}")
        time.sleep(0.05)


def receipts(out: Path) -> int:
    """Return how many shards are done."""
    return len(list((out / ".receipts").rglob("[!.]*.json")))


def environment(path: str = WORKER_PATH, **more: str) -> dict[str, str]:
    """Return this process's environment with another PYTHONPATH."""
    return {**os.environ, "PYTHONPATH": path, **more}


def start(out: Path, *options: object, env: dict[str, str] | None = None) -> subprocess.Popen[str]:
    """Start `fake_renderer.py` in a process group of its own."""
    run = subprocess.Popen(
        [sys.executable, fake_renderer.__file__, str(out), *map(str, options)],
        env=env or environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    _STARTED.append(run)
    return run


def ended(run: subprocess.Popen[str], limit_s: float = 240.0) -> tuple[int, str, str]:
    """Return exit code, stdout and stderr of a run; a run that hangs is killed and fails the test."""
    try:
        out, err = run.communicate(timeout=limit_s)
    finally:
        kill_group(run)  # what it started, too
    return run.returncode, out, err


def kill_group(run: subprocess.Popen) -> None:
    """Kill -9 a process and all that it started."""
    with suppress(ProcessLookupError):
        os.killpg(run.pid, signal.SIGKILL)
    run.communicate()


@contextmanager
def service(*command: object, log: Path, env: dict[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server in a process group of its own until the block ends."""
    with log.open("wb") as said:
        process = subprocess.Popen(
            list(map(str, command)),
            env=env or environment(),
            cwd=log.parent,  # not the checkout, which Python would put on its path
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        kill_group(process)
