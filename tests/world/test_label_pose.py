"""The pose of a label: on its face, out of the item, the same whichever way it is asked for."""

from __future__ import annotations

import numpy as np
import pytest

from synthgen.world import item_faces, label_pose
from synthgen.world.poses import rotate, standing
from synthgen.world.shot import Item, Label

BOX = Item(kind="carton", pose=standing((0.3, -0.2, 0.7), 0.6), size_m=(0.4, 0.3, 0.2))


@pytest.mark.parametrize("face", item_faces.FACES)
def test_points_lie_on_the_sheet_and_the_sheet_looks_out(face):
    label = Label(label_id="l", face=face, center_m=(0.02, -0.03), angle_rad=0.4, size_m=(0.1, 0.06))
    sheet = label_pose.in_world(BOX, label)
    flat = np.array([(0.0, 0.0), (0.05, 0.0), (0.0, 0.03)])
    points = label_pose.points_world(BOX, label, flat)
    for (x, y), point in zip(flat, points, strict=True):
        expected = np.add(sheet.position_m, rotate(sheet.rotation_wxyz, (x, y, label_pose.LIFT_M)))
        assert point == pytest.approx(expected, abs=1e-9)
    eye = tuple(np.add(sheet.position_m, rotate(sheet.rotation_wxyz, (0.0, 0.0, 1.0))).tolist())
    assert label_pose.cosine(sheet, eye) == pytest.approx(1.0)


def test_a_label_below_a_tote_lies_on_its_floor():
    tote = Item(kind="tote", pose=standing((0.0, 0.0, 0.0)), size_m=(0.6, 0.4, 0.3))
    label = Label(label_id="l", face="bottom", center_m=(0.0, 0.0), size_m=(0.1, 0.06))
    assert label_pose.in_world(tote, label).position_m[2] == pytest.approx(label_pose.TOTE_FLOOR_M)
