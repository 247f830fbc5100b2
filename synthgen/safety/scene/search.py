"""Where in a zone it is worst: a grid and the places before each lamp, then a pattern search from the best of them.

Every place that is tried is judged for all hazards and exposures at once. Eyes stay 0.2 m from lamps, the nearest that
an eye can focus and the distance at which the standard measures (IEC 62471:2006, 6.1).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from synthgen.photobiology.editions import HAZARDS
from synthgen.photobiology.lamp import NORMATIVE_M
from synthgen.safety.scene.lamps import Exposure, Lamps
from synthgen.safety.scene.levels import Eye
from synthgen.safety.scene.sight import COARSE, FINE, QUARTER, Detail, Sight
from synthgen.safety.scene.surfaces import near, nearest_m

TOLERANCE = 0.01
"""The worst ratio moved less than this in the last refinement."""

_STEP_M = 0.4  # of the first grid
_MOST = (9, 9, 4)
_ENOUGH = 0.002  # what is really waited for: far inside TOLERANCE
_HALVINGS = 14
_CLOSER = 0.3
_AMONG_EQUALS = 1e-3
_AROUND = np.array(
    [(x, y, z) for x in (-1, 0, 1) for y in (-1, 0, 1) for z in (-1, 0, 1) if abs(x) + abs(y) + abs(z) in (1, 3)], float
)
_AXIS_M = (0.2, 0.4, 0.8, 1.6, 3.2, 6.4)


@dataclass(eq=False)
class Place:
    """The worst place of one hazard and exposure so far."""

    eye_m: np.ndarray
    ratio: float
    score: float
    """What places are compared by: `score_of`."""


@dataclass(frozen=True, eq=False)
class Searched:
    """What a search found."""

    worst: dict[tuple[int, int], Place]
    """By row of the exposure and of HAZARDS; only what is above 0."""
    positions: int
    steps: int
    last_change: float
    converged: bool

    @property
    def top(self) -> tuple[int, int] | None:
        """Return the exposure and hazard with the largest ratio."""
        return max(self.worst, key=lambda key: self.worst[key].ratio, default=None)


@dataclass(eq=False)
class Searcher:
    """Looks for the worst place in a box."""

    sight: Sight
    lamps: Lamps
    exposures: tuple[Exposure, ...]
    low_m: np.ndarray
    high_m: np.ndarray
    gaze: str = "worst"
    keep_out_m: dict[str, float] = field(default_factory=dict)
    """Distance that eyes keep from some lamps, by path, where it is more than the usual one."""
    positions: int = 0
    worst: dict[tuple[int, int], Place] = field(default_factory=dict)

    def grid(self, most: tuple[int, int, int] = _MOST) -> np.ndarray:
        """Return the first places to try, shape (n, 3) [m]."""
        counts = np.minimum(np.ceil((self.high_m - self.low_m) / _STEP_M).astype(int) + 1, most)
        lines = [np.linspace(a, b, n) if n > 1 else [0.5 * (a + b)]
                 for a, b, n in zip(self.low_m, self.high_m, counts, strict=True)]  # fmt: skip
        return np.stack(np.meshgrid(*lines, indexing="ij"), axis=-1).reshape(-1, 3)

    def try_all(self, eyes_m: np.ndarray, detail: Detail = COARSE) -> np.ndarray:
        """Judge places, remember the worst, return each place's ratios, shape (places, exposures, 8)."""
        eyes_m = self.allowed(eyes_m)
        found = ratios_at(self.sight, self.lamps, self.exposures, eyes_m, self.gaze, detail)
        self.positions += len(eyes_m)
        scores = score_of(found)
        for e, h in zip(*np.nonzero(found.max(axis=0, initial=0.0)), strict=True):
            best, key = int(np.argmax(scores[:, e, h])), (int(e), int(h))
            if key not in self.worst or scores[best, e, h] > self.worst[key].score:
                self.worst[key] = Place(eyes_m[best], float(found[best, e, h]), float(scores[best, e, h]))
        return found

    def allowed(self, eyes_m: np.ndarray) -> np.ndarray:
        """Return the places moved out of lamps' reach and into the box; those that cannot be are left out."""
        kept = [moved for eye in np.clip(eyes_m, self.low_m, self.high_m) if (moved := self._moved(eye)) is not None]
        return np.unique(np.array(kept).reshape(-1, 3), axis=0)

    def _moved(self, eye_m: np.ndarray) -> np.ndarray | None:
        for light in self.lamps.lights:
            if not near(light):
                continue
            surface = nearest_m(light, eye_m)
            away = eye_m - surface
            gap_m, kept_m = float(np.linalg.norm(away)), max(self.keep_out_m.get(light.path, 0.0), NORMATIVE_M)
            if gap_m >= kept_m * (1.0 - 1e-9):
                continue
            outward = away / gap_m if gap_m > 1e-6 else -np.asarray(light.world_from_light)[:3, 2]
            eye_m = np.clip(surface + kept_m * outward, self.low_m, self.high_m)
            if float(np.linalg.norm(eye_m - nearest_m(light, eye_m))) < kept_m * (1.0 - 1e-6):
                return None
        return eye_m

    def before_lamps(self) -> np.ndarray:
        """Return the places of the box nearest to each lamp and along its axis, shape (n, 3) [m]."""
        found = []
        for light in self.lamps.lights:
            if near(light):
                world = np.asarray(light.world_from_light, np.float64)
                found += [world[:3, 3], *(world[:3, 3] - s * world[:3, 2] for s in _AXIS_M)]
        return np.array(found).reshape(-1, 3)

    def run(self) -> Searched:
        """Return the worst place of every hazard and exposure."""
        self.try_all(np.concatenate([self.grid(), self.before_lamps()]))
        coarse, self.worst = self.worst, {}
        if coarse:  # judged anew with more rays: a lucky coarse look must not stay the worst
            self.try_all(np.array([place.eye_m for place in coarse.values()]), QUARTER)
        steps, change, converged = 0, 0.0, True
        top = max((place.ratio for place in self.worst.values()), default=0.0)
        done: set[tuple[int, int]] = set()
        while left := [k for k, place in self.worst.items() if k not in done and place.ratio > 0.02 * top]:
            key = max(left, key=lambda k: (self.worst[k].ratio, -k[0], -k[1]))
            took, moved, settled = self._refine(key)
            first = not done
            done |= {k for k in self.worst if np.linalg.norm(self.worst[k].eye_m - self.worst[key].eye_m) < 1e-9}
            if first or self.worst[key].ratio > top:
                change, converged = moved, settled
            top, steps = max(top, self.worst[key].ratio), steps + took
        return Searched(self.worst, self.positions, steps, change, converged)

    def _refine(self, key: tuple[int, int]) -> tuple[int, float, bool]:
        """Move the worst place of one hazard and exposure uphill; return (steps, last change, settled)."""
        step = np.minimum(0.5 * (self.high_m - self.low_m), 0.5 * _STEP_M)
        still, change = 0, 0.0
        for count in range(1, _HALVINGS + 1):
            before = self.worst[key].ratio
            self.try_all(self.worst[key].eye_m + step * _AROUND, QUARTER)
            change = self.worst[key].ratio / before - 1.0
            still = still + 1 if change < _ENOUGH else 0
            if still == 3:
                return count, change, True
            if change < _ENOUGH:
                step = step * 0.5
        return _HALVINGS, change, change < TOLERANCE


def ratios_at(
    sight: Sight, lamps: Lamps, exposures: tuple[Exposure, ...], eyes_m: np.ndarray, gaze: str, detail: Detail
) -> np.ndarray:
    """Return the ratios at some places, cones pointed at lamps, shape (places, exposures, 8)."""
    if not len(eyes_m):
        return np.zeros((0, len(exposures), 8))
    fine = replace(detail, edge_rad=min(detail.edge_rad, lamps.finest_rad(exposures)))
    return np.array([Eye(seen, lamps, gaze).ratios(exposures, quick=True) for seen in sight.look(eyes_m, fine)])


def largest_at(
    sight: Sight, lamps: Lamps, exposures: tuple[Exposure, ...], eyes_m: np.ndarray, gaze: str, hazard: str
) -> list[tuple[float, str]]:
    """Return the largest ratio and its hazard at each of some places, on few rays: the maximum of `ratios_at`."""
    fine = replace(COARSE, edge_rad=min(COARSE.edge_rad, lamps.finest_rad(exposures)))
    return (
        [Eye(seen, lamps, gaze).largest(exposures, hazard) for seen in sight.look(eyes_m, fine)] if len(eyes_m) else []
    )


def score_of(ratios: np.ndarray) -> np.ndarray:
    """Return what places are compared by, shape (places, exposures, 8): their ratio, and among equals all ratios.

    A cone that a lamp fills reads the same from near and far; of such places the brightest is to be named.
    """
    return ratios * np.maximum(ratios.sum(axis=(1, 2), keepdims=True), 1e-300) ** _AMONG_EQUALS


def closely(lamps: Lamps, exposures: tuple[Exposure, ...]) -> Detail:
    """Return how finely a worst place is judged in the end: edges to a seventh of the smallest cone."""
    return replace(FINE, edge_rad=_CLOSER * lamps.finest_rad(exposures))


def chosen(ratios: np.ndarray, hazard: str) -> np.ndarray:
    """Return the columns of ratios (..., 8) that a verdict on one hazard, or on the worst, rests on."""
    return ratios if hazard == "worst" else ratios[..., [HAZARDS.index(hazard)]]
