"""What an assessment of a lamp says, as values that print as JSON."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, is_dataclass

from synthgen.photobiology.risk_groups import GroupRow

_WEAK = ("C", "D")


@dataclass(frozen=True, kw_only=True)
class HazardRow:
    """One hazard of one case: level against exposure limit."""

    hazard: str
    symbol: str
    """E_S, E_UVA, L_B, E_B, L_R, L_IR, E_IR or E_H."""
    applicable: bool
    level: float | None
    """Weighted level averaged over the case's duration, in `unit`."""
    unit: str
    limit: float | None
    ratio: float
    """Level over limit; 0 where the hazard does not apply."""
    t_max_s: float
    """How long this level may last before it first exceeds a limit [s]; inf without end."""
    weight_share: float
    """Weighted watts per watt of the spectrum."""
    alpha_rad: float | None
    averaging_angle_rad: float | None
    clause: str
    evidence: str
    averaging_evidence: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class CaseResult:
    """All eight hazards for one exposure."""

    name: str
    duration_s: float
    share: float
    """Mean level as a share of the level while on."""
    worst_hazard: str
    worst_ratio: float
    hazards: tuple[HazardRow, ...]


@dataclass(frozen=True, kw_only=True)
class GroupResult:
    """The risk group that one hazard gives, from time-averaged levels."""

    hazard: str
    risk_group: str
    rows: tuple[GroupRow, ...]
    distances_m: dict[str, float]
    """Beyond this distance the group's limit is not exceeded; 0 where it is met from the normative distance on."""


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """The whole verdict on a lamp, with what it rests on."""

    name: str
    edition: str
    distance_m: float
    """0 when levels were measured."""
    distance_reason: str
    duration_s: float
    peak_wavelength_nm: float
    efficacy_lm_w: float
    power_w: float
    pulse_s: float
    rate_hz: float
    duty: float
    luminance_cd_m2: float
    cases: tuple[CaseResult, ...]
    worst_case: str
    worst_hazard: str
    worst_ratio: float
    """Largest level over limit of every case: above 1 the exposure is not allowed."""
    exposure_distances_m: dict[str, float]
    """Hazard -> distance from which its exposure limit is kept in every case; empty for measured levels."""
    risk_group: str
    """Exempt, RG1, RG2 or RG3; empty for editions without risk groups."""
    risk_group_reason: str
    groups: tuple[GroupResult, ...]
    label: str
    unverified: tuple[str, ...]
    """Numbers of evidence C or D that the verdict rests on."""
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """Return everything as plain objects; numbers without end become null."""
        return plain(self)  # type: ignore[return-value]


def label_text(risk_group: str, groups: tuple[GroupResult, ...]) -> str:
    """Return what the label of such a lamp says (IEC TR 62471-2; recalled, evidence C); nothing for Exempt."""
    cause = next((result.hazard for result in groups if result.risk_group == risk_group), "")
    kind = {"actinic-uv": "UV", "uva": "UV", "ir-eye": "IR", "retinal-thermal-weak": "IR"}.get(cause, "")
    if risk_group == "RG1" and kind:
        return f"NOTICE: {kind} emitted from this product"
    if risk_group == "RG2":
        return (
            "CAUTION: possibly hazardous optical radiation emitted from this product. Do not stare at operating lamp."
        )
    if risk_group == "RG3":
        return "WARNING: possibly hazardous optical radiation emitted from this product. Do not look at operating lamp."
    return ""


def unverified(results: tuple[CaseResult, ...], groups: tuple[GroupResult, ...]) -> tuple[str, ...]:
    """Return the numbers of evidence C or D that were compared with, once each."""
    found = {}
    for result in results:
        for row in result.hazards:
            if row.applicable and row.evidence in _WEAK:
                found[f"{row.hazard}: exposure limit, {row.clause} ({row.evidence})"] = None
            if row.applicable and row.averaging_evidence in _WEAK:
                found[f"{row.hazard}: averaging cone, {row.clause} ({row.averaging_evidence})"] = None
    for group in groups:
        for row in group.rows:
            if row.evidence in _WEAK:
                found[f"{group.hazard}: emission limit of {row.group}, table 6.1 ({row.evidence})"] = None
    return tuple(found)


def method_notes(distance_m: float) -> tuple[str, ...]:
    """Return what the method leaves out or decides, in words."""
    geometry = (
        "Levels computed from emitter geometry: nothing reflects or hides, each emitter is evenly bright.",
        "alpha is the extent of the whole source (the stricter choice); mean radiance is the worst cone of all tried.",
    )
    measured = ("Levels as measured: the radiance is taken as read through the hazard's averaging cone.",)
    return (
        *(geometry if distance_m > 0.0 else measured),
        "The acceptance of UV and IR eye irradiance is not cut at 80 degrees (stricter).",
        "Simple acceptance: no measurement uncertainty is added.",
        "A simulation is not type testing.",
    )


def plain(value: object) -> object:
    """Return dataclasses, tuples and floats as JSON knows them: inf and nan are null."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    return value
