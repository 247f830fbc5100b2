"""Stages that others made: each is read, none crashes or hangs, and what it holds is what assets/README.md counts."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest
from pxr import Usd

from synthgen.usd.read import meshes
from synthgen.usd.read.description import describe
from synthgen.usd.read.open_stage import SUFFIXES, open_stage
from synthgen.world import spectra
from synthgen.world.scene_description import Description

WG, OPENUSD = "usd/usdwg/test_assets", "usd/openusd/usd/usdGeom/testenv"
GEOM = f"{WG}/schemaTests/usdGeom"


def read(assets: Path, name: str, frame: float | None = None) -> Description:
    opened = open_stage(assets / name)
    return describe(opened, None if frame is None else Usd.TimeCode(frame))


def warned(found: Description, word: str) -> bool:
    return any(word in line for line in found.warnings)


def test_every_stage_is_read_and_none_says_nothing(assets: Path) -> None:
    files = sorted(path for path in (assets / "usd").rglob("*") if path.suffix in SUFFIXES)
    assert len(files) > 150
    for path in files:
        start = time.monotonic()
        found = describe(open_stage(path))
        assert time.monotonic() - start < 20, path
        assert found.instances or found.warnings, path
        for instance in found.instances:
            assert np.isfinite(instance.world_from_mesh).all(), path
            assert int(instance.mesh.slot.max()) < len(instance.materials), path


# name: meshes, their triangles before subdivision, lights, cameras (assets/README.md)
COUNTS = {
    f"{WG}/TextureCoordinateTest/TextureCoordinateTest.usda": (5, 10, 0, 0),
    f"{WG}/TextureTransformTest/TextureTransformTest.usd": (12, 24, 0, 0),
    f"{WG}/TextureFileFormatTests/all_files.usda": (24, 48, 0, 1),
    f"{WG}/RoughnessTest/RoughnessTest.usdz": (6, 504, 0, 0),
    f"{WG}/AlphaBlendSortTest/AlphaBlendSortTest.usda": (3, 6, 0, 0),
    f"{WG}/RelationshipEncapsulationTests/ExternalReferenceBadTargetTest.usda": (2, 130, 3, 0),
    f"{WG}/RelationshipEncapsulationTests/InternalReferenceTest.usda": (7, 1298, 3, 0),
    f"{WG}/RelationshipEncapsulationTests/SublayeredInternalReferenceTest.usda": (7, 1298, 3, 0),
    f"{WG}/USDZ/BoxAnimated/BoxAnimated.usdz": (2, 254, 0, 0),
    f"{WG}/USDZ/InterpolationTest/InterpolationTest.usdz": (10, 110, 0, 0),
    f"{GEOM}/meshes/5_face/5_face.usda": (1, 13, 0, 0),
    f"{GEOM}/meshes/mixed_faceVertexCounts/mixed.usda": (1, 12, 0, 0),
    f"{GEOM}/meshes/normals_types/normalsTypes.usda": (17, 204, 0, 0),
    f"{GEOM}/extent/scaled_extent.usda": (2, 24, 0, 0),
    "usd/usdwg/docs/PrimvarInterpolation/primvar_interpolation.usda": (7, 28, 0, 0),
    "usd/usdwg/full_assets/SubdivisionSurfaces/Creases_SpinningPyramids.usda": (3, 144, 0, 1),
    "usd/usdwg/full_assets/Teapot/Teapot.usd": (1, 2472, 0, 0),
    "usd/usdwg/full_assets/Teapot/DrawModes.usd": (35, 134880, 0, 1),
    "usd/usdwg/full_assets/Vehicles/USD_Mini_Car_Kit/assets/vehicles/vehicleVariants.usda": (6, 1988, 0, 0),
    "usd/luxtest/usd/rect.usda": (2, 324, 1, 1),
    "usd/luxtest/usd/iesTest.usda": (1, 4800, 1, 2),
    "usd/arnold/test_0188/data/native_instance_cubes.usd": (100, 1200, 0, 0),
    "usd/newton/axis_cube.usda": (2, 1744, 0, 0),
}


@pytest.mark.parametrize("name", COUNTS)
def test_counts(assets: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meshes, "LEVELS", 0)
    monkeypatch.setattr(meshes, "_built", OrderedDict())
    found = read(assets, name)
    stage = open_stage(assets / name)
    drawn = [i for i in found.instances if stage.GetPrimAtPath(i.path).GetTypeName() == "Mesh"]
    triangles = sum(len(i.mesh.triangles) for i in drawn)
    assert (len(drawn), triangles, len(found.lights), len(found.cameras)) == COUNTS[name]


# name: number of primitive shapes and point instances that are drawn
SHAPES = {
    f"{WG}/foundation/stage_composition/active.usda": 1,
    f"{WG}/foundation/stage_composition/class_inherit.usda": 2,
    f"{WG}/foundation/stage_composition/inherit_and_specialize.usda": 6,
    f"{WG}/foundation/stage_configuration/multiple_root_prims/multiple_root_prims_no_defaultPrim.usda": 2,
    f"{WG}/foundation/stage_configuration/metersPerUnit/metersPerUnit_mix.usda": 6,
    f"{GEOM}/primitives/all_primitives.usda": 5,
    f"{GEOM}/transforms/xforms_nested.usda": 4,
    f"{OPENUSD}/testUsdGeomBBoxCache/nestedInstanceTest.usda": 10,
    f"{OPENUSD}/testUsdGeomBBoxCache/disableInnerInstancing.usda": 10,
    "usd/newton/cartpole.usda": 4,
    "usd/arnold/test_0186/data/test.usda": 100,
}


@pytest.mark.parametrize("name", SHAPES)
def test_shapes(assets: Path, name: str) -> None:
    assert len(read(assets, name).instances) == SHAPES[name]


WARNINGS = {
    f"{WG}/foundation/stage_composition/payload/payload_invalid.usda": "file_does_not_exist.usda",
    f"{WG}/foundation/stage_composition/references/reference_invalid.usda": "file_does_not_exist.usda",
    f"{WG}/foundation/stage_composition/references_prim/reference_prim_in_other_file.usda": "Cube_does_not_exist",
    f"{WG}/foundation/stage_composition/subLayer/sublayer_invalid.usda": "file_does_not_exist.usda",
    f"{WG}/foundation/stage_configuration/upAxis/upAxis_X.usda": "upAxis X",
    f"{WG}/foundation/stage_configuration/upAxis/upAxis_invalid.usda": "'invalid'",
    f"{WG}/RelationshipEncapsulationTests/ExternalReferenceBadTargetTest.usda": "outside the scope",
    f"{GEOM}/meshes/empty_mesh/empty.usda": "without points or faces",
    f"{GEOM}/meshes/points_types/pointsTypes.usda": "points holds a IntArray",
    f"{GEOM}/transforms/weird_matrix_transform.usda": "flattened",
    f"{OPENUSD}/testUsdGeomBasisCurves/basisCurves.usda": "curves are not drawn",
    f"{OPENUSD}/testUsdGeomPointInstancer/instancer.usda": "without prototypes",
    f"{OPENUSD}/testUsdGeomSubset/Sphere.usda": "tetrahedral",
    "usd/openusd/usd/usdLux/testenv/testUsdLuxLinkingAPI/linking_example.usda": "lightLink",
    "usd/usdwg/full_assets/Teapot/DrawModes.usd": "occlusion map",
    "usd/arnold/test_0139/data/test.usda": "arnold:standard_surface",
}


@pytest.mark.parametrize("name", WARNINGS)
def test_oddities_are_named(assets: Path, name: str) -> None:
    found = read(assets, name)
    assert warned(found, WARNINGS[name]), found.warnings


def test_purposes(assets: Path) -> None:
    found = read(assets, f"{WG}/foundation/stage_composition/purpose.usda")
    stage = open_stage(assets / f"{WG}/foundation/stage_composition/purpose.usda")
    purposes = {str(stage.GetPrimAtPath(i.path).GetAttribute("purpose").Get()) for i in found.instances}
    assert purposes <= {"default", "render"}
    assert found.instances


def test_units_scale_the_world(assets: Path) -> None:
    folder = f"{WG}/foundation/stage_configuration/metersPerUnit"
    one, ten = (read(assets, f"{folder}/metersPerUnit_{n}.usda").instances[0].world_from_mesh for n in (1, 10))
    np.testing.assert_allclose(ten[:3], 10 * one[:3])


def test_extents_are_not_trusted(assets: Path) -> None:
    keys = {
        read(assets, f"{GEOM}/extent/{name}_extent.usda").instances[0].mesh.key for name in ("no", "zero", "inverse")
    }
    assert len(keys) == 1


# luxtest: frame -> luminance of the rectangle [cd/m^2] and what is special (the stage's own time samples)
RECT = {
    1: 5.0,
    6: 5.0,
    11: 5.0 / 0.4,
    13: 5.0 / 2.2,
    15: 5.0 / 4.0,
    16: 5.0,
    20: 5.0,
    21: 125.0,
    51: 5.0 * 2.0**-11,
    56: 1.0,
}


@pytest.mark.parametrize("frame", RECT)
def test_luxtest_rect_luminance(assets: Path, frame: int) -> None:
    (light,) = read(assets, "usd/luxtest/usd/rect.usda", frame).lights
    assert light.strength * spectra.efficacy_lm_w(light.spectrum) == pytest.approx(RECT[frame], rel=1e-5)
    assert (light.shape, light.height_m) == ("rect", pytest.approx(2.0))


def test_luxtest_rect_sizes_shaping_and_profile(assets: Path) -> None:
    def at(frame: int) -> tuple[float, ...]:
        (light,) = read(assets, "usd/luxtest/usd/rect.usda", frame).lights
        return light.width_m, math.degrees(light.cone_angle_rad), light.cone_softness, light.focus

    assert at(6) == pytest.approx((0.2, 180, 0, 0))
    assert at(10) == pytest.approx((2.0, 180, 0, 0))
    assert at(24) == pytest.approx((2.0, 50, 0, 0))
    assert at(33) == pytest.approx((2.0, 45, 0.5, 0))
    assert at(38) == pytest.approx((2.0, 180, 0, 2.5))
    assert warned(read(assets, "usd/luxtest/usd/rect.usda", 47), "focusTint")
    (profiled,) = read(assets, "usd/luxtest/usd/rect.usda", 60).lights
    assert Path(profiled.ies_asset).name == "bega_omni002_4777lm.ies"
    assert (profiled.ies_angle_scale, profiled.ies_normalize) == (1.0, True)


@pytest.mark.parametrize("frame", [16, 17, 19, 20])
def test_luxtest_color_temperature(assets: Path, frame: int) -> None:
    (light,) = read(assets, "usd/luxtest/usd/rect.usda", frame).lights
    cct_k = {16: 2000.0, 17: 4250.0, 19: 8750.0, 20: 11000.0}[frame]
    assert light.spectrum is spectra.blackbody(cct_k)


@pytest.mark.parametrize("frame", range(21, 31))
def test_luxtest_normalized_distant_light_keeps_its_lux(assets: Path, frame: int) -> None:
    (light,) = read(assets, "usd/luxtest/usd/distant.usda", frame).lights
    nit = light.strength * spectra.efficacy_lm_w(light.spectrum)
    assert nit * math.pi * math.sin(light.half_angle_rad) ** 2 == pytest.approx(0.3, rel=1e-5)


def test_luxtest_camera(assets: Path) -> None:
    (camera,) = read(assets, "usd/luxtest/usd/rect.usda").cameras
    assert camera.lens.focal_m == pytest.approx(0.05)
    assert camera.width_px == camera.height_px
    assert camera.world_from_camera[:3, 3] == pytest.approx((0, 0, 30))  # 30 above in a Y-up stage
    assert camera.world_from_camera[:3, 2] == pytest.approx((0, 0, -1))


TRANSFORMS = {  # scale, turn [deg], move: the numbers on the tiles
    "Offset_U": (1.0, 0.0, 0.5, 0.0),
    "Offset_V": (1.0, 0.0, 0.0, -0.5),
    "Offset_UV": (1.0, 0.0, 0.5, -0.5),
    "Rotation": (1.0, 22.5, 0.3826834, 0.0761205),
    "Scale": (1.5, 0.0, 0.0, -0.5),
    "All": (1.5, 17.188734, 0.2432803, -0.3330046),
}


def test_texture_transforms(assets: Path) -> None:
    found = read(assets, f"{WG}/TextureTransformTest/TextureTransformTest.usd")
    by_name = {instance.path.rsplit("/", 1)[1]: instance for instance in found.instances}
    for name, (scale, turn_deg, x, y) in TRANSFORMS.items():
        texture = by_name[name].materials[0].texture
        assert texture is not None
        cos, sin = scale * math.cos(math.radians(turn_deg)), scale * math.sin(math.radians(turn_deg))
        assert texture.matrix == pytest.approx((cos, -sin, x, sin, cos, y), abs=1e-5), name
        assert texture.srgb
        assert " " in Path(texture.asset).name


def test_texture_coordinates_have_v_up(assets: Path) -> None:
    """The quad at the top left of the picture shows the image's top left: small u, large v."""
    found = read(assets, f"{WG}/TextureCoordinateTest/TextureCoordinateTest.usda")
    by_name = {instance.path.split("/")[4]: instance.mesh for instance in found.instances}
    for name, corner in (
        ("TopLeftObj", (0, 1)),
        ("TopRightObj", (1, 1)),
        ("BottomLeftObj", (0, 0)),
        ("BottomRightObj", (1, 0)),
    ):
        mesh = by_name[name]
        outer = np.abs(mesh.points_m[mesh.triangles]).sum(axis=-1).argmax()
        assert mesh.uv.reshape(-1, 2)[outer] == pytest.approx(corner, abs=1e-5), name


def test_texture_formats_all_open(assets: Path) -> None:
    found = read(assets, f"{WG}/TextureFileFormatTests/all_files.usda")
    planes = [i.materials[0] for i in found.instances if "Plane" in i.path]
    assert all(material.texture is not None for material in planes)
    grey = {Path(m.texture.asset).stem for m in planes if m.texture and not m.texture.srgb}
    assert {"jpeg_grayscale_8-bit", "png_grayscale_8-bit"} <= grey
    assert "jpeg_rgb_8-bit" not in grey
    assert sum(m.opacity_from_texture for m in planes) == 8


def test_left_handed_torus_points_outward(assets: Path) -> None:
    found = read(assets, "usd/arnold/test_0140/data/test.usda")
    (torus,) = (i.mesh for i in found.instances if len(i.mesh.triangles) == 576)
    at = torus.points_m[torus.triangles].astype(float)
    volume = np.einsum("ti,ti->", at[:, 0], np.cross(at[:, 1], at[:, 2])) / 6
    assert volume > 0
    assert Path(found.lights[0].ies_asset).name == "file.ies"


def test_native_instances_share_one_mesh(assets: Path) -> None:
    found = read(assets, "usd/arnold/test_0188/data/native_instance_cubes.usd")
    assert len({i.mesh.key for i in found.instances}) == 1
    assert len({i.path for i in found.instances}) == 100


def test_usdz_textures_open_inside_the_package(assets: Path) -> None:
    found = read(assets, f"{WG}/RoughnessTest/RoughnessTest.usdz")
    textures = [m.texture.asset for i in found.instances for m in i.materials if m.texture]
    rough = {i.materials[0].roughness for i in found.instances}
    assert all(".usdz[" in asset for asset in textures)
    assert len(rough) > 1


def test_a_car_has_a_slot_for_each_subset_that_has_a_material(assets: Path) -> None:
    kit = "usd/usdwg/full_assets/Vehicles/USD_Mini_Car_Kit/assets/vehicles"
    (body,) = read(assets, f"{kit}/4wd/asset/4wdBodyAsset.usda").instances
    assert len(body.materials) == 7
    assert set(np.unique(body.mesh.slot)) == set(range(1, 7))
    (teapot,) = read(assets, "usd/usdwg/full_assets/Teapot/Teapot.usd").instances
    assert len(teapot.materials) == 1  # its subsets are of no family


def test_catmull_clark_and_loop_cubes_become_round_and_the_others_stay(assets: Path) -> None:
    def roundness(name: str) -> float:
        (instance,) = read(assets, f"{GEOM}/meshes/{name}/{name}.usda").instances
        mesh = instance.mesh
        radius = np.linalg.norm(mesh.points_m - mesh.points_m.mean(axis=0), axis=1)
        return float(radius.max() / radius.min())

    assert roundness("subdiv_catmullClark") < 1.25
    assert roundness("subdiv_loop_triangles") < 1.35
    assert roundness("subdiv_none") == pytest.approx(1.0)  # eight corners, all as far out
    assert roundness("subdiv_bilinear") == pytest.approx(1.0)
