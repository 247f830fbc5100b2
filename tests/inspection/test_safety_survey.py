"""`synthgen safety` on a stage, a recipe and a data set: reports, exit codes, the worst shot."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from synthgen import cli
from synthgen.dataset import identity_file, manifest, row_index, stores
from synthgen.dataset.identity import Identity
from synthgen.errors import DatasetError, InputError
from synthgen.inspection import safety_survey
from synthgen.pipeline import SampleRenderer
from synthgen.planning import plan
from synthgen.recipe import load
from synthgen.usd.read.open_stage import open_stage
from synthgen.usd.read.zones import zones_of
from tests.scenes import BENCH, USDA

ZONES = """
safety:
  hazard: worst
  edition: iec62471-2006
  duration_s: 100
  max_ratio: {allowed}
  on_exceed: {then}
  zones:
    side: {{box_m: [[0.6, -0.4, 1.2], [1.2, 0.4, 1.9]]}}
"""


def recipe_file(folder: Path, allowed: float = 1.0, then: str = "flag") -> Path:
    """Return a recipe of one infrared lamp over a card, with one zone."""
    file = folder / "cell.yaml"
    text = BENCH.replace("peak_nm: 630", "peak_nm: 850") + ZONES.format(allowed=allowed, then=then)
    file.write_text(text)
    return file


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_recipe_gives_the_distribution_and_its_worst_shot(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, out = recipe_file(tmp_path), tmp_path / "report.json"
    assert cli.run(["safety", str(file), "-n", "3", "-o", str(out), "--device", "cpu", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data == json.loads(out.read_text())
    found = data["distribution"]
    assert [each["key"] for each in found["samples"]] == [f"train-{k:08d}" for k in range(3)]
    assert found["worst_key"] == data["identity"]["sample"]
    assert found["replay"].endswith(f"--split train --seed 0 -i {int(found['worst_key'][-8:])} -o worst.usda")
    ratios = {each["key"]: each["ratio"] for each in found["samples"]}
    assert max(ratios.values()) == ratios[found["worst_key"]] > 0
    assert data["worst_ratio"] == pytest.approx(ratios[found["worst_key"]], rel=0.03)
    powers = {k: plan.shot(load(str(file)), "train", k).lights["lamp"].peak_power_w for k in range(3)}
    assert int(found["worst_key"][-8:]) == max(powers, key=lambda k: powers[k])  # nothing else differs
    assert data["cameras"][0]["max_ratio"] > 0


def test_above_what_is_allowed_the_exit_code_is_5_and_the_report_is_written(tmp_path: Path) -> None:
    file, out = recipe_file(tmp_path), tmp_path / "report.json"
    assert cli.run(["safety", str(file), "-o", str(out), "--device", "cpu", "--max-ratio", "1e-6"]) == 5
    data = json.loads(out.read_text())
    assert data["passed"] is False and data["zones"][0]["remedies"]


def test_a_stage_gives_what_its_recipe_gave(tmp_path: Path) -> None:
    file, stage = recipe_file(tmp_path), tmp_path / "shot.usda"
    assert cli.run(["shot", str(file), "-i", "0", "-o", str(stage)]) == 0
    (zone,) = zones_of(open_stage(stage))
    assert zone.name == "side" and zone.duration_s == 100.0
    assert zone.box_m[0] == pytest.approx((0.6, -0.4, 1.2)) and zone.box_m[1] == pytest.approx((1.2, 0.4, 1.9))
    from_stage = safety_survey.of_stage(stage, "cpu", safety_survey.Asked(), views=False)
    from_recipe = safety_survey.of_recipe(load(str(file)), "train", 1, "cpu", safety_survey.Asked(), name="cell")
    assert from_stage.worst_ratio == pytest.approx(from_recipe.worst_ratio, rel=1e-4)
    assert from_stage.question == from_recipe.question


def test_a_data_set_is_judged_by_the_shots_that_are_in_it(tmp_path: Path) -> None:
    file, out = recipe_file(tmp_path), tmp_path / "set"
    assert cli.run(["generate", str(file), "-o", str(out), "-n", "2", "--device", "cpu", "--workers", "1"]) == 0
    found = safety_survey.of_dataset(str(out), None, "cpu", safety_survey.Asked())
    assert found.distribution is not None and len(found.distribution.samples) == 2
    assert found.identity.recipe_sha256 == Identity.of(stores.at(str(out))).recipe_sha256
    kept = json.loads((out / manifest.FILE).read_text())
    samples = [each["eye_safety"] for each in kept["shards"]]
    assert kept["eye_safety"]["worst_ratio"] == max(each["worst_ratio"] for each in samples) > 0
    assert kept["eye_safety"]["worst_key"].startswith("train-0000000")


@pytest.mark.parametrize("hurt", ["tar", "rows", "recipe"])
def test_a_data_set_that_is_not_as_it_was_written_is_refused(
    hurt: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One byte of a sample, of the rows that hold its hash, or of the recipe that names the faults."""
    file, out = recipe_file(tmp_path), tmp_path / "set"
    assert cli.run(["generate", str(file), "-o", str(out), "-n", "2", "--device", "cpu", "--workers", "1"]) == 0
    name = {"tar": "*/*.tar", "rows": f"{row_index.FOLDER}/*", "recipe": identity_file.RECIPE}[hurt]
    place = next(iter(sorted(out.glob(name))))
    data = bytearray(place.read_bytes())
    at = {"tar": data.find(b'"peak_power_w"') + 16, "rows": len(data) // 2, "recipe": data.find(b"peak")}[hurt]
    data[at] ^= 0x01
    place.write_bytes(data)
    capsys.readouterr()
    assert cli.run(["safety", str(out), "--device", "cpu"]) == 4
    said = capsys.readouterr().err
    assert place.name in said and ("damaged" in said or "hash" in said)


def test_a_data_set_that_is_not_finished_is_refused(tmp_path: Path) -> None:
    file, out = recipe_file(tmp_path), tmp_path / "set"
    assert cli.run(["generate", str(file), "-o", str(out), "-n", "1", "--device", "cpu", "--workers", "1"]) == 0
    (out / manifest.FILE).unlink()
    with pytest.raises(DatasetError, match=r"not finished.*finalize"):
        safety_survey.of_dataset(str(out), None, "cpu", safety_survey.Asked())


FAULTS = """  single_faults: {stuck: {stuck_on: lights.lamp}}
  report: {document_number: ES-1, client: from the recipe}
"""


def test_single_faults_of_a_recipe_reach_the_verdict_and_flags_win_over_its_document(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A lamp that strobes with a duty of 0.002 passes at a level that it does not when it stays on."""
    file, out = recipe_file(tmp_path), tmp_path / "report.json"
    pulsed = file.read_text().replace("peak_nm: 850", "peak_nm: 850\n    pulse_us: 100\n    rate_hz: 20")
    file.write_text(pulsed + FAULTS)
    arguments = ["safety", str(file), "-o", str(out), "--device", "cpu"]
    flags = ["--client", "from a flag", "--issued", "2026-01-31", "--site", "hall 3", "--machine", "cell 7"]
    code = cli.run([*arguments, *flags, "--data-sheets", "LX-850 rev. 3"])
    data = json.loads(out.read_text())
    assert data["document"] == {
        "document_number": "ES-1", "issued": "2026-01-31", "client": "from a flag", "site": "hall 3",
        "machine": "cell 7", "data_sheets": "LX-850 rev. 3",
    }  # fmt: skip
    (fault,) = data["faults"]
    assert fault["name"] == "stuck" and fault["what"] == "lamp on without pause at full power"
    worst = fault["zones"][0]["worst_ratio"]
    assert worst > data["worst_ratio"] > 0.0
    assert "single fault stuck: passes" in capsys.readouterr().out and code == 0 and data["passed"]
    between = str(0.5 * (worst + data["worst_ratio"]))
    assert cli.run([*arguments, "--max-ratio", between]) == 5
    failed = json.loads(out.read_text())
    assert failed["zones"][0]["passed"] and not failed["faults"][0]["passed"] and not failed["passed"]
    assert "NOT with a single fault (stuck in side)" in failed["verdict"]


def test_a_fault_of_a_lamp_that_is_not_there_is_told_before_any_work(tmp_path: Path) -> None:
    file = recipe_file(tmp_path)
    file.write_text(file.read_text() + "  single_faults: {gone: {stuck_on: lights.none}}\n")
    with pytest.raises(InputError, match=r"safety\.single_faults\.gone: .*lights\.lamp"):
        safety_survey.of_recipe(load(str(file)), "train", 1, "cpu", safety_survey.Asked(), name="cell")


def test_a_stage_is_filed_by_flags_and_a_date_that_is_none_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, stage, out = recipe_file(tmp_path), tmp_path / "shot.usda", tmp_path / "report.json"
    assert cli.run(["shot", str(file), "-i", "0", "-o", str(stage)]) == 0
    assert cli.run(["safety", str(stage), "-o", str(out), "--device", "cpu", "--document-number", "ES-9"]) == 0
    assert json.loads(out.read_text())["document"]["document_number"] == "ES-9"
    capsys.readouterr()
    assert cli.run(["safety", str(stage), "--issued", "31.1.2026"]) == 2
    assert "--issued: found '31.1.2026'; write the day as 2026-01-31" in capsys.readouterr().err


def test_gaze_and_stay_of_a_zone_reach_the_stage_and_the_judgement(tmp_path: Path) -> None:
    file, stage = recipe_file(tmp_path), tmp_path / "shot.usda"
    file.write_text(file.read_text().replace("[1.2, 0.4, 1.9]]}", "[1.2, 0.4, 1.9]], gaze: horizontal, duration_s: 7}"))
    assert cli.run(["shot", str(file), "-i", "0", "-o", str(stage)]) == 0
    (zone,) = zones_of(open_stage(stage))
    assert (zone.gaze, zone.duration_s) == ("horizontal", 7.0)
    found = safety_survey.of_stage(stage, "cpu", safety_survey.Asked(), views=False)
    assert (found.zones[0].gaze, found.zones[0].duration_s) == ("horizontal", 7.0)
    again = safety_survey.of_recipe(load(str(file)), "train", 1, "cpu", safety_survey.Asked(), name="cell")
    assert again.worst_ratio == pytest.approx(found.worst_ratio, rel=1e-4)


def test_generate_fails_with_5_where_the_recipe_says_so(tmp_path: Path) -> None:
    file = recipe_file(tmp_path, 1e-9, "fail")
    arguments = ["-o", str(tmp_path / "set"), "-n", "1", "--device", "cpu", "--workers", "1"]
    assert cli.run(["generate", str(file), *arguments]) == 5
    assert (tmp_path / "set" / manifest.FILE).exists()


def test_an_unsafe_shot_is_drawn_again_where_the_recipe_says_so(tmp_path: Path) -> None:
    """The lamp's power is uniform: a limit between its ends rejects the stronger draws, and keeps the others."""
    free = SampleRenderer(load(str(recipe_file(tmp_path))), "cpu")
    ratios = {k: free.samples("train", k)[0].record["safety"]["max_ratio"] for k in range(4)}
    between = sorted(ratios.values())[1] * 1.0001
    strict = SampleRenderer(load(str(recipe_file(tmp_path, between, "reject"))), "cpu")
    for k, ratio in ratios.items():
        (sample,) = strict.samples("train", k)
        assert sample.record["safety"]["max_ratio"] <= between
        assert (json.loads(sample.shot_json)["attempt"] > 0) is (ratio > between)
    hopeless = SampleRenderer(load(str(recipe_file(tmp_path, 1e-9, "reject"))), "cpu")
    with pytest.raises(plan.Failed) as failed:
        hopeless.samples("train", 0)
    assert failed.value.causes == {"safety": plan.TRIES}


def test_a_stage_without_zones_is_judged_everywhere_and_says_so(tmp_path: Path) -> None:
    file = tmp_path / "outside.usda"
    lamp = """def SphereLight "lamp" {
        float inputs:radius = 0.05
        float inputs:intensity = 1000
        double3 xformOp:translate = (0, 0, 3)
        uniform token[] xformOpOrder = ["xformOp:translate"]
    }
    """
    floor = 'def Cube "floor" {\n    double size = 2\n}\n'
    file.write_text(USDA.format(body=lamp + floor))
    found = safety_survey.of_stage(file, "cpu", safety_survey.Asked(duration_s=100.0), views=False)
    assert found.zones[0].name == "everywhere" and "no eye zone" in found.warnings[0]
    assert found.zones[0].worst_position_m == pytest.approx((0.0, 0.0, 1.9), abs=0.05)
    assert found.zones[0].duration_s == 100.0


def test_a_stage_without_lamps_and_an_unknown_suffix_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "dark.usda"
    file.write_text(USDA.format(body='def Cube "floor" {\n    double size = 2\n}\n'))
    with pytest.raises(InputError, match="no lamp to judge; add"):
        safety_survey.of_stage(file, "cpu", safety_survey.Asked())
    assert cli.run(["safety", str(file), "-o", str(tmp_path / "report.txt")]) == 2
    assert ".html, .pdf, .json" in capsys.readouterr().err
    assert cli.run(["safety", str(recipe_file(tmp_path)), "--hazard", "blue", "--device", "cpu"]) == 4
    assert "hazard" in capsys.readouterr().err


def test_what_is_asked_wins_over_what_is_stated() -> None:
    from synthgen.world.shot import Safety

    stated = Safety(hazard="ir-eye", duration_s=5.0, max_ratio=0.5)
    assert safety_survey.Asked().question(stated).hazard == "ir-eye"
    asked = safety_survey.Asked(hazard="uva", duration_s=7.0, max_ratio=2.0, edition="icnirp-2013").question(stated)
    assert (asked.hazard, asked.duration_s, asked.max_ratio, asked.edition) == ("uva", 7.0, 2.0, "icnirp-2013")
    with pytest.raises(InputError, match="edition"):
        safety_survey.Asked(edition="2006").question(replace(stated))
