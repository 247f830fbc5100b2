"""Tone maps: the periods and shares that make a surface recognisable."""

from __future__ import annotations

import numpy as np
import pytest

from synthgen.textures import markings, surfaces


@pytest.mark.parametrize("name", surfaces.NAMES)
def test_maps_are_grey_bytes_that_a_seed_decides(name):
    first, second = surfaces.make(name, 1), surfaces.make(name, 2)
    assert first.dtype == np.uint8
    assert min(first.shape) >= 32
    assert max(first.shape) <= 512
    assert not first.flags.writeable
    assert first.std() > 1
    assert not np.array_equal(first, second)
    surfaces.make.cache_clear()
    assert np.array_equal(first, surfaces.make(name, 1))


def test_flutes_run_upright_at_the_pitch_of_c_flute():
    kraft = surfaces.make("kraft", 0).astype(float)
    across = np.abs(np.fft.rfft(kraft.mean(0) - kraft.mean()))
    strongest = 20 + int(across[20:].argmax())
    assert 1e3 * surfaces.tile_m("kraft")[0] / strongest == pytest.approx(7.14, abs=0.1)


def test_upright_slots_repeat_every_fifty_millimetres():
    column = surfaces.make("slots", 0)[:, 33].astype(float)
    dark = (column < 60).astype(int)
    assert np.count_nonzero(np.diff(dark) == 1) in (3, 4)
    assert surfaces.tile_m("slots")[1] / 4 == pytest.approx(0.05)


@pytest.mark.parametrize("seed", range(4))
def test_floor_lines_are_worn_by_ten_to_forty_per_cent(seed):
    line = surfaces.make("line", seed)
    assert 0.05 < (line < 140).mean() < 0.45


@pytest.mark.parametrize("name", ["kraft", "concrete", "belt", "panel", "galvanised"])
def test_tiled_maps_have_no_seam(name):
    tone = surfaces.make(name, 0).astype(float)
    inside = np.abs(np.diff(tone, axis=1)).mean()
    assert np.abs(tone[:, 0] - tone[:, -1]).mean() < 2.5 * inside + 3


def test_printed_sheets_show_no_rim_on_kraft():
    kraft = np.mean([surfaces.make("kraft", seed).mean() for seed in range(4)])
    for art in (markings.handling(0), markings.maker(0)):
        rim = np.concatenate([art[0], art[-1], art[:, 0], art[:, -1]]).astype(float)
        assert rim.mean() == pytest.approx(kraft, abs=6)


def test_handling_marks_stand_upright():
    arrows = markings.handling(0)[:, :128] < 100
    rows = arrows.sum(1)
    tips, bar = rows[14:24].mean(), rows[104:114].mean()
    assert 0 < tips < bar  # points above, the ground line below
    assert rows[118:].sum() < 20


def test_noise_is_periodic_and_centred():
    rng = np.random.Generator(np.random.Philox(key=3))
    field = surfaces.noise(rng, (128, 128), (8, 8))
    assert abs(field.mean()) < 0.1
    assert np.abs(field).max() <= 0.5
    assert np.abs(field[0] - field[-1]).max() < 0.2
