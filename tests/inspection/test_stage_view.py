"""Outside stages, looked at: pictures of ordinary brightness whatever the lamps and the unit of length."""

import pytest

from synthgen.inspection import stage_view

STAGE = """#usda 1.0
(
    defaultPrim = "W"
    metersPerUnit = {unit}
    upAxis = "Z"
)
def Xform "W"
{{
    def Camera "c"{camera}
    {{
        float focalLength = 24
        float horizontalAperture = 20.955
        float verticalAperture = 15.29{own}
        double3 xformOp:translate = (0, 0, 3)
        uniform token[] xformOpOrder = ["xformOp:translate"]
    }}
    def Plane "p"
    {{
        double width = 4
        double length = 4
    }}
    def DistantLight "l"
    {{
        float inputs:intensity = {level}
        float inputs:angle = 0
    }}
}}
"""
OWN = """
        token synthgen:sensor:model = "imx273"
        int2 synthgen:sensor:resolution_px = (160, 120)
        double synthgen:sensor:pitch_m = 3.45e-6
        double synthgen:sensor:exposure_s = 1"""


def views(tmp_path, unit=1, level=1.0, **more):
    path = tmp_path / "stage.usda"
    path.write_text(STAGE.format(unit=unit, level=level, **{"camera": "", "own": "", **more}))
    scene = stage_view.open_scene(path)
    return scene, stage_view.render_views(scene, ["image"])


@pytest.mark.parametrize(("unit", "level"), [(1, 2.6 * 683), (1, 1e-9), (1, 1e6), (0.01, 1e-6), (0.001, 1e3)])
def test_pictures_of_outside_stages_are_neither_black_nor_white(tmp_path, unit, level):
    """Mean 100 DN: auto exposure brings the median to 102 of 255; vignetting and dark signal make the rest."""
    scene, found = views(tmp_path, unit, level)
    assert found["c"].image.png.mean() == pytest.approx(100, abs=15)
    assert not stage_view.exposure_warnings(found)
    assert ("sensor is 2.095 m wide" in " ".join(scene.description.warnings)) == (unit == 1)


def test_a_picture_of_one_brightness_is_told(tmp_path):
    given = {"camera": ' ( prepend apiSchemas = ["SynthgenSensorAPI"] )', "own": OWN}
    (white,) = stage_view.exposure_warnings(views(tmp_path, 0.001, 1e6, **given)[1])
    assert white.startswith(
        "/W/c: all but white, 100% of its pixels are saturated after 1 s; write a shorter exposure_s"
    )
    (black,) = stage_view.exposure_warnings(views(tmp_path, 0.001, 1e-9, **given)[1])
    assert black == "/W/c: all but black, no more light reaches it in 1 s"
