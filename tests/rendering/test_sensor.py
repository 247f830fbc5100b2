"""The sensor against EMVA 1288's equations worked out by hand, then the laws that images obey."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import warp as wp
from hypothesis import given, settings
from hypothesis import strategies as st

from synthgen.errors import StageError
from synthgen.rendering import sensor
from synthgen.world import scene_description, shot

CHIP = shot.Sensor(
    model="test",
    resolution_px=(256, 256),
    pitch_m=3.45e-6,
    quantum_efficiency=(0.5, 0.6, 0.4, 0.25),
    saturation_e=200_000.0,
    dark_noise_e=6.0,
    dark_current_e_s=200.0,
    gain_dn_e=0.4,
    black_level_dn=40.0,
    bits=16,
)
LENS = shot.Lens(focal_m=0.025, f_number=4.0, focus_m=0.0, transmission=1.0)
FAR_PX = 1e6
"""A focal length in pixels so long that cos^4 is 1 all over the image."""


@pytest.fixture(params=["cpu", *[str(gpu) for gpu in wp.get_cuda_devices()]])
def device(request) -> str:
    return request.param


def eye(
    chip: shot.Sensor = CHIP, lens: shot.Lens = LENS, *, focal_px: float = FAR_PX, **more
) -> scene_description.Camera:
    width, height = chip.resolution_px
    return scene_description.Camera(
        path="/World/Cameras/test",
        name="test",
        world_from_camera=np.eye(4),
        fx_px=focal_px,
        fy_px=focal_px,
        cx_px=width / 2,
        cy_px=height / 2,
        dist=(0.0, 0.0, 0.0, 0.0, 0.0),
        lens=lens,
        sensor=chip,
        **{"exposure_s": 0.01, "noise_seed": 7} | more,
    )


def light(camera: scene_description.Camera, electrons: float, band: int = 1) -> np.ndarray:
    """Photons in one band that give so many electrons on the axis of a mono camera."""
    photons = np.zeros((camera.height_px, camera.width_px, 4), np.float32)
    photons[..., band] = electrons / (camera.sensor.quantum_efficiency[band] * sensor.etendue_m2_sr(camera))
    return photons


def test_photons_of_the_reference_table():
    # Research table 10: L = 1 W/(m^2 sr) at 850 nm, f/4, 200 us, 3.45 um: about 500 photons. lambda/(h c) is
    # 850e-9 / 1.98644586e-25 = 4.27900e18 photons a joule.
    camera = eye(replace(CHIP, quantum_efficiency=(0.0, 0.0, 0.0, 1.0)))
    photons = np.zeros((256, 256, 4), np.float32)
    photons[..., 3] = 1.0 * 200e-6 * 4.27900e18
    by_hand = 4.27900e18 * 200e-6 * 3.45e-6**2 * 3.14159265 / (4 * 16)
    image = sensor.expose(photons, camera)
    assert by_hand == pytest.approx(500, abs=1)
    assert image.signal_e == pytest.approx(np.full((256, 256), by_hand, np.float32), rel=1e-5)


def test_a_near_focus_stops_the_lens_down():
    # f = 25 mm focused at 275 mm: m = 25/250 = 0.1, so the working f-number is 1.1 N and light falls to 1/1.21.
    near = replace(LENS, focus_m=0.275)
    assert sensor.magnification(near) == pytest.approx(0.1)
    assert sensor.etendue_m2_sr(eye()) / sensor.etendue_m2_sr(eye(lens=near)) == pytest.approx(1.21)
    assert sensor.magnification(replace(LENS, focus_m=float("inf"))) == 0.0


def test_transmission_and_aperture_scale_light():
    slow = replace(LENS, f_number=8.0, transmission=0.9)
    assert sensor.etendue_m2_sr(eye(lens=slow)) / sensor.etendue_m2_sr(eye()) == pytest.approx(0.9 / 4)


@pytest.mark.parametrize("electrons", [0.0, 3.0, 40.0, 900.0, 9_000.0, 11_000.0, 90_000.0])
def test_mean_and_variance_are_emvas(electrons, device):
    camera = eye(exposure_s=0.05)
    image = sensor.expose(light(camera, electrons), camera, device=device)
    dark_e = 200.0 * 0.05
    mean_dn = 0.4 * (electrons + dark_e) + 40.0
    variance_dn2 = 0.4**2 * (electrons + dark_e + 6.0**2) + 1 / 12
    values = image.raw.astype(float)
    assert values.mean() == pytest.approx(mean_dn, rel=0.01)
    assert values.mean() - 40 == pytest.approx(mean_dn - 40, abs=4 * np.sqrt(variance_dn2 / values.size))
    assert values.var() == pytest.approx(variance_dn2, rel=0.03)


def test_photon_transfer_has_the_gain_as_its_slope():
    levels_e = np.array([100.0, 1_000, 3_000, 8_000, 12_000, 30_000, 60_000])
    camera = eye()
    images = [sensor.expose(light(camera, level), camera).raw.astype(float) for level in levels_e]
    mean_dn, variance_dn2 = np.array([[image.mean(), image.var()] for image in images]).T
    # Weighted by 1/variance, as the spread of a measured variance is proportional to itself.
    slope, start = np.polyfit(mean_dn, variance_dn2, 1, w=1 / variance_dn2)
    assert slope == pytest.approx(0.4, rel=0.01)
    dark_variance_dn2 = 0.4**2 * 36 + 1 / 12
    assert start + slope * 40 == pytest.approx(dark_variance_dn2, abs=2.0)


def test_noise_at_the_seam_of_poisson_and_gaussian_is_alike():
    for electrons in (9_990.0, 10_010.0):
        values = sensor.expose(light(eye(), electrons), eye()).raw.astype(float)
        third = (((values - values.mean()) / values.std()) ** 3).mean()
        assert abs(third) < 4 * np.sqrt(6 / values.size)


def test_neighbours_images_and_channels_have_noise_of_their_own():
    camera = eye()
    first = sensor.expose(light(camera, 500.0), camera).raw.astype(float)
    second = sensor.expose(light(camera, 500.0), replace(camera, noise_seed=8)).raw.astype(float)
    colors = eye(replace(CHIP, color="rgb"))
    rgb = sensor.expose(light(camera, 500.0, band=3), colors).raw.astype(float)

    def correlation(a: np.ndarray, b: np.ndarray) -> float:
        return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])

    pairs = [
        (first[:, 1:], first[:, :-1]),
        (first[1:], first[:-1]),
        (first[1:, 1:], first[:-1, :-1]),
        (first, second),
        (rgb[..., 0], rgb[..., 1]),
        (rgb[..., 0], rgb[..., 2]),
    ]
    for a, b in pairs:
        assert abs(correlation(a, b)) < 4.5 / np.sqrt(a.size)


def test_a_seed_gives_its_image_again_and_another_seed_another():
    camera = eye()
    photons = light(camera, 500.0)
    image = sensor.expose(photons, camera)
    assert (sensor.expose(photons, camera).raw == image.raw).all()
    assert (sensor.expose(photons, replace(camera, noise_seed=0)).raw != image.raw).mean() > 0.9


@pytest.mark.parametrize("color", ["mono", "rgb"])
@pytest.mark.parametrize("threads", [2, 3, 300])
def test_tiles_change_no_bit(color, threads):
    camera = eye(replace(CHIP, color=color, resolution_px=(64, 37)), focal_px=60.0)
    photons = light(camera, 500.0) * np.linspace(0, 40, 37, dtype=np.float32)[:, None, None]
    rate = 3 * light(camera, 500.0)
    uneven = sensor.PixelNonuniformity(dsnu_e=3.0, prnu=0.01, seed=3)
    whole = sensor.expose(photons, camera, rate=rate, nonuniformity=uneven)
    tiled = sensor.expose(photons, camera, rate=rate, nonuniformity=uneven, threads=threads)
    for name in ("raw", "png", "signal_e", "saturated"):
        assert (getattr(whole, name) == getattr(tiled, name)).all()
    assert whole.record == tiled.record


def test_light_that_lies_on_the_device_already_gives_the_same_image():
    camera = eye()
    photons = light(camera, 500.0)
    image = sensor.expose(photons, camera)
    for there in (wp.array(photons, dtype=wp.vec4, device="cpu"), wp.array(photons, dtype=float, device="cpu")):
        assert (sensor.expose(there, camera).raw == image.raw).all()


def test_quantisation_alone_has_a_twelfth_of_variance():
    camera = eye(exposure_s=1e-9)
    ramp = light(camera, 1.0) * np.linspace(5_000, 90_000, 256 * 256, dtype=np.float32).reshape(256, 256, 1)
    image = sensor.expose(ramp, camera, noise=False)
    rest = image.raw - (0.4 * image.signal_e.astype(float) + 40.0)
    assert abs(rest).max() <= 0.5 + 1e-2
    assert rest.mean() == pytest.approx(0.0, abs=0.01)
    assert rest.var() == pytest.approx(1 / 12, rel=0.02)


@pytest.mark.parametrize(("bits", "shift"), [(8, 0), (10, 2), (12, 4)])
def test_png_is_the_upper_eight_bits(bits, shift):
    camera = eye(replace(CHIP, bits=bits, gain_dn_e=(2**bits - 1) / 1e5, black_level_dn=0.0))
    ramp = light(camera, 1.0) * np.linspace(0, 1.2e5, 256, dtype=np.float32)[None, :, None]
    image = sensor.expose(ramp, camera)
    assert image.raw.dtype == np.uint16
    assert image.png.dtype == np.uint8
    assert image.raw.max() == 2**bits - 1
    assert image.png.max() == 255
    assert (image.png == image.raw >> shift).all()


def test_a_full_well_stops_at_its_electrons():
    chip = replace(CHIP, saturation_e=10_000.0, dark_noise_e=0.0)
    image = sensor.expose(light(eye(chip), 20_000.0), eye(chip))
    assert (image.raw == round(0.4 * 10_000 + 40)).all()
    assert image.saturated.all()
    assert image.record["saturated_fraction"] == 1.0
    assert image.signal_e.mean() == pytest.approx(20_000, rel=1e-4)
    assert not sensor.expose(light(eye(chip), 9_000.0), eye(chip)).saturated.any()


def test_a_full_converter_counts_as_saturated():
    chip = replace(CHIP, bits=8, black_level_dn=0.0)
    image = sensor.expose(light(eye(chip), 1_000.0), eye(chip))
    assert (image.raw == 255).all()
    assert image.record["saturated_fraction"] == 1.0
    assert sensor.capacity_e(chip) == pytest.approx(255 / 0.4)
    assert sensor.capacity_e(CHIP) == pytest.approx((65535 - 40) / 0.4)
    assert sensor.capacity_e(replace(CHIP, saturation_e=10_000.0)) == 10_000.0


def test_light_falls_with_the_fourth_power_of_the_cosine():
    camera = eye(replace(CHIP, resolution_px=(65, 65)), focal_px=32.0)
    signal_e = sensor.expose(light(camera, 1_000.0), camera).signal_e
    assert signal_e[32, 32] == pytest.approx(1_000.0, rel=1e-5)
    assert signal_e[32, 64] == pytest.approx(250.0, rel=1e-5)  # 45 degrees: cos^4 = 1/4
    assert signal_e[0, 0] == pytest.approx(1_000.0 / 9, rel=1e-5)  # tan^2 = 2


def test_ideal_channels_see_their_band_and_near_infrared():
    camera = eye(replace(CHIP, color="rgb", resolution_px=(4, 3)))
    photons = np.zeros((3, 4, 4), np.float32)
    photons[...] = np.array([1.0, 2.0, 3.0, 4.0]) / sensor.etendue_m2_sr(camera)
    image = sensor.expose(photons, camera, noise=False)
    assert image.png.shape == (3, 4, 3)
    assert image.signal_e[1, 1] == pytest.approx([0.4 * 3 + 1.0, 0.6 * 2 + 1.0, 0.5 * 1 + 1.0])
    mono = sensor.expose(photons, eye(replace(CHIP, resolution_px=(4, 3))), noise=False)
    assert mono.signal_e[1, 1] == pytest.approx(0.5 + 1.2 + 1.2 + 1.0)


def test_exposure_time_multiplies_the_rate_and_dark_current_alone():
    camera = eye(exposure_s=0.5)
    image = sensor.expose(light(camera, 100.0), camera, rate=light(camera, 600.0), noise=False)
    assert image.signal_e == pytest.approx(np.full((256, 256), 400.0), rel=1e-5)
    assert image.raw[0, 0] == round(0.4 * (400 + 100) + 40)
    shorter = sensor.expose(light(camera, 100.0), camera, rate=light(camera, 600.0), exposure_s=0.25, noise=False)
    assert shorter.signal_e[0, 0] == pytest.approx(250.0, rel=1e-5)
    assert shorter.record["exposure_s"] == 0.25


def test_auto_exposure_brings_the_median_lit_pixel_to_its_target():
    chip = replace(CHIP, saturation_e=10_000.0)
    camera = eye(chip, exposure_s=0.1, auto_exposure_target=0.5)
    rate = light(camera, 1e6)
    rate[:100] = 0.0  # unlit, not to be counted
    image = sensor.expose(np.zeros_like(rate), camera, rate=rate)
    assert image.exposure_s == pytest.approx(0.5 * 10_000 / 1e6, rel=1e-3)
    assert image.record["median_signal_share"] == pytest.approx(0.5, rel=1e-3)
    assert image.record["auto"] is True


def test_auto_exposure_takes_strobed_light_as_given():
    chip = replace(CHIP, saturation_e=10_000.0)
    camera = eye(chip, exposure_s=0.1, auto_exposure_target=0.5)
    # 3000 e- come from the strobe; the other 2000 take 2 ms of 1e6 e-/s.
    assert sensor.exposure_time_s(light(camera, 3_000.0), camera, rate=light(camera, 1e6)) == pytest.approx(
        2e-3, rel=1e-3
    )
    assert sensor.exposure_time_s(light(camera, 3_000.0), camera) == 0.1
    assert sensor.exposure_time_s(light(camera, 3_000.0), camera, rate=light(camera, 0.0)) == 0.1


def test_auto_exposure_stays_within_its_range():
    chip = replace(CHIP, saturation_e=10_000.0)
    camera = eye(chip, exposure_s=0.1, auto_exposure_target=0.5)
    dark = light(camera, 0.0)
    assert sensor.exposure_time_s(dark, camera, rate=light(camera, 1_000.0)) == 0.1
    assert sensor.exposure_time_s(dark, camera, rate=light(camera, 1e9)) == pytest.approx(1e-4)
    assert sensor.exposure_time_s(dark, camera, rate=light(camera, 1e9), shortest_s=1e-3) == pytest.approx(1e-3)
    assert sensor.exposure_time_s(dark, replace(camera, auto_exposure_target=0.0), rate=light(camera, 1e9)) == 0.1


def test_auto_exposure_goes_as_far_as_its_camera_says():
    chip = replace(CHIP, saturation_e=10_000.0, dark_current_e_s=0.0)
    camera = eye(chip, exposure_s=0.1, auto_exposure_target=0.5, shortest_exposure_s=1e-9, most_auto_gain=100.0)
    dark = light(camera, 0.0)
    assert sensor.exposure_time_s(dark, camera, rate=light(camera, 1e11)) == pytest.approx(5e-8, rel=1e-3)
    for electrons, gain in ((500.0, 10.0), (5.0, 100.0), (5_000.0, 1.0), (9_000.0, 1.0)):
        assert sensor.auto_gain(dark, camera, light(camera, electrons / 0.1)) == pytest.approx(gain, rel=1e-3)
    assert sensor.auto_gain(dark, camera, dark) == 1.0
    assert sensor.auto_gain(dark, replace(camera, most_auto_gain=1.0), light(camera, 1.0)) == 1.0


def test_auto_exposure_looks_at_large_images_on_a_grid_that_covers_them():
    chip = replace(CHIP, saturation_e=10_000.0, resolution_px=(640, 480))
    camera = eye(chip, exposure_s=0.1, auto_exposure_target=0.5)
    # Two thirds of the rows are bright; one pixel in a row of dark ones would be all that a too wide grid sees.
    rate = light(camera, 2e5)
    rate[::3] *= 0.1
    rate[:, ::5] *= 1.5
    signal_e = sensor.expose(0 * rate, camera, rate=rate).signal_e
    assert float(np.median(signal_e)) == pytest.approx(5_000.0, rel=0.01)


@pytest.mark.parametrize("color", ["mono", "rgb"])
def test_the_settled_time_is_used_as_it_is(color):
    camera = eye(replace(CHIP, color=color), exposure_s=0.1, auto_exposure_target=0.5)
    rate = light(camera, 1e7)
    settled_s = sensor.exposure_time_s(0 * rate, camera, rate=rate)
    image = sensor.expose(0 * rate, camera, rate=rate, exposure_s=settled_s)
    assert image.exposure_s == settled_s < 0.1
    assert image.record["auto"] is True
    assert (image.raw == sensor.expose(0 * rate, camera, rate=rate).raw).all()


def test_pixels_differ_by_prnu_and_dsnu_alike_in_all_images():
    uneven = sensor.PixelNonuniformity(dsnu_e=50.0, prnu=0.02, seed=1)
    # A black level far above 0 DN, which would cut the dark values.
    raised = eye(replace(CHIP, dark_noise_e=0.0, black_level_dn=400.0))
    dark = sensor.expose(light(raised, 0.0), raised, nonuniformity=uneven, noise=False).raw.astype(float)
    bright = sensor.expose(light(raised, 50_000.0), raised, nonuniformity=uneven, noise=False).raw.astype(float)
    assert dark.std() == pytest.approx(0.4 * 50, rel=0.02)
    assert (bright - dark).std() == pytest.approx(0.4 * 50_000 * 0.02, rel=0.02)
    again = sensor.expose(light(raised, 0.0), replace(raised, noise_seed=99), nonuniformity=uneven, noise=False).raw
    assert (again == dark).all()
    other = sensor.expose(light(raised, 0.0), raised, nonuniformity=replace(uneven, seed=2), noise=False).raw
    assert abs(np.corrcoef(dark.ravel(), other.ravel())[0, 1]) < 0.02


def test_snr_is_emvas():
    assert sensor.snr(np.array([400.0]), CHIP)[0] == pytest.approx(400 / np.sqrt(400 + 36 + 1 / (12 * 0.16)))
    warm = replace(CHIP, dark_current_e_s=6_000.0)
    camera = eye(warm, exposure_s=0.05)
    values = sensor.expose(light(camera, 400.0), camera).raw.astype(float)
    measured = (values.mean() - 40.0 - 0.4 * 300) / values.std()
    assert measured == pytest.approx(sensor.snr(np.float64(400.0), warm, exposure_s=0.05), rel=0.02)


def test_light_without_a_number_is_dark_and_light_without_end_is_white():
    camera = eye(replace(CHIP, resolution_px=(2, 1), black_level_dn=0.0, bits=8))
    photons = np.full((1, 2, 4), 0.0, np.float32)
    photons[0, 0], photons[0, 1] = np.nan, np.inf
    image = sensor.expose(photons, camera, noise=False)
    assert image.raw[0].tolist() == [1, 255]  # 2 e- of dark current are 0.8 DN
    assert np.isfinite(image.signal_e).all()
    assert np.isfinite(list(map(float, image.record.values()))).all()


@settings(max_examples=25, deadline=None)
@given(st.floats(0, 1e5), st.floats(1.01, 10), st.floats(1e-6, 1.0))
def test_more_light_is_never_darker(electrons, factor, exposure_s):
    camera = eye(replace(CHIP, resolution_px=(8, 8)), exposure_s=exposure_s)
    less = sensor.expose(light(camera, electrons), camera, noise=False)
    more = sensor.expose(factor * light(camera, electrons), camera, noise=False)
    assert (more.raw >= less.raw).all()
    assert more.signal_e == pytest.approx(np.minimum(factor * less.signal_e.astype(float), 1e9), rel=1e-5)


def test_the_record_holds_plain_numbers():
    record = sensor.expose(light(eye(), 500.0), eye()).record
    assert {name: type(value) for name, value in record.items()} == {
        "exposure_s": float,
        "auto": bool,
        "gain_dn_e": float,
        "black_level_dn": float,
        "bits": int,
        "saturated_fraction": float,
        "mean_signal_e": float,
        "median_signal_share": float,
        "median_snr": float,
    }
    unlit = sensor.expose(light(eye(), 0.0), eye()).record
    assert unlit["median_signal_share"] == 0.0


@pytest.mark.parametrize(
    ("chip", "lens", "name"),
    [
        ({"bits": 7}, {}, "bits 7"),
        ({"color": "bayer"}, {}, "color 'bayer'"),
        ({"gain_dn_e": 0.0}, {}, "gain_dn_e 0.0"),
        ({"saturation_e": -1.0}, {}, "saturation_e -1.0"),
        ({"pitch_m": 0.0}, {}, "pitch_m 0.0"),
        ({}, {"f_number": 0.0}, "f_number 0.0"),
        ({}, {"focus_m": 0.02}, "focus_m 0.02"),
    ],
)
def test_impossible_numbers_are_named_with_their_camera(chip, lens, name):
    camera = eye(replace(CHIP, **chip), replace(LENS, **lens))
    with pytest.raises(StageError, match=f"/World/Cameras/test: {name} is not possible; write "):
        sensor.expose(np.zeros((256, 256, 4), np.float32), camera)
