"""Draw what was measured: maps in false colour with a legend, and labels over their image.

Colours are computed, not copied: a palette is a few stops in OKLCh (lightness, chroma, hue), joined by straight lines
in OKLab, so that equal steps of a value look equally far apart and grey prints stay in order.

References:
    B. Ottosson: A perceptual color space for image processing (2020), the two matrices of OKLab.
    IEC 61966-2-1:1999, the sRGB transfer curve.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from synthgen.reporting.axes import round_down, round_up, ticks
from synthgen.reporting.numbers import short

Rgb = tuple[int, int, int]
Box = tuple[float, float, float, float]

PAPER: Rgb = (250, 250, 248)
INK: Rgb = (32, 34, 38)
FAINT: Rgb = (122, 126, 132)
NOTHING: Rgb = (58, 60, 64)
"""Where a map has no value: nothing was hit, or nothing arrives."""

PALETTES: dict[str, tuple[tuple[float, float, float, float], ...]] = {
    # position, lightness, chroma, hue [deg]
    "distance": ((0.0, 0.96, 0.07, 105), (0.35, 0.78, 0.12, 170), (0.7, 0.50, 0.11, 235), (1.0, 0.20, 0.08, 275)),
    "light": ((0.0, 0.16, 0.06, 290), (0.3, 0.38, 0.16, 330), (0.65, 0.66, 0.18, 35), (1.0, 0.97, 0.09, 102)),
    "risk": ((0.0, 0.22, 0.03, 240), (0.45, 0.55, 0.09, 215), (0.8, 0.88, 0.13, 110), (1.0, 0.90, 0.17, 98)),
    "excess": ((0.0, 0.64, 0.22, 30), (1.0, 0.38, 0.20, 345)),
}
"""`risk` ends where `excess` begins: the limit itself."""

REASON_COLORS: dict[str, Rgb] = {
    "readable": (36, 196, 92),
    "undersampled": (70, 150, 255),
    "orientation": (70, 150, 255),
    "motion_blur": (176, 120, 255),
    "defocus": (176, 120, 255),
    "low_contrast": (255, 150, 40),
    "underexposed": (255, 150, 40),
    "noise": (255, 150, 40),
    "glare": (255, 226, 60),
    "saturated": (255, 226, 60),
    "occluded": (170, 174, 180),
    "out_of_view": (170, 174, 180),
    "damaged": (255, 88, 88),
    "misread": (255, 60, 190),
    "unknown": (255, 88, 88),
}

LEGEND_PX = 44
"""Height of the legend below a map."""


@dataclass(frozen=True, kw_only=True)
class Scale:
    """How values become colours. `turn` splits the bar: below it `palette`, above it `palette_above`."""

    low: float
    high: float
    log: bool = False
    palette: str = "light"
    turn: float = 0.0
    palette_above: str = "excess"

    def __post_init__(self) -> None:
        if not self.high > self.low or (self.log and self.low <= 0):
            raise ValueError(f"a scale needs low < high, and above 0 when logarithmic; found {self.low} to {self.high}")

    def position(self, values: np.ndarray) -> np.ndarray:
        """Return where values lie on the bar, 0 to 1; nan where there is none."""
        values = np.asarray(values, float)
        if not self.log:
            return np.clip((values - self.low) / (self.high - self.low), 0.0, 1.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.log(np.where(values > 0, values, np.nan) / self.low) / math.log(self.high / self.low)
        return np.clip(share, 0.0, 1.0)

    def colors(self, values: np.ndarray) -> np.ndarray:
        """Return sRGB colours of values, shape (..., 3), uint8; NOTHING where they are not finite."""
        values = np.asarray(values, float)
        place = self.position(np.where(np.isfinite(values), values, np.nan))
        known = np.isfinite(place)
        steps = np.rint(np.where(known, place, 0.0) * 255).astype(int)
        return np.where(known[..., None], self.bar()[steps], np.array(NOTHING, np.uint8))

    def bar(self) -> np.ndarray:
        """Return the 256 colours from low to high, shape (256, 3), uint8."""
        if not self.low < self.turn < self.high:
            return palette(self.palette)
        split = round(float(self.position(np.array(self.turn))) * 255)
        below = palette(self.palette)[np.linspace(0, 255, split + 1).astype(int)]
        above = palette(self.palette_above)[np.linspace(0, 255, 255 - split).astype(int)]
        return np.concatenate([below, above])

    def ticks(self) -> list[float]:
        """Return round values within the scale for a legend, about three to seven."""
        return ticks(self.low, self.high, log=self.log)


def false_colour(
    values: np.ndarray,
    unit: str,
    label: str,
    limits: tuple[float, float] | Scale | None = None,
    *,
    log: bool = False,
    palette: str = "light",
    width_px: int | None = None,
) -> np.ndarray:
    """Return a map (h, w) in false colour with its legend below, shape (h', w', 3), uint8.

    Args:
        values: the map; what is not finite (or, on a log scale, not positive) is drawn as NOTHING.
        unit: for the legend, such as "W/m^2"; ^ raises what follows.
        label: what the map shows.
        limits: values at the ends of the bar, a whole `Scale`, or None to fit the map.
        log: whether the bar is logarithmic.
        palette: a name of `PALETTES`.
        width_px: width of the result; default the map's own, but at least 200.
    """
    scale = limits if isinstance(limits, Scale) else Scale(low=0, high=1)
    if not isinstance(limits, Scale):
        low, high = fit(values, log=log) if limits is None else limits
        scale = Scale(low=low, high=high, log=log, palette=palette)
    width = width_px or max(values.shape[1], 200)
    height = max(1, round(values.shape[0] * width / values.shape[1]))
    canvas = Image.new("RGB", (width, height + LEGEND_PX), PAPER)
    canvas.paste(Image.fromarray(scale.colors(_nearest(values, width, height))), (0, 0))
    _legend(canvas, height, scale, unit, label)
    return np.asarray(canvas)


def fit(values: np.ndarray, *, log: bool = False) -> tuple[float, float]:
    """Return round limits that hold all but the outermost percent of the finite values."""
    known = np.asarray(values, float)
    known = known[np.isfinite(known) & (known > 0 if log else True)]
    if known.size == 0:
        return (0.1, 1.0) if log else (0.0, 1.0)
    low, high = (float(limit) for limit in np.percentile(known, [1, 99]))
    if log:
        return round_down(low), max(round_up(high), 10 * round_down(low))
    step = round_up((high - low) / 12) if high > low else max(abs(high), 1.0) / 10
    return math.floor(low / step + 1e-9) * step, max(math.ceil(high / step - 1e-9), math.floor(low / step) + 1) * step


def draw_labels(image: np.ndarray, annotations: Iterable[Mapping[str, Any]], *, scale: float = 1.0) -> np.ndarray:
    """Return the image with every code's quad and a tag, shape (h, w, 3) times `scale`, uint8.

    Quads are coloured by reason (`REASON_COLORS`), thick where the code was decoded; a dot marks the top left corner.
    A tag says symbology, module size and payload, or what kept the code from being read; tags give way to each other.

    Args:
        image: (h, w) or (h, w, 3), uint8.
        annotations: `annotations` of the sample's JSON.
        scale: size of the drawing over that of the image; text keeps its size.
    """
    picture = Image.fromarray(image).convert("RGB")
    size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    if size != picture.size:
        picture = picture.resize(size, Image.Resampling.LANCZOS if scale < 1 else Image.Resampling.NEAREST)
    draw = ImageDraw.Draw(picture)
    quads = [(code, np.asarray(code["quad_px"], float).reshape(-1, 2) * scale - 0.5) for code in annotations]
    quads = [(code, quad.clip(-1e5, 1e5)) for code, quad in quads if len(quad) == 4 and np.isfinite(quad).all()]
    for code, quad in quads:
        _outline(draw, quad, color_of(code), 3 if code.get("decoded") else 1)
    taken: list[Box] = [(*quad.min(axis=0), *quad.max(axis=0)) for _, quad in quads]
    for code, quad in sorted(quads, key=lambda pair: -float(np.ptp(pair[1], axis=0).prod())):
        _tag(draw, size, quad, color_of(code), _tag_lines(code), taken)
    return np.asarray(picture)


def color_of(annotation: Mapping[str, Any]) -> Rgb:
    """Return the colour that stands for what became of a code."""
    reason = "readable" if annotation.get("decoded") else str(annotation.get("reason", "unknown"))
    if reason == "readable" and not annotation.get("decoded"):
        reason = "unknown"
    return REASON_COLORS.get(reason, REASON_COLORS["unknown"])


def write(draw: ImageDraw.ImageDraw, at: tuple[float, float], text: str, fill: Rgb = INK, size: float = 12) -> float:
    """Write plain text, with ^ raising the digits after it, its top left corner at `at`; return where it ends in x."""
    x, raised = at[0], False
    for part in _parts(printable(text)):
        raised = part.startswith("^")
        face = font(size * 0.72 if raised else size)
        draw.text((x, at[1] - (0.12 * size if raised else 0)), part.lstrip("^"), fill=fill, font=face)
        x += draw.textlength(part.lstrip("^"), font=face)
    return x


def text_width(text: str, size: float = 12) -> float:
    """Return the width [px] of what `write` writes."""
    return sum(
        font(size * 0.72 if part.startswith("^") else size).getlength(part.lstrip("^"))
        for part in _parts(printable(text))
    )


def printable(text: str) -> str:
    """Return text in the built-in font's letters: ASCII, with group separators shown and others as '?'."""
    return "".join(c if " " <= c <= "~" or c in "°·" else "|" if c == "\x1d" else "?" for c in text)


@lru_cache(maxsize=32)
def font(size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Return Pillow's own font: no file to find, the same everywhere."""
    return ImageFont.load_default(size)


@lru_cache(maxsize=16)
def palette(name: str) -> np.ndarray:
    """Return the 256 colours of a palette, shape (256, 3), uint8."""
    stops = np.array(PALETTES[name])
    hue = np.radians(stops[:, 3])
    lab = np.stack([stops[:, 1], stops[:, 2] * np.cos(hue), stops[:, 2] * np.sin(hue)], axis=-1)
    at = np.linspace(0, 1, 256)
    return _srgb(np.stack([np.interp(at, stops[:, 0], lab[:, axis]) for axis in range(3)], axis=-1))


def _srgb(oklab: np.ndarray) -> np.ndarray:
    """Return OKLab colours (n, 3) as sRGB uint8, cut to what a screen shows."""
    to_cone = np.array(
        [[1, 0.3963377774, 0.2158037573], [1, -0.1055613458, -0.0638541728], [1, -0.0894841775, -1.2914855480]]
    )
    to_linear = np.array(
        [
            [4.0767416621, -3.3077115913, 0.2309699292],
            [-1.2684380046, 2.6097574011, -0.3413193965],
            [-0.0041960863, -0.7034186147, 1.7076147010],
        ]
    )
    linear = np.clip((oklab @ to_cone.T) ** 3 @ to_linear.T, 0.0, 1.0)
    curved = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.rint(curved * 255).astype(np.uint8)


def _legend(canvas: Image.Image, top: int, scale: Scale, unit: str, label: str) -> None:
    """Draw bar, ticks, label and unit into the band below `top`."""
    draw = ImageDraw.Draw(canvas)
    left, right = 10, canvas.width - 10
    bar = Image.fromarray(scale.bar()[None]).resize((right - left, 9), Image.Resampling.NEAREST)
    canvas.paste(bar, (left, top + 20))
    size = min(12.0, 12.0 * (right - left) / (text_width(label, 12) + 6 + text_width(f"[{unit}]", 12)))
    end = write(draw, (left, top + 3), label, INK, size)
    write(draw, (end + 6, top + 3), f"[{unit}]", FAINT, size)
    free_from = 0.0
    marks = [(tick, short(tick)) for tick in scale.ticks()]
    for tick, text in marks:
        x = left + float(scale.position(np.array(tick))) * (right - left - 1)
        draw.line([(x, top + 29), (x, top + 32)], fill=INK)
        wide = text_width(text, 10)
        start = min(max(x - wide / 2, 0.0), canvas.width - wide)
        if start >= free_from:
            write(draw, (start, top + 32), text, INK, 10)
            free_from = start + wide + 6
    if scale.low < scale.turn < scale.high:
        x = left + float(scale.position(np.array(scale.turn))) * (right - left - 1)
        draw.line([(x, top + 17), (x, top + 31)], fill=INK, width=2)


def _outline(draw: ImageDraw.ImageDraw, quad: np.ndarray, color: Rgb, width: int) -> None:
    """Draw a quad with a dark rim, so that it shows on any ground, and a dot at its first corner."""
    corners = [tuple(corner) for corner in quad]
    for fill, wide in (((0, 0, 0), width + 2), (color, width)):
        draw.line([*corners, corners[0], corners[1]], fill=fill, width=wide, joint="curve")
    (x, y), radius = corners[0], 2 + width / 2
    draw.ellipse([x - radius, y - radius, x + radius, y + radius], fill=color, outline=(0, 0, 0))


def _tag_lines(code: Mapping[str, Any]) -> list[str]:
    """Return the two lines of a code's tag."""
    payload = printable(str(code.get("payload", "")))
    head = f"{code.get('symbology', '?')}  {float(code.get('module_px_min', 0.0)):.1f} px"
    if not code.get("decoded"):
        head += f"  {code.get('reason', 'unknown')}".replace("_", " ")
    return [head, payload if len(payload) <= 26 else payload[:25] + ".."]


def _tag(
    draw: ImageDraw.ImageDraw,
    size: tuple[int, int],
    quad: np.ndarray,
    color: Rgb,
    lines: Sequence[str],
    taken: list[Box],
) -> None:
    """Write a tag beside its quad where nothing else is, or leave it out."""
    wide, high = max(text_width(line, 11) for line in lines) + 8, 13 * len(lines) + 4
    (left, top), (right, bottom) = quad.min(axis=0), quad.max(axis=0)
    for x, y in (
        (left, top - high - 4),
        (left, bottom + 4),
        (right + 4, top),
        (left - wide - 4, top),
        (right - wide, top - high - 4),
        (right - wide, bottom + 4),
        (left, top - 2 * high - 6),
        (left, bottom + high + 6),
    ):
        x, y = min(max(x, 2), size[0] - wide - 2), min(max(y, 2), size[1] - high - 2)
        box = (x, y, x + wide, y + high)
        if x >= 0 and y >= 0 and not any(_overlap(box, other) for other in taken):
            taken.append(box)
            draw.rectangle(box, fill=(20, 22, 26))
            draw.rectangle((x, y, x + 2, y + high), fill=color)
            for row, line in enumerate(lines):
                write(draw, (x + 6, y + 2 + 13 * row), line, color if row == 0 else (238, 238, 238), 11)
            return


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _nearest(values: np.ndarray, width: int, height: int) -> np.ndarray:
    """Return a map at another size without mixing values across edges."""
    rows = ((np.arange(height) + 0.5) * values.shape[0] / height).astype(int)
    columns = ((np.arange(width) + 0.5) * values.shape[1] / width).astype(int)
    return values[rows[:, None], columns[None, :]]


def _parts(text: str) -> list[str]:
    """Split at ^: 'W/m^2 sr' gives 'W/m', '^2', ' sr'."""
    parts, rest = [], text
    while "^" in rest:
        plain, rest = rest.split("^", 1)
        length = next((n for n, c in enumerate(rest) if not (c.isdigit() or (n == 0 and c == "-"))), len(rest))
        parts += [plain, "^" + rest[:length]]
        rest = rest[length:]
    return [part for part in [*parts, rest] if part]
