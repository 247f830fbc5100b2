"""Days as documents write them: YYYY-MM-DD (ISO 8601-1:2019, calendar date, extended format)."""

from __future__ import annotations

import re
from datetime import date

_FORM = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def day(text: str) -> date:
    """Return the day that a text names.

    >>> day("2026-01-31")
    datetime.date(2026, 1, 31)

    Raises:
        ValueError: it is in another form, or the calendar has no such day.
    """
    if not _FORM.fullmatch(text):
        raise ValueError(f"found {text[:40]!r}; write the day as 2026-01-31")
    try:
        return date.fromisoformat(text)
    except ValueError as fault:
        raise ValueError(f"found {text!r}: {fault}; write a day such as 2026-01-31") from fault
