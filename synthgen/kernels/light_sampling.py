"""What one light sends to one point: its unshadowed closed form, and samples of its surface.

Everything is an irradiance vector [W/m^2]: its dot product with a receiver's normal is the irradiance of a receiver
that sees the whole light. Lambert's contour formula gives it exactly for a polygon; other shapes and shaped
beams are summed over a fixed stratified set.

References:
    Lambert 1760, Photometria (the contour formula); Arvo 1995, Analytic methods for simulated light transport, ch. 3.
    UsdLux: ShapingAPI (cone angle, softness, focus), 26.11.
"""

import warp as wp

from synthgen.kernels.types import Light

wp.set_module_options({"enable_backward": False, "max_unroll": 1})

RECT = wp.constant(0)
DISK = wp.constant(1)
SPHERE = wp.constant(2)
CYLINDER = wp.constant(3)
POINT = wp.constant(4)
DISTANT = wp.constant(5)
DOME = wp.constant(6)
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
    share = wp.pow(wp.abs(cos_axis), light.focus)
    angle = wp.acos(wp.clamp(cos_axis, -1.0, 1.0))
    if angle > light.cone_rad:
        return 0.0
    if angle > light.cone_inner_rad:
        ramp = (angle - light.cone_inner_rad) / (light.cone_rad - light.cone_inner_rad)
        share *= 1.0 - ramp * ramp * (3.0 - 2.0 * ramp)
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
def cap(axis: wp.vec3, height: wp.float32, u: wp.float32, v: wp.float32) -> wp.vec3:
    """Return a direction spread evenly over the cap around `axis`; `height` is 1 - cosine of its half angle."""
    side = wp.vec3(1.0, 0.0, 0.0)
    if wp.abs(axis[0]) > 0.9:
        side = wp.vec3(0.0, 1.0, 0.0)
    s = wp.normalize(wp.cross(axis, side))
    t = wp.cross(axis, s)
    cosine = 1.0 - u * height
    sine = wp.sqrt(u * height * (2.0 - u * height))
    return cosine * axis + sine * wp.cos(2.0 * PI * v) * s + sine * wp.sin(2.0 * PI * v) * t


@wp.func
def sample_cylinder(light: Light, p: wp.vec3, u: wp.float32, v: wp.float32) -> LightSample:
    """Return the sample at (u, v) of a cylinder's side."""
    s = LightSample()
    s.vector = 0.0
    # The arc that faces p, denser towards its ends by a cubic: few midpoints then give its sum.
    along_y = wp.dot(p - light.position, light.y)
    along_z = wp.dot(p - light.position, light.z)
    d = wp.sqrt(along_y * along_y + along_z * along_z)
    if d > light.radius:
        half_arc = wp.acos(light.radius / d)
        t = 2.0 * v - 1.0
        sine = wp.sin(half_arc * (1.5 - 0.5 * t * t) * t)
        cosine = wp.cos(half_arc * (1.5 - 0.5 * t * t) * t)
        facing = (cosine * along_y - sine * along_z) / d * light.y + (cosine * along_z + sine * along_y) / d * light.z
        at = light.position + (2.0 * u - 1.0) * light.half_width * light.x + light.radius * facing
        s = patch(light, at, facing, 6.0 * light.half_width * light.radius * half_arc * (1.0 - t * t), p)
    return s


@wp.func
def sample_sphere(light: Light, p: wp.vec3, u: wp.float32, v: wp.float32) -> LightSample:
    """Return the sample at (u, v) of the cap of a sphere that `p` sees."""
    s = LightSample()
    s.vector = 0.0
    away = light.position - p
    d = wp.length(away)
    if d > light.radius:
        sine2 = (light.radius / d) * (light.radius / d)
        height = sine2 / (1.0 + wp.sqrt(wp.max(0.0, 1.0 - sine2)))
        s.toward = cap(away / d, height, u, v)
        along = wp.dot(away, s.toward)
        inside = light.radius * light.radius - d * d + along * along
        s.distance = along - wp.sqrt(wp.max(0.0, inside))
        s.vector = light.strength * 2.0 * PI * height * shaping(light, wp.dot(light.z, s.toward))
    return s


@wp.func
def sample(light: Light, p: wp.vec3, n: wp.vec3, u: wp.float32, v: wp.float32) -> LightSample:
    """Return the sample at (u, v) in [0, 1)^2 of what reaches `p`; only a dome uses the receiver's normal `n`."""
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
        return sample_cylinder(light, p, u, v)
    if light.kind == SPHERE:
        return sample_sphere(light, p, u, v)
    if light.kind == POINT:
        away = light.position - p
        s.distance = wp.length(away)
        s.toward = away / s.distance
        s.vector = light.strength / (s.distance * s.distance) * shaping(light, wp.dot(light.z, s.toward))
        return s
    s.distance = 1.0e4
    if light.kind == DISTANT:
        s.toward = cap(light.z, light.cap, u, v)
        s.vector = light.strength * 2.0 * PI * light.cap
        return s
    # Dome: cosine-weighted directions, so that each carries the same irradiance pi L / samples.
    sine = wp.sqrt(v)
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
def strata(extent: wp.float32, distance: wp.float32, most: wp.int32) -> wp.int32:
    """Return the number of strata over an extent: midpoints 0.08 distances apart are accurate to some 1e-3."""
    return wp.clamp(wp.int32(wp.ceil(24.0 * extent / distance)), 1, most)


@wp.func
def strata_u(light: Light, distance: wp.float32) -> wp.int32:
    """Return the strata along a light's first coordinate."""
    if light.kind == RECT or light.kind == CYLINDER:
        return strata(light.half_width, distance, LONG)
    if light.kind == DISK:
        return wp.max(strata(light.radius, distance, LONG), 4)
    return SHORT


@wp.func
def strata_v(light: Light, distance: wp.float32) -> wp.int32:
    """Return the strata along a light's second coordinate."""
    if light.kind == RECT:
        return strata(light.half_height, distance, LONG)
    if light.kind == DISK:
        return strata(0.3 * light.radius, distance, SHORT)
    if light.kind == CYLINDER:
        return 6
    return SHORT


@wp.struct
class Whole:
    """The unshadowed irradiance of a light."""

    irradiance: wp.float32  # on the surface, clipped at its horizon [W/m^2]
    vector: wp.vec3  # [W/m^2]


@wp.func
def summed(light: Light, p: wp.vec3, n: wp.vec3) -> Whole:
    """Return a light's sum over strata, for lights without a closed form."""
    out = Whole()
    distance = wp.max(wp.length(light.position - p), 1.0e-3)
    nu = strata_u(light, distance)
    nv = strata_v(light, distance)
    for i in range(nu):
        for j in range(nv):
            s = sample(light, p, n, (float(i) + 0.5) / float(nu), (float(j) + 0.5) / float(nv))
            out.irradiance += s.vector * wp.max(0.0, wp.dot(s.toward, n))
            out.vector += s.vector * s.toward
    out.irradiance /= float(nu * nv)
    out.vector /= float(nu * nv)
    return out


@wp.func
def whole(light: Light, p: wp.vec3, n: wp.vec3, with_vector: wp.int32) -> Whole:
    """Return the unshadowed irradiance at `p` on a surface of normal `n`, and the irradiance vector if asked for."""
    out = Whole()
    if light.kind == RECT and light.shaped == 0:
        out.irradiance = rect_irradiance(light, p, n)
        if with_vector == 1:
            out.vector = rect_vector(light, p)
        return out
    if light.kind == DOME:
        out.irradiance = PI * light.strength
        out.vector = PI * light.strength * n
        return out
    if light.kind == POINT:
        s = sample(light, p, n, 0.5, 0.5)
        out.irradiance = s.vector * wp.max(0.0, wp.dot(s.toward, n))
        out.vector = s.vector * s.toward
        return out
    if light.kind == SPHERE and light.shaped == 0:
        away = light.position - p
        d2 = wp.dot(away, away)
        if wp.dot(away, n) > light.radius:
            out.vector = PI * light.strength * light.radius * light.radius / (d2 * wp.sqrt(d2)) * away
            out.irradiance = wp.dot(out.vector, n)
            return out
    return summed(light, p, n)


@wp.func
def irradiance(light: Light, p: wp.vec3, n: wp.vec3) -> wp.float32:
    """Return the unshadowed irradiance at `p` on a surface of normal `n` [W/m^2]."""
    result = whole(light, p, n, 0)
    return result.irradiance


@wp.func
def lamp_radiance(light: Light, o: wp.vec3, d: wp.vec3, t_max: wp.float32) -> wp.float32:
    """Return the radiance of a light's own face where the ray meets it before `t_max` [W/(m^2 sr)], else 0."""
    if light.kind == RECT or light.kind == DISK:
        slope = wp.dot(d, light.z)
        if slope <= 0.0:
            return 0.0
        t = wp.dot(light.position - o, light.z) / slope
        if t <= 0.0 or t >= t_max:
            return 0.0
        at = o + t * d - light.position
        x = wp.dot(at, light.x)
        y = wp.dot(at, light.y)
        inside = wp.abs(x) <= light.half_width and wp.abs(y) <= light.half_height
        if light.kind == DISK:
            inside = x * x + y * y <= light.radius * light.radius
        if not inside:
            return 0.0
        return light.strength * shaping(light, slope / wp.length(d))
    if light.kind == SPHERE:
        away = light.position - o
        unit = wp.normalize(d)
        along = wp.dot(away, unit)
        gap = light.radius * light.radius - (wp.dot(away, away) - along * along)
        if gap <= 0.0 or along <= 0.0:
            return 0.0
        if (along - wp.sqrt(gap)) / wp.length(d) >= t_max:
            return 0.0
        return light.strength
    return 0.0
