"""The licence of a data set: `LICENSE`, one text whatever the recipe is.

CC0-1.0, because training sets are mixed with others: attribution that piles up over thousands of sets is what users of
data cannot keep, and nothing in a rendered image or its labels needs it. Whoever publishes the directory may replace
it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

FILE = "LICENSE"
SPDX = "CC0-1.0"
URL = "https://creativecommons.org/publicdomain/zero/1.0/"

_TEXT = """\
SPDX-License-Identifier: CC0-1.0

What this covers. The shards, labels, tables and indexes in this directory were computed by synthgen. They show no
photograph, no person and no recording, and hold no content of third parties but what is listed below. The makers of
synthgen claim no right in what it computes.

Dedication. Unless this file has been replaced, whoever publishes this directory waives all copyright and related
rights in it worldwide, database rights included, to the extent that law allows, under CC0 1.0 Universal:
{url}
Anyone may copy, change and use it, for commercial ends too, without asking and without naming a source.

No warranty. It comes as it is. It is no statement of conformity: figures on eye safety in it are the results of a
simulation, not a measurement of a product. Names of symbologies and sensors may be marks of their owners.

Outside assets. {assets}

To publish under other terms, or not at all, replace this file and the line `license` in README.md first.
"""
_NONE = "The recipe names none: goods, labels, signs and buildings are drawn by synthgen itself."
_SOME = "The recipe brought these in; what they are in the images stays under their own licences:"
_ENDINGS = (
    ".usd",
    ".usda",
    ".usdc",
    ".usdz",
    ".obj",
    ".stl",
    ".gltf",
    ".glb",
    ".step",
    ".png",
    ".jpg",
    ".jpeg",
    ".ies",
)


def text(recipe_text: str) -> bytes:
    """Return the licence of the data set that follows from a resolved recipe."""
    names = assets(recipe_text)
    listed = "".join(f"\n  {name}" for name in names)
    return _TEXT.format(url=URL, assets=_SOME + listed if names else _NONE).encode()


def assets(recipe_text: str) -> list[str]:
    """Return the names of outside models and pictures in a resolved recipe, sorted."""
    return sorted({name for name in _texts(recipe(recipe_text)) if name.lower().endswith(_ENDINGS)})


def recipe(recipe_text: str) -> Any:
    """Return a resolved recipe, which is JSON, as plain values; {} where it is something else."""
    try:
        return json.loads(recipe_text)
    except ValueError:
        return {}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)
