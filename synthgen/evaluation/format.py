"""A verdict in words and numbers: one plain object, and a page of text for a terminal."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from synthgen.barcodes.symbologies import SYMBOLOGIES
from synthgen.evaluation.compare import Precisions, Verdict
from synthgen.evaluation.conditions import TITLES, Bin
from synthgen.reporting.numbers import share

PLURAL = {"box": "boxes", "quad": "quads"}
MOST_LISTED = 1000
"""Missed codes that are listed by name; their number is always told."""


def as_dict(verdict: Verdict, about: Mapping[str, Any]) -> dict[str, Any]:
    """Return everything that was found out as plain values; None for what there is nothing to tell from.

    Args:
        verdict: the outcome.
        about: what was compared, such as the data set and split; comes first.
    """
    truth, missed = verdict.truth, verdict.missed_decodable
    return {
        **about,
        "images": len(truth.names),
        "codes": len(truth.image),
        "judged": verdict.everything.codes,
        "detections": len(verdict.detections.image),
        "precisions": {form: _precisions(each) for form, each in verdict.precisions.items()},
        "on": verdict.on,
        "score": verdict.score,
        "f1": verdict.f1,
        "at_score": verdict.everything.as_dict(),
        "by": {name: [each.as_dict() for each in bins] for name, bins in verdict.bins.items()},
        "corners": verdict.corners.as_dict() if verdict.corners else None,
        "confusion": {
            "columns": [*SYMBOLOGIES, "missed"],
            "rows": dict(zip(SYMBOLOGIES, verdict.confusion.tolist(), strict=True)),
        },
        "false_detections": int(verdict.false.sum()),
        "decodable": int((truth.judged & truth.decoded).sum()),
        "decodable_missed": len(missed),
        "decodable_missed_codes": [
            {
                "file_name": truth.names[truth.image[n]],
                "code_id": str(truth.code_id[n]),
                "symbology": SYMBOLOGIES[truth.category[n] - 1],
                "module_px_min": float(truth.numbers["module_px_min"][n]),
            }
            for n in missed[:MOST_LISTED]
        ],
        "worst_images": [truth.names[n] for n in worst_images(verdict, 12)],
    }


def text(verdict: Verdict) -> str:
    """Return the verdict as tables of text."""
    truth, every = verdict.truth, verdict.everything
    left_out = len(truth.image) - every.codes
    parts = [
        f"{len(truth.names)} images, {every.codes} codes to find ({left_out} more are hardly visible and do not "
        f"count), {len(verdict.detections.image)} detections"
    ]
    rows = [["", "AP", "AP50", "AP any", "AP50 any"]]
    for form, each in verdict.precisions.items():
        rows.append([form, *map(share, (each.ap, each.ap50, each.any_ap, each.any_ap50))])
    parts.append(_table(rows))
    parts.append(
        f"detections of score {verdict.score:.3g} or more, on {PLURAL[verdict.on]} at IoU 0.5: "
        f"recall {share(every.recall)}, precision {share(every.precision)}, "
        f"{every.named} of {every.found} with the right symbology, {every.false} false"
    )
    for name, bins in verdict.bins.items():
        heads = [TITLES.get(name, name), "codes", "found", "recall", "95 %", "precision", "named"]
        parts.append(_table([heads, *(cells(each) for each in bins)]))
    if verdict.corners:
        told = verdict.corners
        parts.append(
            f"corners of {told.codes} found codes: median {told.median_px:.2f} px, {told.median_modules:.2f} modules; "
            f"nine in ten within {told.p90_px:.2f} px, {told.p90_modules:.2f} modules; in order {share(told.in_order)}"
        )
    parts.append(
        f"decodable codes missed: {len(verdict.missed_decodable)} of {int((truth.judged & truth.decoded).sum())}"
    )
    return "\n\n".join(parts) + "\n"


def cells(row: Bin) -> list[str]:
    """Return a bin as the cells of a table: label, codes, found, recall, interval, precision, named."""
    low, high = row.interval
    span = f"{100 * low:.1f}–{100 * high:.1f}"
    named = share(row.named / row.found) if row.found else "–"
    return [row.label, str(row.codes), str(row.found), share(row.recall), span, share(row.precision), named]


def worst_images(verdict: Verdict, most: int) -> list[int]:
    """Return the images with most wrong in them, worst first: missed codes, decodable ones twice, false detections."""
    truth = verdict.truth
    missed = truth.judged & ~verdict.found
    wrong = np.zeros(len(truth.names))
    np.add.at(wrong, truth.image[missed], 1.0 + truth.decoded[missed])
    np.add.at(wrong, verdict.detections.image[verdict.false], 1.0)
    order = np.argsort(-wrong, kind="stable")[:most]
    return [int(n) for n in order if wrong[n] > 0]


def _precisions(found: Precisions) -> dict[str, Any]:
    return {
        "ap": _plain(found.ap),
        "ap50": _plain(found.ap50),
        "any_ap": _plain(found.any_ap),
        "any_ap50": _plain(found.any_ap50),
        "by_symbology": {
            name: {"ap": _plain(ap), "ap50": _plain(ap50)} for name, (ap, ap50) in found.by_symbology.items()
        },
        "any_precision_at_101_recalls": found.any_curve.interpolated.tolist(),
    }


def _plain(value: float) -> float | None:
    return None if math.isnan(value) else value


def _table(rows: Sequence[Sequence[str]]) -> str:
    """Return cells under each other, the first column to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join([row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))])
             for row in rows)  # fmt: skip
    return "\n".join(line.rstrip() for line in lines)
