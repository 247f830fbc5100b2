"""Kill -9 of everything at random times, again and again, and resume: the data never show it."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import fake_renderer
import numpy as np
import pytest
from cluster_runs import environment, kill_group, receipts, start, until

from synthgen.dataset import manifest, stores
from synthgen.generation import driver

SHOTS, ROUNDS = 480, 20
"""120 shards: more than 20 rounds of two workers make."""


@pytest.fixture(scope="module")
def expected(tmp_path_factory) -> str:
    """Return the manifest hash of an undisturbed run in one process."""
    return driver.run(fake_renderer.order(SHOTS), tmp_path_factory.mktemp("plain") / "out").manifest_sha256


@pytest.mark.parametrize(("engine", "rounds"), [("local", ROUNDS), ("dask", 4)])
def test_rounds_of_kill_9_then_resume_give_the_same_data(tmp_path, expected, engine, rounds):
    """Every other round dies at any time after its start, the others soon after they finished a shard."""
    out, rng, seen = tmp_path / "out", np.random.Generator(np.random.Philox(key=7)), [0]
    for number in range(rounds):
        run = start(out, "--engine", engine, "--workers", 2, "--shots", SHOTS, "--delay-s", 0.05)
        if number % 2:
            until(lambda run=run: receipts(out) > seen[-1] or run.poll() is not None, "another shard")
        time.sleep(rng.uniform(0.0, 1.0 if number % 2 else 2.5))
        assert run.poll() is None, run.communicate()
        kill_group(run)
        seen.append(receipts(out))
        assert not (out / "manifest.json").exists()
    assert rounds // 2 <= seen[-1] < SHOTS // 4
    assert seen == sorted(seen)
    until(lambda: not list(stores.at(str(out)).sweep()), "the last writers' end")
    summary = driver.run(fake_renderer.order(SHOTS), out)
    assert (summary.manifest_sha256, summary.complaint) == (expected, "")
    assert summary.kept >= seen[-1]
    assert list(manifest.check(stores.at(str(out)))) == []
    assert not list(out.rglob(".tmp-*"))


@pytest.mark.parametrize("options", [["--workers", "2"], ["--engine", "dask", "--workers", "2"]], ids=["local", "dask"])
def test_real_samples_survive_a_kill(tmp_path, plain, options):
    out = tmp_path / "out"
    run = _generate(out, *options)
    until(lambda: receipts(out) >= 1 or run.poll() is not None, "the first shard")
    assert run.poll() is None, run.communicate()
    kill_group(run)
    assert receipts(out) < 6
    _, said = (run := _generate(out, *options)).communicate(timeout=240)
    assert run.returncode == 0, said
    assert (out / "manifest.json").read_bytes() == plain


@pytest.fixture(scope="module")
def plain(tmp_path_factory) -> bytes:
    """Return the manifest of the same shots, made undisturbed in one process."""
    out = tmp_path_factory.mktemp("real") / "out"
    _, said = (run := _generate(out, "--workers", "1")).communicate(timeout=240)
    assert run.returncode == 0, said
    return (out / "manifest.json").read_bytes()


def _generate(out: Path, *options: str) -> subprocess.Popen[str]:
    command = ["generate", "bench_card", "-n", "6", "-o", str(out), "--set", "dataset.samples_per_shard=1"]
    return subprocess.Popen(
        [sys.executable, "-m", "synthgen", *command, "--device", "cpu", *options],
        env=environment(),
        cwd=out.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
