"""What would make a zone safe: every remedy is tried on the scene itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from synthgen.safety.zone_record import Remedy
from tests.safety_scenes import assessed, disk, judged, sight, zone
from tests.scenes import facing, instance, lamp, pose, sheet

WALK = zone((0.1, -0.4, 1.2), (1.2, 0.4, 1.9))


def remedies(instances: list, lights: list, where=WALK, **more) -> tuple[list[Remedy], float]:
    """Return the remedies of a failing zone, and its ratio."""
    found = assessed(sight(instances, lights), [where], **more).zones[0]
    assert not found.passed
    return list(found.remedies), found.worst_ratio


def only(found: list[Remedy], kind: str) -> Remedy:
    """Return the first remedy of a kind."""
    return next(remedy for remedy in found if remedy.kind == kind)


def test_every_remedy_brings_the_ratio_down_and_says_so() -> None:
    found, before = remedies([], [disk()], hazard="ir-eye")
    assert {remedy.kind for remedy in found} >= {"power", "duty", "duration", "distance"}
    for remedy in found:
        assert remedy.ratio_before == before and remedy.ratio_after <= 1.0, remedy.kind
        assert remedy.ratio_after > 0.9, remedy.kind  # none asks for much more than is needed


def test_power_is_exactly_linear() -> None:
    found, before = remedies([], [disk()])
    power = only(found, "power")
    assert power.value == pytest.approx(1.0 / before, rel=1e-6) and power.exact
    dimmed = disk(radiance=2e5 * power.value)
    assert judged(sight([], [dimmed]), WALK).worst_ratio == pytest.approx(1.0, rel=2e-3)


def test_one_lamp_of_two_is_dimmed_for_both() -> None:
    weak = replace(disk(radiance=1e3), path="/World/Lights/weak")
    found, _ = remedies([], [disk(), weak])
    power = only(found, "power")
    assert power.target == "/World/Lights/disk"
    pair = [disk(radiance=2e5 * power.value), weak]
    assert judged(sight([], pair), WALK).worst_ratio == pytest.approx(1.0, rel=3e-3)


def test_duty_keeps_a_strobe_within_its_average() -> None:
    strobed = disk(radiance=4e6, pulse_s=1e-3, rate_hz=100.0)
    found, _ = remedies([], [strobed])
    duty = only(found, "duty")
    rarer = replace(strobed, rate_hz=100.0 * duty.value)
    assert judged(sight([], [rarer]), WALK).worst_ratio == pytest.approx(duty.ratio_after, rel=3e-3)


def test_a_stay_as_short_as_advised_is_within_the_limit() -> None:
    found, _ = remedies([], [disk()])
    stay = only(found, "duration")
    assert judged(sight([], [disk()]), replace(WALK, duration_s=stay.value)).worst_ratio <= 1.003


def test_the_edge_of_a_baffle_is_moved_as_far_as_needed() -> None:
    """A sheet beside the lamp shades the far part of the walkway; its outer edge must come down over the near part."""
    light = lamp(facing((0.0, 0.0, 3.0), (0.0, 0.0, 0.0)), "/World/Lights/disk", shape="disk", radius_m=0.03,
                 strength=8e5, spectrum=disk().spectrum)  # fmt: skip
    low = zone((0.5, -0.1, 1.2), (1.2, 0.1, 1.9))
    short = instance("/World/Baffles/shade", sheet(0.1, 2.0), pose((0.0, 0.0, 2.6)))
    found, before = remedies([short], [light], low)
    edge = only(found, "baffle")
    assert edge.target == "/World/Baffles/shade" and "+x edge of shade" in edge.text
    assert 0.0 < edge.value < 0.6 and edge.ratio_after <= 1.0 < before

    def longer(by_m: float) -> float:
        wide = instance("/World/Baffles/shade", sheet(0.1 + by_m, 2.0), pose((0.5 * by_m, 0.0, 2.6)))
        return judged(sight([wide], [light]), low).worst_ratio

    assert longer(edge.value) <= 1.0
    assert longer(edge.value - 0.01) > 1.0
