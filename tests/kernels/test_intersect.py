"""Groups of the two-level BVH: a ray of one world never meets another's geometry."""

from __future__ import annotations

import numpy as np
import warp as wp

from synthgen.rendering import device_tables, ray_tracers
from synthgen.rendering.ray_tracers import Hits
from tests import scenes


def test_a_ray_meets_its_own_world_only():
    worlds = [
        scenes.description(instances=[scenes.instance("/s", scenes.sheet(), scenes.pose((0, 0, z)))])
        for z in (0.0, 0.5, 0.25)
    ]
    device = device_tables.build([*worlds, scenes.description()], device_tables.Resident("cpu"))
    origin = wp.array([(0.1, 0.1, 1.0)], dtype=wp.vec3)
    toward = wp.array([(0.0, 0.0, -1.0)], dtype=wp.vec3)
    reach = wp.array([0.9], dtype=wp.float32)
    for name in scenes.TRACERS:
        tracer = ray_tracers.of(device, name)
        for world, depth in enumerate((1.0, 0.5, 0.75, np.inf)):
            hits, clear = Hits.empty(1, "cpu"), wp.empty(1, dtype=wp.uint8)
            tracer.closest_hit(world, origin, toward, 0, 1, hits)
            tracer.any_hit(world, origin, toward, reach, clear)
            assert hits.t.numpy()[0] == np.float32(depth), (name, world)
            assert clear.numpy()[0] == (depth > 0.9), (name, world)


def test_first_and_count_write_only_their_rows():
    device = scenes.tables_of(scenes.description(instances=[scenes.instance("/s", scenes.sheet())]))
    origin = wp.array([(0.1, 0.1, 1.0)] * 5, dtype=wp.vec3)
    toward = wp.array([(0.0, 0.0, -1.0)] * 5, dtype=wp.vec3)
    for name in scenes.TRACERS:
        hits = Hits.empty(5, "cpu")
        hits.t.fill_(7.0)
        ray_tracers.of(device, name).closest_hit(0, origin, toward, 1, 3, hits)
        assert hits.t.numpy().tolist() == [7, 1, 1, 1, 7]
