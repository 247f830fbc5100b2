"""The rules that USD does not enforce: each broken once, each found, and a good stage has none."""

from __future__ import annotations

from pathlib import Path

import pytest
from pxr import Gf, Sdf, Usd, UsdGeom

from synthgen.errors import StageError
from synthgen.usd import schemas
from synthgen.usd.read import validate


def made(kind: str, *applied: str) -> Usd.Prim:
    stage = Usd.Stage.CreateInMemory()
    prim = stage.DefinePrim("/thing", kind)
    for name in applied:
        prim.AddAppliedSchema(name)
    _KEPT.append(stage)
    return prim


_KEPT: list[Usd.Stage] = []


def one_fault(prim: Usd.Prim) -> str:
    (found,) = validate.schema_faults(prim)
    return found


def test_token_that_is_not_allowed() -> None:
    prim = made("Camera", schemas.SENSOR)
    prim.GetAttribute("synthgen:sensor:shutter").Set("curtain")
    assert one_fault(prim) == "/thing.synthgen:sensor:shutter: found 'curtain'; write one of global, rolling"


@pytest.mark.parametrize(("value", "says"), [(-1.0, "at least 0"), (float("nan"), "finite"), (float("inf"), "finite")])
def test_number_outside_its_limits(value: float, says: str) -> None:
    prim = made("RectLight", schemas.ILLUMINATOR)
    prim.GetAttribute("synthgen:illuminator:peak_power_w").Set(value)
    assert says in one_fault(prim)


def test_share_above_one() -> None:
    prim = made("Camera", schemas.SENSOR)
    prim.GetAttribute("synthgen:sensor:transmission").Set(1.2)
    assert one_fault(prim).endswith("found 1.2; write 0 to 1")


def test_schema_on_the_wrong_prim() -> None:
    assert one_fault(made("Mesh", schemas.SENSOR)) == "/thing: SynthgenSensorAPI is on a Mesh; write one of Camera"


@pytest.mark.parametrize(
    ("values", "says"), [([0.5, 0.5], "one for each of 4 bands"), ([0.5, 0.5, 1.5, 0.5], "write 0 to 1")]
)
def test_reflectances(values: list[float], says: str) -> None:
    prim = made("Material", schemas.OPTICAL)
    prim.GetAttribute("synthgen:optical:reflectance").Set(values)
    assert says in one_fault(prim)


def test_bands_that_do_not_rise() -> None:
    prim = made("Material", schemas.OPTICAL)
    prim.GetAttribute("synthgen:optical:band_edges_nm").Set([500, 400])
    assert "rising" in one_fault(prim)


def test_barcode_without_corners_and_text() -> None:
    prim = made("Mesh", f"{schemas.BARCODE}:front")
    prim.GetAttribute("synthgen:barcode:front:quad_m").Set([Gf.Vec3d(0, 0, 0)] * 3)
    found = list(validate.schema_faults(prim))
    assert [says in fault for says, fault in zip(("3 corners", "symbology", "payload"), found, strict=True)] == [
        True
    ] * 3


def test_good_values_have_no_faults() -> None:
    prim = made("Mesh", f"{schemas.BARCODE}:front", schemas.BAFFLE)
    prim.GetAttribute("synthgen:barcode:front:quad_m").Set([Gf.Vec3d(0, 0, 0)] * 4)
    prim.GetAttribute("synthgen:barcode:front:symbology").Set("qr")
    prim.GetAttribute("synthgen:barcode:front:payload").Set("A")
    assert not list(validate.schema_faults(prim))


def test_check_names_the_file_and_every_fault(tmp_path: Path) -> None:
    stage = Usd.Stage.CreateNew(str(tmp_path / "bad.usda"))
    UsdGeom.SetStageUpAxis(stage, "Z")
    camera = stage.DefinePrim("/camera", "Camera")
    camera.ApplyAPI(schemas.SENSOR)
    camera.CreateAttribute("synthgen:sensor:color", Sdf.ValueTypeNames.Token).Set("blue")
    stage.Save()
    with pytest.raises(StageError) as caught:
        validate.check(str(tmp_path / "bad.usda"))
    lines = str(caught.value).splitlines()
    assert all(line.startswith(str(tmp_path / "bad.usda")) for line in lines)
    assert any("'blue'; write one of mono, rgb" in line for line in lines)
    assert any("defaultPrim" in line for line in lines)  # USD's own validators speak too
