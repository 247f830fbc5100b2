"""A lamp's geometry against closed forms: irradiance and mean radiance of disks, rectangles, points and arrays."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthgen.errors import InputError
from synthgen.photobiology.beam import Beam, half_angle, lambertian, radiated
from synthgen.photobiology.emitter_geometry import Emitters, grid_centers_m

ONE = np.zeros((1, 2))


def _emitters(shape, size_m, power_w=1.0, centers_m=ONE, beam=None):
    return Emitters(shape=shape, size_m=size_m, centers_m=centers_m, power_w=power_w, beam=beam or lambertian())


@settings(max_examples=30, deadline=None)
@given(st.floats(0.001, 0.5), st.floats(0.1, 5.0))
def test_irradiance_before_a_lambertian_disk(diameter_m, distance_m):
    # E = pi L r^2 / (r^2 + d^2), L = P / (pi A)
    radius_m = diameter_m / 2
    expected = 1.0 / (math.pi * (radius_m**2 + distance_m**2))
    assert _emitters("disk", (diameter_m, diameter_m)).irradiance_w_m2(distance_m) == pytest.approx(expected, rel=1e-6)


def test_irradiance_before_a_lambertian_rectangle():
    # On the axis: E = 4 L/2 sum of (a/sqrt(a^2+d^2)) atan(b/sqrt(a^2+d^2)) over both orders, half sides a, b
    a, b, d = 0.3, 0.02, 0.2
    radiance = 200.0 / (math.pi * 4 * a * b)
    form = 2.0 * radiance * sum(
        p / math.hypot(p, d) * math.atan(q / math.hypot(p, d)) for p, q in ((a, b), (b, a))
    )  # fmt: skip
    found = _emitters("rect", (2 * a, 2 * b), 200.0).irradiance_w_m2(d)
    assert found == pytest.approx(form, rel=1e-6)


def test_a_point_follows_the_inverse_square():
    point = _emitters("point", (0.0, 0.0), 2.0)
    assert point.irradiance_w_m2(0.2) == pytest.approx(2.0 / math.pi / 0.04, rel=1e-9)
    assert point.axes_rad(0.2) == (0.0, 0.0)
    # through a cone it is irradiance over solid angle
    expected = 2.0 / math.pi / 0.04 / (math.pi / 4 * 0.011**2)
    assert point.radiance_w_m2_sr(0.011, 0.2) == pytest.approx(expected, rel=1e-5)


def _batwing(peak_deg=60.0):
    """Return a beam that is ten times as bright at an angle, in the plane of x, as on its axis."""
    theta = np.radians(np.linspace(0.0, 90.0, 91))
    azimuth = np.linspace(0.0, 2.0 * math.pi, 73)
    wing = 0.1 + np.exp(-((theta - math.radians(peak_deg)) ** 2) / 0.02) * np.cos(azimuth[:, None]).clip(0.0) ** 2
    wing[:, -1] = 0.0
    return Beam("batwing", theta, wing / radiated(theta, wing, azimuth), azimuth_rad=azimuth)


def test_a_beam_that_is_brightest_off_its_axis_is_judged_there():
    beam = _batwing()
    point = _emitters("point", (0.0, 0.0), 3.0, beam=beam)
    peak_per_sr = float(beam.intensity_per_sr.max())
    assert peak_per_sr > 10.0 * float(beam.intensity(1.0))
    assert point.irradiance_w_m2(0.2) == pytest.approx(3.0 * peak_per_sr / 0.04, rel=1e-6)
    expected = 3.0 * peak_per_sr / 0.04 / (math.pi / 4 * 0.011**2)
    assert point.radiance_w_m2_sr(0.011, 0.2) == pytest.approx(expected, rel=1e-3)


def test_no_eye_is_nearer_to_an_array_than_the_distance_asked_for():
    bar = _emitters("rect", (1e-3, 1e-3), centers_m=grid_centers_m(20, 3, (0.02, 0.02)), beam=_batwing(75.0))
    eyes_m = bar.eyes_m(0.2)
    centers_m = np.column_stack([bar.centers_m, np.zeros(len(bar.centers_m))])
    gaps_m = np.linalg.norm(eyes_m[:, None] - centers_m, axis=-1)
    assert gaps_m.min() == pytest.approx(0.2)
    assert eyes_m[:, 0].max() == pytest.approx(0.19 + 0.2 * math.sin(math.radians(75.0)))


def test_the_research_die_of_1_mm2_and_1_w():
    die = _emitters("rect", (1e-3, 1e-3))
    assert die.radiance_w_m2_sr(0.0017, 0.2) == pytest.approx(3.18e5, rel=2e-3)  # true radiance fills 1.7 mrad
    assert die.radiance_w_m2_sr(0.011, 0.2) == pytest.approx(8.37e4, rel=1e-3)


@pytest.mark.parametrize("cone_rad", [0.0017, 0.011, 0.1])
@pytest.mark.parametrize("distance_m", [0.05, 0.2, 1.0])
def test_a_large_disk_keeps_its_radiance_in_every_cone(cone_rad, distance_m):
    disk = _emitters("disk", (0.3, 0.3), 10.0)
    radiance = 10.0 / (math.pi * math.pi * 0.15**2)
    assert disk.radiance_w_m2_sr(cone_rad, distance_m) == pytest.approx(radiance, rel=1e-9)


def test_twenty_emitters_seen_one_by_one_are_one_emitter():
    # 1 mm dies 20 mm apart at 200 mm are 100 mrad apart: an 11 mrad cone holds one
    array = _emitters("rect", (1e-3, 1e-3), 20.0, grid_centers_m(20, 1, (0.02, 0.02)))
    alone = _emitters("rect", (1e-3, 1e-3), 1.0)
    found, expected = (each.radiance_w_m2_sr(0.011, 0.2) for each in (array, alone))
    # the eye faces one of them: not a fraction more, and nothing of the other nineteen
    assert found == pytest.approx(expected, rel=1e-6)


def test_twenty_emitters_seen_together_are_their_sum():
    # 20 emitters in 5 x 4 of 2 mm pitch at 200 mm span 45 mrad: all inside 100 mrad
    array = _emitters("rect", (1e-3, 1e-3), 20.0, grid_centers_m(5, 4, (0.002, 0.002)))
    radiance, tilt_free_sr = 1.0 / (math.pi * 1e-6), 1e-6 / 0.04
    expected = 20.0 * radiance * tilt_free_sr / (math.pi / 4 * 0.1**2)
    assert array.radiance_w_m2_sr(0.1, 0.2) == pytest.approx(expected, rel=2e-3)  # cos^3 of 22 mrad: 0.07 %
    # irradiance hazards are summed always
    assert array.irradiance_w_m2(0.2) == pytest.approx(20.0 / math.pi / 0.04, rel=2e-3)


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 6), st.floats(0.001, 0.03), st.floats(0.15, 2.0))
def test_mean_radiance_falls_with_cone_and_distance(columns, pitch_m, distance_m):
    array = _emitters("rect", (1e-3, 1e-3), 1.0, grid_centers_m(columns, 1, (pitch_m, pitch_m)))
    narrow, wide = array.radiance_w_m2_sr(0.011, distance_m), array.radiance_w_m2_sr(0.03, distance_m)
    assert wide <= narrow * (1.0 + 1e-3)
    assert array.radiance_w_m2_sr(0.011, 2.0 * distance_m) <= narrow * (1.0 + 1e-3)


def test_a_narrow_beam_is_brighter_on_its_axis():
    narrow = _emitters("disk", (0.005, 0.005), 1.0, beam=half_angle(math.radians(10.0)))
    m = math.log(0.5) / math.log(math.cos(math.radians(10.0)))
    assert narrow.irradiance_w_m2(0.5) == pytest.approx((m + 1) / (2 * math.pi) / 0.25, rel=5e-3)


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"shape": "square"}, "point, disk, rect"),
        ({"size_m": (0.0, 0.1)}, "positive metres"),
        ({"power_w": 0.0}, "above 0"),
        ({"centers_m": np.zeros((0, 2))}, "at least one"),
        ({"centers_m": np.array([[math.nan, 0.0]])}, "finite"),
    ],
)
def test_wrong_geometry_is_refused(change, names):
    fields = {"shape": "rect", "size_m": (0.1, 0.1), "centers_m": ONE, "power_w": 1.0, "beam": lambertian(), **change}
    with pytest.raises(InputError, match=names):
        Emitters(**fields)
    with pytest.raises(InputError, match="10000"):
        grid_centers_m(0, 5, (0.1, 0.1))
