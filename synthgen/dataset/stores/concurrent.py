"""Ask a store about many things at once, in order, with a bounded number under way, however many there are."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from synthgen.dataset.stores.store import Store

_Thing, _Answer = TypeVar("_Thing"), TypeVar("_Answer")

NEAR, FAR = 4, 32
"""Number of concurrent requests: to a disk, and to a store over a network, where each takes 10 ms or more."""


def answers(
    store: Store, things: Iterable[_Thing], ask: Callable[[_Thing], _Answer]
) -> Iterator[tuple[_Thing, _Answer]]:
    """Yield each thing with `ask(thing)`, in order; what `ask` raises is raised when its turn comes."""
    threads = FAR if "://" in store.url else NEAR
    with ThreadPoolExecutor(threads) as pool:
        under_way: deque[tuple[_Thing, Future[_Answer]]] = deque()
        for thing in things:
            under_way.append((thing, pool.submit(ask, thing)))
            if len(under_way) > 2 * threads:
                first, future = under_way.popleft()
                yield first, future.result()
        while under_way:
            first, future = under_way.popleft()
            yield first, future.result()
