"""GS1 element strings: application identifiers, check digits, dates and which identifiers go together.

The writer library accepts wrong check digits, impossible dates and lonely identifiers; so they are checked here.

References:
    GS1 General Specifications, release 24: section 3 (application identifiers), 4.13 and 4.14 (mandatory and invalid
    pairs), 5.4 (at most 48 characters and 165.1 mm in a GS1-128 symbol), 7.9 (check digit). GS1 Syntax Dictionary.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from synthgen.errors import BarcodeError

MAX_GS1_128_CHARACTERS = 48
MAX_GS1_128_WIDTH_M = 0.1651

_TEXT = r"[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]"  # GS1 AI encodable character set 82


@dataclass(frozen=True)
class Rule:
    """What may follow one application identifier."""

    title: str
    """Data title, as printed on labels."""
    pattern: str
    check: bool = False
    """Whether the digits end in a check digit (before any serial component)."""
    date: bool = False
    fixed: bool = False
    """Predefined length: no separator follows."""


_RULES: dict[str, Rule] = {
    "00": Rule("SSCC", r"\d{18}", check=True, fixed=True),
    "01": Rule("GTIN", r"\d{14}", check=True, fixed=True),
    "02": Rule("CONTENT", r"\d{14}", check=True, fixed=True),
    "10": Rule("BATCH/LOT", _TEXT + "{1,20}"),
    "11": Rule("PROD DATE", r"\d{6}", date=True, fixed=True),
    "12": Rule("DUE DATE", r"\d{6}", date=True, fixed=True),
    "13": Rule("PACK DATE", r"\d{6}", date=True, fixed=True),
    "15": Rule("BEST BEFORE", r"\d{6}", date=True, fixed=True),
    "16": Rule("SELL BY", r"\d{6}", date=True, fixed=True),
    "17": Rule("USE BY", r"\d{6}", date=True, fixed=True),
    "20": Rule("VARIANT", r"\d{2}", fixed=True),
    "21": Rule("SERIAL", _TEXT + "{1,20}"),
    "22": Rule("CPV", _TEXT + "{1,20}"),
    "30": Rule("VAR. COUNT", r"\d{1,8}"),
    "37": Rule("COUNT", r"\d{1,8}"),
    "310": Rule("NET WEIGHT (kg)", r"\d{6}", fixed=True),
    "330": Rule("GROSS WEIGHT (kg)", r"\d{6}", fixed=True),
    "400": Rule("ORDER NUMBER", _TEXT + "{1,30}"),
    "401": Rule("GINC", _TEXT + "{1,30}"),
    "402": Rule("GSIN", r"\d{17}", check=True),
    "403": Rule("ROUTE", _TEXT + "{1,30}"),
    "410": Rule("SHIP TO LOC", r"\d{13}", check=True, fixed=True),
    "413": Rule("SHIP FOR LOC", r"\d{13}", check=True, fixed=True),
    "414": Rule("LOC No", r"\d{13}", check=True, fixed=True),
    "420": Rule("SHIP TO POST", _TEXT + "{1,20}"),
    "421": Rule("SHIP TO POST", r"\d{3}" + _TEXT + "{1,9}"),
    "8003": Rule("GRAI", r"0\d{13}" + _TEXT + "{0,16}", check=True),
    "90": Rule("INTERNAL", _TEXT + "{1,30}"),
    **{str(ai): Rule("INTERNAL", _TEXT + "{1,90}") for ai in range(91, 100)},
}


@dataclass(frozen=True)
class Element:
    """One application identifier and its data."""

    ai: str
    data: str

    @property
    def rule(self) -> Rule:
        """Return what the identifier stands for."""
        return _RULES[_family(self.ai)]


def check_digit(digits: str) -> str:
    """Return the mod-10 check digit of the digits before it (weights 3, 1, 3 ... from the right).

    >>> check_digit("952123454321")
    '3'
    """
    total = sum(int(d) * (3, 1)[i % 2] for i, d in enumerate(reversed(digits)))
    return str(-total % 10)


def parse(payload: str) -> tuple[Element, ...]:
    """Return the elements of a bracketed element string, validated one by one and together.

    Raises:
        BarcodeError: the string is not `(AI)data...`, or its content breaks a rule of GS1.
    """
    parts = re.split(r"\((\d{2,4})\)", payload)
    if parts[0] or len(parts) < 3:
        raise BarcodeError(f"GS1 content {payload!r}: write it as (AI)data, for example (01)09521234543213(10)LOT7")
    elements = tuple(Element(ai, data) for ai, data in zip(parts[1::2], parts[2::2], strict=True))
    for element in elements:
        _check_element(element)
    _check_together(elements)
    return elements


def characters(elements: tuple[Element, ...]) -> int:
    """Return the data characters in a symbol, separators included (what the limit of 48 counts)."""
    separators = sum(not element.rule.fixed for element in elements[:-1])
    return sum(len(element.ai) + len(element.data) for element in elements) + separators


def _family(ai: str) -> str:
    """Return the key of the rule table: 310n and 330n carry their decimal point in the fourth digit."""
    return ai[:3] if len(ai) == 4 and ai[:3] in ("310", "330") and ai[3] in "012345" else ai


def _check_element(element: Element) -> None:
    ai, data = element.ai, element.data
    if _family(ai) not in _RULES or ai in ("310", "330"):
        raise BarcodeError(f"GS1 application identifier ({ai}) is not known; known: {', '.join(sorted(_RULES))}")
    rule = element.rule
    if not re.fullmatch(rule.pattern, data):
        raise BarcodeError(f"({ai}){data}: {rule.title} needs {rule.pattern}")
    if rule.check:
        _check_check_digit(ai, data)
    if rule.date and not _is_date(data):
        raise BarcodeError(f"({ai}){data}: {rule.title} needs YYMMDD with a month 01-12 and a day 00-31 of that month")


def _check_check_digit(ai: str, data: str) -> None:
    digits = data[:14] if ai == "8003" else data
    right = check_digit(digits[:-1])
    if digits[-1] != right:
        raise BarcodeError(
            f"({ai}){data}: wrong check digit {digits[-1]}; write {digits[:-1]}{right}{data[len(digits) :]}"
        )


def _is_date(data: str) -> bool:
    year, month, day = 2000 + int(data[:2]), int(data[2:4]), int(data[4:])
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    days = (31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    return 1 <= month <= 12 and day <= days[month - 1]


_NEEDS = {  # identifier: at least one of these must be in the same symbol (or the message says where else)
    "02": ("37",),
    "10": ("01", "02"),
    "21": ("01",),
    "22": ("01",),
    "20": ("01", "02"),
    "30": ("01",),
}
_EXCLUDES = (("01", "02"), ("01", "37"), ("420", "421"))


def _check_together(elements: tuple[Element, ...]) -> None:
    """Check the pairs; content split over two symbols of a label may lack (02) beside (10), (15), (17), (37)."""
    present = [element.ai for element in elements]
    if len(set(present)) != len(present):
        twice = next(ai for ai in present if present.count(ai) > 1)
        raise BarcodeError(f"GS1 content holds ({twice}) twice; keep one")
    for one, other in _EXCLUDES:
        if one in present and other in present:
            raise BarcodeError(f"GS1 content holds ({one}) and ({other}), which exclude each other; drop one")
    for ai, needed in _NEEDS.items():
        split_off = ai == "10" and not {"00", "21"} & set(present)  # lot with dates in a second symbol of the label
        if ai in present and not split_off and not set(needed) & set(present):
            raise BarcodeError(f"GS1 content holds ({ai}) without ({') or ('.join(needed)}); add it")
