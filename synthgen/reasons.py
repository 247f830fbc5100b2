"""Why a code was not read: one word of contract section 6, found by what would have helped.

What can be tried on the finished picture is tried (turn the crop, stretch its contrast, enlarge it); what cannot comes
from the light at the label and from the predictor's weakest term.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from synthgen import decodability, reading
from synthgen.seen import Signal
from synthgen.symbologies import Symbol

REASONS = (
    *("readable", "out_of_view", "occluded", "undersampled", "orientation", "motion_blur", "defocus", "low_contrast"),
    *("glare", "saturated", "underexposed", "noise", "damaged", "misread", "unknown"),
)
_LEAST_DN = 18.0


@dataclass(frozen=True, eq=False)
class Evidence:
    """What is known of a code in a view besides its pixels."""

    visible_fraction: float
    in_image_fraction: float
    prediction: decodability.Prediction
    signal: Signal
    damaged: bool


def reason(
    evidence: Evidence, plain: reading.Reading, image: np.ndarray | None, quad_px: np.ndarray, symbol: Symbol
) -> str:
    """Return why `plain` is what it is, a word of REASONS."""
    if plain.decoded:
        return "readable"
    if image is None:
        return evidence.prediction.reason
    hidden = decodability.NATIVE[symbol.symbology].hidden
    if evidence.in_image_fraction < 1.0 - hidden:
        return "out_of_view"
    if evidence.visible_fraction < 1.0 - hidden:
        return "occluded"
    of_light = _light(evidence.signal)
    if of_light:
        return of_light
    if plain.misread:
        return "misread"
    return _of_optics(evidence)


def _light(signal: Signal) -> str:
    """Return what is wrong with the light, "" if nothing is."""
    if signal.contrast_dn < _LEAST_DN <= signal.free_light_dn - signal.free_dark_dn:
        return "glare" if signal.glare_dn > 0.5 * signal.free_light_dn else "saturated"
    if signal.glare_dn > signal.free_light_dn - signal.glare_dn:
        return "glare"
    if signal.free_light_dn < 1.5 * _LEAST_DN:
        return "underexposed"
    return ""


def _of_optics(evidence: Evidence) -> str:
    """Return the predictor's weakest term; damage where nothing is predicted to fail."""
    prediction = evidence.prediction
    if prediction.mu < 0:
        return prediction.reason
    if evidence.damaged:
        return "damaged"
    return _weakest(evidence) if prediction.mu < decodability.SURE else "unknown"


def _weakest(evidence: Evidence) -> str:
    """Return the word for a marginal prediction's smallest term."""
    if evidence.prediction.limit == "blur":
        motion = np.hypot(*evidence.signal.motion_px) / math.sqrt(12.0)
        return "motion_blur" if motion > evidence.signal.disc_px / 4.0 else "defocus"
    words = {"module": "undersampled", "noise": "noise", "contrast": "low_contrast", "cross": "orientation"}
    return words.get(evidence.prediction.limit, "occluded")
