"""Predict whether a reader decodes a code, and what prevents it, from geometry, blur, motion, contrast and noise.

Each of six terms is the logarithm of a quantity over its limit; the smallest, mu, decides. Predictions with |mu| above
0.22 were right in 98.9 % of 28 000 pictures.

References:
    Limits measured with zxing-cpp 3.1.1 on synthetic pictures (linear grey, box pixels, noise, 80 trials a point).
    Modulation at half a cycle a module of a Gaussian blur s: exp(-pi^2 s^2 / 2).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from synthgen.barcodes.symbologies import TABLE

SURE = 0.22
"""Above this |mu| the verdict is sure; below it is marginal."""
_CONTRAST_DN = {False: 18.0, True: 5.0}
"""Contrast, peak to peak in grey levels of 255, below which no code is found: on the plain and the stretched view."""
_GOOD_CONTRAST_DN = 120.0
_QUANTISATION_DN = 0.29
_PDF417_SPAN = (137.0, 21.0)
"""Width and height [modules] of the symbol that the limit of rotation was measured with."""
_INFINITE = 9.0
"""Value of a term whose quantity sets no limit."""


@dataclass(frozen=True)
class Limits:
    """Limits of one symbology."""

    module_px: float
    blur_modules: float
    snr: float
    cross: float
    """Least bar height over the drift of a scan line along the code; 0: no limit."""
    hidden: float
    """Share of the area that may be hidden."""


_NATIVE: dict[str, Limits] = {
    "code128": Limits(1.4, 0.60, 8.0, 1.0, 0.15),
    "code39": Limits(2.0, 0.53, 8.0, 1.0, 0.15),
    "itf14": Limits(1.0, 0.60, 6.0, 1.0, 0.15),
    "ean13": Limits(1.3, 0.53, 5.0, 1.0, 0.15),
    "qr": Limits(1.3, 0.45, 5.0, 0.0, 0.06),
    "datamatrix": Limits(1.7, 0.45, 6.0, 0.0, 0.12),
    "pdf417": Limits(1.5, 0.65, 4.0, 1.3, 0.10),
    "aztec": Limits(2.2, 0.40, 4.0, 0.0, 0.04),
}
_RECTIFIED: dict[str, Limits] = {
    "code128": Limits(0.9, 0.60, 4.0, 0.0, 0.15),
    "code39": Limits(1.15, 0.53, 4.0, 0.0, 0.15),
    "itf14": Limits(0.9, 0.60, 2.5, 0.0, 0.15),
    "ean13": Limits(0.9, 0.60, 4.0, 0.0, 0.15),
    "qr": Limits(1.1, 0.50, 4.0, 0.0, 0.06),
    "datamatrix": Limits(1.2, 0.45, 5.0, 0.0, 0.12),
    "pdf417": Limits(0.8, 0.60, 2.5, 0.0, 0.10),
    "aztec": Limits(1.2, 0.40, 4.0, 0.0, 0.04),
}
_ALIKE = {"gs1_128": "code128", "gs1_qr": "qr", "gs1_datamatrix": "datamatrix", "upca": "ean13"}


def _table(limits: dict[str, Limits]) -> Mapping[str, Limits]:
    return MappingProxyType({name: limits[_ALIKE.get(name, name)] for name in TABLE})


NATIVE: Mapping[str, Limits] = _table(_NATIVE)
"""Limits on the plain picture."""
RECTIFIED: Mapping[str, Limits] = _table(_RECTIFIED)
"""Limits once the perspective is undone and the contrast stretched."""

# centre of a bin of mu, share that decoded there
_SHARE_MU = (-0.8, -0.35, -0.25, -0.15, -0.05, 0.05, 0.15, 0.25, 0.35, 0.45)
_SHARE = (0.0, 0.05, 0.09, 0.17, 0.36, 0.69, 0.85, 0.92, 0.97, 1.0)


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """The outcome expected of a reader."""

    mu: float
    """Logarithm of the margin: above 0 decodable."""
    probability: float
    """Share of such codes that decode, 0 to 1 (docs/contract.md section 6: `decodability`)."""
    reason: str
    """`readable`, or the cause whose removal would help most: undersampled, orientation, motion_blur, defocus,
    low_contrast, noise, occluded."""
    limit: str
    """The smallest term, readable or not: module, blur, noise, contrast, cross, hidden."""
    module_px: float
    blur_modules: float
    snr: float
    """Contrast at half a cycle a module over the noise."""

    @property
    def verdict(self) -> str:
        """Return decodable, marginal or undecodable."""
        if abs(self.mu) <= SURE:
            return "marginal"
        return "decodable" if self.mu > 0 else "undecodable"


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """Optics, motion, light and noise of a code in a view."""

    size_modules: tuple[float, float]
    """Width and height in modules; of a linear code the height of its bars."""
    blur_px: float
    """Standard deviation of the optical blur (defocus disc diameter / 4, diffraction, PSF), without the pixel's box."""
    motion_px: tuple[float, float]
    """Motion during the exposure."""
    contrast_dn: float
    """Light minus dark, in grey levels of 255."""
    noise_dn: float
    """Standard deviation of the noise at the light level, in grey levels of 255."""
    hidden: float = 0.0
    """Share of the code's area that is covered."""


def predict(symbology: str, jacobian_px: np.ndarray, conditions: Conditions, *, rectified: bool = False) -> Prediction:
    """Return whether zxing-cpp is expected to decode a code, and what limits it.

    Args:
        symbology: a name of `symbologies.SYMBOLOGIES`.
        jacobian_px: d pixel / d module at one or more points of the code (best its corners), shape (..., 2, 2):
            column 0 along the top edge, column 1 down the left edge.
        conditions: optics, motion, light and noise.
        rectified: for the rectified and stretched view rather than the plain picture.
    """
    jacobians = np.asarray(jacobian_px, float).reshape(-1, 2, 2)
    if not np.isfinite(jacobians).all() or (np.abs(np.linalg.det(jacobians)) < 1e-9).any():
        return _seen_edge_on()
    view = _View(symbology, jacobians, rectified)
    terms = view.terms(conditions)
    mu = min(terms.values())
    blur = view.blur(conditions)
    return Prediction(
        mu=mu,
        probability=probability(mu),
        reason="readable" if mu > 0 else view.cause(conditions),
        limit=min(terms, key=lambda name: terms[name]),
        module_px=view.module_px,
        blur_modules=blur,
        snr=view.snr(conditions),
    )


def cross(jacobian_px: np.ndarray, size_modules: tuple[float, float]) -> float:
    """Return the height of the bars over the drift of a scan line, along an image axis, across the code."""
    mean = np.asarray(jacobian_px, float).reshape(-1, 2, 2).mean(axis=0)
    along, bar = np.abs(mean[:, 0]) * size_modules[0], np.abs(mean[:, 1]) * size_modules[1]
    return float(max(bar[1] / max(along[1], 1e-9), bar[0] / max(along[0], 1e-9)))


def probability(mu: float) -> float:
    """Return the share of codes with this margin that decode."""
    return float(np.interp(mu, _SHARE_MU, _SHARE))


class _View:
    """A view of one code: its symbology and Jacobians."""

    def __init__(self, symbology: str, jacobians: np.ndarray, rectified: bool) -> None:
        self.symbology = symbology
        self.rectified = rectified
        self.limits = (RECTIFIED if rectified else NATIVE)[symbology]
        self.jacobians = jacobians
        self.gradients = _gradients(symbology, jacobians)
        self.module_px = float(1.0 / np.linalg.norm(self.gradients, axis=-1).max())

    def blur(self, at: Conditions, box: float = 1 / 12) -> float:
        """Return the largest standard deviation of optics, motion and pixel box together [modules]."""
        motion = np.asarray(at.motion_px, float)
        covariance = (at.blur_px**2 + box) * np.eye(2) + np.outer(motion, motion) / 12
        return float(np.sqrt(np.einsum("ni,ij,nj->n", self.gradients, covariance, self.gradients).max()))

    def snr(self, at: Conditions, box: float = 1 / 12) -> float:
        """Return the contrast at half a cycle a module over noise and quantisation."""
        modulated = max(at.contrast_dn, 0.0) * math.exp(-(math.pi**2) * self.blur(at, box) ** 2 / 2)
        return modulated / math.hypot(at.noise_dn, _QUANTISATION_DN)

    def terms(self, at: Conditions, *, fine: bool = False, straight: bool = False) -> dict[str, float]:
        """Return ln(quantity / limit) of each term; `fine`: for small pixels, `straight`: for an upright code."""
        box = 0.0 if fine else 1 / 12
        turned = self.limits.cross > 0 and not straight
        return {
            "module": _INFINITE if fine else _log(self.module_px, self.limits.module_px),
            "blur": _log(self.limits.blur_modules, self.blur(at, box)),
            "noise": 0.5 * _log(self.snr(at, box), self.limits.snr),
            "contrast": _log(at.contrast_dn, _CONTRAST_DN[self.rectified]),
            "cross": _log(cross(self.jacobians, self._span(at)), self.limits.cross) if turned else _INFINITE,
            "hidden": 0.5 * _log(self.limits.hidden, at.hidden),
        }

    def _span(self, at: Conditions) -> tuple[float, float]:
        """Return the size that scan lines must cross: PDF417 reads up to 6 or 7 degrees, however many rows it has."""
        return _PDF417_SPAN if self.symbology == "pdf417" else at.size_modules

    def cause(self, at: Conditions) -> str:
        """Return the cause whose removal would help most."""
        without = {
            "undersampled": self.terms(at, fine=True),
            "orientation": self.terms(at, straight=True),
            "motion_blur": self.terms(replace(at, motion_px=(0.0, 0.0))),
            "defocus": self.terms(replace(at, blur_px=0.0)),
            "low_contrast": self.terms(replace(at, contrast_dn=max(at.contrast_dn, _GOOD_CONTRAST_DN))),
            "noise": self.terms(replace(at, noise_dn=0.0)),
            "occluded": self.terms(replace(at, hidden=0.0)),
        }
        return max(without, key=lambda name: min(without[name].values()))


def _gradients(symbology: str, jacobians: np.ndarray) -> np.ndarray:
    """Return the gradients [modules/px] that matter: across the bars, and down where rows exist (3 modules high)."""
    inverse = np.linalg.inv(jacobians)
    spec = TABLE[symbology]
    if spec.linear:
        return inverse[:, 0]
    return np.concatenate([inverse[:, 0], inverse[:, 1] / spec.row_modules])


def _seen_edge_on() -> Prediction:
    return Prediction(
        mu=-_INFINITE,
        probability=0.0,
        reason="undersampled",
        limit="module",
        module_px=0.0,
        blur_modules=_INFINITE,
        snr=0.0,
    )


def _log(quantity: float, limit: float) -> float:
    """Return ln(quantity / limit), kept within +-9."""
    if limit <= 0:
        return _INFINITE
    return float(np.clip(math.log(max(quantity, 1e-12) / limit), -_INFINITE, _INFINITE))
