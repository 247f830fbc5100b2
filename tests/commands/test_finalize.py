"""The end of an array job: `finalize` ends with the exit code that `generate` of all shards would have."""

import json
from dataclasses import replace

import fake_renderer
import pytest

from synthgen import cli
from synthgen.generation import driver

RECIPE = """\
version: 1
scene: {warehouse: bench}
cameras:
  top: {mount: stand_tilted, sensor: imx264, lens: {focal_mm: 8, f_number: 5.6}, exposure_ms: 6}
safety: {max_ratio: 2.0, on_exceed: ON_EXCEED}
randomize:
  - ./mine.py:Still
dataset: {splits: {train: 0.75, val: 0.25}, samples_per_shard: 4}
"""
CLASS = """\
from dataclasses import dataclass


@dataclass(frozen=True)
class Still:
    def __call__(self, shot, rng):
        return shot
"""


class Bright:
    """Makes the samples of the fake renderer, with a hazard map of 5.25 times the limit in shot 5 of train."""

    def __init__(self, *given: object, **named: object) -> None:
        self._plain = fake_renderer.FakeRenderer()

    def samples(self, split, index, **named):
        ratio = 5.25 if (split, index) == ("train", 5) else 0.25
        made = self._plain.samples(split, index, **named)
        safety = {"hazard": "worst", "max_ratio": ratio}
        return [replace(s, record={**s.record, "safety": {**s.record["safety"], **safety}}) for s in made]


@pytest.fixture
def ran(capfd, monkeypatch):
    """Return a function that runs one command line; gives (exit code, stdout, stderr)."""
    monkeypatch.setattr("warnings.showwarning", print)  # restored afterwards: `cli.run` sets its own

    def run(*arguments: object) -> tuple[int, str, str]:
        code = cli.run([str(a) for a in arguments])
        return code, *capfd.readouterr()

    return run


def _recipe(tmp_path, on_exceed: str) -> str:
    folder = tmp_path / "recipe"
    folder.mkdir(exist_ok=True)
    (folder / "mine.py").write_text(CLASS)
    path = folder / "tiny.yaml"
    path.write_text(RECIPE.replace("ON_EXCEED", on_exceed))
    return str(path)


@pytest.mark.parametrize(("on_exceed", "expected"), [("fail", 5), ("flag", 0)])
def test_a_limit_that_is_exceeded_ends_generate_and_finalize_alike(ran, tmp_path, monkeypatch, on_exceed, expected):
    monkeypatch.setattr(driver, "sample_renderer", Bright)
    recipe, parts = _recipe(tmp_path, on_exceed), tmp_path / "parts"
    make = ["generate", recipe, "-n", 16, "--workers", 1]
    whole = ran(*make, "-o", tmp_path / "whole")
    jobs = [ran(*make, "-o", parts, "--job-index", index, "--num-jobs", 2)[0] for index in (0, 1)]
    assert jobs == ([0, expected] if expected else [0, 0])  # shot 5 is in shard 1
    (tmp_path / "recipe" / "mine.py").unlink()  # the machine that finalizes need not have it
    done = ran("finalize", parts, "--json")
    assert (whole[0], done[0]) == (expected, expected)
    told = json.loads(done[1])
    assert (told["worst_ratio"], told["shots"], told["samples"]) == (5.25, 16, 32)
    assert told["worst_key"].startswith("train-00000005-")
    assert (parts / "manifest.json").exists()
    if expected:
        assert "reaches 5.25 times the limit" in done[2]
        assert whole[2].splitlines()[-1].replace(str(tmp_path / "whole"), str(parts)) == done[2].splitlines()[-1]


def test_shots_that_could_not_be_built_end_both_with_3(ran, tmp_path, monkeypatch):
    monkeypatch.setattr(driver, "sample_renderer", fake_renderer.made_with_a_failure)
    make = ["generate", _recipe(tmp_path, "flag"), "-n", 16, "--workers", 1, "-o", tmp_path / "o"]
    assert ran(*make)[0] == 3
    code, _, said = ran("finalize", tmp_path / "o")
    assert code == 3
    assert "1 of 16 shots could not be built (label_too_large)" in said
