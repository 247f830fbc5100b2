"""Close views: the code looked at has the size, tilt and turn that were asked for; nothing stands in the way."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from randomizers.camera_views import LabelViews
from synthgen.errors import Infeasible
from synthgen.random_streams import Stream
from synthgen.world import label_pose, occlusion, poses
from synthgen.world.distributions import Choice
from synthgen.world.lens import intrinsics
from synthgen.world.sensor_catalog import SENSORS
from synthgen.world.shot import Camera, Code, Item, Label, Lens, Shot, World

CODE = Code(code_id="c", symbology="qr", payload="A", module_m=0.0005, position_m=(0.01, -0.02))
LABEL = Label(label_id="l", face="top", center_m=(0.03, 0.02), angle_rad=0.3, size_m=(0.1, 0.07), codes=(CODE,))
BOX = Item(kind="carton", pose=poses.standing((0.2, 0.1, 0.0), 0.4), size_m=(0.3, 0.2, 0.15), labels=(LABEL,))
SENSOR = replace(SENSORS["imx264"], resolution_px=(320, 240), roi_px=(0, 0, 320, 240), chip_px=(0, 0))
CAMERA = Camera(
    pose=poses.look_at((0.0, -1.0, 1.0), (0.0, 0.0, 0.0)),
    lens=Lens(focal_m=0.012, f_number=5.6, focus_m=1.0),
    sensor=SENSOR,
    exposure_s=1e-3,
)
STRAIGHT = LabelViews(share=1.0, module_px=4.0, fill=9.0, tilt_rad=0.0, azimuth_rad=0.0, roll_rad=0.0, spread=0.0)


def viewed(views: LabelViews, items: dict[str, Item] | None = None, index: int = 0) -> Camera:
    """Return the camera that `views` laid on the box."""
    shot = Shot(
        seed=0,
        split="train",
        index=index,
        world=World(warehouse=""),
        cameras={"eye": CAMERA},
        items={"box": BOX} if items is None else items,
    )
    return views(shot, Stream(0, "train", index, "randomize").at("label_views")).cameras["eye"]


def seen(camera: Camera, point_m: tuple[float, float, float]) -> np.ndarray:
    """Return the pixel of a point, from the image's middle, distortion left out."""
    w, x, y, z = camera.pose.rotation_wxyz
    way = tuple(p - o for p, o in zip(point_m, camera.pose.position_m, strict=True))
    right, up, back = poses.rotate((w, -x, -y, -z), way)
    focal_px = intrinsics(camera.lens, camera.sensor)[0]
    return np.array([right, -up]) * focal_px / -back


def on_code(x_m: float, y_m: float) -> tuple[float, float, float]:
    """Return a point on the label, from the code's middle, in the world."""
    place = label_pose.in_world(BOX, LABEL)
    return poses.moved(place, (CODE.position_m[0] + x_m, CODE.position_m[1] + y_m, 0.0)).position_m


def test_a_module_has_its_pixels_and_the_code_stands_upright_in_the_middle() -> None:
    camera = viewed(STRAIGHT)
    np.testing.assert_allclose(seen(camera, on_code(0, 0)), 0, atol=1e-6)
    np.testing.assert_allclose(seen(camera, on_code(CODE.module_m, 0)), (4, 0), atol=1e-6)
    np.testing.assert_allclose(seen(camera, on_code(0, CODE.module_m)), (0, -4), atol=1e-6)


def test_tilt_shortens_one_axis_by_its_cosine() -> None:
    camera = viewed(replace(STRAIGHT, tilt_rad=math.radians(50), azimuth_rad=0.0))
    step_m = 1e-6
    along, across = (seen(camera, on_code(*at)) / step_m * CODE.module_m for at in ((step_m, 0), (0, step_m)))
    np.testing.assert_allclose(np.abs(along), (4 * math.cos(math.radians(50)), 0), atol=1e-3)
    np.testing.assert_allclose(np.abs(across), (0, 4), atol=1e-3)


def test_roll_turns_the_image_and_focus_follows_the_distance() -> None:
    camera = viewed(replace(STRAIGHT, roll_rad=math.pi / 2, focus_scale=1.0))
    np.testing.assert_allclose(np.abs(seen(camera, on_code(CODE.module_m, 0))), (0, 4), atol=1e-6)
    assert camera.lens.focus_m == pytest.approx(math.dist(camera.pose.position_m, on_code(0, 0)), rel=1e-9)


def test_a_long_code_is_seen_from_where_it_fills_what_was_asked() -> None:
    camera = viewed(replace(STRAIGHT, fill=0.2, module_px=Choice((4.0, 0.2 * 240 / 21), (1.0, 1e-9))))
    modules = 21  # QR version 1
    width = seen(camera, on_code(CODE.module_m * modules / 2, 0)) - seen(
        camera, on_code(-CODE.module_m * modules / 2, 0)
    )
    assert width[0] == pytest.approx(0.2 * 240, abs=1e-6)


def test_a_code_that_is_too_long_for_the_modules_asked_for_is_infeasible() -> None:
    with pytest.raises(Infeasible, match="no_view"):
        viewed(replace(STRAIGHT, fill=0.2))


@pytest.mark.parametrize("index", range(6))
def test_the_code_stays_within_the_spread_and_nothing_hides_it(index: int) -> None:
    wall = Item(kind="carton", pose=poses.standing((0.2, -0.12, 0.0)), size_m=(0.4, 0.1, 0.6))
    items = {"box": BOX, "wall": wall}
    camera = viewed(LabelViews(share=1.0, spread=0.5, fill=9.0, tilt_rad=(0.9)), items, index)
    if camera == CAMERA:
        return  # no draw was free; the camera stays
    assert not any(occlusion.hides(item, on_code(0, 0), camera.pose.position_m) for item in (wall,))
    assert (np.abs(seen(camera, on_code(0, 0))) <= np.array([80, 60]) * 1.1).all()


def test_without_a_code_it_looks_at_the_top_and_without_anything_it_stays() -> None:
    bare = replace(BOX, labels=())
    camera = viewed(STRAIGHT, {"box": bare})
    np.testing.assert_allclose(seen(camera, poses.moved(BOX.pose, (0.0, 0.0, 0.15)).position_m), 0, atol=1e-6)
    assert viewed(STRAIGHT, {}) == CAMERA
