"""The hazard ratio, level over limit, for an eye at each point of a view that looks in the worst direction."""

import warp as wp

from synthgen.kernels.types import LightIrradiance

wp.set_module_options({"enable_backward": False, "max_unroll": 1})


@wp.func
def visible_vector(vector: wp.vec3, irradiance: LightIrradiance, k: wp.int32, p: wp.int32) -> wp.vec3:
    """Return the irradiance vector of light `k` at point `p`, shadowed [W/m^2]."""
    if irradiance.shadowed[k, p] <= 0.0:
        return wp.vec3(0.0, 0.0, 0.0)
    return vector * (irradiance.shadowed[k, p] / irradiance.unshadowed[k, p])


@wp.kernel
def hazard_ratio(
    # In:
    ratio_m2_w: wp.array(dtype=wp.vec4),
    vectors: wp.array2d(dtype=wp.vec3),
    irradiance: LightIrradiance,
    first: wp.int32,
    # Out:
    ratio: wp.array(dtype=wp.float32),
    worst: wp.array(dtype=wp.int32),
):
    """Write level / limit for an eye at the point, turned to its worst direction, and which hazard that is.

    `ratio_m2_w` is, for each light and hazard, the ratio of 1 W/m^2 at normal incidence. The worst direction
    is the best of: along each light's irradiance vector, along the sum of them.
    """
    p = first + wp.tid()
    best = float(0.0)
    which = wp.int32(0)
    count = ratio_m2_w.shape[0]
    total = wp.vec3(0.0, 0.0, 0.0)
    for k in range(count):
        total += visible_vector(vectors[k, p], irradiance, k, p)
    for g in range(count + 1):
        gaze = total
        if g < count:
            gaze = visible_vector(vectors[g, p], irradiance, g, p)
        if wp.length(gaze) > 0.0:
            gaze = wp.normalize(gaze)
            level = wp.vec4(0.0, 0.0, 0.0, 0.0)
            for k in range(count):
                seen = visible_vector(vectors[k, p], irradiance, k, p)
                level += wp.max(0.0, wp.dot(seen, gaze)) * ratio_m2_w[k]
            for h in range(4):
                if level[h] > best:
                    best = level[h]
                    which = h
    ratio[p] = best
    worst[p] = which
