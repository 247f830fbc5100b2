"""Members of a structure: boxes, tubes and profiles between two points; those of one look are one prim."""

from __future__ import annotations

import math
from collections.abc import Sequence

from pxr import Sdf, Usd

from synthgen.textures import surfaces
from synthgen.usd.author import materials, shapes
from synthgen.usd.author.merged_meshes import Arrays, Block, blocks
from synthgen.world.poses import add, look_at, turned
from synthgen.world.shot import Pose, Vec3

PAINT_TILE_M = surfaces.tile_m("paint")


def paint(stage: Usd.Stage, name: str, variant: int = 0, tone: float = 1.0) -> Sdf.Path:
    """Return a painted metal: scrapes and chips down to grey primer."""
    return materials.material(
        stage, name, tone=tone, texture=surfaces.make("paint", variant), ink="ral7001", wrap="repeat"
    )


def surface(stage: Usd.Stage, name: str, texture: str, variant: int = 0, ink: str = "", tone: float = 1.0) -> Sdf.Path:
    """Return a material under one of the tone maps, for meshes whose st count repeats of it."""
    return materials.material(stage, name, tone=tone, texture=surfaces.make(texture, variant), ink=ink, wrap="repeat")


def zinc(stage: Usd.Stage, variant: int = 0) -> Sdf.Path:
    """Return galvanised sheet, weathered enough to scatter."""
    return surface(stage, "powder_coat_grey", "galvanised", variant, "ral7001", 0.85)


def profile(stage: Usd.Stage) -> Sdf.Path:
    """Return anodised aluminium profile, bead-blasted."""
    return surface(stage, "powder_coat_grey", "brushed", 0, "ral7001", 1.1)


def author(
    stage: Usd.Stage,
    path: str,
    parts: Sequence[Block],
    look: Sdf.Path,
    tile_m: tuple[float, float] = PAINT_TILE_M,
    *,
    seed: int | None = 1,
    grain: bool = True,
) -> Sdf.Path:
    """Author boxes of one look as one mesh."""
    return lay(stage, path, blocks(parts, tile_m, seed, grain), look)


def lay(stage: Usd.Stage, path: str, arrays: Arrays, look: Sdf.Path, *, double_sided: bool = False) -> Sdf.Path:
    """Author arrays as a mesh at the frame's origin."""
    return shapes.mesh(stage, path, *arrays[:3], uv=arrays.uv, material=look, double_sided=double_sided)


def between(start_m: Vec3, end_m: Vec3, width_m: float, depth_m: float | None = None) -> Block:
    """Return a profile from one point to another, `width_m` across and `depth_m` high (default square)."""
    middle = (
        (start_m[0] + end_m[0]) / 2,
        (start_m[1] + end_m[1]) / 2,
        (start_m[2] + end_m[2]) / 2,
    )
    pose = turned(look_at(start_m, end_m), (0.0, 1.0, 0.0), math.pi / 2)
    size = (math.dist(start_m, end_m), width_m if depth_m is None else depth_m, width_m)
    return Block(size, middle, pose.rotation_wxyz)


def local(pose: Pose, size_m: Vec3, offset_m: Vec3) -> Block:
    """Return a box at `offset_m` in the frame of a pose, turned with it."""
    from synthgen.world.poses import rotate

    return Block(size_m, add(pose.position_m, rotate(pose.rotation_wxyz, offset_m)), pose.rotation_wxyz)


def upright(x: float, y: float, width_m: float, height_m: float, base_m: float = 0.0) -> Block:
    """Return a square post."""
    return Block((width_m, width_m, height_m - base_m), (x, y, (height_m + base_m) / 2))


def box(low_m: Vec3, high_m: Vec3) -> Block:
    """Return the box between two corners."""
    x, y, z = (b - a for a, b in zip(low_m, high_m, strict=True))
    return Block((x, y, z), ((low_m[0] + high_m[0]) / 2, (low_m[1] + high_m[1]) / 2, (low_m[2] + high_m[2]) / 2))
