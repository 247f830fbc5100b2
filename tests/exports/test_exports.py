"""Exports: what stands in each file, which codes are in, and what happens to the folder when something is wrong."""

import json
import os
from dataclasses import replace
from pathlib import Path

import fake_renderer
import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from synthgen import cli, exports
from synthgen.barcodes.symbologies import SYMBOLOGIES
from synthgen.dataset.reader import Dataset, open_dataset
from synthgen.errors import InputError, OutputError, UsageError
from synthgen.evaluation import overlap
from synthgen.exports import coco, kitti, labelled, yolo
from synthgen.generation import driver

WIDE, HIGH = 32, 24


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Dataset:
    folder = tmp_path_factory.mktemp("set") / "data"
    driver.run(fake_renderer.order(shots=16), str(folder))
    return open_dataset(str(folder))


def code(quad=((4, 4), (12, 4), (12, 10), (4, 10)), visible=None, **changes) -> dict:
    """Return an annotation of a code with this quad."""
    visible = quad if visible is None else visible
    made = fake_renderer.code(3, 0, np.random.Generator(np.random.Philox(key=1)))
    points = np.array(visible, float).reshape(-1, 2)
    box = [*points.min(axis=0), *(points.max(axis=0) - points.min(axis=0))] if len(points) else [0.0] * 4
    made |= {
        "category_id": 11,
        "symbology": "qr",
        "bbox": [float(v) for v in box],
        "quad_px": [list(map(float, p)) for p in quad],
        "quad_visible_px": points.tolist(),
        "truncated": visible is not quad,
    }
    return made | changes


def record(*codes: dict) -> dict:
    return fake_renderer.record("train-00000000-top", "train", 0, "top", 0, list(codes))


# ---- which codes


def test_codes_of_which_nothing_is_seen_are_left_out():
    shown, hidden, sliver = code(), code(visible=[], visible_fraction=0.0), code(bbox=[4.0, 4.0, 0.0, 6.0])
    line = code(visible=[[4, 4], [8, 4], [12, 4]])
    assert labelled.codes(record(hidden, shown, sliver, line)) == [shown]
    assert yolo.label(record(hidden), "obb") == kitti.label(record(hidden)) == ""


def test_corners_of_a_whole_code_are_its_own_in_order():
    turned = ((12, 4), (12, 10), (4, 10), (4, 4))
    assert labelled.corners_in_image(code(quad=turned)).tolist() == [list(map(float, p)) for p in turned]


def test_corners_of_a_code_that_is_cut_off_lie_in_the_image_and_enclose_the_most():
    # The left half is outside: what is left is a rectangle, told from the corner nearest to TL.
    half = code(quad=((-4, 4), (4, 4), (4, 10), (-4, 10)), visible=((0, 10), (0, 4), (4, 4), (4, 10)))
    assert labelled.corners_in_image(half).tolist() == [[0, 4], [4, 4], [4, 10], [0, 10]]
    # A corner cut off: five points are left, of which four enclose 46 - 3 = 43 or less.
    five = ((2, 4), (12, 4), (12, 10), (4, 10), (2, 7))
    pent = code(quad=((2, 4), (12, 4), (12, 10), (2, 10)), visible=five)
    assert overlap.area(labelled.corners_in_image(pent)) == pytest.approx(54.0)
    # Only a tip is left: a triangle, as a quad of the same area.
    tip = code(quad=((-8, 4), (2, -6), (12, 4), (2, 14)), visible=((8, 0), (12, 4), (8, 8)))
    assert overlap.area(labelled.corners_in_image(tip)) == pytest.approx(16.0)


def test_areas_are_worked_out_in_one_place():
    square = np.array([[1e6, 0], [1e6 + 2, 0], [1e6 + 2, 3], [1e6, 3]])
    assert float(overlap.area(square)) == 6.0 and float(overlap.signed_area(square[::-1])) == -6.0
    assert overlap.area(np.stack([square, square[::-1]])).tolist() == [6.0, 6.0]
    assert float(overlap.area(np.zeros((0, 2)))) == 0.0
    root = Path(exports.__file__).parents[2]
    sources = [*(root / "synthgen" / "exports").glob("*.py"), *(root / "examples").glob("*.py")]
    assert not [path for path in sources if "np.roll(y" in path.read_text()]  # the shoelace formula


# ---- each format's text, by hand


def test_coco_categories_are_the_symbologies_in_order():
    assert [c["name"] for c in coco.CATEGORIES] == list(SYMBOLOGIES)
    assert [c["id"] for c in coco.CATEGORIES] == list(range(1, len(SYMBOLOGIES) + 1))


def test_yolo_lines_are_shares_of_the_image():
    whole = record(code(keypoints=[4.0, 4.0, 2.0, 12.0, 4.0, 1.0, 12.0, 10.0, 2.0, 0.0, 0.0, 0.0]))
    box = f"10 {8 / 32:.8f} {7 / 24:.8f} {8 / 32:.8f} {6 / 24:.8f}"
    assert yolo.label(whole, "detect") == box + "\n"
    corners = " ".join(f"{x / 32:.8f} {y / 24:.8f}" for x, y in ((4, 4), (12, 4), (12, 10), (4, 10)))
    assert yolo.label(whole, "obb") == f"10 {corners}\n"
    points = f"{4 / 32:.8f} {4 / 24:.8f} 2 {12 / 32:.8f} {4 / 24:.8f} 1 {12 / 32:.8f} {10 / 24:.8f} 2"
    assert yolo.label(whole, "pose") == f"{box} {points} 0.00000000 0.00000000 0\n"


@given(st.lists(st.floats(0, 1), min_size=8, max_size=8), st.integers(64, 8192), st.integers(64, 8192))
@settings(max_examples=40, deadline=None)
def test_yolo_rounds_by_less_than_a_ten_thousandth_of_a_pixel_and_stays_inside(shares, wide, high):
    quad = (np.array(shares).reshape(4, 2) * (wide, high)).tolist()
    line = yolo.LINES["obb"](code(quad=quad, truncated=False), (wide, high))
    read = np.array(line, float).reshape(4, 2)
    assert ((read >= 0) & (read <= 1)).all()
    assert np.abs(read * (wide, high) - quad).max() < 1e-4


@pytest.mark.parametrize(
    ("splits", "train", "val"),
    [
        (["train", "val"], "train", "val"),
        (["a", "b"], "a", "b"),
        (["train"], "train", "train"),
        (["val"], "val", "val"),
    ],
)
def test_yolo_description_names_folders_that_are_there(splits, train, val):
    found = yaml.safe_load(yolo.description(splits, "pose"))
    assert (found["train"], found["val"]) == (f"images/{train}", f"images/{val}")
    assert found["names"] == dict(enumerate(SYMBOLOGIES))
    assert (found["kpt_shape"], found["flip_idx"]) == ([4, 3], [1, 0, 3, 2])
    assert "path" not in found  # Ultralytics then takes the file's own folder


def test_kitti_line_by_hand():
    half = code(
        quad=((-4, 4), (4, 4), (4, 10), (-4, 10)), visible=((0, 4), (4, 4), (4, 10), (0, 10)), visible_fraction=0.5
    )
    assert kitti.label(record(half)) == ("qr 0.50 0 -10 0.000 4.000 4.000 10.000 -1 -1 -1 -1000 -1000 -1000 -10\n")


@pytest.mark.parametrize(("seen", "level"), [(1.0, 0), (0.995, 0), (0.9, 1), (0.5, 1), (0.4, 2)])
def test_kitti_occlusion_levels(seen, level):
    assert kitti.label(record(code(visible_fraction=seen))).split()[2] == str(level)


def test_kitti_calibration_projects_with_our_k():
    lines = dict(line.split(": ") for line in kitti.calibration(record()).splitlines())
    assert sorted(lines) == ["P0", "P1", "P2", "P3", "R0_rect", "Tr_imu_to_velo", "Tr_velo_to_cam"]
    p2 = np.array(lines["P2"].split(), float).reshape(3, 4)
    assert np.array_equal(p2, np.hstack([np.array(record()["camera"]["K"]), np.zeros((3, 1))]))


# ---- a whole data set


@pytest.mark.parametrize("form", exports.FORMATS)
def test_every_image_is_there_byte_for_byte(source, tmp_path, form):
    images = exports.export(source, form, tmp_path / "out")
    written = {path.name: path.read_bytes() for path in (tmp_path / "out").rglob("*.png")}
    truth = {f"{key}.png": members["png"] for key, members in source.samples()}
    assert written == truth
    assert images == len(truth) == 32
    readme = (tmp_path / "out" / "README.md").read_text()
    assert "fliplr=0 flipud=0" in readme
    assert not list((tmp_path / "out").rglob(".tmp-*"))


@pytest.mark.parametrize("form", exports.FORMATS)
@pytest.mark.parametrize("stated", ["not stated", "CC-BY-4.0"])
def test_an_export_carries_the_licence_of_the_data_set(tmp_path, form, stated):
    made = fake_renderer.order(shots=4)
    text = made.recipe_text if stated == "not stated" else json.dumps({"dataset": {"licence": stated}})
    driver.run(replace(made, recipe_text=text), tmp_path / "set")
    (tmp_path / "set" / "LICENSE").write_text("mine")
    exports.export(open_dataset(str(tmp_path / "set")), form, tmp_path / "out")
    assert f"Licence, as the recipe has it: {stated}." in (tmp_path / "out" / "README.md").read_text()
    assert (tmp_path / "out" / "LICENSE").read_text() == "mine"
    if form == "coco":
        found = json.loads((tmp_path / "out" / "annotations" / "instances_val.json").read_text())
        listed = {"id": 1, "name": stated, "url": "https://spdx.org/licenses/CC-BY-4.0.html"}
        assert found["licenses"] == ([] if stated == "not stated" else [listed])
        assert [image.get("license") for image in found["images"]] == [None if stated == "not stated" else 1] * 8


def test_coco_has_every_code_of_a_split(source, tmp_path):
    exports.export(source, "coco", tmp_path, ["val"])
    found = json.loads((tmp_path / "annotations" / "instances_val.json").read_text())
    records = [row.record for row in source.rows("val")]
    assert [i["file_name"] for i in found["images"]] == [r["file_name"] for r in records]
    assert [i["id"] for i in found["images"]] == [r["image_id"] for r in records]
    assert found["annotations"] == [c for r in records for c in r["annotations"]]
    assert len({a["id"] for a in found["annotations"]}) == len(found["annotations"]) > 0
    assert not (tmp_path / "train").exists()


def test_coco_of_nothing_is_still_json(tmp_path):
    with (tmp_path / "x.json").open("wb") as file:
        coco.document(file, lambda: iter([]), "val")
    found = json.loads((tmp_path / "x.json").read_text())
    assert (found["images"], found["annotations"]) == ([], [])


def _paths(form: str, out: Path) -> list[Path]:
    """Return every path that the files of an export name."""
    if form == "kitti":
        lists = (out / "ImageSets").glob("*.txt")
        folders = {"image_2": "png", "label_2": "txt", "calib": "txt"}
        names = [name for path in lists for name in path.read_text().split()]
        return [out / "training" / folder / f"{name}.{end}" for name in names for folder, end in folders.items()]
    if form == "coco":
        documents = {path: json.loads(path.read_text()) for path in (out / "annotations").glob("*.json")}
        return [
            out / path.stem.removeprefix("instances_") / image["file_name"]
            for path, document in documents.items()
            for image in document["images"]
        ]
    described = yaml.safe_load((out / "data.yaml").read_text())
    folders = [out / value for value in described.values() if isinstance(value, str)]
    return [*folders, *(Path(str(folder).replace("images", "labels")) for folder in folders)]


@pytest.mark.parametrize("form", exports.FORMATS)
@pytest.mark.parametrize("options", [{"shots": 4}, {"shots": 8, "infeasible": tuple(range(8))}])
def test_every_path_that_an_export_names_is_there_and_not_empty(tmp_path, form, options):
    # Four shots keep both splits; where no shot of train can be built, train is left out.
    driver.run(fake_renderer.order(**options), str(tmp_path / "set"))
    opened = open_dataset(str(tmp_path / "set"))
    exports.export(opened, form, tmp_path / "out")
    paths = _paths(form, tmp_path / "out")
    assert paths
    assert all(path.is_file() or any(path.iterdir()) for path in paths)
    filled = [name for name, samples in opened.splits.items() if samples]
    assert filled == (["val"] if "infeasible" in options else ["train", "val"])


def test_a_split_without_a_sample_is_left_out_or_refused(tmp_path, capsys):
    place = str(tmp_path / "set")
    driver.run(fake_renderer.order(shots=8, infeasible=tuple(range(8))), place)
    arguments = ["export", place, "--format", "yolo-obb", "-o", str(tmp_path / "out")]
    assert cli.run([*arguments, "--split", "train"]) == 4
    assert "split train holds no sample; choose another split (found: val)" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    assert cli.run([*arguments, "--json"]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["splits"] == ["val"]
    assert "split train holds no sample and is left out" in told.err


def test_kitti_lists_the_names_of_each_split(source, tmp_path):
    exports.export(source, "kitti", tmp_path)
    for split in ("train", "val"):
        names = (tmp_path / "ImageSets" / f"{split}.txt").read_text().split()
        assert names == [row.key for row in source.rows(split)]
        assert all((tmp_path / "training" / "label_2" / f"{name}.txt").exists() for name in names)


# ---- the folder


def test_the_same_export_may_run_again_and_mends_what_is_broken(source, tmp_path):
    exports.export(source, "yolo", tmp_path)
    before = {path: path.read_bytes() for path in sorted(tmp_path.rglob("*")) if path.is_file()}
    broken = next(tmp_path.rglob("*.png"))
    broken.write_bytes(b"half")
    exports.export(source, "yolo", tmp_path)
    assert {path: path.read_bytes() for path in sorted(tmp_path.rglob("*")) if path.is_file()} == before


def test_other_folders_are_left_alone(source, tmp_path):
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(InputError, match=r"thesis\.tex.*choose a new folder"):
        exports.export(source, "yolo", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]
    exports.export(source, "yolo", tmp_path / "a")
    with pytest.raises(InputError, match=r"holds another export .*format yolo"):
        exports.export(source, "coco", tmp_path / "a")


def test_unknown_names_are_usage_errors(source, tmp_path):
    with pytest.raises(UsageError, match="coco, yolo, yolo-obb"):
        exports.export(source, "voc", tmp_path)
    with pytest.raises(UsageError, match="train, val"):
        exports.export(source, "coco", tmp_path, ["test"])


def test_a_file_in_the_way_names_the_remedy(source, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="choose a folder with -o, not a file"):
        exports.export(source, "coco", tmp_path / "file")


def test_a_damaged_sample_is_not_exported(source, tmp_path):
    driver.run(fake_renderer.order(shots=8), str(tmp_path / "set"))
    shard = next((tmp_path / "set" / "train").glob("*.tar"))
    data = bytearray(shard.read_bytes())
    data[len(data) // 2] ^= 1
    os.chmod(shard, 0o644)
    shard.write_bytes(data)
    code = cli.run(["export", str(tmp_path / "set"), "--format", "yolo", "-o", str(tmp_path / "out")])
    assert code == 4
    assert not (tmp_path / "out" / "README.md").exists()  # the last file: what is there is not taken for whole


def test_the_command(source, tmp_path, capsys):
    place = source.store.url
    assert cli.run(["export", place, "--format", "kitti", "-o", str(tmp_path / "k"), "--split", "val", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["images"], told["splits"]) == (8, ["val"])
    assert cli.run(["export", place, "--format", "voc", "-o", str(tmp_path / "v")]) == 2
    assert cli.run(["export", str(tmp_path / "none"), "--format", "coco", "-o", str(tmp_path / "v")]) == 4
    assert not (tmp_path / "v").exists()
