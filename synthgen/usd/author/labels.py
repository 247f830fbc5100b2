"""Labels on a stage: a frame that carries the barcode schemas, in metres, and below it the printed sheet."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import lru_cache

import numpy as np
from pxr import Gf, Tf, Usd, Vt

from synthgen.printing import rasterize
from synthgen.usd import schemas
from synthgen.usd.author import materials, shapes, specs, texture_files
from synthgen.usd.author.specs import TYPES, Path
from synthgen.world import label_pose
from synthgen.world.shot import Code, Item, Label, Wear

_FEATURES = {name: getattr(Wear(), name) for name in (f.name for f in fields(Wear)) if name != "seed"}


def author(stage: Usd.Stage, path: Path, item: Item, label: Label) -> None:
    """Define a label at `path` below an item that is already placed; the prim carries the barcode schemas."""
    position_m, rotation = label_pose.on_item(item, label)
    shapes.xform(stage, path, position_m, rotation)
    spec = specs.define(stage, path, "")
    specs.semantics(spec, "label")
    for code in label.codes:
        _write_code(spec, label, code)
    asset = texture(stage, label)
    material = materials.material(
        stage,
        label.stock,
        texture=asset,
        ink=label.ink,
        film=label.film,
        cutout=texture_files.has_alpha(asset),
        nearest=True,
    )
    shapes.quad(stage, spec.path.AppendChild("sheet"), label.size_m, material=material)


def texture(stage: Usd.Stage, label: Label) -> str:
    """Return the asset path of the label's drawing; equal labels are drawn once."""
    plain = replace(label, face="front", center_m=(0.0, 0.0), angle_rad=0.0, stock="", ink="", film="")
    return texture_files.store(stage, *_drawn(plain), passing=True)


@lru_cache(maxsize=128)
def _drawn(label: Label) -> tuple[str, bytes]:
    """Return the label's drawing as (file name, PNG file)."""
    art = rasterize.draw(label)
    whole = bool(np.all(art.alpha == 255))
    return texture_files.encode(art.tone, None if whole else art.alpha)


def _write_code(spec: specs.Spec, label: Label, code: Code) -> None:
    face = Tf.MakeValidIdentifier(code.code_id)
    specs.apply(spec, f"{schemas.BARCODE}:{face}")
    quad = rasterize.code_quad(label, code)
    top_m = float(np.linalg.norm(quad[1] - quad[0]))
    module_m = rasterize.module_size_m(label, code)
    for name, kind, value in (
        ("code_id", TYPES.String, code.code_id),
        ("symbology", TYPES.Token, code.symbology),
        ("payload", TYPES.String, code.payload),
        ("module_m", TYPES.Double, module_m),
        ("modules_across", TYPES.Int, round(top_m / module_m)),
        ("quad_m", TYPES.Double3Array, Vt.Vec3dArray([Gf.Vec3d(float(x), float(y), 0.0) for x, y in quad])),
        ("print_defects", TYPES.TokenArray, Vt.TokenArray(defects(label))),
    ):
        specs.attribute(spec, f"synthgen:barcode:{face}:{name}", kind, value)


def defects(label: Label) -> list[str]:
    """Return the names of the print and wear defects that a label has."""
    return [name for name, fresh in _FEATURES.items() if getattr(label.wear, name) != fresh]
