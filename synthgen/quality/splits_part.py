"""The part of the quality report on splits: what they hold, how they differ, what they share."""

from __future__ import annotations

from collections.abc import Iterator

from synthgen.quality import leakage
from synthgen.quality.findings import Findings
from synthgen.reporting.document import Block, Column, Heading, Pairs, Paragraph, Row, Table
from synthgen.reporting.numbers import number, share, share_of


def splits(found: Findings) -> Iterator[Block]:
    """Yield what splits share, and how they differ."""
    c = found.counted
    yield Heading("Splits")
    columns = (
        Column(title="Split"),
        *(Column(title=t, align="right") for t in ("Samples", "Empty", "Codes", "Fine", "Decoded", "Clear decoded")),
    )
    yield Table(
        caption="What each split holds",
        columns=columns,
        rows=tuple(
            Row(
                (
                    name,
                    str(c.samples[n]),
                    str(c.empty[n]),
                    str(c.in_view[n]),
                    share_of(c.fine[n], c.in_view[n]),
                    share_of(c.decoded[n], c.in_view[n]),
                    share_of(c.clear_decoded[n], c.clear[n]),
                )
            )
            for n, name in enumerate(c.splits)
        ),
    )
    if len(c.splits) < 2:
        yield Paragraph("There is one split: nothing can leak.")
        return
    yield Table(
        caption="How far splits lie apart",
        columns=(
            Column(title="Measure", share=1.0),
            Column(title="Splits", share=1.0),
            Column(title="Largest gap", align="right"),
            Column(title="By chance up to", align="right"),
        ),
        rows=tuple(
            Row(
                (drift.axis, " and ".join(drift.splits), share(drift.gap), share(drift.chance)),
                "warn" if drift.found else "good",
            )
            for drift in found.drifts
        ),
        note="Of cumulative distributions. Chance is that of as many shots as there are (Smirnov): codes of one shot "
        "belong together.",
    )
    yield Heading("What splits share", 2)
    yield Pairs(tuple(_shared(found)))
    if found.leaks:
        yield Table(
            caption="Payloads that several splits have",
            columns=(Column(title="Payload", share=2.0), Column(title="For example in", share=2.0)),
            rows=tuple(Row((payload, ", ".join(keys))) for payload, keys in found.leaks),
        )


def _shared(found: Findings) -> Iterator[tuple[str, str]]:
    payloads, views, assets = found.counted.payloads, found.counted.views, found.assets
    chance = leakage.expected_by_chance(payloads)
    expected = (
        f"Within splits {payloads.pairs_within} pairs repeat; drawing at random as those were would make about "
        f"{number(chance)} pairs between splits."
        if chance is not None
        else "None repeats within a split: two codes are equal with a chance below "
        f"{number(leakage.chance_is_below(payloads))} (95 %)."
    )
    part = "" if payloads.share == 1 else f" Looked at is {share(payloads.share)} of them."
    yield (
        "Payloads",
        f"{payloads.shared} different ones in several splits, of {payloads.things} codes. {expected}{part}",
    )
    yield (
        "Same view",
        (
            f"{views.repeated} of {views.things} samples have their codes at the same pixels as another sample; "
            f"{views.shared} such arrangements occur in several splits. All samples were compared."
        ),
    )
    if assets.files:
        per = ", ".join(f"{name} ({', '.join(where)})" for name, where in list(assets.files.items())[:12])
        yield (
            "Outside models",
            f"{len(assets.shared)} of {len(assets.files)} occur in several splits, in {len(found.stored)} shots: {per}",
        )
    else:
        yield "Outside models", f"none on the items of the {len(found.stored)} shots that were read"
    if assets.scenes:
        yield "Backdrops", ", ".join(f"{name} ({', '.join(where)})" for name, where in assets.scenes.items())
    pairs = assets.looks * (assets.looks - 1) / 2 / 2**31
    looks = f"{assets.shared_looks} of {assets.looks} seeds of prints, tape and scuffs occur in several splits"
    scene = "the standing scene's own look is one for the whole data set, by design"
    yield "Looks", f"{looks} (by chance at most {number(pairs)}); {scene}."
