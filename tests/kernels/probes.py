"""Kernels that let a test call one Warp function with many arguments."""

import warp as wp

from synthgen.kernels import camera_rays, light_sampling, shading, surface_hit
from synthgen.kernels.sobol import net_point
from synthgen.kernels.types import Camera, Light, Material, Texture

wp.set_module_options({"enable_backward": False, "max_unroll": 1})


@wp.kernel
def brdf(
    # In:
    alpha: wp.float32,
    f0: wp.float32,
    to_eye: wp.array(dtype=wp.vec3),
    to_light: wp.array(dtype=wp.vec3),
    # Out:
    value: wp.array(dtype=wp.float32),
):
    i = wp.tid()
    value[i] = shading.ggx(alpha, wp.vec3(0.0, 0.0, 1.0), to_eye[i], to_light[i], f0)


@wp.kernel
def lobe(
    # In:
    light: Light,
    material: Material,
    position: wp.array(dtype=wp.vec3),
    to_eye: wp.array(dtype=wp.vec3),
    # Out:
    value: wp.array(dtype=wp.float32),
):
    i = wp.tid()
    value[i] = shading.lobe(light, material, position[i], wp.vec3(0.0, 0.0, 1.0), to_eye[i])


@wp.kernel
def whole(
    # In:
    light: Light,
    position: wp.array(dtype=wp.vec3),
    normal: wp.array(dtype=wp.vec3),
    # Out:
    irradiance: wp.array(dtype=wp.float32),
    vector: wp.array(dtype=wp.vec3),
):
    i = wp.tid()
    result = light_sampling.whole(light, position[i], normal[i], 1)
    irradiance[i] = result.irradiance
    vector[i] = result.vector


@wp.kernel
def net(
    # In:
    scramble: wp.uint32,
    # Out:
    point: wp.array(dtype=wp.vec2),
):
    i = wp.tid()
    point[i] = net_point(i, scramble)


@wp.kernel
def look(
    # In:
    camera: Camera,
    px: wp.array(dtype=wp.vec2d),
    # Out:
    toward: wp.array(dtype=wp.vec3),
):
    i = wp.tid()
    toward[i] = camera_rays.direction(camera, px[i][0], px[i][1])


@wp.kernel
def fetch(
    # In:
    texture: Texture,
    material: Material,
    uv: wp.array(dtype=wp.vec2),
    # Out:
    rgba: wp.array(dtype=wp.vec4),
):
    i = wp.tid()
    rgba[i] = surface_hit.fetch(texture, material, uv[i])
