"""Any damaged byte is found, and what comes out otherwise is told from what does not."""

import shutil
import tarfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fake_renderer import FakeRenderer
from quality_datasets import TinyMaker, made

from synthgen.cli import run
from synthgen.dataset import reader, stores
from synthgen.dataset import sample as samples
from synthgen.errors import DatasetError
from synthgen.verify import integrity, rerender
from synthgen.verify.difference import changed, difference


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    return made(tmp_path_factory.mktemp("data") / "tiny", shots=2, per_shard=1, renderer=TinyMaker())


@pytest.fixture
def copied(whole, tmp_path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "tiny"))


def _faults(folder: Path) -> list[str]:
    return list(integrity.faults(stores.at(str(folder))))


def _checked(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "run.json")


def test_a_whole_data_set_has_no_fault(whole):
    notes: list[str] = []
    assert list(integrity.faults(stores.at(str(whole)), notes.append)) == []
    assert notes == []


def test_each_receipt_and_each_file_of_rows_is_read_once(whole, monkeypatch):
    store, reads = stores.at(str(whole)), Counter[str]()
    read = store.read

    def counted(name: str) -> bytes:
        reads[name] += 1
        return read(name)

    monkeypatch.setattr(store, "read", counted)
    assert list(integrity.faults(store)) == []
    small = {name: count for name, count in reads.items() if name.startswith((".receipts/", ".index/"))}
    assert len(small) == 2 * len(reader.open_dataset(str(whole)).identity.shards)
    assert set(small.values()) == {1}


def test_a_flipped_bit_anywhere_is_found_and_its_file_named(copied):
    strides = {".json": 13, ".gz": 7, ".tar": 101, ".parquet": 701, ".md": 701}  # each byte: tests_data
    flipped = 0
    for path in _checked(copied):
        data = path.read_bytes()
        step = 701 if path.name == "croissant.json" else strides.get(path.suffix, 11)
        for at in range(path.stat().st_size % step // 2, len(data), step):
            path.write_bytes(data[:at] + bytes([data[at] ^ (1 << at % 8)]) + data[at + 1 :])
            found = _faults(copied)
            assert found, f"byte {at} of {path}"
            if path.name not in (".synthgen.json", "manifest.json") and ".receipts" not in path.parts:
                assert any(path.stem.split(".")[0] in fault for fault in found), (path, at, found)
            flipped += 1
        path.write_bytes(data)
    assert flipped > 600
    assert _faults(copied) == []


def test_every_cut_of_a_tar_at_a_member_and_any_missing_file_is_found(copied):
    for path in _checked(copied):
        data = path.read_bytes()
        cuts = [0, len(data) - 1]
        if path.suffix == ".tar":
            with tarfile.open(path) as tar:
                cuts += [info.offset for info in tar.getmembers()] + [info.offset_data for info in tar.getmembers()]
            cuts += list(range(0, len(data), tarfile.BLOCKSIZE))
        for cut in cuts:
            path.write_bytes(data[:cut])
            assert _faults(copied), f"{path} cut at {cut}"
        path.unlink()
        assert _faults(copied), path
        path.write_bytes(data)


def test_a_longer_file_is_found(copied):
    for path in _checked(copied):
        data = path.read_bytes()
        path.write_bytes(data + b"\n")
        assert _faults(copied), path
        path.write_bytes(data)


def test_a_foreign_shard_is_found_and_what_others_put_beside_is_left_alone(copied):
    (copied / "notes.txt").write_text("mine")
    (copied / "exports").mkdir()
    (copied / "exports" / "coco.json").write_text("{}")
    assert _faults(copied) == []
    shutil.copy(copied / "train" / "train-000000.tar", copied / "train" / "train-000009.tar")
    (fault,) = _faults(copied)
    assert "train-000009.tar" in fault and "remove it" in fault


def test_a_folder_without_a_data_set_is_no_damaged_one(tmp_path):
    with pytest.raises(DatasetError, match="no synthgen data set"):
        _faults(tmp_path)
    assert run(["verify", str(tmp_path)]) == 4


def test_the_command_names_the_damage_and_exits_5(copied, capsys):
    tar = copied / "val" / "val-000000.tar"
    tar.write_bytes(tar.read_bytes()[:-1])
    assert run(["verify", str(copied)]) == 5
    told = capsys.readouterr()
    assert "val-000000.tar: damaged; run the same `synthgen generate`" in told.out
    assert "1 fault" in told.err


def test_without_k_only_files_are_checked(whole, capsys):
    assert run(["verify", str(whole), "-k", "0", "--json"]) == 0
    assert '"passed": true' in capsys.readouterr().out


def test_the_same_maker_gives_the_same_samples(tmp_path):
    opened = reader.open_dataset(str(made(tmp_path / "data", shots=12, per_shard=4)))
    found = list(rerender.compared(opened, FakeRenderer(), 7, seed=3))
    assert len(found) == len({each.key for each in found}) == 7
    assert all(each.same for each in found)
    again = [row.key for _, row in rerender.chosen(opened, 7, seed=3)]
    assert again == [each.key for each in found] != [row.key for _, row in rerender.chosen(opened, 7, seed=4)]


def test_all_samples_are_chosen_when_there_are_fewer(whole):
    opened = reader.open_dataset(str(whole))
    assert len(list(rerender.compared(opened, TinyMaker(), 99, seed=0))) == 2


def test_another_seed_does_not_pass_as_the_same(tmp_path):
    opened = reader.open_dataset(str(made(tmp_path / "data")))
    for found in rerender.compared(opened, FakeRenderer(seed=1), 3, seed=0):
        assert not found.same and not found.tolerable
        assert any(told.startswith("png: ") for told in found.members)


def test_a_shot_that_cannot_be_built_any_more_is_told(tmp_path):
    opened = reader.open_dataset(str(made(tmp_path / "data")))
    gone = list(rerender.compared(opened, FakeRenderer(infeasible=tuple(range(6))), 16, seed=0))
    assert {str(found.tolerable) for found in gone if found.key.startswith("train")} == {"False"}


def test_the_tolerance_is_a_share_of_pixels_beyond_some_levels():
    sample = FakeRenderer().samples("train", 0)[0]
    sample = replace(sample, image=np.full((24, 32), 100, np.uint8))
    stored = samples.encode(sample)
    shifted = difference(sample.key, stored, replace(sample, image=sample.image + np.uint8(2)))
    assert shifted.tolerable and shifted.worst_dn == 2 and shifted.beyond_share == 0.0
    image = sample.image.copy()
    image[0, :7] = 140
    few = difference(sample.key, stored, replace(sample, image=image))
    assert few.tolerable and few.worst_dn == 40 and few.beyond_share == pytest.approx(7 / 768)
    image[0, :8] = 140
    assert not difference(sample.key, stored, replace(sample, image=image)).tolerable
    assert not difference(sample.key, stored, replace(sample, image=image[:12])).tolerable


def test_maps_are_compared_where_they_are_finite():
    sample = FakeRenderer().samples("train", 0)[0]
    depth = np.array(sample.arrays["depth"])
    depth[0, 0] = np.inf
    sample = replace(sample, arrays={"depth": depth})
    stored = samples.encode(sample)
    assert difference(sample.key, stored, sample).same
    other = depth.copy()
    other[1, 1] += 0.25
    (told,) = difference(sample.key, stored, replace(sample, arrays={"depth": other})).members
    assert told.startswith("depth.npy: 0.13 % of the values differ, by up to 0.25")


def test_changed_paths_are_named():
    one = {"a": 1, "b": [1, {"c": 2}], "d": 0, "same": [1]}
    other = {"a": 2, "b": [1, {"c": 3}], "e": 0, "same": [1]}
    assert list(changed(one, other)) == ["a", "b.1.c", "d", "e"]


def test_circumstances_name_what_is_not_as_it_was(whole):
    assert rerender.circumstances(reader.open_dataset(str(whole))).changes == ()
    opened = reader.open_dataset(str(whole))
    older = replace(opened, identity=replace(opened.identity, code_version="0.0.1"))
    (change,) = rerender.circumstances(older).changes
    assert change.startswith("code version was 0.0.1, is ")
