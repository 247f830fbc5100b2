"""What makes a shard trusted, and its rows."""

import io
import json
import tarfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from synthgen.dataset import receipts, row_index, sample, stores
from synthgen.dataset import shard as shards
from synthgen.dataset.shard_layout import Layout, Shard
from synthgen.dataset.sidecars import per_shard
from synthgen.errors import DatasetError


def _store(path: Path) -> stores.Store:
    return stores.at(str(path))


def _sample(number: int) -> sample.Sample:
    image = np.full((6, 8), number, np.uint8)
    maps = {"depth": np.full((6, 8), number, np.float32)}
    record = {"shot_index": number, "annotations": [], "time_s": 0.1}
    return sample.Sample(
        key=sample.key("train", number, "top"), image=image, record=record, shot_json="{}", arrays=maps
    )


def _in_place(out) -> tuple[Shard, bytes]:
    (shard,) = Layout({"train": 2}, 2)
    file = io.BytesIO()
    receipt, rows = shards.write(file, [_sample(0), _sample(1)], shard.name)
    store = stores.at(str(out))
    store.write(shard.name, file.getvalue())
    per_shard.put(store, shard.name, rows)
    receipts.put(store, replace(receipt, shots=2, identity="me"))
    return shard, file.getvalue()


def test_a_whole_shard_is_trusted_by_its_own_data_set_only(tmp_path):
    shard, _ = _in_place(tmp_path)
    receipt = receipts.trusted(_store(tmp_path), shard, "me")
    assert receipt is not None
    assert (receipt.first_key, receipt.last_key) == ("train-00000000-top", "train-00000001-top")
    assert receipts.trusted(_store(tmp_path), shard, "another") is None


def test_a_cut_at_any_member_boundary_is_caught_although_the_tar_reads_well(tmp_path):
    shard, data = _in_place(tmp_path)
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        offsets = [info.offset for info in tar.getmembers()]
    for cut in [*offsets, len(data) - 512]:
        (tmp_path / shard.name).write_bytes(data[:cut])
        assert receipts.trusted(_store(tmp_path), shard, "me") is None, cut


@pytest.mark.parametrize("receipt", [b"", b"{}", b"[]", b'{"name": 3}', None])
def test_a_damaged_receipt_is_no_receipt(tmp_path, receipt):
    shard, _ = _in_place(tmp_path)
    path = tmp_path / ".receipts" / "train-000000.json"
    path.unlink() if receipt is None else path.write_bytes(receipt)
    assert receipts.trusted(_store(tmp_path), shard, "me") is None


def test_one_flipped_bit_is_caught(tmp_path):
    shard, data = _in_place(tmp_path)
    (tmp_path / shard.name).write_bytes(data[:600] + bytes([data[600] ^ 1]) + data[601:])
    assert receipts.trusted(_store(tmp_path), shard, "me") is None


def test_a_second_receipt_of_the_same_shard_changes_nothing_and_another_one_wins(tmp_path):
    shard, _ = _in_place(tmp_path)
    store = _store(tmp_path)
    first = receipts.read(store, shard, "me")
    receipts.put(store, first)
    assert receipts.read(store, shard, "me") == first
    receipts.put(store, replace(first, sha256="other"))
    assert receipts.trusted(store, shard, "me") is None


def test_rows_say_where_each_sample_is_and_follow_from_the_tar_alone(tmp_path):
    shard, data = _in_place(tmp_path)
    store = _store(tmp_path)
    rows = list(row_index.rows(store, receipts.read(store, shard, "me")))
    assert [row.key for row in rows] == ["train-00000000-top", "train-00000001-top"]
    assert list(row_index.of_tar(io.BytesIO(data), "x")) == rows
    assert row_index.text(row_index.of_tar(io.BytesIO(data), "x")) == row_index.text(rows)
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        for row in rows:
            members = row.cut(data[row.offset : row.offset + row.bytes], "x")
            assert list(members) == [field for field, _, _ in row.members]
            for name, found in members.items():
                assert found == tar.extractfile(f"{row.key}.{name}").read()
            assert json.loads(members["json"]) == row.record


def test_a_sample_with_any_byte_changed_is_not_cut(tmp_path):
    shard, data = _in_place(tmp_path)
    row = next(row_index.rows(_store(tmp_path), receipts.read(_store(tmp_path), shard, "me")))
    whole = data[row.offset : row.offset + row.bytes]
    for at in range(0, len(whole), 7):
        with pytest.raises(DatasetError, match="train-00000000-top is damaged"):
            row.cut(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :], "x")


@pytest.mark.parametrize("harm", [b"", b"x", None])
def test_damaged_rows_are_named_with_the_remedy(tmp_path, harm):
    shard, _ = _in_place(tmp_path)
    path = tmp_path / row_index.name_of(shard.name)
    path.unlink() if harm is None else path.write_bytes(harm)
    with pytest.raises(DatasetError, match=r"train-000000\.jsonl\.gz"):
        list(row_index.rows(_store(tmp_path), receipts.read(_store(tmp_path), shard, "me")))
