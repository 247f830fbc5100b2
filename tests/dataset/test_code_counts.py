"""Counts of codes: by hand on a few, and that they add up however shards share them out."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from synthgen.dataset import code_counts, receipts, stores
from synthgen.dataset import sample as samples
from synthgen.dataset import shard as shards
from synthgen.dataset.shard_layout import Layout
from synthgen.generation import summary


def code(reason="readable", module_px=3.0, seen=1.0, truncated=False, symbology="code128"):
    return {
        "reason": reason, "decoded": reason == "readable", "module_px_min": module_px, "visible_fraction": seen,
        "truncated": truncated, "symbology": symbology,
    }  # fmt: skip


CODES = (
    code(),
    code("orientation"),
    code("readable", module_px=2.0),
    code("undersampled", module_px=1.0, symbology="qr"),
    code("occluded", seen=0.5),
    code("defocus", truncated=True),
    code("out_of_view", seen=0.2, truncated=True),
)


def test_seven_codes_by_hand():
    counts = code_counts.of(CODES)
    assert (counts.in_view, counts.decoded, counts.out_of_view) == (6, 2, 1)
    assert (counts.fine, counts.fine_share) == (4, 4 / 6)
    assert (counts.clear, counts.clear_decoded, counts.clear_decoded_share) == (2, 1, 0.5)
    assert counts.clear_reasons == {"orientation": 1, "readable": 1}
    assert counts.reasons == {
        "code128": {"defocus": 1, "occluded": 1, "orientation": 1, "readable": 2},
        "qr": {"undersampled": 1},
    }


def test_the_limits_themselves_count():
    assert code_counts.of([code(module_px=code_counts.FINE_PX, seen=code_counts.WHOLE)]).clear == 1
    assert code_counts.of([code(module_px=2.499)]).fine == 0
    assert code_counts.of([code(seen=0.979)]).clear == 0


def test_nothing_in_view_has_no_shares():
    counts = code_counts.of([code("out_of_view")])
    assert (counts.in_view, counts.fine_share, counts.clear_decoded_share) == (0, 0.0, 0.0)
    assert code_counts.text(counts) == "codes: none in view"


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.sampled_from(CODES), max_size=6), max_size=5))
def test_the_sum_of_the_parts_is_the_whole(parts):
    assert code_counts.total(map(code_counts.of, parts)) == code_counts.of([code for part in parts for code in part])


def test_it_survives_json():
    plain = json.loads(json.dumps(code_counts.of(CODES).as_dict()))
    assert plain.pop("fine_share") == 4 / 6 and plain.pop("clear_decoded_share") == 0.5
    assert code_counts.Tally(**plain) == code_counts.of(CODES)


def test_the_text_says_shares_reasons_and_symbologies():
    lines = code_counts.text(code_counts.of(CODES)).splitlines()
    assert lines == [
        "codes: 6 in view, 2 (33 %) decoded; 4 (67 %) have 2.5 px a module or more",
        "  of these 2 unoccluded, 1 (50 %) decoded; not decoded: 1 orientation",
        "  in view; not decoded: 1 defocus, 1 occluded, 1 orientation, 1 undersampled",
        "  decoded by symbology: code128 2/5, qr 0/1",
    ]


def test_shards_keep_their_counts_so_that_a_resumed_run_says_the_same(tmp_path):
    """What a receipt on disk says adds up with what was just made."""
    store, totals = stores.at(str(tmp_path)), summary.Totals()
    for shard, codes in zip(Layout({"train": 2}, 1), (CODES[:3], CODES[3:]), strict=True):
        sample = samples.Sample(
            key=samples.key("train", shard.first, "top"),
            image=np.zeros((4, 4), np.uint8),
            record={"annotations": list(codes)},
            shot_json="{}",
            arrays={},
        )
        file = io.BytesIO()
        receipt = replace(shards.write(file, [sample], shard.name)[0], shots=1, identity="me")
        store.write(shard.name, file.getvalue())
        receipts.put(store, receipt)
        assert receipts.trusted(store, shard, "me") == receipt
        totals.add(receipt, kept=True)
    told = summary.of("out", 2, totals, published="", seconds=1.0)
    assert (told.kept, told.made) == (2, 0)
    assert told.codes == code_counts.of(CODES)
