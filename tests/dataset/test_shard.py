"""A deterministic tar that plain webdataset reads."""

import hashlib
import io
import tarfile

import numpy as np
import pytest
import webdataset

from synthgen.dataset import sample, shard
from synthgen.dataset.receipts import Receipt
from synthgen.errors import DatasetError


def _sample(index: int, camera: str = "top") -> sample.Sample:
    image = np.full((6, 8), index, np.uint8)
    maps = {"depth": np.full((6, 8), index, np.float32)}
    record = {"index": index, "annotations": []}
    return sample.Sample(
        key=sample.key("train", index, camera), image=image, record=record, shot_json="{}", arrays=maps
    )


def _written(content=None) -> tuple[bytes, Receipt]:
    file = io.BytesIO()
    receipt, _ = shard.write(file, content or [_sample(0), _sample(1)], "train/train-000000.tar")
    return file.getvalue(), receipt


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
    data, _ = _written()
    path = tmp_path / "train-000000.tar"
    path.write_bytes(data)
    found = list(webdataset.WebDataset(str(path), shardshuffle=False).decode("l8"))
    assert [s["__key__"] for s in found] == ["train-00000000-top", "train-00000001-top"]
    assert found[1]["json"] == {"index": 1, "annotations": []}
    assert found[1]["png"].max() == 1
    assert found[1]["depth.npy"].dtype == np.float32
    assert (found[1]["depth.npy"] == 1).all()


def test_the_content_hash_is_read_back_from_the_file():
    data, receipt = _written()
    assert shard.content_sha256(io.BytesIO(data), "x.tar") == receipt.content_sha256
    assert hashlib.sha256(data).hexdigest() == receipt.sha256
    other = _written([_sample(0), _sample(2)])[1]
    assert other.content_sha256 != receipt.content_sha256


def test_one_key_twice_is_refused():
    with pytest.raises(ValueError, match="two samples"):
        _written([_sample(0), _sample(0)])


def test_what_is_no_tar_is_named():
    with pytest.raises(DatasetError, match=r"x\.tar"):
        list(shard.read(io.BytesIO(b"nothing" * 200), "x.tar"))
