"""The net of samples: stratified over a block of pixels as over one."""

from __future__ import annotations

import numpy as np
import pytest
import warp as wp

from synthgen.rendering.direct_lighting import scramble
from tests.kernels import probes


def net(count, pattern):
    out = wp.empty(count, dtype=wp.vec2)
    wp.launch(probes.net, dim=count, inputs=[pattern], outputs=[out], device="cpu")
    return out.numpy().astype(float)


@pytest.mark.parametrize("pattern", [0, scramble(0), scramble(3)])
@pytest.mark.parametrize("bits", [(6, 0), (3, 3), (0, 6), (2, 4)])
def test_every_elementary_interval_of_a_net_holds_one_point(pattern, bits):
    """A (0, 6, 2)-net in base 2, whatever the XOR: 64 points, one in each 2^-a x 2^-b box (Niederreiter 1992)."""
    points = net(64, pattern)
    assert (points >= 0).all() and (points < 1).all()
    boxes = np.floor(points * [2 ** bits[0], 2 ** bits[1]]).astype(int)
    assert len({tuple(box) for box in boxes}) == 64


def test_lights_do_not_share_a_pattern():
    assert len({scramble(k) for k in range(50)}) == 50
    assert all(0 <= scramble(k) < 2**32 for k in range(50))


def test_its_mean_is_a_half_to_the_net_s_resolution():
    # Stratified in each coordinate: the mean is off by at most half a stratum's width.
    assert np.abs(net(4096, scramble(1)).mean(axis=0) - 0.5).max() <= 0.5 / 4096 + 1e-6
