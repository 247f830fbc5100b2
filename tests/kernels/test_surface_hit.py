"""Textures and normals as USD means them."""

from __future__ import annotations

import numpy as np
import pytest
import warp as wp

from synthgen.kernels import types
from synthgen.rendering import device_tables
from synthgen.world import scene_description
from tests import scenes
from tests.kernels import probes


def fetched(values, uv, **more):
    """Return what a texture of 8-bit `values`, shape (h, w, channels), gives at `uv`."""
    row = types.Texture()
    row.height, row.width, row.channels = values.shape
    row.texels = wp.array(np.ascontiguousarray(values).reshape(-1), dtype=wp.uint8)
    numbers = {"asset": "t", "mode": "rgb", "srgb": False, "wrap": ("clamp", "clamp")} | more
    material = scene_description.Material(
        path="/m", reflectance=(1, 1, 1, 1), texture=scene_description.Texture(**numbers)
    )
    out = wp.empty(len(uv), dtype=wp.vec4)
    at = wp.array(np.asarray(uv, np.float32), dtype=wp.vec2)
    inputs = [row, device_tables._material(material, {"t": 0}), at]
    wp.launch(probes.fetch, dim=len(uv), inputs=inputs, outputs=[out], device="cpu")
    return out.numpy()


GREY = np.array([[[0], [51]], [[102], [255]]], np.uint8)  # rows from the top


def test_v_runs_up_and_rows_run_down():
    found = fetched(GREY, [(0.25, 0.75), (0.75, 0.75), (0.25, 0.25), (0.75, 0.25)])
    np.testing.assert_allclose(found[:, 0] * 255, [0, 51, 102, 255], atol=1e-4)


def test_between_texels_it_is_bilinear_and_nearest_is_not():
    assert fetched(GREY, [(0.5, 0.5)])[0, 0] * 255 == pytest.approx((0 + 51 + 102 + 255) / 4, abs=1e-3)
    assert fetched(GREY, [(0.49, 0.49)], nearest=True)[0, 0] * 255 == pytest.approx(102, abs=1e-4)


@pytest.mark.parametrize(("mode", "expected"), [("repeat", 51), ("clamp", 0), ("mirror", 0), ("black", 0)])
def test_wrapping(mode, expected):
    wrap = (mode, mode)
    assert fetched(GREY, [(-0.25, 0.75)], wrap=wrap, nearest=True)[0, 0] * 255 == pytest.approx(expected, abs=1e-4)
    if mode == "mirror":
        # 1.25 mirrors to 0.75, -0.75 to 0.75, 2.25 to 0.25
        found = fetched(GREY, [(1.25, 0.75), (-0.75, 0.75), (2.25, 0.75)], wrap=wrap, nearest=True)
        np.testing.assert_allclose(found[:, 0] * 255, [51, 51, 0], atol=1e-4)
    if mode == "black":
        assert fetched(GREY, [(-0.25, 0.25)], wrap=wrap, nearest=True)[0, 3] == 0, "outside even its alpha is 0"


def test_srgb_is_decoded_and_alpha_is_not():
    values = np.array([[[128, 10, 255, 128]]], np.uint8)
    r, g, b, a = fetched(values, [(0.5, 0.5)], srgb=True)[0]
    assert r == pytest.approx(((128 / 255 + 0.055) / 1.055) ** 2.4, rel=1e-4)
    assert g == pytest.approx(10 / 255 / 12.92, rel=1e-4)
    assert b == pytest.approx(1) and a == pytest.approx(128 / 255, rel=1e-6)


def test_a_texture_transform_is_applied_to_uv():
    quarter_left = (1.0, 0.0, 0.5, 0.0, 1.0, 0.0)
    assert fetched(GREY, [(0.25, 0.25)], matrix=quarter_left)[0, 0] * 255 == pytest.approx(255, abs=1e-4)


def test_normals_turn_with_the_inverse_transpose_and_face_the_ray():
    """A sheet squeezed and sheared: its normal stays across it, on the camera's side, whichever way it is wound."""
    matrix = scenes.pose((0, 0, 0), scenes.turn("x", 0.5) @ np.array([[2, 0.5, 0], [0, 0.3, 0.2], [0, 0, 1.5]]))
    sheet = scenes.sheet(4, 4)
    across = np.cross(matrix[:3, 0], matrix[:3, 1])
    across /= np.linalg.norm(across)
    for flip in (1, -1):
        turned = matrix @ np.diag([flip, 1, 1, 1])
        world = scenes.description(instances=[scenes.instance("/s", sheet, turned)])
        frame = scenes.frame_of(world, scenes.camera(scenes.looking_down(3.0)))
        middle = 36 * 96 + 48
        up = across * np.sign(across[2])
        np.testing.assert_allclose(frame.pixels.shading_normal.numpy()[middle], up, atol=1e-5)
        np.testing.assert_allclose(frame.pixels.geometric_normal.numpy()[middle], up, atol=1e-5)
