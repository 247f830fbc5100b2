"""`synthgen bench`: where the time goes on this machine."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from synthgen.commands import flags


def bench(
    recipe: flags.RecipeName = "scan_tunnel",
    *,
    shots: flags.Shots = 4,
    seed: flags.Seed = None,
    overrides: flags.Set = [],  # noqa: B006
    device: flags.Device = "auto",
    truth: Annotated[bool, Parameter(help="Measure the irradiance error against 1 024 samples too.")] = True,
    json: flags.Json = False,
) -> None:
    """Time every stage of the road on this machine, as a table or JSON.

    Example: `synthgen bench scan_tunnel -n 4`
    """
    from synthgen import bench as benchmark

    loaded = flags.load(recipe, seed, overrides)
    report = benchmark.run(loaded, shots=shots, device=flags.device_here(device), truth=truth, name=recipe)
    if json:
        flags.data_object(report.as_dict())
    else:
        flags.data(report.as_text())
