"""Bodies of items: what a carton, tote, mailer, pallet ... is made of, without its labels.

`author_body` is called for every item of every shot, so a body is a few prims that share unit meshes and a small set of
textures; which variant an item shows follows from its `look_seed`.
"""

from __future__ import annotations

from collections.abc import Callable

from pxr import Usd

from synthgen.usd.items import carton, load, small, tote
from synthgen.world.shot import Item

KINDS: dict[str, Callable[[Usd.Stage, str, Item], None]] = {
    "carton": carton.author,
    "mailer": small.author_mailer,
    "tote": tote.author,
    "pallet": load.author_pallet,
    "pallet_load": load.author_pallet_load,
    "stack": load.author_stack,
    "card": small.author_card,
    "beam": small.author_beam,
    "drum": small.author_drum,
    "shelf": small.author_shelf,
}
"""Every kind with a built-in body; the body of kind `usd` is a file."""


def author_body(stage: Usd.Stage, path: str, item: Item) -> None:
    """Author the body of an item below the Xform at `path`, in the item's frame (origin at the base's centre).

    An unknown kind becomes a plain box of its material, so that kinds which only a recipe knows have a body too.
    """
    if item.kind != "usd":
        KINDS.get(item.kind, small.author_box)(stage, path, item)
