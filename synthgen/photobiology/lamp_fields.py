"""Build a lamp from named fields, as a LAMP.yaml or the flags of `synthgen safety lamp` give them.

A length, time, angle or power may carry any unit suffix that a recipe may: `size_mm`, `pulse_us`, `half_angle_deg`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from synthgen.errors import InputError
from synthgen.photobiology.beam import Beam, from_lm63, half_angle, lambertian
from synthgen.photobiology.duty_cycle import Drive, from_duty
from synthgen.photobiology.editions import IEC
from synthgen.photobiology.emitter_geometry import Emitters, grid_centers_m
from synthgen.photobiology.exposure import measured, visible_efficacy_lm_w
from synthgen.photobiology.lamp import Lamp, assess, assess_levels
from synthgen.photobiology.lamp_assessment import Assessment
from synthgen.photobiology.spectrum_file import read_spectrum
from synthgen.units import spellings
from synthgen.world.spectra import NAMES, Spectrum, named

FIELDS: dict[str, str] = {
    "name": "what it is called in the report",
    "spectrum": f"{', '.join(NAMES)}, or a .csv or IES TM-27 .spdx file",
    "peak_nm": "led: wavelength of its peak",
    "fwhm_nm": "led: full width at half maximum",
    "cct_k": "white_led and blackbody: colour temperature",
    "shape": "of an emitter: point, disk or rect",
    "size_m": "rect: [width, height]; disk: diameter",
    "columns": "emitters along x",
    "rows": "emitters along y",
    "pitch_m": "from emitter to emitter: one number or [x, y]",
    "centers_m": "instead of columns and rows: [[x, y], ...]",
    "power_w": "radiant power of the whole lamp while on",
    "intensity_w_sr": "instead of power: radiant intensity on the axis",
    "flux_lm": "instead of power: luminous flux, visible lamps only",
    "beam": "lambertian (default) or an .ies file (its shape; not its unit): C0 is x, C90 is y",
    "half_angle_rad": "instead of beam: where intensity has halved, from the axis",
    "pulse_s": "width of a pulse; without it the lamp is continuous",
    "rate_hz": "pulses a second",
    "duty": "instead of rate: share of time that it is on",
    "general_lighting": "lights rooms: judged where it gives 500 lx",
    "irradiance_w_m2": "measured at the eye instead of a geometry",
    "illuminance_lux": "instead of irradiance_w_m2",
    "radiance_w_m2_sr": "measured, averaged over the hazard's cone",
    "luminance_cd_m2": "instead of radiance_w_m2_sr",
    "alpha_rad": "with measured levels: subtense of the source",
}
"""Field -> what it means, in the order in which help shows them."""

_LEVELS = ("irradiance_w_m2", "illuminance_lux", "radiance_w_m2_sr", "luminance_cd_m2")
_PLAIN = (*_LEVELS, "intensity_w_sr")  # compound units: no other spelling


def assess_fields(
    fields: Mapping[str, Any],
    *,
    edition: str = IEC,
    duration_s: float = 30000.0,
    distance_m: float | None = None,
    folder: Path = Path(),
) -> Assessment:
    """Judge the lamp, or the measured levels, that the fields describe; files are found from `folder`.

    Raises:
        InputError: an unknown or missing field, a value of the wrong kind, or what building and judging refuse.
    """
    known = _in_si(fields)
    spectrum = _spectrum(known, folder)
    drive = _drive(known)
    name = str(known.get("name", "lamp"))
    if any(level in known for level in _LEVELS):
        geometry = [key for key in ("shape", "size_m", "power_w", "intensity_w_sr", "flux_lm") if key in known]
        if geometry:
            raise InputError(f"lamp: {geometry[0]} beside a measured level; give a geometry or levels, not both")
        levels = measured(spectrum, **{key: _number(known, key) for key in (*_LEVELS, "alpha_rad") if key in known})
        return assess_levels(spectrum, levels, edition, duration_s, drive, name)
    lamp = Lamp(
        name=name,
        spectrum=spectrum,
        emitters=_emitters(known, spectrum, folder),
        drive=drive,
        general_lighting=known.get("general_lighting", False) is True,
    )
    return assess(lamp, edition, duration_s, distance_m)


def _in_si(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields by their SI names."""
    spelled = {
        other: (name, factor)
        for name in FIELDS
        for other, factor in ({name: 1.0} if name in _PLAIN else spellings(name)).items()
    }
    known: dict[str, Any] = {}
    for key, value in fields.items():
        if key not in spelled:
            near = get_close_matches(key, spelled, n=1)
            raise InputError(f"lamp: unknown field {key!r}{f'; did you mean {near[0]}' if near else ''}")
        name, factor = spelled[key]
        if name in known:
            raise InputError(f"lamp: {key!r} says {name} a second time; give it once")
        if value is not None:
            known[name] = value if factor == 1.0 else _times(value, factor, key)
    return known


def _times(value: Any, factor: float, key: str) -> Any:
    if isinstance(value, (list, tuple)):
        return [_times(item, factor, key) for item in value]
    return _as_number(value, key) * factor


def _spectrum(known: dict[str, Any], folder: Path) -> Spectrum:
    if "spectrum" not in known and "peak_nm" not in known:
        raise InputError(
            f"lamp: spectrum is missing; write peak_nm (and fwhm_nm) of an LED, one of {', '.join(NAMES)}, or a file"
        )
    name = str(known.get("spectrum", "led"))
    if name not in NAMES and Path(name).suffix:
        return read_spectrum(folder / name)
    if name == "led" and "peak_nm" not in known:
        raise InputError("lamp: peak_nm of the led is missing; write the wavelength of its peak in nanometres")
    if name in ("white_led", "blackbody") and "cct_k" not in known:
        raise InputError(f"lamp: cct_k of the {name} is missing; write its colour temperature in kelvin")
    return named(name, **{key: _number(known, key) for key in ("peak_nm", "fwhm_nm", "cct_k") if key in known})


def _drive(known: dict[str, Any]) -> Drive:
    if "duty" in known:
        if "rate_hz" in known:
            raise InputError("lamp: duty and rate_hz say the same thing beside pulse_s; give one of them")
        return from_duty(_number(known, "pulse_s", 0.0), _number(known, "duty"))
    return Drive(_number(known, "pulse_s", 0.0), _number(known, "rate_hz", 0.0))


def _emitters(known: dict[str, Any], spectrum: Spectrum, folder: Path) -> Emitters:
    shape = str(known.get("shape", "disk" if not isinstance(known.get("size_m"), (list, tuple)) else "rect"))
    if "size_m" not in known:
        if known.get("shape") != "point":
            raise InputError("lamp: size_m of the emitter is missing; write it, or shape: point")
        size_m = (0.0, 0.0)
    else:
        size_m = _pair(known["size_m"], "size_m")
    beam = _beam(known, folder)
    return Emitters(
        shape=shape, size_m=size_m, centers_m=_centers_m(known), power_w=_power_w(known, beam, spectrum), beam=beam
    )


def _centers_m(known: dict[str, Any]) -> Any:
    if "centers_m" in known:
        if not isinstance(known["centers_m"], (list, tuple)) or not known["centers_m"]:
            raise InputError("lamp: centers_m; write a list of [x, y] pairs")
        return [_pair(each, "centers_m") for each in known["centers_m"]]
    columns, rows = (_number(known, key, 1.0) for key in ("columns", "rows"))
    if columns * rows > 1 and "pitch_m" not in known:
        raise InputError("lamp: pitch_m of the array is missing; write the distance from emitter to emitter")
    return grid_centers_m(round(columns), round(rows), _pair(known.get("pitch_m", 0.0), "pitch_m"))


def _beam(known: dict[str, Any], folder: Path) -> Beam:
    if "half_angle_rad" in known:
        return half_angle(_number(known, "half_angle_rad"))
    name = str(known.get("beam", "lambertian"))
    if name == "lambertian":
        return lambertian()
    if Path(name).suffix.lower() != ".ies":
        raise InputError(f"lamp: beam {name!r}; write lambertian, an .ies file, or half_angle_deg")
    try:
        return from_lm63((folder / name).read_text(encoding="latin-1"))
    except OSError as fault:
        raise InputError(f"{folder / name}: cannot be read ({fault}); give an LM-63 file") from fault


def _power_w(known: dict[str, Any], beam: Beam, spectrum: Spectrum) -> float:
    given = [key for key in ("power_w", "intensity_w_sr", "flux_lm") if key in known]
    if len(given) != 1:
        found = f"{' and '.join(given)} both given" if given else "power_w is missing"
        raise InputError(f"lamp: {found}; give exactly one of power_w, intensity_w_sr and flux_lm")
    value = _number(known, given[0])
    if given[0] == "flux_lm":
        return value / visible_efficacy_lm_w(spectrum, "flux_lm", "power_w")
    if given[0] == "intensity_w_sr":
        on_axis_per_sr = float(beam.intensity(1.0))
        if on_axis_per_sr == 0.0:
            raise InputError("lamp: intensity_w_sr of a beam that is dark on its axis; give power_w")
        return value / on_axis_per_sr
    return value


def _pair(value: Any, key: str) -> tuple[float, float]:
    """Return one number twice, or two numbers."""
    if isinstance(value, (list, tuple)):
        if len(value) != 2:
            raise InputError(f"lamp: {key} has {len(value)} numbers; write one or two")
        return _as_number(value[0], key), _as_number(value[1], key)
    number = _as_number(value, key)
    return number, number


def _number(known: dict[str, Any], key: str, default: float = math.nan) -> float:
    return _as_number(known.get(key, default), key)


def _as_number(value: Any, key: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise InputError(f"lamp: {key} {value!r}; write a number")
    return float(value)
