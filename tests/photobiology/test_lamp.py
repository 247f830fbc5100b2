"""A whole assessment: risk groups, pulses against averages against continuous, distances, refusals."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthgen.errors import InputError
from synthgen.photobiology.beam import lambertian
from synthgen.photobiology.duty_cycle import Drive
from synthgen.photobiology.editions import EU, ICNIRP, IEC
from synthgen.photobiology.emitter_geometry import Emitters, grid_centers_m
from synthgen.photobiology.exposure import measured
from synthgen.photobiology.lamp import Lamp, assess, assess_levels
from synthgen.world import spectra

NIR = spectra.led(850.0, 35.0)
WHITE = spectra.white_led(5109.0)


def _lamp(spectrum=NIR, power_w=1.0, size_m=1e-3, centers_m=None, **rest):
    emitters = Emitters(
        shape="rect",
        size_m=(size_m, size_m),
        centers_m=np.zeros((1, 2)) if centers_m is None else centers_m,
        power_w=power_w,
        beam=lambertian(),
    )
    return Lamp(spectrum=spectrum, emitters=emitters, **rest)


def _row(assessment, hazard, case=0):
    return next(row for row in assessment.cases[case].hazards if row.hazard == hazard)


def _group(assessment, hazard):
    return next(group for group in assessment.groups if group.hazard == hazard)


def test_a_nir_die_by_hand():
    # 1 W Lambertian from 1 mm2 at 200 mm: E = 1 / (pi 0.04) = 7.958 W/m2, all of it 780 to 3000 nm
    found = assess(_lamp())
    infrared = _row(found, "ir-eye")
    assert (infrared.level, infrared.limit) == (pytest.approx(7.958, rel=1e-3), 100.0)
    assert infrared.ratio == pytest.approx(0.0796, rel=1e-3)
    # L averaged over 11 mrad = E / 9.503e-5 sr = 83.74 kW/(m2 sr), times R = 0.50236; alpha 5 mrad; 5e5/10^0.25/alpha
    thermal = _row(found, "retinal-thermal")
    assert thermal.level == pytest.approx(83740 * 0.50236, rel=2e-3)
    assert thermal.limit == pytest.approx(28117.07 / 0.005, rel=1e-4)
    # no visible stimulus: 6000 / 11 mrad
    weak = _row(found, "retinal-thermal-weak")
    assert weak.limit == pytest.approx(6000 / 0.011)
    assert found.risk_group == "Exempt"


def test_risk_groups_of_infrared_follow_the_table():
    # E_IR: Exempt to 100, RG1 to 570, RG2 to 3200 W/m2; a 60 mm square keeps retinal hazards out of the way
    for power_w, group in ((10.0, "Exempt"), (30.0, "RG1"), (200.0, "RG2"), (800.0, "RG3")):
        found = assess(_lamp(power_w=power_w, size_m=0.06))
        level = _row(found, "ir-eye").level
        expected = next(
            g for g, most in (("Exempt", 100), ("RG1", 570), ("RG2", 3200), ("RG3", math.inf)) if level <= most
        )
        assert _group(found, "ir-eye").risk_group == expected == group, level


def test_white_led_at_the_luminance_between_rg1_and_rg2():
    # research 2: 1.443e7 cd/m2 of a 5109 K LED is L_B = 1e4 W/(m2 sr)
    for factor, group in ((0.98, "RG1"), (1.02, "RG2")):
        levels = measured(WHITE, luminance_cd_m2=factor * 1.443e7, alpha_rad=0.05)
        assert _group(assess_levels(WHITE, levels), "blue-light").risk_group == group


def test_white_led_at_the_illuminance_of_the_small_source_limit():
    # research 2: 1442.9 lx of CIE LED-B4 is E_B = 1 W/m2; a small source has no RG1
    for factor, group in ((0.98, "Exempt"), (1.02, "RG2")):
        levels = measured(WHITE, illuminance_lux=factor * 1442.9, alpha_rad=0.005)
        found = assess_levels(WHITE, levels)
        assert _group(found, "blue-light-small").risk_group == group
        assert not _row(found, "blue-light").applicable


def test_an_array_is_not_summed_for_the_retina_but_is_for_the_cornea():
    one = assess(_lamp(power_w=1.0))
    array = assess(_lamp(power_w=20.0, centers_m=grid_centers_m(20, 1, (0.02, 0.02))))
    assert _row(array, "retinal-thermal").level == pytest.approx(_row(one, "retinal-thermal").level, rel=1e-3)
    assert _row(array, "ir-eye").level > 8.0 * _row(one, "ir-eye").level
    # alpha is that of the whole source: 381 mm x 1 mm at 200 mm, clipped axis by axis: (100 + 5) / 2 mrad
    assert _row(array, "retinal-thermal").alpha_rad == pytest.approx(0.0525)


def test_a_strobed_bar_by_pulse_by_group_by_average_and_continuous():
    bar = {"power_w": 200.0, "centers_m": grid_centers_m(20, 1, (0.02, 0.02))}
    strobed = assess(_lamp(**bar, drive=Drive(50e-6, 30.0)))
    steady = assess(_lamp(**bar))
    assert [case.name for case in strobed.cases] == ["single pulse", "pulses within 0.25 s", "time average"]
    single, group, average = (_row(strobed, "ir-eye", k) for k in range(3))
    level = _row(steady, "ir-eye").level
    assert single.level == pytest.approx(level)
    assert single.limit == pytest.approx(18000.0 * (50e-6) ** -0.75)
    assert group.level == pytest.approx(level * 8 * 50e-6 / 0.25)
    assert average.level == pytest.approx(level * 50e-6 * 30.0)
    assert average.limit == 100.0
    # single pulse of the retina: cone 1.7 mrad
    assert _row(strobed, "retinal-thermal", 0).averaging_angle_rad == 0.0017
    assert (strobed.risk_group, steady.risk_group) == ("Exempt", "RG3")


def test_a_strobe_that_never_goes_off_is_the_continuous_lamp():
    bar = {"power_w": 20.0, "centers_m": grid_centers_m(5, 1, (0.02, 0.02))}
    on, steady = assess(_lamp(**bar, drive=Drive(1.0 / 30.0, 30.0))), assess(_lamp(**bar))
    assert on.cases == steady.cases
    assert (on.risk_group, on.groups) == (steady.risk_group, steady.groups)


def test_a_pulse_above_its_limit_is_rg3_whatever_its_average():
    # 1 mm2, 4000 W for 10 us once in 100 s: L = 1.27e9 W/(m2 sr) x 0.502 against 5e4 / (5e-3 (1e-5)^0.25) = 1.78e8
    found = assess(_lamp(power_w=4000.0, drive=Drive(1e-5, 0.01)))
    assert _row(found, "retinal-thermal").ratio == pytest.approx(4000 / (math.pi * 1e-6) * 0.50236 / 1.7783e8, rel=2e-3)
    assert found.risk_group == "RG3"
    assert "single pulse" in found.risk_group_reason
    assert _group(found, "ir-eye").risk_group == "Exempt"


def test_editions_disagree_where_the_research_says():
    small = {"spectrum": WHITE, "levels": measured(WHITE, illuminance_lux=100.0, alpha_rad=0.005)}
    iec, eu = (_row(assess_levels(**small, edition=edition), "blue-light-small") for edition in (IEC, EU))
    assert eu.ratio == pytest.approx(100.0 * iec.ratio)  # 0.01 against 1.0 W/m2
    royal = spectra.led(450.0, 20.0)
    levels = measured(royal, radiance_w_m2_sr=1e4, alpha_rad=0.05)
    iec, icnirp = (_row(assess_levels(royal, levels, e), "retinal-thermal").level for e in (IEC, ICNIRP))
    assert iec / icnirp == pytest.approx(9.12738 / 0.99940, rel=2e-3)
    assert assess_levels(royal, levels, ICNIRP).risk_group == ""


def test_hazard_distance_of_a_small_source_is_the_inverse_square():
    # E_IR = P / (pi d^2) = 100 W/m2 at d = sqrt(P / (100 pi))
    found = assess(_lamp(power_w=100.0, size_m=0.002))
    assert found.exposure_distances_m["ir-eye"] == pytest.approx(math.sqrt(100.0 / (100.0 * math.pi)), rel=1e-3)
    rg1 = _group(found, "ir-eye").distances_m["RG1"]
    assert rg1 == pytest.approx(math.sqrt(100.0 / (570.0 * math.pi)), rel=1e-3)


def test_general_lighting_is_judged_where_it_gives_500_lux():
    lamp = _lamp(WHITE, 50.0, 0.2, general_lighting=True)
    found = assess(lamp)
    lux = lamp.emitters.irradiance_w_m2(found.distance_m) * spectra.efficacy_lm_w(WHITE)
    assert lux == pytest.approx(500.0, rel=1e-3)
    assert assess(_lamp(WHITE, 0.01, 0.2, general_lighting=True)).distance_m == 0.2


def test_permissible_time_of_blue_light_ends_when_the_limit_is_reached():
    found = assess(_lamp(WHITE, 20.0, 0.05))  # 5 cm: fills 100 mrad at 200 mm, one radiance for every cone
    row = _row(found, "blue-light")
    assert row.t_max_s == pytest.approx(1e6 / row.level, rel=1e-5)


@settings(max_examples=10, deadline=None)
@given(st.floats(0.1, 10.0))
def test_light_is_linear(factor):
    one, other = assess(_lamp(power_w=1.0), distance_m=1.0), assess(_lamp(power_w=factor), distance_m=1.0)
    for a, b in zip(one.cases[0].hazards, other.cases[0].hazards, strict=True):
        assert b.ratio == pytest.approx(factor * a.ratio, rel=1e-6)


def test_the_json_has_no_infinities_and_names_what_is_unverified():
    found = assess(_lamp(drive=Drive(1e-4, 30.0)))
    text = json.dumps(found.to_json(), allow_nan=False)
    assert '"t_max_s": null' in text
    assert any(entry.startswith("retinal-thermal: averaging cone") for entry in found.unverified)
    assert "A simulation is not type testing." in found.notes


def test_only_rg2_and_above_carry_a_warning():
    assert assess(_lamp()).label == ""
    assert assess(_lamp(power_w=30.0, size_m=0.06)).label == "NOTICE: IR emitted from this product"


@pytest.mark.parametrize(
    ("make", "names"),
    [
        (lambda: assess(_lamp(), "iec62471-2023"), "iec62471-2006"),
        (lambda: assess(_lamp(), duration_s=-1.0), "positive"),
        (lambda: assess(_lamp(), distance_m=0.0), "distance_m"),
        (lambda: assess(_lamp(general_lighting=True)), "near infrared has no lumens"),
        (lambda: assess(_lamp(WHITE, general_lighting=True, drive=Drive(1e-3, 30.0))), "continuous"),
        (lambda: measured(NIR, luminance_cd_m2=5.0), "near infrared has no lumens"),
        (lambda: measured(NIR, illuminance_lux=5.0), "irradiance_w_m2 in watts"),
        (lambda: measured(WHITE), "none given"),
        (lambda: measured(WHITE, illuminance_lux=5.0, irradiance_w_m2=1.0), "one of them"),
        (lambda: measured(WHITE, radiance_w_m2_sr=-1.0), "0 or more"),
    ],
)
def test_wrong_input_is_refused_with_the_remedy(make, names):
    with pytest.raises(InputError, match=names):
        make()
