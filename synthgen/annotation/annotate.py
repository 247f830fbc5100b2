"""The annotation of each code in a view: place, visibility, light, reading (docs/contract.md section 6)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import warp as wp

from synthgen.annotation.label_signal import Signal, signal
from synthgen.annotation.unread_reason import Evidence, hidden, reason
from synthgen.barcodes import decodability, decode, encode
from synthgen.barcodes.symbologies import SYMBOLOGIES, Symbol
from synthgen.rendering.device_tables import Tables
from synthgen.rendering.gbuffer import diffraction_px
from synthgen.rendering.ray_tracers import Tracer
from synthgen.rendering.render import Maps
from synthgen.world import lens, scene_description

GRID = 20
"""Rays along each side of a code's quad for its visible fraction."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Outline:
    """A code's place in one view."""

    code: scene_description.Code
    symbol: Symbol
    quad_world: np.ndarray
    """TL, TR, BR, BL [m], shape (4, 3)."""
    quad_px: np.ndarray
    """The same in the image, shape (4, 2)."""
    seen: np.ndarray
    """Whether each point of a GRID x GRID raster (rows from the top edge) is in the image and not hidden, bool."""
    in_image: np.ndarray
    """Whether it is in the image, hidden or not."""
    raster_px: np.ndarray
    """Where the raster's points are, shape (GRID, GRID, 2)."""
    corners_seen: np.ndarray
    """Whether each corner is in the image and not hidden, shape (4,)."""

    @property
    def visible_fraction(self) -> float:
        """Return the share of the code's area that is seen."""
        return float(self.seen.mean())


def annotate(
    tables: Tables,
    tracer: Tracer,
    maps: Maps,
    codes: Sequence[scene_description.Code],
    image_id: int,
    *,
    world: int = 0,
) -> list[dict[str, Any]]:
    """Return one annotation for each code that is seen at least in part, in the order of the stage."""
    found = (outline(tables, tracer, maps.camera, code, world) for code in codes)
    seen = [place for place in found if place is not None and place.seen.any()]
    return [_annotation(maps, place, image_id, image_id * 1000 + n) for n, place in enumerate(seen, 1)]


def outline(
    tables: Tables, tracer: Tracer, camera: scene_description.Camera, code: scene_description.Code, world: int = 0
) -> Outline | None:
    """Return where a code is in a view; None where it faces away or lies behind the camera."""
    quad = code.quad_m @ code.world_from_prim[:3, :3].T + code.world_from_prim[:3, 3]
    eye = camera.world_from_camera[:3, 3]
    # The first pair of edges runs along the top and down the left: seen from its front their product points away.
    if np.dot(np.cross(quad[1] - quad[0], quad[3] - quad[0]), quad.mean(axis=0) - eye) <= 0:
        return None
    quad_px, depth_m = lens.project(camera, quad)
    if (depth_m <= 0).any() or np.isnan(quad_px).any():
        return None
    steps = (np.arange(GRID) + 0.5) / GRID
    u, v = np.meshgrid(steps, steps)
    raster = _on_quad(quad, u.ravel(), v.ravel())
    corners = _on_quad(quad, np.array([0.01, 0.99, 0.99, 0.01]), np.array([0.01, 0.01, 0.99, 0.99]))
    points = np.concatenate([raster, corners])
    px, _ = lens.project(camera, points)
    inside = ((px >= 0) & (px < (camera.width_px, camera.height_px))).all(axis=1)
    clear = inside & _clear(tables, tracer, world, eye, points)
    square = (GRID, GRID)
    return Outline(
        code=code,
        symbol=encode.encode(code.symbology, code.payload, alone=False),
        quad_world=quad,
        quad_px=quad_px,
        seen=clear[:-4].reshape(square),
        in_image=inside[:-4].reshape(square),
        raster_px=px[:-4].reshape(*square, 2),
        corners_seen=clear[-4:],
    )


def _on_quad(quad: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Return the points (u along the top edge, v down) of a parallelogram, shape (n, 3)."""
    return quad[0] + u[:, None] * (quad[1] - quad[0]) + v[:, None] * (quad[3] - quad[0])


def _clear(tables: Tables, tracer: Tracer, world: int, eye: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return whether each point is seen from `eye`; the last 4e-4 of the way, the label's own layers, is left out."""
    device = tables.device
    origin = wp.array(np.broadcast_to(eye, points.shape).astype(np.float32), dtype=wp.vec3, device=device)
    toward = wp.array((points - eye).astype(np.float32), dtype=wp.vec3, device=device)
    reach = wp.full(len(points), 1.0 - 4e-4, dtype=wp.float32, device=device)
    clear = wp.empty(len(points), dtype=wp.uint8, device=device)
    tracer.any_hit(world, origin, toward, reach, clear)
    return clear.numpy() == 1


def _annotation(maps: Maps, place: Outline, image_id: int, number: int) -> dict[str, Any]:
    camera, code = maps.camera, place.code
    size = (camera.width_px, camera.height_px)
    polygon = _clip(place.quad_px, size)
    jacobian = _jacobian(camera, place)
    light = signal(maps, place.raster_px[place.seen], code.path)
    evidence = _evidence(camera, place, jacobian, light)
    prediction = decodability.predict(code.symbology, jacobian, evidence.conditions)
    plain, rectified = _read(maps, place)
    scale = np.linalg.norm(jacobian, axis=1)  # [px] of a module along each axis, at each corner
    module_px = scale[:, 0] if place.symbol.linear else scale.min(axis=1)
    center = place.quad_world.mean(axis=0)
    to_eye = camera.world_from_camera[:3, 3] - center
    distance_m = float(np.linalg.norm(to_eye))
    return {
        "id": number,
        "image_id": image_id,
        "category_id": SYMBOLOGIES.index(code.symbology) + 1,
        "bbox": _box(_visible_corners(place), size),
        "area": float(_area(polygon) * place.seen.sum() / max(place.in_image.sum(), 1)),
        "iscrowd": 0,
        "segmentation": [polygon.ravel().tolist()],
        "keypoints": _keypoints(place, size),
        "num_keypoints": int(_in_image(place.quad_px, size).sum()),
        "code_id": code.code_id,
        "symbology": code.symbology,
        "payload": code.payload,
        "quad_px": place.quad_px.tolist(),
        "quad_visible_px": polygon.tolist(),
        "bbox_amodal": _box(place.quad_px, None),
        "visible_fraction": place.visible_fraction,
        "truncated": bool(not _in_image(place.quad_px, size).all()),
        "module_px_min": float(module_px.min()),
        "module_px_mean": float(module_px.mean()),
        "incidence_deg": math.degrees(math.acos(min(1.0, abs(float(_normal(place) @ to_eye)) / distance_m))),
        "distance_m": distance_m,
        "irradiance_w_m2": light.irradiance_w_m2,
        "snr": light.snr,
        "contrast": light.contrast_dn / 255.0,
        "psf_px": evidence.conditions.blur_px,
        "motion_px": float(np.hypot(*light.motion_px)),
        "decoded": plain.decoded,
        "decoded_rectified": rectified.decoded,
        "decoded_text": plain.text,
        "decodability": prediction.probability,
        "reason": reason(evidence, plain, grey_of(maps.image.png) if maps.image else None, place.quad_px, place.symbol),
    }


def _evidence(camera: scene_description.Camera, place: Outline, jacobian_px: np.ndarray, light: Signal) -> Evidence:
    """Return the geometry, optics and light of a code, from which its reason is derived."""
    focused_px = diffraction_px(camera)
    conditions = decodability.Conditions(
        size_modules=_size_modules(place),
        blur_px=math.hypot(focused_px, light.coc_px / 4),
        motion_px=light.motion_px,
        contrast_dn=light.contrast_dn,
        noise_dn=light.noise_dn,
        hidden=hidden(place.seen, place.symbol),
    )
    return Evidence(
        seen=place.seen,
        in_image=place.in_image,
        jacobian_px=jacobian_px,
        conditions=conditions,
        diffraction_px=focused_px,
        signal=light,
        damaged=place.code.damaged,
    )


def _read(maps: Maps, place: Outline) -> tuple[decode.Reading, decode.Reading]:
    """Return the readings of the plain crop and of the rectified one."""
    if maps.image is None:
        return decode.NOTHING, decode.NOTHING
    grey = grey_of(maps.image.png)
    part, quad = decode.crop(grey, place.quad_px, place.symbol)
    if part.size == 0:
        return decode.NOTHING, decode.NOTHING
    plain = decode.read(part, place.code.symbology, place.symbol.written, quad)
    return plain, decode.read_rectified(grey, place.quad_px, place.symbol)


def grey_of(image: np.ndarray) -> np.ndarray:
    """Return an image as grey levels, uint8, shape (height, width) (ITU-R BT.709 weights)."""
    if image.ndim == 2:
        return image
    return np.rint(image @ np.array([0.2126, 0.7152, 0.0722])).astype(np.uint8)


def _jacobian(camera: scene_description.Camera, place: Outline) -> np.ndarray:
    """Return d pixel / d module at the corners, shape (4, 2, 2): columns along the top edge and down the left."""
    across, down = _size_modules(place)
    axes = np.stack(
        [(place.quad_world[1] - place.quad_world[0]) / across, (place.quad_world[3] - place.quad_world[0]) / down]
    )
    return lens.jacobian(camera, place.quad_world, axes)


def _size_modules(place: Outline) -> tuple[float, float]:
    """Return the code's width and height in modules; a linear code's height is that of its bars."""
    width = float(place.symbol.width)
    if not place.symbol.linear:
        return width, float(place.symbol.height)
    sides = np.linalg.norm(place.quad_world[[1, 3]] - place.quad_world[0], axis=1)
    return width, float(width * sides[1] / sides[0])


def _normal(place: Outline) -> np.ndarray:
    normal = np.cross(place.quad_world[1] - place.quad_world[0], place.quad_world[3] - place.quad_world[0])
    return normal / np.linalg.norm(normal)


def _visible_corners(place: Outline) -> np.ndarray:
    """Return the image corners of the raster cells that are seen, shape (n, 2)."""
    if place.seen.all():
        return place.quad_px
    rows, columns = np.nonzero(place.seen)
    corners = []
    for du, dv in ((0, 0), (1, 0), (1, 1), (0, 1)):
        u, v = (columns + du) / GRID, (rows + dv) / GRID
        corners.append(_homography_px(place, u, v))
    return np.concatenate(corners)


def _homography_px(place: Outline, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Return image points of raster positions by bilinear extension of the projected raster (distortion included)."""
    x, y = u * GRID - 0.5, v * GRID - 0.5
    left, top = (np.clip(np.floor(a).astype(int), 0, GRID - 2) for a in (x, y))
    fx, fy = (x - left)[:, None], (y - top)[:, None]
    p = place.raster_px
    upper = (1 - fx) * p[top, left] + fx * p[top, left + 1]
    lower = (1 - fx) * p[top + 1, left] + fx * p[top + 1, left + 1]
    return (1 - fy) * upper + fy * lower


def _in_image(px: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    return np.asarray(((px >= 0) & (px < size)).all(axis=1))


def _keypoints(place: Outline, size: tuple[int, int]) -> list[float]:
    """Return x, y, v of the four corners (COCO: 0 outside the image, 1 hidden, 2 seen)."""
    flat: list[float] = []
    for (x, y), inside, seen in zip(place.quad_px, _in_image(place.quad_px, size), place.corners_seen, strict=True):
        flat += [float(x), float(y), 2.0 if seen else 1.0] if inside else [0.0, 0.0, 0.0]
    return flat


def _box(points: np.ndarray, size: tuple[int, int] | None) -> list[float]:
    """Return x, y, width, height around points, cut to the image where its size is given."""
    low, high = points.min(axis=0), points.max(axis=0)
    if size is not None:
        low, high = np.clip(low, 0, size), np.clip(high, 0, size)
    return [*low.tolist(), *(high - low).tolist()]


def _clip(polygon: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return a convex polygon cut to the image (Sutherland-Hodgman), shape (n, 2)."""
    for axis, sign, limit in ((0, 1, 0.0), (0, -1, -size[0]), (1, 1, 0.0), (1, -1, -size[1])):
        kept: list[np.ndarray] = []
        away = sign * polygon[:, axis] - limit
        for i, point in enumerate(polygon):
            j = (i + 1) % len(polygon)
            if away[i] >= 0:
                kept.append(point)
            if (away[i] >= 0) != (away[j] >= 0):
                kept.append(point + away[i] / (away[i] - away[j]) * (polygon[j] - point))
        polygon = np.array(kept).reshape(-1, 2)
        if not len(polygon):
            break
    return polygon


def _area(polygon: np.ndarray) -> float:
    x, y = polygon[:, 0], polygon[:, 1]
    return abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2
