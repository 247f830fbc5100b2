"""`synthgen replay`: a sample rendered again, as it was or changed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from synthgen.commands import flags
from synthgen.errors import CheckFailed


def replay(
    dataset: Annotated[str, Parameter(help="A folder, s3://bucket/prefix or https://...")],
    key: Annotated[str, Parameter(help="Such as train-00000007-top.")],
    *,
    out: Annotated[Path, flags.output("A .png or .npz file, or a folder.", endings=(".png", ".npz"), folder=True)],
    overrides: flags.Set = [],  # noqa: B006
    device: flags.Device = "auto",
    recipe_folder: Annotated[str, Parameter(help="Where the recipe's relative file names start.")] = "",
    json: flags.Json = False,
) -> None:
    """Render a sample again; with --set, changed: beside the stored one, with the codes that are read now and before.

    Without --set the result must be the stored sample, and the command says whether it is. OUT is a .png (with --set
    both images side by side), an .npz (image and maps) or a folder (every member, the pair, changes.json).

    Example: `synthgen replay tunnel train-00000007-top --set cameras.top.exposure_us=50 -o again.png`

    Exits 2 for a path that no recipe has, 4 for a key that is not there, 5 when the same recipe gives another sample.
    """
    from synthgen import pipeline
    from synthgen.dataset import reader
    from synthgen.experiments import replay as replaying
    from synthgen.verify import rerender

    here = flags.device_here(device)
    opened = reader.open_dataset(dataset)
    replaying.split_of(opened, key)
    loaded = opened.recipe(recipe_folder, overrides)
    changes = rerender.circumstances(opened).changes
    for change in changes:
        flags.message(f"note: {change}; samples may differ a little")
    renderer = pipeline.SampleRenderer(loaded, device=here, threads=os.cpu_count() or 1)
    found = replaying.replay(opened, renderer, key)
    written = replaying.write(found, out, bool(overrides))
    if json:
        flags.data_object(replaying.as_json(found))
    else:
        flags.data(replaying.as_text(found))
    flags.message(f"{out}: {len(written)} file{'s' if len(written) > 1 else ''}")
    differs = not found.difference.same and not (changes and found.difference.tolerable)
    if not overrides and differs:
        raise CheckFailed(f"{found.difference}: without --set it should be the stored sample")
