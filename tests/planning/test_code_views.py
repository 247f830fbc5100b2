"""What plan says of views: codes in view, their modules and the signal of paper agree with what is rendered."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from synthgen import pipeline
from synthgen.planning import code_views, unlit, view_forecast
from synthgen.planning.plan import shots
from synthgen.random_streams import Stream
from synthgen.recipe.load import from_text
from synthgen.recipe.model import Recipe
from synthgen.rendering import direct_lighting, sensor
from synthgen.world import exposure, occlusion
from synthgen.world.poses import standing
from synthgen.world.sensor_catalog import SENSORS
from synthgen.world.shot import Camera, Item, Lens, Light, Pose

CARD = """
version: 1
scene: {warehouse: bench}
cameras:
  top: {mount: stand_tilted, sensor: imx264, roi_px: [320, 240], lens: {focal_mm: 8, f_number: 5.6}, exposure_ms: 6}
lights: {lamp: {mount: lamp_left, shape: disk, radius_mm: 60, peak_power_w: POWER, spectrum: white_led}}
items:
  card:
    kind: card
    position_m: [0, 0, 0.764]
    size_mm: [150, 110, 2]
    labels: {main: {face: FACE, size_mm: [100, 60], codes: [{symbology: qr, payload: A, module_mm: 1}]}}
outputs: [image]
"""


def card(face: str = "top", power_w: float = 12.0) -> Recipe:
    """Return the recipe of a card under a lamp."""
    return from_text(CARD.replace("FACE", face).replace("POWER", str(power_w)), folder=Path())


def forecast(recipe: Recipe) -> view_forecast.ViewForecast:
    """Return the forecast of two draws."""
    return view_forecast.of_shots(shots(recipe, "train", range(2)))


def test_the_forecast_is_what_the_renderer_measures():
    (shot,) = shots(card(), "train", range(1))
    (view,) = code_views.views(shot)
    (seen,) = view.codes
    (sample,) = pipeline.SampleRenderer(card()).samples("train", 0)
    (found,) = sample.record["annotations"]
    assert seen.code_id == found["code_id"]
    assert seen.module_px == pytest.approx(found["module_px_min"], rel=1e-3)
    assert seen.irradiance_w_m2 == pytest.approx(found["irradiance_w_m2"], rel=0.01)
    assert view.paper_share * (1 - 0.05 / 0.84) == pytest.approx(found["contrast"], rel=0.06)


def test_a_label_that_no_camera_sees_is_told():
    recipe = card("bottom")
    found = forecast(recipe)
    assert (found.frames, found.holding, found.share) == (2, 0, 0.0)
    (told,) = view_forecast.warnings(recipe, found)
    assert "no code is in view in any of 2 frames" in told
    assert forecast(card()).share == 1.0 and not view_forecast.warnings(card(), forecast(card()))


@pytest.mark.parametrize(("power_w", "word"), [(0.1, "nearly black"), (300.0, "saturated")])
def test_black_and_saturated_paper_is_told(power_w, word):
    recipe = card(power_w=power_w)
    (told,) = view_forecast.warnings(recipe, forecast(recipe))
    assert word in told and told.partition(": ")[2].startswith("cameras.top: ")


def test_lamps_without_power_are_told_once():
    recipe = card(power_w=0.0)
    looks = [view_forecast.look(shot) for shot in shots(recipe, "train", range(2))]
    assert "every lamp has a strength of 0" in unlit.warning(recipe, looks)
    assert not view_forecast.warnings(recipe, view_forecast.of_looks(looks))


def test_the_text_gives_share_modules_and_signal():
    lines = view_forecast.text(forecast(card()))
    assert lines[0] == "codes in view: in 100% of 2 frames (top 100%)"
    assert lines[1].startswith("module size of codes in view: ") and " px in the median" in lines[1]
    assert lines[2].startswith("signal of white paper, top: ") and "% of saturation" in lines[2]
    values = view_forecast.summary(forecast(card()))
    assert values["by_camera"]["top"]["frames_with_code"] == 2 and sum(values["module_px"]["histogram"]) == 2


def test_an_item_in_the_way_hides_a_code():
    (shot,) = shots(card(), "train", range(1))
    eye = shot.cameras["top"].pose.position_m
    middle = tuple((a + b) / 2 for a, b in zip(eye, shot.items["card"].pose.position_m, strict=True))
    wall = Item(kind="carton", pose=standing(middle), size_m=(0.3, 0.3, 0.02))
    (view,) = code_views.views(replace(shot, items={**shot.items, "wall": wall}))
    assert not view.codes


def test_many_points_are_hidden_as_each_of_them_is():
    rng = Stream(0, "train", 0).at("points").generator()
    box = Item(kind="carton", pose=standing((0.1, 0.2, 0.0), 0.4), size_m=(0.4, 0.3, 0.25))
    points = rng.uniform(-0.6, 0.6, (200, 3))
    each = [occlusion.hides(box, tuple(point.tolist()), (0.2, -0.1, 1.0)) for point in points]
    assert any(each) and not all(each)
    assert occlusion.hidden(box, points, (0.2, -0.1, 1.0)).tolist() == each


@pytest.mark.parametrize("color", ["mono", "rgb"])
@pytest.mark.parametrize("focus_m", [0.0, 0.4])
def test_planning_exposes_as_the_sensor_does(color, focus_m):
    chip = replace(SENSORS["imx264"], color=color, gain_dn_e=0.05)
    lens = Lens(focal_m=0.016, f_number=4.0, focus_m=focus_m)
    camera = Camera(pose=Pose(), lens=lens, sensor=chip, exposure_s=1e-3)
    photons = np.array([1.0, 2.0, 3.0, 4.0]) * 1e17
    described = code_views._described("eye", camera)
    expected = sensor.electrons_per_photon(described) @ (photons * 0.8 / np.pi)
    assert exposure.electrons(camera, photons, (0.8,) * 4) == pytest.approx(expected.max(), rel=1e-6)
    assert exposure.capacity_e(camera) == sensor.capacity_e(chip)


@pytest.mark.parametrize("pulse", [(0.0, 0.0, 0.0), (1e-4, 0.0, 5e-5), (2e-4, 2000.0, 9e-4), (1e-3, 2000.0, 0.0)])
def test_planning_overlaps_pulses_as_the_renderer_does(pulse):
    lamp = Light(shape="point", pulse_s=pulse[0], rate_hz=pulse[1], delay_s=pulse[2])
    for exposure_s in (1e-5, 3e-4, 4e-3):
        expected = direct_lighting.shutter_overlap_s(lamp, exposure_s)  # pyright: ignore[reportArgumentType]
        assert exposure.overlap_s(lamp, exposure_s) == pytest.approx(expected)
