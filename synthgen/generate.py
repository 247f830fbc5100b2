"""Make a data set: claim the folder, keep what is whole, make the rest, publish the manifest.

The folder itself is the state: an identity file first, shards each followed by its receipt, the manifest last. Whatever
ends a run, the same call again finishes it, and the result has the same bytes.
"""

from __future__ import annotations

import os
import pickle
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from synthgen import engine, manifest, outputs, run_record, shards, summary
from synthgen.engine import Fault, Maker, Task
from synthgen.errors import InputError, OutputError, PartialError, SynthgenError
from synthgen.progress import Silent, Watch
from synthgen.recipe import Recipe, from_text, resolved
from synthgen.shards import Receipt, Shard
from synthgen.summary import Summary

WORKER_BYTES = 2_000_000_000
"""What a worker may take (issue 3: peak memory under 2 GB per worker)."""
SIGTERM_EXIT = 128 + signal.SIGTERM


@dataclass(frozen=True, kw_only=True)
class Order:
    """A data set to be made."""

    identity: manifest.Identity
    recipe_text: str
    """The resolved recipe, kept beside the shards."""
    factory: Callable[[], Maker]
    """Picklable; called once in each process."""
    notes: tuple[str, ...] = ()
    """What the user should know before it starts."""


def order(
    recipe: Recipe, shots: int, *, exact: bool = False, device: str = "auto", workers: int | None = None, jobs: int = 1
) -> tuple[Order, int]:
    """Return what to make of a recipe, and how many workers each of `jobs` runs makes it with.

    Args:
        recipe: the recipe, its seed and overrides in it.
        shots: how many; rounded up to whole shards, as `notes` of the order then says, unless `exact`.
        exact: make `shots` shots and keep a short last shard in each split.
        device: auto, cpu, cuda or cuda:N.
        workers: processes; None leaves it to the machine.
        jobs: how many runs share the shards.

    Raises:
        InputError: there is nothing to make.
    """
    counts = shards.counts(shots, recipe.splits, recipe.samples_per_shard, exact)
    text = resolved(recipe)
    identity = manifest.identify(text, recipe.seed, counts, recipe.samples_per_shard)
    workers = workers or _workers(device, len(identity.shards) // jobs)
    made = partial(_maker, text, recipe.origin.folder, device, max(1, _cpus() // workers))
    return Order(identity=identity, recipe_text=text, factory=made, notes=_notes(shots, counts)), workers


def run(
    order: Order,
    out: Path,
    *,
    workers: int = 1,
    resume: str = "if-possible",
    job: tuple[int, int] = (0, 1),
    watch: Watch | None = None,
) -> Summary:
    """Make the shards s with s % K == I of the data set in `out`, where `job` is (I, K); publish it when K is 1.

    Raises:
        InputError: the folder is not this data set's, or the data set cannot be made at all (nothing is left behind).
        PartialError: it ended after some shards were done.
        SynthgenError: no shard could be made, for a reason that is ours.
    """
    watch = Silent() if watch is None else watch
    identity, started_s = order.identity, time.monotonic()
    mine = [shard for shard in identity.shards if shard.number % job[1] == job[0]]
    resumed = outputs.claim(out, asdict(identity), resume)
    done: dict[str, Receipt] = {}
    missing: dict[str, Fault] = {}
    record = run_record.start(workers, job)
    try:
        with _stopping_cleanly(out, workers):
            outputs.write(out / "recipe.resolved.yaml", order.recipe_text.encode())
            run_record.write(out, record, job)
            todo = _kept(out, mine, identity, done, workers, watch)
            task = Task(out=str(out), identity=identity.sha256, factory=pickle.dumps(order.factory))
            kept = len(done)
            for result in engine.results(task, todo, workers, lambda samples: watch.advance(1, samples)):
                _take(result, done, missing, watch, workers)
                _warn_of_space(out, done, kept, len(mine), watch)
            published = manifest.publish(out, identity, done.values()) if len(done) == len(identity.shards) else ""
            result = summary.of(out, mine, done, kept, missing, published, time.monotonic() - started_s)
            run_record.write(out, run_record.end(record, result, missing.values()), job)
    except InputError as error:
        done |= _whole(out, mine, identity)  # a worker may have finished one that was not booked yet
        if done:
            raise PartialError(f"{error} ({len(done)} of {len(mine)} shards are done: run again to resume)") from error
        if not resumed and job[1] == 1:
            outputs.withdraw(out)
        raise
    if mine and not done:
        raise SynthgenError(f"no shard could be made: {next(iter(missing.values())).message} (see {out}/run.json)")
    return result


def _notes(shots: int, counts: Mapping[str, int]) -> tuple[str, ...]:
    """Return what rounding to whole shards changed."""
    shared = ", ".join(f"{count} {split}" for split, count in counts.items())
    notes = []
    if sum(counts.values()) != shots:
        notes.append(f"{shots} shots are rounded up to whole shards: {shared}; --exact makes just {shots}")
    empty = [split for split, count in counts.items() if not count]
    if empty:
        notes.append(f"warning: too few shots for a shard of {', '.join(empty)}; ask for more with -n")
    return tuple(notes)


def _workers(device: str, shard_count: int) -> int:
    """Return a number of processes that keeps every core busy, each with two shards and its share of memory."""
    if device.startswith("cuda") or (device == "auto" and os.path.exists("/dev/nvidiactl")):
        return 1
    fitting = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_AVPHYS_PAGES") // WORKER_BYTES
    return max(1, min(_cpus(), shard_count // 2, fitting))


def _cpus() -> int:
    from joblib import cpu_count

    return cpu_count()


def _maker(text: str, folder: str, device: str, threads: int) -> Maker:
    """Return the maker of real samples; runs in the process that needs it."""
    from synthgen import devices, pipeline

    recipe = from_text(text, file="recipe.resolved.yaml", folder=Path(folder))
    return pipeline.Maker(recipe, device=devices.resolve(device), threads=threads)


def _kept(
    out: Path,
    mine: Sequence[Shard],
    identity: manifest.Identity,
    done: dict[str, Receipt],
    workers: int,
    watch: Watch,
) -> list[Shard]:
    """Fill `done` with the shards that are whole; clear away the others and return them."""
    outputs.sweep(out)
    done |= _whole(out, mine, identity)
    todo = [shard for shard in mine if shard.name not in done]
    if todo:
        with outputs.explained(out):
            (out / manifest.FILE).unlink(missing_ok=True)
    damaged = [shard for shard in todo if (out / shard.name).exists()]
    if damaged:
        watch.note(f"{len(damaged)} shards are damaged or without a receipt and are made again: {damaged[0].name}, ...")
    for shard in todo:
        shards.discard(out, shard)
    if todo and len(todo) < 2 * workers and workers > 1:
        watch.note(f"warning: {len(todo)} shards for {workers} workers; fewer than 2 shards a worker leaves some idle")
    watch.begin(sum(shard.shots for shard in mine), sum(receipt.shots for receipt in done.values()))
    return todo


def _whole(out: Path, mine: Sequence[Shard], identity: manifest.Identity) -> dict[str, Receipt]:
    """Return the receipts of the shards that are in place and whole."""
    found = {shard.name: shards.trusted(out, shard, identity.sha256) for shard in mine}
    return {name: receipt for name, receipt in found.items() if receipt}


def _take(
    result: Receipt | Fault, done: dict[str, Receipt], missing: dict[str, Fault], watch: Watch, workers: int
) -> None:
    """Book one result.

    Raises:
        InputError: the fault would meet every other shard too.
    """
    if isinstance(result, Receipt):
        done[result.name] = result
        if workers > 1:  # in this process every shot was counted already
            watch.advance(result.shots, result.samples)
        return
    if result.final:
        raise (OutputError if result.kind == "output" else InputError)(result.message)
    missing[result.shard.name] = result
    watch.note(f"warning: {result.shard.name} is given up: {result.message}")


def _warn_of_space(out: Path, done: Mapping[str, Receipt], kept: int, total: int, watch: Watch) -> None:
    """Say once, after the first shard, when the rest will not fit."""
    if len(done) != kept + 1:
        return
    mean_bytes = sum(receipt.bytes for receipt in done.values()) / len(done)
    needed, free = mean_bytes * (total - len(done)), shutil.disk_usage(out).free
    if needed > free:
        watch.note(f"warning: about {needed / 1e6:.1f} MB more are needed and {free / 1e6:.1f} MB are free in {out}")


@contextmanager
def _stopping_cleanly(out: Path, workers: int) -> Iterator[None]:
    """End workers and remove temporary files however the block ends; SIGTERM ends it like Ctrl-C, with exit 143."""
    in_main = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGTERM, _leave) if in_main else None
    try:
        yield
    finally:
        if workers > 1:
            engine.stop_workers()
        outputs.sweep(out)
        if in_main:
            signal.signal(signal.SIGTERM, before)


def _leave(number: int, frame: Any) -> None:
    raise SystemExit(SIGTERM_EXIT)
