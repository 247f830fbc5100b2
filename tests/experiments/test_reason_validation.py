"""Proofs of reasons: the part of a view that is rendered is that of the whole, and the table counts what was tried."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from synthgen import recipe, shelves
from synthgen.annotation import annotate
from synthgen.dataset import code_counts
from synthgen.experiments import reason_validation
from synthgen.rendering import ray_tracers
from synthgen.rendering.launch import View
from synthgen.rendering.render import render
from synthgen.world import lens
from tests import scenes, shots
from tests.annotation.test_annotate import CAMERA, LAMP


@pytest.fixture
def view(tmp_path):
    """Return a scene as far as `reason_validation.look` needs one, and the code in it."""
    on, code = scenes.label(tmp_path, module_m=0.5e-3)
    tables = scenes.tables_of(scenes.description(instances=[on], lights=(LAMP,), codes=[code]))
    tracer = ray_tracers.of(tables, "warp")
    scene = SimpleNamespace(tables=tables, tracer=tracer)
    scene.render = lambda cameras, outputs: render(tables, tracer, [View(0, c) for c in cameras], outputs)
    return scene, code


def test_a_window_shows_what_the_whole_view_shows_there(view):
    scene, code = view
    place = annotate.outline(scene.tables, scene.tracer, CAMERA, code)
    near = reason_validation.window(CAMERA, place)
    assert near.width_px < CAMERA.width_px and near.height_px < CAMERA.height_px
    shift = np.array([CAMERA.cx_px - near.cx_px, CAMERA.cy_px - near.cy_px])
    np.testing.assert_allclose(lens.project(near, place.quad_world)[0] + shift, place.quad_px, atol=1e-6)
    whole, part = (
        render(scene.tables, scene.tracer, [View(0, camera)], {"image"}, noise=False)[0].image
        for camera in (CAMERA, near)
    )
    x, y = shift.astype(int)
    same = whole.png[y : y + near.height_px, x : x + near.width_px]
    inner = slice(8, -8), slice(8, -8)  # light is pooled over neighbours that the rim of the window lacks
    np.testing.assert_allclose(part.png[inner].astype(int), same[inner].astype(int), atol=2)


def test_a_look_says_of_the_code_what_the_whole_view_says(view):
    scene, code = view
    maps = render(scene.tables, scene.tracer, [View(0, CAMERA)], {"image"})[0]
    (whole,) = annotate.annotate(scene.tables, scene.tracer, maps, [code], 0)
    near = reason_validation.look(scene, CAMERA, code)
    for name in ("decoded", "reason", "visible_fraction", "truncated", "decoded_text", "symbology"):
        assert near[name] == whole[name], name
    for name in ("module_px_min", "incidence_deg", "distance_m", "psf_px"):
        assert near[name] == pytest.approx(whole[name], rel=1e-6), name
    assert near["contrast"] == pytest.approx(whole["contrast"], rel=0.02)


def test_what_a_view_does_not_see_has_no_look(view):
    scene, code = view
    away = replace(CAMERA, world_from_camera=scenes.pose((5.0, 0.0, 0.5), scenes.DOWN))
    assert reason_validation.look(scene, away, code) is None


def test_automatic_exposure_is_settled_on_the_whole_view(view):
    scene, _ = view
    assert reason_validation.settled(scene, CAMERA) is CAMERA
    auto = replace(CAMERA, exposure_s=1.0, auto_exposure_target=0.4)
    camera = reason_validation.settled(scene, auto)
    assert camera.auto_exposure_target == 0.0 and 1e-3 <= camera.exposure_s < 1.0
    image = render(scene.tables, scene.tracer, [View(0, camera)], {"image"})[0].image
    assert image.record["median_signal_share"] == pytest.approx(0.4, rel=0.25)  # print makes the median jump


def trial(reason, decoded, module_px=3.0):
    annotation = {
        "reason": reason, "decoded": False, "module_px_min": module_px, "visible_fraction": 1.0, "truncated": False,
        "symbology": "qr", "code_id": "c1",
    }  # fmt: skip
    return reason_validation.Trial(
        case=reason_validation.Case(shot=shots.shot(), camera="top", annotation=annotation), decoded=decoded
    )


def test_the_report_counts_cases_and_those_that_stood_up():
    trials = (
        trial("noise", True),
        trial("orientation", True, 1.0),
        trial("orientation", False),
        trial("unknown", False),
    )
    codes = code_counts.of([one.case.annotation for one in trials])
    report = reason_validation.Report(recipe="some", shots=2, codes=codes, trials=trials)
    assert list(report.rows.items()) == [("orientation", (2, 1)), ("noise", (1, 1)), ("unknown", (1, 0))]
    plain = json.loads(json.dumps(report.as_dict()))
    assert (plain["cases"], plain["decoded_without_cause"]) == (4, 2)
    assert (plain["clear_cases"], plain["clear_decoded_without_cause"]) == (3, 1)
    assert report.as_text().splitlines()[-1] == ("  all cases 2 of 4 (50 %); fine and unoccluded ones 1 of 3 (33 %)")


def test_bench_card_is_read_and_leaves_nothing_to_prove():
    path = shelves.path("recipes") / "bench_card.yaml"
    report = reason_validation.run(recipe.load(path), shots=1, cases=2)
    assert report.codes.in_view > 0
    assert len(report.trials) == min(2, report.codes.in_view - report.codes.decoded)
