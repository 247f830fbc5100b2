"""From light to photons: reflection, motion, defocus and edges, each against its closed form."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from synthgen.rendering import pixel_integration
from synthgen.rendering.direct_lighting import light
from synthgen.units import LIGHT_SPEED_M_S, PLANCK_J_S
from synthgen.world import scene_description, spectra
from tests import scenes

DOME = scenes.lamp(scenes.pose(), "/dome", shape="dome", strength=5.0)
"""A uniform sky: every point of a lone sheet gets the same, so that a picture is its reflectance."""


def picture(world, camera, tracer="warp"):
    """Return the photons of a world's only view."""
    frame = scenes.frame_of(world, camera, tracer)
    lit = light(frame)
    return pixel_integration.photons(frame, lit, 0, pixel_integration.settled(frame, lit, 0).exposure_s)


def total(photons):
    """Return all photons over the exposure [1/(m^2 sr)], summed over bands, shape (height, width), float64."""
    return (photons.strobed.astype(float) + photons.rate.astype(float) * photons.exposure_s).sum(axis=-1)


def photons_per_j(wavelength_m=630e-9):
    return wavelength_m / (PLANCK_J_S * LIGHT_SPEED_M_S)


def test_a_lambertian_sends_rho_e_over_pi():
    world = scenes.description(instances=[scenes.instance("/card", scenes.sheet(2, 2))], lights=[DOME])
    found = picture(world, scenes.camera(scenes.looking_down(1.0), exposure_s=2e-3))
    expected = 0.5 * 5.0 * 2e-3 * photons_per_j()  # rho pi L / pi t lambda / hc
    # 0.3 %: the LED's spectrum is not quite its peak. All pixels alike: nothing is noisy here.
    np.testing.assert_allclose(total(found), expected, rtol=3e-3)
    assert np.ptp(total(found)) < 2e-4 * expected, "Schlick's term alone, at an index of 1 and 30 degrees"


@pytest.mark.parametrize("ior", [1.0, 1.5, 2.4])
@pytest.mark.parametrize("tilt_deg", [0.0, 60.0])
def test_a_white_surface_under_a_uniform_sky_returns_no_more_than_it_gets(ior, tilt_deg):
    """The furnace with body and lobe together; at an index of 1 it is exact."""
    white = scene_description.Material(path="/white", reflectance=(1.0,) * 4, ior=ior, roughness=0.4)
    turned = scenes.pose((0, 0, 0), scenes.turn("x", math.radians(tilt_deg)))
    world = scenes.description(instances=[scenes.instance("/card", scenes.sheet(9, 9), turned, white)], lights=[DOME])
    found = total(picture(world, scenes.camera(scenes.looking_down(1.0)))) / (5.0 * 1e-3 * photons_per_j())
    middle = found[36, 48]
    assert middle <= 1.003
    assert middle == pytest.approx(1.0, rel=0.05)


def test_the_reflectance_of_a_material_is_what_a_45_0_instrument_reads():
    """Lit at 45 degrees and seen along the normal, gloss excluded: paper of 0.8 sends 0.8 E / pi, glossy or not."""
    lamp = scenes.lamp(scenes.facing((1.0, 0, 1.0), (0, 0, 0)), strength=50.0)
    irradiance = 50.0 * scenes.contour(scenes.corners_of(lamp), np.zeros(3), np.array([0, 0, 1.0]))
    for ior, roughness in ((1.0, 0.5), (1.5, 0.3), (1.8, 0.2)):
        paper = scene_description.Material(path="/paper", reflectance=(0.8,) * 4, ior=ior, roughness=roughness)
        world = scenes.description(instances=[scenes.instance("/c", scenes.sheet(), material=paper)], lights=[lamp])
        found = total(picture(world, scenes.camera(scenes.looking_down(0.8), focal_px=900.0)))[36, 48]
        # 1 %: what a lobe of roughness 0.3 still sends 45 degrees off its mirror direction.
        assert found == pytest.approx(0.8 * irradiance / math.pi * 1e-3 * photons_per_j(), rel=0.01)


def test_a_lamp_in_view_shows_its_radiance():
    up = scenes.pose((0, 0, 0), np.diag([1.0, -1.0, -1.0]) @ scenes.DOWN)  # looks up
    for shape, size in (("rect", {}), ("disk", {"radius_m": 0.15}), ("sphere", {"radius_m": 0.15})):
        lamp = scenes.lamp(scenes.facing((0, 0, 1), (0, 0, 0)), shape=shape, **size)
        found = total(picture(scenes.description(lights=[lamp]), scenes.camera(up)))
        assert found[36, 48] == pytest.approx(10.0 * 1e-3 * photons_per_j(), rel=3e-3)
        assert found[2, 2] == 0
        hidden = scenes.description(
            instances=[scenes.instance("/cover", scenes.sheet(2, 2), scenes.pose((0, 0, 0.5)))], lights=[lamp]
        )
        assert total(picture(hidden, scenes.camera(up)))[36, 48] == 0


def test_a_dome_is_the_sky_behind_everything():
    found = picture(scenes.description(lights=[DOME]), scenes.camera(scenes.looking_down(1.0)))
    np.testing.assert_allclose(total(found), 5.0 * 1e-3 * photons_per_j(), rtol=3e-3)


def test_an_emitting_surface_shows_its_emission():
    glowing = replace(scenes.MATT, emission_w_m2_sr=(0.0, 0.0, 3.0, 0.0))
    world = scenes.description(instances=[scenes.instance("/card", scenes.sheet(2, 2), material=glowing)])
    found = picture(world, scenes.camera(scenes.looking_down(1.0)))
    np.testing.assert_allclose(total(found), 3.0 * 1e-3 * photons_per_j(650e-9), rtol=1e-4)


# -- blur --------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def half_black(tmp_path_factory):
    """Return a material that is black on its left half and white on its right, with a sharp edge between."""
    path = tmp_path_factory.mktemp("art") / "half.png"
    Image.fromarray(np.array([[0, 255]], np.uint8)).save(path)
    art = scene_description.Texture(asset=str(path), mode="tone", srgb=False, wrap=("clamp", "clamp"), nearest=True)
    return replace(scenes.MATT, path="/half", reflectance=(0.8,) * 4, ink_reflectance=(0.05,) * 4, texture=art)


def spread_px(values):
    """Return (mean, variance) of the line spread of an edge that rises along a picture's rows [px, px^2].

    The edge leans by one pixel from the first row to the last, so that every sub-pixel phase counts alike (ISO 12233's
    slanted edge). That and the difference of neighbouring pixels add 1/12 px^2 each; comparing two pictures takes both
    out.
    """
    profile = values.mean(axis=0)
    line = np.diff(profile) / (profile[-1] - profile[0])
    place = np.arange(len(line)) + 1.0
    mean = (line * place).sum()
    return mean, (line * (place - mean) ** 2).sum()


LEAN = scenes.turn("z", math.atan(1 / 72))


def edge_of(material, camera, lights=(DOME,), **how):
    sheet = scenes.instance("/card", scenes.sheet(2, 2), scenes.pose((0, 0, 0), LEAN), material, **how)
    return spread_px(total(picture(scenes.description(instances=[sheet], lights=lights), camera)))


SHARP = scenes.camera(scenes.looking_down(1.0, 0.002), focal_px=1600.0, exposure_s=2e-3)
STROBE = replace(DOME, pulse_s=5e-4)
LONG_STROBE = replace(DOME, pulse_s=1.0, delay_s=-0.1)


@pytest.mark.parametrize(
    ("lights", "speed_m_s", "shining_s"),
    [((DOME,), 2.0, 2e-3), ((DOME,), 6.0, 2e-3), ((STROBE,), 8.0, 5e-4), ((LONG_STROBE,), 2.0, 2e-3)],
)
def test_a_moving_edge_is_smeared_by_v_t_f_over_z_pitch(half_black, lights, speed_m_s, shining_s):
    """Shutter or pulse, whichever is shorter, decides. A box of length b has the variance b^2 / 12."""
    still = edge_of(half_black, SHARP, lights)[1]
    moved = edge_of(half_black, SHARP, lights, velocity_m_s=(speed_m_s, 0.0, 0.0))[1]
    length_px = math.sqrt(12 * (moved - still))
    # 3 %: 32 places in time stand for all.
    assert length_px == pytest.approx(speed_m_s * shining_s * 1600.0 / 1.0, rel=0.03)


def test_motion_along_an_edge_does_not_smear_it(half_black):
    still, along = (edge_of(half_black, SHARP, velocity_m_s=tuple(LEAN @ (0, v, 0)))[1] for v in (0.0, 5.0))
    assert along == pytest.approx(still, abs=0.01)


def test_the_smear_is_centred_on_where_the_label_says_the_edge_is(half_black):
    still, moved = (edge_of(half_black, SHARP, velocity_m_s=(v, 0.0, 0.0))[0] for v in (0.0, 4.0))
    expected = SHARP.cx_px - 0.002 * 1600.0
    # 0.05 px: half of what labelled corners may be off.
    assert still == pytest.approx(expected, abs=0.05) and moved == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize("z_m", [0.9, 1.3, 1.5])
def test_defocus_is_the_thin_lens_s_circle_of_confusion(half_black, z_m):
    """A disc of diameter c has the variance c^2 / 16 across an edge."""
    f, number, focus, pitch = 0.025, 4.0, 1.1, 5e-6
    lens = replace(scenes.LENS, focal_m=f, f_number=number, focus_m=focus)
    camera = scenes.camera(scenes.looking_down(z_m), focal_px=f / pitch, lens=lens)
    sharp = replace(camera, lens=replace(lens, focus_m=0.0))
    found = 4 * math.sqrt(edge_of(half_black, camera)[1] - edge_of(half_black, sharp)[1])
    expected = f / number * f * abs(z_m - focus) / (z_m * (focus - f)) / pitch
    assert expected > 2
    # 3 %: of 96 pixels' sums; 32 places stand for the disc.
    assert found == pytest.approx(expected, rel=0.03)


def test_in_focus_only_pixel_and_diffraction_are_left(half_black):
    lens = replace(scenes.LENS, focus_m=1.0, f_number=8.0)
    found = edge_of(half_black, scenes.camera(scenes.looking_down(1.0), focal_px=1600.0, lens=lens))[1]
    airy_px = 0.42 * 0.6e-6 * 8.0 / 5e-6
    # 1/12 each of the pixel, the difference and the lean, and the Airy disc; 4 % for 32 places.
    assert found == pytest.approx(3 / 12 + airy_px**2, rel=0.04)


def test_a_pixel_on_a_silhouette_is_its_share_of_each_surface():
    """An edge that crosses pixel columns at a known fraction: grey is area, to one of 16 rays."""
    black = replace(scenes.MATT, path="/black", reflectance=(0.0,) * 4)
    lens = replace(scenes.LENS, f_number=0.1)  # no diffraction to speak of
    for fraction in (0.2, 0.5, 0.85):
        edge_m = (fraction - 8.0) / 1600.0  # at column 48 - 8 + fraction
        card = scenes.instance("/card", scenes.sheet(1, 1), scenes.pose((0.5 + edge_m, 0, 0.0)))
        floor = scenes.instance("/floor", scenes.sheet(2, 2), scenes.pose((0, 0, -0.05)), black)
        world = scenes.description(instances=[card, floor], lights=[DOME])
        found = total(picture(world, scenes.camera(scenes.looking_down(1.0), focal_px=1600.0, lens=lens)))
        share = found[20:50, 40] / found[20:50, 60]
        np.testing.assert_allclose(share, 1 - fraction, atol=1 / 16)
        np.testing.assert_allclose(found[20:50, 36] / found[30, 60], 0, atol=1e-6)


def test_a_moving_silhouette_is_smeared_on_both_sides():
    """A carton's edge before a floor at rest: light of the carton reaches pixels whose centre it never covers."""
    black = replace(scenes.MATT, path="/black", reflectance=(0.0,) * 4)
    floor = scenes.instance("/floor", scenes.sheet(2, 2), scenes.pose((0, 0, -0.05)), black)

    def spread(speed):
        card = scenes.instance(
            "/card", scenes.sheet(1, 1), scenes.pose(tuple(LEAN @ (0.5, 0, 0)), LEAN), velocity_m_s=(speed, 0, 0)
        )
        return spread_px(total(picture(scenes.description(instances=[card, floor], lights=[DOME]), SHARP)))

    (middle, still), (moved_middle, moved) = spread(0.0), spread(2.0)
    # 10 %: 16 rays stand for the pulse; 0.3 px: the smear may not lean to one side.
    assert math.sqrt(12 * max(moved - still, 0)) == pytest.approx(2.0 * 2e-3 * 1600.0, rel=0.1)
    assert moved_middle == pytest.approx(middle, abs=0.3)


def test_blur_maps_say_what_the_picture_shows():
    card = scenes.instance("/card", scenes.sheet(2, 2), velocity_m_s=(2.0, -1.0, 0.0))
    lens = replace(scenes.LENS, focus_m=0.8)
    camera = scenes.camera(scenes.looking_down(1.0), focal_px=1600.0, lens=lens, exposure_s=1e-3)
    found = picture(scenes.description(instances=[card], lights=[DOME]), camera)
    # Image x runs with +x, image y against +y.
    np.testing.assert_allclose(found.motion_px[36, 48], (3.2, 1.6), rtol=1e-3)
    diameter = 0.008 / 4 * 0.008 * 0.2 / (1.0 * (0.8 - 0.008)) / 5e-6
    assert found.coc_px[36, 48] == pytest.approx(diameter, rel=1e-4)
    np.testing.assert_allclose(found.motion_time_s, 1e-3, rtol=1e-5)


def test_auto_exposure_keeps_strobes_whole_and_scales_what_is_steady():
    from synthgen.rendering import sensor

    card = scenes.instance("/card", scenes.sheet(2, 2))
    camera = scenes.camera(scenes.looking_down(1.0), focal_px=900.0, exposure_s=0.05, auto_exposure_target=0.5)
    found = picture(scenes.description(instances=[card], lights=[DOME]), camera)
    electrons = total(found) * sensor.electrons_per_photon(camera)[0][2]
    assert found.exposure_s < 0.05
    # 1 %: exposure times have 4 digits, and cos^4 is all but 1 in this narrow field.
    assert np.median(electrons) == pytest.approx(0.5 * sensor.capacity_e(camera.sensor), rel=0.01)


def test_bands_get_the_lamp_s_own_photons():
    world = scenes.description(instances=[scenes.instance("/card", scenes.sheet(2, 2))])
    for peak_nm, band in ((450, 0), (550, 1), (650, 2), (850, 3)):
        lamp = replace(DOME, spectrum=spectra.led(peak_nm, 15))
        found = picture(replace(world, lights=(lamp,)), scenes.camera(scenes.looking_down(1.0)))
        bands = found.rate[36, 48]
        assert bands[band] > 0.99 * bands.sum()
        assert bands[band] == pytest.approx(2.5 * photons_per_j(peak_nm * 1e-9), rel=5e-3)
