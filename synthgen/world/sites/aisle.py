"""The rack aisle: EUR pallet racks on both sides of a reach-truck aisle.

x runs along the aisle, the aisle's centre line is y = 0; the rack that is read stands at +y (left), the opposite rack
at -y. Pallets stand with their 1200 into the depth, three to a bay of 2700.
"""

from __future__ import annotations

from synthgen.world.sites.model import Box, Mount, Site, complete, high_bays, looking

DEFAULTS: dict[str, float] = {
    "aisle_width_m": 2.8,
    "bay_clear_m": 2.7,
    "upright_width_m": 0.1,
    "rack_depth_m": 1.1,
    "bays": 5.0,
    "levels": 4.0,  # beam levels above the floor positions
    "level_pitch_m": 1.6,
    "beam_height_m": 0.12,
    "beam_depth_m": 0.05,
    "back_gap_m": 0.25,
    "deck": 1.0,  # 0 none, 1 chipboard on the first level
    "empty_share": 0.13,
    "label_height_m": 0.08,
    "hall_height_m": 10.5,
}
ABOUT: dict[str, str] = {
    "aisle_width_m": "clear width between the racks; their faces are at y = -width/2 and +width/2",
    "bay_clear_m": "clear width of a bay between two uprights",
    "upright_width_m": "width of an upright",
    "rack_depth_m": "depth of a rack",
    "bays": "number of bays along the aisle",
    "levels": "beam levels above the floor positions",
    "level_pitch_m": "height from beam level to beam level: loads of level n stand at n times this z",
    "beam_height_m": "height of a beam",
    "beam_depth_m": "depth of a beam",
    "back_gap_m": "gap behind a rack, to the next or to the wall",
    "deck": "0: no decks; 1: chipboard on the first level",
    "empty_share": "share of pallet places in the background that are empty",
    "label_height_m": "height of the label holders",
    "hall_height_m": "height of the roof",
}
"""What each number is."""


def build(given: dict[str, float]) -> Site:
    """Return the aisle with `given` numbers in place of the defaults."""
    numbers = complete("rack_aisle", given, DEFAULTS)
    face = numbers["aisle_width_m"] / 2
    beam = beam_top(numbers, 1) - numbers["beam_height_m"] / 2
    lamps = high_bays((-6.0, -2.0, 2.0, 6.0), (0.0,), numbers["hall_height_m"] - 0.9)
    zones = {
        "read": Box(min_m=(-0.9, face, 0.0), max_m=(0.9, face + 1.2, beam + 1.2)),
        "clutter": Box(min_m=(-5.0, -face, 0.0), max_m=(5.0, face - 0.1, 1.2)),
    }
    mounts = {**_mast(beam, face), **lamps}
    return Site(name="rack_aisle", parameters=numbers, mounts=mounts, solids=_solids(numbers), zones=zones)


def beam_top(numbers: dict[str, float], level: int) -> float:
    """Return the height [m] that the loads of a level stand on; level 0 is the floor."""
    return level * numbers["level_pitch_m"]


def bay_centers(numbers: dict[str, float]) -> tuple[float, ...]:
    """Return the x [m] of each bay's middle; one bay is centred on x = 0 when their number is odd."""
    pitch = numbers["bay_clear_m"] + numbers["upright_width_m"]
    count = int(numbers["bays"])
    return tuple((n - (count - 1) / 2) * pitch for n in range(count))


def pallet_xs(numbers: dict[str, float]) -> tuple[float, ...]:
    """Return the x [m] of the pallet places from a bay's middle: 450, 1350, 2250 of 2700."""
    third = numbers["bay_clear_m"] / 3
    return (-third, 0.0, third)


def _mast(beam: float, face: float) -> dict[str, Mount]:
    """Return the mounts on the robot's mast: looking at the left rack, one each height, oblique ones, and its lamps."""
    y = face - 1.25
    mounts = {
        "mast": looking((0.0, y, beam + 0.22), (0.0, face, beam + 0.12)),
        "mast_low": looking((0.0, y, 0.75), (0.0, face, 0.72)),
        "mast_high": looking((0.0, y, beam + 0.95), (0.0, face, beam + 0.75)),
        "mast_ahead": looking((-0.75, y, beam + 0.3), (0.1, face, beam + 0.1)),
        "mast_behind": looking((0.75, y, beam + 0.3), (-0.1, face, beam + 0.1)),
        "mast_right": looking((0.0, -y, beam + 0.22), (0.0, -face, beam + 0.12)),
        "aisle_end": looking((-6.5, 0.0, 2.4), (0.0, 0.4, 1.4)),
    }
    lamps = {"lamp_left": -0.32, "lamp_right": 0.32}
    for name, x in lamps.items():
        up = (1.0 if x < 0 else -1.0, 0.0, 0.0)
        mounts[name] = looking((x, y, beam + 0.25), (0.0, face, beam + 0.1), up, kind="light")
    mounts["lamp_low"] = looking((0.0, y, 0.5), (0.0, face, 0.7), kind="light")
    return mounts


def _solids(numbers: dict[str, float]) -> tuple[Box, ...]:
    """Return both racks, taken as full boxes, and the floor."""
    face, depth = numbers["aisle_width_m"] / 2, numbers["rack_depth_m"]
    half = numbers["bays"] * (numbers["bay_clear_m"] + numbers["upright_width_m"]) / 2
    top = beam_top(numbers, int(numbers["levels"])) + 1.6
    return (
        Box(min_m=(-half, face, 0.0), max_m=(half, face + depth, top)),
        Box(min_m=(-half, -face - depth, 0.0), max_m=(half, -face, top)),
        Box(min_m=(-30.0, -30.0, -0.3), max_m=(30.0, 30.0, 0.0)),
    )
