"""Read measured spectra: CSV of two columns, or IES TM-27 (.spdx).

References:
    ANSI/IES TM-27-20, Standard format for the electronic transfer of spectral data.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path
from xml.etree import ElementTree

from synthgen.errors import InputError
from synthgen.world.spectra import Spectrum, from_table

_LARGEST_BYTES = 10_000_000


def read_spectrum(path: Path) -> Spectrum:
    """Return the spectrum of a .csv (wavelength [nm], power in any unit) or .spdx file.

    Raises:
        InputError: no such file, another kind of file, or damaged numbers; the message names the line.
    """
    if path.suffix.lower() not in (".csv", ".spdx"):
        raise InputError(f"{path}: unknown kind of spectrum; give a .csv (wavelength_nm, power) or an IES TM-27 .spdx")
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise InputError(f"{path}: larger than {_LARGEST_BYTES} bytes; a spectrum has some hundred rows")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as fault:
        raise InputError(f"{path}: cannot be read ({fault}); give a text file") from fault
    rows = _csv_rows(path, text) if path.suffix.lower() == ".csv" else _spdx_rows(path, text)
    try:
        return from_table(*zip(*rows, strict=True)) if rows else from_table([], [])
    except InputError as fault:
        raise InputError(f"{path}: {fault}") from fault


def _csv_rows(path: Path, text: str) -> list[tuple[float, float]]:
    """Return (wavelength, power) of each row; one heading and lines that start with # are passed over."""
    rows: list[tuple[float, float]] = []
    lines = text.splitlines()
    dialect = ";" if any(";" in line for line in lines[:5]) else ","
    for number, cells in enumerate(csv.reader(lines, delimiter=dialect), start=1):
        if not any(cells) or cells[0].lstrip().startswith("#"):
            continue
        try:
            rows.append((float(cells[0]), float(cells[1])))
        except (ValueError, IndexError) as fault:
            if rows or re.match(r"\s*[-+.\d]", cells[0]):
                found = f"{dialect.join(cells)!r}; write two numbers: wavelength_nm{dialect} power"
                raise InputError(f"{path}:{number}: {found}") from fault
    return rows


def _spdx_rows(path: Path, text: str) -> list[tuple[float, float]]:
    """Return (wavelength, power) of each SpectralData element."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise InputError(f"{path}: a TM-27 file declares no entities; export it again")
    try:
        found = [item for item in ElementTree.fromstring(text).iter() if item.tag.rpartition("}")[2] == "SpectralData"]
        return sorted((float(item.attrib["wavelength"]), float(item.text or "")) for item in found)
    except (ElementTree.ParseError, KeyError, ValueError) as fault:
        raise InputError(f"{path}: not a TM-27 file ({fault}); it needs SpectralData elements") from fault
