"""Pallets and what is stacked on them.

References:
    EUR 1 pallet (EN 13698-1, UIC 435-2), as EPAL and traders publish it [mm]: 1200 x 800 x 144, boards
    145/100/145/100/145 x 22, nine blocks, three skids. Cartons, tape and film are ordinary practice, estimated.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.random import Generator, Philox
from pxr import Sdf, Usd

from synthgen.textures import markings, surfaces
from synthgen.usd.author import materials, shapes
from synthgen.usd.author.merged_meshes import Arrays, Block, blocks
from synthgen.usd.items import carton
from synthgen.world.shot import Item, Vec3

PALLET_M: Vec3 = (1.2, 0.8, 0.144)
_WOOD_TILE_M = surfaces.tile_m("wood")
_BOARD_YS = ((-0.3275, 0.145), (-0.164, 0.1), (0.0, 0.145), (0.164, 0.1), (0.3275, 0.145))
_LIFT_M = 0.0001
_SEAM_M = 0.0006
"""Half the width of the dark line where cartons meet."""
_MARKS = ("corner", "middle")
"""Blocks of a pallet that are marked."""
_WOODS = ("pine_used", "pine", "pine_used", "pine_grey")


def author_pallet(stage: Usd.Stage, path: str, item: Item) -> None:
    """Author an EUR 1 pallet scaled to the item's size: boards in two tones, blocks and skids, burnt marks."""
    rng = Generator(Philox(key=item.look_seed))
    scale = tuple(s / p for s, p in zip(item.size_m, PALLET_M, strict=True))
    marked = ("corner",) if any(label.face not in ("top", "bottom") for label in item.labels) else _MARKS
    pallet(stage, path, int(rng.integers(3)), _WOODS[int(rng.integers(4))], item.tone, scale, marked)


def pallet(
    stage: Usd.Stage,
    path: str,
    variant: int,
    wood: str,
    tone: float = 1.0,
    scale: Vec3 | None = None,
    marked: tuple[str, ...] = _MARKS,
) -> None:
    """Author an EUR 1 pallet, 1200 along x, standing on z = 0 of the frame at `path`, with burnt marks on its blocks.

    Labels lie on the middle blocks, so `marked` leaves those out where a pallet has labels.
    """
    if scale == (1.0, 1.0, 1.0):
        scale = None
    for group, (mesh, factor) in enumerate(zip(_pallet_meshes(variant), (1.0, 0.86, 0.93), strict=True)):
        texture = surfaces.make("wood", (variant + group) % 4)
        look = materials.material(
            stage, wood, tone=round(round(tone * 20) / 20 * factor, 3), texture=texture, wrap="repeat"
        )
        shapes.mesh(stage, f"{path}/wood_{group}", *mesh[:3], scale=scale, uv=mesh.uv, material=look)
    for which in marked:
        mesh = _brand_mesh(which)
        look = materials.material(stage, wood, tone=tone, texture=markings.brand(which, variant), ink="brand_burn")
        shapes.mesh(stage, f"{path}/brand_{which}", *mesh[:3], scale=scale, uv=mesh.uv, material=look)


def plain_pallets(stage: Usd.Stage, path: str, count: int, variant: int, wood: str) -> None:
    """Author a pile of EUR 1 pallets as one mesh and their corner brands as another, for the background."""
    look = wood_look(stage, wood, variant)
    mesh = _pile_mesh(count, variant % 2)
    shapes.mesh(stage, f"{path}/pallets", *mesh[:3], uv=mesh.uv, material=look)
    brand = materials.material(stage, wood, texture=markings.brand("corner", 0), ink="brand_burn")
    mesh = _brand_mesh("corner")
    shapes.mesh(stage, f"{path}/brands", *mesh[:3], uv=mesh.uv, material=brand)


@lru_cache(maxsize=8)
def _pile_mesh(count: int, variant: int) -> Arrays:
    rng = Generator(Philox(key=[variant, 13]))
    parts = []
    for n in range(count):
        dx, dy = rng.uniform(-0.012, 0.012, 2) if n else (0.0, 0.0)
        for group in pallet_blocks():
            for part in group:
                x, y, z = part.center_m
                parts.append(Block(part.size_m, (x + dx, y + dy, z + n * PALLET_M[2])))
    return blocks(parts, _WOOD_TILE_M, 40 + variant)


def pallet_blocks() -> tuple[tuple[Block, ...], tuple[Block, ...], tuple[Block, ...]]:
    """Return an EUR 1 in three groups: wide top boards; narrow top and cross boards; blocks and skids."""
    top = [Block((1.2, width, 0.022), (0.0, y, 0.133)) for y, width in _BOARD_YS]
    cross = [Block((0.145, 0.8, 0.022), (x, 0.0, 0.111)) for x in (-0.5275, 0.0, 0.5275)]
    feet = [
        Block((0.145, 0.1 if y else 0.145, 0.078), (x, y, 0.061))
        for x in (-0.5275, 0.0, 0.5275)
        for y in (-0.35, 0.0, 0.35)
    ]
    skids = [Block((1.2, 0.1 if y else 0.145, 0.022), (0.0, y, 0.011)) for y in (-0.35, 0.0, 0.35)]
    return tuple(top[::2]), (top[1], top[3], *cross), (*feet, *skids)


@lru_cache(maxsize=8)
def _pallet_meshes(variant: int) -> tuple[Arrays, ...]:
    return tuple(blocks(group, _WOOD_TILE_M, 10 * variant + n) for n, group in enumerate(pallet_blocks()))


@lru_cache(maxsize=2)
def _brand_mesh(which: str) -> Arrays:
    """Return the marked faces of the corner or middle blocks on all four sides, 0.3 mm before the wood."""
    places: list[tuple[Vec3, Vec3, float]] = []
    for sign in (-1.0, 1.0):
        for at in (-1.0, 0.0, 1.0):
            if (at == 0.0) == (which == "middle"):
                places.append(((at * 0.5275, sign * 0.4003, 0.061), (-sign, 0.0, 0.0), 0.11))
                places.append(((sign * 0.6003, at * 0.35, 0.061), (0.0, sign, 0.0), 0.085))
    points, uv = [], []
    for center, right, width in places:
        for u, v in ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)):
            points.append(np.array(center) + u * width * np.array(right) + (0.0, 0.0, v * 0.062))
            uv.append((u + 0.5, v + 0.5))
    count = len(places)
    return Arrays(np.array(points), np.full(count, 4), np.arange(4 * count), np.array(uv))


def author_pallet_load(stage: Usd.Stage, path: str, item: Item) -> None:
    """Author an EUR 1 pallet and a stack of cartons on it, wrapped in film when the material is `stretch_film`."""
    rng = Generator(Philox(key=item.look_seed))
    base = PALLET_M[2]
    scale = (item.size_m[0] / 1.2, item.size_m[1] / 0.8, 1.0)
    pallet(stage, f"{path}/pallet", int(rng.integers(3)), _WOODS[int(rng.integers(4))], 1.0, scale)
    size = (item.size_m[0], item.size_m[1], item.size_m[2] - base)
    wrapped = item.material == "stretch_film"
    stack(stage, path, size, base, "kraft" if wrapped else item.material, item.tone, item.look_seed, wrapped)


def author_stack(stage: Usd.Stage, path: str, item: Item) -> None:
    """Author a stack of cartons without a pallet."""
    wrapped = item.material == "stretch_film"
    material = "kraft" if wrapped else item.material
    stack(stage, path, item.size_m, 0.0, material, item.tone, item.look_seed, wrapped)


def stack(
    stage: Usd.Stage,
    path: str,
    size_m: Vec3,
    base_m: float,
    material: str,
    tone: float,
    seed: int,
    wrapped: bool,
) -> None:
    """Author layers of equal cartons that fill `size_m` from the height `base_m` up, in two tones, taped along x."""
    counts = _split(size_m, seed)
    cell = tuple(s / n for s, n in zip(size_m, counts, strict=True))
    film = "stretch_film" if wrapped else ""
    tone = round(tone * 20) / 20
    for group, mesh in enumerate(_stack_meshes(counts, cell, seed % 4)):
        look = carton.board(stage, material, round(tone * (1.0, 0.93)[group], 3), (seed + group) % 4, film)
        shapes.mesh(stage, f"{path}/cartons_{group}", *mesh[:3], (0.0, 0.0, base_m), uv=mesh.uv, material=look)
    seams = _seam_mesh(counts, cell)
    look = materials.material(stage, material, tone=round(0.45 * tone, 3), film=film)
    shapes.mesh(stage, f"{path}/seams", *seams[:3], (0.0, 0.0, base_m), uv=seams.uv, material=look, double_sided=True)
    tapes = _tape_mesh(counts, cell)
    brown = seed % 3 == 0
    look = materials.material(
        stage, "tape_brown" if brown else material, tone=tone, film=film or ("" if brown else "tape")
    )
    shapes.mesh(stage, f"{path}/tapes", *tapes[:3], (0.0, 0.0, base_m), uv=tapes.uv, material=look)
    if wrapped:
        _author_film(stage, path, size_m, base_m)


def _split(size_m: Vec3, seed: int) -> tuple[int, int, int]:
    """Return how many cartons stand along x, y and z: edges of 300-400, layers of 150-350."""
    edge = (0.4, 0.3)[seed % 2]
    layer = (0.2, 0.25, 0.3, 0.35)[seed // 2 % 4]
    return tuple(max(round(s / d), 1) for s, d in zip(size_m, (edge, 0.7 - edge, layer), strict=True))  # pyright: ignore[reportReturnType]


@lru_cache(maxsize=64)
def _stack_meshes(counts: tuple[int, int, int], cell_m: Vec3, variant: int) -> tuple[Arrays, Arrays]:
    """Return the outer cartons of a stack in two groups, each column set back by up to 1.5 mm.

    The cartons of a column stand flush and touch: a slit or ledge of a millimetre would glitter at a distance.
    """
    rng = Generator(Philox(key=[variant, 11]))
    setback = rng.uniform(0.0, 0.0015, (*counts[:2], 2))
    groups: tuple[list[Block], list[Block]] = ([], [])
    for i, j, k in np.ndindex(*counts):
        chance = rng.random()
        if 0 < i < counts[0] - 1 and 0 < j < counts[1] - 1 and k < counts[2] - 1:
            continue
        place = [(n - (m - 1) / 2) * c for n, m, c in zip((i, j), counts, cell_m, strict=False)]
        x, y = (at - math.copysign(back, at) * (at != 0) for at, back in zip(place, setback[i, j], strict=True))
        groups[int(chance < 0.4)].append(Block(cell_m, (x, y, (k + 0.5) * cell_m[2])))
    full = [group or [Block((0.001, 0.001, 0.001), (0.0, 0.0, 0.01))] for group in groups]
    first, second = (blocks(group, (0.3, 0.3), 3 + variant, grain=False) for group in full)
    return first, second


@lru_cache(maxsize=64)
def _seam_mesh(counts: tuple[int, int, int], cell_m: Vec3) -> Arrays:
    """Return dark lines 1.2 mm wide where cartons meet, on the four sides and on top, 0.1 mm before the board."""
    x, y, z = (n * c / 2 for n, c in zip(counts, cell_m, strict=True))
    lines: list[tuple[Vec3, Vec3, Vec3]] = []  # middle, half length, half width
    for s in (-1.0, 1.0):
        for k in range(1, counts[2]):
            lines.append(((s * (x + _LIFT_M), 0.0, k * cell_m[2]), (0.0, s * y, 0.0), (0.0, 0.0, _SEAM_M)))
            lines.append(((0.0, s * (y + _LIFT_M), k * cell_m[2]), (-s * x, 0.0, 0.0), (0.0, 0.0, _SEAM_M)))
        for j in range(1, counts[1]):
            at = (j - counts[1] / 2) * cell_m[1]
            lines.append(((s * (x + _LIFT_M), at, z), (0.0, 0.0, z), (0.0, -s * _SEAM_M, 0.0)))
        for i in range(1, counts[0]):
            at = (i - counts[0] / 2) * cell_m[0]
            lines.append(((at, s * (y + _LIFT_M), z), (0.0, 0.0, z), (s * _SEAM_M, 0.0, 0.0)))
    top = 2 * z + _LIFT_M
    lines += [((0.0, (j - counts[1] / 2) * cell_m[1], top), (x, 0, 0), (0, _SEAM_M, 0)) for j in range(1, counts[1])]
    lines += [(((i - counts[0] / 2) * cell_m[0], 0.0, top), (0, y, 0), (-_SEAM_M, 0, 0)) for i in range(1, counts[0])]
    lines = lines or [((0.0, 0.0, z), (0.001, 0.0, 0.0), (0.0, 0.001, 0.0))]
    corners = [
        np.add(middle, u * np.array(along) + v * np.array(across))
        for middle, along, across in lines
        for u, v in ((-1, -1), (1, -1), (1, 1), (-1, 1))
    ]
    count = len(lines)
    return Arrays(np.array(corners), np.full(count, 4), np.arange(4 * count), np.zeros((4 * count, 2)))


@lru_cache(maxsize=64)
def _tape_mesh(counts: tuple[int, int, int], cell_m: Vec3) -> Arrays:
    """Return the tape tails on both ends (x) of the outer cartons and the tapes along the top layer."""
    half_x, top = counts[0] * cell_m[0] / 2, counts[2] * cell_m[2]
    tail = min(0.06, 0.3 * cell_m[2])
    parts = []
    for j in range(counts[1]):
        y = (j - (counts[1] - 1) / 2) * cell_m[1]
        for k in range(counts[2]):
            z = (k + 1) * cell_m[2] - tail / 2 - 0.001
            parts += [Block((0.0004, 0.048, tail), (s * (half_x - 0.0005), y, z)) for s in (-1.0, 1.0)]
        parts.append(Block((2 * half_x - 0.004, 0.048, 0.0004), (0.0, y, top - 0.001)))
    return blocks(parts, (0.4, 0.048), None)


def _author_film(stage: Usd.Stage, path: str, size_m: Vec3, base_m: float) -> None:
    """Author the bright overlap lines of a film wound in a spiral, and its rope round the base."""
    mesh = _film_mesh(round(size_m[2], 2))
    look = materials.material(stage, "stretch_film", tone=1.5)
    scale = (size_m[0] + 3 * _LIFT_M, size_m[1] + 3 * _LIFT_M, size_m[2])  # labels are stuck on the film
    shapes.mesh(
        stage, f"{path}/film", *mesh[:3], (0.0, 0.0, base_m), scale=scale, uv=mesh.uv, material=look, double_sided=True
    )


@lru_cache(maxsize=32)
def _film_mesh(height_m: float) -> Arrays:
    """Return narrow slanted bands round a unit box, one every 220 mm of `height_m`, and a wider one at the foot."""
    turns = max(round(height_m / 0.22), 2)
    points, uv = [], []
    ring = ((0.5, -0.5), (0.5, 0.5), (-0.5, 0.5), (-0.5, -0.5))
    for turn in range(turns):
        wide = 0.05 if turn == 0 else 0.006
        for side in range(4):
            a, b = ring[side], ring[(side + 1) % 4]
            low, high = ((turn + (side + s) / 4) / turns for s in (0, 1))
            for (x, y), z in ((a, low), (b, high)):
                for dz in (0.0, wide / height_m):
                    points.append((x, y, min(z + dz, 1.0)))
                    uv.append((0.0, 0.0))
    count = 4 * turns
    order = np.array([0, 2, 3, 1])
    indices = (4 * np.arange(count)[:, None] + order).ravel()
    return Arrays(np.array(points), np.full(count, 4), indices, np.array(uv))


def wood_look(stage: Usd.Stage, wood: str, variant: int, tone: float = 1.0) -> Sdf.Path:
    """Return a wood in one of its variants, for boards whose st are in tiles of the wood texture."""
    return materials.material(stage, wood, tone=tone, texture=surfaces.make("wood", variant), wrap="repeat")
