"""The quality report as one HTML file: what stands out first, then the evidence, then where it all came from."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from synthgen import __version__
from synthgen.quality import census, charts, codes_part, drawn_part, frames_part, splits_part
from synthgen.quality.findings import Findings
from synthgen.quality.gates import NUMBERS, Judged
from synthgen.quality.remarks import remarks
from synthgen.reporting import eye_hazard, html_page
from synthgen.reporting.document import (
    Banner,
    Block,
    Bullets,
    Column,
    Figure,
    Gallery,
    Heading,
    Pairs,
    Paragraph,
    Report,
    Row,
    Table,
)
from synthgen.reporting.numbers import number, share
from synthgen.reporting.svg import Svg

METHOD = (
    "Counts, rates, histograms, payloads and views come from the index of every shard: all samples, no pixels.",
    "Pixels, outside models and draws come from the samples that were read; each was compared with its hash.",
    "Decode rates are of simulated images with zxing-cpp: another reader, or a detector before it, changes them.",
    "Near-duplicates are searched among the frames that were read: in a large data set most pairs are never compared.",
)


@dataclass(frozen=True, kw_only=True)
class Pictures:
    """The pictures of samples in the report."""

    worst: Sequence[tuple[str, Svg]] = ()
    """(caption, picture) of the samples to look at first."""
    some: Sequence[tuple[str, Svg]] = ()
    crops: Sequence[tuple[str, Svg]] = ()
    alike: Sequence[tuple[str, Svg]] = field(default=())


def render(found: Findings, judged: Sequence[Judged], pictures: Pictures) -> bytes:
    """Return the file's bytes."""
    return html_page.render(compose(found, judged, pictures))


def compose(found: Findings, judged: Sequence[Judged], pictures: Pictures) -> Report:
    """Return the report's blocks."""
    place = str(found.facts.get("place", "")).rstrip("/")
    manifest = str(found.facts.get("manifest_sha256", ""))
    return Report(
        title="Data set quality",
        subject=place.rpartition("/")[2] or place,
        footer=f"{place[-60:]} · synthgen {__version__} · manifest {manifest[:16]}",
        blocks=tuple(_blocks(found, judged, pictures)),
    )


def _blocks(found: Findings, judged: Sequence[Judged], pictures: Pictures) -> Iterator[Block]:
    said = remarks(found)
    yield _banner(found, judged, [remark.tone for remark in said])
    if judged:
        yield _gates(judged)
    yield Heading("What stands out", 2)
    if said:
        for remark in said:
            yield Paragraph(remark.text, remark.tone)
    else:
        yield Paragraph("This report found nothing unusual.", "good")
    if pictures.some:
        yield Gallery(tuple(_picture(*each) for each in pictures.some))
    yield from codes_part.codes(found)
    yield from _look_first(pictures)
    yield from drawn_part.requested(found)
    yield from drawn_part.came_out(found)
    yield from _acceptance(found)
    yield from frames_part.pixels(found)
    if pictures.alike:
        yield Gallery(tuple(_picture(*each) for each in pictures.alike))
    yield from splits_part.splits(found)
    yield from _eyes(found)
    yield from _origin(found)
    yield _every_number(found)
    yield Heading("How this was found")
    yield Bullets(METHOD)


def _banner(found: Findings, judged: Sequence[Judged], tones: Sequence[str]) -> Banner:
    numbers = found.numbers()
    failed = sum(not each.passed for each in judged)
    if failed:
        tone, title = "bad", f"{failed} of {len(judged)} gates {'is' if failed == 1 else 'are'} not kept"
    elif "bad" in tones:
        tone, title = "bad", "Look at this before you train on it"
    elif tones:
        tone, title = "warn", "Usable, with things to know"
    else:
        tone, title = "good", "Nothing stands out"
    if judged and not failed:
        title = f"All {len(judged)} gates are kept. {title}" if len(judged) > 1 else f"The gate is kept. {title}"
    rate = numbers["clear_decode_rate"]
    clear = f"; of the clear ones {share(rate)} read" if math.isfinite(rate) else ""
    lines = [
        f"{numbers['samples']:.0f} samples of {numbers['shots']:.0f} shots, {numbers['codes']:.0f} codes in view: "
        f"{share(numbers['decode_rate'])} read, {share(numbers['fine_share'])} with 2.5 px per module or more{clear}.",
        f"Attempts that built a shot: {share(numbers['acceptance'])}; shots that failed: "
        f"{numbers['failed_shots']:.0f}; samples without a code in view: {share(numbers['empty_share'])}.",
    ]
    return Banner(tone=tone, title=title, lines=tuple(lines))


def _gates(judged: Sequence[Judged]) -> Table:
    return Table(
        caption="Gates",
        columns=(
            Column(title="Gate", share=1.0),
            Column(title="Found", align="right"),
            Column(title="What it is", share=3.0),
        ),
        rows=tuple(
            Row(
                (str(each.gate), _value(each.value), NUMBERS.get(each.gate.name, "decode rate of this symbology")),
                "good" if each.passed else "bad",
            )
            for each in judged
        ),
    )


def _look_first(pictures: Pictures) -> Iterator[Block]:
    if not (pictures.worst or pictures.crops):
        return
    yield Heading("Samples to look at first")
    yield Paragraph(
        "Images with display gamma. Quads: bold where read, coloured by the reason where not; a dot marks the top left "
        "corner. synthgen replay DATASET KEY -o folder renders one again, with --set also changed.",
        "muted",
    )
    if pictures.worst:
        yield Gallery(tuple(_picture(*each) for each in pictures.worst))
    for caption, svg in pictures.crops:
        yield Figure(svg=svg, caption=caption, alt=caption)


def _acceptance(found: Findings) -> Iterator[Block]:
    yield Heading("Attempts and failures")
    drawn = found.drawn
    if drawn is not None and drawn.attempts:
        yield Paragraph(
            f"{drawn.attempts} attempts made the {drawn.shots} shots that were read: "
            f"{share(drawn.acceptance)} were accepted."
        )
        if drawn.causes:
            rows = [
                (cause.replace("_", " "), n, n) for cause, n in sorted(drawn.causes.items(), key=lambda pair: -pair[1])
            ]
            yield Figure(svg=charts.bars(rows), caption="Rejected attempts by cause.", alt="causes")
    else:
        yield Paragraph(f"Attempts are not known: {found.undrawn}.", "warn")
    if found.failed:
        listed = [
            f"{shot}: {', '.join(f'{cause} x {n}' for cause, n in causes.items())}"
            for shot, causes in list(found.failed.items())[:12]
        ]
        yield Paragraph(f"{len(found.failed)} shots could not be built in 20 tries:", "bad")
        yield Bullets(tuple(listed))
    else:
        yield Paragraph("No shot failed.", "good")


def _eyes(found: Findings) -> Iterator[Block]:
    c = found.counted
    yield Heading("Eye safety")
    if not math.isfinite(c.worst_ratio):
        yield Paragraph(
            "Not computed: no sample has a hazard map. Add hazard to the recipe's outputs, or run synthgen safety."
        )
        return
    inside = c.worst_ratio <= found.allowed_ratio
    yield Paragraph(
        f"The largest level in any hazard map is {number(c.worst_ratio)} times the exposure limit, in "
        f"{c.worst_ratio_key}; allowed is {number(found.allowed_ratio)}. Above it: {c.over_limit} of "
        f"{int(c.samples.sum())} samples. Hazard maps assume: {eye_hazard.ASSUMPTION}. synthgen safety judges the "
        "zones where eyes can be.",
        "good" if inside else "warn",
    )
    chart = charts.Histogram(
        title="largest level over limit",
        edges=census.RATIO_EDGES,
        counts=c.ratio_histogram,
        log=True,
        mark=found.allowed_ratio,
        note="all samples, lamps always on; dashed: allowed",
    )
    yield Figure(svg=charts.row([chart]), caption="", alt="largest level over limit of each sample")


def _origin(found: Findings) -> Iterator[Block]:
    facts, run = found.facts, found.facts.get("run", {})
    yield Heading("Where it came from")
    pairs = [
        ("Place", str(facts.get("place", ""))),
        ("Manifest, sha256", str(facts.get("manifest_sha256", ""))),
        ("Content, sha256", str(facts.get("content_sha256", ""))),
        ("Recipe, sha256", str(facts.get("recipe_sha256", ""))),
        ("Seed", str(facts.get("seed", ""))),
        ("Shots", ", ".join(f"{split} {n}" for split, n in facts.get("splits", {}).items())),
        ("Code version", str(facts.get("code_version", ""))),
        ("Report by", f"synthgen {__version__}"),
    ]
    named = (
        ("host", "Host"),
        ("platform", "Platform"),
        ("cpus", "Processors"),
        ("python", "Python"),
        ("started", "Started"),
        ("ended", "Ended"),
        ("workers", "Workers"),
        ("status", "Status"),
    )
    pairs += [(title, str(run[key])) for key, title in named if key in run]
    packages = run.get("packages", {})
    if isinstance(packages, Mapping) and packages:
        pairs.append(("Packages", ", ".join(f"{name} {version}" for name, version in sorted(packages.items()))))
    yield Pairs(tuple(pairs))


def _every_number(found: Findings) -> Table:
    return Table(
        caption="Every number that a gate may name",
        columns=(
            Column(title="Name", share=1.2),
            Column(title="Value", align="right"),
            Column(title="What it is", share=3.0),
        ),
        rows=tuple(
            Row((name, _value(value), NUMBERS.get(name, "decode rate of this symbology")))
            for name, value in found.numbers().items()
        ),
        note='For example: synthgen report DATASET -o report.html --gate "decode_rate>=0.6" --gate "black_share<=0.01"',
    )


def _picture(caption: str, svg: Svg) -> Figure:
    return Figure(svg=svg, caption=caption, alt=caption)


def _value(value: float) -> str:
    return number(value) if math.isfinite(value) else "–"
