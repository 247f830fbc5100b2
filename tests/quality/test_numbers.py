"""Intervals, fingerprints and gates: against closed forms and brute force."""

import doctest
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthgen.errors import UsageError
from synthgen.quality import findings, fingerprints, gates, histogram_axes, leakage
from synthgen.reporting import intervals


@pytest.mark.parametrize("module", [histogram_axes, findings], ids=lambda module: module.__name__)
def test_examples_in_docstrings_hold(module):
    failed, tried = doctest.testmod(module)
    assert tried and not failed


def test_wilson_solves_its_equation():
    for hits, count in ((0, 5), (3, 7), (50, 100), (999, 1000)):
        for bound in intervals.wilson(hits, count):
            if 0 < bound < 1:  # (p - s)^2 = z^2 p (1 - p) / n
                z = abs(hits / count - bound) / math.sqrt(bound * (1 - bound) / count)
                assert z == pytest.approx(1.95996, abs=1e-4)
    assert intervals.wilson(0, 0) == (0.0, 1.0)


def test_the_gap_stays_below_its_bound_as_often_as_said():
    rng = np.random.Generator(np.random.Philox(key=7))
    gaps = np.array([intervals.uniform_gap(rng.random(40)) for _ in range(2000)])
    assert (gaps > intervals.chance_gap(40, 0.05)).mean() < 0.05
    assert (gaps > intervals.chance_gap(40, 0.05)).mean() > 0.02  # the bound is tight
    assert intervals.uniform_gap(rng.random(4000) * 0.9) == pytest.approx(0.1, abs=0.03)


def test_two_equal_samples_have_no_gap_and_two_apart_have_all():
    one = np.array([3, 0, 1])
    assert intervals.binned_gap(one, 7 * one) == 0.0
    assert intervals.binned_gap(np.array([5, 0]), np.array([0, 2])) == 1.0
    assert intervals.chance_gap_of_two(10**9, 50, 0.01) == pytest.approx(intervals.chance_gap(50, 0.01), rel=1e-6)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 2)), max_size=60))
@settings(max_examples=60, deadline=None)
def test_repeats_are_those_of_brute_force(things):
    found = fingerprints.Prints(3)
    for place, (thing, split) in enumerate(things):
        found.add(str(thing), split, place)
    repeats = found.repeats(examples=99)
    where = {thing: [split for t, split in things if t == thing] for thing, _ in things}
    assert repeats.things == len(things)
    assert repeats.repeated == sum(len(splits) for splits in where.values() if len(splits) > 1)
    assert repeats.shared == sum(len(set(splits)) > 1 for splits in where.values())
    assert repeats.pairs_within == sum(
        splits.count(n) * (splits.count(n) - 1) // 2 for splits in where.values() for n in range(3)
    )
    for places in repeats.examples:
        assert len({things[place][0] for place in places}) == 1
        assert len({things[place][1] for place in places}) == len(places) > 1


def test_too_many_prints_are_thinned_by_a_known_share():
    found = fingerprints.Prints(2, most=5000)
    for thing in range(140_000):
        found.add(str(thing % 70_000), int(thing >= 70_000), thing)
    repeats = found.repeats()
    assert repeats.things <= 5000 and repeats.share < 0.1
    assert repeats.shared == repeats.things // 2  # equal things stay or go together
    assert repeats.things / repeats.share == pytest.approx(140_000, rel=0.1)


def test_chance_explains_what_drawing_from_few_gives():
    rng = np.random.Generator(np.random.Philox(key=1))
    found = fingerprints.Prints(2)
    for place in range(4000):
        found.add(str(rng.integers(100_000)), int(place >= 3000), place)
    repeats = found.repeats()
    assert leakage.expected_by_chance(repeats) == pytest.approx(3000 * 1000 / 100_000, rel=0.5)
    assert repeats.shared == pytest.approx(30, abs=20)
    assert leakage.leaked_share(repeats) == pytest.approx(0.03, abs=0.02)


@pytest.mark.parametrize(
    ("text", "value", "holds"),
    [
        ("decode_rate>=0.6", 0.6, True),
        ("decode_rate > 0.6", 0.6, False),
        ("black_share<=1e-2", 0.02, False),
        ("failed_shots == 0", 0.0, True),
        ("decode_rate.qr<1", 0.5, True),
        ("acceptance>=0", math.nan, False),
    ],
)
def test_gates_hold(text, value, holds):
    gate = gates.parse(text)
    (judged,) = gates.judged([gate], {gate.name: value})
    assert judged.passed is holds
    assert gate.name in str(judged)


@pytest.mark.parametrize("text", ["decode_rate", "decode_rate=>0.5", ">=1", "decode_rate>=x", "decode_rate>=1.2.3", ""])
def test_a_gate_written_wrong_says_how(text):
    with pytest.raises(UsageError, match="write a number's name"):
        gates.parse(text)


def test_an_unknown_number_names_the_nearest_and_all():
    with pytest.raises(UsageError, match=r"did you mean decode_rate\?.*samples, shots.*worst_eye_ratio"):
        gates.parse("decode_rat>=1")
    with pytest.raises(UsageError, match=r"there are decode_rate\.qr"):
        gates.judged([gates.parse("decode_rate.ean8>0")], {"decode_rate.qr": 1.0})
