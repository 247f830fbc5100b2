"""What a recipe names is opened by `check`: what cannot be used is a fault at the line that names it."""

from __future__ import annotations

from pathlib import Path

import pytest

from synthgen import recipe
from synthgen.inspection import recipe_files

HEAD = """\
version: 1
cameras:
  top: {position_m: [0, 0, 1.5], look_at_m: [0, 0, 0], sensor: imx264, lens: {focal_mm: 8, f_number: 4}, exposure_ms: 5}
lights: {lamp: {position_m: [1, 0, 2], look_at_m: [0, 0, 0], shape: disk, radius_mm: 50, peak_power_w: 5}}
"""
CUBE = """#usda 1.0
(
    defaultPrim = "A"
    metersPerUnit = 1
    upAxis = "Z"
)
def Xform "A"
{
    def Cube "c"
    {
    }
    %s
}
"""
LAMP = """def SphereLight "l"
    {
        float inputs:intensity = 100
    }"""
TEXTURE = """def Shader "t"
    {
        uniform token info:id = "UsdUVTexture"
        asset inputs:file = @wood.png@
    }"""
REFERENCE = """def Xform "r" (
        references = @gone.usda@
    )
    {
    }"""


def found(text: str, folder: Path) -> recipe_files.Found:
    (folder / "r.yaml").write_text(HEAD + text)
    return recipe_files.inspected(recipe.load(folder / "r.yaml"))


def usd(path: Path, more: str = "") -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(CUBE % more)


def test_a_good_stage_has_no_fault_and_gives_light_where_it_has_a_lamp(tmp_path):
    usd(tmp_path / "s.usda")
    plain = found("scene: {usd: s.usda}\n", tmp_path)
    assert plain.faults == () and not plain.lit
    usd(tmp_path / "s.usda", LAMP)
    assert found("scene: {usd: s.usda}\n", tmp_path).lit


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("frame.step", b"ISO-10303-21;", "frame.step: is a CAD model (STEP); convert it to USD"),
        ("frame.stl", b"\0" * 84, "frame.stl: is a 3D model; convert it to USD"),
        ("s.usda", b"no stage", "s.usda: not a readable USD file"),
        ("s.usda", b"", "s.usda: is empty; export it again"),
        ("s.usda", b"#usda 1.0\n", "s.usda: holds no"),
        ("s.txt", b"x", "s.txt: is no USD file; name a .usd, .usda, .usdc or .usdz file"),
    ],
)
def test_what_is_no_stage_is_a_fault_at_its_line(tmp_path, name, data, message):
    (tmp_path / name).write_bytes(data)
    (fault,) = found(f"scene: {{usd: {name}}}\n", tmp_path).faults
    assert (fault.line, fault.path) == (5, "scene.usd")
    assert fault.message.startswith(message)


def test_what_a_stage_refers_to_must_be_there(tmp_path):
    usd(tmp_path / "s.usda", REFERENCE)
    told = " ".join(fault.message for fault in found("scene: {usd: s.usda}\n", tmp_path).faults)
    assert "gone.usda" in told
    usd(tmp_path / "s.usda", TEXTURE)
    (fault,) = found("scene: {usd: s.usda}\n", tmp_path).faults
    assert "wood.png, which is not there" in fault.message


def test_every_file_of_a_pattern_an_item_and_a_randomizer_is_opened(tmp_path):
    usd(tmp_path / "props" / "a.usda")
    (tmp_path / "props" / "b.usda").write_text("broken")
    (tmp_path / "c.usda").write_text("#usda 1.0\n")
    text = "scene:\n  warehouse: dock_door\n  clutter:\n    usd:\n      - props/*.usda\n"
    text += "items:\n  box: {kind: usd, usd: c.usda, position_m: [0, 0, 0]}\n"
    text += "randomize:\n  - clutter: {usd: [props/a.usda, nowhere.usda]}\n"
    faults = found(text, tmp_path).faults
    assert [(fault.line, fault.path) for fault in faults] == [
        (9, "scene.clutter.usd.0"),
        (11, "items.box.usd"),
        (13, "randomize.clutter.usd.1"),
    ]
    assert "props/b.usda: not a readable USD file" in faults[0].message
    assert "c.usda: holds no" in faults[1].message
    assert "nowhere.usda: no such file" in faults[2].message
