"""What every worker process of ours has: a renderer of its own, and a thread that ends it with its parent."""

from __future__ import annotations

import os
import pickle
import signal
import threading
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Protocol

from synthgen.dataset import sample

_PARENT_PERIOD_S = 0.5


Viewed = Callable[[int, int], None]
"""Takes the number of views of a shot that are done, and the number that it has."""


class SampleRenderer(Protocol):
    """What makes the samples of a shot, such as `pipeline.SampleRenderer`; lives as long as its process."""

    def samples(self, split: str, index: int, *, viewed: Viewed = ...) -> list[sample.Sample]:
        """Return the shot's samples, one a camera; call `viewed` after each view.

        Raises:
            Failed: no draw of this shot can be built.
        """
        ...


@lru_cache(maxsize=1)
def renderer_here(factory: bytes) -> SampleRenderer:
    """Return this process's renderer, by a pickled callable: its scene and textures stay from shot to shot."""
    return pickle.loads(factory)()


def start_worker() -> None:
    """Prepare a worker process: it ignores Ctrl-C, which its parent handles, and ends with its parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()


def _end_with(parent: int) -> None:
    """End this process soon after its parent; otherwise it would go on with the queued shards."""
    while os.getppid() == parent:
        time.sleep(_PARENT_PERIOD_S)
    os._exit(1)
