"""A carton of FEFCO style 0201: flaps meeting under tape, a glued lap, print, pushed-in corners.

Layers on a face: print and seam 0.1 mm, tape 0.2 mm above the board.

References:
    FEFCO and ESBO, International fibreboard case code: style 0201 (outer flaps meet, flutes upright in the walls).
    Sizes of tape, lap and print are ordinary practice, estimated, not measured.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.random import Generator, Philox
from pxr import Sdf, Usd

from synthgen.textures import markings, surfaces
from synthgen.usd.author import materials, shapes
from synthgen.usd.author.merged_meshes import Arrays
from synthgen.world import item_faces
from synthgen.world.shot import Item, Vec3

_PRINT_LIFT_M, _TAPE_LIFT_M = 0.0001, 0.0002
_TAPE_M = 0.048
_TILE_M = 0.3
_WHITE = ("white_top", "coated", "mailer_white")


def author(stage: Usd.Stage, path: str, item: Item) -> None:
    """Author board, seam, tape, lap and print."""
    rng = Generator(Philox(key=item.look_seed))
    tone = round(item.tone * 40) / 40
    body = board(stage, item.material, tone, int(rng.integers(4)))
    _author_box(stage, f"{path}/body", item.size_m, body, int(rng.integers(4)))
    _author_tape(stage, path, item, tone, rng)
    _author_lap(stage, path, item, tone)
    if rng.random() < 0.75:
        _author_marks(stage, path, item, tone, rng)
    if rng.random() < 0.6:
        _author_maker(stage, path, item, tone, rng)


def board(stage: Usd.Stage, name: str, tone: float, variant: int, film: str = "") -> Sdf.Path:
    """Return the look of corrugated board in one of four variants; its ink is what flexo prints on it."""
    texture = surfaces.make("coated" if name in _WHITE else "kraft", variant)
    return materials.material(stage, name, tone=tone, texture=texture, ink="flexo", wrap="repeat", film=film)


def _author_box(stage: Usd.Stage, path: str, size_m: Vec3, look: Sdf.Path, variant: int) -> None:
    repeats = tuple(max(round(2 * edge / _TILE_M), 1) / 2 for edge in size_m)
    mesh = _knocked_box(variant, *repeats)
    shapes.mesh(stage, path, *mesh[:3], (0.0, 0.0, size_m[2] / 2), scale=size_m, uv=mesh.uv, material=look)


@lru_cache(maxsize=128)
def _knocked_box(variant: int, repeat_x: float, repeat_y: float, repeat_z: float) -> Arrays:
    """Return a unit box whose corners are pushed in by up to 4 %; the faces stay flat, so labels lie on them."""
    rng = Generator(Philox(key=[variant, 7]))
    cut = rng.uniform(0.004, 0.012, 8) + 0.03 * (rng.random(8) < 0.2)
    shift = rng.random(2)
    points, counts, uv, index = [], [], [], {}
    indices: list[int] = []
    for face in item_faces.FACES:
        corners, st = _octagon(face, cut)
        width, height = item_faces.size(face, (repeat_x, repeat_y, repeat_z))
        start = len(points)
        for point, at in zip(corners, st, strict=True):
            index[face, tuple(np.round(point, 9))] = len(points)
            points.append(point)
            uv.append((at[0] * width + shift[0], at[1] * height + shift[1]))
        counts.append(8)
        indices += range(start, start + 8)
    for corner in range(8):
        triangle = _corner(corner, cut[corner])
        start = len(points)
        points += triangle
        uv += [(shift[0], shift[1])] * 3
        counts.append(3)
        indices += range(start, start + 3)
    return Arrays(np.array(points), np.array(counts), np.array(indices), np.array(uv))


def _octagon(face: str, cut: np.ndarray) -> tuple[list[np.ndarray], list[tuple[float, float]]]:
    """Return a face's eight points, counter-clockwise from outside, and their place on the face in [0, 1]."""
    center, right, up, _ = (np.array(v) for v in item_faces.frame(face, (1.0, 1.0, 1.0)))
    center = center - (0.0, 0.0, 0.5)
    square = [(-1, -1), (1, -1), (1, 1), (-1, 1)]
    points, places = [], []
    for i, (u, v) in enumerate(square):
        corner = center + 0.5 * (u * right + v * up)
        amount = cut[_number(corner)]
        for other in (square[i - 1], square[(i + 1) % 4]):
            du, dv = (other[0] - u) / 2 * amount, (other[1] - v) / 2 * amount
            points.append(corner + du * right + dv * up)
            places.append((u / 2 + 0.5 + du, v / 2 + 0.5 + dv))
    return points, places


def _number(corner: np.ndarray) -> int:
    return int((corner[0] > 0) + 2 * (corner[1] > 0) + 4 * (corner[2] > 0))


def _corner(number: int, amount: float) -> list[np.ndarray]:
    """Return the triangle that closes a pushed-in corner, counter-clockwise from outside."""
    sign = np.array([1 if number >> axis & 1 else -1 for axis in range(3)])
    points = [0.5 * sign - amount * sign * np.eye(3)[axis] for axis in range(3)]
    return points if sign.prod() > 0 else points[::-1]


def _author_tape(stage: Usd.Stage, path: str, item: Item, tone: float, rng: Generator) -> None:
    """Author the tape along the top seam with its tails down both ends, and the ends of the bottom tape."""
    length, width, height = item.size_m
    offset, twist = float(np.clip(rng.normal(0, 0.002), -0.004, 0.004)), float(rng.uniform(-0.008, 0.008))
    look = _tape_look(stage, item.material, tone, float(rng.random()), int(rng.integers(4)))
    place, turn = item_faces.pose("top", item.size_m, (0.0, offset), twist, _TAPE_LIFT_M)
    shapes.quad(stage, f"{path}/tape", (length, min(_TAPE_M, width)), place, turn, material=look)
    for face, sign in (("front", 1.0), ("back", -1.0)):
        tail = min(float(rng.uniform(0.05, 0.075)), 0.45 * height)
        for name, side in (("top", 1.0), ("foot", -1.0)):
            center = (sign * offset, side * (height - tail) / 2)
            place, turn = item_faces.pose(face, item.size_m, center, 0.0, _TAPE_LIFT_M)
            size = (min(_TAPE_M, width), tail)
            shapes.quad(stage, f"{path}/tape_{face}_{name}", size, place, turn, material=look)


def _tape_look(stage: Usd.Stage, board_name: str, tone: float, chance: float, variant: int) -> Sdf.Path:
    """Return clear tape over the board (62 %), brown tape (35 %) or white branded tape."""
    texture = surfaces.make("tape", variant)
    if chance < 0.62:
        return materials.material(stage, board_name, tone=tone, texture=texture, ink="kraft_dark", film="tape")
    name, ink = ("tape_brown", "kraft_dark") if chance < 0.97 else ("tape_white", "")
    return materials.material(stage, name, tone=tone, texture=texture, ink=ink)


def _author_lap(stage: Usd.Stage, path: str, item: Item, tone: float) -> None:
    """Author the edge of the glued lap, 28 mm from a corner of one long wall."""
    length, _, height = item.size_m
    if length < 0.09:
        return
    place, turn = item_faces.pose("left", item.size_m, (length / 2 - 0.028, 0.0), 0.0, _PRINT_LIFT_M)
    shapes.quad(stage, f"{path}/lap", (0.0025, height * 0.97), place, turn, material=_edge_look(stage, item, tone))


def _edge_look(stage: Usd.Stage, item: Item, tone: float) -> Sdf.Path:
    return materials.material(stage, item.material, tone=round(tone * 0.72, 3))


def _author_marks(stage: Usd.Stage, path: str, item: Item, tone: float, rng: Generator) -> None:
    """Author handling marks at the top left of two to four walls, upright."""
    art = markings.handling(int(rng.integers(4)))
    look = materials.material(stage, item.material, tone=tone, texture=art, ink=_flexo(rng))
    walls = ("left", "right", "front", "back")[: 4 if rng.random() < 0.4 else 2]
    for wall in walls:
        width, height = item_faces.size(wall, item.size_m)
        high = min(max(0.32 * height, 0.03), 0.1, 0.27 * width)
        if high < 0.02 or (wall in ("front", "back") and 3 * high > width / 2 - 0.04):
            continue
        center = (-width / 2 + 1.5 * high + 0.015, height / 2 - high / 2 - 0.012)
        place, turn = item_faces.pose(wall, item.size_m, center, 0.0, _PRINT_LIFT_M)
        shapes.quad(stage, f"{path}/marks_{wall}", (3 * high, high), place, turn, material=look)


def _author_maker(stage: Usd.Stage, path: str, item: Item, tone: float, rng: Generator) -> None:
    """Author the maker's print low on the right of the long walls."""
    art = markings.maker(int(rng.integers(8)))
    look = materials.material(stage, item.material, tone=tone, texture=art, ink=_flexo(rng))
    for wall in ("left", "right"):
        width, height = item_faces.size(wall, item.size_m)
        high = min(max(0.3 * height, 0.03), 0.11, 0.2 * width)
        if high < 0.02:
            continue
        center = (width / 2 - high - 0.035, -height / 2 + high / 2 + 0.015)
        place, turn = item_faces.pose(wall, item.size_m, center, 0.0, _PRINT_LIFT_M)
        shapes.quad(stage, f"{path}/maker_{wall}", (2 * high, high), place, turn, material=look)


def _flexo(rng: Generator) -> str:
    return ("flexo", "flexo", "flexo_blue", "flexo_red")[int(rng.integers(4))]
