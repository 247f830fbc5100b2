"""Tone maps: the periods and shares that make a surface recognisable."""

from __future__ import annotations

import numpy as np
import pytest

from synthgen import drawings, textures


@pytest.mark.parametrize("name", textures.NAMES)
def test_maps_are_grey_bytes_that_a_seed_decides(name):
    first, second = textures.make(name, 1), textures.make(name, 2)
    assert first.dtype == np.uint8
    assert min(first.shape) >= 32
    assert max(first.shape) <= 512
    assert not first.flags.writeable
    assert first.std() > 1
    assert not np.array_equal(first, second)
    textures.make.cache_clear()
    assert np.array_equal(first, textures.make(name, 1))


def test_flutes_run_upright_at_the_pitch_of_c_flute():
    kraft = textures.make("kraft", 0).astype(float)
    across = np.abs(np.fft.rfft(kraft.mean(0) - kraft.mean()))
    strongest = 20 + int(across[20:].argmax())
    assert 1e3 * textures.tile_m("kraft")[0] / strongest == pytest.approx(7.14, abs=0.1)


def test_upright_slots_repeat_every_fifty_millimetres():
    column = textures.make("slots", 0)[:, 33].astype(float)
    dark = (column < 60).astype(int)
    assert np.count_nonzero(np.diff(dark) == 1) in (3, 4)
    assert textures.tile_m("slots")[1] / 4 == pytest.approx(0.05)


@pytest.mark.parametrize("seed", range(4))
def test_floor_lines_are_worn_by_ten_to_forty_per_cent(seed):
    line = textures.make("line", seed)
    assert 0.05 < (line < 140).mean() < 0.45


@pytest.mark.parametrize("name", ["kraft", "concrete", "belt", "panel", "galvanised"])
def test_tiled_maps_have_no_seam(name):
    tone = textures.make(name, 0).astype(float)
    inside = np.abs(np.diff(tone, axis=1)).mean()
    assert np.abs(tone[:, 0] - tone[:, -1]).mean() < 2.5 * inside + 3


def test_printed_sheets_show_no_rim_on_kraft():
    kraft = np.mean([textures.make("kraft", seed).mean() for seed in range(4)])
    for art in (drawings.handling(0), drawings.maker(0)):
        rim = np.concatenate([art[0], art[-1], art[:, 0], art[:, -1]]).astype(float)
        assert rim.mean() == pytest.approx(kraft, abs=6)


def test_handling_marks_stand_upright():
    arrows = drawings.handling(0)[:, :128] < 100
    rows = arrows.sum(1)
    tips, bar = rows[14:24].mean(), rows[104:114].mean()
    assert 0 < tips < bar  # points above, the ground line below
    assert rows[118:].sum() < 20


def test_noise_is_periodic_and_centred():
    rng = np.random.Generator(np.random.Philox(key=3))
    field = textures.noise(rng, (128, 128), (8, 8))
    assert abs(field.mean()) < 0.1
    assert np.abs(field).max() <= 0.5
    assert np.abs(field[0] - field[-1]).max() < 0.2
