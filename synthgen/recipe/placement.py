"""The place of a declared thing: a mount of the scene, or a position."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Annotated, Any

from synthgen.recipe.base import Flaw, Given, Part, Vec3, Word, lacks
from synthgen.recipe.scalars import Leaf

Angle = Annotated[Any, Leaf("number", ge=-2 * math.pi, le=2 * math.pi)]


class Placed(Part):
    """A thing with a place: a mount of the scene, or a position and what it looks at."""

    mount: Word | None = None
    position_m: Vec3 | None = None
    look_at_m: Vec3 | None = None
    up: Vec3 = (0.0, 0.0, 1.0)
    offset_m: Vec3 = (0.0, 0.0, 0.0)
    """Shift in the thing's own frame: x right, y up, z backwards."""
    yaw_rad: Angle = 0.0
    """Turn about its own up, to the left."""
    pitch_rad: Angle = 0.0
    """Turn about its own right, upwards."""
    roll_rad: Angle = 0.0
    """Turn about its own backward axis, counter-clockwise as it sees."""

    @classmethod
    def whole(cls, given: Given) -> Iterator[Flaw]:
        """Yield what is wrong with the place."""
        if lacks(given, "mount", "position_m"):
            yield "", "has no place; write mount: <mount point of the scene>, or position_m and look_at_m"
        if not lacks(given, "mount") and not lacks(given, "position_m"):
            yield "", "has a mount and a position_m; delete one of the two (offset_mm shifts what a mount holds)"
