"""The whole assessment of one scene, from what the device holds and the zones where eyes can be."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from synthgen.errors import InputError
from synthgen.photobiology.editions import HAZARDS, check_edition
from synthgen.safety import flicker, record, remedies, zone_record
from synthgen.safety.plan_view import outlines
from synthgen.safety.scene import mirror, zones
from synthgen.safety.scene.inventory import sources
from synthgen.safety.scene.lamps import Lamps
from synthgen.safety.scene.sight import Sight
from synthgen.world import scene_description

LIMITS_OF_METHOD = (
    "A simulation is not type testing, and a ratio at a place is not a risk group.",
    "Direct light and one mirror path only: light that walls and goods scatter is left out.",
    "Each lamp is evenly bright over its face, as its illuminator says; no lens magnifies the apparent source.",
    "Lamps that pulse are taken to fire together.",
    "alpha is that of the whole lamp, hidden parts included; lamps within one averaging cone count as one source.",
    "Eyes come no nearer to a lamp than 0.2 m; optical aids are not considered.",
    "UVA and infrared of the eye are taken within 1.4 rad about the gaze, other irradiances from the whole hemisphere.",
    "Lasers in the scene are judged as the lamps they are drawn as: classify them with `synthgen safety laser`.",
    "Flashing is held against guidance by its rate alone; glare (dazzle, EN 12464-1) is not judged.",
)

_BUDGET = (
    ("spectrum", 0.03, "data sheet or named spectrum; measured ones 2 to 5 %", "D"),
    ("radiant power", 0.05, "data sheet; intensity 5 to 10 % as measured", "D"),
    ("shape of the beam", 0.05, "cone, softness and focus stand for the true distribution", "D"),
    ("weighting tables", 0.01, "interpolation between 5 nm", "B"),
)


def assess(
    sight: Sight,
    where: Sequence[scene_description.EyeZone],
    question: record.Question,
    identity: record.Identity,
    *,
    maps: bool = True,
    normative: bool = True,
    remedy: bool = True,
    warnings: Sequence[str] = (),
) -> record.SceneAssessment:
    """Return the assessment of a world.

    Raises:
        InputError: unknown hazard or edition, no zone, a zone or a lamp that cannot be judged.
    """
    check_question(question)
    if not where:
        raise InputError(
            "safety.zones: none; declare where eyes can be, such as walkway: {box_m: [[-2, 1, 0], [2, 2, 2]]}"
        )
    lamps = Lamps(sight.lights, question.edition)
    planes = mirror.planes_of(sight.tables.worlds[sight.world])
    margin = margin_of(question)
    judged = []
    for zone in where:
        job = zones.Job(sight, lamps, zone, question.hazard, question.max_ratio, margin)
        found = zones.judge(job, planes, maps=maps)
        judged.append(replace(found, remedies=remedies.of(job, found)) if remedy and not found.passed else found)
    worst = max(judged, key=lambda zone: zone.worst_ratio)
    budget = budget_of(
        max((z.convergence.last_change for z in judged), default=0.0),
        max((z.convergence.sampling for z in judged), default=0.0),
    )
    return record.SceneAssessment(
        identity=replace(
            identity,
            operating_state=identity.operating_state or operating_state(lamps),
            stage_sha256=identity.stage_sha256 or fingerprint(sight.tables.worlds[sight.world], where),
        ),
        question=question,
        passed=all(zone.passed for zone in judged),
        verdict=_verdict(question, judged, worst),
        worst_zone=worst.name,
        worst_ratio=worst.worst_ratio,
        worst_hazard=worst.worst_hazard,
        sources=sources(lamps, question.duration_s, normative),
        zones=tuple(judged),
        cameras=(),
        distribution=None,
        budget=budget,
        unverified=unverified(judged),
        limits_of_method=LIMITS_OF_METHOD,
        warnings=tuple(warnings),
        flicker=flicker.of(lamps),
        outlines=outlines(sight.tables.worlds[sight.world], tuple(zone.box_m for zone in where)),
    )


def check_question(question: record.Question) -> None:
    """Refuse a question that has no answer.

    Raises:
        InputError: unknown hazard, edition or decision rule, or an allowed ratio that is not positive.
    """
    check_edition(question.edition)
    if question.hazard not in ("worst", *HAZARDS):
        raise InputError(f"hazard: {question.hazard!r} is not known; write worst or one of {', '.join(HAZARDS)}")
    if question.decision_rule not in record.DECISION_RULES:
        raise InputError(
            f"decision rule: {question.decision_rule!r} is not known; write one of {', '.join(record.DECISION_RULES)}"
        )
    if not 0.0 < question.max_ratio < math.inf:
        raise InputError(f"max_ratio: {question.max_ratio}; write a positive number (1 is the limit itself)")


def budget_of(position: float, sampling: float) -> record.Budget:
    """Return the uncertainty of a ratio, k = 2, from how far the search and the rays still moved it."""
    lines = [record.Uncertainty(name=n, relative=r, basis=b, evidence=e) for n, r, b, e in _BUDGET]
    lines.append(record.Uncertainty(name="worst position", relative=position, basis="last refinement", evidence="A"))
    lines.append(record.Uncertainty(name="sampling", relative=sampling, basis="a quarter of the rays", evidence="A"))
    combined = math.sqrt(sum(line.relative**2 for line in lines))
    return record.Budget(lines=tuple(lines), coverage_factor=2.0, expanded=2.0 * combined)


def margin_of(question: record.Question) -> float:
    """Return the relative uncertainty that the decision rule adds to each ratio before it is compared."""
    return budget_of(0.01, 0.005).expanded if question.decision_rule == "guarded" else 0.0


def unverified(judged: Sequence[zone_record.Zone]) -> tuple[str, ...]:
    """Return the numbers of evidence C or D that zones were compared with, once each."""
    found = {}
    for row in (row for zone in judged for case in zone.cases for row in case.hazards if row.applicable):
        if row.evidence in ("C", "D"):
            found[f"{row.hazard}: exposure limit, {row.clause} ({row.evidence})"] = None
        if row.averaging_evidence in ("C", "D"):
            found[f"{row.hazard}: averaging cone, {row.clause} ({row.averaging_evidence})"] = None
        if row.hazard in ("uva", "ir-eye"):
            found["uva, ir-eye: acceptance of 1.4 rad (C)"] = None
    return tuple(found)


def operating_state(lamps: Lamps) -> str:
    """Return how the lamps are driven, in words."""
    pulsed = [drive for drive in lamps.drives if not drive.continuous]
    texts = sorted({f"{1e6 * p.pulse_s:.4g} us at {p.rate_hz:g} Hz" for p in pulsed})
    steady = len(lamps.drives) - len(pulsed)
    parts = [f"{steady} continuous"] if steady else []
    parts += [f"{len(pulsed)} pulsed together ({', '.join(texts)})"] if pulsed else []
    return f"all lamps on at their stated power: {' and '.join(parts) or 'none'}"


def fingerprint(world: scene_description.Description, where: Sequence[scene_description.EyeZone]) -> str:
    """Return the sha256 of everything that an assessment reads: geometry, materials, lamps and zones."""
    total = hashlib.sha256()
    for instance in world.instances:
        matrix = np.ascontiguousarray(instance.world_from_mesh, np.float64)
        look = [replace(m, texture=None) for m in instance.materials]
        total.update(f"{instance.path}|{instance.mesh.key}|{look!r}".encode() + matrix.tobytes())
    for light in world.lights:
        plain = {k: v for k, v in vars(light).items() if k not in ("world_from_light", "spectrum", "ies_asset")}
        total.update(repr(sorted(plain.items())).encode() + np.asarray(light.world_from_light, np.float64).tobytes())
        total.update(light.spectrum.wavelength_nm.tobytes() + light.spectrum.power_w_nm.tobytes())
    total.update(repr(tuple(where)).encode())
    return total.hexdigest()


def _verdict(question: record.Question, judged: Sequence[zone_record.Zone], worst: zone_record.Zone) -> str:
    what = "all eight hazards" if question.hazard == "worst" else question.hazard
    over = [zone.name for zone in judged if not zone.passed]
    if over:
        lasts = f"one may stay at the worst place for at most {worst.t_max_s:.3g} s"
        if worst.t_max_s == 0.0:
            lasts = "one may not be at the worst place at all"
        elif math.isinf(worst.t_max_s):
            lasts = f"more than the {question.max_ratio:g} that was allowed"
        return (
            f"NOT within what is allowed by {question.edition}: in {', '.join(over)} {worst.worst_hazard} reaches "
            f"{worst.worst_ratio:.3g} times its limit; {lasts}."
        )
    return (
        f"Within the limits of {question.edition} for {what} in every zone: the worst ratio is {worst.worst_ratio:.3g} "
        f"of {question.max_ratio:g}."
    )
