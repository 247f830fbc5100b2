"""One zone's whole result: worst places, what causes them, how long and how far, maps, the second path.

References:
    IEC 62471:2006. Heights of eyes are chosen here (evidence D): standing 1.2 to 1.9 m, seated 1.0 to 1.4 m.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from synthgen.errors import InputError
from synthgen.photobiology.averaging import averaging_angle_rad, averaging_evidence
from synthgen.photobiology.editions import HAZARDS, RADIANCE_HAZARDS
from synthgen.photobiology.evaluate_exposure import SYMBOLS
from synthgen.photobiology.limits import check_duration, limit
from synthgen.safety import zone_record
from synthgen.safety.scene import mirror
from synthgen.safety.scene.lamps import Exposure, Lamps, names_of
from synthgen.safety.scene.levels import GAZES, Eye, Reading
from synthgen.safety.scene.reach import hazard_distance_m, permissible_s
from synthgen.safety.scene.search import TOLERANCE, Searched, Searcher, chosen, closely, largest_at, score_of
from synthgen.safety.scene.sight import COARSE, FINE, QUARTER, Seen, Sight
from synthgen.world import scene_description

HEIGHTS_M = {"walkway": (1.2, 1.9), "seat": (1.0, 1.4)}
"""Where eyes are above the floor; of other kinds anywhere in their box."""
KINDS = ("walkway", "seat", "reach_in", "custom")

_MAP_CELLS = 24  # along a plane's longer side
_MAP_PLANES = 3
_MIRROR_GRID = (4, 3, 2)
_CLOSE = 3  # worst places that each hazard is judged closely at


@dataclass(frozen=True, eq=False)
class Job:
    """A zone of a scene to be judged."""

    sight: Sight
    lamps: Lamps
    zone: scene_description.EyeZone
    hazard: str = "worst"
    max_ratio: float = 1.0
    margin: float = 0.0
    """Relative expanded uncertainty that a guard-banded verdict adds."""

    def __post_init__(self) -> None:
        check_zone(self.zone)

    @property
    def exposures(self) -> tuple[Exposure, ...]:
        """Return the exposures to judge."""
        return self.lamps.exposures(self.zone.duration_s)

    @property
    def searcher(self) -> Searcher:
        """Return a fresh search of the zone."""
        low, high = eyes_m(self.zone)
        return Searcher(self.sight, self.lamps, self.exposures, low, high, self.zone.gaze)


def check_zone(zone: scene_description.EyeZone) -> None:
    """Refuse a zone that cannot be judged.

    Raises:
        InputError: an unknown gaze, a box that is no box, or a duration that is not positive.
    """
    if zone.gaze not in GAZES:
        raise InputError(f"{zone.path}: gaze {zone.gaze!r} is not known; write one of {', '.join(GAZES)}")
    low, high = (np.asarray(corner, float) for corner in zone.box_m)
    if not (np.isfinite(low).all() and np.isfinite(high).all() and (low <= high).all()):
        raise InputError(f"{zone.path}: box_m {zone.box_m}; write the lowest and the highest corner in metres")
    try:
        check_duration(zone.duration_s)
    except InputError as fault:
        raise InputError(f"{zone.path}: {fault}") from fault


def eyes_m(zone: scene_description.EyeZone) -> tuple[np.ndarray, np.ndarray]:
    """Return the part of a zone's box where eyes can be: its kind's heights, all of it where they do not meet."""
    low, high = (np.array(corner, np.float64) for corner in zone.box_m)
    if zone.kind in HEIGHTS_M:
        bottom, top = max(low[2], HEIGHTS_M[zone.kind][0]), min(high[2], HEIGHTS_M[zone.kind][1])
        if bottom <= top:
            low[2], high[2] = bottom, top
    return low, high


def judge(job: Job, planes: list[mirror.Plane] | None, *, maps: bool = True) -> zone_record.Zone:
    """Return everything about one zone, but for its remedies; `planes`: the mirrors, None where none is looked at."""
    found = job.searcher.run()
    eyes = _Eyes(job, found)
    cases = tuple(_case(job, eyes, e) for e in range(len(job.exposures)))
    rows = [(row, case) for case in cases for row in case.hazards if job.hazard in ("worst", row.hazard)]
    worst, case = max(rows, key=lambda each: each[0].ratio)
    low, high = eyes_m(job.zone)
    allowed = job.max_ratio / (1.0 + job.margin)
    return zone_record.Zone(
        name=job.zone.name,
        kind=job.zone.kind,
        box_m=job.zone.box_m,
        eyes_m=(vec(low), vec(high)),
        gaze=job.zone.gaze,
        duration_s=job.zone.duration_s,
        passed=worst.ratio <= allowed,
        worst_ratio=worst.ratio,
        worst_hazard=worst.hazard if worst.ratio > 0.0 else "",
        worst_case=case.name,
        worst_position_m=worst.position_m,
        worst_gaze=worst.gaze,
        culprit=worst.culprit,
        t_max_s=_t_max_s(cases, job.hazard),
        hazard_distance_m=hazard_distance_m(
            job.sight, job.lamps, job.exposures, job.zone.gaze, worst, hazard=job.hazard
        ),
        cases=cases,
        second_path=_second_path(job, planes, np.array(worst.position_m)),
        maps=_maps(job) if maps else (),
        convergence=_convergence(job, eyes, found, worst, cases.index(case)),
    )


class _Eyes:
    """Looks closely at every worst place once, and finds where each hazard is worst among them."""

    def __init__(self, job: Job, found: Searched) -> None:
        self._job, e_count = job, len(job.exposures)
        places = np.unique(np.array([p.eye_m for p in found.worst.values()]).reshape(-1, 3), axis=0)
        self.detail = closely(job.lamps, job.exposures)
        self.eyes = [Eye(seen, job.lamps, job.zone.gaze) for seen in job.sight.look(places, self.detail)]
        self._quick = np.array([eye.ratios(job.exposures, quick=True) for eye in self.eyes]).reshape(-1, e_count, 8)
        self._scores = score_of(self._quick)

    def worst(self, e: int, h: int) -> tuple[Eye, Reading] | None:
        """Return the eye that an exposure's hazard is worst for, and its reading; None where there is nothing."""
        if not self.eyes or not self._quick[:, e, h].any():
            return None
        found = []
        for k in np.argsort(-self._scores[:, e, h], kind="stable")[:_CLOSE]:
            reading, even = self.eyes[k].reading(HAZARDS[h], self._job.exposures[e]), self._quick[k, e, h]
            score = reading.ratio * (self._scores[k, e, h] / even if even > 0.0 else 0.0)
            found.append((score, self.eyes[k], reading))
        _, eye, reading = max(found, key=lambda each: each[0])
        return eye, reading


def _case(job: Job, eyes: _Eyes, e: int) -> zone_record.CaseOutcome:
    exposure = job.exposures[e]
    rows = []
    for h, hazard in enumerate(HAZARDS):
        best = eyes.worst(e, h)
        rows.append(_nothing(job, hazard, exposure) if best is None else _row(job, *best, hazard, exposure))
    worst = max(rows, key=lambda row: row.ratio)
    return zone_record.CaseOutcome(
        name=exposure.name,
        duration_s=exposure.duration_s,
        worst_hazard=worst.hazard if worst.ratio > 0.0 else "",
        worst_ratio=worst.ratio,
        hazards=tuple(rows),
    )


def _row(job: Job, eye: Eye, reading: Reading, hazard: str, exposure: Exposure) -> zone_record.HazardResult:
    """Return one hazard's result at its worst place."""
    edition = job.lamps.edition
    if reading.ratio <= 0.0:  # the close look sees nothing where the quick one saw a glimpse
        return _nothing(job, hazard, exposure)
    shares = eye.shares(hazard, exposure, reading.gaze)
    order = np.argsort(-shares, kind="stable")
    thermal = hazard.startswith("retinal")
    alpha_rad = float(eye.alphas_rad(hazard, exposure)[order[0]]) if thermal else None
    bound = limit(hazard, edition, exposure.duration_s, alpha_rad)
    allowed = bound.limit or math.inf
    t_max_s = permissible_s(eye, hazard, exposure, reading.ratio)
    paths, names = [light.path for light in job.lamps.lights], names_of(job.lamps.lights)
    reason = bound.reason
    if reading.ratio <= 1.0 and t_max_s < exposure.duration_s:
        reason = reason or f"over its limit from {t_max_s:.3g} s on for a while, where the averaging cone is smaller"
    return zone_record.HazardResult(
        hazard=hazard,
        symbol=SYMBOLS[hazard],
        applicable=True,
        level=reading.ratio * allowed,
        unit=bound.unit,
        limit=allowed,
        ratio=reading.ratio,
        t_max_s=t_max_s,
        alpha_rad=alpha_rad or 0.0,
        averaging_angle_rad=bound.averaging_angle_rad or 0.0,
        clause=bound.clause,
        evidence=bound.evidence,
        averaging_evidence=bound.averaging_evidence,
        position_m=vec(eye.seen.eye_m),
        gaze=vec(reading.gaze),
        culprit=paths[order[0]],
        lamps=tuple(
            zone_record.LampShare(path=paths[k], name=names[k], share=float(shares[k]))
            for k in order
            if shares[k] > 1e-6
        ),
        reason=reason,
    )


def _nothing(job: Job, hazard: str, exposure: Exposure) -> zone_record.HazardResult:
    """Return the row of a hazard that nothing in the zone can cause."""
    edition = job.lamps.edition
    bound = limit(hazard, edition, exposure.duration_s, 0.05 if hazard.startswith("retinal") else None)
    low, high = eyes_m(job.zone)
    return zone_record.HazardResult(
        hazard=hazard,
        symbol=SYMBOLS[hazard],
        applicable=False,
        level=0.0,
        unit=bound.unit,
        limit=math.inf,
        ratio=0.0,
        t_max_s=math.inf,
        alpha_rad=0.0,
        averaging_angle_rad=averaging_angle_rad(hazard, edition, exposure.duration_s) or 0.0,
        clause=bound.clause,
        evidence=bound.evidence,
        averaging_evidence=averaging_evidence(hazard, edition) if hazard in RADIANCE_HAZARDS else "",
        position_m=vec(0.5 * (low + high)),
        gaze=(0.0, 0.0, 1.0),
        culprit="",
        lamps=(),
        reason=bound.reason if bound.limit is None and bound.reason else _why_not(job.lamps, hazard),
    )


def _why_not(lamps: Lamps, hazard: str) -> str:
    if not lamps.lights:
        return "the scene has no lamp"
    if not lamps.fractions[:, HAZARDS.index(hazard)].any():
        return "no lamp has power in the hazard's range"
    if hazard == "retinal-thermal-weak" and not lamps.weak.any():
        return "every lamp is bright: 10 cd/m2 or more make the eye turn away"
    if hazard == "blue-light-small":
        return "no lamp subtends less than 11 mrad: judged as blue-light"
    if hazard == "blue-light":
        return "every lamp subtends less than 11 mrad: judged as blue-light-small"
    return "no light of it reaches the zone"


def _t_max_s(cases: tuple[zone_record.CaseOutcome, ...], hazard: str) -> float:
    """Return how long one may stay: the whole exposure's time, nothing where a pulse or a group is over its limit."""
    asked = [[row for row in case.hazards if hazard in ("worst", row.hazard)] for case in cases]
    if any(row.ratio > 1.0 for rows in asked[:-1] for row in rows):
        return 0.0
    return min(row.t_max_s for row in asked[-1])


def _second_path(job: Job, planes: list[mirror.Plane] | None, worst_m: np.ndarray) -> zone_record.SecondPath:
    """Return the worst that one mirror shows to some of the zone's eyes."""
    without = "mirrors were not looked at" if planes is None else "no surface of the scene is glossy"
    note = "One reflection off glossy flat surfaces, taken as perfect mirrors; not added to the ratios above."
    nothing = zone_record.SecondPath(
        considered=bool(planes), ratio=0.0, hazard="", position_m=vec(worst_m), gaze=(0.0, 0.0, 1.0), surface="",
        lamp="", reflectance=0.0, note=note if planes else without,
    )  # fmt: skip
    if not planes:
        return nothing
    places = np.concatenate([worst_m[None], job.searcher.allowed(job.searcher.grid(_MIRROR_GRID))])
    quick = [_mirror_ratio(job, mirror.look(job.sight, planes, eye, COARSE).seen) for eye in places]
    best = int(np.argmax(quick))
    if quick[best] <= 0.0:
        return nothing
    found = mirror.look(job.sight, planes, places[best], FINE)
    eye = Eye(found.seen, job.lamps, job.zone.gaze)
    asked = HAZARDS if job.hazard == "worst" else (job.hazard,)
    ratios = chosen(eye.ratios(job.exposures), job.hazard)
    e, h = np.unravel_index(int(np.argmax(ratios)), ratios.shape)
    hazard, exposure = asked[h], job.exposures[e]
    gaze = eye.reading(hazard, exposure).gaze
    lamp = int(np.argmax(eye.shares(hazard, exposure, gaze)))
    facing = found.seen.vectors_w_m2 @ gaze * (found.seen.lamp == lamp)
    tile = int(np.argmax(np.maximum(facing, 0.0)))
    return zone_record.SecondPath(
        considered=True,
        ratio=float(ratios[e, h]),
        hazard=hazard,
        position_m=vec(places[best]),
        gaze=vec(gaze),
        surface=planes[int(found.plane[tile])].path,
        lamp=job.lamps.lights[lamp].path,
        reflectance=float(found.reflectance[tile]),
        note=note,
    )


def _mirror_ratio(job: Job, seen: Seen) -> float:
    return Eye(seen, job.lamps, job.zone.gaze).largest(job.exposures, job.hazard)[0]


def _maps(job: Job) -> tuple[zone_record.RatioMap, ...]:
    """Return the largest ratio on horizontal planes through the zone."""
    low, high = eyes_m(job.zone)
    size_m = np.maximum(high - low, 0.0)
    spacing_m = max(float(size_m[:2].max()) / (_MAP_CELLS - 1), 0.05)
    nx, ny = (max(round(size / spacing_m) + 1, 1) for size in size_m[:2])
    x, y = (
        np.linspace(low[a], high[a], n) if n > 1 else np.array([0.5 * (low[a] + high[a])])
        for a, n in ((0, nx), (1, ny))
    )
    found = []
    for z in np.unique(np.linspace(low[2], high[2], _MAP_PLANES if size_m[2] > 0 else 1)):
        eyes = np.stack([*np.meshgrid(x, y, indexing="xy"), np.full((ny, nx), z)], axis=-1).reshape(-1, 3)
        found_here = largest_at(job.sight, job.lamps, job.exposures, eyes, job.zone.gaze, job.hazard)
        found.append(
            zone_record.RatioMap(
                z_m=float(z),
                origin_m=(float(x[0]), float(y[0])),
                spacing_m=(_gap(x, spacing_m), _gap(y, spacing_m)),
                ratio=np.array([ratio for ratio, _ in found_here]).reshape(ny, nx),
            )
        )
    return tuple(found)


def _gap(line: np.ndarray, otherwise: float) -> float:
    return float(line[1] - line[0]) if len(line) > 1 else otherwise


def _convergence(
    job: Job, eyes: _Eyes, found: Searched, worst: zone_record.HazardResult, e: int
) -> zone_record.Convergence:
    rays, sampling = 0, 0.0
    if worst.ratio > 0.0:
        eye = next(each for each in eyes.eyes if vec(each.seen.eye_m) == worst.position_m)
        fewer = replace(eyes.detail, rays=QUARTER.rays)
        quarter = Eye(job.sight.look(eye.seen.eye_m[None], fewer)[0], job.lamps, job.zone.gaze)
        sampling = abs(quarter.reading(worst.hazard, job.exposures[e]).ratio / worst.ratio - 1.0)
        rays = eye.seen.rays // len(job.lamps.lights)
    settled = "moved" if found.converged else "still moved"
    return zone_record.Convergence(
        positions=found.positions,
        steps=found.steps,
        last_change=found.last_change,
        tolerance=TOLERANCE,
        converged=found.converged,
        rays_per_lamp=rays,
        sampling=sampling,
        statement=(
            f"{found.positions} eye positions; the worst ratio {settled} {found.last_change:.2%} in the last step "
            f"and {sampling:.2%} with four times the rays"
        ),
    )


def vec(values: np.ndarray) -> tuple[float, float, float]:
    """Return an array of three as plain floats."""
    x, y, z = (float(value) for value in values)
    return x, y, z
