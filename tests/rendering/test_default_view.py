"""The view and the sky of a stage that has none."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthgen.rendering import default_view
from synthgen.usd.read.description import describe
from synthgen.world import spectra
from tests.stage_text import stage


def box(size: tuple[float, ...], at: tuple[float, ...], name: str = "c") -> str:
    return f"""def Cube "{name}" {{ double size = 1
        double3 xformOp:translate = {at}
        double3 xformOp:scale = {size}
        uniform token[] xformOpOrder = ["xformOp:translate", "xformOp:scale"] }}\n"""


def pixels(text: str) -> np.ndarray:
    """Return where the corners of everything drawn fall in the default view, shape (n, 2)."""
    found = describe(stage(text))
    camera = default_view.default_view(found)
    points = []
    for instance in found.instances:
        matrix = np.linalg.inv(camera.world_from_camera) @ instance.world_from_mesh
        local = instance.mesh.points_m.astype(float) @ matrix[:3, :3].T + matrix[:3, 3]
        assert (local[:, 2] > 0).all()
        points.append(local[:, :2] / local[:, 2:] * camera.fx_px + (camera.cx_px, camera.cy_px))
    return np.concatenate(points)


@settings(max_examples=25, deadline=None)
@given(*[st.floats(0.01, 50.0)] * 3, *[st.floats(-30.0, 30.0)] * 3)
def test_everything_is_in_view_and_fills_it(sx: float, sy: float, sz: float, x: float, y: float, z: float) -> None:
    at = pixels(box((sx, sy, sz), (x, y, z)))
    assert at.min() > 0
    assert at[:, 0].max() < 640
    assert at[:, 1].max() < 480
    assert max(np.ptp(at[:, 0]) / 640, np.ptp(at[:, 1]) / 480) > 0.4


def test_the_view_is_level_and_looks_down() -> None:
    turn = default_view.default_view(describe(stage(box((1, 1, 1), (0, 0, 0))))).world_from_camera[:3, :3]
    assert np.linalg.det(turn) == pytest.approx(1)
    assert turn[2, 0] == pytest.approx(0)
    assert turn[2, 1] < 0
    assert turn[2, 2] < 0


def test_a_huge_ground_does_not_shrink_the_rest() -> None:
    things = "".join(box((1, 1, 1), (3 * k, 0, 0.5), f"c{k}") for k in range(3))
    ground = box((5000, 5000, 0.01), (0, 0, 0), "ground")
    camera = default_view.default_view(describe(stage(things + ground)))
    assert np.linalg.norm(camera.world_from_camera[:3, 3]) < 50


def test_an_empty_stage_still_has_a_view() -> None:
    camera = default_view.default_view(describe(stage("")))
    assert np.isfinite(camera.world_from_camera).all()


def test_complete_adds_what_is_missing_and_says_so() -> None:
    cameras, lights, warnings = default_view.complete(describe(stage('def Cube "c" { }')))
    assert [camera.name for camera in cameras] == ["view"]
    assert [light.shape for light in lights] == ["dome"]
    assert sum("no camera" in line or "no light" in line for line in warnings) == 2
    lit = describe(stage('def Cube "c" { }\ndef Camera "k" { }\ndef SphereLight "l" { }'))
    assert default_view.complete(lit) == (lit.cameras, lit.lights, lit.warnings)


def test_the_sky_gives_its_lux() -> None:
    sky = default_view.default_sky()
    assert sky.strength * math.pi * spectra.efficacy_lm_w(sky.spectrum) == pytest.approx(default_view.SKY_LUX)
