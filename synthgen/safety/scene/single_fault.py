"""Zones judged once more with one thing failed: a lamp that stays on, a hood or baffle that is gone.

A verdict on lamps that work as described says nothing of the day on which they do not. Which faults can happen is for
the machine's risk assessment (ISO 12100); the recipe names them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from synthgen.errors import InputError
from synthgen.safety import record, zone_record
from synthgen.safety.scene import zones
from synthgen.safety.scene.assess import unverified
from synthgen.safety.scene.lamps import Lamps
from synthgen.safety.scene.sight import Sight
from synthgen.world import scene_description
from synthgen.world.selection import select
from synthgen.world.shot import Shot

_NAMED = 12  # of the things that failed


def faulted(shot: Shot, stuck_on: str, removed: str) -> tuple[Shot, str]:
    """Return (the shot with the fault, what failed in words).

    Args:
        shot: the world as decided.
        stuck_on: lamps that shine without pause at the power that they have while on, as `on` names them; "" none.
        removed: sheets that are not there; "" none.

    Raises:
        InputError: the shot has no such lamp or sheet, or none of the lamps pulses.
    """
    lit = select(shot.lights, "lights", stuck_on) if stuck_on else {}
    if lit and not any(light.pulse_s > 0.0 for light in lit.values()):
        raise InputError(f"stuck_on: {stuck_on}: none of these lamps pulses; name lamps that do, such as lights.bar_*")
    gone = select(shot.baffles, "baffles", removed) if removed else {}
    lights = {n: replace(light, pulse_s=0.0, rate_hz=0.0) if n in lit else light for n, light in shot.lights.items()}
    baffles = {n: sheet for n, sheet in shot.baffles.items() if n not in gone}
    parts = [f"{_listed(lit)} on without pause at full power"] if lit else []
    parts += [f"{_listed(gone)} removed"] if gone else []
    return replace(shot, lights=lights, baffles=baffles), "; ".join(parts)


def judge(
    sight: Sight,
    where: Sequence[scene_description.EyeZone],
    question: record.Question,
    margin: float,
    *,
    name: str,
    what: str,
) -> zone_record.SingleFault:
    """Return the zones of a world in which something failed; no maps, no mirrors and no remedies."""
    lamps = Lamps(sight.lights, question.edition)
    found = [
        zones.judge(zones.Job(sight, lamps, zone, question.hazard, question.max_ratio, margin), None, maps=False)
        for zone in where
    ]
    return zone_record.SingleFault(name=name, what=what, passed=all(z.passed for z in found), zones=tuple(found))


def with_faults(found: record.SceneAssessment, faults: Sequence[zone_record.SingleFault]) -> record.SceneAssessment:
    """Return the assessment with its single faults: it passes when every zone passes with every one of them."""
    if not faults:
        return found
    known = tuple(dict.fromkeys((*found.unverified, *(text for f in faults for text in unverified(f.zones)))))
    over = [(fault, zone) for fault in faults for zone in fault.zones if not zone.passed]
    if over:
        fault, worst = max(over, key=lambda pair: pair[1].worst_ratio)
        names = ", ".join(dict.fromkeys(f"{f.name} in {z.name}" for f, z in over))
        said = (
            f"NOT with a single fault ({names}): {worst.worst_hazard} reaches {worst.worst_ratio:.3g} times its limit "
            f"with {fault.what}."
        )
    else:
        ratio, name, zone = max((z.worst_ratio, f.name, z.name) for f in faults for z in f.zones)
        each = f"each of {len(faults)} single faults" if len(faults) > 1 else "the single fault"
        said = f"With {each} too: at most {ratio:.3g} ({name}, in {zone})."
    return replace(
        found,
        faults=tuple(faults),
        passed=found.passed and not over,
        verdict=f"{found.verdict} {said}",
        unverified=known,
    )


def _listed(names: dict) -> str:
    shown = ", ".join(list(names)[:_NAMED])
    return shown if len(names) <= _NAMED else f"{shown} and {len(names) - _NAMED} more"
