"""Primitive shapes against their volumes, areas and normals."""

from __future__ import annotations

import math

import numpy as np
import pytest

from synthgen.usd.read.description import describe
from synthgen.world.scene_description import Instance
from tests.stage_text import stage

SHAPES = {
    'Cube "s" { double size = 3 }': (27.0, 54.0),
    'Sphere "s" { double radius = 2 }': (4 / 3 * math.pi * 8, 16 * math.pi),
    'Cylinder "s" { double radius = 2\n double height = 5 }': (20 * math.pi, 28 * math.pi),
    'Cylinder_1 "s" { double radiusTop = 1\n double radiusBottom = 2\n double height = 3 }': (
        math.pi * 7,
        math.pi * (1 + 4 + 3 * math.sqrt(10)),
    ),
    'Cone "s" { double radius = 3\n double height = 4 }': (12 * math.pi, 24 * math.pi),
    'Capsule "s" { double radius = 1\n double height = 2 }': (2 * math.pi + 4 / 3 * math.pi, 8 * math.pi),
    'Capsule_1 "s" { double radiusTop = 1\n double radiusBottom = 1\n double height = 2 }': (
        2 * math.pi + 4 / 3 * math.pi,
        8 * math.pi,
    ),
}


def only(text: str) -> Instance:
    (instance,) = describe(stage("def " + text)).instances
    return instance


def corners(instance: Instance) -> np.ndarray:
    """Return the triangles in the world, shape (triangles, 3, 3)."""
    matrix = instance.world_from_mesh
    return (instance.mesh.points_m.astype(float) @ matrix[:3, :3].T + matrix[:3, 3])[instance.mesh.triangles]


def world_normals(instance: Instance) -> np.ndarray:
    found = instance.mesh.normals.astype(float) @ np.linalg.inv(instance.world_from_mesh[:3, :3])
    return found / np.linalg.norm(found, axis=-1, keepdims=True)


@pytest.mark.parametrize("text", SHAPES)
def test_volume_and_area(text: str) -> None:
    instance = only(text)
    at = corners(instance)
    cross = np.cross(at[:, 1] - at[:, 0], at[:, 2] - at[:, 0])
    volume, area = SHAPES[text]
    assert float(np.einsum("ti,ti->", at[:, 0], cross) / 6) == pytest.approx(volume, rel=0.006)
    assert float(np.linalg.norm(cross, axis=1).sum() / 2) == pytest.approx(area, rel=0.004)
    flat = cross / np.linalg.norm(cross, axis=1, keepdims=True)
    assert np.einsum("ti,tki->tk", flat, world_normals(instance)).min() > 0.99


def test_sphere_normals_are_exact_and_unit_meshes_are_shared() -> None:
    two = describe(stage('def Sphere "a" { double radius = 2 }\ndef Sphere "b" { double radius = 3 }')).instances
    assert two[0].mesh is two[1].mesh
    at = corners(two[0])
    np.testing.assert_allclose(world_normals(two[0]), at / 2, atol=1e-6)


@pytest.mark.parametrize(("axis", "column"), [("X", 0), ("Y", 1), ("Z", 2)])
def test_a_cone_points_along_its_axis(axis: str, column: int) -> None:
    at = corners(only(f'Cone "s" {{ uniform token axis = "{axis}"\n double height = 10 }}')).reshape(-1, 3)
    tip = at[np.argmax(at[:, column])]
    assert tip == pytest.approx(5 * np.eye(3)[column])
    assert np.abs(np.delete(at, column, axis=1)).max() == pytest.approx(1)


@pytest.mark.parametrize(("axis", "spans"), [("X", (0, 3, 2)), ("Y", (2, 0, 3)), ("Z", (2, 3, 0))])
def test_plane_width_and_length_lie_as_the_schema_says(axis: str, spans: tuple[float, ...]) -> None:
    instance = only(f'Plane "s" {{ uniform token axis = "{axis}"\n double width = 2\n double length = 3 }}')
    assert np.ptp(corners(instance).reshape(-1, 3), axis=0) == pytest.approx(spans)
    assert world_normals(instance)[0, 0] == pytest.approx(np.eye(3)["XYZ".index(axis)])


@pytest.mark.parametrize("text", ['Sphere "s" { double radius = 0 }', 'Cube "s" { double size = -1 }'])
def test_shapes_without_size_are_named(text: str) -> None:
    found = describe(stage("def " + text))
    assert not found.instances
    assert any(line.startswith("/s: has no size") for line in found.warnings)


def test_eye_zones_are_not_drawn() -> None:
    found = describe(stage('def Cube "zone" (prepend apiSchemas = ["SynthgenEyeZoneAPI"]) { }'))
    assert not found.instances
