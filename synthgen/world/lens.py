"""The lens as the pixels see it: intrinsics, Brown-Conrady distortion, project, unproject; NumPy, float64.

This is the oracle that labels are computed with and that the ray table of the kernels comes from. Pixels have their
origin at the top-left corner of the top-left pixel, centres at +0.5; camera axes are x right, y down, z forward.

References:
    OpenCV 4.x documentation, calib3d, "Camera Calibration and 3D Reconstruction": x'' = x' (1 + k1 r^2 + k2 r^4 +
    k3 r^6) + 2 p1 x' y' + p2 (r^2 + 2 x'^2), and y'' likewise with p1 and p2 exchanged.
    D. C. Brown: Decentering distortion of lenses. Photogrammetric Engineering 32 (1966).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from synthgen.world import shot
from synthgen.world.scene_description import Camera

REPROJECTION_PX = 1e-4
"""A direction counts as the inverse of a pixel when it projects back this close (docs/contract.md section 5)."""

_STEPS = 20
_TABLE = 4096
_WIDEST = 1e3  # tan of the field angle at which a lens that never folds back is cut off: 89.9 degrees

Dist = tuple[float, float, float, float, float]


def intrinsics(lens: shot.Lens, sensor: shot.Sensor) -> tuple[float, float, float, float]:
    """Return fx, fy, cx, cy [px] of a lens before a sensor; the principal point is the chip's centre.

    `sensor.pitch_m` is that of an image pixel, so binning is in it already; the ROI is counted in chip pixels. Without
    a `chip_px` the ROI sits in the middle of the chip. Focusing does not change the principal distance (no breathing).
    """
    focal_px = lens.focal_m / sensor.pitch_m
    width_px, height_px = sensor.resolution_px
    chip_x, chip_y = sensor.chip_px
    left, top, roi_width, roi_height = sensor.roi_px
    if not (chip_x and chip_y and roi_width and roi_height):
        return focal_px, focal_px, width_px / 2, height_px / 2
    return focal_px, focal_px, (chip_x / 2 - left) / sensor.binning, (chip_y / 2 - top) / sensor.binning


def dist(lens: shot.Lens) -> Dist:
    """Return k1, k2, p1, p2, k3 of a lens, OpenCV's order."""
    return lens.k1, lens.k2, lens.p1, lens.p2, lens.k3


def matrix(camera: Camera) -> np.ndarray:
    """Return K [px] in our pixel origin, shape (3, 3)."""
    return np.array([[camera.fx_px, 0, camera.cx_px], [0, camera.fy_px, camera.cy_px], [0, 0, 1]], float)


def matrix_opencv(camera: Camera) -> np.ndarray:
    """Return K [px] for OpenCV, which puts pixel centres at whole numbers, shape (3, 3)."""
    return matrix(camera) - np.array([[0, 0, 0.5], [0, 0, 0.5], [0, 0, 0]])


def to_camera(camera: Camera, points_world: np.ndarray) -> np.ndarray:
    """Return world points [m] in the camera's axes, shape (..., 3)."""
    rotation, position = camera.world_from_camera[:3, :3], camera.world_from_camera[:3, 3]
    return (np.asarray(points_world, float) - position) @ rotation


def project(camera: Camera, points_world: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return pixels (n, 2) and depth along the axis [m] (n,) of world points (n, 3) [m].

    A pixel is nan for a point behind the camera, or outside the field in which the lens is one to one.
    """
    inside = to_camera(camera, points_world)
    depth_m = inside[..., 2]
    with np.errstate(divide="ignore", invalid="ignore"):
        flat = inside[..., :2] / depth_m[..., None]
        valid = (depth_m > 0) & (np.hypot(flat[..., 0], flat[..., 1]) <= field_limit(camera.dist))
    px = distort(np.where(valid[..., None], flat, 0.0), camera.dist) * _focal(camera) + _center(camera)
    return np.where(valid[..., None], px, np.nan), depth_m


def unproject(camera: Camera, px: np.ndarray) -> np.ndarray:
    """Return the directions (n, 3), z = 1, in the camera's axes that pixels (n, 2) look along.

    Newton in float64 until the reprojection error is below `REPROJECTION_PX`; nan where the lens cannot be inverted.
    """
    focal = _focal(camera)
    target = (np.asarray(px, float) - _center(camera)) / focal
    flat = _undistort(target, camera.dist, REPROJECTION_PX / focal.max())
    return np.concatenate([flat, np.where(np.isnan(flat[..., :1]), np.nan, 1.0)], axis=-1)


def rays(camera: Camera) -> np.ndarray:
    """Return the directions, z = 1, through all pixel centres, shape (height, width, 3), read-only."""
    intrinsic = camera.fx_px, camera.fy_px, camera.cx_px, camera.cy_px
    return _rays(intrinsic, camera.dist, camera.width_px, camera.height_px)


def jacobian(camera: Camera, points_world: np.ndarray, axes_world: np.ndarray) -> np.ndarray:
    """Return how pixels move along axes of the world [px/m], shape (n, 2, k).

    `points_world` is (n, 3) [m]; `axes_world` is (k, 3), or (n, k, 3) for axes of their own. With the two unit axes of
    a plane this is the local scale of that plane; an axis of one module's length gives pixels per module.
    """
    inside = to_camera(camera, points_world)
    axes = np.asarray(axes_world, float) @ camera.world_from_camera[:3, :3]
    depth_m = inside[..., 2]
    flat = inside[..., :2] / depth_m[..., None]
    pinhole = np.zeros((*flat.shape[:-1], 2, 3))
    pinhole[..., 0, 0] = pinhole[..., 1, 1] = 1 / depth_m
    pinhole[..., :, 2] = -flat / depth_m[..., None]
    return _focal(camera)[:, None] * (_slope(flat, camera.dist) @ pinhole @ np.swapaxes(axes, -1, -2))


def distort(flat: np.ndarray, coefficients: Dist) -> np.ndarray:
    """Return distorted coordinates of undistorted ones on the plane z = 1, shape (..., 2)."""
    k1, k2, p1, p2, k3 = coefficients
    x, y = flat[..., 0], flat[..., 1]
    r2 = x * x + y * y
    radial = 1 + r2 * (k1 + r2 * (k2 + r2 * k3))
    return np.stack(
        [
            x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x * x),
            y * radial + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y,
        ],
        axis=-1,
    )


@lru_cache(maxsize=256)
def field_limit(coefficients: Dist) -> float:
    """Return the radius on the plane z = 1 up to which the distorted radius grows, inf if it always does."""
    # Terms of 1e-12 bend no ray by a millionth of a pixel, and would overflow the companion matrix.
    k1, k2, k3 = (k if abs(k) > 1e-12 else 0.0 for k in (coefficients[0], coefficients[1], coefficients[4]))
    roots = np.roots([7 * k3, 5 * k2, 3 * k1, 1.0])  # d/dr of r (1 + k1 r^2 + ...), in r^2
    turning = [root.real for root in roots if abs(root.imag) < 1e-12 * max(1.0, abs(root)) and root.real > 0]
    return float(np.sqrt(min(turning))) if turning else float("inf")


def _slope(flat: np.ndarray, coefficients: Dist) -> np.ndarray:
    """Return the derivative of `distort`, shape (..., 2, 2)."""
    k1, k2, p1, p2, k3 = coefficients
    x, y = flat[..., 0], flat[..., 1]
    r2 = x * x + y * y
    radial = 1 + r2 * (k1 + r2 * (k2 + r2 * k3))
    growth = 2 * (k1 + r2 * (2 * k2 + r2 * 3 * k3))  # d radial / d x = growth x
    slope = np.empty((*flat.shape[:-1], 2, 2))
    slope[..., 0, 0] = radial + growth * x * x + 2 * p1 * y + 6 * p2 * x
    slope[..., 1, 1] = radial + growth * y * y + 6 * p1 * y + 2 * p2 * x
    slope[..., 0, 1] = slope[..., 1, 0] = growth * x * y + 2 * p1 * x + 2 * p2 * y
    return slope


def _undistort(target: np.ndarray, coefficients: Dist, tolerance: float) -> np.ndarray:
    """Return undistorted coordinates (..., 2) of distorted ones; nan where there are none within `tolerance`."""
    if not any(coefficients):
        return target.copy()
    limit = field_limit(coefficients)
    flat = _radial_start(target, coefficients, limit)
    for _ in range(_STEPS):
        miss = distort(flat, coefficients) - target
        # A tenth of the tolerance: the promise then still holds after rounding.
        if not (np.abs(miss) > 0.1 * tolerance).any():
            break
        flat = _bounded(flat - _solve(_slope(flat, coefficients), miss), limit)
    miss = distort(flat, coefficients) - target
    slope = _slope(flat, coefficients)
    upright = slope[..., 0, 0] * slope[..., 1, 1] - slope[..., 0, 1] ** 2 > 0
    found = (np.hypot(miss[..., 0], miss[..., 1]) < tolerance) & upright
    return np.where(found[..., None], flat, np.nan)


def _radial_start(target: np.ndarray, coefficients: Dist, limit: float) -> np.ndarray:
    """Return the inverse of the radial part alone, by a table: near enough for Newton also at the field's edge."""
    radius = np.hypot(target[..., 0], target[..., 1])
    k1, k2, _, _, k3 = coefficients
    furthest = min(limit, _WIDEST)
    if np.isinf(limit):  # no fold: the table need only reach the outermost pixel
        furthest, outermost = 1.0, np.max(radius, initial=0.0)
        while furthest < _WIDEST and distort(np.array([furthest, 0.0]), (k1, k2, 0, 0, k3))[0] < outermost:
            furthest *= 2
    table = np.linspace(0.0, furthest, _TABLE)
    bent = distort(np.stack([table, np.zeros_like(table)], axis=-1), (k1, k2, 0.0, 0.0, k3))[:, 0]
    with np.errstate(invalid="ignore", divide="ignore"):
        factor = np.where(radius > 0, np.interp(radius, bent, table) / radius, 1.0)
    return target * factor[..., None]


def _bounded(flat: np.ndarray, limit: float) -> np.ndarray:
    """Return points pulled back inside the field, where the inverse is the one we mean."""
    radius = np.hypot(flat[..., 0], flat[..., 1])
    return flat * (np.minimum(radius, limit) / np.maximum(radius, 1e-300))[..., None]


def _solve(slope: np.ndarray, miss: np.ndarray) -> np.ndarray:
    """Return the Newton step of 2x2 systems (..., 2, 2), no step where they are singular."""
    a, b, d = slope[..., 0, 0], slope[..., 0, 1], slope[..., 1, 1]
    determinant = a * d - b * b
    step = np.stack([d * miss[..., 0] - b * miss[..., 1], a * miss[..., 1] - b * miss[..., 0]], axis=-1)
    singular = np.abs(determinant) < 1e-12
    return np.where(singular[..., None], 0.0, step / np.where(singular, 1.0, determinant)[..., None])


@lru_cache(maxsize=4)
def _rays(intrinsic: tuple[float, ...], coefficients: Dist, width_px: int, height_px: int) -> np.ndarray:
    """Return the ray table of one lens; the same camera is asked for shot after shot."""
    fx, fy, cx, cy = intrinsic
    focal, center = np.array([fx, fy]), np.array([cx, cy])
    px = np.stack(np.meshgrid(np.arange(width_px) + 0.5, np.arange(height_px) + 0.5), axis=-1)
    flat = _undistort((px - center) / focal, coefficients, REPROJECTION_PX / focal.max())
    table = np.concatenate([flat, np.where(np.isnan(flat[..., :1]), np.nan, 1.0)], axis=-1)
    table.flags.writeable = False
    return table


def _focal(camera: Camera) -> np.ndarray:
    return np.array([camera.fx_px, camera.fy_px], float)


def _center(camera: Camera) -> np.ndarray:
    return np.array([camera.cx_px, camera.cy_px], float)
