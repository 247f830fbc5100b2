"""Exposure in scenes, against closed forms, the lamp on its own, and the measuring command."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from synthgen.errors import InputError
from synthgen.photobiology import lamp as lamps_alone
from synthgen.photobiology.duty_cycle import Drive
from synthgen.photobiology.editions import HAZARDS
from synthgen.photobiology.weighting import fraction
from synthgen.rendering.irradiance_probe import measure
from synthgen.safety.scene.inventory import emitters_of
from synthgen.safety.scene.lamps import Lamps
from synthgen.safety.scene.levels import Eye
from synthgen.safety.scene.sight import FINE
from synthgen.world import spectra
from tests.safety_scenes import IEC, NIR, assessed, disk, judged, near, row, sight, zone
from tests.scenes import box, facing, instance, lamp, pose, sheet, turn

IR_100_S = 18000.0 * 100.0**-0.75


def test_disk_over_a_walkway_is_worst_below_it() -> None:
    """E = pi L r^2 / (d^2 + r^2) on the axis of a Lambertian disk."""
    found = judged(sight([instance("/floor", sheet(6, 6))], [disk()]), zone((-1.0, -0.5, 0.0), (1.3, 0.5, 2.2)))
    expected = math.pi * 2e5 * 0.05**2 / (1.1**2 + 0.05**2) / IR_100_S
    assert found.worst_hazard == "ir-eye"
    assert found.worst_ratio == pytest.approx(expected, rel=1e-3)
    assert near(found.worst_position_m, (0.0, 0.0, 1.9), 0.01)
    assert found.eyes_m[0][2] == 1.2 and found.eyes_m[1][2] == 1.9
    assert found.worst_gaze[2] == pytest.approx(1.0, abs=1e-3)
    assert found.convergence.converged and found.convergence.last_change < 0.01


def half_covered(x_m: np.ndarray, z_m: np.ndarray) -> np.ndarray:
    """Return the irradiance below a sheet that ends at x = 0 and covers x > 0, 0.4 m under the disk of `disk()`.

    The eye at (x, 0, z) sees the disk's points with x_s < s, where the ray through the sheet's edge meets the disk: a
    circular segment of area r^2 (pi - acos(s/r)) + s sqrt(r^2 - s^2). E = L A cos / d^2 of its middle, good to (r/d)^2.
    """
    r, lamp_z, sheet_z = 0.05, 3.0, 2.6
    s = np.clip(-x_m * (lamp_z - sheet_z) / (sheet_z - z_m), -r, r)
    area = r**2 * (math.pi - np.arccos(s / r)) + s * np.sqrt(r**2 - s**2)
    middle = np.where(area > 1e-9, -2.0 / 3.0 * (r**2 - s**2) ** 1.5 / np.maximum(area, 1e-9), -r)
    d2 = (x_m - middle) ** 2 + (lamp_z - z_m) ** 2
    return 2e5 * area * (lamp_z - z_m) / d2**1.5


def test_disk_behind_a_baffle_is_worst_where_the_closed_form_says() -> None:
    """A walkway under the covered side: worst at its open edge, by the area of the circular segment that is seen."""
    baffle = instance("/World/Baffles/shade", sheet(2.0, 4.0), pose((1.0, 0.0, 2.6)))
    view = sight([instance("/floor", sheet(6, 6)), baffle], [disk()])
    found = judged(view, zone((-0.03, 0.0, 1.2), (1.0, 0.0, 1.9)))
    x, z = np.meshgrid(np.linspace(-0.03, 1.0, 2061), np.linspace(1.2, 1.9, 281))
    closed = half_covered(x, z)
    at = np.unravel_index(int(closed.argmax()), closed.shape)
    assert found.worst_ratio == pytest.approx(closed[at] / IR_100_S, rel=0.01)
    assert near(found.worst_position_m, (float(x[at]), 0.0, float(z[at])), 0.02)
    open_ratio = math.pi * 2e5 * 0.05**2 / (1.1**2 + 0.05**2) / IR_100_S
    assert found.worst_ratio < 0.9 * open_ratio


def test_tracers_agree_behind_a_baffle() -> None:
    baffle = instance("/World/Baffles/shade", sheet(2.0, 4.0), pose((1.0, 0.0, 2.6)))
    eye = np.array([[0.0, 0.0, 1.9]])
    found = []
    for name in ("warp", "embree"):
        view = sight([baffle], [disk()], name)
        found.append(Eye(view.look(eye)[0], Lamps(view.lights, IEC)).ratios(Lamps(view.lights, IEC).exposures(100.0)))
    np.testing.assert_allclose(found[0], found[1], rtol=2e-3)


def emitters(count: int, spectrum: spectra.Spectrum, radiance: float = 1e6) -> list:
    """Return disks of 1 mm, 20 mm apart along x, shining down from 3 m."""
    xs = 0.02 * (np.arange(count) - (count - 1) / 2)
    return [
        lamp(facing((float(x), 0.0, 3.0), (float(x), 0.0, 0.0)), f"/World/Lights/led_{k}", shape="disk", radius_m=5e-4,
             strength=radiance, spectrum=spectrum)
        for k, x in enumerate(xs)
    ]  # fmt: skip


def test_a_cone_that_sees_one_of_20_emitters_reads_one() -> None:
    """11 mrad at 0.2 m is 2.2 mm: mean radiance L (1 mm / 2.2 mm)^2 of one emitter, whatever its neighbours do."""
    eye = (0.01, 0.0, 2.8)
    twenty = row(
        judged(sight([], emitters(20, NIR)), zone(eye, eye, kind="custom", duration_s=10.0)), "retinal-thermal"
    )
    cone = 2.0 * math.tan(0.011 / 2) * 0.2
    expected = 1e6 * (1e-3 / cone) ** 2 * fraction(NIR, "retinal-thermal", IEC)
    assert twenty.level == pytest.approx(expected, rel=2e-3)
    assert twenty.alpha_rad == pytest.approx(0.005, rel=2e-3)
    assert twenty.averaging_angle_rad == pytest.approx(0.011)
    assert twenty.lamps[0].share == pytest.approx(1.0)


def test_a_cone_that_sees_all_20_emitters_reads_their_sum() -> None:
    """100 mrad at 4 m holds all: L_B = sum of E over pi/4 0.1^2 sr; together they are one source of 95 mrad x 0."""
    blue = spectra.led(450, 20)
    eye = (0.0, 0.0, -1.0)
    found = judged(sight([], emitters(20, blue)), zone(eye, eye, kind="custom", duration_s=1e4))
    area = math.pi * 5e-4**2
    d2 = 16.0 + (0.02 * (np.arange(20) - 9.5)) ** 2
    total = (1e6 * area * 16.0 / d2**2).sum()
    cap_sr = 2.0 * math.pi * (1.0 - math.cos(0.05))
    expected = total / cap_sr * fraction(blue, "blue-light", IEC)
    assert row(found, "blue-light").level == pytest.approx(expected, rel=2e-3)
    assert not row(found, "blue-light-small").applicable
    assert len(row(found, "blue-light").lamps) == 20


def test_a_sky_about_a_lamp_is_no_part_of_its_source() -> None:
    """10 cm at 1.1 m are 91 mrad (2 atan), whether or not a faint sky shows beside them; the sky has no edge."""
    eye = (0.0, 0.0, 1.9)
    sky = lamp(facing((0.0, 0.0, 0.0), (0.0, 0.0, -1.0)), "/World/Lights/sky", shape="dome", strength=0.1, spectrum=NIR)
    ratios = []
    for lights in ([disk()], [disk(), sky]):
        result = row(judged(sight([], lights), zone(eye, eye, kind="custom")), "retinal-thermal")
        assert result.alpha_rad == pytest.approx(2.0 * math.atan(0.05 / 1.1), rel=1e-6)
        ratios.append(result.ratio)
    assert ratios[1] == pytest.approx(ratios[0], rel=1e-3)


@pytest.mark.parametrize("hazard", ["worst", "ir-eye", "retinal-thermal"])
@pytest.mark.parametrize("gaze", ["worst", "at_source", "horizontal"])
def test_the_largest_ratio_alone_is_that_of_all_ratios(hazard: str, gaze: str) -> None:
    baffle = instance("/World/Baffles/shade", sheet(0.5, 0.5), pose((0.3, 0.0, 2.5)))
    sky = lamp(facing((0.0, 0.0, 0.0), (0.0, 0.0, -1.0)), "/World/Lights/sky", shape="dome", strength=2.0)
    view = sight([baffle], [disk(), bar(pulse_s=1e-4, rate_hz=20.0), sky])
    known = Lamps(view.lights, IEC)
    exposures = known.exposures(100.0)
    eyes = np.array([[0.0, 0.0, 1.9], [0.3, 0.1, 1.2], [0.1, 0.9, 1.5], [-0.7, 0.6, 1.6]])
    for seen in view.look(eyes):
        eye = Eye(seen, known, gaze)
        ratios = eye.ratios(exposures, quick=True)
        asked = ratios if hazard == "worst" else ratios[:, [HAZARDS.index(hazard)]]
        ratio, name = eye.largest(exposures, hazard)
        assert ratio == asked.max()
        assert ratio == 0.0 or ratios[:, HAZARDS.index(name)].max() == ratio


def bar(**drive: float):
    return lamp(
        facing((0.0, 0.0, 1.5), (0.0, 1.0, 1.5)), "/World/Lights/bar", width_m=0.6, height_m=0.04, strength=3e4,
        spectrum=NIR, **drive,
    )  # fmt: skip


def test_strobed_bar_shows_single_pulse_and_average_and_continuous_gives_the_lamp_on_its_own() -> None:
    """Every case and hazard as `safety lamp` has it at 1 m; the time average is duty times the continuous answer."""
    eye = (0.0, 1.0, 1.5)
    steady = judged(sight([], [bar()]), zone(eye, eye))
    strobed = judged(sight([], [bar(pulse_s=1e-3, rate_hz=20.0)]), zone(eye, eye))
    assert [case.name for case in steady.cases] == ["continuous"]
    assert [case.name for case in strobed.cases] == ["single pulse", "pulses within 0.25 s", "time average"]
    for found, drive in ((steady, Drive()), (strobed, Drive(1e-3, 20.0))):
        alone = lamps_alone.assess(
            lamps_alone.Lamp(spectrum=NIR, emitters=emitters_of(bar()), drive=drive), IEC, 100.0, distance_m=1.0
        )
        assert len(found.cases) == len(alone.cases)
        for mine, theirs in zip(found.cases, alone.cases, strict=True):
            assert mine.name == theirs.name and mine.duration_s == theirs.duration_s
            for a, b in zip(mine.hazards, theirs.hazards, strict=True):
                assert a.ratio == pytest.approx(b.ratio, rel=0.01, abs=1e-12), (mine.name, a.hazard)
                if b.applicable and b.ratio > 0:
                    assert a.t_max_s == pytest.approx(b.t_max_s, rel=0.03), (mine.name, a.hazard)
    assert row(strobed, "ir-eye").ratio == pytest.approx(0.02 * row(steady, "ir-eye").ratio, rel=1e-6)
    assert row(strobed, "retinal-thermal", 0).ratio > row(strobed, "retinal-thermal").ratio


def test_a_mirror_shows_the_lamp_as_far_as_it_is() -> None:
    """A wall hides the lamp; a mirror at x = 1 shows it from the unfolded distance, times its reflectance."""
    from synthgen.world import scene_description

    metal = scene_description.Material(path="/metal", reflectance=(0.9,) * 4, metallic=1.0, roughness=0.05)
    mirror = instance("/mirror", sheet(4.0, 4.0), pose((1.0, 0.0, 1.5), turn("y", -math.pi / 2)), metal)
    wall = instance("/wall", box((0.5, 0.01, 4.0)), pose((0.0, 0.0, 1.5)))
    small = lamp(
        facing((0.0, 1.0, 1.5), (1.0, 0.0, 1.5)), "/World/Lights/lamp", shape="disk", radius_m=0.02, strength=1e6,
        spectrum=NIR,
    )  # fmt: skip
    eye = (0.0, -1.0, 1.5)
    found = judged(sight([mirror, wall], [small]), zone(eye, eye), hazard="ir-eye")
    assert found.worst_ratio == 0.0
    path_m = 2.0 * math.sqrt(2.0)
    reflectance = 0.9 + 0.1 * (1.0 - math.cos(math.pi / 4)) ** 5
    expected = reflectance * math.pi * 1e6 * 0.02**2 / path_m**2 / IR_100_S
    assert found.second_path.hazard == "ir-eye"
    assert found.second_path.ratio == pytest.approx(expected, rel=3e-3)
    assert found.second_path.surface == "/mirror"
    assert found.second_path.gaze == pytest.approx((math.sqrt(0.5), math.sqrt(0.5), 0.0), abs=2e-3)
    turned = replace(small, world_from_light=facing((0.0, 1.0, 1.5), (-1.0, 2.0, 1.5)))
    assert judged(sight([mirror, wall], [turned]), zone(eye, eye)).second_path.ratio == 0.0


@pytest.mark.parametrize(
    "numbers",
    [
        {"shape": "rect", "width_m": 0.6, "height_m": 0.04},
        {"shape": "rect", "width_m": 0.6, "height_m": 0.04, "cone_angle_rad": 0.9, "cone_softness": 0.4, "focus": 1.0},
        {"shape": "disk", "radius_m": 0.15},
        {"shape": "sphere", "radius_m": 0.1},
        {"shape": "cylinder", "radius_m": 0.03, "length_m": 0.4},
        {"shape": "point", "strength": 50.0},
        {"shape": "distant", "half_angle_rad": 0.3},
    ],
    ids=lambda n: f"{n['shape']}-{n.get('focus', 0)}",
)
def test_irradiance_is_that_of_the_measuring_command(numbers: dict) -> None:
    light = lamp(facing((0.3, 0.2, 2.5), (0.1, 0.0, 0.0)), spectrum=NIR, **numbers)
    shade = instance("/shade", sheet(0.5, 0.5), pose((0.45 if light.shape != "point" else 0.6, 0.2, 2.1)))
    view = sight([shade], [light])
    eye = np.array([0.0, 0.1, 1.0])
    seen = view.look(eye[None], FINE)[0]
    gaze = -np.asarray(light.world_from_light)[:3, 2] * -1.0
    expected = measure(view.tables, view.tracer, eye[None], gaze[None]).irradiance_w_m2[0, 0]
    assert expected > 0.0
    assert np.maximum(seen.vectors_w_m2 @ gaze, 0.0).sum() == pytest.approx(expected, rel=5e-3)


def test_an_even_sky_gives_pi_times_its_radiance() -> None:
    view = sight([], [lamp(pose(), shape="dome", strength=10.0, spectrum=NIR)])
    found = judged(view, zone((0, 0, 1.5), (0, 0, 1.5)))
    skin_free = row(found, "ir-eye")
    accepted = math.pi * 10.0 * math.sin(0.7) ** 2  # a receiver of 1.4 rad sees a cap
    assert skin_free.ratio == pytest.approx(accepted / IR_100_S, rel=0.04)
    assert row(found, "retinal-thermal").level == pytest.approx(10.0 * fraction(NIR, "retinal-thermal", IEC), rel=1e-3)


def test_a_receiver_of_1_4_rad_does_not_add_lamps_on_both_sides() -> None:
    lights = [
        lamp(
            facing((s, 0.0, 1.5), (0.0, 0.0, 1.5)),
            f"/lamp_{s}",
            shape="disk",
            radius_m=0.01,
            strength=1e6,
            spectrum=NIR,
        )
        for s in (-1.0, 1.0)
    ]
    eye = (0.0, 0.8, 1.5)  # sees them 103 degrees apart
    one, both = (judged(sight([], lights[:n]), zone(eye, eye)) for n in (1, 2))
    assert row(both, "ir-eye").ratio == pytest.approx(row(one, "ir-eye").ratio, rel=1e-6)
    short = [judged(sight([], lights[:n]), zone(eye, eye, duration_s=5.0)) for n in (1, 2)]
    assert row(short[1], "skin-thermal").ratio > 1.2 * row(short[0], "skin-thermal").ratio


def test_a_horizontal_gaze_takes_the_cosine_and_looks_at_nothing_overhead() -> None:
    view = sight([], [disk()])
    place = (1.1, 0.0, 1.9)  # the lamp is seen 45 degrees up
    free, level = (judged(view, zone(place, place, gaze=gaze)) for gaze in ("worst", "horizontal"))
    assert row(free, "skin-thermal").ratio == 0.0
    free, level = (judged(view, zone(place, place, gaze=g, duration_s=5.0)) for g in ("worst", "horizontal"))
    ratio = row(level, "skin-thermal").ratio / row(free, "skin-thermal").ratio
    assert ratio == pytest.approx(math.sqrt(0.5), rel=1e-3)
    assert row(level, "ir-eye").ratio == 0.0  # 45 degrees is outside 1.4 rad about the gaze
    assert row(level, "retinal-thermal").ratio == 0.0
    assert row(judged(view, zone(place, place, gaze="at_source")), "ir-eye").ratio > 0.0


def test_hazard_distance_is_where_the_limit_is_met() -> None:
    found = judged(sight([], [disk()]), zone((-0.5, -0.5, 1.2), (0.5, 0.5, 1.9)), hazard="ir-eye")
    expected = math.sqrt(math.pi * 2e5 * 0.05**2 / IR_100_S - 0.05**2)
    assert found.hazard_distance_m == pytest.approx(expected, rel=2e-3)
    assert found.t_max_s == pytest.approx(100.0 * (1.0 / found.worst_ratio) ** (4.0 / 3.0), rel=2e-3)


def test_maps_hold_the_ratio_of_each_place() -> None:
    found = judged(sight([], [disk()]), zone((-1.0, -0.5, 1.2), (1.0, 0.5, 1.9)), maps=True, hazard="ir-eye")
    assert [m.z_m for m in found.maps] == pytest.approx([1.2, 1.55, 1.9])
    for each in found.maps:
        ny, nx = each.ratio.shape
        x = each.origin_m[0] + each.spacing_m[0] * np.arange(nx)
        y = each.origin_m[1] + each.spacing_m[1] * np.arange(ny)
        assert x[-1] == pytest.approx(1.0) and y[-1] == pytest.approx(0.5)
        gx, gy = np.meshgrid(x, y)
        d2 = gx**2 + gy**2 + (3.0 - each.z_m) ** 2
        closed = math.pi * 2e5 * 0.05**2 * (3.0 - each.z_m) / d2**1.5 / IR_100_S
        np.testing.assert_allclose(each.ratio, closed, rtol=6e-3)


def test_visible_light_is_no_weak_stimulus_and_infrared_is() -> None:
    eye = (0.0, 0.0, 1.9)
    for spectrum, weak in ((NIR, True), (spectra.white_led(5000), False)):
        found = judged(sight([], [disk(spectrum=spectrum)]), zone(eye, eye))
        assert (row(found, "retinal-thermal-weak").ratio > 0.0) is weak
        assert row(found, "retinal-thermal").ratio > 0.0


def test_an_assessment_says_what_it_found() -> None:
    view = sight([instance("/floor", sheet(6, 6))], [disk()])
    found = assessed(view, [zone((-0.5, -0.5, 1.2), (0.5, 0.5, 1.9))], normative=True, remedy=False)
    assert not found.passed and "NOT within" in found.verdict
    (source,) = found.sources
    assert source.peak_power_w == pytest.approx(math.pi * 2e5 * math.pi * 0.05**2)
    assert source.normative is not None and source.normative.risk_group == "RG3"
    assert source.normative.distance_m == 0.2
    assert found.identity.stage_sha256 and found.budget.coverage_factor == 2.0
    assert any("acceptance" in text for text in found.unverified)
    assert any("type testing" in text for text in found.limits_of_method)
    again = assessed(view, [zone((-0.5, -0.5, 1.2), (0.5, 0.5, 1.9))], normative=True, remedy=False)
    assert again.text() == found.text()


def test_a_guard_banded_verdict_fails_what_the_simple_one_passes() -> None:
    strength = 2e5 * 0.95 / (math.pi * 2e5 * 0.05**2 / (1.1**2 + 0.05**2) / IR_100_S)
    view = sight([], [disk(radiance=strength)])
    where = [zone((0.0, 0.0, 1.9), (0.0, 0.0, 1.9))]
    assert assessed(view, where).passed
    assert not assessed(view, where, decision_rule="guarded", remedy=False).passed


def ratios_of(view, eye: tuple[float, float, float]) -> np.ndarray:
    """Return the ratios of every exposure and hazard at one place."""
    known = Lamps(view.lights, IEC)
    return Eye(view.look(np.array([eye]))[0], known).ratios(known.exposures(100.0))


@settings(max_examples=8, deadline=None)
@given(
    factor=st.floats(0.01, 100.0),
    x=st.floats(-1.0, 1.0),
    spectrum=st.sampled_from([NIR, spectra.led(450, 20), spectra.white_led(4000)]),
)
@example(factor=1.0, x=0.21875, spectrum=NIR)  # the sheet's edge crosses the disk: its tiles are split
@example(factor=1.0, x=0.3, spectrum=NIR)
def test_ratios_are_linear_in_power_and_a_sheet_never_raises_them(factor: float, x: float, spectrum) -> None:
    eye = (x, 0.2, 1.6)
    plain = ratios_of(sight([], [disk(spectrum=spectrum)]), eye)
    brighter = ratios_of(sight([], [disk(spectrum=spectrum, radiance=2e5 * factor)]), eye)
    np.testing.assert_allclose(brighter, factor * plain, rtol=1e-9)
    shade = instance("/World/Baffles/shade", sheet(0.8, 0.8), pose((0.5, 0.0, 2.5)))
    assert (ratios_of(sight([shade], [disk(spectrum=spectrum)]), eye) <= plain * (1.0 + 1e-9)).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"zone": {"gaze": "down"}}, "gaze 'down'.*worst, at_source, horizontal"),
        ({"zone": {"duration_s": -1.0}}, "duration_s.*positive"),
        ({"light": {"pulse_s": 0.1, "rate_hz": 20.0}}, "/World/Lights/disk.*longer than the period"),
        ({"light": {"pulse_s": -1e-3}}, "/World/Lights/disk.*0 or more"),
        ({"asked": {"edition": "iec62471"}}, "edition.*iec62471-2006"),
        ({"asked": {"hazard": "blue"}}, "hazard.*worst or one of"),
        ({"asked": {"max_ratio": 0.0}}, "max_ratio.*positive"),
        ({"asked": {"decision_rule": "lenient"}}, "decision rule.*simple, guarded"),
    ],
)
def test_wrong_inputs_are_refused_with_a_remedy(change: dict, message: str) -> None:
    view = sight([], [disk(**change.get("light", {}))])
    where = zone((0, 0, 1.2), (1, 1, 1.9), **change.get("zone", {}))
    with pytest.raises(InputError, match=f"(?s){message}"):
        assessed(view, [where], **change.get("asked", {}))


def test_a_box_upside_down_and_a_scene_without_zones_are_refused() -> None:
    view = sight([], [disk()])
    with pytest.raises(InputError, match="lowest and the highest corner"):
        judged(view, zone((0, 0, 1.9), (1, 1, 1.2)))
    with pytest.raises(InputError, match=r"safety.zones.*declare"):
        assessed(view, [])
