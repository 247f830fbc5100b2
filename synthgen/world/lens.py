"""The lens as the pixels see it: intrinsics, Brown-Conrady distortion, project, unproject; NumPy, float64.

This is the oracle that labels are computed with and that the ray table of the kernels comes from. Pixels have their
origin at the top-left corner of the top-left pixel, centres at +0.5; camera axes are x right, y down, z forward.

References:
    OpenCV 4.x documentation, calib3d, "Camera Calibration and 3D Reconstruction": x'' = x' (1 + k1 r^2 + k2 r^4 +
    k3 r^6) + 2 p1 x' y' + p2 (r^2 + 2 x'^2), and y'' likewise with p1 and p2 exchanged.
    D. C. Brown: Decentering distortion of lenses. Photogrammetric Engineering 32 (1966).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.polynomial import Polynomial

from synthgen.world import shot
from synthgen.world.scene_description import Camera

REPROJECTION_PX = 1e-4
"""A direction counts as the inverse of a pixel when it projects back this close (docs/contract.md section 5)."""

_STEPS = 20
_TABLE = 4096
_WIDEST = 1e3  # tan of the field angle at which a lens that never folds back is cut off: 89.9 degrees
_BORDER = 33  # places along a side of the image where the lens is checked to be one to one
_AROUND = 720
_DOUBLE_ROOT = 1e-6  # imaginary over absolute value: eigenvalues give a double root to about the root of 2e-16
_NO_TERM = 1e-30  # a first coefficient that only gives a root at the axis, which is none
_FURTHEST = 1e-12  # reciprocals of roots below it are rounding: nothing turns back so far away

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
    """Return the radius on the plane z = 1 up to which the lens is one to one, inf if it is everywhere.

    The Jacobian of the distortion is symmetric: it is the Hessian of a potential, which is strictly convex, and its
    gradient one to one, on every disc where the Jacobian is positive definite. With R = 1 + k1 r^2 + k2 r^4 + k3 r^6,
    g = d(r R)/dr and P = |(p1, p2)|, its smallest determinant at the radius r is (g - 6 P r)(R - 2 P r), or
    (g - R)(9 R - g)/16 - 4 P^2 r^2 where g + 3 R < 16 P r. The limit is the first root of these polynomials.
    """
    k1, k2, p1, p2, k3 = coefficients
    size = math.hypot(p1, p2)
    exponent = _unit_exponent(((k1, 2), (k2, 4), (k3, 6), (size, 1)))
    if exponent is None:
        return math.inf
    k1, k2, k3, size = (math.ldexp(value, order * exponent) for value, order in ((k1, 2), (k2, 4), (k3, 6), (size, 1)))
    if size == 0:
        return _scaled(math.sqrt(_first_root(Polynomial([1.0, 3 * k1, 5 * k2, 7 * k3]))), exponent)
    radial = Polynomial([1.0, 0.0, k1, 0.0, k2, 0.0, k3])
    growth = Polynomial([1.0, 0.0, 3 * k1, 0.0, 5 * k2, 0.0, 7 * k3])
    tilt = Polynomial([0.0, size])
    first = min(_first_root(growth - 6 * tilt), _first_root(radial - 2 * tilt))
    for root in _positive_roots((growth - radial) * (9 * radial - growth) - 64 * tilt**2):
        if growth(root) + 3 * radial(root) < 16 * tilt(root):
            first = min(first, root)
    return _scaled(first, exponent)


@dataclass(frozen=True)
class Fold:
    """A lens that is not one to one over the whole image: its distorted radius decreases beyond a limit."""

    radius_px: float
    """Distance from the principal point up to which every pixel sees one direction."""
    reach_px: float
    """Distance of the furthest corner of the image from the principal point."""
    pitch_m: float

    def __str__(self) -> str:
        """Return the fault in words, without what to write instead."""
        radius_mm, reach_mm = (1e3 * self.pitch_m * px for px in (self.radius_px, self.reach_px))
        return (
            f"the lens folds back {radius_mm:.3g} mm ({self.radius_px:.0f} px) from its axis, "
            f"the image reaches {reach_mm:.3g} mm ({self.reach_px:.0f} px)"
        )


def fold(lens: shot.Lens, sensor: shot.Sensor) -> Fold | None:
    """Return where a lens folds back inside the image of a sensor, None where every pixel sees one direction."""
    return _fold(intrinsics(lens, sensor), dist(lens), sensor.resolution_px, sensor.pitch_m)


def fold_of(camera: Camera) -> Fold | None:
    """Return where a camera's lens folds back inside its image, None where every pixel sees one direction."""
    intrinsic = camera.fx_px, camera.fy_px, camera.cx_px, camera.cy_px
    return _fold(intrinsic, camera.dist, (camera.width_px, camera.height_px), camera.sensor.pitch_m)


@lru_cache(maxsize=256)
def _fold(
    intrinsic: tuple[float, float, float, float], coefficients: Dist, size_px: tuple[int, int], pitch_m: float
) -> Fold | None:
    limit = field_limit(coefficients)
    if math.isinf(limit):
        return None
    focal, center = np.array(intrinsic[:2]), np.array(intrinsic[2:])
    width, height = size_px
    along = np.linspace(0.0, 1.0, _BORDER)
    flat = np.concatenate([np.stack([along, np.full(_BORDER, y)], axis=-1) for y in (0.0, 1.0)])
    border_px = np.concatenate([flat, flat[:, ::-1]]) * (width, height)
    if np.isfinite(_undistort((border_px - center) / focal, coefficients, REPROJECTION_PX / focal.max())).all():
        return None
    angle = np.linspace(0.0, 2 * np.pi, _AROUND, endpoint=False)
    edge = limit * np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    radius_px = float(np.linalg.norm(distort(edge, coefficients) * focal, axis=-1).min())
    return Fold(radius_px, float(np.linalg.norm(border_px - center, axis=-1).max()), pitch_m)


def _unit_exponent(terms: tuple[tuple[float, int], ...]) -> int | None:
    """Return e: with the radius in units of 2^e no term c r^n is larger than c = 1; None where all terms are 0."""
    sizes = [-math.log2(abs(value)) / order for value, order in terms if value != 0]
    return math.floor(min(sizes)) if sizes else None


def _scaled(radius: float, exponent: int) -> float:
    """Return radius 2^exponent, inf where that is too large for a float."""
    try:
        return math.ldexp(radius, exponent)
    except OverflowError:
        return math.inf


def _first_root(polynomial: Polynomial) -> float:
    """Return the smallest positive real root, inf where there is none."""
    return min(_positive_roots(polynomial), default=math.inf)


def _positive_roots(polynomial: Polynomial) -> list[float]:
    """Return the positive real roots; a complex pair near the real axis counts as a double root.

    Their reciprocals are solved for: eigenvalues are exact to a share of the largest, so the nearest roots, which
    count, do not suffer from a last term that is all but 0.
    """
    reciprocals = Polynomial(np.trim_zeros(polynomial.coef[::-1], "b")).trim(_NO_TERM).roots()
    real = (x.real for x in reciprocals if x.real > _FURTHEST and abs(x.imag) <= _DOUBLE_ROOT * abs(x))
    return [1.0 / float(x) for x in real]


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
    """Return points pulled back inside the field, where the inverse is unique."""
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
    """Return the ray table of one lens, cached: the same camera recurs in every shot."""
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
