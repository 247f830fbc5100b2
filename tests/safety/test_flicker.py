"""Flashing against guidance: rates, luminances and colours that were worked out by hand."""

from __future__ import annotations

import math

import pytest

from synthgen.safety import flicker
from synthgen.safety.scene.lamps import Lamps
from synthgen.world import spectra
from synthgen.world.spectra import efficacy_lm_w
from tests.safety_scenes import IEC, NIR, assessed, disk, sight, zone
from tests.scenes import facing, lamp

RED, GREEN = spectra.led(630, 20), spectra.led(555, 1)


def strobe(name: str, rate_hz: float, spectrum=RED, radiance: float = 1000.0, **more):
    """Return a disk that is on for 100 us at a rate."""
    place = facing((0.0, 0.0, 3.0), (0.0, 0.0, 0.0))
    numbers = {"shape": "disk", "radius_m": 0.05, "strength": radiance, "spectrum": spectrum} | more
    return lamp(place, f"/World/Lights/{name}", pulse_s=1e-4, rate_hz=rate_hz, **numbers)


def of(*lights) -> tuple[flicker.Flicker, ...]:
    return flicker.of(Lamps(tuple(lights), IEC))


def test_red_strobes_at_20_hz_are_where_seizures_are() -> None:
    (found,) = of(strobe("a", 20.0), strobe("b", 20.0))
    assert found.lamps == ("a", "b") and found.rate_hz == 20.0
    assert found.seizures and found.saturated_red
    assert found.statement.startswith("20 flashes of saturated red light a second are within the 3 to 60 Hz")
    assert "three a second of WCAG 2.3.1 and ITU-R BT.1702" in found.statement


def test_luminance_is_radiance_times_efficacy_of_the_brightest_face() -> None:
    """At 555 nm, V = 1: 683 lm/W, so 1000 W/(m2 sr) are 683 000 cd/m2."""
    (found,) = of(strobe("a", 20.0, GREEN), strobe("b", 20.0, GREEN, 10.0))
    assert found.luminance_cd_m2 == pytest.approx(683_000.0, rel=2e-3)
    assert not found.saturated_red
    (red,) = of(strobe("a", 20.0))
    assert red.luminance_cd_m2 == pytest.approx(1000.0 * efficacy_lm_w(RED))
    (point,) = of(strobe("a", 20.0, GREEN, shape="point"))
    assert point.luminance_cd_m2 == 0.0


@pytest.mark.parametrize(
    ("rate_hz", "seizures", "modulation", "words"),
    [
        (1.0, False, 0.00025, "no more than the three a second"),
        (3.0, False, 0.00075, "no more than the three a second"),
        (3.01, True, 0.0007525, "within the 3 to 60 Hz"),
        (60.0, True, 0.015, "within the 3 to 60 Hz"),
        (60.5, False, 0.015125, "above the 60 Hz of photosensitive seizures"),
        (90.0, False, 0.0225, "exceeds the modulation of 2.2%"),
        (100.0, False, 0.08, "exceeds the modulation of 8.0%"),
        (1249.0, False, 0.9992, "above the 60 Hz"),
        (1250.0, False, 1.0, "low risk at any modulation"),
        (5000.0, False, 1.0, "low risk at any modulation"),
    ],
)
def test_each_stretch_of_rates_has_its_words(rate_hz: float, seizures: bool, modulation: float, words: str) -> None:
    """0.025 % per Hz up to 90 Hz, then 0.08 % per Hz: 100 % at 1250 Hz."""
    (found,) = of(strobe("a", rate_hz, GREEN))
    assert found.seizures is seizures
    assert found.low_risk_modulation == pytest.approx(modulation, rel=1e-12)
    assert words in found.statement


def test_a_dim_flash_is_none_unless_it_is_saturated_red() -> None:
    """19 cd/m2 at 683 lm/W are 0.0278 W/(m2 sr); BT.1702 counts red at any luminance."""
    (dim,) = of(strobe("a", 20.0, GREEN, 19.0 / 683.0))
    assert dim.luminance_cd_m2 == pytest.approx(19.0, rel=2e-3)
    assert "change by less than 20 cd/m2, which is no flash there" in dim.statement
    (bright,) = of(strobe("a", 20.0, GREEN, 21.0 / 683.0))
    assert "no flash" not in bright.statement
    (red,) = of(strobe("a", 20.0, RED, 1e-3))
    assert red.luminance_cd_m2 < 20.0 and "no flash" not in red.statement


def test_red_is_a_share_of_the_visible_watts() -> None:
    """White LEDs have less than 0.8 of their light beyond 600 nm; deep red ones all of it."""
    for spectrum, red in ((RED, True), (spectra.led(660, 20), True), (spectra.white_led(3000), False), (GREEN, False)):
        (found,) = of(strobe("a", 20.0, spectrum))
        assert found.saturated_red is red


def test_steady_single_and_infrared_lamps_do_not_flash_and_rates_are_told_apart() -> None:
    assert of(disk(spectrum=RED), strobe("nir", 20.0, NIR), strobe("once", 0.0)) == ()
    assert [found.rate_hz for found in of(strobe("b", 100.0), strobe("a", 20.0))] == [20.0, 100.0]


def test_every_rule_has_its_evidence_and_an_assessment_holds_the_flashing() -> None:
    assert {evidence for *_, evidence in flicker.GUIDANCE} == {"A", "B", "C", "D"}
    eye = (0.0, 0.0, 1.9)
    found = assessed(sight([], [strobe("a", 20.0)]), [zone(eye, eye)])
    assert [each.rate_hz for each in found.flicker] == [20.0]
    assert math.isclose(found.to_json()["flicker"][0]["low_risk_modulation"], 0.005)
    assert any("glare" in text for text in found.limits_of_method)
