"""Sites: mounts look where they say, nothing stands in a wall, lamps are kept out of the lenses."""

from __future__ import annotations

import math

import numpy as np
import pytest

from synthgen.errors import InputError
from synthgen.world import sites
from synthgen.world.poses import rotate
from synthgen.world.sites import aisle

_KINDS = {"camera", "light", "baffle"}


def _axis(pose, axis):
    return np.array(rotate(pose.rotation_wxyz, axis))


def _angle_deg(a, b):
    a, b = np.asarray(a, float), np.asarray(b, float)
    return math.degrees(math.acos(np.clip(a @ b / np.linalg.norm(a) / np.linalg.norm(b), -1, 1)))


@pytest.mark.parametrize("name", sites.SITES)
def test_cameras_and_lamps_look_at_their_targets_from_outside_of_every_solid(name):
    place = sites.SITES[name]
    for mount in place.mounts.values():
        assert mount.kind in _KINDS
        assert place.inside(mount.pose.position_m) is None
        if mount.kind != "baffle":
            way = np.subtract(mount.target_m, mount.pose.position_m)
            assert _angle_deg(_axis(mount.pose, (0.0, 0.0, -1.0)), way) < 1e-4
            assert mount.distance_m == pytest.approx(np.linalg.norm(way))


def test_tunnel_has_the_geometry_of_a_tunnel():
    place = sites.SITES["scan_tunnel"]
    cameras = {n: m for n, m in place.mounts.items() if m.kind == "camera"}
    bars = {n: m for n, m in place.mounts.items() if n.startswith("bar_")}
    assert len(cameras) >= 5
    assert len(bars) >= 6
    top = cameras["gantry_top"]
    assert 1.2 <= top.pose.position_m[2] - place["belt_top_m"] <= 1.9
    assert 15 <= _angle_deg(_axis(top.pose, (0.0, 0.0, 1.0)), (0, 0, 1)) <= 20
    for side in ("left", "right", "left_back", "right_front"):
        mount = cameras[f"gantry_{side}"]
        down = 90 - _angle_deg(_axis(mount.pose, (0.0, 0.0, 1.0)), (0, 0, 1))
        assert 0.8 <= mount.distance_m <= 1.5
        assert 5 <= down <= 32
        assert abs(mount.pose.position_m[1]) > place["belt_width_m"] / 2


@pytest.mark.parametrize("bar", ["top_front", "top_back", "left_front", "left_back", "right_front", "right_back"])
def test_shade_stands_between_a_bar_and_the_lens_it_serves(bar):
    place = sites.SITES["scan_tunnel"]
    lamp, sheet = place.mounts[f"bar_{bar}"].pose, place.mounts[f"shade_{bar}"].pose
    lens = np.array(place.mounts[f"gantry_{bar.split('_')[0]}"].pose.position_m)
    start, center = np.array(lamp.position_m), np.array(sheet.position_m)
    normal = _axis(sheet, (0.0, 0.0, 1.0))
    assert 0.15 <= np.linalg.norm(lens - start) <= 0.55
    assert abs(_axis(lamp, (1.0, 0.0, 0.0)) @ _axis(sheet, (1.0, 0.0, 0.0))) == pytest.approx(1)
    assert (start - center) @ normal > 0  # its matt inside faces the bar
    share = (center - start) @ normal / ((lens - start) @ normal)
    assert 0 < share < 1
    crossing = start + share * (lens - start) - center
    assert abs(crossing @ _axis(sheet, (0.0, 1.0, 0.0))) <= 0.06 + 1e-9


def test_lamp_on_a_cameras_mount_goes_beside_the_lens_and_keeps_its_target():
    place = sites.SITES["scan_tunnel"]
    camera, lamp = place.mounts["gantry_left"], place.mount("gantry_left", "light")
    assert 0.15 <= math.dist(camera.pose.position_m, lamp.pose.position_m) <= 0.5
    assert lamp.target_m == camera.target_m


def test_rack_stands_three_pallets_on_thirds_of_the_bay():
    numbers = sites.SITES["rack_aisle"].parameters
    assert [x + 1.35 for x in aisle.pallet_xs(numbers)] == pytest.approx([0.45, 1.35, 2.25])
    assert aisle.bay_centers(numbers)[2] == pytest.approx(0.0)
    assert aisle.beam_top(numbers, 2) == pytest.approx(3.2)


@pytest.mark.parametrize(
    ("make", "remedy"),
    [
        (lambda: sites.build("scan_tunel"), "write scan_tunnel"),
        (lambda: sites.build("scan_tunnel", {"belt_speed": 1.0}), "write belt_speed_m_s"),
        (lambda: sites.build("bench", {"table_top_m": -1.0}), "not negative"),
        (lambda: sites.SITES["bench"].mount("stand_topp"), "write stand_top"),
    ],
)
def test_what_is_not_there_is_named_with_a_remedy(make, remedy):
    with pytest.raises(InputError, match=remedy):
        make()


def test_given_numbers_move_what_follows_from_them():
    low, high = (
        sites.build("scan_tunnel", {"belt_top_m": z}).mounts["gantry_top"].pose.position_m[2] for z in (0.6, 0.9)
    )
    assert high - low == pytest.approx(0.3)
