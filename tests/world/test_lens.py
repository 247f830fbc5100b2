"""The lens: closed forms first, then the law that project undoes unproject."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from synthgen.world import lens as camera
from synthgen.world import scene_description, shot

SENSOR = shot.Sensor(
    model="test",
    resolution_px=(64, 48),
    pitch_m=4e-6,
    quantum_efficiency=(0.5, 0.6, 0.5, 0.3),
    saturation_e=10_000.0,
    dark_noise_e=3.0,
    dark_current_e_s=1.0,
    gain_dn_e=0.025,
)


def view(*coefficients: float, focal_px: float = 60.0, pose: np.ndarray | None = None) -> scene_description.Camera:
    names = dict(zip(("k1", "k2", "p1", "p2", "k3"), coefficients, strict=False))
    lens = shot.Lens(focal_m=focal_px * SENSOR.pitch_m, f_number=4.0, focus_m=0.0, **names)
    fx, fy, cx, cy = camera.intrinsics(lens, SENSOR)
    return scene_description.Camera(
        path="/World/Cameras/test",
        name="test",
        world_from_camera=np.eye(4) if pose is None else pose,
        fx_px=fx,
        fy_px=fy,
        cx_px=cx,
        cy_px=cy,
        dist=camera.dist(lens),
        lens=lens,
        sensor=SENSOR,
        exposure_s=1e-3,
    )


def turned(axis: tuple[float, float, float], angle_rad: float, position: tuple[float, float, float]) -> np.ndarray:
    """Rodrigues' formula."""
    x, y, z = np.asarray(axis) / np.linalg.norm(axis)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    pose = np.eye(4)
    pose[:3, :3] += np.sin(angle_rad) * cross + (1 - np.cos(angle_rad)) * cross @ cross
    pose[:3, 3] = position
    return pose


def grid() -> np.ndarray:
    """Pixel centres, and the image's outer edge, corners included."""
    x, y = np.meshgrid(np.linspace(0, 64, 17), np.linspace(0, 48, 13))
    return np.stack([x.ravel(), y.ravel()], axis=-1)


def test_the_axis_meets_the_chip_centre():
    px, depth_m = camera.project(view(-0.2, 0.1, 0.0, 0.0, 0.01), np.array([[0.0, 0.0, 2.5]]))
    assert px == pytest.approx(np.array([[32.0, 24.0]]))
    assert depth_m == pytest.approx([2.5])


def test_pinhole_is_similar_triangles():
    px, depth_m = camera.project(view(), np.array([[0.3, -0.1, 2.0]]))
    assert px[0] == pytest.approx([32 + 60 * 0.15, 24 - 60 * 0.05])
    assert depth_m[0] == pytest.approx(2.0)


def test_distortion_is_opencvs_formula_with_numbers():
    x, y = 0.3, -0.2
    k1, k2, p1, p2, k3 = -0.2, 0.05, 0.003, -0.002, 0.01
    r2 = 0.13
    radial = 1 - 0.2 * r2 + 0.05 * r2**2 + 0.01 * r2**3
    expected = (
        x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x * x),
        y * radial + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y,
    )
    px, _ = camera.project(view(k1, k2, p1, p2, k3), np.array([[x, y, 1.0]]))
    assert px[0] == pytest.approx([32 + 60 * expected[0], 24 + 60 * expected[1]], abs=1e-12)


def test_a_turned_camera_sees_what_lies_before_it():
    # Turned by a quarter about y, the camera looks along +x of the world; its x axis is then -z of the world.
    pose = turned((0, 1, 0), np.pi / 2, (1.0, 2.0, 3.0))
    px, depth_m = camera.project(view(pose=pose), np.array([[3.0, 2.0, 3.0], [3.0, 2.0, 2.5]]))
    assert depth_m == pytest.approx([2.0, 2.0])
    assert px == pytest.approx(np.array([[32.0, 24.0], [32.0 + 60 * 0.25, 24.0]]))


def test_points_behind_the_camera_have_depth_but_no_pixel():
    px, depth_m = camera.project(view(), np.array([[0.0, 0.0, -1.0], [0.0, 0.0, 0.0]]))
    assert np.isnan(px).all()
    assert depth_m.tolist() == [-1.0, 0.0]


def test_field_limit_of_a_barrel_is_where_its_radius_turns():
    # r (1 + k1 r^2) turns at r = 1/sqrt(-3 k1).
    assert camera.field_limit((-0.25, 0, 0, 0, 0)) == pytest.approx(1 / np.sqrt(0.75))
    assert camera.field_limit((0.1, 0, 0, 0, 0)) == np.inf
    assert camera.field_limit((0, 0, 0, 0, 0)) == np.inf


def test_beyond_the_fold_nothing_is_projected_or_unprojected():
    barrel = view(-0.25)
    limit = 1 / np.sqrt(0.75)
    radius_px = 60 * limit * (1 - 0.25 * limit**2)
    px, _ = camera.project(barrel, np.array([[limit * 0.999, 0.0, 1.0], [limit * 1.001, 0.0, 1.0]]))
    assert np.isfinite(px[0]).all()
    assert np.isnan(px[1]).all()
    found = camera.unproject(barrel, np.array([[32 + radius_px * 0.999, 24.0], [32 + radius_px * 1.001, 24.0]]))
    assert np.isfinite(found[0]).all()
    assert np.isnan(found[1]).all()


@settings(max_examples=60, deadline=None)
@given(
    k1=st.floats(-0.25, 0.1),
    k2=st.floats(-0.02, 0.1),
    p1=st.floats(-0.005, 0.005),
    p2=st.floats(-0.005, 0.005),
    k3=st.floats(-0.01, 0.02),
    angle_rad=st.floats(-3, 3),
    range_m=st.floats(0.05, 30),
)
def test_project_undoes_unproject_over_the_whole_image(k1, k2, p1, p2, k3, angle_rad, range_m):
    lens = view(k1, k2, p1, p2, k3, pose=turned((1, 2, -1), angle_rad, (3.0, -2.0, 1.0)))
    px = grid()
    directions = camera.unproject(lens, px)
    points = (range_m * directions) @ lens.world_from_camera[:3, :3].T + lens.world_from_camera[:3, 3]
    back, depth_m = camera.project(lens, points)
    sees = np.isfinite(directions).all(axis=1)
    assert np.abs(back - px)[sees].max() < 1e-3
    assert depth_m[sees] == pytest.approx(np.full(sees.sum(), range_m))
    # The corners are at a distorted radius of 0.67; the strongest barrel here reaches 0.77 before it folds.
    if camera.field_limit(lens.dist) > 1.1:
        assert sees.all()


@pytest.mark.parametrize("k2", [1e-30, 2.5e-25, 1e-20, 1e-16, 1e-12, -1e-12])
def test_a_term_that_is_all_but_nothing_does_not_move_the_field(k2):
    assert camera.field_limit((-0.5, k2, 0.0, 0.0, 0.0)) == pytest.approx(math.sqrt(2 / 3), rel=1e-11)
    assert camera.field_limit((-0.5, 0.0, 0.0, 0.0, k2)) == pytest.approx(math.sqrt(2 / 3), rel=1e-11)


@settings(max_examples=30, deadline=None)
@example(k1=-0.5, k2=2.4687038444946324e-25, x=0.0, y=0.5)
@given(k1=st.floats(-0.6, 0.3), k2=st.floats(-0.3, 0.3), x=st.floats(-0.9, 0.9), y=st.floats(-0.9, 0.9))
def test_unproject_undoes_project_inside_the_field(k1, k2, x, y):
    lens = view(k1, k2)
    if np.hypot(x, y) > 0.98 * camera.field_limit(lens.dist):
        return
    px, _ = camera.project(lens, np.array([[x, y, 1.0]]))
    slope = np.linalg.norm(camera.jacobian(lens, np.array([[x, y, 1.0]]), np.eye(3)[:2])[0])
    assert camera.unproject(lens, px)[0] == pytest.approx([x, y, 1.0], abs=1e-3 / max(slope, 1.0) + 1e-4)


def test_rays_are_the_pixel_centres_and_are_shared():
    lens = view(-0.2, 0.0, 0.001)
    table = camera.rays(lens)
    assert table.shape == (48, 64, 3)
    assert table[10, 20] == pytest.approx(camera.unproject(lens, np.array([[20.5, 10.5]]))[0])
    assert camera.rays(lens) is table
    assert not table.flags.writeable


def test_jacobian_on_a_facing_plane_is_focal_over_depth():
    assert camera.jacobian(view(), np.array([[0.1, 0.2, 3.0]]), np.eye(3)[:2])[0] == pytest.approx(20.0 * np.eye(2))


@settings(max_examples=40, deadline=None)
@example(k1=2.225073858507e-311, p1=2.225073858507e-311, p2=0.0, angle_rad=0.0)
@given(k1=st.floats(-0.25, 0.1), p1=st.floats(-0.01, 0.01), p2=st.floats(-0.01, 0.01), angle_rad=st.floats(-1, 1))
def test_jacobian_is_the_difference_of_projections(k1, p1, p2, angle_rad):
    lens = view(k1, 0.01, p1, p2, pose=turned((1, 1, 0), angle_rad, (0.1, 0.2, -2.0)))
    local = np.array([[0.3, -0.2, 2.0], [0.0, 0.4, 1.5]])
    points = local @ lens.world_from_camera[:3, :3].T + lens.world_from_camera[:3, 3]
    axes = np.array([[0.6, 0.8, 0.0], [0.0, -0.6, 0.8]])
    step = 1e-6
    analytic = camera.jacobian(lens, points, axes)
    for k, axis in enumerate(axes):
        ahead, _ = camera.project(lens, points + step * axis)
        behind, _ = camera.project(lens, points - step * axis)
        assert analytic[:, :, k] == pytest.approx((ahead - behind) / (2 * step), rel=1e-5, abs=1e-4)


def test_axes_may_differ_from_point_to_point():
    points = np.array([[0.1, 0.2, 3.0], [0.0, 0.1, 2.0]])
    axes = np.array([[[1.0, 0, 0]], [[0, 1.0, 0]]])
    assert camera.jacobian(view(), points, axes)[:, :, 0] == pytest.approx(np.array([[20.0, 0.0], [0.0, 30.0]]))


def test_opencvs_principal_point_is_half_a_pixel_less():
    assert camera.matrix(view()) == pytest.approx(np.array([[60, 0, 32], [0, 60, 24], [0, 0, 1.0]]))
    assert camera.matrix_opencv(view())[:2, 2] == pytest.approx([31.5, 23.5])


@pytest.mark.parametrize(
    ("roi", "chip", "binning", "resolution", "center"),
    [
        ((0, 0, 0, 0), (0, 0), 1, (64, 48), (32, 24)),
        ((10, 4, 64, 48), (100, 80), 1, (64, 48), (40, 36)),  # chip centre (50, 40) less the offset
        ((10, 4, 64, 48), (100, 80), 2, (32, 24), (20, 18)),
        ((10, 4, 64, 48), (0, 0), 1, (64, 48), (32, 24)),  # an unknown chip: the ROI sits in its middle
        ((18, 16, 64, 48), (100, 80), 1, (64, 48), (32, 24)),
    ],
)
def test_the_principal_point_stays_at_the_chip_centre(roi, chip, binning, resolution, center):
    sensor = replace(SENSOR, roi_px=roi, chip_px=chip, binning=binning, resolution_px=resolution)
    fx, fy, cx, cy = camera.intrinsics(shot.Lens(focal_m=0.025, f_number=4.0, focus_m=0.0), sensor)
    assert (fx, fy) == pytest.approx((6250.0, 6250.0))
    assert (cx, cy) == pytest.approx(center)


def test_no_pixels_and_no_numbers_are_not_errors():
    assert camera.unproject(view(-0.2), np.zeros((0, 2))).shape == (0, 3)
    assert np.isnan(camera.unproject(view(-0.2), np.array([[np.nan, 3.0]]))).all()


@settings(max_examples=60, deadline=None)
@given(
    k=st.tuples(*[st.floats(-1.5, 1.5)] * 3),
    size=st.one_of(st.just(0.0), st.floats(1e-6, 3.0)),
    turn=st.floats(0, 6.3),
    scale=st.sampled_from([1e-3, 1.0, 1e3]),
)
def test_the_field_limit_is_where_the_jacobian_first_loses_its_sign(k, size, turn, scale):
    # In units of `scale` the terms of order n are scale^n times smaller: the limit only scales with them.
    k1, k2, k3 = (value / scale ** (2 * n) for n, value in enumerate(k, start=1))
    p = size / scale
    coefficients = (k1, k2, p * np.cos(turn), p * np.sin(turn), k3)
    limit = camera.field_limit(coefficients)
    angle = np.linspace(0, 2 * np.pi, 181) + np.arctan2(coefficients[2], coefficients[3])

    def least(radius):
        at = radius[:, None, None] * np.stack([np.cos(angle), np.sin(angle)], axis=-1)
        slope = camera._slope(at, coefficients)
        return (slope[..., 0, 0] * slope[..., 1, 1] - slope[..., 0, 1] ** 2).min(axis=1)

    inside = least(np.linspace(0, min(limit, 50 * scale) * (1 - 1e-5), 400))
    assert (inside > 0).all()
    if limit < 50 * scale:
        assert least(np.array([limit * (1 + 1e-3)])) < 1e-5 or least(np.array([limit])) < 1e-5


def test_the_limit_of_a_tangential_term_in_closed_form():
    # g - 6 P r = 1 - 6 P r with no radial term.
    assert camera.field_limit((0, 0, 0.03, 0.04, 0)) == pytest.approx(1 / 0.3)
    assert camera.field_limit((0, 0, 0, 1e-15, 0)) == pytest.approx(1e15 / 6)


def test_a_term_too_small_or_too_large_for_a_companion_matrix_has_its_limit():
    assert camera.field_limit((-1e-300, 0, 0, 0, 0)) == pytest.approx(1e150 / np.sqrt(3))
    assert camera.field_limit((-1e12, 1e-300, 0, 0, 0)) == pytest.approx(1e-6 / np.sqrt(3))
    assert camera.field_limit((0, 0, 0, 0, -1e-300)) == pytest.approx((1e300 / 7) ** (1 / 6))


def test_where_a_lens_folds_inside_an_image():
    assert camera.fold_of(view(-0.25)) is None  # the corners lie 0.667 focal lengths out, the fold at 0.770
    lens = view(-0.35)
    found = camera.fold_of(lens)
    assert found == camera.fold(lens.lens, lens.sensor)
    assert found.radius_px == pytest.approx(60 * 2 / 3 / np.sqrt(1.05))
    assert found.reach_px == pytest.approx(40.0)
    assert str(found) == "the lens folds back 0.156 mm (39 px) from its axis, the image reaches 0.16 mm (40 px)"


def test_a_fold_is_found_at_one_side_of_the_image_alone():
    # d/dx of x + 3 p2 x^2 is 0 at x = -1/(6 p2): on the left only.
    left = view(0.0, 0.0, 0.0, 0.4)
    directions = camera.unproject(left, np.array([[0.5, 24.0], [63.5, 24.0]]))
    assert np.isnan(directions[0]).all() and np.isfinite(camera.unproject(left, np.array([[40.0, 24.0]]))).all()
    assert camera.fold_of(left).radius_px < 32
