"""The contact sheet: what each camera of each shot saw, with its labels, and three maps beside it.

One row a sample. Maps of one kind share one scale over the whole sheet, so that rows compare.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np
from PIL import Image, ImageDraw

from synthgen.reporting import eye_hazard, overlays
from synthgen.reporting.eye_hazard import ZoneLevel
from synthgen.reporting.numbers import some
from synthgen.reporting.overlays import FAINT, INK, PAPER, Scale
from synthgen.reporting.text_layout import block_height, fitted, wrapped, write_block

MARGIN_PX = 18
GAP_PX = 12
_TITLE, _FACTS, _KEY, _CAPTION = 20, 13, 14, 12
"""Sizes of letters [px]: the sheet's title and facts, a sample's key and caption."""
_NOTE = "images with display gamma; quads: bold = decoded, dot = top left corner; grey in a map = nothing there"
_NOT_COMPUTED = "eye hazard not computed (add hazard to outputs)"


class Pictured(Protocol):
    """What a sheet needs of a sample (`samples.Sample` has it)."""

    @property
    def key(self) -> str:
        """Return its name."""
        ...

    @property
    def image(self) -> np.ndarray:
        """Return the image, uint8."""
        ...

    @property
    def arrays(self) -> Mapping[str, np.ndarray]:
        """Return its maps by name."""
        ...

    @property
    def record(self) -> Mapping[str, Any]:
        """Return its JSON."""
        ...


@dataclass(frozen=True, kw_only=True)
class Column:
    """One kind of map on the sheet."""

    name: str
    label: str
    unit: str
    palette: str
    log: bool | None
    """None: logarithmic where the values span more than a factor of 30."""
    turn: float = 0.0


COLUMNS = (
    Column(name="depth", label="depth", unit="m", palette="distance", log=None),
    Column(name="irradiance", label="irradiance, lamps on", unit="W/m^2", palette="light", log=None),
    Column(
        name="hazard",
        label="eye hazard, lamps always on, eye at the surface",
        unit="level / limit",
        palette="risk",
        log=True,
        turn=1.0,
    ),
)


def draw(
    samples: Sequence[Pictured],
    *,
    panel_px: int = 400,
    title: str = "",
    zones: Mapping[str, ZoneLevel] = MappingProxyType({}),
) -> Image.Image:
    """Return the contact sheet of samples, a row each: image with labels, depth, irradiance, hazard.

    Args:
        samples: what is shown; a map that no sample has takes no column.
        panel_px: the width of one picture.
        title: of the sheet.
        zones: what eyes meet in the zones of each shot, by `shot_of` a sample's key; {} where that was not asked.
    """
    columns = [column for column in COLUMNS if any(column.name in sample.arrays for sample in samples)]
    scales = {column.name: scale_of(column, samples) for column in columns}
    inner = (1 + len(columns)) * panel_px + len(columns) * GAP_PX
    captions = [caption(sample, zones.get(shot_of(sample.key))) for sample in samples]
    rows = [_row(sample, facts, columns, scales, panel_px) for sample, facts in zip(samples, captions, strict=True)]
    head = _head(title, [*totals(samples, list(zones.values())), _NOTE], inner)
    sheet = Image.new("RGB", (inner + 2 * MARGIN_PX, head.height + sum(row.height for row in rows) + MARGIN_PX), PAPER)
    top = 0
    for part in (head, *rows):
        sheet.paste(part, (MARGIN_PX, top))
        top += part.height
    return sheet


def shot_of(key: str) -> str:
    """Return the shot of a sample's key.

    >>> shot_of("train-00000003-top_left")
    'train-00000003'
    """
    return "-".join(key.split("-")[:2])


def codes(samples: Sequence[Pictured], *, tile_px: int = 150, across: int = 8, title: str = "") -> Image.Image:
    """Return every code in view as the reader sees it: its crop, enlarged without smoothing, and what became of it.

    Codes that were not decoded come first, sorted by reason: the place to look for a label that should have been read.
    """
    found = [
        (sample, code) for sample in samples for code in sample.record.get("annotations", []) if _on_image(sample, code)
    ]
    found.sort(key=lambda pair: (bool(pair[1].get("decoded")), str(pair[1].get("reason")), pair[0].key))
    across = max(1, min(across, len(found)))
    cell_w, cell_h = tile_px + GAP_PX, tile_px + 46
    inner = max(across * cell_w, 384)
    head = _head(title or "codes as the reader sees them", totals(samples, ()), inner)
    high = head.height + math.ceil(len(found) / across) * cell_h + MARGIN_PX
    sheet = Image.new("RGB", (inner + 2 * MARGIN_PX, high), PAPER)
    sheet.paste(head, (MARGIN_PX, 0))
    pen = ImageDraw.Draw(sheet)
    for place, (sample, code) in enumerate(found):
        x, y = MARGIN_PX + place % across * cell_w, head.height + place // across * cell_h
        _tile(sheet, pen, (x, y), sample, code, tile_px)
    return sheet


def caption(sample: Pictured, zone: ZoneLevel | None = None) -> list[str]:
    """Return the key facts of a sample, and what eyes meet in the zones of its shot."""
    record = sample.record
    exposure = record.get("exposure", {})
    facts = [f"{sample.image.shape[1]} x {sample.image.shape[0]} px"]
    if "exposure_s" in exposure:
        mode = " auto" if exposure.get("auto") else ""
        facts.append(f"exposure {_time(float(exposure['exposure_s']))}{mode}")
    if "median_signal_share" in exposure:
        facts.append(f"median signal {100 * float(exposure['median_signal_share']):.0f} %")
    if "saturated_fraction" in exposure:
        facts.append(f"saturated {100 * float(exposure['saturated_fraction']):.1f} %")
    decoded, seen = _counts([sample])
    facts.append(f"codes decoded {decoded}/{seen}")
    ratio, hazard = _worst(sample)
    if ratio is not None:
        facts.append(f"hazard map up to {eye_hazard.times_limit(ratio)}{hazard}")
    if zone is not None:
        facts.append(eye_hazard.in_zones(zone))
    return facts


def totals(samples: Sequence[Pictured], zones: Sequence[ZoneLevel]) -> list[str]:
    """Return the facts of a whole sheet: images, codes, and eye hazard in the maps and in the zones."""
    decoded, seen = _counts(samples)
    facts = [some(len(samples), "image"), f"{decoded} of {seen} codes in view decoded"]
    ratios = [ratio for ratio, _ in map(_worst, samples) if ratio is not None]
    if ratios:
        facts.append(f"hazard maps up to {eye_hazard.times_limit(max(ratios))} ({eye_hazard.ASSUMPTION})")
    elif samples:
        facts.append(_NOT_COMPUTED)
    if zones:
        worst = max(zones, key=lambda each: each.ratio)
        facts.append(f"worst {eye_hazard.in_zones(worst)}, by a coarse grid of eyes; synthgen safety judges in full")
    elif ratios:
        facts.append("synthgen safety judges the zones where eyes can be")
    return facts


def scale_of(column: Column, samples: Iterable[Pictured]) -> Scale:
    """Return the scale that one kind of map has on this sheet."""
    found = [sample.arrays[column.name] for sample in samples if column.name in sample.arrays]
    values = np.concatenate([np.asarray(array, float)[::4, ::4].ravel() for array in found])
    known = values[np.isfinite(values) & (values > 0)]
    if known.size == 0:
        return Scale(low=0.1, high=1.0, log=True, palette=column.palette)
    if column.turn:
        highest = max(float(np.max(array, initial=0.0, where=np.isfinite(array))) for array in found)
        low, high = overlays.fit(known, log=True)
        low = max(low, 1e-4 * column.turn)
        # Most of the bar for what there is, and always room above the limit, so that its mark is seen.
        return Scale(
            low=min(low, 0.1 * column.turn),
            high=max(10.0 * column.turn, overlays.fit(np.array([high, highest]), log=True)[1]),
            log=True,
            palette=column.palette,
            turn=column.turn,
        )
    spread = float(np.percentile(known, 99) / np.percentile(known, 2))
    log = spread > 30 if column.log is None else column.log
    low, high = overlays.fit(known, log=log)
    if log:
        low = max(low, high * 1e-4)
    return Scale(low=low, high=high, log=log, palette=column.palette)


def _row(
    sample: Pictured, facts: Sequence[str], columns: Sequence[Column], scales: Mapping[str, Scale], panel_px: int
) -> Image.Image:
    """Return one sample's strip: caption above, panels below."""
    zoom = panel_px / sample.image.shape[1]
    height = max(1, round(sample.image.shape[0] * zoom))
    width = (1 + len(columns)) * panel_px + len(columns) * GAP_PX
    words = [(wrapped([sample.key], _KEY, width), INK, _KEY), (wrapped(facts, _CAPTION, width), FAINT, _CAPTION)]
    every = sample.record.get("annotations", [])
    annotations = [code for code in every if _in_view(code)]
    cut = sum(not _in_view(code) and len(code.get("quad_visible_px", ())) > 0 for code in every)
    top = 6 + block_height(words) + 4
    reasons = _reasons(annotations, cut, panel_px)
    below = max(overlays.LEGEND_PX, 6 + reasons.height)
    strip = Image.new("RGB", (width, top + height + below + GAP_PX), PAPER)
    pen = ImageDraw.Draw(strip)
    pen.line([(0, 0), (width, 0)], fill=(216, 217, 214))
    write_block(pen, (0, 6), words)
    strip.paste(Image.fromarray(overlays.draw_labels(for_eyes(sample.image), annotations, scale=zoom)), (0, top))
    strip.paste(reasons, (0, top + height + 6))
    for place, column in enumerate(columns, start=1):
        left = place * (panel_px + GAP_PX)
        if column.name in sample.arrays:
            values = np.asarray(sample.arrays[column.name], float)
            values = np.where(values > 0, values, np.nan)  # 0 is what these maps hold where nothing is
            panel = overlays.false_colour(values, column.unit, column.label, scales[column.name], width_px=panel_px)
            strip.paste(Image.fromarray(panel), (left, top))
        else:
            overlays.write(pen, (left, top), f"no {column.name}", FAINT, _CAPTION)
    return strip


def for_eyes(image: np.ndarray) -> np.ndarray:
    """Return linear grey levels as a display expects them (gamma 2.2): cameras count photons, screens do not."""
    return np.rint(255.0 * (np.arange(256) / 255.0) ** (1 / 2.2)).astype(np.uint8)[image]


def _reasons(annotations: Sequence[Mapping[str, Any]], cut: int, width: int) -> Image.Image:
    """Return how many codes had which end, in the colour of their quads, and how many the edge cuts off (not drawn)."""
    counts: dict[str, int] = {}
    colors: dict[str, overlays.Rgb] = {}
    for code in annotations:
        name = "decoded" if code.get("decoded") else str(code.get("reason", "unknown")).replace("_", " ")
        counts[name] = counts.get(name, 0) + 1
        colors[name] = overlays.color_of(code)
    if cut:
        counts["cut off by the edge"], colors["cut off by the edge"] = cut, PAPER
    names = sorted(counts, key=lambda name: (name != "decoded", -counts[name], name))
    places, x, y = [], 0.0, 0
    for name in names:
        needed = 14 + overlays.text_width(f"{counts[name]} {name}", _CAPTION)
        if x and x + needed > width:
            x, y = 0.0, y + 17
        places.append((x, y))
        x += needed + 14
    strip = Image.new("RGB", (width, y + 17), PAPER)
    pen = ImageDraw.Draw(strip)
    for name, (x, y) in zip(names, places, strict=True):
        pen.rectangle([x, y + 3, x + 9, y + 12], fill=colors[name], outline=INK)
        text = f"{counts[name]} {name}"
        overlays.write(pen, (x + 14, y), text, INK, fitted(text, _CAPTION, width - x - 14))
    if not counts:
        overlays.write(pen, (0, 0), "no code in view", FAINT, fitted("no code in view", _CAPTION, width))
    return strip


def _tile(
    sheet: Image.Image,
    pen: ImageDraw.ImageDraw,
    at: tuple[int, int],
    sample: Pictured,
    code: Mapping[str, Any],
    px: int,
) -> None:
    """Draw one code's crop at `at` with two lines below it."""
    quad = np.asarray(code["quad_px"], float).reshape(-1, 2)
    height, width = sample.image.shape[:2]
    border = 2 + 0.12 * np.ptp(quad, axis=0).max()  # some of the quiet zone
    left, top = np.floor(quad.min(axis=0) - border).clip(0, (width - 1, height - 1)).astype(int)
    right, bottom = np.ceil(quad.max(axis=0) + border).clip((left + 1, top + 1), (width, height)).astype(int)
    crop = Image.fromarray(np.ascontiguousarray(for_eyes(sample.image[top:bottom, left:right]))).convert("RGB")
    zoom = px / max(crop.size)
    way = Image.Resampling.NEAREST if zoom > 1 else Image.Resampling.LANCZOS
    crop = crop.resize((max(1, round(crop.width * zoom)), max(1, round(crop.height * zoom))), way)
    x, y = at
    sheet.paste(crop, (x, y + px - crop.height))
    color = overlays.color_of(code)
    pen.rectangle([x, y + px + 2, x + px - 1, y + px + 4], fill=color)
    word = "decoded" if code.get("decoded") else str(code.get("reason", "unknown")).replace("_", " ")
    measured = f"{float(code.get('module_px_min', 0.0)):.1f} px  {word}"
    named = f"{code.get('symbology', '?')}  {sample.key.split('-', 1)[-1]}"
    overlays.write(pen, (x, y + px + 7), measured, INK, fitted(measured, 11, px))
    overlays.write(pen, (x, y + px + 21), named, FAINT, fitted(named, 10, px))


def _head(title: str, facts: Sequence[str], width: int) -> Image.Image:
    """Return the head of a sheet: its title and facts, in as many lines as they need."""
    words = [
        (wrapped([title or "synthgen preview"], _TITLE, width), INK, _TITLE),
        (wrapped(facts, _FACTS, width), FAINT, _FACTS),
    ]
    head = Image.new("RGB", (width, 12 + block_height(words) + 8), PAPER)
    write_block(ImageDraw.Draw(head), (0, 12), words)
    return head


def _counts(samples: Iterable[Pictured]) -> tuple[int, int]:
    """Return how many codes were decoded and how many were in view."""
    codes = [code for sample in samples for code in sample.record.get("annotations", []) if _in_view(code)]
    return sum(bool(code.get("decoded")) for code in codes), len(codes)


def _in_view(code: Mapping[str, Any]) -> bool:
    return code.get("reason") != "out_of_view"


def _on_image(sample: Pictured, code: Mapping[str, Any]) -> bool:
    """Return whether a part of the code's box lies on the image, so that there is something to crop."""
    quad = np.asarray(code["quad_px"], float).reshape(-1, 2)
    if not _in_view(code) or not np.isfinite(quad).all():
        return False
    height, width = sample.image.shape[:2]
    return bool((quad.max(axis=0) > 0).all() and (quad.min(axis=0) < (width, height)).all())


def _worst(sample: Pictured) -> tuple[float | None, str]:
    """Return the maximum of a sample's hazard map, None where there is no map, and the hazard's name in brackets."""
    safety = sample.record.get("safety", {})
    name = f" ({safety['hazard']})" if safety.get("hazard") else ""
    hazard = sample.arrays.get("hazard")
    if hazard is not None:
        return float(np.max(hazard, initial=0.0, where=np.isfinite(hazard))), name
    return eye_hazard.largest(sample.record), name


def _time(seconds: float) -> str:
    """Return a short time in the unit it is spoken of in."""
    for unit, factor in (("us", 1e6), ("ms", 1e3)):
        if seconds * factor < 1000:
            return f"{seconds * factor:.4g} {unit}"
    return f"{seconds:.4g} s"
