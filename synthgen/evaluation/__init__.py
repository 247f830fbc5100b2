"""What a detector is worth on a data set, and under which conditions it fails.

    truth = evaluation.collect(row.record for row in dataset.rows("val"))
    verdict = evaluation.judge(truth, evaluation.load(Path("results.json"), truth))

ground_truth, results   the codes of a split, and the detections, as columns
overlap          intersection over union of boxes and of convex quads; areas of polygons
matching         which detection takes which code, as COCO matches them
precision        curves and their average, as COCO does it
conditions, corners    recall by module size, tilt, ...; distances of corners
compare          all of these together: the rules are stated there
format           the verdict as a plain object and as text
html             the same as one HTML file; charts and pictures draw for it
"""

from __future__ import annotations

from synthgen.evaluation.compare import FORMS, Verdict, judge
from synthgen.evaluation.ground_truth import LEAST_VISIBLE, Truth, collect
from synthgen.evaluation.results import Detections, load, parse

__all__ = ["FORMS", "LEAST_VISIBLE", "Detections", "Truth", "Verdict", "collect", "judge", "load", "parse"]
