"""Number racks: one address label under every pallet position, all alike, in sequence, at one height."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from synthgen.barcodes import payloads
from synthgen.errors import Infeasible
from synthgen.printing import design, placement
from synthgen.random_streams import Stream
from synthgen.world import item_faces
from synthgen.world.distributions import Choice, LogUniform, Normal, Uniform, allows, draw
from synthgen.world.shot import Item, Label, Shot

from .asked import kept, range_mm
from .faces import named
from .selection import Count, Number, Text, selected

_DEG = math.pi / 180
_HANGING = Uniform(5 * _DEG, 20 * _DEG)
"""Angle of a label that hangs loose."""


@dataclass(frozen=True, kw_only=True)
class RackLabels:
    """Label beams and shelves with addresses AA-BB-CC-DD: aisle, bay, level, position."""

    on: str = "items"
    kinds: tuple[str, ...] = ("beam", "shelf")
    positions: Count = 3
    """Number of labels on a beam, each in the middle of an equal part of its length."""
    symbology: Text = Choice(("code128", "code39"), (80, 20))
    companions: Text = Choice(("", "datamatrix", "qr"), (80, 12, 8))
    module_m: Number = LogUniform(0.0005, 0.0012)
    face: Text = "camera"
    """A face; `camera` is the long side that looks at the nearest camera."""
    across_m: Number = Normal(0.0, 0.003, -0.01, 0.01)
    """Offset of each label from its place along the beam."""
    tilt_rad: Number = Normal(0.0, 0.3 * _DEG, -1 * _DEG, 1 * _DEG)
    loose: Number = 0.02
    """Share of labels that hang loose at 5 to 20 degrees."""
    missing: Number = 0.03
    """Share of positions without a label."""

    def __call__(self, shot: Shot, rng: Stream) -> Shot:
        """Return `shot` with addresses on its beams.

        Raises:
            Infeasible: a beam is too small for its labels (`label_too_large`).
        """
        beams = list(selected(shot, self.on, self.kinds))
        aisle = 1 + int(39 * rng.at("aisle").uniform())
        first_bay = 1 + int(40 * rng.at("bay").uniform())
        items = dict(shot.items)
        for item_id, item in beams:
            face = self._face(shot, item, rng)
            bay, level = first_bay + _rank(beams, item, 0), 1 + _rank(beams, item, 2)
            count = int(draw(self.positions, rng.at("positions")))
            for number in range(count):
                address = payloads.rack_address(aisle, bay, level, number + 1)
                item = self._position(item_id, item, face, (number, count), address, rng)
            items[item_id] = item
        return replace(shot, items=items)

    def _face(self, shot: Shot, item: Item, rng: Stream) -> str:
        face = str(draw(self.face, rng.at("face")))
        long = ("right", "left") if item.size_m[0] >= item.size_m[1] else ("front", "back")
        return named(shot, item, face, long)

    def _position(
        self, item_id: str, item: Item, face: str, position: tuple[int, int], address: str, rng: Stream
    ) -> Item:
        """Return the beam with the label of one of its positions; without it where it is missing."""
        place = rng.at(item_id, position[0])
        if place.at("missing").uniform() < draw(self.missing, rng.at("missing_share")):
            return item
        label = self._design(item_id, item, face, address, rng)
        width, _ = item_faces.size(face, item.size_m)
        middle = ((position[0] + 0.5) / position[1] - 0.5) * width
        x = middle + float(draw(self.across_m, place.at("across_m")))
        tilt = float(draw(self.tilt_rad, place.at("tilt_rad")))
        loose, hanging = draw(self.loose, rng.at("loose_share")), 0.0
        if place.at("loose").uniform() < loose:
            hanging = math.copysign(float(draw(_HANGING, place.at("hanging"))), tilt)
        label = replace(label, face=face, stock="polypropylene")
        angles = (hanging, tilt) if hanging and loose < 1 else (hanging or tilt,)
        for angle in angles:  # a loose label that does not fit its beam is stuck on like the others
            done = placement.put(
                item,
                replace(label, angle_rad=angle),
                (x, 0.0),
                place.at("place").generator(),
                lambda at: allows(self.across_m, at[0] - middle, 1e-6),
            )
            if done is not None:
                return done
        modules = range_mm(self.module_m)
        text = f"items.{item_id}: no room for {position[1]} labels with modules of {modules} at their places"
        raise Infeasible("label_too_large", text)

    def _design(self, item_id: str, item: Item, face: str, address: str, rng: Stream) -> Label:
        """Return the label of an address; draws are keyed by the shot alone, so all labels are alike."""
        width, height = placement.flat(item, face).size_m
        companions = tuple(str(draw(self.companions, rng.at("companions"))).split())
        label = design.design(
            label_id=f"label{len(item.labels)}",
            item_id=item_id,
            template="rack",
            symbology=str(draw(self.symbology, rng.at("symbology"))),
            module_m=float(draw(self.module_m, rng.at("module_m"))),
            room_m=(width / int(draw(self.positions, rng.at("positions"))) - 0.01, height - 0.004),
            stream=rng.at("design"),
            asked_m=self.module_m,
            companions=companions,
            kept=kept(self.companions, companions),
            payload=address,
        )
        if label is None:
            modules = range_mm(self.module_m)
            text = f"items.{item_id}: no label with modules of {modules} fits on {1e3 * height:.0f} mm of height"
            raise Infeasible("label_too_large", text)
        return label


def _rank(beams: list[tuple[str, Item]], item: Item, axis: int) -> int:
    """Return the place of an item among the distinct positions of all along an axis (to 0.3 m), from 0."""
    places = sorted({round(other.pose.position_m[axis] / 0.3) for _, other in beams})
    return places.index(round(item.pose.position_m[axis] / 0.3))
