"""The shots of a finished data set and its recipe, each only where its bytes have the hash that was written down.

A sample's hash is in the rows of its shard, the hash of the rows in the manifest, that of the recipe in the identity.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from synthgen.dataset import identity_file, remedies
from synthgen.dataset.reader import Dataset
from synthgen.errors import DatasetError
from synthgen.recipe import Recipe
from synthgen.world.shot import Shot


def shots(found: Dataset) -> Iterator[Shot]:
    """Yield each shot of a data set once, in order.

    Raises:
        DatasetError: a shard, its rows or a sample is missing or has another hash, or a shot cannot be read.
    """
    for entry in found.entries():
        last = b""
        for row, members in found.shard(entry):
            text = members.get("shot.json", b"")
            if text == last:
                continue
            last = text
            try:
                yield Shot.from_json(text)
            except ValueError as fault:
                raise DatasetError(
                    f"{found.store.place(entry.name)}: {row.key}: {fault}; make the data set again"
                ) from fault


def recipe(found: Dataset) -> Recipe:
    """Return the recipe that a data set was made from.

    Raises:
        DatasetError: it is missing, or has another hash than the identity says.
        RecipeError: it does not suit this version of synthgen.
    """
    text = identity_file.recipe(found.store)
    if hashlib.sha256(text.encode()).hexdigest() != found.identity.recipe_sha256:
        raise DatasetError(remedies.remake(found.store.place(identity_file.RECIPE), "damaged"))
    return found.recipe()
