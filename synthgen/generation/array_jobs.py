"""The share of a data set that this process makes, from flags or from the variables of an array job.

Each number comes from the first of these that has it:

1. the flag, `--job-index I` or `--num-jobs K`;
2. SLURM's array: I = SLURM_ARRAY_TASK_ID - SLURM_ARRAY_TASK_MIN, K = SLURM_ARRAY_TASK_COUNT. With `--num-jobs` the
   task's ID itself is I, so that `sbatch --array=3,7` repeats just those two shares;
3. Kubernetes' indexed job: I = JOB_COMPLETION_INDEX, K = SYNTHGEN_NUM_JOBS, since Kubernetes tells no pod how many
   there are.

One of the two without the other is an error: with a guess, a share would be missing or be made by every job.

References:
    Slurm 22.05, sbatch(1), OUTPUT ENVIRONMENT VARIABLES. Kubernetes, Jobs: completion mode Indexed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from synthgen.errors import UsageError

SLURM_ID, SLURM_COUNT = "SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT"
SLURM_MIN, SLURM_MAX = "SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_MAX"
POD_INDEX, POD_COUNT = "JOB_COMPLETION_INDEX", "SYNTHGEN_NUM_JOBS"
MOST_JOBS = 1_000_000
_WHOLE = "to make everything in one job, give --job-index 0 --num-jobs 1"


@dataclass(frozen=True)
class Share:
    """The shards s with s % count == index."""

    index: int = 0
    count: int = 1
    source: str = ""
    """Where the numbers come from, in words; empty where no share is asked for."""


def share(index: int | None, count: int | None, environment: Mapping[str, str]) -> Share:
    """Return the share that flags (None: not given) and environment ask for.

    Raises:
        UsageError: one number is missing, or they contradict each other.

    >>> share(None, None, {"JOB_COMPLETION_INDEX": "3", "SYNTHGEN_NUM_JOBS": "8"})
    Share(index=3, count=8, source='JOB_COMPLETION_INDEX and SYNTHGEN_NUM_JOBS')
    """
    indices = [("--job-index", index), *_environment_indices(environment, count)]
    counts = [("--num-jobs", count), *_environment_counts(environment)]
    index_from, index = next(((name, value) for name, value in indices if value is not None), ("", None))
    count_from, count = next(((name, value) for name, value in counts if value is not None), ("", None))
    if index is None and count_from in ("", POD_COUNT):
        return Share()
    if index is None:
        raise UsageError(f"{count_from} {count}: the index of this job is missing; give --job-index too; {_WHOLE}")
    if count is None:
        remedy = f"set {POD_COUNT} to the job's completions" if index_from == POD_INDEX else "give --num-jobs too"
        raise UsageError(f"{index_from} {index}: the number of jobs is missing; {remedy}; {_WHOLE}")
    if index_from == SLURM_ID and count_from == SLURM_COUNT:
        _refuse_gaps(environment, count)
    if not 0 <= index < count:
        raise UsageError(f"{index_from} {index}: with {count_from} {count} it runs from 0 to {count - 1}")
    return Share(index, count, f"{index_from} and {count_from}")


def _environment_indices(environment: Mapping[str, str], count: int | None) -> list[tuple[str, int | None]]:
    task = _number(environment, SLURM_ID)
    first = _number(environment, SLURM_MIN) or 0
    return [
        (SLURM_ID, task if task is None or count is not None else task - first),
        (POD_INDEX, _number(environment, POD_INDEX)),
    ]


def _environment_counts(environment: Mapping[str, str]) -> list[tuple[str, int | None]]:
    slurm = _number(environment, SLURM_COUNT) if environment.get(SLURM_ID) else None
    return [(SLURM_COUNT, slurm), (POD_COUNT, _number(environment, POD_COUNT))]


def _refuse_gaps(environment: Mapping[str, str], count: int) -> None:
    """Refuse an array such as `3,7`, whose tasks cannot tell their places."""
    first, last = _number(environment, SLURM_MIN), _number(environment, SLURM_MAX)
    if first is not None and last is not None and last - first + 1 != count:
        raise UsageError(
            f"{SLURM_COUNT} {count}: the array has gaps between {first} and {last}; give --num-jobs, the number of "
            "jobs of the whole array, then task N makes share N"
        )


def _number(environment: Mapping[str, str], name: str) -> int | None:
    text = environment.get(name, "")
    if not text:
        return None
    if not text.isascii() or not text.isdigit():
        raise UsageError(f"{name}={text}: write a whole number, or give --job-index and --num-jobs")
    if len(text) > len(str(MOST_JOBS)) or int(text) > MOST_JOBS:
        raise UsageError(f"{name}={text}: at most {MOST_JOBS} jobs can share a data set")
    return int(text)
