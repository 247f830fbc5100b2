"""What is left of a Shot when one cause is gone: that part undone, everything else untouched."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthgen.errors import InputError
from synthgen.experiments import remove_cause
from synthgen.rendering import sensor
from synthgen.world import item_faces, scene_description
from synthgen.world import lens as optics
from synthgen.world.poses import look_at, turned
from synthgen.world.shot import Item, Pose, Shot, Wear
from tests.shots import CAMERA, carton, label, shot

WORN = Wear(fade=0.4, scratches=3, seed=9)
EYE_M = (0.4, -0.9, 1.1)


def seen_from(roll_rad: float = 0.0, **changes: object) -> Shot:
    """Return a shot whose camera `top` looks somewhat past the label on a carton's top, rolled about its axis."""
    item = carton(labels=(label(face="top", film="tape", wear=WORN, angle_rad=0.4),))
    pose = turned(look_at(EYE_M, (0.05, 0.42, 0.15)), (0.0, 0.0, 1.0), roll_rad)
    sharp = replace(CAMERA.lens, k1=0.0, k2=0.0, p1=0.0, p2=0.0, k3=0.0)
    camera = replace(CAMERA, pose=pose, lens=sharp, sensor=replace(CAMERA.sensor, roi_px=(904, 784, 640, 480)))
    return shot(**({"items": {"one": item, "two": carton(0.6, labels=())}, "cameras": {"top": camera}} | changes))


def camera_of(world: Shot) -> scene_description.Camera:
    """Return the camera as the renderer knows it."""
    camera = world.cameras["top"]
    pose = np.eye(4)
    pose[:3, :3], pose[:3, 3] = remove_cause._camera_axes(camera), camera.pose.position_m
    fx, fy, cx, cy = optics.intrinsics(camera.lens, camera.sensor)
    return scene_description.Camera(
        path="/c", name="top", world_from_camera=pose, fx_px=fx, fy_px=fy, cx_px=cx, cy_px=cy,
        dist=optics.dist(camera.lens), lens=camera.lens, sensor=camera.sensor, exposure_s=camera.exposure_s,
    )  # fmt: skip


def quad_of(world: Shot) -> np.ndarray:
    item_id, paper, code = remove_cause.find(world, "c1")
    return remove_cause.quad_world(world.items[item_id], paper, code)


def quad_px(world: Shot) -> np.ndarray:
    return optics.project(camera_of(world), quad_of(world))[0]


def undone(cause: str, world: Shot | None = None, **options: float) -> Shot:
    return remove_cause.without(world or seen_from(), "top", "c1", cause, **options)


def test_a_code_lies_on_its_face():
    quad = quad_of(seen_from())
    assert quad[:, 2] == pytest.approx(0.15 + 0.0003)
    along = quad[1] - quad[0]
    assert math.atan2(along[1], along[0]) == pytest.approx(0.4)
    up = quad[0] - quad[3]
    assert np.cross(along, up)[2] > 0  # top is up as the label is read


@pytest.mark.parametrize(
    ("cause", "left"),
    [
        ("damaged", {"items"}),
        ("glare", {"items"}),
        ("low_contrast", {"items"}),
        ("motion_blur", {"items"}),
        ("occluded", {"items"}),
        ("defocus", {"cameras"}),
        ("noise", {"cameras"}),
        ("orientation", {"items"}),
        ("out_of_view", {"cameras"}),
        ("undersampled", {"cameras"}),
        ("saturated", {"lights"}),
        ("underexposed", {"lights"}),
        ("unknown", set()),
        ("misread", set()),
    ],
)
def test_one_part_changes_and_the_rest_is_untouched(cause, left):
    before, after = seen_from(), undone(cause, light=0.4)
    changed = {name for name in vars(before) if getattr(before, name) != getattr(after, name)}
    assert changed == left


def test_the_label_is_fresh_or_bare_or_black_on_white():
    was = seen_from().items["one"].labels[0]
    assert undone("damaged").items["one"].labels == (replace(was, wear=Wear()),)
    assert undone("glare").items["one"].labels == (replace(was, film="", stock="card_white"),)
    assert undone("low_contrast").items["one"].labels == (replace(was, film="", stock="paper", ink="carbon"),)
    printed = carton(labels=(label(stock="kraft_print", ink="flexo", film="tape"),))
    board = undone("glare", seen_from(items={"one": printed})).items["one"].labels[0]
    assert (board.film, board.stock) == ("", "kraft_print")


def test_the_carrier_stands_still_and_stands_alone():
    assert undone("motion_blur").items["one"].velocity_m_s == (0.0, 0.0, 0.0)
    assert undone("motion_blur").items["two"] == seen_from().items["two"]
    assert set(undone("occluded").items) == {"one"}


def test_finer_pixels_show_the_same_field_at_the_same_level():
    before, after = seen_from(), undone("undersampled")
    assert quad_px(after) == pytest.approx(remove_cause.FINER * quad_px(before))
    one, many = camera_of(before), camera_of(after)
    assert many.width_px == remove_cause.FINER * one.width_px
    assert sensor.electrons_per_photon(many) == pytest.approx(sensor.electrons_per_photon(one), rel=0.03)
    assert sensor.capacity_e(many.sensor) == sensor.capacity_e(one.sensor)


def test_a_sharp_lens_is_no_brighter():
    before, after = camera_of(seen_from()), camera_of(undone("defocus"))
    assert after.lens.focus_m == 0.0
    assert sensor.electrons_per_photon(after) == pytest.approx(sensor.electrons_per_photon(before), rel=1e-6)


def test_more_light_into_deeper_wells_keeps_the_level_and_loses_the_noise():
    before, after = camera_of(seen_from()), camera_of(undone("noise"))
    share = [sensor.electrons_per_photon(c) / sensor.capacity_e(c.sensor) for c in (before, after)]
    assert share[1] == pytest.approx(share[0], rel=1e-6)
    half = [0.5 * sensor.capacity_e(c.sensor) for c in (before, after)]
    snr = [float(sensor.snr(np.float64(e), c.sensor)) for e, c in zip(half, (before, after), strict=True)]
    assert snr[1] > 5 * snr[0]  # what is left is quantisation


def test_light_is_scaled_where_it_is_fixed_and_the_target_where_it_is_not():
    assert undone("saturated", light=0.5).lights["bar"].peak_power_w == 100.0
    assert undone("saturated", light=0.5).lights["sky"].irradiance_w_m2 == 5.0
    auto = seen_from()
    auto = replace(auto, cameras={"top": replace(auto.cameras["top"], auto_exposure_target=0.4)})
    assert undone("saturated", auto, light=0.5).cameras["top"].auto_exposure_target == 0.2
    assert undone("underexposed", auto, light=2.0).cameras["top"].auto_exposure_target == 0.8
    assert undone("underexposed", auto, light=2.0).cameras["top"].exposure_s == 2 * CAMERA.exposure_s


@settings(max_examples=25, deadline=None)
@given(st.floats(-math.pi, math.pi))
def test_a_straightened_code_lies_along_rows_or_columns_where_it_was(roll_rad):
    before = seen_from(roll_rad)
    after = undone("orientation", before)
    quad = quad_px(after)
    along = (quad[1] + quad[2] - quad[0] - quad[3]) / 2
    assert min(abs(along)) < 0.02 * max(abs(along))
    sight = [optics.project(camera_of(world), quad_of(world).mean(axis=0)[None])[0][0] for world in (before, after)]
    assert sight[1] == pytest.approx(sight[0], abs=1e-3)
    quads = [quad_of(world) for world in (before, after)]
    assert quads[1].mean(axis=0) == pytest.approx(quads[0].mean(axis=0))
    sides = [np.linalg.norm(np.diff(quad, axis=0), axis=1) for quad in quads]
    assert sides[1] == pytest.approx(sides[0]), "turned, not bent"
    normal = np.cross(quads[1][3] - quads[1][0], quads[1][1] - quads[1][0])
    to_eye = np.subtract(EYE_M, quads[1].mean(axis=0))
    cosine = normal @ to_eye / np.linalg.norm(normal) / np.linalg.norm(to_eye)
    assert cosine == pytest.approx(math.cos(remove_cause.SKEW_RAD)), "the label lies flat, so it had to rise"


def test_a_code_that_faces_the_camera_is_only_rolled():
    near = seen_from()
    above = replace(near.cameras["top"], pose=look_at((0.05, 0.4, 1.2), (0.0, 0.48, 0.15), (1.0, 0.0, 0.0)))
    near = replace(near, cameras={"top": above})
    quads = [quad_of(world) for world in (near, undone("orientation", near))]
    normals = [np.cross(q[3] - q[0], q[1] - q[0]) for q in quads]
    sight = np.subtract(above.pose.position_m, quads[0].mean(axis=0))
    cosines = [n @ sight / np.linalg.norm(n) / np.linalg.norm(sight) for n in normals]
    assert cosines[1] == pytest.approx(cosines[0])


def test_a_code_that_grows_out_of_its_region_gets_a_larger_one():
    """The region grows about the same axis; what lay in it lies where it lay."""
    near = seen_from()
    camera = near.cameras["top"]
    small = replace(camera.sensor, resolution_px=(96, 72), roi_px=(904 + 272, 784 + 204, 96, 72))
    near = replace(near, cameras={"top": replace(camera, sensor=small)})
    after = undone("orientation", near)
    assert after.cameras["top"].sensor.resolution_px == (192, 144)
    was, now = camera_of(near), camera_of(after)
    assert (now.cx_px - was.cx_px, now.cy_px - was.cy_px) == (48.0, 36.0)
    assert undone("orientation").cameras == seen_from().cameras, "it fits"


def test_the_least_turn_is_taken_and_none_where_none_is_needed():
    straight = undone("orientation")
    again = undone("orientation", straight)
    q, r = straight.items["one"].pose.rotation_wxyz, again.items["one"].pose.rotation_wxyz
    assert abs(np.dot(q, r)) == pytest.approx(1.0, abs=1e-6)


def test_an_aimed_camera_has_the_code_on_its_axis():
    after = undone("out_of_view")
    middle, _ = optics.project(camera_of(after), quad_of(after).mean(axis=0)[None])
    assert middle[0] == pytest.approx((camera_of(after).cx_px, camera_of(after).cy_px), abs=1e-6)


def test_a_code_turned_with_its_item_is_found_in_the_world():
    flat = item_faces.frame("top", (0.3, 0.2, 0.15))[0]
    item = Item(kind="carton", pose=Pose(position_m=(1.0, 2.0, 0.0), rotation_wxyz=(math.sqrt(0.5), 0.0, 0.0, math.sqrt(0.5))), size_m=(0.3, 0.2, 0.15))  # fmt: skip # noqa: E501
    paper = label(face="top", angle_rad=0.0, center_m=(0.05, 0.0))
    middle = remove_cause.quad_world(item, paper, paper.codes[0]).mean(axis=0)
    assert middle[:2] == pytest.approx((1.0 - 0.006, 2.0 + 0.05 + 0.004), abs=5e-4)  # x runs along +y now
    assert middle[2] == pytest.approx(flat[2] + 0.0003)


@pytest.mark.parametrize(
    ("camera", "code", "cause", "known"),
    [("tpo", "c1", "noise", "top"), ("top", "c9", "noise", "c9"), ("top", "c1", "nose", "noise")],
)
def test_what_is_not_there_is_named(camera, code, cause, known):
    with pytest.raises(InputError, match=known):
        remove_cause.without(seen_from(), camera, code, cause)
