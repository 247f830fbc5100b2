"""Assessments made by hand for the report's tests: a tunnel whose walkway is over its limit, and one that is not."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from synthgen.photobiology.editions import HAZARDS
from synthgen.photobiology.lamp_fields import assess_fields
from synthgen.photobiology.limits import limit
from synthgen.safety import record as r
from synthgen.safety import zone_record as zr
from synthgen.safety.flicker import Flicker
from synthgen.safety.plan_view import Outline

_SYMBOLS = ("E_S", "E_UVA", "L_B", "E_B", "L_R", "L_IR", "E_IR", "E_H")
_BAR = "/World/Lights/bar_left"
_DOME = "/World/Lights/hall"
_PLACE = (0.84, 1.27, 1.58)


def tunnel(scale: float = 1.0, name: str = "scan_tunnel", baffle: str = "hood_left") -> r.SceneAssessment:
    """Return a scene with two zones; its worst ratio is 3.172 times `scale`."""
    sources = (_bar("bar_left", _BAR, 0.58), _bar("bar_right", "/World/Lights/bar_right", -0.58), _daylight())
    zones = (
        _zone("walkway", "walkway", ((-2.0, 0.95, 1.2), (2.0, 2.1, 1.9)), 3.172 * scale, _PLACE),
        _zone("seat", "seat", ((1.2, -2.2, 1.1), (2.0, -1.4, 1.4)), 0.4216 * scale, (1.31, -1.52, 1.35)),
    )
    worst = zones[0].worst_ratio
    return r.SceneAssessment(
        identity=r.Identity(
            subject=name,
            kind="recipe",
            sample="train-00000137",
            operating_state="lamps strobed: pulses of 100 us at 20 Hz",
            stage_sha256="a1" * 32,
            recipe_sha256="b2" * 32,
            code_version="c3" * 32,
            software="synthgen 0.1.0",
        ),
        question=r.Question(
            hazard="worst", edition="iec62471-2006", duration_s=30000.0, max_ratio=1.0, decision_rule="simple"
        ),
        passed=worst <= 1.0,
        verdict=f"In the zone walkway infrared light reaches {worst:.3g} times its limit",
        worst_zone="walkway",
        worst_ratio=worst,
        worst_hazard="ir-eye",
        sources=sources,
        zones=zones,
        cameras=(_camera(),),
        distribution=_distribution(worst),
        budget=_budget(),
        unverified=("ir-eye: averaging cone, IEC 62471:2006 4.3.7 (C)", "skin-thermal: exposure limit, 4.3.8 (C)"),
        limits_of_method=("Eyes are points.", "Diffuse reflections are left out.", "A simulation is not type testing."),
        warnings=("/World/Lights/odd: an IES profile without angles is left out",),
        outlines=(
            Outline(name=baffle, kind="baffle", low_z_m=0.9, high_z_m=1.9,
                      corners_m=((-1.2, 0.88), (0.4, 0.88), (0.4, 0.92), (-1.2, 0.92))),
            Outline(name="belt", kind="structure", low_z_m=0.1, high_z_m=0.75,
                      corners_m=((-1.5, -0.4), (1.5, -0.4), (1.5, 0.4), (-1.5, 0.4))),
        ),
        faults=(_fault("bar_stuck_on", 0.62 * scale), _fault("hood_removed", 0.08 * scale)),
        flicker=(_flicker(),),
        document=r.Document(document_number="ES-0042", issued="2026-01-31", client="A client", machine="Tunnel 7"),
    )  # fmt: skip


def quiet(scale: float = 0.1) -> r.SceneAssessment:
    """Return the scene with nothing left open: lamps that do not pulse, no weak number; its faults pass too."""
    found = tunnel(scale)
    sources = tuple(replace(source, pulse_s=0.0, rate_hz=0.0, duty=1.0) for source in found.sources)
    return replace(found, sources=sources, unverified=(), flicker=())


def renamed(found: r.SceneAssessment, text: str) -> r.SceneAssessment:
    """Return the assessment with `text` in every place where a stage or recipe brings words of its own."""
    zones = tuple(replace(zone, name=text, kind=text) for zone in found.zones[:1])
    return replace(
        found,
        identity=replace(found.identity, subject=text, operating_state=text),
        verdict=text,
        worst_zone=text,
        sources=tuple(replace(source, name=text, beam=text) for source in found.sources),
        zones=tuple(
            replace(
                zone,
                remedies=tuple(replace(each, text=text, target=text) for each in zone.remedies),
                second_path=replace(zone.second_path, surface=text, note=text),
            )
            for zone in zones
        ),
        cameras=tuple(replace(camera, camera=text) for camera in found.cameras),
        outlines=tuple(replace(outline, name=text) for outline in found.outlines),
        warnings=(text,),
        unverified=(text,),
        limits_of_method=(text,),
        faults=tuple(
            replace(fault, name=text, what=text, zones=tuple(replace(zone, name=text) for zone in fault.zones[:1]))
            for fault in found.faults
        ),
        flicker=tuple(replace(each, lamps=(text,)) for each in found.flicker),
        document=r.Document(document_number=text, client=text, site=text, machine=text, data_sheets=text),
    )


def _fault(name: str, ratio: float) -> zr.SingleFault:
    what = "bar_left on without pause at full power" if "stuck" in name else "hood_left removed"
    zones = (
        _zone("walkway", "walkway", ((-2.0, 0.95, 1.2), (2.0, 2.1, 1.9)), ratio, _PLACE),
        _zone("seat", "seat", ((1.2, -2.2, 1.1), (2.0, -1.4, 1.4)), 0.3 * ratio, (1.31, -1.52, 1.35)),
    )
    bare = tuple(replace(zone, maps=(), remedies=()) for zone in zones)
    return zr.SingleFault(name=name, what=what, passed=ratio <= 1.0, zones=bare)


def _flicker() -> Flicker:
    return Flicker(
        lamps=("bar_left", "bar_right"),
        rate_hz=20.0,
        luminance_cd_m2=41730.0,
        saturated_red=True,
        low_risk_modulation=0.005,
        seizures=True,
        statement="20 flashes of saturated red light a second can provoke seizures",
    )


def _bar(name: str, path: str, y_m: float) -> r.Source:
    nm = np.linspace(700.0, 1000.0, 121)
    power = np.exp(-0.5 * ((nm - 850.0) / 15.0) ** 2)
    fields = {"name": name, "peak_nm": 850, "fwhm_nm": 35, "shape": "rect", "size_mm": [400, 40], "power_w": 220,
              "pulse_us": 100, "rate_hz": 20}  # fmt: skip
    return r.Source(
        path=path,
        name=name,
        shape="rect",
        position_m=(0.6, y_m, 1.37),
        direction=(-0.77, -0.5 if y_m > 0 else 0.5, -0.4),
        size_text="400 mm × 40 mm",
        peak_power_w=220.0,
        radiance_w_m2_sr=4376.8,
        beam="cone 32°, softness 0.4",
        peak_wavelength_nm=850.0,
        centroid_wavelength_nm=849.6,
        fwhm_nm=35.0,
        efficacy_lm_w=0.00012,
        wavelength_nm=nm,
        power_w_nm=power / (power.sum() * 2.5),
        pulse_s=1e-4,
        rate_hz=20.0,
        duty=0.002,
        normative=assess_fields(fields),
        normative_reason="",
    )


def _daylight() -> r.Source:
    nm = np.linspace(380.0, 780.0, 81)
    return r.Source(
        path=_DOME,
        name="hall",
        shape="dome",
        position_m=(0.0, 0.0, 0.0),
        direction=(0.0, 0.0, -1.0),
        size_text="",
        peak_power_w=0.0,
        radiance_w_m2_sr=0.31,
        beam="uniform",
        peak_wavelength_nm=460.0,
        centroid_wavelength_nm=556.0,
        fwhm_nm=300.0,
        efficacy_lm_w=204.0,
        wavelength_nm=nm,
        power_w_nm=np.full(81, 1.0 / 400.0),
        pulse_s=0.0,
        rate_hz=0.0,
        duty=1.0,
        normative=None,
        normative_reason="daylight has no distance",
    )


def _zone(name: str, kind: str, box: tuple[zr.Vec3, zr.Vec3], ratio: float, place: zr.Vec3) -> zr.Zone:
    kinds = (("single pulse", 1e-4, 0.0371), ("pulses within 0.25 s", 0.25, 0.2183), ("time average", 30000.0, 1.0))
    cases = tuple(_case(case, duration_s, ratio * share, place) for case, duration_s, share in kinds)
    x, y = np.linspace(box[0][0], box[1][0], 41), np.linspace(box[0][1], box[1][1], 25)
    away = np.hypot(*np.meshgrid(x - place[0], y - place[1]))
    maps = tuple(
        zr.RatioMap(z_m=z, origin_m=(float(x[0]), float(y[0])), spacing_m=(float(x[1] - x[0]), float(y[1] - y[0])),
                   ratio=ratio * height / (1.0 + (away / 0.35) ** 2))
        for z, height in ((1.2, 0.42), (1.55, 0.98), (1.9, 0.61))
    )  # fmt: skip
    return zr.Zone(
        name=name,
        kind=kind,
        box_m=box,
        eyes_m=box,
        gaze="worst",
        duration_s=30000.0,
        passed=ratio <= 1.0,
        worst_ratio=ratio,
        worst_hazard="ir-eye",
        worst_case="time average",
        worst_position_m=place,
        worst_gaze=(-0.3, -0.94, -0.16),
        culprit=_BAR,
        t_max_s=312.7 if ratio > 1.0 else math.inf,
        hazard_distance_m=1.837 if ratio > 1.0 else 0.0,
        cases=cases,
        second_path=zr.SecondPath(
            considered=True, ratio=0.0173, hazard="ir-eye", position_m=(0.2, 1.1, 1.5), gaze=(0.1, -0.9, -0.4),
            surface="/World/Items/tote_3/film", lamp=_BAR, reflectance=0.043, note="one reflection alone"),
        maps=maps,
        convergence=zr.Convergence(positions=1430, steps=6, last_change=0.0043, tolerance=0.01, converged=True,
                                  rays_per_lamp=1024, sampling=0.0061, statement="grid of 0.1 m, then refined"),
        remedies=_remedies(ratio) if ratio > 1.0 else (),
    )  # fmt: skip


def _case(name: str, duration_s: float, ratio: float, place: zr.Vec3) -> zr.CaseOutcome:
    rows = []
    for k, (hazard, symbol) in enumerate(zip(HAZARDS, _SYMBOLS, strict=True)):
        bound = limit(hazard, "iec62471-2006", duration_s, 0.05 if hazard.startswith("retinal") else None)
        applies = bound.applicable and hazard in ("retinal-thermal", "retinal-thermal-weak", "ir-eye", "skin-thermal")
        part = ratio * 0.37 ** abs(k - 6) if applies else 0.0
        rows.append(
            zr.HazardResult(
                hazard=hazard,
                symbol=symbol,
                applicable=applies,
                level=part * (bound.limit or 0.0),
                unit=bound.unit,
                limit=bound.limit if applies and bound.limit else math.inf,
                ratio=part,
                t_max_s=duration_s / part if part > 1.0 else math.inf,
                alpha_rad=0.0517 if "thermal" in hazard and "skin" not in hazard else 0.0,
                averaging_angle_rad=bound.averaging_angle_rad or 0.0,
                clause=bound.clause,
                evidence=bound.evidence,
                averaging_evidence=bound.averaging_evidence,
                position_m=place,
                gaze=(-0.3, -0.94, -0.16),
                culprit=_BAR if applies else "",
                lamps=(zr.LampShare(path=_BAR, name="bar_left", share=0.913),
                       zr.LampShare(path="/World/Lights/bar_right", name="bar_right", share=0.087)) if applies else (),
                reason=bound.reason if applies else bound.reason or "the spectrum has no power in the hazard's range",
            )
        )  # fmt: skip
    worst = max(rows, key=lambda row: row.ratio)
    return zr.CaseOutcome(
        name=name, duration_s=duration_s, worst_hazard=worst.hazard, worst_ratio=worst.ratio, hazards=tuple(rows)
    )


def _remedies(ratio: float) -> tuple[zr.Remedy, ...]:
    lines = (
        ("power", _BAR, "dim bar_left to 31 % of its power", 0.31, "", 0.991, True),
        ("duty", _BAR, "pulse bar_left at 6.2 Hz instead of 20 Hz", 0.31, "", 0.991, True),
        ("distance", "walkway", "keep eyes 1.84 m from bar_left", 1.837, "m", 0.998, False),
        ("baffle", "/World/Baffles/hood_left", "extend the right edge of hood_left by 0.46 m", 0.46, "m", 0.213, False),
        ("duration", "walkway", "limit the stay in walkway to 5 min 12 s", 312.7, "s", 1.0, True),
    )
    return tuple(
        zr.Remedy(kind=kind, target=target, text=text, value=value, unit=unit, ratio_before=ratio, ratio_after=after,
                 exact=exact)
        for kind, target, text, value, unit, after, exact in lines
    )  # fmt: skip


def _camera() -> r.CameraMap:
    x, y = np.meshgrid(np.linspace(-1, 1, 80), np.linspace(-0.75, 0.75, 60))
    ratio = 2.2 / (1.0 + 9.0 * ((x - 0.3) ** 2 + (y + 0.1) ** 2))
    return r.CameraMap(camera="top", hazard="ir-eye", max_ratio=2.19, at_px=(416, 208), pixels_per_cell=8, ratio=ratio)


def _distribution(worst: float) -> r.Distribution:
    ratios = [worst * (0.35 + 0.65 * ((37 * k) % 200 / 199.0) ** 2) for k in range(200)]
    samples = tuple(
        r.SampleRatio(key=f"train-{k:08d}", ratio=ratio, hazard="ir-eye", zone="walkway", refined=ratio > 0.8 * worst)
        for k, ratio in enumerate(ratios)
    )
    quantiles = dict(
        zip(("min", "p05", "p50", "p95", "max"), np.quantile(ratios, (0, 0.05, 0.5, 0.95, 1)).tolist(), strict=True)
    )
    return r.Distribution(samples=samples, quantiles=quantiles, over=sum(ratio > 1.0 for ratio in ratios), failed=3,
                          worst_key="train-00000137", replay="synthgen shot scan_tunnel.yaml -i 137 -o worst.usda",
                          statement="the next sample is above the worst with 0.5 % chance")  # fmt: skip


def _budget() -> r.Budget:
    lines = tuple(
        r.Uncertainty(name=name, relative=value, basis=basis, evidence=code)
        for name, value, basis, code in (
            ("spectrum", 0.03, "2 to 5 % of spectral data", "B"),
            ("intensity", 0.07, "5 to 10 % of a lamp's flux", "B"),
            ("geometry", 0.02, "10 mm at 0.5 m", "D"),
            ("sampling", 0.0061, "a quarter of the rays", "A"),
        )
    )
    expanded = 2.0 * math.sqrt(sum(line.relative**2 for line in lines))
    return r.Budget(lines=lines, coverage_factor=2.0, expanded=expanded)
