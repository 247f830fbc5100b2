"""`synthgen check`: every fault of a recipe, a stage or a data set, one a line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from synthgen.commands import flags
from synthgen.errors import InputError

_STAGES = {".usd", ".usda", ".usdc", ".usdz"}


def check(
    path: Annotated[str, Parameter(help="A recipe, a USD file, or the folder or URL of a data set.")],
    *,
    overrides: flags.Set = [],  # noqa: B006
    json: flags.Json = False,
) -> None:
    """Name every fault of a recipe, stage or data set, one a line with its place; none gives exit 0.

    Example: `synthgen check recipes/scan_tunnel.yaml`

    Exits 4 when there are faults.
    """
    faults = _faults(path, overrides)
    if json:
        flags.data_object({"path": path, "faults": faults})
    elif faults:
        flags.data("\n".join(faults))
    if faults:
        raise InputError(f"{path}: {len(faults)} fault{'s' if len(faults) > 1 else ''}")
    flags.message(f"{path}: no fault found")


def _faults(path: str, overrides: list[str]) -> list[str]:
    if "://" in path or Path(path).is_dir():
        from synthgen.dataset import stores
        from synthgen.verify import integrity

        return list(integrity.faults(stores.at(path), flags.message))
    if Path(path).suffix.lower() in _STAGES:
        from synthgen.usd.read import description, open_stage

        stage = open_stage.open_stage(path)
        return [*open_stage.composition_faults(stage), *description.describe(stage).warnings]
    from synthgen.planning import check

    return check.check(path, overrides)
