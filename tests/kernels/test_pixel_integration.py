"""The points that a pixel integrates: few, with the moments of the distribution that they stand for."""

from __future__ import annotations

import numpy as np
import pytest

from synthgen.rendering import gbuffer, pixel_integration
from tests import scenes

CAMERA = scenes.camera(scenes.pose())


@pytest.mark.parametrize("count", [8, 16, 32])
def test_taps_have_the_moments_of_pixel_pulse_and_disc(count):
    taps = pixel_integration.filter_samples(CAMERA, count, "cpu").numpy()
    airy = gbuffer.diffraction_px(CAMERA)
    points = np.column_stack([taps["fixed"], taps["time"], taps["disc"]]).astype(float)
    expected = np.diag([1 / 12 + airy**2] * 2 + [1 / 12] + [1 / 16] * 2)  # boxes, and a disc of diameter 1
    np.testing.assert_allclose(points.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(points.T @ points / count, expected, atol=1e-5)
    # No point lies far outside that distribution.
    assert np.abs(taps["time"]).max() < 0.55 and np.linalg.norm(taps["disc"], axis=1).max() < 0.62


def test_a_rough_picture_looks_at_the_centre_alone():
    taps = pixel_integration.filter_samples(CAMERA, 1, "cpu").numpy()
    assert not taps["fixed"].any() and not taps["time"].any() and not taps["disc"].any()
