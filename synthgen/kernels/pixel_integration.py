"""The picture: what a pixel integrates over its own area, the lens's blur and the motion during the pulse.

Every pixel uses the same set of offsets, so the picture is an exact convolution with a discrete kernel and carries no
sampling noise. Inside one surface the offsets are found on the plane that the centre ray hit, without a ray; where the
neighbourhood shows more than one surface they are traced, and each borrows the light of a pixel that shows its surface.
"""

import warp as wp

from synthgen.kernels import light_sampling, shading, surface_hit
from synthgen.kernels.direct_lighting import LAYER_M
from synthgen.kernels.pixel_filter import Tap, offset, step_x, step_y
from synthgen.kernels.types import DISK, RECT, SPHERE, Camera, Instance, Light, Material, Mesh, Texture

wp.set_module_options({"enable_backward": False, "max_unroll": 1})


@wp.struct
class Sky:
    """What a ray sees that hits nothing, as photon radiant exposure [1/(m^2 sr)]."""

    pulsed: wp.vec4
    steady: wp.vec4
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
def reflected(m: Material, rho: wp.vec4, diffuse: wp.vec4, mirrored: wp.vec4, cosine: wp.float32) -> wp.vec4:
    """Return the photon radiant exposure that leaves a surface [1/(m^2 sr)]."""
    # Reflectances are measured near the normal with gloss excluded (45/0), so what the surface itself holds back there
    # is in them already; towards grazing it holds back more. Body and lobe together never exceed 1.
    body = rho / wp.max(1.0 - m.f0, 0.05)
    body = wp.min(body, wp.vec4(1.0, 1.0, 1.0, 1.0))
    through = (1.0 - m.metallic) * (1.0 - shading.schlick(m.f0, cosine)) / light_sampling.PI
    out = through * wp.cw_mul(body, diffuse)
    tint = wp.lerp(wp.vec4(1.0, 1.0, 1.0, 1.0), rho, m.metallic)
    return out + wp.cw_mul(tint, mirrored)


@wp.func
def lamp_in_view(light: Light, o: wp.vec3, d: wp.vec3, far: wp.float32) -> wp.float32:
    """Return the radiance of a light's own face where the ray meets it before `far` [W/(m^2 sr)], 0 if it does not."""
    if light.kind == RECT or light.kind == DISK:
        slope = wp.dot(d, light.z)
        if slope <= 0.0:
            return 0.0
        t = wp.dot(light.position - o, light.z) / slope
        if t <= 0.0 or t >= far:
            return 0.0
        at = o + t * d - light.position
        x = wp.dot(at, light.x)
        y = wp.dot(at, light.y)
        inside = wp.abs(x) <= light.half_width and wp.abs(y) <= light.half_height
        if light.kind == DISK:
            inside = x * x + y * y <= light.radius * light.radius
        if not inside:
            return 0.0
        return light.strength * light_sampling.shaping(light, slope / wp.length(d))
    if light.kind == SPHERE:
        away = light.position - o
        unit = wp.normalize(d)
        along = wp.dot(away, unit)
        gap = light.radius * light.radius - (wp.dot(away, away) - along * along)
        if gap <= 0.0 or along <= 0.0:
            return 0.0
        if (along - wp.sqrt(gap)) / wp.length(d) >= far:
            return 0.0
        return light.strength
    return 0.0


@wp.kernel
def inside(
    # In:
    cameras: wp.array(dtype=Camera),
    pixel_camera: wp.array(dtype=wp.int32),
    meshes: wp.array(dtype=Mesh),
    instances: wp.array(dtype=Instance),
    materials: wp.array(dtype=Material),
    textures: wp.array(dtype=Texture),
    light_table: wp.array(dtype=Light),
    light_rows: wp.array(dtype=wp.int32),
    times: wp.array(dtype=wp.vec2),
    sky: Sky,
    fine: wp.array(dtype=Tap),
    coarse: wp.array(dtype=Tap),
    origin: wp.array(dtype=wp.vec3),
    toward: wp.array(dtype=wp.vec3),
    depth: wp.array(dtype=wp.float32),
    normal: wp.array(dtype=wp.vec3),
    hit_instance: wp.array(dtype=wp.int32),
    hit_triangle: wp.array(dtype=wp.int32),
    material: wp.array(dtype=wp.int32),
    mixed: wp.array(dtype=wp.uint8),
    motion_px: wp.array(dtype=wp.vec2),
    disc_px: wp.array(dtype=wp.float32),
    diffuse_pulsed: wp.array(dtype=wp.vec4),
    diffuse_steady: wp.array(dtype=wp.vec4),
    mirror_pulsed: wp.array(dtype=wp.vec4),
    mirror_steady: wp.array(dtype=wp.vec4),
    first: wp.int32,
    # Out:
    pulsed: wp.array(dtype=wp.vec4),
    steady: wp.array(dtype=wp.vec4),
):
    """Write the photon radiant exposure of pixels that show one surface [1/(m^2 sr)]; 0 where `mixed`."""
    p = first + wp.tid()
    flash = wp.vec4(0.0, 0.0, 0.0, 0.0)
    glow = wp.vec4(0.0, 0.0, 0.0, 0.0)
    k = hit_instance[p]
    if mixed[p] == wp.uint8(0):
        if k < 0:
            flash = sky.pulsed
            glow = sky.steady
        else:
            m = materials[material[p]]
            instance = instances[k]
            mesh = meshes[instance.mesh]
            camera = cameras[pixel_camera[p]]
            rho = wp.vec4(0.0, 0.0, 0.0, 0.0)
            if m.texture < 0:
                rho = m.reflectance
            else:
                count = coarse.shape[0]
                if m.nearest == 1:
                    count = fine.shape[0]
                o = wp.transform_point(instance.mesh_from_world, origin[p])
                d = wp.transform_vector(instance.mesh_from_world, toward[p])
                dx = wp.transform_vector(instance.mesh_from_world, step_x(toward, camera, p))
                dy = wp.transform_vector(instance.mesh_from_world, step_y(toward, camera, p))
                for i in range(count):
                    at = wp.vec2(0.0, 0.0)
                    if m.nearest == 1:
                        at = offset(fine[i], motion_px[p], disc_px[p])
                    else:
                        at = offset(coarse[i], motion_px[p], disc_px[p])
                    w = weights_on_plane(mesh, hit_triangle[p], o, d + at[0] * dx + at[1] * dy)
                    rho += surface_hit.reflectance(m, textures, surface_hit.texture_uv(mesh, hit_triangle[p], w))
                rho = rho / float(count)
            cosine = -wp.dot(normal[p], wp.normalize(toward[p]))
            flash = reflected(m, rho, diffuse_pulsed[p], mirror_pulsed[p], cosine)
            glow = reflected(m, rho, diffuse_steady[p], mirror_steady[p], cosine)
            glow += wp.cw_mul(m.emission, sky.emission)
        for row in range(light_rows.shape[0]):
            light = light_table[light_rows[row]]
            radiance = lamp_in_view(light, origin[p], toward[p], depth[p])
            flash += radiance * times[row][0] * light.photons
            glow += radiance * times[row][1] * light.photons
    pulsed[p] = flash
    steady[p] = glow


@wp.func
def lender(
    camera: Camera,
    hit_instance: wp.array(dtype=wp.int32),
    position: wp.array(dtype=wp.vec3),
    plane: wp.array(dtype=wp.vec3),
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
                if hit_instance[q] != instance:
                    away += 10.0
                same = hit_instance[q] == instance or wp.abs(wp.dot(position[q] - place, facing)) < LAYER_M
                if same and hit_instance[q] >= 0 and wp.abs(wp.dot(plane[q], facing)) > 0.8 and away < nearest:
                    nearest = away
                    best = q
    return best


@wp.kernel
def outside(
    # In:
    cameras: wp.array(dtype=Camera),
    pixel_camera: wp.array(dtype=wp.int32),
    meshes: wp.array(dtype=Mesh),
    instances: wp.array(dtype=Instance),
    materials: wp.array(dtype=Material),
    textures: wp.array(dtype=Texture),
    light_table: wp.array(dtype=Light),
    light_rows: wp.array(dtype=wp.int32),
    times: wp.array(dtype=wp.vec2),
    sky: Sky,
    chosen: wp.array(dtype=wp.int32),
    taps: wp.array(dtype=Tap),
    sub_origin: wp.array(dtype=wp.vec3),
    sub_toward: wp.array(dtype=wp.vec3),
    sub_t: wp.array(dtype=wp.float32),
    sub_instance: wp.array(dtype=wp.int32),
    sub_triangle: wp.array(dtype=wp.int32),
    sub_uv: wp.array(dtype=wp.vec2),
    hit_instance: wp.array(dtype=wp.int32),
    position: wp.array(dtype=wp.vec3),
    plane: wp.array(dtype=wp.vec3),
    lit: wp.array2d(dtype=wp.float32),
    whole: wp.array2d(dtype=wp.float32),
    motion_px: wp.array(dtype=wp.vec2),
    disc_px: wp.array(dtype=wp.float32),
    diffuse_pulsed: wp.array(dtype=wp.vec4),
    diffuse_steady: wp.array(dtype=wp.vec4),
    mirror_pulsed: wp.array(dtype=wp.vec4),
    mirror_steady: wp.array(dtype=wp.vec4),
    # Out:
    pulsed: wp.array(dtype=wp.vec4),
    steady: wp.array(dtype=wp.vec4),
):
    """Write the photon radiant exposure of the pixels in `chosen`, which show several surfaces [1/(m^2 sr)]."""
    t = wp.tid()
    p = chosen[t]
    camera = cameras[pixel_camera[p]]
    flash = wp.vec4(0.0, 0.0, 0.0, 0.0)
    glow = wp.vec4(0.0, 0.0, 0.0, 0.0)
    count = taps.shape[0]
    for i in range(count):
        s = t * count + i
        k = sub_instance[s]
        far = sub_t[s]
        if k < 0:
            flash += sky.pulsed
            glow += sky.steady
        else:
            instance = instances[k]
            mesh = meshes[instance.mesh]
            m = materials[surface_hit.material_of(meshes, instance, sub_triangle[s])]
            rho = surface_hit.reflectance(m, textures, surface_hit.texture_uv(mesh, sub_triangle[s], sub_uv[s]))
            unit = wp.normalize(sub_toward[s])
            g = surface_hit.flat_normal(mesh, instance, sub_triangle[s])
            if wp.dot(g, unit) > 0.0:
                g = -g
            at = offset(taps[i], motion_px[p], disc_px[p])
            place = sub_origin[s] + far * sub_toward[s]
            q = lender(camera, hit_instance, position, plane, p, at, k, place, g)
            cosine = -wp.dot(g, unit)
            if q >= 0:
                flash += reflected(m, rho, diffuse_pulsed[q], mirror_pulsed[q], cosine)
                glow += reflected(m, rho, diffuse_steady[q], mirror_steady[q], cosine)
            else:
                # Too thin to own a pixel centre: as much of each lamp comes through as at the pixel's own point.
                nothing = wp.vec4(0.0, 0.0, 0.0, 0.0)
                bright = wp.vec4(0.0, 0.0, 0.0, 0.0)
                calm = wp.vec4(0.0, 0.0, 0.0, 0.0)
                for row in range(light_rows.shape[0]):
                    light = light_table[light_rows[row]]
                    e = float(0.0)
                    if lit[row, p] > 0.0:
                        e = light_sampling.irradiance(light, place, g) * lit[row, p] / whole[row, p]
                    bright += e * times[row][0] * light.photons
                    calm += e * times[row][1] * light.photons
                flash += reflected(m, rho, bright, nothing, cosine)
                glow += reflected(m, rho, calm, nothing, cosine)
            glow += wp.cw_mul(m.emission, sky.emission)
        for row in range(light_rows.shape[0]):
            light = light_table[light_rows[row]]
            radiance = lamp_in_view(light, sub_origin[s], sub_toward[s], far)
            flash += radiance * times[row][0] * light.photons
            glow += radiance * times[row][1] * light.photons
    pulsed[p] = flash / float(count)
    steady[p] = glow / float(count)
