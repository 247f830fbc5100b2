"""Flashing of pulsed lamps that people see, held against published guidance: by its rate alone, on the safe side.

It changes no verdict on exposure limits: the guidance is for screens and room lighting, and who works at the machine is
not known here.

References:
    WCAG 2.2, success criterion 2.3.1: at most three flashes in any second (evidence A). Recommendation ITU-R BT.1702: a
    flash is a change of 20 cd/m2 or more, or one to or from saturated red (A). Epilepsy Society, Epilepsy Action:
    seizures at about 3 to 60 flashes a second (A), most often 3 to 30 (B). HSE (UK): strobes at four a second at most
    (B). IEEE Std 1789-2015: low-risk modulation (C; sources that were read disagree).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthgen.photobiology.evaluate_exposure import INFRARED_LM_W
from synthgen.safety.scene.lamps import Lamps, names_of
from synthgen.world import scene_description
from synthgen.world.spectra import Spectrum, efficacy_lm_w, weighted_fraction

FLASHES_PER_S = 3.0
"""Most flashes in any second that WCAG 2.3.1 and ITU-R BT.1702 allow (evidence A)."""
SEIZURE_HZ = (3.0, 60.0)
"""Rates at which flashes can provoke seizures in people with photosensitive epilepsy (evidence A)."""
FLASH_CD_M2 = 20.0
"""Smallest change of luminance that counts as a flash (ITU-R BT.1702; evidence A)."""
RED_SHARE = 0.8
"""Share of red from which a flash counts as saturated red, at any luminance (WCAG, A; of watts here: D)."""


GUIDANCE = (
    ("WCAG 2.2, 2.3.1", "at most three flashes in any second", "A"),
    ("Recommendation ITU-R BT.1702", "the same; a flash is a change of 20 cd/m2 or more", "A"),
    ("Epilepsy Society, Epilepsy Action", "about 3 to 60 flashes a second can provoke seizures", "A"),
    ("Epilepsy Society", "3 to 30 flashes a second provoke most of them", "B"),
    ("WCAG 2.2; BT.1702", "saturated red, R/(R + G + B) of 0.8 or more, counts at any luminance", "A"),
    ("chosen here", "that share as watts beyond 600 nm of those from 400 to 700 nm", "D"),
    ("HSE (UK), strobe lighting", "at most four flashes a second", "B"),
    ("IEEE Std 1789-2015", "low-risk modulation of 0.025 % per Hz up to 90 Hz, then 0.08 % per Hz", "C"),
)
"""What flashing is held against: (source, what it says, evidence)."""


@dataclass(frozen=True, kw_only=True)
class Flicker:
    """Lamps that flash at one rate, and what guidance says of it."""

    lamps: tuple[str, ...]
    rate_hz: float
    luminance_cd_m2: float
    """Of the brightest of their faces while on; 0 for points."""
    saturated_red: bool
    low_risk_modulation: float
    """Largest modulation that IEEE 1789-2015 calls low risk at this rate, 0 to 1; these lamps have 1 (evidence C)."""
    seizures: bool
    """The rate can provoke seizures."""
    statement: str


def of(lamps: Lamps) -> tuple[Flicker, ...]:
    """Return the flashing of lamps that pulse and are seen, by rising rate; infrared is not seen.

    Lamps of one rate are taken to fire together, as everywhere in the assessment; a single pulse does not flicker.
    """
    seen: dict[float, list[tuple[str, scene_description.Light]]] = {}
    for light, drive, name in zip(lamps.lights, lamps.drives, names_of(lamps.lights), strict=True):
        if not drive.continuous and drive.rate_hz > 0.0 and efficacy_lm_w(light.spectrum) >= INFRARED_LM_W:
            seen.setdefault(drive.rate_hz, []).append((name, light))
    return tuple(_flicker(rate_hz, group) for rate_hz, group in sorted(seen.items()))


def low_risk_modulation(rate_hz: float) -> float:
    """Return the modulation that IEEE 1789-2015 calls low risk: 0.025 % per Hz to 90 Hz, then 0.08 % per Hz (C)."""
    return min((0.00025 if rate_hz <= 90.0 else 0.0008) * rate_hz, 1.0)


def _flicker(rate_hz: float, group: list[tuple[str, scene_description.Light]]) -> Flicker:
    luminance = max(
        0.0 if light.shape == "point" else light.strength * efficacy_lm_w(light.spectrum) for _, light in group
    )
    red = any(_saturated_red(light.spectrum) for _, light in group)
    seizures = SEIZURE_HZ[0] < rate_hz <= SEIZURE_HZ[1]
    return Flicker(
        lamps=tuple(name for name, _ in group),
        rate_hz=rate_hz,
        luminance_cd_m2=luminance,
        saturated_red=red,
        low_risk_modulation=low_risk_modulation(rate_hz),
        seizures=seizures,
        statement=_statement(rate_hz, luminance, red, seizures),
    )


def _statement(rate_hz: float, luminance_cd_m2: float, red: bool, seizures: bool) -> str:
    colour = "saturated red light" if red else "visible light"
    said = f"{rate_hz:g} flashes of {colour} a second"
    if seizures:
        found = (
            f"{said} are within the 3 to 60 Hz that can provoke seizures in people with photosensitive epilepsy, and "
            f"more than the three a second of WCAG 2.3.1 and ITU-R BT.1702"
        )
        if 0.0 < luminance_cd_m2 < FLASH_CD_M2 and not red:  # saturated red counts at any luminance
            found += f", but the lamps change by less than {FLASH_CD_M2:g} cd/m2, which is no flash there"
        return f"{found}; assess who can see them, and screen them or raise the rate"
    if rate_hz <= FLASHES_PER_S:
        return f"{said} are no more than the three a second of WCAG 2.3.1 and ITU-R BT.1702"
    allowed = low_risk_modulation(rate_hz)
    if allowed < 1.0:
        return (
            f"{said} are above the 60 Hz of photosensitive seizures; light that goes out fully exceeds the modulation "
            f"of {allowed:.1%} that IEEE 1789-2015 calls low risk: headaches and stroboscopic effects are possible"
        )
    return f"{said} are within what IEEE 1789-2015 calls low risk at any modulation"


def _saturated_red(spectrum: Spectrum) -> bool:
    visible = weighted_fraction(spectrum, np.ones_like, 400.0, 700.0)
    return visible > 0.0 and weighted_fraction(spectrum, np.ones_like, 600.0, 700.0) >= RED_SHARE * visible
