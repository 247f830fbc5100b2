"""From a name in a recipe to a class."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from synthgen.errors import InputError
from synthgen.recipe import randomizers
from tests.recipe_samples import SHELF, BarLights, Note


@pytest.fixture(autouse=True)
def shelf(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(randomizers, "shipped", lambda: {**SHELF, "lazy": "tests.recipe_samples:Note"})


def test_a_shipped_name_is_a_class_or_the_place_of_one():
    assert randomizers.find("bar_lights", Path()) is BarLights
    assert randomizers.find("lazy", Path()) is Note
    with pytest.raises(InputError, match="no randomizer is called 'bar_light'; write bar_lights"):
        randomizers.find("bar_light", Path())


def test_an_entry_point_names_a_table(monkeypatch):
    table = {"dock_glare": Note}
    points = [
        SimpleNamespace(name="acme", load=lambda: table),
        SimpleNamespace(name="module", load=lambda: SimpleNamespace(RANDOMIZERS=table)),
        SimpleNamespace(name="broken", load=lambda: 1 / 0),
    ]
    monkeypatch.setattr(randomizers, "entry_points", lambda group: points if group == "synthgen.randomizers" else [])
    assert randomizers.find("acme/dock_glare", Path()) is Note
    assert randomizers.find("module/dock_glare", Path()) is Note
    for name, message in (
        ("acme/dock_glaer", "write acme/dock_glare"),
        ("acne/dock_glare", "no installed package offers randomizers as 'acne'; write acme"),
        ("broken/dock_glare", "cannot be imported: division by zero; repair that package"),
    ):
        with pytest.raises(InputError, match=message):
            randomizers.find(name, Path())


def test_a_file_beside_the_recipe_is_imported_once(tmp_path):
    (tmp_path / "mine.py").write_text(
        "from pathlib import Path\nlog = Path(__file__).with_suffix('.log')\n"
        "log.write_text((log.read_text() if log.exists() else '') + 'x')\nclass Dust: pass\n"
    )
    assert randomizers.find("./mine.py:Dust", tmp_path) is randomizers.find("./mine.py:Dust", tmp_path)
    assert (tmp_path / "mine.log").read_text() == "x"


@pytest.mark.parametrize("name", ["./../mine.py:Dust", "/mine.py:Dust", "./mine.py", "./mine.py:", "mine.py:Dust"])
def test_only_a_file_beside_the_recipe_is_run(tmp_path, name):
    (tmp_path / "mine.py").write_text("raise RuntimeError('was run')")
    with pytest.raises(InputError, match=r"write \./file\.py:Class, a file beside the recipe"):
        randomizers.find(name, tmp_path)


def test_every_shipped_randomizer_can_be_listed_with_its_defaults(monkeypatch):
    monkeypatch.undo()
    from synthgen.recipe import randomizer_entry

    for name in randomizers.shipped():
        kind = randomizer_entry.find(name, Path())
        schema = randomizer_entry.adapters(kind)
        assert schema, name
        json.dumps(sorted(schema))
