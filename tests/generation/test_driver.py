"""The driver with real processes and real kills, and a cheap renderer in the pipeline's place."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import fake_renderer
import pytest

from synthgen.dataset import manifest, stores
from synthgen.dataset.identity import Identity
from synthgen.dataset.shard_layout import counts
from synthgen.errors import InputError, OutputError, PartialError, SynthgenError
from synthgen.generation import driver, shard_plan

SCRIPT = Path(fake_renderer.__file__)


@pytest.fixture(scope="module")
def expected(tmp_path_factory) -> str:
    """Return the manifest hash of an undisturbed run in one process."""
    return driver.run(fake_renderer.order(), tmp_path_factory.mktemp("plain") / "out").manifest_sha256


class Notes(list):
    """A watch that keeps what it is told."""

    shots = 0

    def note(self, message):
        self.append(message)

    def begin(self, total, done, unit="shots", unit_s=0.0):
        self.shots = done

    def advance(self, shots, samples):
        self.shots += shots


def _start(out: Path, *options: str) -> subprocess.Popen:
    path = os.pathsep.join([str(SCRIPT.parents[1]), str(SCRIPT.parent)])
    return subprocess.Popen(
        [sys.executable, str(SCRIPT), str(out), *options],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _store(path: Path) -> stores.Store:
    return stores.at(str(path))


def _receipts(out: Path) -> int:
    return len(list((out / ".receipts").glob("[!.]*.json")))


def _started_and_stopped(out: Path, number: int, *options: str) -> tuple[int, str]:
    """Send a signal once the first shard is done; return (exit code, stderr)."""
    run = _start(out, "--delay-s", "0.15", *options)
    until = time.monotonic() + 30
    while _receipts(out) < 1:
        assert run.poll() is None, run.communicate()
        assert time.monotonic() < until
        time.sleep(0.02)
    run.send_signal(number)
    _, said = run.communicate(timeout=30)
    return run.returncode, said


def _leftovers(out: Path) -> list[str]:
    return [path.name for path in out.rglob(".tmp-*")]


@pytest.mark.parametrize("workers", [2, 3])
def test_workers_and_random_delays_do_not_show_in_the_data(tmp_path, expected, workers):
    watch = Notes()
    summary = driver.run(fake_renderer.order(jitter_s=0.05), tmp_path / "out", workers=workers, watch=watch)
    assert summary.manifest_sha256 == expected
    assert (summary.made, summary.kept, summary.samples, summary.complaint) == (6, 0, 48, "")
    assert watch.shots == 24
    assert _leftovers(tmp_path) == []


def test_the_order_of_jobs_does_not_show_in_the_data(tmp_path, expected):
    for index in (2, 0, 1):
        summary = driver.run(fake_renderer.order(), tmp_path / "out", job=(index, 3))
        assert (summary.made, summary.manifest_sha256) == (2, "")
    assert manifest.finalize(_store(tmp_path / "out")) == expected
    assert list(manifest.check(_store(tmp_path / "out"))) == []


@pytest.mark.parametrize("workers", ["1", "2"])
def test_kill_9_then_resume_gives_the_same_data(tmp_path, expected, workers):
    out = tmp_path / "out"
    code, _ = _started_and_stopped(out, signal.SIGKILL, "--workers", workers)
    assert code == -signal.SIGKILL
    assert not (out / "manifest.json").exists()
    time.sleep(1.5)  # workers notice within half a second that their driver is gone
    assert 1 <= _receipts(out) < 6
    summary = driver.run(fake_renderer.order(), out)
    assert summary.manifest_sha256 == expected
    assert 1 <= summary.kept < 6
    assert _leftovers(out) == []


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_polite_end_leaves_a_clean_folder_that_resumes(tmp_path, expected, workers, number, code):
    out = tmp_path / "out"
    found, said = _started_and_stopped(out, number, "--workers", workers)
    assert found == code
    assert "Traceback" not in said
    assert _leftovers(out) == []
    assert driver.run(fake_renderer.order(), out).manifest_sha256 == expected


def test_a_killed_worker_is_replaced(tmp_path, expected):
    order = fake_renderer.order(deadly_once=str(tmp_path / "killed"))
    summary = driver.run(order, tmp_path / "out", workers=2)
    assert (tmp_path / "killed").exists()
    assert summary.manifest_sha256 == expected
    assert summary.complaint == ""


def test_a_shard_that_kills_its_worker_is_given_up_and_the_rest_is_made(tmp_path, expected):
    watch = Notes()
    summary = driver.run(fake_renderer.order(deadly=(9,)), tmp_path / "out", workers=2, watch=watch)
    assert list(summary.missing) == ["train/train-000002.tar"]
    assert summary.made == 5
    assert summary.manifest_sha256 == ""
    assert "train/train-000002.tar" in summary.complaint
    assert any("train-000002.tar is given up" in note for note in watch)
    with pytest.raises(PartialError, match=r"1 of 6 .*train-000002"):
        manifest.finalize(_store(tmp_path / "out"))
    assert driver.run(fake_renderer.order(), tmp_path / "out").manifest_sha256 == expected


@pytest.mark.parametrize("workers", [1, 2])
def test_a_mistake_of_ours_costs_its_shard_only_and_is_on_record(tmp_path, workers):
    out = tmp_path / "out"
    summary = driver.run(fake_renderer.order(faulty=(9,)), out, workers=workers)
    assert list(summary.missing) == ["train/train-000002.tar"]
    record = json.loads((out / "run.json").read_text())
    assert "ZeroDivisionError: a mistake of ours" in record["traces"]["train/train-000002.tar"]
    assert record["status"] == "partial"


@pytest.mark.parametrize("workers", [1, 2])
def test_a_run_in_which_nothing_succeeds_ends_early(tmp_path, workers):
    order = fake_renderer.order(shots=400, faulty=tuple(range(400)))
    with pytest.raises(SynthgenError, match="a mistake of ours") as raised:
        driver.run(order, tmp_path / "out", workers=workers)
    assert raised.value.exit_code == 1


@pytest.mark.parametrize("workers", [1, 2])
def test_a_shard_that_never_ends_is_given_up_and_the_rest_is_made(tmp_path, expected, workers):
    watch, since_s = Notes(), time.monotonic()
    summary = driver.run(
        fake_renderer.order(hung=(9,)), tmp_path / "out", workers=workers, watch=watch, shard_timeout_s=2.0
    )
    assert time.monotonic() - since_s < 30
    assert list(summary.missing) == ["train/train-000002.tar"]
    assert "not done in 2 s, last in _misbehave (fake_renderer.py:" in summary.complaint
    assert "--shard-timeout-s allows more" in summary.complaint
    assert (summary.made, summary.manifest_sha256, watch.shots) == (5, "", 20)
    assert "time.sleep" in json.loads((tmp_path / "out" / "run.json").read_text())["traces"]["train/train-000002.tar"]
    assert _leftovers(tmp_path) == []
    assert driver.run(fake_renderer.order(), tmp_path / "out").manifest_sha256 == expected


def test_a_run_in_which_every_shard_hangs_is_partial_and_ends_soon(tmp_path):
    order = fake_renderer.order(shots=80, hung=tuple(range(80)))
    summary = driver.run(order, tmp_path / "out", shard_timeout_s=0.5)
    assert "not done in 0.5 s" in summary.complaint
    assert len(summary.missing) < 5


def test_a_library_that_hangs_with_pythons_lock_ends_its_process_too(tmp_path, monkeypatch):
    monkeypatch.setattr("synthgen.generation.engines.shard_worker.GRACE_S", 1.0)
    code = (
        "import ctypes\n"
        "from synthgen.generation.engines import shard_worker as w\n"
        "w.GRACE_S = 1.0\n"
        "w.make = lambda task, shard: ctypes.PyDLL(None).sleep(60)\n"  # PyDLL keeps the lock
        "from synthgen.generation.task import Task\n"
        "w.make_in_time(Task(out='', identity='', factory=b'', shard_timeout_s=1.0), None)\n"
    )
    since_s = time.monotonic()
    done = subprocess.run([sys.executable, "-c", code], cwd=SCRIPT.parents[1], check=False, timeout=50)
    assert done.returncode == 1
    assert time.monotonic() - since_s < 30


class Lines(Notes):
    """A watch that keeps every step."""

    def __init__(self):
        self.steps = []

    def advance(self, shots, samples):
        super().advance(shots, samples)
        self.steps.append((self.shots, samples))


@pytest.mark.parametrize("workers", [1, 2])
def test_progress_moves_by_views(tmp_path, workers):
    watch = Lines()
    driver.run(fake_renderer.order(view_delay_s=0.02), tmp_path / "out", workers=workers, watch=watch)
    assert watch.shots == pytest.approx(24)
    assert sum(samples for _, samples in watch.steps) == 48
    halves = [shots for shots, _ in watch.steps if shots % 1 == 0.5]
    assert len(watch.steps) > 40
    assert len(halves) > 10
    assert 0 < watch.steps[0][0] < 1


def test_a_plan_reads_and_changes_nothing(tmp_path):
    out = tmp_path / "out"
    driver.run(fake_renderer.order(), out)
    _flip(out / "train" / "train-000001.tar")
    (out / ".receipts" / "train-000003.json").unlink()
    (out / "val" / "val-000000.tar").unlink()
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    identity = fake_renderer.order().identity
    plan = shard_plan.plan_shards(_store(out), identity, range(6))
    assert [shard.number for shard in plan] == [1, 3, 5]
    assert [shard.number for shard in plan.damaged] == [1, 3]
    assert (len(plan), plan.kept.shards, plan.kept.shots) == (3, 3, 12)
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before
    assert list(shard_plan.plan_shards(_store(out), identity, range(1, 6, 3)).wanted) == [0, 1, 0, 0, 0, 0]
    shard_plan.discard_damaged(_store(out), plan)
    assert not (out / "train" / "train-000001.tar").exists()
    assert not (out / "manifest.json").exists()


@pytest.mark.parametrize(("mine", "expected_shots"), [(range(8), 29), (range(0, 8, 2), 16), (range(1, 8, 2), 13)])
def test_the_shots_of_a_share_are_counted_without_a_walk(mine, expected_shots):
    splits = {"train": 22, "val": 7}
    identity = Identity(recipe_sha256="", seed=0, splits=splits, samples_per_shard=4, code_version="")
    assert shard_plan.shots_of(identity, mine) == expected_shots == sum(identity.shards[i].shots for i in mine)


def test_shots_that_cannot_be_built_are_counted_by_cause(tmp_path):
    out = tmp_path / "out"
    summary = driver.run(fake_renderer.order(infeasible=(5, 6)), out)
    assert summary.failed_shots == {f"train-0000000{i}": {"label_too_large": 20} for i in (5, 6)}
    assert summary.samples == 44
    assert "2 of 24 shots could not be built (label_too_large)" in summary.complaint
    again = driver.run(fake_renderer.order(infeasible=(5, 6)), out)
    assert (again.made, again.failed_shots) == (0, summary.failed_shots)
    assert json.loads((out / "manifest.json").read_text())["counts"]["failed_shots"] == 2


def test_bad_input_leaves_nothing_behind(tmp_path):
    with pytest.raises(InputError, match="write ASCII") as raised:
        driver.run(fake_renderer.order(bad_input=(0,)), tmp_path / "out")
    assert raised.value.exit_code == 4
    assert os.listdir(tmp_path) == []


def test_bad_input_after_the_first_shard_keeps_it(tmp_path, expected):
    with pytest.raises(PartialError, match=r"write ASCII.*1 of 6 shards are done"):
        driver.run(fake_renderer.order(bad_input=(5,)), tmp_path / "out")
    assert driver.run(fake_renderer.order(), tmp_path / "out").manifest_sha256 == expected


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: 3 * 512 + 0])


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[700] ^= 1
    path.write_bytes(data)


def _forget(path: Path) -> None:
    (path.parents[1] / ".receipts" / f"{path.stem}.json").unlink()


@pytest.mark.parametrize("harm", [_cut, _flip, _forget, Path.unlink])
def test_harm_to_one_shard_is_found_and_mended(tmp_path, expected, harm):
    out = tmp_path / "out"
    driver.run(fake_renderer.order(), out)
    harm(out / "train" / "train-000001.tar")
    faults = list(manifest.check(_store(out)))
    assert len(faults) == 1
    assert "train/train-000001.tar" in faults[0]
    with pytest.raises(PartialError):
        manifest.finalize(_store(out))
    (out / "train" / ".tmp-train-000001.tar-12345678").touch()
    summary = driver.run(fake_renderer.order(), out)
    assert (summary.made, summary.kept, summary.manifest_sha256) == (1, 5, expected)
    assert _leftovers(out) == []


def test_a_manifest_that_lies_is_found(tmp_path):
    driver.run(fake_renderer.order(), tmp_path / "out")
    path = tmp_path / "out" / "manifest.json"
    path.write_text(path.read_text().replace('"seed": 0', '"seed": 1'))
    assert list(manifest.check(_store(tmp_path / "out"))) == [
        f"{path}: does not say what the shards hold; run `synthgen finalize {path.parent}`"
    ]


def test_another_data_set_in_the_folder_is_refused_and_kept(tmp_path, expected):
    out = tmp_path / "out"
    driver.run(fake_renderer.order(), out)
    with pytest.raises(InputError, match="seed 0 -> 1"):
        driver.run(fake_renderer.order(seed=1), out)
    assert manifest.finalize(_store(out)) == expected


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_limit_before_the_first_shard_is_bad_input_and_leaves_nothing(tmp_path, workers):
    run = _start(tmp_path / "out", "--limit-bytes", "30000", "--workers", workers)
    _, said = run.communicate(timeout=30)
    assert run.returncode == 4
    assert "train/train-000000.tar" in said or "train/train-000001.tar" in said
    assert "raise the limit" in said
    assert "Traceback" not in said
    assert os.listdir(tmp_path) == []


def test_a_limit_after_the_first_shard_is_partial_and_resumes(tmp_path, expected):
    out = tmp_path / "out"
    driver.run(fake_renderer.order(), out)
    for name in ("train-000003", "val-000000"):
        (out / name.split("-")[0] / f"{name}.tar").unlink()
    run = _start(out, "--limit-bytes", "30000")
    _, said = run.communicate(timeout=30)
    assert run.returncode == 3
    assert "4 of 6 shards are done" in said
    assert _leftovers(out) == []
    assert driver.run(fake_renderer.order(), out).manifest_sha256 == expected


def test_a_full_disk_is_named_with_its_remedy(tmp_path, monkeypatch):
    """`/dev/full` answers ENOSPC to every write, as a full disk does."""
    real = os.open

    def full(path, flags, *mode):
        return real("/dev/full", os.O_RDWR) if ".tar-" in str(path) else real(path, flags, *mode)

    monkeypatch.setattr(os, "open", full)
    with pytest.raises(OutputError, match=r"No space left on device; free some space"):
        driver.run(fake_renderer.order(), tmp_path / "out")
    assert os.listdir(tmp_path) == []


def test_a_folder_that_may_not_be_written_is_named(tmp_path):
    """Root may write anywhere, so it becomes nobody for a moment."""
    (tmp_path / "locked").mkdir(mode=0o555)
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        with pytest.raises(OutputError, match=r"Permission denied; .*choose another place with -o") as raised:
            driver.run(fake_renderer.order(), tmp_path / "locked" / "out")
    finally:
        if root:
            os.seteuid(0)
    assert raised.value.exit_code == 4
    assert os.listdir(tmp_path / "locked") == []


def test_few_shards_for_many_workers_are_noted(tmp_path):
    watch = Notes()
    driver.run(fake_renderer.order(shots=12), tmp_path / "out", workers=2, watch=watch)
    assert any("3 shards for 2 workers" in note for note in watch)


def test_two_runs_in_one_folder_at_once_do_not_disturb_each_other(tmp_path, expected):
    runs = [_start(tmp_path / "out", "--delay-s", "0.02", "--workers", "1") for _ in range(2)]
    said = [run.communicate(timeout=60) for run in runs]
    assert [run.returncode for run in runs] == [0, 0], said
    assert [out for out, _ in said] == [expected, expected]
    assert list(manifest.check(_store(tmp_path / "out"))) == []


def test_a_moved_data_set_is_still_whole(tmp_path, expected):
    driver.run(fake_renderer.order(), tmp_path / "a")
    shutil.move(tmp_path / "a", tmp_path / "b")
    summary = driver.run(fake_renderer.order(), tmp_path / "b")
    assert (summary.made, summary.manifest_sha256) == (0, expected)


@pytest.mark.parametrize(
    ("shots", "exact", "ranks", "said"),
    [
        (24, False, 1, []),
        (24, False, 5, [r"the 5 readers .* val 1;"]),
        (24, False, 6, [r"the 6 readers .* train 5, val 1;"]),
        (22, True, 1, [r"the last shard of train is short \(1 of 4", "the last shard of val is short"]),
    ],
)
def test_a_layout_that_will_starve_ranks_is_noted(shots, exact, ranks, said):
    split_shots = counts(shots, {"train": 0.75, "val": 0.25}, 4, exact)
    identity = Identity(recipe_sha256="", seed=0, splits=split_shots, samples_per_shard=4, code_version="")
    found = list(driver._uneven(identity, ranks))
    assert len(found) == len(said)
    assert all(re.search(part, note) for part, note in zip(said, found, strict=True))
