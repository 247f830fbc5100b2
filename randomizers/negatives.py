"""Put look-alikes beside the real codes: stripes, grilles, dots, text, tables, crossed-out codes, hazard signs."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from synthgen.printing import placement, rasterize
from synthgen.random_streams import Stream
from synthgen.world import item_faces
from synthgen.world.distributions import Choice, Normal, Uniform, draw
from synthgen.world.shot import Item, Label, Shot

from .asked import require_count
from .faces import candidates
from .selection import Count, Number, Text, selected

_DEG = math.pi / 180
_SIDES = placement.SIDES


@dataclass(frozen=True, kw_only=True)
class HardNegatives:
    """Add labels without codes to items, fewer where room is short and the recipe allows fewer."""

    on: str = "items"
    kinds: tuple[str, ...] = ("carton", "mailer", "tote", "pallet_load")
    share: Number = 0.3
    """Share of items that get any."""
    count: Count = Choice((1, 2, 3), (70, 20, 10))
    template: Text = Choice(rasterize.NEGATIVES)
    width_m: Number = Uniform(0.03, 0.11)
    aspect: Number = Uniform(0.45, 1.1)
    """Height over width."""
    face: Text = Choice(("camera", "top", *_SIDES), (40, 20, 10, 10, 10, 10))
    tilt_rad: Number = Normal(0.0, 5 * _DEG, -20 * _DEG, 20 * _DEG)
    quarter_turns: Count = Choice((0, 1, 2, 3), (70, 12, 6, 12))
    stock: Text = Choice(
        ("thermal_paper", "paper", "polypropylene", "label_yellow", "label_orange", "label_red", "label_green"),
        (35, 25, 15, 8, 8, 5, 4),
    )

    def __call__(self, shot: Shot, rng: Stream) -> Shot:
        """Return `shot` with look-alikes on its items.

        Raises:
            Infeasible: an item has no room for any number of them that the recipe allows (`label_too_large`).
        """
        items = dict(shot.items)
        for item_id, item in selected(shot, self.on, self.kinds):
            place = rng.at(item_id)
            share = draw(self.share, place.at("share"))
            if place.at("any").uniform() >= share:
                continue
            count, done = int(draw(self.count, place.at("count"))), item
            for number in range(count):
                done = self._added(shot, done, place.at(number))
            found = len(done.labels) - len(item.labels)
            if found or share >= 1:  # outside the share an item has none
                require_count(count, self.count, found, f"look-alikes on items.{item_id}", "label_too_large")
            items[item_id] = done
        return replace(shot, items=items)

    def _added(self, shot: Shot, item: Item, rng: Stream) -> Item:
        faces = candidates(shot, item, str(draw(self.face, rng.at("face"))), self.face)
        if not faces:
            return item
        face = faces[0]
        width, height = item_faces.size(face, item.size_m)
        label_width = float(draw(self.width_m, rng.at("width_m")))
        turns = int(draw(self.quarter_turns, rng.at("quarter_turns")))
        label = Label(
            label_id=f"label{len(item.labels)}",
            face=face,
            center_m=(0.0, 0.0),
            angle_rad=turns * math.pi / 2 + float(draw(self.tilt_rad, rng.at("tilt_rad"))),
            size_m=(label_width, label_width * float(draw(self.aspect, rng.at("aspect")))),
            template=str(draw(self.template, rng.at("template"))),
            stock=str(draw(self.stock, rng.at("stock"))),
            art_seed=rng.at("art").integer(),
        )
        wanted = ((rng.at("x").uniform() - 0.5) * width, (rng.at("y").uniform() - 0.5) * height)
        return placement.put(item, label, wanted, rng.at("place").generator()) or item
