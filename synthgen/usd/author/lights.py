"""Lamps on a stage: a UsdLux light in nits for other tools, and the radiometric truth in our schema.

Both agree: luminance = radiance x luminous efficacy of the spectrum; radiance = power / `power_per_radiance_m2_sr`.
"""

from __future__ import annotations

import math

from pxr import Gf, Usd

from synthgen.usd import schemas
from synthgen.usd.author import materials, shapes, specs
from synthgen.usd.author.specs import TYPES, Path
from synthgen.world import spectra
from synthgen.world.irradiance import DISTANT_ANGLE_DEG, is_shaped, radiance_w_m2_sr, sizes
from synthgen.world.light_shapes import LIGHT_SHAPES
from synthgen.world.shot import Light

_GAP_M = 0.002
_REC_709_Y = (0.2126, 0.7152, 0.0722)


def author(stage: Usd.Stage, path: Path, light: Light) -> None:
    """Define a light at `path` and, for bars and round lamps, the body behind its emitting face."""
    spec = specs.define(stage, path, LIGHT_SHAPES[light.shape].usd_type)
    specs.apply(spec, schemas.ILLUMINATOR)
    specs.place(spec, light.pose.position_m, light.pose.rotation_wxyz)
    spectrum = spectra.named(light.spectrum, peak_nm=light.peak_nm, fwhm_nm=light.fwhm_nm, cct_k=light.cct_k)
    specs.attribute(spec, "inputs:intensity", TYPES.Float, radiance_w_m2_sr(light) * spectra.efficacy_lm_w(spectrum))
    _write_color(spec, light, spectrum)
    _write_size(spec, light)
    if is_shaped(light):
        _write_shaping(spec, light)
    _write_illuminator(spec, light)
    if light.housing:
        _author_housing(stage, spec.path, light)


def _write_size(spec: specs.Spec, light: Light) -> None:
    shape = LIGHT_SHAPES[light.shape]
    for size in shape.usd_sizes:
        specs.attribute(spec, f"inputs:{size.usd_input}", TYPES.Float, getattr(sizes(light), size.field))
    if light.shape == "distant":
        specs.attribute(spec, "inputs:angle", TYPES.Float, DISTANT_ANGLE_DEG)
    if shape.usd_point:
        specs.attribute(spec, "treatAsPoint", TYPES.Bool, True)


def _write_shaping(spec: specs.Spec, light: Light) -> None:
    specs.apply(spec, "ShapingAPI")
    specs.attribute(spec, "inputs:shaping:cone:angle", TYPES.Float, math.degrees(light.cone_angle_rad))
    specs.attribute(spec, "inputs:shaping:cone:softness", TYPES.Float, light.cone_softness)
    specs.attribute(spec, "inputs:shaping:focus", TYPES.Float, light.focus)


def _write_color(spec: specs.Spec, light: Light, spectrum: spectra.Spectrum) -> None:
    """Write the colour that other tools show, at luminance 1, so that the intensity alone gives the luminance."""
    if light.spectrum in ("white_led", "blackbody"):
        specs.attribute(spec, "inputs:enableColorTemperature", TYPES.Bool, True)
        specs.attribute(spec, "inputs:colorTemperature", TYPES.Float, min(max(light.cct_k, 1000.0), 10000.0))
    elif light.spectrum == "illuminant_a":
        specs.attribute(spec, "inputs:enableColorTemperature", TYPES.Bool, True)
        specs.attribute(spec, "inputs:colorTemperature", TYPES.Float, 2856.0)
    elif light.spectrum == "led":
        blue, green, red, _ = spectra.band_fractions(spectrum)
        luminance = sum(y * c for y, c in zip(_REC_709_Y, (red, green, blue), strict=True))
        if luminance > 1e-6:
            specs.attribute(spec, "inputs:color", TYPES.Color3f, Gf.Vec3f(red, green, blue) / float(luminance))


def _write_illuminator(spec: specs.Spec, light: Light) -> None:
    for name, kind, value in (
        ("peak_power_w", TYPES.Double, light.peak_power_w),
        ("irradiance_w_m2", TYPES.Double, light.irradiance_w_m2),
        ("spectrum", TYPES.Token, light.spectrum),
        ("peak_nm", TYPES.Double, light.peak_nm),
        ("fwhm_nm", TYPES.Double, light.fwhm_nm),
        ("cct_k", TYPES.Double, light.cct_k),
        ("pulse_s", TYPES.Double, light.pulse_s),
        ("rate_hz", TYPES.Double, light.rate_hz),
        ("delay_s", TYPES.Double, light.delay_s),
        ("beam", TYPES.Token, "lambertian"),
    ):
        specs.attribute(spec, f"synthgen:illuminator:{name}", kind, value)


def _author_housing(stage: Usd.Stage, path: Path, light: Light) -> None:
    """Define a plain body whose front stays behind the emitting face, so that it casts no shadow on its own light."""
    body = specs.as_path(path).AppendChild("housing")
    metal, face = materials.material(stage, "anodised_al"), materials.material(stage, "led_face")
    if light.shape == "rect":
        wall_m, depth_m = 0.006, min(max(0.9 * min(light.size_m), 0.03), 0.08)
        size = (light.size_m[0] + 2 * wall_m, light.size_m[1] + 2 * wall_m, depth_m)
        shapes.box(stage, body, size, (0, 0, _GAP_M + depth_m / 2), material=metal, face_materials={"bottom": face})
    elif light.shape == "disk":
        depth_m = min(max(0.4 * light.radius_m, 0.03), 0.12)
        center = (0.0, 0.0, _GAP_M + depth_m / 2)
        shapes.cylinder(stage, body, light.radius_m + 0.008, depth_m, center, axis="Z", segments=32, material=metal)
