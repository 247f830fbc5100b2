"""The scan tunnel: a belt through a gantry of cameras and strobed bars.

x runs along travel, the belt's centre line is y = 0, parcels are read around x = 0.
"""

from __future__ import annotations

from synthgen.world.poses import facing
from synthgen.world.shot import Vec3
from synthgen.world.sites.model import Box, Mount, Site, complete, high_bays, looking

HEADS_M = 0.62
"""Height of the side heads above the belt [m]; the rails that hold them run at this height."""

DEFAULTS: dict[str, float] = {
    "belt_speed_m_s": 1.2,
    "belt_top_m": 0.75,
    "belt_width_m": 0.8,
    "belt_length_m": 3.0,
    "rollers_length_m": 2.4,
    "roller_pitch_m": 0.1,
    "roller_diameter_m": 0.05,
    "frame_height_m": 0.16,
    "guard_height_m": 0.1,
    "read_gap_m": 1.1,  # no guards here: they would hide the parcels' sides
    "gantry_length_m": 2.4,
    "gantry_width_m": 2.6,
    "gantry_height_m": 2.75,
    "profile_m": 0.08,
    "curtain": 0.0,  # 1: PVC strips close both ends
    "hall_height_m": 9.0,
    "wall_y_m": 6.5,
    "racks": 1.0,  # 0: no racks in the background
}
ABOUT: dict[str, str] = {
    "belt_speed_m_s": "speed of the belt and of what lies on it, along +x",
    "belt_top_m": "height of the belt's surface above the floor: items stand at this z",
    "belt_width_m": "width of the belt across travel",
    "belt_length_m": "length of the belt between the roller tracks",
    "rollers_length_m": "length of each roller track before and behind the belt",
    "roller_pitch_m": "distance from roller to roller",
    "roller_diameter_m": "diameter of a roller",
    "frame_height_m": "height of the conveyor's side frame",
    "guard_height_m": "height of the side guards above the belt",
    "read_gap_m": "length without guards around x = 0, where parcels are read",
    "gantry_length_m": "distance of the gantry's posts along travel",
    "gantry_width_m": "distance of the gantry's posts across travel",
    "gantry_height_m": "height of the gantry's posts",
    "profile_m": "width of the gantry's square profile",
    "curtain": "1: PVC strips close both ends; 0: open",
    "hall_height_m": "height of the roof",
    "wall_y_m": "distance of the wall from the belt's centre line",
    "racks": "1: racks in the background; 0: none",
}
"""What each number is."""


def build(given: dict[str, float]) -> Site:
    """Return the tunnel with `given` numbers in place of the defaults."""
    numbers = complete("scan_tunnel", given, DEFAULTS)
    z = numbers["belt_top_m"]
    lights = _lights(z)
    mounts = {**_cameras(z), **lights, **_hood(numbers), **high_bays((-5.0, 0.0, 5.0), (-3.5, 3.5), 8.4)}
    half = numbers["belt_width_m"] / 2
    zones = {
        "read": Box(min_m=(-0.3, -half + 0.04, z), max_m=(0.3, half - 0.04, z + 0.9)),
        "clutter": Box(min_m=(-3.0, 1.8, 0.0), max_m=(3.0, numbers["wall_y_m"] - 0.6, 1.5)),
    }
    return Site(name="scan_tunnel", parameters=numbers, mounts=mounts, solids=_solids(numbers), zones=zones)


def _cameras(z: float) -> dict[str, Mount]:
    """Return the camera mounts: tops at 17 deg, front, back, four corners 30 deg down, two abreast 45 deg down."""
    mounts = {
        "gantry_top": looking((-0.4, 0.0, z + 1.45), (0.0, 0.0, z + 0.12), up=(1.0, 0.0, 0.0)),
        "gantry_top_back": looking((0.4, 0.0, z + 1.45), (0.0, 0.0, z + 0.12), up=(1.0, 0.0, 0.0)),
        "gantry_front": looking((1.05, 0.0, z + 0.85), (0.12, 0.0, z + 0.12)),
        "gantry_back": looking((-1.05, 0.0, z + 0.85), (-0.12, 0.0, z + 0.12)),
    }
    corners = {"left": (0.6, 0.8), "right": (-0.6, -0.8), "left_back": (-0.6, 0.8), "right_front": (0.6, -0.8)}
    for name, (x, y) in corners.items():
        mounts[f"gantry_{name}"] = looking((x, y, z + HEADS_M), (x * 0.1, y * 0.12, z + 0.1))
    for name, x, y in (("left", 0.1, 0.85), ("right", -0.1, -0.85)):
        mounts[f"gantry_abreast_{name}"] = looking((x, y, z + 0.9), (0.0, y * 0.06, z + 0.1))
    return mounts


def _lights(z: float) -> dict[str, Mount]:
    """Return the bars' mounts: long axis along X of the mount, +Y toward the lens they serve."""
    read = (0.0, 0.0, z + 0.12)
    bars: dict[str, tuple[Vec3, Vec3, Vec3]] = {
        "bar_top_front": ((0.08, 0.0, z + 1.42), read, (-1.0, 0.0, 0.0)),
        "bar_top_back": ((-0.88, 0.0, z + 1.34), read, (1.0, 0.0, 0.0)),
        "bar_front": ((0.95, 0.0, z + 1.2), (0.1, 0.0, z + 0.12), (0.0, 0.0, -1.0)),
        "bar_back": ((-0.95, 0.0, z + 1.2), (-0.1, 0.0, z + 0.12), (0.0, 0.0, -1.0)),
    }
    for side, sign in (("left", 1.0), ("right", -1.0)):
        target = (0.06 * sign, 0.12 * sign, z + 0.1)
        # bars stand upright on both sides of the lens, 0.36 m from it
        bars[f"bar_{side}_front"] = ((0.885 * sign, 0.58 * sign, z + HEADS_M), target, (-0.79 * sign, 0.61 * sign, 0.0))
        bars[f"bar_{side}_back"] = ((0.315 * sign, 1.02 * sign, z + HEADS_M), target, (0.79 * sign, -0.61 * sign, 0.0))
    mounts = {name: looking(place, target, up, kind="light") for name, (place, target, up) in bars.items()}
    shades = {name.replace("bar_", "shade_"): _shade(mount) for name, mount in mounts.items()}
    return {**mounts, **shades}


def _shade(bar: Mount) -> Mount:
    """Return the mount of the sheet between a bar and the lens it serves."""
    one = Site(name="", parameters={}, mounts={"bar": bar}, solids=())
    return one.mount("bar", "baffle")


def _hood(numbers: dict[str, float]) -> dict[str, Mount]:
    """Return the mounts of the sheets that close the tunnel: sides, ends above the belt, roof; all face inward."""
    z = numbers["belt_top_m"]
    x = numbers["gantry_length_m"] / 2 + 0.05
    y = numbers["gantry_width_m"] / 2 + 0.05
    places: dict[str, tuple[Vec3, Vec3]] = {
        "hood_left": ((0.0, y, z + 0.6), (0.0, -1.0, 0.0)),
        "hood_right": ((0.0, -y, z + 0.6), (0.0, 1.0, 0.0)),
        "hood_front": ((x, 0.0, z + 1.35), (-1.0, 0.0, 0.0)),
        "hood_back": ((-x, 0.0, z + 1.35), (1.0, 0.0, 0.0)),
        "hood_roof": ((0.0, 0.0, z + 2.06), (0.0, 0.0, -1.0)),
    }
    return {
        name: Mount(
            pose=facing(place, normal, (1.0, 0.0, 0.0) if normal[0] == 0 else (0.0, 1.0, 0.0)),
            target_m=(0.0, 0.0, z),
            kind="baffle",
        )
        for name, (place, normal) in places.items()
    }


def _solids(numbers: dict[str, float]) -> tuple[Box, ...]:
    """Return the conveyor, the four posts, the floor, the wall behind and the racks."""
    z = numbers["belt_top_m"]
    half = numbers["belt_length_m"] / 2 + numbers["rollers_length_m"]
    side = numbers["belt_width_m"] / 2 + 0.08
    post = numbers["profile_m"] / 2
    posts = tuple(
        Box(min_m=(x - post, y - post, 0.0), max_m=(x + post, y + post, numbers["gantry_height_m"]))
        for x in (-numbers["gantry_length_m"] / 2, numbers["gantry_length_m"] / 2)
        for y in (-numbers["gantry_width_m"] / 2, numbers["gantry_width_m"] / 2)
    )
    wall = numbers["wall_y_m"]
    return (
        Box(min_m=(-half, -side, z - numbers["frame_height_m"] - 0.05), max_m=(half, side, z)),
        *posts,
        Box(min_m=(-30.0, -30.0, -0.3), max_m=(30.0, 30.0, 0.0)),
        Box(min_m=(-12.0, wall, 0.0), max_m=(12.0, wall + 0.3, numbers["hall_height_m"])),
    )
