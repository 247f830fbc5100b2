"""What a fault shows: the text as it was typed, a path that `--set` takes, every choice there is."""

from __future__ import annotations

from pathlib import Path

import pytest

from synthgen import recipe
from synthgen.errors import RecipeError, UsageError
from synthgen.recipe import randomizers
from tests.recipe_samples import CARD, SHELF


@pytest.fixture(autouse=True)
def shelf(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(randomizers, "shipped", lambda: SHELF)


def faults(text: str, folder: Path, *overrides: str) -> list[str]:
    path = folder / "r.yaml"
    path.write_text(text)
    with pytest.raises(RecipeError) as caught:
        recipe.load(path, overrides)
    return [fault.removeprefix(f"{path}:") for fault in caught.value.faults]


@pytest.mark.parametrize("typed", ["012345678905", "1e5", "0x1F", "0o17", "true", "False", "1.50", ".inf", "-7"])
def test_text_that_yaml_reads_as_something_else_is_shown_as_it_was_typed(tmp_path, typed):
    quoted = f'found {typed}, which YAML does not read as text; put it in quotes: "{typed}"'
    (fault,) = faults(CARD.replace('"HELLO"', typed), tmp_path)
    assert fault == f"13: items.card.labels.main.codes.0.payload: {quoted}"
    (fault,) = faults(CARD.replace('"HELLO"', f"{{choice: [A, {typed}]}}"), tmp_path)
    assert fault == f"13: items.card.labels.main.codes.0.payload.choice.1: {quoted}"
    written = f"items.card.labels.main.codes.0.payload={typed}"
    (fault,) = faults(CARD, tmp_path, written)
    assert fault == f"--set {written}: items.card.labels.main.codes.0.payload: {quoted}"
    assert recipe.load(tmp_path / "r.yaml", [f'items.card.labels.main.codes.0.payload="{typed}"'])


@pytest.mark.parametrize("typed", ["2024-01-31", "yes", "no", "on", "1:20", "1_000", "12:30:00"])
def test_text_that_yaml_1_2_reads_as_text_stays_as_it_was_typed(tmp_path, typed):
    (tmp_path / "r.yaml").write_text(CARD.replace('"HELLO"', typed))
    loaded = recipe.load(tmp_path / "r.yaml")
    assert loaded.items["card"].labels["main"].codes[0].payload == typed


def test_every_word_of_a_recipe_is_shown_as_it_was_typed(tmp_path):
    text = CARD.replace("kind: card", "kind: 0123").replace("sensor: imx265", "sensor: 0265")
    text = text.replace("mount: lamp_left", "mount: 1e3").replace("items:\n", "items:\n  007: {}\n")
    found = faults(text, tmp_path)
    assert [fault.partition(": found ")[2].partition(";")[0].partition(",")[0] for fault in found] == [
        "0265", "1e3", "007 as a key", "0123",
    ]  # fmt: skip
    assert found[2].endswith('keys are text, write it in quotes: "007"')


def test_each_option_of_a_choice_is_told_at_once(tmp_path):
    found = faults(CARD.replace("face: top", "face: {choice: [top, tpo, buttom]}"), tmp_path)
    assert [fault.partition("face.")[2] for fault in found] == [
        "choice.1: found 'tpo'; write top",
        "choice.2: found 'buttom'; write bottom",
    ]


LIST = "randomize:\n  - {bar_lights: {peak_nm: red, peak_power_w: []}, as: red}\n  - carton_labels: {module_mm: x}\n"


def test_what_check_prints_set_takes(tmp_path):
    text = CARD.replace("exposure_us: 50", "exposure_us: x").replace("[140, 90]", "[140, x]") + LIST
    paths = [fault.split(": ")[1] for fault in faults(text, tmp_path)]
    assert paths == [
        "cameras.top.exposure_us",
        "items.card.labels.main.size_mm.1",
        "randomize.red.peak_nm",
        "randomize.red.peak_power_w",
        "randomize.carton_labels.module_mm",
    ]
    assert recipe.load(tmp_path / "r.yaml", [f"{path}=500" for path in paths])


@pytest.mark.parametrize(
    "path", ["randomize.1.module_mm", "randomize.1.carton_labels.module_mm", "randomize.carton_labels.module_mm"]
)
def test_an_entry_goes_by_its_label_or_its_number(tmp_path, path):
    (tmp_path / "r.yaml").write_text(CARD + "randomize: [note, carton_labels: {module_mm: 1}]\n")
    assert recipe.load(tmp_path / "r.yaml", [f"{path}=2"]).randomize[1].fields["module_m"] == 0.002


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("baffles.hood.tilt_deg=3", "there is no baffles.hood; the recipe declares no baffles, write them into its"),
        ("items.zzz.kind=card", "there is no items.zzz; write one of items.card"),
        ("randomize.bars.on=lights", "no randomizer is labelled 'bars'; the recipe has no list of them, write it"),
    ],
)
def test_set_says_what_there_is(tmp_path, override, message):
    (tmp_path / "r.yaml").write_text(CARD)
    with pytest.raises(UsageError) as caught:
        recipe.load(tmp_path / "r.yaml", [override])
    assert message in str(caught.value)


def test_a_long_list_of_choices_is_whole_and_begins_with_the_most_alike(tmp_path):
    from synthgen.world.materials import MATERIALS

    (fault,) = faults(CARD.replace("kind: card", "kind: card\n    material: tpe_wht"), tmp_path)
    assert fault.endswith("write tape_white")
    (fault,) = faults(CARD.replace("kind: card", "kind: card\n    material: '9'"), tmp_path)
    listed = fault.partition("write one of ")[2].split(", ")
    assert set(listed) == set(MATERIALS) and listed[0].startswith("ral")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("sensor: imx265", "sensor: {model: imx265, quantum_efficiency: 0.6}",
         "quantum_efficiency: found 0.6; write a list of 4 shares of photons that become electrons, in B, G, R"),
        ("sensor: imx265", "sensor: {model: imx265, quantum_efficiency: [0.6]}", "value number 2 of the list, a list"),
        ("sensor: imx265", "sensor: {model: imx265, resolution_px: 5}", "width and height of the chip: [2448, 2048]"),
        ("[1280, 960]", "1280", "write [width, height] or [x, y, width, height] in whole pixels, such as [1280, 960]"),
        ("size_mm: [100, 40]", "size_mm: 100", "a list of a rect's width and height, or a cylinder's length and 0"),
        ("size_mm: [150, 100, 0.5]", "size_mm: 150", "write a list of length, width and height: [400, 300, 250]"),
        ("size_mm: [140, 90]", "size_mm: 140", "write a list of width and height: [100, 60]"),
        ("position_m: [0, 0, 0.764]", "position_m: 0", "write a list of a place: [x, y, z]"),
        ("codes: [{symbology: qr, payload: \"HELLO\", module_mm: 1.0}]", "codes: qr", "[{symbology: qr, module_mm:"),
        ("[image, depth]", "image", "write a list of names of maps: [image, depth]"),
        ("outputs:", "randomize: note\noutputs:", "write a list of entries: [hall_light, label_film: {share: 0.2}]"),
    ],
)  # fmt: skip
def test_a_value_where_a_list_belongs_is_told_what_list_of_what(tmp_path, old, new, message):
    assert old in CARD
    (fault,) = faults(CARD.replace(old, new), tmp_path)
    assert message in fault


def test_every_list_of_the_language_has_an_example():
    from typing import get_args, get_origin

    from synthgen.recipe.base import Part
    from synthgen.recipe.list_examples import example

    def lists(kind: object, path: tuple[str, ...]) -> list[tuple[str, ...]]:
        if isinstance(kind, type) and issubclass(kind, Part):
            return [p for name, field in kind.model_fields.items() for p in lists(field.annotation, (*path, name))]
        if get_origin(kind) is tuple:
            return [path, *(p for arg in get_args(kind) for p in lists(arg, path))]
        return [p for arg in get_args(kind) for p in lists(arg, path)]

    found = set(lists(recipe.Recipe, ()))
    assert len(found) > 15
    assert [path for path in found if "[a, b" in example(path)] == []
