"""Plausible payloads: what the barcodes of parcels, cartons, pallets, totes, racks and parts hold in practice.

Company prefixes are all in GS1's demonstration range 952, so no number is a real company's.

References:
    GS1 General Specifications, section 3. ANSI MH10.8.2 (data identifiers). ISO/IEC 15434 (syntax of
    format 06). UPU S10 (postal item identifiers).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from numpy.random import Generator

from synthgen.barcodes.gs1_components import check_digit
from synthgen.barcodes.symbologies import TABLE
from synthgen.errors import BarcodeError
from synthgen.random_streams import Stream
from synthgen.world.fake_names import digits

CARRIERS = ("parcel", "carton", "pallet", "item", "part", "tote", "rack")
"""What a code is printed on."""

_PREFIX = "952"
_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
_UNAMBIGUOUS = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"


def plausible(symbology: str, carrier: str, stream: Stream) -> str:
    """Return a payload that is usual in `symbology` on a `carrier`.

    Raises:
        BarcodeError: the symbology or the carrier is not known.
    """
    if symbology not in TABLE:
        raise BarcodeError(f"symbology {symbology!r} is not known; write one of {', '.join(TABLE)}")
    if carrier not in CARRIERS:
        raise BarcodeError(f"carrier {carrier!r} is not known; write one of {', '.join(CARRIERS)}")
    kinds = _KINDS.get((symbology, carrier)) or _ANYWHERE[symbology]
    rng = stream.generator()
    return kinds[int(rng.integers(len(kinds)))](rng)


def with_check(data: str) -> str:
    """Return digits with their GS1 check digit behind them."""
    return data + check_digit(data)


def sscc(rng: Generator) -> str:
    """Return a serial shipping container code, 18 digits."""
    return with_check(str(rng.integers(0, 10)) + _PREFIX + digits(rng, 13))


def gtin13(rng: Generator) -> str:
    """Return the number of a retail item, 13 digits."""
    return with_check(_PREFIX + digits(rng, 9))


def gtin12(rng: Generator) -> str:
    """Return a North American retail number, 12 digits; number system 0, a demonstration prefix."""
    return with_check("0" + "12345" + digits(rng, 5))


def gtin14(rng: Generator) -> str:
    """Return the number of a carton of retail items, 14 digits, indicator 1 to 8."""
    return with_check(str(rng.integers(1, 9)) + gtin13(rng)[:12])


def rack_address(aisle: int, bay: int, level: int, position: int) -> str:
    """Return a storage address AA-BB-CC-DD.

    >>> rack_address(3, 12, 2, 1)
    '03-12-02-01'
    """
    return "-".join(f"{part % 100:02d}" for part in (aisle, bay, level, position))


def s10(rng: Generator) -> str:
    """Return a postal item identifier: two letters, eight digits, a check digit, a country that does not exist."""
    serial = digits(rng, 8)
    total = sum(int(d) * w for d, w in zip(serial, (8, 6, 4, 2, 3, 5, 9, 7), strict=True))
    check = {10: 0, 11: 5}.get(11 - total % 11, 11 - total % 11)
    return f"R{_some(rng, _LETTERS, 1)}{serial}{check}XZ"


def _some(rng: Generator, alphabet: str, count: int) -> str:
    return "".join(alphabet[int(i)] for i in rng.integers(0, len(alphabet), count))


def _lot(rng: Generator) -> str:
    return _some(rng, _LETTERS, 1) + digits(rng, int(rng.integers(4, 8)))


def _yymmdd(rng: Generator) -> str:
    return f"{int(rng.integers(25, 30))}{int(rng.integers(1, 13)):02d}{int(rng.integers(0, 29)):02d}"


def _gs1_sscc(rng: Generator) -> str:
    return f"(00){sscc(rng)}"


def _gs1_content(rng: Generator) -> str:
    return f"(02){gtin14(rng)}(37){int(rng.integers(1, 2000))}"


def _gs1_dated(rng: Generator) -> str:
    date = f"({('15', '17')[int(rng.integers(2))]}){_yymmdd(rng)}"
    return f"(01){gtin14(rng)}{date}"


def _gs1_order(rng: Generator) -> str:
    return f"(400)45{digits(rng, 8)}"


def _gs1_item(rng: Generator) -> str:
    return f"(01){gtin14(rng)}(10){_lot(rng)}"


def _gs1_serial(rng: Generator) -> str:
    return f"(01){gtin14(rng)}(17){_yymmdd(rng)}(10){_lot(rng)}(21){digits(rng, 8)}"


def _gs1_post(rng: Generator) -> str:
    return f"(420){digits(rng, 5)}"


def _fnsku(rng: Generator) -> str:
    return "X00" + _some(rng, _UNAMBIGUOUS, 7)


def _lpn(rng: Generator) -> str:
    return "LPN" + _some(rng, _LETTERS, 2) + digits(rng, 9)


def _tracking(rng: Generator) -> str:
    return "TBA" + digits(rng, 12)


def _carrier_number(rng: Generator) -> str:
    return "1Z" + _some(rng, _UNAMBIGUOUS, 6) + digits(rng, 10)


def _waybill(rng: Generator) -> str:
    return "JJD" + digits(rng, 18)


def _tote(rng: Generator) -> str:
    return "T" + digits(rng, int(rng.integers(6, 9)))


def _address(rng: Generator) -> str:
    return rack_address(*(int(n) for n in rng.integers((1, 1, 1, 1), (40, 60, 8, 4))))


def _part_number(rng: Generator) -> str:
    return f"P{digits(rng, 3)}-{digits(rng, 4)}-{_some(rng, _LETTERS, 1)}"


def _di_serial(rng: Generator) -> str:
    return "S" + _some(rng, _UNAMBIGUOUS, 9)


def _di_licence_plate(rng: Generator) -> str:
    return "1JUN" + digits(rng, 9) + _some(rng, _LETTERS, 3) + digits(rng, 5)


def _format_06(rng: Generator) -> str:
    """Return an ISO/IEC 15434 message: part, quantity, lot, serial."""
    fields = f"P{digits(rng, 8)}\x1dQ{int(rng.integers(1, 500))}\x1d1T{_lot(rng)}\x1dS{digits(rng, 9)}"
    return f"[)>\x1e06\x1d{fields}\x1e\x04"


def _url(rng: Generator) -> str:
    return f"https://t.example/{_some(rng, _UNAMBIGUOUS, int(rng.integers(6, 13))).lower()}"


def _asset(rng: Generator) -> str:
    return f"ASSET {digits(rng, 3)} {digits(rng, 5)}"


def _shipment(rng: Generator) -> str:
    """Return what carriers repeat in two dimensions: number, post code, service, weight."""
    fields = (_tracking(rng), digits(rng, 5), f"S{digits(rng, 2)}", f"{rng.uniform(0.2, 25):.1f}KG", _lot(rng))
    return "|".join(fields)


def _code39_part(rng: Generator) -> str:
    return f"P{digits(rng, 7)}"


Kind = Callable[[Generator], str]
_ANYWHERE: Mapping[str, tuple[Kind, ...]] = MappingProxyType(
    {
        "aztec": (_shipment, _lpn),
        "code128": (_tracking, _lpn, _carrier_number),
        "code39": (_code39_part, _di_serial),
        "datamatrix": (_lpn, _part_number, _format_06),
        "ean13": (gtin13,),
        "gs1_128": (_gs1_sscc, _gs1_item, _gs1_dated),
        "gs1_datamatrix": (_gs1_serial, _gs1_item),
        "gs1_qr": (_gs1_item, _gs1_serial),
        "itf14": (gtin14,),
        "pdf417": (_shipment, _format_06),
        "qr": (_url, _shipment),
        "upca": (gtin12,),
    }
)
_KINDS: Mapping[tuple[str, str], tuple[Kind, ...]] = MappingProxyType(
    {
        ("code128", "parcel"): (_tracking, _carrier_number, _waybill, s10),
        ("code128", "carton"): (_lpn, _di_licence_plate, _part_number),
        ("code128", "item"): (_fnsku,),
        ("code128", "part"): (_part_number, _di_serial),
        ("code128", "tote"): (_tote,),
        ("code128", "rack"): (_address,),
        ("code128", "pallet"): (_lpn, _di_licence_plate),
        ("code39", "rack"): (_address,),
        ("code39", "tote"): (_tote,),
        ("gs1_128", "parcel"): (_gs1_sscc, _gs1_post),
        ("gs1_128", "pallet"): (_gs1_sscc,),
        ("gs1_128", "carton"): (_gs1_item, _gs1_sscc, _gs1_dated),
        ("datamatrix", "tote"): (_tote,),
        ("datamatrix", "rack"): (_address,),
        ("datamatrix", "part"): (_part_number, _di_serial, _format_06),
        ("datamatrix", "parcel"): (_shipment, _tracking),
        ("qr", "tote"): (_tote,),
        ("qr", "rack"): (_address,),
        ("qr", "part"): (_part_number, _asset, _url),
        ("qr", "item"): (_url,),
        ("aztec", "parcel"): (_shipment, _tracking),
        ("pdf417", "parcel"): (_shipment,),
        ("pdf417", "part"): (_format_06,),
    }
)


def pallet_second(rng: Generator) -> str:
    """Return the second GS1-128 of a pallet, beside its SSCC: content with count, or the customer's order number."""
    return (_gs1_content, _gs1_order)[int(rng.integers(2))](rng)
