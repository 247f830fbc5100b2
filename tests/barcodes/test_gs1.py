"""GS1 content: check digits, dates, pairs."""

import pytest

from synthgen.barcodes import gs1
from synthgen.errors import BarcodeError


@pytest.mark.parametrize(
    ("data", "digit"),
    [("952123454321", "3"), ("1540014128876", "3"), ("01234567890", "5"), ("39521234567890123", "6")],
)
def test_check_digit_of_published_numbers(data, digit):
    assert gs1.check_digit(data) == digit


def test_changing_one_digit_changes_the_check_digit():
    for place in range(12):
        other = "952123454321"[:place] + "7" + "952123454321"[place + 1 :]
        if other != "952123454321":
            assert gs1.check_digit(other) != "3"


def test_parse_keeps_order_and_counts_separators():
    elements = gs1.parse("(01)09521234543213(10)ABC123(21)XYZ")
    assert [(e.ai, e.data) for e in elements] == [("01", "09521234543213"), ("10", "ABC123"), ("21", "XYZ")]
    assert gs1.characters(elements) == 16 + 8 + 1 + 5  # one separator, after the lot


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("09521234543213", "write it as"),
        ("(00)395212345678901237", "write 395212345678901236"),
        ("(01)0952123454321", "GTIN needs"),
        ("(15)251301(10)A", "YYMMDD"),
        ("(17)260230(10)A", "YYMMDD"),
        ("(05)1", "not known"),
        ("(02)19521234543210", "(37)"),
        ("(01)09521234543213(02)09521234543213(37)1", "exclude"),
        ("(420)12345(421)276123", "exclude"),
        ("(10)A(10)B", "twice"),
        ("(21)5", "(01)"),
        ("(8003)09521234543214X", "09521234543213X"),
    ],
)
def test_wrong_content_is_refused_with_a_remedy(content, says):
    with pytest.raises(BarcodeError) as refused:
        gs1.parse(content)
    assert says in str(refused.value)


def test_right_content_is_accepted():
    for content in ("(15)260200(10)L1", "(02)19521234543210(37)12", "(3103)001250(00)395212345678901236", "(99)x"):
        assert gs1.parse(content)
