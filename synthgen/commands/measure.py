"""`synthgen measure`: irradiance at points of a stage."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from synthgen.commands import flags


def measure(
    stage: flags.Stage,
    *,
    at: Annotated[Path, Parameter(help="CSV of x,y,z,nx,ny,nz: points and normals [m].")],
    out: Annotated[Path, flags.output("The table: a .csv file.", endings=(".csv",))],
    bands: Annotated[bool, Parameter(negative=(), help="Add one column a wavelength band.")] = False,
    device: flags.Device = "auto",
    progress: flags.ProgressMode = "auto",
) -> None:
    """Measure irradiance [W/m^2] and illuminance [lux] at points, of all lamps and of each; direct light only.

    Example: `synthgen measure dock.usda --at points.csv -o light.csv`
    """
    from synthgen import atomic_files
    from synthgen.inspection import points_csv, stage_view
    from synthgen.progress import watching
    from synthgen.rendering import irradiance_probe

    where, facing = points_csv.read(at)
    scene = stage_view.open_scene(stage, flags.device_here(device))
    flags.warn_all(scene.description.warnings)
    paths = [light.path for light in scene.tables.worlds[0].lights]
    with watching(progress, sys.stderr) as watch:
        watch.begin(len(where), 0, "points")
        found = irradiance_probe.measure(
            scene.tables,
            scene.tracer,
            where,
            facing,
            threads=os.cpu_count() or 1,
            on_points=lambda count: watch.advance(count / len(paths), 0),
        )
    lights = dict(zip(paths, found.irradiance_w_m2, strict=True))
    text = points_csv.table(where, facing, lights, found.illuminance_lux, found.bands_w_m2 if bands else None)
    atomic_files.write(out, text.encode())
    flags.message(f"{out}: {len(where)} points, {len(lights)} lights")
