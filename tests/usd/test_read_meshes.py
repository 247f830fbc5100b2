"""Meshes: polygons, orientation, normals, texture coordinates, subsets and damage."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthgen.usd.read.description import describe
from synthgen.usd.read.triangulate import triangulate
from synthgen.world.scene_description import Instance, Mesh
from tests.stage_text import stage

L_SHAPE = "[(0, 0, 0), (2, 0, 0), (2, 1, 0), (1, 1, 0), (1, 2, 0), (0, 2, 0)]"


def mesh_text(points: str, counts: str, indices: str, more: str = "") -> str:
    return f"""
def Mesh "m" {{
    point3f[] points = {points}
    int[] faceVertexCounts = {counts}
    int[] faceVertexIndices = {indices}
    uniform token subdivisionScheme = "none"
    {more}
}}"""


QUAD = ("[(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0)]", "[4]", "[0, 1, 2, 3]")


def only(text: str) -> tuple[Instance, tuple[str, ...]]:
    found = describe(stage(text))
    assert len(found.instances) == 1, found.warnings
    return found.instances[0], found.warnings


def areas(mesh: Mesh) -> np.ndarray:
    at = mesh.points_m[mesh.triangles].astype(float)
    return np.cross(at[:, 1] - at[:, 0], at[:, 2] - at[:, 0]) / 2


def facing(mesh: Mesh) -> np.ndarray:
    """Return the sign of each triangle's winding against its own shading normals."""
    return np.sign(np.einsum("ti,tki->tk", areas(mesh), mesh.normals))


def test_concave_polygon_is_cut_exactly() -> None:
    instance, warnings = only(mesh_text(L_SHAPE, "[6]", "[1, 2, 3, 4, 5, 0]"))
    assert areas(instance.mesh).sum(axis=0).tolist() == pytest.approx([0, 0, 3])
    assert (areas(instance.mesh)[:, 2] >= 0).all()
    assert not warnings


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0.2, 1.0), min_size=4, max_size=24), st.integers(0, 2))
def test_star_shaped_polygons_keep_their_area(radii: list[float], axis: int) -> None:
    turn = 2 * np.pi * np.arange(len(radii)) / len(radii)
    flat = np.array(radii)[:, None] * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    points = np.roll(np.concatenate([flat, np.zeros((len(radii), 1))], axis=1), axis, axis=1)
    corners, faces, fans = triangulate(np.array([len(radii)]), np.arange(len(radii)), points)
    at = points[corners]
    cut = np.cross(at[:, 1] - at[:, 0], at[:, 2] - at[:, 0])[:, (axis + 2) % 3] / 2
    ahead = np.roll(flat, -1, axis=0)
    whole = float((flat[:, 0] * ahead[:, 1] - flat[:, 1] * ahead[:, 0]).sum() / 2)
    assert cut.min() >= -1e-12
    assert cut.sum() == pytest.approx(whole, rel=1e-9)
    assert (fans, len(faces)) == (0, len(radii) - 2)


def test_no_normals_on_polygons_means_flat() -> None:
    instance, _ = only(mesh_text(*QUAD))
    np.testing.assert_array_equal(instance.mesh.normals, np.tile([0, 0, 1], (2, 3, 1)))
    np.testing.assert_array_equal(instance.mesh.uv, 0)


def test_left_handed_faces_turn_their_other_side_out() -> None:
    instance, _ = only(mesh_text(*QUAD, 'uniform token orientation = "leftHanded"'))
    np.testing.assert_array_equal(instance.mesh.normals[..., 2], -1)
    assert (areas(instance.mesh)[:, 2] < 0).all()


def test_a_mirroring_transform_reverses_the_winding_in_the_mesh() -> None:
    mirror = 'double3 xformOp:scale = (-1, 1, 1)\n    uniform token[] xformOpOrder = ["xformOp:scale"]'
    plain, _ = only(mesh_text(*QUAD))
    mirrored, _ = only(mesh_text(*QUAD, mirror))
    world = mirrored.mesh.points_m @ mirrored.world_from_mesh[:3, :3].T
    at = world[mirrored.mesh.triangles]
    np.testing.assert_array_equal(np.sign(np.cross(at[:, 1] - at[:, 0], at[:, 2] - at[:, 0])[:, 2]), 1)
    np.testing.assert_array_equal(mirrored.mesh.normals[..., 2], 1)
    assert plain.mesh.key != mirrored.mesh.key


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("constant", "[(0.25, 0.5)]"),
        ("uniform", "[(0.25, 0.5)]"),
        ("vertex", "[(0.25, 0.5), (0.25, 0.5), (0.25, 0.5), (0.25, 0.5)]"),
        ("varying", "[(0.25, 0.5), (0.25, 0.5), (0.25, 0.5), (0.25, 0.5)]"),
        ("faceVarying", "[(0.25, 0.5), (0.25, 0.5), (0.25, 0.5), (0.25, 0.5)]"),
    ],
)
def test_texture_coordinates_of_every_interpolation(kind: str, values: str) -> None:
    instance, warnings = only(mesh_text(*QUAD, f'texCoord2f[] primvars:st = {values} (interpolation = "{kind}")'))
    np.testing.assert_array_equal(instance.mesh.uv, np.broadcast_to([0.25, 0.5], (2, 3, 2)))
    assert not warnings


def test_indexed_face_varying_coordinates_follow_the_corners() -> None:
    uv = 'texCoord2f[] primvars:st = [(0, 0), (1, 0), (1, 1), (0, 1)] (interpolation = "faceVarying")\n'
    instance, _ = only(mesh_text(*QUAD, uv + "    int[] primvars:st:indices = [2, 3, 0, 1]"))
    np.testing.assert_array_equal(instance.mesh.uv[0], [(1, 1), (0, 1), (0, 0)])


def test_primvar_normals_win_and_are_made_unit_or_flat() -> None:
    text = 'normal3f[] normals = [(0, 1, 0)] (interpolation = "constant")\n'
    text += '    normal3f[] primvars:normals = [(1, 0, 0)] (interpolation = "constant")'
    assert only(mesh_text(*QUAD, text))[0].mesh.normals[0, 0].tolist() == [1, 0, 0]
    zero = 'normal3f[] normals = [(0, 0, 0)] (interpolation = "constant")'
    assert only(mesh_text(*QUAD, zero))[0].mesh.normals[0, 0].tolist() == [0, 0, 1]
    wrong = "normal3f[] normals = [(0, 0, 1), (0, 0, 1)]"
    assert any("normals" in line for line in only(mesh_text(*QUAD, wrong))[1])


def test_normals_of_any_length_become_unit() -> None:
    long = 'normal3f[] normals = [(0, 3, 4)] (interpolation = "constant")'
    np.testing.assert_allclose(only(mesh_text(*QUAD, long))[0].mesh.normals[0, 0], (0, 0.6, 0.8), atol=1e-6)


def test_holes_are_cut_out() -> None:
    text = mesh_text(
        "[(0, 0, 0), (1, 0, 0), (2, 0, 0), (0, 1, 0), (1, 1, 0), (2, 1, 0)]", "[4, 4]", "[0, 1, 4, 3, 1, 2, 5, 4]",
        "int[] holeIndices = [1]",
    )  # fmt: skip
    assert areas(only(text)[0].mesh)[:, 2].sum() == pytest.approx(1)


@pytest.mark.parametrize(
    ("counts", "indices", "word"),
    [
        ("[3]", "[0, 1, 2, 3]", "add up to 3"),
        ("[4, 4]", "[0, 1, 2, 3]", "add up to 8"),
        ("[-1, 5]", "[0, 1, 2, 3]", "add up"),
        ("[4]", "[0, 1, 2, 9]", "has 9"),
        ("[4]", "[0, -7, 2, 3]", "has -7"),
        ("[]", "[]", "without points or faces"),
        ("[2, 2]", "[0, 1, 2, 3]", "fewer than 3"),
    ],
)
def test_impossible_topology_is_named_and_left_out(counts: str, indices: str, word: str) -> None:
    found = describe(stage(mesh_text(QUAD[0], counts, indices)))
    assert not found.instances
    assert any(word in line and "/m" in line for line in found.warnings)


def test_faces_with_points_that_are_not_finite_are_left_out() -> None:
    text = mesh_text(
        "[(0, 0, 0), (1, 0, 0), (1, 1, 0), (nan, 1, 0), (2, inf, 0)]", "[3, 3, 3]", "[0, 1, 2, 0, 2, 3, 1, 4, 2]"
    )
    instance, warnings = only(text)
    assert len(instance.mesh.triangles) == 1
    assert np.isfinite(instance.mesh.points_m).all()
    assert any("not finite" in line for line in warnings)


def test_degenerate_faces_have_unit_normals() -> None:
    instance, _ = only(mesh_text("[(0, 0, 0), (0, 0, 0), (0, 0, 0)]", "[3]", "[0, 1, 2]"))
    np.testing.assert_allclose(np.linalg.norm(instance.mesh.normals, axis=-1), 1)


def test_subsets_get_slots_and_their_own_texture_coordinates() -> None:
    text = """
def Mesh "m" (prepend apiSchemas = ["MaterialBindingAPI"]) {
    point3f[] points = [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0)]
    int[] faceVertexCounts = [3, 3]
    int[] faceVertexIndices = [0, 1, 2, 0, 2, 3]
    uniform token subdivisionScheme = "none"
    def GeomSubset "one" (prepend apiSchemas = ["MaterialBindingAPI"]) {
        uniform token elementType = "face"
        uniform token familyName = "materialBind"
        int[] indices = [1, 77]
        rel material:binding = </red>
    }
    def GeomSubset "other" { uniform token familyName = "collision"
        int[] indices = [0] }
}
def Material "red" {
    token outputs:surface.connect = </red/s.outputs:surface>
    def Shader "s" { uniform token info:id = "UsdPreviewSurface"
        color3f inputs:diffuseColor = (1, 0, 0)
        token outputs:surface }
}"""
    instance, warnings = only(text)
    assert instance.mesh.slot.tolist() == [0, 1]
    assert [m.reflectance for m in instance.materials] == [(0.5,) * 4, (0, 0, 1, 1)]
    assert any("GeomSubset names faces" in line for line in warnings)


def test_equal_content_is_one_mesh_and_any_difference_is_another() -> None:
    pair = mesh_text(*QUAD) + mesh_text(*QUAD).replace('"m"', '"n"')
    first, second = describe(stage(pair)).instances
    assert first.mesh is second.mesh
    moved, _ = only(mesh_text(QUAD[0].replace("(1, 1, 0)", "(1, 1, 1)"), *QUAD[1:]))
    assert moved.mesh.key != first.mesh.key
    assert not first.mesh.points_m.flags.writeable


def test_catmull_clark_sphere_of_a_cube() -> None:
    text = """
def Mesh "m" {
    point3f[] points = [(-1,-1,-1),(-1,-1,1),(-1,1,-1),(-1,1,1),(1,-1,-1),(1,-1,1),(1,1,-1),(1,1,1)]
    int[] faceVertexCounts = [4, 4, 4, 4, 4, 4]
    int[] faceVertexIndices = [0,1,3,2, 4,6,7,5, 0,4,5,1, 2,3,7,6, 0,2,6,4, 1,5,7,3]
}"""
    mesh = only(text)[0].mesh
    assert len(mesh.triangles) == 6 * 16 * 2
    radius = np.linalg.norm(mesh.points_m, axis=1)
    assert radius.max() / radius.min() < 1.25
    assert (facing(mesh) > 0).all()
    assert np.einsum("tki,tki->tk", mesh.normals, mesh.points_m[mesh.triangles]).min() > 0


def test_a_large_cage_is_refined_less_and_says_so() -> None:
    side = 120
    grid = np.arange((side + 1) ** 2).reshape(side + 1, side + 1)
    quads = np.stack([grid[:-1, :-1], grid[:-1, 1:], grid[1:, 1:], grid[1:, :-1]], axis=-1).reshape(-1, 4)
    from pxr import Usd, UsdGeom, Vt

    opened = Usd.Stage.CreateInMemory()
    mesh = UsdGeom.Mesh.Define(opened, "/m")
    y, x = np.mgrid[: side + 1, : side + 1].astype(np.float32)
    mesh.CreatePointsAttr(Vt.Vec3fArray.FromNumpy(np.stack([x, y, 0 * x], axis=-1).reshape(-1, 3)))
    mesh.CreateFaceVertexCountsAttr(Vt.IntArray([4] * len(quads)))
    mesh.CreateFaceVertexIndicesAttr(Vt.IntArray.FromNumpy(quads.ravel().astype(np.int32)))
    found = describe(opened)
    assert len(found.instances[0].mesh.triangles) == 2 * 4 * side**2
    assert any("refined 1 times" in line for line in found.warnings)
    assert math.isclose(float(areas(found.instances[0].mesh)[:, 2].sum()), side**2, rel_tol=1e-4)
