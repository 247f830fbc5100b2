"""The light pass: closed form of the whole light times a visibility ratio that is sampled and pooled.

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
from synthgen.kernels.types import Camera, Light

wp.set_module_options({"enable_backward": False, "max_unroll": 1})

LAYER_M = wp.constant(0.0006)
MINOR = wp.constant(0.02)  # share of a point's light below which a lamp is sampled sparsely


@wp.func
def above(position: wp.vec3, plane: wp.vec3, eye: wp.vec3) -> wp.vec3:
    """Return a ray origin that clears its own surface in float32 [m]."""
    reach = wp.max(wp.length(position), wp.length(position - eye))
    return position + plane * (2.0e-6 + 2.0e-6 * reach)


@wp.kernel
def unshadowed(
    # In:
    light_table: wp.array(dtype=Light),
    light_rows: wp.array(dtype=wp.int32),
    lights_here: wp.int32,
    position: wp.array(dtype=wp.vec3),
    normal: wp.array(dtype=wp.vec3),
    material: wp.array(dtype=wp.int32),
    with_vector: wp.int32,
    first: wp.int32,
    # Out:
    whole: wp.array2d(dtype=wp.float32),
    vector: wp.array2d(dtype=wp.vec3),
    total: wp.array(dtype=wp.float32),
):
    """Write each light's irradiance [W/m^2] if nothing stood in the way, its vector where asked for, and their sum."""
    p = first + wp.tid()
    every = float(0.0)
    for k in range(lights_here):
        one = light_sampling.Whole()
        if material[p] >= 0:
            one = light_sampling.whole(light_table[light_rows[k]], position[p], normal[p], with_vector)
        whole[k, p] = one.irradiance
        every += one.irradiance
        if with_vector == 1:
            vector[k, p] = one.vector
    total[p] = every


@wp.kernel
def shadow_rays(
    # In:
    cameras: wp.array(dtype=Camera),
    pixel_camera: wp.array(dtype=wp.int32),
    light_table: wp.array(dtype=Light),
    light_row: wp.int32,
    position: wp.array(dtype=wp.vec3),
    normal: wp.array(dtype=wp.vec3),
    plane: wp.array(dtype=wp.vec3),
    whole: wp.array(dtype=wp.float32),
    total: wp.array(dtype=wp.float32),
    samples: wp.int32,
    scramble: wp.uint32,
    sparse: wp.int32,
    first: wp.int32,
    # Out:
    origin: wp.array(dtype=wp.vec3),
    toward: wp.array(dtype=wp.vec3),
    reach: wp.array(dtype=wp.float32),
    weight: wp.array(dtype=wp.float32),
):
    """Write the segments to `samples` points of the light and their weights, none where nothing is to be asked.

    A light that gives little of what a point gets is asked for by every fourth pixel only, if `sparse`.
    """
    t = wp.tid()
    p = first + t
    light = light_table[light_row]
    camera = cameras[pixel_camera[p]]
    at = position[p]
    n = normal[p]
    local = p - camera.first_pixel
    order = block_order(local % camera.width, local // camera.width)
    start = above(at, plane[p], camera.origin)
    asks = whole[p] > 0.0
    if sparse == 1 and whole[p] < MINOR * total[p] and order % 4 != light_row % 4:
        asks = False
    for j in range(samples):
        w = float(0.0)
        k = t * samples + j
        origin[k] = start
        far = float(0.0)
        ray = wp.vec3(0.0, 0.0, 1.0)
        if asks:
            # A pixel takes successive points, so its own are spread; 16 neighbours together hold the whole net.
            uv = net_point(order * samples + j, scramble)
            s = light_sampling.sample(light, at, n, uv[0], uv[1])
            w = s.vector * wp.max(0.0, wp.dot(s.toward, n))
            if wp.dot(s.toward, plane[p]) <= 0.0:
                far = -1.0
            if w > 0.0 and far == 0.0:
                ray = s.toward
                far = s.distance * 0.9999 - 1.0e-5
        toward[k] = ray
        reach[k] = far
        weight[k] = w


@wp.kernel
def gather(
    # In:
    weight: wp.array(dtype=wp.float32),
    reach: wp.array(dtype=wp.float32),
    clear: wp.array(dtype=wp.uint8),
    samples: wp.int32,
    first: wp.int32,
    # Out:
    seen: wp.array(dtype=wp.float32),
    asked: wp.array(dtype=wp.float32),
):
    """Write the weight that got through and the weight that was asked for, by pixel."""
    t = wp.tid()
    through = float(0.0)
    total = float(0.0)
    for j in range(samples):
        k = t * samples + j
        total += weight[k]
        if clear[k] == wp.uint8(1) and reach[k] > 0.0:
            through += weight[k]
    seen[first + t] = through
    asked[first + t] = total


@wp.func
def neighbours(
    camera: Camera,
    p: wp.int32,
    window: wp.int32,
    hit_instance: wp.array(dtype=wp.int32),
    position: wp.array(dtype=wp.vec3),
    plane: wp.array(dtype=wp.vec3),
    tolerance: wp.float32,
) -> wp.int32:
    """Return a bit for each of the 5 x 5 pixels around `p` that shows the same surface."""
    local = p - camera.first_pixel
    column = local % camera.width
    row = local // camera.width
    bits = wp.int32(0)
    r = 2 * window
    for dy in range(-r, r + 1):
        for dx in range(-r, r + 1):
            x = column + dx
            y = row + dy
            if x >= 0 and x < camera.width and y >= 0 and y < camera.height:
                q = p + dy * camera.width + dx
                gap = wp.abs(wp.dot(position[q] - position[p], plane[p]))
                # What lies on a surface no thicker than tape or paper is lit as the surface is.
                same = gap < LAYER_M or (hit_instance[q] == hit_instance[p] and gap < tolerance)
                if same and hit_instance[q] >= 0 and wp.dot(plane[q], plane[p]) > 0.95:
                    bits = bits | (1 << ((dy + 2) * 5 + dx + 2))
    return bits


@wp.func
def ratio_around(
    camera: Camera,
    p: wp.int32,
    bits: wp.int32,
    k: wp.int32,
    seen: wp.array2d(dtype=wp.float32),
    asked: wp.array2d(dtype=wp.float32),
) -> wp.float32:
    """Return the weight that got through over the weight asked for, around a pixel, with half weight at the rim."""
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
            through += tent * seen[k, q]
            wanted += tent * asked[k, q]
    if wanted <= 0.0:
        return 0.0
    return through / wanted


@wp.kernel
def pool(
    # In:
    cameras: wp.array(dtype=Camera),
    pixel_camera: wp.array(dtype=wp.int32),
    hit_instance: wp.array(dtype=wp.int32),
    position: wp.array(dtype=wp.vec3),
    plane: wp.array(dtype=wp.vec3),
    depth: wp.array(dtype=wp.float32),
    seen: wp.array2d(dtype=wp.float32),
    asked: wp.array2d(dtype=wp.float32),
    whole: wp.array2d(dtype=wp.float32),
    lights_here: wp.int32,
    window: wp.int32,
    first: wp.int32,
    # Out:
    lit: wp.array2d(dtype=wp.float32),
):
    """Write the irradiance [W/m^2]: each whole light's, times the ratio that this surface sees in a window.

    The window is 5 x 5 with half weight at its rim, which holds each of the 4 x 4 patterns equally; `window` 0 keeps
    the pixel's own ratio.
    """
    p = first + wp.tid()
    bits = wp.int32(0)
    camera = cameras[pixel_camera[p]]
    if hit_instance[p] >= 0:
        tolerance = 3.0 * depth[p] / wp.float32(camera.fx)
        bits = neighbours(camera, p, window, hit_instance, position, plane, tolerance)
    for k in range(lights_here):
        value = float(0.0)
        if whole[k, p] > 0.0:
            value = whole[k, p] * ratio_around(camera, p, bits, k, seen, asked)
        lit[k, p] = value


@wp.kernel
def sum_lights(
    # In:
    light_table: wp.array(dtype=Light),
    light_rows: wp.array(dtype=wp.int32),
    times: wp.array(dtype=wp.vec2),
    lit: wp.array2d(dtype=wp.float32),
    first: wp.int32,
    # Out:
    irradiance: wp.array(dtype=wp.float32),
    pulsed: wp.array(dtype=wp.vec4),
    steady: wp.array(dtype=wp.vec4),
    smear_s: wp.array(dtype=wp.float32),
):
    """Write the irradiance with all lamps on [W/m^2] and the photon exposure by band [1/m^2].

    `pulsed` is from lamps whose pulse ends within the shutter, `steady` from lamps that are on all the time; `smear_s`
    is how long the light that makes the picture lasts, the mean over photons.
    """
    p = first + wp.tid()
    total = float(0.0)
    flash = wp.vec4(0.0, 0.0, 0.0, 0.0)
    glow = wp.vec4(0.0, 0.0, 0.0, 0.0)
    caught = float(0.0)
    weighted = float(0.0)
    for k in range(light_rows.shape[0]):
        light = light_table[light_rows[k]]
        e = lit[k, p]
        total += e
        photons = e * (light.photons[0] + light.photons[1] + light.photons[2] + light.photons[3])
        flash += e * times[k][0] * light.photons
        glow += e * times[k][1] * light.photons
        caught += photons * (times[k][0] + times[k][1])
        weighted += photons * (times[k][0] * times[k][0] + times[k][1] * times[k][1])
    irradiance[p] = total
    pulsed[p] = flash
    steady[p] = glow
    smear_s[p] = weighted / wp.max(caught, 1.0e-30)


@wp.kernel
def point_rays(
    # In:
    light_table: wp.array(dtype=Light),
    light_row: wp.int32,
    position: wp.array(dtype=wp.vec3),
    normal: wp.array(dtype=wp.vec3),
    samples: wp.int32,
    scramble: wp.uint32,
    first: wp.int32,
    # Out:
    origin: wp.array(dtype=wp.vec3),
    toward: wp.array(dtype=wp.vec3),
    reach: wp.array(dtype=wp.float32),
    weight: wp.array(dtype=wp.float32),
):
    """Write the segments from given points to `samples` points of a light, one thread a segment."""
    k = wp.tid()
    i = first + k // samples
    light = light_table[light_row]
    uv = net_point(k % samples, scramble)
    s = light_sampling.sample(light, position[i], normal[i], uv[0], uv[1])
    w = s.vector * wp.max(0.0, wp.dot(s.toward, normal[i]))
    origin[k] = position[i] + normal[i] * (2.0e-6 + 2.0e-6 * wp.length(position[i]))
    toward[k] = s.toward
    far = float(0.0)
    if w > 0.0:
        far = s.distance * 0.9999 - 1.0e-5
    reach[k] = far
    weight[k] = w
