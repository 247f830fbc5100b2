"""Register the codeless API schemas of the folder `usd_schemas`; raise an error when it is too late.

USD builds its schema registry once, with the first stage; a plugin registered later is listed, but its schemas do not
apply, have no fallback values, and nothing is reported.
"""

from __future__ import annotations

from pxr import Plug, Usd

from synthgen import shelves
from synthgen.errors import StageError

ILLUMINATOR = "SynthgenIlluminatorAPI"
SENSOR = "SynthgenSensorAPI"
BARCODE = "SynthgenBarcodeAPI"
OPTICAL = "SynthgenOpticalMaterialAPI"
BAFFLE = "SynthgenBaffleAPI"
EYE_ZONE = "SynthgenEyeZoneAPI"
SAFETY = "SynthgenSafetyAPI"
SINGLE_APPLY = (ILLUMINATOR, SENSOR, OPTICAL, BAFFLE, EYE_ZONE, SAFETY)


def register() -> None:
    """Register the schemas; calling again does nothing.

    Raises:
        StageError: the files are missing, or another library opened a stage first.
    """
    folder = shelves.path("usd_schemas")
    if not (folder / "plugInfo.json").is_file():
        raise StageError(f"{folder}: plugInfo.json is missing; reinstall synthgen")
    Plug.Registry().RegisterPlugins(str(folder))
    registry = Usd.SchemaRegistry()
    missing = [name for name in SINGLE_APPLY if registry.FindAppliedAPIPrimDefinition(name) is None]
    if missing:
        raise StageError(
            f"{folder}: {missing[0]} did not register, because a USD stage was opened before; "
            f"import synthgen.usd first, or set PXR_PLUGINPATH_NAME={folder}"
        )


def definition(schema: str) -> Usd.PrimDefinition:
    """Return an API schema's own definition: its attributes, fallbacks, allowed tokens and limits.

    A multiple-apply schema's attributes are named `synthgen:barcode:__INSTANCE_NAME__:payload`.
    """
    return Usd.SchemaRegistry().FindAppliedAPIPrimDefinition(schema)
