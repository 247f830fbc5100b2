"""How long one may stay at a place, and how far from a lamp every limit is kept."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from synthgen.photobiology import limits
from synthgen.photobiology.editions import RADIANCE_HAZARDS
from synthgen.photobiology.lamp import NORMATIVE_M
from synthgen.safety import zone_record
from synthgen.safety.scene.lamps import Exposure, Lamps
from synthgen.safety.scene.levels import Eye
from synthgen.safety.scene.search import chosen, ratios_at
from synthgen.safety.scene.sight import COARSE, Sight
from synthgen.safety.scene.surfaces import near, nearest_m

_FARTHEST_M = 100.0
_SCAN = 33
_NARROWED = 12  # places between two distances that are tried at once
_TIME_TOLERANCE = 1e-4


def permissible_s(eye: Eye, hazard: str, exposure: Exposure, ratio: float) -> float:
    """Return how long an exposure's mean level may last [s].

    The cone of each duration points at lamps, scaled by what the search made of it at the exposure's own duration.
    """
    quick = eye.reading(hazard, exposure, quick=True).ratio
    scale = ratio / quick if quick > 0.0 else 1.0
    edition = eye.lamps.edition
    alpha_rad = 0.05 if hazard.startswith("retinal") else None

    def level_at(duration_s: float) -> float:
        bound = limits.limit(hazard, edition, duration_s, alpha_rad).limit
        there = Exposure(exposure.name, duration_s, exposure.shares)
        return 0.0 if bound is None else scale * eye.reading(hazard, there, quick=True).ratio * bound

    tolerance = _TIME_TOLERANCE if hazard in RADIANCE_HAZARDS else 1e-9
    alpha_at = (lambda _: alpha_rad) if alpha_rad else None
    return limits.permissible_s(hazard, edition, level_at, alpha_at, tolerance)  # type: ignore[arg-type]


def hazard_distance_m(
    sight: Sight,
    lamps: Lamps,
    exposures: tuple[Exposure, ...],
    gaze: str,
    worst: zone_record.HazardResult,
    allowed: float = 1.0,
    hazard: str = "worst",
) -> float:
    """Return the distance from the causing lamp, through the worst place, from which on every ratio is allowed [m].

    All lamps are on and everything that stands in the way is there. Daylight is left out: it has no distance, and the
    line may lead out of doors. 0: kept from 0.2 m on; inf: nowhere kept.
    """
    lamp = next((light for light in lamps.lights if light.path == worst.culprit), None)
    if lamp is None or not near(lamp):
        return 0.0 if worst.ratio <= allowed else math.inf
    indoors = tuple(light if near(light) else replace(light, strength=0.0) for light in lamps.lights)
    sight, lamps = replace(sight, instead=indoors), Lamps(indoors, lamps.edition)
    start_m = nearest_m(lamp, np.array(worst.position_m))
    away = np.array(worst.position_m) - start_m
    toward = away / max(float(np.linalg.norm(away)), 1e-12)

    def over(distances_m: np.ndarray) -> np.ndarray:
        eyes = start_m + distances_m[:, None] * toward
        ratios = chosen(ratios_at(sight, lamps, exposures, eyes, gaze, COARSE), hazard)
        return ratios.reshape(len(eyes), -1).max(axis=1) > allowed

    distances_m = np.geomspace(NORMATIVE_M, _FARTHEST_M, _SCAN)
    return _outermost_m(over, distances_m)


def _outermost_m(over, distances_m: np.ndarray) -> float:
    """Return where the outermost distance over its limit ends, within 0.1 %, on the safe side."""
    exceeded = over(distances_m)
    if not exceeded.any():
        return 0.0
    last = int(np.flatnonzero(exceeded)[-1])
    if last == len(distances_m) - 1:
        return math.inf
    inside_m, outside_m = distances_m[last], distances_m[last + 1]
    while outside_m > inside_m * 1.001:
        between = np.geomspace(inside_m, outside_m, _NARROWED + 2)[1:-1]
        exceeded = over(between)
        last = int(np.flatnonzero(exceeded)[-1]) if exceeded.any() else -1
        inside_m, outside_m = (
            between[last] if last >= 0 else inside_m,
            between[last + 1] if last + 1 < len(between) else outside_m,
        )
    return float(outside_m)
