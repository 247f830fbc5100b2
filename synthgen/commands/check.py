"""`synthgen check`: every fault of a recipe, a stage or a data set, one a line."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from synthgen.commands import flags, site_list
from synthgen.errors import InputError

_STAGES = {".usd", ".usda", ".usdc", ".usdz"}


@dataclass(frozen=True)
class _Found:
    """What a check finds, one line each."""

    faults: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    """What the cameras of a recipe's draws see."""
    views: dict[str, Any] = field(default_factory=dict)
    """The same as JSON values."""


def check(
    path: Annotated[
        str, Parameter(help="A recipe, a USD file, or the folder or URL of a data set; with --mounts also a warehouse.")
    ],
    *,
    overrides: flags.Set = [],  # noqa: B006
    mounts: Annotated[
        bool, Parameter(negative=(), help="List what a scene has: its mounts, places, and numbers with defaults.")
    ] = False,
    json: flags.Json = False,
) -> None:
    """Name every fault of a recipe, stage or data set, one a line with its place; exit 0 when there is none.

    What is allowed and probably not meant, such as a focal length of 0.008 mm, is a warning on stderr.

    Example: `synthgen check recipes/scan_tunnel.yaml`, `synthgen check --mounts scan_tunnel`

    Exits 4 when there are faults.
    """
    if mounts:
        listed = site_list.listed(path, overrides)
        if json:
            flags.data_object(listed)
        else:
            flags.data("\n".join(site_list.lines(listed)))
        return
    found = _found(path, overrides)
    if json:
        flags.data_object({"path": path, "faults": found.faults, "warnings": found.warnings, **found.views})
    elif found.faults:
        flags.data("\n".join(found.faults))
    flags.warn_all(found.warnings)
    if found.faults:
        raise InputError(f"{path}: {len(found.faults)} fault{'s' if len(found.faults) > 1 else ''}")
    flags.message("\n".join([f"{path}: no fault found", *found.seen]))


def _found(path: str, overrides: list[str]) -> _Found:
    if "://" in path or Path(path).is_dir():
        from synthgen.dataset import stores
        from synthgen.verify import integrity

        return _Found(tuple(integrity.faults(stores.at(path), flags.message)))
    if Path(path).suffix.lower() in _STAGES:
        from synthgen.usd.read import description, open_stage

        stage = open_stage.open_stage(path)
        return _Found((*open_stage.composition_faults(stage), *description.describe(stage).warnings))
    return _of_recipe(path, overrides)


def _of_recipe(path: str, overrides: list[str]) -> _Found:
    """Return what is wrong with a recipe, its draws and the files that it names."""
    from synthgen.planning import check, view_forecast

    report = check.examine(path, overrides)
    if report.recipe is None:
        return _Found(report.faults, report.warnings)
    from synthgen.inspection import recipe_files
    from synthgen.recipe.faults import texts

    opened = recipe_files.inspected(report.recipe)
    file = report.recipe.origin.file
    dark = "" if opened.faults else check.dark(report, lit_by_usd=opened.lit)
    return _Found(
        (*report.faults, *texts(opened.faults, file)),
        (*report.warnings, *texts(opened.warnings, file), *([dark] if dark else [])),
        tuple(view_forecast.text(report.views)) if report.views else (),
        {"views": view_forecast.summary(report.views)} if report.views else {},
    )
