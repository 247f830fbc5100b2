"""Baffles: tolerances of sheets that were mounted by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace

from synthgen.random_streams import Stream
from synthgen.world.distributions import draw
from synthgen.world.poses import moved, turned
from synthgen.world.shot import Baffle, Pose, Shot
from synthgen.world.sites import build

from .selection import Number, changed


@dataclass(frozen=True, kw_only=True)
class BaffleTilt:
    """Tilt declared baffles about their width, and shift them.

    On a mount the tilt replaces the declared one; a baffle placed by hand is tilted further.
    """

    on: str = "baffles"
    tilt_rad: Number = 0.0
    shift_m: Number = 0.0
    """Shift along the sheet's own Y, drawn for each baffle."""

    def __call__(self, shot: Shot, rng: Stream) -> Shot:
        """Return the shot with the selected baffles tilted."""
        place = build(shot.world.warehouse, shot.world.parameters)

        def change(name: str, baffle: Baffle) -> Baffle:
            pose = baffle.pose
            if baffle.mount:
                straight = place.mount(baffle.mount, "baffle").pose
                pose = Pose(position_m=pose.position_m, rotation_wxyz=straight.rotation_wxyz)
            pose = turned(pose, (1.0, 0.0, 0.0), draw(self.tilt_rad, rng.at(name, "tilt_rad")))
            return replace(baffle, pose=moved(pose, (0.0, draw(self.shift_m, rng.at(name, "shift_m")), 0.0)))

        return replace(shot, baffles=changed(shot.baffles, "baffles", self.on, change))
