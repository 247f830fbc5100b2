"""Write barcodes: payload in, modules out, every symbol read back before it is printed.

zxing-cpp writes and reads. What it leaves to its caller is done here: the GS1 flag; check digits and dates; no
brackets in plain symbols, no lower case in Code 39; square symbols; ITF without a bearer frame; declared UTF-8.

References:
    ISO/IEC 18004, 16022, 24778 and 15438: extended channel interpretations. AIM ITS/04-001: ECI 000026 is UTF-8.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import numpy as np
import zxingcpp

from synthgen.barcodes import decode, gs1
from synthgen.barcodes.symbologies import SYMBOLOGIES, TABLE, Symbol, Symbology, category_id
from synthgen.errors import BarcodeError

__all__ = ["SYMBOLOGIES", "Symbol", "category_id", "encode", "flat"]


def encode(symbology: str, payload: str, *, alone: bool = True, **options: Any) -> Symbol:
    """Return `payload` as a symbol of `symbology`, already read back.

    Args:
        symbology: a name of `SYMBOLOGIES`.
        payload: any Unicode text for QR, Data Matrix, Aztec and PDF417, ASCII for Code 128; GS1 content in bracketed
            form; EAN, UPC and ITF with their check digit (docs/barcodes.md).
        alone: whether the item carries no other code: GS1 identifiers must then find those that they need in this one.
        options: writer options of zxing-cpp: `version`, `ec_level`, `columns`, `rows` or `data_mask`.

    Raises:
        BarcodeError: the payload breaks a rule of its symbology; the message says what fits.
    """
    if symbology not in TABLE:
        raise BarcodeError(f"symbology {symbology!r} is not known; write one of {', '.join(SYMBOLOGIES)}")
    if unknown := sorted(set(options) - _OPTIONS):
        raise BarcodeError(f"option {unknown[0]!r} is not known; write one of {', '.join(sorted(_OPTIONS))}")
    symbol = _encode(symbology, payload, tuple(sorted(options.items())))
    if alone and TABLE[symbology].gs1:
        gs1.check_needs(gs1.parse(payload))
    return symbol


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
        return _written(symbology, spec, payload, options)
    except ValueError as refused:
        raise BarcodeError(_too_long(symbology, spec, payload, options, str(refused))) from refused


def _written(symbology: str, spec: Symbology, payload: str, options: dict[str, Any]) -> zxingcpp.Barcode:
    """Return the written symbol; text beyond ASCII is UTF-8 and declared so (extended channel interpretation 26)."""
    if not payload.isascii():
        options = {**options, "eci": "UTF-8"}
    if symbology == "pdf417" and "columns" not in options:
        return _write_pdf417(payload, options)
    return zxingcpp.create_barcode(payload, spec.writer, **options)


def _too_long(symbology: str, spec: Symbology, payload: str, options: dict[str, Any], refusal: str) -> str:
    """Return why the writer refused, and how many of these characters the symbology's largest symbol holds."""
    fits, over = 0, min(len(payload), _MOST_CHARACTERS)
    while not spec.gs1 and over - fits > 1:
        middle = (fits + over) // 2
        try:
            _written(symbology, spec, payload[:middle], options)
            fits = middle
        except ValueError:
            over = middle
    if fits == 0:
        reason = re.sub(r"^Error \d+: |\s*\(retval: \d+\)$", "", refusal)
        return f"{symbology} cannot carry {_short(payload)}: {reason}"
    level = f" at level {options['ec_level']}" if "ec_level" in options else ""
    remedy = "shorten it or use qr, datamatrix or pdf417" if spec.linear else "shorten it or split it in two codes"
    return (
        f"{symbology} cannot carry the {len(payload)} characters of {_short(payload)}: "
        f"its largest symbol{level} holds the first {fits} of them; {remedy}"
    )


_MOST_CHARACTERS = 7090
"""One more than any symbol holds (7 089 digits, QR version 40 at level L)."""


def _write_pdf417(payload: str, options: dict[str, Any]) -> zxingcpp.Barcode:
    """Return the narrowest symbol that is at least 2.2 times as wide as high, a shape that labels have room for."""
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
    if not payload:
        raise BarcodeError(f"{symbology} payload is empty; write one or more characters")
    if symbology in _DIGITS and re.fullmatch(r"[0-9]+", payload):
        _check_digits(symbology, payload)
    elif spec.gs1:
        elements = gs1.parse(payload)
        if symbology == "gs1_128" and (count := gs1.characters(elements)) > gs1.MAX_GS1_128_CHARACTERS:
            raise BarcodeError(f"gs1_128 {_short(payload)} has {count} characters, at most 48 fit; use two codes")
    else:
        _check_characters(symbology, payload)
        if re.match(r"\(\d{2,4}\)", payload) and symbology in _OF_GS1:
            other = _OF_GS1[symbology]
            raise BarcodeError(
                f"{symbology} would encode the brackets of {_short(payload)}; use {other} for GS1 content"
            )


_OF_GS1 = {"code128": "gs1_128", "datamatrix": "gs1_datamatrix", "qr": "gs1_qr"}
_UNICODE = re.compile(r"[^\x00\ud800-\udfff]")
_CHARACTERS: Mapping[str, tuple[re.Pattern[str], str]] = MappingProxyType(
    {
        "aztec": (_UNICODE, "Unicode text without NUL"),
        "code128": (re.compile(r"[\x01-\x7f]"), "ASCII without NUL"),
        "code39": (re.compile(r"[0-9A-Z\-. $/+%]"), "0-9, A-Z and - . $ / + % space"),
        "datamatrix": (_UNICODE, "Unicode text without NUL"),
        "ean13": (re.compile(r"[0-9]"), "digits"),
        "itf14": (re.compile(r"[0-9]"), "digits"),
        "pdf417": (_UNICODE, "Unicode text without NUL"),
        "qr": (_UNICODE, "Unicode text without NUL"),
        "upca": (re.compile(r"[0-9]"), "digits"),
    }
)
"""Which characters each symbology holds here, and in words. A stage cannot hold NUL: USD's text format ends there."""


def _check_characters(symbology: str, payload: str) -> None:
    """Refuse the first character that a symbology cannot hold; name the symbologies that hold the whole payload."""
    allowed, words = _CHARACTERS[symbology]
    for position, character in enumerate(payload, 1):
        if allowed.fullmatch(character):
            continue
        others = [name for name, (known, _) in _CHARACTERS.items() if all(map(known.fullmatch, payload))]
        remedy = f"write that, or use {' or '.join(others)}" if others else "no symbology here holds it; leave it out"
        raise BarcodeError(
            f"{symbology} cannot carry {character!r} (U+{ord(character):04X}) at position {position} of "
            f"{_short(payload)}: it holds {words}; {remedy}"
        )


_DIGITS = {"ean13": 13, "upca": 12, "itf14": 14}


def _check_digits(symbology: str, payload: str) -> None:
    count = _DIGITS[symbology]
    if not re.fullmatch(rf"[0-9]{{{count}}}", payload):
        hint = ""
        if re.fullmatch(rf"[0-9]{{{count - 1}}}", payload):
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
    """Check the shape, which the writer may change silently, and the payload, by reading the flat symbol."""
    version = options.get("version")
    if symbol.symbology in ("qr", "gs1_qr") and version is not None and symbol.width != 17 + 4 * int(version):
        raise BarcodeError(f"{symbol.symbology} version {version} was not written; use a version from 1 to 40")
    if symbol.symbology in ("datamatrix", "gs1_datamatrix") and symbol.width != symbol.height:
        raise BarcodeError(
            f"{symbol.symbology} {_short(symbol.payload)}: the writer chose a rectangle; use version 1-24"
        )
    if symbol.height % spec.row_modules or not symbol.modules.any():
        raise BarcodeError(f"{symbol.symbology} {_short(symbol.payload)}: the writer returned no symbol of that kind")
    reading = decode.read(flat(symbol), symbol.symbology, symbol.written)
    if not reading.decoded:
        raise BarcodeError(f"{symbol.symbology} {_short(symbol.payload)} does not read back flat; change the payload")
    if reading.text != symbol.payload:
        raise BarcodeError(
            f"{symbol.symbology} {_short(symbol.payload)} reads back as {_short(reading.text)}; change it"
        )


def _short(payload: str) -> str:
    """Return a payload as a message shows it: quoted, escaped where it cannot be printed, cut where it is long."""
    return repr(payload if len(payload) <= 40 else payload[:37] + "...")
