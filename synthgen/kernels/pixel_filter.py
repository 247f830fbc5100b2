"""The footprint of a pixel: the points that it integrates, and how far motion and defocus spread them."""

import warp as wp

from synthgen.kernels.camera_rays import sees
from synthgen.kernels.types import Camera, GBuffer, Instance, PixelSpread

wp.set_module_options({"enable_backward": False, "max_unroll": 1})

WIDEST_PX = wp.constant(6)  # half width of the neighbourhood in which edges are looked for


@wp.struct
class FilterSample:
    """One of the points that a pixel integrates, for unit motion and unit defocus."""

    fixed: wp.vec2  # in the pixel's own area, widened by diffraction [px]
    time: wp.float32  # in the pulse, -0.5 to 0.5
    disc: wp.vec2  # in the circle of confusion of diameter 1


@wp.struct
class PixelFilters:
    """The points that a pixel integrates: `fine` where it shows print, `coarse` elsewhere."""

    fine: wp.array(dtype=FilterSample)
    coarse: wp.array(dtype=FilterSample)


@wp.func
def offset(sample: FilterSample, motion_px: wp.vec2, coc_px: wp.float32) -> wp.vec2:
    """Return where a point lies, from the pixel's centre [px]."""
    return sample.fixed + sample.time * motion_px + coc_px * sample.disc


@wp.func
def step_x(direction: wp.array(dtype=wp.vec3), camera: Camera, p: wp.int32) -> wp.vec3:
    """Return how the ray's direction changes by one pixel to the right."""
    column = (p - camera.first_pixel) % camera.width
    if column + 1 < camera.width and sees(direction[p + 1]):
        return direction[p + 1] - direction[p]
    return direction[p] - direction[p - 1]


@wp.func
def step_y(direction: wp.array(dtype=wp.vec3), camera: Camera, p: wp.int32) -> wp.vec3:
    """Return how the ray's direction changes by one pixel down."""
    row = (p - camera.first_pixel) // camera.width
    if row + 1 < camera.height and sees(direction[p + camera.width]):
        return direction[p + camera.width] - direction[p]
    return direction[p] - direction[p - camera.width]


@wp.kernel
def spread(
    # In:
    g: GBuffer,
    instances: wp.array(dtype=Instance),
    motion_time_s: wp.array(dtype=wp.float32),
    first: wp.int32,
    # Out:
    motion_px: wp.array(dtype=wp.vec2),
    coc_px: wp.array(dtype=wp.float32),
):
    """Write the motion of each pixel's surface while it is lit, and the diameter of its circle of confusion [px]."""
    p = first + wp.tid()
    camera = g.cameras[g.pixel_camera[p]]
    k = g.instance[p]
    if k < 0:
        motion_px[p] = wp.vec2(0.0, 0.0)
        coc_px[p] = 0.0
        return
    v = instances[k].velocity
    away = g.position[p] - camera.origin
    z = g.ray_t[p]
    forward = wp.dot(v, camera.z)
    fx = wp.float32(camera.fx)
    fy = wp.float32(camera.fy)
    x = fx * (wp.dot(v, camera.x) - wp.dot(away, camera.x) / z * forward) / z
    y = fy * (wp.dot(v, camera.y) - wp.dot(away, camera.y) / z * forward) / z
    motion_px[p] = motion_time_s[p] * wp.vec2(x, y)
    if camera.focus_m > 0.0:
        coc_px[p] = camera.defocus_px_m * wp.abs(1.0 / camera.focus_m - 1.0 / z)
    else:
        coc_px[p] = 0.0


@wp.kernel
def find_edges(
    # In:
    g: GBuffer,
    spread: PixelSpread,
    furthest_px: wp.float32,
    first: wp.int32,
    # Out:
    is_edge: wp.array(dtype=wp.uint8),
    sweep_px: wp.array(dtype=wp.vec2),
):
    """Write 1 where a pixel's footprint may hold more than one surface, and the longest motion across the pixel.

    The motion is the pixel's own, or a longer one of a surface near enough to pass over it; `furthest_px` is half the
    longest motion in the view.
    """
    p = first + wp.tid()
    camera = g.cameras[g.pixel_camera[p]]
    local = p - camera.first_pixel
    column = local % camera.width
    row = local // camera.width
    reach = 0.5 * wp.length(spread.motion_px[p]) + 0.5 * spread.coc_px[p] + 2.0 * camera.blur_px + 0.5
    r = wp.clamp(wp.int32(wp.ceil(wp.max(reach, furthest_px + 0.5))), 1, WIDEST_PX)
    result = wp.uint8(0)
    sweep = spread.motion_px[p]
    for dy in range(-r, r + 1):
        for dx in range(-r, r + 1):
            x = wp.clamp(column + dx, 0, camera.width - 1)
            y = wp.clamp(row + dy, 0, camera.height - 1)
            q = camera.first_pixel + y * camera.width + x
            other = g.triangle[q] != g.triangle[p]
            bent = g.instance[p] >= 0 and other and wp.dot(g.geometric_normal[q], g.geometric_normal[p]) < 0.9
            if g.instance[q] != g.instance[p] or bent:
                result = wp.uint8(1)
            passes = 0.5 * wp.length(spread.motion_px[q]) + 1.0 >= wp.sqrt(float(dx * dx + dy * dy))
            if passes and wp.length(spread.motion_px[q]) > wp.length(sweep):
                sweep = spread.motion_px[q]
    if not sees(g.ray_direction[p]):
        result = wp.uint8(0)  # beyond the field of the lens: black
    is_edge[p] = result
    sweep_px[p] = sweep


@wp.kernel
def edge_rays(
    # In:
    g: GBuffer,
    spread: PixelSpread,
    edge_pixels: wp.array(dtype=wp.int32),
    samples: wp.array(dtype=FilterSample),
    # Out:
    origin: wp.array(dtype=wp.vec3),
    direction: wp.array(dtype=wp.vec3),
):
    """Write the rays of the pixels in `edge_pixels`, one a filter sample."""
    t = wp.tid()
    count = samples.shape[0]
    p = edge_pixels[t // count]
    camera = g.cameras[g.pixel_camera[p]]
    at = offset(samples[t % count], spread.motion_px[p], spread.coc_px[p])
    right = step_x(g.ray_direction, camera, p)
    down = step_y(g.ray_direction, camera, p)
    origin[t] = g.ray_origin[p]
    direction[t] = g.ray_direction[p] + at[0] * right + at[1] * down
