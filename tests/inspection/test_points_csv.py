"""Points and measurements as CSV."""

import csv
import io

import numpy as np
import pytest

from synthgen.errors import InputError
from synthgen.inspection import points_csv


@pytest.mark.parametrize("header", ["", "x,y,z,nx,ny,nz\n", "\ufeffX, Y, Z, NX, NY, NZ\n"])
def test_points_are_read_and_normals_made_unit(tmp_path, header):
    path = tmp_path / "p.csv"
    path.write_text(header + "0,0,1,0,0,2\n\n1e0,2,3,1,1,0\n", "utf-8")
    where, facing = points_csv.read(path)
    assert where.tolist() == [[0, 0, 1], [1, 2, 3]]
    assert np.allclose(facing, [[0, 0, 1], [0.5**0.5, 0.5**0.5, 0]])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0,0,1,0,0\n", ":1: found 0,0,1,0,0; write six"),
        ("x,y,z,nx,ny,nz\n0,0,1,0,0,nan\n", ":2: found"),
        ("0,0,0,0,0,0\n", ":1: the normal is"),
        ("", "holds 0 points"),
        ("a,b\n", "write six numbers"),
    ],
)
def test_a_row_that_is_no_point_is_named(tmp_path, text, said):
    path = tmp_path / "p.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=said):
        points_csv.read(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"p\.csv: No such file"):
        points_csv.read(tmp_path / "p.csv")


def test_the_table_has_the_columns_of_the_design_and_loses_no_digit():
    where, facing = np.array([[0.1, 0, 0], [1, 2, 3.0]]), np.array([[0, 0, 1.0], [0, 1, 0]])
    lights = {"/World/Lights/a": np.array([1 / 3, 1.0]), "/World/Lights/b": np.array([2 / 3, 0.0])}
    text = points_csv.table(where, facing, lights, np.array([10.0, 20.0]), np.arange(8.0).reshape(2, 4))
    rows = list(csv.DictReader(io.StringIO(text)))
    assert list(rows[0])[:10] == [
        "x", "y", "z", "nx", "ny", "nz", "irradiance_w_m2", "illuminance_lux",
        "/World/Lights/a:irradiance_w_m2", "/World/Lights/b:irradiance_w_m2",
    ]  # fmt: skip
    assert float(rows[0]["/World/Lights/a:irradiance_w_m2"]) == 1 / 3
    assert float(rows[0]["irradiance_w_m2"]) == pytest.approx(1.0, abs=1e-15)
    assert [float(rows[1][f"{band}:irradiance_w_m2"]) for band in points_csv.BAND_COLUMNS] == [4, 5, 6, 7]
