"""`synthgen render`: a stage as an npz of maps."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from synthgen.commands import flags
from synthgen.errors import UsageError


def render(
    stage: flags.Stage,
    *,
    out: Annotated[Path, flags.output("The maps: a .npz file.", endings=(".npz",))],
    camera: Annotated[str, Parameter(help="Prim path of the camera; default: the only one, or all.")] = "",
    maps: Annotated[
        str, Parameter(help="Comma-separated; an unknown name is answered with all of them.")
    ] = "image,depth",
    device: flags.Device = "auto",
) -> None:
    """Render a USD stage, ours or another's, into an npz of maps; several cameras give `<camera>/<map>` entries.

    Example: `synthgen render shot.usda --maps image,depth,irradiance -o shot.npz`
    """
    from synthgen.world.maps import OUTPUTS

    wanted = tuple(name.strip() for name in maps.split(",") if name.strip())
    unknown = [name for name in wanted if name not in OUTPUTS]
    if unknown or not wanted:
        raise UsageError(f"--maps {maps}: choose out of {', '.join(OUTPUTS)}")
    import numpy as np

    from synthgen import atomic_files
    from synthgen.inspection import stage_view

    scene = stage_view.open_scene(stage, flags.device_here(device))
    flags.warn_all(scene.description.warnings)
    views = stage_view.render_views(scene, wanted, camera)
    flags.warn_all(stage_view.exposure_warnings(views))
    arrays = stage_view.arrays_of(views, wanted)
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    atomic_files.write(out, stream.getvalue())
    flags.message(f"{out}: {', '.join(f'{name} {array.shape}' for name, array in arrays.items())}")
