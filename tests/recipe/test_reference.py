"""docs/recipe.md names every word of the language."""

from __future__ import annotations

import re
from pathlib import Path

from synthgen import recipe
from synthgen.recipe import randomizers
from synthgen.recipe.items import KINDS
from synthgen.world import item_faces, spectra
from synthgen.world.light_shapes import LIGHT_SHAPES
from synthgen.world.sensor_catalog import SENSORS
from synthgen.world.sites import SITES
from tests.recipe.test_load import parts_of

PAGE = (Path(__file__).parents[2] / "docs" / "recipe.md").read_text()
WORDS = set(re.findall(r"[a-z][a-z0-9_]*", PAGE))


def test_every_field_is_named():
    fields = {name for part in parts_of(recipe.Recipe) for name in part.model_fields} - {"parameters"}
    assert fields - WORDS == set()


def test_every_choice_is_named():
    known = {*SENSORS, *SITES, *randomizers.shipped(), *KINDS, *item_faces.FACES, *LIGHT_SHAPES, *spectra.NAMES}
    assert known - WORDS == set()


def test_what_the_page_promises_holds(tmp_path, capfd):
    from synthgen import cli

    for warehouse in SITES:
        assert cli.run(["check", "--mounts", warehouse]) == 0
    assert "belt_top_m         0.75" in capfd.readouterr().out
    assert round(SITES["bench"]["table_top_m"] + SITES["bench"]["board_thickness_m"], 4) == 0.764
