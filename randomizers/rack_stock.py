"""Stock in the bay that a mast camera reads: pallets with cartons on the levels, label holders on the beams.

The bay is the middle one of the left rack; what stands there faces the aisle with its `front` (cartons) or its `right`
(label holders, items of kind `beam`).

Stock cartons are equal within a pallet; shares and sizes are ordinary practice, estimated, not measured.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from synthgen.random_streams import Stream
from synthgen.world.distributions import Choice, Distribution, Int, Normal, Uniform, draw
from synthgen.world.poses import standing
from synthgen.world.shot import Item, Shot, Vec3
from synthgen.world.sites import Site, aisle

from .selection import Number, site_of

_PALLET_M: Vec3 = (1.2, 0.8, 0.144)
_STRIP_M = 0.08
_MATERIALS = Choice(("kraft", "testliner", "kraft_dark", "white_top"), (0.5, 0.25, 0.1, 0.15))
_CASES_M = ((0.4, 0.3), (0.6, 0.4), (0.3, 0.2), (0.4, 0.26))
"""Depth and width of stock cartons, laid with their depth into the rack."""


@dataclass(frozen=True, kw_only=True)
class RackStock:
    """Fill the read bay and hang label holders on its beams."""

    empty_share: float = 0.12
    layers: int | Distribution = Int(1, 3)
    case_height_m: Number = Choice((0.15, 0.2, 0.25, 0.3), (0.2, 0.3, 0.3, 0.2))
    beams: int | Distribution = Choice((1, 2), (0.6, 0.4))
    """Number of label holders, from the first level up."""
    bare_share: float = 0.6
    """Share of racks whose labels stick on the beam itself."""
    setback_m: Number = Normal(0.0, 0.012, -0.03, 0.03)
    """Deviation from 30 mm of the distance between a carton's front and the pallet's edge."""
    yaw_rad: Number = Normal(0.0, math.radians(1.0), math.radians(-3), math.radians(3))
    """Yaw of a load on the floor. On the beams a carton has half of a yaw drawn from it, a pallet 0.3 of one."""
    tone: Number = Uniform(0.88, 1.12)

    def __call__(self, shot: Shot, rng: Stream) -> Shot:
        """Return the shot with `beam_<level>`, `pallet_<place>`, `carton_<place>_<n>` and `stack_<place>` added."""
        place = site_of(shot, "rack_aisle")
        items: dict[str, Item] = {}
        for level in range(1, int(draw(self.beams, rng.at("beams"))) + 1):
            items[f"beam_{level}"] = _beam(place, level, bool(rng.at("bare").uniform() < self.bare_share))
        for n, x in enumerate(aisle.pallet_xs(place.parameters), 1):
            if rng.at("level_1", n, "empty").uniform() >= self.empty_share:
                items.update(self._place(place, n, x, rng.at("level_1", n)))
            if rng.at("floor", n, "empty").uniform() >= self.empty_share:
                items[f"floor_{n}"] = self._floor_load(place, x, rng.at("floor", n))
        return replace(shot, items={**shot.items, **items})

    def _place(self, place: Site, n: int, x: float, rng: Stream) -> dict[str, Item]:
        """Return a pallet on level 1, its front cartons one by one, and the rest of the load as stacks."""
        base = aisle.beam_top(place.parameters, 1)
        middle = place["aisle_width_m"] / 2 + place["rack_depth_m"] / 2
        front = middle - _PALLET_M[0] / 2
        turn = -math.pi / 2 + draw(self.yaw_rad, rng.at("yaw_rad")) * 0.3
        pallet = Item(
            kind="pallet",
            pose=standing((x + Uniform(-0.02, 0.02).at(rng.at("x").uniform()), middle, base), turn),
            size_m=_PALLET_M,
            material="pine_used",
            look_seed=rng.at("pallet").integer(),
        )
        items = {f"pallet_{n}": pallet}
        deep, wide = Choice(_CASES_M, (0.4, 0.25, 0.2, 0.15)).at(rng.at("case").uniform())
        high, layers = draw(self.case_height_m, rng.at("case_height_m")), int(draw(self.layers, rng.at("layers")))
        material = _MATERIALS.at(rng.at("material").uniform())
        tone, look = draw(self.tone, rng.at("tone")), rng.at("look").integer()
        columns = int(_PALLET_M[1] / wide + 1e-6)
        top = base + _PALLET_M[2]
        for k in range(min(layers, 2)):
            for column in range(columns):
                case = rng.at("case", k, column)
                back = 0.03 + draw(self.setback_m, case.at("setback_m"))
                across = x + (column - (columns - 1) / 2) * (wide + 0.004)
                where = (across, front + back + deep / 2, top + k * high)
                items[f"carton_{n}_{k * columns + column + 1}"] = Item(
                    kind="carton",
                    pose=standing(where, -math.pi / 2 + draw(self.yaw_rad, case.at("yaw_rad")) * 0.5),
                    size_m=(deep, wide - 0.004, high),
                    material=material,
                    tone=tone,
                    look_seed=look + column + columns * k,
                )
        rest = _PALLET_M[0] - deep - 0.09
        behind = (x, front + deep + 0.07 + rest / 2, top)
        items[f"stack_{n}"] = Item(
            kind="stack",
            pose=standing(behind, -math.pi / 2),
            size_m=(round(rest, 3), 0.79, round(layers * high, 3)),
            material=material,
            tone=tone,
            look_seed=look % 64,
        )
        return items

    def _floor_load(self, place: Site, x: float, rng: Stream) -> Item:
        """Return a pallet load under the first beam."""
        middle = place["aisle_width_m"] / 2 + place["rack_depth_m"] / 2
        room = place["level_pitch_m"] - place["beam_height_m"] - 0.1
        return Item(
            kind="pallet_load",
            pose=standing((x, middle, 0.0), -math.pi / 2 + draw(self.yaw_rad, rng.at("yaw_rad"))),
            size_m=(1.2, 0.8, round(Uniform(0.55, 0.95).at(rng.at("height").uniform()) * room, 2)),
            material=Choice(("kraft", "stretch_film", "testliner"), (0.4, 0.4, 0.2)).at(rng.at("material").uniform()),
            tone=draw(self.tone, rng.at("tone")),
            look_seed=rng.at("look").integer() % 64,
        )


def _beam(place: Site, level: int, bare: bool) -> Item:
    """Return the label holder on the front of a level's beam: its `right` face (-y) looks into the aisle."""
    top = aisle.beam_top(place.parameters, level)
    foot = top - place["beam_height_m"] / 2 - _STRIP_M / 2
    return Item(
        kind="beam",
        pose=standing((0.0, place["aisle_width_m"] / 2 - 0.0025, foot)),
        size_m=(place["bay_clear_m"] - 0.1, 0.004, _STRIP_M),
        material="ral2004" if bare else "ral9010",
        look_seed=level,
    )
