"""Faults between parts of a recipe: mounts of the scene, targets of `on`, files beside the recipe, references."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Any

from synthgen.recipe import randomizer_entry
from synthgen.recipe.faults import Fault, Path, hint, nearest, shown
from synthgen.recipe.provenance import Origin
from synthgen.world.selection import GROUPS, matching, parts

_MESSAGE = "found {}; references (${{...}}) come in a later version, write the value itself"


def faults(origin: Origin) -> Iterator[Fault]:
    """Yield faults between the parts of a recipe, found in its plain values so that other faults do not hide them."""
    data = origin.document.data
    checks = (_references(data, ()), _mounts(data), _targets(data), _names(data), _files(data, FilePath(origin.folder)))
    for check in checks:
        for path, message in check:
            yield origin.fault(path, message)


def files(pattern: str, folder: FilePath) -> list[str]:
    """Return the files that a name or pattern means, as it was written, in alphabetical order.

    Raises:
        ValueError: the pattern cannot be one.
    """
    if not any(sign in pattern for sign in "*?["):
        return [pattern] if pattern and (folder / pattern).is_file() else []
    given = FilePath(pattern)
    root = FilePath(given.anchor) if given.is_absolute() else folder
    relative = str(given.relative_to(given.anchor)) if given.is_absolute() else pattern
    try:
        found = sorted(path for path in root.glob(relative) if path.is_file())
    except (NotImplementedError, IndexError, OSError) as error:
        raise ValueError(str(error)) from error
    return [str(path) if given.is_absolute() else path.relative_to(root).as_posix() for path in found]


def _references(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str) and "${" in value:
        yield path, _MESSAGE.format(shown(value))
    for key, item in value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ()):
        yield from _references(item, (*path, key))


def _mapping(data: Any, *keys: str) -> dict[str, Any]:
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}


def _mounts(data: Any) -> Iterator[tuple[Path, str]]:
    from synthgen.world import sites

    warehouse = _mapping(data, "scene").get("warehouse", "")
    if isinstance(warehouse, str) and warehouse and warehouse not in sites.SITES:
        warehouse = nearest(warehouse, sites.SITES)
    if not isinstance(warehouse, str):
        return
    known = sites.SITES[warehouse].mounts if warehouse else {}
    for group in ("cameras", "lights", "baffles"):
        for name, thing in _mapping(data, group).items():
            mount = thing.get("mount") if isinstance(thing, dict) else None
            wanted = mount.get("choice") if isinstance(mount, dict) else [mount]
            for word in wanted if isinstance(wanted, list) else []:
                if isinstance(word, str) and word not in known:
                    where = f"{warehouse} has no mount {word!r}; {sites.mount_choices(warehouse, known, word)}"
                    empty = f"found {word!r}; a mount needs scene.warehouse, write position_m and look_at_m"
                    yield (group, name, "mount"), where if known else empty


def _targets(data: Any) -> Iterator[tuple[Path, str]]:
    entries = data.get("randomize") if isinstance(data, dict) else None
    labels: dict[str, int] = {}
    for n, raw in enumerate(entries if isinstance(entries, list) else ()):
        try:
            name, label, given = randomizer_entry.split(raw)
        except ValueError:
            continue
        if label in labels:
            yield ("randomize", n), f"is the second entry called {label!r}; write as: another_name in one of them"
        labels[label] = n
        if isinstance(on := given.get("on"), str):
            yield from _target(data, ("randomize", n, name, "on"), on)
    for name, fault in _mapping(data, "safety", "single_faults").items():
        for key, group in (("stuck_on", "lights"), ("removed", "baffles")):
            named = fault.get(key) if isinstance(fault, dict) else None
            if isinstance(named, str) and parts(named)[0] == group:  # another group is told by the part itself
                yield from _target(data, ("safety", "single_faults", name, key), named)


def _target(data: Any, path: Path, on: str) -> Iterator[tuple[Path, str]]:
    group, pattern = parts(on)
    if group not in GROUPS:
        yield path, f"found {on!r}; {hint(group, GROUPS)}"
        return
    added = group in ("items", "lights") and path[1] != 0  # an entry above may add items and lamps of any name
    if pattern and not (added or matching(_mapping(data, group), pattern)):
        known = [f"{group}.{key}" for key in _mapping(data, group)]
        yield path, f"found {on!r}; {hint(on, known)}" if known else f"found {on!r}, there are no {group}; delete it"


def _names(data: Any) -> Iterator[tuple[Path, str]]:
    """Yield items whose names are reserved for the clutter of the scene."""
    for name in _mapping(data, "items") if _mapping(data, "scene", "clutter") else ():
        if name.startswith("clutter_"):
            yield ("items", name), "is a name of the scene's clutter; write another one"


def _files(data: Any, folder: FilePath) -> Iterator[tuple[Path, str]]:
    clutter = _mapping(data, "scene", "clutter").get("usd")
    named: list[tuple[Path, Any]] = [(("scene", "usd"), _mapping(data, "scene").get("usd"))]
    named += [(("scene", "clutter", "usd", n), f) for n, f in enumerate(clutter if isinstance(clutter, list) else ())]
    named += [(("items", key, "usd"), _mapping(data, "items", key).get("usd")) for key in _mapping(data, "items")]
    for path, name in named:
        if not isinstance(name, str) or not name:
            continue
        try:
            found = files(name, folder)
        except ValueError as error:
            yield path, f"found {shown(name)}: {error}; write a file name or a pattern such as props/*.usd"
            continue
        if not found:
            yield path, f"found {shown(name)}, no such file beside the recipe; write the name of one that is there"
