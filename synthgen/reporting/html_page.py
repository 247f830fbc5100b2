"""A report as one HTML file: no script, nothing loaded from outside, fit for A4 paper."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from synthgen.reporting.document import SYMBOLS, Report, plain
from synthgen.reporting.signs import signs


def render(report: Report) -> bytes:
    """Return the file's bytes; the same report gives the same bytes."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    environment: Any = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=False)
    environment.filters["unbroken"] = unbroken
    template = environment.from_string(template_text("report.html.j2"))
    drawn = {tone: Markup(str(sign).replace("<svg ", '<svg class="sign" ', 1)) for tone, sign in signs().items()}
    return template.render(report=plain(report), signs=drawn, symbols=SYMBOLS, drawn=Markup).encode()


def unbroken(text: str) -> str:
    """Return text in which no line breaks between a number and its per cent sign."""
    return text.replace(" %", "\u00a0%")


def template_text(name: str) -> str:
    """Return a template that is shipped beside this file."""
    return files("synthgen.reporting").joinpath("templates", name).read_text(encoding="utf-8")
