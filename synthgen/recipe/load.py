"""From a file to a Recipe, or to every fault in it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path as FilePath
from typing import Any

from pydantic import ValidationError

from synthgen import shelves
from synthgen.errors import RecipeError
from synthgen.recipe import cross_references, foreign_files, messages, overrides, plausible, randomizer_entry, remainder
from synthgen.recipe.faults import Fault, hint, shown, texts
from synthgen.recipe.list_examples import example
from synthgen.recipe.model import Recipe
from synthgen.recipe.provenance import Origin
from synthgen.recipe.yaml_lines import Document, YamlError, parse

MAX_BYTES = 1_000_000


def load(path: str | os.PathLike[str], overrides: Sequence[str] = (), folder: FilePath | None = None) -> Recipe:
    """Return the recipe of a file, or of a shipped name such as `scan_tunnel`.

    Args:
        path: a file, or the name of a shipped recipe.
        overrides: `path=value` each, as `--set` has them.
        folder: where relative file names in the recipe start; None is the file's own folder.

    Raises:
        RecipeError: everything that is wrong with it, at once.
        UsageError: an override names nothing that a recipe has.
    """
    file = _found(os.fspath(path))
    return from_text(_text(file), overrides, file=str(file), folder=folder or file.parent)


def from_text(text: str, overrides: Sequence[str] = (), *, file: str = "<recipe>", folder: FilePath) -> Recipe:
    """Return the recipe that `text` writes; errors as in `load`."""
    origin = Origin(file, str(folder), _document(text, overrides, file, folder))
    built, faults, _ = _built(origin)
    if built is None or faults:
        raise RecipeError(texts(faults, file))
    return built


def examined(path: str | os.PathLike[str], overrides: Sequence[str] = ()) -> tuple[Recipe | None, list[Fault], str]:
    """Return (the recipe without what is wrong with it, or None when too little is left; every fault; its file).

    Raises:
        RecipeError: the file is no recipe at all.
        UsageError: an override names nothing that a recipe has.
    """
    file = _found(os.fspath(path))
    origin = Origin(str(file), str(file.parent), _document(_text(file), overrides, str(file), file.parent))
    built, faults, entries = _built(origin)
    if faults or built is None:
        built = remainder.without(origin, entries, faults)
    return built, faults, str(file)


def resolved(recipe: Recipe) -> str:
    """Return the recipe as canonical text, every override and the seed in it; `load` reads it back to the same shots.

    File names in it stay as they were written, relative to the recipe's own folder (`load(..., folder=...)`).
    """
    return recipe.origin.text()


def _found(path: str) -> FilePath:
    """Return the file that `path` means."""
    file = FilePath(path)
    shelf = shelves.path("recipes")
    if not os.path.lexists(file) and file.name == path and not file.suffix:
        shipped = sorted(f.stem for f in shelf.glob("*.yaml"))
        if path in shipped:
            return shelf / f"{path}.yaml"
        write = hint(path, shipped) if shipped else "write the name of a recipe file"
        raise RecipeError([f"{shown(path)}: there is no such file or shipped recipe; {write}"])
    return file


def _text(file: FilePath) -> str:
    """Return the text of a file; a file that cannot hold a recipe raises a RecipeError that says what it is."""
    try:
        kind = file.stat().st_mode
        if stat.S_ISDIR(kind):
            raise RecipeError([f"{file}: is a folder; write the name of a recipe file in it"])
        if not stat.S_ISREG(kind):
            raise RecipeError([f"{file}: is no regular file; write the name of a recipe file"])
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise RecipeError([f"{file}: {reason}; write the name of a recipe file that can be read"]) from None
    what = foreign_files.described(file.name, data[:512])
    if what:
        raise RecipeError([f"{file}: {what}"])
    if len(data) > MAX_BYTES:
        raise RecipeError([f"{file}: larger than {MAX_BYTES} bytes; this is no recipe"])
    return _decoded(data, file)


def _decoded(data: bytes, file: FilePath) -> str:
    if b"\0" in data:
        raise RecipeError([f"{file}: holds binary data; write a recipe in UTF-8 text"])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        found = data[error.start]
        raise RecipeError([f"{file}:{line}: byte 0x{found:02x} is not UTF-8; save the file as UTF-8"]) from None


def _document(text: str, given: Sequence[str], file: str, folder: FilePath) -> Document:
    """Return the parsed text with the overrides in it and its seed written out."""
    try:
        document = parse(text)
    except YamlError as error:
        raise RecipeError([f"{file}:{error.line}: {error}"]) from None
    what = foreign_files.described_data(document.data)
    if what:
        raise RecipeError([f"{file}:1: {what}"])
    if not isinstance(document.data, dict):
        found = "is empty" if document.data is None else f"holds {shown(document.data)}"
        raise RecipeError([f"{file}:1: {found}; write version: 1 and the rest of a recipe below it"])
    document.data.setdefault("seed", 0)
    return overrides.applied(document, given, folder)


def _built(origin: Origin) -> tuple[Recipe | None, list[Fault], list[randomizer_entry.Entry | None]]:
    """Return (recipe or None, every fault, the list of randomizers with None for those that cannot be read)."""
    data = origin.document.data
    faults = [*origin.document.faults, *cross_references.faults(origin), *messages.wholes(origin)]
    entries, entry_faults = _entries(origin)
    faults += entry_faults
    recipe = None
    try:
        recipe = Recipe.model_validate({**data, "randomize": tuple(filter(None, entries))})
        recipe._origin = origin
    except ValidationError as error:
        faults += _of_model(origin, error)
    return recipe, _with_ranges(faults, origin), entries


def _with_ranges(faults: list[Fault], origin: Origin) -> list[Fault]:
    """Return the faults with those of numbers that cannot be; a limit that is passed is told once, with its reason."""
    known = {fault.path: n for n, fault in enumerate(faults)}
    found = list(faults)
    for fault in plausible.faults(origin):
        if fault.path not in known:
            found.append(fault)
        elif "write a value of at most" in faults[known[fault.path]].message:
            found[known[fault.path]] = fault
    return found


def _of_model(origin: Origin, error: ValidationError) -> Iterator[Fault]:
    missing = {e["loc"] for e in error.errors(include_url=False) if e["type"] == "missing"}
    found = [
        messages.fault(origin, e["loc"], e["type"], {**e.get("ctx", {}), "msg": e["msg"]})
        for e in error.errors(include_url=False)
        if not (isinstance(e["input"], str) and "${" in e["input"])  # a reference, named already
        if not (e["type"] == "missing" and messages.explained(origin.document.data, e["loc"]))
        if not (
            e["loc"] and isinstance(e["loc"][-1], int) and (*e["loc"][:-1], e["loc"][-1] - 1) in missing
        )  # a short list, once
    ]
    yield from found


def _entries(origin: Origin) -> tuple[list[randomizer_entry.Entry | None], list[Fault]]:
    """Return the list of randomizers, None for each that cannot be read, and what is wrong with them."""
    raw = origin.document.data.get("randomize")
    if raw is None:
        return [], []
    if not isinstance(raw, list):
        message = f"found {shown(raw)}; write {example(('randomize',))}"
        return [], [origin.fault(("randomize",), message)]
    entries: list[randomizer_entry.Entry | None] = []
    faults: list[Fault] = []
    for n, item in enumerate(raw):
        try:
            read, errors = randomizer_entry.read(item, FilePath(origin.folder))
        except ValueError as error:
            read, errors = None, []
            faults.append(origin.fault(("randomize", n), str(error)))
        faults += _of_entry(origin, n, item, errors)
        entries.append(read)
    return entries, faults


def _of_entry(origin: Origin, n: int, item: Any, errors: randomizer_entry.Errors) -> list[Fault]:
    if not errors:
        return []
    name = randomizer_entry.split(item)[0]
    names = list(randomizer_entry.adapters(randomizer_entry.find(name, FilePath(origin.folder))))
    given = randomizer_entry.split(item)[2]
    return [
        messages.fault(origin, ("randomize", n, name, *loc), kind, ctx, names)
        for loc, kind, ctx in errors
        if not (kind == "missing" and any(messages.meant(key, names) == loc[0] for key in given if key not in names))
    ]
