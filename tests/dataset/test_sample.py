"""Members decode to what went in, and the digest sees values only."""

import io
import json

import numpy as np
import pytest

from synthgen.dataset import sample as samples
from synthgen.errors import InputError
from synthgen.textures import png


def _sample(**changes) -> samples.Sample:
    parts = {
        "key": "train-00000007-top",
        "image": np.arange(12, dtype=np.uint8).reshape(3, 4),
        "record": {"b": np.float32(1.0), "a": [1, 2.5], "text": "ü"},
        "shot_json": '{"index":7}',
        "arrays": {"depth": np.full((3, 4), np.inf, np.float32), "raw": np.ones((3, 4), np.uint16)},
    }
    return samples.Sample(**{**parts, **changes})


def test_members_decode_to_what_went_in():
    members = samples.encode(_sample())
    assert list(members) == ["depth.npy", "json", "png", "raw.npy", "shot.json"]
    depth = np.load(io.BytesIO(members["depth.npy"]))
    assert depth.dtype == np.float32
    assert np.isinf(depth).all()
    assert np.load(io.BytesIO(members["raw.npy"])).dtype == np.uint16
    assert members["json"] == b'{"a":[1,2.5],"b":1.0,"text":"\\u00fc"}'
    assert json.loads(members["shot.json"]) == {"index": 7}


def test_npy_is_version_1_little_endian_c_order():
    swapped = np.asfortranarray(np.arange(12, dtype=">f4").reshape(3, 4))
    data = samples.encode(_sample(arrays={"depth": swapped}))["depth.npy"]
    assert data[:8] == b"\x93NUMPY\x01\x00"
    assert b"'descr': '<f4', 'fortran_order': False" in data
    assert np.array_equal(np.load(io.BytesIO(data)), swapped)


def test_the_digest_does_not_see_the_encoder(monkeypatch):
    sample = _sample()
    fast = samples.encode(sample)
    monkeypatch.setattr(png, "isal_zlib", None)
    slow = samples.encode(sample)
    assert samples.digest(sample) == samples.digest_of_members(sample.key, fast)
    assert samples.digest(sample) == samples.digest_of_members(sample.key, slow)


@pytest.mark.parametrize(
    "changes",
    [
        {"key": "train-00000007-left"},
        {"image": np.zeros((3, 4), np.uint8)},
        {"image": np.arange(12, dtype=np.uint8).reshape(4, 3)},
        {"record": {"a": 1}},
        {"shot_json": "{}"},
        {"arrays": {}},
    ],
)
def test_the_digest_sees_every_part(changes):
    assert samples.digest(_sample(**changes)) != samples.digest(_sample())


@pytest.mark.parametrize("value", [float("nan"), float("inf"), None, {"a": [None]}])
def test_json_holds_nothing_that_readers_take_differently(value):
    with pytest.raises(ValueError, match=r"None|Out of range"):
        samples.canonical({"value": value})


def test_maps_of_a_wrong_name_or_type_are_refused():
    with pytest.raises(ValueError, match="no map 'deph'"):
        samples.encode(_sample(arrays={"deph": np.zeros((1, 1), np.float32)}))
    with pytest.raises(ValueError, match="float32, found float64"):
        samples.encode(_sample(arrays={"depth": np.zeros((1, 1))}))


@pytest.mark.parametrize("camera", ["a.b", "", "a/b", "ä", "x" * 65])
def test_camera_names_that_break_file_names_are_refused(camera):
    with pytest.raises(InputError, match="rename it"):
        samples.key("train", 0, camera)
