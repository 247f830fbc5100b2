"""Walk a stage once and sort its prims by what the simulation does with them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from pxr import Usd, UsdLux

from synthgen.errors import StageError
from synthgen.usd import schemas
from synthgen.usd.read.codes import faces_of
from synthgen.usd.read.gprims import NAMES as GPRIMS
from synthgen.usd.read.lights import UNREADABLE as OTHER_LIGHTS
from synthgen.usd.read.stage_frame import Frame
from synthgen.world.light_shapes import BY_USD_TYPE

Velocity = tuple[float, float, float]

MAX_PRIMS = 2_000_000
"""A stage of more prims (instance proxies counted) is refused: it may reference itself exponentially."""

DRAWN = GPRIMS | {"Mesh"}
_PURPOSES = ("default", "render")
_PRUNED = {"Material", "Shader", "NodeGraph", "RenderSettings", "RenderProduct", "RenderVar", "Backdrop"}
_NOT_DRAWN = {
    "BasisCurves": "curves are not drawn",
    "NurbsCurves": "curves are not drawn",
    "HermiteCurves": "curves are not drawn",
    "NurbsPatch": "NURBS patches are not drawn; give them as meshes",
    "Points": "point clouds are not drawn",
    "TetMesh": "tetrahedral meshes are not drawn; give their surface as a mesh",
    "Volume": "volumes are not drawn",
    "ParticleField": "particle fields are not drawn",
    "ParticleField3DGaussianSplat": "particle fields are not drawn",
}
_PREDICATE = Usd.TraverseInstanceProxies(Usd.PrimDefaultPredicate)


@dataclass(frozen=True)
class Inherited:
    """What a prim inherits from its ancestors."""

    visible: bool = True
    purpose: str = ""
    velocity_m_s: Velocity = (0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Found:
    """Prims by use, in the order of the stage."""

    gprims: list[tuple[Usd.Prim, Velocity]] = field(default_factory=list)
    instancers: list[tuple[Usd.Prim, Velocity]] = field(default_factory=list)
    lights: list[Usd.Prim] = field(default_factory=list)
    cameras: list[Usd.Prim] = field(default_factory=list)
    coded: list[tuple[Usd.Prim, Velocity]] = field(default_factory=list)


def walk(root: Usd.Prim, above: Inherited, frame: Frame) -> Found:
    """Return what lies at and below `root`.

    Raises:
        StageError: there are more than `MAX_PRIMS` prims.
    """
    found = Found()
    waiting = [(root, above)]
    visited = 0
    while waiting:
        prim, inherited = waiting.pop()
        visited += 1
        if visited > MAX_PRIMS:
            raise StageError(f"{root.GetPath()}: more than {MAX_PRIMS} prims; load a smaller part of the stage")
        name = str(prim.GetTypeName())
        if name in _PRUNED:
            continue
        mine = _inherit(prim, inherited, frame)
        if _sort(prim, name, mine, found, frame):
            children = prim.GetFilteredChildren(_PREDICATE)
            waiting.extend((child, mine) for child in reversed(children))
    return found


def inherited_by(prim: Usd.Prim, frame: Frame) -> Inherited:
    """Return what a prim inherits from its ancestors, without its own opinions."""
    above = []
    parent = prim.GetParent()
    while parent and not parent.IsPseudoRoot():
        above.append(parent)
        parent = parent.GetParent()
    inherited = Inherited()
    for ancestor in reversed(above):
        inherited = _inherit(ancestor, inherited, frame)
    return inherited


def _inherit(prim: Usd.Prim, above: Inherited, frame: Frame) -> Inherited:
    """Return what the children of a prim inherit: its own opinions over those above it."""
    visible, purpose, velocity = above.visible, above.purpose, above.velocity_m_s
    attribute = prim.GetAttribute("visibility")
    if visible and attribute and attribute.Get(frame.time) == "invisible":
        visible = False
    attribute = prim.GetAttribute("purpose")
    if attribute and attribute.HasAuthoredValue():
        purpose = str(attribute.Get(frame.time))
    attribute = prim.GetAttribute("physics:velocity")
    if attribute and attribute.HasAuthoredValue():
        velocity = _velocity(prim, frame)
    if (visible, purpose, velocity) == (above.visible, above.purpose, above.velocity_m_s):
        return above
    return Inherited(visible, purpose, velocity)


def _velocity(prim: Usd.Prim, frame: Frame) -> Velocity:
    """Return a body's velocity in the world [m/s]."""
    try:
        value = np.array(frame.value(prim, "physics:velocity", None), np.float64).reshape(3)
    except (TypeError, ValueError):
        return (0.0, 0.0, 0.0)
    if not np.isfinite(value).all():
        frame.remarks.add(prim.GetPath(), "physics:velocity is not finite; taken as 0")
        return (0.0, 0.0, 0.0)
    x, y, z = (frame.world_from_stage[:3, :3] @ value).tolist()
    return (x, y, z)


def _sort(prim: Usd.Prim, name: str, mine: Inherited, found: Found, frame: Frame) -> bool:
    """Add a prim to its group in `found`; return whether its children are to be walked."""
    if name == "Camera":
        found.cameras.append(prim)
        return True
    if faces_of(prim):
        found.coded.append((prim, mine.velocity_m_s))
    if not mine.visible:
        return True
    if name in BY_USD_TYPE or name in OTHER_LIGHTS:
        found.lights.append(prim)
        return True
    drawn = mine.purpose in _PURPOSES or not mine.purpose
    if name == "PointInstancer":
        if drawn:
            found.instancers.append((prim, mine.velocity_m_s))
        return False
    if not drawn:
        return True
    if name in DRAWN:
        if not prim.HasAPI(schemas.EYE_ZONE):
            found.gprims.append((prim, mine.velocity_m_s))
    elif name in _NOT_DRAWN:
        frame.remarks.add(prim.GetPath(), _NOT_DRAWN[name])
    elif name.endswith("Light") or (name not in ("", "Xform", "Scope") and prim.HasAPI(UsdLux.LightAPI)):
        frame.remarks.add(prim.GetPath(), f"light of type {name} is not simulated")
    elif name == "SkelRoot":
        frame.remarks.add(prim.GetPath(), "skinning is left out; the rest pose is drawn")
    return True
