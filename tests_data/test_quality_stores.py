"""Reports, verify and replay where a data set lives in a bucket or behind a web server."""

import http.server
import threading
from functools import partial

import pytest
from fake_renderer import FakeRenderer
from quality_datasets import made

from synthgen.cli import run
from synthgen.dataset import reader, stores
from synthgen.experiments import replay
from synthgen.verify import rerender


class Quiet(http.server.SimpleHTTPRequestHandler):
    """The standard library's server, without its log."""

    def log_message(self, format, *args):
        pass


@pytest.fixture
def served(tmp_path):
    folder = made(tmp_path / "data", shots=8, per_shard=4)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def _judged(url: str, out) -> None:
    assert run(["report", url, "-o", str(out), "--gate", "samples==16"]) == 0
    assert b"data:image/jpeg" in out.read_bytes()
    opened = reader.open_dataset(url)
    assert all(found.same for found in rerender.compared(opened, FakeRenderer(), 4, seed=0))
    assert replay.replay(opened, FakeRenderer(), "val-00000001-top").difference.same


def test_a_bucket(new_bucket_url, tmp_path, capsys):
    url = new_bucket_url()
    made(url, shots=8, per_shard=4)
    _judged(url, tmp_path / "r.html")
    assert run(["verify", url, "-k", "0"]) == 0
    store = stores.at(url)
    for name in ("val/val-000000.tar", ".receipts/val-000000.json", ".index/val-000000.jsonl.gz", "croissant.json"):
        data = store.read(name)
        store.write(name, data[:-9] + bytes([data[-9] ^ 1]) + data[-8:])
        assert run(["verify", url, "-k", "0"]) == 5, name
        assert name.rpartition("/")[2].partition(".")[0] in capsys.readouterr().out
        store.write(name, data)
    assert run(["verify", url, "-k", "0"]) == 0


def test_a_web_server(served, tmp_path, capsys):
    _judged(served, tmp_path / "r.html")
    assert run(["verify", served, "-k", "0"]) == 0
    assert "a web server does not list" in capsys.readouterr().err


def test_a_server_that_is_gone_is_bad_input(capsys):
    for command in (["report"], ["verify"], ["replay", "-o", "x.png"]):
        words = [command[0], "http://127.0.0.1:9/data", *(["k"] if command[0] == "replay" else []), *command[1:]]
        assert run(words) == 4
    assert "127.0.0.1:9" in capsys.readouterr().err
