"""Plan views: the room from above, with lamps, baffles, zones, the map of ratios and the worst place, to scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from synthgen.reporting.axes import round_down
from synthgen.reporting.numbers import number
from synthgen.reporting.svg import Svg, drawing, line, polygon, tag, text
from synthgen.safety.plan_view import Outline
from synthgen.safety.record import SceneAssessment, Source
from synthgen.safety.report import scale
from synthgen.safety.zone_record import RatioMap, Vec3, Zone

WIDTH = 680.0
_TALLEST, _LEFT, _TOP, _RIGHT = 370.0, 44.0, 12.0, 12.0
_INK, _GREY, _BAFFLE, _ZONE, _LAMP = "#1a1a1a", "#8a8f94", "#222222", "#1f4e79", "#f2c200"
_AROUND_M = 0.4


@dataclass(frozen=True)
class View:
    """Where metres lie in the drawing."""

    low_m: tuple[float, float]
    high_m: tuple[float, float]
    taken: list[tuple[float, float, float, float]] = field(default_factory=list)
    """Boxes of labels that are there already: left, top, right, bottom."""

    @property
    def per_m(self) -> float:
        """Return units of the drawing per metre."""
        wide, high = (h - low for low, h in zip(self.low_m, self.high_m, strict=True))
        return min((WIDTH - _LEFT - _RIGHT) / wide, _TALLEST / high)

    @property
    def size(self) -> tuple[float, float]:
        """Return width and height of the room's part in the drawing."""
        return tuple((h - low) * self.per_m for low, h in zip(self.low_m, self.high_m, strict=True))  # type: ignore

    @property
    def left(self) -> float:
        """Return where the room begins: centred."""
        return _LEFT + (WIDTH - _LEFT - _RIGHT - self.size[0]) / 2

    def __call__(self, x_m: float, y_m: float) -> tuple[float, float]:
        """Return where a place lies in the drawing."""
        return (self.left + (x_m - self.low_m[0]) * self.per_m, _TOP + (self.high_m[1] - y_m) * self.per_m)

    def holds(self, x_m: float, y_m: float) -> bool:
        """Return whether the place is in the drawing."""
        return self.low_m[0] <= x_m <= self.high_m[0] and self.low_m[1] <= y_m <= self.high_m[1]


def overview(assessment: SceneAssessment) -> Svg:
    """Return the plan for page one: every zone, and the worst place of the worst zone over its map."""
    worst = assessment.zone(assessment.worst_zone)
    return _plan(assessment, assessment.zones, worst, nearest_map(worst))


def zone_plan(assessment: SceneAssessment, zone: Zone, ratios: RatioMap, small: bool = False) -> Svg:
    """Return the plan of one zone with one of its maps; `small`: to be printed at half the width, without a legend."""
    return _plan(assessment, (zone,), zone, ratios, small)


def nearest_map(zone: Zone) -> RatioMap | None:
    """Return the zone's map whose height is nearest to the worst eye; None where it has none."""
    return min(zone.maps, key=lambda each: abs(each.z_m - zone.worst_position_m[2]), default=None)


def drawn_sources(assessment: SceneAssessment, zones: tuple[Zone, ...]) -> list[Source]:
    """Return the lamps that lie in the plan of these zones, in the record's order."""
    view = _view(assessment, zones)
    return [source for source in assessment.sources if _placed(source) and view.holds(*source.position_m[:2])]


def lamp_number(assessment: SceneAssessment, path: str) -> int:
    """Return the number by which plans and tables name a lamp; 0 for a path that is no lamp's."""
    return next((i for i, source in enumerate(assessment.sources, 1) if source.path == path), 0)


def _placed(source: Source) -> bool:
    """Return whether a lamp is somewhere: daylight is not."""
    return source.shape not in ("distant", "dome")


def _view(assessment: SceneAssessment, zones: tuple[Zone, ...]) -> View:
    points = [corner[:2] for zone in zones for corner in zone.box_m] + [zone.worst_position_m[:2] for zone in zones]
    culprits = {zone.culprit for zone in zones}
    low, high = np.min(points, axis=0) - 2.0, np.max(points, axis=0) + 2.0
    for source in assessment.sources:
        near = (low <= source.position_m[:2]).all() and (source.position_m[:2] <= high).all()
        if _placed(source) and (source.path in culprits or near):
            points.append(source.position_m[:2])
    low, high = np.min(points, axis=0) - _AROUND_M, np.max(points, axis=0) + _AROUND_M
    shape = (WIDTH - _LEFT - _RIGHT) / _TALLEST
    wider = max((high[1] - low[1]) * shape - (high[0] - low[0]), 0.0) / 2.0  # the room beside it costs nothing
    low[0], high[0] = low[0] - wider, high[0] + wider
    return View((float(low[0]), float(low[1])), (float(high[0]), float(high[1])))


def _plan(
    assessment: SceneAssessment, zones: tuple[Zone, ...], focus: Zone, ratios: RatioMap | None, small: bool = False
) -> Svg:
    view, allowed = _view(assessment, zones), assessment.question.max_ratio
    wide, high = view.size
    names = [] if small else [_zone_label(view, zone, assessment.outlines) for zone in zones]
    inside = tag(
        "svg",
        *([_cells(view, ratios, allowed)] if ratios else []),
        *_outlines(view, assessment),
        *([_limit_line(view, ratios, allowed)] if ratios else []),
        *(_zone(view, zone) for zone in zones),
        *(_lamp(view, source, source.path == focus.culprit) for source in drawn_sources(assessment, zones)),
        _worst(view, assessment, focus, small),
        *([] if small else _lamp_labels(view, assessment, zones)),
        *names,
        x=view.left,
        y=_TOP,
        width=wide,
        height=high,
        viewBox=f"{view.left:.2f} {_TOP:.2f} {wide:.2f} {high:.2f}",  # a frame that cuts what reaches out of it
    )
    bottom = _TOP + high + (40.0 if small else 46.0)
    legend, legend_height = ([], 0.0) if small else _legend(allowed, bottom, ratios is not None)
    frame = tag("rect", x=view.left, y=_TOP, width=wide, height=high, fill="none", stroke=_INK)
    axes = tag("g", *_axes(view, small), font_size=19 if small else 11)
    return drawing(WIDTH, bottom + legend_height, inside, frame, axes, *legend)


def _cells(view: View, ratios: RatioMap, allowed: float) -> Svg:
    """Return the map in false colour; equal neighbours of a row are one rectangle."""
    kinds = scale.classes(ratios.ratio, allowed)
    dx, dy = ratios.spacing_m
    drawn = []
    for row, kinds_of_row in enumerate(kinds):
        for start, end, colour in scale.runs(kinds_of_row):
            x, y = view(ratios.origin_m[0] + (start - 0.5) * dx, ratios.origin_m[1] + (row + 0.5) * dy)
            size = {"width": (end - start) * dx * view.per_m + 0.3, "height": dy * view.per_m + 0.3}
            drawn.append(tag("rect", x=x, y=y, fill=colour, **size))
    return tag("g", *drawn, shape_rendering="crispEdges")


def _limit_line(view: View, ratios: RatioMap, allowed: float) -> Svg:
    def place(point: tuple[float, float]) -> tuple[float, float]:
        return view(*(o + p * d for o, p, d in zip(ratios.origin_m, point, ratios.spacing_m, strict=True)))

    segments = [(place(a), place(b)) for a, b in scale.contour(ratios.ratio, allowed)]
    path = "".join(f"M{a[0]:.1f} {a[1]:.1f}L{b[0]:.1f} {b[1]:.1f}" for a, b in segments)
    return tag("path", d=path or "M0 0", fill="none", stroke=_INK, stroke_width=1.8)


def _outlines(view: View, assessment: SceneAssessment) -> list[Svg]:
    drawn = []
    for outline in assessment.outlines:
        corners = [view(*corner) for corner in outline.corners_m]
        if outline.kind == "baffle":
            drawn.append(polygon(corners, fill="#5a5a5a", fill_opacity=0.35, stroke=_BAFFLE, stroke_width=2.2))
        else:
            drawn.append(polygon(corners, fill="#9aa0a6", fill_opacity=0.05, stroke="#a9aeb3", stroke_width=0.5))
    return drawn


def _zone(view: View, zone: Zone) -> Svg:
    (x0, y0), (x1, y1) = view(*zone.box_m[0][:2]), view(*zone.box_m[1][:2])
    return tag(
        "rect",
        x=min(x0, x1),
        y=min(y0, y1),
        width=abs(x1 - x0),
        height=abs(y1 - y0),
        fill="none",
        stroke=_ZONE,
        stroke_width=1.6,
        stroke_dasharray="7 4",
    )


def _zone_label(view: View, zone: Zone, outlines: Sequence[Outline]) -> Svg:
    """Return the zone's name and the height of its eyes above its box, inside it where a baffle lies above."""
    words = f"{zone.name}, eyes at {number(zone.eyes_m[0][2])} to {number(zone.eyes_m[1][2])} m"
    x, top = view(zone.box_m[0][0], zone.box_m[1][1])
    width = 5.4 * len(words)
    x, y = max(min(x, view.left + view.size[0] - width - 4), view.left + 4), max(top - 5, _TOP + 12)
    for outline in (each for each in outlines if each.kind == "baffle"):
        across, along = zip(*(view(*corner) for corner in outline.corners_m), strict=True)
        if min(across) < x + width and x < max(across) and min(along) < y + 3 and y - 10 < max(along):
            x, y = x + 4, top + 13
            break
    view.taken.append((x, y - 10, x + width, y + 3))
    return _halo(x, y, words, fill=_ZONE, font_style="italic")


def _lamp(view: View, source: Source, culprit: bool) -> Svg:
    x, y = view(*source.position_m[:2])
    along = np.array(source.direction[:2])
    flat = float(np.linalg.norm(along))
    parts = []
    if flat > 0.2:
        dx, dy = along[0] / flat * (8 + 10 * flat), -along[1] / flat * (8 + 10 * flat)
        parts.append(line(x, y, x + dx, y + dy, stroke=_INK, stroke_width=1.6))
        tip = [(x + dx, y + dy), (x + 0.6 * dx - 0.22 * dy, y + 0.6 * dy + 0.22 * dx)]
        parts.append(polygon([*tip, (x + 0.6 * dx + 0.22 * dy, y + 0.6 * dy - 0.22 * dx)], fill=_INK))
    width = 3.0 if culprit else 1.2
    parts.append(tag("circle", cx=x, cy=y, r=5.5, fill=_LAMP, stroke=_INK, stroke_width=width))
    return tag("g", *parts)


def _lamp_labels(view: View, assessment: SceneAssessment, zones: tuple[Zone, ...]) -> list[Svg]:
    drawn = drawn_sources(assessment, zones)
    for source in drawn:
        x, y = view(*source.position_m[:2])
        view.taken.append((x - 7, y - 7, x + 7, y + 7))
    return [
        _halo(*_free(view, view(*source.position_m[:2]), str(lamp_number(assessment, source.path))),
              str(lamp_number(assessment, source.path)), font_weight="bold")
        for source in drawn
    ]  # fmt: skip


def _worst(view: View, assessment: SceneAssessment, zone: Zone, small: bool) -> Svg:
    """Return the worst eye, with a line to the lamp that causes it."""
    x, y = view(*zone.worst_position_m[:2])
    parts = []
    for source in assessment.sources:
        if source.path == zone.culprit and _placed(source):
            x1, y1 = view(*source.position_m[:2])
            parts.append(line(x, y, x1, y1, stroke="#ffffff", stroke_width=4.0, stroke_opacity=0.8))
            parts.append(line(x, y, x1, y1, stroke=_INK, stroke_width=1.4, stroke_dasharray="2 3"))
    for radius, colour, width in ((10.0, "#ffffff", 5.0), (10.0, "#a4161a", 2.6), (2.2, "#a4161a", 2.0)):
        parts.append(tag("circle", cx=x, cy=y, r=radius, fill="none", stroke=colour, stroke_width=width))
    for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        parts.append(line(x + 7 * dx, y + 7 * dy, x + 15 * dx, y + 15 * dy, stroke="#a4161a", stroke_width=2.4))
    view.taken.append((x - 15, y - 15, x + 15, y + 15))
    if small:
        return tag("g", *parts)
    words = f"worst place: {number(zone.worst_ratio)} × limit"
    at = _free(view, (x, y), words, 17.0)
    ground = tag(
        "rect",
        x=at[0] - 2,
        y=at[1] - 11,
        width=6.0 * len(words) + 4,
        height=14,
        fill="#ffffff",
        rx=2,
        fill_opacity=0.85,
    )
    return tag("g", *parts, ground, _halo(*at, words, font_weight="bold", font_size=12, fill="#7a0f12"))


def _free(view: View, at: tuple[float, float], words: str, away: float = 9.0) -> tuple[float, float]:
    """Return where a label fits: the first of eight places beside a point that hides nothing, inside the room."""
    width, height = 6.0 * len(words) + 2, 12.0
    right, bottom = view.left + view.size[0], _TOP + view.size[1]
    x, y = at
    best, least = (x + away, y + 4), math.inf
    for dx, dy in ((1, 0), (-1, 0), (0, -1), (0, 1), (1, -1), (-1, -1), (1, 1), (-1, 1)):
        left = x + away if dx > 0 else x - away - width if dx < 0 else x - width / 2
        top = y - away - height if dy < 0 else y + away if dy > 0 else y - height / 2
        box = (left, top, left + width, top + height)
        outside = max(view.left - box[0], box[2] - right, _TOP - box[1], box[3] - bottom, 0.0)
        cost = outside * 100 + sum(_overlap(box, other) for other in view.taken)
        if cost < least:
            best, least = (left + 1, top + 10), cost
    view.taken.append((best[0] - 1, best[1] - 10, best[0] - 1 + width, best[1] - 10 + height))
    return best


def _overlap(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> float:
    return max(min(a[2], b[2]) - max(a[0], b[0]), 0.0) * max(min(a[3], b[3]) - max(a[1], b[1]), 0.0)


def _halo(x: float, y: float, words: str, **attributes: object) -> Svg:
    """Return text that stays legible on any ground."""
    behind = {
        **attributes,
        "fill": "#ffffff",
        "stroke": "#ffffff",
        "stroke_width": 3.0,
        "stroke_linejoin": "round",
        "aria_hidden": "true",
    }
    front = {"fill": _INK, **attributes}
    return tag("g", text(x, y, words, **behind), text(x, y, words, **front))


def _axes(view: View, small: bool) -> list[Svg]:
    """Return ticks in metres along two sides, and a bar of a round length."""
    step = round_down(max(view.high_m[0] - view.low_m[0], view.high_m[1] - view.low_m[1]) / 4.0)
    bottom, drawn = _TOP + view.size[1], []
    for k in range(math.ceil(view.low_m[0] / step), math.floor(view.high_m[0] / step) + 1):
        x = view(k * step, 0.0)[0]
        drawn += [
            line(x, bottom, x, bottom + 5, stroke=_INK),
            text(x, bottom + (20 if small else 16), number(k * step), text_anchor="middle"),
        ]
    for k in range(math.ceil(view.low_m[1] / step), math.floor(view.high_m[1] / step) + 1):
        y = view(0.0, k * step)[1]
        drawn += [line(view.left - 5, y, view.left, y, stroke=_INK),
                  text(view.left - 8, y + 4, number(k * step), text_anchor="end")]  # fmt: skip
    if small:
        return drawn
    length = round_down((view.high_m[0] - view.low_m[0]) / 4.0)
    y, x = bottom + 30, view.left
    drawn += [line(x, y, x + length * view.per_m, y, stroke=_INK, stroke_width=3.0),
              text(x + length * view.per_m + 6, y + 4, f"{number(length)} m"),
              text(WIDTH - _RIGHT, y + 4, "x to the right, y up, in metres, from above", text_anchor="end",
                   fill="#444444")]  # fmt: skip
    return drawn


def _legend(allowed: float, top: float, colours: bool) -> tuple[list[Svg], float]:
    """Return what the colours and signs mean, and how high that is."""
    drawn: list[Svg] = []
    if colours:
        drawn.append(
            text(8, top + 11, f"ratio = level ÷ exposure limit (allowed: {number(allowed)})", font_weight="bold")
        )
        step = (WIDTH - 16) / len(scale.COLOURS)
        for i, (colour, label) in enumerate(zip(scale.COLOURS, scale.labels(allowed), strict=True)):
            x = 8 + i * step
            drawn.append(
                tag("rect", x=x, y=top + 18, width=step, height=12, fill=colour, stroke=_GREY, stroke_width=0.5)
            )
            drawn.append(text(x + step / 2, top + 42, label, text_anchor="middle", font_size=10))
        top += 50
    y, signs = top + 12, _signs(colours)
    drawn += [tag("g", sign, text(22, 4, words), transform=f"translate({x} {y})") for x, sign, words in signs]
    return drawn, (72.0 if colours else 22.0)


def _signs(colours: bool) -> list[tuple[int, Svg, str]]:
    eye = tag("circle", cx=8, cy=0, r=6, fill="none", stroke="#a4161a", stroke_width=2.4)
    lamp = tag("circle", cx=8, cy=0, r=5.5, fill=_LAMP, stroke=_INK, stroke_width=1.2)
    cause = tag("circle", cx=8, cy=0, r=5.5, fill=_LAMP, stroke=_INK, stroke_width=3.0)
    sheet = tag(
        "rect", x=0, y=-5, width=16, height=10, fill="#5a5a5a", fill_opacity=0.35, stroke=_BAFFLE, stroke_width=2
    )
    zone = line(0, 0, 18, 0, stroke=_ZONE, stroke_width=1.6, stroke_dasharray="7 4")
    limit = line(0, 0, 18, 0, stroke=_INK, stroke_width=1.8)
    found = [(8, eye, "worst eye"), (100, lamp, "lamp, number as listed"), (250, cause, "lamp that causes it"),
             (378, sheet, "baffle"), (448, zone, "zone")]  # fmt: skip
    return [*found, (516, limit, "allowed ratio reached")] if colours else found


def corner_text(place_m: Vec3) -> str:
    """Return a place in words."""
    return f"x {number(place_m[0])}, y {number(place_m[1])}, z {number(place_m[2])} m"
