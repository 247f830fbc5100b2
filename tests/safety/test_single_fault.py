"""Single faults: what fails in a shot, zones judged with it, and the verdict that takes them in."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from synthgen.errors import InputError
from synthgen.safety.scene import single_fault
from synthgen.safety.zone_record import SingleFault
from synthgen.world.shot import Baffle, Light, Pose, Shot, World
from tests.safety_scenes import NIR, assessed, disk, sight, zone
from tests.scenes import instance, pose, sheet

STROBE = Light(pose=Pose(), shape="rect", size_m=(0.4, 0.04), peak_power_w=9.0, pulse_s=1e-4, rate_hz=20.0)
SHOT = Shot(
    seed=0,
    split="train",
    index=0,
    world=World(warehouse=""),
    lights={"bar_a": STROBE, "bar_b": STROBE, "hall": replace(STROBE, pulse_s=0.0, rate_hz=0.0)},
    baffles={"hood": Baffle(pose=Pose(), size_m=(1.0, 1.0)), "shade": Baffle(pose=Pose(), size_m=(0.2, 0.1))},
)
EYE = (0.0, 0.0, 1.9)


def stuck(found, view, **more) -> SingleFault:
    """Return a fault judged in a world."""
    numbers = {"name": "stuck", "what": "lamp on without pause at full power"} | more
    return single_fault.judge(view, [zone(EYE, EYE)], found.question, 0.0, **numbers)


def test_a_stuck_lamp_has_no_pauses_and_nothing_else_changes() -> None:
    changed, what = single_fault.faulted(SHOT, "lights.bar_a", "")
    assert (changed.lights["bar_a"].pulse_s, changed.lights["bar_a"].rate_hz) == (0.0, 0.0)
    assert changed.lights["bar_a"].peak_power_w == 9.0
    assert changed.lights["bar_b"] == STROBE and changed.baffles == SHOT.baffles
    assert what == "bar_a on without pause at full power"
    both, what = single_fault.faulted(SHOT, "lights.bar_*", "baffles.hood")
    assert all(both.lights[name].pulse_s == 0.0 for name in ("bar_a", "bar_b"))
    assert list(both.baffles) == ["shade"]
    assert what == "bar_a, bar_b on without pause at full power; hood removed"


@pytest.mark.parametrize(
    ("stuck_on", "removed", "message"),
    [
        ("lights.bar_c", "", r"lights\.bar_c.*lights\.bar_a"),
        ("", "baffles.roof", r"baffles\.roof.*baffles\.hood"),
        ("lights.hall", "", "none of these lamps pulses"),
    ],
)
def test_what_is_not_there_or_cannot_fail_so_is_refused(stuck_on: str, removed: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        single_fault.faulted(SHOT, stuck_on, removed)


def test_a_lamp_that_stays_on_is_worse_by_its_duty_and_fails_the_verdict() -> None:
    """Pulses of 1 ms at 20 Hz are on for 0.02 of the time; E_IR of the disk on its axis is that of a closed form."""
    pulsed = sight([], [disk(pulse_s=1e-3, rate_hz=20.0)])
    found = assessed(pulsed, [zone(EYE, EYE)], hazard="ir-eye")
    assert found.passed
    steady = stuck(found, sight([], [disk()]))
    closed = math.pi * 2e5 * 0.05**2 / (1.1**2 + 0.05**2) / (18000.0 * 100.0**-0.75)
    assert steady.worst.worst_ratio == pytest.approx(closed, rel=1e-3)
    assert found.worst_ratio == pytest.approx(0.02 * closed, rel=1e-3)
    judged = single_fault.with_faults(found, [steady])
    assert not steady.passed and not judged.passed and judged.zones_passed
    assert "NOT with a single fault (stuck in walk): ir-eye reaches" in judged.verdict
    assert judged.worst_ratio == found.worst_ratio
    assert judged.to_json()["faults"][0]["zones"][0]["worst_ratio"] == steady.worst.worst_ratio


def test_a_sheet_that_is_gone_lets_the_light_through() -> None:
    shade = instance("/World/Baffles/shade", sheet(0.8, 0.8), pose((0.0, 0.0, 2.5)))
    dim = disk(radiance=1e4)
    covered, open_sight = sight([shade], [dim]), sight([], [dim])
    found = assessed(covered, [zone(EYE, EYE)])
    gone = stuck(found, open_sight, name="open", what="shade removed")
    assert found.worst_ratio == 0.0 < gone.worst.worst_ratio
    judged = single_fault.with_faults(found, [gone])
    assert judged.passed is gone.passed is True
    assert judged.verdict.endswith(f"With the single fault too: at most {gone.worst.worst_ratio:.3g} (open, in walk).")


def test_weak_numbers_of_a_fault_count_too_and_mirrors_are_left_out() -> None:
    """Retinal thermal beyond 10 s is evidence C: it matters only for the lamp that stays on."""
    pulsed = sight([], [disk(pulse_s=1e-3, rate_hz=20.0, spectrum=NIR)])
    found = replace(assessed(pulsed, [zone(EYE, EYE)]), unverified=("known",))
    fault = stuck(found, sight([], [disk()]))
    judged = single_fault.with_faults(found, [fault])
    assert judged.unverified[0] == "known" and len(judged.unverified) > 1
    (zone_found,) = fault.zones
    assert not zone_found.second_path.considered and "mirrors were not looked at" in zone_found.second_path.note
    assert zone_found.maps == () and zone_found.remedies == ()


def test_without_faults_nothing_changes() -> None:
    found = assessed(sight([], [disk(radiance=1e3)]), [zone(EYE, EYE)])
    assert single_fault.with_faults(found, []) is found


def test_the_decisive_result_is_that_of_the_worst_ratio() -> None:
    found = assessed(sight([], [disk()]), [zone(EYE, EYE)])
    (judged,) = found.zones
    result = judged.decisive
    assert result is not None
    assert (result.hazard, result.ratio) == (judged.worst_hazard, judged.worst_ratio)
    assert result.level / result.limit == pytest.approx(result.ratio)
    assert replace(judged, worst_hazard="").decisive is None
