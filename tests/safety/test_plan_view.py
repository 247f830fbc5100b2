"""Footprints for the plan views: convex, near the zones, without floors and what hangs overhead."""

from __future__ import annotations

import numpy as np
import pytest

from synthgen.safety.plan_view import outlines
from tests.scenes import box, description, instance, pose, turn

ZONE = (((-1.0, -1.0, 1.2), (1.0, 1.0, 1.9)),)


def test_a_turned_box_is_its_turned_rectangle() -> None:
    where = pose((0.5, 0.2, 1.0), turn("z", 0.5))
    (found,) = outlines(description([instance("/World/Items/crate", box((0.6, 0.4, 0.8)), where)]), ZONE)
    corners = np.array(found.corners_m)
    assert (found.name, found.kind, len(corners)) == ("crate", "structure", 4)
    sides = np.linalg.norm(corners - np.roll(corners, 1, axis=0), axis=1)
    assert sorted(sides) == pytest.approx([0.4, 0.4, 0.6, 0.6], abs=2e-3)
    assert (found.low_z_m, found.high_z_m) == pytest.approx((0.6, 1.4))
    assert corners.mean(axis=0) == pytest.approx([0.5, 0.2], abs=1e-3)


def test_floors_ceilings_and_what_is_far_are_left_out_and_baffles_never() -> None:
    bodies = {
        "/World/Environment/floor": ((20.0, 20.0, 0.02), (0.0, 0.0, 0.0)),
        "/World/Environment/mat": ((1.0, 1.0, 0.02), (0.0, 0.0, 0.0)),
        "/World/Environment/truss": ((1.0, 1.0, 0.1), (0.0, 0.0, 6.0)),
        "/World/Environment/rack": ((1.0, 1.0, 2.0), (9.0, 0.0, 1.0)),
        "/World/Environment/post": ((0.1, 0.1, 2.0), (0.0, 0.5, 1.0)),
        "/World/Baffles/hood/sheet": ((1.0, 0.001, 1.0), (0.0, 0.0, 3.0)),
    }
    found = outlines(
        description([instance(path, box(size), pose(place)) for path, (size, place) in bodies.items()]), ZONE
    )
    assert [(each.name, each.kind) for each in found] == [("post", "structure"), ("hood/sheet", "baffle")]
