"""Materials and shapes as written: what other tools show, what is read back, and that equal ones are shared."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pxr import Gf, Sdf, Usd, UsdGeom, UsdShade

from synthgen.errors import InputError
from synthgen.usd.author import live_stage, materials, shapes, texture_files
from synthgen.usd.read import description
from synthgen.world import shot as s
from synthgen.world.materials import MATERIALS

GREY = np.arange(48, dtype=np.uint8).reshape(6, 8) * 5


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Usd.Stage]:
    yield live_stage.open_world(s.World(warehouse=""), tmp_path)


def test_truth_and_fallback_agree(stage: Usd.Stage) -> None:
    prim = stage.GetPrimAtPath(materials.material(stage, "ral2004"))
    found, wanted = description.material_of(prim), MATERIALS["ral2004"]
    assert found.reflectance == pytest.approx(wanted.reflectance)
    assert (found.roughness, found.ior) == pytest.approx((wanted.roughness, wanted.ior))
    surface, _, _ = UsdShade.Material(prim).ComputeSurfaceSource()
    blue, green, red, _ = wanted.reflectance
    assert tuple(surface.GetInput("diffuseColor").Get()) == pytest.approx((red, green, blue))


def test_texture_blends_paper_and_ink_for_everyone(stage: Usd.Stage, tmp_path: Path) -> None:
    prim = stage.GetPrimAtPath(materials.material(stage, "thermal_paper", texture=GREY, ink="carbon", tone=0.9))
    found = description.material_of(prim)
    assert found.reflectance == pytest.approx([0.9 * value for value in MATERIALS["thermal_paper"].reflectance])
    assert found.ink_reflectance == pytest.approx([0.9 * value for value in MATERIALS["carbon"].reflectance])
    assert found.texture is not None
    assert (found.texture.mode, found.texture.srgb) == ("tone", False)
    assert np.array_equal(np.asarray(Image.open(found.texture.asset)), GREY)
    assert Path(found.texture.asset).parent == tmp_path / "textures"
    tone = UsdShade.Shader(stage.GetPrimAtPath(prim.GetPath().AppendChild("tone")))
    scale, bias = np.array(tone.GetInput("scale").Get()), np.array(tone.GetInput("bias").Get())
    assert scale[:3] + bias[:3] == pytest.approx(found.reflectance[2::-1])  # g = 1: paper as red, green, blue
    assert bias[:3] == pytest.approx(found.ink_reflectance[2::-1])  # g = 0: ink


def test_equal_looks_are_one_prim_and_one_file(stage: Usd.Stage, tmp_path: Path) -> None:
    first = materials.material(stage, "kraft", texture=GREY)
    assert materials.material(stage, "kraft", texture=GREY.copy()) == first
    assert materials.material(stage, "kraft", texture=GREY, tone=0.9) != first
    assert materials.material(stage, "kraft", texture=GREY, roughness=0.1) != first
    assert len(list((tmp_path / "textures").iterdir())) == 1


def test_cut_out_needs_an_alpha(stage: Usd.Stage) -> None:
    alpha = np.full_like(GREY, 255)
    alpha[:, :3] = 0
    found = description.material_of(stage.GetPrimAtPath(materials.material(stage, "paper", texture=GREY, alpha=alpha)))
    assert found.texture is not None
    assert texture_files.has_alpha(found.texture.asset)
    assert np.array_equal(np.asarray(Image.open(found.texture.asset)), np.dstack([GREY, alpha]))
    assert (found.opacity_threshold, found.opacity_from_texture) == (0.5, True)
    plain = description.material_of(stage.GetPrimAtPath(materials.material(stage, "paper", texture=GREY)))
    assert (plain.opacity_threshold, plain.opacity_from_texture) == (0.0, False)


def test_texture_in_metres(stage: Usd.Stage) -> None:
    look = materials.material(stage, "kraft", texture=GREY, scale_m=(0.25, 0.5))
    found = description.material_of(stage.GetPrimAtPath(look))
    assert found.texture is not None
    assert found.texture.matrix == pytest.approx((4.0, 0.0, 0.0, 0.0, 2.0, 0.0))
    assert found.texture.wrap == ("repeat", "repeat")


def test_unknown_surface_is_refused(stage: Usd.Stage) -> None:
    with pytest.raises(InputError, match="kraft"):
        materials.material(stage, "krafft")


def test_film_takes_the_gloss(stage: Usd.Stage) -> None:
    bare = description.material_of(stage.GetPrimAtPath(materials.material(stage, "thermal_paper", ink="carbon")))
    taped = description.material_of(
        stage.GetPrimAtPath(materials.material(stage, "thermal_paper", ink="carbon", film="tape"))
    )
    assert taped.roughness == pytest.approx(0.2)
    assert taped.reflectance[2] - taped.ink_reflectance[2] < bare.reflectance[2] - bare.ink_reflectance[2]


def mesh_of(stage: Usd.Stage, path: Sdf.Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (corner points, flat normals, authored normals), all per face corner."""
    mesh = UsdGeom.Mesh(stage.GetPrimAtPath(path))
    points, indices = np.array(mesh.GetPointsAttr().Get()), np.array(mesh.GetFaceVertexIndicesAttr().Get())
    flat = shapes.flat_normals(points, np.array(mesh.GetFaceVertexCountsAttr().Get()), indices)
    normals = np.array(mesh.GetNormalsAttr().Get())
    return points[indices], flat, normals[indices] if len(normals) == len(points) else normals


@pytest.mark.parametrize("axis", ["X", "Y", "Z"])
def test_closed_shapes_look_outward(stage: Usd.Stage, axis: str) -> None:
    with Sdf.ChangeBlock():  # how a shot is written
        box = shapes.box(stage, "/World/Items/box", (0.4, 0.3, 0.2))
        tube = shapes.cylinder(stage, "/World/Items/tube", 0.02, 0.5, axis=axis)
    for path in (box, tube):
        points, flat, normals = mesh_of(stage, path)
        assert ((points * flat).sum(1) > 0).all()
        assert ((flat * normals).sum(1) > 0.98).all()
    size = UsdGeom.BBoxCache(Usd.TimeCode.Default(), ["default"]).ComputeWorldBound(stage.GetPrimAtPath(tube))
    wanted = [0.5 if name == axis else 0.04 for name in "XYZ"]
    assert tuple(size.ComputeAlignedRange().GetSize()) == pytest.approx(wanted, rel=1e-5)


def test_boxes_share_a_mesh_and_keep_their_size(stage: Usd.Stage) -> None:
    red, green = materials.material(stage, "ral3020"), materials.material(stage, "ral6029")
    for number, size_m in enumerate([(0.4, 0.3, 0.2), (1.0, 2.0, 3.0)]):
        shapes.box(
            stage, f"/World/Items/b{number}", size_m, (0, 0, size_m[2] / 2), material=red, face_materials={"top": green}
        )
    one, two = description.describe(stage).instances
    assert one.mesh.key == two.mesh.key
    assert np.diag(two.world_from_mesh)[:3] == pytest.approx((1.0, 2.0, 3.0))
    slots = [Path(look.path).name for look in one.materials]
    up = one.mesh.normals[:, 0, 2] > 0.5
    assert {slots[slot].split("_")[0] for slot in one.mesh.slot[up]} == {"ral6029"}
    assert {slots[slot].split("_")[0] for slot in one.mesh.slot[~up]} == {"ral3020"}


def test_true_size_boxes_have_texture_in_metres(stage: Usd.Stage) -> None:
    path = shapes.box(stage, "/World/Items/b", (0.4, 0.3, 0.2), uv_m=True)
    st = np.array(UsdGeom.PrimvarsAPI(stage.GetPrimAtPath(path)).GetPrimvar("st").Get()).reshape(6, 4, 2)
    assert st[0].max(0) == pytest.approx((0.3, 0.2))  # front: y by z
    assert st[4].max(0) == pytest.approx((0.4, 0.3))  # top: x by y


def test_instances_share_a_prototype(stage: Usd.Stage) -> None:
    shapes.box(stage, "/World/Items/p/box", (1.0, 1.0, 1.0))
    shapes.instance(stage, "/World/Items/i", "/World/Items/p", (5.0, 0.0, 0.0))
    prim = stage.GetPrimAtPath("/World/Items/i")
    assert prim.IsInstance()
    assert UsdGeom.Xformable(prim).GetLocalTransformation().ExtractTranslation() == Gf.Vec3d(5, 0, 0)
    assert {one.path for one in description.describe(stage).instances} == {"/World/Items/p/box", "/World/Items/i/box"}


def test_odd_arrays_are_refused(stage: Usd.Stage) -> None:
    square = [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0)]
    with pytest.raises(ValueError, match="3 uv for 4 points"):
        shapes.mesh(stage, "/World/Items/m", square, [4], [0, 1, 2, 3], uv=np.zeros((3, 2)))
