"""Pixels to rays: pinhole with Brown-Conrady distortion (OpenCV's k1, k2, p1, p2, k3).

The inverse is Newton's iteration in float64 until the reprojection error is below 1e-4 px (docs/contract.md section 5).
"""

import warp as wp

from synthgen.kernels.types import Camera

wp.set_module_options({"enable_backward": False, "max_unroll": 1})

STEPS = wp.constant(12)
ENOUGH = wp.constant(wp.float64(1.0e-22))  # squared, in focal lengths: below 1e-7 px


@wp.func
def distort(camera: Camera, x: wp.float64, y: wp.float64) -> wp.vec2d:
    """Return the distorted normalised image point of an ideal one."""
    one = wp.float64(1.0)
    two = wp.float64(2.0)
    r2 = x * x + y * y
    radial = one + r2 * (camera.k1 + r2 * (camera.k2 + r2 * camera.k3))
    dx = two * camera.p1 * x * y + camera.p2 * (r2 + two * x * x)
    dy = camera.p1 * (r2 + two * y * y) + two * camera.p2 * x * y
    return wp.vec2d(x * radial + dx, y * radial + dy)


@wp.func
def undistort(camera: Camera, xd: wp.float64, yd: wp.float64) -> wp.vec2d:
    """Return the ideal normalised image point whose distorted image is (xd, yd)."""
    two = wp.float64(2.0)
    x = xd
    y = yd
    for _ in range(STEPS):
        at = distort(camera, x, y)
        ex = at[0] - xd
        ey = at[1] - yd
        if ex * ex + ey * ey < ENOUGH:
            break
        r2 = x * x + y * y
        radial = wp.float64(1.0) + r2 * (camera.k1 + r2 * (camera.k2 + r2 * camera.k3))
        slope = two * (camera.k1 + r2 * (two * camera.k2 + wp.float64(3.0) * r2 * camera.k3))
        a = radial + x * x * slope + two * camera.p1 * y + wp.float64(6.0) * camera.p2 * x
        b = x * y * slope + two * camera.p1 * x + two * camera.p2 * y
        d = radial + y * y * slope + wp.float64(6.0) * camera.p1 * y + two * camera.p2 * x
        det = a * d - b * b
        x -= (d * ex - b * ey) / det
        y -= (a * ey - b * ex) / det
    return wp.vec2d(x, y)


@wp.func
def direction(camera: Camera, px: wp.float64, py: wp.float64) -> wp.vec3:
    """Return the world direction of a pixel position, not normalised: its camera z is 1."""
    at = undistort(camera, (px - camera.cx) / camera.fx, (py - camera.cy) / camera.fy)
    return wp.float32(at[0]) * camera.x + wp.float32(at[1]) * camera.y + camera.z


@wp.kernel
def camera_rays(
    # In:
    cameras: wp.array(dtype=Camera),
    pixel_camera: wp.array(dtype=wp.int32),
    first: wp.int32,
    # Out:
    origin: wp.array(dtype=wp.vec3),
    toward: wp.array(dtype=wp.vec3),
):
    """Write the ray through each pixel's centre [m]; its direction has camera z = 1, so t is depth."""
    p = first + wp.tid()
    camera = cameras[pixel_camera[p]]
    local = p - camera.first_pixel
    column = local % camera.width
    row = local // camera.width
    half = wp.float64(0.5)
    origin[p] = camera.origin
    toward[p] = direction(camera, wp.float64(column) + half, wp.float64(row) + half)
