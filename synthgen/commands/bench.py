"""`synthgen bench`: where the time goes on this machine."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from synthgen.commands import flags
from synthgen.errors import InputError


def bench(
    recipe: flags.RecipeName = "scan_tunnel",
    *,
    shots: flags.DrawnShots = 4,
    seed: flags.Seed = None,
    overrides: flags.Set = [],  # noqa: B006
    device: flags.Device = "auto",
    truth: Annotated[bool, Parameter(help="Measure the irradiance error against 1 024 samples too.")] = True,
    cases: Annotated[
        int,
        Parameter(
            validator=Number(gte=0, lte=flags.MOST_DRAWN),
            help="Instead of timing: render the first N codes that are not read without the cause that is named.",
        ),
    ] = 0,
    loader: Annotated[
        str,
        Parameter(help="Instead of timing stages: read this data set with synthgen.loader and with plain webdataset."),
    ] = "",
    json: flags.Json = False,
) -> None:
    """Time each stage of making samples on this machine, as a table or JSON.

    Example: `synthgen bench scan_tunnel -n 4`

    With `--cases` it counts the codes in view of the first shots instead, how fine and clear they are and why they are
    not read, and renders the first misses again with the named cause alone removed.

    Example: `synthgen bench scan_tunnel -n 200 --cases 50`

    Example: `synthgen bench --loader tunnel`
    """
    from synthgen.experiments import benchmark, reason_validation

    if loader:
        _loader(loader, json)
        return
    loaded = flags.load(recipe, seed, overrides)
    if cases:
        found = reason_validation.run(loaded, shots=shots, cases=cases, device=flags.device_here(device), name=recipe)
        flags.data_object(found.as_dict()) if json else flags.data(found.as_text())
        return
    report = benchmark.run(loaded, shots=shots, device=flags.device_here(device), truth=truth, name=recipe)
    if json:
        flags.data_object(report.as_dict())
    else:
        flags.data(report.as_text())


def _loader(url: str, as_json: bool) -> None:
    """Say how many images a second a data set gives."""
    try:
        from synthgen.loader import benchmark as speed
    except ImportError as error:
        raise InputError(f"--loader: {error}; pip install 'synthgen[torch]'") from error
    found = [speed.compare(url, workers=workers) for workers in (0, 2)]
    if as_json:
        flags.data_object({"loader": [vars(one) for one in found]})
    else:
        flags.data("\n".join(one.as_text() for one in found))
