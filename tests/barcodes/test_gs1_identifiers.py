"""The table of application identifiers: complete, free of clashes, and every one of them can be written and read."""

import pytest
import zxingcpp

from synthgen.barcodes import encode, gs1
from synthgen.barcodes.gs1_components import ALPHABETS, RIGHT, RULES
from synthgen.barcodes.gs1_identifiers import IDENTIFIERS, matches
from synthgen.errors import BarcodeError

EXAMPLES = {
    "alpha2": "DE", "country": "276", "country999": "999", "currency": "978", "date": "251231", "date0": "260200",
    "date8": "19991231", "flag": "1", "hhmm": "2359", "hour": "23", "iban": "GB82WEST12345698765432", "importer": "a",
    "latitude": "1800000000", "letter": "95212345AVX", "longitude": "3600000000", "media": "80", "minus": "-",
    "minute": "59", "nolead": "120", "nonzero": "", "percent": "A%20B", "piece": "0203", "prefix": "9521AB",
    "second": "59", "sequence": "1/2", "sex": "9", "winding": "9", "zero": "0",
}  # fmt: skip


def part(component, long):
    """Return data for one component: an example of its rules, else digits or letters, `long` or as short as may be."""
    length = component.longest if long else component.shortest
    named = [EXAMPLES[rule] for rule in component.rules if EXAMPLES.get(rule)]
    text = named[-1] if named else "12345678901234567890123456789012"[:length]
    text = (
        text
        if component.alphabet == "N" or not long or named
        else ALPHABETS[component.alphabet].replace("(", "")[:length]
    )
    if component.alphabet == "X" and not named:
        text = text.replace(")", "")
    return text


def data(rule, long):
    """Return data that an identifier takes, with every optional component when `long`, its check digits right."""
    text = ""
    for component in rule.components:
        if component.optional and not long:
            break
        here = part(component, long)
        for name in component.rules:
            here = RIGHT[name](here if len(here) > 2 else here + "1234") if name in RIGHT else here
        text += here
    return text


def test_the_table_holds_the_published_number_of_identifiers():
    assert len(IDENTIFIERS) == 541
    asked = {
        "240",
        "241",
        "250",
        "253",
        "235",
        "411",
        "412",
        "3205",
        "3922",
        "7003",
        "7007",
        "8005",
        "8006",
        "8200",
        "4326",
    }
    assert asked <= set(IDENTIFIERS)


def test_no_identifier_is_the_beginning_of_another():
    for ai in IDENTIFIERS:
        assert not {ai[:2], ai[:3]} & (set(IDENTIFIERS) - {ai}), ai


def test_predefined_lengths_are_those_of_the_first_two_digits():
    """GS1 General Specifications, section 7.8.5: 23 beginnings, of which 03, 31 to 36 and 41 stand for several."""
    fixed = {ai[:2] for ai, rule in IDENTIFIERS.items() if rule.fixed}
    assert fixed == {"00", "01", "02", "03", "11", "12", "13", "15", "16", "17", "20", *map(str, range(31, 37)), "41"}
    for ai, rule in IDENTIFIERS.items():
        assert rule.fixed == (ai[:2] in fixed), ai
        assert not rule.fixed or rule.shortest == rule.longest, ai


def test_rules_and_partners_are_all_known():
    for rule in IDENTIFIERS.values():
        for component in rule.components:
            assert set(component.rules) <= {*RULES, *RIGHT}
        patterns = [pattern for need in rule.needs for together in need for pattern in together]
        for pattern in [*patterns, *rule.excludes]:
            assert any(matches(pattern, ai) for ai in IDENTIFIERS), (rule.ai, pattern)


@pytest.mark.parametrize("long", [False, True])
def test_every_identifier_is_written_and_read_back(long):
    for ai, rule in IDENTIFIERS.items():
        payload = f"({ai}){data(rule, long)}"
        gs1.parse(payload)
        symbol = encode.encode("gs1_datamatrix", payload, alone=False)
        assert gs1.bracketed(symbol.written) == payload
        (found,) = zxingcpp.read_barcodes(encode.flat(symbol))
        assert found.text == payload  # the reader's own table


def test_data_that_is_too_long_or_too_short_is_refused():
    for ai, rule in IDENTIFIERS.items():
        full = data(rule, long=True)
        with pytest.raises(BarcodeError):
            gs1.parse(f"({ai}){full}{'1' * (rule.longest - len(full) + 1)}")
        with pytest.raises(BarcodeError):
            gs1.parse(f"({ai})")


@pytest.mark.parametrize("character", ["(", ")", " ", "ü", "日", "#", "\x1d"])
def test_no_identifier_of_free_text_takes_a_character_outside_its_set(character):
    for ai, rule in IDENTIFIERS.items():
        last = rule.components[-1]
        if last.rules or last.alphabet != "X" or last.shortest == last.longest:
            continue
        payload = f"({ai}){data(rule, long=False)}"
        with pytest.raises(BarcodeError, match=r"position \d+ of the payload"):
            gs1.parse(payload[:-1] + character)


@pytest.mark.parametrize(
    ("rule", "wrong"),
    [
        ("alpha2", "de"), ("country", "999"), ("country999", "998"), ("currency", "000"), ("date", "250200"),
        ("date", "250230"), ("date0", "251300"), ("date8", "19990229"), ("flag", "2"), ("hhmm", "2400"), ("hour", "24"),
        ("iban", "GB82WEST12345698765433"), ("importer", "!"), ("latitude", "1800000001"), ("letter", "123"),
        ("longitude", "3600000001"), ("media", "11"), ("minus", "+"), ("minute", "60"), ("nolead", "012"),
        ("nonzero", "000"), ("percent", "A%2"), ("piece", "0403"), ("piece", "0003"), ("prefix", "952A"),
        ("second", "60"), ("sequence", "3/2"), ("sex", "3"), ("winding", "2"), ("zero", "1"),
    ],
)  # fmt: skip
def test_each_rule_refuses_what_breaks_it(rule, wrong):
    assert RULES[rule](wrong)
    assert not RULES[rule](EXAMPLES[rule] or "0012")


def test_check_digits_of_published_numbers():
    assert RIGHT["luhn"]("490154203237510") == "490154203237518"  # 3GPP TS 23.003
    assert RIGHT["pair"]("1987654Ad4X4bL5ttr2310cXX") == "1987654Ad4X4bL5ttr2310c2K"  # GS1 General Specifications, GMN
