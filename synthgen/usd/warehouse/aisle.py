"""The rack aisle: a row that is read on the left, the opposite row, the floor between and the lamps' rail above."""

from __future__ import annotations

from pxr import Usd

from synthgen.textures import surfaces
from synthgen.usd.author import materials
from synthgen.usd.author.merged_meshes import Block
from synthgen.usd.warehouse import hall, members, rack
from synthgen.world.sites import Site


def author(stage: Usd.Stage, path: str, place: Site, seed: int) -> None:
    """Author the aisle of `place` below `path`; the middle bay on the left is left free on the floor and level 1."""
    face, bays, levels = place["aisle_width_m"] / 2, int(place["bays"]), int(place["levels"])
    middle = bays // 2
    free = frozenset({(middle, 0), (middle, 1)})
    numbers = {key: place[key] for key in place.parameters}
    left = rack.Row(y=face, opens=-1.0, bays=bays, levels=levels, seed=seed, name="A", free=free, numbers=numbers)
    right = rack.Row(y=-face, opens=1.0, bays=bays, levels=levels, seed=seed + 1, name="B", numbers=numbers)
    rack.author_row(stage, f"{path}/left", left)
    rack.author_row(stage, f"{path}/right", right)
    half = bays * (place["bay_clear_m"] + place["upright_width_m"]) / 2 + 3.0
    hall.author_floor(stage, f"{path}/floor", (-half, -6.0), (half, 6.0), seed)
    lines = [((-half, s * (face - 0.12), 0.0), (half, s * (face - 0.12), 0.0)) for s in (-1.0, 1.0)]
    hall.author_lines(stage, f"{path}/lines", lines, seed)
    hall.author_tyres(stage, f"{path}/tyres", [(half - 1.0, 4.0, 3.6, 3.4, 4.6), (-half, -3.8, 3.5, 0.2, 1.5)], seed)
    hall.author_roofline(stage, f"{path}/roofline", (-half, half), (-6.0, 6.0), place["hall_height_m"])
    rail = [Block((2 * half, 0.06, 0.05), (0.0, 0.0, place["hall_height_m"] - 0.75))]
    members.author(stage, f"{path}/lamp_rail", rail, materials.material(stage, "ral9010"))
    _author_ends(stage, f"{path}/ends", half, place["hall_height_m"], seed)
    _author_backs(stage, f"{path}/backs", half, face + place["rack_depth_m"] + 1.7)
    depth = place["rack_depth_m"] + place["back_gap_m"]
    mesh = [Block((2 * half, 0.01, 0.06), (0.0, s * (face + depth), z)) for s in (-1.0, 1.0) for z in (2.0, 4.0, 6.0)]
    members.author(stage, f"{path}/back_rails", mesh, members.zinc(stage))


def _author_backs(stage: Usd.Stage, path: str, half: float, y: float) -> None:
    """Author what stands behind the racks and ends the sight through them."""
    walls = [Block((2 * half, 0.1, 5.0), (0.0, s * y, 2.5)) for s in (-1.0, 1.0)]
    look = members.surface(stage, "wall_panel", "panel", 2, tone=0.5)
    members.author(stage, path, walls, look, surfaces.tile_m("panel"), seed=None, grain=False)


def _author_ends(stage: Usd.Stage, path: str, half: float, height: float, seed: int) -> None:
    """Author the walls that the aisle runs up to, with a gate in one of them."""
    panel = members.surface(stage, "wall_panel", "panel", seed % 4)
    walls = [Block((0.15, 12.0, height), (s * (half + 0.08), 0.0, height / 2)) for s in (-1.0, 1.0)]
    members.author(stage, f"{path}/panels", walls, panel, surfaces.tile_m("panel"), seed=None, grain=False)
    slats = [Block((0.03, 3.2, 0.095), (half - 0.02, 0.0, 0.05 + 0.1 * n)) for n in range(36)]
    members.author(stage, f"{path}/gate", slats, members.paint(stage, "ral7035", 1))
    frame = [Block((0.1, 0.12, 3.7), (half - 0.05, s * 1.66, 1.85)) for s in (-1.0, 1.0)]
    members.author(stage, f"{path}/frame", frame, members.surface(stage, "ral1023", "hazard", 0, "ral9005"))
