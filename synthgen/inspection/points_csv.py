"""Points to measure at, and what was measured there, as CSV (docs/contract.md section 11)."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from synthgen.errors import InputError

COLUMNS = ("x", "y", "z", "nx", "ny", "nz")
BAND_COLUMNS = ("blue", "green", "red", "nir")
MAX_POINTS = 1_000_000


def read(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return (points [m], unit normals), each of shape (n, 3), float64, from a CSV file with or without a header.

    Raises:
        InputError: the file cannot be read, or a row is not six finite numbers with a normal.
    """
    try:
        rows = list(csv.reader(io.StringIO(path.read_text("utf-8-sig"))))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(
            f"{path}: {getattr(error, 'strerror', None) or error}; write rows of x,y,z,nx,ny,nz"
        ) from error
    numbered = [(n, row) for n, row in enumerate(rows, 1) if any(cell.strip() for cell in row)]
    if numbered and [cell.strip().lower() for cell in numbered[0][1]] == list(COLUMNS):
        numbered = numbered[1:]
    if not 0 < len(numbered) <= MAX_POINTS:
        raise InputError(f"{path}: holds {len(numbered)} points; write 1 to {MAX_POINTS} rows of x,y,z,nx,ny,nz")
    values = np.array([_row(path, line, row) for line, row in numbered])
    return values[:, :3], values[:, 3:] / np.linalg.norm(values[:, 3:], axis=1, keepdims=True)


def table(
    points_m: np.ndarray,
    normals: np.ndarray,
    lights: Mapping[str, np.ndarray],
    illuminance_lux: np.ndarray,
    bands_w_m2: np.ndarray | None = None,
) -> str:
    """Return the result as CSV: point, normal, all lights' irradiance and illuminance, each light's irradiance.

    Args:
        points_m: [m], shape (n, 3).
        normals: unit, shape (n, 3).
        lights: {prim path: irradiance [W/m^2], shape (n,)}.
        illuminance_lux: of all lights, shape (n,).
        bands_w_m2: of all lights by band, shape (n, 4); None leaves the columns out.
    """
    total = sum(lights.values(), np.zeros(len(points_m)))
    named = {name: points_m[:, k] for k, name in enumerate(COLUMNS[:3])}
    named |= {name: normals[:, k] for k, name in enumerate(COLUMNS[3:])}
    named |= {"irradiance_w_m2": total, "illuminance_lux": illuminance_lux}
    named |= {f"{path}:irradiance_w_m2": values for path, values in lights.items()}
    if bands_w_m2 is not None:
        named |= {f"{band}:irradiance_w_m2": bands_w_m2[:, k] for k, band in enumerate(BAND_COLUMNS)}
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(named)
    writer.writerows([repr(float(value)) for value in row] for row in zip(*named.values(), strict=True))
    return stream.getvalue()


def _row(path: Path, line: int, row: list[str]) -> list[float]:
    try:
        values = [float(cell) for cell in row]
    except ValueError:
        values = []
    if len(values) != len(COLUMNS) or not np.isfinite(values).all():
        raise InputError(f"{path}:{line}: found {','.join(row)[:60]}; write six numbers x,y,z,nx,ny,nz [m]")
    if not any(values[3:]):
        raise InputError(f"{path}:{line}: the normal is 0,0,0; write the direction that the receiver faces")
    return values
