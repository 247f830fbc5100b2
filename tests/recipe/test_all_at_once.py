"""Faults do not hide each other: what is found of two is found of both together, each once."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest

from synthgen.planning import check
from synthgen.recipe import randomizers
from tests.recipe_samples import CARD, SHELF

LISTED = CARD + (
    "randomize:\n  - bar_lights\n  - carton_labels: {module_mm: 1}\n  - note\n  - baffle_tilt\n"
    "safety: {duration_s: 100}\n"
)
WRONG = {
    "an unknown randomizer": ("- note\n", "- note: {on: lights.lamp}\n"),
    "a wrong field of a randomizer": ("- bar_lights\n", "- bar_lights: {peak_nm: red}\n"),
    "an unknown field of a randomizer": ("{module_mm: 1}", "{modul_mm: 1}"),
    "a randomizer's own check": ("- baffle_tilt\n", "- carton_labels: {module_mm: 2, count: 1000}\n    as: more\n"),
    "a number of the scene": ("{warehouse: bench}", "{warehouse: bench, table_topp_m: 1}"),
    "a place in the scene that is no number": ("version: 1\n", "version: 1\nscenes: {}\n"),
    "a mount": ("mount: stand_top", "mount: stand_tpo"),
    "a wrong unit": ("exposure_us: 50", "exposure_um: 50"),
    "an impossible number": ("focal_mm: 25", "focal_mm: 1e9"),
    "a lamp without a strength": ("peak_power_w: 5, ", ""),
    "a slip in the name of a strength": ("peak_power_w: 5, ", "peak_powr_w: 5, "),
    "a slip in the name of a size": ("shape: rect, size_mm", "shape: rect, sise_mm"),
    "a payload as a number": ('"HELLO"', "0123"),
    "a label that is too large": ("[140, 90]", "[140, 190]"),
    "a wrong word of safety": ("duration_s: 100", "hazard: blue"),
    "a wrong output": ("[image, depth]", "[image, dpeth]"),
    "a version": ("version: 1\n", "version: 3\n"),
}


@pytest.fixture(autouse=True)
def shelf(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(randomizers, "shipped", lambda: SHELF)


def found(text: str, folder: Path) -> list[str]:
    """Return the faults without lines, which shift."""
    path = folder / "r.yaml"
    path.write_text(text)
    faults = check.check(path)
    assert len(faults) == len(set(faults))
    return [fault.removeprefix(str(path)).lstrip(":0123456789").lstrip() for fault in faults]


def test_each_of_them_is_one_fault(tmp_path):
    counts = {name: len(found(LISTED.replace(*change, 1), tmp_path)) for name, change in WRONG.items()}
    assert set(counts.values()) == {1}, counts


def apart(one: str, other: str) -> bool:
    """Return whether two changes are of different text, and not of one thing that draws leave out whole."""
    texts = WRONG[one][0], WRONG[other][0]
    return texts[0] not in texts[1] and texts[1] not in texts[0]


PAIRS = [pair for pair in combinations(WRONG, 2) if apart(*pair)]


@pytest.mark.parametrize("pair", PAIRS[::3], ids=" and ".join)
def test_two_of_them_are_two_faults(tmp_path, pair):
    text = LISTED
    alone = set()
    for name in pair:
        alone |= set(found(LISTED.replace(*WRONG[name], 1), tmp_path))
        text = text.replace(*WRONG[name], 1)
    both = found(text, tmp_path)
    # a label of an item is measured in draws, which leave out an item that has another fault
    if {"a payload as a number", "a label that is too large"} == set(pair):
        assert set(both) <= alone
    else:
        assert sorted(both) == sorted(alone)


def test_a_wrong_name_of_a_randomizer_hides_nothing_that_draws_find(tmp_path):
    (tmp_path / "mine.py").write_text(
        "from dataclasses import dataclass\n@dataclass(frozen=True)\nclass Bad:\n"
        "    def __call__(self, shot, rng):\n        return shot.lights['nobody']\n"
        "@dataclass(frozen=True)\nclass Worse(Bad):\n    pass\n"
    )
    text = CARD.replace("{warehouse: bench}", "{warehouse: bench, table_top_m: 0.5}").replace("lamp_left", "lamp_lft")
    text += "randomize: [nobody, ./mine.py:Bad, bar_lights: {peak_nm: {uniform: [a, 700]}}, ./mine.py:Worse]\n"
    faults = found(text, tmp_path)
    assert [fault.partition(": ")[0] for fault in faults] == [
        "lights.lamp.mount",
        "randomize.bar_lights.peak_nm",
        "randomize.nobody",
        "randomize.Bad",
        "randomize.Worse",
    ]


def test_a_wrong_warehouse_hides_neither_mounts_nor_numbers(tmp_path):
    text = CARD.replace("{warehouse: bench}", "{warehouse: bensh, table_topp_mm: 700}").replace("stand_top", "stand_tp")
    assert [fault.partition(": ")[0] for fault in found(text, tmp_path)] == [
        "scene.table_topp_mm",
        "scene.warehouse",
        "cameras.top.mount",
    ]


def test_items_that_no_draw_has_are_a_warning(tmp_path):
    path = tmp_path / "r.yaml"
    path.write_text(CARD + "randomize: [note, carton_labels: {module_mm: 1, count: 1}]\n")
    assert not [text for text in check.examine(path).warnings if "selects nothing" in text]
    path.write_text(CARD + "randomize: [note, {bar_lights: {on: items.crad}}]\n")
    (warning,) = [text for text in check.examine(path).warnings if "selects nothing" in text]
    assert warning.endswith("randomize.bar_lights.on: found 'items.crad', which selects nothing in any of 64 draws; "
                            "write items, or another name")  # fmt: skip
