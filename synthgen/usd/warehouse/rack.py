"""Pallet racking of EU make: frames, beams with hooks and pins, guards, loads, numbers.

A row is drawn with its front in the plane y = 0 of its own frame, its depth toward +y. A part that repeats is
authored at its first place and instanced at the others.

References:
    Ordinary practice of EU racking, estimated, not measured [mm]: upright face 100, slots every 50, D bracing, foot
    plates, beams with 3-5 hooks and a pin, pallets with their 1200 side into the depth, three to a bay of 2700.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from numpy.random import Generator, Philox
from pxr import Usd

from synthgen.textures import markings, surfaces
from synthgen.usd.author import materials, shapes
from synthgen.usd.author.merged_meshes import Block, blocks
from synthgen.usd.items import load
from synthgen.usd.warehouse import hall, members
from synthgen.world.poses import standing
from synthgen.world.shot import Vec3
from synthgen.world.sites import aisle

_VARIANTS = 5
_TOTE_M: Vec3 = (0.6, 0.4, 0.22)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of bays."""

    y: float
    """Plane of its front [m]."""
    opens: float = -1.0
    """-1: the aisle is on the side of smaller y; 1: of larger y."""
    bays: int = 5
    levels: int = 4
    seed: int = 0
    name: str = "A"
    free: frozenset[tuple[int, int]] = frozenset()
    """(bay, level) that are left without load and label, for the shot to fill."""
    numbers: dict[str, float] = field(default_factory=lambda: dict(aisle.DEFAULTS))


def author_row(stage: Usd.Stage, path: str, row: Row) -> None:
    """Author a row of racking with its loads."""
    turn = standing((0.0, 0.0, 0.0), 0.0 if row.opens < 0 else math.pi)
    shapes.xform(stage, path, (0.0, row.y, 0.0), turn.rotation_wxyz)
    numbers = {**row.numbers, "bays": float(row.bays), "levels": float(row.levels)}
    centers = aisle.bay_centers(numbers)
    half = (numbers["bay_clear_m"] + numbers["upright_width_m"]) / 2
    height = aisle.beam_top(numbers, row.levels) + 0.9
    _author_frame(stage, f"{path}/frame_0", centers[0] - half, height, numbers)
    for n, x in enumerate(centers, 1):
        shapes.instance(stage, f"{path}/frame_{n}", f"{path}/frame_0", (x + half, 0.0, 0.0))
    _author_beams(stage, f"{path}/beams_0", centers[0], numbers)
    for n, x in enumerate(centers[1:], 1):
        shapes.instance(stage, f"{path}/beams_{n}", f"{path}/beams_0", (x, 0.0, 0.0))
    _author_loads(stage, path, row, numbers, centers)
    _author_numbers(stage, f"{path}/numbers", row, numbers, centers)
    _author_guards(stage, f"{path}/guards", centers, half)


def _author_frame(stage: Usd.Stage, path: str, x: float, height: float, numbers: dict[str, float]) -> None:
    """Author one upright frame: two slotted posts, bracing, foot plates with anchors."""
    shapes.xform(stage, path, (x, 0.0, 0.0))
    width, depth = numbers["upright_width_m"], numbers["rack_depth_m"]
    posts = [Block((width, 0.08, height), (0.0, y, height / 2)) for y in (0.04, depth - 0.04)]
    look = members.surface(stage, "ral5010", "slots", 0, "ral9005")
    members.author(stage, f"{path}/posts", posts, look, surfaces.tile_m("slots"), seed=None, grain=False)
    lattice = []
    steps = int((height - 0.3) / 0.6)
    for n in range(steps):
        low, high = 0.2 + n * 0.6, 0.2 + (n + 1) * 0.6
        ends = (0.06, depth - 0.06) if n % 2 else (depth - 0.06, 0.06)
        lattice.append(members.between((0.0, ends[0], low), (0.0, ends[1], high), 0.04, 0.025))
    lattice += [members.between((0.0, 0.06, z), (0.0, depth - 0.06, z), 0.04, 0.025) for z in (0.18, height - 0.1)]
    members.author(stage, f"{path}/bracing", lattice, members.zinc(stage))
    feet = [Block((0.18, 0.14, 0.008), (0.0, y, 0.004)) for y in (0.04, depth - 0.04)]
    feet += [Block((0.018, 0.018, 0.03), (s * 0.07, y, 0.02)) for y in (0.04, depth - 0.04) for s in (-1.0, 1.0)]
    members.author(stage, f"{path}/feet", feet, members.zinc(stage, 1))


def _author_beams(stage: Usd.Stage, path: str, x: float, numbers: dict[str, float]) -> None:
    """Author the beam pairs of one bay on all levels, their hook plates and pins, and the deck of the first level."""
    shapes.xform(stage, path, (x, 0.0, 0.0))
    clear, high, deep = numbers["bay_clear_m"], numbers["beam_height_m"], numbers["beam_depth_m"]
    depth = numbers["rack_depth_m"]
    tops = [aisle.beam_top(numbers, level) for level in range(1, int(numbers["levels"]) + 1)]
    ys = (deep / 2, depth - deep / 2)
    beams = [Block((clear - 0.012, deep, high), (0.0, y, top - high / 2)) for top in tops for y in ys]
    plates, pins, hooks = [], [], []
    for top in tops:
        for s in (-1.0, 1.0):
            edge = s * (clear / 2 + 0.012)
            plates.append(Block((0.06, 0.006, high + 0.09), (edge, -0.004, top - high / 2)))
            pins.append(Block((0.012, 0.02, 0.012), (edge, -0.01, top + 0.02)))
            hooks += [
                Block((0.02, 0.004, 0.026), (edge + s * 0.012, -0.008, top - high / 2 + dz))
                for dz in (-0.07, 0.0, 0.07)
            ]
    members.author(stage, f"{path}/beams", beams + plates, members.paint(stage, "ral2004", 1))
    members.author(stage, f"{path}/pins", pins, materials.material(stage, "ral9010", tone=0.7))
    members.author(stage, f"{path}/hooks", hooks, materials.material(stage, "ral2004", tone=0.6))
    if numbers["deck"]:
        deck = [Block((clear - 0.02, depth - 0.1, 0.038), (0.0, depth / 2, tops[0] - 0.022))]
        look = members.surface(stage, "chipboard", "chipboard", 0)
        members.author(stage, f"{path}/deck", deck, look, surfaces.tile_m("chipboard"))


def _author_loads(stage: Usd.Stage, path: str, row: Row, numbers: dict[str, float], centers: tuple[float, ...]) -> None:
    """Author the loads of each bay and level; the first few are authored, the others are instances of them."""
    rng = Generator(Philox(key=[row.seed, 3]))
    made: list[str] = []
    for n, x in enumerate(centers):
        for level in range(row.levels + 1):
            order = int(rng.integers(_VARIANTS))
            if (n, level) in row.free:
                continue
            place, at = f"{path}/load_{n}_{level}", (x, 0.0, aisle.beam_top(numbers, level))
            if len(made) < _VARIANTS:
                shapes.xform(stage, place, at)
                _author_bay_load(stage, place, numbers, row.seed * _VARIANTS + len(made))
                made.append(place)
            else:
                shapes.instance(stage, place, made[order], at)


def _author_bay_load(stage: Usd.Stage, path: str, numbers: dict[str, float], variant: int) -> None:
    """Author three pallet places: cartons bare or wrapped, totes, a pile of empty pallets, or nothing (10-15 %)."""
    rng = Generator(Philox(key=[variant, 17]))
    for n, x in enumerate(aisle.pallet_xs(numbers)):
        if rng.random() < numbers["empty_share"]:
            continue
        offset = (x + float(rng.uniform(-0.03, 0.03)), numbers["rack_depth_m"] / 2 + float(rng.uniform(-0.02, 0.02)))
        turn = standing((0.0, 0.0, 0.0), math.pi / 2 + float(rng.uniform(-0.017, 0.017)))
        place = f"{path}/place_{n}"
        shapes.xform(stage, place, (*offset, 0.0), turn.rotation_wxyz)
        _author_place(stage, place, rng, numbers["level_pitch_m"])


def _author_place(stage: Usd.Stage, path: str, rng: Generator, pitch: float) -> None:
    variant, chance = int(rng.integers(4)), float(rng.random())
    wood = ("pine_used", "pine", "pine_grey")[int(rng.integers(3))]
    if chance < 0.1:
        load.plain_pallets(stage, path, 6, variant, wood)
        return
    load.plain_pallets(stage, path, 1, variant, wood)
    high = float(rng.uniform(0.45, 0.82)) * (pitch - 0.3)
    base = load.PALLET_M[2]
    if chance < 0.25:
        _author_totes(stage, f"{path}/totes", base, max(int(high / 0.22), 1), variant)
        return
    size = (1.2 - 0.02 * int(rng.integers(3)), 0.8 - 0.02 * int(rng.integers(3)), round(high, 2))
    material = ("kraft", "kraft", "testliner", "white_top", "kraft_dark")[int(rng.integers(5))]
    tone = float(rng.choice([0.9, 1.0, 1.1]))
    load.stack(stage, path, size, base, material, tone, 4 * int(rng.integers(4)) + variant, bool(rng.random() < 0.4))


def _author_totes(stage: Usd.Stage, path: str, base: float, layers: int, variant: int) -> None:
    """Author stacked totes as plain boxes with a rim each."""
    x, y, z = _TOTE_M
    bodies, rims = [], []
    for i in (-0.5, 0.5):
        for j in (-0.5, 0.5):
            for k in range(layers):
                at = (i * x, j * y, base + k * z)
                bodies.append(Block((x - 0.02, y - 0.02, z), (at[0], at[1], at[2] + z / 2)))
                rims.append(Block((x - 0.004, y - 0.004, 0.028), (at[0], at[1], at[2] + z - 0.014)))
    name = ("tote_blue", "tote_grey", "tote_grey", "tote_red")[variant]
    look = members.surface(stage, name, "plastic", variant, "ral9005")
    members.author(stage, f"{path}", bodies + rims, look, surfaces.tile_m("plastic"))


def _author_numbers(
    stage: Usd.Stage, path: str, row: Row, numbers: dict[str, float], centers: tuple[float, ...]
) -> None:
    """Author one strip of place numbers on every beam that the shot does not label, and the row's sign at its end."""
    high = numbers["beam_height_m"]
    for n, x in enumerate(centers):
        for level in range(1, min(row.levels, 3) + 1):
            if (n, level) in row.free:
                continue
            art = markings.places(f"{row.name}{n + 1:02d}-{level}")
            look = materials.material(stage, "ral9010", texture=art, ink="ral9005")
            at = (x, -0.0006, aisle.beam_top(numbers, level) - high / 2)
            shapes.quad(stage, f"{path}/strip_{n}_{level}", (2.6, 0.07), at, _FRONT, material=look)
    half = (numbers["bay_clear_m"] + numbers["upright_width_m"]) / 2
    for n, x in enumerate((centers[0] - half, centers[-1] + half)):
        hall.author_sign(stage, f"{path}/sign_{n}", row.name, (0.4, 0.4), (x, -0.012, 3.4), _FRONT)


_FRONT = (math.sqrt(0.5), math.sqrt(0.5), 0.0, 0.0)
"""A sheet turned so that it faces -y with its own +Y up."""


def _author_guards(stage: Usd.Stage, path: str, centers: tuple[float, ...], half: float) -> None:
    """Author column guards 400 high before every upright: black and yellow."""
    xs = [centers[0] - half, *(x + half for x in centers)]
    parts = [Block((0.15, 0.006, 0.4), (x, -0.07, 0.2)) for x in xs]
    parts += [Block((0.006, 0.1, 0.4), (x + s * 0.075, -0.02, 0.2)) for x in xs for s in (-1.0, 1.0)]
    look = members.surface(stage, "ral1023", "hazard", 1, "ral9005")
    mesh = blocks(parts, surfaces.tile_m("hazard"), 5, False)
    members.lay(stage, f"{path}/plates", mesh, look)
