"""Draws by name."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from synthgen.random_streams import Stream, uniforms

INDICES = st.integers(0, 2**31 - 1)


@given(index=INDICES)
@settings(max_examples=30)
def test_many_indices_at_once_give_what_each_gives_alone(index):
    stream = Stream(7, "train", index, "lights.key.peak_power_w")
    indices = np.array([index, index + 1, index + 5])
    together = uniforms(stream, indices)
    alone = [Stream(7, "train", int(i), stream.path).uniform() for i in indices]
    assert together.tolist() == alone


def test_every_part_of_the_name_matters():
    base = Stream(0, "train", 3, "a.b", 0)
    others = [
        Stream(1, "train", 3, "a.b", 0),
        Stream(0, "val", 3, "a.b", 0),
        Stream(0, "train", 4, "a.b", 0),
        Stream(0, "train", 3, "a.c", 0),
        Stream(0, "train", 3, "a.b", 1),
    ]
    assert len({stream.uniform() for stream in [base, *others]}) == 6
    assert len({stream.integer() for stream in [base, *others]}) == 6
    assert len({float(stream.generator().random()) for stream in [base, *others]}) == 6


def test_asking_again_gives_the_same_and_names_join_to_paths():
    stream = Stream(0, "train", 3)
    assert stream.at("a", "b", 0) == stream.at("a.b").at(0)
    assert stream.at("a").uniform() == stream.at("a").uniform()
    assert stream.at("a").generator().random() == stream.at("a").generator().random()


def test_neighbouring_seeds_share_nothing():
    # NVIDIA's IRO seeds frame k with seed + k, so that runs 0 and 1 share all frames but one
    first = uniforms(Stream(0, "train", 0, "x"), np.arange(1000))
    second = uniforms(Stream(1, "train", 0, "x"), np.arange(1000))
    assert not set(first.tolist()) & set(second.tolist())


def test_numbers_are_uniform_and_uncorrelated_between_names():
    a = uniforms(Stream(0, "train", 0, "x"), np.arange(20_000))
    b = uniforms(Stream(0, "train", 0, "y"), np.arange(20_000))
    assert ((a >= 0) & (a < 1)).all()
    counts, _ = np.histogram(a, bins=20, range=(0, 1))
    assert ((counts - 1000) ** 2 / 1000).sum() < 43.8  # chi squared, 19 degrees of freedom, 0.1 %
    assert abs(np.corrcoef(a, b)[0, 1]) < 0.03
    assert abs(np.corrcoef(a[1:], a[:-1])[0, 1]) < 0.03


def test_no_index_gives_no_number():
    assert uniforms(Stream(0, "train", 0, "x"), np.array([], int)).shape == (0,)


def test_another_process_draws_the_same():
    code = "from synthgen.random_streams import Stream; print(repr(Stream(5, 'val', 9, 'cameras.top').uniform()))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(ran.stdout) == Stream(5, "val", 9, "cameras.top").uniform()
