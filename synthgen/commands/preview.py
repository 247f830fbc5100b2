"""`synthgen preview`: a contact sheet."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from synthgen.commands import flags


def preview(
    recipe: flags.RecipeName,
    *,
    out: Annotated[Path, flags.output("The sheet: a .png file.", endings=(".png",))],
    shots: flags.SeenShots = 16,
    split: flags.Split = "",
    seed: flags.Seed = None,
    overrides: flags.Set = [],  # noqa: B006
    device: flags.Device = "auto",
    progress: flags.ProgressMode = "auto",
    codes: Annotated[bool, Parameter(negative=(), help="Draw every code in view enlarged, unread ones first.")] = False,
) -> None:
    """Draw a contact sheet: each camera's image with its labels, depth, irradiance and hazard in false colour.

    Hazard maps assume lamps that are always on and an eye at the surface; the level in the zones is told beside them.

    Example: `synthgen preview scan_tunnel -n 4 -o sheet.png`
    """
    from synthgen import atomic_files, pipeline
    from synthgen.inspection import zone_levels
    from synthgen.planning import cost, plan
    from synthgen.progress import counting
    from synthgen.reporting import contact_sheet

    loaded = flags.possible(recipe, seed, overrides)
    name = flags.split_of(loaded, split)
    here, threads = flags.device_here(device), os.cpu_count() or 1
    renderer = pipeline.SampleRenderer(loaded, device=here, threads=threads)
    expected_s = cost.of_recipe(loaded).shot_s / threads if here == "cpu" else 0.0
    samples, zones, faults = [], {}, []
    with counting(progress, sys.stderr, "shots", expected_s) as tell:
        tell(0, shots)
        for index in range(shots):
            try:
                made = renderer.samples(name, index, viewed=lambda k, of, at=index: tell(at + k / of, shots))
                zones |= {} if codes else zone_levels.of_shot(renderer, made)
                samples += made
            except plan.Failed as failure:
                faults.append(str(failure))
            tell(index + 1, shots)
    flags.warn_all(faults)
    title = f"{recipe} · {name} · seed {loaded.seed}"
    sheet = (
        contact_sheet.codes(samples, title=title) if codes else contact_sheet.draw(samples, title=title, zones=zones)
    )
    stream = io.BytesIO()
    sheet.save(stream, "png")
    atomic_files.write(out, stream.getvalue())
    flags.message(f"{out}: {len(samples)} samples")
