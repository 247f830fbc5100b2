"""The contact sheet: every sample is on it, with its facts, and maps share their scales."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from synthgen.reporting import contact_sheet, eye_hazard, overlays, text_layout
from synthgen.reporting.eye_hazard import ZoneLevel


@dataclass
class Picture:
    key: str
    image: np.ndarray
    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    record: dict[str, Any] = field(default_factory=dict)


def code(reason: str = "readable", **more) -> dict[str, Any]:
    return {
        "quad_px": [[10, 10], [50, 10], [50, 30], [10, 30]],
        "symbology": "code128",
        "payload": "12345",
        "decoded": reason == "readable",
        "reason": reason,
        "module_px_min": 2.0,
    } | more


def picture(
    index: int = 0, *, maps: tuple[str, ...] = ("depth", "irradiance", "hazard"), level: float = 1.0
) -> Picture:
    ramp = np.linspace(1, 2, 64 * 96, dtype=np.float32).reshape(64, 96)
    arrays = {"depth": ramp.copy(), "irradiance": 100 * level * ramp, "hazard": 0.05 * level * ramp}
    arrays["depth"][:5] = np.inf
    return Picture(
        key=f"train-{index:08d}-top",
        image=np.full((64, 96), 128, np.uint8),
        arrays={name: arrays[name] for name in maps},
        record={
            "exposure": {
                "exposure_s": 50e-6,
                "auto": False,
                "median_signal_share": 0.42,
                "saturated_fraction": 0.013,
            },
            "safety": {"hazard": "ir-eye", "max_ratio": 1.0},
            "annotations": [code(), code("glare"), code("out_of_view", quad_px=[[-99, -99]] * 4)],
        },
    )


def panels_top(sheet: Image.Image, high: int) -> int:
    """Return where the panels of a sheet's last row begin, whose legends are below them."""
    return sheet.height - contact_sheet.MARGIN_PX - contact_sheet.GAP_PX - overlays.LEGEND_PX - high


def test_caption_holds_the_key_facts():
    facts = contact_sheet.caption(picture())
    for fact in ("96 x 64 px", "exposure 50 us", "median signal 42 %", "saturated 1.3 %", "codes decoded 1/2"):
        assert fact in facts
    assert "hazard map up to 0.1 x limit (ir-eye)" in facts


def test_caption_of_a_bare_record_still_says_what_it_can():
    bare = Picture(key="val-00000000-a", image=np.zeros((4, 6), np.uint8))
    assert contact_sheet.caption(bare) == ["6 x 4 px", "codes decoded 0/0"]


def without_hazard() -> Picture:
    """Return a sample of a recipe that asks for no hazard map: its JSON holds the keys all the same."""
    made = picture(maps=("depth",))
    made.record["safety"] = {"hazard": "", "max_ratio": 0.0, "at": [0.0, 0.0]}
    return made


@pytest.mark.parametrize("hazard", ["", "worst"])  # as written now, and by earlier versions
def test_a_hazard_that_was_not_computed_is_no_number(hazard: str):
    sample = without_hazard()
    sample.record["safety"]["hazard"] = hazard
    told = " ".join([*contact_sheet.caption(sample), *contact_sheet.totals([sample], ())])
    assert "x limit" not in told
    assert "eye hazard not computed" in told


def test_a_map_that_no_light_reaches_is_a_number():
    dark = picture()
    dark.arrays["hazard"][:] = 0.0
    assert "hazard map up to 0 x limit (ir-eye)" in contact_sheet.caption(dark)


def test_hazards_are_printed_with_what_they_assume_and_with_the_zones():
    zones = {"train-00000000": ZoneLevel(ratio=0.00112, zone="walkway", hazard="retinal-thermal")}
    told = contact_sheet.totals([picture()], list(zones.values()))
    (maps,) = [fact for fact in told if "hazard map" in fact]
    assert "0.1 x limit" in maps and eye_hazard.ASSUMPTION in maps
    assert any("zone walkway: 0.0011 x limit (retinal-thermal), allowed 1" in fact for fact in told)
    caption = contact_sheet.caption(picture(), zones[contact_sheet.shot_of(picture().key)])
    assert "eyes in zone walkway: 0.0011 x limit (retinal-thermal), allowed 1" in caption
    assert any("synthgen safety" in fact for fact in contact_sheet.totals([picture()], ()))


def ink(sheet: Image.Image) -> np.ndarray:
    """Return where a sheet is not paper."""
    return (np.asarray(sheet) != np.array(overlays.PAPER)).any(axis=-1)


@pytest.mark.parametrize("panel_px", [60, 200, 400])
@pytest.mark.parametrize("maps", [(), ("depth", "irradiance", "hazard")])
def test_text_on_a_narrow_sheet_ends_before_the_edge(panel_px: int, maps: tuple[str, ...]):
    title = "recipes/a_folder_with_a_long_name/a_recipe_with_a_long_name.yaml · train · seed 20260130"
    zones = {"train-00000000": ZoneLevel(ratio=2.0, zone="walkway_beside_the_belt", hazard="blue-light-small")}
    sheet = contact_sheet.draw([picture(maps=maps)], panel_px=panel_px, title=title, zones=zones)
    drawn = ink(sheet)
    assert not drawn[:, -contact_sheet.MARGIN_PX :].any()
    inner = drawn[:, contact_sheet.MARGIN_PX : -contact_sheet.MARGIN_PX]
    words = inner[: panels_top(sheet, round(panel_px * 64 / 96))]
    rules = words.all(axis=1)  # the line above a sample
    assert words[:, :40].any() and rules.sum() == 1
    assert not words[~rules, -1].any()  # no letter is cut where its strip ends


@given(st.lists(st.text("abc -·", min_size=1, max_size=60), max_size=6), st.integers(20, 400), st.integers(8, 20))
def test_lines_fit_and_lose_no_letter(facts: list[str], width: int, size: int):
    lines = text_layout.wrapped(facts, size, width)
    assert all(overlays.text_width(line, size) <= max(width, overlays.text_width("m", size)) for line in lines)
    kept = "".join("".join(lines).split()).replace("·", "")
    assert kept == "".join("".join(facts).split()).replace("·", "")


@pytest.mark.parametrize(("seconds", "text"), [(20e-6, "20 us"), (2.5e-3, "2.5 ms"), (1.5, "1.5 s")])
def test_times_are_in_the_unit_they_are_spoken_of_in(seconds, text):
    assert contact_sheet._time(seconds) == text


def test_a_sheet_has_a_row_a_sample_and_a_column_a_map():
    one = contact_sheet.draw([picture()], panel_px=200)
    two = contact_sheet.draw([picture(0), picture(1)], panel_px=200)
    assert one.mode == "RGB"
    assert one.width == two.width == 2 * contact_sheet.MARGIN_PX + 4 * 200 + 3 * contact_sheet.GAP_PX
    row = two.height - one.height
    assert row > round(200 * 64 / 96) + overlays.LEGEND_PX + contact_sheet.GAP_PX
    assert (np.asarray(two)[-row:] == np.asarray(two)[-2 * row : -row]).mean() > 0.99  # but for the index in the key


def test_a_map_that_nobody_has_takes_no_column():
    sheet = contact_sheet.draw([picture(maps=("depth",))], panel_px=200)
    assert sheet.width == 2 * contact_sheet.MARGIN_PX + 2 * 200 + contact_sheet.GAP_PX
    alone = contact_sheet.draw([picture(maps=())], panel_px=200)
    assert alone.width == 2 * contact_sheet.MARGIN_PX + 200
    mixed = contact_sheet.draw([picture(maps=("depth",)), picture(maps=("irradiance",))], panel_px=200)
    assert mixed.width == 2 * contact_sheet.MARGIN_PX + 3 * 200 + 2 * contact_sheet.GAP_PX


def test_panels_show_the_maps_in_the_sheets_scale():
    samples = [picture(0, level=1.0), picture(1, level=2.0)]
    sheet = np.asarray(contact_sheet.draw(samples, panel_px=96))
    column = next(column for column in contact_sheet.COLUMNS if column.name == "irradiance")
    scale = contact_sheet.scale_of(column, samples)
    assert scale.low <= 101 and scale.high >= 395
    left = contact_sheet.MARGIN_PX + 2 * (96 + contact_sheet.GAP_PX)
    one = contact_sheet.draw(samples[:1], panel_px=96).height
    step = sheet.shape[0] - one
    for row, sample in enumerate(samples):
        bottom = sheet.shape[0] - contact_sheet.MARGIN_PX - (1 - row) * step
        top = bottom - contact_sheet.GAP_PX - overlays.LEGEND_PX - 64
        panel = sheet[top : top + 64, left : left + 96]
        assert (panel == scale.colors(sample.arrays["irradiance"])).all()


def test_the_hazard_scale_always_shows_the_limit():
    column = next(column for column in contact_sheet.COLUMNS if column.name == "hazard")
    for level in (1e-6, 1.0, 1e4):
        scale = contact_sheet.scale_of(column, [picture(level=level)])
        assert scale.log
        assert scale.low < scale.turn == 1.0 < scale.high
        assert scale.high >= 0.1 * level  # the largest value is 0.1 times the level


def test_a_wide_range_is_drawn_logarithmically():
    column = next(column for column in contact_sheet.COLUMNS if column.name == "irradiance")
    wide = picture()
    wide.arrays["irradiance"] = np.geomspace(0.01, 1000, 64 * 96, dtype=np.float32).reshape(64, 96)
    assert contact_sheet.scale_of(column, [wide]).log
    assert not contact_sheet.scale_of(column, [picture()]).log


def test_a_map_of_nothing_has_a_scale_too():
    empty = picture()
    empty.arrays = {name: np.zeros((64, 96), np.float32) for name in empty.arrays}
    empty.arrays["depth"][:] = np.inf
    sheet = contact_sheet.draw([empty], panel_px=120)
    panel = np.asarray(sheet)[panels_top(sheet, 80) + 20, contact_sheet.MARGIN_PX + 120 + contact_sheet.GAP_PX + 20]
    assert tuple(panel) == overlays.NOTHING


def test_quads_are_on_the_sheet():
    bare = picture()
    bare.record["annotations"] = []
    left = contact_sheet.MARGIN_PX
    sheets = contact_sheet.draw([picture()], panel_px=192), contact_sheet.draw([bare], panel_px=192)
    tops = [panels_top(sheet, 128) for sheet in sheets]
    with_codes, without = (
        np.asarray(sheet)[top : top + 128, left : left + 192] for sheet, top in zip(sheets, tops, strict=True)
    )
    assert (without == 186).all()  # 128 with display gamma: 255 (128 / 255)^(1 / 2.2)
    assert (with_codes == np.array(overlays.REASON_COLORS["readable"])).all(axis=-1).sum() > 20


def test_the_reader_s_view_shows_codes_in_the_image_and_no_other():
    one = contact_sheet.codes([picture()], tile_px=60, across=1)
    nothing = picture()
    nothing.record["annotations"] = nothing.record["annotations"][2:]  # the one out of view
    assert one.height == contact_sheet.codes([nothing]).height + 2 * (60 + 46)


def test_codes_that_were_not_read_come_first():
    sheet = np.asarray(contact_sheet.codes([picture()], tile_px=60, across=2))
    strip = sheet[sheet.shape[0] - contact_sheet.MARGIN_PX - 46 + 3]  # the coloured line below the crops
    first, second = strip[contact_sheet.MARGIN_PX + 5], strip[contact_sheet.MARGIN_PX + 60 + contact_sheet.GAP_PX + 5]
    assert tuple(first) == overlays.REASON_COLORS["glare"]
    assert tuple(second) == overlays.REASON_COLORS["readable"]


def test_colour_images_and_tall_images_fit():
    tall = picture()
    tall.image = np.zeros((200, 50, 3), np.uint8)
    tall.arrays = {"depth": np.ones((200, 50), np.float32)}
    assert contact_sheet.draw([tall, picture()], panel_px=100).height > 400
