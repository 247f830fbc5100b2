"""What eyes meet in the zones of the shots of a contact sheet, beside the maxima of their hazard maps."""

from __future__ import annotations

from synthgen.dataset.sample import Sample
from synthgen.errors import InputError
from synthgen.inspection import safety_survey
from synthgen.pipeline import SampleRenderer
from synthgen.reporting.contact_sheet import shot_of
from synthgen.reporting.eye_hazard import ZoneLevel
from synthgen.world.shot import Shot


def of_shot(renderer: SampleRenderer, samples: list[Sample]) -> dict[str, ZoneLevel]:
    """Return {shot: the largest level in its zones} of the samples of one shot, on a coarse grid of eyes.

    {} where the recipe asks for no hazard map, and where the zones cannot be judged (`synthgen safety` says why).
    """
    if not samples or "hazard" not in renderer.recipe.outputs:
        return {}
    shot = Shot.from_json(samples[0].shot_json)
    try:
        found = safety_survey.look(renderer, shot, safety_survey.Asked(), refined=False)
    except InputError:
        return {}
    level = ZoneLevel(ratio=found.ratio, zone=found.zone, hazard=found.hazard, allowed=shot.safety.max_ratio)
    return {shot_of(samples[0].key): level}
