"""The record of an assessment as JSON."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from synthgen.safety import record
from tests.safety_scenes import assessed, disk, sight, zone


@pytest.fixture(scope="module")
def found() -> record.SceneAssessment:
    """Return the assessment of one lamp over one walkway, passing."""
    where = zone((-0.5, 0.0, 1.2), (0.5, 0.0, 1.9))
    return assessed(sight([], [disk(radiance=1e4)]), [where], maps=True, normative=True)


def test_json_holds_every_number_and_no_number_without_end(found: record.SceneAssessment) -> None:
    data = json.loads(found.text())
    (kept,) = data["zones"]
    assert data["passed"] is True and data["question"]["edition"] == "iec62471-2006"
    assert kept["worst_ratio"] == found.zones[0].worst_ratio
    uv = next(row for row in kept["cases"][0]["hazards"] if row["hazard"] == "actinic-uv")
    assert uv["applicable"] is False and uv["limit"] is None and uv["t_max_s"] is None and uv["reason"]
    assert data["decision_rule"] == record.DECISION_RULES["simple"]
    assert data["sources"][0]["normative"]["risk_group"]


def test_maps_are_lists_of_rows_to_six_digits(found: record.SceneAssessment) -> None:
    rows = np.array(json.loads(found.text())["zones"][0]["maps"][-1]["ratio"])
    assert rows.shape == found.zones[0].maps[-1].ratio.shape
    np.testing.assert_allclose(rows, found.zones[0].maps[-1].ratio, rtol=1e-5)


def test_the_hash_is_that_of_the_text_and_changes_with_it(found: record.SceneAssessment) -> None:
    again = assessed(sight([], [disk(radiance=1.01e4)]), [zone((-0.5, 0.0, 1.2), (0.5, 0.0, 1.9))], maps=True)
    assert len(found.sha256()) == 64 and found.sha256() != again.sha256()
    assert found.identity.stage_sha256 != again.identity.stage_sha256


def test_a_zone_is_found_by_name(found: record.SceneAssessment) -> None:
    assert found.zone("walk") is found.zones[0]


def test_plain_takes_what_a_record_holds() -> None:
    assert record.plain({"a": (1, np.float64(2.5)), "b": np.array([[1.0, math.inf]]), "c": np.int64(3)}) == {
        "a": [1, 2.5],
        "b": [[1.0, None]],
        "c": 3,
    }
