"""The built wheel works in an empty environment from any folder, with recipes, randomizers and schemas inside."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from email import message_from_bytes
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

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
def test_installed_wheel_makes_a_sample_and_a_report_from_any_folder(wheel: Path, tmp_path: Path) -> None:
    # Of this environment only what the wheel requires can be imported: nothing is downloaded, extras are not there.
    target = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(target)
    (tmp_path / "elsewhere" / "randomizers").mkdir(parents=True)  # a user's own folder of that name is no obstacle
    (tmp_path / "elsewhere" / "randomizers" / "__init__.py").write_text("raise ImportError('the wrong one')\n")
    code = f"""
import sys
sys.path[:] = [{str(target)!r}] + [p for p in sys.path if p not in ('', {str(ROOT)!r})]
refused = {unrequired_modules(wheel)!r}
class Installed:
    def __init__(self, finder):
        self.finder = finder
    def find_spec(self, name, path=None, target=None):
        return self.finder.find_spec(name, path, target) if name.partition(".")[0] not in refused else None
sys.meta_path[:] = [
    Installed(f) for f in sys.meta_path if "editable" not in type(f).__module__ and "editable" not in repr(f)
]
import synthgen
assert synthgen.__file__.startswith({str(target)!r}), synthgen.__file__
from synthgen import cli, devices, pipeline, recipe
devices.resolve("cpu")
from synthgen import shelves
from synthgen.planning import plan
for path in sorted(shelves.path("recipes").glob("*.yaml")):  # each names its randomizers from the shelf in the wheel
    assert plan.shot(recipe.load(path.stem), "train", 0).items
sample, = pipeline.SampleRenderer(recipe.load("bench_card")).samples("train", 0)
print(sample.key, sample.image.shape)
assert cli.run(["generate", "bench_card", "-o", "data", "-n", "2", "--workers", "1", "--progress", "none"]) == 0
assert cli.run(["report", "data", "-o", "report.html"]) == 0
"""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, check=False, cwd=tmp_path / "elsewhere", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("train-00000000-")
    assert "<svg" in (tmp_path / "elsewhere" / "report.html").read_text(encoding="utf-8")


def unrequired_modules(wheel: Path) -> list[str]:
    """Return the modules here that no distribution owns which the wheel requires without an extra."""
    with zipfile.ZipFile(wheel) as opened:
        name = next(name for name in opened.namelist() if name.endswith(".dist-info/METADATA"))
        asked = message_from_bytes(opened.read(name)).get_all("Requires-Dist", [])
    waiting, distributions = [Requirement(text) for text in asked], set()
    while waiting:
        requirement = waiting.pop()
        extras = [{"extra": extra} for extra in requirement.extras or ("",)]
        if requirement.marker and not any(requirement.marker.evaluate(extra) for extra in extras):
            continue
        if (found := canonicalize_name(requirement.name)) not in distributions:
            distributions.add(found)
            waiting += [Requirement(text) for text in metadata.requires(requirement.name) or ()]
    packages = metadata.packages_distributions()
    return sorted(name for name, owners in packages.items() if not distributions & set(map(canonicalize_name, owners)))
