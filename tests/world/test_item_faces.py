"""Faces of a box: which way each looks, and that a sheet laid on one lies there."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthgen.world import item_faces

SIZE_M = (0.4, 0.3, 0.2)
EXPECTED = {
    "front": ((0.2, 0.0, 0.1), (0, 1, 0), (0, 0, 1), (1, 0, 0)),
    "back": ((-0.2, 0.0, 0.1), (0, -1, 0), (0, 0, 1), (-1, 0, 0)),
    "left": ((0.0, 0.15, 0.1), (-1, 0, 0), (0, 0, 1), (0, 1, 0)),
    "right": ((0.0, -0.15, 0.1), (1, 0, 0), (0, 0, 1), (0, -1, 0)),
    "top": ((0.0, 0.0, 0.2), (1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "bottom": ((0.0, 0.0, 0.0), (-1, 0, 0), (0, 1, 0), (0, 0, -1)),
}


def matrix(q: tuple[float, ...]) -> np.ndarray:
    w, x, y, z = q
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )


@pytest.mark.parametrize("face", item_faces.FACES)
def test_frame_is_that_of_the_design(face: str) -> None:
    found = item_faces.frame(face, SIZE_M)
    for vector, expected in zip(found, EXPECTED[face], strict=True):
        assert vector == pytest.approx(expected)
    _, right, up, outward = found
    assert np.allclose(np.cross(up, outward), right)


def test_size_is_the_extent_along_right_and_up() -> None:
    assert item_faces.size("front", SIZE_M) == (0.3, 0.2)
    assert item_faces.size("left", SIZE_M) == (0.4, 0.2)
    assert item_faces.size("bottom", SIZE_M) == (0.4, 0.3)


@given(
    st.sampled_from(item_faces.FACES),
    st.tuples(st.floats(-0.1, 0.1), st.floats(-0.1, 0.1)),
    st.floats(-4, 4),
    st.floats(0, 0.01),
)
def test_pose_puts_a_sheet_on_the_face(
    face: str, center_m: tuple[float, float], angle_rad: float, lift_m: float
) -> None:
    position, q = item_faces.pose(face, SIZE_M, center_m, angle_rad, lift_m)
    center, right, up, outward = map(np.array, item_faces.frame(face, SIZE_M))
    turn = matrix(q)
    assert math.isclose(sum(c * c for c in q), 1.0)
    assert np.allclose(position, center + center_m[0] * right + center_m[1] * up + lift_m * outward)
    assert np.allclose(turn[:, 2], outward)  # a sheet faces +Z
    assert np.allclose(turn[:, 0], math.cos(angle_rad) * right + math.sin(angle_rad) * up)


def test_unknown_face_is_refused() -> None:
    with pytest.raises(KeyError):
        item_faces.frame("lid", SIZE_M)
