"""The bench: a table with a matt board, where one thing is looked at."""

from __future__ import annotations

from synthgen.world.sites.model import Box, Site, complete, looking

DEFAULTS: dict[str, float] = {
    "table_top_m": 0.76,
    "table_length_m": 1.4,
    "table_width_m": 0.8,
    "board_length_m": 0.7,
    "board_width_m": 0.5,
    "board_thickness_m": 0.004,
}
ABOUT: dict[str, str] = {
    "table_top_m": "height of the table's top above the floor; things stand on the board, board_thickness_m higher",
    "table_length_m": "length of the table along x",
    "table_width_m": "width of the table along y",
    "board_length_m": "length of the matt board along x",
    "board_width_m": "width of the matt board along y",
    "board_thickness_m": "thickness of the matt board",
}
"""What each number is."""


def build(given: dict[str, float]) -> Site:
    """Return the bench with `given` numbers in place of the defaults."""
    numbers = complete("bench", given, DEFAULTS)
    z = numbers["table_top_m"] + numbers["board_thickness_m"]
    read = (0.0, 0.0, z)
    mounts = {
        "stand_top": looking((0.0, -0.001, z + 0.5), read, up=(0.0, 1.0, 0.0)),
        "stand_tilted": looking((0.0, -0.19, z + 0.46), read, up=(0.0, 1.0, 0.0)),
        "stand_oblique": looking((-0.3, -0.3, z + 0.38), read),
        "lamp_left": looking((-0.42, 0.08, z + 0.5), read, up=(1.0, 0.0, 0.0), kind="light"),
        "lamp_right": looking((0.42, 0.08, z + 0.5), read, up=(-1.0, 0.0, 0.0), kind="light"),
        "lamp_above": looking((0.0, 0.25, z + 0.9), read, up=(0.0, 1.0, 0.0), kind="light"),
    }
    half_x, half_y = numbers["board_length_m"] / 2, numbers["board_width_m"] / 2
    zones = {
        "read": Box(min_m=(-half_x, -half_y, z), max_m=(half_x, half_y, z + 0.4)),
        "clutter": Box(min_m=(-half_x, -half_y, z), max_m=(half_x, half_y, z + 0.3)),
    }
    table = (numbers["table_length_m"] / 2, numbers["table_width_m"] / 2)
    solids = (
        Box(min_m=(-table[0], -table[1], z - 0.04), max_m=(table[0], table[1], z)),
        Box(min_m=(-30.0, -30.0, -0.3), max_m=(30.0, 30.0, 0.0)),
    )
    return Site(name="bench", parameters=numbers, mounts=mounts, solids=solids, zones=zones)
