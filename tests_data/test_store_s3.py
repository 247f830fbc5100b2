"""A bucket as a store, against a real object server on loopback."""

import errno
import hashlib
import logging
import multiprocessing
import os
import pickle
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from object_server import KEY, SECRET, Between, new_bucket

from synthgen.dataset import stores
from synthgen.dataset.stores import Absent
from synthgen.dataset.stores import s3 as s3_module
from synthgen.dataset.stores.s3 import S3
from synthgen.errors import DatasetError, InputError, OutputError

MIB = 2**20
NAME = st.lists(st.text("abz019_-+ é=", min_size=1, max_size=6), min_size=1, max_size=2).map("/".join)
UPLOADER = """
import sys, resource
from synthgen.dataset import stores
from synthgen.dataset.stores import s3
s3.PUT_MAX_BYTES, s3.PART_BYTES, s3.UPLOADS_AT_ONCE = 2**20, 5 * 2**20, 1
with stores.at(sys.argv[1]).publish("train/big.tar") as file:
    file.write(bytes(range(256)) * (40 * 4096))
"""
BIG = bytes(range(256)) * (40 * 4096)


@pytest.fixture
def store(bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> S3:
    """Return an empty store whose scratch folder is the test's own."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return S3(f"s3://{bucket}/some/data")


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Upload in parts what is larger than a mebibyte."""
    monkeypatch.setattr(s3_module, "PUT_MAX_BYTES", MIB)
    monkeypatch.setattr(s3_module, "PART_BYTES", 5 * MIB)


@pytest.fixture
def between(s3, monkeypatch):
    """Return a function that puts a proxy in front of the server."""
    made = []

    def start(**options) -> Between:
        made.append(Between(s3.endpoint, **options))
        monkeypatch.setenv("AWS_ENDPOINT_URL", made[-1].endpoint)
        return made[-1]

    yield start
    for each in made:
        each.close()


def scratch_files(tmp_path: Path) -> list[str]:
    return [path.name for path in tmp_path.rglob("*") if path.is_file()]


def uploads(store: S3) -> list[str]:
    return [upload["Key"] for upload in store._uploads(store._key(""))]


def until(true: Callable[[], object], limit_s: float = 30.0) -> None:
    deadline_s = time.monotonic() + limit_s
    while not true():
        assert time.monotonic() < deadline_s
        time.sleep(0.05)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(name="empty", data=b"", start=0, size=1)
@given(name=NAME, data=st.binary(max_size=300), start=st.integers(0, 320), size=st.integers(0, 320))
def test_what_was_put_is_read_whole_and_in_parts(store, name, data, start, size):
    store.write(name, data)
    assert store.read(name) == data
    assert store.size(name) == len(data)
    assert store.read_range(name, start, size) == data[start : start + size]
    assert store.sha256(name) == hashlib.sha256(data).hexdigest()
    assert list(store.names()) == [name]
    with store.open(name) as file:
        assert file.read() == data
    store.delete(name)
    store.delete(name)
    assert store.size(name) is None
    assert list(store.names()) == []


def test_more_names_than_a_page_holds_are_listed_sorted(store):
    names = [f"train/{number:05d}" for number in range(1005)]
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda name: store.write(name, b""), names))
    store.write("other", b"")
    assert list(store.names("train")) == names
    assert list(store.names()) == ["other", *names]


def test_a_store_sees_nothing_beside_its_prefix(store, bucket):
    S3(f"s3://{bucket}/some/data2").write("a", b"")
    S3(f"s3://{bucket}").write("b", b"")
    assert list(store.names()) == []
    assert sorted(S3(f"s3://{bucket}/").names()) == ["b", "some/data2/a"]


def test_what_is_absent_is_said_to_be(store, bucket):
    for look in (store.read, store.open, store.sha256, lambda name: store.read_range(name, 0, 1)):
        with pytest.raises(Absent, match=f"s3://{bucket}/some/data/none: there is no such object"):
            look("none")


def test_a_published_object_appears_whole_or_not_at_all(store, tmp_path):
    store.prepare()
    with store.publish("train/a.tar") as file:
        file.write(b"half")
        assert list(store.names()) == []
        file.write(b", whole")
    assert store.read("train/a.tar") == b"half, whole"
    with pytest.raises(ZeroDivisionError), store.publish("train/a.tar") as file:
        file.write(b"worse")
        raise ZeroDivisionError
    assert store.read("train/a.tar") == b"half, whole"
    assert scratch_files(tmp_path) == []
    store.withdraw()


def test_a_large_object_is_sent_in_parts_and_read_in_blocks(store, parts, tmp_path):
    with store.publish("train/big.tar") as file:
        file.write(BIG)
    with store.open("train/big.tar") as file:
        assert file.read(1000) + file.read() == BIG
    assert store.read("train/big.tar") == BIG
    assert store.read_range("train/big.tar", 5 * MIB - 3, 6) == BIG[5 * MIB - 3 : 5 * MIB + 3]
    assert store.sha256("train/big.tar") == hashlib.sha256(BIG).hexdigest()
    assert uploads(store) == scratch_files(tmp_path) == []


def test_the_hash_of_an_object_that_others_put_comes_from_its_bytes(store, bucket):
    store._files.call_s3("put_object", Bucket=bucket, Key="some/data/a", Body=b"abc")
    assert store.sha256("a") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-4, B.1


def test_of_eight_processes_one_creates(store):
    processes = multiprocessing.get_context("spawn")
    barrier, won = processes.Barrier(8), processes.Queue()
    racers = [processes.Process(target=_race, args=(store.url, number, barrier, won)) for number in range(8)]
    for racer in racers:
        racer.start()
    results = dict(won.get(timeout=100) for _ in racers)
    for racer in racers:
        racer.join()
    winners = [number for number, first in results.items() if first]
    assert len(winners) == 1
    assert store.read("receipt.json") == str(winners[0]).encode()


def test_who_creates_and_gets_no_answer_still_learns_that_it_won(store, between):
    store.prepare()
    between().swallow = 1
    assert store.create("receipt.json", b"mine")
    assert not store.create("receipt.json", b"other")


def test_a_writer_killed_in_mid_upload_leaves_nothing_after_the_next_one(store, parts, tmp_path, between):
    proxy = between(bytes_s=10 * MIB)
    child = subprocess.Popen([sys.executable, "-c", UPLOADER, store.url])
    until(lambda: uploads(store))
    time.sleep(1)
    assert child.poll() is None  # it is in the middle
    child.send_signal(signal.SIGKILL)
    child.wait()
    proxy.bytes_s = float("inf")
    assert store.size("train/big.tar") is None
    assert len(uploads(store)) == 1
    assert store.sweep() == ["big.tar"]  # the scratch file tells whose work it was; the upload is too young
    assert len(uploads(store)) == 1
    with store.publish("train/big.tar") as file:
        file.write(BIG)
    assert uploads(store) == scratch_files(tmp_path) == []
    assert store.read("train/big.tar") == BIG


def test_only_old_uploads_are_swept_and_all_are_aborted_on_demand(store, bucket, monkeypatch):
    begin = partial(store._files.call_s3, "create_multipart_upload", Bucket=bucket)
    for key in ("some/data/train/a.tar", "some/data/train/a.tar.idx", "some/data/train/b.tar", "some/data2/c.tar"):
        begin(Key=key)
    assert store.sweep() == []
    assert store.abort_uploads("train/a.tar") == 1
    assert uploads(store) == ["some/data/train/a.tar.idx", "some/data/train/b.tar"]
    monkeypatch.setattr(s3_module, "STALE_UPLOAD_S", 0.0)
    assert store.sweep() == ["a.tar.idx", "b.tar"]
    begin(Key="some/data/train/b.tar")
    assert store.abort_uploads() == 1
    assert uploads(store) == []
    assert uploads(S3(f"s3://{bucket}/some/data2")) == ["some/data2/c.tar"]


def test_an_upload_that_somebody_aborts_starts_anew(store, parts, between):
    between(bytes_s=20 * MIB)
    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(_publish, store)
        until(lambda: uploads(store))
        assert store.abort_uploads() == 1
        sending.result(60)
    assert store.read("train/big.tar") == BIG
    assert uploads(store) == []


def test_an_upload_that_fails_leaves_no_parts(store, parts, s3, monkeypatch):
    send = S3._call

    def fail_at_part_3(self, kind, method, name, **given):
        if method == "upload_part" and given["PartNumber"] == 3:
            raise OutputError("the network is gone")
        return send(self, kind, method, name, **given)

    monkeypatch.setattr(S3, "_call", fail_at_part_3)
    with pytest.raises(OutputError, match="the network is gone"):
        _publish(store)
    assert uploads(store) == []
    assert list(store.names()) == []


def test_a_checksum_that_does_not_fit_is_refused_by_the_server(store, monkeypatch):
    monkeypatch.setattr(s3_module, "_checksum", lambda digest: "AAAA" * 10 + "AAA=")
    with pytest.raises(OutputError, match="damaged on their way"):
        store.write("a", b"data")
    assert list(store.names()) == []


@pytest.mark.parametrize(
    ("settings_of", "found", "remedy"),
    [
        ({"AWS_SECRET_ACCESS_KEY": "wrong"}, "secret key does not belong", "AWS_SECRET_ACCESS_KEY"),
        ({"AWS_ACCESS_KEY_ID": "AKIDNOBODY"}, "access key is not known", "AWS_ACCESS_KEY_ID"),
        ({"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}, "no credentials", "AWS_PROFILE"),
        ({"AWS_SECRET_ACCESS_KEY": None}, "credentials are incomplete", "AWS_SECRET_ACCESS_KEY"),
        ({"AWS_PROFILE": "nobody"}, "profile that does not exist", "AWS_PROFILE"),
        ({"AWS_ENDPOINT_URL": "nonsense"}, "no endpoint", "AWS_ENDPOINT_URL"),
        ({"AWS_ENDPOINT_URL": "http://no-such-host.invalid"}, "no server answers", "AWS_ENDPOINT_URL"),
    ],
)
def test_wrong_settings_are_told_with_their_remedy(store, monkeypatch, settings_of, found, remedy):
    for name, value in settings_of.items():
        monkeypatch.setenv(name, value) if value else monkeypatch.delenv(name)
    for kind, act in _every_way(store):
        began_s = time.monotonic()
        with pytest.raises(kind, match=found) as refusal:
            act()
        assert time.monotonic() - began_s < 15
        message = str(refusal.value)
        assert remedy in message and store.place() in message
        assert "\n" not in message and SECRET not in message and "wrong" not in message


def test_the_endpoint_is_named_without_a_password(store, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://me:PASSWORD@127.0.0.1:9")
    with pytest.raises(OutputError, match=r"endpoint http://127\.0\.0\.1:9\)") as refusal:
        store.prepare()
    assert "PASSWORD" not in str(refusal.value)


def test_a_bucket_that_is_not_there_is_told(s3):
    missing = S3("s3://nobody-made-this/data")
    for kind, act in _every_way(missing):
        with pytest.raises(kind, match=r"there is no such bucket.*aws s3 mb") as refusal:
            act()
        assert not isinstance(refusal.value, Absent)
    with pytest.raises(OutputError, match="no bucket's name"):
        S3("s3://Ü/data").prepare()


def test_a_reader_may_read_and_is_told_that_it_may_not_write(store, monkeypatch):
    store.write("a", b"data")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDREAD")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "READ-SECRET")
    assert store.read("a") == b"data"
    with pytest.raises(OutputError, match=r"may not do that.*PutObject"):
        store.write("a", b"other")


def test_a_wrong_clock_is_told(store, monkeypatch):
    import botocore.auth

    now = botocore.auth.get_current_datetime
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda *a, **k: now(*a, **k) - timedelta(hours=5))
    with pytest.raises(OutputError, match="clock"):
        store.prepare()


def test_a_closed_port_is_told_soon(store, monkeypatch):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{unused.getsockname()[1]}")
    for kind, act in _every_way(store):
        began_s = time.monotonic()
        with pytest.raises(kind, match=r"no server answers there.*AWS_ENDPOINT_URL"):
            act()
        assert time.monotonic() - began_s < 15


def test_a_server_that_cannot_be_reached_or_keeps_silent_is_told_within_15_s(store, monkeypatch):
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{deaf.getsockname()[1]}")
        began_s = time.monotonic()
        with pytest.raises(OutputError, match="AWS_ENDPOINT_URL"):
            store.prepare()
        assert time.monotonic() - began_s < 15


def test_a_server_that_accepts_and_never_answers_is_given_up_in_the_time_that_the_user_sets(store, monkeypatch):
    monkeypatch.setenv("SYNTHGEN_STORE_TIMEOUT_S", "0.5")
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(16)
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{deaf.getsockname()[1]}")
        for act, kind in ((lambda: store.read("a"), DatasetError), (lambda: store.write("a", b""), OutputError)):
            began_s = time.monotonic()
            with pytest.raises(kind, match=r"SYNTHGEN_STORE_TIMEOUT_S \(seconds\) waits longer"):
                act()
            assert time.monotonic() - began_s < 15


def test_bucket_and_credentials_come_from_the_environment_of_each_moment(store, s3, monkeypatch):
    store.write("a", b"data")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    with pytest.raises(DatasetError, match="secret key"):
        store.read("a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    assert store.read("a") == b"data"


def test_credentials_may_come_from_a_file_and_the_endpoint_from_the_s3_variable(store, s3, tmp_path, monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", s3.endpoint)
    keys = tmp_path / "credentials"
    keys.write_text(f"[default]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(keys))
    store.write("a", b"data")
    assert store.read("a") == b"data"


def test_a_server_with_a_name_is_addressed_by_path(store, s3, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3.endpoint.replace("127.0.0.1", "localhost"))
    store.write("a", b"data")
    assert store.read("a") == b"data"


def test_a_scratch_folder_that_cannot_be_used_is_told(store, tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "file"))
    with pytest.raises(OutputError, match=r"file/synthgen-.*TMPDIR"):
        S3(store.url).prepare()


def test_a_full_scratch_disk_is_told_and_nothing_is_sent(store, tmp_path):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (MIB, before[1]))
    try:
        with pytest.raises(OutputError, match="TMPDIR") as refusal:
            _publish(store)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert isinstance(refusal.value.__cause__, OSError) and refusal.value.__cause__.errno == errno.EFBIG
    assert list(store.names()) == scratch_files(tmp_path) == []


def test_threads_read_at_once(store):
    for number in range(8):
        store.write(f"{number}", bytes([number]) * 100_000)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda number: store.read(f"{number % 8}"), range(64)))
    assert found == [bytes([number % 8]) * 100_000 for number in range(64)]


def test_a_forked_child_reads_and_writes_and_so_does_its_parent_after_it(store):
    store.write("a", b"parent")
    assert threading.active_count() > 1  # the loop of the parent, which the child does not have
    processes = multiprocessing.get_context("fork")
    answers = processes.SimpleQueue()
    child = processes.Process(target=_answer, args=(store, answers), daemon=True)
    child.start()
    child.join(60)
    assert child.exitcode == 0
    assert answers.get() == b"parent"
    assert store.read("b") == b"child"


def test_a_store_goes_to_other_processes_and_works_there(store):
    from joblib import Parallel, delayed
    from joblib.externals.loky import get_reusable_executor

    store.write("a", b"data")
    assert pickle.loads(pickle.dumps(store)).read("a") == b"data"
    assert Parallel(n_jobs=2)(delayed(_read)(store.url, "a") for _ in range(4)) == [b"data"] * 4
    get_reusable_executor().shutdown()


def test_data_loader_workers_read_after_a_fork(store):
    from torch.utils.data import DataLoader, Dataset

    class Objects(Dataset):
        def __len__(self):
            return 8

        def __getitem__(self, number):
            return store.read(f"{number}")

    for number in range(8):
        store.write(f"{number}", bytes([number]))
    loader = DataLoader(
        Objects(), batch_size=4, num_workers=2, multiprocessing_context="fork", collate_fn=list, timeout=60
    )
    for _ in range(2):
        assert [data for batch in loader for data in batch] == [bytes([number]) for number in range(8)]


def test_nothing_secret_is_logged(store, caplog):
    caplog.set_level(logging.INFO)
    store.write("a", b"data")
    store.read("a")
    assert SECRET not in caplog.text


def test_two_buckets_are_two_stores(store):
    other = S3(f"s3://{new_bucket()}/some/data")
    store.write("a", b"data")
    assert list(other.names()) == []
    assert other._scratch != store._scratch


def test_without_s3fs_the_remedy_is_told(store, monkeypatch):
    monkeypatch.setitem(sys.modules, "s3fs", None)
    s3_module._connected.cache_clear()
    with pytest.raises(InputError, match=r"pip install 'synthgen\[s3\]'"):
        store.prepare()


def _every_way(store: S3) -> list[tuple[type[InputError], Callable[[], object]]]:
    return [
        (OutputError, store.prepare),
        (OutputError, lambda: store.write("a", b"")),
        (OutputError, lambda: store.create("a", b"")),
        (OutputError, lambda: _publish(store, b"small")),
        (DatasetError, lambda: store.read("a")),
        (DatasetError, lambda: list(store.names())),
    ]


def _publish(store: S3, data: bytes = BIG) -> None:
    with store.publish("train/big.tar") as file:
        file.write(data)


def _race(url, number, barrier, won) -> None:
    store = stores.at(url)
    store.prepare()
    barrier.wait(90)
    won.put((number, store.create("receipt.json", str(number).encode())))


def _read(url: str, name: str) -> bytes:
    return stores.at(url).read(name)


def _answer(store: S3, answers) -> None:
    store.write("b", b"child")
    answers.put(store.read("a"))
    assert os.getpid() != os.getppid()
