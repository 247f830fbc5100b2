"""A shard or a file of rows that is missing, cut off or damaged: every reader says which, and what makes it again."""

import doctest
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from fake_renderer import FakeRenderer
from quality_datasets import made

from synthgen import exports
from synthgen.cli import run
from synthgen.dataset import identity_file, manifest, reader, remedies, row_index, shard, stores
from synthgen.errors import DatasetError
from synthgen.experiments import replay
from synthgen.inspection import stored_shots
from synthgen.loader.catalog import catalog
from synthgen.loader.sample_reader import Reader
from synthgen.quality import findings
from synthgen.verify import rerender

TAR, ROWS = "train/train-000000.tar", ".index/train-000000.jsonl.gz"
KEY = "train-00000000-left"
REMAKE, DERIVE = "; run the same `synthgen generate` again to remake it", "; run `synthgen finalize {}`"


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    return Path(made(tmp_path_factory.mktemp("whole") / "data", shots=8, per_shard=4))


@pytest.fixture
def data(whole, tmp_path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "data"))


def _miss(path: Path) -> None:
    path.unlink()


def _cut(path: Path) -> None:
    os.truncate(path, 700)


def _flip(path: Path) -> None:
    found = bytearray(path.read_bytes())
    found[700 % len(found)] ^= 1
    path.write_bytes(found)


def _load(url: str) -> object:
    return Reader(catalog(url, "train"), window=2).read([(0, 0)])


def _report(url: str) -> object:
    opened = reader.open_dataset(url)
    entry = next(opened.entries("train"))
    return findings.member_bytes(opened, entry, next(row_index.rows(opened.store, entry)))


READERS: dict[str, Callable[[str], object]] = {
    "export": lambda url: exports.export(reader.open_dataset(url), "yolo", Path(url).parent / "out"),
    "evaluate": lambda url: reader.open_dataset(url).sample(KEY),
    "samples": lambda url: list(reader.open_dataset(url).samples("train")),
    "loader": _load,
    "replay": lambda url: replay.replay(reader.open_dataset(url), FakeRenderer(), KEY),
    "verify": lambda url: list(rerender.compared(reader.open_dataset(url), FakeRenderer(), 99, seed=0)),
    "report": _report,
    "safety": lambda url: list(stored_shots.shots(reader.open_dataset(url))),
}


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("harm", [_miss, _cut, _flip])
def test_every_reader_names_the_harmed_shard_and_how_to_make_it_again(data, name, harm):
    harm(data / TAR)
    (told,) = manifest.check(stores.at(str(data)))
    assert told.startswith(f"{data / TAR}: ") and told.endswith(REMAKE)
    with pytest.raises(DatasetError) as fault:
        READERS[name](str(data))
    assert str(fault.value).startswith(f"{data / TAR}: ") and str(fault.value).endswith(REMAKE)
    if harm is _miss:
        assert str(fault.value) == told


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("harm", [_miss, _cut, _flip])
def test_every_reader_names_the_harmed_file_of_rows_and_how_to_make_it_again(data, name, harm):
    harm(data / ROWS)
    (told,) = manifest.check(stores.at(str(data)))
    with pytest.raises(DatasetError) as fault:
        READERS[name](str(data))
    assert str(fault.value) == told
    assert told.startswith(f"{data / ROWS}: ") and told.endswith(DERIVE.format(data))


def test_the_remedies_work(data, capsys):
    (data / ROWS).unlink()
    assert run(["export", str(data), "--format", "coco", "-o", str(data.parent / "out")]) == 4
    assert f"run `synthgen finalize {data}`" in capsys.readouterr().err
    assert run(["finalize", str(data)]) == 0
    (data / TAR).unlink()
    assert run(["export", str(data), "--format", "coco", "-o", str(data.parent / "out")]) == 4
    assert f"{data / TAR}: missing{REMAKE}" in capsys.readouterr().err
    made(data, shots=8, per_shard=4)
    assert run(["export", str(data), "--format", "coco", "-o", str(data.parent / "out")]) == 0


def test_a_missing_part_of_the_manifest_and_a_missing_recipe_are_named(data, monkeypatch):
    monkeypatch.setattr(manifest, "PART", 1)
    manifest.finalize(stores.at(str(data)))
    part = data / "manifest" / "part-000000.json"
    part.unlink()
    with pytest.raises(DatasetError, match=r"part-000000\.json: missing; run `synthgen finalize"):
        list(reader.open_dataset(str(data)).rows())
    (data / identity_file.RECIPE).unlink()
    with pytest.raises(DatasetError, match=r"recipe\.resolved\.yaml: missing; run the same `synthgen generate`"):
        reader.open_dataset(str(data)).recipe()


def test_a_permission_is_no_missing_file(data, monkeypatch):
    def refused(name: str) -> None:
        raise DatasetError(f"{name}: Permission denied; check the path and its permissions")

    store = stores.at(str(data))
    monkeypatch.setattr(store, "open", refused)
    with pytest.raises(DatasetError, match="Permission denied; check the path"):
        shard.opened(store, TAR)


def test_examples_in_docstrings_hold():
    failed, tried = doctest.testmod(remedies)
    assert tried and not failed
