"""The command line as its users meet it: flags, exit codes, what goes to stdout and what to stderr."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import fake_renderer
import pytest

from synthgen import cli
from synthgen.generation import driver

RECIPE = """\
version: 1
scene: {warehouse: bench}
cameras:
  top:
    position_m: [0, 0, 1.5]
    look_at_m: [0, 0, 0.8]
    sensor: imx264
    lens: {focal_mm: 25, f_number: 5.6}
    exposure_us: {uniform: [50, 90]}
lights:
  lamp: {position_m: [0.5, 0, 1.5], look_at_m: [0, 0, 0.8], shape: rect, size_mm: [100, 100], peak_power_w: 5}
dataset: {splits: {train: 0.75, val: 0.25}, samples_per_shard: 4}
"""


@pytest.fixture
def recipe(tmp_path) -> str:
    path = tmp_path / "tiny.yaml"
    path.write_text(RECIPE)
    return str(path)


@pytest.fixture
def ran(capfd, monkeypatch):
    """Return a function that runs one command line with a cheap renderer; gives (exit code, stdout, stderr)."""
    monkeypatch.setattr(driver, "sample_renderer", fake_renderer.made)
    monkeypatch.setattr("warnings.showwarning", print)  # restored afterwards: `cli.run` sets its own

    def run(*arguments: object) -> tuple[int, str, str]:
        code = cli.run([str(a) for a in arguments])
        return code, *capfd.readouterr()

    return run


def _fresh(code: str) -> subprocess.CompletedProcess:
    root = str(Path(cli.__file__).parents[1])
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": root},
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_imports_nothing_slow():
    done = _fresh(
        "import sys\nfrom synthgen import cli\ncode = cli.run(['--help'])\n"
        "slow = {'warp', 'pxr', 'pydantic', 'yaml', 'joblib', 'PIL', 'numpy', 'zxingcpp'} & set(sys.modules)\n"
        "sys.exit(f'{code} {slow}' if code or slow else 0)"
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert all(command in done.stdout for command in cli.COMMANDS)


@pytest.mark.parametrize("command", cli.COMMANDS)
def test_the_help_of_every_command_has_an_example(ran, command):
    code, out, err = ran(command, "--help")
    assert (code, err) == (0, "")
    assert f"Example: synthgen {command}" in out


@pytest.mark.parametrize(
    "arguments",
    [
        ["generat"],
        ["generate"],
        ["generate", "RECIPE", "-o", "OUT"],
        ["generate", "RECIPE", "-n", "0", "-o", "OUT"],
        ["generate", "RECIPE", "-n", "many", "-o", "OUT"],
        ["generate", "RECIPE", "-n", "4", "-o", "OUT", "--resume", "perhaps"],
        ["generate", "RECIPE", "-n", "4", "-o", "OUT", "--engine", "slurm"],
        ["generate", "RECIPE", "-n", "4", "-o", "OUT", "--scheduler", "tcp://here:1"],
        ["generate", "RECIPE", "-n", "4", "-o", "OUT", "--engine", "ray", "--scheduler", "here:1", "--workers", "2"],
        ["generate", "RECIPE", "-n", "4", "-o", "OUT", "--job-index", "1"],
        ["generate", "RECIPE", "-n", "4", "-o", "OUT", "--job-index", "2", "--num-jobs", "2"],
        ["generate", "RECIPE", "-n", "4", "-o", "OUT", "--device", "gpu"],
        ["generate", "RECIPE", "-n", "4", "-o", "OUT", "--set", "cameras.tap.exposure_us=3"],
        ["generate", "RECIPE", "-n", "4", "-o", "OUT", "--workers", "0"],
        ["plan", "RECIPE", "--split", "test"],
        ["render", "stage.usda", "-o", "OUT", "--maps", "image,colour"],
    ],
)
def test_a_wrong_command_line_is_usage_and_makes_nothing(ran, recipe, tmp_path, arguments):
    places = {"RECIPE": recipe, "OUT": tmp_path / "out"}
    code, out, err = ran(*(places.get(a, a) for a in arguments))
    assert (code, out) == (2, "")
    assert err.strip()
    assert "Traceback" not in err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("engine", ["dask", "ray"])
def test_an_engine_that_is_not_installed_is_named_with_its_extra(ran, recipe, tmp_path, monkeypatch, engine):
    monkeypatch.setitem(sys.modules, engine, None)
    monkeypatch.delitem(sys.modules, f"synthgen.generation.engines.{engine}", raising=False)
    code, out, err = ran("generate", recipe, "-n", 4, "-o", tmp_path / "out", "--engine", engine)
    assert (code, out) == (4, "")
    assert f"pip install 'synthgen[{engine}]'" in err
    assert not (tmp_path / "out").exists()


def test_generate_makes_finishes_and_reports(ran, recipe, tmp_path):
    out = tmp_path / "out"
    code, data, said = ran("generate", recipe, "-n", 10, "-o", out, "--workers", 1, "--json")
    assert code == 0
    made = json.loads(data)
    assert (made["shards"], made["made"], made["shots"], made["complete"]) == (3, 3, 12, True)
    assert "10 shots are rounded up to whole shards: 8 train, 4 val" in said
    code, data, said = ran("generate", recipe, "-n", 10, "-o", out, "--workers", 2)
    assert (code, data) == (0, "")
    assert "0 shards made, 3 were there" in said
    assert made["manifest_sha256"] in said
    assert ran("check", out) == (0, "", f"{out}: no fault found\n")
    code, data, _ = ran("finalize", out, "--json")
    assert json.loads(data)["manifest_sha256"] == made["manifest_sha256"]


def test_an_array_job_is_finalized(ran, recipe, tmp_path):
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    digest = json.loads(ran("generate", recipe, "-n", 16, "-o", whole, "--json")[1])["manifest_sha256"]
    for index in (1, 0):
        code, _, said = ran("generate", recipe, "-n", 16, "-o", parts, "--job-index", index, "--num-jobs", 2)
        assert code == 0
        assert f"synthgen finalize {parts}" in said
        assert (ran("finalize", parts)[0] == 3) == (index == 1)
    assert json.loads(ran("finalize", parts, "--json")[1])["manifest_sha256"] == digest


def test_exact_makes_a_short_last_shard(ran, recipe, tmp_path):
    made = json.loads(ran("generate", recipe, "-n", 10, "-o", tmp_path / "o", "--exact", "--json")[1])
    assert (made["shots"], made["shards"]) == (10, 3)


def test_a_dry_run_makes_nothing(ran, recipe, tmp_path):
    code, data, _ = ran("generate", recipe, "-n", 16, "-o", tmp_path / "o", "--dry-run")
    assert (code, data) == (0, "train 12 shots in 3 shards, val 4 shots in 1 shards\n")
    code, data, _ = ran("generate", recipe, "-n", 16, "-o", tmp_path / "o", "--dry-run", "--json")
    told = json.loads(data)
    assert (told["shards"], told["last_shard"]) == (4, "val/val-000000.tar")
    assert not (tmp_path / "o").exists()


@pytest.mark.parametrize("change", [["--seed", "1"], ["-n", "32"], ["--set", "lights.lamp.peak_power_w=6"]])
def test_another_data_set_in_the_folder_is_bad_input(ran, recipe, tmp_path, change):
    first = ["generate", recipe, "-n", "16", "-o", tmp_path / "o"]
    assert ran(*first)[0] == 0
    options = change if "-n" in change else ["-n", "16", *change]
    code, data, said = ran("generate", recipe, "-o", tmp_path / "o", *options)
    assert (code, data) == (4, "")
    assert "choose a new place with -o" in said
    assert ran(*first)[0] == 0


@pytest.mark.parametrize("options", [["--resume", "always"], ["--resume", "never"]])
def test_resume_rules_are_kept(ran, recipe, tmp_path, options):
    first = ["generate", recipe, "-n", "16", "-o", tmp_path / "o"]
    codes = [ran(*first, *options)[0], ran(*first)[0], ran(*first, *options)[0]]
    assert codes == ([4, 0, 0] if "always" in options else [0, 0, 4])


def test_a_bad_recipe_says_every_fault_with_its_line(ran, recipe, tmp_path):
    Path(recipe).write_text(RECIPE.replace("exposure_us", "exposre_us").replace("peak_power_w", "peak_power_q"))
    for command in (["check", recipe], ["generate", recipe, "-n", "4", "-o", tmp_path / "o"]):
        code, out, err = ran(*command)
        assert code == 4
        assert f"{recipe}:9: " in out + err
        assert f"{recipe}:11: " in out + err
    assert not (tmp_path / "o").exists()
    assert len(json.loads(ran("check", recipe, "--json")[1])["faults"]) >= 2


def test_failed_shots_end_with_3_and_are_named(ran, recipe, tmp_path, monkeypatch):
    monkeypatch.setattr(driver, "sample_renderer", fake_renderer.made_with_a_failure)
    code, data, said = ran("generate", recipe, "-n", 16, "-o", tmp_path / "o", "--json")
    assert code == 3
    assert json.loads(data)["failed_shots"] == {"train-00000005": {"label_too_large": 20}}
    assert "1 of 16 shots could not be built (label_too_large)" in said


def test_plan_shows_what_is_drawn(ran, recipe):
    code, data, _ = ran("plan", recipe, "-n", 32)
    assert code == 0
    assert "32 of 32 shots can be built; 100.0% of 32 attempts accepted" in data
    (line,) = [line for line in data.splitlines() if line.startswith("cameras.top.exposure_s")]
    assert float(line.split()[1]) >= 50e-6
    assert float(line.split()[3]) <= 90e-6
    values = json.loads(ran("plan", recipe, "-n", 32, "--json")[1])["values"]
    assert sum(values["cameras.top.exposure_s"]["histogram"]) == 32


def test_our_mistakes_are_one_line_unless_asked(ran, recipe, tmp_path, monkeypatch):
    monkeypatch.setattr(driver, "run", lambda *given, **named: 1 // 0)
    arguments = ["generate", recipe, "-n", 4, "-o", tmp_path / "o"]
    code, _, said = ran(*arguments)
    assert code == 1
    assert said.splitlines()[-1].startswith("internal error: ZeroDivisionError")
    assert "Traceback" not in said
    monkeypatch.setenv("SYNTHGEN_DEBUG", "1")
    assert "Traceback" in ran(*arguments)[2]


def test_ctrl_c_is_130(ran, recipe, tmp_path, monkeypatch):
    monkeypatch.setattr(driver, "run", lambda *given, **named: signal.raise_signal(signal.SIGINT))
    assert ran("generate", recipe, "-n", 4, "-o", tmp_path / "o")[0] == 130


def test_nothing_is_drawn_or_coloured_when_piped(ran, recipe, tmp_path):
    for mode in ("auto", "plain", "none"):
        _, data, said = ran("generate", recipe, "-n", 4, "-o", tmp_path / mode, "--progress", mode, "--exact")
        assert "\x1b" not in data + said
    _, _, said = ran("generate", recipe, "-n", 4, "-o", tmp_path / "bar", "--progress", "bar", "--exact")
    assert "4/4" in said


def test_a_reader_that_leaves_is_no_error(recipe):
    done = _fresh(
        "import os, sys\nfrom synthgen import cli\n"
        "r, w = os.pipe(); os.dup2(w, 1); os.close(w); os.close(r)\n"
        f"sys.exit(cli.run(['generate', {recipe!r}, '-n', '4', '-o', 'nowhere', '--dry-run']))"
    )
    assert (done.returncode, "Traceback" in done.stderr) == (141, False)
