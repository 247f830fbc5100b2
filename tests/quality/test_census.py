"""The pass over rows counts what a slow count counts."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from quality_datasets import annotation, row

from synthgen.dataset import code_counts
from synthgen.quality import census
from synthgen.quality.histogram_axes import AXES, MODULE, TILT

SPLITS = ("train", "val")
CODES = st.lists(
    st.builds(
        annotation,
        st.integers(0, 3),
        module_px_min=st.floats(0.2, 30),
        incidence_deg=st.floats(0, 90),
        visible_fraction=st.sampled_from([0.2, 0.97, 0.98, 1.0]),
        truncated=st.booleans(),
        decoded=st.booleans(),
        reason=st.sampled_from(["readable", "glare", "out_of_view", "misread"]),
        symbology=st.sampled_from(["qr", "code128"]),
    ),
    max_size=4,
)


def _counted(rows, allowed: float = 1.0) -> census.Census:
    counter = census.Counter(SPLITS, allowed)
    for place, each in enumerate(rows):
        counter.add(SPLITS.index(each.record["split"]), place, each)
    return counter.finish()


@given(st.lists(st.tuples(st.sampled_from(SPLITS), CODES), max_size=12))
@settings(max_examples=60, deadline=None)
def test_counts_are_those_of_the_tally(samples):
    rows = [row(split, n, codes) for n, (split, codes) in enumerate(samples)]
    found = _counted(rows)
    for n, split in enumerate(SPLITS):
        of_split = [each.record["annotations"] for each in rows if each.record["split"] == split]
        wanted = code_counts.total(map(code_counts.of, of_split))
        counts = [int(c[n]) for c in (found.in_view, found.decoded, found.fine, found.clear, found.clear_decoded)]
        assert counts == [wanted.in_view, wanted.decoded, wanted.fine, wanted.clear, wanted.clear_decoded]
        empty = sum(all(code["reason"] == "out_of_view" for code in codes) for codes in of_split)
        assert (found.samples[n], found.empty[n]) == (len(of_split), empty)
    total, decoded = int(found.in_view.sum()), int(found.decoded.sum())
    for axis, histogram, rates in zip(AXES, found.histograms, found.rates, strict=True):
        assert histogram.sum() == total, axis.name
        assert (sum(r.count for r in rates), sum(r.decoded for r in rates)) == (total, decoded)
    assert found.by_module_and_tilt.sum(axis=(0, 1)).tolist() == [total, decoded]
    assert sum(n for n, _ in found.reasons.values()) == total
    assert sum(every.count for every, _ in found.symbologies.values()) == total


def test_a_code_lies_in_its_class():
    code = annotation(module_px_min=2.5, incidence_deg=44.9, decoded=True, reason="readable")
    found = _counted([row("train", 0, [code])])
    assert [r.count for r in found.rates[MODULE]] == [0, 0, 0, 0, 1, 0, 0, 0]
    assert AXES[MODULE].words[4] == "2.5–3"
    assert [r.decoded for r in found.rates[TILT]] == [0, 0, 1, 0, 0, 0]
    assert found.by_module_and_tilt[4, 2].tolist() == [1, 1]


def test_many_codes_are_counted_in_pieces(monkeypatch):
    rows = [row("train", n, [annotation(n % 4), annotation(7)]) for n in range(50)]
    whole = _counted(rows)
    monkeypatch.setattr(census, "_FLUSH", 7)
    pieces = _counted(rows)
    for one, other in zip(whole.histograms, pieces.histograms, strict=True):
        np.testing.assert_array_equal(one, other)
    assert whole.rates == pieces.rates


def test_a_payload_of_both_splits_is_found_and_one_of_a_shot_counts_once():
    rows = [
        row("train", 0, [annotation(0, payload="A"), annotation(1, payload="A")]),
        row("train", 0, [annotation(0, payload="A")], camera="left"),
        row("train", 1, [annotation(0, payload="B")]),
        row("val", 0, [annotation(0, payload="B")]),
        row("val", 1, [annotation(0, payload="C")]),
    ]
    symbology = annotation(0)["symbology"]
    for each in rows:
        for code in each.record["annotations"]:
            code["symbology"] = symbology
    found = _counted(rows).payloads
    assert (found.things, found.shared, found.repeated, found.pairs_within) == (4, 1, 2, 0)
    assert found.of_split.tolist() == [2, 2] and found.shared_by.tolist() == [1, 1]
    assert found.examples == ((2, 3),)


def test_views_that_show_codes_at_the_same_pixels_are_found():
    code = annotation(0)
    moved = {**code, "quad_px": [[x + 2, y] for x, y in code["quad_px"]]}
    near = {**code, "quad_px": [[round(x) + 0.2, round(y) - 0.2] for x, y in code["quad_px"]], "payload": "other"}
    same = {**code, "quad_px": [[float(round(x)), float(round(y))] for x, y in code["quad_px"]]}
    rows = [row("train", 0, [same]), row("train", 1, [moved]), row("val", 0, [near]), row("val", 1, [])]
    found = _counted(rows).views
    assert (found.things, found.repeated, found.shared) == (3, 2, 1)
    assert _counted([row("train", 0, [same]), row("train", 1, [same], camera="left")]).views.repeated == 0


def test_the_worst_are_kept_in_order_and_bounded():
    rows = [
        row("train", n, [annotation(0)], safety={"hazard": "blue-light", "max_ratio": ratio})
        for n, ratio in enumerate([0.5, 3.0, 0.1, *[0.2] * 40, 1.5])
    ]
    found = _counted(rows, allowed=1.0)
    assert [key for _, key in found.brightest[:3]] == ["train-00000001-top", "train-00000043-top", "train-00000000-top"]
    assert len(found.brightest) <= 16 and found.over_limit == 2
    assert (found.worst_ratio, found.worst_ratio_key) == (3.0, "train-00000001-top")
    assert found.ratio_histogram.sum() == len(rows)


@pytest.mark.parametrize("safety", [{}, {"hazard": "", "max_ratio": 0.0}, {"hazard": "worst", "max_ratio": 0.0}])
def test_a_hazard_that_was_not_computed_is_no_number(safety):
    found = _counted([row("train", 0, [annotation(0)], safety=safety)])
    assert math.isnan(found.worst_ratio) and found.ratio_histogram.sum() == found.over_limit == 0
    assert found.brightest == ()


def test_clear_codes_that_were_not_read_come_first():
    clear = {"module_px_min": 4.0, "visible_fraction": 1.0, "truncated": False, "decoded": False, "reason": "unknown"}
    rows = [
        row("train", 0, [annotation(0, **clear, decodability=0.1)]),
        row("train", 1, [annotation(0, **clear, decodability=0.9)]),
        row("train", 2, [annotation(0, **{**clear, "module_px_min": 1.0})]),
        row("train", 3, [annotation(n, **clear, decodability=0.2) for n in range(2)]),
        row("train", 4, [annotation(0, **{**clear, "reason": "misread"}, decodability=0.0)]),
    ]
    found = _counted(rows)
    assert [place for place, _ in found.missed] == [3, 1, 0, 4]
    assert [place for place, _ in found.misread] == [4]


@pytest.mark.parametrize("axis", AXES, ids=lambda axis: axis.name)
def test_bins_hold_what_lies_between_their_edges(axis):
    middle = (axis.edges[:-1] + axis.edges[1:]) / 2
    np.testing.assert_array_equal(axis.place(middle), np.arange(axis.bins))
    assert axis.place(np.array([axis.low - 1, axis.high + 1])).tolist() == [0, axis.bins - 1]
    assert len(axis.words) == len(axis.classes) + 1
