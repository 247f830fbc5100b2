"""From what an eye sees to ratios of level over limit, for all eight hazards and every exposure.

Light is linear and limits are numbers, so each tile carries its part of a ratio: irradiance hazards add these up over a
receiver's hemisphere, radiance hazards slide the averaging cone over them. Alpha divides the thermal limits and is each
lamp's own; lamps that one averaging cone can hold together count as one source.

References:
    IEC 62471:2006, 4.3 and 5.2. Acceptance of 1.4 rad for the eye's UVA and infrared (recalled, evidence C).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from synthgen.photobiology.averaging import SMALL_SOURCE_RAD, alpha_clips_rad, averaging_angle_rad
from synthgen.photobiology.averaging_cone import Tiles, filled, unit, worst_radiance
from synthgen.photobiology.editions import HAZARDS, RADIANCE_HAZARDS
from synthgen.photobiology.limits import limit
from synthgen.safety.scene.lamps import Exposure, Lamps
from synthgen.safety.scene.sight import Seen
from synthgen.safety.scene.sources import extents

ACCEPTANCE_RAD = 1.4
"""Full angle within which an eye's receiver takes UVA and infrared: brows and lids shade the rest (evidence C)."""
GAZES = ("worst", "at_source", "horizontal")

_ACCEPTED = ("uva", "ir-eye")
_THERMAL = ("retinal-thermal", "retinal-thermal-weak")
_TURNS = 72  # horizontal directions tried
_CANDIDATES = 8  # lamps whose middle a cone is pointed at in a quick look


@dataclass(frozen=True, eq=False)
class Reading:
    """One hazard of one exposure at one place."""

    ratio: float
    gaze: np.ndarray
    """Unit direction of the receiver or the cone, shape (3,)."""


@dataclass(frozen=True, eq=False)
class Eye:
    """Judges what one eye sees."""

    seen: Seen
    lamps: Lamps
    gaze: str = "worst"

    def ratios(self, exposures: tuple[Exposure, ...], quick: bool = False) -> np.ndarray:
        """Return level over limit, shape (exposures, 8); `quick` points cones at lamps instead of searching."""
        return np.array([[self.reading(h, e, quick).ratio for h in HAZARDS] for e in exposures])

    def largest(self, exposures: tuple[Exposure, ...], hazard: str = "worst") -> tuple[float, str]:
        """Return the largest of `ratios`, quick, and its hazard; what cannot be the largest is not worked out.

        No receiver reads more than all light from straight ahead, no cone more than the brightest tile of every lamp.
        """
        known = np.stack([np.bincount(self.seen.lamp, self._light, minlength=len(self.lamps.lights)), self._brightest])
        asked = HAZARDS if hazard == "worst" else (hazard,)
        most = [
            (float(known[int(h in RADIANCE_HAZARDS)] @ self._per_lamp(h, e)), h, e) for e in exposures for h in asked
        ]
        found = (0.0, "")
        for bound, h, e in sorted(most, key=lambda each: -each[0]):
            if bound * (1.0 + 1e-9) <= found[0]:
                break
            found = max(found, (self.reading(h, e, quick=True).ratio, h), key=lambda each: each[0])
        return found

    def reading(self, hazard: str, exposure: Exposure, quick: bool = False) -> Reading:
        """Return a hazard's ratio in the worst direction that the gaze allows."""
        weight = self.weights(hazard, exposure)
        if not weight.any():
            return Reading(0.0, np.array([0.0, 0.0, 1.0]))
        if hazard in RADIANCE_HAZARDS:
            return self._cone(hazard, exposure, weight, quick)
        if quick:
            vectors, directions, lamp = self._merged
            return _receiver(
                vectors * self._per_lamp(hazard, exposure)[lamp, None], directions, lamp, self.gaze, hazard
            )
        return _receiver(self.seen.vectors_w_m2 * weight[:, None], self.seen.centres, self.seen.lamp, self.gaze, hazard)

    def weights(self, hazard: str, exposure: Exposure) -> np.ndarray:
        """Return ratio per unit of each tile's radiance (or irradiance), shape (tiles,)."""
        if not len(self.seen.lamp):
            return np.zeros(0)
        weight = self._per_lamp(hazard, exposure)[self.seen.lamp]
        if hazard in RADIANCE_HAZARDS and self.gaze == "horizontal":
            level = np.abs(self.seen.centres[:, 2]) <= math.sin(0.5 * ACCEPTANCE_RAD)
            weight = np.where(level, weight, 0.0)
        return weight

    def alphas_rad(self, hazard: str, exposure: Exposure) -> np.ndarray:
        """Return each lamp's subtense, clipped as the hazard wants it, shape (lamps,)."""
        low, high = alpha_clips_rad(hazard, self.lamps.edition, exposure.duration_s)
        return np.clip(self.axes_rad(hazard, exposure.duration_s), low, high).mean(axis=1)

    def axes_rad(self, hazard: str, duration_s: float) -> np.ndarray:
        """Return each lamp's extents, those of all lamps that one cone can hold together, shape (lamps, 2)."""
        kind = "blue-light" if hazard == "blue-light-small" else hazard
        return extents(self.seen, averaging_angle_rad(kind, self.lamps.edition, duration_s) or 0.0)

    def shares(self, hazard: str, exposure: Exposure, gaze: np.ndarray) -> np.ndarray:
        """Return each lamp's part of the ratio in a direction, adding up to 1, shape (lamps,)."""
        seen, weight = self.seen, self.weights(hazard, exposure)
        count = len(self.lamps.lights)
        if not weight.any():
            return np.zeros(count)
        if hazard in RADIANCE_HAZARDS:
            cone_rad = averaging_angle_rad(hazard, self.lamps.edition, exposure.duration_s) or 0.0
            _, near, share = filled(seen.tiles(weight), gaze[None], cone_rad)
            parts = np.bincount(seen.lamp[near], share * (seen.radiance_w_m2_sr * weight)[near], minlength=count)
        else:
            facing = np.maximum(seen.vectors_w_m2 @ gaze, 0.0) * weight * _accepts(seen.centres, gaze[None], hazard)[0]
            parts = np.bincount(seen.lamp, facing, minlength=count)
        return parts / parts.sum() if parts.sum() > 0 else np.zeros(count)

    def _per_lamp(self, hazard: str, exposure: Exposure) -> np.ndarray:
        """Return ratio per unit level while on of each lamp, shape (lamps,)."""
        lamps = self.lamps
        bound = bound_of(hazard, lamps.edition, exposure.duration_s)
        value = lamps.fractions[:, HAZARDS.index(hazard)] * exposure.shares / (bound or math.inf)
        if not value.any():
            return value
        if hazard in _THERMAL:
            value = value * self.alphas_rad(hazard, exposure)
        if hazard == "retinal-thermal-weak":
            value = np.where(lamps.weak, value, 0.0)
        if hazard.startswith("blue-light"):
            small = 0.5 * self.axes_rad(hazard, exposure.duration_s).sum(axis=1) < SMALL_SOURCE_RAD
            value = np.where(small == (hazard == "blue-light-small"), value, 0.0)
        return value

    def _cone(self, hazard: str, exposure: Exposure, weight: np.ndarray, quick: bool) -> Reading:
        cone_rad = averaging_angle_rad(hazard, self.lamps.edition, exposure.duration_s) or 0.0
        tiles = self.seen.tiles(weight)
        which, near, share = self._filled(cone_rad)
        found = np.bincount(which, share * tiles.radiance_w_m2_sr[near], minlength=len(self._pointed))
        best = int(np.argmax(found))
        if quick:
            return Reading(float(found[best]), self._pointed[best])
        kept = tiles.radiance_w_m2_sr > 0.0
        lit = Tiles(tiles.directions[kept], tiles.radiance_w_m2_sr[kept])
        return Reading(*worst_radiance(lit, cone_rad, self._pointed[best][None]))

    def _filled(self, cone_rad: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return how tiles fill cones of an angle that point at lamps; remembered."""
        if cone_rad not in self._known:
            self._known[cone_rad] = filled(self.seen.tiles(np.ones(1)), self._pointed, cone_rad)
        return self._known[cone_rad]

    @cached_property
    def _light(self) -> np.ndarray:
        """Return the irradiance that each tile gives to a receiver turned to it [W/m2], shape (tiles,)."""
        return np.linalg.norm(self.seen.vectors_w_m2, axis=1)

    @cached_property
    def _brightest(self) -> np.ndarray:
        """Return the radiance of each lamp's brightest tile, shape (lamps,)."""
        found = np.zeros(len(self.lamps.lights))
        np.maximum.at(found, self.seen.lamp, self.seen.radiance_w_m2_sr)
        return found

    @cached_property
    def _known(self) -> dict[float, tuple[np.ndarray, np.ndarray, np.ndarray]]:
        return {}

    @cached_property
    def _pointed(self) -> np.ndarray:
        """Return directions to the brightest tile and the middle of the strongest lamps, shape (k, 3)."""
        seen, light = self.seen, self._light
        counted = light * (self.lamps.fractions.max(axis=1) > 0.0)[seen.lamp]
        strength = np.bincount(seen.lamp, counted)
        found = []
        for lamp in np.argsort(-strength, kind="stable")[:_CANDIDATES]:
            mine = np.flatnonzero(seen.lamp == lamp)
            if strength[lamp] <= 0.0:
                break
            found.append(seen.centres[mine[int(np.argmax(seen.radiance_w_m2_sr[mine]))]])
            found.append(unit((light[mine, None] * seen.centres[mine]).sum(axis=0)))
        return np.array(found).reshape(-1, 3)

    @cached_property
    def _merged(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return (irradiance vectors while on, directions, lamps): of each lamp, of the sky each tile."""
        seen = self.seen
        sky = np.array([light.shape == "dome" for light in self.lamps.lights], bool)[seen.lamp]
        key = np.where(sky, len(self.lamps.lights) + np.arange(len(seen.lamp)), seen.lamp)
        keys, place = np.unique(key, return_inverse=True)
        vectors = np.stack([np.bincount(place, seen.vectors_w_m2[:, axis]) for axis in range(3)], axis=1)
        lamp = np.zeros(len(keys), int)
        lamp[place] = seen.lamp
        return vectors, vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-300), lamp


@lru_cache(maxsize=4096)
def bound_of(hazard: str, edition: str, duration_s: float) -> float | None:
    """Return the exposure limit, of thermal hazards times alpha [W/m2, W/(m2 sr) or W rad/(m2 sr)]; None if none."""
    alpha_rad = 0.05 if hazard in _THERMAL else None
    found = limit(hazard, edition, duration_s, alpha_rad)
    if found.limit is None:
        return None
    return found.limit * (found.alpha_clipped_rad or 1.0)


def _receiver(parts: np.ndarray, directions: np.ndarray, lamp: np.ndarray, gaze: str, hazard: str) -> Reading:
    """Return the largest sum that a cosine receiver can read of light from some directions, and where it must face."""
    normals = _facings(parts, lamp, gaze)
    found = Reading(0.0, np.array([0.0, 0.0, 1.0]))
    for _ in range(4 if gaze == "worst" else 1):
        if not len(normals):
            break
        facing = np.maximum(parts @ normals.T, 0.0).T * _accepts(directions, normals, hazard)
        total = facing.sum(axis=1)
        best = int(np.argmax(total))
        if total[best] > found.ratio:
            found = Reading(float(total[best]), normals[best])
        turned = ((facing > 0.0)[:, :, None] * parts[None]).sum(axis=1)
        length = np.linalg.norm(turned, axis=1)
        normals = turned[length > 0.0] / length[length > 0.0, None]
    return found


def _facings(parts: np.ndarray, lamp: np.ndarray, gaze: str) -> np.ndarray:
    """Return directions to try: to each lamp, to all; or all horizontal ones; shape (k, 3)."""
    per_lamp = np.stack([np.bincount(lamp, parts[:, axis]) for axis in range(3)], axis=1)
    tried = [*per_lamp, per_lamp.sum(axis=0)] if gaze == "worst" else list(per_lamp)
    if gaze == "horizontal":
        turns = np.arange(_TURNS) * 2.0 * math.pi / _TURNS
        flat = [np.array([v[0], v[1], 0.0]) for v in [*per_lamp, per_lamp.sum(axis=0)]]
        tried = [*np.stack([np.cos(turns), np.sin(turns), 0.0 * turns], axis=1), *flat]
    array = np.array(tried).reshape(-1, 3)
    length = np.linalg.norm(array, axis=1)
    return array[length > 0.0] / length[length > 0.0, None]


def _accepts(directions: np.ndarray, normals: np.ndarray, hazard: str) -> np.ndarray:
    """Return whether a receiver takes light from directions, shape (normals, directions)."""
    if hazard not in _ACCEPTED:
        return np.ones((len(normals), len(directions)), bool)
    return normals @ directions.T >= math.cos(0.5 * ACCEPTANCE_RAD)
