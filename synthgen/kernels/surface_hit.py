"""The surface at a hit: position, normals, texture, reflectance."""

import warp as wp

from synthgen.kernels.types import BLACK, CLAMP, MIRROR, Instance, Material, Mesh, RayHits, SceneTables, Texture

wp.set_module_options({"enable_backward": False, "max_unroll": 1})


@wp.func
def corner(mesh: Mesh, triangle: wp.int32, k: wp.int32) -> wp.vec3:
    """Return a triangle's corner in the mesh's frame [m]."""
    return mesh.points[mesh.triangles[3 * triangle + k]]


@wp.func
def geometric_normal(mesh: Mesh, instance: Instance, triangle: wp.int32) -> wp.vec3:
    """Return the triangle's own unit normal in the world."""
    a = wp.transform_point(instance.world_from_mesh, corner(mesh, triangle, 0))
    b = wp.transform_point(instance.world_from_mesh, corner(mesh, triangle, 1))
    c = wp.transform_point(instance.world_from_mesh, corner(mesh, triangle, 2))
    return wp.normalize(wp.cross(b - a, c - a))


@wp.func
def shading_normal(mesh: Mesh, instance: Instance, triangle: wp.int32, at: wp.vec2) -> wp.vec3:
    """Return the interpolated unit normal in the world (by the inverse transpose)."""
    n = at[0] * mesh.normals[3 * triangle] + at[1] * mesh.normals[3 * triangle + 1]
    n += (1.0 - at[0] - at[1]) * mesh.normals[3 * triangle + 2]
    m = instance.mesh_from_world
    world = wp.vec3(
        m[0, 0] * n[0] + m[1, 0] * n[1] + m[2, 0] * n[2],
        m[0, 1] * n[0] + m[1, 1] * n[1] + m[2, 1] * n[2],
        m[0, 2] * n[0] + m[1, 2] * n[1] + m[2, 2] * n[2],
    )
    return wp.normalize(world)


@wp.func
def texture_uv(mesh: Mesh, triangle: wp.int32, at: wp.vec2) -> wp.vec2:
    """Return the texture coordinates at barycentric weights (first, second corner)."""
    uv = at[0] * mesh.uv[3 * triangle] + at[1] * mesh.uv[3 * triangle + 1]
    return uv + (1.0 - at[0] - at[1]) * mesh.uv[3 * triangle + 2]


@wp.func
def wrap(i: wp.int32, size: wp.int32, mode: wp.int32) -> wp.int32:
    """Return the texel that stands in for `i`, -1 for black."""
    if i >= 0 and i < size:
        return i
    if mode == CLAMP:
        return wp.clamp(i, 0, size - 1)
    if mode == BLACK:
        return -1
    j = i % size
    if j < 0:
        j += size
    if mode == MIRROR:
        tile = (i - j) // size
        if tile % 2 != 0:
            j = size - 1 - j
    return j


@wp.func
def linear_of_srgb(c: wp.float32) -> wp.float32:
    """Return the linear value of an sRGB one (IEC 61966-2-1)."""
    if c <= 0.04045:
        return c / 12.92
    return wp.pow((c + 0.055) / 1.055, 2.4)


@wp.func
def texel(t: Texture, m: Material, column: wp.int32, row: wp.int32) -> wp.vec4:
    """Return one texel as linear (r, g, b, a), a grey one in all three."""
    x = wrap(column, t.width, m.wrap_u)
    y = wrap(row, t.height, m.wrap_v)
    if x < 0 or y < 0:
        return wp.vec4(0.0, 0.0, 0.0, 0.0)
    first = (y * t.width + x) * t.channels
    r = float(t.texels[first]) / 255.0
    g = r
    b = r
    a = float(1.0)
    if t.channels >= 3:
        g = float(t.texels[first + 1]) / 255.0
        b = float(t.texels[first + 2]) / 255.0
    if t.channels == 4:
        a = float(t.texels[first + 3]) / 255.0
    if t.channels == 2:
        a = float(t.texels[first + 1]) / 255.0
    if m.srgb == 1:
        r = linear_of_srgb(r)
        g = linear_of_srgb(g)
        b = linear_of_srgb(b)
    return wp.vec4(r, g, b, a)


@wp.func
def fetch(t: Texture, m: Material, uv: wp.vec2) -> wp.vec4:
    """Return the texture at `uv` as linear (r, g, b, a); V runs up, rows run down."""
    at = wp.vec3(uv[0], uv[1], 1.0)
    x = wp.dot(m.u_row, at) * float(t.width)
    y = (1.0 - wp.dot(m.v_row, at)) * float(t.height)
    if m.nearest == 1:
        return texel(t, m, wp.int32(wp.floor(x)), wp.int32(wp.floor(y)))
    x -= 0.5
    y -= 0.5
    left = wp.int32(wp.floor(x))
    top = wp.int32(wp.floor(y))
    fx = x - float(left)
    fy = y - float(top)
    upper = (1.0 - fx) * texel(t, m, left, top) + fx * texel(t, m, left + 1, top)
    lower = (1.0 - fx) * texel(t, m, left, top + 1) + fx * texel(t, m, left + 1, top + 1)
    return (1.0 - fy) * upper + fy * lower


@wp.func
def reflectance(m: Material, textures: wp.array(dtype=Texture), uv: wp.vec2) -> wp.vec4:
    """Return the reflectance in the bands B, G, R, NIR."""
    if m.texture < 0:
        return m.reflectance
    rgba = fetch(textures[m.texture], m, uv)
    if m.tone == 1:
        return rgba[0] * m.reflectance + (1.0 - rgba[0]) * m.ink
    rgba = wp.vec4(
        rgba[0] * m.scale[0] + m.bias[0],
        rgba[1] * m.scale[1] + m.bias[1],
        rgba[2] * m.scale[2] + m.bias[2],
        rgba[3],
    )
    return wp.vec4(
        m.reflectance[0] * wp.clamp(rgba[2], 0.0, 1.0),
        m.reflectance[1] * wp.clamp(rgba[1], 0.0, 1.0),
        m.reflectance[2] * wp.clamp(rgba[0], 0.0, 1.0),
        m.reflectance[3] * wp.clamp(rgba[0], 0.0, 1.0),
    )


@wp.func
def coverage(m: Material, textures: wp.array(dtype=Texture), uv: wp.vec2) -> wp.float32:
    """Return the opacity of the surface; with a threshold, 0 where it is cut out and 1 elsewhere."""
    share = m.opacity
    if m.alpha_channel == 1 and m.texture >= 0:
        share *= fetch(textures[m.texture], m, uv)[3]
    if m.threshold > 0.0:
        if share < m.threshold:
            return 0.0
        return 1.0
    return share


@wp.func
def material_of(tables: SceneTables, instance: wp.int32, triangle: wp.int32) -> wp.int32:
    """Return the row of the material of a triangle of an instance."""
    row = tables.instances[instance]
    return row.first_material + tables.meshes[row.mesh].slot[triangle]


@wp.func
def reflectance_at(tables: SceneTables, m: Material, instance: wp.int32, triangle: wp.int32, at: wp.vec2) -> wp.vec4:
    """Return the reflectance in the bands B, G, R, NIR at barycentric weights (first, second corner)."""
    mesh = tables.meshes[tables.instances[instance].mesh]
    return reflectance(m, tables.textures, texture_uv(mesh, triangle, at))


@wp.func
def facing_normal(tables: SceneTables, instance: wp.int32, triangle: wp.int32, direction: wp.vec3) -> wp.vec3:
    """Return the geometric unit normal on the side that a ray of this direction comes from."""
    row = tables.instances[instance]
    n = geometric_normal(tables.meshes[row.mesh], row, triangle)
    if wp.dot(n, direction) > 0.0:
        n = -n
    return n


@wp.kernel
def surface(
    # In:
    tables: SceneTables,
    rays: RayHits,
    first: wp.int32,
    # Out:
    position: wp.array(dtype=wp.vec3),
    shading: wp.array(dtype=wp.vec3),
    geometric: wp.array(dtype=wp.vec3),
    material: wp.array(dtype=wp.int32),
):
    """Write where each ray hit [m], the shading and geometric normals on the ray's side, and the material; -1: none."""
    i = first + wp.tid()
    k = rays.instance[i]
    if k < 0:
        position[i] = wp.vec3(0.0, 0.0, 0.0)
        shading[i] = wp.vec3(0.0, 0.0, 0.0)
        geometric[i] = wp.vec3(0.0, 0.0, 0.0)
        material[i] = -1
        return
    d = rays.direction[i]
    triangle = rays.triangle[i]
    row = tables.instances[k]
    g = facing_normal(tables, k, triangle, d)
    n = shading_normal(tables.meshes[row.mesh], row, triangle, rays.uv[i])
    if wp.dot(n, g) < 0.0:
        n = -n
    if wp.dot(n, d) > 0.0:
        # A smooth normal turned away from the viewer at a silhouette: the geometric one is right there.
        n = g
    position[i] = rays.origin[i] + rays.t[i] * d
    shading[i] = n
    geometric[i] = g
    material[i] = material_of(tables, k, triangle)


@wp.kernel
def cut_out(
    # In:
    tables: SceneTables,
    rays: RayHits,
    first: wp.int32,
    # Out:
    gone: wp.array(dtype=wp.uint8),
):
    """Write 1 where the surface that was hit is less than half opaque."""
    t = wp.tid()
    i = first + t
    k = rays.instance[i]
    result = wp.uint8(0)
    if k >= 0:
        m = tables.materials[material_of(tables, k, rays.triangle[i])]
        if m.opacity < 1.0 or m.alpha_channel == 1:
            mesh = tables.meshes[tables.instances[k].mesh]
            uv = texture_uv(mesh, rays.triangle[i], rays.uv[i])
            if coverage(m, tables.textures, uv) < 0.5:
                result = wp.uint8(1)
    gone[t] = result
