"""Whole runs into a bucket: the same bytes as in a folder, whatever is killed on the way."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import fake_renderer
import pytest
from object_server import Between, point_at

from synthgen import cli
from synthgen.dataset import manifest, reader, stores
from synthgen.dataset.stores import s3 as s3_module
from synthgen.errors import PartialError
from synthgen.generation import driver

RECIPE = Path(__file__).parents[1] / "recipes" / "scan_tunnel.yaml"
IN_PARTS = """
import sys
from synthgen.dataset.stores import s3
s3.PUT_MAX_BYTES = 1000
import fake_renderer
sys.exit(fake_renderer.main())
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Return the folder of an undisturbed run in one process."""
    made = tmp_path_factory.mktemp("plain") / "out"
    driver.run(fake_renderer.order(), made)
    return made


@pytest.fixture(scope="module")
def expected(folder) -> str:
    return driver.run(fake_renderer.order(), folder).manifest_sha256


@pytest.fixture(autouse=True)
def own_scratch(tmp_path, monkeypatch):
    """Let each test, and what it starts, build shards in a folder of its own."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))


def left_over(url: str, tmp_path: Path) -> list[str]:
    """Return what a run has forgotten: scratch files of this machine, uploads without an end."""
    store = s3_module.S3(url)
    begun = [upload["Key"] for upload in store._uploads("")]
    return begun + [str(path) for path in tmp_path.glob("synthgen-*/**/*") if path.is_file()]


def start(
    url: str, *options: str, code: str = "import fake_renderer, sys; sys.exit(fake_renderer.main())"
) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", code, url, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def until(true: Callable[[], object], child: subprocess.Popen, limit_s: float = 60.0) -> None:
    deadline_s = time.monotonic() + limit_s
    while not true():
        assert child.poll() is None, child.communicate()
        assert time.monotonic() < deadline_s
        time.sleep(0.1)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_bucket_gets_the_bytes_of_a_folder(new_bucket_url, folder, expected, workers, tmp_path):
    url = new_bucket_url()
    result = driver.run(fake_renderer.order(), url, workers=workers)
    assert result.manifest_sha256 == expected
    store, local = stores.at(url), stores.at(str(folder))
    names = sorted(name for name in store.names() if name != "run.json")
    assert names == sorted(name for name in local.names() if name != "run.json")
    assert all(store.read(name) == local.read(name) for name in names)
    assert left_over(url, tmp_path) == []


def test_a_second_run_makes_nothing_again_and_reads_no_shard(new_bucket_url, expected, monkeypatch):
    url = new_bucket_url()
    driver.run(fake_renderer.order(), url)
    asked = []
    read = s3_module.S3.read_range
    monkeypatch.setattr(s3_module.S3, "read_range", lambda *given: (asked.append(given), read(*given))[1])
    again = driver.run(fake_renderer.order(), url)
    assert again.manifest_sha256 == expected
    assert again.kept == len(fake_renderer.order().identity.shards)
    assert asked == []


@pytest.mark.parametrize("resume_in_parts", [False, True])
def test_a_run_killed_in_mid_upload_resumes(s3, new_bucket_url, expected, tmp_path, monkeypatch, resume_in_parts):
    url = new_bucket_url()
    slow = Between(s3.endpoint, bytes_s=30_000)
    monkeypatch.setenv("AWS_ENDPOINT_URL", slow.endpoint)
    child = start(url, code=IN_PARTS)
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3.endpoint)
    until(lambda: [name for name in left_over(url, tmp_path) if name.startswith("data/")], child)
    child.send_signal(signal.SIGKILL)
    child.communicate()
    slow.close()
    assert len(left_over(url, tmp_path)) == 2  # the upload and its scratch file
    if resume_in_parts:
        monkeypatch.setattr(s3_module, "PUT_MAX_BYTES", 1000)
    assert driver.run(fake_renderer.order(), url).manifest_sha256 == expected
    assert left_over(url, tmp_path) == []


def test_killed_at_random_times_it_ends_in_the_same_bytes(new_bucket_url, expected, tmp_path):
    url = new_bucket_url()
    for delay_s in (1.0, 1.7, 2.3, 3.1):
        child = start(url, "--delay-s", "0.3", code=IN_PARTS)  # 7 s of work: none of them ends by itself
        with pytest.raises(subprocess.TimeoutExpired):
            child.wait(delay_s)
        child.send_signal(signal.SIGKILL)
        child.communicate()
    assert driver.run(fake_renderer.order(), url).manifest_sha256 == expected
    assert left_over(url, tmp_path) == []


def test_array_jobs_and_finalize_give_the_same_manifest(new_bucket_url, expected, tmp_path):
    url = new_bucket_url()
    begin = s3_module.S3(url)._call
    begin(Exception, "create_multipart_upload", "", Key="data/train/train-000000.tar")  # a killed job's
    for number in range(3):
        driver.run(fake_renderer.order(), url, job=(number, 4))
    with pytest.raises(PartialError, match="missing or damaged"):
        manifest.finalize(stores.at(url))
    driver.run(fake_renderer.order(), url, job=(3, 4))
    assert cli.run(["finalize", url]) == 0
    assert manifest.finalize(stores.at(url)) == expected
    assert left_over(url, tmp_path) == []


def test_two_runs_at_once_end_in_the_same_bytes(new_bucket_url, expected, tmp_path):
    url = new_bucket_url()
    children = [start(url, "--delay-s", "0.05", code=IN_PARTS) for _ in range(2)]
    ends = [child.communicate(timeout=100) for child in children]
    assert [child.returncode for child in children] == [0, 0], ends
    assert [out for out, _ in ends] == [expected, expected]
    assert cli.run(["check", url]) == 0
    assert left_over(url, tmp_path) == []


def test_check_finds_what_is_damaged_and_a_run_mends_it(new_bucket_url, expected, capsys):
    url = new_bucket_url()
    driver.run(fake_renderer.order(), url)
    assert cli.run(["check", url]) == 0
    store = stores.at(url)
    data = bytearray(store.read("train/train-000001.tar"))
    data[len(data) // 2] ^= 1
    store.write("train/train-000001.tar", bytes(data))
    store.delete("train/train-000002.tar")
    capsys.readouterr()
    assert cli.run(["check", url]) == 4
    found = capsys.readouterr().out
    assert f"{url}/train/train-000001.tar: damaged" in found
    assert f"{url}/train/train-000002.tar: missing" in found
    assert driver.run(fake_renderer.order(), url).manifest_sha256 == expected
    assert cli.run(["check", url]) == 0


def test_samples_read_from_a_bucket_are_those_of_the_folder(new_bucket_url, folder):
    url = new_bucket_url()
    driver.run(fake_renderer.order(), url)
    there, here = reader.open_dataset(url), reader.open_dataset(str(folder))
    assert dict(there.samples()) == dict(here.samples())
    assert len(dict(there.samples())) == sum(there.splits.values()) > 0
    key = next(there.samples("val"))[0]
    assert there.sample(key)[1] == here.sample(key)[1]


def test_a_server_that_dies_in_mid_run_gives_exit_3_and_the_run_resumes(own_object_server, monkeypatch, expected):
    point_at(own_object_server, monkeypatch)
    from object_server import new_bucket

    url = f"s3://{new_bucket()}/data"
    child = start(url, "--delay-s", "0.5")
    receipts = stores.at(url)
    until(lambda: len(list(receipts.names(".receipts"))) >= 2, child)
    own_object_server.kill()
    _, complaint = child.communicate(timeout=60)
    assert child.returncode == 3, complaint
    assert "check AWS_ENDPOINT_URL" in complaint and "resume" in complaint and "Traceback" not in complaint
    own_object_server.start()
    result = driver.run(fake_renderer.order(), url)
    assert result.manifest_sha256 == expected
    assert result.kept >= 2


def test_a_server_that_stops_answering_in_mid_run_gives_exit_3_soon(own_object_server, monkeypatch, expected):
    """SIGSTOP: connections are accepted and nothing is ever said."""
    point_at(own_object_server, monkeypatch)
    monkeypatch.setenv("SYNTHGEN_STORE_TIMEOUT_S", "1.5")
    from object_server import new_bucket

    url = f"s3://{new_bucket()}/data"
    child = start(url, "--delay-s", "0.5")
    receipts = stores.at(url)
    until(lambda: len(list(receipts.names(".receipts"))) >= 2, child)
    os.killpg(own_object_server._process.pid, signal.SIGSTOP)
    began_s = time.monotonic()
    try:
        _, complaint = child.communicate(timeout=60)
    finally:
        os.killpg(own_object_server._process.pid, signal.SIGCONT)
    assert child.returncode == 3, complaint
    assert time.monotonic() - began_s < 40
    assert "SYNTHGEN_STORE_TIMEOUT_S" in complaint and "Traceback" not in complaint
    assert driver.run(fake_renderer.order(), url).manifest_sha256 == expected


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:1", "no server answers there"),
        ("AWS_SECRET_ACCESS_KEY", "WRONG-SECRET", "secret key does not belong"),
        ("BUCKET", "nobody-made-this", "there is no such bucket"),
    ],
)
def test_before_the_first_shard_trouble_is_exit_4_with_a_remedy(s3, bucket, monkeypatch, variable, value, said):
    monkeypatch.setenv(variable, value)
    url = f"s3://{os.environ.get('BUCKET', bucket)}/data"
    began_s = time.monotonic()
    command = [sys.executable, "-m", "synthgen", "generate", str(RECIPE), "-n", "8", "-o", url]
    ended = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert time.monotonic() - began_s < 30  # imports and the reading of the recipe are in it
    assert ended.returncode == 4, ended.stderr
    assert said in ended.stderr and url in ended.stderr
    assert "Traceback" not in ended.stderr and "WRONG-SECRET" not in ended.stderr
    assert ended.stdout == ""
