"""Judge an exposure: each of the eight hazards of each case against its exposure limit.

References:
    IEC 62471:2006, clause 4.3. What rests on unverified numbers: docs/eye-safety.md.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

from synthgen.photobiology.averaging import SMALL_SOURCE_RAD, averaging_angle_rad, effective_alpha_rad
from synthgen.photobiology.duty_cycle import Case, Drive, cases
from synthgen.photobiology.editions import HAZARDS, RADIANCE_HAZARDS
from synthgen.photobiology.exposure import Exposure
from synthgen.photobiology.lamp_assessment import CaseResult, HazardRow
from synthgen.photobiology.limits import limit, permissible_s
from synthgen.photobiology.weighting import fraction
from synthgen.world.spectra import Spectrum, efficacy_lm_w

WEAK_STIMULUS_CD_M2 = 10.0
"""Luminance below which the weak-stimulus infrared limit applies (evidence C)."""
INFRARED_LM_W = 1.0
"""Efficacy below which a lamp is infrared: judged as a weak stimulus however bright (as OSRAM AN097 does; B)."""

SYMBOLS = dict(zip(HAZARDS, ("E_S", "E_UVA", "L_B", "E_B", "L_R", "L_IR", "E_IR", "E_H"), strict=True))
"""How the standard writes each hazard's level."""
_THERMAL = ("retinal-thermal", "retinal-thermal-weak")


@dataclass(frozen=True, eq=False)
class Judge:
    """A spectrum, a drive and an edition: everything that does not depend on where one stands."""

    spectrum: Spectrum
    drive: Drive
    edition: str
    duration_s: float

    @cached_property
    def fractions(self) -> dict[str, float]:
        """Return {hazard: weighted watts per watt of the spectrum}."""
        return {hazard: fraction(self.spectrum, hazard, self.edition) for hazard in HAZARDS}

    @cached_property
    def cases(self) -> tuple[Case, ...]:
        """Return the exposures to judge."""
        return cases(self.drive, self.duration_s)

    def results(self, here: Exposure) -> tuple[CaseResult, ...]:
        """Return every case with all eight hazards."""
        found = []
        for case in self.cases:
            rows = tuple(self._row(hazard, case, here) for hazard in HAZARDS)
            worst = max(rows, key=lambda row: row.ratio)
            found.append(
                CaseResult(
                    name=case.name,
                    duration_s=case.duration_s,
                    share=case.share,
                    worst_hazard=worst.hazard if worst.ratio > 0.0 else "",
                    worst_ratio=worst.ratio,
                    hazards=rows,
                )
            )
        return tuple(found)

    def level(self, hazard: str, here: Exposure, cone_rad: float | None) -> float:
        """Return the weighted level while on, averaged over a cone (None: irradiance) [W/m^2 or W/(m^2 sr)]."""
        level = here.irradiance_w_m2() if cone_rad is None else here.radiance_w_m2_sr(cone_rad)
        return self.fractions[hazard] * (level or 0.0)

    def ratio(self, hazard: str, case: Case, here: Exposure) -> float:
        """Return level over exposure limit, 0 where the edition has none for the case's duration."""
        bound = self._bound(hazard, case.duration_s, here)
        if bound is None:
            return 0.0
        return case.share * self.level(hazard, here, self._cone_rad(hazard, case.duration_s)) / bound

    def not_applicable(self, hazard: str, here: Exposure) -> str:
        """Return why a hazard is not judged, or nothing."""
        if self.fractions[hazard] == 0.0:
            return "the spectrum has no power in the hazard's range"
        if hazard in RADIANCE_HAZARDS and here.radiance_w_m2_sr(0.011) is None:
            return "no radiance was given"
        if hazard not in RADIANCE_HAZARDS and here.irradiance_w_m2() is None:
            return "no irradiance was given"
        if hazard in _THERMAL and here.axes_rad() is None:
            return "alpha_rad was not given"
        if hazard.startswith("blue-light") and here.axes_rad() is not None and hazard != blue_kind(here):
            side = "11 mrad or more" if hazard.endswith("small") else "less than 11 mrad"
            return f"the source subtends {side}: judged as {blue_kind(here)}"
        if hazard == "retinal-thermal-weak" and not self._weak_stimulus(here):
            return f"the luminance is {WEAK_STIMULUS_CD_M2:g} cd/m2 or more: a bright light makes the eye turn away"
        return ""

    def _weak_stimulus(self, here: Exposure) -> bool:
        """Return whether nothing bright warns the eye; an infrared lamp's dull red glow never counts as warning."""
        return efficacy_lm_w(self.spectrum) < INFRARED_LM_W or (self.luminance_cd_m2(here) or 0.0) < WEAK_STIMULUS_CD_M2

    def luminance_cd_m2(self, here: Exposure) -> float | None:
        """Return the luminance averaged over 11 mrad while on [cd/m^2]; None when no radiance is known."""
        radiance = here.radiance_w_m2_sr(0.011)
        return None if radiance is None else radiance * efficacy_lm_w(self.spectrum)

    def _row(self, hazard: str, case: Case, here: Exposure) -> HazardRow:
        reason = self.not_applicable(hazard, here)
        alpha_rad = _alpha_rad(hazard, self.edition, here, case.duration_s)
        bound = limit(hazard, self.edition, case.duration_s, (alpha_rad or 0.0) if hazard in _THERMAL else None)
        level = None if reason else case.share * self.level(hazard, here, bound.averaging_angle_rad)
        ratio = 0.0 if reason else self.ratio(hazard, case, here)
        t_max_s = math.inf if reason else self._t_max_s(hazard, case.share, here)
        if ratio <= 1.0 and t_max_s < case.duration_s:
            reason = (
                reason or f"over its limit from {t_max_s:.3g} s on for a while, where the averaging cone is smaller"
            )
        return HazardRow(
            hazard=hazard,
            symbol=SYMBOLS[hazard],
            applicable=level is not None and bound.applicable,
            level=level,
            unit=bound.unit,
            limit=bound.limit,
            ratio=ratio,
            t_max_s=t_max_s,
            weight_share=self.fractions[hazard],
            alpha_rad=alpha_rad,
            averaging_angle_rad=bound.averaging_angle_rad,
            clause=bound.clause,
            evidence=bound.evidence,
            averaging_evidence=bound.averaging_evidence,
            reason=reason or bound.reason,
        )

    def _bound(self, hazard: str, duration_s: float, here: Exposure) -> float | None:
        """Return the exposure limit."""
        alpha_rad = _alpha_rad(hazard, self.edition, here, duration_s) or 0.0
        return limit(hazard, self.edition, duration_s, alpha_rad if hazard in _THERMAL else None).limit

    def _cone_rad(self, hazard: str, duration_s: float) -> float | None:
        return averaging_angle_rad(hazard, self.edition, duration_s)

    def _t_max_s(self, hazard: str, share: float, here: Exposure) -> float:
        """Return how long the case's mean level may last [s]."""

        def level_at(duration_s: float) -> float:
            return share * self.level(hazard, here, self._cone_rad(hazard, duration_s))

        def alpha_at(duration_s: float) -> float:
            return _alpha_rad(hazard, self.edition, here, duration_s) or 0.0

        alpha = alpha_at if hazard in _THERMAL else None
        return permissible_s(hazard, self.edition, level_at, alpha, 1e-6 if hazard in RADIANCE_HAZARDS else 1e-12)


def blue_kind(here: Exposure) -> str:
    """Return which of the two blue-light hazards holds for the source as seen from here."""
    axes_rad = here.axes_rad()
    small = axes_rad is not None and 0.5 * sum(axes_rad) < SMALL_SOURCE_RAD and here.irradiance_w_m2() is not None
    return "blue-light-small" if small else "blue-light"


def _alpha_rad(hazard: str, edition: str, here: Exposure, duration_s: float) -> float | None:
    """Return the source's subtense, each axis clipped as the hazard wants it [rad]."""
    axes_rad = here.axes_rad()
    return None if axes_rad is None else effective_alpha_rad(axes_rad, hazard, edition, duration_s)
