"""Write barcodes: sizes, bytes, refusals."""

import numpy as np
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from synthgen.barcodes import encode
from synthgen.errors import BarcodeError

EXAMPLES = {
    "aztec": "hello world",
    "code128": "X00ABC1234",
    "code39": "AA-01-02-03",
    "datamatrix": "T1234567",
    "ean13": "9521234543213",
    "gs1_128": "(00)395212345678901236",
    "gs1_datamatrix": "(01)09521234543213(10)ABC123(21)XYZ",
    "gs1_qr": "(01)09521234543213(10)ABC123",
    "itf14": "19521234543210",
    "pdf417": "[)>\x1e06\x1dP123\x1dQ5\x1e\x04",
    "qr": "https://t.example/x",
    "upca": "012345678905",
}


@pytest.mark.parametrize("symbology", encode.SYMBOLOGIES)
def test_every_symbology_is_read_by_a_reader_that_is_told_nothing(symbology):
    symbol = encode.encode(symbology, EXAMPLES[symbology])
    found = [result.bytes for result in zxingcpp.read_barcodes(encode.flat(symbol, 4))]
    expected = symbol.written
    assert expected in found or (symbology == "upca" and b"0012345678905" in found)


@pytest.mark.parametrize(
    ("symbology", "shape", "quiet"),
    [
        ("gs1_128", (1, 156), (10, 10, 0, 0)),
        ("itf14", (1, 135), (10, 10, 0, 0)),
        ("ean13", (1, 95), (11, 7, 0, 0)),
        ("upca", (1, 95), (9, 9, 0, 0)),
        ("qr", (25, 25), (4, 4, 4, 4)),
        ("gs1_datamatrix", (20, 20), (1, 1, 1, 1)),
    ],
)
def test_symbols_have_the_size_that_their_standard_gives(symbology, shape, quiet):
    symbol = encode.encode(symbology, EXAMPLES[symbology])
    assert symbol.modules.shape == shape
    assert symbol.quiet == quiet


def test_gs1_content_carries_separators_and_no_brackets():
    symbol = encode.encode("gs1_datamatrix", EXAMPLES["gs1_datamatrix"])
    assert symbol.written == b"010952123454321310ABC123\x1d21XYZ"
    assert symbol.text == EXAMPLES["gs1_datamatrix"]
    assert symbol.symbology_identifier == "]d2"
    assert encode.encode("gs1_128", EXAMPLES["gs1_128"]).symbology_identifier == "]C1"
    assert encode.encode("gs1_qr", EXAMPLES["gs1_qr"]).symbology_identifier == "]Q3"


def test_pdf417_rows_are_three_modules_high():
    symbol = encode.encode("pdf417", "x" * 60)
    rows = symbol.modules.reshape(-1, 3, symbol.width)
    assert (rows == rows[:, :1]).all()
    assert symbol.width >= 2.2 * symbol.height


def test_modules_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        encode.encode("qr", "x").modules[0, 0] = False


def test_a_version_decides_the_size():
    assert encode.encode("qr", "x", version=3).modules.shape == (29, 29)
    with pytest.raises(BarcodeError, match="1 to 40"):
        encode.encode("qr", "x", version=41)
    with pytest.raises(BarcodeError, match="ec_level"):
        encode.encode("qr", "x", eclevel="H")


@pytest.mark.parametrize(
    ("symbology", "payload", "says"),
    [
        ("ean8", "12345670", "write one of"),
        ("ean13", "9521234543214", "write 9521234543213"),
        ("ean13", "952123454321", "write 9521234543213"),
        ("upca", "012345678904", "write 012345678905"),
        ("itf14", "1952123454321", "write 19521234543210"),
        ("code39", "aa-01", "A-Z"),
        ("code128", "(01)09521234543213", "gs1_128"),
        ("qr", "(01)09521234543213", "gs1_qr"),
        ("gs1_128", "(01)09521234543214", "write 09521234543213"),
        ("gs1_128", "(02)09521234543213(37)12(10)ABCDEFGHIJ(91)ABCDEFGHIJKLMN", "at most 48"),
        ("code128", "x" * 200, "use qr"),
        ("qr", "x" * 4000, "shorten"),
        ("pdf417", "x" * 3000, "shorten"),
        ("datamatrix", "", "one or more"),
        ("qr", "häuser", "ASCII"),
    ],
)
def test_a_payload_that_does_not_fit_is_refused_with_what_does(symbology, payload, says):
    with pytest.raises(BarcodeError) as refused:
        encode.encode(symbology, payload)
    assert says in str(refused.value)


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=24))
def test_any_text_comes_back_or_is_refused(text):
    for symbology in ("code128", "datamatrix", "qr", "pdf417", "aztec"):
        try:
            symbol = encode.encode(symbology, text)
        except BarcodeError:
            assert text.startswith("(")
            continue
        assert symbol.written == text.encode()


def test_flat_has_whole_modules():
    symbol = encode.encode("datamatrix", "T1")
    image = encode.flat(symbol, 3)
    assert image.shape == ((symbol.height + 6) * 3, (symbol.width + 6) * 3)
    assert (np.unique(image) == [0, 255]).all()
