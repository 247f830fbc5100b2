"""Rules that the parts of GS1 data keep: check digits, dates and times, countries, currencies, account numbers.

References:
    GS1 General Specifications, sections 3.2 to 3.9 (formats) and 7.9 (check digits and pairs). ISO 3166-1 numeric
    and ISO 4217 numeric codes as of 2025. ISO 13616-1 (IBAN). ISO/IEC 5218 (sex).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

ALPHABETS: Mapping[str, str] = MappingProxyType(
    {
        "N": "0123456789",
        "X": "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz",
        "Y": "#-/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "Z": "-0123456789=ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz",
    }
)
"""Characters of digits, character set 82, character set 39 and file-safe base 64."""

_COUNTRY_CODES = """
    004 008 010 012 016 020 024 028 031 032 036 040 044 048 050 051 052 056 060 064 068 070 072 074 076 084 086 090
    092 096 100 104 108 112 116 120 124 132 136 140 144 148 152 156 158 162 166 170 174 175 178 180 184 188 191 192
    196 203 204 208 212 214 218 222 226 231 232 233 234 238 239 242 246 248 250 254 258 260 262 266 268 270 275 276
    288 292 296 300 304 308 312 316 320 324 328 332 334 336 340 344 348 352 356 360 364 368 372 376 380 384 388 392
    398 400 404 408 410 414 417 418 422 426 428 430 434 438 440 442 446 450 454 458 462 466 470 474 478 480 484 492
    496 498 499 500 504 508 512 516 520 524 528 531 533 534 535 540 548 554 558 562 566 570 574 578 580 581 583 584
    585 586 591 598 600 604 608 612 616 620 624 626 630 634 638 642 643 646 652 654 659 660 662 663 666 670 674 678
    682 686 688 690 694 702 703 704 705 706 710 716 724 728 729 732 740 744 748 752 756 760 762 764 768 772 776 780
    784 788 792 795 796 798 800 804 807 818 826 831 832 833 834 840 850 854 858 860 862 876 882 887 894
"""
_CURRENCY_CODES = """
    008 012 032 036 044 048 050 051 052 060 064 068 072 084 090 096 104 108 116 124 132 136 144 152 156 170 174 188
    191 192 203 208 214 222 230 232 238 242 262 270 292 320 324 328 332 340 344 348 352 356 360 364 368 376 388 392
    398 400 404 408 410 414 417 418 422 426 430 434 446 454 458 462 480 484 496 498 504 512 516 524 532 533 548 554
    558 566 578 586 590 598 600 604 608 634 643 646 654 682 690 694 702 704 706 710 728 748 752 756 760 764 776 780
    784 788 800 807 818 826 834 840 858 860 882 886 901 924 925 927 928 929 930 931 932 933 934 936 938 940 941 943
    944 946 947 948 949 950 951 952 953 955 956 957 958 959 960 961 962 963 964 965 967 968 969 970 971 972 973 975
    976 977 978 979 980 981 984 985 986 990 994 997 999
"""
_COUNTRIES = frozenset(_COUNTRY_CODES.split())
_CURRENCIES = frozenset(_CURRENCY_CODES.split())
_CHECK_CHARACTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_FEWEST_PREFIX_DIGITS = 4


def check_digit(digits: str) -> str:
    """Return the mod-10 check digit of the digits before it (weights 3, 1, 3 ... from the right).

    >>> check_digit("952123454321")
    '3'
    """
    total = sum(int(d) * (3, 1)[i % 2] for i, d in enumerate(reversed(digits)))
    return str(-total % 10)


def check_pair(data: str) -> str:
    """Return the two check characters of the alphanumeric data before them.

    >>> check_pair("1987654Ad4X4bL5ttr2310c")
    '2K'
    """
    values = map(ALPHABETS["X"].index, reversed(data))
    total = sum(value * prime for value, prime in zip(values, _PRIMES, strict=False)) % 1021
    return _CHECK_CHARACTERS[total >> 5] + _CHECK_CHARACTERS[total & 31]


_PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83)


def _luhn(part: str) -> str:
    """Return a part with the last digit that the Luhn formula asks for."""
    doubled = (int(d) * (2 - i % 2) for i, d in enumerate(reversed(part[:-1])))
    return part[:-1] + str(-sum(n // 10 + n % 10 for n in doubled) % 10)


RIGHT: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        "check": lambda part: part[:-1] + check_digit(part[:-1]),
        "luhn": _luhn,
        "pair": lambda part: part[:-2] + check_pair(part[:-2]),
    }
)
"""Rules with check digits, by name: functions that return the part with the right ones."""


def _days(year: int, month: int) -> int:
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return (31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]


def _is_date(part: str, least_day: int) -> bool:
    year, month, day = 2000 + int(part[-6:-4]), int(part[-4:-2]), int(part[-2:])
    if len(part) == 8:
        year = int(part[:4])
    return 1 <= month <= 12 and least_day <= day <= _days(year, month)


def _date(part: str) -> str:
    return "" if _is_date(part, 1) else "needs YYMMDD with a month 01-12 and a day 01-31 of that month"


def _date0(part: str) -> str:
    return "" if _is_date(part, 0) else "needs YYMMDD with a month 01-12 and a day 00-31 of that month"


def _date8(part: str) -> str:
    return "" if _is_date(part, 1) else "needs YYYYMMDD with a month 01-12 and a day 01-31 of that month"


def _hhmm(part: str) -> str:
    return "" if int(part[:2]) < 24 and int(part[2:]) < 60 else "needs HHMM from 0000 to 2359"


def _below(limit: int, what: str) -> Callable[[str], str]:
    return lambda part: "" if int(part) < limit else f"needs {what} from 00 to {limit - 1}"


def _piece(part: str) -> str:
    piece, total = int(part[:2]), int(part[2:])
    return "" if 1 <= piece <= total else "needs the piece (01 or more) and the total (not below it), two digits each"


def _iban(part: str) -> str:
    wrong = "is no IBAN: two capitals, two check digits, capitals and digits, 1 modulo 97"
    if not re.fullmatch(r"[A-Z]{2}\d{2}[0-9A-Z]+", part):
        return wrong
    number = int("".join(str(int(character, 36)) for character in part[4:] + part[:4]))
    return "" if number % 97 == 1 else wrong


def _sequence(part: str) -> str:
    found = re.fullmatch(r"([1-9])/([1-9])", part)
    return "" if found and found[1] <= found[2] else "needs place/total such as 1/2"


def _media(part: str) -> str:
    return "" if 1 <= int(part) <= 10 or int(part) >= 80 else "needs a medium from 01 to 10 or 80 to 99"


def _keeps(pattern: str, otherwise: str) -> Callable[[str], str]:
    return lambda part: "" if re.fullmatch(pattern, part) else otherwise


def _among(known: frozenset[str], otherwise: str) -> Callable[[str], str]:
    return lambda part: "" if part in known else otherwise


def _up_to(limit: int, otherwise: str) -> Callable[[str], str]:
    return lambda part: "" if int(part) <= limit else otherwise


RULES: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        "alpha2": _keeps(r"[A-Z]{2}", "needs a country as two capitals (ISO 3166-1)"),
        "country": _among(_COUNTRIES, "needs a country as three digits (ISO 3166-1), such as 276"),
        "country999": _among(_COUNTRIES | {"999"}, "needs a country as three digits (ISO 3166-1) or 999"),
        "currency": _among(_CURRENCIES, "needs a currency as three digits (ISO 4217), such as 978"),
        "date": _date,
        "date0": _date0,
        "date8": _date8,
        "flag": _keeps("[01]", "needs 0 for no or 1 for yes"),
        "hhmm": _hhmm,
        "hour": _below(24, "an hour"),
        "iban": _iban,
        "importer": _keeps(r"[-0-9A-Z_a-z]", "needs an importer index of A-Z a-z 0-9 - _"),
        "latitude": _up_to(1_800_000_000, "needs a latitude from 0000000000 to 1800000000"),
        "letter": _keeps(r".*\D.*", "needs a character that is no digit"),
        "longitude": _up_to(3_600_000_000, "needs a longitude from 0000000000 to 3600000000"),
        "media": _media,
        "minus": _keeps("-", "needs - for a temperature below 0, or nothing"),
        "minute": _below(60, "a minute"),
        "nolead": _keeps(r"0|[1-9]\d*", "needs a number without leading zeros"),
        "nonzero": _keeps(r"0*[1-9]\d*", "needs a number above 0"),
        "percent": _keeps(r"(?:[^%]|%[0-9A-Fa-f]{2})*", "needs two hexadecimal digits after each %"),
        "piece": _piece,
        "prefix": _keeps(
            rf"\d{{{_FEWEST_PREFIX_DIGITS}}}.*", "needs a GS1 company prefix, 4 digits or more, at its start"
        ),
        "second": _below(60, "a second"),
        "sequence": _sequence,
        "sex": _keeps("[0129]", "needs 0, 1, 2 or 9 (ISO/IEC 5218)"),
        "winding": _keeps("[019]", "needs 0, 1 or 9"),
        "zero": _keeps("0", "needs a 0"),
    }
)
"""The other rules, by name: functions that return "", or what is wrong with a part and what to write."""
