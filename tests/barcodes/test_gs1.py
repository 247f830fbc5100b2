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
        ("(01)0952123454321", "GTIN needs 14 digits, found 13"),
        ("(15)251301(10)A", "YYMMDD"),
        ("(17)260230(10)A", "YYMMDD"),
        ("(7003)2512012500", "HHMM"),
        ("(7007)251201251301", "251301"),
        ("(05)1", "not known"),
        ("(243)", "PCN needs 1 to 20"),
        ("(01)09521234543213(02)09521234543213(37)1", "exclude"),
        ("(420)12345(421)276123", "exclude"),
        (
            "(01)09521234543213(3102)001250(3103)001250",
            "(3102) NET WEIGHT (kg) and (3103) NET WEIGHT (kg), which exclude",
        ),
        ("(8006)095212345432130102(01)09521234543213", "exclude"),
        ("(255)9521234543213(01)09521234543213", "exclude"),
        ("(10)A(10)B", "twice"),
        ("(8003)09521234543214X", "09521234543213X"),
        ("(10)ab(c)d", "opening parenthesis '(' at position 7"),
        ("(01)09521234543213(21)a)b", "closing parenthesis ')' at position 24"),
        ("(8200)http://t.example/ü", "'ü' at position 24"),
        ("(421)999123", "ISO 3166"),
        ("(3910)000100", "ISO 4217"),
    ],
)
def test_wrong_content_is_refused_with_a_remedy(content, says):
    with pytest.raises(BarcodeError) as refused:
        gs1.parse(content)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("(37)12", "(37) COUNT without (00)"),
        ("(00)395212345678901236(37)12", "(37) COUNT without (02) or (8026)"),
        ("(10)ABC", "(10) BATCH/LOT without (01) or (02) or (03) or (8006) or (8026)"),
        ("(02)19521234543210", "(02) CONTENT without (37)"),
        ("(15)260200(10)L1", "(15) BEST BEFORE without"),
        ("(21)5", "(21) SERIAL without (01)"),
        ("(3103)001250(00)395212345678901236", "(3103) NET WEIGHT (kg) without (01) or (02)"),
        ("(250)A(01)09521234543213", "(250) SECONDARY SERIAL without (21)"),
        ("(3922)199(01)09521234543213", "(3922) PRICE without (30) or (31nn)"),
        ("(4303)STREET(00)395212345678901236", "(4303) SHIP TO ADD2 without (4302)"),
        ("(8030)AbC(01)09521234543213", "(8030) DIGSIG without (00) or (01) with (21)"),
        ("(254)1", "(254) GLN EXTENSION COMPONENT without (414)"),
    ],
)
def test_an_identifier_without_its_partner_is_refused_unless_another_code_has_it(content, says):
    with pytest.raises(BarcodeError) as refused:
        gs1.check_needs(gs1.parse(content))
    assert says in str(refused.value)


@pytest.mark.parametrize(
    "content",
    [
        "(01)09521234543213(15)260200(10)L1",
        "(00)395212345678901236(02)19521234543210(37)12",
        "(8026)095212345432130102(37)3(00)395212345678901236(10)A",
        "(3303)001250(00)395212345678901236",
        "(01)09521234543213(3103)001250(3922)199",
        "(8030)AbC(01)09521234543213(21)1",
        "(253)9521234543213X1",
        "(01)09521234543213(7007)251201251224(8005)000199(8200)http://t.example/a",
        "(00)395212345678901236(4326)251201",
        "(235)TPX(01)09521234543213",
        "(411)9521234543213(412)9521234543213",
        "(99)x",
    ],
)
def test_right_content_is_accepted_and_keeps_its_form(content):
    elements = gs1.parse(content)
    gs1.check_needs(elements)
    assert "".join(map(str, elements)) == content


def test_partners_may_stand_on_two_codes_of_one_item():
    one, other = gs1.parse("(00)395212345678901236"), gs1.parse("(02)19521234543210(37)12")
    gs1.check_needs((*one, *other))
    with pytest.raises(BarcodeError, match="without"):
        gs1.check_needs(other)
