"""A recorded stage stands alone: the same prims and numbers, the same bytes each time, and no faults."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pxr import Usd, UsdGeom

from synthgen.errors import OutputError
from synthgen.usd.author import flatten, live_stage
from synthgen.usd.read import description as read
from synthgen.usd.read import validate
from synthgen.usd.read.open_stage import asset_bytes, open_stage
from synthgen.world import scene_description
from synthgen.world import shot as s
from tests import shots

FOREIGN = """#usda 1.0
(
    metersPerUnit = 1
    upAxis = "Z"
    defaultPrim = "Prop"
)
def Xform "Prop"
{
    def Mesh "sheet" (prepend apiSchemas = ["MaterialBindingAPI"])
    {
        float3[] extent = [(0, 0, 0), (1, 1, 0)]
        int[] faceVertexCounts = [4]
        int[] faceVertexIndices = [0, 1, 2, 3]
        point3f[] points = [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0)]
        texCoord2f[] primvars:st = [(0, 0), (1, 0), (1, 1), (0, 1)] (interpolation = "vertex")
        uniform token subdivisionScheme = "none"
        rel material:binding = </Prop/Look>
    }
    def Material "Look"
    {
        token outputs:surface.connect = </Prop/Look/s.outputs:surface>
        def Shader "s"
        {
            uniform token info:id = "UsdPreviewSurface"
            color3f inputs:diffuseColor.connect = </Prop/Look/t.outputs:rgb>
            token outputs:surface
        }
        def Shader "t"
        {
            uniform token info:id = "UsdUVTexture"
            asset inputs:file = @./red wood.png@
            float2 inputs:st.connect = </Prop/Look/st.outputs:result>
            float3 outputs:rgb
        }
        def Shader "st"
        {
            uniform token info:id = "UsdPrimvarReader_float2"
            string inputs:varname = "st"
            float2 outputs:result
        }
    }
}
"""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Usd.Stage]:
    opened = live_stage.open_world(s.World(warehouse="scan_tunnel"), tmp_path_factory.mktemp("world"))
    live_stage.author(opened, shots.shot())
    yield opened


def texture_key(texture: scene_description.Texture | None) -> Any:
    """Return a texture by what its file holds, wherever it lies."""
    if texture is None:
        return None
    fields = {**texture.__dict__, "asset": asset_bytes(texture.asset)}
    return tuple(sorted(fields.items()))


def everything(stage: Usd.Stage) -> list[Any]:
    """Return all that the simulation reads from a stage, comparable bit for bit."""
    found = read.describe(stage)
    seen: list[Any] = [
        (one.path, one.mesh.key, one.world_from_mesh.tobytes(), one.velocity_m_s,
         [{**look.__dict__, "texture": texture_key(look.texture)} for look in one.materials])
        for one in found.instances
    ]  # fmt: skip
    for group in (found.lights, found.cameras, found.codes):
        seen += [{key: _bits(value) for key, value in one.__dict__.items()} for one in group]
    return [*seen, found.warnings]


def _bits(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.tobytes()
    return _bits(value.power_w_nm) if hasattr(value, "power_w_nm") else value


@pytest.mark.parametrize("suffix", flatten.SUFFIXES)
def test_record_reads_back_bit_for_bit(stage: Usd.Stage, tmp_path: Path, suffix: str) -> None:
    flatten.write(stage, tmp_path / f"shot{suffix}")
    moved = tmp_path / "elsewhere"  # nothing may point back to where it came from
    shutil.copytree(tmp_path, moved)
    again = open_stage(moved / f"shot{suffix}")
    assert everything(again) == everything(stage)
    assert [str(p.GetPath()) for p in again.Traverse()] == [str(p.GetPath()) for p in stage.Traverse()]
    assert UsdGeom.GetStageMetersPerUnit(again) == 1.0
    assert UsdGeom.GetStageUpAxis(again) == "Z"
    assert again.GetDefaultPrim().GetPath() == "/World"
    assert set(tmp_path.iterdir()) == {moved, tmp_path / f"shot{suffix}"} | (
        {tmp_path / "shot_textures"} if suffix != ".usdz" else set()
    )


@pytest.mark.parametrize("suffix", flatten.SUFFIXES)
def test_record_has_no_faults(stage: Usd.Stage, tmp_path: Path, suffix: str) -> None:
    flatten.write(stage, tmp_path / f"shot{suffix}")
    assert validate.faults(open_stage(tmp_path / f"shot{suffix}")) == ()


@pytest.mark.parametrize("suffix", flatten.SUFFIXES)
def test_same_shot_same_bytes(stage: Usd.Stage, tmp_path: Path, suffix: str) -> None:
    other = live_stage.open_world(s.World(warehouse="scan_tunnel"), tmp_path / "world")
    live_stage.author(other, shots.shot(lights={}, items={}))  # what came before must not show
    live_stage.author(other, shots.shot())
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    flatten.write(stage, tmp_path / "a" / f"shot{suffix}")
    flatten.write(other, tmp_path / "b" / f"shot{suffix}")
    assert (tmp_path / "a" / f"shot{suffix}").read_bytes() == (tmp_path / "b" / f"shot{suffix}").read_bytes()


def test_no_path_of_this_machine_is_written(stage: Usd.Stage, tmp_path: Path) -> None:
    flatten.write(stage, tmp_path / "shot.usda")
    text = (tmp_path / "shot.usda").read_text()
    assets = set(re.findall(r"@([^@]*)@", text))
    assert assets
    assert all(re.fullmatch(r"\./shot_textures/[0-9a-f_]+\.png", asset) for asset in assets)
    assert {path.name for path in (tmp_path / "shot_textures").iterdir()} == {Path(asset).name for asset in assets}


def test_writing_again_shows_to_those_who_have_it_open(tmp_path: Path) -> None:
    world = live_stage.open_world(s.World(warehouse=""), tmp_path / "world")
    live_stage.author(world, shots.shot())
    flatten.write(world, tmp_path / "shot.usda")
    opened = open_stage(tmp_path / "shot.usda")
    live_stage.author(world, shots.shot(items={"late": shots.carton()}))
    flatten.write(world, tmp_path / "shot.usda")
    assert opened.GetPrimAtPath("/World/Items/late")
    assert not opened.GetPrimAtPath("/World/Items/one")


@pytest.mark.parametrize("suffix", flatten.SUFFIXES)
def test_foreign_textures_come_along(tmp_path: Path, suffix: str) -> None:
    source = tmp_path / "source"
    source.mkdir()
    Image.new("RGB", (8, 8), (200, 40, 30)).save(source / "red wood.png")
    (source / "prop.usda").write_text(FOREIGN)
    world = live_stage.open_world(s.World(warehouse="", usd=str(source / "prop.usda")), tmp_path / "world")
    item = s.Item(kind="usd", usd=str(source / "prop.usda"), size_m=(0.2, 0.2, 0.0), pose=s.Pose())
    live_stage.author(world, shots.shot(items={"prop": item}))
    before = everything(world)
    flatten.write(world, tmp_path / f"shot{suffix}")
    shutil.rmtree(source)
    assert everything(open_stage(tmp_path / f"shot{suffix}")) == before


def test_outside_stages_record_and_read_back(assets: Path, tmp_path: Path) -> None:
    chosen = [
        "usdwg/full_assets/Vehicles/USD_Mini_Car_Kit/assets/vehicles/vehicleVariants.usda",
        "usdwg/full_assets/Teapot/Teapot.usd",
        "usdwg/test_assets/AlphaBlendSortTest/AlphaBlendSortTest.usda",
        "openusd/usd/usdGeom/testenv/testUsdGeomExtentTransform/testPointInstancer.usda",
        "luxtest/usd/iesDown.usda",
    ]
    for number, name in enumerate(chosen):
        world = live_stage.open_world(s.World(warehouse="", usd=str(assets / "usd" / name)), tmp_path / f"w{number}")
        flatten.write(world, tmp_path / f"{number}.usda")
        found, wanted = everything(open_stage(tmp_path / f"{number}.usda")), everything(world)
        assert found[:-1]
        assert _without_places(found) == _without_places(wanted), name


def _without_places(seen: list[Any]) -> list[Any]:
    """Return what was read without the paths of files and of flattened prototypes, which may differ."""
    plain = []
    for one in seen[:-1]:
        if isinstance(one, tuple):
            one = (*one[:4], [{**look, "path": ""} for look in one[4]])
        else:
            one = {**one, "ies_asset": bool(one.get("ies_asset"))}
        plain.append(one)
    return plain


@pytest.mark.parametrize(
    ("name", "says"),
    [("shot.obj", "cannot write .obj"), ("shot", "no suffix"), ("none/shot.usda", "cannot be written")],
)
def test_bad_place_is_refused(stage: Usd.Stage, tmp_path: Path, name: str, says: str) -> None:
    with pytest.raises(OutputError, match=says):
        flatten.write(stage, tmp_path / name)
    assert not list(tmp_path.iterdir())
