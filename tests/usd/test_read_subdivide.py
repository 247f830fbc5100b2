"""Subdivision against closed forms and laws."""

from __future__ import annotations

import numpy as np
import pytest

import synthgen.usd  # noqa: F401
from synthgen.usd.read.subdivide import INFINITE, Cage, catmull_clark, loop

CUBE = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float)
CUBE_FACES = np.array([(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)])
NONE = np.zeros(0)


def cage(points: np.ndarray, faces: np.ndarray, creases: np.ndarray | None = None, sharpness: float = 0.0) -> Cage:
    edges = np.zeros((0, 2), int) if creases is None else creases
    return Cage(
        points=np.asarray(points, float),
        counts=np.full(len(faces), faces.shape[1]),
        indices=faces.ravel(),
        uv=np.asarray(points, float)[faces.ravel(), :2],
        slot=np.arange(len(faces)),
        crease_edges=edges,
        crease_sharpness=np.full(len(edges), sharpness),
        corner_points=NONE.astype(int),
        corner_sharpness=NONE,
    )


def cube_edges() -> np.ndarray:
    return np.unique(np.sort(np.concatenate([CUBE_FACES[:, [k, (k + 1) % 4]] for k in range(4)]), axis=1), axis=0)


def area(found: Cage) -> float:
    at = found.points[found.indices.reshape(-1, int(found.counts[0]))]
    cross = np.cross(at[:, 1] - at[:, 0], at[:, 2] - at[:, 0])
    if at.shape[1] == 4:
        cross = cross + np.cross(at[:, 2] - at[:, 0], at[:, 3] - at[:, 0])
    return float(np.linalg.norm(cross, axis=1).sum() / 2)


def test_catmull_clark_moves_cube_corners_to_five_ninths() -> None:
    fine = catmull_clark(cage(CUBE, CUBE_FACES))
    np.testing.assert_allclose(fine.points[:8], CUBE * 5 / 9, atol=1e-12)  # (Q + 2 R) / 3, Q = 1/3, R = 2/3
    np.testing.assert_allclose(
        np.sort(np.abs(fine.points[8:20]), axis=1), np.tile([0, 0.75, 0.75], (12, 1)), atol=1e-12
    )
    assert len(fine.counts) == 24
    assert len(fine.points) - len(np.unique(np.sort(edges_of(fine), axis=1), axis=0)) + len(fine.counts) == 2


def edges_of(found: Cage) -> np.ndarray:
    faces = found.indices.reshape(len(found.counts), -1)
    return np.concatenate([faces[:, [k, (k + 1) % faces.shape[1]]] for k in range(faces.shape[1])])


def test_loop_pulls_octahedron_points_by_its_weight() -> None:
    points = np.concatenate([np.eye(3), -np.eye(3)])
    faces = np.array([(0, 1, 2), (1, 3, 2), (3, 4, 2), (4, 0, 2), (1, 0, 5), (3, 1, 5), (4, 3, 5), (0, 4, 5)])
    fine = loop(cage(points, faces))
    np.testing.assert_allclose(fine.points[:6], points * (1 - (0.625 - 0.375**2)), atol=1e-12)
    assert len(fine.counts) == 32
    assert np.unique(np.sort(edges_of(fine), axis=1), axis=0).shape[0] == len(fine.points) + 32 - 2


@pytest.mark.parametrize("levels", [1, 2])
def test_flat_square_with_sharp_corners_keeps_its_area_and_its_uv(levels: int) -> None:
    square = np.array([(0, 0, 0), (2, 0, 0), (2, 2, 0), (0, 2, 0)], float)
    fine = cage(square, np.array([(0, 1, 2, 3)]))
    for _ in range(levels):
        fine = catmull_clark(fine)
    assert area(fine) == pytest.approx(4.0)
    np.testing.assert_allclose(fine.uv, fine.points[fine.indices, :2], atol=1e-12)


def test_smooth_boundary_corners_round_off() -> None:
    square = np.array([(0, 0, 0), (2, 0, 0), (2, 2, 0), (0, 2, 0)], float)
    given = cage(square, np.array([(0, 1, 2, 3)]))
    rounded = catmull_clark(Cage(**{**given.__dict__, "sharp_boundary_corners": False}))
    np.testing.assert_allclose(rounded.points[0], (0.25, 0.25, 0))  # 3/4 of the corner, 1/8 of each neighbour


def test_infinitely_sharp_cube_stays_a_cube() -> None:
    fine = cage(CUBE, CUBE_FACES, cube_edges(), INFINITE)
    for _ in range(2):
        fine = catmull_clark(fine)
    assert area(fine) == pytest.approx(24.0)
    assert np.abs(fine.points).max(axis=1) == pytest.approx(1.0)


def test_a_sharpness_of_one_holds_for_one_step_only() -> None:
    fine = catmull_clark(cage(CUBE, CUBE_FACES, cube_edges(), 1.0))
    assert area(fine) == pytest.approx(24.0)
    assert area(catmull_clark(fine)) < 23.0
    assert fine.crease_edges.size == 0


def test_faces_keep_their_slot() -> None:
    assert np.bincount(catmull_clark(cage(CUBE, CUBE_FACES)).slot).tolist() == [4] * 6
