"""Items on a stage: pose, velocity, body and labels."""

from __future__ import annotations

from pxr import Gf, Sdf, Usd

from synthgen.usd.author import foreign, labels, shapes, specs
from synthgen.usd.author.specs import TYPES, Path
from synthgen.world.shot import Item


def author(stage: Usd.Stage, path: Path, item: Item) -> None:
    """Define an item at `path`: its origin is the centre of its bottom face."""
    path = shapes.xform(stage, path, item.pose.position_m, item.pose.rotation_wxyz)
    spec = specs.define(stage, path, "")
    specs.semantics(spec, item.kind)
    if any(item.velocity_m_s):
        _write_motion(spec, item)
    if item.kind == "usd":
        foreign.author(stage, path, item.usd, size_m=item.size_m, grounded=True)
    else:
        from synthgen.usd import items

        items.author_body(stage, str(path), item)
    scope = path.AppendChild("Labels")
    prim_names = specs.names(label.label_id for label in item.labels)
    for label in item.labels:
        labels.author(stage, scope.AppendChild(prim_names[label.label_id]), item, label)


def _write_motion(spec: Sdf.PrimSpec, item: Item) -> None:
    """Write the velocity as that of a kinematic body: it moves as authored and no force acts on it."""
    specs.apply(spec, "PhysicsRigidBodyAPI")
    specs.attribute(spec, "physics:kinematicEnabled", TYPES.Bool, True)
    specs.attribute(spec, "physics:velocity", TYPES.Vector3f, Gf.Vec3f(*item.velocity_m_s))
