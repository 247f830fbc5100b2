"""Loading recipes: what is taken, what is refused, and in which words."""

from __future__ import annotations

import math
import os
import pickle
import time
from pathlib import Path
from typing import get_args

import pytest

from synthgen import recipe
from synthgen.errors import RecipeError, UsageError
from synthgen.planning import check, plan
from synthgen.recipe import messages, randomizers
from synthgen.recipe.base import Part
from synthgen.recipe.yaml_lines import parse, scalar
from synthgen.world import distributions as d
from synthgen.world.shot import Shot
from tests.recipe_samples import CARD, EVERY, GLANCE, SHELF


@pytest.fixture(autouse=True)
def shelf(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(randomizers, "shipped", lambda: SHELF)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "props").mkdir()
    for name in ("b.usd", "a.usd"):
        (tmp_path / "props" / name).write_text("#usda 1.0\n")
    return tmp_path


def main(r: recipe.Recipe):
    return r.items["card"].labels["main"]


def load(text: str, folder: Path, *overrides: str) -> recipe.Recipe:
    path = folder / "r.yaml"
    path.write_text(text, encoding="utf-8")
    return recipe.load(path, overrides)


def faults(text: str, folder: Path, *overrides: str) -> list[str]:
    """Return the faults without the file's name: `line: path: message`."""
    with pytest.raises(RecipeError) as caught:
        load(text, folder, *overrides)
    return [fault.removeprefix(f"{folder / 'r.yaml'}:") for fault in caught.value.faults]


def test_the_recipe_at_a_glance_loads_as_written(folder):
    r = load(GLANCE, folder)
    top = r.cameras["top"]
    assert top.lens.focal_m == 0.025 and top.exposure_s == pytest.approx(50e-6)
    assert top.lens.k1 == d.Uniform(-0.10, -0.06)
    assert top.roi_px == (1280, 960)
    assert r.lights["bar_left"].size_m == (0.6, 0.04)
    assert r.baffles["hood"].tilt_rad == pytest.approx(math.radians(15))
    assert r.scene.parameters == {"belt_speed_m_s": 1.2}
    assert [entry.label for entry in r.randomize] == ["bar_lights", "baffle_tilt", "carton_labels"]
    bars, tilt, labels = (entry.fields for entry in r.randomize)
    assert bars["peak_power_w"] == d.LogUniform(50.0, 500.0)
    assert bars["peak_nm"] == d.Choice((630.0, 850.0), (0.7, 0.3))
    assert tilt["tilt_rad"] == d.Normal(15.0, 5.0, 0.0, 30.0).scaled(math.pi / 180)
    assert labels["module_m"].bounds() == pytest.approx((0.4e-3, 1e-3))
    assert r.outputs == ("image", "depth", "irradiance", "hazard", "instances")
    assert r.splits == {"train": 0.75, "val": 0.25} and r.samples_per_shard == 8
    assert r.safety.zones["walkway"].box_m == ((-2.0, 1.0, 1.2), (2.0, 2.0, 1.9))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e2", 100.0),
        ("1.", 1.0),
        (".5", 0.5),
        ("-1.5E-3", -0.0015),
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("1:20", "1:20"),
        ("0o17", 15),
        ("017", 17),
        ("0x1F", 31),
        ("1_000", "1_000"),
        ("2024-01-01", "2024-01-01"),
        ("~", None),
        ("", None),
        ("True", True),
        ("FALSE", False),
        ("-.INF", -math.inf),
        ("=", "="),
    ],
)
def test_scalars_follow_yaml_1_2(text, value):
    assert scalar(text) == value and type(scalar(text)) is type(value)
    assert parse(f"a: {text}").data == {"a": value}
    assert parse(f"a: '{text}'").data == {"a": text}


CASES = [
    ("    exposure_um: 50", "a length, exposure wants a time: exposure_us, exposure_ms or exposure_s"),
    ("    exposure_deg: 50", "an angle, exposure wants a time: exposure_us, exposure_ms or exposure_s"),
    ("    exposre_us: 50", "is not known here; write exposure_us"),
    ("    exposure_us: fifty", "found 'fifty'; write a number or a distribution"),
    ("    exposure_us: -50", "found -50; write a value above 0"),
    ("    exposure_us: .nan", "found nan; write a finite number"),
    ("    exposure_us: 1e999", "found inf; write a finite number"),
    ("    exposure_us: true", "found true; write a number or a distribution"),
    ("    exposure_us:", "found nothing; write a number or a distribution"),
    ("    exposure_us: {uniform: [-1, 5]}", "found {uniform: [-1, 5]}; write a value above 0"),
    ("    exposure_us: {unifrom: [1, 5]}", "found {unifrom: [1, 5]} is not one distribution; write uniform"),
    ("    exposure_us: {uniform: [5, 1]}", "found the lower bound 5.0 is above the upper bound 1.0"),
    ("    exposure_us: {normal: {mean: 1, std: 1}}", "found normal without min and max; write {normal: {mean: 15,"),
    ("    exposure_us: {uniform: [1, 5], per: scene}", "`per` (the scope of a draw) comes in a later version"),
    ("    exposure_us: {choice: [1, 5], wieghts: [1, 2]}", "'wieghts' beside choice; write {choice: [630, 850]"),
    ("    exposure_us: ${lights.lamp.pulse_us}", "references (${...}) come in a later version"),
    ("    exposure_us: 50\n    exposure_ms: 1", "says the same as exposure_us; delete one of the two"),
    ("    exposure_us: 50\n    exposure_us: 60", "found twice, first on line 5; delete one of the two"),
    ("    exposure: 50", "exposure_us, exposure_ms or exposure_s"),
    ("    exposure_us: !!float 50", "found the tag '!!float'; tags are not used here, delete it"),
    ("    exposure_us: 50\n    bits: 8.5", "found 8.5; write a whole number"),
    ("    exposure_us: 50\n    bits: {uniform: [8, 12]}", "write {int: [low, high]}"),
    ("    exposure_us: 50\n    bits: 99", "found 99; write a value of at most 16"),
    ("    exposure_us: 50\n    <<: {bits: 8}", "merge keys are not YAML 1.2"),
    ("    exposure_us: 50\n    roi_px: [4000, 100]", "the chip of imx264 has 2448 x 2048 pixels"),
    ("    exposure_us: 50\n    roi_px: [a, 100]", "write [width, height] or [x, y, width, height] in whole pixels"),
    ("    exposure_us: 50\n    offset_m: [0, 0]", "a value is missing; write value number 3 of the list"),
    ("    exposure_us: 50\n    offset_m: [0, 0, 0, 0]", "write 3 values"),
    ("    exposure_us: 50\n    position_m: [0, 0, 1]", "has a mount and a position_m; delete one of the two"),
    ("    exposure_us: 50\n    1: 2", "found 1 as a key; keys are text, write it in quotes"),
]


@pytest.mark.parametrize(("lines", "message"), CASES, ids=[lines.strip().replace("\n", "") for lines, _ in CASES])
def test_a_fault_names_its_line_its_path_and_what_to_write(folder, lines, message):
    head = "version: 1\nscene: {warehouse: scan_tunnel}\ncameras:\n  top: &x\n"
    tail = "\n    mount: gantry_top\n    sensor: imx264\n    lens: {focal_mm: 25, f_number: 4}\n"
    found = [fault for fault in faults(head + lines + tail, folder) if message in fault]
    assert len(found) == 1, faults(head + lines + tail, folder)
    line, _, rest = found[0].partition(": ")
    assert int(line) in (4, 5, 6)
    assert rest.startswith("cameras.top") or "tag" in rest


def test_every_fault_is_reported_at_once_in_the_order_of_the_lines(folder):
    text = CARD.replace("exposure_us: 50", "exposure_um: 50").replace("peak_nm: 630", "peak_nm: red")
    text = text.replace("kind: card", "kind: crad").replace("[image, depth]", "[image, dpeth]") + "sed: 3\n"
    found = faults(text, folder)
    assert [int(fault.partition(":")[0]) for fault in found] == [5, 7, 10, 14, 15]
    assert [fault.rpartition("write ")[2] for fault in found[2:]] == ["card", "depth", "seed"]
    assert found[0] == (
        "5: cameras.top.exposure_um: a length, exposure wants a time: exposure_us, exposure_ms or exposure_s"
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("mount: stand_top", "mount: stand_tpo", "cameras.top.mount: bench has no mount 'stand_tpo'; write stand_top"),
        ("sensor: imx265", "sensor: imx256", "cameras.top.sensor: found the sensor 'imx256'; write imx2"),
        ("warehouse: bench", "warehouse: bensh", "scene.warehouse: found 'bensh'; write bench"),
        ("warehouse: bench", "warehouse: bench, table_top_s: 1", "scene.table_top_s: a time, table_top wants a length"),
        ("warehouse: bench", "usd: no.usd", "scene.usd: found 'no.usd', no such file beside the recipe"),
        ("symbology: qr,", "symbology: data_matrix,", "symbology: found 'data_matrix'; write datamatrix"),
        ("qr, payload: \"HELLO\"", "ean13, payload: \"123\"", "codes.0.payload: "),
        ("symbology: qr", "symbolgy: qr", "codes.0.symbolgy: is not known here; write symbology"),
        ("face: top", "face: up", "items.card.labels.main.face: found 'up'; write one of front, back, left"),
        ("shape: rect", "shape: disk", "lights.lamp: is a disk without a size; write radius_mm"),
        ("peak_power_w: 5", "peak_power_w: 5, flux_lm: 3", "has peak_power_w and flux_lm; write peak_power_w or"),
        ("shape: rect", "shape: dome", "lights.lamp.peak_power_w: a dome light has no peak_power_w; write irradiance"),
        ("version: 1", "version: 2", "version: found version 2; this program reads version: 1"),
        ("version: 1\n", "", "version: is missing; write version"),
        ("outputs:", "constraints: []\noutputs:", "constraints: declared constraints come in a later version"),
        ("outputs:", "include: [a.yaml]\noutputs:", "include: recipes that include others come in a later version"),
        ("outputs:", "dataset: {splits: {train: 0.5, val: 0.6}}\noutputs:", "dataset.splits: found a sum of 1.1"),
        ("outputs:", "dataset: {licence: ''}\noutputs:", "dataset.licence: found no name in one line; write an SPDX"),
        ("outputs:", "dataset: {licence: 4.0}\noutputs:", "licence: found 4.0, which YAML does not read as text"),
        ("outputs:", "dataset: {licnce: MIT}\noutputs:", "licnce: is not known here; write licence"),
        ("outputs:", "dataset: {splits: {a-b: 1}}\noutputs:", "found the name 'a-b'; write letters, digits and _"),
        ("outputs:", "safety: {on_exceed: flagg}\noutputs:", "safety.on_exceed: found 'flagg'; write flag"),
        ("outputs:", "randomize: bar_lights\noutputs:", "randomize: found 'bar_lights'; write a list"),
        ("outputs:", "randomize: [bar_light]\noutputs:", "no randomizer is called 'bar_light'; write bar_lights"),
        ("outputs:", "randomize: [note, note]\noutputs:", "randomize.1: is the second entry called 'note'; write as:"),
        ("outputs:", "randomize: [bar_lights: {peak_powr_w: 1}]\noutputs:", "is not known here; write peak_power_w"),
        ("outputs:", "randomize: [bar_lights: {on: light}]\noutputs:", "found 'light'; write lights"),
        ("outputs:", "randomize: [bar_lights: {on: lights.lmp}]\noutputs:", "found 'lights.lmp'; write lights.lamp"),
        ("outputs:", "randomize: [carton_labels: {}]\noutputs:", "module_m: is missing; write module_mm or module_m"),
        ("outputs:", "randomize: [carton_labels: {module_us: 3}]\noutputs:", "a time, module wants a length: module"),
        ("outputs:", "randomize: [carton_labels: {module_mm: 1, style: bald}]\noutputs:", "found 'bald'; write bold"),
        ("outputs:", "randomize: [carton_labels: {module_mm: 1, count: {int: [1, 100]}}]\noutputs:", "at most 99"),
        ("outputs:", "randomize: [./no.py:X]\noutputs:", "there is no file ./no.py beside the recipe"),
        ("outputs:", "randomize: [../no.py:X]\noutputs:", "write ./file.py:Class, a file beside the recipe"),
        ("outputs:", "randomize: [acme/dock_glare]\noutputs:", "no installed package offers randomizers as 'acme'"),
    ],
)  # fmt: skip
def test_faults_of_the_whole_recipe(folder, old, new, message):
    assert old in CARD
    found = [fault for fault in faults(CARD.replace(old, new, 1), folder) if message in fault]
    assert len(found) == 1


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", ":1: is empty; write version: 1"),
        (b"# nothing\n", ":1: is empty; write version: 1"),
        (b"- a\n- b\n", ":1: holds [a, b]; write version: 1"),
        (b"version: 1\nname: \xff\n", ":2: byte 0xff is not UTF-8"),
        (b"version\x00: 1", ": holds binary data"),
        (b"version: 1\n---\nversion: 1\n", "found a second document"),
        (b"a: [1, 2\nb: 3\n", ": not YAML: "),
        (b"a: *b\n", ":1: *b repeats nothing that stands above it"),
        (b"a: &a [*a]\n", ":1: *a repeats nothing that stands above it"),
        (b"a: " + b"[" * 5000, ":1: nested deeper than 24 levels"),
        (b"{" * 5000, ":1: "),
        (b"a: 1\n\tb: 2\n", "not YAML"),
        (b"x: " + b"9" * 5000, "found a number of 5000 characters"),
        (b"x: '" + b"9" * 1_000_000 + b"'", "larger than 1000000 bytes"),
        (b"a: \x07", "not YAML"),
    ],
)
def test_what_is_no_recipe_at_all(tmp_path, data, message):
    path = tmp_path / "r.yaml"
    path.write_bytes(data)
    with pytest.raises(RecipeError) as caught:
        recipe.load(path)
    assert message in str(caught.value)


def test_an_alias_bomb_is_refused_quickly(tmp_path):
    levels = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    (tmp_path / "r.yaml").write_text("\n".join(["a0: &a0 lol", *levels]))
    began = time.perf_counter()
    with pytest.raises(RecipeError, match="more than 20000 values, aliases included"):
        recipe.load(tmp_path / "r.yaml")
    assert time.perf_counter() - began < 2


def test_aliases_may_be_used(folder):
    text = CARD.replace("lens: {focal_mm: 25, f_number: 5.6}", "lens: &lens {focal_mm: 25, f_number: 5.6}")
    text = text.replace(
        "lights:", "  side: {mount: stand_oblique, sensor: imx265, lens: *lens, exposure_us: 50}\nlights:"
    )
    r = load(text, folder)
    assert r.cameras["side"].lens == r.cameras["top"].lens


def test_a_missing_file_a_folder_and_an_unknown_name(tmp_path):
    for path, message in (
        (tmp_path / "no.yaml", "No such file"),
        (tmp_path, "is a folder"),
        ("scan_tunel_of_love", "there is no such file or shipped recipe"),
        ("a\0b", "write"),
        ("x" * 5000, "write"),
    ):
        with pytest.raises(RecipeError, match=message):
            recipe.load(path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(RecipeError, match="is no regular file"):
        recipe.load(tmp_path / "pipe")


def test_every_spelling_of_a_unit_means_the_same(folder):
    spelled = ("exposure_us: 50", "exposure_ms: 0.05", "exposure_s: 5e-5", "exposure_ns: 50000")
    values = [load(CARD.replace("exposure_us: 50", text), folder).cameras["top"].exposure_s for text in spelled]
    assert values == pytest.approx([5e-5] * 4, rel=1e-12)
    one = load(CARD.replace("exposure_us: 50", "exposure_us: {int: [20, 60]}"), folder)
    assert one.cameras["top"].exposure_s.bounds() == pytest.approx((20e-6, 60e-6))


def test_elements_of_lists_and_whole_lists_may_be_distributions(folder):
    text = CARD.replace("[0, 0, 0.764]", "[0, {uniform: [-0.1, 0.1]}, 0.764]")
    assert load(text, folder).items["card"].position_m == (0.0, d.Uniform(-0.1, 0.1), 0.764)
    text = CARD.replace("position_m: [0, 0, 0.764]", "position_mm: {choice: [[0, 0, 764], [10, 0, 764]]}")
    options = load(text, folder).items["card"].position_m.options
    assert options == ((0.0, 0.0, 0.764), (pytest.approx(0.01), 0.0, 0.764))


def test_a_choice_of_sensors(folder):
    r = load(CARD.replace("sensor: imx265", "sensor: {choice: [imx265, imx264]}"), folder)
    models = {plan.shot(r, "train", n).cameras["top"].sensor.model for n in range(12)}
    assert models == {"imx264", "imx265"}
    (fault,) = faults(CARD.replace("sensor: imx265", "sensor: {choice: [imx265, imx246]}"), folder)
    assert "cameras.top.sensor: found the sensor 'imx246'; write imx26" in fault


def test_a_sensor_by_its_numbers_and_by_name_with_other_numbers(folder):
    own = "{resolution_px: [640, 480], pitch_um: 5, quantum_efficiency: [0.5, 0.6, 0.5, 0.2], saturation_e: 8000, "
    own += "dark_noise_e: 3, dark_current_e_s: 1}"
    text = CARD.replace("sensor: imx265, roi_px: [1280, 960]", f"sensor: {own}")
    sensor = plan.shot(load(text, folder), "train", 0).cameras["top"].sensor
    assert sensor.resolution_px == (640, 480) and sensor.gain_dn_e == pytest.approx(255 / 8000)
    text = CARD.replace("sensor: imx265", "bits: 12, sensor: {model: imx265, saturation_e: 9000}")
    sensor = plan.shot(load(text, folder), "train", 0).cameras["top"].sensor
    assert sensor.saturation_e == 9000.0 and sensor.dark_noise_e == 2.3
    assert sensor.gain_dn_e == pytest.approx(4095 / 9000)
    with pytest.raises(RecipeError, match="or give resolution_px, pitch_m"):
        load(CARD.replace("sensor: imx265", "sensor: {saturation_e: 9000}"), folder)
    # a current in electrons a second has no other unit
    with pytest.raises(RecipeError, match="dark_current_e_ms"):
        load(CARD.replace("sensor: imx265", "sensor: {model: imx265, dark_current_e_ms: 1}"), folder)


@pytest.mark.parametrize(
    ("override", "read", "value"),
    [
        ("cameras.top.exposure_ms=0.1", lambda r: r.cameras["top"].exposure_s, 1e-4),
        ("cameras.top.lens.k1={uniform: [-0.1, 0]}", lambda r: r.cameras["top"].lens.k1, d.Uniform(-0.1, 0.0)),
        ("cameras.top.roi_px[0]=640", lambda r: r.cameras["top"].roi_px, (640, 960)),
        ("cameras.top.sensor=imx264", lambda r: r.cameras["top"].sensor.model, "imx264"),
        ("safety.duration_s=10", lambda r: r.safety.duration_s, 10.0),
        ("scene.table_top_mm=700", lambda r: r.scene.parameters, {"table_top_m": 0.7}),
        ("seed=4", lambda r: r.seed, 4),
        ("outputs=[image]", lambda r: r.outputs, ("image",)),
        ("items.card.labels.main.codes.0.module_mm=0.5", lambda r: main(r).codes[0].module_m, 5e-4),
        ("randomize.bars.peak_power_mw=500", lambda r: r.randomize[0].fields["peak_power_w"], 0.5),
        ("randomize.note2.as=other", lambda r: r.randomize[1].label, "note2"),
    ],
)  # fmt: skip
def test_set_replaces_one_value_typed_by_the_model(folder, override, read, value):
    text = CARD + "randomize:\n  - {bar_lights: {on: lights.lamp}, as: bars}\n  - {note: {}, as: note2}\n"
    if "as=" in override:
        with pytest.raises(UsageError, match="as"):
            load(text, folder, override)
        return
    found = read(load(text, folder, override))
    assert found == (pytest.approx(value) if isinstance(value, float) else value)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("cameras.top.exposre_us=5", "cameras.top.exposre_us: is not known here; write exposure_us"),
        ("cameras.top.exposure_um=5", "a length, exposure wants a time"),
        ("cameras.tip.exposure_us=5", "there is no cameras.tip; write cameras.top"),
        ("camera.top.exposure_us=5", "camera: is not known here; write cameras"),
        ("randomize.bar.on=lights", "no randomizer is labelled 'bar'; write randomize.bars"),
        ("randomize.bars.pek_nm=1", ": randomize.bars.pek_nm: is not known here; write peak_nm"),
        ("randomize.bars=1", "name a field, such as randomize.bars.on"),
        ("items.card.labels.main.codes.4.module_mm=1", "has 1 values; write items.card.labels.main.codes.0"),
        ("items.card.position_mm.1=5", "the recipe writes position_m; write items.card.position_m here, too"),
        ("seed.x=1", "seed holds one value; write seed=value"),
        ("seed", "write path=value"),
        ("=3", "write path=value"),
        ("seed=[1", "not YAML"),
        ("seed=!!int 3", "found the tag"),
    ],
)
def test_set_with_an_unknown_path_is_a_usage_error(folder, override, message):
    text = CARD + "randomize: [{bar_lights: {on: lights.lamp}, as: bars}]\n"
    with pytest.raises(UsageError) as caught:
        load(text, folder, override)
    assert message in str(caught.value)


def test_a_wrong_value_of_set_is_a_fault_that_names_the_set(folder):
    (fault,) = faults(CARD, folder, "cameras.top.exposure_ms=-1")
    assert fault == "--set cameras.top.exposure_ms=-1: cameras.top.exposure_ms: found -1; write a value above 0"


def test_a_resolved_recipe_loads_to_the_same_shots(folder):
    r = load(GLANCE, folder, "seed=5", "cameras.top.exposure_ms=0.07")
    again = recipe.from_text(recipe.resolved(r), folder=folder)
    assert again.seed == 5
    assert [plan.shot(again, "val", n) for n in range(3)] == [plan.shot(r, "val", n) for n in range(3)]
    assert recipe.resolved(again) == recipe.resolved(r)


def test_a_recipe_travels_to_a_worker_with_randomizers_of_its_own_file(folder):
    (folder / "mine.py").write_text(
        "from __future__ import annotations\nfrom dataclasses import dataclass, replace\n"
        "@dataclass(frozen=True)\nclass Dust:\n    amount: float = 0.5\n"
        "    def __call__(self, shot, rng):\n        return replace(shot, notes={'dust': str(self.amount)})\n"
    )
    r = load(CARD + "randomize: [./mine.py:Dust: {amount: {uniform: [0, 1]}}]\n", folder)
    assert r.randomize[0].label == "Dust"
    travelled = pickle.loads(pickle.dumps(r))
    assert plan.shot(travelled, "train", 3) == plan.shot(r, "train", 3)
    assert 0.0 < float(plan.shot(r, "train", 3).notes["dust"]) < 1.0


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("raise SystemExit(3)", "cannot be imported: SystemExit: 3; repair it"),
        ("import no_such_module", "cannot be imported: ModuleNotFoundError"),
        ("def broken(:", "cannot be imported: SyntaxError"),
        ("class Dast: pass", "has no class 'Dust'; write Dast"),
        ("class Dust: pass", "is no dataclass; write @dataclass(frozen=True) above its class"),
    ],
)
def test_a_broken_file_beside_the_recipe_is_a_fault(folder, code, message):
    (folder / "mine.py").write_text(code)
    (fault,) = faults(CARD + "randomize: [./mine.py:Dust]\n", folder)
    assert message in fault


def test_check_draws_64_times_and_reports_what_never_works(folder):
    path = folder / "r.yaml"
    path.write_text(CARD)
    began = time.perf_counter()
    assert check.check(path) == []
    assert time.perf_counter() - began < 2
    path.write_text(CARD.replace("mount: stand_top", "position_m: [0, 0, 0.75], look_at_m: [0, 0, 2]"))
    (fault,) = check.check(path)
    assert fault.startswith(f"{path}:5: cameras.top: stands at [0, 0, 0.75] m inside a solid of bench")
    assert fault.endswith("move it (camera_inside in 64 of 64 draws)")
    path.write_text(CARD.replace("module_mm: 1.0", "module_mm: 6.0"))
    (fault,) = check.check(path)
    assert fault.startswith(f"{path}:9: items.card: label main: qr of 21 modules at 6 mm needs")
    path.write_text(CARD.replace("size_mm: [140, 90]", "size_mm: [140, 190]"))
    (fault,) = check.check(path)
    assert "label main is 140 x 190 mm on a face of 150 x 100 mm" in fault


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("mount: stand_top", "position_m: [0, 0, 2], look_at_m: [0, 0, 2]", 5, "cameras.top: position and target"),
        ("peak_power_w: 5", "spectrum: white_led, cct_k: 1500, flux_lm: 5", 7, "lights.lamp: "),
        ("peak_power_w: 5, peak_nm: 630", "flux_lm: 5, peak_nm: 940", 7, "lights.lamp: a lamp given in lumens or lux"),
    ],
)  # fmt: skip
def test_check_names_the_line_of_a_thing_that_cannot_be_made(folder, old, new, line, message):
    path = folder / "r.yaml"
    path.write_text(CARD.replace(old, new))
    (fault,) = check.check(path)
    assert fault.startswith(f"{path}:{line}: {message}")


def test_check_reports_two_writers_of_one_field_and_a_failing_randomizer(folder):
    path = folder / "r.yaml"
    path.write_text(CARD + "randomize: [bar_lights, {bar_lights: {peak_nm: 850}, as: again}]\n")
    (fault,) = check.check(path)
    assert "randomize.again: writes lights.lamp.peak_power_w, which randomize.bar_lights has written" in fault
    (folder / "mine.py").write_text(
        "from dataclasses import dataclass\n@dataclass(frozen=True)\nclass Bad:\n"
        "    def __call__(self, shot, rng):\n        return shot.lights['nobody']\n"
    )
    path.write_text(CARD + "randomize: [./mine.py:Bad]\n")
    (fault,) = check.check(path)
    assert "randomize.Bad: ./mine.py:Bad failed with KeyError: 'nobody'" in fault


def test_kinds_of_items_are_those_that_have_a_body():
    from synthgen.recipe.items import KINDS
    from synthgen.usd import items

    assert set(items.KINDS) | {"box", "usd"} == set(KINDS)


@pytest.mark.parametrize("field", ["hazard", "edition"])
def test_every_hazard_and_edition_of_the_limits_may_be_asked(folder, field):
    from synthgen.photobiology import editions

    for word in editions.HAZARDS if field == "hazard" else editions.EDITIONS:
        asked = load(CARD + f"safety: {{{field}: {word}}}\n", folder).safety
        assert getattr(asked, field) == word


def test_every_word_of_the_language_loads_and_gives_a_shot_that_its_json_gives_back(folder):
    (folder / "mine.py").write_text(
        "from dataclasses import dataclass, replace\n@dataclass(frozen=True)\nclass Dust:\n    amount: float = 0.1\n"
        "    def __call__(self, shot, rng):\n"
        "        return replace(shot, notes={**shot.notes, 'dust': str(self.amount)})\n"
    )
    r = load(EVERY, folder)
    for index in range(5):
        shot = plan.shot(r, "val", index)
        assert Shot.from_json(shot.to_json()).to_json() == shot.to_json()
        assert shot.notes["dust"] == "0.5" and shot.cameras["top"].sensor.bits == 12
    # each mapping of the model is in it, so that this recipe stays the whole language
    written = {part for _, part, _ in messages._mappings(recipe.Recipe, r.origin.document.data, ())}
    assert written == set(parts_of(recipe.Recipe))


def parts_of(kind: object) -> list[type[Part]]:
    """Return every model below a type."""
    if not (isinstance(kind, type) and issubclass(kind, Part)):
        return [part for arg in get_args(kind) for part in parts_of(arg)]
    return [kind, *(part for field in kind.model_fields.values() for part in parts_of(field.annotation))]


def test_shipped_recipes_are_good(monkeypatch):
    monkeypatch.undo()
    from synthgen import shelves

    for path in sorted(shelves.path("recipes").glob("*.yaml")):
        loaded = recipe.load(path.stem)
        for index in range(4):
            assert plan.shot(loaded, next(iter(loaded.splits)), index).cameras, path


def test_a_recipe_of_which_nothing_can_be_built_is_refused_before_any_work(tmp_path):
    shipped = (Path(__file__).parents[2] / "recipes" / "bench_card.yaml").read_text()
    path = tmp_path / "big.yaml"
    path.write_text(shipped.replace("module_mm: 0.5", "module_mm: 2.5"))
    with pytest.raises(RecipeError) as refused:
        check.require_possible(recipe.load(path))
    assert "code_too_large in 64 of 64 draws" in str(refused.value)
    assert "use module_mm <=" in str(refused.value)
    check.require_possible(recipe.load("bench_card"))


def test_a_rolling_shutter_is_refused_until_it_is_simulated(folder, monkeypatch):
    from dataclasses import replace

    from synthgen.recipe import cameras

    (fault,) = faults(CARD.replace("sensor: imx265", "sensor: {model: imx265, shutter: rolling}"), folder)
    why = "rolling shutters are not simulated yet, write global"
    assert fault == f"5: cameras.top.sensor.shutter: found rolling; {why}"
    (fault,) = faults(
        CARD.replace("sensor: imx265", "sensor: {model: imx265, shutter: {choice: [global, rolling]}}"), folder
    )
    assert why in fault
    rolls = replace(cameras.SENSORS["imx265"], shutter="rolling")
    monkeypatch.setattr(cameras, "SENSORS", {**cameras.SENSORS, "imx265": rolls})
    for sensor in ("imx265", "{choice: [imx264, imx265]}", "{model: imx265}"):
        (fault,) = faults(CARD.replace("sensor: imx265", f"sensor: {sensor}"), folder)
        assert "found the sensor 'imx265', whose shutter rolls; rolling shutters are not simulated yet" in fault
    load(CARD.replace("sensor: imx265", "sensor: {model: imx265, shutter: global}"), folder)


def test_a_mount_that_is_not_there_names_the_most_alike_and_where_all_are_listed(folder):
    text = CARD.replace("warehouse: bench", "warehouse: scan_tunnel").replace("stand_top", "gantry_tpo")
    fault = next(fault for fault in faults(text, folder) if "gantry_tpo" in fault)
    assert "; write gantry_top or gantry_" in fault
    assert fault.endswith("; synthgen check --mounts scan_tunnel lists all 37")


def test_every_number_of_a_site_says_what_it_is():
    from synthgen.world import sites

    assert {name: set(about) for name, about in sites.ABOUT.items()} == {
        name: set(numbers) for name, numbers in sites.DEFAULTS.items()
    }
