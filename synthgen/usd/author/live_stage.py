"""The stage that stays open: one root, a live layer that each shot replaces, a base layer with the standing scene.

    folder/world.usda   units, axes, /World and its six scopes; anchors relative asset paths
      ├─ live.usda      the shot: cameras, lights, baffles, items, eye zones and their looks
      └─ base.usda      the warehouse and an outside backdrop, authored once

None of the three is saved. A shot is written to a layer beside the stage and its content transferred to the live layer:
USD then sends notices for the differences only: a carton that moved is one changed transform.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from pxr import Gf, Sdf, Usd, UsdGeom, UsdPhysics

from synthgen.errors import OutputError
from synthgen.usd import schemas
from synthgen.usd.author import baffles, cameras, foreign, items, lights, specs, texture_files
from synthgen.usd.author.specs import TYPES
from synthgen.world.shot import EyeZone, Safety, Shot, World

SCOPES = ("Environment", "Cameras", "Lights", "Baffles", "Items", "EyeZones")
_ROOT = Sdf.Path("/World")
_NOTHING = Usd.StagePopulationMask(["/none"])


def open_world(world: World, folder: Path) -> Usd.Stage:
    """Return a stage with the standing scene of `world` in its base layer and an empty live layer to write to.

    Args:
        world: the standing scene.
        folder: where textures go (`folder/textures`) and what relative asset paths start from; made if missing. It
            belongs to this stage: label textures that the next shot does not use are deleted from it.

    Raises:
        StageError: an outside file cannot be read; the message names it.
        OutputError: the folder cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise OutputError(f"{folder}: cannot be made ({fault.strerror}); choose another folder") from fault
    root, live, base = (_new_layer(folder.resolve(), name) for name in ("world", "live", "base"))
    root.subLayerPaths[:] = [f"./{Path(layer.identifier).name}" for layer in (live, base)]
    stage = Usd.Stage.Open(root)
    _write_root(stage)
    with Usd.EditContext(stage, base):
        _author_environment(stage, world)
    stage.SetEditTarget(live)
    return stage


def author(stage: Usd.Stage, shot: Shot) -> None:
    """Replace what the live layer holds by `shot`: cameras, lights, baffles, items and eye zones.

    Raises:
        StageError: an item's outside file cannot be read.
        BarcodeError: a label cannot be drawn.
        OutputError: a texture cannot be written.
    """
    draft = _new_layer(Path(stage.GetRootLayer().identifier).parent, "draft")
    desk = Usd.Stage.OpenMasked(draft, _NOTHING, Usd.Stage.LoadNone)  # holds the draft, composes nothing
    with Sdf.ChangeBlock():
        _author_shot(desk, shot)
    live = live_layer(stage)
    before = texture_files.passing_assets(live)
    live.TransferContent(draft)
    texture_files.forget(stage, before - texture_files.passing_assets(live))


def live_layer(stage: Usd.Stage) -> Sdf.Layer:
    """Return the layer that shots are written to."""
    return stage.GetLayerStack(includeSessionLayers=False)[1]


def _new_layer(folder: Path, name: str) -> Sdf.Layer:
    """Return an empty layer with a place in `folder`, not on disk; numbered when another stage there is still open."""
    usda = Sdf.FileFormat.FindById("usda")
    path, count = folder / f"{name}.usda", 1
    while Sdf.Layer.Find(str(path)):
        count += 1
        path = folder / f"{name}-{count}.usda"
    return Sdf.Layer.New(usda, str(path))


def _write_root(stage: Usd.Stage) -> None:
    UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.z)
    UsdPhysics.SetStageKilogramsPerUnit(stage, 1.0)
    stage.SetDefaultPrim(UsdGeom.Xform.Define(stage, _ROOT).GetPrim())
    for scope in SCOPES:
        UsdGeom.Xform.Define(stage, _ROOT.AppendChild(scope))


def _author_environment(stage: Usd.Stage, world: World) -> None:
    environment = _ROOT.AppendChild("Environment")
    if world.warehouse:
        from synthgen.usd import warehouse

        warehouse.author_world(stage, world)
    if world.usd:
        backdrop = environment.AppendChild("Backdrop")
        specs.define(stage, backdrop)
        foreign.author(stage, backdrop, world.usd)


def _author_shot(desk: Usd.Stage, shot: Shot) -> None:
    zone_author = partial(_author_zone, duration_s=shot.safety.duration_s)
    for scope, author_one, members in (
        ("Cameras", cameras.author, shot.cameras),
        ("Lights", lights.author, shot.lights),
        ("Baffles", baffles.author, shot.baffles),
        ("Items", items.author, shot.items),
        ("EyeZones", zone_author, shot.safety.zones),
    ):
        parent = specs.define(desk, _ROOT.AppendChild(scope)).path
        prim_names = specs.names(members)
        for name, member in members.items():
            path = parent.AppendChild(prim_names[name])
            author_one(desk, path, member)
            if path.name != name:
                specs.define(desk, path, "").SetInfo("displayName", name)
    _write_safety(specs.define(desk, _ROOT.AppendChild("EyeZones")), shot.safety)


def _author_zone(desk: Usd.Stage, path: Sdf.Path, zone: EyeZone, duration_s: float) -> None:
    """Define a box of purpose guide: tools show it, cameras do not see it."""
    low, high = (Gf.Vec3d(*corner) for corner in zone.box_m)
    spec = specs.define(desk, path, "Cube")
    specs.apply(spec, schemas.EYE_ZONE)
    specs.place(spec, tuple((low + high) / 2), scale=tuple(high - low))
    specs.attribute(spec, "size", TYPES.Double, 1.0)
    specs.attribute(spec, "purpose", TYPES.Token, "guide", uniform=True)
    specs.attribute(spec, "synthgen:eyezone:kind", TYPES.Token, zone.kind, uniform=True)
    specs.attribute(spec, "synthgen:eyezone:gaze", TYPES.Token, zone.gaze, uniform=True)
    specs.attribute(spec, "synthgen:eyezone:duration_s", TYPES.Double, zone.duration_s or duration_s)


def _write_safety(spec: Sdf.PrimSpec, safety: Safety) -> None:
    specs.apply(spec, schemas.SAFETY)
    specs.attribute(spec, "synthgen:safety:hazard", TYPES.Token, safety.hazard, uniform=True)
    specs.attribute(spec, "synthgen:safety:edition", TYPES.Token, safety.edition, uniform=True)
    specs.attribute(spec, "synthgen:safety:duration_s", TYPES.Double, safety.duration_s)
    specs.attribute(spec, "synthgen:safety:max_ratio", TYPES.Double, safety.max_ratio)
    specs.attribute(spec, "synthgen:safety:on_exceed", TYPES.Token, safety.on_exceed, uniform=True)
