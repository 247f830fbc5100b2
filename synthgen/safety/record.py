"""The assessment of a scene as values: everything a report prints and an auditor asks for, and its JSON.

SI units. A ratio is level over exposure limit; above 1 the exposure is not allowed. A ratio at a place is never a risk
group: those belong to a lamp at its normative distance (`Source.normative`). Numbers without end (inf) become null.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy as np

from synthgen.errors import InputError
from synthgen.photobiology.lamp_assessment import Assessment as LampAssessment
from synthgen.safety.flicker import Flicker
from synthgen.safety.plan_view import Outline
from synthgen.safety.zone_record import SingleFault, Vec3, Zone
from synthgen.world.calendar_day import day

DECISION_RULES = {
    "simple": "simple acceptance: a ratio of at most the allowed one passes, without adding the uncertainty",
    "guarded": "guard-banded: the ratio plus its expanded uncertainty must not exceed the allowed one",
}
"""How a ratio with an uncertainty becomes a verdict."""


@dataclass(frozen=True, kw_only=True)
class Identity:
    """What was judged, and by what."""

    subject: str
    """Name of the stage, recipe or data set."""
    kind: str
    """stage, recipe or dataset."""
    sample: str
    """Key of the sample that the zones below show (the worst one of a recipe or data set); empty for a stage."""
    operating_state: str
    """How the lamps are driven in what was judged, in words."""
    stage_sha256: str
    """Of what the simulation read from the stage: geometry, materials, lamps, zones."""
    recipe_sha256: str
    """Of the recipe's text; empty for a stage."""
    code_version: str
    """sha256 of synthgen's source; a report is comparable with another of the same one."""
    software: str
    """Name and version."""


@dataclass(frozen=True, kw_only=True)
class Document:
    """What a report is filed by; lines to fill in by hand stand where nothing is given. Never the clock's date."""

    document_number: str = ""
    issued: str = ""
    """YYYY-MM-DD."""
    client: str = ""
    site: str = ""
    machine: str = ""
    data_sheets: str = ""
    """Of the lamps: maker, type, revision."""

    def __post_init__(self) -> None:
        """Refuse a date of issue that is none.

        Raises:
            InputError: it is not written as 2026-01-31.
        """
        if self.issued:
            try:
                day(self.issued)
            except ValueError as fault:
                raise InputError(f"issued: {fault}") from fault


@dataclass(frozen=True, kw_only=True)
class Question:
    """What was asked."""

    hazard: str
    """The hazard that the verdict is on, or `worst` of all eight."""
    edition: str
    duration_s: float
    """Of zones that state no duration of their own."""
    max_ratio: float
    decision_rule: str
    """Key of DECISION_RULES."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Source:
    """One lamp of the scene: spectrum, geometry, drive, and its verdict as a lamp on its own."""

    path: str
    name: str
    shape: str
    position_m: Vec3
    direction: Vec3
    """Unit, along which it emits."""
    size_text: str
    """Its sizes in words, such as `600 mm x 40 mm`."""
    peak_power_w: float
    """Radiant power while on; 0 for daylight (distant, dome), which has none."""
    radiance_w_m2_sr: float
    """On its axis while on; 0 for a point."""
    beam: str
    """Lambertian, or its cone, softness and focus, in words."""
    peak_wavelength_nm: float
    centroid_wavelength_nm: float
    fwhm_nm: float
    efficacy_lm_w: float
    wavelength_nm: np.ndarray
    """For a plot of the spectrum, at most some hundred samples."""
    power_w_nm: np.ndarray
    """Spectral power of 1 W."""
    pulse_s: float
    """0 when continuous."""
    rate_hz: float
    duty: float
    normative: LampAssessment | None
    """All eight hazards at the normative distance, risk group, hazard distances; None where that has no meaning."""
    normative_reason: str
    """Why there is none."""


@dataclass(frozen=True, eq=False, kw_only=True)
class CameraMap:
    """The hazard map of a view (docs/contract.md section 7): visible surfaces, irradiance hazards, lamps on."""

    camera: str
    hazard: str
    """The hazard at the maximum."""
    max_ratio: float
    at_px: tuple[int, int]
    """Column and row of the maximum in the full image."""
    pixels_per_cell: int
    """`ratio` holds the maximum of this many pixels square."""
    ratio: np.ndarray
    """Shape (rows, columns)."""


@dataclass(frozen=True, kw_only=True)
class SampleRatio:
    """A shot of a recipe or data set, screened."""

    key: str
    """`<split>-<8-digit index>`."""
    ratio: float
    hazard: str
    zone: str
    refined: bool
    """Whether its worst position was refined; otherwise the ratio is that of the coarse grid."""


@dataclass(frozen=True, kw_only=True)
class Distribution:
    """The worst ratio over the samples of a recipe or data set."""

    samples: tuple[SampleRatio, ...]
    """In the order of their indices."""
    quantiles: dict[str, float]
    """min, p05, p50, p95, max."""
    over: int
    """How many exceed the allowed ratio."""
    failed: int
    """How many shots could not be built."""
    worst_key: str
    replay: str
    """Command that brings the worst one back."""
    statement: str
    """How far the worst of N says something about the next one."""


@dataclass(frozen=True, kw_only=True)
class Uncertainty:
    """One line of the budget."""

    name: str
    relative: float
    """Standard uncertainty (k = 1), relative."""
    basis: str
    evidence: str


@dataclass(frozen=True, kw_only=True)
class Budget:
    """The uncertainty of a ratio."""

    lines: tuple[Uncertainty, ...]
    coverage_factor: float
    expanded: float
    """Relative, with the coverage factor."""


@dataclass(frozen=True, kw_only=True)
class SceneAssessment:
    """The whole verdict on a scene."""

    version: int = 1
    identity: Identity
    question: Question
    passed: bool
    verdict: str
    """One sentence for a reader who is not an engineer."""
    worst_zone: str
    worst_ratio: float
    worst_hazard: str
    sources: tuple[Source, ...]
    zones: tuple[Zone, ...]
    cameras: tuple[CameraMap, ...]
    distribution: Distribution | None
    """None for a stage."""
    budget: Budget
    unverified: tuple[str, ...]
    """Numbers of evidence C or D that the verdict rests on."""
    limits_of_method: tuple[str, ...]
    warnings: tuple[str, ...]
    """What the stage asks for and the simulation leaves out."""
    faults: tuple[SingleFault, ...] = ()
    """Single faults that the recipe names; the verdict takes them in."""
    flicker: tuple[Flicker, ...] = ()
    """Flashing of visible lamps, by rate."""
    document: Document = Document()
    outlines: tuple[Outline, ...] = ()
    """Baffles and structure about the zones, for the plan views."""

    @property
    def decision_rule(self) -> str:
        """Return the decision rule in words."""
        return DECISION_RULES[self.question.decision_rule]

    @property
    def zones_passed(self) -> bool:
        """Return whether every zone passes while everything works as described."""
        return all(zone.passed for zone in self.zones)

    def zone(self, name: str) -> Zone:
        """Return the zone of that name."""
        return next(zone for zone in self.zones if zone.name == name)

    def to_json(self) -> dict[str, Any]:
        """Return everything as plain objects; arrays are lists of rows, numbers without end are null."""
        return {**plain(self), "decision_rule": self.decision_rule}

    def text(self) -> str:
        """Return the canonical JSON text, the same bytes for the same assessment."""
        return json.dumps(self.to_json(), indent=1, sort_keys=True, allow_nan=False) + "\n"

    def sha256(self) -> str:
        """Return the hash of the canonical JSON text."""
        return hashlib.sha256(self.text().encode()).hexdigest()


def plain(value: Any) -> Any:
    """Return dataclasses, arrays, tuples and floats as JSON knows them: inf and nan are null, arrays to six digits."""
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, np.ndarray):
        return [plain(row) if row.ndim else plain(_rounded(row)) for row in map(np.asarray, value)]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else None
    return value.item() if isinstance(value, np.generic) else value


def _rounded(value: np.ndarray) -> float:
    return float(f"{float(value):.6g}")
