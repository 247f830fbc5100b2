"""The verdict as one HTML file: no script, nothing loaded from outside."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from synthgen import __version__
from synthgen.barcodes.symbologies import SYMBOLOGIES
from synthgen.evaluation import charts, pictures
from synthgen.evaluation.compare import Verdict
from synthgen.evaluation.conditions import TITLES
from synthgen.evaluation.format import MOST_LISTED, PLURAL, as_dict, cells, worst_images
from synthgen.reporting import html_page
from synthgen.reporting.document import (
    Block,
    Bullets,
    Cards,
    Column,
    Details,
    Figure,
    Gallery,
    Heading,
    Paragraph,
    Report,
    Row,
    Table,
)
from synthgen.reporting.numbers import share
from synthgen.reporting.svg import Svg

PICTURES = 12
_RULES = (
    "A detection is right when it takes a code at an IoU of 0.5 or more, best scores first, as in COCO.",
    "Boxes are compared with the box around what is visible; quads with the part of the code that lies in the image.",
    "AP is the mean over the symbologies that occur of the average precision at IoU 0.5, 0.55, ... 0.95, read at 101 "
    "recalls; AP50 is that at IoU 0.5.",
    "Tables by condition count detections from the stated score on, whatever symbology they name; “named” is the share "
    "of the found ones whose symbology is right. A false detection counts with the code that it overlaps most (IoU 0.1 "
    "or more), one that overlaps none in the total alone. Intervals are Wilson's, 95 %.",
    "Corner distances are the mean over a code's four corners, to the nearest order of corners, of codes whole in the "
    "image.",
)


def render(verdict: Verdict, about: Mapping[str, Any], png_of: Callable[[str], bytes]) -> bytes:
    """Return the file's bytes.

    Args:
        verdict: the outcome.
        about: what was compared, by name.
        png_of: returns the png of an image, given its file name.
    """
    return html_page.render(
        Report(
            title="Detector evaluation",
            subject=" · ".join(f"{name} {value}" for name, value in about.items()),
            footer=f"synthgen {__version__}",
            blocks=(
                *_summary(verdict),
                *_conditions(verdict),
                *_symbologies(verdict),
                *_misses(verdict),
                *_worst(verdict, png_of),
                Heading("Rules"),
                Bullets((*_RULES, _ignored(about))),
            ),
        )
    )


def _summary(verdict: Verdict) -> Iterator[Block]:
    every, told = verdict.everything, verdict.truth
    cards = [
        (share(every.recall), f"recall of {every.codes} codes"),
        (share(every.precision), f"precision, {every.false} false"),
        *((share(each.ap50), f"AP50 of {PLURAL[form]}") for form, each in verdict.precisions.items()),
        *((share(each.ap), f"AP of {PLURAL[form]}") for form, each in verdict.precisions.items()),
    ]
    if verdict.corners:
        cards.append((f"{verdict.corners.median_modules:.2f} modules", "median corner distance"))
    yield Paragraph(
        f"{len(told.names)} images, {every.codes} codes to find, {len(verdict.detections.image)} detections. Recall "
        f"and precision are of detections with a score of {verdict.score:.3g} or more, decided on "
        f"{PLURAL[verdict.on]} at IoU 0.5 (the best F1 is {verdict.f1:.3f})."
    )
    yield Cards(tuple(cards))
    curves = charts.precision({form: each.any_curve for form, each in verdict.precisions.items()})
    yield Gallery((_figure(curves, "", "precision over recall"),))
    yield from _corners(verdict)


def _corners(verdict: Verdict) -> Iterator[Block]:
    told = verdict.corners
    if told is None:
        return
    rows = [
        ("in pixels", f"{told.median_px:.2f}", f"{told.p90_px:.2f}"),
        ("in modules", f"{told.median_modules:.2f}", f"{told.p90_modules:.2f}"),
    ]
    note = f"{share(told.in_order)} have their corners in the order of the symbol."
    yield _table(f"Corner distances of {told.codes} found codes", ("", "median", "nine in ten below"), rows, note)


def _conditions(verdict: Verdict) -> Iterator[Block]:
    shown = {_title(name): bins for name, bins in verdict.bins.items() if bins}
    yield Heading("Where it fails")
    if not shown:
        yield Paragraph("There is no code to find.", "warn")
        return
    yield Paragraph(
        "Bars and dots are the share of codes found, lines its 95 % interval; the codes are counted below.", "muted"
    )
    titles = {title: f"recall by {title}" for title in shown}
    yield Gallery(
        tuple(_figure(charts.recall(titles[title], bins), "", titles[title]) for title, bins in shown.items())
    )
    heads = ("codes", "found", "recall", "95 %", "precision", "named")
    tables = tuple(_table(f"by {title}", ("", *heads), map(cells, bins)) for title, bins in shown.items())
    yield Details("The same as tables, with precision", tables)


def _title(name: str) -> str:
    return TITLES.get(name, name)


def _symbologies(verdict: Verdict) -> Iterator[Block]:
    forms = list(verdict.precisions)
    heads = ["symbology", *(f"{kind} of {PLURAL[form]}" for form in forms for kind in ("AP", "AP50"))]
    names = list(verdict.precisions[forms[0]].by_symbology)
    rows = [
        [name, *(share(v) for form in forms for v in verdict.precisions[form].by_symbology[name])] for name in names
    ]
    if not rows:
        return
    yield Heading("Symbologies")
    yield _table("Average precision", heads, rows)
    caption = "True symbology (rows) and what it was taken for (columns); darker is a larger share of the row."
    yield _figure(charts.confusion(SYMBOLOGIES, verdict.confusion), caption, "confusion of symbologies")


def _misses(verdict: Verdict) -> Iterator[Block]:
    told = as_dict(verdict, {})
    missed, listed = told["decodable_missed"], told["decodable_missed_codes"]
    yield Heading("Decodable codes missed")
    yield Paragraph(f"{missed} of {told['decodable']} codes that zxing-cpp reads were not found.")
    if listed:
        rows = [(e["file_name"], e["code_id"], e["symbology"], f"{e['module_px_min']:.2f}") for e in listed]
        caption = f"The first {MOST_LISTED}" if missed > MOST_LISTED else "All of them"
        yield Details("Show them", (_table(caption, ("image", "code", "symbology", "px per module"), rows),))


def _worst(verdict: Verdict, png_of: Callable[[str], bytes]) -> Iterator[Block]:
    chosen = worst_images(verdict, PICTURES)
    if not chosen:
        return
    truth, figures = verdict.truth, []
    for n in chosen:
        missed = int((truth.judged & ~verdict.found & (truth.image == n)).sum())
        false = int((verdict.false & (verdict.detections.image == n)).sum())
        words = f"{truth.names[n]}: {missed} missed, {false} false"
        figures.append(_figure(pictures.picture(verdict, n, png_of(truth.names[n])), words, words))
    yield Heading("Worst images")
    yield _figure(pictures.legend(), "", "legend of the colours")
    yield Gallery(tuple(figures))


def _ignored(about: Mapping[str, Any]) -> str:
    least = about.get("least visible")
    return (
        f"Codes of which less than {least} is visible are neither hits nor misses; a detection that takes one counts "
        "neither as right nor as false."
    )


def _figure(svg: Svg, caption: str, alt: str) -> Figure:
    return Figure(svg=svg, caption=caption, alt=alt)


def _table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]], note: str = "") -> Table:
    """Return a table with its first column to the left and all others to the right."""
    first, *others = heads
    columns = (Column(title=first), *(Column(title=title, align="right") for title in others))
    return Table(caption=caption, columns=columns, rows=tuple(Row(tuple(row)) for row in rows), note=note)
