"""Put labels on the faces of an item: on the flat part, clear of edges and of other labels."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from numpy.random import Generator

from synthgen.world import item_faces
from synthgen.world.poses import apart, moved, rotate
from synthgen.world.shot import Item, Label, Shot

EDGE_M = 0.025
"""Margin that carriers ask to be left free at a face's edges."""
_GAP_M = 0.004
_TRIES = 24
Vec2 = tuple[float, float]
SIDES = ("front", "back", "left", "right")


@dataclass(frozen=True)
class Flat:
    """The part of a face that a label can lie on."""

    center_m: Vec2
    """From the face's centre, x right and y up."""
    size_m: Vec2
    """Width and height; zero where nothing is flat."""


_NOTHING = Flat((0.0, 0.0), (0.0, 0.0))
_PALLET_M = 0.15
"""Height of the pallet below a load."""
_BOARDS = (0.145 / 0.8, 0.145 / 1.2)
"""Width of an EUR 1 pallet's middle board and blocks in shares of its width and length."""
_BLOCK = (0.022 / 0.144, 0.1 / 0.144)
"""Foot and top of its blocks in shares of its height."""
_TOTE_WALL_M = 0.008
"""Depth of a tote's wall with its ribs and rim; its lid lies inside the rim."""
_LIPS_M = 0.014
"""Height that both lips of a rack's label holder cover together."""


def flat(item: Item, face: str) -> Flat:
    """Return where a face is flat, of size zero where it is not.

    A tote has panels on its sides and a floor; a label on its `top` lies on a lid, which closes it. A mailer is flat in
    the middle of its top, a drum within its lid, a pallet on its middle boards and blocks, a load above its pallet.
    """
    width, height = item_faces.size(face, item.size_m)
    side = face in SIDES
    if item.kind == "tote":
        return _tote(face, width, height)
    if item.kind == "mailer":
        return Flat((0.0, 0.0), (0.64 * width, 0.64 * height)) if face == "top" else _NOTHING
    if item.kind == "drum":
        square = min(width, height) / math.sqrt(2)
        return _NOTHING if side else Flat((0.0, 0.0), (square, square))
    if item.kind == "pallet":
        return _pallet(face, width, height)
    if item.kind == "pallet_load" and side:
        return Flat((0.0, _PALLET_M / 2), (width, max(height - _PALLET_M, 0.0)))
    if item.kind == "pallet_load" and face == "bottom":
        return _pallet(face, width, height)
    if item.kind == "beam":
        return Flat((0.0, 0.0), (width, max(height - _LIPS_M, 0.0)))
    return Flat((0.0, 0.0), (width, height))


def _tote(face: str, width: float, height: float) -> Flat:
    if face in SIDES:
        return Flat((0.0, -0.1 * height), (0.46 * width, 0.62 * height))
    return Flat((0.0, 0.0), (max(width - 2 * _TOTE_WALL_M, 0.0), max(height - 2 * _TOTE_WALL_M, 0.0)))


def _pallet(face: str, width: float, height: float) -> Flat:
    """Return the middle board or skid, or the middle block of a side."""
    if face not in SIDES:
        return Flat((0.0, 0.0), (width, _BOARDS[0] * height))
    foot, top = (share * height for share in _BLOCK)
    across = _BOARDS[0] if face in ("front", "back") else _BOARDS[1]
    return Flat((0.0, (foot + top - height) / 2), (across * width, top - foot))


def is_flat(item: Item, face: str) -> bool:
    """Return whether a label can lie on a face."""
    return min(flat(item, face).size_m) > 0


def labelled(item: Item) -> tuple[str, ...]:
    """Return the faces that an item is labelled on unless another is asked for: all that are flat but its bottom."""
    return tuple(face for face in (*SIDES, "top") if is_flat(item, face))


def room(item: Item, face: str) -> Vec2:
    """Return the width and height [m] of a face that labels may cover; with the margin `EDGE_M` where there is room."""
    width, height = flat(item, face).size_m
    return _without_edge(width), _without_edge(height)


def extent(size_m: Vec2, angle_rad: float) -> Vec2:
    """Return width and height [m] of the upright box around a turned label."""
    cos, sin = abs(math.cos(angle_rad)), abs(math.sin(angle_rad))
    return size_m[0] * cos + size_m[1] * sin, size_m[0] * sin + size_m[1] * cos


def corners(label: Label) -> tuple[Vec2, ...]:
    """Return the corners [m] of a label on its face, counter-clockwise."""
    cos, sin = math.cos(label.angle_rad), math.sin(label.angle_rad)
    x, y = label.center_m
    half = [(sx * label.size_m[0] / 2, sy * label.size_m[1] / 2) for sx, sy in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    return tuple((x + cos * u - sin * v, y + sin * u + cos * v) for u, v in half)


def put(
    item: Item, label: Label, wanted_m: Vec2, rng: Generator, may_lie: Callable[[Vec2], bool] | None = None
) -> Item | None:
    """Return the item with a label added near `wanted_m` on `label.face`, or None where there is no room for it.

    The label is moved inside the face's edges; when another label is in the way, other places on the face are tried.
    `may_lie` gets a place, from the face's centre [m], and says whether the label may lie there.
    """
    area = flat(item, label.face)
    wide, high = extent(label.size_m, label.angle_rad)
    span = (_span(area.size_m[0], wide), _span(area.size_m[1], high))
    if min(span) < 0:
        return None
    middle = area.center_m
    others = [corners(other) for other in item.labels if other.face == label.face]
    for attempt in range(_TRIES):
        if attempt == 0:
            off = (wanted_m[0] - middle[0], wanted_m[1] - middle[1])
        else:
            off = (float(rng.uniform(-1, 1)) * span[0], float(rng.uniform(-1, 1)) * span[1])
        off = (min(max(off[0], -span[0]), span[0]), min(max(off[1], -span[1]), span[1]))
        placed = replace(label, center_m=(middle[0] + off[0], middle[1] + off[1]))
        if may_lie is not None and not may_lie(placed.center_m):
            continue
        if all(apart(corners(placed), other, _GAP_M) for other in others):
            return replace(item, labels=(*item.labels, placed))
    return None


def inside(item: Item, label: Label, wanted_m: Vec2) -> Vec2 | None:
    """Return the place nearest to `wanted_m` where a label keeps the face's edges free; None when it is too large."""
    area = flat(item, label.face)
    spans = [_span(have, need) for have, need in zip(area.size_m, extent(label.size_m, label.angle_rad), strict=True)]
    if min(spans) < 0:
        return None
    (x, y), (u, v) = wanted_m, area.center_m
    return u + min(max(x - u, -spans[0]), spans[0]), v + min(max(y - v, -spans[1]), spans[1])


def facing_camera(shot: Shot, item: Item, among: tuple[str, ...]) -> str:
    """Return the face that looks most directly at the nearest camera; the first where the shot has no camera."""
    if not shot.cameras:
        return among[0]
    scores = {face: max(_towards(item, face, c.pose.position_m) for c in shot.cameras.values()) for face in among}
    return max(among, key=lambda face: scores[face])


def _towards(item: Item, face: str, eye_m: tuple[float, float, float]) -> float:
    """Return how much of a face an eye sees: cosine over the squared distance."""
    center, _, _, outward = item_faces.frame(face, item.size_m)
    at = moved(item.pose, center).position_m
    normal = rotate(item.pose.rotation_wxyz, outward)
    way = tuple(e - a for e, a in zip(eye_m, at, strict=True))
    distance = math.sqrt(sum(w * w for w in way))
    return sum(w * n for w, n in zip(way, normal, strict=True)) / max(distance, 1e-6) ** 3


def _without_edge(length: float) -> float:
    """Return a length without the edges at both ends, which shrink on small things."""
    return length - 2 * min(EDGE_M, 0.06 * length)


def _span(face: float, label: float) -> float:
    """Return how far a label's centre may lie from the face's: edges kept free where there is room, else 2 mm."""
    for edge in (EDGE_M, 0.06 * face, 0.002):
        if face - 2 * edge >= label:
            return (face - label) / 2 - edge
    return -1.0
