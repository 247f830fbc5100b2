"""The light that reaches an eye, whoever knows it: computed from a lamp's geometry, or measured."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from synthgen.errors import InputError
from synthgen.photobiology.averaging import check_alpha
from synthgen.photobiology.emitter_geometry import Emitters
from synthgen.world.spectra import Spectrum, efficacy_lm_w


class Exposure(Protocol):
    """Unweighted levels while the lamp is on, over its whole spectrum."""

    def irradiance_w_m2(self) -> float | None:
        """Return the irradiance at the eye [W/m^2]; None when nobody knows it."""
        ...

    def radiance_w_m2_sr(self, cone_rad: float) -> float | None:
        """Return the radiance averaged over a cone in the worst direction [W/(m^2 sr)]; None when nobody knows it."""
        ...

    def axes_rad(self) -> tuple[float, float] | None:
        """Return the source's angular extents before clipping [rad]; None when nobody knows them."""
        ...


@dataclass(frozen=True, eq=False)
class AtDistance:
    """Emitters seen from a distance; remembers the searches it has made."""

    emitters: Emitters
    distance_m: float

    @cached_property
    def _found(self) -> dict[float, float]:
        return {}

    @cached_property
    def _irradiance_w_m2(self) -> float:
        return self.emitters.irradiance_w_m2(self.distance_m)

    def irradiance_w_m2(self) -> float:
        """Return the irradiance there [W/m^2]."""
        return self._irradiance_w_m2

    def radiance_w_m2_sr(self, cone_rad: float) -> float:
        """Return the cone-averaged radiance from there [W/(m^2 sr)]."""
        if cone_rad not in self._found:
            self._found[cone_rad] = self.emitters.radiance_w_m2_sr(cone_rad, self.distance_m)
        return self._found[cone_rad]

    def axes_rad(self) -> tuple[float, float]:
        """Return the angular extents of the whole source [rad]."""
        return self.emitters.axes_rad(self.distance_m)


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Levels as somebody measured them, unweighted, at the eye; radiance as read through the hazard's cone.

    Raises:
        InputError: nothing was given, or a level or an angle is negative.
    """

    irradiance: float | None = None
    """[W/m^2]."""
    radiance: float | None = None
    """[W/(m^2 sr)]."""
    alpha_rad: float | None = None

    def __post_init__(self) -> None:
        given = [level for level in (self.irradiance, self.radiance) if level is not None]
        if not given:
            raise InputError(
                "levels: none given; give irradiance_w_m2, radiance_w_m2_sr, luminance_cd_m2 or both kinds"
            )
        if not all(0.0 <= level < math.inf for level in given):
            raise InputError(f"levels: {given}; write finite numbers of 0 or more")
        if self.alpha_rad is not None:
            check_alpha(self.alpha_rad)

    def irradiance_w_m2(self) -> float | None:
        """Return the measured irradiance [W/m^2]."""
        return self.irradiance

    def radiance_w_m2_sr(self, cone_rad: float) -> float | None:
        """Return the measured radiance [W/(m^2 sr)], the same for every cone: it was averaged when it was read."""
        return self.radiance

    def axes_rad(self) -> tuple[float, float] | None:
        """Return the given subtense for both axes [rad]."""
        return None if self.alpha_rad is None else (self.alpha_rad, self.alpha_rad)


def measured(
    spectrum: Spectrum,
    *,
    irradiance_w_m2: float | None = None,
    radiance_w_m2_sr: float | None = None,
    luminance_cd_m2: float | None = None,
    illuminance_lux: float | None = None,
    alpha_rad: float | None = None,
) -> Measured:
    """Return measured levels; photometric ones are turned into watts by the spectrum.

    Raises:
        InputError: the same quantity twice, none at all, or lumens of a lamp that has none.
    """
    if irradiance_w_m2 is not None and illuminance_lux is not None:
        raise InputError("levels: irradiance_w_m2 and illuminance_lux say the same thing; give one of them")
    if radiance_w_m2_sr is not None and luminance_cd_m2 is not None:
        raise InputError("levels: radiance_w_m2_sr and luminance_cd_m2 say the same thing; give one of them")
    if illuminance_lux is not None:
        irradiance_w_m2 = illuminance_lux / visible_efficacy_lm_w(spectrum, "illuminance_lux", "irradiance_w_m2")
    if luminance_cd_m2 is not None:
        radiance_w_m2_sr = luminance_cd_m2 / visible_efficacy_lm_w(spectrum, "luminance_cd_m2", "radiance_w_m2_sr")
    return Measured(irradiance=irradiance_w_m2, radiance=radiance_w_m2_sr, alpha_rad=alpha_rad)


def visible_efficacy_lm_w(spectrum: Spectrum, given: str, instead: str) -> float:
    """Return the efficacy of a lamp whose level was given in photometric units [lm/W].

    Raises:
        InputError: the lamp gives less than 1 lm/W: power cannot be told from lumens.
    """
    efficacy = efficacy_lm_w(spectrum)
    if efficacy < 1.0:
        raise InputError(
            f"{given}: this spectrum gives {efficacy:.3g} lm/W, so its power cannot be told from photometric units "
            f"(near infrared has no lumens); give {instead} in watts"
        )
    return efficacy
