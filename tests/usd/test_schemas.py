"""The codeless schemas: made from their source, registered, complete, and loud when they come too late."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pxr import Usd

from synthgen import shelves
from synthgen.usd import schemas

FOLDER = shelves.path("usd_schemas")
CONTRACT = {
    "SynthgenIlluminatorAPI": "peak_power_w spectrum peak_nm fwhm_nm pulse_s rate_hz delay_s beam divergence_rad cct_k",
    "SynthgenSensorAPI": "model resolution_px roi_px binning pitch_m qe saturation_e dark_noise_e dark_current_e_s "
    "gain_dn_e black_level_dn bits shutter noise_seed auto_exposure_target transmission color focus_m",
    "SynthgenBarcodeAPI": "symbology payload module_m quad_m print_defects code_id modules_across",
    "SynthgenOpticalMaterialAPI": "band_edges_nm reflectance roughness ior retro_cd_lx_m2 ink_reflectance",
    "SynthgenBaffleAPI": "role",
    "SynthgenEyeZoneAPI": "kind gaze duration_s",
}
FAMILY = {
    "SynthgenIlluminatorAPI": "illuminator",
    "SynthgenSensorAPI": "sensor",
    "SynthgenBarcodeAPI": "barcode:__INSTANCE_NAME__",
    "SynthgenOpticalMaterialAPI": "optical",
    "SynthgenBaffleAPI": "baffle",
    "SynthgenEyeZoneAPI": "eyezone",
}


@pytest.mark.parametrize("schema", sorted(CONTRACT))
def test_contract_attributes_exist(schema: str) -> None:
    names = schemas.definition(schema).GetPropertyNames()
    assert not {f"synthgen:{FAMILY[schema]}:{name}" for name in CONTRACT[schema].split()} - set(names)


@pytest.mark.parametrize("schema", [*schemas.SINGLE_APPLY, schemas.BARCODE])
def test_every_attribute_says_what_it_means(schema: str) -> None:
    definition = schemas.definition(schema)
    assert all(definition.GetPropertyDocumentation(name) for name in definition.GetPropertyNames())


def test_applied_schema_has_fallbacks() -> None:
    stage = Usd.Stage.CreateInMemory()
    light = stage.DefinePrim("/light", "RectLight")
    assert light.ApplyAPI(schemas.ILLUMINATOR)
    assert light.GetAttribute("synthgen:illuminator:spectrum").Get() == "led"
    assert not stage.DefinePrim("/mesh", "Mesh").CanApplyAPI(schemas.SENSOR)
    assert stage.DefinePrim("/camera", "Camera").CanApplyAPI(schemas.SENSOR)
    box = stage.DefinePrim("/box", "Mesh")
    assert box.ApplyAPI(schemas.BARCODE, "front")
    assert box.HasAPI(schemas.BARCODE, "front")
    assert box.GetAttribute("synthgen:barcode:front:payload").Get() == ""


def test_generated_files_are_those_of_the_source(tmp_path: Path) -> None:
    environment = {**os.environ, "USD_DISABLE_PRIM_DEFINITIONS_FOR_USDGENSCHEMA": "1"}
    command = [sys.executable, "-m", "pxr.Usd.usdGenSchema", str(FOLDER / "schema.usda"), str(tmp_path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "generatedSchema.usda").read_text() == (FOLDER / "generatedSchema.usda").read_text()
    plug_info = (tmp_path / "plugInfo.json").read_text()
    for found, wanted in (("ROOT", "."), ("RESOURCE_PATH", "."), ("LIBRARY_PATH", "")):
        plug_info = plug_info.replace(f"@PLUG_INFO_{found}@", wanted)
    stripped = "\n".join(line.rstrip() for line in plug_info.splitlines()) + "\n"
    assert stripped == (FOLDER / "plugInfo.json").read_text()


def test_late_registration_is_an_error() -> None:
    code = "from pxr import Usd; s = Usd.Stage.CreateInMemory(); s.DefinePrim('/a', 'Mesh'); import synthgen.usd"
    root = str(Path(schemas.__file__).parents[2])
    environment = {**os.environ, "PYTHONPATH": root}
    environment.pop("PXR_PLUGINPATH_NAME", None)
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "import synthgen.usd first" in done.stderr
    again = subprocess.run(
        [sys.executable, "-c", code],
        env={**environment, "PXR_PLUGINPATH_NAME": str(FOLDER)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert again.returncode == 0, again.stderr  # the remedy that the message names
