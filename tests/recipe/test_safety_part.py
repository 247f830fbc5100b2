"""What `safety:` of a recipe holds for its report: stays, gaze, single faults, what the report is filed by."""

from __future__ import annotations

from pathlib import Path

import pytest

from synthgen.errors import RecipeError
from synthgen.recipe import load

RECIPE = """version: 1
scene: {warehouse: scan_tunnel}
lights:
  bar: {mount: bar_front, shape: rect, size_mm: [400, 40], peak_power_w: 9, peak_nm: 630, pulse_us: 100, rate_hz: 20}
baffles:
  hood: {mount: hood_left, size_mm: [2400, 1700]}
safety:
"""


def loaded(folder: Path, safety: str):
    file = folder / "cell.yaml"
    file.write_text(RECIPE + safety)
    return load(str(file)).safety


def test_stays_faults_and_the_document_are_read(tmp_path: Path) -> None:
    found = loaded(
        tmp_path,
        "  zones:\n"
        "    desk: {box_m: [[0, 0, 1], [1, 1, 2]], kind: seat, gaze: horizontal, duration_s: 600}\n"
        "    path: {box_m: [[0, 0, 1], [1, 1, 2]]}\n"
        "  single_faults: {stuck: {stuck_on: lights.b*}, open: {removed: baffles.hood}}\n"
        "  report: {document_number: ES-1, issued: 2026-01-31, client: C, site: S, machine: M, data_sheets: D}\n",
    )
    assert (found.zones["desk"].gaze, found.zones["desk"].duration_s) == ("horizontal", 600)
    assert (found.zones["path"].gaze, found.zones["path"].duration_s) == ("worst", 0)
    assert (
        found.single_faults["stuck"].stuck_on == "lights.b*" and found.single_faults["open"].removed == "baffles.hood"
    )
    assert found.report.model_dump() == {
        "document_number": "ES-1", "issued": "2026-01-31", "client": "C", "site": "S", "machine": "M",
        "data_sheets": "D",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("safety", "message"),
    [
        ("  report: {issued: 31.01.2026}\n", r"cell\.yaml:8: safety\.report\.issued: .*write the day as 2026-01-31"),
        ("  report: {issued: '2026-02-30'}\n", r"safety\.report\.issued: found '2026-02-30'.*such as 2026-01-31"),
        ("  single_faults: {a: {}}\n", r"safety\.single_faults\.a: names nothing that fails"),
        ("  single_faults: {a: {removed: baffles.hod}}\n", r"single_faults\.a\.removed: found 'baffles\.hod'.*hood"),
        ("  single_faults: {a: {stuck_on: baffles.hood}}\n", r"a\.stuck_on: found 'baffles\.hood'; write lights"),
        ("  zones: {a: {box_m: [[0, 0, 1], [1, 1, 2]], gaze: down}}\n", r"zones\.a\.gaze: .*horizontal"),
    ],
)
def test_what_cannot_be_is_told_with_its_place(tmp_path: Path, safety: str, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        loaded(tmp_path, safety)
