"""Every byte of a small data set, flipped in turn, is found."""

import shutil
from pathlib import Path

import pytest
from quality_datasets import TinyMaker, made

from synthgen.dataset import stores
from synthgen.verify import integrity

LARGE, SMALL = 37, 5
"""Of sidecars every so many bytes: each is made again to be compared, so some of their bytes stand for all."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    return made(tmp_path_factory.mktemp("data") / "tiny", shots=2, per_shard=1, renderer=TinyMaker())


@pytest.mark.parametrize("part", ["identity", "indexes", "sidecars", "tars"])
def test_every_flipped_byte_is_found(whole, tmp_path, part):
    copied = Path(shutil.copytree(whole, tmp_path / "tiny"))
    store, missed = stores.at(str(copied)), []
    for path in sorted(p for p in copied.rglob("*") if p.is_file() and _part(p) == part):
        data = path.read_bytes()
        step = 1 if part != "sidecars" else LARGE if len(data) > 4000 else SMALL
        for at in range(0, len(data), step):
            for change in (1 << at % 8,) if part == "sidecars" else (1 << at % 8, 0xFF):
                path.write_bytes(data[:at] + bytes([data[at] ^ change]) + data[at + 1 :])
                if next(integrity.faults(store), None) is None:
                    missed.append((path.name, at, change))
        path.write_bytes(data)
    assert missed == []
    assert list(integrity.faults(store)) == []


def _part(path: Path) -> str:
    if path.name == "run.json":
        return "what nothing follows from"
    if path.suffix == ".tar":
        return "tars"
    if path.name in (".synthgen.json", "manifest.json", "recipe.resolved.yaml") or ".receipts" in path.parts:
        return "identity"
    return "indexes" if path.suffix in (".gz", ".idx") else "sidecars"
