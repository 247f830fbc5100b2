"""Pixels to rays: pinhole with Brown-Conrady distortion (OpenCV's k1, k2, p1, p2, k3).

The inverse is Newton's iteration in float64 until the reprojection error is below 1e-4 px (docs/contract.md section 5).
Rays exist as far as the lens is one to one (`world.lens.field_limit`); a pixel beyond has no ray: its direction is 0.
"""

import warp as wp

from synthgen.kernels.types import Camera

wp.set_module_options({"enable_backward": False, "max_unroll": 1})

STEPS = wp.constant(12)
ENOUGH = wp.constant(wp.float64(1.0e-22))  # squared, in focal lengths: below 1e-7 px
MORE_STEPS = wp.constant(20)
HALVINGS = wp.constant(40)
REPROJECTION_PX = wp.constant(wp.float64(1.0e-4))
WIDEST = wp.constant(wp.float64(1.0e3))  # tan of the field angle of a lens without a limit: 89.9 degrees
SINGULAR = wp.constant(wp.float64(1.0e-12))


@wp.func
def sees(direction: wp.vec3) -> bool:
    """Return whether a pixel has a ray: the lens is one to one there."""
    return wp.dot(direction, direction) > 0.0


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
def radial_inverse(camera: Camera, target: wp.float64) -> wp.float64:
    """Return the radius in the field that the radial terms alone put nearest to a distorted radius, by bisection."""
    low = wp.float64(0.0)
    high = wp.min(camera.field_limit, WIDEST)
    for _ in range(HALVINGS):
        middle = wp.float64(0.5) * (low + high)
        r2 = middle * middle
        if middle * (wp.float64(1.0) + r2 * (camera.k1 + r2 * (camera.k2 + r2 * camera.k3))) < target:
            low = middle
        else:
            high = middle
    return wp.float64(0.5) * (low + high)


@wp.func
def newton_step(camera: Camera, x: wp.float64, y: wp.float64, ex: wp.float64, ey: wp.float64) -> wp.vec2d:
    """Return the step from (x, y) that removes the error (ex, ey) of its distorted image; 0 where it is singular."""
    two = wp.float64(2.0)
    r2 = x * x + y * y
    radial = wp.float64(1.0) + r2 * (camera.k1 + r2 * (camera.k2 + r2 * camera.k3))
    slope = two * (camera.k1 + r2 * (two * camera.k2 + wp.float64(3.0) * r2 * camera.k3))
    a = radial + x * x * slope + two * camera.p1 * y + wp.float64(6.0) * camera.p2 * x
    b = x * y * slope + two * camera.p1 * x + two * camera.p2 * y
    d = radial + y * y * slope + wp.float64(6.0) * camera.p1 * y + two * camera.p2 * x
    det = a * d - b * b
    if wp.abs(det) < SINGULAR:
        return wp.vec2d(wp.float64(0.0), wp.float64(0.0))
    return wp.vec2d((d * ex - b * ey) / det, (a * ey - b * ex) / det)


@wp.func
def undistort_in_field(camera: Camera, xd: wp.float64, yd: wp.float64) -> wp.vec3d:
    """Return `undistort` from the radial inverse, held inside the field: it converges also at the field's edge."""
    radius = wp.sqrt(xd * xd + yd * yd)
    start = radial_inverse(camera, radius) / wp.max(radius, wp.float64(1.0e-300))
    x = xd * start
    y = yd * start
    for _ in range(MORE_STEPS):
        at = distort(camera, x, y)
        step = newton_step(camera, x, y, at[0] - xd, at[1] - yd)
        x -= step[0]
        y -= step[1]
        r = wp.sqrt(x * x + y * y)
        if r > camera.field_limit:
            x *= camera.field_limit / r
            y *= camera.field_limit / r
    at = distort(camera, x, y)
    ex = at[0] - xd
    ey = at[1] - yd
    tolerance = REPROJECTION_PX / wp.max(camera.fx, camera.fy)
    if ex * ex + ey * ey < tolerance * tolerance:
        return wp.vec3d(x, y, wp.float64(1.0))
    return wp.vec3d(wp.float64(0.0), wp.float64(0.0), wp.float64(0.0))


@wp.func
def undistort(camera: Camera, xd: wp.float64, yd: wp.float64) -> wp.vec3d:
    """Return (x, y, 1) of the ideal normalised image point in the field whose image is (xd, yd), 0 where none is."""
    x = xd
    y = yd
    for _ in range(STEPS):
        at = distort(camera, x, y)
        ex = at[0] - xd
        ey = at[1] - yd
        if ex * ex + ey * ey < ENOUGH:
            if x * x + y * y <= camera.field_limit * camera.field_limit:
                return wp.vec3d(x, y, wp.float64(1.0))
            break
        step = newton_step(camera, x, y, ex, ey)
        x -= step[0]
        y -= step[1]
    return undistort_in_field(camera, xd, yd)


@wp.func
def direction(camera: Camera, px: wp.float64, py: wp.float64) -> wp.vec3:
    """Return the world direction of a pixel position, its camera z 1; 0 where the lens sees nothing."""
    at = undistort(camera, (px - camera.cx) / camera.fx, (py - camera.cy) / camera.fy)
    if at[2] == wp.float64(0.0):
        return wp.vec3(0.0, 0.0, 0.0)
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
    """Write the ray through each pixel's centre [m], its direction of camera z = 1, so that t is depth; 0: no ray."""
    p = first + wp.tid()
    camera = cameras[pixel_camera[p]]
    local = p - camera.first_pixel
    column = local % camera.width
    row = local // camera.width + camera.first_row
    half = wp.float64(0.5)
    origin[p] = camera.origin
    toward[p] = direction(camera, wp.float64(column) + half, wp.float64(row) + half)
