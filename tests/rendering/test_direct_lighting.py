"""The light pass: closed form times pooled visibility, against many samples and against its own laws."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthgen.rendering import device_tables, irradiance_probe, launch, ray_tracers
from synthgen.rendering.direct_lighting import light, shutter_overlap_s
from synthgen.rendering.gbuffer import trace_views
from synthgen.rendering.launch import View
from synthgen.world import spectra
from tests import scenes

VIEW = scenes.camera(scenes.pose((0.1, -0.35, 1.1), scenes.DOWN @ scenes.turn("x", 0.3)), focal_px=90.0)


def irradiance(frame, **how):
    """Return the irradiance of all lights at the pixels of a frame's only view [W/m^2], float64."""
    return light(frame, **how).irradiance_w_m2.numpy().astype(float).sum(axis=0)


@pytest.fixture(scope="module")
def tunnel():
    """Return a scan tunnel in small, seen by VIEW, through the faster tracer."""
    return scenes.frame_of(scenes.baffle_scene(), VIEW, "auto")


@pytest.fixture(scope="module")
def reference(tunnel):
    """Return its irradiance with 1 024 samples a light, nothing pooled."""
    return irradiance(tunnel, samples=1024, pool=False)


def test_pooled_irradiance_is_within_5_percent_of_1024_samples(tunnel, reference):
    """RMSE over the mean, on hit pixels, at the samples that images are made with."""
    hit = tunnel.pixels.material.numpy() >= 0
    found = irradiance(tunnel)
    assert reference[hit].mean() > 0 and hit.mean() > 0.9
    shadowed = reference[hit] < 0.5 * reference[hit].max()
    assert 0.1 < shadowed.mean() < 0.95, "the scene must have shadows and light"
    error = math.sqrt(((found - reference)[hit] ** 2).mean()) / reference[hit].mean()
    assert error <= 0.05


def test_more_samples_come_closer(tunnel, reference):
    hit = tunnel.pixels.material.numpy() >= 0
    errors = [math.sqrt(((irradiance(tunnel, samples=n) - reference)[hit] ** 2).mean()) for n in (1, 16)]
    assert errors[1] < errors[0]


def test_the_reference_is_what_measure_gives_at_the_same_points(tunnel, reference):
    rng = np.random.Generator(np.random.Philox(key=4))
    chosen = rng.choice(np.flatnonzero(tunnel.pixels.material.numpy() >= 0), 12, replace=False)
    points, normals = tunnel.pixels.position.numpy()[chosen], tunnel.pixels.shading_normal.numpy()[chosen]
    found = irradiance_probe.measure(tunnel.tables, tunnel.tracer, points, normals, samples=4096).irradiance_w_m2.sum(
        axis=0
    )
    # 1 %: 1 024 samples along a penumbra.
    np.testing.assert_allclose(reference[chosen], found, rtol=0.01, atol=0.002 * reference.max())


def test_two_lights_are_the_sum_of_each_alone(tunnel):
    """Exactly, up to float32: also the pattern of a light does not depend on which others there are, only its place."""
    both = light(tunnel)
    world = tunnel.tables.worlds[0]
    first = scenes.frame_of(replace(world, lights=world.lights[:1]), VIEW, "auto")
    np.testing.assert_array_equal(light(first).irradiance_w_m2.numpy()[0], both.irradiance_w_m2.numpy()[0])
    assert (both.irradiance_w_m2.numpy()[1] > 0).any() and not np.array_equal(
        both.irradiance_w_m2.numpy()[0], both.irradiance_w_m2.numpy()[1]
    )


def test_dimming_a_light_scales_it_exactly_and_leaves_the_other(tunnel):
    world = tunnel.tables.worlds[0]
    dimmed = replace(world.lights[0], strength=world.lights[0].strength / 4)
    frame = scenes.frame_of(replace(world, lights=(dimmed, world.lights[1])), VIEW, "auto")
    before, after = light(tunnel).irradiance_w_m2.numpy(), light(frame).irradiance_w_m2.numpy()
    np.testing.assert_array_equal(before[0] / 4, after[0])  # a power of two is exact in floating point
    np.testing.assert_array_equal(before[1], after[1])


def test_pooling_never_crosses_surfaces():
    """A box top in full light beside a floor in full shadow: each keeps its own ratio, 1 and 0, up to the edge."""
    world = scenes.description(
        instances=[
            scenes.instance("/floor", scenes.sheet(4, 4)),
            scenes.instance("/box", scenes.box((0.4, 0.4, 0.5)), scenes.pose((0, 0, 0.25))),
            # A roof over the floor alone, just under the height of the box's top.
            scenes.instance("/roof", scenes.sheet(3, 4), scenes.pose((1.72, 0, 0.45))),
        ],
        lights=[scenes.lamp(scenes.facing((0.05, 0, 2), (0.05, 0, 0)), shape="point", strength=5.0)],
    )
    frame = scenes.frame_of(world, scenes.camera(scenes.looking_down(1.4), focal_px=70.0))
    lit = light(frame)
    found, whole = lit.irradiance_w_m2.numpy()[0], lit.unshadowed_irradiance_w_m2.numpy()[0]
    on_top = (frame.hits.instance.numpy() == 0) & (frame.pixels.geometric_normal.numpy()[:, 2] > 0.9)
    assert frame.tables.instances_host[0].path == "/box" and on_top.sum() > 200
    np.testing.assert_array_equal(found[on_top], whole[on_top])


def test_shadow_is_black_where_nothing_can_come_through():
    """Below a roof larger than the lamp by far: the ratio is 0 exactly, no light leaks in from the float32 offsets."""
    world = scenes.description(
        instances=[
            scenes.instance("/floor", scenes.sheet(4, 4)),
            scenes.instance("/roof", scenes.sheet(3, 3), scenes.pose((0, 0, 1.0))),
        ],
        lights=[scenes.lamp(scenes.facing((0, 0, 2), (0, 0, 0)))],
    )
    frame = scenes.frame_of(world, scenes.camera(scenes.looking_down(0.9), focal_px=90.0))
    assert irradiance(frame).max() == 0


def test_no_surface_shadows_itself():
    """A floor far from the origin, at a grazing lamp: every ratio is 1 exactly."""
    there = (40.0, -30.0, 0.0)
    world = scenes.description(
        instances=[scenes.instance("/floor", scenes.sheet(6, 6), scenes.pose(there, scenes.turn("z", 0.3)))],
        lights=[scenes.lamp(scenes.facing((42.5, -30.0, 0.15), there), shape="point")],
    )
    for tracer in scenes.TRACERS:
        frame = scenes.frame_of(world, scenes.camera(scenes.looking_down(3.0, *there[:2]), focal_px=60.0), tracer)
        lit = light(frame)
        lighted = lit.unshadowed_irradiance_w_m2.numpy()[0] > 0
        assert lighted.sum() > 1000
        np.testing.assert_array_equal(
            lit.irradiance_w_m2.numpy()[0][lighted], lit.unshadowed_irradiance_w_m2.numpy()[0][lighted]
        )


def test_both_tracers_light_the_scene_alike():
    one, other = (scenes.frame_of(scenes.baffle_scene(), VIEW, name) for name in scenes.TRACERS)
    a, b = irradiance(one), irradiance(other)
    close = np.abs(a - b) <= 1e-3 * a.max()
    # A shadow ray that grazes an edge may fall either way: a handful of pixels around each flip.
    assert close.mean() > 0.99
    assert abs(a.mean() - b.mean()) < 1e-3 * a.mean()


def test_blocks_and_threads_change_no_bit(monkeypatch, tunnel):
    whole = light(tunnel).irradiance_w_m2.numpy()
    monkeypatch.setattr(launch, "BLOCK_PX", 5 * 96)
    for threads in (1, 2):
        frame = scenes.frame_of(scenes.baffle_scene(), VIEW, "auto", threads)
        assert len(frame.launch.blocks()) > 10
        np.testing.assert_array_equal(light(frame).irradiance_w_m2.numpy(), whole)


@pytest.mark.parametrize("tracer", scenes.TRACERS)
def test_two_worlds_in_one_launch_are_as_each_alone(tracer):
    a = scenes.baffle_scene()
    b = scenes.description(
        instances=[scenes.instance("/floor", scenes.sheet(2, 2)), scenes.instance("/a", scenes.box((0.3, 0.2, 0.3)))],
        lights=[scenes.lamp(scenes.facing((0.5, 0.2, 0.8), (0, 0, 0)), shape="disk", radius_m=0.1)],
    )
    other = scenes.camera(scenes.looking_down(1.2, 0.1), focal_px=80.0, size_px=(64, 48))
    device = device_tables.build([a, b], device_tables.Resident("cpu"))
    together = trace_views(device, ray_tracers.of(device, tracer), [View(0, VIEW), View(1, other)])
    for v, (world, view) in enumerate(((a, VIEW), (b, other))):
        alone = scenes.frame_of(world, view, tracer)
        first, count = together.launch.first_pixel[v], view.width_px * view.height_px
        np.testing.assert_array_equal(together.hits.t.numpy()[first : first + count], alone.hits.t.numpy())
        found = light(together).irradiance_w_m2.numpy()[: len(world.lights), first : first + count]
        np.testing.assert_array_equal(found, light(alone).irradiance_w_m2.numpy())


# -- shutter and pulse -------------------------------------------------------------------------------------------------


def pulsed(pulse_s, rate_hz=0.0, delay_s=0.0):
    return scenes.lamp(scenes.pose(), pulse_s=pulse_s, rate_hz=rate_hz, delay_s=delay_s)


def test_a_lamp_without_pulses_shines_as_long_as_the_shutter_is_open():
    assert shutter_overlap_s(scenes.lamp(scenes.pose()), 3e-3) == (0.0, 3e-3)


@pytest.mark.parametrize(
    ("pulse_s", "delay_s", "expected"),
    [(1e-4, 0.0, 1e-4), (2e-3, 0.0, 1e-3), (1e-4, 9.5e-4, 5e-5), (1e-4, 1e-3, 0.0), (3e-4, -1e-4, 2e-4)],
)
def test_a_single_pulse_counts_where_it_overlaps_the_shutter(pulse_s, delay_s, expected):
    strobed, steady = shutter_overlap_s(pulsed(pulse_s, 0.0, delay_s), 1e-3)
    assert strobed == pytest.approx(expected, abs=1e-12) and steady == 0


times = st.floats(1e-6, 1e-2)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(pulse_s=times, rate_hz=st.floats(1.0, 5e3), delay_s=st.floats(-0.01, 0.01), exposure_s=times)
def test_overlap_lies_between_nothing_and_the_shutter(pulse_s, rate_hz, delay_s, exposure_s):
    total = sum(shutter_overlap_s(pulsed(pulse_s, rate_hz, delay_s), exposure_s))
    assert 0 <= total <= exposure_s * (1 + 1e-9)
    if pulse_s * rate_hz >= 1:
        assert total == pytest.approx(exposure_s), "pulses that touch are a steady light"


@settings(max_examples=80, deadline=None, derandomize=True)
@given(share=st.floats(0.01, 0.9), rate_hz=st.floats(50, 5e3), delay_s=st.floats(-0.01, 0.01), count=st.integers(1, 5))
def test_over_whole_periods_the_delay_does_not_matter(share, rate_hz, delay_s, count):
    exposure_s = count / rate_hz
    total = sum(shutter_overlap_s(pulsed(share / rate_hz, rate_hz, delay_s), exposure_s))
    assert total == pytest.approx(count * share / rate_hz, rel=1e-6)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(pulse_s=times, rate_hz=st.floats(1.0, 5e3), delay_s=st.floats(-0.01, 0.01), a=times, b=times)
def test_two_shutters_in_a_row_are_one_long_one(pulse_s, rate_hz, delay_s, a, b):
    whole = sum(shutter_overlap_s(pulsed(pulse_s, rate_hz, delay_s), a + b))
    parts = [shutter_overlap_s(pulsed(pulse_s, rate_hz, delay_s - skip), t) for skip, t in ((0.0, a), (a, b))]
    assert sum(map(sum, parts)) == pytest.approx(whole, abs=1e-9)


def test_spectra_do_not_change_irradiance(tunnel):
    """Irradiance is over the full spectrum: a lamp of another colour with the same radiance gives the same map."""
    world = tunnel.tables.worlds[0]
    white = tuple(replace(lamp, spectrum=spectra.d65()) for lamp in world.lights)
    frame = scenes.frame_of(replace(world, lights=white), VIEW, "auto")
    np.testing.assert_array_equal(light(frame).irradiance_w_m2.numpy(), light(tunnel).irradiance_w_m2.numpy())
