"""Plastic totes and boxes: rim, foot, ribs, a flat panel for labels on every side, grips; a lid below a label on top.

References:
    Ordinary practice of plastic containers, estimated, not measured [mm]: wall 2.5-3.5, rim 20-30, ribs 8-15 deep every
    40-80, label panel 100 x 60 to 210 x 74. VDA 4500 has the sizes of small load carriers; its text was not at hand.
"""

from __future__ import annotations

from functools import lru_cache

from numpy.random import Generator, Philox
from pxr import Usd

from synthgen.textures import surfaces
from synthgen.usd.author import materials, shapes
from synthgen.usd.author.merged_meshes import Arrays, Block, blocks
from synthgen.world.shot import Item, Vec3

_DEPTH_M = 0.008
_WALL_M = 0.003
_RIM_M = 0.026


def author(stage: Usd.Stage, path: str, item: Item) -> None:
    """Author the tote as one mesh: open, or closed by a lid where a label lies on its top."""
    rng = Generator(Philox(key=item.look_seed))
    texture = surfaces.make("plastic", int(rng.integers(4)))
    look = materials.material(
        stage, item.material, tone=round(item.tone * 20) / 20, texture=texture, wrap="repeat", ink="ral9005"
    )
    mesh = _mesh(item.size_m, any(label.face == "top" for label in item.labels))
    shapes.mesh(stage, f"{path}/body", *mesh[:3], uv=mesh.uv, material=look)
    grips = _grips(item.size_m)
    shapes.mesh(stage, f"{path}/grips", *grips[:3], uv=grips.uv, material=materials.material(stage, "matt_black"))


@lru_cache(maxsize=32)
def _mesh(size_m: Vec3, is_closed: bool) -> Arrays:
    parts = (*_shell(size_m), *_ribs(size_m), *(_lid(size_m) if is_closed else ()))
    return blocks(parts, (0.4, 0.3), None, grain=False)


def _lid(size_m: Vec3) -> list[Block]:
    """Return a lid inside the rim, flush with it, that leaves a joint of 1 mm all round."""
    x, y, z = size_m
    size = (x - 2 * _DEPTH_M - 0.002, y - 2 * _DEPTH_M - 0.002, _WALL_M)
    return [Block(size, (0.0, 0.0, z - _WALL_M / 2))]


def _shell(size_m: Vec3) -> list[Block]:
    """Return floor, walls, rim, foot and label panels."""
    x, y, z = size_m
    inner_x, inner_y = x - 2 * _DEPTH_M, y - 2 * _DEPTH_M
    parts = [Block((inner_x, inner_y, 0.004), (0.0, 0.0, 0.006))]
    for s in (-1.0, 1.0):
        parts += [
            Block((_WALL_M, inner_y, z), (s * (inner_x - _WALL_M) / 2, 0.0, z / 2)),
            Block((inner_x, _WALL_M, z), (0.0, s * (inner_y - _WALL_M) / 2, z / 2)),
            Block((_DEPTH_M, y, _RIM_M), (s * (x - _DEPTH_M) / 2, 0.0, z - _RIM_M / 2)),
            Block((x, _DEPTH_M, _RIM_M), (0.0, s * (y - _DEPTH_M) / 2, z - _RIM_M / 2)),
            Block((_DEPTH_M, y - 0.02, 0.018), (s * (x - _DEPTH_M) / 2, 0.0, 0.009)),
            Block((x - 0.02, _DEPTH_M, 0.018), (0.0, s * (y - _DEPTH_M) / 2, 0.009)),
            Block((_DEPTH_M, _panel(y), 0.62 * z), (s * (x - _DEPTH_M) / 2, 0.0, 0.4 * z)),
            Block((_panel(x), _DEPTH_M, 0.62 * z), (0.0, s * (y - _DEPTH_M) / 2, 0.4 * z)),
        ]
    return parts


def _panel(edge_m: float) -> float:
    return 0.46 * edge_m


def _ribs(size_m: Vec3) -> list[Block]:
    """Return upright ribs every 50-60 mm beside the panels."""
    x, y, z = size_m
    parts = []
    for s in (-1.0, 1.0):
        for at in _rib_places(x):
            parts.append(Block((0.003, _DEPTH_M, z - 0.03), (at, s * (y - _DEPTH_M) / 2, z / 2)))
        for at in _rib_places(y):
            parts.append(Block((_DEPTH_M, 0.003, z - 0.03), (s * (x - _DEPTH_M) / 2, at, z / 2)))
    return parts


def _rib_places(edge_m: float) -> list[float]:
    first, last = _panel(edge_m) / 2 + 0.03, edge_m / 2 - 0.012
    count = max(int((last - first) / 0.055) + 1, 1)
    step = (last - first) / max(count - 1, 1)
    places = [first + n * step for n in range(count)]
    return [-p for p in reversed(places)] + places


@lru_cache(maxsize=32)
def _grips(size_m: Vec3) -> Arrays:
    """Return the dark openings of the grips in both short walls, 120 x 36 under the rim."""
    x, y, z = size_m
    wide, high = min(0.12, 0.35 * y), min(0.036, 0.16 * z)
    center_z = z - _RIM_M - high / 2 - 0.006
    return blocks([Block((0.0008, wide, high), (s * (x / 2 - 0.0006), 0.0, center_z)) for s in (-1.0, 1.0)], (1.0, 1.0))
