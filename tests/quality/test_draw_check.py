"""Asked for against drawn: nothing is bent where nothing is rejected by value, and it shows where something is."""

from dataclasses import replace

import numpy as np
import pytest

from synthgen import recipe
from synthgen.planning import plan
from synthgen.quality import draw_check, parameter_charts
from synthgen.reporting.intervals import chance_gap

SHOTS = 120


def _recipe(*overrides: str) -> recipe.Recipe:
    return recipe.load("bench_card", overrides)


def _module(low: float, high: float) -> str:
    code = f"{{symbology: code128, payload: SYNTHGEN-0001, module_mm: {{uniform: [{low}, {high}]}}, height_mm: 20}}"
    return f"items.card.labels.main.codes=[{code}]"


def _drawn(loaded: recipe.Recipe, count: int = SHOTS) -> draw_check.Drawn:
    return draw_check.drawn(loaded, [plan.shot(loaded, "train", index) for index in range(count)])


def _of(found: draw_check.Drawn, path: str) -> draw_check.Parameter:
    return next(each for each in found.parameters if each.path == path)


def test_a_recipe_without_chance_has_no_parameter():
    found = _drawn(_recipe(), 3)
    assert (found.shots, found.same, found.attempts, found.acceptance, found.parameters) == (3, 3, 3, 1.0, ())


def test_what_nothing_rejects_comes_out_as_asked_for():
    loaded = _recipe("items.card.yaw_deg={normal: {mean: 0, std: 10, min: -20, max: 20}}", _module(0.3, 0.5))
    found = _drawn(loaded)
    assert (found.shots, found.same, found.attempts) == (SHOTS, SHOTS, SHOTS)
    assert [each.path for each in found.parameters] == ["items.card.labels.main.codes.0.module_m", "items.card.yaw_rad"]
    for each in found.parameters:
        assert len(each.accepted) == SHOTS and not len(each.rejected)
        assert each.gap < chance_gap(SHOTS, 0.001)


def test_the_draws_are_those_of_the_shots():
    loaded = _recipe(_module(0.3, 0.5))
    shots = [plan.shot(loaded, "train", index) for index in range(5)]
    found = _of(draw_check.drawn(loaded, shots), "items.card.labels.main.codes.0.module_m")
    assert found.values() == [shot.items["card"].labels[0].codes[0].module_m for shot in shots]
    assert parameter_charts.asked(found) == "uniform, 0.3 to 0.5 mm"


def test_rejecting_by_value_bends_the_distribution_and_shows():
    found = _drawn(_recipe(_module(0.4, 0.7)))  # the widest codes do not fit on the label
    module = _of(found, "items.card.labels.main.codes.0.module_m")
    assert found.same == found.shots and found.attempts > 1.2 * found.shots
    assert set(found.causes) == {"code_too_large"}
    assert sum(found.causes.values()) == len(module.rejected) == found.attempts - found.shots
    assert min(module.rejected) > max(module.accepted)
    assert module.gap > chance_gap(SHOTS, 1e-4)
    every = np.concatenate([module.accepted, module.rejected])
    assert draw_check.uniform_gap(every) < chance_gap(len(every), 1e-3)


def test_an_attempt_that_was_built_and_not_kept_was_unsafe():
    loaded = _recipe(_module(0.3, 0.5))
    stored = plan.try_once(loaded, "train", 0, 2)
    found = draw_check.drawn(loaded, [stored])
    assert (found.same, found.attempts, dict(found.causes)) == (1, 3, {"safety": 2})


def test_a_shot_of_another_version_is_not_the_same():
    loaded = _recipe(_module(0.3, 0.5))
    other = replace(plan.shot(loaded, "train", 0), notes={"by": "another"})
    assert draw_check.drawn(loaded, [other]).same == 0


def test_looking_changes_nothing_and_defaults_of_randomizers_are_seen():
    loaded = recipe.load("scan_tunnel")
    heard: list[tuple[str, float]] = []
    wanted: dict = {}
    watching = draw_check.watched(loaded, lambda path, share: heard.append((path, share)), wanted)
    for index in range(3):
        assert plan.shot(watching, "val", index) == plan.shot(loaded, "val", index)
    assert "randomize.carton_labels.symbology" in wanted  # not written in the recipe: the class's own
    assert {path for path, _ in heard} <= set(wanted)
    assert all(0 <= share < 1 for _, share in heard)
    assert recipe.resolved(watching) == recipe.resolved(loaded)


@pytest.mark.parametrize("name", ["scan_tunnel", "rack_aisle", "dock_door"])
def test_every_parameter_of_the_shipped_recipes_has_words_and_a_chart(name):
    found = _drawn(recipe.load(name), 4)
    assert found.same == found.shots
    for each in found.parameters:
        assert parameter_charts.asked(each)
        drawing = parameter_charts.chart(each, 0.5)
        assert drawing is not None or not parameter_charts.is_random(each.wanted)
        if drawing is not None:
            assert drawing.asked is not None and drawing.asked.sum() == pytest.approx(1, abs=1e-9)
            assert drawing.counts.sum() == len(each.accepted)
