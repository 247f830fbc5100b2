"""Clutter on the floor, and objects on the bench."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from synthgen.errors import Infeasible
from synthgen.random_streams import Stream
from synthgen.world.distributions import Choice, Distribution, Int, Normal, Uniform, draw
from synthgen.world.poses import apart, footprint, standing
from synthgen.world.shot import Item, Shot, Vec3
from synthgen.world.sites import Box, build

from .asked import require_count
from .selection import Number, site_of

_TRIES = 12
_THINNEST_M = 0.002
"""Height of a card."""
_SIZES_M: dict[str, Vec3] = {
    "drum": (0.585, 0.585, 0.88),
    "pallet": (1.2, 0.8, 0.144),
    "pallet_load": (1.2, 0.8, 1.1),
    "tote": (0.6, 0.4, 0.32),
    "carton": (0.4, 0.3, 0.25),
}
_MATERIALS = {
    "drum": ("drum_blue", "tote_black"),
    "pallet": ("pine_used",),
    "pallet_load": ("kraft", "stretch_film"),
    "tote": ("tote_grey", "tote_blue"),
    "carton": ("kraft", "testliner"),
}


@dataclass(frozen=True, kw_only=True)
class Clutter:
    """Stand things on the floor of the site's clutter zone: built-in kinds, or `usd` files."""

    count: int | Distribution = Int(0, 4)
    kind: str | Distribution = Choice(("drum", "pallet", "pallet_load", "tote", "carton"), (0.15, 0.3, 0.2, 0.2, 0.15))
    usd: tuple[str, ...] = ()
    """Files, by paths from the recipe; where any is given, `kind` is not used."""
    size_m: Number = 0.0
    """Longest edge that a file is scaled to; 0 keeps its own."""
    gap_m: float = 0.05

    def __call__(self, shot: Shot, rng: Stream) -> Shot:
        """Return the shot with `clutter_1` ... added, fewer where room is short and the recipe allows fewer.

        Raises:
            Infeasible: there is no room for any number of things that the recipe allows (`no_room`).
        """
        zone = build(shot.world.warehouse, shot.world.parameters).zones.get("clutter")
        count = int(draw(self.count, rng.at("count")))
        items: dict[str, Item] = {}
        for n in range(1, count + 1 if zone else 0):
            standing_by = [*shot.items.values(), *items.values()]
            found = _fitted(self._item(rng.at(n)), zone, standing_by, self.gap_m, rng.at(n), any_yaw=True)
            if found is not None:
                items[f"clutter_{n}"] = found
        require_count(count, self.count, len(items), "things on the floor", "no_room")
        return replace(shot, items={**shot.items, **items})

    def _item(self, rng: Stream) -> Item:
        look = rng.at("look").integer()
        if self.usd:
            name = Choice(tuple(self.usd)).at(rng.at("usd").uniform())
            longest = draw(self.size_m, rng.at("size_m"))
            return Item(kind="usd", pose=standing((0, 0, 0)), size_m=(longest,) * 3, usd=name, look_seed=look)
        kind = draw(self.kind, rng.at("kind"))
        material = Choice(_MATERIALS.get(kind, ("kraft",))).at(rng.at("material").uniform())
        size = _SIZES_M.get(kind, (0.4, 0.4, 0.4))
        return Item(kind=kind, pose=standing((0, 0, 0)), size_m=size, material=material, look_seed=look % 4096)


@dataclass(frozen=True, kw_only=True)
class BenchObjects:
    """Lay cards, small cartons and mailers on the bench's board."""

    count: int | Distribution = Int(1, 4)
    kind: str | Distribution = Choice(("card", "carton", "mailer"), (0.5, 0.35, 0.15))
    length_m: Number = Uniform(0.1, 0.2)
    width_share: Number = Uniform(0.5, 0.9)
    height_m: Number = Uniform(0.03, 0.1)
    """Height of cartons; mailers have a third of it, cards 2 mm."""
    yaw_rad: Number = Uniform(-math.pi, math.pi)
    tone: Number = Normal(1.0, 0.06, 0.85, 1.15)
    card_material: str | Distribution = "card_white"
    carton_material: str | Distribution = "kraft"
    mailer_material: str | Distribution = "mailer_white"

    def __call__(self, shot: Shot, rng: Stream) -> Shot:
        """Return the shot with `object_1` ... added, fewer where room is short and the recipe allows fewer.

        Raises:
            Infeasible: there is no room for any number of objects that the recipe allows (`no_room`), or a carton is
                thinner than 2 mm (`object_too_thin`).
        """
        zone = site_of(shot, "bench").zones["read"]
        count = int(draw(self.count, rng.at("count")))
        items: dict[str, Item] = {}
        for n in range(1, count + 1):
            found = _fitted(self._item(rng.at(n)), zone, [*shot.items.values(), *items.values()], 0.01, rng.at(n))
            if found is not None:
                items[f"object_{n}"] = found
        require_count(count, self.count, len(items), "objects on the board", "no_room")
        return replace(shot, items={**shot.items, **items})

    def _item(self, rng: Stream) -> Item:
        kind = draw(self.kind, rng.at("kind"))
        length = draw(self.length_m, rng.at("length_m"))
        height = draw(self.height_m, rng.at("height_m")) * {"card": 0.0, "mailer": 0.33}.get(kind, 1.0)
        if kind == "carton" and height < _THINNEST_M:
            raise Infeasible("object_too_thin", f"a carton of {1e3 * height:.3g} mm; write a height_mm of 2 or more")
        materials = {"card": self.card_material, "mailer": self.mailer_material}
        return Item(
            kind=kind,
            pose=standing((0, 0, 0), draw(self.yaw_rad, rng.at("yaw_rad"))),
            size_m=(length, length * draw(self.width_share, rng.at("width_share")), max(height, _THINNEST_M)),
            material=str(draw(materials.get(kind, self.carton_material), rng.at("material"))),
            tone=draw(self.tone, rng.at("tone")),
            look_seed=rng.at("look").integer(),
        )


def _fitted(
    item: Item, zone: Box, others: list[Item], gap_m: float, rng: Stream, *, any_yaw: bool = False
) -> Item | None:
    """Return the item at the first drawn place on the zone's base that is free of others, or None.

    With `any_yaw` a yaw is drawn for each place; otherwise the item keeps its yaw.
    """
    low, high = zone.min_m, zone.max_m
    for attempt in range(_TRIES):
        where = rng.at("place", attempt)
        x = low[0] + where.at("x").uniform() * (high[0] - low[0])
        y = low[1] + where.at("y").uniform() * (high[1] - low[1])
        yaw = where.at("yaw").uniform() * 2 * math.pi
        pose = standing((x, y, low[2]), yaw) if any_yaw else replace(item.pose, position_m=(x, y, low[2]))
        placed = replace(item, pose=pose)
        base = footprint(placed)
        inside = all(low[0] <= px <= high[0] and low[1] <= py <= high[1] for px, py in base)
        if inside and all(min(o.size_m) <= 0 or apart(base, footprint(o), gap_m) for o in others):
            return placed
    return None
