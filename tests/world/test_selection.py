"""`on:` has one meaning wherever it stands: a group, a name of it, or a pattern of names."""

from __future__ import annotations

from dataclasses import replace

import pytest

from synthgen import recipe, shelves
from synthgen.errors import InputError, RecipeError
from synthgen.planning import plan
from synthgen.world.selection import select

LIGHTS = {"key": 1, "bar_b": 2, "bar_a": 3}


@pytest.mark.parametrize(
    ("on", "names"),
    [("lights", ["bar_a", "bar_b", "key"]), ("lights.key", ["key"]), ("lights.bar_?", ["bar_a", "bar_b"])],
)
def test_a_group_a_name_and_a_pattern(on, names):
    assert list(select(LIGHTS, "lights", on)) == names


@pytest.mark.parametrize("on", ["cameras", "lights.kay", "lights.x*", "", "items.key"])
def test_what_selects_nothing_is_refused_with_what_there_is(on):
    with pytest.raises(InputError, match=r"write one of lights, lights\.bar_a, lights\.bar_b, lights\.key"):
        select(LIGHTS, "lights", on)


def test_items_come_and_go():
    assert select({}, "items", "items.parcel_2") == {}


@pytest.mark.parametrize(
    ("entry", "changed"),
    [
        ("bar_lights: {on: lights.bar_left_*, peak_power_w: 7}", {"bar_left_front", "bar_left_back"}),
        ("lamp_failures: {on: 'lights.bar_*_front', share: 1.0, remaining: 0.0}",
         {"bar_top_front", "bar_left_front", "bar_right_front"}),
    ],
)  # fmt: skip
def test_a_pattern_reaches_the_same_lamps_in_check_and_in_the_shot(tmp_path, entry, changed):
    plain = (shelves.path("recipes") / "scan_tunnel.yaml").read_text()
    head = plain[: plain.index("randomize:")] + plain[plain.index("safety:") :]
    path = tmp_path / "r.yaml"
    path.write_text(head)
    before = plan.shot(recipe.load(path), "train", 0)
    path.write_text(head + f"randomize: [{{{entry}}}]\n")
    after = plan.shot(recipe.load(path), "train", 0)
    assert {name for name in before.lights if before.lights[name] != after.lights[name]} == changed
    assert replace(after, lights=before.lights) == before


def test_labels_on_lights_are_refused(tmp_path):
    path = tmp_path / "r.yaml"
    path.write_text("version: 1\nscene: {warehouse: bench}\nrandomize: [bench_objects, carton_labels: {on: lights}]\n")
    with pytest.raises(RecipeError, match="on: found 'lights'; write one of items"):
        plan.shot(recipe.load(path), "train", 0)
