"""Parcels on the belt of a scan tunnel: e-commerce boxes, mailers and totes as they arrive, with a gap, askew.

References:
    research/warehouse.md 1.2 (sizes, mix), 1.4 (gap, yaw), 7 (how many are in the read zone).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from synthgen.errors import Infeasible
from synthgen.random_streams import Stream
from synthgen.world.distributions import Choice, Distribution, Normal, Uniform, draw
from synthgen.world.poses import apart, footprint, standing
from synthgen.world.shot import Item, Shot, Vec3
from synthgen.world.sites import Site

from .selection import Maybe, Number, number, site_of

_MAILERS_M = ((0.229, 0.152), (0.330, 0.254), (0.483, 0.368))
_TOTES_M = ((0.6, 0.4, 0.22), (0.6, 0.4, 0.32), (0.4, 0.3, 0.22), (0.4, 0.3, 0.15))
_EDGE_M = 0.02
"""Parcels keep this far from the belt's edge."""
_MATERIALS: dict[str, Choice] = {
    "carton": Choice(("kraft", "testliner", "kraft_dark", "white_top", "coated"), (0.55, 0.17, 0.08, 0.12, 0.08)),
    "mailer": Choice(("mailer_white", "mailer_grey", "mailer_kraft"), (0.5, 0.3, 0.2)),
    "tote": Choice(("tote_blue", "tote_grey", "tote_red", "tote_black", "tote_green"), (0.35, 0.35, 0.12, 0.1, 0.08)),
}
_Z = Normal(0.0, 1.0, -2.2, 2.2)


@dataclass(frozen=True, kw_only=True)
class BeltParcels:
    """Put parcels on the moving belt, the first of them in the read zone."""

    count: int | Distribution = Choice((1, 2, 3), (0.85, 0.13, 0.02))
    kind: str | Distribution = Choice(("carton", "mailer", "tote"), (0.68, 0.2, 0.12))
    length_median_m: float = 0.33
    length_sigma: float = 0.38
    """Of the natural logarithm of a carton's length, cut at 2.2 sigma."""
    length_m: Maybe = None
    """Instead of the log-normal length."""
    width_share: Number = Normal(0.72, 0.13, 0.45, 1.0)
    """Of the length."""
    height_share: Number = Normal(0.42, 0.2, 0.12, 0.95)
    """Of the length."""
    max_height_m: float = 0.45
    position_m: Number = Uniform(-0.1, 0.1)
    """Of the first parcel's middle along travel, from the read point."""
    sideways_m: Number = Normal(0.0, 0.05, -0.14, 0.14)
    gap_m: Number = Uniform(0.2, 0.6)
    aligned_share: float = 0.75
    yaw_rad: Number = Normal(0.0, math.radians(5), math.radians(-10), math.radians(10))
    """Of a parcel that was aligned."""
    loose_yaw_rad: Number = Uniform(math.radians(-45), math.radians(45))
    across_share: float = 0.3
    """Of the parcels that travel with their length across."""
    tone: Number = Normal(1.0, 0.08, 0.85, 1.15)

    def __call__(self, shot: Shot, rng: Stream) -> Shot:
        """Return the shot with the parcels added as `parcel_1`, `parcel_2` ..., upstream one after the other.

        Raises:
            Infeasible: a parcel is wider than the belt, or two overlap.
        """
        place = site_of(shot, "scan_tunnel")
        items: dict[str, Item] = {}
        behind = 0.0
        for n in range(1, int(draw(self.count, rng.at("count"))) + 1):
            item = self._item(place, rng.at(n))
            half = max(x for x, _ in footprint(item)) - item.pose.position_m[0]
            shift = draw(self.position_m, rng.at("position_m")) if n == 1 else behind - half
            item = _shifted(item, shift)
            behind = min(x for x, _ in footprint(item)) - draw(self.gap_m, rng.at(n, "gap_m"))
            _check_apart(item, items)
            items[f"parcel_{n}"] = item
        return replace(shot, items={**shot.items, **items})

    def _item(self, place: Site, rng: Stream) -> Item:
        kind = draw(self.kind, rng.at("kind"))
        size = self._size(kind, rng)
        most = place["belt_width_m"] / 2 - _EDGE_M
        yaw = next((y for y in self._yaws(kind, rng) if _half_width(size, y) <= most), None)
        if yaw is None:
            raise Infeasible("parcel_too_wide", f"{size[1]:.2f} m on a belt of {place['belt_width_m']:.2f} m")
        room = most - _half_width(size, yaw)
        y = min(max(draw(self.sideways_m, rng.at("sideways_m")), -room), room)
        return Item(
            kind=kind,
            pose=standing((0.0, y, place["belt_top_m"]), yaw),
            size_m=size,
            velocity_m_s=(place["belt_speed_m_s"], 0.0, 0.0),
            material=_MATERIALS.get(kind, _MATERIALS["carton"]).at(rng.at("material").uniform()),
            tone=draw(self.tone, rng.at("tone")),
            look_seed=rng.at("look").integer(),
        )

    def _size(self, kind: str, rng: Stream) -> Vec3:
        if kind == "tote":
            return Choice(_TOTES_M).at(rng.at("size").uniform())
        if kind == "mailer":
            length, width = Choice(_MAILERS_M, (0.3, 0.45, 0.25)).at(rng.at("size").uniform())
            return (length, width, Uniform(0.02, 0.06).at(rng.at("height").uniform()))
        drawn = self.length_median_m * math.exp(self.length_sigma * draw(_Z, rng.at("length")))
        length = number(self.length_m, drawn, rng.at("length_m"))
        width = length * draw(self.width_share, rng.at("width_share"))
        height = min(length * draw(self.height_share, rng.at("height_share")), self.max_height_m)
        return (_millimetres(length), _millimetres(width), max(_millimetres(height), 0.02))

    def _yaws(self, kind: str, rng: Stream) -> tuple[float, ...]:
        """Return the drawn yaw, then what a long parcel is turned to by the guards: along the belt, then straight."""
        aligned = kind == "tote" or rng.at("aligned").uniform() < self.aligned_share
        yaw = draw(self.yaw_rad if aligned else self.loose_yaw_rad, rng.at("yaw_rad" if aligned else "loose_yaw_rad"))
        across = kind != "tote" and rng.at("across").uniform() < self.across_share
        turn = math.pi if rng.at("turn").uniform() < 0.5 else 0.0
        return (yaw + turn + (math.pi / 2 if across else 0.0), yaw + turn, turn)


def _half_width(size_m: Vec3, yaw_rad: float) -> float:
    """Return half the extent across the belt [m]."""
    return (size_m[0] * abs(math.sin(yaw_rad)) + size_m[1] * abs(math.cos(yaw_rad))) / 2


def _millimetres(length_m: float) -> float:
    return round(length_m, 3)


def _shifted(item: Item, x: float) -> Item:
    _, y, z = item.pose.position_m
    return replace(item, pose=replace(item.pose, position_m=(x, y, z)))


def _check_apart(item: Item, others: dict[str, Item]) -> None:
    base = footprint(item)
    for name, other in others.items():
        if not apart(base, footprint(other), 0.01):
            raise Infeasible("parcels_overlap", f"a parcel overlaps {name}")
