"""Rays from measuring points to a light; a table says which points of the light's net are sampled.

A net of n points holds its first m points once in each of m cells of the unit square, and n/m points in every cell
(Niederreiter 1987, (0, 2)-nets): a coarse pass over all cells can be refined in some of them by the net's own points.
"""

import warp as wp

from synthgen.kernels import light_sampling
from synthgen.kernels.sobol import net_point
from synthgen.kernels.types import Light

wp.set_module_options({"enable_backward": False, "max_unroll": 1})


@wp.kernel
def net_points(
    # In:
    scramble: wp.uint32,
    # Out:
    uv: wp.array(dtype=wp.vec2),
):
    """Write the points of a scrambled net."""
    i = wp.tid()
    uv[i] = net_point(i, scramble)


@wp.kernel
def probe_rays(
    # In:
    light_table: wp.array(dtype=Light),
    light_row: wp.int32,
    position: wp.array(dtype=wp.vec3),
    normal: wp.array(dtype=wp.vec3),
    receiver: wp.array(dtype=wp.int32),
    cell: wp.array(dtype=wp.int32),
    members: wp.array2d(dtype=wp.int32),
    scramble: wp.uint32,
    # Out:
    origin: wp.array(dtype=wp.vec3),
    toward: wp.array(dtype=wp.vec3),
    reach: wp.array(dtype=wp.float32),
    weight: wp.array(dtype=wp.float32),
):
    """Write the segments from receivers to the members of a cell of a light's net, one thread a segment.

    Each entry of `receiver` (a row of `position`) has one of `cell` (a row of `members`); `reach` is 0 where the light
    sends nothing.
    """
    k = wp.tid()
    count = members.shape[1]
    i = receiver[k // count]
    light = light_table[light_row]
    uv = net_point(members[cell[k // count], k % count], scramble)
    s = light_sampling.sample(light, position[i], normal[i], uv[0], uv[1])
    w = s.vector * wp.max(0.0, wp.dot(s.toward, normal[i]))
    origin[k] = position[i] + normal[i] * (2.0e-6 + 2.0e-6 * wp.length(position[i]))
    toward[k] = s.toward
    far = float(0.0)
    if w > 0.0:
        far = s.distance * 0.9999 - 1.0e-5
    reach[k] = far
    weight[k] = w
