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
        ("pdf417", "x" * 3000, "shorten"),
        ("qr", "1" * 9000, "largest symbol at level M holds the first 5596"),
        ("qr", "x" * 4000, "holds the first 2331"),
        ("datamatrix", "1" * 4000, "holds the first 3116"),
        ("datamatrix", "é" * 2000, "holds the first 777"),
        ("code128", "x" * 200, "holds the first 101"),
        ("code39", "X" * 200, "holds the first 86"),
        ("datamatrix", "", "one or more"),
        ("gs1_qr", "", "one or more"),
        ("code128", "Ab Ünï", "'Ü' (U+00DC) at position 4"),
        ("code128", "日本", "use aztec or datamatrix or pdf417 or qr"),
        ("code39", "A-日", "'日' (U+65E5) at position 3"),
        ("ean13", "952123454321x", "'x' (U+0078) at position 13"),
        ("upca", "٠١٢٣٤٥٦٧٨٩٠٥", "(U+0660) at position 1"),
        ("gs1_128", "(01)09521234543213(10)ü", "'ü' at position 23"),
        ("gs1_128", "(10)ab(c)d", "opening parenthesis"),
        ("gs1_128", "(37)12", "without (00)"),
        ("gs1_qr", "(10)ABC", "without (01)"),
        ("qr", "a\0b", "(U+0000) at position 2"),
        ("aztec", "a\ud800", "(U+D800) at position 2"),
    ],
)
def test_a_payload_that_does_not_fit_is_refused_with_what_does(symbology, payload, says):
    with pytest.raises(BarcodeError) as refused:
        encode.encode(symbology, payload)
    assert says in str(refused.value)


UNICODE = ("aztec", "datamatrix", "pdf417", "qr")
TEXTS = ("Ünï 日本", "é", "日本", "€ 12", "😀 box", "a\x1d\x1e\x04\x7fb\r\n\t", "Ã©", "\x85\u2028", "ﷺ" * 40)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("symbology", UNICODE)
def test_any_text_is_written_as_utf_8_and_read_back_as_bytes_and_text(symbology, text):
    symbol = encode.encode(symbology, text)
    assert symbol.written == text.encode()
    (found,) = zxingcpp.read_barcodes(encode.flat(symbol), text_mode=zxingcpp.TextMode.Plain)
    assert found.bytes == text.encode()
    assert found.text == text


@pytest.mark.parametrize(("text", "declared"), [("Ünï 日本", True), ("日本", True), ("é", True), ("plain", False)])
def test_a_qr_code_declares_its_utf_8(text, declared):
    """Read the first 12 bits off the symbol by hand: mode ECI (0111) and designator 26, ISO/IEC 18004 section 7.4."""
    modules = encode.encode("qr", text, data_mask=0).modules
    size = len(modules)
    places = [(size - 1 - n // 2, size - 1 - n % 2) for n in range(12)]  # two columns upwards from the corner
    bits = "".join(str(int(modules[row, column] ^ ((row + column) % 2 == 0))) for row, column in places)
    assert (bits == "0111" + f"{26:08b}") == declared


def test_a_control_character_is_part_of_the_payload_in_code_128_too():
    assert encode.encode("code128", "a\x1db\x7f").written == b"a\x1db\x7f"


@pytest.mark.parametrize(("symbology", "text"), [("qr", "1" * 5596), ("datamatrix", "1" * 3116), ("code39", "X" * 86)])
def test_the_longest_payload_that_a_message_names_is_written(symbology, text):
    assert encode.encode(symbology, text).written == text.encode()
    with pytest.raises(BarcodeError, match=f"holds the first {len(text)} "):
        encode.encode(symbology, text + text[:1])


def test_content_beside_another_code_may_lack_what_that_one_holds():
    assert encode.encode("gs1_128", "(02)19521234543210(37)12", alone=False).written == b"02195212345432103712"
    with pytest.raises(BarcodeError, match="exclude"):
        encode.encode("gs1_128", "(01)09521234543213(37)12", alone=False)


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
