"""How much each wavelength counts for a hazard: S, B, R and the unweighted ranges, per edition.

References:
    IEC 62471:2006, tables 4.1 and 4.2; ICNIRP 2013 (Health Physics 105:74), table 2; ICNIRP 2004 (UV), table 1. The
    numbers and where they were read: `data/*.csv`.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from synthgen.photobiology.editions import ICNIRP, IEC, check_edition, check_hazard
from synthgen.world.spectra import Spectrum, weighted_fraction

_DATA = Path(__file__).parent / "data"

# hazard -> (range [nm], table, interpolation); a hazard without a table counts every wavelength of its range as 1
_RANGES_NM = {
    "actinic-uv": (200.0, 400.0),
    "uva": (315.0, 400.0),
    "blue-light": (300.0, 700.0),
    "blue-light-small": (300.0, 700.0),
    "retinal-thermal": (380.0, 1400.0),
    "retinal-thermal-weak": (780.0, 1400.0),
    "ir-eye": (780.0, 3000.0),
    "skin-thermal": (380.0, 3000.0),
}
_TABLES = {
    "actinic-uv": ("actinic_s.csv", "S"),
    "blue-light": ("blue_light_b.csv", "B"),
    "blue-light-small": ("blue_light_b.csv", "B"),
    "retinal-thermal": ("retinal_thermal_r.csv", "R"),
    "retinal-thermal-weak": ("retinal_thermal_r.csv", "R"),
}


@dataclass(frozen=True, eq=False)
class Weight:
    """The weighting function of a hazard: call it with wavelengths [nm]; 0 outside its range, ends included."""

    symbol: str
    """S, B, R, or 1 for an unweighted range."""
    low_nm: float
    high_nm: float
    nodes_nm: np.ndarray
    values: np.ndarray
    logarithmic: bool
    """Whether the logarithm is interpolated linearly (S), instead of the value (B, R)."""

    def __call__(self, wavelength_nm: np.ndarray | float) -> np.ndarray:
        """Return the weight at each wavelength, same shape."""
        at_nm = np.asarray(wavelength_nm, np.float64)
        values = np.log(self.values) if self.logarithmic else self.values
        between = np.interp(at_nm, self.nodes_nm, values)
        weight = np.exp(between) if self.logarithmic else between
        return np.where((at_nm >= self.low_nm) & (at_nm <= self.high_nm), weight, 0.0)


@cache
def weight_of(hazard: str, edition: str) -> Weight:
    """Return the weighting function of a hazard in an edition.

    Raises:
        InputError: the hazard or the edition is unknown.
    """
    low_nm, high_nm = _RANGES_NM[check_hazard(hazard)]
    if check_edition(edition) != IEC and hazard == "actinic-uv":
        low_nm = 180.0
    if hazard not in _TABLES:
        return Weight("1", low_nm, high_nm, np.array([low_nm, high_nm]), np.ones(2), logarithmic=False)
    name, symbol = _TABLES[hazard]
    nodes_nm, values = _column(name, symbol, edition)
    return Weight(symbol, low_nm, high_nm, nodes_nm, values, logarithmic=symbol == "S")


def fraction(spectrum: Spectrum, hazard: str, edition: str) -> float:
    """Return the weighted watts of a hazard per watt of the spectrum's total power."""
    weight = weight_of(hazard, edition)
    return weighted_fraction(spectrum, weight, weight.low_nm, weight.high_nm)


def _column(name: str, symbol: str, edition: str) -> tuple[np.ndarray, np.ndarray]:
    """Return (wavelengths [nm], weights) of an edition; the Directive has the tables of IEC 62471 (evidence C)."""
    column = symbol if symbol == "S" else f"{symbol}_{'icnirp_2013' if edition == ICNIRP else 'iec62471_2006'}"
    with (_DATA / name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    return np.array([float(row["wavelength_nm"]) for row in rows]), np.array([float(row[column]) for row in rows])
