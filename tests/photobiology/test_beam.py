"""Beams carry one watt; an IES file gives its shape and nothing of its unit."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthgen.errors import InputError
from synthgen.photobiology.beam import cosine_power, from_lm63, half_angle, lambertian


def _ies(scale=1.0, horizontal=(0.0,), kind=1, vertical=None, shape=None):
    """Return an IES file of intensities `shape(theta [deg], azimuth [deg])`, Lambertian by default."""
    vertical = np.arange(0.0, 90.1, 2.5) if vertical is None else vertical
    shape = shape or (lambda theta, _: np.cos(np.radians(theta)))
    rows = [scale * shape(vertical, turn) for turn in horizontal]
    numbers = [*vertical, *horizontal, *np.concatenate(rows)]
    head = f"1 1000 1 {vertical.size} {len(horizontal)} {kind} 2 0 0 0\n1 1 10\n"
    return "IESNA:LM-63-2002\n[TEST] made here\nTILT=NONE\n" + head + "\n".join(f"{n:.6f}" for n in numbers)


def _watts(beam, planes=1):
    """Return the power that a beam radiates by what it says toward each direction: midpoints of fine cells."""
    theta = (np.arange(2000) + 0.5) * math.pi / 4000
    azimuth = ((np.arange(planes) + 0.5) * 2.0 * math.pi / planes)[:, None]
    around = beam.intensity(np.cos(theta)[None], azimuth).mean(axis=0)
    return 2.0 * math.pi * (around * np.sin(theta)).sum() * math.pi / 4000


@settings(max_examples=30, deadline=None)
@given(st.floats(0.02, 1.5))
def test_every_beam_carries_one_watt_and_halves_at_its_half_angle(angle_rad):
    beam = half_angle(angle_rad)
    assert _watts(beam) == pytest.approx(1.0, rel=2e-3)
    on_axis, at_half = beam.intensity(np.array([1.0, math.cos(angle_rad)]))
    assert at_half == pytest.approx(0.5 * on_axis, rel=1e-9)


def test_a_lambertian_emitter_has_one_radiance():
    found = lambertian().radiance(np.array([1.0, 0.5, 0.01, 0.0, -1.0]))
    np.testing.assert_allclose(found, [1 / math.pi] * 3 + [0.0, 0.0])
    assert _watts(lambertian()) == pytest.approx(1.0, rel=1e-6)


def test_an_ies_file_gives_the_shape_whatever_its_unit():
    candela, milliwatts = from_lm63(_ies()), from_lm63(_ies(scale=1e3))
    cosine = np.cos(np.radians([0.0, 30.0, 60.0]))
    np.testing.assert_allclose(candela.intensity(cosine), lambertian().intensity(cosine), rtol=2e-3)
    np.testing.assert_allclose(candela.intensity(cosine), milliwatts.intensity(cosine), rtol=1e-5)
    planes = from_lm63(_ies(horizontal=(0.0, 45.0, 90.0)))
    np.testing.assert_allclose(planes.intensity(cosine), candela.intensity(cosine), rtol=1e-6)


def _spot(theta, azimuth, fwhm_deg=5.0):
    return np.exp(-4.0 * math.log(2.0) * (theta / fwhm_deg) ** 2)


def _batwing(theta, azimuth):
    return (0.1 + np.sin(np.radians(theta)) ** 4) * np.cos(np.radians(theta)) * (1.5 + np.cos(np.radians(2 * azimuth)))


def _street(theta, azimuth):
    return _batwing(theta, azimuth) * (1.2 + np.sin(np.radians(azimuth)))


@pytest.mark.parametrize(
    ("shape", "horizontal"),
    [
        (_spot, (0.0,)),
        (lambda t, _: _spot(t, 0.0, 1.0), (0.0,)),
        (_batwing, np.linspace(0.0, 90.0, 4)),
        (_batwing, np.linspace(0.0, 180.0, 13)),
        (_street, np.linspace(90.0, 270.0, 13)),
        (_street, np.linspace(0.0, 360.0, 73)),
    ],
    ids=["spot-5", "spot-1", "quarter", "half", "half-c90", "whole"],
)
@pytest.mark.parametrize("step_deg", [10.0, 5.0, 1.0])
def test_an_ies_file_radiates_one_watt_per_watt_whatever_its_steps(shape, horizontal, step_deg):
    beam = from_lm63(_ies(1e3, horizontal, vertical=np.arange(0.0, 90.1, step_deg), shape=shape))
    assert beam.power_w == pytest.approx(1.0, rel=1e-9)
    assert _watts(beam, 360) == pytest.approx(1.0, rel=5e-4)


def test_a_lone_node_on_the_axis_is_a_cone_of_light():
    """An intensity I0 that falls linearly to 0 at a carries 2 pi I0 (1 - sin(a) / a)."""
    beam = from_lm63(_ies(vertical=np.array([0.0, 10.0, 90.0]), shape=lambda theta, _: (theta == 0.0) * 7.0))
    edge = math.radians(10.0)
    assert float(beam.intensity(1.0)) == pytest.approx(1.0 / (2.0 * math.pi * (1.0 - math.sin(edge) / edge)), rel=1e-9)


def test_symmetric_parts_of_a_turn_are_mirrored():
    at = np.cos(np.radians(50.0)), np.radians([20.0, 70.0, 110.0, 200.0, 250.0, 290.0, 340.0])
    whole = from_lm63(_ies(horizontal=np.linspace(0.0, 360.0, 37), shape=_street)).intensity(*at)
    np.testing.assert_allclose(
        from_lm63(_ies(horizontal=np.linspace(90.0, 270.0, 19), shape=_street)).intensity(*at), whole, rtol=1e-6
    )
    whole = from_lm63(_ies(horizontal=np.linspace(0.0, 360.0, 37), shape=_batwing)).intensity(*at)
    for last in (90.0, 180.0):
        part = from_lm63(_ies(horizontal=np.linspace(0.0, last, int(last) // 10 + 1), shape=_batwing))
        np.testing.assert_allclose(part.intensity(*at), whole, rtol=1e-6)


def test_a_file_that_goes_on_behind_the_lamp_is_cut_at_90_degrees():
    beam = from_lm63(_ies(vertical=np.array([0.0, 60.0, 120.0, 180.0]), shape=lambda theta, _: 1.0 + 0.0 * theta))
    assert float(beam.intensity(0.01)) == pytest.approx(1.0 / (2.0 * math.pi))
    assert float(beam.intensity(-0.01)) == 0.0
    assert _watts(beam) == pytest.approx(1.0, rel=1e-4)


def test_files_that_others_made_radiate_one_watt_per_watt(assets):
    found = 0
    for path in sorted((assets / "ies").rglob("*")):
        if path.suffix.lower() == ".ies":
            beam = from_lm63(path.read_text(encoding="latin-1"))
            assert _watts(beam, 360) == pytest.approx(1.0, rel=5e-3), path.name
            found += 1
    assert found >= 10


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("hello", "IES"),
        (_ies().replace("TILT=NONE", "TILT=INCLUDE"), "TILT=NONE"),
        (_ies().rsplit("\n", 5)[0], "damaged"),
        (_ies(kind=2), "type C"),
        (_ies(scale=0.0), "no light"),
        (_ies(horizontal=(0.0, 120.0)), "0 to 120 degrees; LM-63 knows"),
        (_ies().replace("0.866025", "watt"), "damaged"),
    ],
)
def test_damaged_files_are_refused(text, names):
    with pytest.raises(InputError, match=names):
        from_lm63(text)


def test_impossible_beams_are_refused():
    with pytest.raises(InputError, match="Lambertian"):
        half_angle(2.0)
    with pytest.raises(InputError, match="exponent"):
        cosine_power(0.0)
