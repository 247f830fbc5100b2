"""What one light sends to one point: its unshadowed closed form, and samples of its surface.

The unit of all of it is the irradiance vector [W/m^2]: its dot product with a receiver's normal is the irradiance of a
receiver that sees the whole light. Lambert's contour formula gives it exactly for a polygon; other shapes and shaped
beams are summed over a fixed stratified set.

References:
    Lambert 1760, Photometria (the contour formula); Arvo 1995, Analytic methods for simulated light transport, ch. 3.
    UsdLux: ShapingAPI (cone angle, softness, focus), 26.11.
"""

import warp as wp

from synthgen.kernels.types import CYLINDER, DISK, DISTANT, DOME, POINT, RECT, SPHERE, Light

wp.set_module_options({"enable_backward": False, "max_unroll": 1})

PI = wp.constant(3.141592653589793)
LONG = wp.constant(16)  # strata along a light's long side where no closed form exists
SHORT = wp.constant(4)


@wp.struct
class LightSample:
    """A point of a light as seen from a receiver."""

    toward: wp.vec3  # unit
    distance: wp.float32  # [m]; large for distant lights
    vector: wp.float32  # length of this sample's irradiance vector, if it were the only sample [W/m^2]


@wp.func
def shaping(light: Light, cos_axis: wp.float32) -> wp.float32:
    """Return the share of the on-axis radiance that leaves at the angle whose cosine to the axis is given."""
    if light.shaped == 0:
        return 1.0
    share = wp.pow(wp.max(cos_axis, 0.0), light.focus)
    if light.cone_cos > -1.0:
        if light.cone_cos_inner > light.cone_cos:
            ramp = wp.clamp((cos_axis - light.cone_cos) / (light.cone_cos_inner - light.cone_cos), 0.0, 1.0)
            share *= ramp * ramp * (3.0 - 2.0 * ramp)
        elif cos_axis < light.cone_cos:
            share = 0.0
    return share


@wp.func
def patch(light: Light, at: wp.vec3, facing: wp.vec3, area_m2: wp.float32, p: wp.vec3) -> LightSample:
    """Return the sample of a flat patch of a light's surface."""
    s = LightSample()
    away = at - p
    s.distance = wp.length(away)
    s.toward = away / s.distance
    cos_light = -wp.dot(facing, s.toward)
    s.vector = 0.0
    if cos_light > 0.0:
        s.vector = light.strength * cos_light * area_m2 / (s.distance * s.distance)
        s.vector *= shaping(light, wp.dot(light.z, s.toward))
    return s


@wp.func
def cap(axis: wp.vec3, cos_half: wp.float32, u: wp.float32, v: wp.float32) -> wp.vec3:
    """Return a direction spread evenly over the cap around `axis`."""
    side = wp.vec3(1.0, 0.0, 0.0)
    if wp.abs(axis[0]) > 0.9:
        side = wp.vec3(0.0, 1.0, 0.0)
    s = wp.normalize(wp.cross(axis, side))
    t = wp.cross(axis, s)
    cosine = 1.0 - u * (1.0 - cos_half)
    sine = wp.sqrt(wp.max(0.0, 1.0 - cosine * cosine))
    return cosine * axis + sine * wp.cos(2.0 * PI * v) * s + sine * wp.sin(2.0 * PI * v) * t


@wp.func
def sample(light: Light, p: wp.vec3, n: wp.vec3, u: wp.float32, v: wp.float32) -> LightSample:
    """Return the sample at (u, v) in [0, 1)^2 of what reaches `p`; only a dome looks at the receiver's normal `n`."""
    s = LightSample()
    s.vector = 0.0
    if light.kind == RECT:
        at = light.position + (2.0 * u - 1.0) * light.half_width * light.x
        at += (2.0 * v - 1.0) * light.half_height * light.y
        return patch(light, at, -light.z, 4.0 * light.half_width * light.half_height, p)
    if light.kind == DISK:
        r = light.radius * wp.sqrt(v)
        at = light.position + r * wp.cos(2.0 * PI * u) * light.x + r * wp.sin(2.0 * PI * u) * light.y
        return patch(light, at, -light.z, PI * light.radius * light.radius, p)
    if light.kind == CYLINDER:
        facing = wp.cos(2.0 * PI * v) * light.y + wp.sin(2.0 * PI * v) * light.z
        at = light.position + (2.0 * u - 1.0) * light.half_width * light.x + light.radius * facing
        return patch(light, at, facing, 4.0 * PI * light.radius * light.half_width, p)
    if light.kind == SPHERE:
        away = light.position - p
        d = wp.length(away)
        if d > light.radius:
            cos_half = wp.sqrt(wp.max(0.0, 1.0 - (light.radius / d) * (light.radius / d)))
            s.toward = cap(away / d, cos_half, u, v)
            along = wp.dot(away, s.toward)
            inside = light.radius * light.radius - d * d + along * along
            s.distance = along - wp.sqrt(wp.max(0.0, inside))
            solid_sr = 2.0 * PI * (light.radius / d) * (light.radius / d) / (1.0 + cos_half)
            s.vector = light.strength * solid_sr * shaping(light, wp.dot(light.z, s.toward))
        return s
    if light.kind == POINT:
        away = light.position - p
        s.distance = wp.length(away)
        s.toward = away / s.distance
        s.vector = light.strength / (s.distance * s.distance) * shaping(light, wp.dot(light.z, s.toward))
        return s
    s.distance = 1.0e4
    if light.kind == DISTANT:
        s.toward = cap(light.z, light.cos_half_angle, u, v)
        s.vector = light.strength * 2.0 * PI * (1.0 - light.cos_half_angle)
        return s
    # Dome: cosine-weighted directions, so that each carries the same irradiance pi L / samples.
    sine = wp.sqrt(v)
    s.toward = cap(n, 1.0, 0.0, 0.0)
    side = wp.vec3(1.0, 0.0, 0.0)
    if wp.abs(n[0]) > 0.9:
        side = wp.vec3(0.0, 1.0, 0.0)
    e1 = wp.normalize(wp.cross(n, side))
    e2 = wp.cross(n, e1)
    cosine = wp.sqrt(wp.max(1.0e-6, 1.0 - v))
    s.toward = cosine * n + sine * wp.cos(2.0 * PI * u) * e1 + sine * wp.sin(2.0 * PI * u) * e2
    s.vector = light.strength * PI / cosine
    return s


@wp.func
def edge(a: wp.vec3, b: wp.vec3) -> wp.vec3:
    """Return the contour term of one edge of a polygon, as seen from the origin."""
    c = wp.cross(a, b)
    sine = wp.length(c)
    if sine < 1.0e-9 * wp.length(a) * wp.length(b):
        return wp.vec3(0.0, 0.0, 0.0)
    return wp.atan2(sine, wp.dot(a, b)) * c / sine


@wp.func
def rect_corner(light: Light, k: wp.int32) -> wp.vec3:
    """Return corner k of a rectangle, counter-clockwise as seen from its lit side."""
    sx = 1.0
    sy = 1.0
    if k == 0 or k == 3:
        sx = -1.0
    if k >= 2:
        sy = -1.0
    return light.position + sx * light.half_width * light.x + sy * light.half_height * light.y


@wp.func
def rect_vector(light: Light, p: wp.vec3) -> wp.vec3:
    """Return the irradiance vector of a whole Lambertian rectangle, 0 behind it [W/m^2]."""
    if wp.dot(p - light.position, light.z) >= 0.0:
        return wp.vec3(0.0, 0.0, 0.0)
    total = wp.vec3(0.0, 0.0, 0.0)
    a = rect_corner(light, 3) - p
    for k in range(4):
        b = rect_corner(light, k) - p
        total += edge(a, b)
        a = b
    # The sign depends on the winding as seen from p: the vector always points to the light.
    if wp.dot(total, light.position - p) < 0.0:
        total = -total
    return 0.5 * light.strength * total


@wp.func
def rect_irradiance(light: Light, p: wp.vec3, n: wp.vec3) -> wp.float32:
    """Return the irradiance of a Lambertian rectangle on a plane through `p`, clipped at its horizon [W/m^2]."""
    if wp.dot(p - light.position, light.z) >= 0.0:
        return 0.0
    total = float(0.0)
    first = wp.vec3(0.0, 0.0, 0.0)
    last = wp.vec3(0.0, 0.0, 0.0)
    count = wp.int32(0)
    a = rect_corner(light, 3) - p
    ha = wp.dot(a, n)
    for k in range(4):
        b = rect_corner(light, k) - p
        hb = wp.dot(b, n)
        # Sutherland-Hodgman: emit the crossing, then the corner if it is above.
        if (ha > 0.0) != (hb > 0.0):
            c = a + (ha / (ha - hb)) * (b - a)
            if count > 0:
                total += wp.dot(edge(last, c), n)
            else:
                first = c
            last = c
            count += 1
        if hb > 0.0:
            if count > 0:
                total += wp.dot(edge(last, b), n)
            else:
                first = b
            last = b
            count += 1
        a = b
        ha = hb
    if count < 3:
        return 0.0
    total += wp.dot(edge(last, first), n)
    return 0.5 * light.strength * wp.abs(total)


@wp.func
def irradiance(light: Light, p: wp.vec3, n: wp.vec3) -> wp.float32:
    """Return the unshadowed irradiance at `p` on a surface of normal `n` [W/m^2]."""
    if light.kind == RECT and light.shaped == 0:
        return rect_irradiance(light, p, n)
    if light.kind == DOME:
        return PI * light.strength
    if light.kind == POINT:
        s = sample(light, p, n, 0.5, 0.5)
        return s.vector * wp.max(0.0, wp.dot(s.toward, n))
    if light.kind == SPHERE and light.shaped == 0:
        away = light.position - p
        if wp.dot(away, n) > light.radius:
            d2 = wp.dot(away, away)
            return PI * light.strength * light.radius * light.radius * wp.dot(away, n) / (d2 * wp.sqrt(d2))
    total = float(0.0)
    for i in range(LONG):
        for j in range(SHORT):
            s = sample(light, p, n, (float(i) + 0.5) / float(LONG), (float(j) + 0.5) / float(SHORT))
            total += s.vector * wp.max(0.0, wp.dot(s.toward, n))
    return total / float(LONG * SHORT)


@wp.func
def vector(light: Light, p: wp.vec3, n: wp.vec3) -> wp.vec3:
    """Return the unshadowed irradiance vector at `p` [W/m^2]."""
    if light.kind == RECT and light.shaped == 0:
        return rect_vector(light, p)
    if light.kind == DOME:
        return PI * light.strength * n
    if light.kind == POINT:
        s = sample(light, p, n, 0.5, 0.5)
        return s.vector * s.toward
    total = wp.vec3(0.0, 0.0, 0.0)
    for i in range(LONG):
        for j in range(SHORT):
            s = sample(light, p, n, (float(i) + 0.5) / float(LONG), (float(j) + 0.5) / float(SHORT))
            total += s.vector * s.toward
    return total / float(LONG * SHORT)
