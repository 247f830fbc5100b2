"""What the tests of the loader read: data sets, a store that counts, a server that knows ranges."""

from __future__ import annotations

import http.server
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import fake_renderer
import numpy as np
import pytest
import torch

from synthgen.dataset import reader, sample, stores
from synthgen.dataset.identity import Identity
from synthgen.generation import driver
from synthgen.loader import Batch, Codes
from synthgen.loader.targets import TENSORS


@dataclass(frozen=True)
class TwoSizes:
    """Samples of two sizes, one of them in colour."""

    def samples(self, split: str, index: int, **_: object) -> list[sample.Sample]:
        left, top = (
            fake_renderer.FakeRenderer()._sample(split, index, "left"),
            fake_renderer.FakeRenderer()._sample(split, index, "top"),
        )
        return [
            left,
            replace(top, image=np.stack([top.image[:20]] * 3, axis=2), arrays={"depth": top.arrays["depth"][:20]}),
        ]


def two_sizes() -> TwoSizes:
    return TwoSizes()


def made(out: str | Path, shots: int = 32, per_shard: int = 4, **options: object) -> str:
    """Make a data set of two samples a shot, and return its URL."""
    driver.run(fake_renderer.order(shots=shots, per_shard=per_shard, **options), out)
    return str(out)


def made_by(factory, out: Path, shots: int, per_shard: int = 8) -> str:
    """Make a data set of one split with a renderer."""
    identity = Identity(
        recipe_sha256="0" * 64, seed=0, splits={"train": shots}, samples_per_shard=per_shard, code_version="test"
    )
    driver.run(driver.Order(identity=identity, recipe_text="version: 1\n", factory=factory), out)
    return str(out)


def keys(batches) -> list[list[str]]:
    return [list(batch.keys) for batch in batches]


def same(one: Batch, other: Batch) -> bool:
    """Return whether two batches are equal to the last bit."""
    if one.keys != other.keys or one.maps.keys() != other.maps.keys() or one.records != other.records:
        return False
    pairs = [*zip(one.images, other.images, strict=True)]
    pairs += [pair for name in one.maps for pair in zip(one.maps[name], other.maps[name], strict=True)]
    pairs += [(one.sample_of_code, other.sample_of_code)]
    return all(a.dtype == b.dtype and torch.equal(a, b) for a, b in pairs) and same_codes(one.codes, other.codes)


def same_codes(one: Codes, other: Codes) -> bool:
    texts = [(getattr(one, name), getattr(other, name)) for name in ("symbology", "payload", "code_id", "reason")]
    tensors = [(getattr(one, name), getattr(other, name)) for name in TENSORS]
    return all(a == b for a, b in texts) and all(torch.equal(a, b) for a, b in tensors)


@dataclass(frozen=True)
class Reads:
    """What was read of a store by any process, from a file that all of them append to."""

    log: Path

    def all(self) -> list[tuple[str, int, int]]:
        """Return (name, start, bytes) of each read."""
        return [tuple(json.loads(line)) for line in self.log.read_text().splitlines()] if self.log.exists() else []

    def tars(self) -> list[tuple[str, int, int]]:
        """Return the reads of shards."""
        return [read for read in self.all() if read[0].endswith(".tar")]

    def bytes(self) -> int:
        """Return the bytes read of shards."""
        return sum(size for _, _, size in self.tars())

    def forget(self) -> None:
        """Start anew."""
        self.log.unlink(missing_ok=True)


@pytest.fixture
def reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reads:
    """Count what is read through stores, in this process and in those that it forks."""
    log, real = tmp_path / "reads.jsonl", stores.at

    def counted(url: str):
        store = real(url)
        inner_read, inner_range = store.read, store.read_range

        def note(name: str, start: int, data: bytes) -> bytes:
            handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            os.write(handle, json.dumps([name, start, len(data)]).encode() + b"\n")
            os.close(handle)
            return data

        store.read = lambda name: note(name, 0, inner_read(name))
        store.read_range = lambda name, start, size: note(name, start, inner_range(name, start, size))
        return store

    monkeypatch.setattr(stores, "at", counted)
    return Reads(log)


def rows(url: str, split: str = "train") -> dict:
    """Return the rows of a split by key."""
    return {row.key: row for row in reader.open_dataset(url).rows(split)}


class Ranged(http.server.SimpleHTTPRequestHandler):
    """A web server that answers ranges, which the standard library's does not."""

    asked: list[str]

    def log_message(self, format: str, *args: object) -> None:
        type(self).asked.append(f"{self.command} {self.path}")

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            self.send_error(404)
            return
        data = path.read_bytes()
        first, _, last = self.headers.get("Range", "bytes=0-").removeprefix("bytes=").partition("-")
        part = data[int(first) : int(last) + 1 if last else None]
        self.send_response(206 if "Range" in self.headers else 200)
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        self.wfile.write(part)


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Serve a folder; yield its URL and what was asked of it."""
    handler = type("Handler", (Ranged,), {"asked": []})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", handler.asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass(frozen=True)
class FullSize:
    """Grey frames of 640 x 480 with a sensor's noise, a smooth depth map and three codes, as a real recipe gives."""

    with_depth: bool

    def samples(self, split: str, index: int, **_: object) -> list[sample.Sample]:
        rng = np.random.Generator(np.random.Philox(index))
        across, down = np.meshgrid(np.arange(640), np.arange(480))
        level = 90 + 60 * np.sin(across / 37 + index) * np.cos(down / 53)
        image = np.clip(level + rng.normal(0, 3, level.shape), 0, 255).astype(np.uint8)
        depth = (1.2 + 1e-4 * across + 2e-4 * down).astype(np.float32)
        key = sample.key(split, index, "top")
        codes = [fake_renderer.code(index * 64, number, rng) for number in range(3)]
        record = {**fake_renderer.record(key, split, index, "top", index * 64, codes), "width": 640, "height": 480}
        arrays = {"depth": depth} if self.with_depth else {}
        return [sample.Sample(key=key, image=image, record=record, shot_json="{}", arrays=arrays)]


def full_size(with_depth: bool) -> FullSize:
    return FullSize(with_depth)
