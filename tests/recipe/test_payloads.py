"""Payloads of a recipe: each fits its symbology, and the GS1 codes of one item have what they need together."""

from __future__ import annotations

from pathlib import Path

import pytest

from synthgen.errors import RecipeError
from synthgen.recipe import load

CODE = '          - {symbology: code128, payload: "SYNTHGEN-0001", module_mm: 0.5, height_mm: 20}\n'
BENCH = (Path(__file__).parents[2] / "recipes" / "bench_card.yaml").read_text()


def loaded(tmp_path, *codes):
    """Return the bench recipe with other codes on its label."""
    assert CODE in BENCH
    lines = "".join(
        f"          - {{symbology: {name}, payload: {payload}, module_mm: 0.3}}\n" for name, payload in codes
    )
    (tmp_path / "bench.yaml").write_text(BENCH.replace(CODE, lines))
    return load(tmp_path / "bench.yaml")


@pytest.mark.parametrize(
    ("codes", "place", "says"),
    [
        ([("gs1_128", '"(37)12"')], "items.card.labels: ", "(37) COUNT without (00)"),
        ([("gs1_128", '"(10)ABC"')], "items.card.labels: ", "(10) BATCH/LOT without (01)"),
        ([("gs1_128", '"(10)ab(c)d"')], "codes.0.payload: ", "opening parenthesis"),
        ([("code128", '"Ünï 日本"')], "codes.0.payload: ", "'Ü' (U+00DC) at position 1"),
        ([("code39", '{choice: ["OK", "no"]}')], "codes.0.payload: ", "'n' (U+006E) at position 1"),
        ([("qr", '""')], "codes.0.payload: ", "one or more"),
    ],
)
def test_a_payload_that_does_not_fit_is_a_fault_with_its_place(tmp_path, codes, place, says):
    with pytest.raises(RecipeError) as refused:
        loaded(tmp_path, *codes)
    (line,) = [text for text in str(refused.value).splitlines() if says in text]
    assert "bench.yaml:" in line and place in line


def test_the_codes_of_an_item_complete_each_other(tmp_path):
    loaded(tmp_path, ("gs1_128", '"(00)395212345678901236"'), ("gs1_128", '"(02)19521234543210(37)12"'))
    loaded(
        tmp_path, ("gs1_128", '"(10)ABC"'), ("gs1_128", '{choice: ["(01)09521234543213"]}')
    )  # drawn: may complete it


def test_any_text_may_stand_in_a_matrix_code(tmp_path):
    recipe = loaded(tmp_path, ("qr", '"Ünï 日本"'))
    assert recipe.items["card"].labels["main"].codes[0].payload == "Ünï 日本"
