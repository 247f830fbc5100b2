"""Take one cause of a miss away from a Shot and change nothing else.

| cause | what is undone |
|---|---|
| out_of_view | the camera is turned so that its axis meets the code |
| occluded | every other item is taken away |
| undersampled | four times the resolution: pixels a quarter as wide behind an aperture four times as wide, so that
  each gets the light of a large one and diffraction is a quarter as wide; refocused so that the code is no sharper |
| orientation | the item is turned about the code's centre until the camera looks no more than 20 degrees off the
  code's normal and scan lines run along the code; a camera whose region is too small for it then reads out more |
| motion_blur | the item stands still |
| defocus | the lens is sharp at every distance, at the same brightness |
| noise | 1 000 times the light into wells 1 000 times as deep, nothing read but the light |
| low_contrast | carbon on white paper, without film |
| glare | a matt label without film |
| saturated, underexposed | all lamps (the target of auto exposure) scaled by `light` |
| damaged | a fresh label |

`misread` and `unknown` name no cause that could be taken away: for both the shot is returned unchanged.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from synthgen.errors import InputError
from synthgen.printing import texel_grid
from synthgen.world import item_faces, label_pose, materials
from synthgen.world import lens as optics
from synthgen.world.poses import look_at, product, rotate
from synthgen.world.shot import Camera, Code, Item, Label, Pose, Shot, Wear

CAUSES = (
    *("out_of_view", "occluded", "undersampled", "orientation", "motion_blur", "defocus", "low_contrast", "glare"),
    *("saturated", "underexposed", "noise", "damaged"),
)
"""Reasons of docs/contract.md section 6 that can be taken away."""

FINER = 4
"""Factor by which pixels are made smaller."""
SKEW_RAD = math.radians(20.0)
"""Angle between view and normal of a straightened code: not 0, so that no lamp is mirrored into the camera."""
_AROUND = 1.3
"""Size of a code with its quiet zone over that of the code."""
_MORE_LIGHT = 1000.0
_MATT = "card_white"
"""White and rough: at most a tenth of its light is mirrored."""


def without(shot: Shot, camera: str, code_id: str, cause: str, light: float = 1.0) -> Shot:
    """Return the shot with one cause of a code's miss in a camera's view undone.

    Args:
        shot: the decided world.
        camera: a name of its cameras.
        code_id: a code of its labels.
        cause: a word of `CAUSES`, `misread` or `unknown`.
        light: factor on the light for `saturated` and `underexposed`.

    Raises:
        InputError: there is no such camera, code or cause.
    """
    if camera not in shot.cameras:
        raise InputError(f"camera: found {camera!r}; write one of {', '.join(sorted(shot.cameras))}")
    item_id, label, code = find(shot, code_id)
    item = shot.items[item_id]
    if cause in ("misread", "unknown"):
        return shot
    if cause in _OF_CAMERA:
        return _with_camera(shot, camera, _OF_CAMERA[cause](shot.cameras[camera]))
    if cause in _OF_VIEW:
        return _with_camera(shot, camera, _OF_VIEW[cause](shot.cameras[camera], quad_world(item, label, code)))
    if cause in ("saturated", "underexposed"):
        return _relit(shot, camera, light)
    if cause == "orientation":
        upright = _straightened(item, shot.cameras[camera], quad_world(item, label, code))
        wide = _wide_enough(shot.cameras[camera], quad_world(upright, label, code))
        return _with_camera(_with_item(shot, item_id, upright), camera, wide)
    if cause == "occluded":
        return replace(shot, items={item_id: item})
    if cause == "motion_blur":
        return _with_item(shot, item_id, replace(item, velocity_m_s=(0.0, 0.0, 0.0)))
    if cause in _OF_LABEL:
        fresh = tuple(_OF_LABEL[cause](x) if x is label else x for x in item.labels)
        return _with_item(shot, item_id, replace(item, labels=fresh))
    raise InputError(f"cause: found {cause!r}; write one of {', '.join(CAUSES)}")


def find(shot: Shot, code_id: str) -> tuple[str, Label, Code]:
    """Return the item's name, the label and the code.

    Raises:
        InputError: no label carries it.
    """
    for item_id in sorted(shot.items):
        for label in shot.items[item_id].labels:
            for code in label.codes:
                if code.code_id == code_id:
                    return item_id, label, code
    raise InputError(f"code: {code_id!r} is on no label of shot {shot.split}-{shot.index:08d}")


def quad_world(item: Item, label: Label, code: Code) -> np.ndarray:
    """Return TL, TR, BR, BL of a code [m, world], shape (4, 3)."""
    return label_pose.points_world(item, label, texel_grid.code_quad(label, code))


def _with_camera(shot: Shot, name: str, camera: Camera) -> Shot:
    return replace(shot, cameras={**shot.cameras, name: camera})


def _with_item(shot: Shot, name: str, item: Item) -> Shot:
    return replace(shot, items={**shot.items, name: item})


def _finer(camera: Camera, quad_m: np.ndarray) -> Camera:
    """Return the camera with smaller pixels that each collect as much light as the large ones did.

    The circle of confusion goes with aperture |1/focus - 1/depth|, so focus moves towards the code's depth.
    """
    sensor, lens = camera.sensor, camera.lens
    width, height = sensor.resolution_px
    chip_x, chip_y = sensor.chip_px
    x, y, roi_width, roi_height = sensor.roi_px
    small = replace(
        sensor,
        resolution_px=(width * FINER, height * FINER),
        chip_px=(chip_x * FINER, chip_y * FINER),
        roi_px=(x * FINER, y * FINER, roi_width * FINER, roi_height * FINER),
        pitch_m=sensor.pitch_m / FINER,
    )
    depth_m = float(((quad_m.mean(axis=0) - camera.pose.position_m) @ _camera_axes(camera))[2])
    focus_m = lens.focus_m
    if 0 < focus_m < math.inf:
        focus_m = 1 / (1 / depth_m + (1 / focus_m - 1 / depth_m) / FINER)
    return replace(camera, sensor=small, lens=replace(lens, f_number=lens.f_number / FINER, focus_m=focus_m))


def _sharp(camera: Camera) -> Camera:
    """Return the camera with a lens that is sharp everywhere, and no brighter for it."""
    lens = camera.lens
    if lens.focus_m <= 0 or math.isinf(lens.focus_m):
        return replace(camera, lens=replace(lens, focus_m=0.0))
    magnification = lens.focal_m / (lens.focus_m - lens.focal_m)
    return replace(camera, lens=replace(lens, focus_m=0.0, transmission=lens.transmission / (1 + magnification) ** 2))


def _quiet(camera: Camera) -> Camera:
    """Return the camera whose pixels collect so much light that its noise is gone, at the same grey levels."""
    sensor = camera.sensor
    quiet = replace(
        sensor,
        quantum_efficiency=tuple(q * _MORE_LIGHT for q in sensor.quantum_efficiency),
        saturation_e=sensor.saturation_e * _MORE_LIGHT,
        gain_dn_e=sensor.gain_dn_e / _MORE_LIGHT,
        dark_noise_e=0.0,
        dark_current_e_s=0.0,
    )
    return replace(camera, sensor=quiet)


_OF_CAMERA: dict[str, Callable[[Camera], Camera]] = {"defocus": _sharp, "noise": _quiet}


def _contrasty(label: Label) -> Label:
    return replace(label, stock="paper", ink="carbon", film="")


def _matt(label: Label) -> Label:
    """Return the label without film, on matt card where it is white; printed board is matt as it is."""
    paper = materials.surface(label.stock)
    white = min(paper.reflectance) > 0.5 and paper.roughness < materials.surface(_MATT).roughness
    return replace(label, film="", stock=_MATT if white else label.stock)


def _fresh(label: Label) -> Label:
    return replace(label, wear=Wear())


_OF_LABEL: dict[str, Callable[[Label], Label]] = {"low_contrast": _contrasty, "glare": _matt, "damaged": _fresh}


def _relit(shot: Shot, name: str, factor: float) -> Shot:
    """Return the shot with all lamps scaled; where exposure is automatic its target is, or it would undo that."""
    camera = shot.cameras[name]
    if camera.auto_exposure_target > 0:
        target = min(camera.auto_exposure_target * factor, 1.0)
        longer = replace(camera, auto_exposure_target=target, exposure_s=camera.exposure_s * max(factor, 1.0))
        return _with_camera(shot, name, longer)
    lights = {
        key: replace(x, peak_power_w=x.peak_power_w * factor, irradiance_w_m2=x.irradiance_w_m2 * factor)
        for key, x in shot.lights.items()
    }
    return replace(shot, lights=lights)


def _aimed(camera: Camera, quad_m: np.ndarray) -> Camera:
    """Return the camera turned, from where it stands, so that its axis meets the code; its up stays up."""
    up = rotate(camera.pose.rotation_wxyz, (0.0, 1.0, 0.0))
    x, y, z = (float(v) for v in quad_m.mean(axis=0))
    return replace(camera, pose=look_at(camera.pose.position_m, (x, y, z), up))


def _straightened(item: Item, camera: Camera, quad_m: np.ndarray) -> Item:
    """Return the item with its code upright and nearly straight on; the code's centre stays where it is.

    The least turn is taken that lays the code's top edge along rows or columns and keeps the code in the picture.
    """
    axes, center = _camera_axes(camera), quad_m.mean(axis=0)
    faced = _faced(quad_m, np.subtract(camera.pose.position_m, center))
    quad = ((quad_m - center) @ faced.T + center - camera.pose.position_m) @ axes
    sight = quad.mean(axis=0) / np.linalg.norm(quad.mean(axis=0))
    turns = sorted((_turn(quad, sight, quarter * math.pi / 2) for quarter in range(-1, 3)), key=abs)
    kept = [turn for turn in turns if _holds(camera, quad @ _about(sight, turn).T)]
    rotation = axes @ _about(sight, (kept or turns)[0]) @ axes.T @ faced
    x, y, z = (float(v) for v in center + rotation @ np.subtract(item.pose.position_m, center))
    turned = product(
        item_faces.rotation(*(tuple(map(float, column)) for column in rotation.T)), item.pose.rotation_wxyz
    )
    return replace(item, pose=Pose(position_m=(x, y, z), rotation_wxyz=turned))


def _faced(quad_m: np.ndarray, to_eye: np.ndarray) -> np.ndarray:
    """Return the least rotation that brings a code's normal within SKEW_RAD of the eye, shape (3, 3)."""
    normal = np.cross(quad_m[3] - quad_m[0], quad_m[1] - quad_m[0])
    axis = np.cross(normal, to_eye)
    angle = math.atan2(float(np.linalg.norm(axis)), float(normal @ to_eye))
    return np.eye(3) if angle <= SKEW_RAD else _about(axis / np.linalg.norm(axis), angle - SKEW_RAD)


def _wide_enough(camera: Camera, quad_m: np.ndarray) -> Camera:
    """Return the camera with a region of twice the width and height, should the code and what is around it need it."""
    quad = (quad_m - camera.pose.position_m) @ _camera_axes(camera)
    if _holds(camera, quad.mean(axis=0) + _AROUND * (quad - quad.mean(axis=0))):
        return camera
    sensor = camera.sensor
    width, height = sensor.resolution_px
    x, y, roi_width, roi_height = sensor.roi_px
    region = (x - roi_width // 2, y - roi_height // 2, 2 * roi_width, 2 * roi_height)
    return replace(camera, sensor=replace(sensor, resolution_px=(2 * width, 2 * height), roi_px=region))


def _camera_axes(camera: Camera) -> np.ndarray:
    """Return the camera's axes in the world, right, down and forward as columns, shape (3, 3)."""
    q = camera.pose.rotation_wxyz
    return np.array([rotate(q, (1.0, 0.0, 0.0)), rotate(q, (0.0, -1.0, 0.0)), rotate(q, (0.0, 0.0, -1.0))]).T


def _turn(quad: np.ndarray, sight: np.ndarray, wanted_rad: float) -> float:
    """Return by how much to turn a quad in camera axes about a line of sight until it runs at a wanted angle."""
    turn = 0.0
    for _ in range(20):
        seen = quad @ _about(sight, turn).T
        center, along = seen.mean(axis=0), seen[1] + seen[2] - seen[0] - seen[3]
        dx, dy = along[:2] - center[:2] / center[2] * along[2]
        turn += math.remainder(wanted_rad - math.atan2(dy, dx), 2 * math.pi)
    return math.remainder(turn, 2 * math.pi)


def _about(axis: np.ndarray, angle_rad: float) -> np.ndarray:
    """Return the rotation about a unit axis, shape (3, 3) (Rodrigues)."""
    x, y, z = axis
    cross = np.array([(0.0, -z, y), (z, 0.0, -x), (-y, x, 0.0)])
    return np.eye(3) + math.sin(angle_rad) * cross + (1 - math.cos(angle_rad)) * cross @ cross


def _holds(camera: Camera, quad: np.ndarray) -> bool:
    """Return whether a quad in camera axes lies in the picture, the lens's distortion left out."""
    fx, fy, cx, cy = optics.intrinsics(camera.lens, camera.sensor)
    px = quad[:, :2] / quad[:, 2:] * (fx, fy) + (cx, cy)
    return bool(((px > 0) & (px < camera.sensor.resolution_px)).all())


_OF_VIEW: dict[str, Callable[[Camera, np.ndarray], Camera]] = {
    "undersampled": _finer,
    "out_of_view": _aimed,
}
