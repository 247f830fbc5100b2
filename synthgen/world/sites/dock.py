"""The dock door: a leveller, a seal and a trailer behind it (EU sizes).

The wall is the plane x = 0; the hall is at -x with its floor at z = 0, the yard 1.2 m lower at +x. The door's middle is
y = 0. Trucks are unloaded along -x.
"""

from __future__ import annotations

from synthgen.world.sites.model import Box, Site, complete, high_bays, looking

DEFAULTS: dict[str, float] = {
    "door_width_m": 2.8,
    "door_height_m": 3.2,
    "door_pitch_m": 4.2,
    "wall_thickness_m": 0.2,
    "leveller_width_m": 2.0,
    "leveller_length_m": 2.5,
    "yard_m": 1.2,  # the yard lies this much below the hall's floor
    "trailer": 1.0,  # 0: an open door onto the yard
    "trailer_width_m": 2.48,
    "trailer_height_m": 2.7,
    "trailer_length_m": 7.0,
    "door_number": 12.0,
    "hall_height_m": 8.0,
}
ABOUT: dict[str, str] = {
    "door_width_m": "width of the door",
    "door_height_m": "height of the door",
    "door_pitch_m": "distance from door to door along the wall",
    "wall_thickness_m": "thickness of the wall",
    "leveller_width_m": "width of the leveller's plate",
    "leveller_length_m": "length of the leveller's plate",
    "yard_m": "depth of the yard below the hall's floor",
    "trailer": "1: a trailer stands at the door; 0: an open door onto the yard",
    "trailer_width_m": "inner width of the trailer",
    "trailer_height_m": "inner height of the trailer",
    "trailer_length_m": "length of the trailer",
    "door_number": "number on the sign above the door",
    "hall_height_m": "height of the roof",
}
"""What each number is."""


def build(given: dict[str, float]) -> Site:
    """Return the dock with `given` numbers in place of the defaults."""
    numbers = complete("dock_door", given, DEFAULTS)
    half, height = numbers["door_width_m"] / 2, numbers["door_height_m"]
    goods = (-1.6, 0.0, 0.8)
    mounts = {
        "post_left": looking((-3.6, 2.3, 2.5), goods),
        "post_right": looking((-3.6, -2.3, 2.5), goods),
        "header": looking((-0.35, 0.0, height + 0.35), (-2.6, 0.0, 0.5)),
        "hall": looking((-6.6, 1.3, 2.7), (-1.0, 0.0, 1.1)),
        "gate_left": looking((-1.7, half + 1.0, 1.5), (-1.7, 0.0, 0.9)),
        "gate_right": looking((-1.7, -half - 1.0, 1.5), (-1.7, 0.0, 0.9)),
        "arm": looking((-0.62, half - 0.15, 2.2), (4.0, -0.2, 1.0), kind="light"),
        "daylight": looking((0.3, 0.0, height / 2), (-3.0, 0.0, 0.3), kind="light"),
        **high_bays((-6.0, -2.5), (-2.6, 2.6), numbers["hall_height_m"] - 0.7),
    }
    zones = {
        "read": Box(min_m=(-3.4, -half, 0.0), max_m=(-0.6, half, 2.2)),
        "clutter": Box(min_m=(-6.0, half + 0.3, 0.0), max_m=(-0.6, half + 2.2, 1.8)),
    }
    return Site(name="dock_door", parameters=numbers, mounts=mounts, solids=_solids(numbers), zones=zones)


def _solids(numbers: dict[str, float]) -> tuple[Box, ...]:
    """Return the wall around the door and the floor."""
    half, height = numbers["door_width_m"] / 2, numbers["door_height_m"]
    thick, top = numbers["wall_thickness_m"], numbers["hall_height_m"]
    return (
        Box(min_m=(0.0, half, 0.0), max_m=(thick, 12.0, top)),
        Box(min_m=(0.0, -12.0, 0.0), max_m=(thick, -half, top)),
        Box(min_m=(0.0, -half, height), max_m=(thick, half, top)),
        Box(min_m=(-30.0, -30.0, -0.3), max_m=(0.0, 30.0, 0.0)),
    )
