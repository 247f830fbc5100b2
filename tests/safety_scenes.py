"""Small worlds that the tests of scene safety share."""

from __future__ import annotations

from typing import Any

import numpy as np

from synthgen.rendering import ray_tracers
from synthgen.safety import record, zone_record
from synthgen.safety.scene import assess, mirror, zones
from synthgen.safety.scene.lamps import Lamps
from synthgen.safety.scene.sight import Sight
from synthgen.world import scene_description, spectra
from tests.scenes import description, facing, lamp, tables_of

NIR = spectra.led(850, 35)
IEC = "iec62471-2006"
NOBODY = record.Identity(
    subject="test",
    kind="stage",
    sample="",
    operating_state="",
    stage_sha256="",
    recipe_sha256="",
    code_version="",
    software="",
)


def sight(instances: Any = (), lights: Any = (), tracer: str = "embree") -> Sight:
    """Return what answers rays in a world."""
    tables = tables_of(description(instances, lights))
    return Sight(tables, ray_tracers.of(tables, tracer))


def disk(height_m: float = 3.0, radius_m: float = 0.05, radiance: float = 2e5, **more: Any) -> scene_description.Light:
    """Return a Lambertian infrared disk that shines straight down from above the origin."""
    numbers = {"shape": "disk", "radius_m": radius_m, "strength": radiance, "spectrum": NIR} | more
    return lamp(facing((0.0, 0.0, height_m), (0.0, 0.0, 0.0)), "/World/Lights/disk", **numbers)


def zone(low: tuple[float, float, float], high: tuple[float, float, float], **more: Any) -> scene_description.EyeZone:
    """Return a walkway of 100 s."""
    numbers = {"path": "/World/EyeZones/walk", "name": "walk", "duration_s": 100.0} | more
    return scene_description.EyeZone(box_m=(low, high), **numbers)


def judged(
    view: Sight, where: scene_description.EyeZone, *, maps: bool = False, edition: str = IEC, **more: Any
) -> zone_record.Zone:
    """Return a zone's result."""
    job = zones.Job(view, Lamps(view.lights, edition), where, **more)
    return zones.judge(job, mirror.planes_of(view.tables.worlds[0]), maps=maps)


def assessed(view: Sight, where: list[scene_description.EyeZone], **more: Any) -> record.SceneAssessment:
    """Return a whole assessment, without normative verdicts unless asked for."""
    numbers = {"hazard": "worst", "edition": IEC, "duration_s": 100.0, "max_ratio": 1.0, "decision_rule": "simple"}
    options = {"maps": False, "normative": False}
    options |= {name: more.pop(name) for name in ("maps", "normative", "remedy") if name in more}
    return assess.assess(view, where, record.Question(**(numbers | more)), NOBODY, **options)


def row(found: zone_record.Zone, hazard: str, case: int = -1) -> zone_record.HazardResult:
    """Return one hazard of one case, the last by default."""
    return next(each for each in found.cases[case].hazards if each.hazard == hazard)


def near(place_m: tuple[float, float, float], expected: tuple[float, float, float], within_m: float) -> bool:
    """Return whether a place is where it is expected."""
    return float(np.linalg.norm(np.subtract(place_m, expected))) <= within_m
