"""What a stage lacks to be looked at: a camera in three-quarters view and a uniform sky."""

from __future__ import annotations

import math

import numpy as np

from synthgen.world import generic_camera, spectra
from synthgen.world.scene_description import Camera, Description, Light
from synthgen.world.shot import Lens

SKY_LUX = 500.0
"""Illuminance under the default sky, as in a lit hall (EN 12464-1:2021 table: packing and dispatch 300 to 500 lx)."""
RESOLUTION_PX = (640, 480)
_FOCAL_PX = 800.0
_DIRECTION = (1.0, -1.4, 0.8)
"""From the scene to the camera: in front, to the right, from above."""
_MARGIN = 1.08
_FAR_OUT = 50.0
_PITCH_M = 3.45e-6


def complete(description: Description) -> tuple[tuple[Camera, ...], tuple[Light, ...], tuple[str, ...]]:
    """Return the cameras, lights and warnings of a stage, with a view and a sky where it has none."""
    cameras, lights, warnings = description.cameras, description.lights, list(description.warnings)
    if not cameras:
        cameras = (default_view(description),)
        warnings.append("/: the stage has no camera; it is framed in a three-quarters view (camera `view`)")
    if not any(light.strength > 0 for light in lights):
        lights = (*lights, default_sky())
        warnings.append(f"/: the stage has no light that is on; a uniform sky of {SKY_LUX:g} lx lights it")
    return cameras, lights, tuple(warnings)


def default_sky() -> Light:
    """Return a uniform D65 sky of `SKY_LUX` on open ground: E = pi L."""
    light = spectra.d65()
    return Light(
        path="/sky",
        shape="dome",
        world_from_light=np.eye(4),
        strength=SKY_LUX / math.pi / spectra.efficacy_lm_w(light),
        spectrum=light,
    )


def default_view(description: Description) -> Camera:
    """Return a camera that frames all geometry from the front right above (without any: a metre cube).

    A ground plane or sky shell that is far larger than everything else does not count.
    """
    corners_m = _corners_m(description)
    toward = -np.array(_DIRECTION) / np.linalg.norm(_DIRECTION)
    right = np.cross(toward, (0.0, 0.0, 1.0))
    right /= np.linalg.norm(right)
    down = np.cross(toward, right)
    turn = np.stack([right, down, toward], axis=1)
    center_m = 0.5 * (corners_m.min(axis=0) + corners_m.max(axis=0))
    local = (corners_m - center_m) @ turn
    slope = np.array(RESOLUTION_PX) / 2.0 / _FOCAL_PX / _MARGIN
    distance_m = float((np.abs(local[:, :2]) / slope - local[:, 2:]).max())
    world = np.eye(4)
    world[:3, :3] = turn
    world[:3, 3] = center_m - toward * max(distance_m, 1e-3)
    return _camera(world)


def _camera(world_from_camera: np.ndarray) -> Camera:
    width, height = RESOLUTION_PX
    return Camera(
        path="/view",
        name="view",
        world_from_camera=world_from_camera,
        fx_px=_FOCAL_PX,
        fy_px=_FOCAL_PX,
        cx_px=width / 2.0,
        cy_px=height / 2.0,
        dist=(0.0, 0.0, 0.0, 0.0, 0.0),
        lens=Lens(focal_m=_FOCAL_PX * _PITCH_M, f_number=8.0, focus_m=0.0),
        sensor=generic_camera.sensor(RESOLUTION_PX, width * _PITCH_M),
        exposure_s=generic_camera.LONGEST_EXPOSURE_S,
        auto_exposure_target=generic_camera.TARGET,
        shortest_exposure_s=generic_camera.SHORTEST_EXPOSURE_S,
        most_auto_gain=generic_camera.MOST_GAIN,
    )


def _corners_m(description: Description) -> np.ndarray:
    """Return the box corners in the world of what is to be framed, shape (n, 3)."""
    boxes = [_box_m(instance.mesh.points_m, instance.world_from_mesh) for instance in description.instances]
    if not boxes:
        return _box_m(np.array([[-0.5, -0.5, 0.0], [0.5, 0.5, 1.0]]), np.eye(4))
    spans = np.array([np.ptp(box, axis=0).max() for box in boxes])
    kept = [
        box for box, span in zip(boxes, spans, strict=True) if span <= _FAR_OUT * max(float(np.median(spans)), 1e-9)
    ]
    return np.concatenate(kept)


def _box_m(points: np.ndarray, world_from_mesh: np.ndarray) -> np.ndarray:
    low, high = points.min(axis=0), points.max(axis=0)
    pick = np.array([[i, j, k] for i in (0, 1) for j in (0, 1) for k in (0, 1)])
    corners = np.where(pick == 1, high, low)
    return corners @ world_from_mesh[:3, :3].T + world_from_mesh[:3, 3]
