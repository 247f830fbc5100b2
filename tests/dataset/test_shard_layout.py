"""Splits in whole shards, and every shot in one shard."""

import doctest

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthgen.dataset import shard_layout
from synthgen.dataset.shard_layout import Layout, counts
from synthgen.errors import InputError

SPLITS = st.dictionaries(st.sampled_from(["train", "val", "test"]), st.floats(0.05, 1.0), min_size=1)


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 300), SPLITS, st.integers(1, 16), st.booleans())
def test_splits_are_rounded_up_to_whole_shards_and_none_is_left_out(shots, splits, per_shard, exact):
    if exact and shots < len(splits):
        with pytest.raises(InputError, match=f"write -n {len(splits)} or more"):
            counts(shots, splits, per_shard, exact)
        return
    found = counts(shots, splits, per_shard, exact)
    total = sum(found.values())
    assert list(found) == list(splits)
    if exact:
        assert total == shots
    else:
        assert total == max(-(-shots // per_shard), len(splits)) * per_shard
        assert all(count % per_shard == 0 for count in found.values())
    unit = 1 if exact else per_shard
    assert min(found.values()) >= unit
    share = {split: part / sum(splits.values()) for split, part in splits.items()}
    assert all(abs(found[split] - total * share[split]) < unit * len(splits) for split in splits)


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 300), SPLITS, st.integers(1, 16), st.booleans())
def test_data_sets_with_a_shard_of_every_split_are_shared_out_as_ever(shots, splits, per_shard, exact):
    unit = 1 if exact else per_shard
    units = -(-shots // unit)
    if units < len(splits):
        return
    shares = {split: units * share / sum(splits.values()) for split, share in splits.items()}
    expected = {split: max(1, int(share + 1e-9)) for split, share in shares.items()}
    while sum(expected.values()) != units:  # by largest remainder, one unit at a time
        grows = sum(expected.values()) < units
        left = {split: shares[split] - count for split, count in expected.items() if grows or count > 1}
        expected[(max if grows else min)(left, key=lambda split: left[split])] += 1 if grows else -1
    assert counts(shots, splits, per_shard, exact) == {split: count * unit for split, count in expected.items()}


def test_a_few_shots_keep_every_split():
    assert counts(4, {"train": 0.8, "val": 0.2}, 8) == {"train": 8, "val": 8}
    assert counts(1, {"train": 0.8, "val": 0.1, "test": 0.1}, 4) == {"train": 4, "val": 4, "test": 4}
    assert counts(4, {"train": 0.8, "val": 0.2}, 8, exact=True) == {"train": 3, "val": 1}
    with pytest.raises(InputError, match=r"-n 1: found 2 splits \(train, val\); write -n 2 or more"):
        counts(1, {"train": 0.8, "val": 0.2}, 8, exact=True)


def test_examples_in_docstrings_hold():
    failed, tried = doctest.testmod(shard_layout)
    assert tried and not failed


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from(["train", "val", "test"]), st.integers(0, 50)), st.integers(1, 9))
def test_shards_cover_every_shot_once(split_shots, per_shard):
    layout = Layout(split_shots, per_shard)
    covered = [(shard.split, index) for shard in layout for index in shard.indices]
    assert sorted(covered) == sorted((s, i) for s, count in split_shots.items() for i in range(count))
    assert [shard.number for shard in layout] == list(range(len(layout)))
    assert all(1 <= shard.shots <= per_shard for shard in layout)
    assert list(layout) == [layout[number] for number in range(len(layout))]
    assert sum(layout.count(split) for split in split_shots) == len(layout)


def test_a_layout_of_ten_million_shots_takes_no_room_and_ends():
    layout = Layout({"train": 9_000_000, "val": 1_000_000}, 8)
    assert (len(layout), layout[-1:], layout[1_125_000].name) == (1_250_000, [layout[1_249_999]], "val/val-000000.tar")
    with pytest.raises(IndexError):
        layout[1_250_000]
