"""Poses and footprints, and parcels that are placed by them."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from randomizers.baffles import BaffleTilt
from randomizers.dock import DockLoads
from randomizers.parcels import BeltParcels
from randomizers.rack_stock import RackStock
from randomizers.read_windows import ReadWindow
from synthgen.errors import InputError
from synthgen.random_streams import Stream
from synthgen.world import poses, sites
from synthgen.world.distributions import Int
from synthgen.world.sensor_catalog import SENSORS
from synthgen.world.shot import Baffle, Camera, Code, Item, Label, Lens, Shot, World

_CODE = Code(code_id="c", symbology="qr", payload="A", module_m=0.0005, position_m=(0.0, 0.0))
_COORDINATE = st.floats(-5, 5).map(lambda v: round(v, 3))
_POINT = st.tuples(_COORDINATE, _COORDINATE, _COORDINATE)


def _shot(warehouse, **more):
    return Shot(seed=0, split="train", index=0, world=World(warehouse=warehouse), **more)


@given(_POINT, _POINT)
@settings(max_examples=60, deadline=None)
def test_look_at_turns_minus_z_to_the_target_and_y_up(eye, target):
    if math.dist(eye, target) < 1e-3:
        return
    pose = poses.look_at(eye, target)
    axes = np.array([poses.rotate(pose.rotation_wxyz, e) for e in ((1.0, 0, 0), (0, 1.0, 0), (0, 0, 1.0))])
    np.testing.assert_allclose(axes @ axes.T, np.eye(3), atol=1e-9)
    np.testing.assert_allclose(-axes[2] * math.dist(eye, target), np.subtract(target, eye), atol=1e-8)
    assert axes[1, 2] >= -1e-9
    assert np.linalg.det(axes) == pytest.approx(1)


def test_look_at_needs_a_direction():
    with pytest.raises(ValueError, match="both"):
        poses.look_at((1.0, 2.0, 3.0), (1.0, 2.0, 3.0))


def test_turning_and_moving_in_the_own_frame():
    pose = poses.moved(poses.standing((1.0, 0.0, 0.0), math.pi / 2), (2.0, 0.0, 0.5))
    np.testing.assert_allclose(pose.position_m, (1.0, 2.0, 0.5), atol=1e-12)
    turned = poses.turned(poses.turned(pose, (0.0, 0.0, 1.0), 0.3), (0.0, 0.0, 1.0), -0.3)
    np.testing.assert_allclose(turned.rotation_wxyz, pose.rotation_wxyz, atol=1e-12)


def test_facing_puts_z_on_the_normal_and_x_along():
    pose = poses.facing((0.0, 0.0, 0.0), (0.0, -1.0, 0.0), (1.0, 0.3, 0.0))
    np.testing.assert_allclose(poses.rotate(pose.rotation_wxyz, (0.0, 0.0, 1.0)), (0, -1, 0), atol=1e-12)
    np.testing.assert_allclose(poses.rotate(pose.rotation_wxyz, (1.0, 0.0, 0.0)), (1, 0, 0), atol=1e-12)


def test_two_unit_squares_are_apart_by_exactly_their_distance():
    def square(x, yaw=0.0):
        return poses.footprint(Item(kind="carton", pose=poses.standing((x, 0.0, 0.0), yaw), size_m=(1.0, 1.0, 1.0)))

    assert poses.apart(square(0), square(1.2), 0.19)
    assert not poses.apart(square(0), square(1.2), 0.21)
    assert not poses.apart(square(0), square(1.2, math.pi / 4))  # its corner reaches 0.707
    assert poses.apart(square(0), square(1.21, math.pi / 4))


@given(st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_parcels_ride_the_belt_inside_its_edges_and_apart(index):
    shot = BeltParcels(count=3)(_shot("scan_tunnel"), Stream(0, "train", index, "randomize.belt_parcels"))
    place = sites.SITES["scan_tunnel"]
    bases = [poses.footprint(item) for item in shot.items.values()]
    assert len(bases) == 3
    for item, base in zip(shot.items.values(), bases, strict=True):
        assert item.pose.position_m[2] == place["belt_top_m"]
        assert item.velocity_m_s == (place["belt_speed_m_s"], 0.0, 0.0)
        assert max(abs(y) for _, y in base) <= place["belt_width_m"] / 2 - 0.019
    assert all(poses.apart(a, b, 0.15) for n, a in enumerate(bases) for b in bases[:n])
    assert abs(shot.items["parcel_1"].pose.position_m[0]) <= 0.1


def test_carton_lengths_are_log_normal_about_their_median():
    parcels = BeltParcels(count=1, kind="carton")
    shots = [parcels(_shot("scan_tunnel"), Stream(0, "train", n, "randomize.belt_parcels")) for n in range(1500)]
    logs = np.log([s.items["parcel_1"].size_m[0] for s in shots])
    assert np.median(logs) == pytest.approx(math.log(0.33), abs=0.05)
    assert np.std(logs) == pytest.approx(0.36, abs=0.04)  # 0.38, cut at 2.2 sigma


def test_stock_stands_on_its_level_and_fronts_the_aisle():
    shot = RackStock(empty_share=0.0)(_shot("rack_aisle"), Stream(0, "train", 3, "randomize.s"))
    face = sites.SITES["rack_aisle"]["aisle_width_m"] / 2
    pallets = [item for item in shot.items.values() if item.kind == "pallet"]
    cartons = [item for item in shot.items.values() if item.kind == "carton"]
    assert len(pallets) == 3
    assert all(item.pose.position_m[2] >= 1.6 + 0.144 - 1e-9 for item in cartons)
    for item in cartons:
        front = poses.rotate(item.pose.rotation_wxyz, (1.0, 0.0, 0.0))
        assert front[1] < -0.99
        assert item.pose.position_m[1] - item.size_m[0] / 2 > face - 0.1
    for n, item in enumerate(cartons):
        for other in cartons[:n]:
            level = abs(item.pose.position_m[2] - other.pose.position_m[2]) > 0.1
            assert level or poses.apart(poses.footprint(item), poses.footprint(other), -0.006)


def test_dock_loads_keep_apart_and_on_the_hall_side():
    shot = DockLoads(count=Int(3, 6), trailer_rows=0)(_shot("dock_door"), Stream(0, "train", 1, "randomize.d"))
    bases = [poses.footprint(item) for item in shot.items.values()]
    assert len(bases) >= 3
    assert all(x < 0.3 for base in bases for x, _ in base)
    assert all(poses.apart(a, b, 0.079) for n, a in enumerate(bases) for b in bases[:n])


def test_read_window_lays_the_region_on_the_code_and_keeps_it_on_the_chip():
    label = Label(label_id="l", face="top", center_m=(0.05, 0.02), size_m=(0.1, 0.06), codes=(_CODE,))
    item = Item(kind="carton", pose=poses.standing((0.1, 0.05, 0.9), 0.4), size_m=(0.3, 0.2, 0.1), labels=(label,))
    sensor = replace(SENSORS["imx264"], roi_px=(904, 784, 640, 480), resolution_px=(640, 480))
    lens = Lens(focal_m=0.016, f_number=8, focus_m=1.0)
    camera = Camera(pose=poses.look_at((0.0, 0.0, 2.2), (0.0, 0.0, 0.9)), lens=lens, sensor=sensor, exposure_s=1e-4)
    shot = _shot("scan_tunnel", cameras={"top": camera}, items={"box": item})
    for n in range(20):
        rng = Stream(0, "train", n, "randomize.read_window")
        sensor = ReadWindow(share=1.0, spread=0.5)(shot, rng).cameras["top"].sensor
        left, top, width, height = sensor.roi_px
        assert (width, height) == (640, 480)
        assert left >= 0 and left + width <= 2448
        assert top >= 0 and top + height <= 2048
        # the code's middle, by hand: item frame -> world -> pinhole
        x, y = 0.1 + 0.05 * math.cos(0.4) - 0.02 * math.sin(0.4), 0.05 + 0.05 * math.sin(0.4) + 0.02 * math.cos(0.4)
        right = poses.rotate(camera.pose.rotation_wxyz, (1.0, 0.0, 0.0))
        up = poses.rotate(camera.pose.rotation_wxyz, (0.0, 1.0, 0.0))
        focal_px = 0.016 / 3.45e-6 / 1.2
        u = 1224 + focal_px * (x * right[0] + y * right[1]) - left
        v = 1024 - focal_px * (x * up[0] + y * up[1]) - top
        assert 0.24 * 640 < u < 0.76 * 640
        assert 0.24 * 480 < v < 0.76 * 480


def test_goods_of_another_warehouse_are_refused():
    with pytest.raises(InputError, match="write scan_tunnel"):
        BeltParcels()(_shot("bench"), Stream(0, "train", 0, "randomize.p"))


def test_tilt_replaces_the_declared_tilt_of_a_baffle_on_a_mount():
    mount = sites.SITES["scan_tunnel"].mount("hood_left", "baffle")
    declared = poses.turned(mount.pose, (1.0, 0.0, 0.0), 0.2)
    shot = _shot("scan_tunnel", baffles={"hood": Baffle(pose=declared, size_m=(1.0, 1.0), mount="hood_left")})
    tilted = BaffleTilt(tilt_rad=0.3)(shot, Stream(0, "train", 0, "randomize.t")).baffles["hood"].pose
    expected = poses.turned(mount.pose, (1.0, 0.0, 0.0), 0.3)
    np.testing.assert_allclose(tilted.rotation_wxyz, expected.rotation_wxyz, atol=1e-12)
