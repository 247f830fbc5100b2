"""Laws of a store, on a folder; tests_data/ holds the same laws against an object server and a web server."""

import multiprocessing
import os
import signal
import socket
import tempfile
import threading
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from synthgen.dataset import stores
from synthgen.dataset.stores import Absent, silence
from synthgen.dataset.stores.local import Local
from synthgen.dataset.stores.read_ahead import stream
from synthgen.errors import DatasetError, InputError, OutputError, UsageError

NAME = st.lists(st.text("abz019_-", min_size=1, max_size=6), min_size=1, max_size=2).map("/".join)


@pytest.fixture
def store(tmp_path: Path) -> Local:
    return Local(str(tmp_path / "data"))


def test_a_url_names_its_store(tmp_path):
    assert type(stores.at(str(tmp_path))).__name__ == "Local"
    assert type(stores.at("s3://bucket/prefix")).__name__ == "S3"
    assert type(stores.at("https://host/data")).__name__ == "Web"


@pytest.mark.parametrize("url", ["gs://bucket/x", "s3://", "https://", "https://me:secret@host/x", "http://[::1/x"])
def test_what_is_no_store_is_refused_without_repeating_a_password(url):
    with pytest.raises(InputError) as refusal:
        stores.at(url)
    assert "secret" not in str(refusal.value)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=NAME, data=st.binary(max_size=300), start=st.integers(0, 320), size=st.integers(0, 320))
def test_what_was_put_is_read_whole_and_in_parts(tmp_path, name, data, start, size):
    store = Local(tempfile.mkdtemp(dir=tmp_path))
    store.write(name, data)
    assert store.read(name) == data
    assert store.size(name) == len(data)
    assert store.read_range(name, start, size) == data[start : start + size]
    assert list(store.names()) == [name]
    with store.open(name) as file:
        assert file.read() == data
    store.delete(name)
    store.delete(name)
    assert store.size(name) is None
    assert list(store.names()) == []


def test_names_of_a_folder_are_sorted_and_of_all_below_it(store):
    names = ["a-b/x", "a.json", "a/b/y", "a/x", "a/y", "b.json"]
    for name in reversed(names):
        store.write(name, b"")
    found = list(store.names())
    assert sorted(found) == names
    assert [name for name in found if "/" not in name] == ["a.json", "b.json"]
    assert [name for name in store.names("a") if name.count("/") == 1] == ["a/x", "a/y"]
    assert sorted(store.names("a")) == ["a/b/y", "a/x", "a/y"]
    assert list(store.names("nowhere")) == []


def test_what_is_absent_is_said_to_be(store):
    for look in (store.read, store.open, store.sha256, lambda name: store.read_range(name, 0, 1)):
        with pytest.raises(Absent, match=r"data/none\.json"):
            look("none.json")


def test_a_published_file_appears_whole_or_not_at_all(store):
    with store.publish("train/a.tar") as file:
        file.write(b"half")
        assert list(store.names()) == []
        file.write(b", whole")
    assert store.read("train/a.tar") == b"half, whole"
    with pytest.raises(ZeroDivisionError), store.publish("train/a.tar") as file:
        file.write(b"worse")
        raise ZeroDivisionError
    assert store.read("train/a.tar") == b"half, whole"
    assert list(store.names()) == ["train/a.tar"]


def test_the_hash_is_that_of_the_bytes(store):
    store.write("a", b"abc")
    assert store.sha256("a") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-4, B.1


def test_of_eight_processes_one_creates(store):
    with multiprocessing.get_context("spawn").Pool(8) as pool:
        won = pool.starmap(_create, [(store.url, number) for number in range(8)])
    assert sum(won) == 1
    assert store.read("receipt.json") == str(won.index(True)).encode()


def test_a_sweep_takes_what_a_dead_writer_left_and_nothing_of_a_live_one(store):
    child = multiprocessing.get_context("spawn").Process(target=_die_while_writing, args=(store.url,))
    child.start()
    child.join()
    with store.publish("train/live.tar") as file:
        file.write(b"1")
        assert store.sweep() == ["dead.tar"]
        assert store.sweep() == []
        assert store.abort_uploads() == 0
    assert list(store.names()) == ["train/live.tar"]


def test_a_withdrawn_store_leaves_no_folder(store):
    (Path(store.url) / "train").mkdir(parents=True)
    store.withdraw()
    assert not Path(store.url).exists()


def test_a_folder_that_cannot_be_written_is_an_output_error(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match="not a file"):
        Local(str(tmp_path / "file" / "data")).write("x", b"")


def test_a_server_that_accepts_and_never_answers_is_given_up_in_the_time_that_the_user_sets(monkeypatch):
    monkeypatch.setenv("SYNTHGEN_STORE_TIMEOUT_S", "0.3")
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        began_s = time.monotonic()
        with pytest.raises(DatasetError, match=r"timed out.*SYNTHGEN_STORE_TIMEOUT_S"):
            stores.at(f"http://127.0.0.1:{mute.getsockname()[1]}/data").read("manifest.json")
        assert time.monotonic() - began_s < 5


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "soon", "1e9"])
def test_a_store_timeout_that_is_no_time_is_refused(monkeypatch, text):
    monkeypatch.setenv("SYNTHGEN_STORE_TIMEOUT_S", text)
    with pytest.raises(UsageError, match=r"SYNTHGEN_STORE_TIMEOUT_S=.*: write seconds between 0\.1 and 86400"):
        silence.limit_s()


@settings(max_examples=25)
@given(data=st.binary(max_size=200), block=st.integers(1, 50), piece=st.integers(1, 60))
def test_a_read_ahead_stream_gives_the_bytes_in_order(data, block, piece):
    asked = []

    def fetch(start: int, size: int) -> bytes:
        asked.append((start, size))
        return data[start : start + size]

    with stream("here", len(data), fetch, block) as file:
        pieces = list(iter(lambda: file.read(piece), b""))
    assert b"".join(pieces) == data
    assert asked == [(at, min(block, len(data) - at)) for at in range(0, len(data), block)]


def test_a_read_ahead_stream_fetches_one_block_while_another_is_read():
    second = threading.Event()

    def fetch(start: int, size: int) -> bytes:
        if start == 4:
            second.set()
        return b"x" * size

    with stream("here", 8, fetch, 4) as file:
        assert file.read(1) == b"x"
        assert second.wait(5)


def test_a_read_ahead_stream_tells_an_object_that_ends_early():
    with (
        stream("s3://b/a", 8, lambda start, size: b"x" * (size - 1), 4) as file,
        pytest.raises(DatasetError, match=r"s3://b/a.*3"),
    ):
        file.read()


def _create(url: str, number: int) -> bool:
    return Local(url).create("receipt.json", str(number).encode())


def _die_while_writing(url: str) -> None:
    with Local(url).publish("train/dead.tar") as file:
        file.write(b"some")
        os.kill(os.getpid(), signal.SIGKILL)
