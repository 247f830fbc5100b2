"""The verdict as one HTML file: no script, nothing loaded from outside."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from synthgen.barcodes.symbologies import SYMBOLOGIES
from synthgen.evaluation import charts, pictures
from synthgen.evaluation.compare import Verdict
from synthgen.evaluation.conditions import TITLES
from synthgen.evaluation.format import MOST_LISTED, PLURAL, as_dict, cells, share, worst_images
from synthgen.reporting.svg import Svg, tag

PICTURES = 12
_STYLE = """
body { font: 15px/1.45 "Libertinus Serif", Georgia, "Times New Roman", serif; color: #1a1a1a; background: #fff;
  max-width: 900px; margin: 0 auto; padding: 28px 24px 48px; overflow-wrap: anywhere; }
h1 { font-size: 27px; margin: 0; } .soft { color: #555; margin: 2px 0 16px; }
h2 { font-size: 20px; margin: 34px 0 8px; padding-bottom: 3px; border-bottom: 1.5px solid #1a1a1a; break-after: avoid; }
table { border-collapse: collapse; margin: 10px 0 14px; font-size: 13.5px; }
caption { text-align: left; font-weight: bold; padding: 4px 0; white-space: nowrap; }
th, td { padding: 3px 9px; text-align: right; border-bottom: 1px solid #c9ced3; font-variant-numeric: tabular-nums; }
th:first-child, td:first-child { text-align: left; } thead th { border-bottom: 1.5px solid #1a1a1a; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(400px, 1fr)); gap: 14px 18px; }
.charts svg { width: 100%; height: auto; } .cards { display: flex; flex-wrap: wrap; gap: 12px; margin: 14px 0; }
.card { border: 1.5px solid #1a1a1a; padding: 8px 16px; min-width: 128px; } .card b { font-size: 23px; display: block; }
.confusion td { text-align: center; } .confusion thead th { text-align: left; }
.confusion thead th:not(:first-child) { writing-mode: vertical-rl; }
.images { display: grid; grid-template-columns: repeat(auto-fill, minmax(400px, 1fr)); gap: 16px; }
figure { margin: 0; break-inside: avoid; } figcaption { color: #555; font-size: 13px; }
.picture { width: 100%; display: block; }
ul { margin: 7px 0; padding-left: 22px; } details { margin: 8px 0; }
"""
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
    parts = [
        tag("h1", "Detector evaluation"),
        tag("p", " · ".join(f"{name} {value}" for name, value in about.items()), class_="soft"),
        *_summary(verdict),
        *_conditions(verdict),
        *_symbologies(verdict),
        *_misses(verdict),
        *_worst(verdict, png_of),
        tag("h2", "Rules"),
        tag("ul", *(tag("li", each) for each in (*_RULES, _ignored(about)))),
    ]
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    head = tag(
        "head",
        Svg('<meta charset="utf-8">'),
        Svg(f'<meta http-equiv="Content-Security-Policy" content="{policy}">'),
        Svg('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        tag("title", "Detector evaluation"),
        Svg(f"<style>{_STYLE}</style>"),
    )
    return f"<!DOCTYPE html>\n{tag('html', head, tag('body', *parts), lang='en')}\n".encode()


def _summary(verdict: Verdict) -> list[Svg]:
    every, told = verdict.everything, verdict.truth
    cards = [
        _card(share(every.recall), f"recall of {every.codes} codes"),
        _card(share(every.precision), f"precision, {every.false} false"),
        *(_card(share(each.ap50), f"AP50 of {PLURAL[form]}") for form, each in verdict.precisions.items()),
        *(_card(share(each.ap), f"AP of {PLURAL[form]}") for form, each in verdict.precisions.items()),
    ]
    if verdict.corners:
        cards.append(_card(f"{verdict.corners.median_modules:.2f} modules", "median corner distance"))
    words = (
        f"{len(told.names)} images, {every.codes} codes to find, {len(verdict.detections.image)} detections. Recall "
        f"and precision are of detections with a score of {verdict.score:.3g} or more, decided on "
        f"{PLURAL[verdict.on]} at IoU 0.5 (the best F1 is {verdict.f1:.3f})."
    )
    found = {form: each.any_curve for form, each in verdict.precisions.items()}
    return [
        tag("p", words),
        tag("div", *cards, class_="cards"),
        tag("div", charts.precision(found), *_corner_table(verdict), class_="charts"),
    ]


def _corner_table(verdict: Verdict) -> list[Svg]:
    told = verdict.corners
    if told is None:
        return []
    rows = [
        ["in pixels", f"{told.median_px:.2f}", f"{told.p90_px:.2f}"],
        ["in modules", f"{told.median_modules:.2f}", f"{told.p90_modules:.2f}"],
    ]
    note = tag("p", f"{share(told.in_order)} have their corners in the order of the symbol.")
    return [tag("div", _table(f"corners of {told.codes} found codes", ["", "median", "nine in ten"], rows), note)]


def _conditions(verdict: Verdict) -> list[Svg]:
    heads = ["codes", "found", "recall", "95 %", "precision", "named"]
    drawn = [charts.recall(f"recall by {_title(name)}", bins) for name, bins in verdict.bins.items() if bins]
    tables = [
        _table(f"by {_title(name)}", ["", *heads], map(cells, bins)) for name, bins in verdict.bins.items() if bins
    ]
    note = "Bars and dots are the share found, lines its 95 % interval; the number at the foot counts the codes."
    return [
        tag("h2", "Where it fails"),
        tag("p", note),
        tag("div", *drawn, class_="charts"),
        tag("details", tag("summary", "The same as tables, with precision"), *tables) if tables else Svg(""),
    ]


def _title(name: str) -> str:
    return TITLES.get(name, name)


def _symbologies(verdict: Verdict) -> list[Svg]:
    forms = list(verdict.precisions)
    heads = ["symbology", *(f"{kind} of {PLURAL[form]}" for form in forms for kind in ("AP", "AP50"))]
    names = list(verdict.precisions[forms[0]].by_symbology)
    rows = [
        [name, *(share(v) for form in forms for v in verdict.precisions[form].by_symbology[name])] for name in names
    ]
    return [tag("h2", "Symbologies"), _table("average precision", heads, rows), _confusion(verdict)] if rows else []


def _confusion(verdict: Verdict) -> Svg:
    counts = verdict.confusion
    rows = [n for n in range(len(SYMBOLOGIES)) if counts[n].sum()]
    columns = [n for n in range(len(SYMBOLOGIES)) if counts[:, n].sum() or n in rows] + [len(SYMBOLOGIES)]
    names = [*SYMBOLOGIES, "missed"]
    head = tag("tr", tag("th", "true"), *(tag("th", names[n]) for n in columns))
    body = []
    for row in rows:
        total = counts[row].sum()
        shown = []
        for column in columns:
            part = counts[row, column] / total
            colour = "31,78,121" if column == row else "164,22,26"
            style = f"background: rgba({colour},{0.5 * part:.2f})"
            shown.append(tag("td", str(counts[row, column]) if counts[row, column] else "·", style=style))
        body.append(tag("tr", tag("th", names[row]), *shown))
    caption = tag("caption", "true symbology (rows) and what it was taken for (columns)")
    return tag("table", caption, tag("thead", head), tag("tbody", *body), class_="confusion")


def _misses(verdict: Verdict) -> list[Svg]:
    told = as_dict(verdict, {})
    words = f"{told['decodable_missed']} of {told['decodable']} codes that zxing-cpp reads were not found."
    listed = told["decodable_missed_codes"]
    rows = [[e["file_name"], e["code_id"], e["symbology"], f"{e['module_px_min']:.2f}"] for e in listed]
    table = _table(
        f"the first {MOST_LISTED}" if told["decodable_missed"] > MOST_LISTED else "all of them",
        ["image", "code", "symbology", "px a module"],
        rows,
    )
    more = [tag("details", tag("summary", "Which"), table)] if rows else []
    return [tag("h2", "Decodable codes missed"), tag("p", words), *more]


def _worst(verdict: Verdict, png_of: Callable[[str], bytes]) -> list[Svg]:
    chosen = worst_images(verdict, PICTURES)
    if not chosen:
        return []
    truth, figures = verdict.truth, []
    for n in chosen:
        missed = int((truth.judged & ~verdict.found & (truth.image == n)).sum())
        false = int((verdict.false & (verdict.detections.image == n)).sum())
        words = f"{truth.names[n]}: {missed} missed, {false} false"
        drawn = pictures.picture(verdict, n, png_of(truth.names[n]))
        figures.append(tag("figure", drawn, tag("figcaption", words)))
    return [tag("h2", "Worst images"), pictures.legend(), tag("div", *figures, class_="images")]


def _ignored(about: Mapping[str, Any]) -> str:
    least = about.get("least visible")
    return f"Codes of which less than {least} is visible are neither hits nor misses; what takes one is dropped."


def _card(value: str, words: str) -> Svg:
    return tag("div", tag("b", value), words, class_="card")


def _table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Svg:
    body = [tag("tr", *(tag("td", cell or " ") for cell in row)) for row in rows]
    head = tag("thead", tag("tr", *(tag("th", name or " ") for name in heads)))
    return tag("table", tag("caption", caption), head, tag("tbody", *body)) if body else Svg("")
