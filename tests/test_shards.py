"""Layout, deterministic tar, and what makes a shard trusted."""

import io
import tarfile

import numpy as np
import pytest
import webdataset
from hypothesis import given, settings
from hypothesis import strategies as st

from synthgen import samples, shards
from synthgen.errors import DatasetError

SPLITS = st.dictionaries(st.sampled_from(["train", "val", "test"]), st.floats(0.05, 1.0), min_size=1)


def _sample(index: int, camera: str = "top") -> samples.Sample:
    image = np.full((6, 8), index, np.uint8)
    maps = {"depth": np.full((6, 8), index, np.float32)}
    record = {"index": index, "annotations": []}
    return samples.Sample(
        key=samples.key("train", index, camera), image=image, record=record, shot_json="{}", arrays=maps
    )


def _written(content=None) -> tuple[bytes, shards.Receipt]:
    file = io.BytesIO()
    receipt = shards.write(file, content or [_sample(0), _sample(1)], "train/train-000000.tar")
    return file.getvalue(), receipt


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 300), SPLITS, st.integers(1, 16), st.booleans())
def test_splits_are_rounded_up_to_whole_shards(shots, splits, per_shard, exact):
    found = shards.counts(shots, splits, per_shard, exact)
    total = sum(found.values())
    assert list(found) == list(splits)
    if exact:
        assert total == shots
    else:
        assert total == -(-shots // per_shard) * per_shard
        assert all(count % per_shard == 0 for count in found.values())
    unit = 1 if exact else per_shard
    if total // unit >= len(splits):
        assert min(found.values()) >= unit
    share = {split: part / sum(splits.values()) for split, part in splits.items()}
    assert all(abs(found[split] - total * share[split]) < unit * len(splits) for split in splits)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from(["train", "val", "test"]), st.integers(0, 50)), st.integers(1, 9))
def test_shards_cover_every_shot_once(split_shots, per_shard):
    layout = shards.layout(split_shots, per_shard)
    covered = [(shard.split, index) for shard in layout for index in shard.indices]
    assert sorted(covered) == sorted((s, i) for s, count in split_shots.items() for i in range(count))
    assert [shard.number for shard in layout] == list(range(len(layout)))
    assert all(1 <= shard.shots <= per_shard for shard in layout)


def test_the_tar_is_ustar_without_a_trace_of_its_maker():
    data, receipt = _written()
    assert data == _written()[0]
    assert receipt.bytes == len(data)
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        infos = tar.getmembers()
    assert [i.name for i in infos[:4]] == [f"train-00000000-top.{f}" for f in ("depth.npy", "json", "png", "shot.json")]
    assert {(i.mtime, i.uid, i.gid, i.uname, i.gname, i.mode, i.type) for i in infos} == {
        (0, 0, 0, "", "", 0o444, tarfile.REGTYPE)
    }
    assert data[257:265] == b"ustar\x0000"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # webdataset leaves the file open
def test_plain_webdataset_decodes_every_field(tmp_path):
    data, receipt = _written()
    path = tmp_path / "train-000000.tar"
    path.write_bytes(data)
    found = list(webdataset.WebDataset(str(path), shardshuffle=False).decode("l8"))
    assert [s["__key__"] for s in found] == list(receipt.keys)
    assert found[1]["json"] == {"index": 1, "annotations": []}
    assert found[1]["png"].max() == 1
    assert found[1]["depth.npy"].dtype == np.float32
    assert (found[1]["depth.npy"] == 1).all()


def test_the_content_hash_is_read_back_from_the_file(tmp_path):
    data, receipt = _written()
    path = tmp_path / "x.tar"
    path.write_bytes(data)
    assert shards.content_sha256(path) == receipt.content_sha256
    assert shards.file_sha256(path) == receipt.sha256
    other = _written([_sample(0), _sample(2)])[1]
    assert other.content_sha256 != receipt.content_sha256


def test_one_key_twice_is_refused():
    with pytest.raises(ValueError, match="two samples"):
        _written([_sample(0), _sample(0)])


def test_what_is_no_tar_is_named(tmp_path):
    path = tmp_path / "x.tar"
    path.write_bytes(b"nothing" * 200)
    with pytest.raises(DatasetError, match=r"x\.tar"):
        list(shards.read(path))


def _in_place(out) -> tuple[shards.Shard, bytes]:
    data, receipt = _written()
    (shard,) = shards.layout({"train": 2}, 2)
    (out / "train").mkdir()
    (out / shard.name).write_bytes(data)
    shards.store_receipt(out, shards.Receipt(**{**receipt.__dict__, "shots": 2, "identity": "me"}))
    return shard, data


def test_a_whole_shard_is_trusted_by_its_own_data_set_only(tmp_path):
    shard, _ = _in_place(tmp_path)
    receipt = shards.trusted(tmp_path, shard, "me")
    assert receipt is not None
    assert receipt.keys == ("train-00000000-top", "train-00000001-top")
    assert shards.trusted(tmp_path, shard, "another") is None


def test_a_cut_at_any_member_boundary_is_caught_although_the_tar_reads_well(tmp_path):
    shard, data = _in_place(tmp_path)
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        offsets = [info.offset for info in tar.getmembers()]
    for cut in [*offsets, len(data) - 512]:
        (tmp_path / shard.name).write_bytes(data[:cut])
        assert shards.trusted(tmp_path, shard, "me") is None, cut


@pytest.mark.parametrize("receipt", [b"", b"{}", b"[]", b'{"name": 3}', None])
def test_a_damaged_receipt_is_no_receipt(tmp_path, receipt):
    shard, _ = _in_place(tmp_path)
    path = tmp_path / ".receipts" / "train-000000.json"
    path.unlink() if receipt is None else path.write_bytes(receipt)
    assert shards.trusted(tmp_path, shard, "me") is None


def test_one_flipped_bit_is_caught(tmp_path):
    shard, data = _in_place(tmp_path)
    (tmp_path / shard.name).write_bytes(data[:600] + bytes([data[600] ^ 1]) + data[601:])
    assert shards.trusted(tmp_path, shard, "me") is None
