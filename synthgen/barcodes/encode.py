"""Write barcodes: payload in, modules out, every symbol read back before anybody prints it.

zxing-cpp writes and reads. Its traps are closed here: the GS1 flag, check digits and dates it does not check,
parentheses it would encode, lower case it would raise, rectangles it would choose, bearer frames it would draw.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import numpy as np
import zxingcpp

from synthgen.barcodes import decode, gs1
from synthgen.barcodes.symbologies import SYMBOLOGIES, TABLE, Symbol, Symbology, category_id
from synthgen.errors import BarcodeError

__all__ = ["SYMBOLOGIES", "Symbol", "category_id", "encode", "flat"]


def encode(symbology: str, payload: str, **options: Any) -> Symbol:
    """Return `payload` as a symbol of `symbology`, already read back.

    Args:
        symbology: a name of `SYMBOLOGIES`.
        payload: ASCII; GS1 content in bracketed form; EAN, UPC and ITF with their check digit.
        options: writer options of zxing-cpp: `version`, `ec_level`, `columns`, `rows` or `data_mask`.

    Raises:
        BarcodeError: the payload breaks a rule of its symbology; the message says what fits.
    """
    if symbology not in TABLE:
        raise BarcodeError(f"symbology {symbology!r} is not known; write one of {', '.join(SYMBOLOGIES)}")
    if unknown := sorted(set(options) - _OPTIONS):
        raise BarcodeError(f"option {unknown[0]!r} is not known; write one of {', '.join(sorted(_OPTIONS))}")
    return _encode(symbology, payload, tuple(sorted(options.items())))


def flat(symbol: Symbol, px: int = 4, bar_rows: int = 0) -> np.ndarray:
    """Return the symbol with its quiet zone as grey levels, `px` pixels a module, dark 0 and light 255, uint8."""
    rows = max(bar_rows or symbol.width // 6, 8) if symbol.linear else 1
    left, right, top, bottom = (n + 2 for n in symbol.quiet)
    modules = np.pad(np.repeat(symbol.modules, rows, axis=0), ((top, bottom), (left, right)))
    return np.where(np.kron(modules, np.ones((px, px), bool)), 0, 255).astype(np.uint8)


_OPTIONS = {"version", "ec_level", "columns", "rows", "data_mask"}  # the writer silently ignores any other


@lru_cache(maxsize=4096)
def _encode(symbology: str, payload: str, options: tuple[tuple[str, Any], ...]) -> Symbol:
    spec = TABLE[symbology]
    _check_payload(symbology, spec, payload)
    written = _write(symbology, spec, payload, dict(options))
    symbol = Symbol(
        symbology=symbology,
        payload=payload,
        modules=_modules(written, spec),
        quiet=spec.quiet,
        linear=spec.linear,
        written=written.bytes,
        text=_human_readable(symbology, payload),
        symbology_identifier=written.symbology_identifier,
    )
    _check_written(symbol, spec, dict(options))
    return symbol


def _write(symbology: str, spec: Symbology, payload: str, options: dict[str, Any]) -> zxingcpp.Barcode:
    options = {**spec.options, **options}
    try:
        if symbology == "pdf417" and "columns" not in options:
            return _write_pdf417(payload, options)
        return zxingcpp.create_barcode(payload, spec.writer, **options)
    except ValueError as refused:
        reason = re.sub(r"^Error \d+: |\s*\(retval: \d+\)$", "", str(refused))
        remedy = "shorten it or use qr, datamatrix or pdf417" if spec.linear else "shorten it or split it in two codes"
        raise BarcodeError(f"{symbology} cannot carry {_short(payload)}: {reason}; {remedy}") from refused


def _write_pdf417(payload: str, options: dict[str, Any]) -> zxingcpp.Barcode:
    """Return the narrowest symbol that is at least 2.2 times as wide as high, the shape labels leave room for."""
    fitting = None
    for columns in range(2, 13):
        try:
            fitting = zxingcpp.create_barcode(payload, TABLE["pdf417"].writer, columns=columns, **options)
        except ValueError:
            continue  # more than 90 rows
        width, height = _image(fitting).shape[::-1]
        if width >= 2.2 * height:
            break
    if fitting is None:
        raise ValueError("input too long")
    return fitting


def _image(written: zxingcpp.Barcode) -> np.ndarray:
    return np.asarray(written.to_image(scale=1, add_quiet_zones=False))


def _modules(written: zxingcpp.Barcode, spec: Symbology) -> np.ndarray:
    dark = _image(written) == 0
    modules = dark[:1] if spec.linear else dark
    modules = np.ascontiguousarray(modules)
    modules.setflags(write=False)
    return modules


def _check_payload(symbology: str, spec: Symbology, payload: str) -> None:
    if not payload or not payload.isascii():
        raise BarcodeError(f"{symbology} payload {_short(payload)}: write one or more ASCII characters")
    if symbology in _DIGITS:
        _check_digits(symbology, payload)
    elif symbology == "code39" and not re.fullmatch(r"[0-9A-Z\-. $/+%]+", payload):
        raise BarcodeError(
            f"code39 cannot carry {_short(payload)}: write 0-9, A-Z and - . $ / + % space, or use code128"
        )
    elif spec.gs1:
        elements = gs1.parse(payload)
        if symbology == "gs1_128" and (count := gs1.characters(elements)) > gs1.MAX_GS1_128_CHARACTERS:
            raise BarcodeError(f"gs1_128 {_short(payload)} has {count} characters, at most 48 fit; use two codes")
    elif re.match(r"\(\d{2,4}\)", payload) and symbology in ("code128", "datamatrix", "qr"):
        other = {"code128": "gs1_128", "datamatrix": "gs1_datamatrix", "qr": "gs1_qr"}[symbology]
        raise BarcodeError(f"{symbology} would encode the brackets of {_short(payload)}; use {other} for GS1 content")


_DIGITS = {"ean13": 13, "upca": 12, "itf14": 14}


def _check_digits(symbology: str, payload: str) -> None:
    count = _DIGITS[symbology]
    if not re.fullmatch(rf"\d{{{count}}}", payload):
        hint = ""
        if re.fullmatch(rf"\d{{{count - 1}}}", payload):
            hint = f": write {payload}{gs1.check_digit(payload)} (with its check digit)"
        raise BarcodeError(f"{symbology} needs {count} digits, found {_short(payload)}{hint}")
    right = gs1.check_digit(payload[:-1])
    if payload[-1] != right:
        raise BarcodeError(f"{symbology} {payload}: wrong check digit {payload[-1]}; write {payload[:-1]}{right}")


def _human_readable(symbology: str, payload: str) -> str:
    if symbology == "ean13":
        return f"{payload[0]} {payload[1:7]} {payload[7:]}"
    if symbology == "upca":
        return f"{payload[0]} {payload[1:6]} {payload[6:11]} {payload[11]}"
    if symbology == "itf14":
        return f"{payload[0]} {payload[1:3]} {payload[3:8]} {payload[8:13]} {payload[13]}"
    return payload if payload.isprintable() else ""


def _check_written(symbol: Symbol, spec: Symbology, options: dict[str, Any]) -> None:
    """Assert what the writer silently ignores: shape and payload, by reading the flat symbol."""
    version = options.get("version")
    if symbol.symbology in ("qr", "gs1_qr") and version is not None and symbol.width != 17 + 4 * int(version):
        raise BarcodeError(f"{symbol.symbology} version {version} was not written; use a version from 1 to 40")
    if symbol.symbology in ("datamatrix", "gs1_datamatrix") and symbol.width != symbol.height:
        raise BarcodeError(
            f"{symbol.symbology} {_short(symbol.payload)}: the writer chose a rectangle; use version 1-24"
        )
    if symbol.height % spec.row_modules or not symbol.modules.any():
        raise BarcodeError(f"{symbol.symbology} {_short(symbol.payload)}: the writer returned no symbol of that kind")
    if not decode.read(flat(symbol), symbol.symbology, symbol.written).decoded:
        raise BarcodeError(f"{symbol.symbology} {_short(symbol.payload)} does not read back flat; change the payload")


def _short(payload: str) -> str:
    return repr(payload if len(payload) <= 40 else payload[:37] + "...")
