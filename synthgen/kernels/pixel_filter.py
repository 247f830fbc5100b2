"""Where a pixel looks: the places that it integrates, and how far motion and defocus spread them."""

import warp as wp

from synthgen.kernels.types import Camera, Instance

wp.set_module_options({"enable_backward": False, "max_unroll": 1})


@wp.struct
class Tap:
    """One of the places that a pixel integrates, for unit motion and unit defocus."""

    fixed: wp.vec2  # in the pixel's own area, widened by diffraction [px]
    time: wp.float32  # in the pulse, -0.5 to 0.5
    disc: wp.vec2  # in the circle of confusion of diameter 1


@wp.func
def offset(tap: Tap, motion_px: wp.vec2, disc_px: wp.float32) -> wp.vec2:
    """Return where a tap lies, from the pixel's centre [px]."""
    return tap.fixed + tap.time * motion_px + disc_px * tap.disc


@wp.func
def step_x(toward: wp.array(dtype=wp.vec3), camera: Camera, p: wp.int32) -> wp.vec3:
    """Return how the ray's direction changes by one pixel to the right."""
    column = (p - camera.first_pixel) % camera.width
    if column + 1 < camera.width:
        return toward[p + 1] - toward[p]
    return toward[p] - toward[p - 1]


@wp.func
def step_y(toward: wp.array(dtype=wp.vec3), camera: Camera, p: wp.int32) -> wp.vec3:
    """Return how the ray's direction changes by one pixel down."""
    row = (p - camera.first_pixel) // camera.width
    if row + 1 < camera.height:
        return toward[p + camera.width] - toward[p]
    return toward[p] - toward[p - camera.width]


@wp.kernel
def blur(
    # In:
    cameras: wp.array(dtype=Camera),
    pixel_camera: wp.array(dtype=wp.int32),
    instances: wp.array(dtype=Instance),
    position: wp.array(dtype=wp.vec3),
    depth: wp.array(dtype=wp.float32),
    hit_instance: wp.array(dtype=wp.int32),
    smear_s: wp.array(dtype=wp.float32),
    first: wp.int32,
    # Out:
    motion_px: wp.array(dtype=wp.vec2),
    disc_px: wp.array(dtype=wp.float32),
):
    """Write how far each pixel's surface moves while it is lit, and the diameter of its circle of confusion [px]."""
    p = first + wp.tid()
    camera = cameras[pixel_camera[p]]
    k = hit_instance[p]
    if k < 0:
        motion_px[p] = wp.vec2(0.0, 0.0)
        disc_px[p] = 0.0
        return
    v = instances[k].velocity
    away = position[p] - camera.origin
    z = depth[p]
    toward = wp.dot(v, camera.z)
    fx = wp.float32(camera.fx)
    fy = wp.float32(camera.fy)
    x = fx * (wp.dot(v, camera.x) - wp.dot(away, camera.x) / z * toward) / z
    y = fy * (wp.dot(v, camera.y) - wp.dot(away, camera.y) / z * toward) / z
    motion_px[p] = smear_s[p] * wp.vec2(x, y)
    if camera.focus_m > 0.0:
        disc_px[p] = camera.defocus_px_m * wp.abs(1.0 / camera.focus_m - 1.0 / z)
    else:
        disc_px[p] = 0.0


@wp.kernel
def edges(
    # In:
    cameras: wp.array(dtype=Camera),
    pixel_camera: wp.array(dtype=wp.int32),
    hit_instance: wp.array(dtype=wp.int32),
    hit_triangle: wp.array(dtype=wp.int32),
    plane: wp.array(dtype=wp.vec3),
    motion_px: wp.array(dtype=wp.vec2),
    disc_px: wp.array(dtype=wp.float32),
    furthest_px: wp.float32,
    first: wp.int32,
    # Out:
    mixed: wp.array(dtype=wp.uint8),
    sweep_px: wp.array(dtype=wp.vec2),
):
    """Write 1 where what the pixel integrates may show more than one surface, and the motion that sweeps over it.

    That is the pixel's own, or the longer one of a surface near enough to pass over it; `furthest_px` is half the
    longest motion in the view.
    """
    p = first + wp.tid()
    camera = cameras[pixel_camera[p]]
    local = p - camera.first_pixel
    column = local % camera.width
    row = local // camera.width
    reach = 0.5 * wp.length(motion_px[p]) + 0.5 * disc_px[p] + 2.0 * camera.blur_px + 0.5
    r = wp.clamp(wp.int32(wp.ceil(wp.max(reach, furthest_px + 0.5))), 1, 6)
    result = wp.uint8(0)
    sweep = motion_px[p]
    for dy in range(-r, r + 1):
        for dx in range(-r, r + 1):
            x = wp.clamp(column + dx, 0, camera.width - 1)
            y = wp.clamp(row + dy, 0, camera.height - 1)
            q = camera.first_pixel + y * camera.width + x
            bent = hit_instance[p] >= 0 and hit_triangle[q] != hit_triangle[p] and wp.dot(plane[q], plane[p]) < 0.9
            if hit_instance[q] != hit_instance[p] or bent:
                result = wp.uint8(1)
            passes = 0.5 * wp.length(motion_px[q]) + 1.0 >= wp.sqrt(float(dx * dx + dy * dy))
            if passes and wp.length(motion_px[q]) > wp.length(sweep):
                sweep = motion_px[q]
    mixed[p] = result
    sweep_px[p] = sweep


@wp.kernel
def edge_rays(
    # In:
    cameras: wp.array(dtype=Camera),
    pixel_camera: wp.array(dtype=wp.int32),
    chosen: wp.array(dtype=wp.int32),
    taps: wp.array(dtype=Tap),
    origin: wp.array(dtype=wp.vec3),
    toward: wp.array(dtype=wp.vec3),
    motion_px: wp.array(dtype=wp.vec2),
    disc_px: wp.array(dtype=wp.float32),
    # Out:
    sub_origin: wp.array(dtype=wp.vec3),
    sub_toward: wp.array(dtype=wp.vec3),
):
    """Write the rays of the pixels in `chosen`, one a tap."""
    t = wp.tid()
    count = taps.shape[0]
    p = chosen[t // count]
    camera = cameras[pixel_camera[p]]
    at = offset(taps[t % count], motion_px[p], disc_px[p])
    sub_origin[t] = origin[p]
    sub_toward[t] = toward[p] + at[0] * step_x(toward, camera, p) + at[1] * step_y(toward, camera, p)
