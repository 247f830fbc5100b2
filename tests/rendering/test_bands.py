"""Frames that are computed in bands of rows: the same as in one piece, with the memory of a band."""

from dataclasses import replace

import numpy as np
import pytest

from synthgen.rendering import bands, ray_tracers
from synthgen.rendering.launch import View
from synthgen.rendering.render import render
from synthgen.world import frame_bands
from tests import scenes

OUTPUTS = ["image", "depth", "range", "irradiance", "hazard", "instances", "normals", "radiance", "raw"]
CAMERA = scenes.camera(scenes.looking_down(1.3), focal_px=150.0, size_px=(160, 200), exposure_s=15e-3, noise_seed=3)


def rendered(world, camera, launch_px=frame_bands.LAUNCH_PX):
    """Return the maps of a view, in launches of at most `launch_px` pixels."""
    device = scenes.tables_of(world)
    return render(device, ray_tracers.of(device, "warp"), [View(0, camera)], OUTPUTS, launch_px=launch_px)[0]


def assert_same(one, other):
    """Assert that two renderings are equal bit for bit."""
    for name in OUTPUTS[1:]:
        np.testing.assert_array_equal(one[name], other[name], err_msg=name)
    for name in ("png", "raw", "signal_e", "saturated"):
        np.testing.assert_array_equal(getattr(one.image, name), getattr(other.image, name), err_msg=name)
    assert one.image.record == other.image.record and one.camera.exposure_s == other.camera.exposure_s
    assert vars(one.hazard).keys() == vars(other.hazard).keys()
    assert (one.hazard.hazard, one.hazard.at_px) == (other.hazard.hazard, other.hazard.at_px)
    for name, values in vars(one.label_light).items():
        np.testing.assert_array_equal(values, vars(other.label_light)[name], err_msg=name)


@pytest.mark.parametrize("launch_px", [160 * 60, 160 * 75, 160 * 41])
def test_bands_are_as_the_frame_in_one_piece(launch_px):
    world = scenes.baffle_scene()
    assert_same(rendered(world, CAMERA, launch_px), rendered(world, CAMERA))


@pytest.mark.parametrize("color", ["mono", "rgb"])
def test_a_label_across_bands_has_the_light_of_the_frame_in_one_piece(tmp_path, color):
    on, code = scenes.label(tmp_path, module_m=2e-3)
    world = scenes.description(
        instances=[replace(on, velocity_m_s=(0.4, 0.2, 0.0))],
        codes=[code],
        lights=[scenes.lamp(scenes.facing((0.3, 0.1, 0.8), (0, 0, 0)), strength=40.0)],
    )
    camera = scenes.camera(scenes.looking_down(0.5), focal_px=900.0, size_px=(160, 160), exposure_s=5e-3)
    camera = replace(camera, sensor=replace(camera.sensor, color=color))
    whole = rendered(world, camera)
    assert whole.label_light.pixels.size > 1000 and np.abs(whole.label_light.motion_px).max() > 1
    assert_same(rendered(world, camera, 160 * 60), whole)


def test_auto_exposure_of_bands_looks_at_the_whole_frame():
    """Both look at a sample of a frame: it holds the same median within 2 % on this smoothly lit scene."""
    camera = replace(CAMERA, auto_exposure_target=0.4, exposure_s=0.2)
    whole, cut = (rendered(scenes.baffle_scene(), camera, px) for px in (frame_bands.LAUNCH_PX, 160 * 60))
    assert whole.camera.exposure_s < 0.2
    assert cut.camera.exposure_s == pytest.approx(whole.camera.exposure_s, rel=0.02)
    assert whole.image.record["auto"] and cut.image.record["auto"]


def test_bands_cover_each_row_once_within_the_bound():
    view = View(0, scenes.camera(np.eye(4), size_px=(500, 1777)))
    runs = list(bands.launches([view], 50_000))
    assert all(sum(b.view.height_px * b.view.width_px for b in run) <= 50_000 for run in runs)
    rows = [
        row
        for run in runs
        for b in run
        for row in range(b.view.first_row + b.kept.start, b.view.first_row + b.kept.stop)
    ]
    assert rows == list(range(1777))


def test_small_views_share_a_launch():
    views = [View(0, scenes.camera(np.eye(4), size_px=(100, 100))) for _ in range(5)]
    assert [len(run) for run in bands.launches(views, 25_000)] == [2, 2, 1]
