"""Spectra from files: CSV and TM-27, and what is refused."""

import pytest

from synthgen.errors import InputError
from synthgen.photobiology.spectrum_file import read_spectrum

SPDX = """<?xml version="1.0"?>
<IESTM2714 xmlns="iestm2714" version="1.0"><SpectralDistribution>
<SpectralQuantity>flux</SpectralQuantity>
<SpectralData wavelength="400.0">1.0</SpectralData>
<SpectralData wavelength="500.0">3.0</SpectralData>
</SpectralDistribution></IESTM2714>"""


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "wavelength_nm,power\n400,1\n500,3\n"),
        ("a.csv", "# measured\n400;1\n500;3\n"),
        ("a.CSV", "\ufeffnm,W/nm\n400,1,extra\n500,3,extra\n\n"),
        ("a.spdx", SPDX),
    ],
)
def test_two_rows_are_read(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    spectrum = read_spectrum(path)
    assert spectrum.wavelength_nm.tolist() == [400.0, 500.0]
    assert spectrum.power_w_nm.tolist() == pytest.approx([0.005, 0.015])  # 1 W under the trapezoid


@pytest.mark.parametrize(
    ("name", "text", "names"),
    [
        ("a.txt", "400,1\n500,3", "unknown kind"),
        ("a.csv", "400,1\n500,x\n", "a.csv:2"),
        ("a.csv", "400\n500\n", "a.csv:1"),
        ("a.csv", "", "2 rows"),
        ("a.csv", "500,1\n400,1\n", "rise"),
        ("a.spdx", "<a></b>", "not a TM-27"),
        ("a.spdx", "<!DOCTYPE a [<!ENTITY b 'c'>]>" + SPDX, "no entities"),
        ("a.spdx", SPDX.replace('"500.0"', '"blue"'), "not a TM-27"),
        ("a.spdx", "<IESTM2714/>", "2 rows"),
    ],
)
def test_damaged_files_are_refused(tmp_path, name, text, names):
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(InputError, match=names):
        read_spectrum(path)


def test_files_that_are_not_there_or_not_text_are_refused(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_spectrum(tmp_path / "none.csv")
    (tmp_path / "b.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="cannot be read"):
        read_spectrum(tmp_path / "b.csv")
