"""Readings compare bytes, and the rectified view reads more than the plain one."""

import numpy as np
import pytest
from code_pictures import example, picture, straight_quad

from synthgen.barcodes import decode, encode
from synthgen.barcodes.symbologies import SYMBOLOGIES


def rng():
    return np.random.Generator(np.random.Philox(key=5))


@pytest.mark.parametrize("symbology", SYMBOLOGIES)
def test_a_good_picture_reads_both_ways(symbology):
    symbol = example(symbology)
    quad = straight_quad(symbol, 4.0)
    image = picture(symbol, quad, rng())
    crop, inside = decode.crop(image, quad, symbol)
    plain = decode.read(crop, symbology, symbol.written, inside)
    assert plain.decoded and not plain.misread
    assert plain.text == symbol.payload
    assert decode.read_rectified(image, quad, symbol).decoded


@pytest.mark.parametrize("symbology", SYMBOLOGIES)
def test_a_small_turned_code_reads_only_when_rectified(symbology):
    symbol = example(symbology)
    quad = straight_quad(symbol, 1.6, 0.7)
    image = picture(symbol, quad, rng())
    crop, inside = decode.crop(image, quad, symbol)
    if symbol.linear:
        assert not decode.read(crop, symbology, symbol.written, inside).decoded
    assert decode.read_rectified(image, quad, symbol).decoded


def test_another_payload_is_a_misread():
    symbol = example("code128")
    image = picture(symbol, straight_quad(symbol, 4.0), rng())
    found = decode.read(image, "code128", b"SOMETHING ELSE")
    assert found == decode.Reading(False, "X00ABC1234", misread=True)


@pytest.mark.parametrize(
    ("symbology", "found", "text"),
    [
        ("upca", b"0012345678905", "012345678905"),
        ("upca", b"012345678905", "012345678905"),
        ("ean13", b"0012345678905", "0012345678905"),
        ("gs1_128", b"010952123454321310AB\x1d21X", "(01)09521234543213(10)AB(21)X"),
        ("gs1_128", b"0109521234543213", "(01)09521234543213"),
        ("gs1_qr", b"3922123\x1d0109521234543213", "(3922)123(01)09521234543213"),
        ("gs1_128", b"HELLO", "HELLO"),  # no element string: a misread
        ("gs1_128", b"010952", "010952"),
        ("gs1_128", b"10AB\x1d", "10AB\x1d"),
        ("qr", "Ünï 日本".encode(), "Ünï 日本"),
        ("qr", b"\xdcn\xef", "Ünï"),  # no UTF-8: ISO 8859-1
    ],
)
def test_what_was_read_has_the_form_of_a_payload(symbology, found, text):
    assert decode.text_of(symbology, found) == text


def test_a_neighbour_is_no_misread():
    symbol = example("qr")
    quad = straight_quad(symbol, 4.0)
    image = picture(symbol, quad, rng())
    elsewhere = quad + np.array([300.0, 0.0])
    assert decode.read(image, "qr", b"SOMETHING ELSE", elsewhere) == decode.NOTHING
    assert decode.read(image, "qr", symbol.written, elsewhere) == decode.NOTHING


def test_nothing_is_read_on_a_blank_or_empty_crop():
    assert decode.read(np.full((60, 90), 200, np.uint8), "qr", b"x") == decode.NOTHING
    assert decode.read(np.zeros((0, 40), np.uint8), "qr", b"x") == decode.NOTHING
    symbol = example("qr")
    outside, _ = decode.crop(np.zeros((50, 50), np.uint8), straight_quad(symbol, 4.0) + 500, symbol)
    assert outside.size == 0
    assert not decode.read_rectified(np.zeros((50, 50), np.uint8), straight_quad(symbol, 4.0), symbol).decoded


def test_upc_is_one_payload_with_and_without_its_leading_zero():
    assert decode.same("upca", b"0012345678905", b"012345678905")
    assert not decode.same("ean13", b"0012345678905", b"012345678905")


def test_a_short_itf_ghost_does_not_count():
    symbol = encode.encode("itf14", "19521234543210")
    half = symbol.modules[:, :67]
    image = np.where(np.kron(np.pad(np.repeat(half, 20, axis=0), 12), np.ones((4, 4), bool)), 0, 255).astype(np.uint8)
    assert decode.read(image, "itf14", symbol.written) == decode.NOTHING


def test_a_ramp_of_light_and_a_dirty_third_are_overcome_by_the_rectified_view():
    symbol = example("code128")
    quad = straight_quad(symbol, 3.0)
    image = picture(symbol, quad, rng()).astype(float)
    image *= np.linspace(1.0, 0.3, image.shape[1])
    middle = int(quad[:, 1].mean())
    image[middle:, : image.shape[1] // 2] = 30
    dirty = np.clip(image, 0, 255).astype(np.uint8)
    assert decode.read_rectified(dirty, quad, symbol).decoded
