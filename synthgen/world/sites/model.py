"""What a site is: its numbers, mount points, solids and zones, as values."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import SequenceMatcher, get_close_matches

from synthgen.errors import InputError
from synthgen.world.poses import look_at, moved, rotate, turned
from synthgen.world.shot import Pose, Vec3

_LAMP_BESIDE_LENS_M = 0.22
"""Lamps sit 0.15-0.5 m from the lens they serve (estimate)."""
_SHADE_BESIDE_LAMP_M = 0.045
_NAMED = 6
"""Number of mounts that a message names."""


@dataclass(frozen=True, kw_only=True)
class Mount:
    """A place where a camera, lamp or sheet can be fixed."""

    pose: Pose
    """Cameras and lamps look along -Z with +Y up; a sheet lies in XY and faces +Z."""
    target_m: Vec3
    """The point it is aimed at [m]."""
    kind: str = "camera"
    """Its purpose: camera, light or baffle."""

    @property
    def distance_m(self) -> float:
        """Return the distance from the mount to its target [m]."""
        return math.dist(self.pose.position_m, self.target_m)


@dataclass(frozen=True, kw_only=True)
class Box:
    """A box along the world's axes."""

    min_m: Vec3
    max_m: Vec3

    def holds(self, point_m: Vec3, margin_m: float = 0.0) -> bool:
        """Return whether the point is inside, or nearer than `margin_m` outside."""
        return all(a - margin_m <= p <= b + margin_m for a, p, b in zip(self.min_m, point_m, self.max_m, strict=True))

    @property
    def center_m(self) -> Vec3:
        """Return the centre [m]."""
        x, y, z = ((a + b) / 2 for a, b in zip(self.min_m, self.max_m, strict=True))
        return (x, y, z)

    @property
    def size_m(self) -> Vec3:
        """Return the edge lengths [m]."""
        x, y, z = (b - a for a, b in zip(self.min_m, self.max_m, strict=True))
        return (x, y, z)


@dataclass(frozen=True, kw_only=True)
class Site:
    """A warehouse in numbers, shared by the stage that is authored and the randomizers that fill it."""

    name: str
    parameters: dict[str, float]
    """Every number of the site, given or default; `site["belt_top_m"]` reads one."""
    mounts: dict[str, Mount]
    solids: tuple[Box, ...]
    """Boxes that no camera may be inside of."""
    zones: dict[str, Box] = field(default_factory=dict)
    """Where things happen: `read` (codes are read there), `clutter` (loose things may stand there)."""

    def __getitem__(self, parameter: str) -> float:
        return self.parameters[parameter]

    def mount(self, name: str, role: str = "camera") -> Mount:
        """Return the mount as a `role` (camera, light, baffle) uses it.

        A lamp on a camera's mount goes beside the lens, a sheet on a camera's or lamp's mount becomes the shade beside
        it, on its +Y side, parallel to its axis.

        Raises:
            InputError: the site has no such mount; the message names the most alike.
        """
        if name not in self.mounts:
            choices = mount_choices(self.name, self.mounts, name)
            raise InputError(f"mount: {self.name} has no mount {name!r}; {choices}")
        mount = self.mounts[name]
        if role == "light" and mount.kind == "camera":
            place = moved(mount.pose, (0.0, _LAMP_BESIDE_LENS_M, 0.0))
            up = rotate(place.rotation_wxyz, (0.0, 1.0, 0.0))
            return Mount(pose=look_at(place.position_m, mount.target_m, up), target_m=mount.target_m, kind="light")
        if role == "baffle" and mount.kind != "baffle":
            return Mount(pose=shade(mount.pose), target_m=mount.target_m, kind="baffle")
        return mount

    def inside(self, point_m: Vec3, margin_m: float = 0.0) -> Box | None:
        """Return the first solid that holds the point, or None."""
        return next((box for box in self.solids if box.holds(point_m, margin_m)), None)


def mount_choices(site: str, mounts: Iterable[str], word: str) -> str:
    """Return what to write for a mount that a site does not have: the most alike first, and where all are listed."""
    known = sorted(mounts, key=lambda name: (-SequenceMatcher(None, word, name).ratio(), name))
    if not known:
        return "write position_m and look_at_m"
    first, others = known[0], known[1:_NAMED]
    rest = f" or {', '.join(others)}" if others else ""
    return f"write {first}{rest}; synthgen check --mounts {site} lists all {len(known)}"


def shade(lamp: Pose, depth_m: float = 0.045) -> Pose:
    """Return the pose of a sheet beside a lamp or lens, at its +Y side, its middle `depth_m` ahead of it."""
    return turned(moved(lamp, (0.0, _SHADE_BESIDE_LAMP_M, -depth_m)), (1.0, 0.0, 0.0), math.pi / 2)


def complete(name: str, given: dict[str, float], defaults: dict[str, float]) -> dict[str, float]:
    """Return `defaults` with the given numbers in place.

    Raises:
        InputError: an unknown name, or a number that is negative or not finite.
    """
    for key, value in given.items():
        if key not in defaults:
            near = get_close_matches(key, defaults, 1)
            hint = f"write {near[0]}" if near else f"write one of {', '.join(sorted(defaults))}"
            raise InputError(f"scene.{key}: {name} has no such number; {hint}")
        if not (math.isfinite(value) and value >= 0):
            raise InputError(f"scene.{key}: found {value}; write a finite number that is not negative")
    return {**defaults, **{key: float(value) for key, value in given.items()}}


def looking(position_m: Vec3, target_m: Vec3, up: Vec3 = (0.0, 0.0, 1.0), kind: str = "camera") -> Mount:
    """Return a mount at a place that looks at a point."""
    return Mount(pose=look_at(position_m, target_m, up), target_m=target_m, kind=kind)


def high_bays(xs: tuple[float, ...], ys: tuple[float, ...], height_m: float) -> dict[str, Mount]:
    """Return the mounts `hall_1`, `hall_2` ... of a grid of lamps that look straight down, row by row."""
    places = [(x, y) for y in ys for x in xs]
    return {
        f"hall_{n}": looking((x, y, height_m), (x, y, 0.0), up=(0.0, 1.0, 0.0), kind="light")
        for n, (x, y) in enumerate(places, 1)
    }
