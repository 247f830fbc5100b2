"""The licence of a data set: what the recipe says in `dataset.licence`, for `LICENSE` and for every description.

A recipe that says nothing gives "not stated": only the maker of a data set can choose its licence.

References:
    SPDX License List, spdx.org/licenses: identifiers and the address of each text.
    Hugging Face Hub, "Licenses" (hub/repositories-licenses): the identifiers that a card may carry; `other` takes
    `license_name` and `license_link`, `unknown` stands for none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

FILE = "LICENSE"
NOT_STATED = "not stated"

_SPDX = {
    name.lower(): name
    for name in (
        *("CC0-1.0", "CC-BY-2.0", "CC-BY-2.5", "CC-BY-3.0", "CC-BY-4.0", "CC-BY-SA-3.0", "CC-BY-SA-4.0"),
        *("CC-BY-NC-2.0", "CC-BY-NC-3.0", "CC-BY-NC-4.0", "CC-BY-ND-4.0", "CC-BY-NC-ND-3.0", "CC-BY-NC-ND-4.0"),
        *("CC-BY-NC-SA-2.0", "CC-BY-NC-SA-3.0", "CC-BY-NC-SA-4.0"),
        *("CDLA-Sharing-1.0", "CDLA-Permissive-1.0", "CDLA-Permissive-2.0", "C-UDA-1.0"),
        *("ODC-By-1.0", "ODbL-1.0", "PDDL-1.0", "etalab-2.0", "EUPL-1.1"),
        *("Apache-2.0", "MIT", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MPL-2.0", "Unlicense"),
    )
}
_HUB = {"C-UDA-1.0": "c-uda", "ODC-By-1.0": "odc-by", "ODbL-1.0": "odbl", "PDDL-1.0": "pddl"}
"""The Hub's identifiers that are not the SPDX identifier in lower case."""


@dataclass(frozen=True)
class Licence:
    """The licence of a data set."""

    name: str
    """An SPDX identifier, a name of the maker's own, or NOT_STATED."""

    @property
    def stated(self) -> bool:
        """Return whether the recipe names a licence."""
        return self.name != NOT_STATED

    @property
    def known(self) -> bool:
        """Return whether the name is one of the SPDX identifiers that the Hub knows too."""
        return self.name in _SPDX.values()

    @property
    def url(self) -> str:
        """Return the address of the licence's text, "" where it is not on the SPDX list."""
        return f"https://spdx.org/licenses/{self.name}.html" if self.known else ""

    @property
    def hub(self) -> dict[str, str]:
        """Return the lines of a Hugging Face card that state it."""
        if not self.stated:
            return {"license": "unknown"}
        if self.known:
            return {"license": _HUB.get(self.name, self.name.lower())}
        slug = re.sub(r"[^a-z0-9.]+", "-", self.name.lower()).strip("-.") or "own"
        return {"license": "other", "license_name": slug, "license_link": FILE}


def of(recipe_text: str) -> Licence:
    """Return the licence that a resolved recipe names.

    >>> of('{"dataset": {"licence": "cc-by-4.0"}}').name
    'CC-BY-4.0'
    >>> of("{}").name
    'not stated'
    """
    section = recipe(recipe_text).get("dataset")
    name = str(section.get("licence", NOT_STATED)) if isinstance(section, dict) else NOT_STATED
    return Licence(_SPDX.get(name.lower(), name))


_COVERS = """\
What this covers. The shards, labels, tables and indexes in this directory were computed by synthgen. They show no
photograph, no person and no recording, and hold no content of third parties but what is listed below. The makers of
synthgen claim no right in what it computes.
"""
_REST = """\
No warranty. The data set is provided as it is. It is no statement of conformity: figures on eye safety in it are the
results of a simulation, not a measurement of a product. Names of symbologies and sensors may be marks of their owners.

Outside assets. {assets}
"""
_STATED = "Licence: {name}. Whoever made this data set chose it in the recipe (`dataset.licence`).\n{text}\n"
_TEXT_AT = "Its text: {url}\n"
_NO_TEXT = "Its text is not part of this directory: ask the maker for it.\n"
_UNSTATED = """\
Licence: not stated. Whoever made this data set has not chosen a licence yet, so nobody else may take one for granted.

To state one, write `licence:` under `dataset:` in the recipe, an SPDX identifier such as CC-BY-4.0 or a name of your
own, and generate into a new directory; the samples are the same.
"""
_NONE = "The recipe names none: goods, labels, signs and buildings are drawn by synthgen itself."
_SOME = "The recipe brought these in; what they are in the images stays under their own licences:"
_ENDINGS = (
    *(".usd", ".usda", ".usdc", ".usdz", ".obj", ".stl", ".gltf", ".glb", ".step"),
    *(".png", ".jpg", ".jpeg", ".ies"),
)


def text(recipe_text: str) -> bytes:
    """Return `LICENSE` of the data set that follows from a resolved recipe."""
    found, names = of(recipe_text), assets(recipe_text)
    parts = [_COVERS, _REST.format(assets=_SOME + "".join(f"\n  {name}" for name in names) if names else _NONE)]
    if not found.stated:
        return "\n".join([_UNSTATED, *parts]).encode()
    where = _TEXT_AT.format(url=found.url) if found.known else _NO_TEXT
    head = f"SPDX-License-Identifier: {found.name}\n" if found.known else ""
    stated = f"{head}\n" if head else ""
    return "\n".join([stated + _STATED.format(name=found.name, text=where).rstrip() + "\n", *parts]).encode()


def assets(recipe_text: str) -> list[str]:
    """Return the names of outside models and pictures in a resolved recipe, sorted."""
    return sorted({name for name in _texts(recipe(recipe_text)) if name.lower().endswith(_ENDINGS)})


def recipe(recipe_text: str) -> dict[str, Any]:
    """Return a resolved recipe, which is JSON, as plain values; {} where it is something else."""
    try:
        found = json.loads(recipe_text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)
