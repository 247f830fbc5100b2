"""`synthgen generate`: make a data set, or finish one."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter
from cyclopts.validators import Number

from synthgen.commands import flags
from synthgen.errors import CheckFailed, PartialError, UsageError

if TYPE_CHECKING:
    from synthgen.generate import Order
    from synthgen.summary import Summary


def generate(
    recipe: flags.RecipeName,
    *,
    out: Annotated[str, Parameter(name=["-o", "--out"], help="A folder, or s3://bucket/prefix.")],
    shots: flags.Shots,
    seed: flags.Seed = None,
    overrides: flags.Set = [],  # noqa: B006
    device: flags.Device = "auto",
    workers: Annotated[int | None, Parameter(validator=Number(gte=1), help="Processes; default: by machine.")] = None,
    engine: Annotated[Literal["local", "dask", "ray"], Parameter(help="Who runs the workers.")] = "local",
    scheduler: Annotated[str, Parameter(help="Address of the engine's scheduler.")] = "",
    job_index: Annotated[int | None, Parameter(validator=Number(gte=0), help="Make shards s with s % K == I.")] = None,
    num_jobs: Annotated[int | None, Parameter(validator=Number(gte=1), help="The K of --job-index.")] = None,
    resume: Annotated[Literal["if-possible", "always", "never"], Parameter(help="Keep whole shards?")] = "if-possible",
    exact: Annotated[bool, Parameter(negative=(), help="Make just N shots; the last shard may be short.")] = False,
    dry_run: Annotated[bool, Parameter(negative=(), help="Say what would be made, and make nothing.")] = False,
    json: flags.Json = False,
    progress: flags.ProgressMode = "auto",
) -> None:
    """Make a data set of WebDataset shards from a recipe; the same call again finishes what was interrupted.

    Example: `synthgen generate scan_tunnel -n 32 -o outputs/tunnel --set cameras.top.exposure_us=80`

    Array job: `synthgen generate scan_tunnel -n 4096 -o /data/tunnel --job-index 3 --num-jobs 16`,
    then `synthgen finalize /data/tunnel`.

    Exit codes: 0 complete, 3 something is missing (run again), 4 bad input, 5 above `safety.max_ratio`, where it fails.
    """
    from synthgen import generate as driver
    from synthgen.progress import watching

    job = _job(job_index, num_jobs)
    _local(engine, scheduler)
    loaded = flags.possible(recipe, seed, overrides)
    order, workers = driver.order(
        loaded, shots, exact=exact, device=flags.device_name(device), workers=workers, jobs=job[1]
    )
    with watching(progress, sys.stderr) as watch:
        for note in order.notes:
            watch.note(note)
        if dry_run:
            _dry(order, job, json)
            return
        summary = driver.run(order, out, workers=workers, resume=resume, job=job, watch=watch)
    _report(summary, job, json)
    if summary.complaint:
        raise PartialError(f"{out}: {summary.complaint}")
    asked = loaded.eye_safety
    if asked.on_exceed == "fail" and summary.worst_ratio > asked.max_ratio:
        raise CheckFailed(
            f"{out}: eye safety: {summary.worst_key} reaches {summary.worst_ratio:.3g} times the limit, above "
            f"safety.max_ratio {asked.max_ratio:g}"
        )


def _job(index: int | None, jobs: int | None) -> tuple[int, int]:
    if (index is None) != (jobs is None):
        raise UsageError("--job-index and --num-jobs: give both or neither")
    if index is None or jobs is None:
        return 0, 1
    if index >= jobs:
        raise UsageError(f"--job-index {index}: with --num-jobs {jobs} it runs from 0 to {jobs - 1}")
    return index, jobs


def _local(engine: str, scheduler: str) -> None:
    if engine != "local":
        raise UsageError(f"--engine {engine}: not in this version; use local, or --job-index with --num-jobs")
    if scheduler:
        raise UsageError(f"--scheduler {scheduler}: the local engine has none; leave it out")


def _dry(order: Order, job: tuple[int, int], as_json: bool) -> None:
    """Say what would be made."""
    from synthgen.identity import describe

    mine = [shard.name for shard in order.identity.shards if shard.number % job[1] == job[0]]
    if as_json:
        flags.data_object({"identity": asdict(order.identity), "shards": mine})
    else:
        flags.data(describe(order.identity) + (f"; this job {len(mine)}" if job[1] > 1 else ""))


def _report(summary: Summary, job: tuple[int, int], as_json: bool) -> None:
    """Say what was made."""
    from synthgen import tally

    if as_json:
        flags.data_object({**asdict(summary), "codes": summary.codes.as_dict(), "complete": not summary.complaint})
        return
    kept = f", {summary.kept} were there" if summary.kept else ""
    flags.message(
        f"{summary.made} shards made{kept} in {summary.seconds:.1f} s ({summary.samples_per_s:.2f} samples/s); "
        f"{summary.out} holds {summary.samples} samples of {summary.shots} shots"
    )
    flags.message(tally.text(summary.codes))
    if summary.manifest_sha256:
        flags.message(f"manifest {summary.manifest_sha256}")
    elif job[1] > 1:
        flags.message(f"when all {job[1]} jobs are done: synthgen finalize {summary.out}")
