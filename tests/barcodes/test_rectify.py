"""The known perspective is undone, in closed form."""

import numpy as np
import pytest
from code_pictures import example, picture, rows_of, straight_quad

from synthgen.barcodes import rectify

TILTED = np.array([(40.0, 60.0), (190.0, 45.0), (205.0, 190.0), (30.0, 170.0)])


def test_homography_takes_the_corners_to_the_quad():
    matrix = rectify.homography(TILTED, 25, 20)
    for (x, y), corner in zip(((0, 0), (25, 0), (25, 20), (0, 20)), TILTED, strict=True):
        u, v, w = matrix @ (x, y, 1)
        assert (u / w, v / w) == pytest.approx(tuple(corner), abs=1e-9)


def test_homography_of_a_rectangle_is_a_scale_and_a_shift():
    quad = np.array([(10, 20), (60, 20), (60, 40), (10, 40)], float)
    assert rectify.homography(quad, 25, 10) == pytest.approx(np.array([[2, 0, 10], [0, 2, 20], [0, 0, 1]]), abs=1e-9)


@pytest.mark.parametrize("symbology", ["qr", "datamatrix", "pdf417"])
def test_a_tilted_code_is_straightened_to_its_modules(symbology):
    symbol = example(symbology)
    scale = symbol.width / 25
    quad = TILTED * (scale, scale * symbol.height / symbol.width)
    image = picture(symbol, quad, np.random.Generator(np.random.Philox(key=1)), noise_dn=0.0)
    straight = rectify.rectify(image, quad, symbol, px_per_module=4)
    left, top = (int((symbol.quiet[i] + 1.5) * 4) for i in (0, 2))
    centres = straight[top + 2 :: 4, left + 2 :: 4][: symbol.height, : symbol.width]
    assert ((centres < 120) == symbol.modules).all()


def test_bar_height_follows_from_the_quad():
    symbol = example("code128")
    quad = straight_quad(symbol, 2.0)
    assert rectify.bar_modules(quad, symbol) == pytest.approx(rows_of(symbol))


def test_outline_adds_the_quiet_zone():
    symbol = example("ean13")
    quad = straight_quad(symbol, 2.0)
    around = rectify.outline(quad, symbol)
    assert around[0, 0] == pytest.approx(quad[0, 0] - 2 * 12.5)
    assert around[1, 0] == pytest.approx(quad[1, 0] + 2 * 8.5)
