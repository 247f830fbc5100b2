"""A shot on a stage: read back it says what was decided, and the next shot changes only what differs."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pxr import Sdf, Tf, Usd, UsdGeom, UsdLux, UsdPhysics

from synthgen.errors import InputError, OutputError, StageError
from synthgen.printing import rasterize
from synthgen.usd.author import live_stage, shapes
from synthgen.usd.read import description
from synthgen.world import item_faces, lamp_power, lens, spectra
from synthgen.world import shot as s
from tests import shots

PROP = """#usda 1.0
(
    metersPerUnit = 0.01
    upAxis = "Y"
    defaultPrim = "Prop"
)
def Xform "Prop"
{
    def Cube "box" (prepend apiSchemas = ["MaterialBindingAPI"])
    {
        double size = 2
        float3 xformOp:translate = (5, 1, 0)
        uniform token[] xformOpOrder = ["xformOp:translate"]
        rel material:binding = </Looks/Red>
    }
    def Camera "eye"
    {
    }
}
def Scope "Looks"
{
    def Material "Red"
    {
        token outputs:surface.connect = </Looks/Red/s.outputs:surface>
        def Shader "s"
        {
            uniform token info:id = "UsdPreviewSurface"
            color3f inputs:diffuseColor = (0.7, 0.1, 0.1)
            token outputs:surface
        }
    }
}
"""


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Usd.Stage]:
    opened = live_stage.open_world(s.World(warehouse=""), tmp_path)
    live_stage.author(opened, shots.shot())
    yield opened


def changes(stage: Usd.Stage, shot: s.Shot) -> tuple[list[str], list[str]]:
    """Return the paths that authoring `shot` resyncs, and those whose values alone it changes."""
    resynced, valued = [], []

    def hear(notice: Usd.Notice.ObjectsChanged, _: Usd.Stage) -> None:
        resynced.extend(map(str, notice.GetResyncedPaths()))
        valued.extend(map(str, notice.GetChangedInfoOnlyPaths()))

    listener = Tf.Notice.Register(Usd.Notice.ObjectsChanged, hear, stage)
    live_stage.author(stage, shot)
    listener.Revoke()
    return resynced, valued


def test_stage_is_metric_and_z_up(stage: Usd.Stage) -> None:
    assert UsdGeom.GetStageMetersPerUnit(stage) == 1.0
    assert UsdGeom.GetStageUpAxis(stage) == "Z"
    assert UsdPhysics.GetStageKilogramsPerUnit(stage) == 1.0
    assert stage.GetDefaultPrim().GetPath() == "/World"
    names = {prim.GetName() for prim in stage.GetDefaultPrim().GetChildren()}
    assert names == {"Environment", "Cameras", "Lights", "Baffles", "Items", "EyeZones", "Looks"}


def test_camera_comes_back(stage: Usd.Stage) -> None:
    (found,) = description.describe(stage).cameras
    wanted = shots.CAMERA
    assert dataclasses.replace(found.lens, **dict.fromkeys(("k1", "k2", "p1", "p2", "k3"), 0.0)) == dataclasses.replace(
        wanted.lens, **dict.fromkeys(("k1", "k2", "p1", "p2", "k3"), 0.0)
    )
    assert found.dist == pytest.approx(lens.dist(wanted.lens))
    assert found.sensor == wanted.sensor
    assert (found.exposure_s, found.noise_seed) == (wanted.exposure_s, wanted.noise_seed)
    assert (found.fx_px, found.fy_px, found.cx_px, found.cy_px) == pytest.approx(
        lens.intrinsics(wanted.lens, wanted.sensor)
    )
    assert found.world_from_camera[:3, 3] == pytest.approx(wanted.pose.position_m)


def test_lens_is_in_tenths_of_a_metre(stage: Usd.Stage) -> None:
    camera = UsdGeom.Camera(stage.GetPrimAtPath("/World/Cameras/top"))
    assert camera.GetFocalLengthAttr().Get() / 10 == pytest.approx(0.016)
    assert camera.GetFocusDistanceAttr().Get() == 1.5
    assert camera.GetExposureTimeAttr().Get() == pytest.approx(50e-6)
    # The frustum of a plain pinhole reader: its window at 1 m, from the principal point to the image's edges.
    window = camera.GetCamera().frustum.window
    fx, fy, cx, cy = lens.intrinsics(shots.CAMERA.lens, shots.SENSOR)
    assert window.GetMin()[0] == pytest.approx(-cx / fx, rel=1e-5)
    assert window.GetMax()[0] == pytest.approx((640 - cx) / fx, rel=1e-5)
    assert window.GetMax()[1] == pytest.approx(cy / fy, rel=1e-5)


@pytest.mark.parametrize("name", sorted(shots.LIGHTS))
def test_light_keeps_its_power(stage: Usd.Stage, name: str) -> None:
    wanted = shots.LIGHTS[name]
    (found,) = [light for light in description.describe(stage).lights if light.path == f"/World/Lights/{name}"]
    if wanted.shape == "distant":
        assert found.strength * math.pi * math.sin(found.half_angle_rad) ** 2 == pytest.approx(500.0)
    elif wanted.shape == "dome":
        assert found.strength * math.pi == pytest.approx(10.0)
    elif wanted.shape == "point":
        assert found.strength * 4 * math.pi == pytest.approx(10.0)
    else:
        emitted = found.strength * lamp_power.power_per_radiance_m2_sr(
            found.shape, width_m=found.width_m, height_m=found.height_m, radius_m=found.radius_m,
            length_m=found.length_m, cone_angle_rad=found.cone_angle_rad, cone_softness=found.cone_softness,
        )  # fmt: skip
        assert emitted == pytest.approx(wanted.peak_power_w, rel=1e-5)
    assert (found.pulse_s, found.rate_hz) == (wanted.pulse_s, wanted.rate_hz)


@pytest.mark.parametrize("name", ["sun", "sky", "spot", "bulb"])
def test_nits_say_the_same_as_watts(stage: Usd.Stage, name: str) -> None:
    """Another tool reads the intensity; over the lamp's own efficacy that is the radiance."""
    light = shots.LIGHTS[name]
    nits = UsdLux.LightAPI(stage.GetPrimAtPath(f"/World/Lights/{name}")).GetIntensityAttr().Get()
    spectrum = spectra.named(light.spectrum, cct_k=light.cct_k)
    (found,) = [one for one in description.describe(stage).lights if one.path.endswith(f"/{name}")]
    assert nits == pytest.approx(found.strength * spectra.efficacy_lm_w(spectrum), rel=1e-5)


def test_infrared_bar_is_dark_to_the_eye(tmp_path: Path) -> None:
    stage = live_stage.open_world(s.World(warehouse=""), tmp_path)
    bar = replace(shots.LIGHTS["bar"], peak_nm=940.0)
    live_stage.author(stage, shots.shot(lights={"bar": bar}))
    assert UsdLux.LightAPI(stage.GetPrimAtPath("/World/Lights/bar")).GetIntensityAttr().Get() < 1e-3


@pytest.mark.parametrize("name", ["bar", "spot"])
def test_housing_stays_behind_the_emitting_face(stage: Usd.Stage, name: str) -> None:
    cache = UsdGeom.BBoxCache(Usd.TimeCode.Default(), ["default"])
    housing = stage.GetPrimAtPath(f"/World/Lights/{name}/housing")
    assert cache.ComputeRelativeBound(housing, housing.GetParent()).ComputeAlignedRange().GetMin()[2] > 0
    assert not stage.GetPrimAtPath("/World/Lights/sun/housing")


def test_light_without_a_size_is_refused(tmp_path: Path) -> None:
    stage = live_stage.open_world(s.World(warehouse=""), tmp_path)
    with pytest.raises(InputError, match="give it a size"):
        live_stage.author(stage, shots.shot(lights={"bar": s.Light(shape="rect", peak_power_w=1.0)}))


@pytest.mark.parametrize("name", ["hood", "flat"])
def test_baffle_is_a_closed_sheet_of_its_size(stage: Usd.Stage, name: str) -> None:
    baffle = shots.shot().baffles[name]
    mesh = UsdGeom.Mesh(stage.GetPrimAtPath(f"/World/Baffles/{name}"))
    points = np.array(mesh.GetPointsAttr().Get(), float)
    counts, indices = (np.array(a.Get()) for a in (mesh.GetFaceVertexCountsAttr(), mesh.GetFaceVertexIndicesAttr()))
    corners = indices.reshape(-1, 4)
    edges = [(a, b) for face in corners for a, b in zip(face, np.roll(face, -1), strict=True)]
    assert len(set(edges)) == len(edges)
    assert {(b, a) for a, b in edges} == set(edges)  # every edge once each way: closed and consistently wound
    normals = shapes.flat_normals(points, counts, indices)[::4]
    volume = sum(points[face].mean(0) @ n * _area(points[face]) for face, n in zip(corners, normals, strict=True)) / 3
    sheet = baffle.size_m[0] * baffle.size_m[1] * baffle.thickness_m
    assert volume > 0.8 * sheet  # outward normals; lips and hems add to the plain sheet
    inside = np.array(UsdGeom.Subset(stage.GetPrimAtPath(f"/World/Baffles/{name}/inside")).GetIndicesAttr().Get())
    span = np.ptp(points[corners[inside].ravel()], axis=0)
    assert span[:2] == pytest.approx(baffle.size_m, abs=1e-6)
    assert span[2] == pytest.approx(baffle.lip_m, abs=1e-6)
    assert (normals[inside][:, 2] > -1e-6).all()  # the inside faces +Z
    roles = stage.GetPrimAtPath(f"/World/Baffles/{name}").GetAttribute("synthgen:baffle:role")
    assert roles.Get() == baffle.role


def _area(quad: np.ndarray) -> float:
    return float(np.linalg.norm(np.cross(quad[2] - quad[0], quad[3] - quad[1])) / 2)


def test_code_lies_where_the_label_was_stuck(stage: Usd.Stage) -> None:
    (code, _) = description.describe(stage).codes
    item, label = shots.carton(), shots.label()
    center, right, up, outward = map(np.array, item_faces.frame("front", item.size_m))
    x = math.cos(label.angle_rad) * right + math.sin(label.angle_rad) * up
    y = math.cos(label.angle_rad) * up - math.sin(label.angle_rad) * right
    middle = center + label.center_m[0] * right + label.center_m[1] * up + item.pose.position_m
    wanted = [middle + px * x + py * y for px, py in rasterize.code_quad(label, shots.CODE)]
    found = (code.world_from_prim @ np.column_stack([code.quad_m, np.ones(4)]).T).T[:, :3]
    assert np.allclose(found, np.array(wanted) + 0.0003 * outward, atol=1e-12)
    assert (code.code_id, code.symbology, code.payload) == ("c1", "code128", "ABC-12345")
    assert code.velocity_m_s == pytest.approx((1.2, 0.0, 0.0))
    assert code.modules_across * code.module_m == pytest.approx(np.linalg.norm(code.quad_m[1] - code.quad_m[0]))
    assert not code.damaged


def test_worn_label_says_what_was_done_to_it(tmp_path: Path) -> None:
    stage = live_stage.open_world(s.World(warehouse=""), tmp_path)
    worn = shots.label(wear=s.Wear(fade=0.3, tear=0.2, seed=4))
    live_stage.author(stage, shots.shot(items={"one": shots.carton(labels=(worn,))}))
    (code,) = description.describe(stage).codes
    assert code.damaged
    prim = stage.GetPrimAtPath(code.path)
    assert list(prim.GetAttribute(f"synthgen:barcode:{code.face}:print_defects").Get()) == ["fade", "tear"]
    (sheet,) = [one for one in description.describe(stage).instances if one.path == f"{code.path}/sheet"]
    assert sheet.materials[0].opacity_from_texture  # torn off is cut out
    assert sheet.materials[0].opacity_threshold == 0.5


def test_zone_is_a_guide(stage: Usd.Stage) -> None:
    zone = UsdGeom.Cube(stage.GetPrimAtPath("/World/EyeZones/walk"))
    assert zone.GetPurposeAttr().Get() == "guide"
    box = UsdGeom.BBoxCache(Usd.TimeCode.Default(), ["guide"]).ComputeWorldBound(zone.GetPrim()).ComputeAlignedRange()
    assert tuple(box.GetMin()) == pytest.approx((-2.0, 1.0, 1.2))
    assert tuple(box.GetMax()) == pytest.approx((2.0, 2.0, 1.9))
    assert not [one for one in description.describe(stage).instances if "EyeZones" in one.path]


def test_same_shot_changes_nothing(stage: Usd.Stage) -> None:
    assert changes(stage, shots.shot()) == ([], [])


def test_moved_carton_is_one_changed_transform(stage: Usd.Stage) -> None:
    items = {**shots.shot().items, "one": shots.carton(0.25)}
    assert changes(stage, shots.shot(items=items)) == ([], ["/World/Items/one.xformOp:translate"])


def test_next_shot_forgets_the_last(stage: Usd.Stage, tmp_path: Path) -> None:
    before = set((tmp_path / "textures" / "labels").iterdir())
    other = shots.label(codes=(replace(shots.CODE, payload="OTHER"),))
    live_stage.author(stage, shots.shot(lights={}, items={"three": shots.carton(labels=(other,))}))
    assert [prim.GetName() for prim in stage.GetPrimAtPath("/World/Items").GetChildren()] == ["three"]
    assert not stage.GetPrimAtPath("/World/Lights").GetChildren()
    after = set((tmp_path / "textures" / "labels").iterdir())
    assert len(after) == 1
    assert not after & before


def test_base_layer_stays(tmp_path: Path) -> None:
    stage = live_stage.open_world(s.World(warehouse="bench"), tmp_path)
    before = [one.path for one in description.describe(stage).instances]
    live_stage.author(stage, shots.shot())
    live_stage.author(stage, shots.shot(cameras={}, lights={}, baffles={}, items={}))
    assert [one.path for one in description.describe(stage).instances] == before
    assert before


def test_names_become_legal_and_stay_apart(tmp_path: Path) -> None:
    stage = live_stage.open_world(s.World(warehouse=""), tmp_path)
    lights = dict.fromkeys(("a-b", "a_b", "2nd"), shots.LIGHTS["bulb"])
    live_stage.author(stage, shots.shot(lights=lights))
    prims = stage.GetPrimAtPath("/World/Lights").GetChildren()
    assert [prim.GetDisplayName() or prim.GetName() for prim in prims] == ["a-b", "a_b", "2nd"]
    assert len({prim.GetName() for prim in prims}) == 3


def test_two_stages_in_one_folder_do_not_mix(stage: Usd.Stage, tmp_path: Path) -> None:
    other = live_stage.open_world(s.World(warehouse=""), tmp_path)
    assert not other.GetPrimAtPath("/World/Items").GetChildren()
    assert len(stage.GetPrimAtPath("/World/Items").GetChildren()) == 2


def test_outside_file_is_turned_and_scaled(tmp_path: Path) -> None:
    file = tmp_path / "prop.usda"
    file.write_text(PROP)
    stage = live_stage.open_world(s.World(warehouse="", usd=str(file)), tmp_path / "world")
    prop = s.Item(kind="usd", usd=str(file), size_m=(0.5, 0.5, 1.0), pose=s.Pose(position_m=(3.0, 0.0, 0.0)))
    live_stage.author(stage, shots.shot(cameras={}, lights={}, baffles={}, items={"prop": prop}))
    cache = UsdGeom.BBoxCache(Usd.TimeCode.Default(), ["default"])
    backdrop = cache.ComputeWorldBound(stage.GetPrimAtPath("/World/Environment/Backdrop")).ComputeAlignedRange()
    assert tuple(backdrop.GetMin()) == pytest.approx((0.04, -0.01, 0.0))  # y up in cm: (4..6, 0..2, -1..1)
    assert tuple(backdrop.GetMax()) == pytest.approx((0.06, 0.01, 0.02))
    item = cache.ComputeWorldBound(stage.GetPrimAtPath("/World/Items/prop")).ComputeAlignedRange()
    assert tuple(item.GetMin()) == pytest.approx((2.75, -0.25, 0.0))
    assert tuple(item.GetMax()) == pytest.approx((3.25, 0.25, 0.5))
    described = description.describe(stage)
    assert not described.cameras  # the file's own camera is not ours to look through
    assert [one.materials[0].reflectance[2] for one in described.instances] == pytest.approx([0.7, 0.7])


@pytest.mark.parametrize(
    ("file", "says"), [("nowhere.usda", "no such file"), ("https://host/a.usd", "only files"), ("bad.usda", "bad.usda")]
)
def test_unreadable_backdrop_is_refused(tmp_path: Path, file: str, says: str) -> None:
    (tmp_path / "bad.usda").write_text("#usda 1.0\ndef {")
    name = file if "://" in file else str(tmp_path / file)
    with pytest.raises(StageError, match=says):
        live_stage.open_world(s.World(warehouse="", usd=name), tmp_path / "world")


def test_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="choose another folder"):
        live_stage.open_world(s.World(warehouse=""), tmp_path / "file" / "world")


def test_nothing_is_saved(stage: Usd.Stage, tmp_path: Path) -> None:
    assert not list(tmp_path.glob("*.usda"))
    assert isinstance(live_stage.live_layer(stage), Sdf.Layer)
