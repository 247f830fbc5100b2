"""The specular lobe: GGX with height-correlated Smith masking and Schlick's Fresnel term.

References:
    Walter, Marschner, Li, Torrance 2007, Microfacet models for refraction (GGX). Heitz 2014, Understanding the
    masking-shadowing function. Schlick 1994. UsdPreviewSurface 2.6: alpha = roughness^2.
"""

import warp as wp

from synthgen.kernels import light_sampling
from synthgen.kernels.types import GBuffer, Light, LightIrradiance, Material, WorldLights

wp.set_module_options({"enable_backward": False, "max_unroll": 1})

LEAST_ALPHA = wp.constant(0.03)


@wp.func
def schlick(f0: wp.float32, cosine: wp.float32) -> wp.float32:
    """Return the Fresnel reflectance at the angle whose cosine is given."""
    m = wp.clamp(1.0 - cosine, 0.0, 1.0)
    return f0 + (1.0 - f0) * m * m * m * m * m


@wp.func
def ggx(alpha: wp.float32, n: wp.vec3, to_eye: wp.vec3, to_light: wp.vec3, f0: wp.float32) -> wp.float32:
    """Return the BRDF of the lobe [1/sr]."""
    nl = wp.dot(n, to_light)
    nv = wp.max(wp.dot(n, to_eye), 1.0e-4)
    if nl <= 0.0:
        return 0.0
    h = wp.normalize(to_eye + to_light)
    nh = wp.dot(n, h)
    a2 = alpha * alpha
    q = nh * nh * (a2 - 1.0) + 1.0
    d = a2 / (light_sampling.PI * q * q)
    g = nl * wp.sqrt(nv * nv * (1.0 - a2) + a2) + nv * wp.sqrt(nl * nl * (1.0 - a2) + a2)
    return schlick(f0, wp.dot(h, to_eye)) * d * 0.5 / wp.max(g, 1.0e-7)


@wp.func
def reaches(light: Light, p: wp.vec3, mirror: wp.vec3, alpha: wp.float32) -> bool:
    """Return whether the lobe around the mirror direction covers any of the light."""
    if light.radius == 0.0 and light.half_width == 0.0:
        return True
    away = light.position - p
    d = wp.length(away)
    extent = wp.max(light.radius, 0.0) + wp.sqrt(
        light.half_width * light.half_width + light.half_height * light.half_height
    )
    if d <= extent:
        return True
    angle = wp.acos(wp.clamp(wp.dot(away / d, mirror), -1.0, 1.0)) - wp.asin(extent / d)
    return angle < 8.0 * alpha + 0.02


@wp.func
def lobe(light: Light, material: Material, p: wp.vec3, n: wp.vec3, to_eye: wp.vec3) -> wp.float32:
    """Return the radiance of an unshadowed light reflected by the lobe [W/(m^2 sr)], without a metal's colour."""
    alpha = wp.max(material.alpha, LEAST_ALPHA)
    f0 = wp.lerp(material.f0, 1.0, material.metallic)
    mirror = 2.0 * wp.dot(n, to_eye) * n - to_eye
    if light.kind == light_sampling.DOME:
        return schlick(f0, wp.dot(n, to_eye)) * light.strength
    if not reaches(light, p, mirror, alpha):
        return 0.0
    # Strata as wide as the lobe: a narrow one sees few of a long bar's, a wide one is smooth over all of it.
    reach = wp.max(wp.length(light.position - p), 1.0e-3) * alpha
    long = wp.clamp(wp.int32(wp.ceil(2.0 * light.half_width / reach)), 1, light_sampling.LONG)
    short = wp.clamp(wp.int32(wp.ceil(2.0 * light.half_height / reach)), 1, light_sampling.LONG)
    if light.radius > 0.0:
        long = wp.max(long, wp.clamp(wp.int32(wp.ceil(6.0 * light.radius / reach)), 1, light_sampling.LONG))
        short = wp.clamp(wp.int32(wp.ceil(light.radius / reach)), 1, light_sampling.SHORT)
    total = float(0.0)
    for i in range(long):
        for j in range(short):
            s = light_sampling.sample(light, p, n, (float(i) + 0.5) / float(long), (float(j) + 0.5) / float(short))
            if s.vector > 0.0:
                total += s.vector * wp.max(0.0, wp.dot(n, s.toward)) * ggx(alpha, n, to_eye, s.toward, f0)
    return total / float(long * short)


@wp.kernel
def specular(
    # In:
    g: GBuffer,
    lights: WorldLights,
    materials: wp.array(dtype=Material),
    irradiance: LightIrradiance,
    first: wp.int32,
    # Out:
    strobed: wp.array(dtype=wp.vec4),
    continuous: wp.array(dtype=wp.vec4),
):
    """Write the photon radiant exposure that the lobe reflects, by band [1/(m^2 sr)]."""
    p = first + wp.tid()
    from_strobes = wp.vec4(0.0, 0.0, 0.0, 0.0)
    from_others = wp.vec4(0.0, 0.0, 0.0, 0.0)
    row = g.material[p]
    if row >= 0:
        m = materials[row]
        to_eye = -wp.normalize(g.ray_direction[p])
        for k in range(lights.rows.shape[0]):
            if irradiance.shadowed[k, p] > 0.0:
                light = lights.table[lights.rows[k]]
                visible = irradiance.shadowed[k, p] / irradiance.unshadowed[k, p]
                mirrored = lobe(light, m, g.position[p], g.shading_normal[p], to_eye) * visible
                from_strobes += mirrored * lights.open_s[k][0] * light.photons
                from_others += mirrored * lights.open_s[k][1] * light.photons
    strobed[p] = from_strobes
    continuous[p] = from_others
