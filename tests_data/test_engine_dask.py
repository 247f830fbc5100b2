"""Dask: own clusters and running ones, with workers, schedulers and drivers that die, and workers that do not fit."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import fake_renderer
import pytest
from cluster_runs import REPOSITORY, WORKER_PATH, ended, environment, kill_group, receipts, service, start, until
from distributed import Client

from synthgen.dataset import manifest, stores
from synthgen.errors import InputError, PartialError
from synthgen.generation import driver, engines
from synthgen.generation.engines import cluster as cluster_module
from synthgen.generation.engines import dask as engine_module
from synthgen.generation.engines import remote_worker, shard_worker
from synthgen.generation.task import Task


@pytest.fixture(scope="module")
def expected(tmp_path_factory) -> str:
    """Return the manifest hash of an undisturbed run in one process."""
    return driver.run(fake_renderer.order(), tmp_path_factory.mktemp("plain") / "out").manifest_sha256


class Watching:
    """A watch that does something at the first shard."""

    def __init__(self, act: Callable[[], object] = lambda: None) -> None:
        self.act, self.shots, self.steps, self.notes = act, 0, 0, []

    def note(self, message):
        self.notes.append(message)

    def begin(self, total, done, unit="shots", unit_s=0.0):
        self.shots = done

    def advance(self, count, samples):
        self.steps += 1
        if self.steps == 1:
            self.act()
        self.shots += count


@contextmanager
def scheduler(folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Run a scheduler of its own; yield its address and process."""
    command = (sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0")
    told = folder / "scheduler.json"
    with service(*command, "--no-dashboard", "--scheduler-file", told, log=folder / "scheduler.log") as process:
        until(told.exists, "the scheduler's file")
        until(told.read_text, "its content")
        yield json.loads(told.read_text())["address"], process


@contextmanager
def worker(address: str, folder: Path, *options: object, path: str = WORKER_PATH, count: int = 1) -> Iterator[None]:
    """Run a worker with its nanny until the block ends; the block starts when it is known to the scheduler."""
    command = (sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-dashboard")
    before = _workers(Client, address)
    space = folder / f"space-{time.monotonic_ns()}"
    with service(
        *command, "--local-directory", space, *options, log=folder / f"{space.name}.log", env=environment(path)
    ):
        until(lambda: _workers(Client, address) >= before + count, "the worker")
        yield


def _workers(client_class: type, address: str) -> int:
    with client_class(address, set_as_default=False) as client:
        return len(client.scheduler_info(n_workers=-1)["workers"])


@pytest.fixture(scope="module")
def cluster(tmp_path_factory) -> Iterator[str]:
    """Return the address of a running cluster: one worker, and one with two threads."""
    folder = tmp_path_factory.mktemp("dask")
    with ExitStack() as stack:
        address, _ = stack.enter_context(scheduler(folder))
        stack.enter_context(worker(address, folder))
        stack.enter_context(worker(address, folder, "--nthreads", "2"))
        yield address


def test_a_worker_that_is_killed_does_not_show_in_the_data(tmp_path, expected):
    """SIGKILL from outside, while each worker has a shard in its hands."""
    with closing(engines.open_engine("dask", 2)) as engine:
        pids = list(engine._client.run(os.getpid).values())
        watch = Watching(lambda: os.kill(pids[0], signal.SIGKILL))
        summary = driver.run(fake_renderer.order(delay_s=0.3), tmp_path / "out", engine=engine, watch=watch)
        assert engine.workers == 2
    assert (summary.manifest_sha256, summary.made, summary.complaint) == (expected, 6, "")
    assert watch.shots == pytest.approx(24)
    assert json.loads((tmp_path / "out" / "run.json").read_text())["engine"] == "dask"
    assert not list((tmp_path / "out").rglob(".tmp-*"))


def test_a_poison_shard_is_given_up_and_the_rest_is_made(tmp_path, expected):
    run = start(tmp_path / "out", "--engine", "dask", "--workers", 2, "--options", '{"deadly": [9]}')
    code, out, err = ended(run)
    assert (code, out) == (3, "")
    assert "train/train-000002.tar is given up: its worker process died" in err
    assert "1 of 6 shards are missing" in err
    assert "Traceback" not in err
    assert driver.run(fake_renderer.order(), tmp_path / "out").manifest_sha256 == expected


@pytest.mark.parametrize("own", [True, False])
def test_a_shard_that_never_ends_is_given_up_and_the_rest_is_made(tmp_path, expected, cluster, own):
    where = ["--workers", 2] if own else ["--scheduler", cluster]
    options = ["--engine", "dask", *where, "--options", '{"hung": [9]}', "--shard-timeout-s", 3]
    code, out, err = ended(start(tmp_path / "out", *options))
    assert (code, out) == (3, "")
    assert "train/train-000002.tar is given up: not done in 3 s, last in _misbehave" in err
    assert receipts(tmp_path / "out") == 5
    assert driver.run(fake_renderer.order(), tmp_path / "out").manifest_sha256 == expected
    if not own:  # the process that hung ends soon after it answered; its nanny starts another
        time.sleep(2 * shard_worker.ANSWER_S)
        until(lambda: _workers(Client, cluster) == 2, "a new worker")


def test_progress_moves_by_views(tmp_path, cluster):
    watch = Watching()
    with closing(engines.open_engine("dask", 1, cluster)) as engine:
        driver.run(fake_renderer.order(view_delay_s=0.02), tmp_path / "out", engine=engine, watch=watch)
    assert watch.shots == pytest.approx(24)
    assert watch.steps > 40


@pytest.mark.parametrize("options", [{}, {"deadly_once": "MARK"}])
def test_a_running_cluster_makes_the_same_data(tmp_path, expected, cluster, options):
    order = fake_renderer.order(**{name: str(tmp_path / "mark") for name in options})
    with closing(engines.open_engine("dask", 1, cluster)) as engine:
        assert engine.workers == 2
        summary = driver.run(order, tmp_path / "out", engine=engine)
    assert (summary.manifest_sha256, summary.complaint) == (expected, "")
    assert (tmp_path / "mark").exists() == bool(options)


def test_a_poison_shard_on_a_running_cluster_blames_no_other(tmp_path, cluster):
    """Its scheduler lets a shard kill four workers before it tells, and blames what waits in them."""
    run = start(tmp_path / "out", "--engine", "dask", "--scheduler", cluster, "--options", '{"deadly": [9]}')
    code, _, err = ended(run)
    assert code == 3
    assert "1 of 6 shards are missing (train/train-000002.tar" in err
    assert receipts(tmp_path / "out") == 5


def test_a_killed_driver_leaves_the_cluster_and_resumes(tmp_path, expected, cluster):
    out = tmp_path / "out"
    run = start(out, "--engine", "dask", "--scheduler", cluster, "--delay-s", 0.2)
    until(lambda: receipts(out) >= 1, "the first shard")
    kill_group(run)
    with closing(engines.open_engine("dask", 1, cluster)) as engine:
        summary = driver.run(fake_renderer.order(), out, engine=engine)
    assert summary.manifest_sha256 == expected
    assert summary.kept >= 1


def test_bad_input_ends_the_run_with_its_own_words(tmp_path, cluster):
    with closing(engines.open_engine("dask", 1, cluster)) as engine, pytest.raises(InputError, match="write ASCII"):
        driver.run(fake_renderer.order(bad_input=tuple(range(24))), tmp_path / "out", engine=engine)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("shards", [0, 1])
def test_a_scheduler_that_goes_away_ends_the_run_soon(tmp_path, expected, shards):
    out = tmp_path / "out"
    with scheduler(tmp_path) as (address, process), worker(address, tmp_path):
        run = start(out, "--engine", "dask", "--scheduler", address, "--delay-s", 0.5 if shards else 5.0)
        until(lambda: receipts(out) >= shards and (out / "run.json").exists(), "the first shard")
        os.kill(process.pid, signal.SIGKILL)
        since_s = time.monotonic()
        code, _, err = ended(run, 50.0)
    assert time.monotonic() - since_s < 50
    assert code == (3 if shards else 4)
    assert f"--scheduler {address}: the Dask scheduler is gone" in err
    assert "start it, then give the same command again" in err
    assert "Traceback" not in err
    assert driver.run(fake_renderer.order(), out).manifest_sha256 == expected


def test_a_scheduler_that_stops_answering_ends_the_run_soon(tmp_path, monkeypatch):
    """SIGSTOP: the connection stays, nobody is there."""
    monkeypatch.setattr(cluster_module, "ANSWER_S", 3.0)
    with ExitStack() as stack:
        address, process = stack.enter_context(scheduler(tmp_path))
        stack.enter_context(worker(address, tmp_path))
        engine = stack.enter_context(closing(engines.open_engine("dask", 1, address)))
        watch = Watching(lambda: os.kill(process.pid, signal.SIGSTOP))
        with pytest.raises(PartialError, match=r"the Dask scheduler is gone .*shards are done: run again"):
            driver.run(fake_renderer.order(delay_s=0.2), tmp_path / "out", engine=engine, watch=watch)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense", "tcp://127.0.0.1:notaport"])
def test_an_address_where_no_scheduler_is_says_so_before_anything_is_written(tmp_path, address):
    run = start(tmp_path / "out", "--engine", "dask", "--scheduler", address)
    code, out, err = ended(run, 55.0)
    assert (code, out) == (4, "")
    assert f"--scheduler {address}: no Dask scheduler is reached" in err
    assert "Traceback" not in err
    assert not (tmp_path / "out").exists()


def test_a_cluster_without_workers_is_not_waited_for_for_ever(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster_module, "IDLE_S", 4.0)
    with ExitStack() as stack:
        address, _ = stack.enter_context(scheduler(tmp_path))
        engine = stack.enter_context(closing(engines.open_engine("dask", 1, address)))
        with pytest.raises(InputError, match="no worker for 4 s; start some"):
            driver.run(fake_renderer.order(), tmp_path / "out", engine=engine)


def _without_synthgen(folder: Path) -> str:
    (folder / "synthgen.py").write_text("raise ModuleNotFoundError(\"No module named 'synthgen'\", name='synthgen')\n")
    return os.pathsep.join([str(folder), str(REPOSITORY / "tests")])


def _other_synthgen(folder: Path) -> str:
    shutil.copytree(REPOSITORY / "synthgen", folder / "synthgen", ignore=shutil.ignore_patterns("__pycache__"))
    for shelf in ("randomizers", "usd_schemas", "recipes"):
        shutil.copytree(REPOSITORY / shelf, folder / shelf, ignore=shutil.ignore_patterns("__pycache__"))
    source = folder / "synthgen" / "errors.py"
    source.write_text(source.read_text() + "# another version\n")
    return os.pathsep.join([str(folder), str(REPOSITORY / "tests")])


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (_without_synthgen, "a worker cannot import what it needs .*No module named 'synthgen'.*install the driver's"),
        (_other_synthgen, r"worker on .*: synthgen 0\S+ where the driver has 0\S+; install the same there"),
    ],
)
def test_a_worker_that_does_not_fit_is_refused(tmp_path, place, words):
    (tmp_path / "elsewhere").mkdir()
    with ExitStack() as stack:
        address, _ = stack.enter_context(scheduler(tmp_path))
        stack.enter_context(worker(address, tmp_path, path=place(tmp_path / "elsewhere")))
        engine = stack.enter_context(closing(engines.open_engine("dask", 1, address)))
        with pytest.raises(InputError, match=words):
            driver.run(fake_renderer.order(), tmp_path / "out", engine=engine)
    assert not (tmp_path / "out").exists()


def test_a_worker_that_sees_another_store_is_refused(tmp_path):
    """A mount that a worker's machine lacks looks like that."""
    order = fake_renderer.order()
    task = Task(out=str(tmp_path / "not-there"), identity=order.identity.sha256, factory=b"")
    fault = remote_worker.make_elsewhere(task, remote_worker.versions(), order.identity.shards[0])
    assert fault.final
    assert "does not see the data set" in fault.message
    driver.run(fake_renderer.order(seed=1, shots=8), tmp_path / "other")
    task = Task(out=str(tmp_path / "other"), identity=order.identity.sha256, factory=b"")
    fault = remote_worker.make_elsewhere(task, remote_worker.versions(), order.identity.shards[0])
    assert "another data set is in" in fault.message


def test_a_scheduler_of_another_version_is_refused(cluster, monkeypatch):
    real = engine_module.version
    monkeypatch.setattr(engine_module, "version", lambda name: "2025.1.0" if name == "distributed" else real(name))
    with pytest.raises(InputError, match=r"it has distributed 20\S+, and 2025.1.0 is here; install the same"):
        engines.open_engine("dask", 1, cluster)


def test_real_samples_are_the_same_and_stdout_is_data(tmp_path):
    """The road itself, by its command."""
    made = {}
    for name, options in {"local": ["--workers", "1"], "dask": ["--engine", "dask", "--workers", "2"]}.items():
        command = ["generate", "bench_card", "-n", "4", "-o", str(tmp_path / name), "--json", *options]
        more = ["--set", "dataset.samples_per_shard=1", "--device", "cpu"]
        done = subprocess.run(
            [sys.executable, "-m", "synthgen", *command, *more],
            check=False,
            capture_output=True,
            text=True,
            env=environment(),
            cwd=tmp_path,
            timeout=85,
        )
        assert done.returncode == 0, done.stderr
        made[name] = json.loads(done.stdout)["manifest_sha256"]
    assert made["dask"] == made["local"]
    assert list(manifest.check(stores.at(str(tmp_path / "dask")))) == []
