"""Rays against the NumPy oracle: a pixel's ray projects back onto it."""

from __future__ import annotations

import numpy as np
import pytest
import warp as wp

from synthgen.rendering import gbuffer
from synthgen.rendering.launch import View
from synthgen.world import lens
from tests import scenes
from tests.kernels import probes

LENSES = [(0, 0, 0, 0, 0), (-0.2, 0, 0, 0, 0), (-0.1, 0.03, 0.001, -0.002, 0.004), (0.08, 0, 0, 0, 0)]


def view(dist):
    where = scenes.pose((0.3, -0.2, 2.0), scenes.DOWN @ scenes.turn("x", 0.3) @ scenes.turn("y", -0.2))
    return scenes.camera(where, size_px=(640, 480), focal_px=620.0, dist=dist)


def look(camera, px):
    """Return the directions of pixel positions from the kernel."""
    row = gbuffer._camera(View(0, camera), 0)
    out = wp.empty(len(px), dtype=wp.vec3)
    at = wp.array(px, dtype=wp.vec2d)
    wp.launch(probes.look, dim=len(px), inputs=[row, at], outputs=[out], device="cpu")
    return out.numpy().astype(float)


@pytest.mark.parametrize("dist", LENSES)
def test_projecting_a_kernel_ray_gives_its_pixel_back(dist):
    camera = view(dist)
    rng = np.random.Generator(np.random.Philox(key=2))
    px = np.concatenate([rng.uniform((0, 0), (640, 480), (500, 2)), [[0, 0], [640, 0], [640, 480], [0, 480]]])
    back, depth = lens.project(camera, camera.world_from_camera[:3, 3] + 3.0 * look(camera, px))
    # float32 directions alone are good to 1e-4 px here.
    assert np.abs(back - px).max() < 1e-3
    np.testing.assert_allclose(depth, 3.0, rtol=1e-5, err_msg="a direction has camera z = 1, so t is depth")


@pytest.mark.parametrize("dist", LENSES)
def test_the_kernel_inverts_the_lens_as_numpy_does(dist):
    camera = view(dist)
    px = np.stack(np.meshgrid(np.linspace(0, 640, 9), np.linspace(0, 480, 7)), axis=-1).reshape(-1, 2)
    expected = lens.unproject(camera, px) @ camera.world_from_camera[:3, :3].T
    np.testing.assert_allclose(look(camera, px), expected, atol=1e-6)
    np.testing.assert_allclose(lens.project(camera, camera.world_from_camera[:3, 3] + expected)[0], px, atol=1e-3)


def test_the_launch_covers_pixel_centres_row_by_row_of_every_view():
    cameras = [view((-0.2, 0, 0, 0, 0)), scenes.camera(scenes.looking_down(1.0), size_px=(7, 5))]
    world = scenes.description()
    device = scenes.tables_of(world)
    from synthgen.rendering import ray_tracers

    found = gbuffer.trace_views(device, ray_tracers.of(device, "warp"), [View(0, c) for c in cameras])
    toward = found.pixels.ray_direction.numpy()
    for camera, first in zip(cameras, found.launch.first_pixel, strict=True):
        table = lens.rays(camera) @ camera.world_from_camera[:3, :3].T
        mine = toward[first : first + camera.width_px * camera.height_px].reshape(table.shape)
        np.testing.assert_allclose(mine, table, atol=1e-6)
