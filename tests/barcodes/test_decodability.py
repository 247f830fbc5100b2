"""The prediction: closed forms of its terms, then against what the reader does."""

import math

import numpy as np
import pytest
from code_pictures import example, jacobian, picture, rows_of, straight_quad

from synthgen.barcodes import decodability, decode
from synthgen.barcodes.symbologies import SYMBOLOGIES

GOOD = {"size_modules": (156, 30), "blur_px": 0.0, "motion_px": (0.0, 0.0), "contrast_dn": 150.0, "noise_dn": 1.0}


def turned(module_px, angle_rad):
    cos, sin = math.cos(angle_rad), math.sin(angle_rad)
    return module_px * np.array([[cos, -sin], [sin, cos]])


def predict(symbology, jacobian_px, **changed):
    rectified = changed.pop("rectified", False)
    return decodability.predict(
        symbology, jacobian_px, decodability.Conditions(**{**GOOD, **changed}), rectified=rectified
    )


def test_module_and_blur_of_a_turned_code_in_closed_form():
    seen = predict("qr", turned(2.5, 0.3), blur_px=0.4)
    assert seen.module_px == pytest.approx(2.5)
    assert seen.blur_modules == pytest.approx(math.sqrt(0.4**2 + 1 / 12) / 2.5)
    modulated = 150 * math.exp(-((math.pi * seen.blur_modules) ** 2) / 2)
    assert seen.snr == pytest.approx(modulated / math.hypot(1.0, 0.29))


def test_motion_along_bars_does_not_blur_them():
    across = predict("code128", turned(3.0, 0.0), motion_px=(9.0, 0.0))
    along = predict("code128", turned(3.0, 0.0), motion_px=(0.0, 9.0))
    assert across.blur_modules == pytest.approx(math.sqrt(81 / 12 + 1 / 12) / 3)
    assert along.blur_modules == pytest.approx(math.sqrt(1 / 12) / 3)
    assert across.reason == "motion_blur" and along.reason == "readable"


def test_scan_line_crosses_the_bars_up_to_the_angle_of_their_height():
    limit = math.atan(30 / 156)
    assert decodability.cross(turned(2.0, limit), (156, 30)) == pytest.approx(1.0)
    assert predict("gs1_128", turned(3.0, 1.2 * limit)).reason == "orientation"
    assert predict("gs1_128", turned(3.0, 0.8 * limit)).reason == "readable"
    assert predict("gs1_128", turned(3.0, 1.2 * limit), rectified=True).reason == "readable"
    assert predict("qr", turned(3.0, 0.7), size_modules=(25, 25)).reason == "readable"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"contrast_dn": 12.0}, "low_contrast"),
        ({"noise_dn": 60.0}, "noise"),
        ({"blur_px": 3.0}, "defocus"),
        ({"motion_px": (9.0, 0.0)}, "motion_blur"),
        ({"hidden": 0.5}, "occluded"),
        ({}, "readable"),
    ],
)
def test_the_cause_is_named(changed, reason):
    seen = predict("datamatrix", turned(3.0, 0.0), size_modules=(22, 22), **changed)
    assert seen.reason == reason
    assert (seen.mu > 0) == (reason == "readable")


def test_small_modules_are_undersampled_and_an_edge_on_code_too():
    assert predict("code128", turned(0.6, 0.0)).reason == "undersampled"
    edge_on = predict("code128", np.array([[2.0, 0.0], [0.0, 0.0]]))
    assert edge_on.reason == "undersampled" and edge_on.probability == 0.0


def test_probability_grows_with_the_margin():
    values = [decodability.probability(mu) for mu in np.linspace(-1, 1, 41)]
    assert values == sorted(values)
    assert values[0] == 0.0 and values[-1] == 1.0


def test_every_symbology_has_limits_and_rectifying_asks_for_no_more():
    for name in SYMBOLOGIES:
        assert decodability.RECTIFIED[name].module_px <= decodability.NATIVE[name].module_px


@pytest.mark.parametrize("symbology", ["code128", "ean13", "qr", "datamatrix", "pdf417"])
def test_sure_predictions_agree_with_the_reader(symbology):
    """Draw pictures at random; where the prediction is sure it is right 9 times in 10."""
    rng = np.random.Generator(np.random.Philox(key=17))
    symbol = example(symbology)
    right = {False: [], True: []}
    for _ in range(24):
        quad = straight_quad(symbol, min(0.9 * 6 ** rng.random(), 400 / symbol.width), rng.uniform(0, 0.6))
        optics = {"blur_px": 1.5 * rng.random() ** 2, "motion_px": (4 * rng.random() ** 3, 0.0)}
        contrast, noise = 200 * rng.random() ** 0.5, 12 * rng.random() ** 2
        image = picture(symbol, quad, rng, light_dn=30 + contrast, dark_dn=30, noise_dn=noise, **optics)
        crop, inside = decode.crop(image, quad, symbol)
        plain = decode.read(crop, symbology, symbol.written, inside).decoded
        straight = decode.read_rectified(image, quad, symbol).decoded
        size = (symbol.width, rows_of(symbol))
        seen_under = decodability.Conditions(size_modules=size, contrast_dn=contrast, noise_dn=noise, **optics)
        for rectified, decoded in ((False, plain), (True, straight)):
            seen = decodability.predict(symbology, jacobian(symbol, quad), seen_under, rectified=rectified)
            if seen.verdict != "marginal":
                right[rectified].append(decoded == (seen.verdict == "decodable"))
    for rectified, agreed in right.items():
        assert len(agreed) >= 12
        assert sum(agreed) >= 0.9 * len(agreed), (rectified, sum(agreed), len(agreed))
