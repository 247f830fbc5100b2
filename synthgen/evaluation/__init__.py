"""What a detector is worth on a data set, and under which conditions it fails.

    truth = evaluate.collect(row.record for row in dataset.rows("val"))
    verdict = evaluate.judge(truth, evaluate.load(Path("results.json"), truth))

truth, results   what there is to find, and what was found, as columns
overlap          intersection over union of boxes and of convex quads
matching         who takes what, as COCO does it
precision        curves and their average, as COCO does it
conditions, corners    recall by module size, tilt, ...; distances of corners
judge            all of these together: the rules are stated there
tell             the verdict as a plain object and as text
page             the same as one HTML file; charts and pictures draw for it
"""

from __future__ import annotations

from synthgen.evaluation.compare import FORMS, Verdict, judge
from synthgen.evaluation.ground_truth import LEAST_VISIBLE, Truth, collect
from synthgen.evaluation.results import Detections, load, parse

__all__ = ["FORMS", "LEAST_VISIBLE", "Detections", "Truth", "Verdict", "collect", "judge", "load", "parse"]
