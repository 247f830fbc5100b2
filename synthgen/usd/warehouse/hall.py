"""What every hall has: a slab with joints, lines and tyre marks, columns, a wall, pipes and trays under the roof.

References:
    ACI 360R, Guide to design of slabs-on-ground, as quoted by others: saw joints every 3.7-4.6 m. Ordinary practice,
    estimated, not measured: lines 100 mm wide, columns every 10-12 m, sprinkler pipes of 50-65 mm.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
from numpy.random import Generator, Philox
from pxr import Usd

from synthgen.textures import markings, surfaces
from synthgen.usd.author import materials, shapes
from synthgen.usd.author.merged_meshes import Block, strip
from synthgen.usd.warehouse import members
from synthgen.world.shot import Vec3

_JOINT_M = 4.0
_JOINT_WIDTH_M = 0.005


def author_floor(stage: Usd.Stage, path: str, low: tuple[float, float], high: tuple[float, float], seed: int) -> None:
    """Author the slab between two corners (x, y) [m], its top at z = 0, and its joints on a 4 m grid."""
    size = (high[0] - low[0], high[1] - low[1])
    center = ((low[0] + high[0]) / 2, (low[1] + high[1]) / 2, 0.0)
    look = materials.material(
        stage, "concrete", texture=surfaces.make("concrete", seed % 4), scale_m=surfaces.tile_m("concrete")
    )
    shapes.quad(stage, f"{path}/slab", size, center, material=look, uv_m=True)
    joints = [Block((_JOINT_WIDTH_M, size[1], 0.0006), (x, center[1], 0.0)) for x in _grid(low[0] + 1.3, high[0])] + [
        Block((size[0], _JOINT_WIDTH_M, 0.0006), (center[0], y, 0.0)) for y in _grid(low[1] + 0.9, high[1])
    ]
    members.author(stage, f"{path}/joints", joints, materials.material(stage, "concrete_dark", tone=0.6))


def _grid(first: float, last: float) -> list[float]:
    return [first + n * _JOINT_M for n in range(int((last - first) / _JOINT_M) + 1)]


def author_lines(stage: Usd.Stage, path: str, ends: list[tuple[Vec3, Vec3]], seed: int, white: bool = False) -> None:
    """Author worn floor lines 100 wide from start to end."""
    parts = [members.between(start, end, 0.1, 0.001) for start, end in ends]
    look = members.surface(stage, "white_line" if white else "yellow_line", "line", seed % 4, "concrete")
    members.author(stage, path, parts, look, surfaces.tile_m("line"))


def author_tyres(stage: Usd.Stage, path: str, arcs: list[tuple[float, float, float, float, float]], seed: int) -> None:
    """Author tyre marks: (centre x, centre y, radius, first angle, last angle) [m, rad], two wheels each."""
    look = members.surface(stage, "concrete", "tyre", seed % 4)
    for n, (x, y, radius, first, last) in enumerate(arcs):
        for wheel, shift in enumerate((-0.5, 0.5)):
            angles = np.linspace(first, last, 25)
            lines = []
            for r in (radius + shift - 0.09, radius + shift + 0.09):
                z = np.full(25, 0.0004 + 0.0001 * n)
                lines.append(np.column_stack([x + r * np.cos(angles), y + r * np.sin(angles), z]))
            band = strip(lines[0], lines[1])
            members.lay(stage, f"{path}/arc_{n}_{wheel}", band, look, double_sided=True)


def author_wall(stage: Usd.Stage, path: str, y: float, x: tuple[float, float], height_m: float, seed: int) -> None:
    """Author a sandwich-panel wall in the plane `y`, its plinth and the posts before it."""
    panel = members.surface(stage, "wall_panel", "panel", seed % 4)
    side = math.copysign(1.0, y)
    wall = members.box((x[0], min(y, y + 0.15 * side), 0.0), (x[1], max(y, y + 0.15 * side), height_m))
    members.author(stage, f"{path}/panel", [wall], panel, surfaces.tile_m("panel"), seed=None, grain=False)
    plinth = Block((x[1] - x[0], 0.02, 0.35), ((x[0] + x[1]) / 2, y - 0.011 * side, 0.175))
    members.author(
        stage, f"{path}/plinth", [plinth], members.surface(stage, "concrete_pale", "concrete", 1), (4.0, 4.0)
    )
    author_columns(stage, f"{path}/columns", [(n * 6.0, y - 0.2 * side) for n in range(-2, 3)], height_m)


def author_columns(stage: Usd.Stage, path: str, places: list[tuple[float, float]], height_m: float) -> None:
    """Author H columns of 300 x 300 with a striped guard at their feet."""
    parts, guards = [], []
    for x, y in places:
        half = height_m / 2
        parts += [Block((0.3, 0.02, height_m), (x, y + s * 0.14, half)) for s in (-1.0, 1.0)]
        parts.append(Block((0.012, 0.28, height_m), (x, y, half)))
        guards.append(Block((0.32, 0.32, 0.9), (x, y, 0.45)))
    members.author(stage, f"{path}/steel", parts, members.paint(stage, "ral7035", 1))
    hazard = members.surface(stage, "ral1023", "hazard", 0, "ral9005")
    members.author(stage, f"{path}/guards", guards, hazard, surfaces.tile_m("hazard"), grain=False)


def author_roofline(
    stage: Usd.Stage, path: str, x: tuple[float, float], y: tuple[float, float], height_m: float
) -> None:
    """Author trusses, sprinkler pipes with heads, a cable tray and lamp rails below a roof that is left out."""
    trusses = [part for tx in np.arange(x[0], x[1] + 0.1, 6.0) for part in _truss(float(tx), y, height_m)]
    members.author(stage, f"{path}/trusses", trusses, members.paint(stage, "ral9010", 2))
    pipes, heads = [], []
    for py in np.arange(y[0] + 1.5, y[1], 3.0):
        pipes.append(members.between((x[0], float(py), height_m - 0.55), (x[1], float(py), height_m - 0.55), 0.06))
        for px in np.arange(x[0] + 1.0, x[1], 3.0):
            heads.append(Block((0.03, 0.03, 0.1), (float(px), float(py), height_m - 0.63)))
    members.author(stage, f"{path}/sprinkler_pipes", pipes, members.paint(stage, "ral3020", 3))
    members.author(stage, f"{path}/sprinkler_heads", heads, materials.material(stage, "powder_coat_grey"))
    tray = (y[0] + y[1]) / 2 + 0.9
    trays = [Block((x[1] - x[0], 0.3, 0.006), ((x[0] + x[1]) / 2, tray, height_m - 1.0))]
    trays += [Block((x[1] - x[0], 0.004, 0.06), ((x[0] + x[1]) / 2, tray + s * 0.15, height_m - 0.97)) for s in (-1, 1)]
    members.author(stage, f"{path}/cable_tray", trays, members.zinc(stage))


def _truss(x: float, y: tuple[float, float], height_m: float) -> list[Block]:
    """Return a lattice truss across the hall: two chords and its diagonals."""
    top, foot = height_m - 0.1, height_m - 0.45
    parts = [members.between((x, y[0], z), (x, y[1], z), 0.08) for z in (top, foot)]
    steps = np.arange(y[0], y[1], 0.9)
    for n, (a, b) in enumerate(itertools.pairwise(steps)):
        ends = (foot, top) if n % 2 else (top, foot)
        parts.append(members.between((x, float(a), ends[0]), (x, float(b), ends[1]), 0.04))
    return parts


def author_sign(
    stage: Usd.Stage, path: str, text: str, size_m: tuple[float, float], center_m: Vec3, rotation: tuple[float, ...]
) -> None:
    """Author a plate with dark text facing its own +Z."""
    art = markings.sign(text, 256, max(int(256 * size_m[1] / size_m[0]), 32), True)
    look = materials.material(stage, "ral9010", texture=art, ink="ral9005")
    shapes.quad(stage, path, size_m, center_m, rotation, material=look)  # pyright: ignore[reportArgumentType]


def author_cabinet(stage: Usd.Stage, path: str, center_m: Vec3, seed: int) -> None:
    """Author a control cabinet with a display, a main switch and a signal lamp of three colours."""
    x, y, _ = center_m
    rng = Generator(Philox(key=seed))
    members.author(stage, f"{path}/body", [Block((0.8, 0.3, 1.4), (x, y, 0.8))], members.paint(stage, "ral7035", 1))
    members.author(stage, f"{path}/foot", [Block((0.8, 0.28, 0.1), (x, y, 0.05))], members.paint(stage, "ral7016", 2))
    dark = [Block((0.3, 0.01, 0.2), (x + 0.1, y - 0.155, 1.25)), Block((0.78, 0.004, 0.004), (x, y - 0.152, 0.95))]
    dark += [Block((0.2, 0.006, 0.004), (x - 0.2, y - 0.152, 0.3 + 0.02 * n)) for n in range(8)]
    members.author(stage, f"{path}/dark", dark, materials.material(stage, "abs_black"))
    switch = [Block((0.06, 0.04, 0.06), (x - 0.25, y - 0.17, 1.25))]
    members.author(stage, f"{path}/switch", switch, materials.material(stage, "ral3020"))
    for n, name in enumerate(("ral6029", "ral1023", "ral3020")):
        at = (x + 0.3 + 0.001 * float(rng.random()), y, 1.54 + 0.075 * n)
        shapes.cylinder(
            stage,
            f"{path}/signal_{n}",
            0.035,
            0.07,
            at,
            axis="Z",
            segments=16,
            material=materials.material(stage, name),
        )
