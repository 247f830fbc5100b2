"""Lights: the UsdLux schema text in numbers; lights with our schema by their power."""

from __future__ import annotations

import math

import numpy as np
import pytest

from synthgen.usd.read.description import describe, light_of
from synthgen.world import spectra
from synthgen.world.scene_description import Light
from tests.stage_text import stage

OWN = '(prepend apiSchemas = ["SynthgenIlluminatorAPI"])'
SHAPED = '(prepend apiSchemas = ["SynthgenIlluminatorAPI", "ShapingAPI"])'
D65_LM_W = spectra.efficacy_lm_w(spectra.d65())
WAYS = {  # type and size -> (emitting area [m^2], area without ends)
    "RectLight|float inputs:width = 2\nfloat inputs:height = 3": 6.0,
    "DiskLight|float inputs:radius = 2": 4 * math.pi,
    "SphereLight|float inputs:radius = 2": 16 * math.pi,
    "CylinderLight|float inputs:radius = 2\nfloat inputs:length = 3": 12 * math.pi,
}


def light(text: str, head: str | None = None) -> Light:
    found = describe(stage(text) if head is None else stage(text, head))
    assert len(found.lights) == 1, found.warnings
    return found.lights[0]


def nit(found: Light) -> float:
    return found.strength * spectra.efficacy_lm_w(found.spectrum)


@pytest.mark.parametrize("way", WAYS)
def test_luminance_is_intensity_times_two_to_the_exposure(way: str) -> None:
    kind, size = way.split("|")
    text = f'def {kind} "l" {{ {size}\n float inputs:intensity = 100\n float inputs:exposure = 3\n'
    assert nit(light(text + " }")) == pytest.approx(800)
    assert nit(light(text + "bool inputs:normalize = 1 }")) == pytest.approx(800 / WAYS[way], rel=1e-6)


@pytest.mark.parametrize("way", WAYS)
def test_normalize_uses_the_area_in_the_world(way: str) -> None:
    kind, size = way.split("|")
    text = f"""def {kind} "l" {{ {size}
        float inputs:intensity = 100
        bool inputs:normalize = 1
        float3 xformOp:scale = (3, 3, 3)
        uniform token[] xformOpOrder = ["xformOp:scale"] }}"""
    assert nit(light(text)) == pytest.approx(100 / (9 * WAYS[way]), rel=1e-6)


def test_color_weighs_by_rec_709() -> None:
    assert nit(light('def SphereLight "l" { color3f inputs:color = (1, 0, 0) }')) == pytest.approx(0.2126, rel=1e-6)


@pytest.mark.parametrize("cct", [2000, 4250, 8750])
def test_color_temperature_changes_the_spectrum_and_keeps_the_luminance(cct: int) -> None:
    found = light(
        f'def SphereLight "l" {{ bool inputs:enableColorTemperature = 1\n float inputs:colorTemperature = {cct} }}'
    )
    assert nit(found) == pytest.approx(1, rel=1e-6)
    assert found.spectrum is spectra.blackbody(float(cct))
    plain = light(f'def SphereLight "l" {{ float inputs:colorTemperature = {cct} }}')
    assert plain.spectrum is spectra.d65()


def test_point_light_is_the_sphere_seen_from_afar() -> None:
    text = 'def SphereLight "l" { bool treatAsPoint = 1\n float inputs:radius = 0.1\n float inputs:intensity = 1000'
    found = light(text + " }")
    assert found.shape == "point"
    assert nit(found) == pytest.approx(1000 * math.pi * 0.01, rel=1e-6)  # candela
    assert nit(light(text + "\n bool inputs:normalize = 1 }")) == pytest.approx(250, rel=1e-6)


def test_the_default_distant_light_gives_3_36_lux() -> None:
    found = light('def DistantLight "l" { }')
    lux = nit(found) * math.pi * math.sin(found.half_angle_rad) ** 2
    assert lux == pytest.approx(3.36, abs=0.005)  # docs/contract.md section 4


@pytest.mark.parametrize("angle", [0, 0.53, 60, 180])
def test_a_normalized_distant_light_is_in_lux(angle: float) -> None:
    text = f"""def DistantLight "l" {{ float inputs:angle = {angle}
        float inputs:intensity = 70
        bool inputs:normalize = 1 }}"""
    found = light(text)
    assert nit(found) * math.pi * math.sin(found.half_angle_rad) ** 2 == pytest.approx(70, rel=1e-6)


def test_dome_ignores_normalize() -> None:
    found = light('def DomeLight "l" { float inputs:intensity = 10\n bool inputs:normalize = 1 }')
    assert (found.shape, nit(found)) == ("dome", pytest.approx(10))


@pytest.mark.parametrize(
    ("kind", "size", "factor"),
    [
        ("RectLight", "float inputs:width = 2\nfloat inputs:height = 3", math.pi * 6),
        ("DiskLight", "float inputs:radius = 2", math.pi**2 * 4),
        ("SphereLight", "float inputs:radius = 2", 4 * math.pi**2 * 4),
        ("CylinderLight", "float inputs:radius = 2\nfloat inputs:length = 3", 2 * math.pi**2 * 6),
        ("SphereLight", "bool treatAsPoint = 1", 4 * math.pi),
    ],
)
def test_power_becomes_radiance(kind: str, size: str, factor: float) -> None:
    found = light(f'def {kind} "l" {OWN} {{ {size}\n double synthgen:illuminator:peak_power_w = 50 }}')
    assert found.strength == pytest.approx(50 / factor, rel=1e-4)


def test_a_cone_makes_the_same_power_brighter() -> None:
    text = f"""def DiskLight "l" {SHAPED} {{ float inputs:shaping:cone:angle = 30
        double synthgen:illuminator:peak_power_w = 1 }}"""
    found = light(text)
    assert found.cone_angle_rad == pytest.approx(math.pi / 6)
    assert found.strength == pytest.approx(1 / (math.pi * 0.25 * math.pi * 0.25), rel=1e-6)  # pi r^2 pi sin^2


def test_irradiance_of_distant_and_dome() -> None:
    beam = light(f'def DistantLight "l" {OWN} {{ double synthgen:illuminator:irradiance_w_m2 = 5 }}')
    assert beam.strength * math.pi * math.sin(beam.half_angle_rad) ** 2 == pytest.approx(5)
    sky = light(f'def DomeLight "l" {OWN} {{ double synthgen:illuminator:irradiance_w_m2 = 5 }}')
    assert sky.strength * math.pi == pytest.approx(5)


def test_strobe_and_spectrum_of_ours() -> None:
    found = light(f"""def RectLight "l" {OWN} {{ double synthgen:illuminator:pulse_s = 5e-5
        double synthgen:illuminator:rate_hz = 30
        double synthgen:illuminator:delay_s = 1e-3
        double synthgen:illuminator:peak_nm = 850
        token synthgen:illuminator:spectrum = "led"
        double synthgen:illuminator:fwhm_nm = 40 }}""")
    assert (found.pulse_s, found.rate_hz, found.delay_s) == (5e-5, 30, 1e-3)
    assert found.spectrum is spectra.led(850.0, 40.0)


def test_an_impossible_spectrum_is_named() -> None:
    found = describe(stage(f'def RectLight "l" {OWN} {{ double synthgen:illuminator:peak_nm = 5 }}'))
    assert found.lights[0].spectrum is spectra.d65()
    assert any("peak_nm" in line for line in found.warnings)


def test_without_shaping_nothing_is_cut_and_with_it_the_schema_fallback_holds() -> None:
    assert light('def SphereLight "l" { }').cone_angle_rad == pytest.approx(math.pi)
    shaped = light('def SphereLight "l" (prepend apiSchemas = ["ShapingAPI"]) { }')
    assert shaped.cone_angle_rad == pytest.approx(math.pi / 2)


def test_scales_fold_into_sizes_and_the_frame_stays_rigid() -> None:
    found = light("""def RectLight "l" { float inputs:width = 2
        float inputs:height = 3
        float3 xformOp:scale = (2, -5, 0.5)
        float xformOp:rotateX = 90
        double3 xformOp:translate = (1, 2, 3)
        uniform token[] xformOpOrder = ["xformOp:translate", "xformOp:rotateX", "xformOp:scale"] }""")
    assert (found.width_m, found.height_m) == pytest.approx((4, 15))
    turn = found.world_from_light[:3, :3]
    np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(turn) == pytest.approx(1)
    assert -found.world_from_light[:3, 2] == pytest.approx((0, 1, 0))  # emits along -Z, turned
    assert found.world_from_light[:3, 3] == pytest.approx((1, 2, 3))


def test_a_stage_in_centimetres_y_up() -> None:
    head = '#usda 1.0\n(\n    metersPerUnit = 0.01\n    upAxis = "Y"\n)\n'
    found = light("""def DiskLight "l" { float inputs:radius = 50
        double3 xformOp:translate = (0, 300, 0)
        uniform token[] xformOpOrder = ["xformOp:translate"] }""", head)  # fmt: skip
    assert found.radius_m == pytest.approx(0.5)
    assert found.world_from_light[:3, 3] == pytest.approx((0, 0, 3))


def test_uneven_spheres_take_their_mean_radius_and_say_so() -> None:
    found = describe(
        stage("""def SphereLight "l" { float inputs:radius = 1
        float3 xformOp:scale = (1, 2, 3)
        uniform token[] xformOpOrder = ["xformOp:scale"] }""")
    )
    assert found.lights[0].radius_m == pytest.approx(2)
    assert any("mean radius" in line for line in found.warnings)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ('def PortalLight "l" { }', "portal"),
        ('def GeometryLight "l" { }', "MeshLightAPI"),
        ('def RectLight "l" { float inputs:width = 0 }', "emits"),
        ('def RectLight "l" { float inputs:intensity = -1 }', "emits"),
        (
            'def RectLight "l" { float3 xformOp:scale = (0, 1, 1)\n uniform token[] xformOpOrder = ["xformOp:scale"] }',
            "size",
        ),
    ],
)
def test_what_cannot_emit_is_named(text: str, word: str) -> None:
    found = describe(stage(text))
    assert not found.lights
    assert any(word in line and line.startswith("/l: ") for line in found.warnings)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("float inputs:intensity = nan", "nan"),
        ("float inputs:specular = 0", "specular"),
        ("bool inputs:shadow:enable = 0", "shadows"),
        ("uniform bool collection:lightLink:includeRoot = 0", "lightLink"),
        ("asset inputs:shaping:ies:file = @none.ies@", "none.ies"),
        ("asset inputs:texture:file = @none.exr@", "none.exr"),
    ],
)
def test_what_is_left_out_of_a_light_is_named(text: str, word: str) -> None:
    found = describe(stage(f'def RectLight "l" {{ {text} }}'))
    assert len(found.lights) == 1
    assert any(word in line for line in found.warnings)


def test_a_mesh_light_glows_by_its_luminance() -> None:
    found = describe(
        stage("""def Mesh "m" (prepend apiSchemas = ["MeshLightAPI"]) { float inputs:intensity = 100
        point3f[] points = [(0, 0, 0), (1, 0, 0), (0, 1, 0)]
        int[] faceVertexCounts = [3]
        int[] faceVertexIndices = [0, 1, 2]
        uniform token subdivisionScheme = "none" }""")
    )
    (material,) = found.instances[0].materials
    assert sum(material.emission_w_m2_sr) == pytest.approx(100 / D65_LM_W * sum(spectra.band_fractions(spectra.d65())))
    assert any("mesh light" in line for line in found.warnings)


def test_light_of_follows_visibility_of_itself_and_its_parents() -> None:
    opened = stage('def Xform "x" { def RectLight "l" { }\n }\ndef Cube "c" { }')
    prim = opened.GetPrimAtPath("/x/l")
    assert light_of(prim) is not None
    opened.GetPrimAtPath("/x").GetAttribute("visibility").Set("invisible")
    assert light_of(prim) is None
    assert not describe(opened).lights
