"""The JSON and the arrays of a sample (docs/contract.md section 6): every key is always present."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from synthgen.rendering.maps import HazardMap
from synthgen.rendering.render import Maps
from synthgen.world import lens, scene_description
from synthgen.world.maps import MAPS
from synthgen.world.shot import Shot

CAMERAS_PER_SHOT = 64
"""Numbers kept for the cameras of a shot: image_id = shot_index * 64 + place of the camera."""


def arrays(maps: Maps, outputs: Collection[str]) -> dict[str, np.ndarray]:
    """Return the maps that `outputs` asks for, by field name."""
    return {name: maps[name] for name in MAPS if name in outputs and name in maps}


def no_image(maps: Maps) -> np.ndarray:
    """Return a black image for a sample of maps alone."""
    return np.zeros((maps.camera.height_px, maps.camera.width_px), np.uint8)


def record(
    shot: Shot,
    name: str,
    key: str,
    image_id: int,
    maps: Maps,
    annotations: Sequence[dict[str, Any]],
    codes: Sequence[scene_description.Code],
    outputs: Collection[str],
) -> dict[str, Any]:
    """Return the sample's JSON as plain values."""
    camera = maps.camera
    hazard = maps.hazard or HazardMap(ratio=np.zeros((0, 0), np.float32))
    return {
        "image_id": image_id,
        "file_name": f"{key}.png",
        "width": camera.width_px,
        "height": camera.height_px,
        "split": shot.split,
        "shot_index": shot.index,
        "camera": _camera(name, camera),
        "exposure": dict(maps.image.record) if maps.image else {"exposure_s": float(camera.exposure_s)},
        "safety": {
            "hazard": (hazard.hazard or shot.safety.hazard) if maps.hazard else "",  # "": no map was made
            "edition": shot.safety.edition,
            "duration_s": float(shot.safety.duration_s),
            "max_ratio": hazard.max_ratio,
            "at": [float(value) for value in hazard.at_px],
        },
        "annotations": list(annotations),
        "instances": _instances(maps, codes) if "instances" in outputs else [],
    }


def _camera(name: str, camera: scene_description.Camera) -> dict[str, Any]:
    return {
        "name": name,
        "K": lens.matrix(camera).tolist(),
        "K_opencv": lens.matrix_opencv(camera).tolist(),
        "dist": [float(value) for value in camera.dist],
        "world_from_camera": np.asarray(camera.world_from_camera, float).tolist(),
        "resolution_px": [camera.width_px, camera.height_px],
        "sensor": camera.sensor.model,
        "pitch_m": float(camera.sensor.pitch_m),
        "focal_m": float(camera.lens.focal_m),
        "f_number": float(camera.lens.f_number),
        "focus_m": float(camera.lens.focus_m),
    }


def _instances(maps: Maps, codes: Sequence[scene_description.Code]) -> list[dict[str, Any]]:
    """Return the prim and the codes that each id of `instances.npy` stands for."""
    on: dict[str, list[str]] = {}
    for code in codes:
        on.setdefault(code.path, []).append(code.code_id)
    ids = [int(i) for i in np.unique(maps["instances"]) if i > 0]
    paths = {i: maps.instance_paths[i - 1] for i in ids}
    return [{"id": i, "path": paths[i], "code_ids": on.get(paths[i], [])} for i in ids]
