"""Shares of an array job: every rule of precedence, and that shares make up the whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthgen.errors import UsageError
from synthgen.generation import array_jobs

POD = {"JOB_COMPLETION_INDEX": "3", "SYNTHGEN_NUM_JOBS": "8"}


def slurm(task: int, first: int, last: int, count: int | None = None) -> dict[str, str]:
    """Return what SLURM sets in a task of an array."""
    count = last - first + 1 if count is None else count
    names = (array_jobs.SLURM_ID, array_jobs.SLURM_MIN, array_jobs.SLURM_MAX, array_jobs.SLURM_COUNT)
    return dict(zip(names, map(str, (task, first, last, count)), strict=True))


@pytest.mark.parametrize(
    ("index", "count", "environment", "expected"),
    [
        (None, None, {}, (0, 1)),
        (2, 5, {}, (2, 5)),
        (None, None, slurm(5, 0, 7), (5, 8)),
        (None, None, slurm(5, 1, 8), (4, 8)),
        (None, None, slurm(12, 12, 12), (0, 1)),
        (None, None, POD, (3, 8)),
        (None, None, {**POD, **slurm(5, 0, 7)}, (5, 8)),
        (0, 1, slurm(5, 0, 7), (0, 1)),
        (0, 1, POD, (0, 1)),
        (None, 16, slurm(7, 3, 7, 2), (7, 16)),
        (None, 16, POD, (3, 16)),
        (1, None, slurm(5, 0, 7), (1, 8)),
        (1, None, POD, (1, 8)),
        (None, None, {"SYNTHGEN_NUM_JOBS": "8"}, (0, 1)),
        (None, None, {array_jobs.SLURM_ID: "", "JOB_COMPLETION_INDEX": ""}, (0, 1)),
    ],
)
def test_the_first_source_that_has_a_number_gives_it(index, count, environment, expected):
    share = array_jobs.share(index, count, environment)
    assert (share.index, share.count) == expected


@pytest.mark.parametrize(
    ("index", "count", "environment", "words"),
    [
        (1, None, {}, "--num-jobs"),
        (None, 4, {}, "--job-index"),
        (4, 4, {}, "from 0 to 3"),
        (None, None, {"JOB_COMPLETION_INDEX": "3"}, "SYNTHGEN_NUM_JOBS"),
        (None, None, {"JOB_COMPLETION_INDEX": "8", "SYNTHGEN_NUM_JOBS": "8"}, "from 0 to 7"),
        (None, None, slurm(7, 3, 7, 2), "gaps between 3 and 7"),
        (None, 8, slurm(8, 1, 8), "SLURM_ARRAY_TASK_ID 8: with --num-jobs 8 it runs from 0 to 7"),
        (None, None, {**POD, "JOB_COMPLETION_INDEX": "three"}, "JOB_COMPLETION_INDEX=three"),
        (None, None, {**POD, "SYNTHGEN_NUM_JOBS": "-8"}, "SYNTHGEN_NUM_JOBS=-8"),
    ],
)
def test_half_a_share_or_a_contradiction_is_refused(index, count, environment, words):
    with pytest.raises(UsageError, match=words):
        array_jobs.share(index, count, environment)


def test_where_the_numbers_come_from_is_said():
    assert array_jobs.share(None, None, {}).source == ""
    assert array_jobs.share(None, 16, slurm(7, 3, 7, 2)).source == "SLURM_ARRAY_TASK_ID and --num-jobs"


@given(first=st.integers(0, 50), count=st.integers(1, 40))
def test_the_tasks_of_an_array_make_all_shares_once(first, count):
    last = first + count - 1
    shares = [array_jobs.share(None, None, slurm(task, first, last)) for task in range(first, last + 1)]
    assert [(share.index, share.count) for share in shares] == [(index, count) for index in range(count)]
