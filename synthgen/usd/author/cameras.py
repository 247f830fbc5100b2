"""Cameras on a stage: a UsdGeomCamera that any tool can look through, and the sensor and lens in our schema.

USD counts focal length and aperture in tenths of a scene unit: in a metre stage a 16 mm lens has focalLength 0.16.
"""

from __future__ import annotations

from pxr import Gf, Usd, Vt

from synthgen.usd import schemas
from synthgen.usd.author import specs
from synthgen.usd.author.specs import TYPES, Path
from synthgen.world import lens as optics
from synthgen.world.shot import Camera

TENTHS_PER_M = 10.0
"""USD's unit of focal length and aperture in a metre stage."""
_CLIPPING_M = (0.01, 1000.0)
_OMNI = "omni:lensdistortion:opencvPinhole:"


def author(stage: Usd.Stage, path: Path, camera: Camera) -> None:
    """Define a camera at `path`; its cx, cy count from the top-left corner of the top-left pixel."""
    spec = specs.define(stage, path, "Camera")
    specs.apply(spec, schemas.SENSOR, "OmniLensDistortionOpenCvPinholeAPI")
    specs.place(spec, camera.pose.position_m, camera.pose.rotation_wxyz)
    _write_projection(spec, camera)
    _write_distortion(spec, camera)
    _write_sensor(spec, camera)


def _write_projection(spec: specs.Spec, camera: Camera) -> None:
    lens, sensor = camera.lens, camera.sensor
    width_px, height_px = sensor.resolution_px
    _, _, cx_px, cy_px = optics.intrinsics(lens, sensor)
    tenths_per_px = sensor.pitch_m * TENTHS_PER_M
    for name, value in (
        ("focalLength", lens.focal_m * TENTHS_PER_M),
        ("horizontalAperture", width_px * tenths_per_px),
        ("verticalAperture", height_px * tenths_per_px),
        ("horizontalApertureOffset", (0.5 * width_px - cx_px) * tenths_per_px),
        ("verticalApertureOffset", (cy_px - 0.5 * height_px) * tenths_per_px),
        ("focusDistance", lens.focus_m),
        ("fStop", lens.f_number if lens.focus_m > 0 else 0.0),  # 0 switches depth of field off
        ("exposure:fStop", lens.f_number),
        ("exposure:time", camera.exposure_s),
    ):
        specs.attribute(spec, name, TYPES.Float, value)
    specs.attribute(spec, "clippingRange", TYPES.Float2, Gf.Vec2f(*_CLIPPING_M))


def _write_distortion(spec: specs.Spec, camera: Camera) -> None:
    """Write the distortion under NVIDIA's attribute names, which other renderers read."""
    fx_px, fy_px, cx_px, cy_px = optics.intrinsics(camera.lens, camera.sensor)
    specs.attribute(spec, "omni:lensdistortion:model", TYPES.Token, "opencvPinhole")
    specs.attribute(spec, _OMNI + "imageSize", TYPES.Int2, Gf.Vec2i(*camera.sensor.resolution_px))
    k1, k2, p1, p2, k3 = optics.dist(camera.lens)
    numbers = {"fx": fx_px, "fy": fy_px, "cx": cx_px, "cy": cy_px, "k1": k1, "k2": k2, "p1": p1, "p2": p2, "k3": k3}
    for name, value in numbers.items():
        specs.attribute(spec, _OMNI + name, TYPES.Float, value)


def _write_sensor(spec: specs.Spec, camera: Camera) -> None:
    sensor, lens = camera.sensor, camera.lens
    for name, kind, value in (
        ("resolution_px", TYPES.Int2, Gf.Vec2i(*sensor.resolution_px)),
        ("roi_px", TYPES.Int4, Gf.Vec4i(*sensor.roi_px)),
        ("chip_px", TYPES.Int2, Gf.Vec2i(*sensor.chip_px)),
        ("binning", TYPES.Int, sensor.binning),
        ("pitch_m", TYPES.Double, sensor.pitch_m),
        ("qe", TYPES.DoubleArray, Vt.DoubleArray(sensor.quantum_efficiency)),
        ("saturation_e", TYPES.Double, sensor.saturation_e),
        ("dark_noise_e", TYPES.Double, sensor.dark_noise_e),
        ("dark_current_e_s", TYPES.Double, sensor.dark_current_e_s),
        ("gain_dn_e", TYPES.Double, sensor.gain_dn_e),
        ("black_level_dn", TYPES.Double, sensor.black_level_dn),
        ("bits", TYPES.Int, sensor.bits),
        ("shutter", TYPES.Token, sensor.shutter),
        ("color", TYPES.Token, sensor.color),
        ("exposure_s", TYPES.Double, camera.exposure_s),
        ("auto_exposure_target", TYPES.Double, camera.auto_exposure_target),
        ("focal_m", TYPES.Double, lens.focal_m),
        ("f_number", TYPES.Double, lens.f_number),
        ("focus_m", TYPES.Double, lens.focus_m),
        ("transmission", TYPES.Double, lens.transmission),
        ("noise_seed", TYPES.Int64, _signed(camera.noise_seed)),
    ):
        specs.attribute(spec, f"synthgen:sensor:{name}", kind, value)
    specs.attribute(spec, "synthgen:sensor:model", TYPES.String, sensor.model, uniform=True)


def _signed(seed: int) -> int:
    """Return a 64-bit seed as USD's signed int64 holds it."""
    seed &= 2**64 - 1
    return seed - 2**64 if seed >= 2**63 else seed
