"""Mailers, cards, rack label holders, drums, shelves and plain boxes."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.random import Generator, Philox
from pxr import Usd

from synthgen.textures import surfaces
from synthgen.usd.author import materials, shapes
from synthgen.usd.author.merged_meshes import Arrays, Block, blocks, smooth_normals, surface
from synthgen.world import item_faces
from synthgen.world.shot import Item


def author_mailer(stage: Usd.Stage, path: str, item: Item) -> None:
    """Author a filled poly mailer: a creased pillow that is flat where labels are stuck, and its glued flap."""
    rng = Generator(Philox(key=item.look_seed))
    variant = int(rng.integers(4))
    height = _pillow(variant)
    look = materials.material(
        stage, item.material, tone=round(item.tone * 20) / 20, texture=surfaces.make("mailer", variant)
    )
    mesh = surface(height)
    shapes.mesh(
        stage,
        f"{path}/body",
        *mesh[:3],
        scale=item.size_m,
        normals=smooth_normals(height),
        uv=mesh.uv,
        material=look,
        double_sided=True,
    )
    place, turn = item_faces.pose("top", item.size_m, (-0.5 * item.size_m[0] + 0.02, 0.0), 0.0, -0.93 * item.size_m[2])
    shapes.quad(stage, f"{path}/flap", (0.04, 0.97 * item.size_m[1]), place, turn, material=look)


@lru_cache(maxsize=4)
def _pillow(variant: int) -> np.ndarray:
    """Return the height over the unit square, 1 in the middle and 0.02 at the seams, shape (15, 21)."""
    rng = Generator(Philox(key=[variant, 5]))
    u, v = np.linspace(-1, 1, 21)[None, :], np.linspace(-1, 1, 15)[:, None]
    bulge = np.clip((1 - np.abs(u) ** 3) * (1 - np.abs(v) ** 3) * 1.5, 0, 1)
    crease = 0.30 * surfaces.noise(rng, (15, 21), (7, 9)) ** 2 * 4
    edge = np.clip((np.maximum(np.abs(u), np.abs(v)) - 0.55) / 0.45, 0, 1)
    return np.clip(bulge**0.7 - crease * edge, 0.02, 1.0)


def author_card(stage: Usd.Stage, path: str, item: Item) -> None:
    """Author a flat card: a thin box of one even material, so that its irradiance can be computed by hand."""
    author_box(stage, path, item)


def author_box(stage: Usd.Stage, path: str, item: Item) -> None:
    """Author a plain box of the item's material."""
    look = materials.material(stage, item.material, tone=item.tone)
    shapes.box(stage, f"{path}/body", item.size_m, (0.0, 0.0, item.size_m[2] / 2), material=look)


def author_beam(stage: Usd.Stage, path: str, item: Item) -> None:
    """Author the label holder of a rack beam on its `right` face (-y): a pale channel between two lips.

    Where its material is the beam's own paint it is a plain plate, which stands for the bare beam.
    """
    length, depth, height = item.size_m
    if item.material.startswith("ral2"):
        author_box(stage, path, item)
        return
    strip = materials.material(
        stage, item.material, tone=item.tone, texture=surfaces.make("coated", item.look_seed % 4)
    )
    shapes.box(stage, f"{path}/channel", (length, depth, height - 0.012), (0.0, 0.0, height / 2), material=strip)
    lips = blocks(
        [Block((length, depth + 0.003, 0.006), (0.0, -0.0015, z)) for z in (0.003, height - 0.003)], (1.0, 1.0)
    )
    look = materials.material(stage, "ral9010", tone=0.9)
    shapes.mesh(stage, f"{path}/lips", *lips[:3], uv=lips.uv, material=look)


def author_shelf(stage: Usd.Stage, path: str, item: Item) -> None:
    """Author a chipboard shelf."""
    tile = surfaces.tile_m("chipboard")
    look = materials.material(stage, "chipboard", texture=surfaces.make("chipboard", item.look_seed % 4), wrap="repeat")
    board: Arrays = blocks([Block(item.size_m, (0.0, 0.0, item.size_m[2] / 2))], tile, None, grain=False)
    shapes.mesh(stage, f"{path}/board", *board[:3], uv=board.uv, material=look)


def author_drum(stage: Usd.Stage, path: str, item: Item) -> None:
    """Author a drum: body, two hoops and a rim, 24 sides."""
    radius, height = min(item.size_m[:2]) / 2, item.size_m[2]
    name = item.material if item.material not in ("kraft", "") else "drum_blue"
    look = materials.material(stage, name, tone=item.tone)
    center = (0.0, 0.0, height / 2)
    shapes.cylinder(stage, f"{path}/body", radius * 0.97, height * 0.98, center, axis="Z", material=look)
    for n, share in enumerate((0.01, 0.34, 0.66, 0.99)):
        at = (0.0, 0.0, min(max(share * height, 0.012), height - 0.012))
        shapes.cylinder(stage, f"{path}/hoop_{n}", radius, 0.024, at, axis="Z", material=look)
