"""Options of `synthgen safety`: the fields of its report; of a lamp and a laser each in SI units, with limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from cyclopts import Parameter
from cyclopts.validators import Number

from synthgen.errors import UsageError
from synthgen.world import calendar_day

_MOST = 1e12
"""More than any lamp or laser has of anything, in SI units."""
_NM = (100.0, 1_000_000.0)
"""Optical radiation: CIE S 017, 17-21-002 [nm]."""
_RAD = (0.0, 6.2831853072)


def _of(help: str, least: float = 0.0, most: float = _MOST) -> Parameter:
    return Parameter(validator=Number(gte=least, lte=most), help=help)


def _pair(help: str) -> Parameter:
    return Parameter(consume_multiple=True, negative=(), validator=Number(gte=0, lte=_MOST), help=help)


def _a_day(kind: Any, value: Any) -> None:
    """Refuse a date of issue that is none; "" is not given.

    Raises:
        UsageError: it is not written as 2026-01-31.
    """
    if not value:
        return
    try:
        calendar_day.day(value)
    except ValueError as fault:
        raise UsageError(f"--issued: {fault}") from fault


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class DocumentFlags:
    """What a report is filed by; each wins over `safety.report` of the recipe."""

    document_number: Annotated[str, Parameter(help="Number that the report is filed under.")] = ""
    issued: Annotated[str, Parameter(validator=_a_day, help="Date of issue, YYYY-MM-DD.")] = ""
    client: Annotated[str, Parameter(help="For whom it was made.")] = ""
    site: Annotated[str, Parameter(help="Where the machine stands.")] = ""
    machine: Annotated[str, Parameter(help="The machine: maker, type, serial number.")] = ""
    data_sheets: Annotated[str, Parameter(help="Data sheets of the lamps: maker, type, revision.")] = ""


NO_DOCUMENT = DocumentFlags()


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class LampFlags:
    """The fields of a lamp, in SI units; a LAMP.yaml takes the same names."""

    name: Annotated[str | None, Parameter(help="What the report calls it.")] = None
    spectrum: Annotated[
        str | None, Parameter(help="led, white_led, blackbody ..., or a .csv or IES TM-27 .spdx file.")
    ] = None
    peak_nm: Annotated[float | None, _of("LED: wavelength of its peak [nm].", *_NM)] = None
    fwhm_nm: Annotated[float | None, _of("LED: full width at half maximum [nm].", 0.0, _NM[1])] = None
    cct_k: Annotated[float | None, _of("white_led and blackbody: colour temperature [K].", 1.0, 1e6)] = None
    shape: Annotated[str | None, Parameter(help="Of one emitter: point, disk or rect.")] = None
    size_m: Annotated[list[float] | None, _pair("rect: width and height; disk: diameter [m].")] = None
    columns: Annotated[int | None, _of("Emitters along x.", 1, 10_000)] = None
    rows: Annotated[int | None, _of("Emitters along y.", 1, 10_000)] = None
    pitch_m: Annotated[list[float] | None, _pair("From emitter to emitter: one number, or x and y [m].")] = None
    power_w: Annotated[float | None, _of("Radiant power of the whole lamp while on [W].")] = None
    intensity_w_sr: Annotated[float | None, _of("Instead of power: radiant intensity on the axis [W/sr].")] = None
    flux_lm: Annotated[float | None, _of("Instead of power: luminous flux, visible lamps only [lm].")] = None
    beam: Annotated[str | None, Parameter(help="lambertian, or an .ies file: its shape, not its unit.")] = None
    half_angle_rad: Annotated[
        float | None, _of("Instead of beam: angle from the axis at which intensity has halved [rad].", *_RAD)
    ] = None
    pulse_s: Annotated[float | None, _of("Width of a pulse [s]; without it the lamp is continuous.")] = None
    rate_hz: Annotated[float | None, _of("Pulses a second [Hz].")] = None
    duty: Annotated[float | None, _of("Instead of rate: share of the time that it is on.", 0.0, 1.0)] = None
    general_lighting: Annotated[
        bool, Parameter(negative=(), help="Lights rooms: judged at the distance where it gives 500 lx.")
    ] = False
    irradiance_w_m2: Annotated[float | None, _of("Measured at the eye, instead of a geometry [W/m2].")] = None
    illuminance_lux: Annotated[float | None, _of("Instead of irradiance [lx].")] = None
    radiance_w_m2_sr: Annotated[float | None, _of("Measured, averaged over the hazard's cone [W/(m2 sr)].")] = None
    luminance_cd_m2: Annotated[float | None, _of("Instead of radiance [cd/m2].")] = None
    alpha_rad: Annotated[float | None, _of("With measured levels: angle that the source subtends [rad].", *_RAD)] = None


NO_FIELDS = LampFlags()


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class LaserFlags:
    """The fields of a laser in SI units; diameters and divergences to 1/e^2."""

    wavelength_nm: Annotated[float, _of("Wavelength [nm]; the classes cover 400 to 1400.", *_NM)]
    power_w: Annotated[float, _of("Radiant power while on [W].")]
    diameter_m: Annotated[float, _of("Spot: diameter at the waist [m].")] = 0.0
    divergence_rad: Annotated[float, _of("Spot, or across a line: divergence, full angle [rad].", *_RAD)] = 0.0
    fan_rad: Annotated[float | None, _of("Line: full angle of its fan [rad].", *_RAD)] = None
    thickness_m: Annotated[float, _of("Line: thickness at the window [m].")] = 0.0
    scan_rad: Annotated[float | None, _of("Scanned spot: angle of one sweep [rad].", *_RAD)] = None
    lines_per_s: Annotated[float, _of("Scanned spot: sweeps a second [1/s].")] = 0.0
    pulse_s: Annotated[float, _of("Width of a pulse [s]; 0 is continuous.")] = 0.0
    rate_hz: Annotated[float, _of("Pulses a second [Hz].")] = 0.0
    source_m: Annotated[float, _of("Diameter of the apparent source [m]; 0 is a point.")] = 0.0
    long_term: Annotated[bool, Parameter(negative=(), help="People look at it for long on purpose.")] = False
