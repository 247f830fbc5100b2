"""The six faces of an item's box: where each lies and which way is up on it.

An item's frame has its origin at the centre of the bottom face. On a face seen from outside, up is +z on the four
sides and +y on top and bottom; right is up x outward.
"""

from __future__ import annotations

import math

Vec3 = tuple[float, float, float]
Quat = tuple[float, float, float, float]

FACES = ("front", "back", "left", "right", "top", "bottom")
"""front +x, back -x, left +y, right -y, top +z, bottom -z."""

# face: (right, up, outward)
_AXES: dict[str, tuple[Vec3, Vec3, Vec3]] = {
    "front": ((0.0, 1.0, 0.0), (0.0, 0.0, 1.0), (1.0, 0.0, 0.0)),
    "back": ((0.0, -1.0, 0.0), (0.0, 0.0, 1.0), (-1.0, 0.0, 0.0)),
    "left": ((-1.0, 0.0, 0.0), (0.0, 0.0, 1.0), (0.0, 1.0, 0.0)),
    "right": ((1.0, 0.0, 0.0), (0.0, 0.0, 1.0), (0.0, -1.0, 0.0)),
    "top": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "bottom": ((-1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, -1.0)),
}


def frame(face: str, size_m: Vec3) -> tuple[Vec3, Vec3, Vec3, Vec3]:
    """Return (center [m], right, up, outward) of a face of a box of `size_m` (x, y, z), in the item's frame.

    Raises:
        KeyError: `face` is not one of `FACES`.
    """
    right, up, outward = _AXES[face]
    x, y, z = (0.5 * n * s for n, s in zip(outward, size_m, strict=True))
    return (x, y, z + 0.5 * size_m[2]), right, up, outward


def size(face: str, size_m: Vec3) -> tuple[float, float]:
    """Return (width, height) [m] of a face: its extents along right and up."""
    right, up, _ = _AXES[face]
    along = tuple(sum(abs(a) * s for a, s in zip(axis, size_m, strict=True)) for axis in (right, up))
    return along[0], along[1]


def pose(
    face: str, size_m: Vec3, center_m: tuple[float, float] = (0.0, 0.0), angle_rad: float = 0.0, lift_m: float = 0.0
) -> tuple[Vec3, Quat]:
    """Return (position [m], quaternion wxyz) of a sheet on a face, in the item's frame.

    The sheet lies in its XY plane facing +Z; `center_m` is its centre from the face's centre (right, up), `angle_rad`
    turns it counter-clockwise as seen from outside, `lift_m` raises it off the face.
    """
    center, right, up, outward = frame(face, size_m)
    position = tuple(
        c + center_m[0] * r + center_m[1] * u + lift_m * n
        for c, r, u, n in zip(center, right, up, outward, strict=True)
    )
    cos, sin = math.cos(angle_rad), math.sin(angle_rad)
    turned_right = tuple(cos * r + sin * u for r, u in zip(right, up, strict=True))
    turned_up = tuple(cos * u - sin * r for r, u in zip(right, up, strict=True))
    return position, rotation(turned_right, turned_up, outward)  # pyright: ignore[reportReturnType]


def rotation(x: tuple[float, ...], y: tuple[float, ...], z: tuple[float, ...]) -> Quat:
    """Return the unit quaternion (w, x, y, z) of the rotation whose columns are the unit vectors x, y, z.

    Shepperd's method: the largest of the four components is found first, so that no division is by a small number.
    """
    squares = (1 + x[0] + y[1] + z[2], 1 + x[0] - y[1] - z[2], 1 - x[0] + y[1] - z[2], 1 - x[0] - y[1] + z[2])
    largest = squares.index(max(squares))
    rows = (
        (squares[0], y[2] - z[1], z[0] - x[2], x[1] - y[0]),
        (y[2] - z[1], squares[1], x[1] + y[0], z[0] + x[2]),
        (z[0] - x[2], x[1] + y[0], squares[2], y[2] + z[1]),
        (x[1] - y[0], z[0] + x[2], y[2] + z[1], squares[3]),
    )
    q = rows[largest]
    length = math.sqrt(sum(c * c for c in q))
    sign = -1.0 if q[0] < 0 else 1.0
    return (sign * q[0] / length, sign * q[1] / length, sign * q[2] / length, sign * q[3] / length)
