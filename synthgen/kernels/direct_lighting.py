"""Direct light: the closed form of the whole light times a visibility ratio that is sampled and pooled.

Each pixel casts a few shadow rays per light from a low-discrepancy net that a 4 x 4 block of pixels shares, so a window
that holds every member of the block once sees the whole net. Only the ratio is filtered, and only over pixels of the
same surface; texture, cosine and distance stay exact.

References:
    Keller, Heidrich 2001, Interleaved sampling. Kollig, Keller 2002, Efficient multidimensional sampling (XOR
    scrambling). Heitz, Hill, McGuire 2018, Combining analytic direct illumination and stochastic shadows.
"""

import warp as wp

from synthgen.kernels import light_sampling
from synthgen.kernels.sobol import block_order, net_point
from synthgen.kernels.types import Camera, GBuffer, Light, WorldLights

wp.set_module_options({"enable_backward": False, "max_unroll": 1})

LAYER_M = wp.constant(0.0006)
MINOR = wp.constant(0.02)  # share of a point's light below which a lamp is sampled sparsely


@wp.struct
class ShadowQuery:
    """How one light is sampled."""

    row: wp.int32  # in the table of lights
    samples: wp.int32  # rays a point
    scramble: wp.uint32  # of the net
    sparse: wp.int32  # 1: where it gives little, every fourth pixel alone samples it


@wp.func
def clear_of_surface(position: wp.vec3, normal: wp.vec3, eye: wp.vec3) -> wp.vec3:
    """Return a ray origin that clears its own surface in float32 [m]."""
    reach = wp.max(wp.length(position), wp.length(position - eye))
    return position + normal * (2.0e-6 + 2.0e-6 * reach)


@wp.kernel
def unshadowed_irradiance(
    # In:
    g: GBuffer,
    lights: WorldLights,
    with_vector: wp.int32,
    first: wp.int32,
    # Out:
    unshadowed: wp.array2d(dtype=wp.float32),
    vector: wp.array2d(dtype=wp.vec3),
    total: wp.array(dtype=wp.float32),
):
    """Write each light's unshadowed irradiance [W/m^2], its vector where asked for, and the sum over lights."""
    p = first + wp.tid()
    every = float(0.0)
    for k in range(lights.rows.shape[0]):
        one = light_sampling.Whole()
        if g.material[p] >= 0:
            light = lights.table[lights.rows[k]]
            one = light_sampling.whole(light, g.position[p], g.shading_normal[p], with_vector)
        unshadowed[k, p] = one.irradiance
        every += one.irradiance
        if with_vector == 1:
            vector[k, p] = one.vector
    total[p] = every


@wp.kernel
def shadow_rays(
    # In:
    g: GBuffer,
    light_table: wp.array(dtype=Light),
    query: ShadowQuery,
    unshadowed: wp.array(dtype=wp.float32),
    total: wp.array(dtype=wp.float32),
    first: wp.int32,
    # Out:
    origin: wp.array(dtype=wp.vec3),
    direction: wp.array(dtype=wp.vec3),
    t_max: wp.array(dtype=wp.float32),
    weight: wp.array(dtype=wp.float32),
):
    """Write shadow rays to points of the light, and their weights; 0 where the light is not sampled."""
    t = wp.tid()
    p = first + t
    light = light_table[query.row]
    camera = g.cameras[g.pixel_camera[p]]
    n = g.shading_normal[p]
    local = p - camera.first_pixel
    order = block_order(local % camera.width, local // camera.width + camera.first_row)
    start = clear_of_surface(g.position[p], g.geometric_normal[p], camera.origin)
    asks = unshadowed[p] > 0.0
    if query.sparse == 1 and unshadowed[p] < MINOR * total[p] and order % 4 != query.row % 4:
        asks = False
    for j in range(query.samples):
        w = float(0.0)
        k = t * query.samples + j
        origin[k] = start
        far = float(0.0)
        ray = wp.vec3(0.0, 0.0, 1.0)
        if asks:
            # A pixel takes successive points, so its own are spread; 16 neighbours together hold the whole net.
            uv = net_point(order * query.samples + j, query.scramble)
            s = light_sampling.sample(light, g.position[p], n, uv[0], uv[1])
            w = s.vector * wp.max(0.0, wp.dot(s.toward, n))
            if wp.dot(s.toward, g.geometric_normal[p]) <= 0.0:
                far = -1.0
            if w > 0.0 and far == 0.0:
                ray = s.toward
                far = s.distance * 0.9999 - 1.0e-5
        direction[k] = ray
        t_max[k] = far
        weight[k] = w


@wp.kernel
def sum_visible(
    # In:
    weight: wp.array(dtype=wp.float32),
    t_max: wp.array(dtype=wp.float32),
    clear: wp.array(dtype=wp.uint8),
    samples: wp.int32,
    first: wp.int32,
    # Out:
    visible_weight: wp.array(dtype=wp.float32),
    total_weight: wp.array(dtype=wp.float32),
):
    """Write the visible weight and the total weight of each pixel's shadow rays."""
    t = wp.tid()
    through = float(0.0)
    total = float(0.0)
    for j in range(samples):
        k = t * samples + j
        total += weight[k]
        if clear[k] == wp.uint8(1) and t_max[k] > 0.0:
            through += weight[k]
    visible_weight[first + t] = through
    total_weight[first + t] = total


@wp.func
def neighbours(camera: Camera, g: GBuffer, p: wp.int32, window: wp.int32) -> wp.int32:
    """Return a bit for each of the 5 x 5 pixels around `p` that shows the same surface."""
    local = p - camera.first_pixel
    column = local % camera.width
    row = local // camera.width
    tolerance = 3.0 * g.ray_t[p] / wp.float32(camera.fx)
    bits = wp.int32(0)
    r = 2 * window
    for dy in range(-r, r + 1):
        for dx in range(-r, r + 1):
            x = column + dx
            y = row + dy
            if x >= 0 and x < camera.width and y >= 0 and y < camera.height:
                q = p + dy * camera.width + dx
                gap = wp.abs(wp.dot(g.position[q] - g.position[p], g.geometric_normal[p]))
                # A layer no thicker than tape or paper is lit like the surface below it.
                same = gap < LAYER_M or (g.instance[q] == g.instance[p] and gap < tolerance)
                parallel = wp.dot(g.geometric_normal[q], g.geometric_normal[p]) > 0.95
                if same and g.instance[q] >= 0 and parallel:
                    bits = bits | (1 << ((dy + 2) * 5 + dx + 2))
    return bits


@wp.func
def pooled_visibility(
    camera: Camera,
    p: wp.int32,
    bits: wp.int32,
    k: wp.int32,
    visible_weight: wp.array2d(dtype=wp.float32),
    total_weight: wp.array2d(dtype=wp.float32),
) -> wp.float32:
    """Return visible over total weight in the window around a pixel, its rim at half weight."""
    through = float(0.0)
    wanted = float(0.0)
    for i in range(25):
        if (bits & (1 << i)) != 0:
            dy = i // 5 - 2
            dx = i % 5 - 2
            tent = float(1.0)
            if wp.abs(dx) == 2:
                tent *= 0.5
            if wp.abs(dy) == 2:
                tent *= 0.5
            q = p + dy * camera.width + dx
            through += tent * visible_weight[k, q]
            wanted += tent * total_weight[k, q]
    if wanted <= 0.0:
        return 0.0
    return through / wanted


@wp.kernel
def pool(
    # In:
    g: GBuffer,
    visible_weight: wp.array2d(dtype=wp.float32),
    total_weight: wp.array2d(dtype=wp.float32),
    unshadowed: wp.array2d(dtype=wp.float32),
    lights_here: wp.int32,
    window: wp.int32,
    first: wp.int32,
    # Out:
    shadowed: wp.array2d(dtype=wp.float32),
):
    """Write the irradiance [W/m^2]: each unshadowed light's, times this surface's visibility ratio in a window.

    The window is 5 x 5 with half weight at its rim, which holds each of the 4 x 4 patterns equally; `window` 0 keeps
    the pixel's own ratio.
    """
    p = first + wp.tid()
    bits = wp.int32(0)
    camera = g.cameras[g.pixel_camera[p]]
    if g.instance[p] >= 0:
        bits = neighbours(camera, g, p, window)
    for k in range(lights_here):
        value = float(0.0)
        if unshadowed[k, p] > 0.0:
            value = unshadowed[k, p] * pooled_visibility(camera, p, bits, k, visible_weight, total_weight)
        shadowed[k, p] = value


@wp.kernel
def sum_lights(
    # In:
    lights: WorldLights,
    shadowed: wp.array2d(dtype=wp.float32),
    first: wp.int32,
    # Out:
    irradiance: wp.array(dtype=wp.float32),
    strobed: wp.array(dtype=wp.vec4),
    continuous: wp.array(dtype=wp.vec4),
    motion_time_s: wp.array(dtype=wp.float32),
):
    """Write the irradiance with all lamps on [W/m^2] and the photon exposure by band [1/m^2].

    `strobed` is from lamps whose pulse ends within the shutter, `continuous` from lamps that are on all the time;
    `motion_time_s` is the duration of the light, averaged over photons.
    """
    p = first + wp.tid()
    total = float(0.0)
    from_strobes = wp.vec4(0.0, 0.0, 0.0, 0.0)
    from_others = wp.vec4(0.0, 0.0, 0.0, 0.0)
    caught = float(0.0)
    weighted = float(0.0)
    for k in range(lights.rows.shape[0]):
        light = lights.table[lights.rows[k]]
        open_s = lights.open_s[k]
        e = shadowed[k, p]
        total += e
        photons = e * (light.photons[0] + light.photons[1] + light.photons[2] + light.photons[3])
        from_strobes += e * open_s[0] * light.photons
        from_others += e * open_s[1] * light.photons
        caught += photons * (open_s[0] + open_s[1])
        weighted += photons * (open_s[0] * open_s[0] + open_s[1] * open_s[1])
    irradiance[p] = total
    strobed[p] = from_strobes
    continuous[p] = from_others
    motion_time_s[p] = weighted / wp.max(caught, 1.0e-30)
