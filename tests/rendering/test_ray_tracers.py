"""Hits in closed form, from both tracers; and one against the other."""

from __future__ import annotations

import math

import numpy as np
import pytest
import warp as wp

from synthgen.rendering import ray_tracers
from synthgen.rendering.ray_tracers import Hits
from synthgen.world import scene_description
from tests import scenes


def shoot(world, name, origins, directions, far=None):
    """Return the hits of rays, or where `far` is given whether the way is clear, as NumPy."""
    device = scenes.tables_of(world)
    tracer = ray_tracers.of(device, name)
    o, t = (wp.array(np.asarray(a, np.float32), dtype=wp.vec3) for a in (origins, directions))
    if far is not None:
        clear = wp.empty(len(origins), dtype=wp.uint8)
        tracer.any_hit(0, o, t, wp.array(np.asarray(far, np.float32), dtype=wp.float32), clear)
        return clear.numpy()
    hits = Hits.empty(len(origins), "cpu")
    tracer.closest_hit(0, o, t, 0, len(origins), hits)
    return tuple(a.numpy() for a in (hits.t, hits.instance, hits.triangle, hits.uv))


ONE = scenes.description(
    instances=[
        scenes.instance("/a", scenes.sheet(1, 1), scenes.pose((0, 0, 0.5), 2.0 * np.eye(3))),
        scenes.instance("/b", scenes.sheet(1, 1), scenes.pose((0.25, 0, 1.0), np.diag([0.5, 3, 1]))),
    ]
)


@pytest.mark.parametrize("name", scenes.TRACERS)
def test_the_nearest_surface_is_hit_in_lengths_of_the_direction(name):
    origins = [(0.25, 0, 2), (-0.5, 0, 2), (5, 5, 2), (0.25, 0, 0)]
    directions = [(0, 0, -1), (0, 0, -0.5), (0, 0, -1), (0, 0, 2)]
    t, instance, triangle, uv = shoot(ONE, name, origins, directions)
    np.testing.assert_allclose(t[[0, 1, 3]], [1.0, 3.0, 0.25], rtol=1e-6)
    assert np.isinf(t[2]) and instance.tolist() == [1, 0, -1, 0]
    assert triangle[2] == -1
    mesh = ONE.instances[0].mesh
    corners = mesh.points_m[mesh.triangles[triangle[1]]]
    place = uv[1, 0] * corners[0] + uv[1, 1] * corners[1] + (1 - uv[1].sum()) * corners[2]
    np.testing.assert_allclose(2 * place[:2], (-0.5, 0), atol=1e-6)


@pytest.mark.parametrize("name", scenes.TRACERS)
def test_any_hit_ends_at_its_reach(name):
    origins = np.broadcast_to((0.25, 0, 2.0), (5, 3))
    directions = [(0, 0, -1), (0, 0, -1), (0, 0, -2), (0, 0, 1), (0, 0, -1)]
    clear = shoot(ONE, name, origins, directions, [0.9, 1.1, 0.45, 100, 0])
    assert clear.tolist() == [1, 0, 1, 1, 1], "a reach of 0 asks nothing"


@pytest.mark.parametrize("name", scenes.TRACERS)
def test_a_world_of_nothing_is_hit_by_nothing(name):
    t, instance, _, _ = shoot(scenes.description(), name, [(0, 0, 1)], [(0, 0, -1)])
    assert np.isinf(t[0]) and instance[0] == -1
    assert shoot(scenes.description(), name, [(0, 0, 1)], [(0, 0, -1)], [5.0])[0] == 1


def random_world(count=60):
    rng = np.random.Generator(np.random.Philox(key=8))
    boxes = []
    for k in range(count):
        turned = (
            scenes.turn("z", rng.uniform(0, 6)) @ scenes.turn("x", rng.uniform(0, 6)) @ np.diag(rng.uniform(0.2, 2, 3))
        )
        boxes.append(
            scenes.instance(f"/{k:03d}", scenes.box((0.3, 0.2, 0.4)), scenes.pose(rng.uniform(-2, 2, 3), turned))
        )
    return scenes.description(instances=boxes)


def test_both_tracers_find_the_same_hits():
    rng = np.random.Generator(np.random.Philox(key=9))
    origins = rng.uniform(-4, 4, (4000, 3))
    directions = 0.3 * (rng.uniform(-2, 2, (4000, 3)) - origins)
    world = random_world()
    one, other = (shoot(world, name, origins, directions) for name in scenes.TRACERS)
    same = one[1] == other[1]
    # A ray along an edge may pass it on either side.
    assert same.mean() > 0.999 and (one[1] >= 0).mean() > 0.2
    hit = same & (one[1] >= 0)
    np.testing.assert_allclose(one[0][hit], other[0][hit], rtol=1e-4, atol=1e-5)
    far = np.full(4000, 2.0)
    clear = [shoot(world, name, origins, directions, far) for name in scenes.TRACERS]
    assert (clear[0] == clear[1]).mean() > 0.999
    # What the closest hit says and what any hit says are one thing.
    assert ((one[0] > 2.0) == (clear[0] == 1)).mean() > 0.999


@pytest.mark.parametrize("name", scenes.TRACERS)
def test_a_cut_out_is_seen_through_and_what_is_behind_it_is_hit(name, tmp_path):
    """A leaf whose texture is transparent on the left: rays there go on to the floor, those on the right stop."""
    from PIL import Image

    texels = np.zeros((4, 4, 4), np.uint8)
    texels[:, 2:] = 255
    Image.fromarray(texels).save(tmp_path / "leaf.png")
    leaf = scene_description.Material(
        path="/leaf",
        reflectance=(1, 1, 1, 1),
        texture=scene_description.Texture(asset=str(tmp_path / "leaf.png"), mode="rgb", srgb=False),
        opacity_from_texture=True,
        opacity_threshold=0.5,
    )
    world = scenes.description(
        instances=[
            scenes.instance("/floor", scenes.sheet(4, 4)),
            scenes.instance("/leaf", scenes.sheet(1, 1), scenes.pose((0, 0, 0.5)), leaf),
        ]
    )
    frame = scenes.frame_of(world, scenes.camera(scenes.looking_down(1.5), focal_px=60.0), name)
    t = frame.hits.t.numpy().reshape(72, 96)
    assert t[36, 30] == pytest.approx(1.5, rel=1e-5) and t[36, 66] == pytest.approx(1.0, rel=1e-5)
    assert math.isclose(t[36, 4], 1.5, rel_tol=1e-5)


def test_auto_takes_embree_where_it_is():
    device = scenes.tables_of(ONE)
    assert isinstance(ray_tracers.of(device, "warp"), ray_tracers.WarpTracer)
    assert isinstance(ray_tracers.of(device, "auto"), (ray_tracers.EmbreeTracer, ray_tracers.WarpTracer))
