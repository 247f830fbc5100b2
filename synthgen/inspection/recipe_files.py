"""The files that a recipe names, opened: what cannot be used is a fault at the line that names it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path as FilePath

from synthgen.errors import InputError
from synthgen.recipe.cross_references import files
from synthgen.recipe.faults import Fault, Path
from synthgen.recipe.foreign_files import described
from synthgen.recipe.model import Recipe
from synthgen.usd.author import foreign
from synthgen.usd.read import description, open_stage


@dataclass(frozen=True)
class Found:
    """What the files of a recipe hold."""

    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    lit: bool
    """Whether any of them has a lamp that emits."""


def inspected(recipe: Recipe) -> Found:
    """Return what is wrong with the USD files that a recipe names: its scene, its items, its clutter.

    Files of randomizers have been imported when the recipe was loaded, and spectra go by their names.
    """
    faults: list[Fault] = []
    warnings: list[Fault] = []
    lit = False
    for path, name, grounded in _named(recipe):
        file = FilePath(recipe.origin.folder) / name
        try:
            told, remarks, shines = _opened(file, grounded)
        except InputError as error:
            told, remarks, shines = [str(error).removeprefix(f"{file}: ")], [], False
        faults += [recipe.origin.fault(path, f"{name}: {message}") for message in told]
        warnings += [recipe.origin.fault(path, f"{name}: {message}") for message in remarks]
        lit = lit or shines
    return Found(tuple(dict.fromkeys(faults)), tuple(dict.fromkeys(warnings)), lit)


def _named(recipe: Recipe) -> Iterator[tuple[Path, str, bool]]:
    """Yield (path in the recipe, file name, whether it is an item) of each USD file, patterns worked out."""
    folder = FilePath(recipe.origin.folder)
    if recipe.scene.usd:
        yield ("scene", "usd"), recipe.scene.usd, False
    for n, pattern in enumerate(recipe.scene.clutter.usd if recipe.scene.clutter else ()):
        yield from ((("scene", "clutter", "usd", n), name, True) for name in files(pattern, folder))
    for key, item in recipe.items.items():
        if item.usd:
            yield ("items", key, "usd"), item.usd, True
    for n, entry in enumerate(recipe.randomize):
        usd = entry.fields.get("usd")
        for k, name in enumerate(usd if isinstance(usd, tuple) else ()):
            if isinstance(name, str):
                yield ("randomize", n, entry.name, "usd", k), name, True


def _opened(file: FilePath, grounded: bool) -> tuple[list[str], list[str], bool]:
    """Return (what is wrong with a USD file, what is left out of it, whether it gives light).

    Raises:
        InputError: it cannot be opened.
    """
    if file.is_file() and file.suffix.lower() not in open_stage.SUFFIXES:
        with file.open("rb") as stream:
            what = described(file.name, stream.read(512))
        return [what.replace(", no recipe", "") or "is no USD file; name a .usd, .usda, .usdc or .usdz file"], [], False
    stage = open_stage.open_stage(file)
    faults = [*open_stage.composition_faults(stage), *map(_gone, open_stage.missing_files(file))]
    found = description.describe(stage)
    asset = foreign.inspect(str(file))
    if asset.low_m == asset.high_m and not (found.lights and not grounded):
        faults.append("holds no geometry; name a file with meshes")
    empty = "the stage has no geometry"
    remarks = [line for line in found.warnings if line not in faults and empty not in line]
    return faults, remarks, bool(found.lights)


def _gone(name: str) -> str:
    return f"refers to {name}, which is not there; put it there or repair the reference"
