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
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from synthgen import engine, manifest, outputs, run_record, shards
from synthgen.engine import Fault, Maker, Task
from synthgen.errors import InputError, OutputError, PartialError, SynthgenError
from synthgen.progress import Silent, Watch
from synthgen.recipe import Recipe, from_text, resolved
from synthgen.shards import Receipt, Shard

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


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What a run did and what the folder holds of this job's shards now."""

    out: str
    shards: int
    made: int
    kept: int
    """Shards that were there and whole."""
    shots: int
    samples: int
    failed_shots: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Shots that no draw could build: {`<split>-<index>`: {cause: times}}."""
    missing: Mapping[str, str] = field(default_factory=dict)
    """Shards that were given up: {name: why}."""
    manifest_sha256: str = ""
    """Empty while shards are missing or another job has them."""
    seconds: float = 0.0
    samples_per_s: float = 0.0

    @property
    def complaint(self) -> str:
        """Return what is missing, in words; empty when nothing is."""
        parts = []
        if self.missing:
            named = "; ".join(f"{name}: {why}" for name, why in list(self.missing.items())[:3])
            parts.append(f"{len(self.missing)} of {self.shards} shards are missing ({named}); run again to retry them")
        if self.failed_shots:
            causes = ", ".join(sorted({cause for shot in self.failed_shots.values() for cause in shot}))
            parts.append(f"{len(self.failed_shots)} of {self.shots} shots could not be built ({causes}); see `plan`")
        return "; ".join(parts)


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
            for result in engine.results(task, todo, workers, lambda: watch.advance(1, 0)):
                _take(result, done, missing, watch, workers)
                _warn_of_space(out, done, kept, len(mine), watch)
            published = manifest.publish(out, identity, done.values()) if len(done) == len(identity.shards) else ""
            summary = _summary(out, mine, done, kept, missing, published, time.monotonic() - started_s)
            run_record.write(out, run_record.end(record, summary, missing.values()), job)
    except InputError as error:
        if done:
            raise PartialError(f"{error} ({len(done)} of {len(mine)} shards are done: run again to resume)") from error
        if not resumed and job[1] == 1:
            outputs.withdraw(out)
        raise
    if mine and not done:
        raise SynthgenError(f"no shard could be made: {next(iter(missing.values())).message} (see {out}/run.json)")
    return summary


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
    from synthgen import pipeline

    recipe = from_text(text, file="recipe.resolved.yaml", folder=Path(folder))
    return pipeline.Maker(recipe, device=device, threads=threads)


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
    for shard in mine:
        if receipt := shards.trusted(out, shard, identity.sha256):
            done[shard.name] = receipt
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


def _take(
    result: Receipt | Fault, done: dict[str, Receipt], missing: dict[str, Fault], watch: Watch, workers: int
) -> None:
    """Book one result.

    Raises:
        InputError: the fault would meet every other shard too.
    """
    if isinstance(result, Receipt):
        done[result.name] = result
        watch.advance(0 if workers == 1 else result.shots, result.samples)
        return
    if result.final:
        raise (OutputError if result.kind == "output" else InputError)(result.message)
    missing[result.shard.name] = result
    watch.note(f"warning: {result.shard.name} is given up after {engine.MAX_TRIES} tries: {result.message}")


def _warn_of_space(out: Path, done: Mapping[str, Receipt], kept: int, total: int, watch: Watch) -> None:
    """Say once, after the first shard, when the rest will not fit."""
    if len(done) != kept + 1:
        return
    mean_bytes = sum(receipt.bytes for receipt in done.values()) / len(done)
    needed, free = mean_bytes * (total - len(done)), shutil.disk_usage(out).free
    if needed > free:
        watch.note(f"warning: about {needed / 1e9:.1f} GB more are needed and {free / 1e9:.1f} GB are free in {out}")


def _summary(
    out: Path,
    mine: Sequence[Shard],
    done: Mapping[str, Receipt],
    kept: int,
    missing: Mapping[str, Fault],
    published: str,
    seconds: float,
) -> Summary:
    fresh = sum(receipt.samples for receipt in list(done.values())[kept:])
    return Summary(
        out=str(out),
        shards=len(mine),
        made=len(done) - kept,
        kept=kept,
        shots=sum(receipt.shots for receipt in done.values()),
        samples=sum(receipt.samples for receipt in done.values()),
        failed_shots=_failed_shots(mine, done),
        missing={shard.name: _reason(shard, missing) for shard in mine if shard.name not in done},
        manifest_sha256=published,
        seconds=round(seconds, 3),
        samples_per_s=round(fresh / seconds, 3),
    )


def _failed_shots(mine: Sequence[Shard], done: Mapping[str, Receipt]) -> dict[str, dict[str, int]]:
    return {
        f"{shard.split}-{index:08d}": dict(causes)
        for shard in mine
        if shard.name in done
        for index, causes in done[shard.name].failed.items()
    }


def _reason(shard: Shard, missing: Mapping[str, Fault]) -> str:
    return missing[shard.name].message if shard.name in missing else "not tried, since nothing succeeded"


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
