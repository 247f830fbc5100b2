"""What reports are drawn with: numbers, axes, charts and blocks, against values known beforehand."""

from __future__ import annotations

import doctest
import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from synthgen.reporting import axes, contact_sheet, eye_hazard, html_page, intervals, numbers, pdf, pictures, svg
from synthgen.reporting.axes import Axis
from synthgen.reporting.charts import ClassShare, share_axis, shares_by_class
from synthgen.reporting.document import Cards, Column, Details, Paragraph, Report, Row, Table


@pytest.mark.parametrize(
    "module", [axes, contact_sheet, eye_hazard, intervals, numbers, svg], ids=lambda module: module.__name__
)
def test_examples_in_docstrings_hold(module) -> None:
    failed, tried = doctest.testmod(module)
    assert tried and not failed


@given(st.floats(1e-9, 1e9), st.floats(1.5, 1e6), st.booleans())
def test_marked_values_lie_on_the_axis_and_rise(low: float, factor: float, log: bool) -> None:
    marked = axes.ticks(low, low * factor, log=log)
    assert 2 <= len(marked) <= 10
    assert all(a < b for a, b in pairwise(marked))
    assert low * (1 - 1e-6) <= marked[0] and marked[-1] <= low * factor * (1 + 1e-6)


@given(st.floats(1e-6, 1e6))
def test_round_steps_enclose_a_value(value: float) -> None:
    assert axes.round_down(value) <= value * (1 + 1e-9) and value * (1 - 1e-9) <= axes.round_up(value)
    assert axes.round_up(value) <= 2.5 * axes.round_down(value) * (1 + 1e-9)


def test_an_axis_ends_where_it_ends() -> None:
    x = Axis(low=2.0, high=4.0, start=100.0, end=0.0)
    assert (x(2.0), x(3.0), x(4.0), x(9.0), x(-1.0)) == (100.0, 50.0, 0.0, 0.0, 100.0)
    assert Axis(low=1.0, high=1e4, start=0.0, end=8.0, log=True)(100.0) == pytest.approx(4.0)


def test_a_class_is_drawn_at_its_share_with_its_interval() -> None:
    drawn = shares_by_class("found", [ClassShare("a", 8, 10), ClassShare("b", 0, 0)], "codes")
    y = share_axis(26.0, 130.0)
    low, high = intervals.wilson(8, 10)
    (dot,) = re.findall(r'<circle cx="[\d.]+" cy="([\d.]+)"', drawn)  # none for the empty class
    assert float(dot) == pytest.approx(y(0.8), abs=0.01)
    span = re.findall(r'y1="([\d.]+)" x2="[\d.]+" y2="([\d.]+)" stroke="#1a1a1a" stroke-width="1.4"', drawn)
    assert (f"{y(low):.2f}".rstrip("0"), f"{y(high):.2f}".rstrip("0")) in span
    assert ">10<" in drawn and ">0<" in drawn


def test_pictures_keep_their_size_and_grey() -> None:
    grey = Image.fromarray(np.full((6, 8), 77, np.uint8))
    assert 'width="8" height="6"' in pictures.embedded(grey, "a <b>")
    assert "<title>a &lt;b&gt;</title>" in pictures.embedded(grey, "a <b>")
    assert len(pictures.data_uri(grey)) < len(pictures.data_uri(grey.convert("RGB")))


def test_cards_and_details_are_in_the_page_and_on_paper() -> None:
    table = Table(caption="rows", columns=(Column(title="one"),), rows=(Row(("<cell>",)),))
    report = Report(
        title="T",
        subject="s",
        footer="f",
        blocks=(Cards((("12 %", "of <all>"),)), Details("more", (Paragraph("5 % of it"), table))),
    )
    page = html_page.render(report).decode()
    assert '<div class="cards"><div><b>12 %</b>of &lt;all&gt;</div></div>' in page
    assert "<details><summary>more</summary>" in page and "<td" in page[page.index("<details>") :]
    assert "5\u00a0% of it" in page and "&lt;cell&gt;" in page
    pytest.importorskip("typst")
    assert pdf.render(report).startswith(b"%PDF-")
