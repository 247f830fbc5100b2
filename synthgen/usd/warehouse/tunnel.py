"""The scan tunnel: conveyor, gantry with cameras, brackets and cables, cabinet, and the hall around it."""

from __future__ import annotations

import math

import numpy as np
from pxr import Usd

from synthgen.textures import surfaces
from synthgen.usd.author import materials, shapes
from synthgen.usd.author.merged_meshes import Block
from synthgen.usd.warehouse import conveyor, hall, members, rack
from synthgen.world.poses import add, rotate
from synthgen.world.shot import Vec3
from synthgen.world.sites import Mount, Site
from synthgen.world.sites.tunnel import HEADS_M

_LENS_BACK_M = 0.02
"""The body's front stays this far behind the mount, so that a shifted camera does not see it."""


def author(stage: Usd.Stage, path: str, place: Site, seed: int) -> None:
    """Author the tunnel of `place` below `path`."""
    wall = place["wall_y_m"]
    hall.author_floor(stage, f"{path}/floor", (-12.0, -9.0), (12.0, 9.0), seed)
    conveyor.author(stage, f"{path}/conveyor", place, seed)
    _author_gantry(stage, f"{path}/gantry", place)
    _author_cameras(stage, f"{path}/heads", place)
    if place["curtain"]:
        _author_curtain(stage, f"{path}/curtain", place)
    hall.author_cabinet(stage, f"{path}/cabinet", (2.3, 1.9, 0.0), seed)
    _author_surroundings(stage, path, wall, place["hall_height_m"], seed)
    if place["racks"]:
        rack.author_row(stage, f"{path}/racks", rack.Row(y=wall - 1.6, bays=4, levels=3, opens=-1.0, seed=seed))


def _author_surroundings(stage: Usd.Stage, path: str, wall: float, height: float, seed: int) -> None:
    hall.author_wall(stage, f"{path}/wall", wall, (-12.0, 12.0), height, seed)
    hall.author_roofline(stage, f"{path}/roofline", (-12.0, 12.0), (-8.0, wall), height)
    lane = [((-12.0, y, 0.0), (12.0, y, 0.0)) for y in (-2.0, 2.7, -4.6)]
    hall.author_lines(stage, f"{path}/lines", lane, seed)
    arcs = [(3.0, -6.2, 3.0, 0.3, 1.9), (-2.5, -5.6, 2.2, 0.6, 2.4), (-5.0, 1.0, 2.4, -0.2, 1.2)]
    hall.author_tyres(stage, f"{path}/tyres", arcs, seed)
    hall.author_columns(stage, f"{path}/columns", [(-6.0, -7.0), (0.0, -7.0), (6.0, -7.0)], height)


def _author_gantry(stage: Usd.Stage, path: str, place: Site) -> None:
    """Author four posts, the frame on top, the rails that hold heads and bars, feet, and a cable duct."""
    x, y = place["gantry_length_m"] / 2, place["gantry_width_m"] / 2
    top, side = place["gantry_height_m"], place["profile_m"]
    heads = place["belt_top_m"] + HEADS_M
    corners = [(sx * x, sy * y) for sx in (-1.0, 1.0) for sy in (-1.0, 1.0)]
    parts = [members.upright(px, py, side, top) for px, py in corners]
    parts += [Block((2 * x, side, side), (0.0, sy * y, z)) for sy in (-1.0, 1.0) for z in (top - side / 2, heads)]
    parts += [Block((side, 2 * y, side), (sx * x, 0.0, top - side / 2)) for sx in (-1.0, 1.0)]
    parts += [Block((side / 2, 2 * y, side), (px, 0.0, top - side / 2)) for px in (-0.4, 0.4)]
    members.author(stage, f"{path}/profile", parts, members.profile(stage), surfaces.tile_m("brushed"))
    grooves = [Block((0.008, side + 0.001, top - 0.1), (px, py, top / 2)) for px, py in corners]
    grooves += [Block((side + 0.001, 0.008, top - 0.1), (px, py, top / 2)) for px, py in corners]
    members.author(stage, f"{path}/grooves", grooves, materials.material(stage, "ral7016"))
    feet = [Block((0.18, 0.18, 0.012), (px, py, 0.006)) for px, py in corners]
    feet += [Block((0.02, 0.02, 0.02), (px + dx, py + dx, 0.02)) for px, py in corners for dx in (-0.07, 0.07)]
    members.author(stage, f"{path}/feet", feet, members.zinc(stage))
    duct = [Block((0.06, 0.06, top - 0.1), (x + 0.07, y, top / 2)), Block((2 * x, 0.06, 0.06), (0.0, y, top + 0.03))]
    members.author(stage, f"{path}/duct", duct, materials.material(stage, "ral7035"))


def _author_cameras(stage: Usd.Stage, path: str, place: Site) -> None:
    """Author a body, its lens, a bracket and a cable at every camera mount, and brackets for the bars."""
    mounts = place.mounts
    cameras = {name: mount for name, mount in mounts.items() if mount.kind == "camera"}
    body = [members.local(m.pose, (0.062, 0.062, 0.1), (0.0, 0.0, _LENS_BACK_M + 0.11)) for m in cameras.values()]
    members.author(stage, f"{path}/bodies", body, members.paint(stage, "ral7016", 1))
    fins = [
        members.local(m.pose, (0.066, 0.066, 0.003), (0.0, 0.0, _LENS_BACK_M + 0.075 + 0.01 * n))
        for m in cameras.values()
        for n in range(8)
    ]
    members.author(stage, f"{path}/fins", fins, materials.material(stage, "ral7016", tone=0.7))
    black = materials.material(stage, "lens_black")
    for name, mount in cameras.items():
        at = _ahead(mount, _LENS_BACK_M + 0.03)
        shapes.cylinder(
            stage,
            f"{path}/lens_{name}",
            0.02,
            0.06,
            at,
            mount.pose.rotation_wxyz,
            axis="Z",
            segments=16,
            material=black,
        )
    lamps = {name: m for name, m in mounts.items() if name.startswith("bar_")}
    holders = {**{n: (m, _LENS_BACK_M + 0.15) for n, m in cameras.items()}, **{n: (m, 0.05) for n, m in lamps.items()}}
    arms = [part for mount, back in holders.values() for part in _arm(mount, back, place)]
    members.author(stage, f"{path}/arms", arms, members.profile(stage), surfaces.tile_m("brushed"))
    cables = [part for mount in cameras.values() for part in _cable(mount, place)]
    members.author(stage, f"{path}/cables", cables, materials.material(stage, "cable_black"))


def _ahead(mount: Mount, back_m: float) -> Vec3:
    """Return the point `back_m` behind the mount on its axis."""
    return add(mount.pose.position_m, rotate(mount.pose.rotation_wxyz, (0.0, 0.0, back_m)))


def _anchor(point: Vec3, place: Site) -> Vec3:
    """Return where on the gantry an arm to `point` is bolted: the near side rail, or the frame on top."""
    y, top = place["gantry_width_m"] / 2, place["gantry_height_m"] - place["profile_m"] / 2
    if abs(point[1]) > 0.5:
        return (point[0], math.copysign(y, point[1]), min(place["belt_top_m"] + HEADS_M, top))
    return (point[0], point[1], top)


def _arm(mount: Mount, back_m: float, place: Site) -> list[Block]:
    start = _ahead(mount, back_m)
    anchor = _anchor(start, place)
    parts = [members.between(start, anchor, 0.04)]
    if abs(start[1]) <= 0.5:  # hangs: needs a cross bar under the frame
        half = place["gantry_width_m"] / 2
        parts.append(Block((0.04, 2 * half, 0.04), (start[0], 0.0, anchor[2])))
    return parts


def _cable(mount: Mount, place: Site) -> list[Block]:
    """Return a cable that leaves the body backwards, sags and follows the arm."""
    start = _ahead(mount, _LENS_BACK_M + 0.16)
    end = add(_anchor(start, place), (0.05, 0.0, 0.02))
    sag = tuple((a + b) / 2 for a, b in zip(start, end, strict=True))
    low = (sag[0] + 0.06, sag[1], sag[2] - 0.05)
    return [members.between(start, low, 0.008), members.between(low, end, 0.008)]


def _author_curtain(stage: Usd.Stage, path: str, place: Site) -> None:
    """Author overlapping PVC strips over the belt at both ends of the gantry."""
    z, half = place["belt_top_m"], place["belt_width_m"] / 2 + 0.1
    strips = [
        Block((0.003, 0.12, 0.72), (sx * (place["gantry_length_m"] / 2 + 0.02 + 0.004 * (n % 2)), float(y), z + 0.4))
        for sx in (-1.0, 1.0)
        for n, y in enumerate(np.arange(-half + 0.06, half, 0.1))
    ]
    members.author(stage, f"{path}/strips", strips, materials.material(stage, "matt_black"))
