"""Spectra: placeholder replaced by the safety part within minutes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

BAND_EDGES_NM = (400.0, 500.0, 600.0, 700.0, 1000.0)


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Relative spectral power: integrates to 1 W over its wavelengths."""

    wavelength_nm: np.ndarray
    power_w_nm: np.ndarray
