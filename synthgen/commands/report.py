"""`synthgen report`: what a data set is like, as one page, with gates."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter
from cyclopts.validators import Number

from synthgen.commands import flags
from synthgen.errors import CheckFailed, InputError, UsageError

if TYPE_CHECKING:
    from synthgen.dataset.reader import Dataset
    from synthgen.recipe import Recipe

_TELL_S = 10.0


def report(
    dataset: Annotated[str, Parameter(help="A folder, s3://bucket/prefix or https://...")],
    *,
    out: Annotated[Path | None, Parameter(name=["-o", "--out"], help="report.html")] = None,
    gates: Annotated[
        list[str], Parameter(name="--gate", negative=(), help='Such as "decode_rate>=0.6"; repeatable.')
    ] = [],  # noqa: B006
    images: Annotated[
        int, Parameter(validator=Number(gte=1), help="How many samples are read whole, spread evenly.")
    ] = 400,
    recipe_folder: Annotated[str, Parameter(help="Where the recipe's relative file names start.")] = "",
    json: flags.Json = False,
) -> None:
    """Say what a data set is like: distributions, decode rates, faults of frames, leaks between splits, worst samples.

    Example: `synthgen report outputs/tunnel -o report.html --gate "decode_rate>=0.6" --gate "black_share<=0.01"`

    Gates compare a number of the report with a bound; the report lists all of them, and so does an unknown name.

    Exit codes: 0 every gate is kept, 2 an unknown gate, 4 bad input, 5 a gate is not kept (the report is written).
    """
    from synthgen import atomic_files
    from synthgen.dataset import reader
    from synthgen.quality import findings, gallery, json_summary, page
    from synthgen.quality import gates as bounds

    asked = [bounds.parse(text) for text in gates]
    if out is not None:
        if out.suffix.lower() not in (".html", ".htm"):
            raise UsageError(f"-o {out}: write a file name that ends in .html; --json writes the numbers to stdout")
        atomic_files.make_room(out)
    opened = reader.open_dataset(dataset)
    recipe, why_not = _recipe(opened, recipe_folder)
    found = findings.examine(opened, recipe, images, why_no_recipe=why_not, progress=_progress())
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


def _progress() -> Callable[[str, int, int], Any]:
    """Return who tells, every ten seconds, how far it is."""
    told_s = monotonic()

    def tell(what: str, done: int, total: int) -> None:
        nonlocal told_s
        if monotonic() - told_s > _TELL_S:
            told_s = monotonic()
            flags.message(f"{done}/{total} {what}")

    return tell
