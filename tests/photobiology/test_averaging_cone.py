"""Cone-averaged radiance: overlap areas of closed form, and a search that finds the worst direction."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthgen.photobiology.averaging_cone import Tiles, cap_overlap_sr, mean_radiance, unit, worst_radiance

FORWARD = np.array([[0.0, 0.0, -1.0]])


def _square(x, y, side):
    corners = 0.5 * side * np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
    return corners + np.array([x, y])


def _tiles(squares, radiance):
    flat = np.array(squares)
    return Tiles(unit(np.concatenate([flat, -np.ones((*flat.shape[:2], 1))], axis=-1)), np.array(radiance, float))


def _cap_sr(half_angle_rad):
    return 2.0 * math.pi * (1.0 - math.cos(half_angle_rad))


def _segment_sr(half_angle_rad, offset_rad):
    """Return the part of a cap beyond a great circle that passes its axis at an angle."""
    across = math.acos(math.tan(offset_rad) / math.tan(half_angle_rad))
    return 2.0 * (math.acos(math.sin(offset_rad) / math.sin(half_angle_rad)) - math.cos(half_angle_rad) * across)


SQUARE_SR = 4.0 * math.atan(1.0 / math.sqrt(3.0))
"""A square of half side 1 seen from 1 before its middle."""


@pytest.mark.parametrize(
    ("polygon", "half_angle_rad", "solid_angle_sr"),
    [
        (_square(0, 0, 2), 0.5, _cap_sr(0.5)),  # cap inside
        (_square(0, 0, 2), 1.5, SQUARE_SR),  # square inside
        (_square(0, 0, 2), math.atan(math.sqrt(2.0)), SQUARE_SR),  # corners touch
        (_square(1, 0, 2), 0.7, _cap_sr(0.7) / 2),  # an edge through the axis: half a cap
        (_square(1, 1, 2), 0.7, _cap_sr(0.7) / 4),  # a corner on the axis: a quarter
        (_square(1.5, 0, 2), 0.7, _segment_sr(0.7, math.atan(0.5))),  # beyond a chord
        (_square(3, 0, 2), 0.7, 0.0),
    ],
)
def test_solid_angle_shared_by_a_cap_and_a_square(polygon, half_angle_rad, solid_angle_sr):
    assert cap_overlap_sr(polygon[None], half_angle_rad)[0] == pytest.approx(solid_angle_sr, abs=1e-12)
    assert cap_overlap_sr(polygon[None, ::-1], half_angle_rad)[0] == pytest.approx(-solid_angle_sr, abs=1e-12)


@settings(max_examples=50, deadline=None)
@given(st.floats(-2, 2), st.floats(-2, 2), st.floats(0.1, 3), st.floats(0.005, 1.2), st.floats(0.05, 0.95))
def test_overlap_adds_up_when_a_square_is_cut(x, y, side, half_angle_rad, cut):
    whole = _square(x, y, side)
    at = whole[0, 0] + cut * side
    left, right = whole.copy(), whole.copy()
    left[[1, 2], 0] = at
    right[[0, 3], 0] = at
    parts = cap_overlap_sr(np.stack([left, right]), half_angle_rad)
    assert parts.sum() == pytest.approx(cap_overlap_sr(whole[None], half_angle_rad)[0], abs=1e-12)
    assert parts.min() >= -1e-12 and parts.sum() <= _cap_sr(half_angle_rad) + 1e-12


@settings(max_examples=30, deadline=None)
@given(st.floats(-0.02, 0.02), st.floats(-0.02, 0.02), st.floats(0.1, 0.9), st.floats(0.1, 0.9))
def test_a_full_cone_reads_the_radiance_however_the_source_is_cut(x, y, across, along):
    """Neighbours whose corners do not meet leave no gap and no overlap between them."""
    corner = np.array([(-0.1, -0.1), (0.1, -0.1), (0.1, 0.1), (-0.1, 0.1)])
    left, right = corner.copy(), corner.copy()
    left[[1, 2], 0] = right[[0, 3], 0] = 0.2 * across - 0.1
    low, high = right.copy(), right.copy()
    low[[2, 3], 1] = high[[0, 1], 1] = 0.2 * along - 0.1
    toward = unit(np.array([[x, y, -1.0]]))
    assert mean_radiance(_tiles([left, low, high], [3.0] * 3), toward, 0.1)[0] == pytest.approx(3.0, rel=1e-12)


def test_a_source_that_fills_the_cone_keeps_its_radiance():
    tiles = _tiles([_square(0, 0, 0.05)], [7.0])
    assert mean_radiance(tiles, FORWARD, 0.011)[0] == pytest.approx(7.0, rel=1e-12)


def test_a_small_source_is_diluted_by_the_cone():
    side, cone = 0.001, 0.011
    tiles = _tiles([_square(0, 0, side)], [7.0])
    expected = 7.0 * side**2 / (math.pi / 4 * cone**2)
    assert worst_radiance(tiles, cone)[0] == pytest.approx(expected, rel=1e-5)


def test_the_worst_direction_lies_between_two_sources():
    # Two squares 8 mrad apart: an 11 mrad cone on one of them misses the other, a cone between them holds both
    side, cone = 0.001, 0.011
    tiles = _tiles([_square(-0.004, 0, side), _square(0.004, 0, side)], [1.0, 1.0])
    alone = side**2 / (math.pi / 4 * cone**2)
    assert mean_radiance(tiles, tiles.centres[:1], cone)[0] == pytest.approx(alone, rel=1e-4)
    value, direction = worst_radiance(tiles, cone)
    assert value == pytest.approx(2.0 * alone, rel=1e-4)
    assert abs(direction[0]) < 0.0015


def test_the_brightest_source_wins_over_more_but_dimmer_ones():
    side = 0.001
    dim = [_square(0.1 + 0.002 * k, 0, side) for k in range(5)]
    tiles = _tiles([_square(-0.1, 0, side), *dim], [100.0, *[1.0] * 5])
    value, direction = worst_radiance(tiles, 0.011)
    assert direction[0] == pytest.approx(-0.1, abs=0.006)
    # seen from the side, the square's solid angle shrinks by cos^3
    expected_sr = side**2 * math.cos(math.atan(0.1)) ** 3
    assert value == pytest.approx(100.0 * expected_sr / (math.pi / 4 * 0.011**2), rel=1e-3)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-0.05, 0.05), st.floats(-0.05, 0.05)), min_size=1, max_size=6), st.floats(1e-3, 0.1)
)
def test_the_search_is_never_below_looking_at_any_one_source(places, cone):
    tiles = _tiles([_square(x, y, 0.002) for x, y in places], [1.0] * len(places))
    value, _ = worst_radiance(tiles, cone)
    assert value >= mean_radiance(tiles, tiles.centres, cone).max() * (1.0 - 1e-9)
