"""Parcels on the belt of a scan tunnel: e-commerce boxes, mailers and totes as they arrive, with a gap, askew.

Sizes, mix, gaps and yaws are ordinary practice of parcel hubs, estimated, not measured.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from synthgen.errors import Infeasible
from synthgen.random_streams import Stream
from synthgen.world.distributions import Choice, Distribution, Normal, Uniform, allows, draw
from synthgen.world.poses import apart, box_corners, footprint, standing, turned
from synthgen.world.shot import Item, Pose, Shot, Vec3
from synthgen.world.sites import Site

from .selection import Maybe, Number, number, site_of

_MAILERS_M = ((0.229, 0.152), (0.330, 0.254), (0.483, 0.368))
_TOTES_M = ((0.6, 0.4, 0.22), (0.6, 0.4, 0.32), (0.4, 0.3, 0.22), (0.4, 0.3, 0.15))
_FLATTEST_M = 0.02
"""Height of the flattest carton."""
_EDGE_M = 0.02
"""Margin between parcels and the belt's edge."""
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
    """Standard deviation of the natural logarithm of a carton's length, cut at 2.2 sigma."""
    length_m: Maybe = None
    """Length of a carton, instead of the log-normal one; mailers and totes come in fixed sizes."""
    width_share: Number = Normal(0.72, 0.13, 0.45, 1.0)
    """Width of a carton over its length."""
    height_share: Number = Normal(0.42, 0.2, 0.12, 0.95)
    """Height of a carton over its length."""
    max_height_m: float = 0.45
    position_m: Number = Uniform(-0.1, 0.1)
    """Place of the first parcel's middle along travel, from the read point."""
    sideways_m: Number = Normal(0.0, 0.05, -0.14, 0.14)
    gap_m: Number = Uniform(0.2, 0.6)
    aligned_share: float = 0.75
    yaw_rad: Number = Normal(0.0, math.radians(5), math.radians(-10), math.radians(10))
    """Yaw of an aligned parcel, from along the belt or across it."""
    loose_yaw_rad: Number = Uniform(math.radians(-45), math.radians(45))
    across_share: float = 0.3
    """Share of parcels that travel with their length across."""
    tilt_rad: Number = 0.0
    """Angle between a parcel's base and the belt: the parcel is lifted about a lower edge, which rests on the belt."""
    tone: Number = Normal(1.0, 0.08, 0.85, 1.15)

    def __call__(self, shot: Shot, rng: Stream) -> Shot:
        """Return the shot with the parcels added as `parcel_1`, `parcel_2` ..., each upstream of the one before.

        Raises:
            Infeasible: a parcel that the recipe asks for is too wide for the belt (`parcel_too_wide`), too far aside
                (`parcel_off_belt`), too high or too flat (`parcel_height`), or two overlap (`parcels_overlap`).
        """
        place = site_of(shot, "scan_tunnel")
        items: dict[str, Item] = {}
        behind = 0.0
        for n in range(1, int(draw(self.count, rng.at("count"))) + 1):
            item = self._item(place, rng.at(n))
            if n == 1:
                item = _shifted(item, draw(self.position_m, rng.at("position_m")))
            else:
                half = max(x for x, _ in footprint(item)) - _middle(item)
                item = _shifted(item, behind - half)
            behind = min(x for x, _ in footprint(item)) - draw(self.gap_m, rng.at(n, "gap_m"))
            _check_apart(item, items)
            items[f"parcel_{n}"] = item
        return replace(shot, items={**shot.items, **items})

    def _item(self, place: Site, rng: Stream) -> Item:
        kind = draw(self.kind, rng.at("kind"))
        size = self._size(kind, rng)
        tilt = _Tilt.drawn(draw(self.tilt_rad, rng.at("tilt_rad")), rng.at("tilted"))
        covered = tilt.covered_m(size)
        most = place["belt_width_m"] / 2 - _EDGE_M
        yaw = next((y for y in self._yaws(kind, rng) if _half_width(covered, y) <= most), None)
        if yaw is None:
            text = f"a {kind} of {size[0]:.2f} x {size[1]:.2f} m at no angle that is asked for fits on the belt of"
            raise Infeasible("parcel_too_wide", f"{text} {place['belt_width_m']:.2f} m; write smaller parcels")
        return Item(
            kind=kind,
            pose=tilt.resting(
                (0.0, self._sideways(most - _half_width(covered, yaw), rng), place["belt_top_m"]), yaw, size
            ),
            size_m=size,
            velocity_m_s=(place["belt_speed_m_s"], 0.0, 0.0),
            material=_MATERIALS.get(kind, _MATERIALS["carton"]).at(rng.at("material").uniform()),
            tone=draw(self.tone, rng.at("tone")),
            look_seed=rng.at("look").integer(),
        )

    def _sideways(self, room_m: float, rng: Stream) -> float:
        """Return how far aside a parcel lies [m], pushed back by the guards where the recipe allows less."""
        drawn = draw(self.sideways_m, rng.at("sideways_m"))
        y = min(max(drawn, -room_m), room_m)
        if not allows(self.sideways_m, y):
            text = f"a parcel {drawn:.3f} m aside of the belt's middle reaches over its edge"
            raise Infeasible("parcel_off_belt", f"{text}; write a smaller sideways_mm")
        return y

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
        size = (_millimetres(length), _millimetres(width), max(_millimetres(height), _FLATTEST_M))
        if not allows(self.height_share, size[2] / size[0], 0.001 / size[0]):
            limits = f"{_FLATTEST_M} to {self.max_height_m} m"
            text = f"no height_share that is asked for keeps a parcel of {size[0]} m between {limits}"
            raise Infeasible("parcel_height", f"{text}; write another height_share, length or max_height_mm")
        return size

    def _yaws(self, kind: str, rng: Stream) -> tuple[float, ...]:
        """Return the drawn yaw, then the yaws that guards turn a long parcel to, where the recipe allows them.

        Guards turn it along the belt unless all parcels lie across, and straight where a yaw of 0 can be drawn.
        """
        aligned = kind == "tote" or rng.at("aligned").uniform() < self.aligned_share
        yaw = draw(self.yaw_rad if aligned else self.loose_yaw_rad, rng.at("yaw_rad" if aligned else "loose_yaw_rad"))
        across = kind != "tote" and rng.at("across").uniform() < self.across_share
        turn = math.pi if rng.at("turn").uniform() < 0.5 else 0.0
        may_be_along = not across or self.across_share < 1
        may_be_straight = may_be_along and allows(self.yaw_rad if aligned else self.loose_yaw_rad, 0.0)
        yaws = [yaw + turn + (math.pi / 2 if across else 0.0)]
        yaws += [yaw + turn] if may_be_along else []
        return (*yaws, *([turn] if may_be_straight else []))


@dataclass(frozen=True)
class _Tilt:
    """A parcel lifted about one of its lower edges."""

    angle_rad: float
    axis: int
    """The axis of the item along which the resting edge runs: 0 its length, 1 its width."""
    sign: float
    """Which of the two edges."""

    @staticmethod
    def drawn(angle_rad: float, rng: Stream) -> _Tilt:
        """Return a tilt about one edge of the base, drawn among the four."""
        axis = int(rng.at("axis").uniform() * 2)
        return _Tilt(abs(angle_rad), axis, 1.0 if rng.at("edge").uniform() < 0.5 else -1.0)

    def covered_m(self, size_m: Vec3) -> Vec3:
        """Return the extent of the tilted parcel along its own axes, and its height [m]."""
        if not self.angle_rad:
            return size_m
        sizes = list(size_m)
        across = 1 - self.axis
        sizes[across] = size_m[across] * math.cos(self.angle_rad) + size_m[2] * math.sin(self.angle_rad)
        return (sizes[0], sizes[1], size_m[2])

    def resting(self, position_m: Vec3, yaw_rad: float, size_m: Vec3) -> Pose:
        """Return the pose whose lowest edge is at the height of `position_m`, the parcel's outline around it."""
        pose = standing(position_m, yaw_rad)
        if not self.angle_rad:
            return pose
        tilted = turned(pose, (1.0, 0.0, 0.0) if self.axis == 0 else (0.0, 1.0, 0.0), self.sign * self.angle_rad)
        corners = box_corners(Item(kind="box", pose=tilted, size_m=size_m))
        low, high = (tuple(choose(c[k] for c in corners) for k in range(3)) for choose in (min, max))
        middle = ((low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2])
        return replace(tilted, position_m=tuple(2 * p - m for p, m in zip(position_m, middle, strict=True)))  # pyright: ignore[reportArgumentType]


def _half_width(size_m: Vec3, yaw_rad: float) -> float:
    """Return half the extent across the belt [m]."""
    return (size_m[0] * abs(math.sin(yaw_rad)) + size_m[1] * abs(math.cos(yaw_rad))) / 2


def _millimetres(length_m: float) -> float:
    return round(length_m, 3)


def _shifted(item: Item, x: float) -> Item:
    """Return the item with the middle of its footprint at `x` along the belt."""
    at, y, z = item.pose.position_m
    middle = _middle(item)
    return replace(item, pose=replace(item.pose, position_m=(x if middle == at else x + at - middle, y, z)))


def _middle(item: Item) -> float:
    """Return the middle of an item's footprint along the belt [m]."""
    if not (item.pose.rotation_wxyz[1] or item.pose.rotation_wxyz[2]):
        return item.pose.position_m[0]
    xs = [corner[0] for corner in box_corners(item)]
    return (min(xs) + max(xs)) / 2


def _check_apart(item: Item, others: dict[str, Item]) -> None:
    base = footprint(item)
    for name, other in others.items():
        if not apart(base, footprint(other), 0.01):
            raise Infeasible("parcels_overlap", f"a parcel overlaps {name}")
