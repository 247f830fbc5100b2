"""Where an emitter sends its light: radiant intensity per watt over the angle from its axis.

References:
    ANSI/IES LM-63-19, Approved method: IES standard file format for the electronic transfer of photometric data.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np

from synthgen.errors import InputError

_GRAZING_COS = 0.02  # radiance = intensity / (area cos): not followed beyond 88.9 degrees


@dataclass(frozen=True, eq=False)
class Beam:
    """Radiant intensity of an emitter of 1 W, the same all around its axis."""

    name: str
    theta_rad: np.ndarray
    """Angles from the axis, rising from 0, shape (n,)."""
    intensity_per_sr: np.ndarray
    """Intensity per watt [1/sr], shape (n,)."""
    exponent: float = 0.0
    """Where it is cos^exponent exactly; 0 means by the table."""

    def intensity(self, cos_theta: np.ndarray) -> np.ndarray:
        """Return the intensity per watt [1/sr] toward directions, by the cosine of their angle from the axis."""
        cos_theta = np.clip(cos_theta, -1.0, 1.0)
        if self.exponent > 0.0:
            return (self.exponent + 1.0) / (2.0 * math.pi) * np.maximum(cos_theta, 0.0) ** self.exponent
        found = np.interp(np.arccos(cos_theta), self.theta_rad, self.intensity_per_sr, right=0.0)
        return np.where(cos_theta > 0.0, found, 0.0)

    def radiance(self, cos_theta: np.ndarray) -> np.ndarray:
        """Return the radiance per watt and per square metre of a flat emitter [1/sr]: intensity over cosine."""
        if self.exponent == 1.0:
            return np.where(cos_theta > 0.0, 1.0 / math.pi, 0.0)
        return self.intensity(cos_theta) / np.maximum(cos_theta, _GRAZING_COS)


def cosine_power(exponent: float) -> Beam:
    """Return cos^exponent emission; 1 is Lambertian.

    Raises:
        InputError: the exponent is not within 0.1 to 1e5.
    """
    if not 0.1 <= exponent <= 1e5:
        raise InputError(f"beam: exponent {exponent}; write 0.1 to 1e5 (1 is Lambertian)")
    theta = np.linspace(0.0, math.pi / 2, 181)
    per_sr = (exponent + 1.0) / (2.0 * math.pi) * np.cos(theta).clip(0.0) ** exponent
    return Beam("lambertian" if exponent == 1.0 else f"cos^{exponent:.4g}", theta, per_sr, exponent)


@cache
def lambertian() -> Beam:
    """Return the emission of a flat diffuser: intensity cos(theta) / pi per watt."""
    return cosine_power(1.0)


def half_angle(half_angle_rad: float) -> Beam:
    """Return the cos^m beam whose intensity has halved at an angle from the axis (data sheets give it or twice it).

    Raises:
        InputError: the angle is not within 0.005 rad to 89 degrees.
    """
    if not 0.005 <= half_angle_rad <= math.radians(89.0):
        raise InputError(f"beam: half_angle_rad {half_angle_rad}; write 0.005 to 1.55 (Lambertian: 1.0472, 60 degrees)")
    return cosine_power(math.log(0.5) / math.log(math.cos(half_angle_rad)))


def from_lm63(text: str) -> Beam:
    """Return the shape of an IES file's distribution, whatever its unit: the power comes from elsewhere.

    Files carry candela or, silently, mW/sr: only the shape is taken. At each angle from the axis the largest intensity
    all around counts; power is that of the whole distribution over the front hemisphere.

    Raises:
        InputError: not an LM-63 file of type C with TILT=NONE.
    """
    vertical, horizontal, candela = _read_lm63(text)
    front = vertical <= 90.0
    vertical, candela = vertical[front], candela[:, front]
    if vertical.size < 2 or vertical[0] != 0.0 or not candela.max() > 0.0:
        raise InputError("IES: no light in the front hemisphere; vertical angles must start at 0 degrees")
    theta = np.radians(vertical)
    power = 2.0 * math.pi * np.trapezoid(_mean_around(horizontal, candela) * np.sin(theta), theta)
    return Beam("ies", theta, candela.max(axis=0) / power)


def _read_lm63(text: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (vertical angles [deg], horizontal angles [deg], intensities (horizontal, vertical))."""
    head, tilt, body = text.partition("TILT=NONE")
    if not tilt or not head.lstrip().startswith("IES"):
        raise InputError("IES: not an LM-63 file with TILT=NONE; its first line must begin with IES")
    try:
        numbers = np.array([float(word) for word in body.replace(",", " ").split()])
        n_vertical, n_horizontal, kind = (int(n) for n in numbers[3:6])
        vertical, horizontal, candela = np.split(
            numbers[13 : 13 + n_vertical + n_horizontal + n_vertical * n_horizontal],
            [n_vertical, n_vertical + n_horizontal],
        )
        grid = candela.reshape(n_horizontal, n_vertical)
    except (ValueError, IndexError) as fault:
        raise InputError(f"IES: damaged numbers ({fault}); export the file again") from fault
    rising = bool((np.diff(vertical) > 0).all() and (np.diff(horizontal) > 0).all())
    if kind != 1 or not rising or not np.isfinite(grid).all() or (grid < 0).any():
        raise InputError("IES: need photometric type C, rising angles and intensities of 0 or more")
    return vertical, horizontal, grid


def _mean_around(horizontal_deg: np.ndarray, candela: np.ndarray) -> np.ndarray:
    """Return the mean over azimuth of a symmetric half, quarter or whole turn, shape (vertical,)."""
    if horizontal_deg.size == 1:
        return candela[0]
    return np.trapezoid(candela, horizontal_deg, axis=0) / (horizontal_deg[-1] - horizontal_deg[0])
