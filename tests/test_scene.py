"""The scene follows its stage: what a change uploads, and that a followed stage is the stage read anew."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pxr import Gf, Sdf, Usd, UsdGeom, UsdLux, UsdShade

from synthgen.rendering.launch import View
from synthgen.rendering.render import render
from synthgen.scene import Scene
from tests import scenes

VIEW = scenes.camera(
    scenes.pose((0.0, -0.6, 1.2), scenes.DOWN @ scenes.turn("x", 0.45)), focal_px=60.0, size_px=(64, 48)
)


def carton(name, x, material="kraft"):
    return f"""def Xform "{name}" {{
        double3 xformOp:translate = ({x}, 0, 0.1)
        uniform token[] xformOpOrder = ["xformOp:translate"]
        def Cube "body" (prepend apiSchemas = ["MaterialBindingAPI"]) {{
            double size = 0.2
            rel material:binding = </World/Looks/{material}>
        }}
    }}
    """


def look(name, red, texture=""):
    source = f"color3f inputs:diffuseColor = ({red}, 0.3, 0.2)"
    art = ""
    if texture:
        source = f"color3f inputs:diffuseColor.connect = </World/Looks/{name}/art.outputs:rgb>"
        art = f"""def Shader "art" {{
                uniform token info:id = "UsdUVTexture"
                asset inputs:file = @{texture}@
                float3 outputs:rgb
            }}"""
    return f"""def Material "{name}" {{
            token outputs:surface.connect = </World/Looks/{name}/paint.outputs:surface>
            def Shader "paint" {{
                uniform token info:id = "UsdPreviewSurface"
                {source}
                token outputs:surface
            }}
            {art}
        }}
        """


def body(folder):
    Image.fromarray(np.arange(256, dtype=np.uint8).reshape(16, 16)).save(folder / "art.png")
    return f"""
    def Scope "Looks" {{
        {look("kraft", 0.6)}
        {look("white", 0.8)}
        {look("printed", 0.5, "./art.png")}
    }}
    {carton("a", -0.35)}
    {carton("b", 0.0, "printed")}
    {carton("c", 0.35)}
    {scenes.usda_sheet("floor", [(-2, -2, 0), (2, -2, 0), (2, 2, 0), (-2, 2, 0)])}
    def RectLight "zeta" {{
        float inputs:intensity = 3000
        float inputs:width = 0.4
        float inputs:height = 0.1
        double3 xformOp:translate = (0.5, 0.2, 1.3)
        uniform token[] xformOpOrder = ["xformOp:translate"]
    }}
    def SphereLight "alpha" {{
        float inputs:intensity = 2000
        float inputs:radius = 0.05
        double3 xformOp:translate = (-0.6, -0.2, 1.1)
        uniform token[] xformOpOrder = ["xformOp:translate"]
    }}
    def PointInstancer "pallets" {{
        rel prototypes = [</World/pallets/one>]
        int[] protoIndices = [0, 0]
        point3f[] positions = [(-0.6, 0.5, 0.05), (0.6, 0.5, 0.05)]
        def Cube "one" {{
            double size = 0.1
        }}
    }}
    class Xform "_trestle" {{
        def Cube "top" {{
            double size = 0.1
        }}
    }}
    def Xform "trestle_1" (
        instanceable = true
        inherits = </World/_trestle>
    ) {{
        double3 xformOp:translate = (-0.2, -0.4, 0.2)
        uniform token[] xformOpOrder = ["xformOp:translate"]
    }}
    def Xform "trestle_2" (
        instanceable = true
        inherits = </World/_trestle>
    ) {{
        double3 xformOp:translate = (0.2, -0.4, 0.2)
        uniform token[] xformOpOrder = ["xformOp:translate"]
    }}
    def Camera "eye" {{
        float focalLength = 0.2
        double3 xformOp:translate = (0, 0, 2)
        uniform token[] xformOpOrder = ["xformOp:translate"]
    }}
    """


@pytest.fixture
def scene(tmp_path):
    return scenes.usda_scene(tmp_path, body(tmp_path))


def uploads(scene, change):
    """Return what a change of the stage uploads."""
    before = scene.uploads.copy()
    change()
    scene.sync()
    return dict(scene.uploads - before)


def maps(scene):
    views = [View(0, VIEW)]
    (found,) = render(scene.tables, scene.tracer, views, ["image", "irradiance", "instances", "depth"], samples=4)
    return found


def assert_like_new(scene):
    """Compare a scene that followed its stage with one that reads it anew, bit for bit."""
    fresh = Scene(scene.stage, "cpu", "warp")
    fresh.sync()
    one, other = maps(scene), maps(fresh)
    assert one.instance_paths == other.instance_paths
    for name in ("depth", "instances", "irradiance"):
        np.testing.assert_array_equal(one[name], other[name], err_msg=name)
    np.testing.assert_array_equal(one.image.raw, other.image.raw)
    for name in ("lights", "cameras", "codes"):
        found, expected = ([x.path for x in getattr(s.description, name)] for s in (scene, fresh))
        assert found == expected, name


def prim(scene, path):
    return scene.stage.GetPrimAtPath(path)


def test_nothing_changed_uploads_nothing(scene):
    assert uploads(scene, lambda: None) == {}


def test_moving_a_carton_uploads_one_transform_and_nothing_else(scene):
    before = maps(scene)
    moved = uploads(scene, lambda: prim(scene, "/World/a").GetAttribute("xformOp:translate").Set((-0.3, 0.1, 0.1)))
    assert moved == {"instance": 1}
    assert (maps(scene)["depth"] != before["depth"]).any()
    assert_like_new(scene)


def test_embree_too_sees_the_carton_where_it_went(tmp_path):
    scene = scenes.usda_scene(tmp_path, body(tmp_path), "embree")
    before = maps(scene)["depth"]
    prim(scene, "/World/a").GetAttribute("xformOp:translate").Set((-0.3, 0.1, 0.1))
    scene.sync()
    followed = maps(scene)["depth"]
    assert (followed != before).any()
    again = Scene(scene.stage, "cpu", "embree")
    again.sync()
    np.testing.assert_array_equal(followed, maps(again)["depth"])


def test_dimming_a_lamp_uploads_no_mesh_and_no_texture(scene):
    before = maps(scene)["irradiance"]
    changed = uploads(scene, lambda: prim(scene, "/World/zeta").GetAttribute("inputs:intensity").Set(1500.0))
    assert "mesh" not in changed and "texture" not in changed and changed["light"] >= 1
    assert maps(scene)["irradiance"].sum() < before.sum()
    assert_like_new(scene)


def test_moving_a_camera_uploads_nothing(scene):
    def move():
        prim(scene, "/World/eye").GetAttribute("xformOp:translate").Set((0, 0.5, 2))

    assert uploads(scene, move) == {}
    assert scene.cameras["eye"].world_from_camera[1, 3] == 0.5


def test_another_colour_uploads_no_mesh(scene):
    before = maps(scene).image.raw.astype(int).sum()
    color = prim(scene, "/World/Looks/kraft/paint").GetAttribute("inputs:diffuseColor")
    changed = uploads(scene, lambda: color.Set(Gf.Vec3f(0.05, 0.05, 0.05)))
    assert "mesh" not in changed and "texture" not in changed
    assert maps(scene).image.raw.astype(int).sum() < before
    assert_like_new(scene)


def test_new_geometry_uploads_one_mesh_and_only_that(scene):
    points = UsdGeom.Mesh(prim(scene, "/World/floor")).GetPointsAttr()
    changed = uploads(scene, lambda: points.Set([(-2, -2, 0), (2, -2, 0), (2, 2, 0.1), (-2, 2, 0.1)]))
    assert changed["mesh"] == 1 and "texture" not in changed
    assert_like_new(scene)


def deactivate(scene, path="/World/c"):
    prim(scene, path).SetActive(False)


def activate(scene):
    prim(scene, "/World/c").SetActive(True)


def hide(scene):
    UsdGeom.Imageable(prim(scene, "/World/a")).MakeInvisible()


def show(scene):
    UsdGeom.Imageable(prim(scene, "/World/a")).MakeVisible()


def switch_off(scene):
    prim(scene, "/World/zeta").SetActive(not prim(scene, "/World/zeta").IsActive())


def rebind(scene):
    # By path: the material may be switched off, and then come back.
    binding = UsdShade.MaterialBindingAPI(prim(scene, "/World/a/body")).GetDirectBindingRel()
    binding.SetTargets(["/World/Looks/white"])


def add(scene):
    cube = UsdGeom.Cube.Define(scene.stage, "/World/new")
    cube.GetSizeAttr().Set(0.15)
    UsdGeom.XformCommonAPI(cube).SetTranslate((0.1, -0.4, 0.3))


def remove(scene):
    scene.stage.RemovePrim("/World/new")


def add_lamp(scene):
    lamp = UsdLux.DiskLight.Define(scene.stage, "/World/middle")
    lamp.GetIntensityAttr().Set(4000.0)
    lamp.GetRadiusAttr().Set(0.1)
    UsdGeom.XformCommonAPI(lamp).SetTranslate((0, 0, 1.4))


def turn_prototype(scene):
    UsdGeom.Cube(prim(scene, "/World/pallets/one")).GetSizeAttr().Set(0.16)


def shift_instancer(scene):
    UsdGeom.PointInstancer(prim(scene, "/World/pallets")).GetPositionsAttr().Set([(-0.5, 0.5, 0.1), (0.4, 0.3, 0.1)])


def replace_material(scene):
    """Take a material away and put another of its name there, as a live layer does that is written anew."""
    scene.stage.RemovePrim("/World/Looks/white")
    material = UsdShade.Material.Define(scene.stage, "/World/Looks/white")
    shader = UsdShade.Shader.Define(scene.stage, "/World/Looks/white/paint")
    shader.CreateIdAttr("UsdPreviewSurface")
    shader.CreateInput("diffuseColor", Sdf.ValueTypeNames.Color3f).Set(Gf.Vec3f(0.1, 0.1, 0.1))
    material.CreateSurfaceOutput().ConnectToSource(shader.ConnectableAPI(), "surface")


def rename_looks(scene):
    """Switch off the scope that holds all materials."""
    prim(scene, "/World/Looks").SetActive(not prim(scene, "/World/Looks").IsActive())


def scale_stage(scene):
    now = UsdGeom.GetStageMetersPerUnit(scene.stage)
    UsdGeom.SetStageMetersPerUnit(scene.stage, 0.9 if now == 1.0 else 1.0)


def move_root(scene):
    UsdGeom.XformCommonAPI(prim(scene, "/World")).SetTranslate((0.05, 0, 0))


def swing(scene):
    prim(scene, "/World/b").GetAttribute("xformOp:translate").Set((0.02, -0.1, 0.15))


def throw(scene):
    attribute = prim(scene, "/World/b").CreateAttribute("physics:velocity", Sdf.ValueTypeNames.Vector3f)
    attribute.Set(Gf.Vec3f(0.5, 0, 0))


def grow_class(scene):
    """Change what two instances inherit."""
    UsdGeom.Cube(prim(scene, "/World/_trestle/top")).GetSizeAttr().Set(0.25)


def shift_instance(scene):
    UsdGeom.XformCommonAPI(prim(scene, "/World/trestle_1")).SetTranslate((-0.3, -0.3, 0.3))


def end_instancing(scene):
    prim(scene, "/World/trestle_1").SetInstanceable(False)


def scatter(scene):
    """Add an instancer whose prototype lies elsewhere."""
    UsdGeom.Cube.Define(scene.stage, "/World/library/bin").GetSizeAttr().Set(0.08)
    instancer = UsdGeom.PointInstancer.Define(scene.stage, "/World/scattered")
    instancer.CreatePrototypesRel().SetTargets(["/World/library/bin"])
    instancer.CreateProtoIndicesAttr([0, 0])
    instancer.CreatePositionsAttr([(0, 0.3, 0.3), (0.3, 0.3, 0.3)])


def grow_scattered(scene):
    if scene.stage.GetPrimAtPath("/World/library/bin"):
        UsdGeom.Cube(prim(scene, "/World/library/bin")).GetSizeAttr().Set(0.12)


def bind_above(scene):
    """Bind a look at a carton's root that wins over its parts' own."""
    above = UsdShade.MaterialBindingAPI.Apply(prim(scene, "/World/c"))
    binding = above.GetDirectBindingRel()
    binding.SetTargets(["/World/Looks/white"])
    UsdShade.MaterialBindingAPI.SetMaterialBindingStrength(binding, UsdShade.Tokens.strongerThanDescendants)


EDITS = (
    deactivate, activate, hide, show, switch_off, rebind, add, remove, add_lamp, turn_prototype, shift_instancer,
    replace_material, rename_looks, scale_stage, move_root, swing, throw, grow_class, shift_instance, end_instancing,
    scatter, grow_scattered, bind_above,
)  # fmt: skip


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__)
def test_after_an_edit_the_scene_is_what_the_stage_read_anew_would_be(scene, edit):
    for first in {replace_material: [rebind], grow_scattered: [scatter]}.get(edit, []):
        first(scene)
        scene.sync()
    edit(scene)
    scene.sync()
    assert_like_new(scene)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(edits=st.lists(st.sampled_from([e for e in EDITS if e is not replace_material]), min_size=2, max_size=6))
def test_after_any_edits_too(tmp_path_factory, edits):
    folder = tmp_path_factory.mktemp("edited")
    scene = scenes.usda_scene(folder, body(folder))
    for k, edit in enumerate(edits):
        edit(scene)
        if k % 2:  # sometimes two edits at once
            scene.sync()
    scene.sync()
    assert_like_new(scene)


def test_a_texture_that_is_no_image_is_said_once(tmp_path):
    text = body(tmp_path)
    (tmp_path / "art.png").write_bytes(b"no image")
    scene = scenes.usda_scene(tmp_path, text)
    assert sum("art.png" in said for said in scene.description.warnings) == 1, scene.description.warnings
    assert np.isfinite(maps(scene)["depth"]).any()


def test_an_unlit_stage_gets_cameras_and_lamps_until_it_changes(scene):
    camera, lamp = VIEW, scenes.lamp(scenes.pose(), shape="dome", strength=1.0)
    scene.override([camera], [lamp], ["said"])
    assert list(scene.cameras) == ["camera"] and scene.description.warnings == ("said",)
    assert len(scene.tables.light_rows[0]) == 1


# -- shots -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """Return (scene, shot) of a bench with a printed card, authored as pipeline does."""
    from synthgen import recipe
    from synthgen.planning import plan
    from synthgen.usd.author import live_stage

    folder = tmp_path_factory.mktemp("shot")
    (folder / "bench.yaml").write_text(scenes.BENCH)
    shot = plan.shot(recipe.load(folder / "bench.yaml"), "train", 0)
    stage = live_stage.open_world(shot.world, folder)
    live_stage.author(stage, shot)
    scene = Scene(stage, "cpu", "warp")
    scene.sync()
    return scene, shot


def test_writing_the_same_shot_again_uploads_nothing(shown):
    from synthgen.usd.author import live_stage

    scene, shot = shown
    assert uploads(scene, lambda: live_stage.author(scene.stage, shot)) == {}


def test_writing_it_with_the_card_elsewhere_uploads_its_transforms_alone(shown):
    from synthgen.usd.author import live_stage

    scene, shot = shown
    card = shot.items["card"]
    pose = replace(card.pose, position_m=(0.02, 0.01, card.pose.position_m[2]))
    moved = replace(shot, items={"card": replace(card, pose=pose)})
    parts = sum(i.path.startswith("/World/Items/card/") for i in scene.description.instances)
    assert uploads(scene, lambda: live_stage.author(scene.stage, moved)) == {"instance": parts}
    assert_like_new(scene)
    scene_again = uploads(scene, lambda: live_stage.author(scene.stage, shot))
    assert scene_again == {"instance": parts}


def test_another_stage_is_not_listened_to(tmp_path):
    scene = scenes.usda_scene(tmp_path, body(tmp_path))
    other = Usd.Stage.CreateInMemory()
    UsdGeom.Cube.Define(other, "/elsewhere")
    assert uploads(scene, lambda: None) == {}
