"""The order in which reasons are tried, on constructed evidence; `test_annotate.py` has pictures for each reason."""

from __future__ import annotations

import numpy as np
import pytest

from synthgen.annotation.label_signal import Signal
from synthgen.annotation.unread_reason import REASONS, Evidence, hidden, in_view, margin, reason
from synthgen.barcodes import decodability, decode, encode
from synthgen.random_streams import Stream
from tests.code_pictures import picture, rows_of, straight_quad

SYMBOL = encode.encode("qr", "SYNTHGEN-1")
IMAGE = np.zeros((40, 40), np.uint8)
QUAD = np.array([[5, 5], [35, 5], [35, 35], [5, 35]], float)
GOOD = {
    "irradiance_w_m2": 1.0, "light_dn": 150.0, "dark_dn": 10.0, "free_light_dn": 150.0, "free_dark_dn": 10.0,
    "glare_dn": 0.0, "noise_dn": 2.0, "snr": 70.0, "motion_px": (0.0, 0.0), "coc_px": 0.0, "ramp": 1.0,
}  # fmt: skip
MISREAD = decode.Reading(False, "OTHER", misread=True)


def raster(share=1.0, rows=False):
    """Return a raster of which `share` is True: its first columns, or its first rows."""
    cells = np.zeros((20, 20), bool)
    cells[:, : round(20 * share)] = True
    return cells.T if rows else cells


def evidence(seen=1.0, in_image=1.0, damaged=False, predicted=None, angle=0.0, symbol=SYMBOL, **light):
    numbers = {"blur_px": 0.3, "motion_px": (0.0, 0.0), "contrast_dn": 140.0, "noise_dn": 2.0} | (predicted or {})
    diffraction_px = numbers.pop("diffraction_px", 0.3)
    scale = numbers.pop("module_px", 4.0)
    seen, in_image = (x if isinstance(x, np.ndarray) else raster(x) for x in (seen, in_image))
    jacobian = scale * np.array([(np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))])
    size = (float(symbol.width), 30.0 if symbol.linear else float(symbol.height))
    return Evidence(
        seen=seen,
        in_image=in_image,
        jacobian_px=np.broadcast_to(jacobian, (4, 2, 2)),
        conditions=decodability.Conditions(size_modules=size, hidden=hidden(seen, symbol), **numbers),
        diffraction_px=diffraction_px,
        signal=Signal(**(GOOD | light)),
        damaged=damaged,
    )


def asked(what, plain=decode.NOTHING, image=IMAGE, quad=QUAD, symbol=SYMBOL):
    found = reason(what, plain, image, quad, symbol)
    assert found in REASONS
    return found


def test_the_words_are_the_contract_s():
    assert REASONS == (
        "readable", "out_of_view", "occluded", "undersampled", "orientation", "motion_blur", "defocus", "low_contrast",
        "glare", "saturated", "underexposed", "noise", "damaged", "misread", "unknown",
    )  # fmt: skip


def test_what_was_read_is_readable_whatever_else():
    assert asked(evidence(seen=0.4, damaged=True), decode.Reading(True, "SYNTHGEN-1")) == "readable"


@pytest.mark.parametrize(
    ("what", "word"),
    [
        (evidence(seen=0.5, in_image=0.5), "out_of_view"),
        (evidence(seen=0.5), "occluded"),
        (evidence(predicted={"module_px": 0.8}), "undersampled"),
        (evidence(predicted={"blur_px": 5.0}), "defocus"),
        (evidence(predicted={"motion_px": (20.0, 0.0)}), "motion_blur"),
        (evidence(free_light_dn=15.0, light_dn=15.0, free_dark_dn=1.0, dark_dn=1.0), "underexposed"),
        (evidence(free_light_dn=5000.0, free_dark_dn=600.0, light_dn=255.0, dark_dn=255.0), "saturated"),
        (evidence(free_light_dn=700.0, free_dark_dn=560.0, light_dn=255.0, dark_dn=255.0, glare_dn=550.0), "glare"),
        (evidence(damaged=True), "damaged"),
        (evidence(), "unknown"),
    ],
)
def test_one_cause_alone_is_named(what, word):
    assert asked(what) == word


def test_another_payload_is_a_misread_unless_part_of_the_code_is_missing():
    assert asked(evidence(), MISREAD) == "misread"
    assert asked(evidence(seen=0.5), MISREAD) == "occluded"


def test_without_a_picture_the_prediction_speaks():
    assert asked(evidence(), image=None) == "readable"
    assert asked(evidence(predicted={"module_px": 0.8}), image=None) == "undersampled"


# -- parts that are missing --------------------------------------------------------------------------------------------
LINEAR = encode.encode("code128", "SYNTHGEN-1")


def test_a_linear_code_is_hidden_when_no_line_crosses_it():
    assert hidden(raster(0.5, rows=True), LINEAR) == 0.0  # half its height is enough
    assert hidden(raster(0.1, rows=True), LINEAR) > 0.5
    assert hidden(raster(0.95), LINEAR) == 0.5  # its end is missing
    assert hidden(raster(0.95), SYMBOL) == pytest.approx(0.05)
    assert hidden(raster(), LINEAR) == hidden(raster(), SYMBOL) == 0.0


def test_the_edge_that_cuts_a_code_is_named_before_what_stands_in_the_way():
    assert asked(evidence(seen=0.4, in_image=0.5)) == "out_of_view"
    assert asked(evidence(seen=0.4, in_image=1.0)) == "occluded"
    assert asked(evidence(seen=0.95, symbol=LINEAR), symbol=LINEAR) == "occluded"
    assert asked(evidence(seen=raster(0.5, rows=True), symbol=LINEAR), symbol=LINEAR) != "occluded"


PAYLOADS = {"code128": "SYNTHGEN-1", "itf14": "15400141288763", "ean13": "9521234543213", "qr": "S-1", "pdf417": "S-1"}


@pytest.mark.parametrize("room", [10.0, 0.2, -2.0])
@pytest.mark.parametrize("name", PAYLOADS)
def test_what_the_edge_leaves_of_a_code_is_in_view_when_readers_get_it(name, room):
    symbol = encode.encode(name, PAYLOADS[name])
    quad = straight_quad(symbol, 3.0)
    image = picture(symbol, quad, Stream(0, "train", 0, "edge").generator(), noise_dn=0.5)
    first = round(quad[:, 0].min() - 3.0 * room)
    part, placed = image[:, first:], quad - (first, 0.0)
    expected = decode.read(part, name, symbol.written).decoded
    assert in_view(placed, symbol, (part.shape[1], part.shape[0])) == expected
    assert expected == (room > 9.0 or (room > 0.0 and name != "itf14"))


def test_a_linear_code_may_be_cut_along_its_length():
    quad = straight_quad(LINEAR, 3.0)
    middle = quad[:, 1].mean()
    assert in_view(quad - (0.0, middle - 10.0), LINEAR, (2000, 400))
    assert not in_view(quad - (0.0, middle + 60.0), LINEAR, (2000, 400))


def test_a_matrix_code_needs_all_its_corners():
    quad = straight_quad(SYMBOL, 4.0)
    assert in_view(quad, SYMBOL, (400, 400))
    assert not in_view(quad - (quad[:, 0].min() + 4.0, 0.0), SYMBOL, (400, 400))
    assert (
        asked(evidence(), quad=quad - (quad[:, 0].min() + 4.0, 0.0), image=np.zeros((400, 400), np.uint8))
        == "out_of_view"
    )


def test_little_is_missing_and_nothing_else_is_wrong():
    """Within what error correction mends in the mean: named only where nothing else stops the reader."""
    assert asked(evidence(seen=0.95)) == "occluded"
    assert asked(evidence(seen=0.95, predicted={"module_px": 0.8})) == "undersampled"


# -- one of several ----------------------------------------------------------------------------------------------------
def test_blur_that_focus_cannot_change_is_for_want_of_resolution():
    wide = {"module_px": 2.0, "blur_px": 1.2}
    assert asked(evidence(predicted=wide | {"diffraction_px": 1.2})) == "undersampled"
    assert asked(evidence(predicted=wide | {"diffraction_px": 0.3})) == "defocus"


def test_a_code_that_reads_once_its_picture_is_turned_was_turned():
    quad = straight_quad(LINEAR, 3.0, 0.5)
    image = picture(LINEAR, quad, Stream(0, "train", 0, "test_reasons").generator())
    assert rows_of(LINEAR) == 30
    assert not decode.read(image, "code128", LINEAR.written, quad).decoded
    # The prediction would blame resolution, the trial knows better.
    coarse = evidence(symbol=LINEAR, predicted={"module_px": 0.8})
    assert asked(coarse, image=image, quad=quad, symbol=LINEAR) == "orientation"
    assert asked(coarse, image=np.full_like(image, 128), quad=quad, symbol=LINEAR) == "undersampled"


def test_the_margin_without_a_cause_is_never_narrower():
    for cause in ("undersampled", "orientation", "motion_blur", "defocus", "low_contrast", "noise"):
        for module_px in (0.9, 1.5, 3.0):
            what = evidence(angle=0.4, symbol=LINEAR, predicted={"module_px": module_px, "motion_px": (1.5, 0.5)})
            now = decodability.predict("code128", what.jacobian_px, what.conditions).mu
            assert margin(what, LINEAR, cause) >= now - 1e-9, cause
