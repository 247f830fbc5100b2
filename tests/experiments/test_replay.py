"""A sample rendered again is the stored one; changed, it says what the change did."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fake_renderer import FakeRenderer
from PIL import Image
from quality_datasets import made

from synthgen.cli import run
from synthgen.dataset import reader
from synthgen.dataset import sample as samples
from synthgen.errors import DatasetError, InputError
from synthgen.experiments import replay

KEY = "train-00000001-top"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return made(tmp_path_factory.mktemp("data") / "fake", shots=16, per_shard=4)


@pytest.fixture(scope="module")
def cards(tmp_path_factory) -> Path:
    """Return a real data set of two shots, rendered as the command line does."""
    out = tmp_path_factory.mktemp("data") / "cards"
    small = ["--set", "cameras.top.roi_px=[320, 240]", "--set", "cameras.top.lens.focal_mm=4"]
    yaw = ["--set", "items.card.yaw_deg={uniform: [-30, 30]}", "--set", "dataset.samples_per_shard=1"]
    assert run(["generate", "bench_card", "-n", "2", "-o", str(out), "--workers", "1", *small, *yaw]) == 0
    return out


class Brighter(FakeRenderer):
    """Makes the same samples with more light and one code less."""

    def samples(self, split: str, index: int, **_: object) -> list:
        return [self._changed(sample) for sample in super().samples(split, index)]

    def _changed(self, sample):
        kept = [{**code, "snr": 60.0, "decoded": True} for code in sample.record["annotations"][:1]]
        image = np.minimum(sample.image, 205) + np.uint8(50)
        return replace(sample, image=image, record={**sample.record, "annotations": kept})


def _read(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture)


def test_the_same_maker_gives_the_stored_sample(folder):
    found = replay.replay(reader.open_dataset(str(folder)), FakeRenderer(), KEY)
    assert found.difference.same
    assert replay.as_text(found).startswith(f"{KEY}: the same, content digest equal")
    assert all(change["state"] == "kept" for change in found.codes.values())


def test_a_changed_sample_says_what_became_of_each_code(folder):
    opened = reader.open_dataset(str(folder))
    key = next(row.key for row in opened.rows("train") if len(row.record["annotations"]) == 2)
    found = replay.replay(opened, Brighter(), key)
    first, second = found.codes.values()
    assert first["measures"]["snr"] == [30.0, 60.0] and first["measures"]["decoded"][1] is True
    assert first["state"] == "kept" and second["state"] == "vanished"
    told = replay.as_text(found)
    assert "snr 30 -> 60" in told and "vanished" in told
    assert replay.as_json(found)["pixels"]["worst_dn"] <= 50


@pytest.mark.parametrize(
    ("key", "nearest"),
    [
        ("train-00000001-tip", "train-00000001-top"),
        ("train-1-top", "train-0000000"),
        ("trian-00000001-top", "train-00000001-top"),
        ("val-00000099-left", "val-0000000"),
        ("", "train-"),
        ("../x", "-"),
    ],
)
def test_a_wrong_key_names_the_nearest(folder, key, nearest):
    with pytest.raises(DatasetError, match=f"no sample.*nearest are.*{nearest}"):
        replay.split_of(reader.open_dataset(str(folder)), key)


def test_a_camera_or_shot_that_is_gone_is_named(folder):
    opened = reader.open_dataset(str(folder))
    with pytest.raises(InputError, match="no draw of this recipe"):
        replay.replay(opened, FakeRenderer(infeasible=(1,)), KEY)

    class OneCamera(FakeRenderer):
        def samples(self, split, index):
            return super().samples(split, index)[1:]

    with pytest.raises(InputError, match="no such camera; it makes train-00000001-left"):
        replay.replay(opened, OneCamera(), KEY)


def test_a_picture_shows_both_and_arrays_hold_both(folder, tmp_path):
    found = replay.replay(reader.open_dataset(str(folder)), Brighter(), KEY)
    replay.write(found, tmp_path / "pair.png", changed=True)
    height, width, _ = _read(tmp_path / "pair.png").shape
    assert width > 2 * height
    replay.write(found, tmp_path / "plain.png", changed=False)
    np.testing.assert_array_equal(_read(tmp_path / "plain.png"), found.after.image)
    replay.write(found, tmp_path / "both.npz", changed=True)
    with np.load(tmp_path / "both.npz") as arrays:
        assert set(arrays) == {"image", "depth", "before_image", "before_depth"}
        np.testing.assert_array_equal(arrays["before_depth"], arrays["depth"])
        assert (arrays["image"] != arrays["before_image"]).any()


def test_a_folder_holds_every_member_and_the_changes(folder, tmp_path):
    found = replay.replay(reader.open_dataset(str(folder)), Brighter(), KEY)
    written = replay.write(found, tmp_path / "out", changed=True)
    assert {path.name for path in written} == {
        *(f"{KEY}.{name}" for name in ("png", "json", "shot.json", "depth.npy")),
        *(f"{KEY}.before.{name}" for name in ("png", "json", "shot.json", "depth.npy")),
        "before_after.png",
        "changes.json",
    }
    assert json.loads((tmp_path / "out" / "changes.json").read_text())["key"] == KEY


def test_the_command_renders_the_stored_sample_again(cards, tmp_path, capsys):
    assert run(["replay", str(cards), "train-00000000-top", "-o", str(tmp_path / "same.png")]) == 0
    assert "the same, content digest equal" in capsys.readouterr().out
    _, members = reader.open_dataset(str(cards)).sample("train-00000000-top")
    stored = samples.decoded("png", members["png"])
    np.testing.assert_array_equal(_read(tmp_path / "same.png"), stored)


def test_the_command_renders_it_changed_and_nothing_else_moves(cards, tmp_path, capsys):
    asked = ["--set", "cameras.top.exposure_ms=1", "-o", str(tmp_path / "out"), "--json"]
    assert run(["replay", str(cards), "val-00000000-top", *asked]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["same"] is False and told["pixels"]["beyond_2_dn_share"] > 0.5
    shots = [
        json.loads((tmp_path / "out" / f"val-00000000-top{when}.shot.json").read_text()) for when in (".before", "")
    ]
    assert shots[0].pop("cameras") != shots[1].pop("cameras")
    assert shots[0] == shots[1]  # the card lies as it lay: draws have names
    for change in told["codes"].values():
        assert change["measures"]["module_px_min"][0] == change["measures"]["module_px_min"][1]


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["train-00000007-top", "-o", "x.png"], 4, "the nearest are train-00000000-top"),
        (["train-00000000-top", "-o", "x.jpg"], 2, "ends in .jpg; write a name with the ending .png, .npz"),
        (["train-00000000-top", "-o", "x.png", "--set", "cameras.tip.exposure_ms=1"], 2, "there is no cameras.tip"),
        (["train-00000000-top", "-o", "x.png", "--set", "cameras.top.exposure_ms=-1"], 4, "exposure"),
    ],
)
def test_what_cannot_be_is_said(cards, tmp_path, monkeypatch, capsys, words, code, told):
    monkeypatch.chdir(tmp_path)
    assert run(["replay", str(cards), *words]) == code
    assert told in capsys.readouterr().err


def test_verify_renders_some_samples_again(cards, capsys):
    assert run(["verify", str(cards), "-k", "2", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["passed"] and [each["same"] for each in told["rendered_again"]] == [True, True]
    assert told["circumstances"] == []


def test_a_report_says_that_the_shots_are_those_of_the_recipe(cards, capsys):
    assert run(["report", str(cards), "--json", "--gate", "reproduced_share==1", "--gate", "acceptance==1"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["parameters"]["items.card.yaw_rad"]["asked"] == "uniform, -30 to 30 °"
