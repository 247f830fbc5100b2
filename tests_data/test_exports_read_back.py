"""Exports read back by tools of their formats, and our average precision beside pycocotools'.

pycocotools (BSD) and supervision (MIT) read COCO and YOLO. KITTI has no well-kept reader without heavy company, so its
files are parsed here by the columns of the development kit's readme.
"""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Sequence
from pathlib import Path

import fake_renderer
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pycocotools import mask
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from synthgen import evaluation, exports
from synthgen.barcodes.symbologies import SYMBOLOGIES
from synthgen.dataset.reader import Dataset, open_dataset
from synthgen.evaluation import overlap
from synthgen.generation import driver

KITTI_COLUMNS = 15
NO_OPENCV = pytest.mark.filterwarnings("ignore:OpenCV .* is not installed:UserWarning")
"""supervision says so once, where it is imported, and reads files as well without."""


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    folder = tmp_path_factory.mktemp("set") / "data"
    driver.run(fake_renderer.order(shots=24), str(folder))
    return open_dataset(str(folder))


@pytest.fixture
def records(source: Dataset) -> list[dict]:
    return [dict(row.record) for row in source.rows("val")]


def loaded(path: Path) -> COCO:
    with contextlib.redirect_stdout(io.StringIO()):
        return COCO(str(path))


def scored(truth: COCO, found: Sequence[dict], kind: str, *, categories: bool = True) -> np.ndarray:
    """Return COCOeval's twelve figures (ten of keypoints)."""
    with contextlib.redirect_stdout(io.StringIO()):
        judge = COCOeval(truth, truth.loadRes([dict(each) for each in found]), kind)
        judge.params.useCats = int(categories)
        if kind == "keypoints":
            judge.params.kpt_oks_sigmas = np.full(4, 0.05)
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
    return judge.stats


# ---- COCO


def test_pycocotools_gives_perfect_results_an_ap_of_1(source: Dataset, tmp_path: Path) -> None:
    exports.export(source, "coco", tmp_path)
    truth = loaded(tmp_path / "annotations" / "instances_val.json")
    every = truth.loadAnns(truth.getAnnIds())
    perfect = [{k: a[k] for k in ("image_id", "category_id", "bbox", "segmentation", "keypoints")} for a in every]
    assert len(every) > 5
    for kind, other in (("bbox", ()), ("segm", ("keypoints",)), ("keypoints", ())):
        found = [{k: v for k, v in a.items() if k not in other} | {"score": 0.9} for a in perfect]
        if kind == "bbox":
            found = [{k: a[k] for k in ("image_id", "category_id", "bbox", "score")} for a in found]
        assert scored(truth, found, kind)[0] == pytest.approx(1.0), kind


@NO_OPENCV
def test_supervision_reads_coco(source: Dataset, records: list[dict], tmp_path: Path) -> None:
    import supervision

    exports.export(source, "coco", tmp_path, ["val"])
    read = supervision.DetectionDataset.from_coco(
        str(tmp_path / "val"), str(tmp_path / "annotations" / "instances_val.json")
    )
    assert read.classes == list(SYMBOLOGIES)
    compare(read, records, tmp_path / "val", atol_px=1e-3)


# ---- YOLO


def compare(read, records: list[dict], folder: Path, atol_px: float, quads: bool = False) -> None:
    """Compare what supervision read with the data set's JSON."""
    by_name = {Path(path).name: (image, found) for path, image, found in read}
    assert sorted(by_name) == sorted(r["file_name"] for r in records)
    for record in records:
        image, found = by_name[record["file_name"]]
        with Image.open(folder / record["file_name"]) as own:
            assert np.array_equal(image[..., 0], np.asarray(own))
        codes = record["annotations"]
        assert len(found) == len(codes)
        if not codes:
            continue
        assert found.class_id.tolist() == [c["category_id"] - 1 for c in codes]
        if quads:
            true = [c["quad_px"] for c in codes]
            assert np.allclose(found.data["xyxyxyxy"], true, atol=atol_px, rtol=0)
        else:
            x, y, w, h = np.array([c["bbox"] for c in codes]).T
            assert np.allclose(found.xyxy, np.stack([x, y, x + w, y + h], axis=1), atol=atol_px, rtol=0)


@NO_OPENCV
@pytest.mark.parametrize("form", ["yolo", "yolo-obb"])
def test_supervision_reads_yolo(source: Dataset, records: list[dict], tmp_path: Path, form: str) -> None:
    import supervision

    exports.export(source, form, tmp_path)
    oriented = form == "yolo-obb"
    read = supervision.DetectionDataset.from_yolo(
        str(tmp_path / "images" / "val"), str(tmp_path / "labels" / "val"), str(tmp_path / "data.yaml"), is_obb=oriented
    )
    assert read.classes == list(SYMBOLOGIES)
    compare(read, records, tmp_path / "images" / "val", atol_px=1e-3, quads=oriented)


def test_pose_labels_have_the_boxes_and_corners(source: Dataset, records: list[dict], tmp_path: Path) -> None:
    # supervision reads no pose files: columns of docs.ultralytics.com/datasets/pose.
    exports.export(source, "yolo-pose", tmp_path)
    for record in records:
        text = (tmp_path / "labels" / "val" / record["file_name"]).with_suffix(".txt").read_text()
        rows = np.array([line.split() for line in text.splitlines()], float).reshape(-1, 17)
        size = np.array([record["width"], record["height"]])
        assert len(rows) == len(record["annotations"])
        for row, code in zip(rows, record["annotations"], strict=True):
            box = np.concatenate([(row[1:3] - row[3:5] / 2) * size, row[3:5] * size])
            assert np.allclose(box, code["bbox"], atol=1e-3, rtol=0)
            points = row[5:].reshape(4, 3)
            assert np.allclose(points[:, :2] * size, code["quad_px"], atol=1e-3, rtol=0)
            assert points[:, 2].tolist() == [2.0] * 4


# ---- KITTI


def test_kitti_has_the_columns_of_the_development_kit(source: Dataset, records: list[dict], tmp_path: Path) -> None:
    exports.export(source, "kitti", tmp_path)
    names = (tmp_path / "ImageSets" / "val.txt").read_text().split()
    assert [f"{name}.png" for name in names] == [r["file_name"] for r in records]
    for name, record in zip(names, records, strict=True):
        lines = (tmp_path / "training" / "label_2" / f"{name}.txt").read_text().splitlines()
        assert len(lines) == len(record["annotations"])
        for line, code in zip(lines, record["annotations"], strict=True):
            kind, *words = line.split()
            assert (kind, len(words)) == (code["symbology"], KITTI_COLUMNS - 1)
            numbers = [float(word) for word in words]
            left, top, right, bottom = numbers[3:7]
            assert np.allclose([left, top, right - left, bottom - top], code["bbox"], atol=1e-3, rtol=0)  # 3 decimals
            assert (numbers[0], words[1], numbers[2]) == (0.0, "0", -10.0)
            assert numbers[7:] == [-1, -1, -1, -1000, -1000, -1000, -10]


# ---- average precision beside pycocotools'


def world(seed: int, images: int, coarse: bool) -> tuple[list[dict], list[dict]]:
    """Return records and detections that overlap in all sorts of ways; `coarse` makes ties of scores and overlaps."""
    rng = np.random.Generator(np.random.Philox(key=seed))
    records, found = [], []
    for n in range(images):
        boxes = rng.integers(1, 12, (rng.integers(0, 7), 4)) * (8.0, 8.0, 10.0, 10.0)
        codes = []
        for box in boxes.tolist():
            code = fake_renderer.code(n, len(codes), rng) | {"bbox": box, "category_id": int(rng.integers(1, 4))}
            codes.append(code | {"visible_fraction": float(rng.choice([1.0, 0.1], p=[0.8, 0.2]))})
        codes.sort(key=lambda code: code["category_id"])  # pycocotools takes ties by category
        records.append(fake_renderer.record(f"val-{n:08d}-top", "val", n, "top", n, codes))
        some = []
        for _ in range(rng.integers(0, 12)):
            box = rng.integers(1, 12, 4) * (8.0, 8.0, 10.0, 10.0)
            if codes and rng.random() < 0.7:
                box = np.array(codes[rng.integers(len(codes))]["bbox"]) + rng.integers(-4, 5, 4) * (
                    2.0 if coarse else 0.7
                )
            score = float(rng.integers(1, 4) / 4 if coarse else rng.random())
            box[2:] = np.abs(box[2:])
            some.append({"image_id": n, "category_id": int(rng.integers(1, 4)), "score": score, "bbox": box.tolist()})
        found += sorted(some, key=lambda each: each["category_id"])
    return records, found


def as_coco(records: list[dict]) -> COCO:
    """Return the codes for pycocotools; those that do not count have an area out of its range."""
    truth = COCO()
    codes = [(r["image_id"], c) for r in records for c in r["annotations"]]
    truth.dataset = {
        "images": [{"id": r["image_id"], "width": 200, "height": 200} for r in records],
        "categories": [{"id": n} for n in range(1, len(SYMBOLOGIES) + 1)],
        "annotations": [
            {
                "id": n,
                "image_id": image,
                "category_id": c["category_id"],
                "bbox": c["bbox"],
                "area": c["bbox"][2] * c["bbox"][3] if c["visible_fraction"] >= evaluation.LEAST_VISIBLE else 1e12,
                "iscrowd": 0,
            }
            for n, (image, c) in enumerate(codes, 1)
        ],
    }
    with contextlib.redirect_stdout(io.StringIO()):
        truth.createIndex()
    return truth


@given(st.integers(0, 2**32 - 1), st.integers(1, 25), st.booleans())
@settings(max_examples=60, deadline=None)
def test_average_precision_equals_that_of_pycocotools(seed: int, images: int, coarse: bool) -> None:
    records, found = world(seed, images, coarse)
    if not found:
        return
    truth = evaluation.collect(records)
    ours = evaluation.judge(truth, evaluation.parse(found, truth)).precisions["box"]
    theirs = as_coco(records)
    by_class, of_any = scored(theirs, found, "bbox"), scored(theirs, found, "bbox", categories=False)
    expected = [by_class[0], by_class[1], of_any[0], of_any[1]]
    told = np.nan_to_num([ours.ap, ours.ap50, ours.any_ap, ours.any_ap50], nan=-1.0)
    assert told == pytest.approx(expected, abs=1e-6)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_overlap_of_quads_equals_that_of_masks(seed: int) -> None:
    # Masks are rounded to pixels: of quads this large, by less than a percent.
    rng = np.random.Generator(np.random.Philox(key=seed))
    angles = np.arange(4) * np.pi / 2 + rng.uniform(-0.6, 0.6, (2, 4))
    quads = 500 + 400 * np.stack([np.cos(angles), np.sin(angles)], axis=2) + rng.uniform(-90, 90, (2, 1, 2))
    ours = float(overlap.polygons(quads[:1], quads[1:])[0])
    codes = [mask.frPyObjects([quad.ravel().tolist()], 1000, 1000)[0] for quad in quads]
    theirs = float(mask.iou([codes[0]], [codes[1]], [0])[0, 0])
    assert ours == pytest.approx(theirs, abs=0.01)


def test_results_of_the_export_itself_are_perfect(source: Dataset, tmp_path: Path) -> None:
    exports.export(source, "coco", tmp_path, ["val"])
    whole = json.loads((tmp_path / "annotations" / "instances_val.json").read_text())
    found = [{**a, "score": 0.9} for a in whole["annotations"]]
    truth = evaluation.collect(row.record for row in source.rows("val"))
    verdict = evaluation.judge(truth, evaluation.parse(found, truth))
    assert verdict.precisions["box"].ap == verdict.precisions["quad"].ap == 1.0
