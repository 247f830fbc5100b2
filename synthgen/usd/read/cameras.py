"""Read cameras as a projection, a lens and a sensor; USD's tenths of a scene unit end here."""

from __future__ import annotations

import math

import numpy as np
from pxr import Usd

from synthgen.usd import schemas
from synthgen.usd.read.stage_frame import Frame
from synthgen.world import generic_camera, lens
from synthgen.world.scene_description import Camera
from synthgen.world.shot import Lens, Sensor

GENERIC_PIXELS = 640 * 480
ORDINARY_EXPOSURE_S = 0.01
GENERIC_F_NUMBER = 8.0
_OWN = "synthgen:sensor:"
_OPENCV = "omni:lensdistortion:opencvPinhole:"
_TENTH = 0.1
"""USD's focal length and aperture are tenths of a scene unit (UsdGeomCamera schema text)."""
_SENSOR_WIDTHS_M = (0.0005, 0.3)
"""Endoscopes have sensors 0.6 mm wide, the largest sheet film is 254 mm wide: beyond, the unit is probably wrong."""
_UINT64 = 2**64 - 1
"""USD has no unsigned 64-bit integer: a large seed is stored as the negative number of the same bits."""
_SAME = 1e-5
_OPENCV_FROM_USD = np.diag([1.0, -1.0, -1.0, 1.0])


def camera_from(prim: Usd.Prim, frame: Frame) -> Camera | None:
    """Return a camera, or None with a remark when it has no perspective projection."""
    if str(frame.value(prim, "projection", "perspective")) != "perspective":
        frame.remarks.add(prim.GetPath(), "orthographic camera; left out")
        return None
    world = frame.world_from_prim(prim)
    if not np.isfinite(world).all() or np.linalg.norm(world[:3, :3], axis=0).min() <= 0:
        frame.remarks.add(prim.GetPath(), "camera whose transform has no size or is not finite; left out")
        return None
    unit_m = frame.metres_per_unit * _TENTH
    focal_m = frame.number(prim, "focalLength", 50.0) * unit_m
    width_m = frame.number(prim, "horizontalAperture", 20.955) * unit_m
    height_m = frame.number(prim, "verticalAperture", 15.2908) * unit_m
    if min(focal_m, width_m, height_m) <= 0:
        frame.remarks.add(
            prim.GetPath(), f"camera of focal length {focal_m:g} m and aperture {width_m:g} x {height_m:g} m; left out"
        )
        return None
    own = prim.HasAPI(schemas.SENSOR)
    focal_m = _precise(prim, "focal_m", focal_m, frame) if own else focal_m
    sensor = _own_sensor(prim, frame) if own else generic_camera.sensor(_resolution(width_m, height_m), width_m)
    optics = _lens(prim, focal_m, own, frame)
    fx, fy, cx, cy = _projection(prim, sensor, (optics.focal_m, width_m, height_m), own, frame)
    camera = Camera(
        path=str(prim.GetPath()),
        name=prim.GetName(),
        world_from_camera=_rigid(world) @ _OPENCV_FROM_USD,
        fx_px=fx,
        fy_px=fy,
        cx_px=cx,
        cy_px=cy,
        dist=lens.dist(optics),
        lens=optics,
        sensor=sensor,
        exposure_s=_exposure_s(prim, own, frame),
        auto_exposure_target=frame.number(prim, f"{_OWN}auto_exposure_target", 0.0) if own else generic_camera.TARGET,
        shortest_exposure_s=0.0 if own else generic_camera.SHORTEST_EXPOSURE_S,
        most_auto_gain=1.0 if own else generic_camera.MOST_GAIN,
        noise_seed=int(frame.value(prim, f"{_OWN}noise_seed", 0)) & _UINT64 if own else 0,
    )
    _note_odd(prim, camera, width_m, frame)
    return camera


def _note_odd(prim: Usd.Prim, camera: Camera, width_m: float, frame: Frame) -> None:
    """Add a remark for each setting that is not simulated or looks like a mistake."""
    if camera.sensor.shutter != "global":
        frame.remarks.add(
            prim.GetPath(), f"a {camera.sensor.shutter} shutter is not simulated; rendered as a global shutter"
        )
    least_m, most_m = _SENSOR_WIDTHS_M
    if not prim.HasAPI(schemas.SENSOR) and not least_m <= width_m <= most_m:
        unit = frame.metres_per_unit
        frame.remarks.add(
            prim.GetPath(),
            f"its sensor is {width_m:.4g} m wide: focalLength and the apertures are in tenths of a scene unit, "
            f"of {unit:g} m here; write millimetres times {0.01 / unit:g}, or another metersPerUnit",
        )
    if fold := lens.fold_of(camera):
        frame.remarks.add(
            prim.GetPath(),
            f"{fold}; pixels beyond are black, without depth and without labels; write weaker distortion",
        )


def _resolution(width_m: float, height_m: float) -> tuple[int, int]:
    """Return even numbers of pixels, about 640 x 480 in all, of the aperture's shape."""
    ratio = min(max(width_m / height_m, 0.05), 20.0)
    width = max(round(math.sqrt(GENERIC_PIXELS * ratio) / 2.0) * 2, 2)
    return width, max(round(width / ratio / 2.0) * 2, 2)


def _own_sensor(prim: Usd.Prim, frame: Frame) -> Sensor:
    def number(name: str, fallback: float) -> float:
        return frame.number(prim, _OWN + name, fallback)

    qe = frame.array(prim, f"{_OWN}qe", 1, np.float64)
    if qe is None or qe.size != 4:
        frame.remarks.add(prim.GetPath(), "qe needs 4 numbers; 0.6, 0.7, 0.6, 0.2 are used")
        qe = np.array([0.6, 0.7, 0.6, 0.2])
    width, height = (max(int(value), 1) for value in _integers(prim, "resolution_px", (640, 480), frame))
    x, y, roi_width, roi_height = _integers(prim, "roi_px", (0, 0, 0, 0), frame)
    chip_width, chip_height = _integers(prim, "chip_px", (0, 0), frame)
    return Sensor(
        model=str(frame.value(prim, f"{_OWN}model", "")),
        resolution_px=(width, height),
        pitch_m=number("pitch_m", 3.45e-6),
        quantum_efficiency=(float(qe[0]), float(qe[1]), float(qe[2]), float(qe[3])),
        saturation_e=number("saturation_e", 10_000.0),
        dark_noise_e=number("dark_noise_e", 2.5),
        dark_current_e_s=number("dark_current_e_s", 1.0),
        gain_dn_e=number("gain_dn_e", 0.025),
        black_level_dn=number("black_level_dn", 0.0),
        bits=int(number("bits", 8)),
        shutter=str(frame.value(prim, f"{_OWN}shutter", "global")),
        color=str(frame.value(prim, f"{_OWN}color", "mono")),
        roi_px=(x, y, roi_width, roi_height),
        binning=int(number("binning", 1)),
        chip_px=(chip_width, chip_height),
    )


def _integers(prim: Usd.Prim, name: str, fallback: tuple[int, ...], frame: Frame) -> tuple[int, ...]:
    attribute = prim.GetAttribute(_OWN + name)
    found = attribute.Get(frame.time) if attribute else None
    if found is None:
        return fallback
    try:
        values = tuple(int(value) for value in found)
    except (TypeError, ValueError):
        return fallback
    return values if len(values) == len(fallback) else fallback


def _precise(prim: Usd.Prim, name: str, standard: float, frame: Frame) -> float:
    """Return our schema's double where USD's own float agrees; else the float, which another tool has changed."""
    precise = frame.number(prim, _OWN + name, 0.0)
    return precise if abs(precise - standard) <= _SAME * abs(standard) else standard


def _lens(prim: Usd.Prim, focal_m: float, own: bool, frame: Frame) -> Lens:
    k1, k2, p1, p2, k3 = _distortion(prim, frame)
    f_number, focus_m = _f_number(prim, frame), frame.number(prim, "focusDistance", 0.0) * frame.metres_per_unit
    if own:
        f_number, focus_m = _precise(prim, "f_number", f_number, frame), _precise(prim, "focus_m", focus_m, frame)
    elif frame.number(prim, "fStop", 0.0) <= 0 or focus_m <= focal_m:
        focus_m = 0.0  # everything is sharp
    transmission = frame.number(prim, f"{_OWN}transmission", 0.9) if own else 0.9
    return Lens(
        focal_m=focal_m, f_number=f_number, focus_m=focus_m, k1=k1, k2=k2, p1=p1, p2=p2, k3=k3,
        transmission=transmission,
    )  # fmt: skip


def _f_number(prim: Usd.Prim, frame: Frame) -> float:
    """Return the f-number that a camera names; USD's fStop 0 means a pinhole, whose light is taken as f/8."""
    exposure_stop = prim.GetAttribute("exposure:fStop")
    if exposure_stop and exposure_stop.HasAuthoredValue() and (found := frame.number(prim, "exposure:fStop", 0.0)) > 0:
        return found
    found = frame.number(prim, "fStop", 0.0)
    return found if found > 0 else GENERIC_F_NUMBER


def _distortion(prim: Usd.Prim, frame: Frame) -> tuple[float, float, float, float, float]:
    """Return OpenCV's k1, k2, p1, p2, k3; higher terms and other lens models are named and left out."""
    model = str(frame.value(prim, "omni:lensdistortion:model", ""))
    if not _distorts(prim, frame):
        if model:
            frame.remarks.add(prim.GetPath(), f"lens model {model} is not simulated; drawn without distortion")
        return (0.0, 0.0, 0.0, 0.0, 0.0)
    higher = ("k4", "k5", "k6", "s1", "s2", "s3", "s4")
    if any(frame.number(prim, _OPENCV + name, 0.0) for name in higher):
        frame.remarks.add(prim.GetPath(), "lens terms k4 to k6 and s1 to s4 are left out")
    k1, k2, p1, p2, k3 = (frame.number(prim, _OPENCV + name, 0.0) for name in ("k1", "k2", "p1", "p2", "k3"))
    return (k1, k2, p1, p2, k3)


def _distorts(prim: Usd.Prim, frame: Frame) -> bool:
    model = str(frame.value(prim, "omni:lensdistortion:model", "opencvPinhole"))
    return model == "opencvPinhole" and bool(prim.GetAttribute(f"{_OPENCV}fx"))


def _projection(
    prim: Usd.Prim, sensor: Sensor, lens_m: tuple[float, float, float], own: bool, frame: Frame
) -> tuple[float, float, float, float]:
    """Return fx, fy, cx, cy [px]: from omni:lensdistortion where it is given, else from aperture and offsets.

    A UsdGeomCamera's window runs from `offset - aperture / 2` to `offset + aperture / 2`, y up.
    """
    focal_m, width_m, height_m = lens_m
    width, height = sensor.resolution_px
    unit_m = frame.metres_per_unit * _TENTH
    shift_x = frame.number(prim, "horizontalApertureOffset", 0.0) * unit_m / width_m * width
    shift_y = frame.number(prim, "verticalApertureOffset", 0.0) * unit_m / height_m * height
    fx, fy = (focal_m / sensor.pitch_m,) * 2 if own else (focal_m / width_m * width, focal_m / height_m * height)
    plain = (fx, fy, width / 2.0 - shift_x, height / 2.0 + shift_y)
    if not _distorts(prim, frame):
        return plain
    names = ("fx", "fy", "cx", "cy")
    fx, fy, cx, cy = (frame.number(prim, _OPENCV + name, value) for name, value in zip(names, plain, strict=True))
    image = frame.value(prim, f"{_OPENCV}imageSize", None)
    if image is not None and not own and min(image) > 0:
        fx, cx, fy, cy = fx * width / image[0], cx * width / image[0], fy * height / image[1], cy * height / image[1]
    return (fx, fy, cx, cy) if fx > 0 and fy > 0 else plain


def _exposure_s(prim: Usd.Prim, own: bool, frame: Frame) -> float:
    """Return the exposure time that a camera names, or an ordinary one: USD's own fallback is a whole second."""
    time = prim.GetAttribute("exposure:time")
    named = bool(time and time.HasAuthoredValue())
    standard = frame.number(prim, "exposure:time", 0.0) if named else 0.0
    precise = frame.number(prim, f"{_OWN}exposure_s", 0.0) if own else 0.0
    found = _precise(prim, "exposure_s", standard, frame) if own and named else precise or standard
    return found if found > 0 else (ORDINARY_EXPOSURE_S if own else generic_camera.LONGEST_EXPOSURE_S)


def _rigid(world: np.ndarray) -> np.ndarray:
    """Return the rotation and place of a transform: looking along -Z stays, then Y up, then X by the right hand."""
    z = world[:3, 2] / np.linalg.norm(world[:3, 2])
    y = world[:3, 1] - z * (world[:3, 1] @ z)
    y = y / np.linalg.norm(y)
    rigid = np.eye(4)
    rigid[:3, :3] = np.stack([np.cross(y, z), y, z], axis=1)
    rigid[:3, 3] = world[:3, 3]
    return rigid
