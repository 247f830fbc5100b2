"""False colour and labels: what a reader takes from the picture must be what the numbers say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthgen.reporting import numbers, overlays
from synthgen.reporting.overlays import Scale


def lightness(colors: np.ndarray) -> np.ndarray:
    """CIE L* of sRGB colours, by another road than the one they were made on."""
    linear = np.where(colors <= 10, colors / 255 / 12.92, ((colors / 255 + 0.055) / 1.055) ** 2.4)
    y = linear @ np.array([0.2126, 0.7152, 0.0722])
    return np.where(y > 0.008856, 116 * np.cbrt(y) - 16, 903.3 * y)


def code(**more) -> dict:
    return {
        "quad_px": [[40, 30], [80, 30], [80, 50], [40, 50]],
        "symbology": "qr",
        "payload": "ABC",
        "decoded": True,
        "reason": "readable",
        "module_px_min": 2.5,
    } | more


@pytest.mark.parametrize(("name", "sign"), [("light", 1), ("risk", 1), ("distance", -1), ("excess", -1)])
def test_palettes_are_monotone_in_lightness_and_evenly_spaced(name, sign):
    shade = sign * lightness(overlays.palette(name).astype(float))
    assert np.diff(shade).min() > -0.6  # rounding to 8 bits moves a dark colour by about half a unit
    assert shade[-1] - shade[0] > (15 if name == "excess" else 55)
    quarters = np.diff(shade[::51])
    assert quarters.min() > 0


def test_srgb_of_greys_is_grey_and_of_white_white():
    greys = overlays._srgb(np.array([[1.0, 0, 0], [0.0, 0, 0], [0.5, 0, 0]]))
    assert greys[0].tolist() == [255, 255, 255]
    assert greys[1].tolist() == [0, 0, 0]
    # OKLab L = 0.5 is a linear reflectance of 0.125, in sRGB 1.055 * 0.125^(1/2.4) - 0.055 = 0.3886.
    assert greys[2].tolist() == [99, 99, 99]


def test_linear_and_log_positions():
    assert Scale(low=10, high=30).position(np.array([10, 15, 30, 99, -5])) == pytest.approx([0, 0.25, 1, 1, 0])
    log = Scale(low=0.01, high=100, log=True)
    assert log.position(np.array([0.01, 1, 100, 1e9, 1e-9])) == pytest.approx([0, 0.5, 1, 1, 0])
    assert np.isnan(log.position(np.array([0.0, -1.0, np.nan]))).all()


def test_what_is_not_there_is_grey_and_the_ends_are_the_palettes_ends():
    scale = Scale(low=0, high=1)
    colors = scale.colors(np.array([np.nan, np.inf, -np.inf, 0.0, 1.0]))
    assert (colors[:3] == overlays.NOTHING).all()
    assert (colors[3] == overlays.palette("light")[0]).all()
    assert (colors[4] == overlays.palette("light")[-1]).all()
    assert colors.dtype == np.uint8


def test_a_limit_parts_the_bar():
    scale = Scale(low=0.01, high=10, log=True, palette="risk", turn=1.0)
    assert scale.bar().shape == (256, 3)
    below, above = scale.colors(np.array([0.97, 1.04])).astype(int)
    assert below[1] > 180 and above[1] < 120  # yellow, then red
    assert abs(below - above).max() > 80


@pytest.mark.parametrize(("low", "high", "log"), [(1.0, 1.0, False), (2.0, 1.0, False), (0.0, 1.0, True)])
def test_a_scale_without_extent_is_refused(low, high, log):
    with pytest.raises(ValueError, match="low < high"):
        Scale(low=low, high=high, log=log)


@settings(max_examples=100, deadline=None)
@given(st.floats(1e-6, 1e6), st.floats(1.05, 1e7), st.booleans())
def test_limits_hold_the_values_and_ticks_are_few_and_within(smallest, factor, log):
    values = np.linspace(smallest, smallest * factor, 101)
    low, high = overlays.fit(values, log=log)
    assert low <= np.percentile(values, 1) * (1 + 1e-6)
    assert high >= np.percentile(values, 99) * (1 - 1e-6)
    ticks = Scale(low=low, high=high, log=log).ticks()
    assert 2 <= len(ticks) <= 10
    assert min(ticks) >= low * (1 - 1e-6) - 1e-12
    assert max(ticks) <= high * (1 + 1e-6)


def test_limits_of_nothing_and_of_one_value():
    assert overlays.fit(np.full((3, 3), np.inf)) == (0.0, 1.0)
    assert overlays.fit(np.zeros((3, 3)), log=True) == (0.1, 1.0)
    low, high = overlays.fit(np.full((3, 3), 3.7))
    assert low <= 3.7 < high


def test_false_colour_keeps_the_map_and_adds_a_legend():
    values = np.linspace(0, 1, 300 * 40, dtype=np.float32).reshape(40, 300)
    values[5, 7] = np.nan
    picture = overlays.false_colour(values, "W/m^2", "irradiance", (0.0, 1.0))
    assert picture.shape == (40 + overlays.LEGEND_PX, 300, 3)
    assert picture.dtype == np.uint8
    assert (picture[:40] == Scale(low=0, high=1).colors(values)).all()
    legend = picture[40:]
    assert (legend == np.array(overlays.INK)).all(axis=-1).sum() > 20  # letters and ticks
    bar = legend[24, 12:-12].astype(float)
    assert np.diff(lightness(bar)).min() > -0.6


def test_false_colour_enlarges_without_mixing_values():
    values = np.array([[0.0, 1.0], [np.nan, 0.5]])
    picture = overlays.false_colour(values, "m", "depth", (0.0, 1.0), width_px=240)
    assert picture.shape == (240 + overlays.LEGEND_PX, 240, 3)
    assert len(np.unique(picture[:240].reshape(-1, 3), axis=0)) == 4


def test_units_are_raised_and_foreign_letters_shown_as_such():
    assert overlays._parts("W/m^2 sr") == ["W/m", "^2", " sr"]
    assert overlays._parts("10^-4") == ["10", "^-4"]
    assert overlays._parts("plain") == ["plain"]
    assert overlays.printable("(01)\x1d12µ") == "(01)|12?"
    assert overlays.text_width("m^2") < overlays.text_width("m2")


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (1.0, "1"), (0.002, "0.002"), (250.0, "250"), (1e5, "10^5"), (2e-4, "2e-4"), (1e-6, "10^-6")],
)
def test_numbers_are_short(value, text):
    assert numbers.short(value) == text


def test_a_quad_is_drawn_on_its_edges_in_its_reasons_color():
    image = np.full((80, 120), 128, np.uint8)
    picture = overlays.draw_labels(image, [code(decoded=False, reason="glare")])
    assert picture.shape == (80, 120, 3)
    glare = np.array(overlays.REASON_COLORS["glare"])
    # The edge at y = 30 is the line between pixel rows 29 and 30.
    on_edge = (picture[28:32, 60] == glare).all(axis=-1)
    assert on_edge.sum() == 1
    assert (picture[40, 60] == 128).all()
    assert (picture[2, 2] == 128).all()


def test_scaling_moves_the_quad_with_the_picture():
    image = np.zeros((80, 120, 3), np.uint8)
    picture = overlays.draw_labels(image, [code()], scale=3.0)
    assert picture.shape == (240, 360, 3)
    green = (picture == np.array(overlays.REASON_COLORS["readable"])).all(axis=-1)
    rows = np.flatnonzero(green[:, 200:235].all(axis=1))
    assert rows.min() == pytest.approx(90, abs=2)
    assert rows.max() == pytest.approx(149, abs=2)


def test_color_says_what_became_of_a_code():
    assert overlays.color_of(code()) == overlays.REASON_COLORS["readable"]
    assert overlays.color_of(code(decoded=False, reason="occluded")) == overlays.REASON_COLORS["occluded"]
    assert overlays.color_of(code(decoded=False, reason="readable")) == overlays.REASON_COLORS["unknown"]
    assert overlays.color_of(code(decoded=False, reason="something new")) == overlays.REASON_COLORS["unknown"]


def test_tags_do_not_lie_on_each_other_or_on_quads():
    image = np.full((300, 400), 128, np.uint8)
    quads = [np.array([[x, y], [x + 60, y], [x + 60, y + 30], [x, y + 30]]) for x in (40, 170, 300) for y in (90, 200)]
    taken: list[overlays.Box] = [(*quad.min(axis=0), *quad.max(axis=0)) for quad in quads]
    from PIL import Image, ImageDraw

    draw = ImageDraw.Draw(Image.fromarray(image).convert("RGB"))
    for quad in quads:
        overlays._tag(draw, (400, 300), quad, (255, 255, 255), ["qr  2.5 px", "ABC"], taken)
    assert len(taken) == 12
    for i, a in enumerate(taken):
        assert not any(overlays._overlap(a, b) for b in taken[i + 1 :])


@pytest.mark.parametrize(
    "quad", [[], [[np.nan, 0]] * 4, [[1e30, 0], [1e30, 9], [-1e30, 9], [0, 0]], [40, 30, 80, 30, 80, 50, 40, 50]]
)
def test_odd_quads_do_not_stop_the_drawing(quad):
    picture = overlays.draw_labels(np.zeros((80, 120), np.uint8), [code(quad_px=quad)])
    assert picture.shape == (80, 120, 3)
