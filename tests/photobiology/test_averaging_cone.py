"""Cone-averaged radiance: overlap areas of closed form, and a search that finds the worst direction."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthgen.photobiology.averaging_cone import Tiles, circle_overlap, mean_radiance, unit, worst_radiance

FORWARD = np.array([[0.0, 0.0, -1.0]])


def _square(x, y, side):
    corners = 0.5 * side * np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
    return corners + np.array([x, y])


def _tiles(squares, radiance):
    flat = np.array(squares)
    return Tiles(unit(np.concatenate([flat, -np.ones((*flat.shape[:2], 1))], axis=-1)), np.array(radiance, float))


@pytest.mark.parametrize(
    ("polygon", "radius", "area"),
    [
        (_square(0, 0, 2), 0.5, math.pi * 0.25),  # circle inside
        (_square(0, 0, 2), 10.0, 4.0),  # square inside
        (_square(0, 0, 2), math.sqrt(2.0), 4.0),  # corners touch
        (_square(1, 0, 2), 1.0, math.pi / 2),  # an edge through the centre: half a disk
        (_square(1, 1, 2), 1.0, math.pi / 4),  # a corner on the centre: a quarter
        (_square(1.5, 0, 2), 1.0, math.acos(0.5) - 0.5 * math.sqrt(0.75)),  # cap beyond a chord at 0.5
        (_square(3, 0, 2), 1.0, 0.0),
    ],
)
def test_area_shared_by_a_circle_and_a_square(polygon, radius, area):
    assert circle_overlap(polygon[None], radius)[0] == pytest.approx(area, abs=1e-12)
    assert circle_overlap(polygon[None, ::-1], radius)[0] == pytest.approx(-area, abs=1e-12)


@settings(max_examples=50, deadline=None)
@given(st.floats(-2, 2), st.floats(-2, 2), st.floats(0.1, 3), st.floats(0.1, 2), st.floats(0.05, 0.95))
def test_overlap_adds_up_when_a_square_is_cut(x, y, side, radius, cut):
    whole = _square(x, y, side)
    at = whole[0, 0] + cut * side
    left, right = whole.copy(), whole.copy()
    left[[1, 2], 0] = at
    right[[0, 3], 0] = at
    parts = circle_overlap(np.stack([left, right]), radius)
    assert parts.sum() == pytest.approx(circle_overlap(whole[None], radius)[0], abs=1e-9)
    assert parts.min() >= -1e-12 and parts.sum() <= min(math.pi * radius**2, side**2) + 1e-9


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
