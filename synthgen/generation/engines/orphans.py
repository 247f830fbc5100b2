"""End processes that outlive a driver which was killed: Ray leaves two agents when its own driver dies of SIGKILL.

A watcher, a process of its own, holds the end of a pipe whose other end only the driver has. While the driver lives it
notes the driver's descendants, each by process id and start time; when the pipe breaks it waits a little, then kills
those of them that are still there. Linux only: it reads /proc. This file runs by its path and imports nothing of ours.

References:
    Linux man-pages, proc(5), /proc/pid/stat: field 4 is the parent, field 22 the start time; both identify a process.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from select import select

PERIOD_S = 1.0
GRACE_S = 3.0
"""How long descendants have to end by themselves."""
_PROC = Path("/proc")

Process = tuple[int, str]
"""Process id and start time."""


def watch() -> None:
    """Start the watcher of this process; nothing to do where there is no /proc."""
    if not (_PROC / "self" / "stat").exists():
        return
    end, _kept = os.pipe()  # not inherited by what is started later; ours breaks with this process
    subprocess.Popen(
        [sys.executable, "-I", "-S", __file__, str(os.getpid())],
        stdin=end,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        start_new_session=True,  # what ends the driver's group must not end its watcher
    )
    os.close(end)


def descendants(of: int) -> set[Process]:
    """Return the children of a process, their children, and so on."""
    parents = {}
    for folder in _PROC.glob("[0-9]*"):
        with suppress(OSError, IndexError):
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            parents[int(folder.name)] = int(fields[1]), fields[19]
    found, known = set(), {of}
    while grown := {pid for pid, (parent, _) in parents.items() if parent in known} - known:
        known |= grown
        found |= {(pid, parents[pid][1]) for pid in grown}
    return found


def alive(process: Process) -> bool:
    """Return whether a process is still there, and no other one that got its number."""
    with suppress(OSError, IndexError):
        fields = (_PROC / str(process[0]) / "stat").read_text().rpartition(")")[2].split()
        return fields[19] == process[1] and fields[0] != "Z"
    return False


def main(driver: int) -> None:
    """Watch until the pipe breaks, then end what is left."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    known: set[Process] = set()
    while not select([0], [], [], PERIOD_S)[0]:  # readable: the other end is closed
        known = {process for process in known if alive(process)} | descendants(driver)
    ours = (os.getpid(), "")
    until_s = time.monotonic() + GRACE_S
    while (left := [each for each in known if alive(each) and each[0] != ours[0]]) and time.monotonic() < until_s:
        time.sleep(0.1)
    for pid, _ in left:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    main(int(sys.argv[1]))
