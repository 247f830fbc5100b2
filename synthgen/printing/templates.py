"""Templates of labels: each prints into the areas that the codes leave free."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from numpy.random import Generator, Philox

from synthgen.barcodes import gs1
from synthgen.errors import BarcodeError
from synthgen.printing import icons, lookalikes, text_blocks
from synthgen.printing.canvas import Area, Paper
from synthgen.printing.texel_grid import Grid
from synthgen.printing.text_blocks import Free
from synthgen.world import fake_names
from synthgen.world.shot import Label

Template = Callable[[Paper, Free, Generator, Label], None]


def draw(label: Label, layout: Grid) -> np.ndarray:
    """Return what a label shows besides its codes, as a tone map (255 bare, 0 ink), uint8.

    Raises:
        BarcodeError: the template is not known.
    """
    paper = Paper(layout.width, layout.height, (layout.pitch_m[0] * layout.pitch_m[1]) ** 0.5)
    rng = Generator(Philox(key=label.art_seed))
    if label.template in lookalikes.NEGATIVES:
        lookalikes.draw(paper, label.template, rng)
    elif label.template in _TEMPLATES:
        _TEMPLATES[label.template](paper, text_blocks.free(paper, layout), rng, label)
    else:
        known = ", ".join((*TEMPLATES, *NEGATIVES))
        raise BarcodeError(f"label {label.label_id}: template {label.template!r} is not known; write one of {known}")
    return paper.tone()


def _plain(paper: Paper, free: Free, rng: Generator, label: Label) -> None:
    """Leave the paper as it is."""


def _shipping(paper: Paper, free: Free, rng: Generator, label: Label) -> None:
    """Print a carrier's parcel label."""
    if rng.random() < 0.6:
        paper.box(paper.area.inset(0.0008), 0, 0.0004)
    for number, band in enumerate(free.bands):
        if number:
            text_blocks.rule(paper, band.top + 0.0006, 0.0008 if rng.random() < 0.5 else 0.0003)
        (_shipping_rest if number else _shipping_band)(paper, band, rng)
    _fill_sides(paper, free, rng)


def _shipping_band(paper: Paper, band: Area, rng: Generator) -> None:
    if band.height > 0.042:
        top, to, route = band.rows(1.0, 1.6, 0.8)
        _head(paper, top, rng)
        text_blocks.rule(paper, to.top)
        text_blocks.recipient(paper, to, rng)
        text_blocks.rule(paper, route.top)
        left, right = route.columns(1.4, 1)
        text_blocks.routing(paper, left, rng)
        text_blocks.facts(paper, right, rng, 2)
    elif band.height > 0.022:
        left, right = band.columns(1.5, 1)
        text_blocks.recipient(paper, left, rng)
        text_blocks.routing(paper, right.rows(1, 1)[0], rng)
        text_blocks.facts(paper, right.rows(1, 1)[1], rng, 2)
    elif band.height > 0.009:
        text_blocks.service(paper, band, rng) if rng.random() < 0.5 else text_blocks.facts(paper, band, rng, 4)
    else:
        text_blocks.fine_print(paper, band, rng)


def _shipping_rest(paper: Paper, band: Area, rng: Generator) -> None:
    """Fill a band below the address: routing, facts or fine print."""
    if band.height > 0.012:
        left, right = band.columns(1.3, 1)
        text_blocks.routing(paper, left, rng)
        text_blocks.facts(paper, right, rng, 2)
    elif band.height > 0.008:
        text_blocks.service(paper, band, rng) if rng.random() < 0.4 else text_blocks.facts(paper, band, rng, 4)
    else:
        text_blocks.fine_print(paper, band, rng)


def _head(paper: Paper, area: Area, rng: Generator) -> None:
    left, right = area.columns(1.5, 1)
    text_blocks.sender(paper, left, rng)
    paper.line([(right.left, right.top), (right.left, right.bottom)], 0.0004)
    carrier, kind = right.inset(0.001).rows(1, 1)
    paper.text(carrier, fake_names.carrier(rng), "m", cap_m=0.006, bold=True)
    paper.text(kind, fake_names.service(rng), "m", cap_m=0.0035)


def _sscc(paper: Paper, free: Free, rng: Generator, label: Label) -> None:
    """Print a GS1 logistic label: free text, then data titles, then the codes below."""
    bands = list(free.bands)
    if bands:
        _sscc_band(paper, bands[0], rng, _titles(label))
    for band in bands[1:]:
        text_blocks.rule(paper, band.top + 0.0006, 0.0004)
        if band.height > 0.009:
            text_blocks.facts(paper, band, rng, 3)
        else:
            text_blocks.fine_print(paper, band, rng)
    _fill_sides(paper, free, rng)


def _sscc_band(paper: Paper, band: Area, rng: Generator, pairs: list[tuple[str, str]]) -> None:
    titled = min(0.0125 * -(-len(pairs) // 2), 0.7 * band.height)
    bottom = band.bottom - 0.0014  # room for the rule below
    head = Area(band.left, band.top, band.right, bottom - titled)
    foot = Area(band.left, bottom - titled, band.right, bottom)
    if head.height > 0.012:
        rows = head.rows(1, 1.5) if head.height > 0.03 else [head]
        left, right = rows[-1].columns(1, 1)
        text_blocks.sender(paper, left, rng)
        paper.line([(right.left, right.top), (right.left, right.bottom)], 0.0004)
        text_blocks.recipient(paper, right, rng)
        if len(rows) > 1:
            text_blocks.service(paper, rows[0], rng)
            text_blocks.rule(paper, rows[1].top, 0.0004)
        text_blocks.rule(paper, foot.top, 0.0004)
    text_blocks.titles(paper, foot, pairs, 2 if len(pairs) > 1 else 1)
    text_blocks.rule(paper, foot.bottom + 0.0007, 0.0004)


def _titles(label: Label) -> list[tuple[str, str]]:
    """Return the data titles and data of all GS1 codes of a label."""
    pairs: dict[str, str] = {}
    for code in label.codes:
        if code.symbology.startswith("gs1_"):
            for element in gs1.parse(code.payload):
                pairs[element.rule.title] = element.data
    return list(pairs.items())[:6] or [("ITEM", code.payload) for code in label.codes[:2] if code.payload.isprintable()]


def _product(paper: Paper, free: Free, rng: Generator, label: Label) -> None:
    """Print a manufacturer's carton label."""
    if rng.random() < 0.4:
        paper.box(paper.area.inset(0.001), 0, 0.0003)
    for number, band in enumerate(free.bands):
        if number == 0 and band.height > 0.008:
            name, rest = band.rows(1, 1.2) if band.height > 0.016 else (band, None)
            paper.text(name.inset(0.001), fake_names.goods(rng), cap_m=0.008, bold=True)
            if rest:
                left, right = rest.columns(2.2, 1)
                text_blocks.facts(paper, left, rng, 3)
                text_blocks.signs(paper, right, rng)
        elif band.height > 0.008:
            text_blocks.facts(paper, band, rng, 4)
        else:
            paper.text(band.inset(0.0005), fake_names.company(rng) + " - MADE FOR TRADE", cap_m=0.0018)
    _fill_sides(paper, free, rng)


def _retail(paper: Paper, free: Free, rng: Generator, label: Label) -> None:
    """Print a price label: the name above the code, the price beside it."""
    for number, band in enumerate(free.bands):
        text = fake_names.goods(rng) if number == 0 else f"{fake_names.company(rng)}  {fake_names.date(rng)}"
        paper.text(band.inset(0.0005), text, "m", cap_m=0.003)
    for side in free.sides:
        if side.width > 0.011:
            price = f"{int(rng.integers(1, 60))}.{int(rng.integers(0, 20)) * 5:02d}"
            paper.text(side.inset(0.001), price, "m", cap_m=0.009, bold=True)


def _fnsku(paper: Paper, free: Free, rng: Generator, label: Label) -> None:
    """Print the small white label of a fulfilment centre: what it is, in two lines."""
    for band in free.largest[:1]:
        text = f"{fake_names.company(rng)} {fake_names.goods(rng).capitalize()}"
        lines = [text, "New"] if band.height > 0.005 else [text]
        paper.lines(band.inset(0.0008), lines, cap_m=0.0024)


def _rack(paper: Paper, free: Free, rng: Generator, label: Label) -> None:
    """Print an address in large letters, an arrow and a level block, as on beams."""
    text = next((code.payload for code in label.codes if code.payload.isprintable()), fake_names.digits(rng, 6))
    areas = free.largest
    if not areas:
        return
    inverse = rng.random() < 0.25
    if inverse:
        paper.box(areas[0])
    paper.text(areas[0].inset(0.002), text, "m", tone=255 if inverse else 0, cap_m=0.035, bold=True)
    for area in areas[1:2]:
        if min(area.width, area.height) > 0.009:
            icons.arrow(paper, area.inset(0.0025), bool(rng.random() < 0.7))


def _tote(paper: Paper, free: Free, rng: Generator, label: Label) -> None:
    """Print a tote's number large, with its owner's mark."""
    text = next((code.payload for code in label.codes if code.payload.isprintable()), fake_names.digits(rng, 7))
    areas = free.largest
    if areas:
        paper.text(areas[0].inset(0.0015), text, "m", cap_m=0.014, bold=True)
    for area in areas[1:2]:
        if min(area.width, area.height) > 0.007:
            icons.logo(paper, area.inset(0.001), rng)


def _small(paper: Paper, free: Free, rng: Generator, label: Label) -> None:
    """Print short lines beside a matrix code, as on parts and assets."""
    areas = free.largest
    if areas:
        lines = [f"{title} {value}" for title, value in fake_names.facts(rng)[: max(int(areas[0].height / 0.004), 1)]]
        paper.lines(areas[0].inset(0.001), [fake_names.company(rng), *lines][:5], cap_m=0.0024, bold_first=True)
    for area in areas[1:2]:
        icons.logo(paper, area.inset(0.001), rng)


def _card(paper: Paper, free: Free, rng: Generator, label: Label) -> None:
    """Print a test card: frame, corner marks and a title."""
    width, height = paper.size_m
    mark = 0.05 * min(width, height)
    for x in (mark * 0.7, width - mark * 0.7):
        for y in (mark * 0.7, height - mark * 0.7):
            paper.line([(x - mark / 2, y), (x + mark / 2, y)], 0.0003)
            paper.line([(x, y - mark / 2), (x, y + mark / 2)], 0.0003)
    for area in free.bands[:1]:
        title = Area(area.left + mark, area.top, area.right - mark, area.top + min(0.008, area.height))
        paper.text(title, "TEST CARD", "m", cap_m=0.003)


def _fill_sides(paper: Paper, free: Free, rng: Generator) -> None:
    """Fill the areas beside codes: facts where there is room, a letter or a sign where not."""
    for side in free.sides:
        if side.width < 0.011 or side.height < 0.009:
            continue
        kind = rng.random()
        area = side.inset(0.0015)
        if side.width > 0.024 and kind < 0.6:
            text_blocks.facts(paper, area, rng, int(side.width / 0.024))
        elif kind < 0.75:
            text_blocks.signs(paper, area, rng)
        else:
            paper.text(area, "PAEXD2S"[int(rng.integers(7))], "m", cap_m=0.025, bold=True)


_TEMPLATES: Mapping[str, Template] = MappingProxyType(
    {
        "card": _card,
        "fnsku": _fnsku,
        "plain": _plain,
        "product": _product,
        "rack": _rack,
        "retail": _retail,
        "shipping": _shipping,
        "small": _small,
        "sscc": _sscc,
        "tote": _tote,
    }
)
TEMPLATES: tuple[str, ...] = tuple(_TEMPLATES)
"""Templates that surround codes."""
NEGATIVES: tuple[str, ...] = lookalikes.NEGATIVES
"""Templates without codes: patterns that look like a barcode."""
