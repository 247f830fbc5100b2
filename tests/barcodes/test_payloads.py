"""Plausible payloads can all be written."""

import pytest

from synthgen.barcodes import encode, gs1, payloads
from synthgen.errors import BarcodeError
from synthgen.random_streams import Stream

STREAM = Stream(0, "train", 0, "payloads")


@pytest.mark.parametrize("symbology", encode.SYMBOLOGIES)
@pytest.mark.parametrize("carrier", payloads.CARRIERS)
def test_every_payload_can_be_written(symbology, carrier):
    drawn = {payloads.plausible(symbology, carrier, STREAM.at(symbology, carrier, n)) for n in range(6)}
    assert len(drawn) > 1
    for payload in drawn:
        assert encode.encode(symbology, payload).payload == payload


def test_the_same_place_gives_the_same_payload():
    assert payloads.plausible("qr", "parcel", STREAM) == payloads.plausible("qr", "parcel", STREAM)


def test_numbers_end_in_their_check_digit_and_belong_to_nobody():
    rng = STREAM.generator()
    for make, length in ((payloads.sscc, 18), (payloads.gtin14, 14), (payloads.gtin13, 13), (payloads.gtin12, 12)):
        number = make(rng)
        assert len(number) == length
        assert number[-1] == gs1.check_digit(number[:-1])
    assert payloads.sscc(rng)[1:4] == payloads.gtin14(rng)[1:4] == payloads.gtin13(rng)[:3] == "952"


def test_postal_identifier_has_its_weighted_check_digit():
    number = payloads.s10(STREAM.generator())
    total = sum(int(d) * w for d, w in zip(number[2:10], (8, 6, 4, 2, 3, 5, 9, 7), strict=True))
    assert (total + int(number[10])) % 11 == 0 or number[10] in "05"


def test_rack_addresses_have_four_pairs():
    assert payloads.rack_address(3, 12, 2, 1) == "03-12-02-01"


def test_unknown_names_are_refused():
    with pytest.raises(BarcodeError, match="write one of"):
        payloads.plausible("ean8", "parcel", STREAM)
    with pytest.raises(BarcodeError, match="write one of"):
        payloads.plausible("qr", "ship", STREAM)


def test_a_pallet_carries_two_codes_that_are_right_together():
    rng = STREAM.generator()
    seconds = {payloads.pallet_second(rng) for _ in range(20)}
    assert {second[:4] for second in seconds} == {"(02)", "(400"}
    for second in seconds:
        gs1.check_needs((*gs1.parse(f"(00){payloads.sscc(rng)}"), *gs1.parse(second)))
