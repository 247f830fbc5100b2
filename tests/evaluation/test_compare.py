"""Evaluation: overlaps, matching and precision in closed form, what counts and what does not, and bad results."""

import json
import math
import re
from pathlib import Path

import fake_renderer
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthgen import cli, evaluation
from synthgen.barcodes.symbologies import SYMBOLOGIES
from synthgen.dataset.reader import open_dataset
from synthgen.errors import DatasetError, InputError
from synthgen.evaluation import conditions, corners, format, overlap, precision
from synthgen.evaluation import html as page
from synthgen.generation import driver

QR, CODE128 = SYMBOLOGIES.index("qr") + 1, SYMBOLOGIES.index("code128") + 1
SQUARE = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]


def code(box=(10.0, 10.0, 20.0, 20.0), category=QR, quad=None, **changes) -> dict:
    """Return an annotation of a code that is wholly seen."""
    x, y, w, h = box
    quad = quad or [[x, y], [x + w, y], [x + w, y + h], [x, y + h]]
    made = fake_renderer.code(0, 0, np.random.Generator(np.random.Philox(key=1)))
    whole = {"category_id": category, "symbology": SYMBOLOGIES[category - 1], "bbox": list(box), "module_px_min": 2.2}
    return made | whole | {"quad_px": quad, "quad_visible_px": quad, "decoded": True, "reason": "readable"} | changes


def image(n: int, *codes: dict) -> dict:
    """Return the JSON of the n-th image, 200 x 100 pixels."""
    made = fake_renderer.record(f"val-{n:08d}-top", "val", n, "top", 64 * n, list(codes))
    return made | {"width": 200, "height": 100}


def seen(n: int, box=(10.0, 10.0, 20.0, 20.0), score=0.9, category=QR, **more) -> dict:
    return {"image_id": 64 * n, "category_id": category, "score": score, "bbox": list(box), **more}


def judged(images, found, **options) -> evaluation.Verdict:
    truth = evaluation.collect(images)
    return evaluation.judge(truth, evaluation.parse(found, truth), **options)


# ---- overlap, closed forms


@pytest.mark.parametrize(
    ("a", "b", "iou"),
    [
        ((0, 0, 2, 2), (0, 0, 2, 2), 1.0),
        ((0, 0, 2, 2), (1, 0, 2, 2), 1 / 3),
        ((0, 0, 2, 2), (2, 0, 2, 2), 0.0),
        ((0, 0, 4, 4), (1, 1, 2, 2), 0.25),
        ((0, 0, 0, 0), (0, 0, 0, 0), 0.0),
    ],
)
def test_boxes(a, b, iou):
    assert overlap.boxes(np.array([a], float), np.array([b], float)) == pytest.approx([iou], abs=1e-15)


def polygon_iou(a, b) -> float:
    return float(overlap.polygons(np.array([a], float), np.array([b], float))[0])


def turned(points, degrees: float, about=(0.5, 0.5)) -> np.ndarray:
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return (np.array(points, float) - about) @ np.array([[c, s], [-s, c]]) + about


def test_quads_in_closed_form():
    shifted = [[x + 0.5, y] for x, y in SQUARE]
    assert polygon_iou(SQUARE, SQUARE) == 1.0
    assert polygon_iou(SQUARE, shifted) == pytest.approx(1 / 3, abs=1e-15)
    assert polygon_iou(SQUARE, SQUARE[::-1]) == 1.0  # either sense of rotation
    # A unit square and itself turned by 45 degrees have a regular octagon of area 2 sqrt(2) - 2 in common.
    assert polygon_iou(SQUARE, turned(SQUARE, 45)) == pytest.approx(1 / math.sqrt(2), abs=1e-14)
    assert polygon_iou(SQUARE, [[x + 1, y] for x, y in SQUARE]) == 0.0  # they touch
    assert polygon_iou(SQUARE, [[5, 5]] * 4) == polygon_iou([[5, 5]] * 4, [[5, 5]] * 4) == 0.0
    triangle = [[0, 0], [1, 0], [0, 1], [0, 1]]  # one point twice
    assert polygon_iou(SQUARE, triangle) == pytest.approx(0.5, abs=1e-15)


def test_edges_that_nearly_coincide_cut_nothing_away():
    for degrees in (1e-15, 1e-13, 1e-9):
        far = np.array(SQUARE) * 300 + 4000
        assert polygon_iou(far, turned(far, degrees, (4150, 4150))) == pytest.approx(1.0, abs=1e-9)


@given(
    st.lists(st.integers(-3000, 3000).map(lambda n: n / 1000), min_size=10, max_size=10),  # products of less underflow
    st.floats(0, 360),
    st.tuples(st.floats(-50, 50), st.floats(-50, 50)),
)
@settings(max_examples=60, deadline=None)
def test_overlap_obeys_its_laws(numbers, degrees, shift):
    a, b = (overlap.convex(np.array([numbers[k : k + 8]]).reshape(1, 4, 2))[0] for k in (0, 2))
    iou = polygon_iou(a, b)
    assert 0.0 <= iou <= 1.0 + 1e-12
    assert polygon_iou(b, a) == pytest.approx(iou, abs=1e-9)
    moved = polygon_iou(turned(a, degrees) + shift, turned(b, degrees) + shift)
    assert moved == pytest.approx(iou, abs=1e-6)


def test_quads_that_cross_themselves_or_bend_inwards_become_their_hull():
    crossed = [SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3]]
    assert overlap.area(overlap.convex(np.array([crossed]))) == pytest.approx([1.0])
    dart = [[0.0, 0.0], [2.0, 0.0], [0.5, 0.5], [0.0, 2.0]]
    assert overlap.area(overlap.convex(np.array([dart]))) == pytest.approx([2.0])
    assert np.array_equal(overlap.convex(np.array([SQUARE])), [SQUARE])


def test_quads_are_cut_to_their_image():
    half = np.array([[[-1.0, 0.0], [1.0, 0.0], [1.0, 1.0], [-1.0, 1.0]], SQUARE])
    cut = overlap.within(half, np.array([[4.0, 4.0], [4.0, 4.0]]))
    assert overlap.area(cut) == pytest.approx([1.0, 1.0])
    outside = overlap.within(half[:1] - 7.0, np.array([[4.0, 4.0]]))
    assert overlap.area(outside) == pytest.approx([0.0])


# ---- average precision, closed forms


def test_perfect_results_have_ap_1():
    images = [image(n, code(), code((60.0, 10.0, 30.0, 12.0), CODE128)) for n in range(3)]
    found = [seen(n) for n in range(3)] + [seen(n, (60.0, 10.0, 30.0, 12.0), 0.5, CODE128) for n in range(3)]
    verdict = judged(images, found, on="quad")
    for each in verdict.precisions.values():
        assert (each.ap, each.ap50, each.any_ap, each.any_ap50) == (1.0, 1.0, 1.0, 1.0)
    assert verdict.everything.recall == verdict.everything.precision == 1.0
    assert len(verdict.missed_decodable) == 0


def test_one_of_two_codes_found_is_51_of_101_recalls():
    verdict = judged([image(0, code()), image(1, code())], [seen(0)])
    assert verdict.precisions["box"].ap == pytest.approx(51 / 101, abs=1e-15)


def test_a_better_scored_false_detection_halves_the_precision():
    verdict = judged([image(0, code())], [seen(0, (150.0, 50.0, 9.0, 9.0), 0.95), seen(0)])
    assert verdict.precisions["box"].ap50 == pytest.approx(0.5, abs=1e-15)


def test_ap_counts_the_thresholds_that_the_overlap_reaches():
    moved = seen(0, (10.0, 10.0, 20.0, 14.4))  # IoU 0.72: reaches 0.5, 0.55, 0.6, 0.65, 0.7
    verdict = judged([image(0, code())], [moved])
    assert (verdict.precisions["box"].ap, verdict.precisions["box"].ap50) == (pytest.approx(0.5), 1.0)


def test_the_second_detection_of_a_code_is_false_and_the_better_score_takes_it():
    verdict = judged([image(0, code())], [seen(0, score=0.6), seen(0, (11.0, 10.0, 20.0, 20.0), 0.7)], score=0.0)
    assert (verdict.everything.found, verdict.everything.false) == (1, 1)
    assert verdict.taken.tolist() == [-1, 0]


def test_the_wrong_symbology_is_found_but_not_named():
    verdict = judged([image(0, code())], [seen(0, category=CODE128)])
    assert (verdict.everything.found, verdict.everything.named) == (1, 0)
    assert verdict.precisions["box"].ap == 0.0
    assert verdict.precisions["box"].any_ap == 1.0
    assert verdict.confusion[QR - 1, CODE128 - 1] == 1
    assert verdict.confusion.sum() == 1


def test_best_f1_takes_equal_scores_together():
    # Of three equal scores two are right: no threshold lies between them.
    made = precision.curve(
        np.array([0.5, 0.5, 0.5, 0.1]), np.arange(4), np.array([True, True, False, False]), np.zeros(4, bool), 2
    )
    assert precision.best_f1(made) == (0.5, pytest.approx(2 * (2 / 3) / (1 + 2 / 3)))


# ---- what does not count


def test_hardly_visible_codes_are_neither_hits_nor_misses():
    hidden = code((100.0, 10.0, 20.0, 20.0), visible_fraction=0.2)
    images = [image(0, code(), hidden)]
    without = judged(images, [seen(0)])
    with_it = judged(images, [seen(0), seen(0, (100.0, 10.0, 20.0, 20.0), 0.99)])
    for verdict in (without, with_it):
        assert verdict.precisions["box"].ap == 1.0
        assert (verdict.everything.codes, verdict.everything.found, verdict.everything.false) == (1, 1, 0)
    truth = evaluation.collect(images, least_visible=0.1)
    assert evaluation.judge(truth, evaluation.parse([seen(0)], truth)).everything.codes == 2


def test_a_code_that_counts_is_preferred_to_one_that_does_not():
    hidden = code(visible_fraction=0.1)
    beside = code((12.0, 10.0, 20.0, 20.0))
    verdict = judged([image(0, hidden, beside)], [seen(0)])  # overlaps the hidden one more
    assert verdict.everything.found == 1


def test_codes_without_anything_visible_do_not_count():
    nothing = code(visible_fraction=1.0, quad_visible_px=[], bbox=[0.0, 0.0, 0.0, 0.0])
    assert judged([image(0, nothing)], []).everything.codes == 0


# ---- by condition


def test_recall_by_condition_and_where_false_detections_count():
    fine, coarse = code(module_px_min=0.7), code((100.0, 10.0, 20.0, 20.0), module_px_min=5.0, incidence_deg=80.0)
    beside, away = seen(0, (4.0, 4.0, 12.0, 12.0), 0.8), seen(0, (6.0, 6.0, 16.0, 16.0), 0.7)
    assert overlap.boxes(np.array([beside["bbox"]]), np.array([fine["bbox"]]))[0] < 0.1  # near nothing
    verdict = judged([image(0, fine, coarse)], [seen(0, (100.0, 10.0, 20.0, 20.0)), beside, away], score=0.1)
    told = {each.label: (each.codes, each.found, each.false) for each in verdict.bins["module_px_min"]}
    assert told == {"< 1": (1, 0, 1), "4–6": (1, 1, 0)}
    assert verdict.everything.false == 2
    assert [each.label for each in verdict.bins["incidence_deg"]][-1] == "≥ 75"


def test_every_condition_counts_every_code_once():
    images = [row.record for row in _rows()]
    verdict = judged(images, [])
    assert verdict.everything.codes > 0
    for bins in verdict.bins.values():
        assert sum(each.codes for each in bins) == verdict.everything.codes
    assert set(verdict.bins) >= {"module_px_min", "incidence_deg", "contrast", "snr", "visible_fraction", "reason"}


def test_bins_know_their_interval():
    one = conditions.Bin(label="x", codes=10, found=8, named=8, false=2)
    assert (one.recall, one.precision) == (0.8, 0.8)
    assert one.interval == pytest.approx((0.4902, 0.9433), abs=5e-5)  # Wilson
    assert conditions.Bin(label="x", codes=0, found=0, named=0, false=0).as_dict()["recall"] is None


# ---- corners


def test_corner_distance_in_pixels_and_modules():
    moved = [13.0, 14.0, 33.0, 14.0, 33.0, 34.0, 13.0, 34.0]  # each corner by (3, 4); the IoU is 0.515
    told = judged([image(0, code(module_px_mean=2.5))], [seen(0, segmentation=[moved])]).corners
    assert (told.codes, told.in_order) == (1, 1.0)
    assert (told.median_px, told.median_modules, told.p90_px) == (pytest.approx(5.0), pytest.approx(2.0), 5.0)


def test_corners_in_another_order_are_as_near():
    quad = np.array([SQUARE])
    for start in range(4):
        for way in (1, -1):
            told = np.roll(quad, start, axis=1)[:, ::way]
            error, ordered = corners.errors_px(told, quad)
            assert error.tolist() == [0.0]
            assert bool(ordered[0]) == (start == 0 and way == 1)


def test_corners_of_codes_that_are_cut_off_do_not_count():
    flat = [10.0, 10.0, 30.0, 10.0, 30.0, 30.0, 10.0, 30.0]
    assert judged([image(0, code(truncated=True))], [seen(0, segmentation=[flat])]).corners is None


def test_a_detection_without_a_quad_stands_with_its_box():
    flat = [10.0, 10.0, 30.0, 10.0, 30.0, 30.0, 10.0, 30.0]
    verdict = judged([image(0, code()), image(1, code())], [seen(0, segmentation=[flat]), seen(1)])
    assert verdict.precisions["quad"].ap == 1.0
    assert verdict.corners.codes == 1
    assert "quad" not in judged([image(0, code())], [seen(0)]).precisions


# ---- results that are wrong


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ({"a": 1}, "is an object; write a list"),
        ("text", "is a text; write a list"),
        ([7], "entry 0: is a number; write an object"),
        ([seen(0), seen(5)], r"entry 1: no image_id 320 in this split \(there are 0"),
        ([seen(0) | {"image_id": True}], "no image_id True"),
        ([seen(0) | {"file_name": "train-00000000-top.png"}], "no image 'train-00000000-top.png'.*--split"),
        ([seen(0) | {"file_name": 3}], "no image 3"),
        ([seen(0, category=0)], r"category_id 0 is out of range; write 1 aztec to 12 upca"),
        ([seen(0, category=13)], "category_id 13"),
        ([seen(0) | {"category_id": "qr"}], "category_id 'qr'"),
        ([seen(0, score=math.nan)], "score is nan; write a number"),
        ([seen(0, score=math.inf)], "score is inf"),
        ([seen(0) | {"score": None}], "score is None"),
        ([seen(0, (1, 1, -2, 3))], "has a negative side; write .x, y, width, height., not corners"),
        ([seen(0, (1, 1, 2))], r"bbox is \[1, 1, 2\]"),
        ([seen(0, (1, 1, 2, math.nan))], "bbox is .*finite"),
        ([seen(0, (1, 1, 2, 10**400))], "bbox is"),
        ([seen(0) | {"bbox": None}], "bbox is None"),
        ([seen(0, segmentation=[[1, 2, 3]])], r"segmentation is \[1, 2, 3\]; write \[\[x1"),
        ([seen(0, segmentation={"counts": "a"})], "segmentation is an object"),
    ],
)
def test_wrong_entries_are_named(entries, message):
    truth = evaluation.collect([image(0, code())])
    with pytest.raises(InputError, match=message):
        evaluation.parse(entries, truth)


def test_image_ids_that_are_not_unique_are_refused():
    truth = evaluation.collect([image(0), image(0) | {"file_name": "other.png"}])
    with pytest.raises(InputError, match="not unique in this split; give file_name"):
        evaluation.parse([seen(0)], truth)
    assert len(evaluation.parse([seen(0) | {"file_name": "a/b/other.png"}], truth).image) == 1


def test_records_of_others_are_refused():
    with pytest.raises(DatasetError, match="no 'annotations'"):
        evaluation.collect([{"file_name": "a.png", "image_id": 1, "width": 2, "height": 2}])
    with pytest.raises(DatasetError, match="no 'quad_visible_px'"):
        evaluation.collect([image(0, {"bbox": [0, 0, 1, 1]})])


def test_no_detections_and_no_codes_are_no_crash():
    nothing = judged([image(0, code())], [])
    assert (nothing.everything.recall, nothing.precisions["box"].ap) == (0.0, 0.0)
    assert len(nothing.missed_decodable) == 1
    empty = judged([image(0)], [seen(0)])
    assert math.isnan(empty.precisions["box"].ap)
    assert empty.everything.false == 1
    for verdict in (nothing, empty, judged([], [])):
        json.dumps(format.as_dict(verdict, {}), allow_nan=False)
        assert format.text(verdict)
        assert page.render(verdict, {}, lambda name: _png())


# ---- what is told


def test_the_page_is_one_file_and_holds_no_markup_of_others():
    hostile = code(code_id="<script>alert(1)</script>")
    images = [image(0, hostile, code((100.0, 10.0, 20.0, 20.0))), image(1, code())]
    verdict = judged(images, [seen(1), seen(0, (150.0, 60.0, 20.0, 20.0), 0.95)], score=0.2)
    html = page.render(verdict, {"results": "<b>", "least visible": 0.25}, lambda name: _png()).decode()
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    links = set(re.findall(r"(?:https?|file)://[^\"'\s<]+", html))
    assert links <= {"http://www.w3.org/2000/svg"}
    assert not re.findall(r"(?:src|href)=\"(?!data:image/jpeg;base64,)", html)
    assert html.count("data:image/jpeg") == 1  # image 1 has nothing wrong in it
    assert page.render(verdict, {}, lambda name: _png()) == page.render(verdict, {}, lambda name: _png())


def test_worst_images_come_first():
    images = [image(n, *[code((40.0 * k, 10.0, 20.0, 20.0)) for k in range(n)]) for n in range(4)]
    assert format.worst_images(judged(images, []), 2) == [3, 2]


# ---- the command


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> str:
    folder = str(tmp_path_factory.mktemp("set") / "data")
    driver.run(fake_renderer.order(shots=16), folder)
    return folder


def test_the_command_tells_and_writes(place, tmp_path, capsys):
    found = [
        {"file_name": r.record["file_name"], "category_id": c["category_id"], "score": 0.5, "bbox": c["bbox"],
         "segmentation": c["segmentation"]}
        for r in open_dataset(place).rows("val") for c in r.record["annotations"]
    ]  # fmt: skip
    (tmp_path / "r.json").write_text(json.dumps(found))
    assert cli.run(["evaluate", str(tmp_path / "r.json"), place, "--json", "-o", str(tmp_path / "out")]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["split"], told["precisions"]["box"]["ap"], told["precisions"]["quad"]["ap"]) == ("val", 1.0, 1.0)
    assert json.loads((tmp_path / "out" / "report.json").read_text()) == told
    assert (tmp_path / "out" / "report.html").read_bytes().startswith(b"<!DOCTYPE html>")
    assert cli.run(["evaluate", str(tmp_path / "r.json"), place]) == 0
    assert "100.0 %" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "exit_code", "message"),
    [
        (["none.json", "SET"], 4, "none.json: No such file"),
        (["broken.json", "SET"], 4, "is no JSON"),
        (["good.json", "nowhere"], 4, "nowhere"),
        (["good.json", "SET", "--split", "test"], 2, "train, val"),
        (
            ["good.json", "SET", "-o", "x.pdf"],
            2,
            "x.pdf: ends in .pdf; write a name with the ending .html, .json or no ending",
        ),
        (["train.json", "SET"], 4, "train-00000000-top"),
    ],
)
def test_bad_input_is_explained(place, tmp_path, monkeypatch, capsys, arguments, exit_code, message):
    monkeypatch.chdir(tmp_path)
    Path("broken.json").write_text("[{")
    Path("good.json").write_text("[]")
    Path("train.json").write_text(json.dumps([seen(0) | {"file_name": "train-00000000-top.png"}]))
    assert cli.run(["evaluate", *(place if a == "SET" else a for a in arguments)]) == exit_code
    out, said = capsys.readouterr()
    assert (out, message in said, "Traceback" in said) == ("", True, False)


def _rows():
    rng = np.random.Generator(np.random.Philox(key=5))
    for n in range(6):
        codes = [fake_renderer.code(64 * n, k, rng) for k in range(4)]
        record = fake_renderer.record(f"val-{n:08d}-top", "val", n, "top", 64 * n, codes)
        yield type("Row", (), {"record": record})


def _png() -> bytes:
    import io

    from PIL import Image

    stream = io.BytesIO()
    Image.new("L", (200, 100), 90).save(stream, "png")
    return stream.getvalue()
