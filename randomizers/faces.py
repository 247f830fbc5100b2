"""Faces that labels are put on: the drawn one, or others that the recipe allows."""

from __future__ import annotations

import math

from synthgen.errors import InputError
from synthgen.printing import placement
from synthgen.world import item_faces
from synthgen.world.distributions import Distribution, allows
from synthgen.world.shot import Item, Shot

CAMERA = "camera"
"""Stands for the face that looks at the nearest camera, of those that a label can lie on."""


def named(shot: Shot, item: Item, word: str, among: tuple[str, ...] = ()) -> str:
    """Return the face that a word of a recipe names.

    Args:
        shot: the shot with its cameras.
        item: the item.
        word: a face, or `camera`.
        among: faces that `camera` chooses from; () is all that a label can lie on.

    Raises:
        InputError: the word is neither a face nor `camera`.
    """
    if word == CAMERA:
        return placement.facing_camera(shot, item, among or placement.labelled(item) or item_faces.FACES)
    if word not in item_faces.FACES:
        raise InputError(f"found the face {word!r}; write {CAMERA} or one of {', '.join(item_faces.FACES)}")
    return word


def candidates(shot: Shot, item: Item, drawn: str, asked: str | Distribution) -> list[str]:
    """Return the faces to try: the drawn one where it is flat, then others that the recipe allows, the largest first.

    Raises:
        InputError: `drawn` is neither a face nor `camera`.
    """
    first = named(shot, item, drawn)
    facing = named(shot, item, CAMERA) if allows(asked, CAMERA) else ""
    by_size = sorted(placement.labelled(item), key=lambda face: -math.prod(item_faces.size(face, item.size_m)))
    others = [face for face in by_size if face != first and (allows(asked, face) or face == facing)]
    return [first, *others] if placement.is_flat(item, first) else others
