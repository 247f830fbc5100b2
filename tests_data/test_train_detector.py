"""The training example, end to end and small: its loss falls, a stopped run goes on as an unbroken one would have."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.random import Generator, Philox
from PIL import Image

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "examples" / "train_detector.py"
sys.path.insert(0, str(EXAMPLE.parent))
import detector  # noqa: E402
import photos  # noqa: E402
import train_detector  # noqa: E402

from synthgen.barcodes.symbologies import SYMBOLOGIES  # noqa: E402
from synthgen.loader import Loader  # noqa: E402

SQUARE = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])


def run(*command: object) -> str:
    """Return what a command of this checkout writes to stdout."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, *map(str, command)], check=False, capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def losses(folder: Path) -> list[float]:
    """Return the loss of every step of a run."""
    return [json.loads(line)["loss"] for line in (folder / "log.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def views(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data set of 36 views to train on and 12 to look at."""
    out = tmp_path_factory.mktemp("train") / "views"
    options = ("-n", 16, "--set", "dataset.samples_per_shard=4", "--set", "dataset.splits.train=0.75")
    run(
        "-m",
        "synthgen",
        "generate",
        "label_views",
        "-o",
        out,
        "--workers",
        2,
        *options,
        "--set",
        "dataset.splits.val=0.25",
    )
    return out


@pytest.fixture(scope="module")
def whole(views: Path) -> Path:
    """Return an unbroken run of 24 steps."""
    folder = views.parent / "whole"
    run(EXAMPLE, "train", views, "-o", folder, "--steps", 24, "--batch", 8, "--width", 6)
    return folder


def test_the_loss_falls(whole: Path) -> None:
    found = losses(whole)
    assert len(found) == 24
    assert all(map(math.isfinite, found))
    assert np.mean(found[-6:]) < 0.9 * np.mean(found[:6])


def test_a_stopped_run_goes_on_as_if_it_had_never_stopped(views: Path, whole: Path) -> None:
    # 36 samples make 4 batches of 8: step 10 is in the middle of the third epoch.
    folder = views.parent / "stopped"
    for stop in (10, 0):
        run(EXAMPLE, "train", views, "-o", folder, "--steps", 24, "--batch", 8, "--width", 6, "--stop-at", stop)
    assert losses(folder) == losses(whole)
    states = [torch.load(each / "checkpoint.pt", weights_only=True) for each in (folder, whole)]
    assert states[0]["loader"] == states[1]["loader"]
    assert all(torch.equal(states[0]["net"][name], value) for name, value in states[1]["net"].items())


def test_only_the_first_samples_are_used_when_asked(views: Path) -> None:
    keys = [key for batch in Loader(str(views), shuffle=False, workers=0) for key in batch.keys]
    some = Loader(str(views), first=8, workers=0)
    assert some.samples == 8
    assert sorted(key for batch in some for key in batch.keys) == keys[:8]


@pytest.mark.parametrize("who", ["run", "zxing"])
def test_evaluate_takes_the_results(views: Path, whole: Path, who: str) -> None:
    results = views.parent / f"{who}.json"
    run(EXAMPLE, "predict", whole if who == "run" else "zxing", views, "-o", results)
    for one in json.loads(results.read_text()):
        assert 1 <= one["category_id"] <= len(SYMBOLOGIES)
        assert 0 < one["score"] <= 1
        assert min(one["bbox"][2:]) > 0
        assert np.array(one["segmentation"]).shape == (1, 8)
    verdict = json.loads(run("-m", "synthgen", "evaluate", results, views, "--json"))
    assert verdict


def test_the_worst_images_are_drawn(views: Path, whole: Path) -> None:
    run(EXAMPLE, "predict", whole, views, "-o", whole / "results.json")
    run("-m", "synthgen", "evaluate", whole / "results.json", views, "-o", whole)
    run(EXAMPLE, "worst", whole, views, "-o", whole / "worst.png")
    with Image.open(whole / "worst.png") as sheet:
        assert sheet.size == (4 * 330, 3 * 250)
        assert len(sheet.convert("L").getcolors()) > 50


def test_photographs_are_judged_beside_zxing(whole: Path) -> None:
    folder = Path(os.environ.get("SYNTHGEN_ASSETS", ROOT.parent / "shared" / "assets")) / "photos"
    if not folder.is_dir():
        pytest.skip("SYNTHGEN_ASSETS names no folder with photos")
    rows = [json.loads(line) for line in run(EXAMPLE, "photos", whole, folder).splitlines()]
    assert [(row["who"], row["rule"]) for row in rows] == [
        (who, rule) for who in ("detector", "zxing-cpp") for rule in ("iou", "same_place")
    ]
    assert rows[2]["recall"] > 0.9  # the truth is its own output


def test_the_maps_that_are_asked_for_decode_to_the_codes() -> None:
    quads = [SQUARE * 60 + (20, 30), SQUARE @ [[80, 40], [-12, 24]] + (120, 150)]
    codes = [detector.Code(quad, category, 1.0) for category, quad in enumerate(quads, 3)]
    heat, _, corners, category, ignored = map(torch.from_numpy, detector.targets(codes, 256, 256))
    names = torch.nn.functional.one_hot(category, len(SYMBOLOGIES)).permute(2, 0, 1) * 9.0
    size = torch.full((1, *heat.shape), math.log(2))
    maps = torch.cat([torch.logit(heat.clamp(1e-4, 1 - 1e-4))[None], corners / detector.UNIT_PX / 2, size, names])
    found = detector.decode(maps[None], 256, 256, least=0.5)[0]
    assert not ignored.any()
    assert sorted(one.category for one in found) == [3, 4]
    for one in found:
        np.testing.assert_allclose(one.quad, quads[one.category - 3], atol=1e-3)
        np.testing.assert_allclose(one.box, photos.box(one.quad), atol=1e-3)


def test_a_code_that_is_hardly_seen_is_neither_asked_for_nor_punished() -> None:
    hidden = detector.Code(SQUARE * 60 + (20, 30), 0, 0.1)
    outside = detector.Code(SQUARE * 60 + (-50, 100), 0, 1.0)
    heat, weight, _, _, ignored = detector.targets([hidden, outside], 256, 256)
    assert heat.max() == weight.max() == 0
    assert ignored[60 // 8, 50 // 8]
    assert ignored[130 // 8, 0]


@pytest.mark.parametrize("turn", range(4))
def test_corners_are_asked_for_from_the_upper_left_however_the_symbol_counts_them(turn: int) -> None:
    quad = SQUARE @ [[60, 20], [-20, 60]] + (80, 60)
    asked = detector.targets([detector.Code(np.roll(quad, turn, 0), 2, 1.0)], 192, 192)[2]
    np.testing.assert_array_equal(asked, detector.targets([detector.Code(quad, 2, 1.0)], 192, 192)[2])


@pytest.mark.parametrize("seed", range(8))
def test_a_changed_sample_is_never_mirrored_and_its_corners_move_with_its_pixels(seed: int) -> None:
    image = np.zeros((240, 320), np.uint8)
    image[90:150, 120:200] = 255
    quad = np.array([[120.0, 90.0], [200.0, 90.0], [200.0, 150.0], [120.0, 150.0]])
    pixels, moved = train_detector.augmented(image, [detector.Code(quad, 0, 1.0)], Generator(Philox(key=seed)))
    assert detector.area(moved[0].quad) > 0  # clockwise as before
    light = np.argwhere(pixels[0].numpy() > (pixels.min() + pixels.max()).item() / 2)[:, ::-1] + 0.5
    inside = detector.clip(moved[0].quad, detector.frame(256, 256))
    np.testing.assert_allclose(len(light), detector.area(inside), rtol=0.06)
    np.testing.assert_allclose(light.min(0), inside.min(0), atol=2.5)
    np.testing.assert_allclose(light.max(0), inside.max(0), atol=2.5)


def test_f1_by_hand() -> None:
    code, far = np.array([10.0, 10.0, 30.0, 20.0]), np.array([100.0, 100.0, 120.0, 110.0])
    strip = np.array([10.0, 14.0, 30.0, 15.0])  # where a line was scanned
    assert photos.iou(code, code + np.array([10, 0, 10, 0])) == pytest.approx(1 / 3)
    assert photos.f1([[code], []], [[code], [far]], photos.iou) == {
        "precision": 0.5,
        "recall": 1.0,
        "f1": pytest.approx(2 / 3),
    }
    assert photos.f1([[strip]], [[code]], photos.iou)["f1"] == 0
    assert photos.f1([[strip]], [[code]], photos.same_place)["f1"] == 1
    assert photos.f1([[code]], [[code, code]], photos.iou)["precision"] == 0.5
