"""What is uploaded, how often, and what happens to what cannot be read."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from synthgen.rendering import device_tables
from synthgen.rendering.device_tables import Resident, build
from synthgen.rendering.gbuffer import trace_views
from synthgen.rendering.launch import View
from synthgen.rendering.ray_tracers import WarpTracer
from synthgen.world import scene_description
from tests import scenes


def printed(asset, path="/printed"):
    return scene_description.Material(
        path=path, reflectance=(0.8,) * 4, texture=scene_description.Texture(asset=str(asset), mode="tone", srgb=False)
    )


@pytest.fixture
def picture(tmp_path):
    Image.fromarray(np.arange(64, dtype=np.uint8).reshape(8, 8)).save(tmp_path / "a.png")
    return tmp_path / "a.png"


def test_prims_with_the_same_mesh_and_texture_share_one_upload(picture):
    resident = Resident("cpu")
    many = [
        scenes.instance(f"/{k}", scenes.sheet(), scenes.pose((k, 0, 0)), printed(picture, f"/m{k}")) for k in range(5)
    ]
    build([scenes.description(instances=many)], resident)
    assert (resident.uploads["mesh"], resident.uploads["texture"], resident.uploads["instance"]) == (1, 1, 5)
    build([scenes.description(instances=many)], resident)
    assert (resident.uploads["mesh"], resident.uploads["texture"]) == (1, 1), "they are there already"


def test_what_no_world_shows_is_freed(picture):
    resident = Resident("cpu")
    build([scenes.description(instances=[scenes.instance("/a", scenes.sheet(), material=printed(picture))])], resident)
    build([scenes.description(instances=[scenes.instance("/b", scenes.box((1, 1, 1)))])], resident)
    assert len(resident.meshes) == 1 and not resident.textures


def test_a_texture_that_cannot_be_read_is_named_and_its_surface_drawn_plain(tmp_path):
    material = printed(tmp_path / "missing.png")
    built = scenes.tables_of(scenes.description(instances=[scenes.instance("/a", scenes.sheet(), material=material)]))
    assert len(built.warnings) == 1
    assert "/printed" in built.warnings[0] and "missing.png" in built.warnings[0]


def test_moving_an_instance_is_the_same_as_building_it_there():
    world = scenes.baffle_scene()
    view = scenes.camera(scenes.looking_down(1.2), focal_px=70.0)
    moved = replace(world.instances[1], world_from_mesh=scenes.pose((-0.3, 0.2, 0.3), scenes.turn("y", 0.7)))
    built = scenes.tables_of(world)
    row = next(k for k, host in enumerate(built.instances_host) if host.path == "/carton")
    uploads = built.resident.uploads.copy()
    built.move(row, moved)
    assert built.resident.uploads - uploads == {"instance": 1}
    assert built.revision == 1
    after = trace_views(built, WarpTracer(built), [View(0, view)]).hits.t.numpy()
    others = [i for i in world.instances if i.path != "/carton"]
    fresh = scenes.frame_of(replace(world, instances=(*others, moved)), view)
    np.testing.assert_array_equal(after, fresh.hits.t.numpy())


def test_an_instance_with_several_materials_picks_by_triangle():
    sheet = scenes.sheet(2, 2)
    two = replace(sheet, key="two", slot=np.array([0, 1], np.int32))
    materials = tuple(scene_description.Material(path=f"/{r}", reflectance=(r,) * 4) for r in (0.2, 0.6))
    instance = scene_description.Instance(path="/a", mesh=two, world_from_mesh=np.eye(4), materials=materials)
    frame = scenes.frame_of(scenes.description(instances=[instance]), scenes.camera(scenes.looking_down(1.0)))
    rows = frame.pixels.material.numpy().reshape(72, 96)
    reflectance = frame.tables.materials.numpy()["reflectance"][:, 0]
    # Triangle 0 is below the diagonal from bottom left to top right; image rows run down.
    assert reflectance[rows[60, 60]] == pytest.approx(0.2) and reflectance[rows[12, 30]] == pytest.approx(0.6)


def test_a_mirrored_or_sheared_transform_is_inverted_exactly():
    matrix = scenes.pose((1, 2, 3), np.array([[-1, 0.4, 0], [0, 0.2, 0], [0.3, 0, 2.0]]))
    row = device_tables._instance(scenes.instance("/a", scenes.sheet(), matrix), 0, 0)
    inverse = np.array(row.mesh_from_world).reshape(4, 4)
    np.testing.assert_allclose(inverse @ matrix, np.eye(4), atol=1e-6)
