"""Pallet loads before and behind a dock door.

Sizes and numbers are ordinary practice of docks, estimated, not measured.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from synthgen.random_streams import Stream
from synthgen.world.distributions import Choice, Distribution, Normal, Uniform, allows, draw
from synthgen.world.poses import apart, footprint, standing
from synthgen.world.shot import Item, Shot
from synthgen.world.sites import Site

from .asked import require_count
from .selection import Number, site_of

_TRIES = 12
_TRAILER_GAP_M = 0.08


@dataclass(frozen=True, kw_only=True)
class DockLoads:
    """Stand pallet loads on the floor before the door, and rows of them in the trailer."""

    count: int | Distribution = Choice((1, 2, 3, 4, 5, 6), (0.2, 0.25, 0.2, 0.15, 0.1, 0.1))
    """Number of loads on the floor."""
    trailer_rows: int | Distribution = Choice((0, 1, 2), (0.35, 0.4, 0.25))
    """Number of rows of two loads in the trailer, counted from the door."""
    height_m: Number = Uniform(0.9, 1.75)
    yaw_rad: Number = Normal(0.0, math.radians(4), math.radians(-10), math.radians(10))
    across_share: float = 0.5
    """Share of loads whose 1200 mm side is along the door."""
    film_share: float = 0.55
    gap_m: float = 0.08
    tone: Number = Uniform(0.88, 1.12)

    def __call__(self, shot: Shot, rng: Stream) -> Shot:
        """Return the shot with `load_1` ... and `trailer_1` ... added, fewer where there is no room for all.

        Raises:
            Infeasible: there is no room for any number of loads that the recipe allows (`no_room`), or it asks for rows
                in a trailer where none stands at the door (`no_trailer`).
        """
        place = site_of(shot, "dock_door")
        items: dict[str, Item] = {}
        count = int(draw(self.count, rng.at("count")))
        for n in range(1, count + 1):
            found = self._on_floor(place, list(items.values()), rng.at("floor", n))
            if found is not None:
                items[f"load_{n}"] = found
        require_count(count, self.count, len(items), "loads on the floor", "no_room")
        asked_rows = int(draw(self.trailer_rows, rng.at("trailer_rows")))
        rows = asked_rows if place["trailer"] else 0
        require_count(asked_rows, self.trailer_rows, rows, "rows in a trailer", "no_trailer")
        for n in range(2 * rows):
            items[f"trailer_{n + 1}"] = self._in_trailer(place, n, rng.at("trailer", n))
        return replace(shot, items={**shot.items, **items})

    def _on_floor(self, place: Site, others: list[Item], rng: Stream) -> Item | None:
        """Return a load at the first drawn place that is free, or None."""
        zone = place.zones["read"]
        for attempt in range(_TRIES):
            where = rng.at("place", attempt)
            x = zone.min_m[0] + where.at("x").uniform() * zone.size_m[0]
            y = zone.min_m[1] + 0.5 + where.at("y").uniform() * (zone.size_m[1] - 1.0)
            across = math.pi / 2 if where.at("across").uniform() < self.across_share else 0.0
            yaw = across + draw(self.yaw_rad, where.at("yaw_rad"))
            item = self._load((x, y, 0.008), yaw, rng)
            if all(apart(footprint(item), footprint(other), self.gap_m) for other in others):
                return item
        return None

    def _in_trailer(self, place: Site, n: int, rng: Stream) -> Item:
        side = -1.0 if n % 2 else 1.0
        x = 1.15 + (n // 2) * (1.2 + _TRAILER_GAP_M)
        y = side * min(0.41 + 0.03 * rng.at("y").uniform(), place["trailer_width_m"] / 2 - 0.45)
        return self._load((x, y, 0.0), Normal(0, 0.01, -0.02, 0.02).at(rng.at("yaw").uniform()), rng)

    def _height_m(self, rng: Stream) -> float:
        """Return the height of a load, in whole centimetres where the recipe allows the rounded height."""
        drawn = float(draw(self.height_m, rng.at("height_m")))
        return round(drawn, 2) if allows(self.height_m, round(drawn, 2)) else drawn

    def _load(self, position_m: tuple[float, float, float], yaw_rad: float, rng: Stream) -> Item:
        filmed = rng.at("film").uniform() < self.film_share
        bare = Choice(("kraft", "testliner", "kraft_dark", "white_top"), (0.5, 0.25, 0.1, 0.15))
        return Item(
            kind="pallet_load",
            pose=standing(position_m, yaw_rad),
            size_m=(1.2, 0.8, self._height_m(rng)),
            material="stretch_film" if filmed else bare.at(rng.at("material").uniform()),
            tone=draw(self.tone, rng.at("tone")),
            look_seed=rng.at("look").integer() % 64,
        )
