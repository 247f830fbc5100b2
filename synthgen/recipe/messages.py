"""Pydantic's errors in the words of a recipe: the path as it was written, what was found, what to write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, get_args, get_origin

from synthgen.recipe.base import Part, part_of
from synthgen.recipe.faults import Fault, Path, hint, shown
from synthgen.recipe.list_examples import example
from synthgen.recipe.model import Recipe, ScenePart, parameter_names
from synthgen.recipe.provenance import Origin
from synthgen.recipe.unit_suffixes import factors, field_of, meant, to_si, unknown_key, what_to_write

RESERVED = {
    "include": "recipes that include others",
    "params": "named parameters",
    "constraints": "declared constraints",
    "correlate": "correlated draws",
    "scopes": "the scope of draws",
    "sweep": "sweeps",
}
"""Top-level keys that later versions of the language will give a meaning."""


def fault(origin: Origin, loc: Path, kind: str, context: Mapping[str, Any], names: list[str] | None = None) -> Fault:
    """Return the fault for one error of pydantic.

    Args:
        origin: the recipe that was read.
        loc: pydantic's path, with SI names.
        kind: pydantic's type of error.
        context: pydantic's context of the error, with its message as `msg`.
        names: the fields known where an unknown key stands; None looks them up in the recipe's model.
    """
    data = origin.document.data
    path = written(data, loc, missing=kind == "missing")
    found = _at(data, path)
    if kind == "extra_forbidden":
        message = _unknown(data, path, names)
    elif kind == "missing":
        message = _missing(loc)
    elif kind == "bound":
        message = _bound(loc, path, found, context)
    elif kind == "word":
        message = _word(origin.typed(path), context)
    else:
        message = context.get("message") or _shape(loc, kind, found, context)
    return origin.fault(path, message)


def written(data: Any, loc: Path, missing: bool = False) -> Path:
    """Return the path that a recipe's user wrote for a path of SI names; parts that pydantic added are left out."""
    path: Path = ()
    for n, part in enumerate(loc):
        if isinstance(data, dict):
            key = part if part in data else next((k for k in data if field_of(k, [str(part)])[0]), None)
        else:
            key = part if isinstance(data, list) and isinstance(part, int) and part < len(data) else None
        if key is not None:
            path, data = (*path, key), data[key]
        elif missing and n == len(loc) - 1:
            path = (*path, part)
    return path


def known_names(data: Any, path: Path) -> list[str]:
    """Return the SI names that may be written in the mapping at `path` of a recipe, [] when it has free names."""
    part = model_at(path)
    if part is None:
        return []
    if part is ScenePart:
        scene = _at(data, path)
        return [*part.names(), *parameter_names(scene.get("warehouse") if isinstance(scene, dict) else None)]
    return part.names()


def model_at(path: Path) -> type[Part] | None:
    """Return the model of the mapping at `path` of a recipe, None where free names or values stand."""
    kind: Any = Recipe
    for step in path:
        kind = _below(kind, step)
    return part_of(kind)


def _below(kind: Any, step: str | int) -> Any:
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    part = part_of(kind)
    if part is not None:
        name, _ = field_of(str(step), part.model_fields)
        return part.model_fields[name].annotation if name else None
    if get_origin(kind) is dict:
        return get_args(kind)[1]
    if get_origin(kind) is tuple and isinstance(step, int):
        args = get_args(kind)
        return args[0] if args[-1] is Ellipsis else args[step] if step < len(args) else None
    return None


def wholes(origin: Origin) -> Iterator[Fault]:
    """Yield what is wrong between the fields of each mapping.

    An unknown key counts as the field that its own message tells to write, which is not missing then.
    """
    for path, part, value in mappings(origin.document.data):
        names = known_names(origin.document.data, path)
        given = to_si(value, part.names())
        for key in [key for key in given if key not in part.model_fields]:
            given.setdefault(meant(key, names), given[key])
        for field, message in part.whole(given):
            place = (*path, *written(value, (field,), missing=False)) if field else path
            yield origin.fault(place, message)


def mappings(data: Any) -> Iterator[tuple[Path, type[Part], dict[str, Any]]]:
    """Yield (path, model, plain values) of each mapping of a recipe that has a model."""
    yield from _mappings(Recipe, data, ())


def _mappings(kind: Any, value: Any, path: Path) -> Iterator[tuple[Path, type[Part], dict[str, Any]]]:
    part = part_of(kind)
    if part is not None and isinstance(value, dict):
        yield path, part, value
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        below = _below(kind, key)
        if below is not None and isinstance(item, (dict, list)):
            yield from _mappings(below, item, (*path, key))


def _unknown(data: Any, path: Path, names: list[str] | None) -> str:
    key = str(path[-1])
    if len(path) == 1 and key in RESERVED:
        return f"{RESERVED[key]} come in a later version; delete it"
    if key == "<<":
        return "merge keys are not YAML 1.2; write the values out"
    names = known_names(data, path[:-1]) if names is None else names
    return unknown_key(key, names, _at(data, path[:-1]) or ())


def explained(data: Any, loc: Path) -> bool:
    """Return whether the message of another key says already that the field at `loc` is to be written.

    `exposure_um: 50` is both an unknown key and the absence of exposure_s; `exposure: 50` has the wrong shape.
    """
    path = written(data, loc[:-1])
    found, field = _at(data, path), str(loc[-1])
    if not isinstance(found, dict):
        return False
    names = known_names(data, path)
    unknown = [key for key in found if not field_of(key, names)[0]]
    misshapen = field == "exposure_s" and "exposure" in found and not isinstance(found["exposure"], dict)
    return misshapen or any(meant(key, names) == field for key in unknown)


def _missing(loc: Path) -> str:
    if isinstance(loc[-1], int):
        return f"a value is missing; write value number {loc[-1] + 1} of the list, {example(loc[:-1])}"
    return f"is missing; write {what_to_write(str(loc[-1]))}"


def _word(typed: str, context: Mapping[str, Any]) -> str:
    """Return that a number or a switch stands where text belongs, as it was typed."""
    known = context["known"]
    if not typed:
        return context["message"]
    if known and typed not in known:
        return f"found {typed}; {hint(typed, known)}"
    return f'found {typed}, which YAML does not read as text; put it in quotes: "{typed}"'


def _bound(loc: Path, path: Path, found: Any, context: Mapping[str, Any]) -> str:
    """Return the limit in the unit that was written."""
    name = next((part for part in reversed(loc) if isinstance(part, str)), "")
    key = next((part for part in reversed(path) if isinstance(part, str)), "")
    factor = factors(name).get(key, 1.0)
    return f"found {shown(found)}; write a value {context['op']} {context['limit'] / factor:.6g}"


def _shape(loc: Path, kind: str, found: Any, context: Mapping[str, Any]) -> str:
    if kind in ("model_type", "dict_type", "model_attributes_type", "is_instance_of"):
        below = {name for part in (model_at(loc[:-1]),) if part for name in part.names()}
        spelled = next((n for n in sorted(below) if n != loc[-1] and n.startswith(f"{loc[-1]}_")), "")
        also = f", or {what_to_write(spelled)}" if spelled and loc[-1] == "exposure" else ""
        return f"found {shown(found)}; write a mapping {{name: value}}{also}"
    if kind in ("tuple_type", "list_type"):
        return f"found {shown(found)}; write {example(loc)}"
    if kind == "too_long":
        return f"found {shown(found)}; write {context.get('max_length', 'fewer')} values, {example(loc)}"
    if kind == "too_short":
        return f"found {shown(found)}; write at least {context.get('min_length', 1)} value, {example(loc)}"
    return f"found {shown(found)}; {context.get('msg', 'write something else')}"


def _at(data: Any, path: Path) -> Any:
    """Return the value at a path, None where there is none."""
    for part in path:
        if isinstance(data, dict):
            data = data.get(part)
        elif isinstance(data, list) and isinstance(part, int) and part < len(data):
            data = data[part]
        else:
            return None
    return data
