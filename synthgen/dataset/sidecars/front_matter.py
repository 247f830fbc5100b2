"""YAML for the head of a dataset card, and the features of Hugging Face `datasets` in it.

References:
    datasets 5.2.0, `Features._from_yaml_list`: `- name: x, dtype: float64`, `list: ...`, `struct: [...]`,
    `dtype: {array2_d: {shape, dtype}}`; `json` since 4.7.0.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from synthgen.dataset.sidecars import fields
from synthgen.dataset.sidecars.fields import Field


def yaml(values: Mapping[str, Any]) -> str:
    """Return dicts, lists and scalars as YAML, a text in quotes wherever YAML might take it for something else."""
    return "\n".join(_block(values, "")) + "\n"


def features(members: Collection[str], shapes: Mapping[str, tuple[int, ...]]) -> list[dict[str, Any]]:
    """Return the features of a sample.

    Args:
        members: fields of the samples.
        shapes: the shape of each map of which all have one; others become lists of lists.
    """
    known = {"png": {"dtype": "image"}, "json": {"struct": [_feature(field) for field in fields.RECORD]}}
    known["shot.json"] = {"dtype": "json"}
    for field in fields.MAPS.values():
        known[field.name] = _array(field, shapes.get(field.name))
    sample = [{"name": name, **known[name]} for name in sorted(members)]
    return [*sample, {"name": "__key__", "dtype": "string"}, {"name": "__url__", "dtype": "string"}]


def _feature(field: Field) -> dict[str, Any]:
    inner: Any = {"struct": [_feature(part) for part in field.parts]} if field.parts else {"dtype": field.type}
    for _ in field.shape:
        inner = {"list": inner.get("struct") or (inner["dtype"] if list(inner) == ["dtype"] else inner)}
    return {"name": field.name, **inner}


def _array(field: Field, shape: tuple[int, ...] | None) -> dict[str, Any]:
    if shape:
        return {"dtype": {f"array{len(shape)}_d": {"shape": list(shape), "dtype": field.type}}}
    rank = 3 if field.name in ("normals.npy", "radiance.npy") else 2
    inner: Any = field.type
    for _ in range(rank):
        inner = {"list": inner}
    return inner


def _block(value: Any, indent: str) -> Iterator[str]:
    """Yield the lines of a mapping or a list."""
    pairs = value.items() if isinstance(value, Mapping) else (("-", item) for item in value)
    for name, item in pairs:
        mark = "-" if name == "-" else f"{_scalar(name)}:"
        if not isinstance(item, (Mapping, list)) or not item:
            yield f"{indent}{mark} {_scalar(item)}"
        elif mark == "-":
            first, *rest = _block(item, indent + "  ")
            yield f"{indent}- {first.lstrip()}"
            yield from rest
        else:
            yield f"{indent}{mark}"
            yield from _block(item, indent + "  ")


def _scalar(value: Any) -> str:
    plain = isinstance(value, str) and value.replace("_", "a").replace(".", "a").isalnum() and value[0].isalpha()
    if plain and value.lower() not in ("y", "n", "yes", "no", "on", "off", "true", "false", "null"):
        return value
    return json.dumps(value, ensure_ascii=False)
