"""`synthgen generate`: make a data set, or finish one."""

from __future__ import annotations

import os
import sys
from contextlib import closing
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from synthgen.commands import flags
from synthgen.errors import UsageError

if TYPE_CHECKING:
    from synthgen.generation.driver import Order
    from synthgen.generation.summary import Summary

Workers = Annotated[
    int | None, flags.number(1, flags.MOST_PROCESSES, "Worker processes; default: as cores and memory allow.")
]
Scheduler = Annotated[
    str, Parameter(help="Address of a running Dask scheduler or Ray head; default: one is started here.")
]
JobIndex = Annotated[
    int | None,
    flags.number(0, flags.MOST_JOBS - 1, "Number I of this job, from 0: it makes the shards s with s % K == I."),
]
NumJobs = Annotated[int | None, flags.number(1, flags.MOST_JOBS, "Number K of jobs that share the data set.")]
Resume = Annotated[
    Literal["if-possible", "always", "never"], Parameter(help="Whether shards that are there and whole are kept.")
]
Ranks = Annotated[
    int,
    flags.number(
        1, 1_000_000, "Warn where a training job of so many readers (ranks x workers) has too few shards for them."
    ),
]
ShardTimeout = Annotated[
    float | None,
    flags.number(
        0,
        flags.LONGEST_S,
        "Give a shard up after so long [s]; 0 never; default an hour, or 15 minutes a shot where that is more.",
    ),
]


def generate(
    recipe: flags.RecipeName,
    *,
    out: Annotated[str, flags.output("A folder, or s3://bucket/prefix (needs synthgen[s3]).", store=True)],
    shots: flags.Shots,
    seed: flags.Seed = None,
    overrides: flags.Set = [],  # noqa: B006
    device: flags.Device = "auto",
    workers: Workers = None,
    engine: Annotated[Literal["local", "dask", "ray"], Parameter(help="What runs the workers.")] = "local",
    scheduler: Scheduler = "",
    job_index: JobIndex = None,
    num_jobs: NumJobs = None,
    resume: Resume = "if-possible",
    exact: Annotated[bool, Parameter(negative=(), help="Make just N shots; the last shard may be short.")] = False,
    ranks: Ranks = 4,
    shard_timeout_s: ShardTimeout = None,
    dry_run: Annotated[bool, Parameter(negative=(), help="Say what would be made, and make nothing.")] = False,
    json: flags.Json = False,
    progress: flags.ProgressMode = "auto",
) -> None:
    """Make a data set of WebDataset shards from a recipe; the same call again finishes what was interrupted.

    Example: `synthgen generate scan_tunnel -n 32 -o tunnel --set cameras.top.exposure_us=80`

    Array job: `synthgen generate scan_tunnel -n 4096 -o /data/tunnel --job-index 3 --num-jobs 16`,
    then `synthgen finalize /data/tunnel`. In SLURM arrays and Kubernetes indexed jobs the environment has both numbers.

    Cluster: `synthgen generate scan_tunnel -n 4096 -o s3://bucket/tunnel --engine dask --scheduler tcp://head:8786`

    A shard that takes longer than `--shard-timeout-s` is given up and named, and the others are made. A store that
    keeps silent for SYNTHGEN_STORE_TIMEOUT_S seconds (default 20) is given up.

    Exits 3 when something is missing (run again), 5 above `safety.max_ratio` where the recipe says `on_exceed: fail`.
    """
    from synthgen.generation import array_jobs, driver, engines
    from synthgen.generation.summary import require_good
    from synthgen.progress import watching

    share = array_jobs.share(job_index, num_jobs, os.environ)
    job = (share.index, share.count)
    device, notes = _on_cluster(engine, scheduler, workers, flags.device_name(device))
    notes += [f"share {share.index} of {share.count}, by {share.source}"] if share.source else []
    engines.require(engine)
    loaded = flags.possible(recipe, seed, overrides)
    threads = 1 if scheduler else None
    order, workers = driver.order(
        loaded, shots, exact=exact, device=device, workers=workers, jobs=job[1], threads=threads, ranks=ranks
    )
    with watching(progress, sys.stderr) as watch:
        for note in (*notes, *order.notes):
            watch.note(note)
        if dry_run:
            _dry(order, job, json)
            return
        with closing(engines.open_engine(engine, workers, scheduler, gpu=device.startswith("cuda"))) as crew:
            summary = driver.run(
                order, out, engine=crew, resume=resume, job=job, watch=watch, shard_timeout_s=shard_timeout_s
            )
    _report(summary, job, json)
    require_good(summary, loaded.safety)


def _on_cluster(engine: str, scheduler: str, workers: int | None, device: str) -> tuple[str, list[str]]:
    """Return the device, and notes, after a look at flags that contradict each other."""
    if not scheduler:
        return device, []
    if engine == "local":
        raise UsageError(f"--scheduler {scheduler}: the local engine has none; add --engine dask or --engine ray")
    if workers is not None:
        raise UsageError(f"--workers {workers}: the cluster at --scheduler has its own workers; leave one of them out")
    if device == "auto":
        why = "workers must agree, or their shards would differ"
        return "cpu", [f"--device auto means cpu on a cluster ({why}); give --device cuda where every worker has a GPU"]
    return device, []


def _dry(order: Order, job: tuple[int, int], as_json: bool) -> None:
    """Say what would be made, without a look at each shard."""
    from synthgen.dataset.identity import describe

    layout = order.identity.shards
    mine = range(job[0], len(layout), job[1])
    if as_json:
        ends = {"first_shard": layout[mine[0]].name, "last_shard": layout[mine[-1]].name} if mine else {}
        flags.data_object({"identity": asdict(order.identity), "shards": len(mine), **ends})
    else:
        flags.data(describe(order.identity) + (f"; this job {len(mine)}" if job[1] > 1 else ""))


def _report(summary: Summary, job: tuple[int, int], as_json: bool) -> None:
    """Say what was made."""
    from synthgen.dataset import code_counts

    if as_json:
        worst = summary.worst_ratio if summary.worst_key else None  # no hazard map was made
        told = {**asdict(summary), "codes": summary.codes.as_dict(), "worst_ratio": worst}
        flags.data_object({**told, "complete": not summary.complaint})
        return
    kept = f", {summary.kept} were there" if summary.kept else ""
    flags.message(
        f"{summary.made} shards made{kept} in {summary.seconds:.1f} s ({summary.samples_per_s:.2f} samples/s); "
        f"{summary.out} holds {summary.samples} samples of {summary.shots} shots"
    )
    flags.message(code_counts.text(summary.codes))
    if summary.manifest_sha256:
        flags.message(f"manifest {summary.manifest_sha256}")
    elif job[1] > 1:
        flags.message(f"when all {job[1]} jobs are done: synthgen finalize {summary.out}")
