"""Closest hit and any hit over a two-level BVH: instances (one group a world), then the instance's mesh.

Shading takes hits and does not know whether this file or Embree found them. A ray's parameter t counts in lengths of
its direction, which need not be 1.
"""

import warp as wp

from synthgen.kernels.types import Instance, Mesh

wp.set_module_options({"enable_backward": False, "max_unroll": 1})


@wp.kernel
def closest_hit(
    # In:
    tlas: wp.uint64,
    world: wp.int32,
    meshes: wp.array(dtype=Mesh),
    instances: wp.array(dtype=Instance),
    origin: wp.array(dtype=wp.vec3),
    toward: wp.array(dtype=wp.vec3),
    first: wp.int32,
    # Out:
    hit_t: wp.array(dtype=wp.float32),
    hit_instance: wp.array(dtype=wp.int32),
    hit_triangle: wp.array(dtype=wp.int32),
    hit_uv: wp.array(dtype=wp.vec2),
):
    """Write t [lengths of `toward`], instance, triangle and weights of its first two corners; inf and -1 if none."""
    i = first + wp.tid()
    o = origin[i]
    d = toward[i]
    best_t = float(wp.inf)
    best_instance = wp.int32(-1)
    best_triangle = wp.int32(-1)
    best_uv = wp.vec2(0.0, 0.0)
    if wp.dot(d, d) == 0.0:  # a pixel without a ray: boxes that hold its origin are no candidates
        best_t = 0.0
    root = wp.bvh_get_group_root(tlas, world)
    query = wp.bvh_query_ray(tlas, o, d, root)
    candidate = wp.int32(0)
    while best_t > 0.0 and wp.bvh_query_next(query, candidate, best_t):
        instance = instances[candidate]
        local_o = wp.transform_point(instance.mesh_from_world, o)
        local_d = wp.transform_vector(instance.mesh_from_world, d)
        scale = wp.length(local_d)
        hit = wp.mesh_query_ray(meshes[instance.mesh].id, local_o, local_d / scale, best_t * scale)
        if hit.result and hit.t / scale < best_t:
            best_t = hit.t / scale
            best_instance = candidate
            best_triangle = hit.face
            best_uv = wp.vec2(hit.u, hit.v)
    if best_instance < 0:
        best_t = float(wp.inf)
    hit_t[i] = best_t
    hit_instance[i] = best_instance
    hit_triangle[i] = best_triangle
    hit_uv[i] = best_uv


@wp.kernel
def any_hit(
    # In:
    tlas: wp.uint64,
    world: wp.int32,
    meshes: wp.array(dtype=Mesh),
    instances: wp.array(dtype=Instance),
    origin: wp.array(dtype=wp.vec3),
    toward: wp.array(dtype=wp.vec3),
    reach: wp.array(dtype=wp.float32),
    # Out:
    clear: wp.array(dtype=wp.uint8),
):
    """Write 1 where nothing stands between t = 0 and `reach` [lengths of `toward`]."""
    i = wp.tid()
    o = origin[i]
    d = toward[i]
    far = reach[i]
    free = wp.uint8(1)
    if far > 0.0:
        root = wp.bvh_get_group_root(tlas, world)
        query = wp.bvh_query_ray(tlas, o, d, root)
        candidate = wp.int32(0)
        while wp.bvh_query_next(query, candidate, far):
            instance = instances[candidate]
            local_o = wp.transform_point(instance.mesh_from_world, o)
            local_d = wp.transform_vector(instance.mesh_from_world, d)
            scale = wp.length(local_d)
            if wp.mesh_query_ray_anyhit(meshes[instance.mesh].id, local_o, local_d / scale, far * scale):
                free = wp.uint8(0)
                break
    clear[i] = free
