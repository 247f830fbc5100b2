"""The web as a store, against real servers on loopback: one that knows ranges, one that does not, and ill ones."""

import http.server
import socket
import ssl
import threading
import time
from functools import partial
from pathlib import Path

import fake_renderer
import pytest

from synthgen.dataset import reader, stores
from synthgen.dataset.stores import Absent
from synthgen.dataset.stores.web import Web
from synthgen.errors import DatasetError, OutputError
from synthgen.generation import driver

DATA = bytes(range(256)) * 1000


class Plain(http.server.SimpleHTTPRequestHandler):
    """The standard library's own: no ranges."""

    asked: list[tuple[str, str, str]]

    def log_message(self, format, *args):
        type(self).asked.append((self.command, self.path, self.headers.get("Range", "")))


class Ranged(Plain):
    """One that answers ranges; `cut` connections break after half of what they promised, `ill` answers are 503."""

    cut = 0
    ill = 0
    heads = True

    def do_HEAD(self):
        if not type(self).heads:
            return self.send_error(403)
        return super().do_HEAD()

    def do_GET(self):
        if type(self).ill:
            type(self).ill -= 1
            return self.send_error(503)
        data = Path(self.translate_path(self.path)).read_bytes() if "none" not in self.path else None
        if data is None:
            return self.send_error(404)
        first, _, last = self.headers.get("Range", "bytes=0-").removeprefix("bytes=").partition("-")
        if int(first) >= len(data):
            return self.send_error(416)
        part = data[int(first) : int(last) + 1 if last else None]
        self.send_response(206 if "Range" in self.headers else 200)
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        if type(self).cut:
            type(self).cut -= 1
            part = part[: len(part) // 2]
            self.close_connection = True
        return self.wfile.write(part)


@pytest.fixture
def serve(tmp_path):
    """Return a function that serves a folder with a data file, and returns its URL."""
    (tmp_path / "data/train").mkdir(parents=True)
    (tmp_path / "data/train/a.tar").write_bytes(DATA)
    running = []

    def start(kind: type[Plain], **settings) -> tuple[str, type[Plain]]:
        handler = type("Handler", (kind,), {"asked": [], **settings})
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(tmp_path)))
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        running.append((server, thread))
        return f"http://127.0.0.1:{server.server_port}/data", handler

    yield start
    for server, thread in running:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize("kind", [Plain, Ranged])
def test_a_document_is_read_whole_and_in_parts(serve, kind):
    store = stores.at(serve(kind)[0])
    assert isinstance(store, Web)
    assert store.read("train/a.tar") == DATA
    assert store.size("train/a.tar") == len(DATA)
    for start, size in ((0, 10), (1000, 70_000), (len(DATA) - 5, 50), (len(DATA) + 5, 5), (7, 0)):
        assert store.read_range("train/a.tar", start, size) == DATA[start : start + size]
    with store.open("train/a.tar") as file:
        assert file.read(1000) + file.read() == DATA


def test_a_range_is_one_request_for_just_that(serve):
    url, handler = serve(Ranged)
    stores.at(url).read_range("train/a.tar", 100, 20)
    assert handler.asked == [("GET", "/data/train/a.tar", "bytes=100-119")]


def test_the_hash_comes_from_the_bytes(serve, tmp_path):
    local = stores.at(str(tmp_path / "data"))
    assert stores.at(serve(Plain)[0]).sha256("train/a.tar") == local.sha256("train/a.tar")


def test_a_query_goes_with_each_request_and_into_no_message(serve):
    url, handler = serve(Plain)
    store = stores.at(f"{url}/?signature=SECRET")
    assert store.read("train/a.tar") == DATA
    assert handler.asked[-1][1] == "/data/train/a.tar?signature=SECRET"
    with pytest.raises(Absent) as refusal:
        store.read("none")
    assert "SECRET" not in str(refusal.value)
    assert store.place("none") == f"{url}/none"


def test_what_is_absent_is_said_to_be(serve):
    store = stores.at(serve(Ranged)[0])
    assert store.size("none") is None
    for look in (store.read, store.open, store.sha256, lambda name: store.read_range(name, 0, 1)):
        with pytest.raises(Absent, match="/data/none: there is no such file"):
            look("none")


def test_a_server_without_head_still_tells_sizes(serve):
    assert stores.at(serve(Ranged, heads=False)[0]).size("train/a.tar") == len(DATA)


def test_a_broken_connection_is_taken_up_where_it_broke(serve):
    url, handler = serve(Ranged, cut=3)
    assert stores.at(url).read("train/a.tar") == DATA
    starts = [span.partition("=")[2] for _, _, span in handler.asked]
    assert starts == ["", "128000-255999", "192000-255999", "224000-255999"]


def test_a_connection_that_keeps_breaking_is_an_error_and_no_short_read(serve):
    with pytest.raises(DatasetError, match=r"a\.tar: the connection broke"):
        stores.at(serve(Ranged, cut=99)[0]).read("train/a.tar")


def test_a_passing_trouble_passes(serve):
    assert stores.at(serve(Ranged, ill=2)[0]).read("train/a.tar") == DATA


def test_a_lasting_trouble_is_told(serve):
    with pytest.raises(DatasetError, match="answered 503"):
        stores.at(serve(Ranged, ill=99)[0]).read("train/a.tar")


def test_nothing_is_listed_or_written(serve):
    store = stores.at(serve(Plain)[0])
    with pytest.raises(DatasetError, match="does not list"):
        list(store.names())
    for write in (
        lambda: store.write("a", b""),
        lambda: store.create("a", b""),
        lambda: store.publish("a"),
        lambda: store.delete("a"),
        store.prepare,
    ):
        with pytest.raises(OutputError, match="cannot be written over the web"):
            write()
    assert store.sweep() == []
    assert store.free_bytes() is None


def test_a_closed_port_and_an_unknown_host_are_told_soon():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    for url in (f"http://127.0.0.1:{port}/data", "https://no-such-host.invalid/data"):
        began_s = time.monotonic()
        with pytest.raises(DatasetError, match="check the URL and the network"):
            stores.at(url).read("manifest.json")
        assert time.monotonic() - began_s < 15


def test_a_silent_server_is_given_up(monkeypatch):
    monkeypatch.setenv("SYNTHGEN_STORE_TIMEOUT_S", "0.5")
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with pytest.raises(DatasetError, match="timed out"):
            stores.at(f"http://127.0.0.1:{silent.getsockname()[1]}/data").read("manifest.json")


def test_an_untrusted_certificate_is_told_with_its_remedy(serve):
    url = serve(Plain)[0].replace("http:", "https:")  # no certificate at all: the handshake fails
    with pytest.raises(DatasetError, match="SSL_CERT_FILE"):
        stores.at(url).read("manifest.json")
    assert issubclass(ssl.SSLError, OSError)


@pytest.mark.parametrize("kind", [Plain, Ranged])
def test_a_data_set_is_read_over_the_web(serve, tmp_path, kind):
    folder = tmp_path / "data" / "set"
    driver.run(fake_renderer.order(shots=8, per_shard=2), folder)
    here, there = reader.open_dataset(str(folder)), reader.open_dataset(f"{serve(kind)[0]}/set")
    assert dict(there.samples()) == dict(here.samples())
    key = next(here.samples("val"))[0]
    assert there.sample(key)[1] == here.sample(key)[1]


def test_a_data_set_that_changes_under_its_reader_is_noticed(serve, tmp_path):
    folder = tmp_path / "data" / "set"
    driver.run(fake_renderer.order(shots=8, per_shard=2), folder)
    there = reader.open_dataset(f"{serve(Ranged)[0]}/set")
    shard = folder / "train/train-000000.tar"
    shard.write_bytes(shard.read_bytes().replace(b"PNG", b"PNX"))
    with pytest.raises(DatasetError, match="train-000000"):
        dict(there.samples())
