"""A cheap look at one shot of many: fixed places, few rays, no refinement; and the closer look at those that matter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from synthgen.photobiology.editions import HAZARDS
from synthgen.safety import record
from synthgen.safety.scene.lamps import Lamps
from synthgen.safety.scene.search import Searcher, closely, largest_at
from synthgen.safety.scene.sight import Sight
from synthgen.safety.scene.zones import Job
from synthgen.world import scene_description

_GRID = (5, 4, 2)
_CLOSER = 3  # places of the grid that are judged with all rays


@dataclass(frozen=True, kw_only=True)
class Worst:
    """The largest ratio in any zone."""

    ratio: float = 0.0
    hazard: str = ""
    zone: str = ""


def worst_of(
    sight: Sight, where: Sequence[scene_description.EyeZone], question: record.Question, refined: bool = False
) -> Worst:
    """Return the worst ratio of a world: on a coarse grid that is the same for every shot, or where a search ends.

    Raises:
        InputError: a zone or a lamp that cannot be judged.
    """
    lamps, found = Lamps(sight.lights, question.edition), Worst()
    for zone in where:
        searcher = Job(sight, lamps, zone, question.hazard, question.max_ratio).searcher
        if refined:
            searcher.run()
        else:
            _look_coarsely(searcher, question.hazard)
        for (_, h), place in searcher.worst.items():
            if question.hazard in ("worst", HAZARDS[h]) and place.ratio > found.ratio:
                found = Worst(ratio=place.ratio, hazard=HAZARDS[h], zone=zone.name)
    return found


def _look_coarsely(searcher: Searcher, hazard: str) -> None:
    """Judge a grid by few rays, and its worst places anew by all: few rays see a lamp through a gap wrongly."""
    eyes_m = searcher.allowed(np.concatenate([searcher.grid(_GRID), searcher.before_lamps()]))
    seen = largest_at(searcher.sight, searcher.lamps, searcher.exposures, eyes_m, searcher.gaze, hazard)
    worst = sorted((k for k, (ratio, _) in enumerate(seen) if ratio > 0.0), key=lambda k: (-seen[k][0], k))[:_CLOSER]
    if worst:
        searcher.try_all(eyes_m[worst], closely(searcher.lamps, searcher.exposures))
