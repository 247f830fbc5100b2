"""Make a data set: claim the store, keep the shards that are whole, make the others, publish the manifest.

The store itself is the state: first an identity file, then shards, each followed by its receipt, then the manifest. The
same call finishes a run that was interrupted in any way, with the same bytes. The driver keeps sums and one byte a
shard, so that its memory hardly grows with the data set.
"""

from __future__ import annotations

import os
import pickle
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from synthgen.dataset import identity_file, manifest, receipts, stores
from synthgen.dataset.identity import Identity, identify
from synthgen.dataset.shard_layout import Layout, counts
from synthgen.dataset.stores import Store
from synthgen.errors import InputError, OutputError, PartialError, SynthgenError
from synthgen.generation import engines, run_record, shard_plan, summary
from synthgen.generation.engines import Engine, SampleRenderer, beats
from synthgen.generation.engines.local import Local
from synthgen.generation.summary import Summary, Totals
from synthgen.generation.task import Fault, Task
from synthgen.planning import cost
from synthgen.progress import Parts, Silent, Watch
from synthgen.recipe import Recipe, from_text, resolved

ROOM = 1.5
"""Memory that is left for each worker, over what it is estimated to take."""
SHARD_TIMEOUT_S, SHOT_TIMEOUT_S = 3600.0, 900.0
"""Time limits of a shard and of each shot in it where the user sets none: far above what any shipped recipe takes on
one core, so that they end only what hangs."""
SIGTERM_EXIT = 128 + signal.SIGTERM


@dataclass(frozen=True, kw_only=True)
class Order:
    """A data set to be made."""

    identity: Identity
    recipe_text: str
    """The resolved recipe, kept beside the shards."""
    factory: Callable[[], SampleRenderer]
    """Picklable; called once in each process."""
    notes: tuple[str, ...] = ()
    """What the user should know before it starts."""
    recipe_folder: str = "."
    """Where the recipe's relative file names start."""
    shot_s: float = 0.0
    """How long a worker is expected to take for a shot [s]; 0 is not known."""


def order(
    recipe: Recipe,
    shots: int,
    *,
    exact: bool = False,
    device: str = "auto",
    workers: int | None = None,
    jobs: int = 1,
    threads: int | None = None,
    ranks: int = 1,
) -> tuple[Order, int]:
    """Return what to make of a recipe, and how many workers each of `jobs` runs makes it with.

    Args:
        recipe: the recipe, its seed and overrides in it.
        shots: how many; rounded up to whole shards, as `notes` of the order then says, unless `exact`.
        exact: make `shots` shots and keep a short last shard in each split.
        device: auto, cpu, cuda or cuda:N.
        workers: processes; None leaves it to the machine.
        jobs: how many runs share the shards.
        threads: of a worker; None shares this machine's cores among its workers.
        ranks: readers (ranks times loader workers) of a training job; `notes` says where shards are too few for them.

    Raises:
        InputError: there is nothing to make, or fewer shots than splits.
    """
    split_shots = counts(shots, recipe.splits, recipe.samples_per_shard, exact)
    text = resolved(recipe)
    identity = identify(text, recipe.seed, split_shots, recipe.samples_per_shard)
    taken = cost.of_recipe(recipe)
    workers = workers or _workers(device, len(identity.shards) // jobs, ROOM * taken.worker_bytes)
    folder = os.path.abspath(recipe.origin.folder)  # a worker may run elsewhere
    threads = threads or max(1, _cpus() // workers)
    made = Order(
        identity=identity,
        recipe_text=text,
        factory=partial(sample_renderer, text, folder, device, threads),
        notes=(*_notes(shots, split_shots), *_uneven(identity, ranks)),
        recipe_folder=folder,
        shot_s=0.0 if _on_gpu(device) else taken.shot_s / threads,
    )
    return made, workers


def run(
    order: Order,
    out: str | Path,
    *,
    workers: int = 1,
    engine: Engine | None = None,
    resume: str = "if-possible",
    job: tuple[int, int] = (0, 1),
    watch: Watch | None = None,
    shard_timeout_s: float | None = 0.0,
) -> Summary:
    """Make the shards s with s % K == I of the data set in `out`, where `job` is (I, K); publish it when K is 1.

    Args:
        order: what to make.
        out: a folder, or the URL of a store.
        workers: processes on this machine, where no `engine` is given.
        engine: what runs the workers.
        resume: a name of `identity_file.RESUME`.
        job: (I, K).
        watch: told about notes and progress.
        shard_timeout_s: time limit of one shard, which is given up then; 0 sets none, None that of `default_timeout_s`.

    Raises:
        InputError: the store is not this data set's, or the data set cannot be made at all (nothing is left behind).
        PartialError: it ended after some shards were done.
        SynthgenError: no shard could be made, because of a fault in synthgen.
    """
    watch = Silent() if watch is None else watch
    engine = Local(workers) if engine is None else engine
    url = str(out) if "://" in str(out) else os.path.abspath(out)
    store, totals, started_s = stores.at(url), Totals(), time.monotonic()
    layout = order.identity.shards
    mine = range(job[0], len(layout), job[1])
    resumed = identity_file.claim(store, asdict(order.identity), resume)
    record = run_record.start(order.recipe_folder, type(engine).__name__.lower(), engine.workers, job)
    try:
        with _stopping_cleanly(store, engine):
            store.write(identity_file.RECIPE, order.recipe_text.encode())
            run_record.write(store, record, job)
            todo = shard_plan.plan_shards(store, order.identity, mine, fresh=not resumed)
            totals = todo.kept
            _prepare(store, order, todo, mine, engine.workers, watch)
            limit_s = default_timeout_s(order.identity) if shard_timeout_s is None else shard_timeout_s
            task = _task(order, url, limit_s)
            _make(task, todo, totals, engine, store, watch)
            whole = totals.shards == len(layout)
            published = manifest.publish(store, order.identity, watch.note) if whole else ""
            result = summary.of(str(out), len(mine), totals, published, time.monotonic() - started_s)
            run_record.write(store, run_record.end(record, result, totals.traces), job)
    except InputError as error:
        # a worker may have finished a shard that is not counted yet; a store that is gone counts as 0
        done = max(totals.shards, _done(store, layout, mine, order.identity))
        if done:
            raise PartialError(f"{error} ({done} of {len(mine)} shards are done: run again to resume)") from error
        if not resumed and job[1] == 1:
            identity_file.withdraw(store)
        raise
    if mine and not totals.shards and not totals.hung:
        raise SynthgenError(f"no shard could be made: {next(iter(totals.missing.values()))} (see {out}/run.json)")
    return result


def _prepare(store: Store, order: Order, todo: shard_plan.Plan, mine: range, workers: int, watch: Watch) -> None:
    """Clear away what dead runs left and what is damaged, say so, and start to count shots."""
    store.sweep()
    shard_plan.discard_damaged(store, todo)
    for note in shard_plan.notes(todo, workers):
        watch.note(note)
    at_once = max(1, min(workers, len(todo)))
    watch.begin(shard_plan.shots_of(order.identity, mine), todo.kept.shots, unit_s=order.shot_s / at_once)


def _task(order: Order, url: str, shard_timeout_s: float) -> Task:
    factory = pickle.dumps(order.factory)
    return Task(out=url, identity=order.identity.sha256, factory=factory, shard_timeout_s=shard_timeout_s)


def _make(task: Task, todo: shard_plan.Plan, totals: Totals, engine: Engine, store: Store, watch: Watch) -> None:
    """Make what is to do and add it to the totals.

    Raises:
        InputError: a fault that would meet every other shard too.
    """
    count, kept, parts = len(todo), totals.shards, Parts(watch)
    with beats.listening(engine.host, parts.at) as address:
        for result in engines.results(engine, replace(task, beats=address), todo):
            if isinstance(result, Fault):
                parts.end(result.shard.name)
                if result.final:
                    raise (OutputError if result.kind == "output" else InputError)(result.message)
                totals.give_up(result)
                watch.note(f"warning: {result.shard.name} is given up: {result.message}")
                continue
            totals.add(result)
            parts.end(result.name, result.shots, result.samples)
            if totals.shards == kept + 1:
                _warn_of_space(store, totals, count - 1, watch)


def _notes(shots: int, counts: Mapping[str, int]) -> tuple[str, ...]:
    """Return notes on what rounding to whole shards changed."""
    shared = ", ".join(f"{count} {split}" for split, count in counts.items())
    notes = []
    if sum(counts.values()) != shots:
        exact = f"; --exact makes just {shots}" if shots >= len(counts) else ""
        notes.append(f"{shots} shots are rounded up to whole shards: {shared}{exact}")
    return tuple(notes)


def _uneven(identity: Identity, ranks: int) -> Iterator[str]:
    """Yield warnings for a training job whose ranks each read their own shards."""
    layout, per_shard = identity.shards, identity.samples_per_shard
    shards = {split: layout.count(split) for split in identity.splits}
    few = {split: count for split, count in shards.items() if 0 < count < ranks}
    if few:
        named = ", ".join(f"{split} {count}" for split, count in few.items())
        yield (
            f"warning: fewer shards than the {ranks} readers (ranks x workers, --ranks) of a training job, which plain "
            f"webdataset leaves without data: {named}; ask for more shots, or fewer a shard with --set "
            "dataset.samples_per_shard=..."
        )
    for split, shots in identity.splits.items():
        if shots % per_shard and shards[split] > 1:
            yield (
                f"warning: the last shard of {split} is short ({shots % per_shard} of {per_shard} shots): ranks that "
                "read whole shards get unequal numbers of batches; leave out --exact"
            )


def default_timeout_s(identity: Identity) -> float:
    """Return the time limit of a shard where the user sets none [s]."""
    return max(SHARD_TIMEOUT_S, SHOT_TIMEOUT_S * identity.samples_per_shard)


def _on_gpu(device: str) -> bool:
    return device.startswith("cuda") or (device == "auto" and os.path.exists("/dev/nvidiactl"))


def _workers(device: str, shard_count: int, worker_bytes: float) -> int:
    """Return a number of processes that keeps every core busy, each with two shards and memory for it."""
    if _on_gpu(device):
        return 1
    fitting = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_AVPHYS_PAGES") // worker_bytes
    return max(1, min(_cpus(), shard_count // 2, int(fitting)))


def _cpus() -> int:
    from joblib import cpu_count

    return cpu_count()


def sample_renderer(text: str, folder: str, device: str, threads: int) -> SampleRenderer:
    """Return the renderer of real samples; runs in the process that needs it."""
    from synthgen import devices, pipeline

    recipe = from_text(text, file="recipe.resolved.yaml", folder=Path(folder))
    return pipeline.SampleRenderer(recipe, device=devices.resolve(device), threads=threads)


def _done(store: Store, layout: Layout, mine: range, identity: Identity) -> int:
    """Return how many shards are in place and whole; 0 where the store does not answer."""
    try:
        store.prepare()  # knows soon whether it answers at all
        looked = receipts.each_trusted(store, (layout[i] for i in mine), identity.sha256)
        return sum(receipt is not None for _, receipt in looked)
    except InputError:
        return 0


def _warn_of_space(store: Store, totals: Totals, left: int, watch: Watch) -> None:
    """Say, after the first shard, when the rest will not fit."""
    free_bytes = store.free_bytes()
    needed = totals.bytes / totals.shards * left
    if free_bytes is not None and needed > free_bytes:
        room = f"{free_bytes / 1e6:.1f} MB are free in {store.place()}"
        watch.note(f"warning: about {needed / 1e6:.1f} MB more are needed and {room}")


@contextmanager
def _stopping_cleanly(store: Store, engine: Engine) -> Iterator[None]:
    """End workers and remove temporary files however the block ends; SIGTERM ends it like Ctrl-C, with exit 143."""
    in_main = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGTERM, _leave) if in_main else None
    try:
        yield
    finally:
        engine.close()
        with suppress(SynthgenError):
            store.sweep()
        if in_main:
            signal.signal(signal.SIGTERM, before)


def _leave(number: int, frame: Any) -> None:
    raise SystemExit(SIGTERM_EXIT)
