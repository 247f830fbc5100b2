"""`synthgen preview`: a contact sheet."""

from __future__ import annotations

import io
import os
from typing import Annotated

from cyclopts import Parameter

from synthgen.commands import flags


def preview(
    recipe: flags.RecipeName,
    *,
    out: flags.Out,
    shots: flags.Shots = 16,
    split: flags.Split = "",
    seed: flags.Seed = None,
    overrides: flags.Set = [],  # noqa: B006
    device: flags.Device = "auto",
    codes: Annotated[bool, Parameter(negative=(), help="Draw every code in view enlarged, unread ones first.")] = False,
) -> None:
    """Draw a contact sheet: each camera's image with its labels, depth, irradiance and hazard in false colour.

    Example: `synthgen preview scan_tunnel -n 4 -o sheet.png`
    """
    from synthgen import atomic_files, pipeline
    from synthgen.planning import plan
    from synthgen.reporting import contact_sheet

    loaded = flags.possible(recipe, seed, overrides)
    name = flags.split_of(loaded, split)
    renderer = pipeline.SampleRenderer(loaded, device=flags.device_here(device), threads=os.cpu_count() or 1)
    samples = []
    for index in range(shots):
        try:
            samples += renderer.samples(name, index)
        except plan.Failed as failure:
            flags.message(f"warning: {failure}")
    title = f"{recipe} · {name} · seed {loaded.seed}"
    sheet = (contact_sheet.codes if codes else contact_sheet.draw)(samples, title=title)
    stream = io.BytesIO()
    sheet.save(stream, "png")
    atomic_files.write(out, stream.getvalue())
    flags.message(f"{out}: {len(samples)} samples")
