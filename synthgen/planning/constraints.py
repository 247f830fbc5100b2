"""What no world may contain: judged once every randomizer has spoken, on the Shot's numbers alone.

A broken constraint is `Infeasible`: the shot is drawn again, and the cause is counted.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from synthgen.errors import BarcodeError, Infeasible
from synthgen.printing import placement, texel_grid
from synthgen.world import item_faces, lens
from synthgen.world.light_shapes import ENDLESS
from synthgen.world.poses import rotate
from synthgen.world.shot import Item, Label, Pose, Shot, Vec3
from synthgen.world.sites import Site

_SLACK_M = 1e-6
"""A label as large as its face fits."""
_PARCELS = ("carton", "mailer", "tote", "pallet_load", "stack", "drum", "box", "card", "beam")
"""Kinds that fill their box; a lamp may hang inside a shelf or above a pallet's boards."""


def check(shot: Shot, site: Site) -> None:
    """Accept the shot, or say what cannot be built.

    Raises:
        Infeasible: `camera_inside`, `lens_folds`, `light_inside`, `label_too_large`, `label_off_face`,
            `code_too_large`, `code_off_label`, `codes_overlap` or `payload_refused`; the detail opens with the dotted
            path of the thing.
    """
    for name, camera in shot.cameras.items():
        if fold := lens.fold(camera.lens, camera.sensor):
            raise Infeasible("lens_folds", f"cameras.{name}: {fold}; write weaker distortion or a smaller roi_px")
        _check_outside(f"cameras.{name}", "camera_inside", camera.pose, shot, site)
    for name, light in shot.lights.items():
        if light.shape not in ENDLESS:
            _check_outside(f"lights.{name}", "light_inside", light.pose, shot, site)
    for name, item in shot.items.items():
        for label in item.labels:
            _check_label(f"items.{name}", item, label)


def inside(item: Item, point_m: Vec3) -> bool:
    """Return whether a point [m] lies inside the box of an item that fills its box."""
    if item.kind not in _PARCELS:
        return False
    x, y, z = _in_frame(item.pose, point_m)
    length, width, height = item.size_m
    return abs(x) < length / 2 and abs(y) < width / 2 and 0 < z < height


def _check_outside(path: str, cause: str, pose: Pose, shot: Shot, site: Site) -> None:
    for what in _holders(pose.position_m, shot, site):
        at = ", ".join(f"{p:.3g}" for p in pose.position_m)
        raise Infeasible(cause, f"{path}: stands at [{at}] m inside {what}; move it")


def _holders(point_m: Vec3, shot: Shot, site: Site) -> Iterator[str]:
    """Yield what holds a point."""
    box = site.inside(point_m)
    if box is not None:
        low, high = (", ".join(f"{v:.3g}" for v in corner) for corner in (box.min_m, box.max_m))
        yield f"a solid of {site.name or 'the scene'} from [{low}] to [{high}] m"
    for name, item in shot.items.items():
        if inside(item, point_m):
            yield f"items.{name}"


def _check_label(path: str, item: Item, label: Label) -> None:
    if label.face not in item_faces.FACES:
        raise Infeasible("label_off_face", f"{path}: label {label.label_id} is on {label.face!r}, which is no face")
    if min(item.size_m) > 0 and item.kind != "usd":
        if not placement.is_flat(item, label.face):
            flat = ", ".join(face for face in item_faces.FACES if placement.is_flat(item, face))
            text = f"label {label.label_id} is on {label.face}, where a {item.kind} is not flat; write one of {flat}"
            raise Infeasible("label_off_face", f"{path}: {text}")
        _check_on_face(path, item, label)
    try:
        texel_grid.grid(label)
    except texel_grid.LayoutError as error:
        raise Infeasible(error.cause, f"{path}: {error}") from None
    except BarcodeError as error:
        raise Infeasible("payload_refused", f"{path}: {error}") from None


def _check_on_face(path: str, item: Item, label: Label) -> None:
    """Refuse a label that is larger than its face or reaches over the face's edge."""
    face = item_faces.size(label.face, item.size_m)
    cos, sin = abs(math.cos(label.angle_rad)), abs(math.sin(label.angle_rad))
    width, height = label.size_m
    needed = (width * cos + height * sin, width * sin + height * cos)
    sizes = (
        f"{needed[0] * 1e3:.0f} x {needed[1] * 1e3:.0f} mm on a face of {face[0] * 1e3:.0f} x {face[1] * 1e3:.0f} mm"
    )
    if needed[0] > face[0] + _SLACK_M or needed[1] > face[1] + _SLACK_M:
        raise Infeasible("label_too_large", f"{path}: label {label.label_id} is {sizes}; write a smaller size_mm")
    if any(2 * abs(c) + n > f + 2 * _SLACK_M for c, n, f in zip(label.center_m, needed, face, strict=True)):
        raise Infeasible("label_off_face", f"{path}: label {label.label_id} is {sizes}, over its edge; move center_mm")


def _in_frame(pose: Pose, point_m: Vec3) -> Vec3:
    """Return a point in a thing's own frame."""
    w, x, y, z = pose.rotation_wxyz
    px, py, pz = (p - o for p, o in zip(point_m, pose.position_m, strict=True))
    return rotate((w, -x, -y, -z), (px, py, pz))
