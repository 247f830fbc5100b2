"""Array jobs without an engine: processes that know only their share, and a last step that checks."""

from __future__ import annotations

import fake_renderer
import pytest
from cluster_runs import ended, kill_group, receipts, start, until

from synthgen.dataset import manifest, stores
from synthgen.errors import PartialError
from synthgen.generation import driver

JOBS = 4


@pytest.fixture(scope="module")
def expected(tmp_path_factory) -> str:
    """Return the manifest hash of an undisturbed run in one process."""
    return driver.run(fake_renderer.order(48), tmp_path_factory.mktemp("plain") / "out").manifest_sha256


def test_jobs_at_the_same_time_make_the_same_data(tmp_path, expected):
    runs = [start(tmp_path / "out", "--shots", 48, "--job", job, JOBS) for job in range(JOBS)]
    assert [ended(run)[:2] for run in runs] == [(0, "")] * JOBS
    assert manifest.finalize(stores.at(str(tmp_path / "out"))) == expected


def test_a_job_that_is_killed_is_named_and_made_by_the_same_call_again(tmp_path, expected):
    out = tmp_path / "out"
    for job in (2, 0, 1):
        assert ended(start(out, "--shots", 48, "--job", job, JOBS))[0] == 0
    before = receipts(out)
    run = start(out, "--shots", 48, "--job", 3, JOBS, "--delay-s", 0.3)
    until(lambda: receipts(out) > before, "its first shard")
    kill_group(run)
    with pytest.raises(PartialError, match=r"of 12 shards are missing"):
        manifest.finalize(stores.at(str(out)))
    assert ended(start(out, "--shots", 48, "--job", 3, JOBS))[0] == 0
    assert manifest.finalize(stores.at(str(out))) == expected


def test_the_same_job_twice_at_once_and_other_numbers_of_jobs_do_no_harm(tmp_path, expected):
    out = tmp_path / "out"
    twice = [start(out, "--shots", 48, "--job", 1, JOBS, "--delay-s", 0.02) for _ in range(2)]
    others = [start(out, "--shots", 48, "--job", job, 2) for job in range(2)]
    assert [ended(run)[0] for run in (*twice, *others)] == [0] * 4
    assert manifest.finalize(stores.at(str(out))) == expected
