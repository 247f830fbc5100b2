"""Where codes lie on a label, to the texel."""

from dataclasses import replace

import numpy as np
import pytest

from synthgen.barcodes import encode
from synthgen.errors import BarcodeError
from synthgen.printing import rasterize, texel_grid
from synthgen.world.shot import Code, Label


def code(symbology, payload, module_mm, at_mm=(0.0, 0.0), height_mm=0.0, turns=0, name="0"):
    return Code(
        code_id=f"i/l/{name}",
        symbology=symbology,
        payload=payload,
        module_m=module_mm * 1e-3,
        position_m=(at_mm[0] * 1e-3, at_mm[1] * 1e-3),
        height_m=height_mm * 1e-3,
        quarter_turns=turns,
    )


def label(*codes, size_mm=(100, 150)):
    size = (size_mm[0] * 1e-3, size_mm[1] * 1e-3)
    return Label(label_id="l", face="top", center_m=(0.0, 0.0), size_m=size, codes=codes, template="plain")


def test_quad_is_the_size_of_the_modules_about_its_centre():
    one = label(code("gs1_128", "(00)395212345678901236", 0.5, (1, -40), 32))
    expected = np.array([(-38, -24), (40, -24), (40, -56), (-38, -56)]) * 1e-3
    assert texel_grid.code_quad(one, one.codes[0]) == pytest.approx(expected, abs=1e-12)
    assert texel_grid.module_size_m(one, one.codes[0]) == pytest.approx(0.5e-3, rel=1e-9)


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_quad_turns_counter_clockwise_with_the_code(turns):
    straight = label(code("qr", "https://t.example/x", 1.0))
    turned = label(code("qr", "https://t.example/x", 1.0, turns=turns))
    quad = texel_grid.code_quad(straight, straight.codes[0])
    a = turns * np.pi / 2
    rotation = np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])
    expected = quad @ rotation.T
    assert texel_grid.code_quad(turned, turned.codes[0]) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("symbology", ["qr", "datamatrix", "code128", "ean13", "itf14", "pdf417"])
@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_printed_modules_fill_the_quad_to_the_texel(symbology, turns):
    payload = {"ean13": "9521234543213", "itf14": "19521234543210"}.get(symbology, "T1234567")
    one = label(code(symbology, payload, 0.375, (3.3, -7.7), 20, turns))
    art, layout = rasterize.draw(one), texel_grid.grid(one)
    symbol = encode.encode(symbology, payload)
    quad = texel_grid.code_quad(one, one.codes[0])
    texel = quad * (1, -1) / layout.pitch_m + (layout.width / 2, layout.height / 2)
    assert texel == pytest.approx(np.round(texel), abs=1e-6)
    u, v = (texel[1] - texel[0]) / symbol.width, (texel[3] - texel[0])
    rows = symbol.height if not symbol.linear else 1
    for row in range(rows):
        across = (np.arange(symbol.width) + 0.5)[:, None]
        for place in (0.02, 0.5) if symbol.linear else (0.05, 0.95):
            at = texel[0] + across * u + v * (row + place) / rows
            inside = art.tone[at[:, 1].astype(int), at[:, 0].astype(int)] == 0
            assert (inside == symbol.modules[row]).all()


def test_a_half_wider_module_is_printed_exactly():
    one = label(code("code128", "ABC", 0.4, (0, -40), 20), code("qr", "x", 0.6, (0, 20), name="1"))
    assert texel_grid.module_size_m(one, one.codes[1]) == pytest.approx(0.6e-3, rel=1e-9)
    assert {placed.texels for placed in texel_grid.grid(one).placed} == {4, 6}


def test_odd_ratios_get_a_finer_grid():
    one = label(code("code128", "ABC", 0.5, (0, -40), 20), code("qr", "x", 0.7, (0, 20), name="1"))
    assert texel_grid.module_size_m(one, one.codes[1]) == pytest.approx(0.7e-3, rel=0.004)


def test_needed_size_counts_quiet_zone_and_text():
    width, height = texel_grid.needed_size_m([code("gs1_128", "(00)395212345678901236", 0.5, height_mm=32)])
    assert width == pytest.approx(176 * 0.5e-3)
    assert 0.034 < height < 0.038
    turned = texel_grid.needed_size_m([code("gs1_128", "(00)395212345678901236", 0.5, height_mm=32, turns=1)])
    assert turned == pytest.approx((height, width))


def test_a_code_too_large_for_its_label_is_refused_with_the_module_that_fits():
    wide = label(code("gs1_128", "(00)395212345678901236", 1.0 * 0.9, height_mm=32))
    with pytest.raises(
        BarcodeError, match=r"156 modules at 0.9 mm needs 158 mm, the label is 100 mm wide; use module_mm <= 0.56"
    ):
        texel_grid.grid(wide)
    fits = replace(wide, codes=(replace(wide.codes[0], module_m=0.56e-3),))
    assert texel_grid.grid(fits).placed


@pytest.mark.parametrize(
    ("codes", "says"),
    [
        ([code("code128", "ABC", 0.5, height_mm=160)], "a smaller height_mm"),
        ([code("qr", "x", 1.0, (40, 0))], "towards the centre"),
        ([code("qr", "x", 1.0, (0, 0)), code("qr", "y", 1.0, (5, 5), name="1")], "overlap"),
    ],
)
def test_codes_must_lie_on_the_label_and_apart(codes, says):
    with pytest.raises(BarcodeError, match=says):
        texel_grid.grid(label(*codes))


def test_gs1_128_is_at_most_165_mm_long():
    long = label(code("gs1_128", "(00)395212345678901236", 0.95, height_mm=32), size_mm=(200, 100))
    with pytest.raises(BarcodeError, match="165 mm"):
        texel_grid.grid(long)
