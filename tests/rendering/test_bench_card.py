"""The smallest shipped recipe against numbers worked out by hand: light, photons, electrons, digital numbers."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from synthgen import pipeline, recipe, shelves
from synthgen.planning import plan
from synthgen.rendering import irradiance_probe
from synthgen.rendering.launch import View
from synthgen.rendering.render import render
from synthgen.units import LIGHT_SPEED_M_S, PLANCK_J_S
from synthgen.world import lens as optics
from tests.kernels.test_shading import smith

BANDS_NM = ((400, 500), (500, 600), (600, 700), (700, 1000))


@pytest.fixture(scope="module")
def bench():
    """Return (scene, camera, two pictures of it that differ in noise alone)."""
    loaded = recipe.load(shelves.path("recipes") / "bench_card.yaml")
    renderer = pipeline.SampleRenderer(loaded)
    scene = renderer.scene(plan.shot(loaded, "train", 0))
    (camera,) = scene.cameras.values()
    outputs = ["image", "irradiance", "depth", "instances"]
    views = [View(0, replace(camera, noise_seed=seed)) for seed in (1, 2)]
    pictures = [render(scene.tables, scene.tracer, [view], outputs, threads=2)[0] for view in views]
    yield scene, camera, pictures
    del renderer


def shown(pictures, path):
    """Return where a picture shows a prim and nothing else within 3 pixels, bool."""
    mine = pictures[0]["instances"] == pictures[0].instance_paths.index(path) + 1
    inner = mine.copy()
    for dy in range(-3, 4):
        for dx in range(-3, 4):
            inner &= np.roll(mine, (dy, dx), axis=(0, 1))
    inner[:3] = inner[-3:] = False
    inner[:, :3] = inner[:, -3:] = False
    return inner


def points_at(camera, maps, rows, columns):
    """Return the places that pixels show [m], shape (n, 3)."""
    rays = optics.rays(camera)[rows, columns] @ camera.world_from_camera[:3, :3].T
    return camera.world_from_camera[:3, 3] + rays * maps["depth"][rows, columns, None]


def some(mask, count, key):
    rows, columns = np.nonzero(mask)
    chosen = np.random.Generator(np.random.Philox(key=key)).choice(len(rows), count, replace=False)
    return rows[chosen], columns[chosen]


def read(scene, points):
    up = np.broadcast_to((0.0, 0.0, 1.0), points.shape)
    return irradiance_probe.measure(scene.tables, scene.tracer, points, up, samples=4096).irradiance_w_m2.sum(axis=0)


def test_irradiance_at_a_pixel_is_what_measure_reads_at_its_point(bench):
    """Within 1 %."""
    scene, camera, pictures = bench
    for path in ("/World/Items/card/body", "/World/Items/card/Labels/main/sheet"):
        rows, columns = some(shown(pictures, path), 25, 1)
        expected = read(scene, points_at(camera, pictures[0], rows, columns))
        assert expected.min() > 0
        np.testing.assert_allclose(pictures[0]["irradiance"][rows, columns], expected, rtol=0.01)


def test_the_card_s_digital_numbers_are_those_of_emva_1288(bench):
    """Mean within 1 %, variance within 3 %.

    E from `measure`. Radiance L = (r / pi + lobe) E; photons in a band = L t times the lamp's own share and photons per
    joule there; electrons = photons QE pitch^2 T pi / (4 N^2 (1 + m)^2) cos^4, m = f / (s - f). Then mean = K mu and
    variance = K^2 (sigma_d^2 + mu) + 1/12 (EMVA 1288 release 4.0, equations 5 and 9).
    """
    scene, camera, pictures = bench
    where = shown(pictures, "/World/Items/card/body")
    assert where.sum() > 20_000, "one standard deviation of the variance is then below 1 %"
    rows, columns = some(where, 200, 2)
    mu = electrons(scene, camera, points_at(camera, pictures[0], rows, columns), rows, columns).mean()
    a, b = (p.image.raw.astype(float) for p in pictures)
    chip = camera.sensor
    mean_dn = (a[where].mean() + b[where].mean()) / 2
    # 200 of the card's pixels stand for all: compare them where there is no noise, and all in the variance.
    noiseless = render(scene.tables, scene.tracer, [View(0, camera)], ["image"], noise=False)[0].image.signal_e
    assert noiseless[rows, columns].mean() == pytest.approx(mu, rel=0.01)
    mu_all = mu * noiseless[where].mean() / noiseless[rows, columns].mean() + chip.dark_current_e_s * camera.exposure_s
    assert mean_dn == pytest.approx(chip.gain_dn_e * mu_all + chip.black_level_dn, rel=0.01)
    variance = np.var(a[where] - b[where]) / 2
    assert variance == pytest.approx(chip.gain_dn_e**2 * (chip.dark_noise_e**2 + mu_all) + 1 / 12, rel=0.03)


def electrons(scene, camera, points, rows, columns):
    """Return the expected electrons of pixels that show the card's body, shape (n,)."""
    (lamp,) = scene.description.lights
    (body,) = [i for i in scene.description.instances if i.path == "/World/Items/card/body"]
    (card,) = body.materials
    eye = camera.world_from_camera[:3, 3] - points
    lit = lamp.world_from_light[:3, 3] - points
    eye, lit = (v / np.linalg.norm(v, axis=1, keepdims=True) for v in (eye, lit))
    half = (eye + lit) / np.linalg.norm(eye + lit, axis=1, keepdims=True)
    f0 = ((card.ior - 1) / (card.ior + 1)) ** 2
    fresnel = f0 + (1 - f0) * (1 - (half * eye).sum(axis=1)) ** 5
    held_back = (1 - (f0 + (1 - f0) * (1 - eye[:, 2]) ** 5)) / (1 - f0)  # 1 along the normal, less towards grazing
    lobe = fresnel * smith(card.roughness**2, eye, lit)
    wavelength, power = lamp.spectrum.wavelength_nm, lamp.spectrum.power_w_nm
    per_j = wavelength * 1e-9 / (PLANCK_J_S * LIGHT_SPEED_M_S)
    weights = np.zeros(len(points))
    for (low, high), reflectance, qe in zip(BANDS_NM, card.reflectance, camera.sensor.quantum_efficiency, strict=True):
        inside = (wavelength >= low) & (wavelength <= high)
        share = np.trapezoid((power * per_j)[inside], wavelength[inside]) / np.trapezoid(power, wavelength)
        weights += qe * share * (reflectance * held_back / math.pi + lobe)
    lens = camera.lens
    magnification = lens.focal_m / (lens.focus_m - lens.focal_m)
    solid_sr = math.pi / (4 * lens.f_number**2 * (1 + magnification) ** 2)
    x, y = (columns + 0.5 - camera.cx_px) / camera.fx_px, (rows + 0.5 - camera.cy_px) / camera.fy_px
    etendue = camera.sensor.pitch_m**2 * solid_sr * lens.transmission / (1 + x**2 + y**2) ** 2
    return read(scene, points) * weights * camera.exposure_s * etendue
