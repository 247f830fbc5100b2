"""`--set cameras.top.exposure_ms=0.1`: one value replaced before the recipe is checked, so the model types it."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path as FilePath
from typing import Any

from synthgen.errors import UsageError
from synthgen.recipe import messages, randomizer_entry
from synthgen.recipe.cameras import SensorPart
from synthgen.recipe.faults import Path, dotted, nearest
from synthgen.recipe.provenance import Origin
from synthgen.recipe.unit_suffixes import factors, field_of, unknown_key
from synthgen.recipe.yaml_lines import Document, YamlError, parse


def applied(document: Document, overrides: Sequence[str], folder: FilePath) -> Document:
    """Return the document with each `path=value` in it.

    Raises:
        UsageError: an override is not `path=value`, or its path is none of a recipe; names the nearest.
    """
    if not overrides:
        return document
    data, places, typed = copy.deepcopy(document.data), dict(document.places), dict(document.typed)
    for text in overrides:
        written, equals, value_text = text.partition("=")
        if not equals or not written.strip():
            raise UsageError(f"--set {text}: write path=value, such as cameras.top.exposure_us=50")
        value = _value(text, value_text)
        path = _replace(data, _steps(written), value.data, folder, text)
        places = {p: place for p, place in places.items() if p[: len(path)] != path}
        places[path] = f"--set {text}"
        typed = {p: given for p, given in typed.items() if p[: len(path)] != path}
        typed |= {(*path, *p): given for p, given in value.typed.items()}
    return Document(data, document.lines, document.faults, places, typed)


def _steps(written: str) -> list[str]:
    """Return the steps of `cameras.top.roi_px.0`, or `roi_px[0]`; dots inside a file's name are kept together."""
    return [step for step in written.strip().replace("[", ".").replace("]", "").split(".") if step]


def _value(text: str, written: str) -> Document:
    try:
        document = parse(written)
    except YamlError as error:
        raise UsageError(f"--set {text}: {error}") from None
    if document.faults:
        raise UsageError(f"--set {text}: {document.faults[0].message}")
    return document


def _replace(data: Any, steps: list[str], value: Any, folder: FilePath, text: str) -> Path:
    """Put `value` at the path of `steps`; return the path as it is written now."""
    path: Path = ()
    here = data
    names: list[str] | None = None  # the fields of a randomizer, below its entry
    for n, step in enumerate(steps):
        last = n == len(steps) - 1
        if names is not None and path[-1:] == (step,) and step not in names and not last:
            continue  # the class of an entry, which its label or number has named already
        if path == ("randomize",):
            here, path, names = _entry(data, step, folder, text)
            if last:
                raise UsageError(f"--set {text}: name a field, such as randomize.{step}.{(names or ['on'])[0]}")
            continue
        key = _key(data, here, path, step, names, text, deeper=not last)
        names = None
        if last:
            _put(here, key, value)
        elif isinstance(here, dict) and not isinstance(here.get(key), (dict, list)):
            here[key] = _opened(here.get(key), (*path, key), text)
        path, here = (*path, key), here[key]
    return path


def _key(data: Any, here: Any, path: Path, step: str, names: list[str] | None, text: str, deeper: bool) -> str | int:
    """Return the key that `step` means in the container `here`."""
    if isinstance(here, list):
        if not step.isdigit() or int(step) >= len(here):
            raise UsageError(f"--set {text}: {dotted(path)} has {len(here)} values; write {dotted((*path, 0))}")
        return int(step)
    known = messages.known_names(data, path) if names is None else names
    if not isinstance(here, dict):
        raise UsageError(f"--set {text}: {dotted(path)} holds one value; write {dotted(path)}=value")
    if not known:
        if step not in here:
            raise UsageError(f"--set {text}: there is no {dotted((*path, step))}; {_there(here, path, step)}")
        return step
    name, _ = field_of(step, known)
    if not name:
        at = Origin(document=Document(data, {}, [])).spelled((*path, step))
        raise UsageError(f"--set {text}: {at}: {unknown_key(step, known)}")
    written = next((key for key in here if key in factors(name)), step)
    if deeper and written != step:  # its other values stand there in another unit
        raise UsageError(f"--set {text}: the recipe writes {written}; write {dotted((*path, written))} here, too")
    return step


def _there(here: dict[str, Any], path: Path, step: str) -> str:
    """Return what to write for a name that a mapping of free names does not have."""
    near = nearest(step, here)
    if near:
        return f"write {dotted((*path, near))}"
    if not here:
        return f"the recipe declares no {dotted(path)}, write them into its file"
    return f"write one of {', '.join(dotted((*path, name)) for name in here)}"


def _opened(value: Any, path: Path, text: str) -> dict[str, Any]:
    """Return the mapping that replaces a single value or nothing, so that the path can go on below it."""
    if value is None:
        return {}
    if messages.model_at(path) is SensorPart:
        return {"model": value}
    raise UsageError(f"--set {text}: {dotted(path)} holds one value; write {dotted(path)}=value")


def _put(here: Any, key: str | int, value: Any) -> None:
    """Put a value, in place of every other spelling of its field."""
    if isinstance(here, dict):
        for other in [k for k in here if k != key and _same_field(k, str(key))]:
            del here[other]
    here[key] = value


def _same_field(one: str, other: str) -> bool:
    return any(one in factors(name) and other in factors(name) for name in (one, other)) or any(
        one in factors(f"{stem}_{si}") and other in factors(f"{stem}_{si}")
        for stem in {one.rpartition("_")[0], other.rpartition("_")[0]}
        for si in ("m", "s", "rad", "w", "hz", "kg", "nm")
    )


def _entry(data: Any, label: str, folder: FilePath, text: str) -> tuple[Any, Path, list[str] | None]:
    """Return (its mapping of fields, its path, its field names) of the list's entry with a label, or a number."""
    labels: dict[str, int] = {}
    entries = data.get("randomize")
    for n, raw in enumerate(entries if isinstance(entries, list) else ()):
        try:
            labels[randomizer_entry.split(raw)[1]] = n
        except ValueError:
            continue
    if label.isdigit() and int(label) in labels.values():
        label = next(name for name, n in labels.items() if n == int(label))
    if label not in labels:
        near = nearest(label, labels)
        listed = [f"randomize.{name}" for name in labels]
        hint = (
            f"write one of {', '.join(listed)}" if listed else "the recipe has no list of them, write it into its file"
        )
        hint = f"write randomize.{near}" if near else hint
        raise UsageError(f"--set {text}: no randomizer is labelled {label!r}; {hint}")
    n = labels[label]
    raw = data["randomize"][n]
    name = randomizer_entry.split(raw)[0]
    if isinstance(raw, str):
        raw = data["randomize"][n] = {raw: {}}
    raw[name] = raw[name] or {}
    try:
        names = list(randomizer_entry.adapters(randomizer_entry.find(name, folder)))
    except ValueError:
        names = None
    return raw[name], ("randomize", n, name), names
