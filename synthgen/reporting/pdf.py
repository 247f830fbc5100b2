"""A report as PDF/A-2b by typst: embedded fonts only, a fixed date, so the same report gives the same bytes."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from typing import Any

from synthgen.errors import InputError, SynthgenError
from synthgen.reporting.document import SYMBOLS, Report, plain
from synthgen.reporting.html_page import template_text
from synthgen.reporting.signs import signs

STANDARD = "a-2b"
"""PDF/A-2b, as typst's own export option checks and writes it."""

NO_DAY = date(1970, 1, 1)
"""Creation date of a record that names none: dates and times of the machine never enter a report."""

# What the embedded Libertinus Serif can write; a PDF/A must not hold a character without a glyph.
_DRAWABLE = re.compile(
    "[^\\n -~\\u00a0-\\u00ac\\u00ae-\\u024f\\u0391-\\u03a1\\u03a3-\\u03c9\\u0400-\\u045f\\u05d0-\\u05ea"
    "\\u2010-\\u2027\\u2070\\u2071\\u2074-\\u208e\\u2190-\\u2199\\u2212\\u2211\\u222b\\u2248\\u2264\\u2265\\u25b2\\u2713\\u2717]"
)


def render(report: Report, day: date = NO_DAY) -> bytes:
    """Return the file's bytes; the same report and day give the same bytes.

    Raises:
        InputError: typst is not installed.
        SynthgenError: typst refuses the document (a fault of ours).
    """
    try:
        import typst
    except ImportError as absent:
        raise InputError("report: .pdf needs typst; run `pip install 'synthgen[report]'`, or write .html") from absent
    content = {**_drawable(plain(report)), "day": [day.year, day.month, day.day]}
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC)
    inputs = {"report": content, "signs": signs(), "symbols": SYMBOLS}
    try:
        found: Any = typst.Compiler(
            input=template_text("report.typ").encode(),
            ignore_system_fonts=True,
            sys_inputs={name: json.dumps(value) for name, value in inputs.items()},
        ).compile(format="pdf", pdf_standards=STANDARD, timestamp=moment)
    except typst.TypstError as fault:
        raise SynthgenError(f"report: typst cannot set it ({fault}); write .html instead and report this") from fault
    return found


def _drawable(value: Any) -> Any:
    """Return the same with every character that the font lacks spelled as its code point, drawings included."""
    if isinstance(value, dict):
        return {key: _drawable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_drawable(item) for item in value]
    return _DRAWABLE.sub(lambda c: f"[U+{ord(c.group()):04X}]", value) if isinstance(value, str) else value
