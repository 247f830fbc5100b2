"""Materials: UsdPreviewSurface in both workflows, textures and their coordinates, and our optical schema."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pxr import Usd

from synthgen.usd.read.description import describe, material_of
from synthgen.usd.read.open_stage import open_stage
from synthgen.usd.read.textures import linear
from synthgen.world import spectra
from synthgen.world.scene_description import Material
from tests.stage_text import HEAD, stage

QUAD = """
    point3f[] points = [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0)]
    int[] faceVertexCounts = [4]
    int[] faceVertexIndices = [0, 1, 2, 3]
    uniform token subdivisionScheme = "none"
    texCoord2f[] primvars:st = [(0, 0), (1, 0), (1, 1), (0, 1)] (interpolation = "vertex")
    texCoord2f[] primvars:map1 = [(0, 0), (2, 0), (2, 2), (0, 2)] (interpolation = "vertex")
"""
BOUND = f'def Mesh "m" (prepend apiSchemas = ["MaterialBindingAPI"]) {{ {QUAD} rel material:binding = </a> }}\n'


def surface(inputs: str, shaders: str = "", api: str = "") -> str:
    return (
        BOUND
        + f"""
def Material "a" {api} {{
    token outputs:surface.connect = </a/s.outputs:surface>
    def Shader "s" {{
        uniform token info:id = "UsdPreviewSurface"
        {inputs}
        token outputs:surface }}
    {shaders}
}}"""
    )


def worn(text: str) -> tuple[Material, tuple[str, ...]]:
    found = describe(stage(text))
    return found.instances[0].materials[0], found.warnings


def saved(text: str, folder: Path) -> tuple[Material, tuple[str, ...]]:
    (folder / "s.usda").write_text(HEAD + text.replace(" }", "\n}"))
    found = describe(open_stage(folder / "s.usda"))
    return found.instances[0].materials[0], found.warnings


def test_bands_are_blue_green_red_and_red_again_said_once() -> None:
    material, warnings = worn(surface("color3f inputs:diffuseColor = (0.3, 0.2, 0.1)"))
    assert material.reflectance == pytest.approx((0.1, 0.2, 0.3, 0.3))
    assert sum("near-infrared" in line for line in warnings) == 1


def test_fallbacks_of_the_specification() -> None:
    material, _ = worn(surface(""))
    assert material.reflectance == pytest.approx((0.18,) * 4)
    assert (material.roughness, material.ior, material.metallic, material.opacity) == (0.5, 1.5, 0, 1)


def test_metallic_workflow() -> None:
    material, _ = worn(
        surface("float inputs:metallic = 0.75\n float inputs:roughness = 0.25\n float inputs:ior = 1.33")
    )
    assert (material.metallic, material.roughness, material.ior) == pytest.approx((0.75, 0.25, 1.33))


@pytest.mark.parametrize(("f0", "ior"), [(0.0, 1.0), (0.04, 1.5), (1 / 9, 2.0)])
def test_specular_workflow_of_dielectrics(f0: float, ior: float) -> None:
    text = f"int inputs:useSpecularWorkflow = 1\n color3f inputs:specularColor = ({f0}, {f0}, {f0})"
    assert worn(surface(text))[0].ior == pytest.approx(ior, rel=1e-4)


def test_specular_workflow_of_metals() -> None:
    text = "int inputs:useSpecularWorkflow = 1\n color3f inputs:specularColor = (0.9, 0.6, 0.3)\n"
    material, _ = worn(surface(text + "color3f inputs:diffuseColor = (0, 0, 0)"))
    assert material.metallic == 1
    assert material.reflectance == pytest.approx((0.3, 0.6, 0.9, 0.9))


def test_emissive_color_is_in_nit_of_d65() -> None:
    material, _ = worn(surface("color3f inputs:emissiveColor = (100, 100, 100)"))
    light = spectra.d65()
    expected = 100 / spectra.efficacy_lm_w(light) * spectra.band_fractions(light)
    np.testing.assert_allclose(material.emission_w_m2_sr, expected)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("float inputs:clearcoat = 1", "clearcoat"),
        ("float inputs:displacement = 0.1", "displacement"),
        ("normal3f inputs:normal.connect = </a/t.outputs:rgb>", "normal map"),
        ("float inputs:occlusion.connect = </a/t.outputs:r>", "occlusion map"),
    ],
)
def test_what_has_no_place_is_named(text: str, word: str) -> None:
    texture = 'def Shader "t" { uniform token info:id = "UsdUVTexture"\n float3 outputs:rgb\n float outputs:r }'
    assert any(word in line for line in worn(surface(text, texture))[1])


def test_numbers_that_make_no_sense_fall_back() -> None:
    text = """color3f inputs:diffuseColor = (nan, 0, 0)
        float inputs:roughness = inf
        float inputs:ior = 0
        float inputs:opacity = 7"""
    material, _ = worn(surface(text))
    assert material.reflectance == pytest.approx((0.18,) * 4)
    assert (material.roughness, material.ior, material.opacity) == (0.5, 1.5, 1.0)


def textured(texture: str, reader: str = "", inputs: str = "", api: str = "") -> str:
    reader = (
        reader
        or """def Shader "r" { uniform token info:id = "UsdPrimvarReader_float2"
        string inputs:varname = "st"
        float2 outputs:result }"""
    )
    return surface(
        f"color3f inputs:diffuseColor.connect = </a/t.outputs:rgb>\n {inputs}",
        f"""def Shader "t" {{ uniform token info:id = "UsdUVTexture"
            asset inputs:file = @./image.png@
            float2 inputs:st.connect = </a/r.outputs:result>
            {texture}
            float3 outputs:rgb
            float outputs:a }}
        {reader}""",
        api,
    )


def draw(folder: Path, mode: str = "RGB", colour: object = (255, 128, 0)) -> None:
    Image.new(mode, (8, 8), colour).save(folder / "image.png")


def test_texture_with_all_it_may_say(tmp_path: Path) -> None:
    draw(tmp_path)
    text = textured(
        """token inputs:wrapS = "mirror"
            token inputs:wrapT = "clamp"
            float4 inputs:scale = (2, 3, 4, 5)
            float4 inputs:bias = (0.1, 0.2, 0.3, 0.4)"""
    )
    material, warnings = saved(text, tmp_path)
    texture = material.texture
    assert texture is not None
    assert Path(texture.asset) == tmp_path / "image.png"
    assert (texture.mode, texture.srgb, texture.wrap) == ("rgb", True, ("mirror", "clamp"))
    assert texture.scale == (2, 3, 4, 5)
    assert texture.bias == pytest.approx((0.1, 0.2, 0.3, 0.4))
    assert material.reflectance == (1, 1, 1, 1)
    assert not any("0..1" in line for line in warnings)


@pytest.mark.parametrize(
    ("space", "mode", "srgb"),
    [("auto", "RGB", True), ("auto", "L", False), ("raw", "RGB", False), ("sRGB", "L", True), ("auto", "RGBA", True)],
)
def test_colour_space(tmp_path: Path, space: str, mode: str, srgb: bool) -> None:
    draw(tmp_path, mode, 100 if mode == "L" else (1, 2, 3) if mode == "RGB" else (1, 2, 3, 4))
    material, _ = saved(textured(f'token inputs:sourceColorSpace = "{space}"'), tmp_path)
    assert material.texture is not None
    assert material.texture.srgb is srgb


def test_transform_scales_then_turns_then_moves(tmp_path: Path) -> None:
    draw(tmp_path)
    reader = """def Shader "r" { uniform token info:id = "UsdTransform2d"
            float2 inputs:in.connect = </a/p.outputs:result>
            float2 inputs:scale = (2, 3)
            float inputs:rotation = 90
            float2 inputs:translation = (5, 7)
            float2 outputs:result }
        def Shader "p" { uniform token info:id = "UsdPrimvarReader_float2"
            string inputs:varname = "map1"
            float2 outputs:result }"""
    text = textured('token inputs:wrapS = "repeat"\n token inputs:wrapT = "repeat"', reader)
    material, _ = saved(text, tmp_path)
    assert material.texture is not None
    matrix = np.array(material.texture.matrix).reshape(2, 3)
    np.testing.assert_allclose(matrix @ (1, 0, 1), (5, 9), atol=1e-6)
    np.testing.assert_allclose(matrix @ (0, 1, 1), (2, 7), atol=1e-6)
    instance = describe(open_stage(tmp_path / "s.usda")).instances[0]
    assert instance.mesh.uv.max() == 2  # map1, not st


def test_missing_image_is_named_and_its_fallback_shown(tmp_path: Path) -> None:
    material, warnings = saved(textured("float4 inputs:fallback = (0.2, 0.4, 0.6, 1)"), tmp_path)
    assert material.texture is None
    assert material.reflectance == pytest.approx((0.6, 0.4, 0.2, 0.2))
    assert any("image.png is not there" in line for line in warnings)


def test_damaged_image_is_named(tmp_path: Path) -> None:
    (tmp_path / "image.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    material, warnings = saved(textured(""), tmp_path)
    assert material.reflectance == (0.5,) * 4
    assert any("cannot be read" in line for line in warnings)


def test_coordinates_that_leave_an_image_without_wrap_are_named(tmp_path: Path) -> None:
    draw(tmp_path)
    reader = """def Shader "r" { uniform token info:id = "UsdPrimvarReader_float2"
            string inputs:varname = "map1"
            float2 outputs:result }"""
    material, warnings = saved(textured("", reader), tmp_path)
    assert material.texture is not None
    assert material.texture.wrap == ("black", "black")
    assert any("0..1" in line for line in warnings)


def test_alpha_of_the_colour_texture_cuts_out(tmp_path: Path) -> None:
    draw(tmp_path, "RGBA", (1, 2, 3, 4))
    inputs = "float inputs:opacity.connect = </a/t.outputs:a>\n float inputs:opacityThreshold = 0.5"
    material, _ = saved(textured("", inputs=inputs), tmp_path)
    assert (material.opacity, material.opacity_threshold, material.opacity_from_texture) == (1, 0.5, True)


def test_alpha_alone_keeps_the_constant_colour(tmp_path: Path) -> None:
    draw(tmp_path, "RGBA", (1, 2, 3, 4))
    text = textured("", inputs="float inputs:opacity.connect = </a/t.outputs:a>")
    text = text.replace(
        "color3f inputs:diffuseColor.connect = </a/t.outputs:rgb>", "color3f inputs:diffuseColor = (0.3, 0.2, 0.1)"
    )
    material, _ = saved(text, tmp_path)
    assert material.reflectance == pytest.approx((0.1, 0.2, 0.3, 0.3))
    assert material.texture is not None
    assert material.texture.scale == (0, 0, 0, 1)
    assert material.texture.bias[:3] == (1, 1, 1)


def test_a_roughness_texture_becomes_its_mean(tmp_path: Path) -> None:
    draw(tmp_path, "RGB", (0, 51, 0))
    text = textured('token inputs:sourceColorSpace = "raw"', inputs="float inputs:roughness.connect = </a/t.outputs:g>")
    material, warnings = saved(text.replace("float outputs:a", "float outputs:g"), tmp_path)
    assert material.roughness == pytest.approx(0.2, abs=1e-3)
    assert any("roughness is a texture" in line for line in warnings)


OPTICAL = """(prepend apiSchemas = ["SynthgenOpticalMaterialAPI"])
{
    float[] synthgen:optical:reflectance = [0.1, 0.2, 0.3, 0.4]
    float[] synthgen:optical:ink_reflectance = [0.01, 0.02, 0.03, 0.04]
    float synthgen:optical:roughness = 0.7
    float synthgen:optical:ior = 1.4
    bool synthgen:optical:nearest = 1"""


def test_our_schema_wins_and_the_texture_is_its_tone(tmp_path: Path) -> None:
    draw(tmp_path, "L", 128)
    text = textured("float4 inputs:scale = (2, 2, 2, 1)").replace(
        'def Material "a"  {', f'def Material "a" {OPTICAL}\n'
    )
    material, warnings = saved(text, tmp_path)
    assert material.reflectance == pytest.approx((0.1, 0.2, 0.3, 0.4))
    assert material.ink_reflectance == pytest.approx((0.01, 0.02, 0.03, 0.04))
    assert (material.roughness, material.ior) == pytest.approx((0.7, 1.4))
    texture = material.texture
    assert texture is not None
    assert (texture.mode, texture.srgb, texture.nearest, texture.scale) == ("tone", False, True, (1, 1, 1, 1))
    assert not any("near-infrared" in line for line in warnings)


def test_other_bands_are_averaged_into_ours() -> None:
    text = """def Material "a" (prepend apiSchemas = ["SynthgenOpticalMaterialAPI"]) {
        float[] synthgen:optical:band_edges_nm = [400, 450, 1000]
        float[] synthgen:optical:reflectance = [0, 1] }"""
    opened = stage(text)
    material = material_of(opened.GetPrimAtPath("/a"))
    assert material.reflectance == pytest.approx((0.5, 1, 1, 1))


MESH = f'def Mesh "m" {{ {QUAD} %s }}'


def test_display_color_without_a_material_and_grey_without_either() -> None:
    assert worn(MESH % "")[0].reflectance == (0.5,) * 4
    constant = 'color3f[] primvars:displayColor = [(0.3, 0.2, 0.1)] (interpolation = "constant")'
    assert worn(MESH % constant)[0].reflectance == pytest.approx((0.1, 0.2, 0.3, 0.3))
    varying = (
        'color3f[] primvars:displayColor = [(0, 0, 0), (0, 0, 0), (1, 1, 1), (1, 1, 1)] (interpolation = "vertex")'
    )
    material, warnings = worn(MESH % varying)
    assert material.reflectance == (0.5,) * 4
    assert any("displayColor varies" in line for line in warnings)


def test_display_color_is_inherited() -> None:
    text = f"""def Xform "x" {{
        color3f[] primvars:displayColor = [(1, 0, 0)] (interpolation = "constant")
        {MESH % ""} }}"""
    assert worn(text)[0].reflectance == (0, 0, 1, 1)


def test_a_primvar_reader_asks_the_prim_that_wears_it() -> None:
    reader = """def Shader "r" { uniform token info:id = "UsdPrimvarReader_float3"
        string inputs:varname = "displayColor"
        float3 outputs:result }"""
    text = surface("color3f inputs:diffuseColor.connect = </a/r.outputs:result>", reader)
    colour = 'color3f[] primvars:displayColor = [(0.3, 0.2, 0.1)] (interpolation = "constant")\n'
    assert worn(text.replace("rel material", colour + "rel material"))[0].reflectance == pytest.approx(
        (0.1, 0.2, 0.3, 0.3)
    )


def test_a_surface_in_other_words_falls_back_to_display_color() -> None:
    text = surface("").replace("UsdPreviewSurface", "arnold:standard_surface")
    material, warnings = worn(text)
    assert material.reflectance == (0.5,) * 4
    assert any("arnold:standard_surface" in line for line in warnings)


def test_bindings_of_ancestors_collections_and_purposes() -> None:
    looks = "".join(
        f"""def Material "{name}" {{ token outputs:surface.connect = </{name}/s.outputs:surface>
            def Shader "s" {{ uniform token info:id = "UsdPreviewSurface"
                color3f inputs:diffuseColor = ({value}, {value}, {value})
                token outputs:surface }}
            }}\n"""
        for name, value in (("a", 0.1), ("b", 0.2), ("c", 0.3))
    )
    api = '(prepend apiSchemas = ["MaterialBindingAPI", "CollectionAPI:some"])'
    text = (
        f"""def Xform "x" {api} {{ rel material:binding = </a>
        rel material:binding:collection:some = [</x.collection:some>, </b>]
        rel collection:some:includes = </x/two>
        def Mesh "one" {{ {QUAD} }}
        def Mesh "two" {{ {QUAD} }}
        def Mesh "three" (prepend apiSchemas = ["MaterialBindingAPI"]) {{ {QUAD} rel material:binding:preview = </c> }}
        }}\n"""
        + looks
    )
    found = {i.path: i.materials[0].reflectance[0] for i in describe(stage(text)).instances}
    assert found["/x/one"] == pytest.approx(0.1)
    assert found["/x/two"] == pytest.approx(0.2)
    assert found["/x/three"] == pytest.approx(0.1)  # full and allPurpose come before preview


def test_linear_inverts_srgb() -> None:
    np.testing.assert_allclose(linear(np.array([0.0, 0.5, 1.0])), [0.0, 0.21404114, 1.0], atol=1e-7)


def test_material_of_an_empty_material_is_grey() -> None:
    opened = Usd.Stage.CreateInMemory()
    assert material_of(opened.DefinePrim("/a", "Material")).reflectance == (0.5,) * 4
