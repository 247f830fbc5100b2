"""The camera's road from irradiance to digital numbers, against numbers computed by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from synthgen.rendering import irradiance_probe, launch, ray_tracers
from synthgen.rendering.launch import View
from synthgen.rendering.render import render
from synthgen.units import LIGHT_SPEED_M_S, PLANCK_J_S
from synthgen.world import lens as optics
from synthgen.world import scene_description, spectra
from synthgen.world.maps import MAPS, OUTPUTS
from synthgen.world.shot import Safety
from tests import scenes

UP = np.array([0.0, 0.0, 1.0])
LAMP = scenes.lamp(scenes.facing((0.5, 0.1, 1.2), (0, 0, 0)), strength=40.0)
CARD = scene_description.Material(path="/card", reflectance=(0.2, 0.4, 0.6, 0.8), ior=1.0)
CAMERA = scenes.camera(scenes.looking_down(1.0), focal_px=1600.0, size_px=(160, 120), exposure_s=15e-3)


def bench(material=CARD, **more):
    """Return a card under a lamp: bench_card in small."""
    return scenes.description(
        instances=[scenes.instance("/card", scenes.sheet(2, 2), material=material, **more)], lights=[LAMP]
    )


def rendered(world, camera, outputs, tracer="warp", **how):
    device = scenes.tables_of(world)
    return render(device, ray_tracers.of(device, tracer), [View(0, camera)], outputs, **how)[0]


def expected_e(camera, radiance_per_irradiance):
    """Return the mean electrons of a pixel, on average over the image, by hand from lamp, card, lens and sensor.

    E: Lambert's contour sum. L = r E with r [1/sr]. Photons = L t lambda / (h c) on pitch^2 and
    Omega = pi / (4 N^2) behind a lens that transmits T; cos^4 of the field angle; times the quantum
    efficiency at 630 nm.
    """
    lens, chip = camera.lens, camera.sensor
    x, y = np.meshgrid(np.arange(5, 160, 10.0), np.arange(5, 120, 10.0))
    across, down = (x - camera.cx_px) / camera.fx_px, (y - camera.cy_px) / camera.fy_px
    total = 0.0
    for a, b in zip(across.ravel(), down.ravel(), strict=True):
        place = np.array([a, -b, 0.0])  # one metre below the camera, image y against world y
        irradiance = LAMP.strength * scenes.contour(scenes.corners_of(LAMP), place, UP)
        cos2 = 1 / (1 + a * a + b * b)
        photons = (
            radiance_per_irradiance(place, irradiance) * camera.exposure_s * 630e-9 / (PLANCK_J_S * LIGHT_SPEED_M_S)
        )
        total += photons * cos2**2
    etendue = chip.pitch_m**2 * math.pi / (4 * lens.f_number**2) * lens.transmission
    return total / across.size * etendue * chip.quantum_efficiency[2]


def test_mean_and_variance_of_digital_numbers_are_emva_s():
    """Within 1 % and 3 %: mean = K (mu_e + mu_d), variance = K^2 (sigma_d^2 + mu_e + mu_d) + 1/12."""
    pictures = [
        rendered(bench(), replace(CAMERA, noise_seed=seed), ["image"]).image.raw.astype(float) for seed in (1, 2)
    ]
    mu_e = expected_e(CAMERA, lambda _, e: 0.6 * e / math.pi)
    chip = CAMERA.sensor
    dark_e = chip.dark_current_e_s * CAMERA.exposure_s
    assert 0.2 < mu_e / chip.saturation_e < 0.8
    assert np.mean(pictures) == pytest.approx(chip.gain_dn_e * (mu_e + dark_e), rel=0.01)
    # Half the variance of a difference: light that is uneven over the card drops out (EMVA 1288, section 6.6).
    variance = np.var(pictures[0] - pictures[1]) / 2
    expected = chip.gain_dn_e**2 * (chip.dark_noise_e**2 + mu_e + dark_e) + 1 / 12
    assert variance == pytest.approx(expected, rel=0.03)  # 19 200 pixels: one standard deviation is 1 %


def test_a_glossy_card_adds_the_lobe():
    """The same with a real surface: the lamp's mirror image is 25 degrees away and its lobe is computed by hand."""
    from tests.kernels.test_shading import smith

    gloss = replace(CARD, ior=1.5, roughness=0.6)

    def radiance(place, irradiance):
        eye, lit = np.array([0, 0, 1.0]) - place, LAMP.world_from_light[:3, 3] - place
        eye, lit = eye / np.linalg.norm(eye), lit / np.linalg.norm(lit)
        half = (eye + lit) / np.linalg.norm(eye + lit)
        fresnel = 0.04 + 0.96 * (1 - half @ eye) ** 5
        return (0.6 / math.pi + fresnel * smith(0.36, eye[None], lit[None])[0]) * irradiance

    found = rendered(bench(gloss), CAMERA, ["image"]).image.signal_e.mean()
    matt = expected_e(CAMERA, lambda _, e: 0.6 * e / math.pi)
    glossy = expected_e(CAMERA, radiance)
    assert glossy > 1.02 * matt, "there must be gloss to be seen"
    assert found == pytest.approx(glossy, rel=0.01)


def test_irradiance_at_a_pixel_is_what_measure_reads_there():
    maps = rendered(bench(), CAMERA, ["irradiance"])
    device = scenes.tables_of(bench())
    rng = np.random.Generator(np.random.Philox(key=6))
    columns, rows = rng.integers(0, 160, 30), rng.integers(0, 120, 30)
    rays = optics.rays(CAMERA)[rows, columns] @ CAMERA.world_from_camera[:3, :3].T
    points = CAMERA.world_from_camera[:3, 3] + rays * maps["depth"][rows, columns, None]
    read = irradiance_probe.measure(
        device, ray_tracers.of(device, "warp"), points, np.broadcast_to(UP, points.shape), samples=4096
    )
    np.testing.assert_allclose(maps["irradiance"][rows, columns], read.irradiance_w_m2.sum(axis=0), rtol=0.01)
    exact = [LAMP.strength * scenes.contour(scenes.corners_of(LAMP), p, UP) for p in points]
    np.testing.assert_allclose(maps["irradiance"][rows, columns], exact, rtol=1e-3)


@pytest.mark.parametrize("shape", ["rect", "disk", "sphere", "cylinder", "point", "distant", "dome"])
@pytest.mark.parametrize("cone_deg", [180.0, 35.0])
def test_every_shape_of_lamp_lights_a_picture_as_it_lights_a_meter(shape, cone_deg):
    """The picture's unshadowed part (closed forms, strata) against the meter's 4 096 samples: within 1 %."""
    sizes = {"radius_m": 0.08, "length_m": 0.4, "half_angle_rad": 0.03}
    lamp = replace(LAMP, shape=shape, cone_angle_rad=math.radians(cone_deg), cone_softness=0.5, **sizes)
    world = replace(bench(), lights=(lamp,))
    camera = scenes.camera(scenes.looking_down(1.0), focal_px=70.0)
    maps = rendered(world, camera, ["irradiance"])
    device = scenes.tables_of(world)
    rows, columns = np.array([10, 36, 60, 36, 36]), np.array([20, 48, 80, 10, 90])
    rays = optics.rays(camera)[rows, columns] @ camera.world_from_camera[:3, :3].T
    points = camera.world_from_camera[:3, 3] + rays * maps["depth"][rows, columns, None]
    read = irradiance_probe.measure(
        device, ray_tracers.of(device, "warp"), points, np.broadcast_to(UP, points.shape), samples=4096
    )
    found, expected = maps["irradiance"][rows, columns], read.irradiance_w_m2.sum(axis=0)
    assert expected.max() > 0
    np.testing.assert_allclose(found, expected, rtol=0.01, atol=1e-3 * expected.max())


def test_depth_is_along_the_axis_and_range_along_the_ray():
    where = scenes.pose((0.2, 0.1, 1.5), scenes.DOWN @ scenes.turn("y", 0.4))
    camera = scenes.camera(where, dist=(-0.1, 0, 0, 0, 0))
    maps = rendered(bench(), camera, ["depth", "range", "normals", "instances"])
    rays = optics.rays(camera)
    world = rays @ where[:3, :3].T
    depth = -1.5 / world[..., 2]  # the card is the plane z = 0
    hit = np.abs(where[:3, 3] + world * depth[..., None]).max(axis=-1) < 0.999
    np.testing.assert_allclose(maps["depth"][hit], depth[hit], rtol=1e-5)
    np.testing.assert_allclose(maps["range"][hit], (depth * np.linalg.norm(rays, axis=-1))[hit], rtol=1e-5)
    np.testing.assert_allclose(maps["normals"][hit], np.broadcast_to(UP, (hit.sum(), 3)), atol=1e-6)
    assert (maps["instances"][hit] == 1).all() and maps.instance_paths == ("/card",)
    beyond = np.abs(where[:3, 3] + world * depth[..., None]).max(axis=-1) > 1.001
    assert beyond.any() and np.isinf(maps["depth"][beyond]).all() and (maps["instances"][beyond] == 0).all()
    assert maps["depth"].dtype == np.float32 and maps["instances"].dtype == np.int32


def test_maps_are_empty_unless_asked_for_and_zero_where_nothing_is_hit():
    only = rendered(bench(), CAMERA, ["depth"])
    assert only.image is None and only.label_light is None and only.hazard is None
    assert set(only.arrays) == {"depth", "instances"}
    world = replace(bench(), instances=())
    maps = rendered(world, CAMERA, ["irradiance", "hazard", "image", "normals", "depth"], noise=False)
    assert np.isinf(maps["depth"]).all() and maps.instance_paths == ()
    for values in (maps["irradiance"], maps["hazard"], maps.image.png, maps["normals"]):
        assert values.size and not values.any()


def test_a_scene_without_lights_is_dark_and_has_no_hazard():
    maps = rendered(replace(bench(), lights=()), CAMERA, ["irradiance", "hazard", "image"], noise=False)
    assert maps["irradiance"].shape == (120, 160) and not maps["irradiance"].any()
    found = maps.hazard
    assert not found.ratio.any() and (found.hazard, found.max_ratio, found.at_px) == ("", 0.0, (0, 0))
    assert maps.image.png.max() == 0


def test_radiance_is_in_watts_and_bands():
    maps = rendered(bench(), CAMERA, ["radiance"])
    middle = maps["radiance"][60, 80]
    irradiance = LAMP.strength * scenes.contour(scenes.corners_of(LAMP), np.zeros(3), UP)
    # 4 %: photons are counted exactly, watts by the energy of the band's middle, 650 nm, not the lamp's 630.
    assert middle[2] == pytest.approx(0.6 * irradiance / math.pi, rel=0.04)
    assert middle[[0, 3]].max() < 1e-6 * middle[2]


def test_hazard_is_level_over_limit_facing_the_lamp():
    """One small lamp and one hazard: the level is the irradiance vector's length, whichever way the surface faces."""
    from synthgen.photobiology import limits

    lamp = scenes.lamp(scenes.facing((0.6, 0, 1.0), (0, 0, 0)), width_m=0.02, height_m=0.02, strength=4e4)
    lamp = replace(lamp, spectrum=spectra.led(450, 20))
    world = replace(bench(), lights=(lamp,))
    safety = Safety(hazard="blue-light-small", duration_s=100.0)
    maps = rendered(world, CAMERA, ["hazard"], safety=safety)
    solid_sr = 0.02**2 / (0.6**2 + 1.0)
    (hazard,) = [h for h in limits.irradiance_hazards(safety.edition, 100.0) if h.name == "blue-light-small"]
    weighted = limits.hazard_fractions(lamp.spectrum, safety.edition)["blue-light-small"]
    expected = 4e4 * solid_sr * weighted / hazard.limit_w_m2
    assert expected > 0
    assert maps["hazard"][60, 80] == pytest.approx(expected, rel=2e-3)  # 0.02 m at 1.2 m is nearly a point
    column, row = maps.hazard.at_px
    assert maps.hazard.hazard == "blue-light-small"
    assert maps.hazard.max_ratio == maps["hazard"].max() == maps["hazard"][row, column]


def test_a_hazard_in_shadow_is_none():
    cover = scenes.instance("/cover", scenes.sheet(0.5, 0.5), scenes.pose((0.25, 0.05, 0.6)))
    world = replace(bench(), instances=(*bench().instances, cover))
    under = scenes.camera(scenes.looking_down(0.4), focal_px=900.0)
    assert rendered(world, under, ["hazard"])["hazard"].max() == 0


@pytest.mark.parametrize("tracer", scenes.TRACERS)
def test_threads_and_blocks_change_no_bit_of_any_map(monkeypatch, tracer):
    world = scenes.baffle_scene()
    camera = scenes.camera(scenes.pose((0.1, -0.35, 1.1), scenes.DOWN @ scenes.turn("x", 0.3)), focal_px=90.0)
    once = rendered(world, camera, OUTPUTS, tracer)
    monkeypatch.setattr(launch, "BLOCK_PX", 7 * 96)
    again = rendered(world, camera, OUTPUTS, tracer, threads=2)
    assert set(once.arrays) == set(MAPS)
    for name in MAPS:
        np.testing.assert_array_equal(once[name], again[name], err_msg=name)
    np.testing.assert_array_equal(once.image.raw, again.image.raw)


def test_both_tracers_make_the_same_picture():
    world = scenes.baffle_scene()
    camera = scenes.camera(scenes.pose((0.1, -0.35, 1.1), scenes.DOWN @ scenes.turn("x", 0.3)), focal_px=90.0)
    one, other = (rendered(world, camera, ["image", "depth"], name, noise=False) for name in scenes.TRACERS)
    hit = np.isfinite(one["depth"]) & np.isfinite(other["depth"])
    assert hit.mean() > 0.9 and (np.isfinite(one["depth"]) == np.isfinite(other["depth"])).mean() > 0.999
    close = np.abs(one["depth"] - other["depth"])[hit] <= 1e-4
    grey = np.abs(one.image.raw.astype(int) - other.image.raw.astype(int)) <= 1
    # Rays that graze an edge, and the neighbours that share their shadow samples, may differ.
    assert close.mean() > 0.999 and grey.mean() > 0.99


def test_two_views_in_one_launch_are_as_each_alone():
    world = scenes.baffle_scene()
    cameras = [scenes.camera(scenes.looking_down(h), focal_px=80.0, noise_seed=k) for k, h in enumerate((1.0, 1.3))]
    device = scenes.tables_of(world)
    together = render(device, ray_tracers.of(device, "warp"), [View(0, c) for c in cameras], ["image", "irradiance"])
    for camera, maps in zip(cameras, together, strict=True):
        alone = rendered(world, camera, ["image", "irradiance"])
        np.testing.assert_array_equal(maps.image.raw, alone.image.raw)
        np.testing.assert_array_equal(maps["irradiance"], alone["irradiance"])


def test_the_clock_is_told_every_stage():
    seen = []
    rendered(bench(), CAMERA, ["image", "hazard"], clock=lambda stage, seconds: seen.append((stage, seconds)))
    assert {"trace", "light", "hazard", "image", "sensor"} <= {stage for stage, _ in seen}
    assert all(seconds >= 0 for _, seconds in seen)
