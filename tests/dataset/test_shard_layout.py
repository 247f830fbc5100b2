"""Splits in whole shards, and every shot in one shard."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthgen.dataset.shard_layout import Layout, counts

SPLITS = st.dictionaries(st.sampled_from(["train", "val", "test"]), st.floats(0.05, 1.0), min_size=1)


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 300), SPLITS, st.integers(1, 16), st.booleans())
def test_splits_are_rounded_up_to_whole_shards(shots, splits, per_shard, exact):
    found = counts(shots, splits, per_shard, exact)
    total = sum(found.values())
    assert list(found) == list(splits)
    if exact:
        assert total == shots
    else:
        assert total == -(-shots // per_shard) * per_shard
        assert all(count % per_shard == 0 for count in found.values())
    unit = 1 if exact else per_shard
    if total // unit >= len(splits):
        assert min(found.values()) >= unit
    share = {split: part / sum(splits.values()) for split, part in splits.items()}
    assert all(abs(found[split] - total * share[split]) < unit * len(splits) for split in splits)


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
