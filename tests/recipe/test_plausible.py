"""Every number has a range: a slip of a unit is a warning that names it, what cannot be is refused with its limit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest

from synthgen import recipe, shelves
from synthgen.errors import RecipeError
from synthgen.recipe import messages, plausible, randomizer_entry, randomizers
from synthgen.recipe.base import Part
from synthgen.recipe.ranges import RANGES, range_of
from synthgen.recipe.scalars import Leaf
from synthgen.world import sites
from tests.recipe_samples import CARD, EVERY, GLANCE

BY_UNIT = RANGES[[row.path for row in RANGES].index("*_rad") :]


def warned(text: str, folder: Path, *overrides: str) -> list[str]:
    (folder / "r.yaml").write_text(text)
    origin = recipe.load(folder / "r.yaml", overrides).origin
    return [fault.text("r") for fault in plausible.warnings(origin)]


def refused(text: str, folder: Path) -> str:
    (folder / "r.yaml").write_text(text)
    with pytest.raises(RecipeError) as caught:
        recipe.load(folder / "r.yaml")
    return "\n".join(caught.value.faults)


MM = "(millimetres written where metres are meant)"


@pytest.mark.parametrize(
    ("old", "new", "place", "message"),
    [
        ("focal_mm: 25", "focal_mm: 0.008", "5: cameras.top.lens.focal_mm",
         "0.008 mm; did you mean 8 mm? (metres written where millimetres are meant)"),
        ("focal_mm: 25", "focal_m: 25", "5: cameras.top.lens.focal_m", f"25000 mm; did you mean 25 mm? {MM}"),
        ("0.764]", "764]", "12: items.card.position_m.2", f"764 m; did you mean 0.764 m? {MM}"),
        ("exposure_us: 50", "exposure_s: 50", "5: cameras.top.exposure_s",
         "50000 ms; did you mean 50 ms? (milliseconds written where seconds are meant)"),
        ("exposure_us: 50", "exposure_us: {uniform: [0.0001, 50]}", "5: cameras.top.exposure_us.uniform.0",
         "1e-07 ms; did you mean 0.1 ms? (seconds written where microseconds are meant)"),
        ("module_mm: 1.0", "module_m: 1", "13: items.card.labels.main.codes.0.module_m",
         f"1000 mm; did you mean 1 mm? {MM}"),
        ("size_mm: [140, 90]", "size_m: [0.14, 90]", "13: items.card.labels.main.size_m.1",
         f"90000 mm; did you mean 90 mm? {MM}"),
        ("peak_power_w: 5", "peak_power_w: 8000", "7: lights.lamp.peak_power_w",
         "8000 W; did you mean 8 W? (milliwatts written where watts are meant)"),
        ("peak_power_w: 5", "peak_power_w: {normal: {mean: 5000, std: 1, min: 4900, max: 6000}}",
         "7: lights.lamp.peak_power_w.normal.max", "6000 W"),
        ("warehouse: bench", "warehouse: bench, table_top_m: 70", "3: scene.table_top_m", "70 m; did you mean"),
    ],
)  # fmt: skip
def test_an_unusual_number_is_a_warning_that_names_the_slip(tmp_path, old, new, place, message):
    assert old in CARD
    (warning,) = warned(CARD.replace(old, new), tmp_path)
    assert warning.startswith(f"r:{place}: {message}")
    assert "; usual is " in warning


def test_a_warning_of_a_randomizer_and_of_a_set_name_their_place(tmp_path):
    listed = "randomize: [bench_objects: {length_m: 300}, {carton_labels: {module_m: 0.5}, as: more}]\n"
    text = CARD + listed + "safety: {duration_s: 60}\n"
    found = warned(text, tmp_path, "safety.duration_min=1000")
    assert [warning.partition("; ")[0] for warning in found] == [
        "--set safety.duration_min=1000: safety.duration_min: 60000 s",
        "r:15: randomize.bench_objects.length_m: 300000 mm",
        "r:15: randomize.more.module_m: 500 mm",
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("focal_mm: 25", "focal_mm: 1e9", "found 1e+09; write a value of at most 100000"),
        ("exposure_us: 50", "exposure_h: 2", "found 2; write a value of at most 1"),
        ("0.764]", "1e6]", "found 1e+06; write a value of at most 10000"),
        ("peak_power_w: 5", "peak_power_w: 1e7", "found 1e+07; write a value of at most 1e+06"),
        ("peak_power_w: 5", "peak_power_w: 5, yaw_rad: 90",
         "write a value of at most 6.28319; did you mean 90 deg? (degrees written where radians are meant)"),
        ("peak_power_w: 5", "peak_power_w: 5, pulse_ms: 20, rate_hz: 100",
         "7: lights.lamp.pulse_ms: pulses of 20000 us at 100 Hz overlap; write at most 10000 us"),
        ("f_number: 5.6", "f_number: 5.6, focus_mm: 20", "focus_mm: a lens of 25 mm cannot focus at 20 mm"),
        ("roi_px: [1280, 960]", "roi_px: [1280, 99999]", "write a value of at most 65536"),
        ("sensor: imx265", "sensor: {model: imx265, resolution_px: [99999, 2]}", "write a value of at most 65536"),
        ("sensor: imx265", "sensor: {model: imx265, pitch_m: 3}", "write a value of at most 0.001"),
        ("kind: card", "kind: card\n    velocity_m_s: [0, 1e5, 0]", "write a value of at most 1000"),
        ("outputs:", "dataset: {samples_per_shard: 1e9}\noutputs:", "write a value of at most 1e+06"),
        ("outputs:", "dataset: {splits: {train: 1e15}}\noutputs:", "write a value of at most 1e+12"),
        ("outputs:", "randomize: [bench_objects: {count: 1e6}]\noutputs:", "write a value of at most 10000"),
        ("outputs:", "randomize: [hall_light: {lamps: 1e6}]\noutputs:", "write a value of at most 10000"),
        ("outputs:", "randomize: [carton_labels: {module_mm: -1}]\noutputs:", "write a value of at least"),
        ("outputs:", "randomize: [label_film: {share: 40}]\noutputs:", "found 40; write a value of at most 1;"),
        ("outputs:", "scene_: 1\noutputs:", "scene_"),
        ("peak_power_w: 5", "peak_power_w: {normal: {mean: 1, std: 1e30, min: 0, max: 2}}", "at most 1e+12"),
        ("peak_power_w: 5", "peak_power_w: {choice: [1, 2], weights: [1, 1e30]}", "at most 1e+12"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_and_the_limit_named(tmp_path, old, new, message):
    assert old in CARD
    assert message in refused(CARD.replace(old, new, 1), tmp_path)


@pytest.mark.parametrize("name", sorted(path.stem for path in shelves.path("recipes").glob("*.yaml")))
def test_shipped_recipes_are_usual(name):
    assert list(plausible.warnings(recipe.load(name).origin)) == []


def test_recipes_of_the_tests_are_usual(tmp_path, monkeypatch):
    from synthgen.recipe.provenance import Origin
    from synthgen.recipe.yaml_lines import parse

    for text in (CARD, GLANCE, EVERY):
        origin = Origin(document=parse(text))
        assert list(plausible.numbers(origin))
        assert [*plausible.warnings(origin), *plausible.faults(origin)] == []


def fields() -> list[str]:
    """Return the path of every number that a recipe may hold, in SI names."""
    found = [f"scene.{name}" for numbers in sites.DEFAULTS.values() for name in numbers]
    for name in randomizers.shipped():
        for field, adapter in randomizer_entry.adapters(randomizer_entry.find(name, Path())).items():
            schema = str(adapter.core_schema)
            if "'number'" in schema or "'whole'" in schema:
                found.append(f"randomize.{name}.{field}")
    return found


def test_every_number_of_the_language_has_a_row_of_its_own():
    assert len(fields()) > 150
    assert [path for path in fields() if range_of(path) in BY_UNIT and not path.endswith("_rad")] == []
    paths = {path.lstrip(".") for path in numbers_of(recipe.Recipe, "")} - {"scene.parameters.x"}
    assert len(paths) > 60
    assert [path for path in paths if range_of(path) in BY_UNIT and not path.endswith("_rad")] == []


def numbers_of(kind: Any, path: str) -> Iterator[str]:
    """Yield the path of every number below a type, with x for each free name."""
    if isinstance(kind, type) and issubclass(kind, Part):
        for name, field in kind.model_fields.items():
            if any(isinstance(m, Leaf) and m.kind in ("number", "whole") for m in field.metadata):
                yield f"{path}.{name}"
            yield from numbers_of(field.annotation, f"{path}.{name}")
    elif get_origin(kind) is dict:
        yield from numbers_of(get_args(kind)[1], f"{path}.x")
    else:
        for n, arg in enumerate(get_args(kind)):
            if isinstance(arg, Leaf) and arg.kind in ("number", "whole") and n:
                yield path
            yield from numbers_of(arg, path)


def test_ranges_are_ordered_and_give_their_reason():
    for row in RANGES:
        assert row.least <= row.low <= row.high <= row.most and row.why, row


def test_numbers_reach_every_mapping_of_the_language():
    from synthgen.recipe.yaml_lines import parse

    owners = {part.__name__ for _, part, _ in messages.mappings(parse(EVERY).data)}
    assert {"LensPart", "ClutterPart", "WearPart", "CodePart", "ZonePart"} <= owners
