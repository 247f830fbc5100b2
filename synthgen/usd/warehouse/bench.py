"""The bench: a table with a matt board, an upright of profile, a wall far behind."""

from __future__ import annotations

from pxr import Usd

from synthgen.textures import surfaces
from synthgen.usd.author import materials
from synthgen.usd.author.merged_meshes import Block
from synthgen.usd.warehouse import hall, members
from synthgen.world.sites import Site


def author(stage: Usd.Stage, path: str, place: Site, seed: int) -> None:
    """Author the bench of `place` below `path`."""
    hall.author_floor(stage, f"{path}/floor", (-4.0, -4.0), (4.0, 4.0), seed)
    top, length, width = place["table_top_m"], place["table_length_m"], place["table_width_m"]
    _author_table(stage, f"{path}/table", top, length, width, seed)
    thick = place["board_thickness_m"]
    board = Block((place["board_length_m"], place["board_width_m"], thick), (0.0, 0.0, top + thick / 2))
    members.author(stage, f"{path}/board", [board], materials.material(stage, "card_grey"))
    _author_stand(stage, f"{path}/stand", top, width)
    hall.author_wall(stage, f"{path}/wall", 3.2, (-4.0, 4.0), 3.5, seed)


def _author_table(stage: Usd.Stage, path: str, top: float, length: float, width: float, seed: int) -> None:
    plate = Block((length, width, 0.03), (0.0, 0.0, top - 0.015))
    look = members.surface(stage, "plywood", "wood", seed % 4)
    members.author(stage, f"{path}/top", [plate], look, (1.4, 0.8), seed=None)
    legs = [
        members.upright(sx * (length / 2 - 0.05), sy * (width / 2 - 0.05), 0.05, top - 0.03)
        for sx in (-1.0, 1.0)
        for sy in (-1.0, 1.0)
    ]
    rails = [Block((length - 0.1, 0.03, 0.06), (0.0, sy * (width / 2 - 0.05), top - 0.07)) for sy in (-1.0, 1.0)]
    members.author(stage, f"{path}/frame", legs + rails, members.paint(stage, "ral7035", seed % 4))


def _author_stand(stage: Usd.Stage, path: str, top: float, width: float) -> None:
    """Author the column that holds camera and lamps, behind the board."""
    y = width / 2 - 0.04
    column = [
        members.upright(0.0, y, 0.045, top + 1.05, top),
        Block((0.25, 0.12, 0.015), (0.0, y - 0.03, top + 0.0075)),
    ]
    members.author(stage, f"{path}/column", column, members.profile(stage), surfaces.tile_m("brushed"))
