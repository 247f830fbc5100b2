"""Ray: clusters of its own and running ones, with workers, heads and drivers that die.

Every driver here is a process of its own: Ray ends one that has lost its head.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import fake_renderer
import pytest
from cluster_runs import ended, environment, kill_group, receipts, service, start, until

from synthgen.generation import driver

PARTS = {"gcs_server", "raylet", "ray::DashboardAgent", "ray::RuntimeEnvAgent"}
"""Processes of a cluster by the names that Ray gives them: head, node, and the node's two agents."""
Process = tuple[int, str]
"""Process id and start time: a number that is given again is another process."""


@pytest.fixture(scope="module")
def expected(tmp_path_factory) -> str:
    """Return the manifest hash of an undisturbed run in one process."""
    return driver.run(fake_renderer.order(), tmp_path_factory.mktemp("plain") / "out").manifest_sha256


@pytest.fixture(scope="module")
def quiet() -> dict[str, str]:
    """Return an environment in which drivers and heads need no token."""
    # Ray's workers are very polite (nice 15), which on a busy machine makes tests slow
    return environment(RAY_AUTH_MODE="disabled", RAY_USAGE_STATS_ENABLED="0", RAY_worker_niceness="0")


@pytest.fixture
def head(tmp_path_factory, quiet) -> Iterator[str]:
    """Run a head with two workers in the foreground; return its address."""
    folder = tmp_path_factory.mktemp("ray")
    port = _free_port()
    ray = Path(sys.executable).with_name("ray")
    options = ["--head", f"--port={port}", "--num-cpus=2", "--include-dashboard=false", "--node-ip-address=127.0.0.1"]
    with service(ray, "start", *options, "--block", log=folder / "head.log", env=quiet):
        until(lambda: "Ray runtime started" in (folder / "head.log").read_text(), "the head")
        yield f"127.0.0.1:{port}"


def _free_port() -> int:
    """Return a free port outside the range from which Ray gives ports to workers."""
    for port in range(20_000 + os.getpid() % 5_000, 32_000):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port
    raise AssertionError("no free port")


def _head_process(port: str) -> int:
    """Return the id of the process that keeps the cluster's state, among those that listen at its port."""
    for folder in Path("/proc").glob("[0-9]*"):
        command = _command(folder)
        if "gcs_server" in command[:200] and f"--gcs_server_port={port}" in command:
            return int(folder.name)
    raise AssertionError(f"no gcs_server at port {port}")


def _command(process: Path) -> str:
    try:
        return (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


@pytest.mark.parametrize("options", [{}, {"deadly_once": "MARK"}])
def test_a_cluster_of_its_own_makes_the_same_data(tmp_path, expected, quiet, options):
    """With a worker that dies of SIGKILL in mid-shard, too; standard output holds nothing but the hash."""
    options = {name: str(tmp_path / "mark") for name in options}
    run = start(tmp_path / "out", "--engine", "ray", "--workers", 2, "--options", json.dumps(options), env=quiet)
    assert ended(run)[:2] == (0, expected)
    assert (tmp_path / "mark").exists() == bool(options)
    assert json.loads((tmp_path / "out" / "run.json").read_text())["engine"] == "ray"


def test_a_poison_shard_is_given_up_and_the_rest_is_made(tmp_path, expected, quiet):
    run = start(tmp_path / "out", "--engine", "ray", "--workers", 2, "--options", '{"deadly": [9]}', env=quiet)
    code, out, err = ended(run)
    assert (code, out) == (3, "")
    assert "train/train-000002.tar is given up: its worker process died" in err
    assert "1 of 6 shards are missing" in err
    assert "Traceback" not in err
    assert driver.run(fake_renderer.order(), tmp_path / "out").manifest_sha256 == expected


def test_a_shard_that_never_ends_is_given_up_and_the_rest_is_made(tmp_path, expected, quiet):
    options = ["--engine", "ray", "--workers", 2, "--options", '{"hung": [9]}', "--shard-timeout-s", 3]
    code, out, err = ended(start(tmp_path / "out", *options, env=quiet))
    assert (code, out) == (3, "")
    assert "train/train-000002.tar is given up: not done in 3 s, last in _misbehave" in err
    assert "1 of 6 shards are missing" in err
    assert receipts(tmp_path / "out") == 5
    assert driver.run(fake_renderer.order(), tmp_path / "out").manifest_sha256 == expected


def test_a_killed_driver_takes_its_cluster_along_and_resumes(tmp_path, expected, quiet):
    """SIGKILL, which the driver cannot answer: head, node, workers and Ray's two agents end all the same."""
    out = tmp_path / "out"
    run = start(out, "--engine", "ray", "--workers", 2, "--delay-s", 2, env=quiet)
    until(lambda: receipts(out) >= 1, "the first shard")
    until(lambda: _parts(_family(run.pid)) >= PARTS, "the whole cluster", 10.0)  # the run takes 16 s more
    family = _family(run.pid)
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    try:
        until(lambda: not family & _alive(), "the end of its cluster, Ray's agents too", 20.0)
        assert not _family(run.pid)
    finally:
        kill_group(run)
    assert receipts(out) < 6
    assert driver.run(fake_renderer.order(), out).manifest_sha256 == expected


def _processes() -> dict[int, tuple[str, int, int]]:
    """Return the processes that are alive, by their ids: when each started, its parent and its group."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] != "Z":
            found[int(folder.name)] = fields[19], int(fields[1]), int(fields[2])
    return found


def _alive() -> set[Process]:
    return {(pid, started) for pid, (started, _, _) in _processes().items()}


def _family(driver_id: int) -> set[Process]:
    """Return a driver with its descendants, in whatever group they are, and with all of its group."""
    everyone, known = _processes(), {driver_id}
    while (
        more := {pid for pid, (_, parent, group) in everyone.items() if parent in known or group == driver_id} - known
    ):
        known |= more
    return {(pid, everyone[pid][0]) for pid in known & everyone.keys()}


def _parts(family: set[Process]) -> set[str]:
    """Return the names of the programs among some processes."""
    commands = (_command(Path("/proc") / str(pid)).split(maxsplit=1) for pid, _ in family)
    return {command[0].rpartition("/")[2] for command in commands if command}


def test_a_running_cluster_makes_the_same_data_till_its_head_dies(tmp_path, expected, quiet, head):
    run = start(tmp_path / "whole", "--engine", "ray", "--scheduler", head, env=quiet)
    assert ended(run)[:2] == (0, expected)
    out = tmp_path / "cut"
    run = start(out, "--engine", "ray", "--scheduler", head, "--delay-s", 1.0, env=quiet)
    until(lambda: receipts(out) >= 1, "the first shard")
    os.kill(_head_process(head.partition(":")[2]), signal.SIGKILL)
    since_s = time.monotonic()
    code, _, err = ended(run, 58.0)
    assert code == 3, err
    assert time.monotonic() - since_s < 58
    assert f"--scheduler {head}: the Ray cluster is gone (nothing answers at" in err
    assert "start it, then give the same command again" in err
    assert "Traceback" not in err
    assert driver.run(fake_renderer.order(), out).manifest_sha256 == expected


@pytest.mark.parametrize("address", ["127.0.0.1:9", "nonsense", "mute"])
def test_an_address_where_no_head_is_says_so_before_anything_is_written(tmp_path, quiet, address):
    """`mute` takes connections and never says a word, which Ray itself waits for over two minutes."""
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen(64)
        if address == "mute":
            address = f"127.0.0.1:{mute.getsockname()[1]}"
        since_s = time.monotonic()
        code, out, err = ended(start(tmp_path / "out", "--engine", "ray", "--scheduler", address, env=quiet), 59.0)
    assert (code, out) == (4, "")
    assert time.monotonic() - since_s < 59
    assert f"--scheduler {address}: no Ray cluster is reached" in err
    assert "ray start --head" in err
    assert "Traceback" not in err
    assert not (tmp_path / "out").exists()


def test_a_head_that_asks_for_a_token_is_named_with_the_remedy(tmp_path, quiet):
    folder, port = tmp_path, _free_port() + 7
    token = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "0123456789abcdef0123456789abcdef"}
    ray = Path(sys.executable).with_name("ray")
    options = ["--head", f"--port={port}", "--num-cpus=1", "--include-dashboard=false", "--node-ip-address=127.0.0.1"]
    with service(ray, "start", *options, "--block", log=folder / "head.log", env={**quiet, **token}):
        until(lambda: "Ray runtime started" in (folder / "head.log").read_text(), "the head")
        code, _, err = ended(start(tmp_path / "out", "--engine", "ray", "--scheduler", f"127.0.0.1:{port}", env=quiet))
    assert code == 4
    assert "set RAY_AUTH_MODE=token" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("engine", ["dask", "ray"])
def test_a_polite_end_leaves_a_clean_folder_that_resumes(tmp_path, expected, quiet, engine, number, code):
    """As Ctrl-C does it: to the whole process group."""
    out = tmp_path / "out"
    run = start(out, "--engine", engine, "--workers", 2, "--delay-s", 0.2, env=quiet)
    until(lambda: receipts(out) >= 1, "the first shard")
    os.killpg(run.pid, number) if number == signal.SIGINT else os.kill(run.pid, number)
    found, _, err = ended(run, 40.0)
    assert found == code, err
    assert "Traceback" not in err
    assert not list(out.rglob(".tmp-*"))
    assert driver.run(fake_renderer.order(), out).manifest_sha256 == expected
