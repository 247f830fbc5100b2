"""The built wheel works in an empty environment from any folder, with recipes, randomizers and schemas inside."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return next(out.glob("*.whl"))


def test_one_top_level_name_and_all_shelves_inside(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {name.split("/")[0] for name in names} == {
        "synthgen",
        wheel.name.removesuffix("-py3-none-any.whl") + ".dist-info",
    }
    shipped = [*ROOT.glob("recipes/*.yaml"), *ROOT.glob("randomizers/*.py"), *ROOT.glob("usd_schemas/*.usda")]
    assert len(shipped) > 10
    for path in shipped:
        assert f"synthgen/{path.parent.name}/{path.name}" in names
    assert "synthgen/usd_schemas/plugInfo.json" in names


@pytest.mark.slow
def test_installed_wheel_makes_a_sample_from_any_folder(wheel: Path, tmp_path: Path) -> None:
    # The environment is empty but for what the wheel asks for, which comes from this one: nothing is downloaded.
    target = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(target)
    (tmp_path / "elsewhere" / "randomizers").mkdir(parents=True)  # a user's own folder of that name is no obstacle
    (tmp_path / "elsewhere" / "randomizers" / "__init__.py").write_text("raise ImportError('the wrong one')\n")
    code = f"""
import sys
sys.path[:] = [{str(target)!r}] + [p for p in sys.path if p not in ('', {str(ROOT)!r})]
sys.meta_path[:] = [f for f in sys.meta_path if "editable" not in type(f).__module__ and "editable" not in repr(f)]
import synthgen
assert synthgen.__file__.startswith({str(target)!r}), synthgen.__file__
from synthgen import devices, pipeline, recipe
devices.resolve("cpu")
from synthgen import shelves
from synthgen.planning import plan
for path in sorted(shelves.path("recipes").glob("*.yaml")):  # each names its randomizers from the shelf in the wheel
    assert plan.shot(recipe.load(path.stem), "train", 0).items
sample, = pipeline.SampleRenderer(recipe.load("bench_card")).samples("train", 0)
print(sample.key, sample.image.shape)
"""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, check=False, cwd=tmp_path / "elsewhere", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("train-00000000-")
