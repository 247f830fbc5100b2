"""A label's paper while it is being printed: boxes, lines and text in metres from the top-left corner, y down."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from PIL import Image, ImageDraw

from synthgen.printing import font as label_font


@dataclass(frozen=True)
class Area:
    """A rectangle on the label [m], y down."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Return its width [m]."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Return its height [m]."""
        return self.bottom - self.top

    def inset(self, by_m: float) -> Area:
        """Return the area without a margin, which is smaller where the area is."""
        x, y = min(by_m, 0.2 * self.width), min(by_m, 0.2 * self.height)
        return Area(self.left + x, self.top + y, self.right - x, self.bottom - y)

    def rows(self, *shares: float) -> list[Area]:
        """Return the area cut in rows of these relative heights."""
        edges = self.top + np.cumsum([0.0, *shares]) / sum(shares) * self.height
        return [Area(self.left, float(a), self.right, float(b)) for a, b in pairwise(edges)]

    def columns(self, *shares: float) -> list[Area]:
        """Return the area cut in columns of these relative widths."""
        edges = self.left + np.cumsum([0.0, *shares]) / sum(shares) * self.width
        return [Area(float(a), self.top, float(b), self.bottom) for a, b in pairwise(edges)]


class Paper:
    """The sheet that is drawn on; the only mutable object of this folder."""

    def __init__(self, width: int, height: int, pitch_m: float) -> None:
        """Start with a bare sheet of width x height texels."""
        self.pitch_m = pitch_m
        self.size_m = (width * pitch_m, height * pitch_m)
        self.image = Image.new("L", (width, height), 255)
        self.draw = ImageDraw.Draw(self.image)

    @property
    def area(self) -> Area:
        """Return the whole sheet."""
        return Area(0.0, 0.0, *self.size_m)

    def px(self, length_m: float) -> int:
        """Return a length in texels."""
        return round(length_m / self.pitch_m)

    def box(self, area: Area, tone: int = 0, line_m: float = 0.0) -> None:
        """Fill an area, or draw its outline where a line is given."""
        corners = self._corners(area)
        if line_m:
            self.draw.rectangle(corners, outline=tone, width=max(self.px(line_m), 1))
        else:
            self.draw.rectangle(corners, fill=tone)

    def line(self, points_m: list[tuple[float, float]], width_m: float = 0.0003, tone: int = 0) -> None:
        """Draw a line through some points."""
        flat = [(x / self.pitch_m, y / self.pitch_m) for x, y in points_m]
        self.draw.line(flat, fill=tone, width=max(self.px(width_m), 1), joint="curve")

    def shape(self, points_m: list[tuple[float, float]], tone: int = 0) -> None:
        """Fill a polygon."""
        self.draw.polygon([(x / self.pitch_m, y / self.pitch_m) for x, y in points_m], fill=tone)

    def disc(self, x_m: float, y_m: float, radius_m: float, tone: int = 0, line_m: float = 0.0) -> None:
        """Fill a circle, or draw its outline where a line is given."""
        corners = self._corners(Area(x_m - radius_m, y_m - radius_m, x_m + radius_m, y_m + radius_m))
        if line_m:
            self.draw.ellipse(corners, outline=tone, width=max(self.px(line_m), 1))
        else:
            self.draw.ellipse(corners, fill=tone)

    def text(
        self, area: Area, text: str, align: str = "l", tone: int = 0, cap_m: float = 1.0, bold: bool = False
    ) -> None:
        """Print one line as large as the area and `cap_m` (height of capitals) allow, centred in height.

        `align` is l, m or r; a text that would be below about 5 texels high is left out: no printer could print it.
        """
        height = min(self.px(area.height * 0.85), self.px(cap_m))
        if not text or height < 5 or area.width <= 0:
            return
        font = label_font.fitting(text, max(self.px(area.width), 1), height)
        stroke = round(font.size / 28) if bold and font.size >= 18 else 0
        x = {"l": area.left, "m": (area.left + area.right) / 2, "r": area.right}[align] / self.pitch_m
        y = (area.top + area.bottom) / 2 / self.pitch_m
        self.draw.text((x, y), text, fill=tone, font=font, anchor=align + "m", stroke_width=stroke, stroke_fill=tone)

    def lines(self, area: Area, texts: list[str], cap_m: float = 1.0, bold_first: bool = False, tone: int = 0) -> None:
        """Print some lines below each other in one size, from the top of the area."""
        if not texts:
            return
        step = min(area.height / len(texts), cap_m * 1.55)
        fit = min(self._widest(texts, area, step), step)
        for i, text in enumerate(texts):
            row = Area(area.left, area.top + i * fit, area.right, area.top + (i + 1) * fit)
            self.text(row, text, cap_m=fit / 1.55, bold=bold_first and i == 0, tone=tone)

    def tone(self) -> np.ndarray:
        """Return the sheet as a tone map, uint8, writable."""
        return np.array(self.image)

    def _widest(self, texts: list[str], area: Area, step: float) -> float:
        """Return the line height at which the longest line still fits the width [m]."""
        height = max(self.px(step / 1.55), 1)
        font = label_font.sized(int(height / 0.73) or 1)
        widest = max(font.getlength(text) for text in texts)
        return step * min(self.px(area.width) / max(widest, 1.0), 1.0)

    def _corners(self, area: Area) -> tuple[int, int, int, int]:
        left, top = self.px(area.left), self.px(area.top)
        return left, top, max(self.px(area.right) - 1, left), max(self.px(area.bottom) - 1, top)
