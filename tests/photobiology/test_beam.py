"""Beams carry one watt; an IES file gives its shape and nothing of its unit."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthgen.errors import InputError
from synthgen.photobiology.beam import cosine_power, from_lm63, half_angle, lambertian


def _ies(scale=1.0, horizontal=(0.0,), kind=1):
    vertical = np.arange(0.0, 90.1, 2.5)
    rows = [scale * np.cos(np.radians(vertical)) for _ in horizontal]
    numbers = [*vertical, *horizontal, *np.concatenate(rows)]
    head = f"1 1000 1 {vertical.size} {len(horizontal)} {kind} 2 0 0 0\n1 1 10\n"
    return "IESNA:LM-63-2002\n[TEST] made here\nTILT=NONE\n" + head + "\n".join(f"{n:.6f}" for n in numbers)


def _watts(beam):
    theta = np.linspace(0.0, math.pi / 2, 4001)
    return 2.0 * math.pi * np.trapezoid(beam.intensity(np.cos(theta)) * np.sin(theta), theta)


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


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("hello", "IES"),
        (_ies().replace("TILT=NONE", "TILT=INCLUDE"), "TILT=NONE"),
        (_ies().rsplit("\n", 5)[0], "damaged"),
        (_ies(kind=2), "type C"),
        (_ies(scale=0.0), "no light"),
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
