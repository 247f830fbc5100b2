"""The lamps of a scene as an auditor wants them listed, each with its verdict as a lamp on its own."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from synthgen.errors import InputError
from synthgen.photobiology import lamp
from synthgen.photobiology.beam import Beam, cosine_power
from synthgen.photobiology.duty_cycle import Drive
from synthgen.photobiology.emitter_geometry import Emitters
from synthgen.photobiology.lamp_assessment import Assessment
from synthgen.safety import record
from synthgen.safety.scene.lamps import Lamps, names_of
from synthgen.world import lamp_power, scene_description
from synthgen.world.spectra import Spectrum, efficacy_lm_w

_PLOTTED = 121  # samples of a spectrum in the record
_ANGLES = 181


def sources(lamps: Lamps, duration_s: float, normative: bool = True) -> tuple[record.Source, ...]:
    """Return every lamp; equal ones are judged once."""
    known: dict[tuple[object, ...], tuple[Assessment | None, str]] = {}
    found = []
    for light, drive, name in zip(lamps.lights, lamps.drives, names_of(lamps.lights), strict=True):
        key = (*_numbers(light), drive)
        if normative and key not in known:
            known[key] = _normative(light, drive, lamps.edition, duration_s)
        judged, why = known[key] if normative else (None, "not asked for")
        found.append(_source(light, drive, name, judged, why))
    return tuple(found)


def emitters_of(light: scene_description.Light) -> Emitters:
    """Return a lamp as a flat emitter of the same radiance and outline: a sphere's disk, a cylinder's strip.

    Raises:
        InputError: it has no size or gives no light.
    """
    shape, size_m, sizes = _flat(light)
    shaped = {
        "cone_angle_rad": light.cone_angle_rad,
        "cone_softness": light.cone_softness,
        "focus": light.focus,
    }
    per_strength = lamp_power.power_per_radiance_m2_sr(shape, **sizes, **shaped)
    power_w = light.strength * per_strength
    return Emitters(
        shape=shape, size_m=size_m, centers_m=np.zeros((1, 2)), power_w=power_w, beam=_beam(light, shape, shaped)
    )


def power_w(light: scene_description.Light) -> float:
    """Return the radiant power of a lamp while on [W]; 0 for daylight."""
    if light.shape in ("distant", "dome"):
        return 0.0
    return light.strength * lamp_power.power_per_strength(light)


def _normative(
    light: scene_description.Light, drive: Drive, edition: str, duration_s: float
) -> tuple[Assessment | None, str]:
    if light.shape in ("distant", "dome"):
        return None, "daylight is no lamp: it has no normative distance"
    if light.strength <= 0.0:
        return None, "it is off"
    try:
        subject = lamp.Lamp(name="", spectrum=light.spectrum, emitters=emitters_of(light), drive=drive)
        return lamp.assess(subject, edition, duration_s), ""
    except InputError as fault:
        return None, str(fault)


def _source(
    light: scene_description.Light, drive: Drive, name: str, judged: Assessment | None, why: str
) -> record.Source:
    world, spectrum = np.asarray(light.world_from_light, np.float64), light.spectrum
    step = max(1, -(-len(spectrum.wavelength_nm) // _PLOTTED))
    x, y, z = (float(v) for v in world[:3, 3])
    dx, dy, dz = (float(v) for v in -world[:3, 2])
    return record.Source(
        path=light.path,
        name=name,
        shape=light.shape,
        position_m=(x, y, z),
        direction=(dx, dy, dz),
        size_text=_size_text(light),
        peak_power_w=power_w(light),
        radiance_w_m2_sr=0.0 if light.shape == "point" else light.strength,
        beam=_beam_text(light),
        peak_wavelength_nm=float(spectrum.wavelength_nm[spectrum.power_w_nm.argmax()]),
        centroid_wavelength_nm=float(
            np.trapezoid(spectrum.wavelength_nm * spectrum.power_w_nm, spectrum.wavelength_nm)
        ),
        fwhm_nm=_fwhm_nm(spectrum),
        efficacy_lm_w=efficacy_lm_w(spectrum),
        wavelength_nm=spectrum.wavelength_nm[::step],
        power_w_nm=spectrum.power_w_nm[::step],
        pulse_s=drive.pulse_s,
        rate_hz=drive.rate_hz,
        duty=drive.duty,
        normative=replace(judged, name=name) if judged is not None else None,
        normative_reason=why,
    )


def _flat(light: scene_description.Light) -> tuple[str, tuple[float, float], dict[str, float]]:
    """Return (shape, size [m], its sizes as emission wants them) of the flat emitter."""
    if light.shape == "rect":
        return "rect", (light.width_m, light.height_m), {"width_m": light.width_m, "height_m": light.height_m}
    if light.shape == "cylinder":
        return "rect", (light.length_m, 2 * light.radius_m), {"width_m": light.length_m, "height_m": 2 * light.radius_m}
    if light.shape == "point":
        return "point", (0.0, 0.0), {"radius_m": 1.0 / math.sqrt(math.pi)}
    return "disk", (2 * light.radius_m, 2 * light.radius_m), {"radius_m": light.radius_m}


def _beam(light: scene_description.Light, shape: str, shaped: dict[str, float]) -> Beam:
    """Return the emission of the flat emitter for 1 W: shaping times cosine (a point: times 1)."""
    if light.cone_angle_rad >= math.pi / 2 - 1e-6 and shape != "point":
        return cosine_power(1.0 + light.focus)
    theta = _angles_rad(light)
    sizes = {"width_m": 1.0, "height_m": 1.0} if shape == "rect" else {"radius_m": 1.0 / math.sqrt(math.pi)}
    per_strength = lamp_power.power_per_radiance_m2_sr(shape, **sizes, **shaped)
    falloff = 1.0 if shape == "point" else np.cos(theta)
    return Beam("shaped", theta, lamp_power.shaping(theta, **shaped) * falloff / per_strength)


def _angles_rad(light: scene_description.Light) -> np.ndarray:
    """Return angles of the table from 0 to 90 degrees, dense where the cone fades and just on both sides of its cut."""
    cut = min(light.cone_angle_rad, math.pi / 2)
    start = cut * (1.0 - min(max(light.cone_softness, 0.0), 1.0))
    nodes = [np.linspace(0.0, cut, _ANGLES), np.linspace(start, cut, _ANGLES), [cut * (1.0 + 1e-9), math.pi / 2]]
    return np.unique(np.concatenate(nodes).clip(0.0, math.pi / 2))


def _fwhm_nm(spectrum: Spectrum) -> float:
    """Return the width over which the spectrum is at least half its peak [nm]."""
    grid_nm = np.linspace(spectrum.wavelength_nm[0], spectrum.wavelength_nm[-1], 4001)
    power = np.interp(grid_nm, spectrum.wavelength_nm, spectrum.power_w_nm)
    above = grid_nm[power >= 0.5 * power.max()]
    return float(above[-1] - above[0])


def _size_text(light: scene_description.Light) -> str:
    mm = {name: f"{1e3 * getattr(light, name):.4g} mm" for name in ("width_m", "height_m", "length_m")}
    texts = {
        "rect": f"{mm['width_m']} x {mm['height_m']}",
        "disk": f"{2e3 * light.radius_m:.4g} mm across",
        "sphere": f"{2e3 * light.radius_m:.4g} mm across",
        "cylinder": f"{mm['length_m']} long, {2e3 * light.radius_m:.4g} mm across",
        "point": "a point",
        "distant": f"{2e3 * light.half_angle_rad:.4g} mrad of the sky",
        "dome": "the whole sky",
    }
    return texts[light.shape]


def _beam_text(light: scene_description.Light) -> str:
    cuts = light.cone_angle_rad < (math.pi / 2 if light.shape in ("rect", "disk") else math.pi) - 1e-6
    cone = f"cone of {math.degrees(light.cone_angle_rad):.4g} deg half angle, softness {light.cone_softness:g}"
    parts = [cone] if cuts else []
    parts += [f"cosine to the power {light.focus:g} besides"] if light.focus > 0 else []
    return "; ".join(parts) or ("even in all directions" if light.shape in ("point", "sphere") else "Lambertian")


def _numbers(light: scene_description.Light) -> tuple[object, ...]:
    """Return everything of a lamp but its name and place."""
    plain = tuple(
        value for name, value in vars(light).items() if name not in ("path", "world_from_light", "spectrum", "delay_s")
    )
    return (*plain, light.spectrum.wavelength_nm.tobytes(), light.spectrum.power_w_nm.tobytes())
