"""`synthgen check`: faults end with 4, warnings with 0, and `--mounts` lists what a scene has."""

from __future__ import annotations

import json

import pytest

from synthgen import cli
from synthgen.world import sites

RECIPE = """\
version: 1
scene: {warehouse: bench}
cameras:
  top: {mount: stand_top, sensor: imx264, roi_px: [320, 240], lens: {focal_mm: 8, f_number: 4}, exposure_ms: 5}
lights:
  lamp: {mount: lamp_left, shape: disk, radius_mm: 50, peak_power_w: 5}
"""


@pytest.fixture
def ran(capfd, tmp_path):
    """Return a function that checks a recipe's text; gives (exit code, stdout, stderr)."""

    def run(text: str, *arguments: str, command: str = "check") -> tuple[int, str, str]:
        path = tmp_path / "r.yaml"
        path.write_text(text)
        code = cli.run([command, str(path), *arguments])
        out, err = capfd.readouterr()
        return code, out, err.replace(str(path), "r.yaml")

    return run


def test_a_warning_does_not_fail_and_is_on_stderr_and_in_the_json(ran):
    text = RECIPE.replace("focal_mm: 8", "focal_mm: 0.008")
    code, out, err = ran(text)
    slip = "0.008 mm; did you mean 8 mm? (metres written where millimetres are meant)"
    assert (code, out) == (0, "")
    assert f"warning: r.yaml:4: cameras.top.lens.focal_mm: {slip}" in err and "r.yaml: no fault found" in err
    found = json.loads(ran(text, "--json")[1])
    assert found["faults"] == [] and len(found["warnings"]) == 1 and slip in found["warnings"][0]


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("peak_power_w: 5", "peak_power_w: 0", "r.yaml:6: lights: every lamp has a strength of 0 in all of 64 draws"),
        ("peak_power_w: 5", "peak_power_w: {choice: [0, 0.0]}", "every lamp has a strength of 0"),
        (RECIPE[RECIPE.index("lights:") :], "", "lights: there is no lamp in all of 64 draws, images will be black"),
    ],
)
def test_a_dark_recipe_is_a_warning(ran, old, new, what):
    code, _, err = ran(RECIPE.replace(old, new))
    assert code == 0 and what.replace("r.yaml:6", "r.yaml:5") in err
    code, _, err = ran(RECIPE.replace(old, new) + "randomize: [hall_light: {lamps: 0, ambience_lux: 100}]\n")
    assert code == 0 and "black" not in err


def test_a_scene_that_nothing_lights_is_a_warning_and_its_own_lamp_is_enough(ran, tmp_path):
    lamp = '\ndef SphereLight "l"\n{\nfloat inputs:intensity = 100\n}\n'
    stage = '#usda 1.0\n(\ndefaultPrim = "A"\n)\ndef Xform "A"\n{\ndef Cube "c"\n{\n}\n%s}\n'
    text = RECIPE[: RECIPE.index("lights:")].replace("warehouse: bench", "usd: s.usda")
    text = text.replace("mount: stand_top", "position_m: [0, 0, 5], look_at_m: [0, 0, 0]")
    (tmp_path / "s.usda").write_text(stage % "")
    code, _, err = ran(text)
    assert code == 0 and "lights: there is no lamp" in err
    (tmp_path / "s.usda").write_text(stage % lamp)
    code, _, err = ran(text)
    assert code == 0 and "no lamp" not in err
    code, out, _ = ran(text.replace("s.usda", "frame.step"))
    assert code == 4 and "scene.usd: found 'frame.step', no such file beside the recipe" in out
    (tmp_path / "frame.step").write_text("ISO-10303-21;\n")
    told = "r.yaml:2: scene.usd: frame.step: is a CAD model (STEP)"
    code, out, err = ran(text.replace("s.usda", "frame.step"))
    assert code == 4 and told in out.replace(str(tmp_path) + "/", "")
    assert "no lamp" not in err  # what the file would bring is not known
    code, out, err = ran(text.replace("s.usda", "frame.step"), "-n", "2", command="plan")
    assert (code, out) == (4, "") and told in err.replace(str(tmp_path) + "/", "")


def test_plan_knows_whether_a_usd_file_gives_light(ran, tmp_path):
    lamp = 'def SphereLight "l"\n{\nfloat inputs:intensity = 100\n}\n'
    stage = '#usda 1.0\n(\ndefaultPrim = "A"\n)\ndef Xform "A"\n{\ndef Cube "c"\n{\n}\n%s}\n'
    text = RECIPE[: RECIPE.index("lights:")].replace("warehouse: bench", "usd: s.usda")
    text = text.replace("mount: stand_top", "position_m: [0, 0, 5], look_at_m: [0, 0, 0]")
    for inside, dark in (("", True), (lamp, False)):
        (tmp_path / "s.usda").write_text(stage % inside)
        code, _, err = ran(text, "-n", "2", command="plan")
        assert code == 0 and ("there is no lamp" in err) == dark


@pytest.mark.parametrize("name", list(sites.SITES))
def test_the_mounts_of_a_warehouse_are_listed(capfd, name):
    assert cli.run(["check", "--mounts", name, "--json"]) == 0
    listed = json.loads(capfd.readouterr().out)
    site = sites.SITES[name]
    assert {key: tuple(mount["position_m"]) for key, mount in listed["mounts"].items()} == {
        key: mount.pose.position_m for key, mount in site.mounts.items()
    }
    assert {key: number["default"] for key, number in listed["numbers"].items()} == site.parameters
    assert set(listed["places"]) == set(site.zones) and listed["warehouse"] == name
    assert cli.run(["check", "--mounts", name]) == 0
    out = capfd.readouterr().out
    assert all(key in out for key in (*site.mounts, *site.parameters, *site.zones))


def test_the_mounts_of_a_recipe_are_where_its_numbers_put_them(ran, capfd):
    text = RECIPE.replace("warehouse: bench", "warehouse: bench, table_top_mm: 900")
    code, out, _ = ran(text.replace("stand_top", "stand_tpo"), "--mounts", "--json")
    listed = json.loads(out)
    assert code == 0 and listed["numbers"]["table_top_m"]["value"] == 0.9
    assert listed["mounts"]["stand_top"]["position_m"][2] == pytest.approx(0.9 + 0.004 + 0.5)
    code, _, err = ran(text.replace("warehouse: bench, table_top_mm: 900", "usd: s.usda"), "--mounts")
    assert code == 4 and "no such file" in err
    assert cli.run(["check", "--mounts", "nowhere"]) == 4
    assert "write one of scan_tunnel, rack_aisle, dock_door, bench" in capfd.readouterr().err


def test_a_recipe_without_a_camera_is_a_warning(ran):
    text = RECIPE[: RECIPE.index("cameras:")] + RECIPE[RECIPE.index("lights:") :]
    code, _, err = ran(text)
    assert code == 0 and "warning: r.yaml: cameras: there is none, no image will be made" in err
