"""A file that is no recipe is told what it is and which command takes it, by every command that wants a recipe."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest
from PIL import Image

from synthgen import recipe
from synthgen.errors import RecipeError


def png() -> bytes:
    stream = io.BytesIO()
    Image.new("L", (4, 4)).save(stream, "png")
    return stream.getvalue()


def tar() -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as made:
        made.addfile(tarfile.TarInfo("a.json"))
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "what", "command"),
    [
        ("frame.step", b"ISO-10303-21;\nHEADER;\n", "is a CAD model (STEP), no recipe", "convert it to USD"),
        ("frame.stl", b"\0" * 84, "is a 3D model, no recipe", "convert it to USD"),
        ("a.png", png(), "is a PNG image, no recipe", "preview and generate make images"),
        ("image", png(), "is a PNG image, no recipe", "preview and generate make images"),
        ("train-000000.tar", tar(), "is a shard of a data set (tar)", "synthgen check FOLDER"),
        ("points.csv", b"x,y,z\n1,2,3\n", "is a table (CSV)", "synthgen measure STAGE --at FILE"),
        ("stage.yaml", b"#usda 1.0\n", "is a USD stage", "synthgen check, render, measure and safety"),
        ("manifest.json", b'{"shards": [], "splits": {}}', "is a data set's manifest", "synthgen check FOLDER"),
        ("shot.json", b'{"version": 1, "split": "a", "index": 0, "world": {}}', "is a drawn shot", "synthgen shot"),
        ("r.json", b'[{"image_id": 1, "bbox": []}]', "is a list", "synthgen evaluate RESULTS.json DATASET"),
        ("coco.json", b'{"images": [], "annotations": []}', "annotations (COCO)", "synthgen evaluate"),
        ("lamp.yaml", b"power_w: 10\npeak_nm: 450\n", "is a lamp, no recipe", "synthgen safety lamp FILE"),
    ],
)
def test_a_foreign_file_is_named_with_the_command_that_takes_it(tmp_path, name, data, what, command):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(RecipeError) as caught:
        recipe.load(tmp_path / name)
    (fault,) = caught.value.faults
    assert fault.startswith(str(tmp_path / name))
    assert what in fault and command in fault and "version: 1" not in fault


def test_a_recipe_as_json_and_one_without_a_version_stay_recipes(tmp_path):
    path = tmp_path / "r.json"
    path.write_text(recipe.resolved(recipe.load("bench_card")))
    assert recipe.load(path).items.keys() == {"card"}
    path.write_text('{"scene": {"warehouse": "bench"}}')
    with pytest.raises(RecipeError, match="version: is missing; write version"):
        recipe.load(path)


def test_shipped_recipes_are_none_of_these():
    from synthgen import shelves
    from synthgen.recipe.foreign_files import described

    for path in shelves.path("recipes").glob("*.yaml"):
        assert described(path.name, path.read_bytes()[:512]) == "", Path(path)
