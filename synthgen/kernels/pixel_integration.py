"""The picture: what a pixel integrates over its own area, the lens's blur and the motion during the pulse.

Every pixel uses the same set of offsets, so the picture is an exact convolution with a discrete kernel and carries no
sampling noise. Inside one surface the offsets are found on the plane that the centre ray hit, without a ray; where the
neighbourhood shows more than one surface they are traced, and each borrows the light of a pixel that shows its surface.
"""

import warp as wp

from synthgen.kernels import light_sampling, shading, surface_hit
from synthgen.kernels.camera_rays import sees
from synthgen.kernels.direct_lighting import LAYER_M
from synthgen.kernels.pixel_filter import FilterSample, PixelFilters, offset, step_x, step_y
from synthgen.kernels.types import (
    Camera,
    Exposure,
    GBuffer,
    LightIrradiance,
    Material,
    Mesh,
    PixelSpread,
    RayHits,
    SceneTables,
    SurfacePhotons,
    WorldLights,
    exposure_at,
    specular_at,
)

wp.set_module_options({"enable_backward": False, "max_unroll": 1})


@wp.struct
class Environment:
    """The background that a ray without a hit sees, as photon radiant exposure [1/(m^2 sr)]."""

    strobed: wp.vec4
    continuous: wp.vec4
    emission: wp.vec4  # photons per joule in each band's middle, times the exposure [s]


@wp.func
def weights_on_plane(mesh: Mesh, triangle: wp.int32, o: wp.vec3, d: wp.vec3) -> wp.vec2:
    """Return the barycentric weights (first, second corner) where a ray meets a triangle's plane, also outside it."""
    a = surface_hit.corner(mesh, triangle, 0)
    e1 = surface_hit.corner(mesh, triangle, 1) - a
    e2 = surface_hit.corner(mesh, triangle, 2) - a
    q = wp.cross(d, e2)
    inverse = 1.0 / wp.dot(e1, q)
    away = o - a
    second = wp.dot(away, q) * inverse
    third = wp.dot(d, wp.cross(away, e1)) * inverse
    return wp.vec2(1.0 - second - third, second)


@wp.func
def reflected(m: Material, rho: wp.vec4, diffuse: wp.vec4, specular: wp.vec4, cosine: wp.float32) -> wp.vec4:
    """Return the photon radiant exposure that leaves a surface [1/(m^2 sr)]."""
    # Reflectances are measured near the normal with gloss excluded (45/0), so they contain the Fresnel loss at the
    # normal already; towards grazing the loss is larger. Body and lobe together never exceed 1.
    body = rho / wp.max(1.0 - m.f0, 0.05)
    body = wp.min(body, wp.vec4(1.0, 1.0, 1.0, 1.0))
    through = (1.0 - m.metallic) * (1.0 - shading.schlick(m.f0, cosine)) / light_sampling.PI
    out = through * wp.cw_mul(body, diffuse)
    tint = wp.lerp(wp.vec4(1.0, 1.0, 1.0, 1.0), rho, m.metallic)
    return out + wp.cw_mul(tint, specular)


@wp.func
def add_visible_lamps(e: Exposure, lights: WorldLights, o: wp.vec3, d: wp.vec3, t_max: wp.float32) -> Exposure:
    """Return `e` plus the lamps whose own faces the ray meets before `t_max`."""
    strobed = e.strobed
    continuous = e.continuous
    for row in range(lights.rows.shape[0]):
        light = lights.table[lights.rows[row]]
        radiance = light_sampling.lamp_radiance(light, o, d, t_max)
        strobed += radiance * lights.open_s[row][0] * light.photons
        continuous += radiance * lights.open_s[row][1] * light.photons
    out = Exposure()
    out.strobed = strobed
    out.continuous = continuous
    return out


@wp.func
def add_surface(
    e: Exposure,
    m: Material,
    rho: wp.vec4,
    diffuse: Exposure,
    specular: Exposure,
    cosine: wp.float32,
    environment: Environment,
) -> Exposure:
    """Return `e` plus what a surface reflects and emits."""
    out = Exposure()
    out.strobed = e.strobed + reflected(m, rho, diffuse.strobed, specular.strobed, cosine)
    out.continuous = e.continuous + reflected(m, rho, diffuse.continuous, specular.continuous, cosine)
    out.continuous += wp.cw_mul(m.emission, environment.emission)
    return out


@wp.func
def filtered_reflectance(
    tables: SceneTables, g: GBuffer, m: Material, filters: PixelFilters, spread: PixelSpread, p: wp.int32
) -> wp.vec4:
    """Return the mean reflectance over a pixel's footprint, found on the plane of the triangle at its centre."""
    if m.texture < 0:
        return m.reflectance
    camera = g.cameras[g.pixel_camera[p]]
    instance = tables.instances[g.instance[p]]
    mesh = tables.meshes[instance.mesh]
    triangle = g.triangle[p]
    count = filters.coarse.shape[0]
    if m.nearest == 1:
        count = filters.fine.shape[0]
    o = wp.transform_point(instance.mesh_from_world, g.ray_origin[p])
    d = wp.transform_vector(instance.mesh_from_world, g.ray_direction[p])
    dx = wp.transform_vector(instance.mesh_from_world, step_x(g.ray_direction, camera, p))
    dy = wp.transform_vector(instance.mesh_from_world, step_y(g.ray_direction, camera, p))
    rho = wp.vec4(0.0, 0.0, 0.0, 0.0)
    for i in range(count):
        at = wp.vec2(0.0, 0.0)
        if m.nearest == 1:
            at = offset(filters.fine[i], spread.motion_px[p], spread.coc_px[p])
        else:
            at = offset(filters.coarse[i], spread.motion_px[p], spread.coc_px[p])
        w = weights_on_plane(mesh, triangle, o, d + at[0] * dx + at[1] * dy)
        rho += surface_hit.reflectance(m, tables.textures, surface_hit.texture_uv(mesh, triangle, w))
    return rho / float(count)


@wp.kernel
def integrate_interior(
    # In:
    tables: SceneTables,
    g: GBuffer,
    lights: WorldLights,
    environment: Environment,
    filters: PixelFilters,
    spread: PixelSpread,
    photons: SurfacePhotons,
    is_edge: wp.array(dtype=wp.uint8),
    first: wp.int32,
    # Out:
    strobed: wp.array(dtype=wp.vec4),
    continuous: wp.array(dtype=wp.vec4),
):
    """Write the photon radiant exposure of pixels that show one surface [1/(m^2 sr)]; 0 where `is_edge`, or no ray."""
    p = first + wp.tid()
    e = Exposure()
    k = g.instance[p]
    if is_edge[p] == wp.uint8(0) and sees(g.ray_direction[p]):
        if k < 0:
            e.strobed = environment.strobed
            e.continuous = environment.continuous
        else:
            m = tables.materials[g.material[p]]
            rho = filtered_reflectance(tables, g, m, filters, spread, p)
            cosine = -wp.dot(g.shading_normal[p], wp.normalize(g.ray_direction[p]))
            e = add_surface(e, m, rho, exposure_at(photons, p), specular_at(photons, p), cosine, environment)
        e = add_visible_lamps(e, lights, g.ray_origin[p], g.ray_direction[p], g.ray_t[p])
    strobed[p] = e.strobed
    continuous[p] = e.continuous


@wp.func
def donor_pixel(
    camera: Camera,
    g: GBuffer,
    p: wp.int32,
    at: wp.vec2,
    instance: wp.int32,
    place: wp.vec3,
    facing: wp.vec3,
) -> wp.int32:
    """Return the pixel nearest to `p` + `at` that shows the same face, or what lies on it; -1 if none does."""
    local = p - camera.first_pixel
    column = local % camera.width + wp.int32(wp.floor(at[0] + 0.5))
    row = local // camera.width + wp.int32(wp.floor(at[1] + 0.5))
    best = wp.int32(-1)
    nearest = float(1.0e9)
    for dy in range(-1, 2):
        for dx in range(-1, 2):
            x = column + dx
            y = row + dy
            if x >= 0 and x < camera.width and y >= 0 and y < camera.height:
                q = camera.first_pixel + y * camera.width + x
                away = float(dx * dx + dy * dy)
                if g.instance[q] != instance:
                    away += 10.0
                same = g.instance[q] == instance or wp.abs(wp.dot(g.position[q] - place, facing)) < LAYER_M
                parallel = wp.abs(wp.dot(g.geometric_normal[q], facing)) > 0.8
                if same and g.instance[q] >= 0 and parallel and away < nearest:
                    nearest = away
                    best = q
    return best


@wp.func
def received(
    lights: WorldLights, irradiance: LightIrradiance, p: wp.int32, place: wp.vec3, normal: wp.vec3
) -> Exposure:
    """Return the photons at a place that no pixel shows, each lamp as visible as at the point of pixel `p`."""
    e = Exposure()
    for row in range(lights.rows.shape[0]):
        light = lights.table[lights.rows[row]]
        level = float(0.0)
        if irradiance.shadowed[row, p] > 0.0:
            level = light_sampling.irradiance(light, place, normal)
            level = level * irradiance.shadowed[row, p] / irradiance.unshadowed[row, p]
        e.strobed += level * lights.open_s[row][0] * light.photons
        e.continuous += level * lights.open_s[row][1] * light.photons
    return e


@wp.kernel
def integrate_edges(
    # In:
    tables: SceneTables,
    g: GBuffer,
    lights: WorldLights,
    environment: Environment,
    irradiance: LightIrradiance,
    photons: SurfacePhotons,
    spread: PixelSpread,
    edge_pixels: wp.array(dtype=wp.int32),
    samples: wp.array(dtype=FilterSample),
    rays: RayHits,
    # Out:
    strobed: wp.array(dtype=wp.vec4),
    continuous: wp.array(dtype=wp.vec4),
):
    """Write the photon radiant exposure of the pixels in `edge_pixels`, which show several surfaces [1/(m^2 sr)]."""
    t = wp.tid()
    p = edge_pixels[t]
    camera = g.cameras[g.pixel_camera[p]]
    e = Exposure()
    count = samples.shape[0]
    for i in range(count):
        s = t * count + i
        k = rays.instance[s]
        if k < 0:
            e.strobed += environment.strobed
            e.continuous += environment.continuous
        else:
            m = tables.materials[surface_hit.material_of(tables, k, rays.triangle[s])]
            rho = surface_hit.reflectance_at(tables, m, k, rays.triangle[s], rays.uv[s])
            unit = wp.normalize(rays.direction[s])
            normal = surface_hit.facing_normal(tables, k, rays.triangle[s], unit)
            place = rays.origin[s] + rays.t[s] * rays.direction[s]
            at = offset(samples[i], spread.motion_px[p], spread.coc_px[p])
            q = donor_pixel(camera, g, p, at, k, place, normal)
            diffuse = Exposure()
            specular = Exposure()
            if q >= 0:
                diffuse = exposure_at(photons, q)
                specular = specular_at(photons, q)
            else:
                diffuse = received(lights, irradiance, p, place, normal)
            e = add_surface(e, m, rho, diffuse, specular, -wp.dot(normal, unit), environment)
        e = add_visible_lamps(e, lights, rays.origin[s], rays.direction[s], rays.t[s])
    strobed[p] = e.strobed / float(count)
    continuous[p] = e.continuous / float(count)
