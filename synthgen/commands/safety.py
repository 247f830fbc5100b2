"""`synthgen safety`: a scene, a recipe or a data set; `limit|lamp|laser`: limits, a lamp or a laser on its own."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Parameter

from synthgen.commands import flags
from synthgen.commands.outputs import REPORT
from synthgen.commands.safety_flags import NO_DOCUMENT, NO_FIELDS, DocumentFlags, LampFlags, LaserFlags
from synthgen.errors import CheckFailed, InputError, UsageError

if TYPE_CHECKING:
    from synthgen.photobiology.lamp_assessment import Assessment
    from synthgen.photobiology.laser import Classification, Laser
    from synthgen.safety.record import SceneAssessment
    from synthgen.safety.zone_record import SingleFault

Edition = Annotated[str, Parameter(help="iec62471-2006, icnirp-2013 or eu-2006-25.")]
DurationS = Annotated[
    float, flags.number(0, flags.LONGEST_S, "How long the exposure lasts [s]; a working day is 30000.")
]
_OUT = "The report: a .html, .pdf (needs synthgen[report]) or .json file."

safety = App(
    name="safety",
    help="Eye safety: scenes and lamps (IEC 62471), exposure limits, lasers (IEC 60825-1).\n\n"
    "Example: `synthgen safety scan_tunnel -n 200 -o safety.html`",
)


@safety.default
def scene(
    subject: Annotated[str, Parameter(help="A USD file, a recipe (file or shipped name), or a data set's folder.")],
    *,
    out: Annotated[Path | None, flags.output(_OUT, endings=(".html", ".pdf", ".json"), needs=REPORT)] = None,
    shots: Annotated[int | None, flags.shots(flags.MOST_SHOTS)] = None,
    hazard: Annotated[str | None, Parameter(help="The one hazard of the verdict; default what is stated.")] = None,
    edition: Annotated[str | None, Parameter(help="Edition of the limits, instead of the stated one.")] = None,
    duration_s: Annotated[
        float | None, flags.number(0, flags.LONGEST_S, "Length of a stay, instead of what each zone states [s].")
    ] = None,
    max_ratio: Annotated[
        float | None, flags.number(0, flags.MOST_RATIO, "Level over limit that is allowed; a larger one exits 5.")
    ] = None,
    decision_rule: Annotated[Literal["simple", "guarded"], Parameter(help="guarded adds the uncertainty.")] = "simple",
    document: DocumentFlags = NO_DOCUMENT,
    split: flags.Split = "",
    seed: flags.Seed = None,
    overrides: flags.Set = [],  # noqa: B006
    device: flags.Device = "auto",
    progress: flags.ProgressMode = "auto",
    json: flags.Json = False,
) -> None:
    """Judge exposure where eyes can be: the zones of a stage, or of a recipe's or data set's worst shot.

    Example: `synthgen safety scan_tunnel -n 200 -o safety.html`

    Exits 5 when a zone exceeds the allowed ratio, also with a single fault that the recipe names; the report is
    written all the same.
    """
    from synthgen.inspection import safety_survey
    from synthgen.progress import counting
    from synthgen.safety import report
    from synthgen.safety.record import Document

    asked = safety_survey.Asked(
        hazard=hazard,
        edition=edition,
        duration_s=duration_s,
        max_ratio=max_ratio,
        decision_rule=decision_rule,
        document=Document(**asdict(document)),
    )
    here, path = flags.device_here(device), Path(subject)
    with counting(progress, sys.stderr, "shots") as tell:
        if path.suffix.lower() in (".usd", ".usda", ".usdc", ".usdz"):
            found = safety_survey.of_stage(path, here, asked)
        elif "://" in subject or path.is_dir():
            found = safety_survey.of_dataset(subject, shots, here, asked, progress=tell)
        else:
            loaded = flags.load(subject, seed, overrides)
            part, name = flags.split_of(loaded, split), path.stem
            found = safety_survey.of_recipe(loaded, part, shots or 1, here, asked, name=name, progress=tell)
    flags.warn_all(found.warnings)
    if out is not None:
        report.write(found, out)
    if json:
        flags.data_object(found.to_json())
    else:
        flags.data(_scene_text(found))
    if not found.passed:
        raise CheckFailed(found.verdict)


@safety.command
def limit(
    *,
    hazard: Annotated[str, Parameter(help="actinic-uv, uva, blue-light, retinal-thermal, ir-eye, ...")],
    edition: Edition = "iec62471-2006",
    duration_s: DurationS,
    alpha_rad: Annotated[
        float | None, flags.number(0, 6.2831853072, "Measured subtense of the source, before clipping.")
    ] = None,
    wavelength_nm: Annotated[float | None, flags.number(100, 1e6, "Report the weight at this wavelength.")] = None,
    json: flags.Json = False,
) -> None:
    """Print the exposure limit of one hazard: the constant weighted level allowed for a duration.

    Example: `synthgen safety limit --hazard blue-light --duration-s 100`
    """
    from synthgen.photobiology import limits

    found = limits.limit(hazard, edition, duration_s, alpha_rad, wavelength_nm)
    if json:
        flags.data_object(found.to_json())
        return
    level = f"{found.limit:.6g} {found.unit}" if found.limit is not None else f"none ({found.reason})"
    flags.data(f"{hazard}, {duration_s:g} s: {level} [{found.clause}; evidence {found.evidence}]")


@safety.command
def lamp(
    file: Annotated[Path | None, Parameter(help="LAMP.yaml; flags win over what it says.")] = None,
    *,
    fields: LampFlags = NO_FIELDS,
    edition: Edition = "iec62471-2006",
    duration_s: DurationS = 30000.0,
    distance_m: Annotated[
        float | None, flags.number(0, 1e9, "Distance of the eye, instead of the normative one [m].")
    ] = None,
    max_group: Annotated[str, Parameter(help="Exempt, RG1 or RG2: a higher risk group exits 5.")] = "",
    max_ratio: Annotated[float | None, flags.number(0, flags.MOST_RATIO, "A larger level over limit exits 5.")] = None,
    json: flags.Json = False,
) -> None:
    """Judge a lamp on its own, or levels measured at it: every hazard, its limit, risk group and hazard distance.

    Example: `synthgen safety lamp --peak-nm 850 --fwhm-nm 35 --size-m 0.001 --power-w 1 --pulse-s 1e-4 --rate-hz 30`

    Exits 5 above --max-group or --max-ratio.
    """
    from synthgen.photobiology import lamp_fields, risk_groups

    if max_group and max_group not in risk_groups.GROUPS:
        raise UsageError(f"--max-group {max_group}: write one of {', '.join(risk_groups.GROUPS)}")
    given = {key: _one(value) for key, value in asdict(fields).items() if value not in (None, False)}
    found = lamp_fields.assess_fields(
        {**_document(file), **given},
        edition=edition,
        duration_s=duration_s,
        distance_m=distance_m,
        folder=file.parent if file else Path(),
    )
    if json:
        flags.data_object(found.to_json())
    else:
        flags.data(_lamp_text(found))
    if max_group and risk_groups.GROUPS.index(found.risk_group or "RG3") > risk_groups.GROUPS.index(max_group):
        raise CheckFailed(f"{found.name}: {found.risk_group or 'no risk group in this edition'}, above {max_group}")
    if max_ratio is not None and found.worst_ratio > max_ratio:
        raise CheckFailed(
            f"{found.name}: {found.worst_hazard} is {found.worst_ratio:.3g} x its limit, above {max_ratio:g}"
        )


@safety.command
def laser(
    fields: LaserFlags,
    *,
    max_class: Annotated[str, Parameter(help="1, 1M, 2, 2M, 3R or 3B: a higher class exits 5.")] = "",
    json: flags.Json = False,
) -> None:
    """Classify a laser by IEC 60825-1:2014 (400 to 1400 nm): a spot, a line or a scanned line.

    Example: `synthgen safety laser --wavelength-nm 660 --power-w 0.014 --fan-rad 1`

    Exits 5 above --max-class.
    """
    from synthgen.photobiology import laser as lasers

    if max_class and max_class not in lasers.CLASSES:
        raise UsageError(f"--max-class {max_class}: write one of {', '.join(lasers.CLASSES)}")
    found = lasers.classify(_laser(fields))
    if json:
        flags.data_object(found.to_json())
    else:
        flags.data(_laser_text(found))
    if max_class and lasers.CLASSES.index(found.laser_class) > lasers.CLASSES.index(max_class):
        raise CheckFailed(f"class {found.laser_class}, above {max_class}")


def _scene_text(found: SceneAssessment) -> str:
    lines = [found.verdict]
    for zone in found.zones:
        x, y, z = zone.worst_position_m
        lines.append(
            f"{zone.name}: {'passes' if zone.passed else 'FAILS'}, worst ratio {zone.worst_ratio:.4g} "
            f"({zone.worst_hazard or 'no hazard'}, {zone.worst_case}) at ({x:.2f}, {y:.2f}, {z:.2f}) m, "
            f"by {zone.culprit or 'no lamp'}"
        )
        stay = "without end" if zone.t_max_s == float("inf") else f"{zone.t_max_s:.4g} s"
        lines.append(f"  allowed {stay}; limits kept from {zone.hazard_distance_m:.4g} m on")
        lines.append(f"  {zone.convergence.statement}")
        if zone.second_path.ratio > 0.0:
            lines.append(f"  in a mirror: {zone.second_path.ratio:.4g} by {zone.second_path.surface}")
        lines += [f"  remedy: {each.text} Ratio then {each.ratio_after:.4g}." for each in zone.remedies]
    lines += [_fault_text(fault) for fault in found.faults] or ["single faults: none was judged"]
    lines += [f"flashing light: {each.statement}" for each in found.flicker]
    if found.distribution is not None:
        lines += [found.distribution.statement, f"worst: {found.distribution.worst_key}; {found.distribution.replay}"]
    return "\n".join([*lines, *(f"unverified: {text}" for text in found.unverified), *found.limits_of_method])


def _fault_text(fault: SingleFault) -> str:
    worst = fault.worst
    verdict = "passes" if fault.passed else "FAILS"
    where = f"{worst.worst_ratio:.4g} in {worst.name} ({worst.worst_hazard or 'no hazard'}, {worst.worst_case})"
    return f"single fault {fault.name}: {verdict}, worst ratio {where}; {fault.what}"


def _laser(fields: LaserFlags) -> Laser:
    from synthgen.photobiology import laser_beam
    from synthgen.photobiology.duty_cycle import Drive
    from synthgen.photobiology.laser import Laser

    if fields.fan_rad is not None and fields.scan_rad is not None:
        raise InputError("laser: fan_rad and scan_rad both given; a beam is a standing line or a scanned spot")
    beam: Any
    if fields.fan_rad is not None:
        beam = laser_beam.Line(
            fan_rad=fields.fan_rad, thickness_m=fields.thickness_m, divergence_rad=fields.divergence_rad
        )
    else:
        beam = laser_beam.Spot(diameter_m=fields.diameter_m, divergence_rad=fields.divergence_rad)
        if fields.scan_rad is not None:
            beam = laser_beam.scanned(beam, fields.scan_rad, fields.lines_per_s)
    return Laser(
        wavelength_nm=fields.wavelength_nm,
        power_w=fields.power_w,
        beam=beam,
        drive=Drive(fields.pulse_s, fields.rate_hz),
        source_m=fields.source_m,
        long_term=fields.long_term,
    )


def _document(file: Path | None) -> dict[str, Any]:
    """Return the mapping of a LAMP.yaml."""
    if file is None:
        return {}
    from synthgen.recipe.yaml_lines import YamlError, parse

    try:
        document = parse(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as fault:
        raise InputError(f"{file}: cannot be read ({fault}); give a YAML file of lamp fields") from fault
    except YamlError as fault:
        raise InputError(f"{file}:{fault.line}: {fault}") from fault
    if document.faults:
        raise InputError(f"{document.faults[0].text(str(file))}")
    if not isinstance(document.data, dict):
        raise InputError(f"{file}: write one mapping of lamp fields, such as `power_w: 10`")
    return document.data


def _one(value: Any) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _lamp_text(found: Assessment) -> str:
    where = f"at {found.distance_m:.4g} m, {found.distance_reason}" if found.distance_m else found.distance_reason
    lines = [f"{found.name}: {found.risk_group or found.edition} ({found.risk_group_reason})", where]
    for case in found.cases:
        lines.append(f"{case.name}, {case.duration_s:g} s:")
        for row in case.hazards:
            if not row.applicable or row.level is None or row.limit is None:
                lines.append(f"  {row.hazard:21} not applicable: {row.reason}")
                continue
            lasts = "without end" if row.t_max_s == float("inf") else f"{row.t_max_s:.4g} s"
            lines.append(
                f"  {row.hazard:21} {row.symbol} = {row.level:.4g} {row.unit}, limit {row.limit:.4g}, "
                f"ratio {row.ratio:.4g}, allowed {lasts} [{row.clause}]"
            )
    for hazard, distance_m in found.exposure_distances_m.items():
        lines.append(f"hazard distance {hazard}: {f'{distance_m:.4g} m' if distance_m else 'none'}")
    lines += [f"label: {found.label}"] if found.label else []
    return "\n".join([*lines, *(f"unverified: {text}" for text in found.unverified), *found.notes])


def _laser_text(found: Classification) -> str:
    lines = [f"class {found.laser_class}, NOHD {found.nohd_m:.4g} m (MPE for {found.nohd_time_s:g} s)"]
    lines += [f"class with the scan stopped: {found.scan_fail_class}"] if found.scan_fail_class else []
    for check in found.checks:
        worst = max(check.criteria, key=lambda each: each.ratio)
        lines.append(
            f"  class {check.laser_class:2} {check.condition}: {worst.energy_j:.4g} J of {worst.limit_j:.4g} J, "
            f"ratio {check.ratio:.4g} ({worst.name}, {worst.kind}, at {check.distance_m:.3g} m)"
        )
    return "\n".join([*lines, *found.notes])
