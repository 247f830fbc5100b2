"""Samples as pictures inside a report: images with their labels drawn, small enough to carry along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PIL import Image

from synthgen.reporting import contact_sheet, overlays
from synthgen.reporting.pictures import embedded
from synthgen.reporting.svg import Svg


@dataclass(frozen=True, eq=False, kw_only=True)
class Shown:
    """A sample as `preview` wants it."""

    key: str
    image: np.ndarray
    record: Mapping[str, Any]
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)


def labelled(sample: Shown, width_px: int = 520) -> Svg:
    """Return the image with the labels of its codes in view, as part of an HTML page."""
    codes = [code for code in sample.record.get("annotations", ()) if code.get("reason") != "out_of_view"]
    scale = width_px / sample.image.shape[1]
    return embedded(
        Image.fromarray(overlays.draw_labels(contact_sheet.for_eyes(sample.image), codes, scale=scale)), sample.key
    )


def side_by_side(samples: Sequence[Shown], width_px: int = 520) -> Svg:
    """Return two images beside each other."""
    each = (width_px - 8) // 2
    pictures = [Image.fromarray(contact_sheet.for_eyes(sample.image)).convert("RGB") for sample in samples[:2]]
    pictures = [p.resize((each, max(1, round(p.height * each / p.width)))) for p in pictures]
    sheet = Image.new("RGB", (width_px, max(p.height for p in pictures)), "white")
    for n, picture in enumerate(pictures):
        sheet.paste(picture, (n * (each + 8), 0))
    return embedded(sheet, " and ".join(sample.key for sample in samples[:2]))


def crops(samples: Sequence[Shown], most: int = 21) -> Svg:
    """Return the clear codes that were not read, as the reader sees them."""
    missed, left = [], most
    for sample in samples:
        codes = _missed(sample)[:left]
        left -= len(codes)
        missed.append(Shown(key=sample.key, image=sample.image, record={"annotations": codes}))
    sheet = contact_sheet.codes(missed, across=7, tile_px=130, title="clear codes that were not read")
    return embedded(sheet, "clear codes that were not read", quality=88)


def _missed(sample: Shown) -> list[Mapping[str, Any]]:
    from synthgen.dataset import code_counts

    found = sample.record.get("annotations", ())
    return [c for c in found if c.get("reason") != "out_of_view" and code_counts.clear(c) and not c["decoded"]]
