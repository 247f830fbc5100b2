"""Rounds and blame, with an engine that dies as it is told."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthgen.dataset.receipts import Receipt
from synthgen.dataset.shard_layout import Layout, Shard
from synthgen.generation import engines
from synthgen.generation.task import Fault, Task

TASK = Task(out="nowhere", identity="", factory=b"")


class Dying:
    """Takes `workers` shards at a time; a deadly one kills what it was taken with, and fails each time."""

    host = ""

    def __init__(self, workers: int, deadly: set[int], faulty: set[int] = frozenset()) -> None:  # type: ignore[assignment]
        self.workers, self.deadly, self.faulty = workers, deadly, faulty
        self.ahead = self.taken = self.answers = 0

    def round(self, task: Task, batch: Iterator[Shard]) -> Iterator[Receipt | Fault]:
        while True:
            held = [shard for _, shard in zip(range(self.workers), batch, strict=False)]
            if not held:
                return
            self.taken += len(held)
            self.ahead = max(self.ahead, self.taken - self.answers)
            died = any(shard.number in self.deadly for shard in held)
            for shard in held:
                self.answers += 1
                yield self._answer(shard, died)

    def _answer(self, shard: Shard, died: bool) -> Receipt | Fault:
        if died:
            return Fault(shard=shard, kind="killed", message="dead")
        if shard.number in self.faulty:
            return Fault(shard=shard, kind="error", message="wrong")
        return Receipt(name=shard.name, bytes=1, sha256="", content_sha256="", samples=1)

    def close(self) -> None:
        pass


def _run(engine: Dying, shards: int) -> tuple[set[str], set[int]]:
    layout = Layout({"train": shards}, 1)
    made, lost = set(), set()
    for result in engines.results(engine, TASK, (layout[i] for i in range(shards))):
        if isinstance(result, Fault):
            assert result.shard.number not in lost
            lost.add(result.shard.number)
        else:
            assert result.name not in made
            made.add(result.name)
    return made, lost


@given(
    workers=st.integers(1, 9),
    shards=st.integers(20, 80),
    deadly=st.sets(st.integers(10, 79), max_size=12),
    faulty=st.sets(st.integers(10, 79), max_size=12),
)
def test_the_guilty_are_given_up_and_the_innocent_made_once(workers, shards, deadly, faulty):
    engine = Dying(workers, deadly, faulty)
    made, lost = _run(engine, shards)
    assert lost == {number for number in deadly | faulty if number < shards}
    assert len(made) == shards - len(lost)


def test_shards_are_taken_as_they_are_needed():
    """A driver that listed them all would grow with the data set."""
    engine = Dying(4, {100})
    _run(engine, 20_000)
    assert engine.ahead <= 4


def test_an_engine_whose_workers_all_die_is_given_up_soon():
    engine = Dying(4, set(range(1000)))
    made, lost = _run(engine, 1000)
    assert (made, len(lost)) == (set(), 1)
    assert engine.taken < 20


@pytest.mark.parametrize("name", ["dask", "ray"])
def test_engines_are_not_imported_before_they_are_asked_for(name):
    import subprocess
    import sys

    code = f"import sys, synthgen.cli, synthgen.generation.driver; sys.exit({name!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
