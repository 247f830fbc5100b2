"""The conveyor through the tunnel: belt, driven rollers before and after, frame, guards, legs, photo-eyes.

References:
    Ordinary practice of conveyor makers, estimated, not measured [mm]: rollers of 50 every 75-150, frame 120-180,
    guards 50-150, legs every 1500-2000.
"""

from __future__ import annotations

import math

import numpy as np
from pxr import Usd

from synthgen.textures import surfaces
from synthgen.usd.author import materials, shapes
from synthgen.usd.author.merged_meshes import Block
from synthgen.usd.warehouse import members
from synthgen.world.sites import Site

_BELT_M = 0.004
_EYE_XS = (-0.85, -1.9, 1.6)


def author(stage: Usd.Stage, path: str, place: Site, seed: int) -> None:
    """Author the conveyor along x, its belt centred on x = 0."""
    _author_belt(stage, f"{path}/belt", place, seed)
    _author_rollers(stage, f"{path}/rollers", place)
    _author_frame(stage, f"{path}/frame", place)
    _author_guards(stage, f"{path}/guards", place)
    _author_legs(stage, f"{path}/legs", place)
    _author_eyes(stage, f"{path}/eyes", place)
    _author_drive(stage, f"{path}/drive", place)


def _author_belt(stage: Usd.Stage, path: str, place: Site, seed: int) -> None:
    length, width, top = place["belt_length_m"], place["belt_width_m"], place["belt_top_m"]
    look = members.surface(stage, "belt_dusty", "belt", seed % 4, "belt_black")
    belt = [Block((length, width, _BELT_M), (0.0, 0.0, top - _BELT_M / 2))]
    belt.append(Block((length, width, _BELT_M), (0.0, 0.0, top - 0.09)))
    members.author(stage, f"{path}/band", belt, look, surfaces.tile_m("belt"), seed=None, grain=False)
    members.author(stage, f"{path}/splice", _splice(width, top), materials.material(stage, "rubber"))
    bed = [Block((length - 0.1, width, 0.02), (0.0, 0.0, top - 0.03))]
    members.author(stage, f"{path}/bed", bed, members.zinc(stage))
    for name, sign in (("head", 1.0), ("tail", -1.0)):
        at = (sign * length / 2, 0.0, top - 0.047)
        shapes.cylinder(stage, f"{path}/{name}", 0.047, width, at, axis="Y", segments=20, material=look)


def _splice(width: float, top: float) -> list[Block]:
    """Return the zigzag joint of the belt."""
    ys, xs = np.arange(-width / 2, width / 2 - 0.01, 0.05).tolist(), (0.62, 0.67)
    return [
        members.between((xs[n % 2], y, top), (xs[(n + 1) % 2], y + 0.05, top), 0.002, 0.0006) for n, y in enumerate(ys)
    ]


def _author_rollers(stage: Usd.Stage, path: str, place: Site) -> None:
    pitch, radius = place["roller_pitch_m"], place["roller_diameter_m"] / 2
    first = place["belt_length_m"] / 2 + 0.06 + radius
    look = members.zinc(stage, 1)
    for n in range(int((place["rollers_length_m"] - 0.06) / pitch)):
        for name, sign in (("out", 1.0), ("in", -1.0)):
            at = (sign * (first + n * pitch), 0.0, place["belt_top_m"] - radius)
            shapes.cylinder(
                stage, f"{path}/{name}_{n}", radius, place["belt_width_m"], at, axis="Y", segments=16, material=look
            )


def _ends(place: Site) -> float:
    return place["belt_length_m"] / 2 + place["rollers_length_m"]


def _author_frame(stage: Usd.Stage, path: str, place: Site) -> None:
    """Author the two side profiles, and a cable duct and an e-stop rope along one of them."""
    end, top, high = _ends(place), place["belt_top_m"], place["frame_height_m"]
    y = place["belt_width_m"] / 2 + 0.03
    rails = [Block((2 * end, 0.04, high), (0.0, s * y, top - high / 2 - 0.005)) for s in (-1.0, 1.0)]
    rails += [Block((2 * end, 0.05, 0.004), (0.0, s * (y + 0.004), top - 0.003)) for s in (-1.0, 1.0)]
    members.author(stage, f"{path}/rails", rails, members.paint(stage, "ral5010", 2))
    duct = [Block((2 * end - 0.4, 0.05, 0.06), (0.0, y + 0.05, top - high + 0.02))]
    members.author(stage, f"{path}/duct", duct, materials.material(stage, "ral7035"))
    rope = [members.between((-end, -y - 0.05, top - 0.05), (end, -y - 0.05, top - 0.05), 0.005)]
    members.author(stage, f"{path}/rope", rope, materials.material(stage, "ral3020"))
    bolts = [
        Block((0.014, 0.006, 0.014), (float(x), s * (y + 0.022), top - 0.05))
        for x in np.arange(-end + 0.1, end, 0.3)
        for s in (-1.0, 1.0)
    ]
    members.author(stage, f"{path}/bolts", bolts, materials.material(stage, "powder_coat_grey"))


def _author_guards(stage: Usd.Stage, path: str, place: Site) -> None:
    """Author side guards on brackets, left out where parcels are read."""
    end, gap, top, high = _ends(place), place["read_gap_m"] / 2, place["belt_top_m"], place["guard_height_m"]
    y = place["belt_width_m"] / 2 + 0.02
    plates, brackets = [], []
    for s in (-1.0, 1.0):
        for low, far in ((-end, -gap), (gap, end)):
            plates.append(Block((far - low, 0.003, high), ((low + far) / 2, s * y, top + high / 2 + 0.01)))
            plates.append(Block((far - low, 0.02, 0.003), ((low + far) / 2, s * (y + 0.01), top + high + 0.01)))
            for x in np.arange(low + 0.15, far, 0.6):
                brackets.append(Block((0.04, 0.006, high + 0.08), (float(x), s * (y + 0.012), top + high / 2 - 0.03)))
    members.author(stage, f"{path}/plates", plates, members.zinc(stage, 2), surfaces.tile_m("galvanised"))
    members.author(stage, f"{path}/brackets", brackets, members.paint(stage, "ral5010", 1))


def _author_legs(stage: Usd.Stage, path: str, place: Site) -> None:
    end, under = _ends(place), place["belt_top_m"] - place["frame_height_m"]
    y = place["belt_width_m"] / 2 + 0.02
    legs, feet = [], []
    for x in np.linspace(-end + 0.2, end - 0.2, max(round(2 * end / 1.5), 2)).tolist():
        legs += [members.upright(x, s * y, 0.06, under, 0.02) for s in (-1.0, 1.0)]
        legs.append(Block((0.04, 2 * y, 0.04), (x, 0.0, 0.25)))
        feet += [Block((0.12, 0.1, 0.01), (x, s * y, 0.005)) for s in (-1.0, 1.0)]
    members.author(stage, f"{path}/posts", legs, members.paint(stage, "ral5010", 3))
    members.author(stage, f"{path}/feet", feet, members.zinc(stage))


def _author_eyes(stage: Usd.Stage, path: str, place: Site) -> None:
    """Author photo-eyes with their reflectors opposite, 45 mm above the belt, and an e-stop button."""
    top, y = place["belt_top_m"] + 0.045, place["belt_width_m"] / 2 + 0.07
    bodies = [Block((0.02, 0.04, 0.05), (x, y, top)) for x in _EYE_XS]
    bodies += [Block((0.004, 0.05, 0.14), (x + 0.012, s * y, top - 0.06)) for x in _EYE_XS for s in (-1.0, 1.0)]
    members.author(stage, f"{path}/bodies", bodies, materials.material(stage, "abs_black"))
    reflectors = [Block((0.06, 0.008, 0.04), (x, -y, top)) for x in _EYE_XS]
    members.author(stage, f"{path}/reflectors", reflectors, materials.material(stage, "reflector_red"))
    at = (1.15, -y - 0.03, place["belt_top_m"] - 0.02)
    members.author(stage, f"{path}/stop_box", [Block((0.08, 0.06, 0.1), at)], materials.material(stage, "ral1023"))
    shapes.cylinder(
        stage, f"{path}/stop", 0.02, 0.03, (at[0], at[1] - 0.045, at[2]), axis="Y", segments=16,
        material=materials.material(stage, "ral3020"),
    )  # fmt: skip


def _author_drive(stage: Usd.Stage, path: str, place: Site) -> None:
    """Author the geared motor under the belt and the encoder wheel that measures its travel."""
    top = place["belt_top_m"]
    look = members.paint(stage, "ral7016", 0)
    shapes.cylinder(stage, f"{path}/motor", 0.08, 0.3, (1.0, 0.1, top - 0.32), axis="Y", segments=20, material=look)
    gear = [Block((0.16, 0.14, 0.18), (1.0, -0.14, top - 0.32))]
    members.author(stage, f"{path}/gear", gear, look)
    y = place["belt_width_m"] / 2 + 0.075
    wheel = (-0.3, y, top - 0.04)
    shapes.cylinder(
        stage,
        f"{path}/encoder",
        0.032,
        0.012,
        wheel,
        axis="Y",
        segments=20,
        material=materials.material(stage, "rubber"),
    )
    arm = members.between((-0.3, y + 0.02, top - 0.04), (-0.22, y + 0.02, top - 0.12 - 0.02 * math.sin(1.0)), 0.015)
    members.author(stage, f"{path}/encoder_arm", [arm], materials.material(stage, "powder_coat_grey"))
