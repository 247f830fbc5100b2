"""`synthgen report`: what a data set is like, as one page, with gates."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from synthgen.commands import flags
from synthgen.commands.outputs import REPORT
from synthgen.errors import CheckFailed, InputError

if TYPE_CHECKING:
    from synthgen.dataset.reader import Dataset
    from synthgen.recipe import Recipe


def report(
    dataset: Annotated[str, Parameter(help="A folder, s3://bucket/prefix or https://...")],
    *,
    out: Annotated[
        Path | None, flags.output("The page: a .html file.", endings=(".html", ".htm"), needs=REPORT)
    ] = None,
    gates: Annotated[
        list[str], Parameter(name="--gate", negative=(), help='Such as "decode_rate>=0.6"; repeatable.')
    ] = [],  # noqa: B006
    images: Annotated[int, flags.number(1, 1_000_000, "How many samples are read whole, spread evenly.")] = 400,
    recipe_folder: Annotated[str, Parameter(help="Where the recipe's relative file names start.")] = "",
    progress: flags.ProgressMode = "auto",
    json: flags.Json = False,
) -> None:
    """Say what a data set is like: distributions, decode rates, faults of frames, leaks between splits, worst samples.

    Example: `synthgen report tunnel -o report.html --gate "decode_rate>=0.6" --gate "black_share<=0.01"`

    Gates compare a number of the report with a bound; the report lists all of them, and so does an unknown name.

    Exits 2 for an unknown gate, 5 when a gate is not kept; the report is written all the same.
    """
    from synthgen import atomic_files
    from synthgen.dataset import reader
    from synthgen.progress import counting
    from synthgen.quality import findings, gallery, json_summary, page
    from synthgen.quality import gates as bounds

    asked = [bounds.parse(text) for text in gates]
    opened = reader.open_dataset(dataset)
    recipe, why_not = _recipe(opened, recipe_folder)
    with counting(progress, sys.stderr) as tell:
        found = findings.examine(opened, recipe, images, why_no_recipe=why_not, progress=tell)
    judged = bounds.judged(asked, found.numbers())
    if out is not None:
        data = page.render(found, judged, gallery.pictured(opened, found))
        atomic_files.write(out, data)
        flags.message(
            f"{out}: {len(data) / 1e6:.1f} MB; {len(found.read)} of {found.counted.samples.sum()} samples were read"
        )
    if json:
        flags.data_object(json_summary.as_json(found, judged))
    elif out is None:
        flags.data(json_summary.as_text(found))
    for each in judged:
        flags.message(f"{'kept' if each.passed else 'NOT KEPT'}: {each}")
    if not all(each.passed for each in judged):
        raise CheckFailed(f"{dataset}: {'; '.join(str(each) for each in judged if not each.passed)}")


def _recipe(dataset: Dataset, folder: str) -> tuple[Recipe | None, str]:
    """Return the data set's recipe, or None and why it cannot be read."""
    try:
        return dataset.recipe(folder), ""
    except InputError as fault:
        return None, str(fault)
