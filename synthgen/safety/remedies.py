"""What would make a zone safe: the smallest change of each kind that alone brings its ratio down, judged anew.

Power and duty factor follow from linearity, the distance and the time one may stay from the assessment; the edge of a
baffle is searched for, its shadow traced anew. After each change the worst place is searched for again.

References:
    Light is linear: a ratio goes with each lamp's power, and with its mean power where averages are judged.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from synthgen.errors import InputError
from synthgen.photobiology.editions import HAZARDS
from synthgen.safety import zone_record
from synthgen.safety.scene.lamps import Lamps, names_of
from synthgen.safety.scene.levels import Eye
from synthgen.safety.scene.reach import hazard_distance_m
from synthgen.safety.scene.search import Searcher, closely
from synthgen.safety.scene.sight import QUARTER, Screen
from synthgen.world import scene_description

if TYPE_CHECKING:
    from synthgen.safety.scene.zones import Job

_SAFE_SIDE = 1.0 - 1e-9
_SHORTER = (1.0, 0.999, 0.99, 0.97, 0.9)
_FLICKER_HZ = 100.0  # of a continuous lamp that is to be dimmed by pulses
_SHIFTS_M = (0.0, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)
_NARROWED = 6
_SHEETS = 4  # tried, those nearest to the line of sight first


def of(job: Job, zone: zone_record.Zone) -> tuple[zone_record.Remedy, ...]:
    """Return the changes that each alone bring a failing zone within what is allowed; none where none was found."""
    allowed = job.max_ratio / (1.0 + job.margin)
    kinds: tuple[Callable[[Job, zone_record.Zone, float], Iterator[zone_record.Remedy]], ...] = (
        _power,
        _duty,
        _duration,
        _distance,
        _baffle,
    )
    return tuple(remedy for kind in kinds for remedy in kind(job, zone, allowed))


def _power(job: Job, zone: zone_record.Zone, allowed: float) -> Iterator[zone_record.Remedy]:
    """Yield the factor on the causing lamp's power, and that on the power of all lamps."""
    factor = allowed / zone.worst_ratio * _SAFE_SIDE
    row = next(row for row in _rows(zone) if row.ratio == zone.worst_ratio)
    share = next(lamp.share for lamp in row.lamps if lamp.path == zone.culprit)
    alone = 1.0 - (1.0 - factor) / share
    if len(job.lamps.lights) > 1 and alone > 0.0:
        after = _ratio(_dimmed(job, {zone.culprit: alone}))
        if after <= allowed:
            yield _remedy("power", zone.culprit, f"Dim {_name(job, zone.culprit)} to {alone:.1%} of its power.", alone,
                          "factor", zone, after, exact=True)  # fmt: skip
    after = _ratio_at(_dimmed(job, {light.path: factor for light in job.lamps.lights}), zone)
    target = zone.culprit if len(job.lamps.lights) == 1 else "all lamps"
    text = f"Dim {_name(job, zone.culprit) if target == zone.culprit else 'all lamps'} to {factor:.1%} of the power."
    yield _remedy("power", target, text, factor, "factor", zone, after, exact=True)


def _duty(job: Job, zone: zone_record.Zone, allowed: float) -> Iterator[zone_record.Remedy]:
    """Yield the factor on the share of time that lamps are on, where averages are what exceeds."""
    if max((case.worst_ratio for case in zone.cases if case.name == "single pulse"), default=0.0) > allowed:
        return
    for shorter in _SHORTER:  # whole pulses are counted: the mean follows the rate in steps
        factor = allowed / zone.worst_ratio * _SAFE_SIDE * shorter
        try:
            after = _ratio_at(_with(job, tuple(_rarer(light, factor) for light in job.lamps.lights)), zone)
        except InputError:  # the pulses would no longer fit
            return
        if after <= allowed:
            break
    else:  # a pulse of the chopped light, or the pulses of 0.25 s, is over the limit itself
        return
    kinds = {light.pulse_s > 0.0 for light in job.lamps.lights}
    flash = f"Flash the pulsed lamps {factor:.1%} as often."
    chop = f"Switch the continuous lamps on for {factor:.1%} of the time, in pulses at {_FLICKER_HZ:g} Hz."
    text = " ".join(part for kind, part in ((True, flash), (False, chop)) if kind in kinds)
    yield _remedy("duty", "all lamps", text, factor, "factor", zone, after, exact=True)


def _duration(job: Job, zone: zone_record.Zone, allowed: float) -> Iterator[zone_record.Remedy]:
    """Yield how long one may stay, where that is not nothing."""
    stay_s = zone.t_max_s
    if not 0.0 < stay_s < zone.duration_s or job.max_ratio < 1.0:
        return
    for shorter in _SHORTER[1:]:
        after = _ratio(replace(job, zone=replace(job.zone, duration_s=stay_s * shorter)))
        if after <= allowed:
            text = f"Let nobody stay in {zone.name} longer than {_time(stay_s * shorter)} a day."
            yield _remedy("duration", zone.name, text, stay_s * shorter, "s", zone, after, exact=False)
            return


def _distance(job: Job, zone: zone_record.Zone, allowed: float) -> Iterator[zone_record.Remedy]:
    """Yield the distance that eyes must keep from the causing lamp, or from all lamps."""
    row = next(row for row in _rows(zone) if row.ratio == zone.worst_ratio)
    kept_m = hazard_distance_m(job.sight, job.lamps, job.exposures, zone.gaze, row, allowed, job.hazard)
    if not 0.0 < kept_m < math.inf:
        return
    everyone = [light.path for light in job.lamps.lights]
    for paths, grown in (([zone.culprit], 1.0), ([zone.culprit], 1.02), (everyone, 1.02), (everyone, 1.25)):
        searcher = job.searcher
        searcher.keep_out_m.update(dict.fromkeys(paths, kept_m * grown))
        after = _searched(job, searcher)
        if after <= allowed:
            whom = _name(job, zone.culprit) if len(paths) == 1 else "every lamp"
            nobody = "" if after > 0.0 else f": nobody may be in {zone.name}"
            text = f"Keep eyes {kept_m * grown:.2f} m from {whom}{nobody}."
            target = zone.culprit if len(paths) == 1 else "all lamps"
            yield _remedy("distance", target, text, kept_m * grown, "m", zone, after, exact=False)
            return


def _baffle(job: Job, zone: zone_record.Zone, allowed: float) -> Iterator[zone_record.Remedy]:
    """Yield the smallest move of one sheet's edge that shades the zone enough."""
    found = []
    for sheet in _sheets(job, zone):
        for edge in sheet.edges:
            shift_m = _shift_m(job, zone, edge, allowed)
            if shift_m is not None:
                found.append((shift_m, sheet, edge))
    for shift_m, sheet, edge in sorted(found, key=lambda each: each[0]):
        after = _ratio(_shaded(job, edge, shift_m))
        if after <= allowed:
            name = sheet.path.partition("/Baffles/")[2].partition("/")[0] or sheet.path
            text = (
                f"Move the {edge.side} edge of {name} out by {1e3 * shift_m:.0f} mm; check what the cameras then see."
            )
            yield _remedy("baffle", sheet.path, text, shift_m, "m", zone, after, exact=False)
            return


@dataclass(frozen=True, eq=False)
class Edge:
    """One straight edge of a sheet."""

    side: str
    middle_m: np.ndarray
    outward: np.ndarray
    """Unit, in the sheet, away from its middle."""
    half_m: np.ndarray
    """From the middle to one end."""

    def moved(self, shift_m: float) -> Screen:
        """Return what a shift adds to the sheet."""
        reach = 0.5 * shift_m * self.outward
        return Screen(self.middle_m + reach, self.half_m, reach)


@dataclass(frozen=True, eq=False)
class Sheet:
    """A flat baffle, by the box around it."""

    path: str
    centre_m: np.ndarray
    edges: tuple[Edge, ...]


def _sheets(job: Job, zone: zone_record.Zone) -> list[Sheet]:
    """Return the baffles nearest to the line from the causing lamp to the worst place."""
    world = job.sight.tables.worlds[job.sight.world]
    lamp = next(light for light in world.lights if light.path == zone.culprit)
    start, end = np.asarray(lamp.world_from_light)[:3, 3], np.array(zone.worst_position_m)
    sheets = [_sheet(instance) for instance in world.instances if "/Baffles/" in instance.path]

    def off_line_m(sheet: Sheet) -> float:
        share = np.clip(
            (sheet.centre_m - start) @ (end - start) / max(float((end - start) @ (end - start)), 1e-12), 0, 1
        )
        reach_m = max(float(np.linalg.norm(edge.middle_m - sheet.centre_m)) for edge in sheet.edges)
        return max(float(np.linalg.norm(sheet.centre_m - start - share * (end - start))) - reach_m, 0.0)

    return sorted(sheets, key=off_line_m)[:_SHEETS]


def _sheet(instance: scene_description.Instance) -> Sheet:
    points, world = instance.mesh.points_m.astype(np.float64), instance.world_from_mesh
    low, high = points.min(axis=0), points.max(axis=0)
    centre, half = 0.5 * (low + high), 0.5 * (high - low)
    thin = int(np.argmin(half * np.linalg.norm(world[:3, :3], axis=0)))
    a, b = (axis for axis in range(3) if axis != thin)
    edges = []
    for along, across in ((a, b), (b, a)):
        for sign in (1.0, -1.0):
            outward = sign * world[:3, along]
            middle = world[:3, :3] @ (centre + sign * half[along] * np.eye(3)[along]) + world[:3, 3]
            edges.append(
                Edge(_side(outward), middle, outward / np.linalg.norm(outward), half[across] * world[:3, across])
            )
    return Sheet(instance.path, world[:3, :3] @ centre + world[:3, 3], tuple(edges))


def _side(outward: np.ndarray) -> str:
    """Return which edge of a sheet it is, by the world's axis that it points along most."""
    axis = int(np.argmax(np.abs(outward)))
    up = outward[axis] > 0
    return (("+x", "-x"), ("+y", "-y"), ("upper", "lower"))[axis][0 if up else 1]


def _shift_m(job: Job, zone: zone_record.Zone, edge: Edge, allowed: float) -> float | None:
    """Return about how far an edge must go out, judged at known bad places and a grid; None if it helps not."""
    known = np.array([row.position_m for row in _rows(zone) if row.ratio > allowed])
    eyes = np.concatenate([np.unique(known, axis=0), job.searcher.grid((7, 5, 2))])

    def over(shift_m: float) -> bool:
        changed = _shaded(job, edge, shift_m)
        searcher = changed.searcher
        searcher.try_all(eyes, QUARTER)
        return max((p.ratio for (_, h), p in searcher.worst.items() if _asked(job, h)), default=0.0) > allowed

    if over(_SHIFTS_M[-1]):
        return None
    inside, outside = _SHIFTS_M[0], _SHIFTS_M[-1]
    for shift_m in _SHIFTS_M[1:-1]:
        if not over(shift_m):
            outside = shift_m
            break
        inside = shift_m
    for _ in range(_NARROWED):
        middle = 0.5 * (inside + outside)
        inside, outside = (middle, outside) if over(middle) else (inside, middle)
    return math.ceil(1e3 * outside) * 1e-3 + 0.001


def _shaded(job: Job, edge: Edge, shift_m: float) -> Job:
    return replace(job, sight=replace(job.sight, screens=(edge.moved(shift_m),)))


def _rarer(light: scene_description.Light, factor: float) -> scene_description.Light:
    if light.pulse_s > 0.0:
        return replace(light, rate_hz=light.rate_hz * factor)
    return replace(light, pulse_s=factor / _FLICKER_HZ, rate_hz=_FLICKER_HZ)


def _dimmed(job: Job, factors: dict[str, float]) -> Job:
    lights = (replace(light, strength=light.strength * factors.get(light.path, 1.0)) for light in job.lamps.lights)
    return _with(job, tuple(lights))


def _with(job: Job, lights: tuple[scene_description.Light, ...]) -> Job:
    return replace(job, sight=replace(job.sight, instead=lights), lamps=Lamps(lights, job.lamps.edition))


def _ratio(job: Job) -> float:
    """Return the worst ratio of a zone after a change, its place searched for again."""
    return _searched(job, job.searcher)


def _searched(job: Job, searcher: Searcher) -> float:
    """Return the worst ratio that a search finds, with all rays."""
    worst = searcher.run().worst
    asked = [key for key in worst if _asked(job, key[1])]
    if not asked:
        return 0.0
    return _close(job, worst[max(asked, key=lambda key: worst[key].ratio)].eye_m[None])


def _ratio_at(job: Job, zone: zone_record.Zone) -> float:
    """Return the worst ratio after a change that all lamps share: the worst places stay where they are."""
    return _close(job, np.unique([row.position_m for row in _rows(zone) if row.ratio > 0.0], axis=0))


def _close(job: Job, eyes_m: np.ndarray) -> float:
    """Return the worst ratio of what was asked for at some places, with all rays."""
    columns = [h for h in range(len(HAZARDS)) if _asked(job, h)]
    detail = closely(job.lamps, job.exposures)
    eyes = [Eye(seen, job.lamps, job.zone.gaze) for seen in job.sight.look(eyes_m, detail)]
    return max(float(eye.ratios(job.exposures)[:, columns].max()) for eye in eyes)


def _asked(job: Job, h: int) -> bool:
    return job.hazard in ("worst", HAZARDS[h])


def _rows(zone: zone_record.Zone) -> list[zone_record.HazardResult]:
    return [row for case in zone.cases for row in case.hazards]


def _name(job: Job, path: str) -> str:
    names = names_of(job.lamps.lights)
    return next(name for name, light in zip(names, job.lamps.lights, strict=True) if light.path == path)


def _time(seconds: float) -> str:
    return f"{seconds:.3g} s" if seconds < 120 else f"{seconds / 60:.3g} min"


def _remedy(
    kind: str, target: str, text: str, value: float, unit: str, zone: zone_record.Zone, after: float, *, exact: bool
) -> zone_record.Remedy:
    return zone_record.Remedy(
        kind=kind, target=target, text=text, value=value, unit=unit, ratio_before=zone.worst_ratio, ratio_after=after,
        exact=exact,
    )  # fmt: skip
