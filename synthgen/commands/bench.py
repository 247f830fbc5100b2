"""`synthgen bench`: where the time goes on this machine."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from synthgen.commands import flags


def bench(
    recipe: flags.RecipeName = "scan_tunnel",
    *,
    shots: flags.Shots = 4,
    seed: flags.Seed = None,
    overrides: flags.Set = [],  # noqa: B006
    device: flags.Device = "auto",
    truth: Annotated[bool, Parameter(help="Measure the irradiance error against 1 024 samples too.")] = True,
    cases: Annotated[
        int, Parameter(validator=Number(gte=0), help="Instead: take the named reason of N misses away and read again.")
    ] = 0,
    json: flags.Json = False,
) -> None:
    """Time every stage of the road on this machine, as a table or JSON.

    Example: `synthgen bench scan_tunnel -n 4`

    With `--cases` it counts the codes in view of the first shots instead, how fine and clear they are and why they are
    not read, and renders the first misses again with the named cause alone removed.

    Example: `synthgen bench scan_tunnel -n 200 --cases 50`
    """
    from synthgen import bench as benchmark
    from synthgen import proof

    loaded = flags.load(recipe, seed, overrides)
    if cases:
        found = proof.run(loaded, shots=shots, cases=cases, device=flags.device_here(device), name=recipe)
        flags.data_object(found.as_dict()) if json else flags.data(found.as_text())
        return
    report = benchmark.run(loaded, shots=shots, device=flags.device_here(device), truth=truth, name=recipe)
    if json:
        flags.data_object(report.as_dict())
    else:
        flags.data(report.as_text())
