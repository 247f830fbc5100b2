"""The dock door: wall, frame, lifted sectional door, seal, leveller, bumpers, signal, trailer, yard.

References:
    Ordinary practice of EU docks, estimated, not measured: leveller 2.0 x 2.5-3.0 m with yellow and black edges, lip
    400-500 mm, bumpers 100-140 mm deep, foam seal, floor 1.2-1.3 m above the yard, door number 200-300 mm high, red and
    green signal.
"""

from __future__ import annotations

import math

import numpy as np
from pxr import Usd

from synthgen.textures import surfaces
from synthgen.usd.author import materials, shapes
from synthgen.usd.author.merged_meshes import Block
from synthgen.usd.warehouse import hall, members
from synthgen.world.sites import Site

_INWARD = (0.5, 0.5, -0.5, -0.5)
"""A sheet turned so that it faces -x with its own +Y up."""


def author(stage: Usd.Stage, path: str, place: Site, seed: int) -> None:
    """Author the dock of `place` below `path`."""
    hall.author_floor(stage, f"{path}/floor", (-14.0, -9.0), (0.0, 9.0), seed)
    _author_wall(stage, f"{path}/wall", place, seed)
    _author_door(stage, f"{path}/door", place)
    _author_leveller(stage, f"{path}/leveller", place)
    _author_outside(stage, f"{path}/outside", place, seed)
    if place["trailer"]:
        _author_trailer(stage, f"{path}/trailer", place)
    _author_signals(stage, f"{path}/signals", place)
    half = place["door_width_m"] / 2
    lines = [((-7.0, s * (half + 0.25), 0.0), (-0.1, s * (half + 0.25), 0.0)) for s in (-1.0, 1.0)]
    lines += [((-7.0, -6.0, 0.0), (-7.0, 6.0, 0.0))]
    hall.author_lines(stage, f"{path}/lines", lines, seed)
    arcs = [(-3.4, 2.6, 2.6, 3.6, 5.0), (-3.2, -2.8, 2.8, 1.3, 2.6), (-4.2, 3.0, 3.2, 4.0, 5.2)]
    hall.author_tyres(stage, f"{path}/tyres", arcs, seed)
    hall.author_roofline(stage, f"{path}/roofline", (-14.0, 0.0), (-9.0, 9.0), place["hall_height_m"])


def _author_wall(stage: Usd.Stage, path: str, place: Site, seed: int) -> None:
    """Author the wall of panels with three openings, one to each door position, the outer two closed."""
    thick, top, half = place["wall_thickness_m"], place["hall_height_m"], place["door_width_m"] / 2
    pitch, high = place["door_pitch_m"], place["door_height_m"]
    parts = [Block((thick, 18.0, top - high), (thick / 2, 0.0, (top + high) / 2))]
    edges = [-9.0, -pitch - half, -pitch + half, -half, half, pitch - half, pitch + half, 9.0]
    for low, far in zip(edges[::2], edges[1::2], strict=True):
        parts.append(members.box((0.0, low, 0.0), (thick, far, high)))
    look = members.surface(stage, "wall_panel", "panel", seed % 4)
    members.author(stage, f"{path}/panels", parts, look, surfaces.tile_m("panel"), seed=None, grain=False)
    sections = [
        Block((0.04, 2 * half, 0.494), (0.06, s * pitch, 0.25 + 0.5 * n))
        for s in (-1.0, 1.0)
        for n in range(int(high / 0.5 + 0.9))
    ]
    members.author(stage, f"{path}/closed", sections, members.paint(stage, "ral9010", 1))
    behind = [Block((0.02, 2 * half, high), (0.1, s * pitch, high / 2)) for s in (-1.0, 1.0)]
    members.author(stage, f"{path}/behind", behind, members.paint(stage, "ral7016", 1))
    plinth = [Block((0.0008, 9.0 - half - 0.2, 0.3), (-0.0006, s * (9.0 + half + 0.2) / 2, 0.15)) for s in (-1.0, 1.0)]
    members.author(stage, f"{path}/plinth", plinth, members.surface(stage, "concrete_pale", "concrete", 1), (4.0, 4.0))


def _author_door(stage: Usd.Stage, path: str, place: Site) -> None:
    """Author the steel frame, the tracks, the door lifted under the roof, and guards in yellow beside it."""
    half, high = place["door_width_m"] / 2, place["door_height_m"]
    frame = [Block((0.06, 0.12, high), (-0.03, s * (half + 0.06), high / 2)) for s in (-1.0, 1.0)]
    frame.append(Block((0.06, 2 * half + 0.24, 0.12), (-0.03, 0.0, high + 0.06)))
    members.author(stage, f"{path}/frame", frame, members.paint(stage, "ral7016", 1))
    tracks = [Block((0.05, 0.03, high + 0.4), (-0.1, s * (half + 0.02), (high + 0.4) / 2)) for s in (-1.0, 1.0)]
    tracks += [Block((2.6, 0.03, 0.05), (-1.45, s * (half + 0.02), high + 0.45)) for s in (-1.0, 1.0)]
    spring = [members.between((-0.16, -half, high + 0.62), (-0.16, half, high + 0.62), 0.07)]
    members.author(stage, f"{path}/tracks", tracks + spring, members.zinc(stage))
    panels = [Block((0.48, 2 * half, 0.04), (-0.42 - 0.5 * n, 0.0, high + 0.4)) for n in range(5)]
    panels.append(Block((0.04, 2 * half, 0.42), (-0.1, 0.0, high + 0.22)))
    members.author(stage, f"{path}/panels", panels, members.paint(stage, "ral9010", 2))
    posts = [members.upright(-0.35, s * (half + 0.3), 0.14, 1.0) for s in (-1.0, 1.0)]
    hazard = members.surface(stage, "ral1023", "hazard", 2, "ral9005")
    members.author(stage, f"{path}/guards", posts, hazard, surfaces.tile_m("hazard"), grain=False)


def _author_leveller(stage: Usd.Stage, path: str, place: Site) -> None:
    """Author the chequered plate in its pit, its striped edges, and the lip on the trailer's bed."""
    half, long = place["leveller_width_m"] / 2, place["leveller_length_m"]
    plate = [Block((long, 2 * half, 0.02), (-long / 2, 0.0, -0.004))]
    lip = [Block((0.5, 2 * half - 0.1, 0.015), (0.24, 0.0, 0.012))]
    look = members.surface(stage, "ral7001", "paint", 3, "ral7016")
    members.author(stage, f"{path}/plate", plate + lip, look)
    treads = [
        Block((0.03, 0.006, 0.002), (x, y, 0.007), (math.cos(a / 2), 0.0, 0.0, math.sin(a / 2)))
        for n, x in enumerate(np.arange(-long + 0.08, -0.1, 0.09).tolist())
        for m, y in enumerate(np.arange(-half + 0.2, half - 0.18, 0.09).tolist())
        for a in ((math.pi / 4) if (n + m) % 2 else (-math.pi / 4),)
    ]
    members.author(stage, f"{path}/treads", treads, materials.material(stage, "ral7001", tone=1.15))
    edges = [Block((long, 0.1, 0.003), (-long / 2, s * (half - 0.05), 0.0075)) for s in (-1.0, 1.0)]
    hazard = members.surface(stage, "ral1023", "hazard", 3, "ral9005")
    members.author(stage, f"{path}/edges", edges, hazard, surfaces.tile_m("hazard"))
    gap = [Block((long + 0.02, 0.02, 0.004), (-long / 2, s * (half + 0.012), 0.0)) for s in (-1.0, 1.0)]
    gap.append(Block((0.02, 2 * half + 0.04, 0.004), (-long - 0.012, 0.0, 0.0)))
    members.author(stage, f"{path}/gap", gap, materials.material(stage, "matt_black"))


def _author_outside(stage: Usd.Stage, path: str, place: Site, seed: int) -> None:
    """Author the yard, the dock's face with its bumpers, and the foam seal."""
    yard, half, high = -place["yard_m"], place["door_width_m"] / 2, place["door_height_m"]
    shapes.quad(
        stage, f"{path}/yard", (30.0, 30.0), (15.2, 0.0, yard), uv_m=True,
        material=materials.material(stage, "asphalt", texture=surfaces.make("concrete", 2), ink="rubber", scale_m=4.0),
    )  # fmt: skip
    face = [Block((0.2, 18.0, -yard), (0.1, 0.0, yard / 2))]
    members.author(stage, f"{path}/face", face, members.surface(stage, "concrete", "concrete", seed % 4), (4.0, 4.0))
    bumpers = [Block((0.12, 0.25, 0.5), (0.26, s * (half - 0.25), -0.3)) for s in (-1.0, 1.0)]
    members.author(stage, f"{path}/bumpers", bumpers, materials.material(stage, "rubber"))
    outer = place["trailer_width_m"] / 2 + 0.12
    seal = [Block((0.35, 0.3, high), (0.38, s * (outer - 0.05), high / 2)) for s in (-1.0, 1.0)]
    seal.append(Block((0.35, 2 * outer, 0.5), (0.38, 0.0, high - 0.2)))
    members.author(stage, f"{path}/seal", seal, members.surface(stage, "foam_black", "fabric", 0), (1.0, 1.0))
    stripes = [Block((0.01, 0.06, high - 0.6), (0.2, s * (outer - 0.2), high / 2)) for s in (-1.0, 1.0)]
    members.author(stage, f"{path}/stripes", stripes, materials.material(stage, "ral1023"))


def _author_trailer(stage: Usd.Stage, path: str, place: Site) -> None:
    """Author the inside of a trailer against the dock: bed of planks, ribbed sides, front wall, translucent roof."""
    wide, high, long = place["trailer_width_m"] / 2, place["trailer_height_m"], place["trailer_length_m"]
    start = 0.45
    middle, end = start + long / 2, start + long
    planks = [Block((long, 0.15, 0.03), (middle, float(y), -0.02)) for y in np.arange(-wide + 0.08, wide, 0.155)]
    members.author(stage, f"{path}/bed", planks, members.surface(stage, "pine_grey", "wood", 1), (1.2, 0.145))
    sides = [Block((long, 0.04, high), (middle, s * (wide + 0.02), high / 2)) for s in (-1.0, 1.0)]
    sides.append(Block((0.04, 2 * wide, high), (end, 0.0, high / 2)))
    members.author(stage, f"{path}/sides", sides, members.surface(stage, "ral7035", "ribs", 0, "ral7016"), (1.6, 0.4))
    slats = [Block((long, 0.025, 0.12), (middle, s * (wide - 0.012), z)) for s in (-1.0, 1.0) for z in (0.3, 1.0, 1.6)]
    members.author(stage, f"{path}/slats", slats, members.surface(stage, "pine", "wood", 2), (1.2, 0.145))
    posts = [
        Block((0.06, 0.03, high), (float(x), s * (wide - 0.01), high / 2))
        for x in np.arange(start + 0.6, end, 1.2)
        for s in (-1.0, 1.0)
    ]
    members.author(stage, f"{path}/posts", posts, members.zinc(stage))
    roof = [Block((long, 2 * wide + 0.08, 0.02), (middle, 0.0, high + 0.01))]
    members.author(stage, f"{path}/roof", roof, materials.material(stage, "tarp_white", tone=0.7))


def _author_signals(stage: Usd.Stage, path: str, place: Site) -> None:
    """Author the door's number, the red and green signal, the control box and the arm of the loading lamp."""
    half, high = place["door_width_m"] / 2, place["door_height_m"]
    number = f"{int(place['door_number'])}"
    hall.author_sign(stage, f"{path}/number", number, (0.5, 0.4), (-0.008, 0.0, high + 1.0), _INWARD)
    box = [Block((0.1, 0.16, 0.4), (-0.05, half + 0.45, 1.9)), Block((0.12, 0.3, 0.4), (-0.06, half + 0.5, 1.3))]
    members.author(stage, f"{path}/boxes", box, members.paint(stage, "ral7035", 0))
    for name, z, look in (("red", 2.0, "ral3020"), ("green", 1.82, "ral6029")):
        shapes.cylinder(
            stage, f"{path}/{name}", 0.05, 0.03, (-0.11, half + 0.45, z), axis="X", segments=20,
            material=materials.material(stage, look),
        )  # fmt: skip
    buttons = [Block((0.02, 0.03, 0.03), (-0.125, half + 0.42 + 0.07 * n, 1.35)) for n in range(3)]
    members.author(stage, f"{path}/buttons", buttons, materials.material(stage, "ral9005"))
    arm = [members.between((-0.05, half + 0.25, 2.2), (-0.5, half + 0.1, 2.25), 0.04)]
    arm.append(members.between((-0.5, half + 0.1, 2.25), (-0.68, half - 0.15, 2.25), 0.04))
    members.author(stage, f"{path}/arm", arm, members.paint(stage, "ral1023", 0))
