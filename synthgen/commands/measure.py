"""`synthgen measure`: irradiance at points of a stage."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from synthgen.commands import flags


def measure(
    stage: flags.Stage,
    *,
    at: Annotated[Path, Parameter(help="CSV of x,y,z,nx,ny,nz: points and normals [m].")],
    out: flags.Out,
    bands: Annotated[bool, Parameter(negative=(), help="Add one column a wavelength band.")] = False,
    device: flags.Device = "auto",
) -> None:
    """Measure irradiance [W/m^2] and illuminance [lux] at points, in all and by light; direct light only.

    Example: `synthgen measure dock.usda --at points.csv -o light.csv`
    """
    from synthgen import outputs, pipeline

    text = pipeline.measure_csv(stage, at, bands=bands, device=flags.device_of(device))
    outputs.write(out, text.encode())
    flags.message(f"{out}: {text.count(chr(10)) - 1} points")
