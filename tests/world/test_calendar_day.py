"""Days in one form alone."""

from __future__ import annotations

from datetime import date

import pytest

from synthgen.world.calendar_day import day


def test_a_day_is_year_month_day() -> None:
    assert day("2026-01-31") == date(2026, 1, 31)
    assert day("2024-02-29") == date(2024, 2, 29)


@pytest.mark.parametrize("text", ["", "20260131", "2026-W05-6", "31.01.2026", "2026-1-31", "2026-01-31T00:00", "yes"])
def test_another_form_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="write the day as 2026-01-31"):
        day(text)


@pytest.mark.parametrize("text", ["2026-02-30", "2026-13-01", "2025-02-29", "0000-01-01"])
def test_a_day_that_the_calendar_lacks_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="such as 2026-01-31"):
        day(text)
