"""Six distributions: textbook means, bounds, monotony, units."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthgen.random_streams import Stream, uniforms
from synthgen.world.distributions import Choice, Fixed, Int, LogUniform, Normal, Uniform, draw, is_distribution

U = st.floats(0.0, 1.0, exclude_max=True)
ALL = [
    Fixed(3.0),
    Uniform(-2.0, 5.0),
    LogUniform(50.0, 500.0),
    Normal(15.0, 5.0, 0.0, 30.0),
    Int(1, 8),
    Choice((630.0, 850.0), (0.7, 0.3)),
]


def mean(distribution, n: int = 4000) -> float:
    return float(np.mean([distribution.at((k + 0.5) / n) for k in range(n)]))


def test_means_are_those_of_the_textbook():
    assert mean(Uniform(-2.0, 5.0)) == pytest.approx(1.5, abs=1e-6)
    assert mean(LogUniform(50.0, 500.0)) == pytest.approx(450.0 / math.log(10.0), rel=1e-4)
    assert mean(Int(1, 8)) == pytest.approx(4.5, abs=1e-6)
    assert mean(Choice((630.0, 850.0), (0.7, 0.3))) == pytest.approx(696.0, abs=0.1)
    # truncated normal: mu + s (phi(a) - phi(b)) / (Phi(b) - Phi(a))
    unit = NormalDist()
    a, b = (10.0 - 15.0) / 5.0, (30.0 - 15.0) / 5.0
    expected = 15.0 + 5.0 * (unit.pdf(a) - unit.pdf(b)) / (unit.cdf(b) - unit.cdf(a))
    assert mean(Normal(15.0, 5.0, 10.0, 30.0)) == pytest.approx(expected, rel=1e-3)


@given(u=U)
@pytest.mark.parametrize("distribution", ALL, ids=lambda d: type(d).__name__)
def test_values_stay_inside_their_bounds_and_scale_exactly(distribution, u):
    low, high = distribution.bounds()
    assert low <= distribution.at(u) <= high
    scaled = distribution.scaled(1e-3)
    assert scaled.at(u) == pytest.approx(distribution.at(u) * 1e-3, rel=1e-9, abs=1e-12)
    assert scaled.bounds() == pytest.approx((low * 1e-3, high * 1e-3))


@given(a=U, b=U)
@pytest.mark.parametrize("distribution", ALL, ids=lambda d: type(d).__name__)
def test_values_rise_with_the_probability(distribution, a, b):
    low, high = sorted((a, b))
    assert distribution.at(low) <= distribution.at(high)


def test_an_int_reaches_both_ends_and_stays_an_int():
    values = {Int(0, 6).at(k / 700) for k in range(700)}
    assert values == set(range(7))
    assert all(type(value) is int for value in values)


def test_a_wide_int_in_another_unit_costs_no_memory():
    wide = Int(0, 10**12).scaled(1e-3)
    assert wide.bounds() == (0.0, 1e9)


def test_an_option_without_weight_is_never_chosen():
    choice = Choice(("a", "b", "c"), (1.0, 0.0, 1.0))
    assert {choice.at(k / 999) for k in range(999)} == {"a", "c"}


@pytest.mark.parametrize(
    "build",
    [
        lambda: Uniform(2.0, 1.0),
        lambda: Uniform(0.0, math.inf),
        lambda: LogUniform(0.0, 1.0),
        lambda: Normal(0.0, 0.0, -1.0, 1.0),
        lambda: Normal(0.0, 1.0, 8.0, 9.0),
        lambda: Choice(()),
        lambda: Choice((1, 2), (1.0,)),
        lambda: Choice((1, 2), (-1.0, 2.0)),
        lambda: Choice((1, 2), (0.0, 0.0)),
        lambda: Int(3, 2),
    ],
)
def test_what_cannot_be_drawn_from_is_refused(build):
    with pytest.raises(ValueError, match=r"\d|option"):
        build()


def test_draw_takes_numbers_and_distributions():
    stream = Stream(1, "train", 2, "a.b")
    assert draw(5.0, stream) == 5.0
    assert draw(Uniform(0.0, 1.0), stream) == stream.uniform()
    assert is_distribution(Fixed(1)) and not is_distribution(1.0)


def test_a_drawn_sample_follows_its_distribution():
    u = uniforms(Stream(3, "train", 0, "x"), np.arange(4000))
    values = np.array([Normal(15.0, 5.0, 0.0, 30.0).at(float(v)) for v in u])
    assert values.mean() == pytest.approx(15.0, abs=4 * 5.0 / math.sqrt(4000))
    assert values.std() == pytest.approx(5.0, rel=0.06)
