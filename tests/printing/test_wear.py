"""Each defect does what its number says."""

from dataclasses import replace

import numpy as np
import pytest

from synthgen.barcodes import decode, encode
from synthgen.printing import rasterize, texel_grid
from synthgen.world.shot import Code, Label, Wear

CODE = Code(
    code_id="i/l/0", symbology="code128", payload="T1234567", module_m=0.0005, position_m=(0.0, 0.0), height_m=0.03
)
LABEL = Label(label_id="l", face="top", center_m=(0.0, 0.0), size_m=(0.1, 0.06), codes=(CODE,), template="plain")
FRESH = rasterize.draw(LABEL).tone


def worn(**wear):
    return rasterize.draw(replace(LABEL, wear=Wear(**wear)))


@pytest.mark.parametrize("growth", [-0.5, -0.2, 0.1, 0.25, 0.5])
def test_print_growth_widens_every_bar_by_its_share_of_a_module(growth):
    left, top, right, bottom = texel_grid.grid(LABEL).placed[0].box
    row = (top + bottom) // 2
    ink = [(255.0 - t[row, left - 8 : right + 8]).sum() / 255 for t in (FRESH, worn(print_growth_x=growth).tone)]
    modules = encode.encode("code128", "T1234567").modules[0].astype(int)
    bars = (np.diff(np.pad(modules, 1)) == 1).sum()
    assert ink[1] - ink[0] == pytest.approx(growth * 4 * bars, rel=0.02)


def test_fading_takes_that_share_of_ink():
    ink = [(255.0 - tone).sum() for tone in (FRESH, worn(fade=0.4, seed=1).tone)]
    assert ink[1] / ink[0] == pytest.approx(0.6, abs=0.05)
    assert (worn(fade=0.4, seed=1).tone[FRESH == 255] == 255).all()


@pytest.mark.parametrize("share", [0.01, 0.1])
def test_voids_take_that_share_of_the_ink(share):
    ink = [(255.0 - tone).sum() for tone in (FRESH, worn(void_share=share, seed=2).tone)]
    assert 1 - ink[1] / ink[0] == pytest.approx(share, rel=0.35)


def test_dead_dots_leave_light_lines_one_dot_wide():
    tone = rasterize.draw(replace(LABEL, template="rack", wear=Wear(dead_lines=3, seed=3))).tone
    before = rasterize.draw(replace(LABEL, template="rack")).tone
    columns = np.flatnonzero((tone != before).any(axis=0))
    assert 1 <= len(columns) <= 3
    assert (tone >= before).all()


def test_scratches_only_take_ink_and_dirt_only_adds_it():
    assert (worn(scratches=6, seed=4).tone >= FRESH).all()
    assert (worn(dirt=0.5, seed=5).tone <= FRESH).all()
    assert (worn(smear_m=0.004, seed=5).tone <= FRESH).all()
    assert (worn(crease=3, seed=6).tone != FRESH).any()


@pytest.mark.parametrize("share", [0.02, 0.1, 0.3])
def test_a_tear_takes_that_share_of_the_label_at_one_corner(share):
    art = worn(tear=share, seed=8)
    assert (art.alpha == 0).mean() == pytest.approx(share, rel=0.1)
    corners = [art.alpha[y, x] for y in (0, -1) for x in (0, -1)]
    assert corners.count(0) >= 1
    assert art.alpha[30, 50] in (0, 255)


def test_one_defect_does_not_move_another():
    both = worn(void_share=0.02, fade=0.3, seed=9).tone
    alone = worn(void_share=0.02, seed=9).tone
    assert (both[(alone == 255) & (FRESH == 0)] == 255).all()


def test_moderate_wear_still_reads_and_heavy_wear_does_not():
    quad = texel_grid.code_quad(LABEL, CODE)
    layout = texel_grid.grid(LABEL)
    px = quad * (1, -1) / layout.pitch_m + (layout.width / 2, layout.height / 2)
    symbol = encode.encode("code128", "T1234567")
    assert decode.read_rectified(worn(void_share=0.02, fade=0.3, dirt=0.2, seed=1).tone, px, symbol).decoded
    assert not decode.read_rectified(worn(void_share=0.9, seed=1).tone, px, symbol).decoded
