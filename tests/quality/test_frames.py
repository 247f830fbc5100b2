"""Black, saturated and flat frames, and near-duplicates, on pictures made for it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthgen.quality import frames


def _scene(seed: int = 0, label_at: int = 60) -> np.ndarray:
    """Return a carton on a belt with a label of stripes."""
    image = np.full((240, 320), 60.0)
    image[40:200, 50:280] = 110.0
    image[80:130, label_at : label_at + 70] = np.where(np.arange(70) % 6 < 3, 40.0, 210.0)
    return image + _noise(seed)


def _noise(seed: int) -> np.ndarray:
    return np.random.Generator(np.random.Philox(key=seed)).normal(0, 3, (240, 320))


def _frame(image: np.ndarray, key: str = "k", split: str = "train") -> frames.Frame:
    return frames.frame(key, split, np.clip(np.rint(image), 0, 255).astype(np.uint8))


def test_faults_follow_their_stated_thresholds():
    assert _frame(_scene()).faults == ()
    assert _frame(np.full((240, 320), 2.0) + _noise(1) / 3).faults == ("black",)
    bright = _scene()
    bright[:12] = 255  # 5 % of the rows
    assert _frame(bright).faults == ()
    bright[12] = 255
    assert _frame(bright).faults == ("saturated",)
    assert _frame(np.full((240, 320), 90.0)).faults == ("flat",)
    lit = np.zeros((240, 320))
    lit[0, :80] = 200  # just above a thousandth of the pixels
    assert _frame(lit).faults == ("flat",)
    lit[0, 70:] = 0
    assert _frame(lit).faults == ("black",)


def test_a_full_channel_saturates_a_colour_image():
    image = np.full((32, 32, 3), 90, np.uint8)
    image[:8, :, 0] = 255
    found = frames.frame("k", "train", image)
    assert found.saturated_share == 0.25 and found.mean_dn < 120


@pytest.mark.parametrize("factor", [1.0, 0.6, 1.15])
def test_another_noise_or_exposure_of_one_scene_is_alike(factor):
    found = frames.duplicates([_frame(_scene(0), "a"), _frame(_scene(1) * factor, "b", "val")])
    assert (found.frames, found.pairs, found.across) == (2, 1, 1)
    assert found.shown[0].keys == ("a", "b") and found.shown[0].across


def test_a_label_elsewhere_is_another_scene():
    assert frames.duplicates([_frame(_scene(0)), _frame(_scene(0, label_at=72))]).pairs == 0


def test_black_frames_are_not_called_alike():
    black = np.full((240, 320), 2.0)
    assert frames.duplicates([_frame(black), _frame(black), _frame(_scene())]).pairs == 0
    assert frames.duplicates([]).pairs == 0


def test_images_smaller_than_the_blocks_are_compared_too():
    image = np.arange(12, dtype=float).reshape(3, 4) * 20
    assert frames.duplicates([_frame(image, "a"), _frame(image, "b")]).pairs == 1


@given(st.lists(st.tuples(st.integers(0, 6), st.sampled_from(["train", "val"])), min_size=2, max_size=30))
@settings(max_examples=30, deadline=None)
def test_pairs_are_those_of_brute_force(scenes):
    known = [_frame(_scene(label_at=60 + 15 * n)) for n in range(7)]
    found = frames.duplicates([replace(known[scene], key=str(n), split=s) for n, (scene, s) in enumerate(scenes)])
    pairs = [(i, j) for j in range(len(scenes)) for i in range(j) if scenes[i][0] == scenes[j][0]]
    assert found.pairs == len(pairs)
    assert found.across == sum(scenes[i][1] != scenes[j][1] for i, j in pairs)
    assert found.frames == len({n for pair in pairs for n in pair})
    assert [not pair.across for pair in found.shown] == sorted(not pair.across for pair in found.shown)


def test_long_lists_are_compared_in_pieces():
    many = [_frame(_scene(label_at=60)) for _ in range(2)] + [
        _frame(_scene(n, label_at=60 + n)) for n in range(12, 150)
    ]
    few = frames.duplicates(many[:2])
    assert frames.duplicates(many).pairs >= few.pairs == 1
    spread = [replace(many[0], key="first"), *many[2:], replace(many[0], key="last")]
    assert ("first", "last") in [pair.keys for pair in frames.duplicates(spread).shown]
