"""The worst images as pictures: what was found, missed and made up, drawn over the image."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from synthgen.barcodes.symbologies import SYMBOLOGIES
from synthgen.evaluation.compare import Verdict
from synthgen.reporting.charts import HALF_WIDTH
from synthgen.reporting.pictures import data_uri
from synthgen.reporting.svg import Svg, line, polygon, tag, text

MISSED, FOUND, FALSE, UNJUDGED = "#ff3b30", "#22b14c", "#ffb000", "#8ab4f8"
LEGEND = (
    (FOUND, None, "code that was found"),
    (MISSED, None, "code that was missed"),
    (UNJUDGED, "2 3", "code that does not count"),
    (FALSE, "6 4", "false detection, with its score"),
)
_WIDEST_PX = 900
_SHOWN_FALSE = 40


def picture(verdict: Verdict, image: int, png: bytes) -> Svg:
    """Return an image of the split with its codes and false detections over it.

    Args:
        verdict: the outcome.
        image: which, a place in `Truth.names`.
        png: its bytes.
    """
    truth, detections = verdict.truth, verdict.detections
    wide, high = truth.size_px[image].tolist()
    unit = wide / HALF_WIDTH  # of a line's width
    drawn = [tag("image", href=_uri(png), x=0, y=0, width=wide, height=high)]
    for n in np.flatnonzero(truth.image == image):
        colour, dash = (FOUND if verdict.found[n] else MISSED, None) if truth.judged[n] else (UNJUDGED, f"{2 * unit}")
        drawn.append(_outline(truth.outline[n], colour, unit * 1.5, dash))
        if truth.judged[n] and not verdict.found[n]:
            words = f"{SYMBOLOGIES[truth.category[n] - 1]}, {truth.reason[n]}"
            drawn.append(_words(truth.outline[n], words, MISSED, unit, wide))
    false = np.flatnonzero(verdict.false & (detections.image == image))
    for n in false[np.argsort(-detections.score[false])][:_SHOWN_FALSE]:
        shape = detections.quad[n]
        drawn.append(_outline(shape, FALSE, unit * 1.3, f"{5 * unit} {3 * unit}"))
        drawn.append(_words(shape, f"{detections.score[n]:.2f}", FALSE, unit, wide, below=True))
    size = {"viewBox": f"0 0 {wide:g} {high:g}", "width": HALF_WIDTH, "height": HALF_WIDTH * high / wide}
    return tag("svg", *drawn, xmlns="http://www.w3.org/2000/svg", **size)


def legend() -> Svg:
    """Return what the colours mean."""
    drawn = []
    for n, (colour, dash, words) in enumerate(LEGEND):
        x = 4.0 + 215 * n
        drawn.append(line(x, 12, x + 26, 12, stroke=colour, stroke_width=3, stroke_dasharray=dash))
        drawn.append(text(x + 32, 16, words, font_size=13))
    return tag("svg", *drawn, xmlns="http://www.w3.org/2000/svg", viewBox="0 0 870 22", width=870, height=22)


def _outline(points: np.ndarray, colour: str, width: float, dash: str | None) -> Svg:
    corners = [(float(x), float(y)) for x, y in points]
    under = polygon(corners, fill="none", stroke="#000000", stroke_width=width * 1.9, stroke_opacity=0.45)
    return tag("g", under, polygon(corners, fill="none", stroke=colour, stroke_width=width, stroke_dasharray=dash))


def _words(points: np.ndarray, words: str, colour: str, unit: float, wide: float, below: bool = False) -> Svg:
    """Return words above or below an outline, inside the image."""
    size = 10.5 * unit
    left = min(max(float(points[:, 0].min()), 0.0), wide - 0.55 * size * len(words))
    y = float(points[:, 1].max()) + size if below else float(points[:, 1].min()) - 0.35 * size
    return text(left, max(y, size), words, fill=colour, font_size=size, font_weight="bold", paint_order="stroke",
                stroke="#000000", stroke_width=1.8 * unit, font_family="sans-serif")  # fmt: skip


def _uri(png: bytes) -> str:
    """Return an image as a data URI, at most _WIDEST_PX wide."""
    with Image.open(io.BytesIO(png)) as opened:
        image = opened.convert("RGB" if opened.mode not in ("L", "RGB") else opened.mode)
    image.thumbnail((_WIDEST_PX, 4 * _WIDEST_PX))
    return data_uri(image)
