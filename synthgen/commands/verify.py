"""`synthgen verify`: every byte of a data set, and some samples rendered again."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter
from cyclopts.validators import Number

from synthgen.commands import flags
from synthgen.errors import CheckFailed

if TYPE_CHECKING:
    from synthgen.verify.difference import Difference
    from synthgen.verify.rerender import Circumstances


def verify(
    dataset: Annotated[str, Parameter(help="A folder, s3://bucket/prefix or https://...")],
    *,
    count: Annotated[
        int,
        Parameter(
            name=["-k", "--count"], validator=Number(gte=0, lte=1_000_000), help="How many samples are rendered again."
        ),
    ] = 3,
    seed: Annotated[
        int, Parameter(validator=Number(gte=0, lte=2**63 - 1), help="Seed of the random choice of samples.")
    ] = 0,
    device: flags.Device = "auto",
    recipe_folder: Annotated[str, Parameter(help="Where the recipe's relative file names start.")] = "",
    json: flags.Json = False,
) -> None:
    """Check every file of a data set and render k random samples again, comparing content digests.

    Any damaged, missing or foreign file is named with its remedy. Samples that another version or another machine
    made may differ a little: up to 1 % of the pixels by more than 2 DN pass, and what differs is said.

    Example: `synthgen verify tunnel -k 4`

    Exits 4 where there is no data set, 5 when something is damaged or a sample comes out differently.
    """
    from synthgen.dataset import stores
    from synthgen.verify import integrity

    here = flags.device_here(device)
    notes: list[str] = []
    faults = list(integrity.faults(stores.at(dataset), notes.append))
    flags.warn_all(notes)
    compared: list[Difference] = []
    changes: tuple[str, ...] = ()
    if not faults and count:
        compared, changes = _rerendered(dataset, count, seed, here, recipe_folder)
    wrong = [each for each in compared if not (each.same or (changes and each.tolerable))]
    if json:
        flags.data_object(_as_json(dataset, faults, notes, compared, changes, not faults and not wrong))
    else:
        flags.data("\n".join([*faults, *(_line(each, bool(changes)) for each in compared)]))
    if faults:
        raise CheckFailed(f"{dataset}: {len(faults)} fault{'s' if len(faults) > 1 else ''}; nothing was rendered again")
    if wrong:
        why = f" ({'; '.join(changes)})" if changes else ""
        raise CheckFailed(f"{dataset}: {len(wrong)} of {len(compared)} samples come out otherwise{why}")
    same = sum(each.same for each in compared)
    flags.message(f"{dataset}: every file is whole; {same} of {len(compared)} samples rendered again are the same")


def _rerendered(
    dataset: str, count: int, seed: int, device: str, folder: str
) -> tuple[list[Difference], tuple[str, ...]]:
    """Return what differs of some samples, and what is not as it was when they were made."""
    from synthgen import pipeline
    from synthgen.dataset import reader
    from synthgen.verify import rerender

    opened = reader.open_dataset(dataset)
    found: Circumstances = rerender.circumstances(opened)
    for change in found.changes:
        flags.message(f"note: {change}; samples may differ a little")
    renderer = pipeline.SampleRenderer(opened.recipe(folder), device=device, threads=os.cpu_count() or 1)
    return list(rerender.compared(opened, renderer, count, seed)), found.changes


def _line(found: Difference, changed: bool) -> str:
    if found.same:
        return str(found)
    within = "within tolerance" if changed and found.tolerable else "DIFFERS"
    far = f"{100 * found.beyond_share:.3g} % of the pixels by more than 2 DN, at most {found.worst_dn} DN"
    return f"{found} ({within}: {far})"


def _as_json(
    dataset: str,
    faults: list[str],
    notes: list[str],
    compared: list[Difference],
    changes: tuple[str, ...],
    passed: bool,
) -> dict[str, Any]:
    return {
        "dataset": dataset,
        "passed": passed,
        "faults": faults,
        "notes": notes,
        "circumstances": list(changes),
        "rendered_again": [
            {
                "key": each.key,
                "same": each.same,
                "members": list(each.members),
                "worst_dn": each.worst_dn,
                "beyond_2_dn_share": each.beyond_share,
            }
            for each in compared
        ],
    }
