"""A recipe's lens must be one to one over the region that its camera reads out."""

from __future__ import annotations

from pathlib import Path

import pytest

from synthgen.errors import RecipeError
from synthgen.planning import plan
from synthgen.recipe.load import from_text

CAMERA = """version: 1
scene: {{warehouse: bench}}
cameras:
  top:
    sensor: {sensor}
    position_mm: [0, 0, 1500]
    look_at_m: [0, 0, 0]
    lens: {{{lens}}}
    exposure_ms: 1
    {more}
"""
WIDE = {"sensor": "imx264", "lens": "focal_mm: 6, f_number: 4, k1: -0.35", "more": ""}


def faults(**changes: str) -> list[str]:
    try:
        from_text(CAMERA.format(**(WIDE | changes)), folder=Path())
    except RecipeError as error:
        return list(error.faults)
    return []


def test_a_lens_that_folds_inside_the_chip_is_refused_at_its_line_with_its_radius() -> None:
    # r (1 - 0.35 r^2) turns at r = 1/sqrt(1.05) = 0.97590, at the image radius 2/3 r = 0.65060: 3.9036 mm at 6 mm.
    (fault,) = faults()
    assert fault.startswith("<recipe>:8: cameras.top.lens: the lens folds back 3.9 mm (1131 px) from its axis")
    # Half the diagonal of 2448 x 2048 pixels of 3.45 um.
    assert "the image reaches 5.51 mm (1596 px)" in fault
    # 2/3 / sqrt(-3 k1) = 5.506/6 gives k1 = -0.17593.
    assert "write k1 of at least -0.17, a smaller roi_px or a longer focal_mm" in fault


@pytest.mark.parametrize(
    "changes",
    [
        {"lens": "focal_mm: 12, f_number: 4, k1: -2.5", "more": "roi_px: [1800, 1500]"},
        {"lens": "focal_mm: 4, f_number: 4, k1: -0.3", "more": "roi_px: [1600, 1200]"},
        {"lens": "focal_mm: 6, f_number: 4, k1: {uniform: [-0.35, 0]}"},
        {"lens": "focal_mm: 6, f_number: 4, k1: {normal: {mean: 0, std: 0.1, min: -0.35, max: 0.2}}"},
        {"lens": "focal_mm: {choice: [25, 6]}, f_number: 4, k1: -0.35"},
        {"sensor": "{choice: [generic_vga, imx264]}"},
        {"sensor": "{model: own, resolution_px: [2400, 2100], pitch_um: 3.5, quantum_efficiency: [0.5, 0.5, 0.5, 0.2],"
                   " saturation_e: 10000, dark_noise_e: 3, dark_current_e_s: 3}"},
        {"lens": "focal_mm: 6, f_number: 4, k1: 0.05, k3: -0.5"},
        {"lens": "focal_mm: 6, f_number: 4, p2: 0.3"},
        {"lens": "focal_mm: 6, f_number: 4, p2: {uniform: [-0.3, 0.1]}"},
        {"more": "roi_px: [2048, 1648, 400, 400]"},
        {"more": "binning: 2"},
    ],
)  # fmt: skip
def test_every_way_to_write_a_lens_that_may_fold_is_refused(changes: dict[str, str]) -> None:
    (fault,) = faults(**changes)
    assert "cameras.top.lens: " in fault and "folds back" in fault
    assert ("at the bounds of its distributions" in fault) == ("{" in changes.get("lens", ""))


@pytest.mark.parametrize(
    "changes",
    [
        {"lens": "focal_mm: 6, f_number: 4, k1: -0.17"},
        {"lens": "focal_mm: 6, f_number: 4, k1: {uniform: [-0.17, 0.3]}"},
        {"lens": "focal_mm: 6, f_number: 4, k1: 5"},
        {"more": "roi_px: [1200, 900]"},
        {"more": "roi_px: [1024, 824, 400, 400]"},
        {"sensor": "generic_vga"},
        {"lens": "focal_mm: 6, f_number: 4, k1: -0.35, k2: 0.2"},
    ],
)
def test_lenses_that_are_one_to_one_over_their_region_pass(changes: dict[str, str]) -> None:
    assert faults(**changes) == []


def test_the_k1_that_the_message_names_is_accepted() -> None:
    (fault,) = faults()
    k1 = fault.partition("k1 of at least ")[2].partition(",")[0]
    assert faults(lens=f"focal_mm: 6, f_number: 4, k1: {k1}") == []


@pytest.mark.parametrize("k1", ["{uniform: [0]}", "yes", "-1e308", "{choice: [[1, 2]]}"])
def test_a_term_that_is_no_number_is_a_fault_of_its_own(k1: str) -> None:
    assert not any("folds" in fault for fault in faults(lens=f"focal_mm: 6, f_number: 4, k1: {k1}"))


def test_a_randomizers_draw_that_folds_is_infeasible_and_counted() -> None:
    # k1 below -0.176 folds: 0.45 of the draws between -0.35 and 0.035 do.
    spread = "randomize:\n  - lens_spread: {on: cameras, k1: {uniform: [-0.35, 0.035]}}\n"
    text = CAMERA.format(**(WIDE | {"lens": "focal_mm: 6, f_number: 4"})) + spread
    found = plan.statistics(from_text(text, folder=Path()), "train", 40)
    assert set(found.causes) == {"lens_folds"}
    assert 0.3 < found.causes["lens_folds"] / found.attempts < 0.6
    assert min(found.values["cameras.top.lens.k1"]) > -0.176
