"""What each camera of a Shot will see, worked out without rendering: codes in view, their modules, the light on paper.

A code is projected through the lens; boxes stand for the shapes of items where something may be in the way. Light is
the unshadowed sum over the lamps, times the label's reflectance, through the sensor's linear model. Shadows, baffles,
mirrored lamps and light from other surfaces are left out.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from synthgen.barcodes import encode
from synthgen.printing import texel_grid
from synthgen.world import exposure, irradiance, label_pose, lens, materials, occlusion
from synthgen.world import scene_description as scene
from synthgen.world.poses import rotate
from synthgen.world.shot import Camera, Code, Item, Label, Light, Shot

IN_VIEW = 0.5
"""A code is in view when at least this share of it is in the image and not hidden."""
_CLEAR_M = 0.001
_STEPS = (np.arange(5) + 0.5) / 5
Lit = list[tuple[Light, float]]
"""Each lamp with its irradiance at a spot [W/m^2]."""
_PAPER = "thermal_paper"
_UNKNOWN = "kraft"
"""The material that is taken for one that is not in the table."""


@dataclass(frozen=True, kw_only=True)
class CodeView:
    """A code in the view of one camera."""

    code_id: str
    module_px: float
    """The least size of its module, as `module_px_min` of the sample's JSON."""
    visible_share: float
    irradiance_w_m2: float
    """On the label, all lamps on, nothing in the way."""
    paper_share: float
    """Signal of the label's blank paper in shares of saturation; above 1 the well would overflow."""


@dataclass(frozen=True, kw_only=True)
class View:
    """What one camera sees of one shot."""

    camera: str
    codes: tuple[CodeView, ...]
    """The codes in view."""
    paper_share: float
    """Median over the codes in view; without any, of white paper in focus on the axis, facing the camera."""


@dataclass(frozen=True, eq=False)
class _Spot:
    """A place that is lit and looked at."""

    point_m: np.ndarray
    normal: np.ndarray
    paper: materials.Surface
    around: materials.Surface
    """What fills most of the image, for auto exposure."""


def views(shot: Shot) -> tuple[View, ...]:
    """Return what each camera of the shot sees, in the order of their names."""
    return tuple(_view(shot, name, camera) for name, camera in sorted(shot.cameras.items()))


def _view(shot: Shot, name: str, camera: Camera) -> View:
    described = _described(name, camera)
    codes = tuple(_codes(shot, camera, described))
    if codes:
        return View(camera=name, codes=codes, paper_share=float(np.median([code.paper_share for code in codes])))
    lit = _light_on(shot, _spot_in_focus(camera))
    return View(camera=name, codes=(), paper_share=_paper_share(camera, lit, _spot_in_focus(camera)))


def _codes(shot: Shot, camera: Camera, described: scene.Camera) -> Iterator[CodeView]:
    for item in shot.items.values():
        for label in item.labels:
            sheet = label_pose.in_world(item, label)
            if not label.codes or label_pose.cosine(sheet, camera.pose.position_m) <= 0:
                continue
            found = [(code, quad, *_seen(shot, described, quad)) for code, quad in _quads(item, label)]
            if not any(share >= IN_VIEW for _, _, share, _ in found):
                continue
            spot = _spot(item, label)
            lit = _light_on(shot, spot)
            for code, quad, share, falloff in found:
                if share >= IN_VIEW:
                    yield CodeView(
                        code_id=code.code_id,
                        module_px=_module_px(described, code, quad),
                        visible_share=share,
                        irradiance_w_m2=sum(w_m2 for _, w_m2 in lit),
                        paper_share=_paper_share(camera, lit, spot) * falloff,
                    )


def _quads(item: Item, label: Label) -> Iterator[tuple[Code, np.ndarray]]:
    """Yield each code of a label with its corners TL, TR, BR, BL in the world [m], shape (4, 3)."""
    for code in label.codes:
        yield code, label_pose.points_world(item, label, texel_grid.code_quad(label, code))


def _seen(shot: Shot, camera: scene.Camera, quad_m: np.ndarray) -> tuple[float, float]:
    """Return (share of the code that is seen, cos^4 of the angle at which the exit pupil sees its middle)."""
    u, v = (grid.ravel()[:, None] for grid in np.meshgrid(_STEPS, _STEPS))
    points = quad_m[0] + u * (quad_m[1] - quad_m[0]) + v * (quad_m[3] - quad_m[0])
    px, _ = lens.project(camera, points)
    with np.errstate(invalid="ignore"):
        clear = ((px >= 0) & (px < (camera.width_px, camera.height_px))).all(axis=1)
    if not clear.any():
        return 0.0, 0.0
    eye = tuple(camera.world_from_camera[:3, 3].tolist())
    normal = np.cross(quad_m[3] - quad_m[0], quad_m[1] - quad_m[0])
    lifted = points + _CLEAR_M * normal / np.linalg.norm(normal)
    for item in shot.items.values():
        clear &= ~occlusion.hidden(item, lifted, eye)
    x, y = np.nanmean(px, axis=0)
    tangent2 = ((x - camera.cx_px) / camera.fx_px) ** 2 + ((y - camera.cy_px) / camera.fy_px) ** 2
    return float(clear.mean()), float((1 + tangent2) ** -2)


def _module_px(camera: scene.Camera, code: Code, quad_m: np.ndarray) -> float:
    """Return the least size of the code's module at its corners [px]: along the scan, for a matrix along both axes."""
    symbol = encode.encode(code.symbology, code.payload, alone=False)
    sides = [(quad_m[1] - quad_m[0]) / symbol.width, (quad_m[3] - quad_m[0]) / symbol.height]
    axes = np.stack(sides[:1] if symbol.linear else sides)
    return float(np.linalg.norm(lens.jacobian(camera, quad_m, axes), axis=1).min())


def _described(name: str, camera: Camera) -> scene.Camera:
    """Return the camera in OpenCV's terms."""
    pose, axes = np.eye(4), np.diag((1.0, -1.0, -1.0))
    pose[:3, :3] = np.array([rotate(camera.pose.rotation_wxyz, tuple(axis)) for axis in axes]).T
    pose[:3, 3] = camera.pose.position_m
    fx_px, fy_px, cx_px, cy_px = lens.intrinsics(camera.lens, camera.sensor)
    return scene.Camera(
        path=f"/World/Cameras/{name}",
        name=name,
        world_from_camera=pose,
        fx_px=fx_px,
        fy_px=fy_px,
        cx_px=cx_px,
        cy_px=cy_px,
        dist=lens.dist(camera.lens),
        lens=camera.lens,
        sensor=camera.sensor,
        exposure_s=camera.exposure_s,
        auto_exposure_target=camera.auto_exposure_target,
    )


def _spot(item: Item, label: Label) -> _Spot:
    sheet = label_pose.in_world(item, label)
    normal = np.array(rotate(sheet.rotation_wxyz, (0.0, 0.0, 1.0)))
    return _Spot(np.array(sheet.position_m), normal, _surface(label.stock, _PAPER), _surface(item.material, _UNKNOWN))


def _spot_in_focus(camera: Camera) -> _Spot:
    back = np.array(rotate(camera.pose.rotation_wxyz, (0.0, 0.0, 1.0)))
    distance_m = camera.lens.focus_m if 0 < camera.lens.focus_m < math.inf else 1.0
    paper = materials.surface(_PAPER)
    return _Spot(np.array(camera.pose.position_m) - distance_m * back, back, paper, materials.surface(_UNKNOWN))


def _surface(name: str, otherwise: str) -> materials.Surface:
    return materials.surface(name if name in materials.MATERIALS else otherwise)


def _light_on(shot: Shot, spot: _Spot) -> Lit:
    """Return each lamp of the shot with its irradiance at a spot [W/m^2]."""
    lamps = shot.lights.values()
    return [(lamp, irradiance.unshadowed_w_m2(lamp, spot.point_m, spot.normal)) for lamp in lamps]


def _paper_share(camera: Camera, lit: Lit, spot: _Spot) -> float:
    """Return the signal of paper at a spot in shares of saturation, on the axis."""
    shutter_s = camera.exposure_s
    if camera.auto_exposure_target > 0:
        shutter_s = _auto_exposure_s(camera, lit, spot)
    pulsed, steady = _photons(lit, shutter_s)
    return exposure.electrons(camera, pulsed + steady, spot.paper.reflectance) / exposure.capacity_e(camera)


def _auto_exposure_s(camera: Camera, lit: Lit, spot: _Spot) -> float:
    """Return the exposure time that brings what surrounds the label to the camera's target [s]."""
    pulsed, steady = _photons(lit, camera.exposure_s)
    fixed_e, most_e = (exposure.electrons(camera, light, spot.around.reflectance) for light in (pulsed, steady))
    wanted_e = camera.auto_exposure_target * exposure.capacity_e(camera) - fixed_e
    share = wanted_e / most_e if most_e > 0 else 1.0
    return camera.exposure_s * min(max(share, exposure.SHORTEST_SHARE), 1.0)


def _photons(lit: Lit, shutter_s: float) -> tuple[np.ndarray, np.ndarray]:
    """Return photons by band on a spot while the shutter is open: (of pulses, of steady lamps) [1/m^2]."""
    total = np.zeros((2, 4))
    for lamp, w_m2 in lit:
        total += exposure.photons_m2(lamp, w_m2, shutter_s)
    return total[0], total[1]
