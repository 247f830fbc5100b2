"""Lamps from named fields: units, every way to give power, and refusals that say what to write."""

import numpy as np
import pytest

from synthgen.errors import InputError
from synthgen.photobiology.lamp_fields import FIELDS, assess_fields
from synthgen.world import spectra

NIR = {"peak_nm": 850, "fwhm_nm": 35, "size_mm": 1, "shape": "rect", "power_w": 1}


def _ratio(fields, **rest):
    return assess_fields(fields, **rest).worst_ratio


def test_units_are_converted_once():
    metric = {**NIR, "columns": 4, "pitch_mm": 20, "pulse_us": 100, "rate_khz": 0.03, "half_angle_deg": 30}
    si = {
        **{key: value for key, value in NIR.items() if key != "size_mm"},
        "size_m": [1e-3, 1e-3],
        "columns": 4,
        "pitch_m": 0.02,
        "pulse_s": 1e-4,
        "rate_hz": 30,
        "half_angle_rad": np.radians(30.0).item(),
    }
    assert _ratio(metric) == pytest.approx(_ratio(si), rel=1e-9)
    assert _ratio({**NIR, "duty": 0.003, "pulse_us": 100}) == pytest.approx(
        _ratio({**NIR, "pulse_us": 100, "rate_hz": 30})
    )


def test_power_may_be_given_as_intensity_or_flux():
    # Lambertian: I = P / pi; a white lamp: lumens = efficacy x watts
    by_intensity = {**NIR, "power_w": None, "intensity_w_sr": 1 / np.pi}
    assert _ratio(by_intensity) == pytest.approx(_ratio(NIR), rel=1e-12)
    white = {"spectrum": "white_led", "cct_k": 4000, "size_mm": 5, "power_w": 2}
    lumens = 2 * spectra.efficacy_lm_w(spectra.white_led(4000.0))
    assert _ratio({**white, "power_w": None, "flux_lm": lumens}) == pytest.approx(_ratio(white), rel=1e-12)


def test_files_are_found_beside_the_lamp(tmp_path):
    nm = np.linspace(800.0, 900.0, 51)
    rows = "\n".join(f"{a},{b}" for a, b in zip(nm, np.exp(-(((nm - 850) / 21) ** 2)), strict=True))
    (tmp_path / "led.csv").write_text("wavelength_nm,power\n" + rows)
    fields = {"spectrum": "led.csv", "size_mm": 1, "shape": "rect", "power_w": 1}
    assert _ratio(fields, folder=tmp_path) == pytest.approx(_ratio(NIR), rel=0.02)


def test_measured_levels_need_no_geometry():
    found = assess_fields({"peak_nm": 850, "fwhm_nm": 35, "irradiance_w_m2": 200})
    assert found.worst_hazard == "ir-eye"
    assert found.worst_ratio == pytest.approx(2.0, rel=1e-3)


def test_every_field_is_explained():
    assert all(FIELDS.values())


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"peak_nm": None}, "spectrum is missing"),
        ({"power_w": None, "flux_lm": 100}, "near infrared has no lumens"),
        ({"power_w": None}, "power_w is missing"),
        ({"flux_lm": 1}, "both given"),
        ({"size_mm": None}, "size_m"),
        ({"pulse_us": 50, "duty": -0.1}, "10 % is 0.1"),
        ({"pulse_ms": 50, "rate_hz": 30}, "longer than the period"),
        ({"pulse_us": -50, "rate_hz": 30}, "0 or more"),
        ({"powr_w": 3}, "did you mean power_w"),
        ({"size_m": 0.001}, "second time"),
        ({"columns": 3}, "pitch_m of the array is missing"),
        ({"power_w": "strong"}, "write a number"),
        ({"power_w": True}, "write a number"),
        ({"size_mm": [1, 2, 3]}, "one or two"),
        ({"spectrum": "sun"}, "white_led"),
        ({"spectrum": "white_led"}, "cct_k"),
        ({"spectrum": "missing.csv"}, "cannot be read"),
        ({"beam": "round"}, "half_angle_deg"),
        ({"beam": "missing.ies"}, "cannot be read"),
        ({"irradiance_w_m2": 5}, "not both"),
    ],
)
def test_a_wrong_lamp_is_refused_with_the_remedy(change, names):
    fields = {key: value for key, value in {**NIR, **change}.items() if value is not None}
    with pytest.raises(InputError, match=names):
        assess_fields(fields)
