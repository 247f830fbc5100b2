"""A quality report as one JSON object, and as a few lines for a terminal."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from synthgen.quality import parameter_charts
from synthgen.quality.census import Rate
from synthgen.quality.findings import Findings
from synthgen.quality.gates import Judged
from synthgen.quality.histogram_axes import AXES
from synthgen.quality.remarks import remarks
from synthgen.reporting.intervals import wilson


def as_json(found: Findings, judged: Sequence[Judged]) -> dict[str, Any]:
    """Return everything that was counted as plain values; a number that does not exist is left out."""
    c = found.counted
    return {
        "numbers": {name: value for name, value in found.numbers().items() if math.isfinite(value)},
        "gates": [
            {"gate": str(each.gate), "value": each.value if math.isfinite(each.value) else "", "passed": each.passed}
            for each in judged
        ],
        "remarks": [asdict(remark) for remark in remarks(found)],
        "splits": {
            name: {"samples": int(c.samples[n]), "codes": int(c.in_view[n]), "decoded": int(c.decoded[n])}
            for n, name in enumerate(c.splits)
        },
        "histograms": {
            axis.name: {"edges": axis.edges.tolist(), "counts": counts.sum(axis=0).tolist()}
            for axis, counts in zip(AXES, c.histograms, strict=True)
        },
        "decode_rate_by": {
            **{axis.name: _rates(axis.words, rates) for axis, rates in zip(AXES, c.rates, strict=True)},
            "symbology": _rates(list(c.symbologies), [every for every, _ in c.symbologies.values()]),
            "camera": _rates(list(c.cameras), list(c.cameras.values())),
        },
        "reasons": {name: {"codes": n, "clear": clear} for name, (n, clear) in c.reasons.items()},
        "parameters": _parameters(found),
        "rejected_attempts": dict(found.drawn.causes) if found.drawn else {},
        "failed_shots": {shot: dict(causes) for shot, causes in found.failed.items()},
        "faulty_frames": {each.key: list(each.faults) for each in found.frames if each.faults},
        "near_duplicates": [asdict(pair) for pair in found.alike.shown],
        "shared_payloads": [{"payload": payload, "samples": list(keys)} for payload, keys in found.leaks],
        "assets": {name: list(splits) for name, splits in found.assets.files.items()},
        "look_first": {"missed": _keys(c.missed), "misread": _keys(c.misread), "brightest": _keys(c.brightest)},
        "samples_read": len(found.read),
        "origin": dict(found.facts),
    }


def as_text(found: Findings) -> str:
    """Return the numbers and what stands out, a line each."""
    numbers = found.numbers()
    width = max(map(len, numbers))
    lines = [f"{name:{width}}  {value:.6g}" for name, value in numbers.items() if math.isfinite(value)]
    return "\n".join([*lines, *(f"{remark.tone}: {remark.text}" for remark in remarks(found))])


def _parameters(found: Findings) -> dict[str, Mapping[str, Any]]:
    if found.drawn is None:
        return {}
    return {
        each.path: {
            "asked": parameter_charts.asked(each),
            "drawn": len(each.accepted),
            "rejected": len(each.rejected),
            "gap": each.gap,
            "chance": found.chance_of_skew(each),
        }
        for each in found.drawn.parameters
    }


def _rates(words: Sequence[str], rates: Sequence[Rate]) -> list[dict[str, Any]]:
    found = []
    for word, rate in zip(words, rates, strict=True):
        low, high = wilson(rate.decoded, rate.count)
        found.append({"class": word, "codes": rate.count, "decoded": rate.decoded, "low": low, "high": high})
    return found


def _keys(ranked: Sequence[tuple[int, str]]) -> list[str]:
    return [key for _, key in ranked]
