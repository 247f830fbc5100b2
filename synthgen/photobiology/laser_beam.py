"""Laser beams: which share of their power a round aperture lets through at a distance.

Diameters and divergences are those of 1/e^2 of the peak irradiance, as data sheets give them (IEC 60825-1 uses 1/e,
smaller by sqrt 2); distances count from the beam's waist or the fan's apex.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

from synthgen.errors import InputError


class Beam(Protocol):
    """What classification asks of a beam."""

    @property
    def sweep_rad_s(self) -> float:
        """Return the angular speed of a scanned beam [rad/s], 0 for a standing one."""
        ...

    @property
    def lines_per_s(self) -> float:
        """Return how often a scanned beam passes the same place [1/s], 0 for a standing one."""
        ...

    def share(self, aperture_m: float, distance_m: float) -> float:
        """Return the share of the power inside an aperture at the beam's middle, the scan stopped."""
        ...


@dataclass(frozen=True, kw_only=True)
class Spot:
    """A Gaussian beam; its diameter is sqrt(diameter^2 + (divergence distance)^2).

    Raises:
        InputError: a negative or infinite number, or neither a diameter nor a divergence.
    """

    diameter_m: float
    divergence_rad: float = 0.0
    sweep_rad_s: float = 0.0
    lines_per_s: float = 0.0

    def __post_init__(self) -> None:
        _check("beam", diameter_m=self.diameter_m, divergence_rad=self.divergence_rad)
        if self.diameter_m == 0.0 and self.divergence_rad == 0.0:
            raise InputError("beam: diameter_m and divergence_rad are both 0; give at least one")

    def share(self, aperture_m: float, distance_m: float) -> float:
        """Return 1 - exp(-2 aperture^2 / diameter^2)."""
        square_m2 = self.diameter_m**2 + (self.divergence_rad * distance_m) ** 2
        return 1.0 if square_m2 == 0.0 else -math.expm1(-2.0 * aperture_m**2 / square_m2)


@dataclass(frozen=True, kw_only=True)
class Line:
    """A fan of even power over its angle, Gaussian across.

    Raises:
        InputError: the fan is not within 0 to 170 degrees, or a number is negative.
    """

    fan_rad: float
    thickness_m: float = 0.0
    divergence_rad: float = 0.0
    """Across the line."""
    sweep_rad_s: float = 0.0
    lines_per_s: float = 0.0

    def __post_init__(self) -> None:
        _check("beam", thickness_m=self.thickness_m, divergence_rad=self.divergence_rad)
        if not 0.0 < self.fan_rad < math.radians(170.0):
            raise InputError(
                f"beam: fan_rad {self.fan_rad}; write the full angle of the line, above 0 and below 2.96 rad"
            )

    def share(self, aperture_m: float, distance_m: float) -> float:
        """Return aperture / (2 d tan(fan / 2)), at most 1, times what the line's thickness leaves."""
        length_m = 2.0 * distance_m * math.tan(0.5 * self.fan_rad)
        across_m = math.hypot(self.thickness_m, self.divergence_rad * distance_m)
        along = 1.0 if length_m <= aperture_m else aperture_m / length_m
        return along * (1.0 if across_m == 0.0 else math.erf(math.sqrt(2.0) * aperture_m / across_m))


def scanned(spot: Spot, scan_rad: float, lines_per_s: float) -> Spot:
    """Return a spot that sweeps a line of `scan_rad` evenly, `lines_per_s` times a second, without a pause.

    Raises:
        InputError: the angle or the rate is not positive.
    """
    if not (0.0 < scan_rad < math.radians(170.0) and 0.0 < lines_per_s < math.inf):
        raise InputError(f"scan: angle {scan_rad} rad, {lines_per_s} lines/s; write positive numbers, below 2.96 rad")
    return Spot(
        diameter_m=spot.diameter_m,
        divergence_rad=spot.divergence_rad,
        sweep_rad_s=scan_rad * lines_per_s,
        lines_per_s=lines_per_s,
    )


def _check(place: str, **numbers: float) -> None:
    for name, number in numbers.items():
        if not 0.0 <= number < math.inf:
            raise InputError(f"{place}: {name} {number}; write a number of 0 or more")
