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
    """Radiant intensity of an emitter of 1 W: cos^exponent about its axis, or a table over angle and azimuth.

    The table is interpolated linearly in both angles. The emitter sends nothing behind itself (beyond 90 degrees).
    """

    name: str
    theta_rad: np.ndarray
    """Angles from the axis, rising from 0, shape (n,)."""
    intensity_per_sr: np.ndarray
    """Intensity per watt [1/sr], shape (n,), or (planes, n) where it differs around the axis."""
    exponent: float = 0.0
    """Where it is cos^exponent exactly; 0 means by the table."""
    azimuth_rad: np.ndarray | None = None
    """Azimuths of the planes from x toward y, rising over a whole turn, shape (planes,); None: equal all around."""

    def intensity(self, cos_theta: np.ndarray | float, azimuth_rad: np.ndarray | float = 0.0) -> np.ndarray:
        """Return the intensity per watt [1/sr] toward directions, shape as given.

        Args:
            cos_theta: cosine of the angle from the axis.
            azimuth_rad: angle around the axis, from x toward y; it matters to a table with planes.
        """
        cos_theta = np.clip(cos_theta, -1.0, 1.0)
        if self.exponent > 0.0:
            return (self.exponent + 1.0) / (2.0 * math.pi) * np.maximum(cos_theta, 0.0) ** self.exponent
        theta = np.arccos(cos_theta)
        if self.azimuth_rad is None:
            found = np.interp(theta, self.theta_rad, self.intensity_per_sr, right=0.0)
        else:
            found = _bilinear(self.azimuth_rad, self.theta_rad, self.intensity_per_sr, azimuth_rad, theta)
        return np.where(cos_theta > 0.0, found, 0.0)

    def radiance(self, cos_theta: np.ndarray, azimuth_rad: np.ndarray | float = 0.0) -> np.ndarray:
        """Return the radiance per watt and per square metre of a flat emitter [1/sr]: intensity over cosine."""
        if self.exponent == 1.0:
            return np.where(cos_theta > 0.0, 1.0 / math.pi, 0.0)
        return self.intensity(cos_theta, azimuth_rad) / np.maximum(cos_theta, _GRAZING_COS)

    @property
    def power_w(self) -> float:
        """Return the integral of the intensity over the front hemisphere, exact for the table: 1."""
        return 1.0 if self.exponent > 0.0 else radiated(self.theta_rad, self.intensity_per_sr, self.azimuth_rad)

    @property
    def brightest(self) -> tuple[float, float]:
        """Return (angle from the axis, azimuth) of the largest intensity [rad]; (0, 0) where it is on the axis."""
        rows = np.atleast_2d(self.intensity_per_sr)
        if self.exponent > 0.0 or rows.max() <= rows[:, 0].max() * (1.0 + 1e-9):
            return 0.0, 0.0
        plane, angle = np.unravel_index(int(np.argmax(rows)), rows.shape)
        return float(self.theta_rad[angle]), 0.0 if self.azimuth_rad is None else float(self.azimuth_rad[plane])


def radiated(theta_rad: np.ndarray, intensity: np.ndarray, azimuth_rad: np.ndarray | None = None) -> float:
    """Return the integral over solid angle of a table that is linear in theta and in azimuth between its nodes.

    Exact: over azimuth by the trapezoidal rule, over each interval of theta by parts,
    integral of (a + b theta) sin(theta) = -(a + b theta) cos(theta) + b sin(theta).

    Args:
        theta_rad: angles from the axis, rising, shape (n,).
        intensity: shape (n,), or (planes, n) with `azimuth_rad`.
        azimuth_rad: rising over a whole turn, shape (planes,).
    """
    around = intensity if azimuth_rad is None else np.trapezoid(intensity, azimuth_rad, axis=0) / (2.0 * math.pi)
    slope = np.diff(around) / np.diff(theta_rad)
    parts = -np.diff(around * np.cos(theta_rad)) + slope * np.diff(np.sin(theta_rad))
    return float(2.0 * math.pi * parts.sum())


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

    Files carry candela or, silently, mW/sr: only the shape is taken. Plane C0 is x, C90 is y. The front hemisphere is
    scaled to 1 W: what the file shows behind the lamp counts for nothing, so all the watts go forward.

    Raises:
        InputError: not an LM-63 file of type C with TILT=NONE, or no light in front.
    """
    vertical, horizontal, intensity = _read_lm63(text)
    vertical, intensity = _front(vertical, intensity)
    if vertical.size < 2 or vertical[0] != 0.0 or not intensity.max() > 0.0:
        raise InputError("IES: no light in the front hemisphere; vertical angles must start at 0 degrees")
    theta = np.radians(vertical)
    if len(intensity) == 1:
        return Beam("ies", theta, intensity[0] / radiated(theta, intensity[0]))
    azimuth, planes = _whole_turn(horizontal, intensity)
    return Beam("ies", theta, planes / radiated(theta, planes, azimuth), azimuth_rad=azimuth)


def _read_lm63(text: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (vertical angles [deg], horizontal angles [deg], intensities (horizontal, vertical))."""
    _, tilt, body = text.partition("TILT=NONE")
    if not tilt:  # the first line says IES...: only since 1991
        raise InputError("IES: not an LM-63 file with TILT=NONE; export the lamp as LM-63 without a tilt table")
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


def _front(vertical_deg: np.ndarray, intensity: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the angles and intensities up to 90 degrees, with a node there if the file goes on behind."""
    if vertical_deg[0] < 90.0 < vertical_deg[-1] and not (vertical_deg == 90.0).any():
        k = int(np.searchsorted(vertical_deg, 90.0))
        share = (90.0 - vertical_deg[k - 1]) / (vertical_deg[k] - vertical_deg[k - 1])
        between = (1.0 - share) * intensity[:, k - 1] + share * intensity[:, k]
        vertical_deg, intensity = np.insert(vertical_deg, k, 90.0), np.insert(intensity, k, between, axis=1)
    front = vertical_deg <= 90.0
    return vertical_deg[front], intensity[:, front]


def _whole_turn(horizontal_deg: np.ndarray, intensity: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (azimuths [rad], intensities) over a whole turn, symmetric parts mirrored (LM-63, horizontal angles).

    Raises:
        InputError: the planes are neither a whole turn nor a half or quarter of it that LM-63 knows.
    """
    known = {(0.0, 90.0): (180.0, 360.0), (0.0, 180.0): (360.0,), (90.0, 270.0): (540.0,), (0.0, 360.0): ()}
    ends = float(horizontal_deg[0]), float(horizontal_deg[-1])
    if ends not in known:
        raise InputError(
            f"IES: horizontal angles from {ends[0]:g} to {ends[1]:g} degrees; LM-63 knows 0 to 90, 0 to 180, 0 to 360 "
            "and 90 to 270: export the file again"
        )
    for mirrored in known[ends]:
        horizontal_deg = np.concatenate([horizontal_deg, (mirrored - horizontal_deg)[::-1][1:]])
        intensity = np.concatenate([intensity, intensity[::-1][1:]])
    return np.radians(horizontal_deg), intensity


def _bilinear(
    azimuths: np.ndarray, thetas: np.ndarray, table: np.ndarray, azimuth: np.ndarray | float, theta: np.ndarray
) -> np.ndarray:
    """Return the table (azimuths, thetas), a whole turn of azimuths, at some angles; 0 beyond the last theta."""
    azimuth, theta = np.broadcast_arrays(azimuth, theta)
    turned = azimuths[0] + (azimuth - azimuths[0]) % (2.0 * math.pi)
    i = np.clip(np.searchsorted(azimuths, turned, side="right") - 1, 0, len(azimuths) - 2)
    j = np.clip(np.searchsorted(thetas, theta, side="right") - 1, 0, len(thetas) - 2)
    a = np.clip((turned - azimuths[i]) / (azimuths[i + 1] - azimuths[i]), 0.0, 1.0)
    t = np.clip((theta - thetas[j]) / (thetas[j + 1] - thetas[j]), 0.0, 1.0)
    low, high = ((1.0 - t) * table[k, j] + t * table[k, j + 1] for k in (i, i + 1))
    return np.where(theta <= thetas[-1], (1.0 - a) * low + a * high, 0.0)
