"""Read any stage as a Description, from which everything is simulated.

    describe(stage)          everything
    describe_below(prim)     one subtree, for a scene that follows changes; refresh_root says which
    instances_below, light_of, camera_of, codes_of, material_of

What a stage asks for and the simulation leaves out becomes a warning, one for each kind. A StageError is raised only
for stages of more than `MAX_PRIMS` prims and for files so damaged that USD cannot read their values.
"""

from __future__ import annotations

from dataclasses import replace

from pxr import Usd, UsdGeom, UsdShade

from synthgen.usd.read.cameras import camera_from
from synthgen.usd.read.codes import codes_from
from synthgen.usd.read.instances import instances_of
from synthgen.usd.read.lights import light_from
from synthgen.usd.read.materials import look_of
from synthgen.usd.read.open_stage import composition_faults, diagnostics, undamaged
from synthgen.usd.read.preview_surface import GREY
from synthgen.usd.read.stage_frame import Frame, frame_of
from synthgen.usd.read.traverse import MAX_PRIMS, Found, inherited_by, walk
from synthgen.usd.read.warnings import Remarks
from synthgen.world import scene_description

__all__ = [
    "MAX_PRIMS",
    "camera_of",
    "codes_of",
    "describe",
    "describe_below",
    "instances_below",
    "light_of",
    "material_of",
    "refresh_root",
]


def describe(stage: Usd.Stage, time: Usd.TimeCode | None = None) -> scene_description.Description:
    """Return what the simulation knows of a stage, in metres, Z up.

    Args:
        stage: any stage.
        time: the time it is read at; None is its start time (its first sample where it names none).

    Raises:
        StageError: it has more than `MAX_PRIMS` prims, or its values cannot be read.
    """
    whole = describe_below(stage.GetPseudoRoot(), time)
    with undamaged(stage), diagnostics():
        faults = composition_faults(stage)
    empty = () if whole.instances else ("/: the stage has no geometry that can be drawn",)
    return replace(whole, warnings=(*faults, *whole.warnings, *empty))


def describe_below(prim: Usd.Prim, time: Usd.TimeCode | None = None) -> scene_description.Description:
    """Return the description of a prim and everything below it, for a scene that follows changes.

    Raises:
        StageError: see `describe`.
    """
    stage, remarks = prim.GetStage(), Remarks()
    with undamaged(stage), diagnostics() as said:
        frame = frame_of(stage, time, remarks)
        found = _found_below(prim, frame)
        instances = tuple(instances_of(found, frame))
        lights = tuple(light for each in found.lights if (light := light_from(each, frame)))
        cameras = tuple(camera for each in found.cameras if (camera := camera_from(each, frame)))
        codes = tuple(code for each, velocity in found.coded for code in codes_from(each, velocity, frame))
    return scene_description.Description(
        instances=instances, lights=lights, cameras=cameras, codes=codes, warnings=(*said, *remarks.lines())
    )


def instances_below(prim: Usd.Prim, time: Usd.TimeCode | None = None) -> tuple[scene_description.Instance, ...]:
    """Return the instances of a prim and everything below it, as `describe` gives them."""
    frame = frame_of(prim.GetStage(), time)
    with undamaged(frame.stage), diagnostics():
        return tuple(instances_of(_found_below(prim, frame), frame))


def codes_of(prim: Usd.Prim, time: Usd.TimeCode | None = None) -> tuple[scene_description.Code, ...]:
    """Return the barcodes of a prim and everything below it."""
    frame = frame_of(prim.GetStage(), time)
    found = _found_below(prim, frame)
    return tuple(code for each, velocity in found.coded for code in codes_from(each, velocity, frame))


def light_of(prim: Usd.Prim, time: Usd.TimeCode | None = None) -> scene_description.Light | None:
    """Return a prim as a lamp; None where it is no lamp, is switched off or cannot emit."""
    frame = frame_of(prim.GetStage(), time)
    if not prim or not prim.IsActive() or not inherited_by(prim, frame).visible:
        return None
    if str(frame.value(prim, "visibility", "inherited")) == "invisible":
        return None
    return light_from(prim, frame)


def camera_of(prim: Usd.Prim, time: Usd.TimeCode | None = None) -> scene_description.Camera | None:
    """Return a prim as a camera; None where it is no camera or cannot be looked through."""
    if not prim or not prim.IsActive() or not prim.IsA(UsdGeom.Camera):
        return None
    return camera_from(prim, frame_of(prim.GetStage(), time))


def material_of(material: UsdShade.Material | Usd.Prim, time: Usd.TimeCode | None = None) -> scene_description.Material:
    """Return a Material without what depends on the prim it is bound to; grey where no surface can be read."""
    material = UsdShade.Material(material) if isinstance(material, Usd.Prim) else material
    look = look_of(material, frame_of(material.GetPrim().GetStage(), time))
    if look is not None:
        return look.material
    return scene_description.Material(path=str(material.GetPath()), reflectance=(GREY, GREY, GREY, GREY))


def refresh_root(prim: Usd.Prim) -> Usd.Prim:
    """Return the prim whose `instances_below` shows a change of `prim`: itself or the PointInstancer or Mesh above."""
    root = prim
    above = prim
    while above and not above.IsPseudoRoot():
        if above.IsA(UsdGeom.PointInstancer) or (root is prim and above.IsA(UsdGeom.Gprim)):
            root = above
        above = above.GetParent()
    return root


def _found_below(prim: Usd.Prim, frame: Frame) -> Found:
    return walk(prim, inherited_by(prim, frame), frame) if prim and prim.IsActive() else Found()
