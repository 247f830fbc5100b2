"""The lamps of a scene as far as no eye is involved: weighted spectra, drives, and the exposures to judge.

References:
    IEC 62471:2006, 6.2 (pulses: recalled, evidence C). Lamps that pulse are taken to fire together: stricter.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from synthgen.errors import InputError
from synthgen.photobiology.averaging import averaging_angle_rad
from synthgen.photobiology.duty_cycle import GROUP_S, Drive, average_share
from synthgen.photobiology.editions import HAZARDS, RADIANCE_HAZARDS, check_edition
from synthgen.photobiology.evaluate_exposure import INFRARED_LM_W, WEAK_STIMULUS_CD_M2
from synthgen.photobiology.limits import check_duration
from synthgen.photobiology.weighting import fraction
from synthgen.world import scene_description
from synthgen.world.spectra import efficacy_lm_w


@dataclass(frozen=True, eq=False)
class Exposure:
    """One exposure: for how long, and each lamp's mean level as a share of its level while on."""

    name: str
    """continuous, single pulse, pulses within 0.25 s, or time average."""
    duration_s: float
    shares: np.ndarray
    """Shape (lamps,)."""


@dataclass(frozen=True, eq=False)
class Lamps:
    """The lamps of a scene in the order of its lights, judged by one edition.

    Raises:
        InputError: unknown edition, or a lamp whose pulse is longer than its period.
    """

    lights: tuple[scene_description.Light, ...]
    edition: str

    def __post_init__(self) -> None:
        check_edition(self.edition)
        _ = self.drives

    @cached_property
    def drives(self) -> tuple[Drive, ...]:
        """Return how each lamp is driven."""
        return tuple(_drive(light) for light in self.lights)

    @cached_property
    def fractions(self) -> np.ndarray:
        """Return weighted watts per watt of each lamp's spectrum by hazard, shape (lamps, 8)."""
        known: dict[tuple[bytes, bytes], list[float]] = {}
        rows = []
        for light in self.lights:
            key = (light.spectrum.wavelength_nm.tobytes(), light.spectrum.power_w_nm.tobytes())
            if key not in known:
                known[key] = [fraction(light.spectrum, hazard, self.edition) for hazard in HAZARDS]
            rows.append(known[key])
        return np.array(rows).reshape(-1, len(HAZARDS))

    @cached_property
    def weak(self) -> np.ndarray:
        """Return which lamps warn no eye: infrared ones, and faces below 10 cd/m^2; shape (lamps,)."""
        return np.array([_weak(light) for light in self.lights], bool)

    def exposures(self, duration_s: float) -> tuple[Exposure, ...]:
        """Return the exposures to judge in a stay: every width of pulse, 0.25 s of pulses, the whole.

        Raises:
            InputError: the duration is not positive.
        """
        check_duration(duration_s)
        pulsed = [drive for drive in self.drives if not drive.continuous]
        if not pulsed:
            return (self._exposure("continuous", duration_s),)
        found = [self._exposure("single pulse", s) for s in sorted({d.pulse_s for d in pulsed}) if s < duration_s]
        if duration_s > GROUP_S and any(math.ceil(GROUP_S * d.rate_hz - 1e-9) > 1 for d in pulsed):
            found.append(self._exposure(f"pulses within {GROUP_S:g} s", GROUP_S))
        return (*found, self._exposure("time average", duration_s))

    def finest_rad(self, exposures: Sequence[Exposure]) -> float:
        """Return half the smallest averaging cone that any lamp is judged with [rad]."""
        counted = [h for h in RADIANCE_HAZARDS if self.fractions[:, HAZARDS.index(h)].any()]
        cones = [averaging_angle_rad(h, self.edition, e.duration_s) or 0.1 for h in counted for e in exposures]
        return 0.5 * min(cones, default=0.1)

    def _exposure(self, name: str, duration_s: float) -> Exposure:
        return Exposure(name, duration_s, np.array([share(drive, duration_s) for drive in self.drives]))


def share(drive: Drive, duration_s: float) -> float:
    """Return the mean level over a time that begins with a pulse, as a share of the level while on."""
    if drive.continuous:
        return 1.0
    if drive.rate_hz == 0.0:
        return min(drive.pulse_s / duration_s, 1.0)
    return average_share(drive, duration_s)


def names_of(lights: Sequence[scene_description.Light]) -> tuple[str, ...]:
    """Return short names: the last part of each path, the whole path where that is not unique."""
    last = [light.path.rpartition("/")[2] for light in lights]
    return tuple(name if last.count(name) == 1 else light.path for name, light in zip(last, lights, strict=True))


def _drive(light: scene_description.Light) -> Drive:
    try:
        return Drive(light.pulse_s, light.rate_hz if light.pulse_s > 0.0 or light.rate_hz < 0.0 else 0.0)
    except InputError as fault:
        raise InputError(f"{light.path}: {fault}") from fault


def _weak(light: scene_description.Light) -> bool:
    efficacy = efficacy_lm_w(light.spectrum)
    return efficacy < INFRARED_LM_W or (light.shape != "point" and light.strength * efficacy < WEAK_STIMULUS_CD_M2)
