"""One generated directory, opened by everybody's loaders; each runs in the environment of loaders_venv."""

from __future__ import annotations

import io
import json
import math
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import loaders_venv
import numpy as np
import pytest
from PIL import Image

from synthgen.barcodes.symbologies import SYMBOLOGIES
from synthgen.dataset.sidecars import fields

ROOT = Path(__file__).parents[1]
LOADERS = ROOT / "tests_data" / "loaders"
sys.path.insert(0, str(LOADERS))
import seen  # noqa: E402


@pytest.fixture(scope="session")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data set of twelve rendered shots, two views each."""
    out = tmp_path_factory.mktemp("loaders") / "two_views"
    return _generated(out, LOADERS / "two_views.yaml", "-n", "12", "--exact", "--workers", "2")


def _generated(out: Path, recipe: Path, *options: str) -> Path:
    command = [sys.executable, "-m", "synthgen", "generate", str(recipe), "-o", str(out), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture(scope="session")
def stored(directory: Path) -> dict[str, dict[str, dict[str, Any]]]:
    """Return {split: {key: {field: decoded}}}, read by tarfile, NumPy, json and Pillow alone."""
    return {split: _stored(directory, split) for split in seen.SPLITS}


@pytest.fixture(scope="session")
def expected(stored) -> dict[str, dict[str, dict[str, Any]]]:
    """Return what a loader that changes nothing gives, as the `open_*.py` scripts print it."""
    return {split: {key: seen.members(sample) for key, sample in samples.items()} for split, samples in stored.items()}


def _stored(directory: Path, split: str) -> dict[str, dict[str, Any]]:
    samples: dict[str, dict[str, Any]] = {}
    for shard in sorted((directory / split).glob("*.tar")):
        with tarfile.open(shard) as tar:
            for info in tar:
                key, _, field = info.name.partition(".")
                data = tar.extractfile(info).read()
                if field.endswith(".npy"):
                    value = np.load(io.BytesIO(data))
                else:
                    value = np.asarray(Image.open(io.BytesIO(data))) if field == "png" else json.loads(data)
                samples.setdefault(key, {})[field] = value
    return samples


def _opened(script: str, directory: Path, *options: str) -> Any:
    command = [str(loaders_venv.python()), str(LOADERS / script), str(directory), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout.strip().splitlines()[-1])


def _floats(value: Any) -> list[Any]:
    """Return all values of a JSON document in order of their names."""
    if isinstance(value, dict):
        return [one for name in sorted(value) for one in (name, *_floats(value[name]))]
    return [one for item in value for one in _floats(item)] if isinstance(value, list) else [value]


def test_the_directory_holds_what_loaders_stumble_over(stored):
    train = list(stored["train"].values())
    assert not any(sample["json"]["annotations"] for sample in train[:5])  # datasets takes types from the first five
    assert any(sample["json"]["annotations"] for sample in train[5:])
    assert {sample["depth.npy"].shape for sample in train} == {(160, 240), (240, 320)}

    assert (len(train), len(stored["val"])) == (18, 6)


def test_a_rendered_samples_json_has_just_the_fields_of_the_table(stored):
    def check(values: dict[str, Any], described: tuple[fields.Field, ...]) -> None:
        assert set(values) == {field.name for field in described}
        for field in described:
            value = values[field.name]
            if field.parts:
                for one in value if field.shape else [value]:
                    check(one, field.parts)
            else:
                _check_value(value, field)

    for samples in stored.values():
        for sample in samples.values():
            check(sample["json"], fields.RECORD)


def _check_value(value: Any, field: fields.Field) -> None:
    level = [value]
    for length in field.shape:
        assert length is None or {len(one) for one in level} <= {length}, field.name
        level = [item for one in level for item in one]
    kind = {"bool": bool, "int64": int, "float64": float, "string": str}[field.type]
    assert {type(one) for one in level} <= {kind}, field.name


@pytest.mark.parametrize("loader", ["webdataset", "wids", "energon", "ray"])
def test_a_loader_gives_every_sample_bit_for_bit(loader, directory, expected):
    assert _opened(f"open_{loader}.py", directory) == expected


@pytest.mark.parametrize("mode", [(), ("arrow",)], ids=["streamed", "arrow"])
def test_datasets_gives_every_sample_bit_for_bit_and_shots_within_ten_decimals(mode, directory, stored, expected):
    found = _opened("open_datasets.py", directory, *mode)
    shots = found.pop("shots")
    bare = {
        split: {
            key: {name: value for name, value in sample.items() if name != "shot.json"} for key, sample in all_.items()
        }
        for split, all_ in expected.items()
    }
    assert found == bare
    for split in seen.SPLITS:
        for key, sample in stored[split].items():
            for got, wanted in zip(_floats(shots[key]), _floats(sample["shot.json"]), strict=True):
                assert got == wanted or math.isclose(got, wanted, abs_tol=1e-10), key


def test_datasets_gives_maps_of_one_shape_as_arrays_whatever_their_type(tmp_path):
    maps = "image,raw,depth,irradiance,radiance,hazard,instances,normals"
    settings = (f"outputs=[{maps}]", "cameras.top.roi_px=[160,120]", "dataset.samples_per_shard=2")
    overrides = [word for setting in settings for word in ("--set", setting)]
    out = _generated(tmp_path / "out", ROOT / "recipes/bench_card.yaml", "-n", "3", "--exact", *overrides)
    assert all(f"array{rank}_d" in (out / "README.md").read_text() for rank in (2, 3))
    for mode in ((), ("arrow",)):
        found = _opened("open_datasets.py", out, *mode)
        for split in seen.SPLITS:
            wanted = {key: seen.members(sample) for key, sample in _stored(out, split).items()}
            assert {
                key: sample | {"shot.json": wanted[key]["shot.json"]} for key, sample in found[split].items()
            } == wanted


def test_dali_gives_every_sample_bit_for_bit_in_order(directory, expected):
    assert _opened("open_dali.py", directory) == {split: list(samples.values()) for split, samples in expected.items()}


def test_rfdetr_gives_images_boxes_and_labels(directory, stored):
    found = _opened("open_rfdetr.py", directory)
    for split, samples in stored.items():
        assert found[split]["total"] == len(samples)
        assert found[split]["classes"] == list(SYMBOLOGIES)
        for got, sample in zip(found[split]["samples"], samples.values(), strict=True):
            assert got["png"] == seen.array(sample["png"])
            assert got["image_id"] == sample["json"]["image_id"]
            codes = sample["json"]["annotations"]
            assert got["labels"] == [code["category_id"] - 1 for code in codes]
            corners = [(x, y, x + w, y + h) for x, y, w, h in (code["bbox"] for code in codes)]
            np.testing.assert_allclose(np.reshape(got["boxes"], (-1, 4)), np.reshape(corners, (-1, 4)), atol=1e-3)


def test_croissant_is_valid_and_its_records_are_the_samples(directory, stored, expected):
    found = _opened("open_croissant.py", directory)
    assert [issue for issue in found["issues"] if "datePublished" not in issue] == []  # no date: same bytes every day
    assert not [text for text in found["logged"] if "@context" in text]
    images = {key: sample["png"] for samples in expected.values() for key, sample in samples.items()}
    assert found["images"] == images
    assert found["samples"] == list(images)
    codes = [(key, len(sample["json"]["annotations"])) for split in stored.values() for key, sample in split.items()]
    assert found["codes"] == [key for key, count in codes for _ in range(count)]


def test_the_examples_of_the_card_run_as_printed(directory):
    command = [str(loaders_venv.python()), str(LOADERS / "run_examples.py"), str(directory)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr[-4000:]
    ran = [line.removeprefix("ran ").partition(" ")[0] for line in done.stdout.splitlines() if line.startswith("ran ")]
    assert ran == ["webdataset", "wids", "Hugging", "NVIDIA", "Ray", "DALI", "Croissant", "Filtering"], done.stdout
