"""Cameras: projection, lens and sensor, with and without our schema."""

from __future__ import annotations

import math

import numpy as np
import pytest

from synthgen.usd.read.description import camera_of, describe
from synthgen.world.scene_description import Camera
from tests.stage_text import stage

CENTIMETRES = '#usda 1.0\n(\n    metersPerUnit = 0.01\n    upAxis = "Y"\n)\n'


def only(text: str, head: str | None = None) -> Camera:
    found = describe(stage(text) if head is None else stage(text, head))
    assert len(found.cameras) == 1, found.warnings
    return found.cameras[0]


def test_focal_length_is_in_tenths_of_a_unit() -> None:
    metres = only(
        'def Camera "c" { float focalLength = 0.5\n float horizontalAperture = 0.36\n float verticalAperture = 0.24 }'
    )
    assert metres.lens.focal_m == pytest.approx(0.05)
    centimetres = only(
        'def Camera "c" { float focalLength = 50\n float horizontalAperture = 36\n float verticalAperture = 24 }',
        CENTIMETRES,
    )
    assert centimetres.lens.focal_m == pytest.approx(0.05)
    assert metres.fx_px == pytest.approx(metres.width_px * 50 / 36)
    assert metres.fx_px == pytest.approx(metres.fy_px, rel=0.01)


def test_generic_sensor_keeps_the_aperture_ratio_and_fills_it() -> None:
    found = only('def Camera "c" { float horizontalAperture = 40\n float verticalAperture = 10 }', CENTIMETRES)
    assert found.width_px / found.height_px == pytest.approx(4, rel=0.01)
    assert found.width_px * found.height_px == pytest.approx(640 * 480, rel=0.01)
    assert found.sensor.pitch_m * found.width_px == pytest.approx(0.04)
    assert found.sensor.quantum_efficiency == (0.5, 0.6, 0.5, 0.3)
    assert found.sensor.gain_dn_e * found.sensor.saturation_e == pytest.approx(255)


def test_aperture_offsets_move_the_window() -> None:
    text = 'def Camera "c" { float horizontalAperture = 20\n float verticalAperture = 15\n %s }'
    found = only(text % "float horizontalApertureOffset = 5\n float verticalApertureOffset = 3", CENTIMETRES)
    assert found.cx_px == pytest.approx(found.width_px * (0.5 - 0.25))
    assert found.cy_px == pytest.approx(found.height_px * (0.5 + 0.2))


def test_axes_are_opencv_and_the_pose_rigid() -> None:
    found = only("""def Xform "x" { float3 xformOp:scale = (2, 2, 2)
        uniform token[] xformOpOrder = ["xformOp:scale"]
        def Camera "c" { double3 xformOp:translate = (0, 0, 2)
            uniform token[] xformOpOrder = ["xformOp:translate"] }
        }""")
    expected = np.diag([1.0, -1.0, -1.0, 1.0])
    expected[2, 3] = 4
    np.testing.assert_allclose(found.world_from_camera, expected)


def test_y_up_stage_turns_the_camera() -> None:
    found = only('def Camera "c" { }', CENTIMETRES)
    assert found.world_from_camera[:3, 2] == pytest.approx((0, 1, 0))  # looks along -Z of the stage
    assert found.world_from_camera[:3, 1] == pytest.approx((0, 0, -1))  # down


def test_depth_of_field_only_with_an_f_stop() -> None:
    text = 'def Camera "c" { float focalLength = 0.5\n float focusDistance = 2\n float fStop = %s }'
    assert only(text % "0").lens.focus_m == 0
    blurred = only(text % "4").lens
    assert (blurred.f_number, blurred.focus_m) == pytest.approx((4, 2))


def test_foreign_exposure_is_automatic() -> None:
    plain, timed = only('def Camera "c" { }'), only('def Camera "c" { float exposure:time = 0.25 }')
    assert plain.auto_exposure_target > 0
    assert (plain.exposure_s, timed.exposure_s) == (100.0, 0.25)  # the longest that auto exposure may take


OWN = """def Camera "c" (prepend apiSchemas = ["SynthgenSensorAPI"]) { float focalLength = 0.16
    int2 synthgen:sensor:resolution_px = (1280, 960)
    double synthgen:sensor:pitch_m = 3.45e-6
    double[] synthgen:sensor:qe = [0.1, 0.2, 0.3, 0.4]
    int64 synthgen:sensor:noise_seed = -1
    token synthgen:sensor:color = "mono"
    double synthgen:sensor:focal_m = 0.0160000001
    double synthgen:sensor:exposure_s = 5e-5
    float exposure:time = %s
    float omni:lensdistortion:opencvPinhole:fx = 4000
    float omni:lensdistortion:opencvPinhole:fy = 4100
    float omni:lensdistortion:opencvPinhole:cx = 641
    float omni:lensdistortion:opencvPinhole:cy = 482
    float omni:lensdistortion:opencvPinhole:k1 = -0.25 }"""


def test_our_sensor_is_read_back() -> None:
    found = only(OWN % "5e-5")
    assert (found.width_px, found.height_px) == (1280, 960)
    assert found.sensor.quantum_efficiency == (0.1, 0.2, 0.3, 0.4)
    assert (found.fx_px, found.fy_px, found.cx_px, found.cy_px) == (4000, 4100, 641, 482)
    assert found.dist == (-0.25, 0, 0, 0, 0)
    assert found.lens.focal_m == 0.0160000001
    assert found.noise_seed == 2**64 - 1
    assert (found.exposure_s, found.auto_exposure_target) == (5e-5, 0)


def test_a_standard_attribute_changed_by_another_tool_wins_over_our_double() -> None:
    assert only(OWN % "0.001").exposure_s == pytest.approx(0.001)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ('token projection = "orthographic"', "orthographic"),
        ("float focalLength = 0", "focal length"),
        ("float horizontalAperture = -1", "aperture"),
    ],
)
def test_cameras_without_perspective_are_named(text: str, word: str) -> None:
    found = describe(stage(f'def Camera "c" {{ {text} }}'))
    assert not found.cameras
    assert any(word in line for line in found.warnings)


def test_other_lens_models_are_named() -> None:
    found = describe(stage('def Camera "c" { token omni:lensdistortion:model = "ftheta" }'))
    assert found.cameras[0].dist == (0, 0, 0, 0, 0)
    assert any("ftheta" in line for line in found.warnings)


def test_camera_of_a_cube_is_none() -> None:
    opened = stage('def Cube "c" { }')
    assert camera_of(opened.GetPrimAtPath("/c")) is None
    assert not math.isnan(describe(opened).instances[0].world_from_mesh.sum())


def warnings(text: str, head: str | None = None) -> str:
    found = describe(
        stage(text + '\ndef Cube "drawn" { }') if head is None else stage(text + '\ndef Cube "d" { }', head)
    )
    return "\n".join(found.warnings)


def test_a_rolling_shutter_is_said_to_be_rendered_as_global() -> None:
    text = 'def Camera "c" (prepend apiSchemas = ["SynthgenSensorAPI"]) { token synthgen:sensor:shutter = "%s" }'
    assert warnings(text % "rolling") == "/c: a rolling shutter is not simulated; rendered as a global shutter"
    assert warnings(text % "global") == ""


def test_a_sensor_wider_than_any_is_taken_for_a_slip_of_units() -> None:
    text = 'def Camera "c" { float focalLength = 24\n float horizontalAperture = 20.955 }'
    said = warnings(text)  # a stage in metres
    assert said.startswith(
        "/c: its sensor is 2.095 m wide: focalLength and the apertures are in tenths of a scene unit"
    )
    assert "of 1 m here; write millimetres times 0.01" in said
    assert warnings(text, CENTIMETRES) == ""
    corrected = 'def Camera "c" { float focalLength = 0.24\n float horizontalAperture = 0.20955 }'
    assert warnings(corrected) == ""
    tiny = warnings('def Camera "c" { float horizontalAperture = 0.0002 }')
    assert tiny.startswith("/c: its sensor is 2e-05 m wide")


def test_a_lens_that_folds_inside_the_image_is_named_with_its_radius() -> None:
    text = """def Camera "c" {
        float focalLength = 0.08
        float horizontalAperture = 0.2
        float verticalAperture = 0.15
        custom float omni:lensdistortion:opencvPinhole:fx = 256
        custom float omni:lensdistortion:opencvPinhole:fy = 256
        custom float omni:lensdistortion:opencvPinhole:k1 = %s
        }"""
    # r (1 + k1 r^2) turns at the image radius 2/3 / sqrt(-3 k1) = 0.65060 focal lengths of 256 px of 31.25 um.
    said = warnings(text % -0.35)
    assert said.startswith("/c: the lens folds back 5.2 mm (167 px) from its axis, the image reaches 12.5 mm (400 px)")
    assert "black" in said
    assert warnings(text % -0.04) == ""


def test_foreign_auto_exposure_is_free_and_ours_keeps_its_range() -> None:
    foreign = only('def Camera "c" { }')
    assert foreign.shortest_exposure_s < 1e-9
    ours = only('def Camera "c" (prepend apiSchemas = ["SynthgenSensorAPI"]) { }')
    assert ours.shortest_exposure_s == 0.0
