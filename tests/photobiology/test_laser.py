"""Classes of spots, lines and scanned lines against numbers that manufacturers and the research worked out."""

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthgen.errors import InputError
from synthgen.photobiology.duty_cycle import Drive
from synthgen.photobiology.laser import CLASSES, Laser, classify
from synthgen.photobiology.laser_beam import Line, Spot, scanned

PENCIL = Spot(diameter_m=0.002, divergence_rad=0.0005)


def _class(power_w, beam=PENCIL, wavelength_nm=650.0, **rest):
    return classify(Laser(wavelength_nm=wavelength_nm, power_w=power_w, beam=beam, **rest)).laser_class


@pytest.mark.parametrize(
    ("power_w", "expected"), [(0.38e-3, "1"), (0.9e-3, "2"), (4.9e-3, "3R"), (0.1, "3B"), (0.6, "4")]
)
def test_a_red_pointer(power_w, expected):
    assert _class(power_w) == expected


def test_an_infrared_pointer_has_no_class_2():
    # AEL of class 1 at 850 nm: 0.39 mW x 10^0.3 = 0.778 mW
    assert [_class(p, wavelength_nm=850.0) for p in (0.77e-3, 0.79e-3, 4.0e-3)] == ["1", "3R", "3B"]


def test_m_classes_are_for_beams_that_a_telescope_gathers():
    # 50 mm wide collimated beam: 7 mm takes 1 - exp(-2 (7/50)^2) = 3.8 %, 50 mm at 2 m takes 86.5 %
    wide = Spot(diameter_m=0.05)
    assert wide.share(0.007, 0.1) == pytest.approx(0.0384, rel=2e-3)
    assert wide.share(0.050, 2.0) == pytest.approx(0.8647, rel=1e-3)
    assert _class(5e-3, wide) == "1M"
    assert _class(20e-3, wide) == "2M"
    assert _class(20e-3, wide, wavelength_nm=850.0) == "1M"


@pytest.mark.parametrize(("power_w_rad", "expected"), [(14e-3, "2"), (50e-3, "3R"), (321e-3, "3B")])
def test_line_lasers_of_gocator(power_w_rad, expected):
    # LMI Gocator: 14, 50 and 321 mW per radian are sold as 2(M), 3R and 3B; in 7 mm at 100 mm: 1, 3.5 and 22 mW
    fan = Line(fan_rad=0.5)
    power_w = power_w_rad * 0.5
    assert fan.share(0.007, 0.1) * power_w == pytest.approx(0.07 * power_w_rad, rel=0.03)
    assert _class(power_w, fan, 660.0) == expected


def test_nohd_of_a_line_and_of_a_spot():
    # line: P 7 mm / (2 d tan(fan/2)) = MPE A; 25.4 W/m2 for 0.25 s
    mpe_w = 18.0 * 0.25**-0.25 * math.pi / 4 * 0.007**2
    line = classify(Laser(wavelength_nm=660.0, power_w=0.1, beam=Line(fan_rad=0.5)))
    assert line.nohd_m == pytest.approx(0.1 * 0.007 / (2 * math.tan(0.25) * mpe_w), rel=1e-6)
    # spot: 1 - exp(-2 a^2 / w^2) = MPE A / P
    spot = classify(Laser(wavelength_nm=660.0, power_w=0.1, beam=Spot(diameter_m=0.0, divergence_rad=1e-3)))
    expected = 0.007 * math.sqrt(2.0 / -math.log1p(-mpe_w / 0.1)) / 1e-3
    assert spot.nohd_m == pytest.approx(expected, rel=1e-6)
    assert classify(Laser(wavelength_nm=660.0, power_w=1e-4, beam=PENCIL)).nohd_m == 0.0


def test_a_scanned_line_and_its_stopped_mirror():
    # research 3.4: 50 degrees, 100 lines/s, 7 mm at 100 mm: t_p = 7 / (100 x 0.8727 x 100) = 0.80 ms; class 1 allows
    # 7e-4 t_p^-0.25 = 4.16 mW by pulse and 0.39 mW / 0.0802 = 4.86 mW by average; stopped, 1 mW is class 2
    beam = scanned(Spot(diameter_m=0.001, divergence_rad=0.0003), math.radians(50.0), 100.0)
    found = classify(Laser(wavelength_nm=650.0, power_w=1e-3, beam=beam))
    single, average, third = found.checks[0].criteria
    assert single.duration_s == pytest.approx(0.802e-3, rel=1e-3)
    assert 1e-3 / single.ratio == pytest.approx(4.16e-3, rel=2e-3)
    assert 1e-3 / average.ratio == pytest.approx(4.86e-3, rel=2e-3)
    assert third.ratio == single.ratio  # C5 = 1 for a point
    assert (found.laser_class, found.scan_fail_class) == ("1", "2")
    assert classify(Laser(wavelength_nm=650.0, power_w=4.2e-3, beam=beam)).laser_class != "1"


def test_pulses_of_a_905_nm_rangefinder():
    # 20 ns at 1 kHz: N = 10^4 in T2 = 10 s, C5 = 5 x 10^-1 = 0.5; AEL = 7.7e-8 x 10^0.41 = 1.98e-7 J
    pulses = Drive(20e-9, 1000.0)
    found = classify(Laser(wavelength_nm=905.0, power_w=1.0, beam=PENCIL, drive=pulses))
    single, _, third = found.checks[0].criteria
    assert single.ratio == pytest.approx(20e-9 / (7.7e-8 * 10**0.41))
    assert third.ratio == pytest.approx(2.0 * single.ratio)


def test_pulses_nearer_than_ti_count_as_one():
    # 10 ns at 1 MHz: five pulses within 5 us count as one of 5 us, 5 x the energy
    found = classify(Laser(wavelength_nm=905.0, power_w=0.1, beam=PENCIL, drive=Drive(1e-8, 1e6)))
    third = found.checks[0].criteria[-1]
    assert (third.duration_s, third.energy_j) == (5e-6, pytest.approx(5 * 0.1 * 1e-8, rel=1e-6))


def test_a_train_without_gaps_is_the_continuous_laser():
    one = classify(Laser(wavelength_nm=850.0, power_w=1e-3, beam=PENCIL, drive=Drive(0.1, 10.0)))
    assert one.checks == classify(Laser(wavelength_nm=850.0, power_w=1e-3, beam=PENCIL)).checks


def test_an_extended_source_is_judged_where_it_is_worst():
    # 5 mm source: 50 mrad at 100 mm. Nearer more light, farther a smaller image: both are tried
    wide = Spot(diameter_m=0.005, divergence_rad=0.3)
    found = classify(Laser(wavelength_nm=850.0, power_w=0.02, beam=wide, source_m=0.005))
    naked = found.checks[0]
    assert naked.alpha_rad == pytest.approx(max(0.005 / naked.distance_m, 0.0015))
    point = classify(Laser(wavelength_nm=850.0, power_w=0.02, beam=wide))
    assert naked.ratio < point.checks[0].ratio
    # a collimated beam: as strong far away, where its source is small
    far = classify(Laser(wavelength_nm=850.0, power_w=1e-3, beam=PENCIL, source_m=0.005)).checks[0]
    assert far.distance_m > 1.0


@settings(max_examples=30, deadline=None)
@given(st.floats(-5.0, 0.5), st.floats(1.0, 100.0), st.sampled_from([450.0, 650.0, 850.0, 1064.0]))
def test_more_power_never_lowers_the_class(exponent, factor, wavelength_nm):
    weak, strong = (_class(p, wavelength_nm=wavelength_nm) for p in (10.0**exponent, factor * 10.0**exponent))
    assert CLASSES.index(weak) <= CLASSES.index(strong)


def test_the_json_has_no_infinities():
    found = classify(Laser(wavelength_nm=660.0, power_w=0.1, beam=Spot(diameter_m=0.002)))
    assert found.nohd_m == math.inf  # a beam that never widens
    assert json.loads(json.dumps(found.to_json(), allow_nan=False))["nohd_m"] is None


@pytest.mark.parametrize(
    ("make", "names"),
    [
        (lambda: Laser(wavelength_nm=1550.0, power_w=1.0, beam=PENCIL), "400 to 1400"),
        (lambda: Laser(wavelength_nm=650.0, power_w=0.0, beam=PENCIL), "above 0"),
        (lambda: Laser(wavelength_nm=650.0, power_w=1.0, beam=PENCIL, source_m=-1.0), "source_m"),
        (lambda: Spot(diameter_m=0.0), "at least one"),
        (lambda: Spot(diameter_m=-1.0), "0 or more"),
        (lambda: Line(fan_rad=50.0), "fan_rad"),
        (lambda: scanned(PENCIL, 0.5, 0.0), "lines/s"),
        (
            lambda: Laser(wavelength_nm=650.0, power_w=1.0, beam=scanned(PENCIL, 0.5, 10.0), drive=Drive(1e-6, 10.0)),
            "not built",
        ),
    ],
)
def test_wrong_input_is_refused_with_the_remedy(make, names):
    with pytest.raises(InputError, match=names):
        make()
