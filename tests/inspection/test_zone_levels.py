"""The level in the zones that a contact sheet tells beside its hazard maps: that of `synthgen safety`."""

from __future__ import annotations

from pathlib import Path

import pytest

from synthgen import pipeline, recipe
from synthgen.cli import run
from synthgen.inspection import safety_survey, zone_levels
from synthgen.reporting import contact_sheet

SMALL = ["cameras.top.roi_px=[64, 48]", "safety.zones={desk: {box_m: [[0.2, -0.3, 0.9], [0.8, 0.3, 1.2]]}}"]


@pytest.fixture(scope="module")
def renderer() -> pipeline.SampleRenderer:
    return pipeline.SampleRenderer(recipe.load("bench_card", SMALL))


def test_the_level_is_that_of_the_survey(renderer: pipeline.SampleRenderer) -> None:
    (found,) = zone_levels.of_shot(renderer, renderer.samples("train", 0)).items()
    surveyed = safety_survey.of_recipe(renderer.recipe, "train", 1, "cpu", safety_survey.Asked(), name="bench_card")
    assert found[0] == "train-00000000" and found[1].zone == "desk"
    assert found[1].ratio == pytest.approx(surveyed.zone("desk").worst_ratio, rel=0.05)


def test_without_a_hazard_map_zones_are_not_judged(renderer: pipeline.SampleRenderer) -> None:
    plain = pipeline.SampleRenderer(recipe.load("bench_card", [*SMALL, "outputs=[image]"]))
    made = plain.samples("train", 0)
    assert zone_levels.of_shot(plain, made) == {}
    assert made[0].record["safety"]["hazard"] == "" and made[0].record["safety"]["max_ratio"] == 0.0
    assert zone_levels.of_shot(renderer, []) == {}


def test_preview_tells_the_zones_on_its_sheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    real = contact_sheet.totals
    monkeypatch.setattr(contact_sheet, "totals", lambda *given: told.extend(real(*given)) or told)
    sets = [part for each in SMALL for part in ("--set", each)]
    assert run(["preview", "bench_card", "-n", "1", "-o", str(tmp_path / "sheet.png"), *sets]) == 0
    assert any("eyes in zone desk: " in fact for fact in told), told
    assert any("lamps always on" in fact for fact in told), told
