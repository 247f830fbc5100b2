"""Write prims and attributes straight into the edit target's layer.

A shot of 40 cartons has some 10 000 opinions. Written as Sdf specs inside one `Sdf.ChangeBlock`, and where prims are
alike stamped from a template, they cost a fraction of what the Usd API costs; `Usd.Stage.DefinePrim` is not allowed in
a ChangeBlock at all. Nothing here reads a composed stage, so it works inside and outside a ChangeBlock.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any

from pxr import Gf, Sdf, Tf, Usd, Vt

Path = str | Sdf.Path
Vec3 = tuple[float, float, float]
Quat = tuple[float, float, float, float]

TYPES = Sdf.ValueTypeNames
Spec = Sdf.PrimSpec
IDENTITY: Quat = (1.0, 0.0, 0.0, 0.0)
_OPS = ("xformOp:translate", "xformOp:orient", "xformOp:scale")


def layer_of(stage: Usd.Stage) -> Sdf.Layer:
    """Return the layer that is being written to."""
    return stage.GetEditTarget().GetLayer()


def as_path(path: Path) -> Sdf.Path:
    """Return `path` as an `Sdf.Path`."""
    return Sdf.Path(path) if isinstance(path, str) else path


def define(stage: Usd.Stage, path: Path, type_name: str = "Xform") -> Spec:
    """Return the spec of a defined prim at `path`; ancestors that are missing become Xforms.

    An empty `type_name` leaves the type of a prim that is there already.
    """
    return define_in(layer_of(stage), as_path(path), type_name)


def define_in(layer: Sdf.Layer, path: Sdf.Path, type_name: str = "Xform") -> Spec:
    """Return the spec of a defined prim of `layer`, as `define` does."""
    spec = layer.GetPrimAtPath(path)
    if spec is None:
        return Sdf.PrimSpec(_parent(layer, path), path.name, Sdf.SpecifierDef, type_name or "Xform")
    if type_name and spec.typeName != type_name:
        spec.typeName = type_name
    return spec


def stamp(stage: Usd.Stage, path: Path, template: Spec) -> Spec:
    """Return a copy of a template at `path`, with everything below it; what was there is replaced."""
    layer, path = layer_of(stage), as_path(path)
    _parent(layer, path)
    Sdf.CopySpec(template.layer, template.path, layer, path)
    return layer.GetPrimAtPath(path)


def template(make: Callable[..., Spec]) -> Callable[..., Spec]:
    """Decorate a function that fills a fresh layer: it then returns the same template for the same arguments.

    `make` gets an empty layer first, which is kept for as long as the template is.
    """

    @functools.lru_cache(maxsize=512)
    def made(*key: Any) -> tuple[Sdf.Layer, Spec]:
        layer = Sdf.Layer.CreateAnonymous(".usda")
        return layer, make(layer, *key)

    return functools.wraps(make)(lambda *key: made(*key)[1])


def attribute(
    spec: Spec, name: str, type_name: Sdf.ValueTypeName, value: Any = None, *, uniform: bool = False, **info: Any
) -> Sdf.AttributeSpec:
    """Set an attribute's default value; `info` is metadata such as `interpolation="vertex"`."""
    attr = spec.layer.GetAttributeAtPath(spec.path.AppendProperty(name))
    if attr is None:
        variability = Sdf.VariabilityUniform if uniform else Sdf.VariabilityVarying
        attr = Sdf.AttributeSpec(spec, name, type_name, variability)
    if value is not None:
        attr.default = value
    for key, item in info.items():
        attr.SetInfo(key, item)
    return attr


def set_values(spec: Spec, **values: Any) -> None:
    """Set attributes that are there already; `__` in a keyword stands for `:`."""
    layer, path = spec.layer, spec.path
    for name, value in values.items():
        layer.GetAttributeAtPath(path.AppendProperty(name.replace("__", ":"))).default = value


def relationship(spec: Spec, name: str, *targets: Path) -> None:
    """Set a relationship's targets."""
    rel = spec.layer.GetRelationshipAtPath(spec.path.AppendProperty(name))
    rel = rel or Sdf.RelationshipSpec(spec, name, custom=False)
    rel.targetPathList.explicitItems = [as_path(target) for target in targets]


def apply(spec: Spec, *schemas: str) -> None:
    """Add applied API schemas, such as `SynthgenBarcodeAPI:front`."""
    listed = spec.GetInfo("apiSchemas") if spec.HasInfo("apiSchemas") else None
    before = list(listed.prependedItems) if listed else []
    added = [name for name in schemas if name not in before]
    if added:
        spec.SetInfo("apiSchemas", Sdf.TokenListOp.Create(prependedItems=before + added))


def semantics(spec: Spec, label: str) -> None:
    """Say what a prim is, as `UsdSemantics.LabelsAPI` of the taxonomy `class`."""
    apply(spec, "SemanticsLabelsAPI:class")
    attribute(spec, "semantics:labels:class", TYPES.TokenArray, Vt.TokenArray([label]))


def place(spec: Spec, position_m: Vec3, rotation_wxyz: Quat = IDENTITY, scale: Vec3 | None = None) -> None:
    """Write the transform translate x orient x scale; rotation and scale only where they change anything."""
    order = [_OPS[0]]
    attribute(spec, _OPS[0], TYPES.Double3, Gf.Vec3d(*position_m))
    if tuple(rotation_wxyz) != IDENTITY:
        order.append(_OPS[1])
        attribute(spec, _OPS[1], TYPES.Quatd, quaternion(rotation_wxyz))
    if scale is not None:
        order.append(_OPS[2])
        attribute(spec, _OPS[2], TYPES.Double3, Gf.Vec3d(*scale))
    attribute(spec, "xformOpOrder", TYPES.TokenArray, Vt.TokenArray(order), uniform=True)


def quaternion(rotation_wxyz: Quat) -> Gf.Quatd:
    """Return a rotation as USD's."""
    return Gf.Quatd(rotation_wxyz[0], Gf.Vec3d(*rotation_wxyz[1:]))


def names(wanted: Iterable[str]) -> dict[str, str]:
    """Return {name: prim name} for siblings: legal in USD, and unique where two names would become equal."""
    found: dict[str, str] = {}
    for name in wanted:
        prim_name = Tf.MakeValidIdentifier(name)
        while prim_name in found.values():
            prim_name += "_"
        found[name] = prim_name
    return found


def _parent(layer: Sdf.Layer, path: Sdf.Path) -> Spec:
    above = path.GetParentPath()
    return layer.pseudoRoot if above.IsAbsoluteRootPath() else define_in(layer, above, "")
