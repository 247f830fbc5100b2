"""What a randomizer is, and how a recipe's name becomes a class."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Mapping
from difflib import get_close_matches
from hashlib import blake2b
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Protocol

from synthgen import shelves
from synthgen.errors import InputError
from synthgen.random_streams import Stream
from synthgen.world.shot import Shot

ENTRY_POINTS = "synthgen.randomizers"


class Randomizer(Protocol):
    """A frozen dataclass of numbers and distributions that decides part of a Shot.

    Its fields are its YAML schema: a field `module_m` may be written `module_mm: {uniform: [0.4, 1.0]}` in a recipe.
    """

    def __call__(self, shot: Shot, rng: Stream) -> Shot:
        """Return `shot` with this part decided; every draw comes from a named place below `rng`.

        Raises:
            Infeasible: these draws cannot be built; the shot is drawn again with the next attempt.
        """
        ...


def find(name: str, folder: Path) -> type:
    """Return the class that a recipe in `folder` names.

    `rack_lighting` is shipped, `acme/dock_glare` comes from the entry point `acme`, `./mine.py:Dust` from a file beside
    the recipe: the only form that runs code which is not installed.

    Raises:
        InputError: there is none; the message ends with what to write.
    """
    if name.startswith("./") or ".py" in name:
        return _from_file(name, folder)
    if "/" in name:
        vendor, _, inner = name.partition("/")
        return _from_table(inner, _vendor(vendor), f"{vendor}/")
    return _from_table(name, shipped(), "")


def shipped() -> Mapping[str, Any]:
    """Return the shelf's table: name to class, or to the text `module:Class`."""
    return _table(importlib.import_module(shelves.module("randomizers")))


def _vendor(vendor: str) -> Mapping[str, Any]:
    found = {point.name: point for point in entry_points(group=ENTRY_POINTS)}
    if vendor not in found:
        raise InputError(f"no installed package offers randomizers as {vendor!r}; {_hint(vendor, found)}")
    try:
        return _table(found[vendor].load())
    except Exception as error:
        raise InputError(f"the randomizers of {vendor!r} cannot be imported: {error}; repair that package") from error


def _table(owner: Any) -> Mapping[str, Any]:
    return owner if isinstance(owner, Mapping) else getattr(owner, "RANDOMIZERS", {})


def _from_table(name: str, table: Mapping[str, Any], prefix: str) -> type:
    if name not in table:
        raise InputError(f"no randomizer is called {prefix + name!r}; {_hint(name, table, prefix)}")
    target = table[name]
    if not isinstance(target, str):
        return target
    module, _, attribute = target.partition(":")
    if prefix == "" and module.split(".")[0] == "randomizers":
        module = shelves.module("randomizers") + module.removeprefix("randomizers")
    return getattr(importlib.import_module(module), attribute)


def _from_file(name: str, folder: Path) -> type:
    file, _, attribute = name.partition(":")
    if not file.startswith("./") or ".." in Path(file).parts or not attribute.isidentifier():
        raise InputError(f"found {name!r}; write ./file.py:Class, a file beside the recipe")
    path = folder / file
    if not path.is_file():
        raise InputError(f"there is no file {file} beside the recipe; write the name of one that is there")
    found = getattr(_module(path), attribute, None)
    if not isinstance(found, type):
        classes = {key: None for key, value in vars(_module(path)).items() if isinstance(value, type)}
        raise InputError(f"{file} has no class {attribute!r}; {_hint(attribute, classes)}")
    return found


def _module(path: Path) -> Any:
    """Import a file once; its module name follows from its place, and dataclasses need it in `sys.modules`."""
    name = f"synthgen_file_{blake2b(str(path.resolve()).encode(), digest_size=8).hexdigest()}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise InputError(f"{path.name} cannot be imported: {type(error).__name__}: {error}; repair it") from error
    return module


def _hint(name: str, table: Mapping[str, Any], prefix: str = "") -> str:
    near = get_close_matches(name, list(table), 1)
    if near:
        return f"write {prefix}{near[0]}"
    return f"write one of {', '.join(prefix + key for key in sorted(table))}" if table else "none is installed"
