"""The table of surfaces: every number possible, every name there that the rest of the program uses."""

from __future__ import annotations

import pytest

from synthgen.errors import InputError
from synthgen.world import materials
from synthgen.world.materials import FILMS, MATERIALS
from synthgen.world.shot import Baffle, Item, Label

NEEDED = (
    "kraft kraft_dark testliner white_top thermal_paper polypropylene vinyl leuco carbon flexo tape_clear tape_brown "
    "stretch_film tote_blue tote_grey tote_black galvanised ral5010 ral2004 ral7035 ral7016 ral1023 ral3020 "
    "anodised_al belt_black belt_grey roller_steel concrete concrete_painted pine pine_grey plywood matt_black rubber "
    "hi_vis yellow_line glass_black lens_black led_face mailer_white mailer_grey kraft_print"
)


def test_every_needed_surface_is_there() -> None:
    assert not set(NEEDED.split()) - set(MATERIALS)


@pytest.mark.parametrize("name", sorted(MATERIALS))
def test_surface_is_possible(name: str) -> None:
    surface = MATERIALS[name]
    assert all(0.0 < value < 1.0 for value in surface.reflectance)
    assert 0.0 < surface.roughness <= 1.0
    assert 1.3 <= surface.ior <= 1.7
    assert surface.metallic in (0.0, 1.0)
    assert not surface.ink or surface.ink in MATERIALS
    assert surface.source


def test_defaults_of_a_shot_name_surfaces() -> None:
    defaults = {f.name: f.default for kind in (Item, Label, Baffle) for f in kind.__dataclass_fields__.values()}
    assert {defaults["material"], defaults["stock"], defaults["ink"], defaults["finish"]} <= set(MATERIALS)


@pytest.mark.parametrize("stock", ["thermal_paper", "polypropylene", "vinyl"])
def test_label_contrast_in_red(stock: str) -> None:
    """ISO/IEC 15416 grades a symbol contrast of 70 % and more A."""
    paper, ink = MATERIALS[stock], MATERIALS[MATERIALS[stock].ink]
    assert paper.reflectance[2] - ink.reflectance[2] >= 0.70


def test_leuco_ink_fades_in_infrared_and_carbon_does_not() -> None:
    assert MATERIALS["leuco"].reflectance[3] > 5 * MATERIALS["leuco"].reflectance[2]
    assert MATERIALS["carbon"].reflectance[3] == MATERIALS["carbon"].reflectance[2]


@pytest.mark.parametrize("name", sorted(FILMS))
def test_film_lowers_contrast_and_shines(name: str) -> None:
    film = FILMS[name]
    paper, ink = MATERIALS["thermal_paper"], MATERIALS["carbon"]
    over_paper, over_ink = (materials.covered(surface.reflectance, film) for surface in (paper, ink))
    before, after = paper.reflectance[2] - ink.reflectance[2], over_paper[2] - over_ink[2]
    assert after == pytest.approx(film.gain * before)
    assert film.gain + film.veil < 1.0  # a film adds no light
    assert film.roughness < paper.roughness


def test_unknown_names_are_refused_with_a_near_one() -> None:
    with pytest.raises(InputError, match=r"'krft'.*kraft"):
        materials.surface("krft")
    with pytest.raises(InputError, match=r"'shrink'.*"):
        materials.film("shrink")
