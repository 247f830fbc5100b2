"""SVG as text: elements whose attributes and contents are escaped, whatever a name in a recipe holds."""

from __future__ import annotations

from html import escape
from typing import Any

from synthgen.reporting.document import visible

SERIF = "Libertinus Serif, Georgia, Times, serif"


class Svg(str):
    """A finished piece of SVG: not escaped again."""

    __slots__ = ()


def tag(name: str, /, *children: str, **attributes: Any) -> Svg:
    """Return an element; `stroke_width=1` becomes stroke-width="1", children that are not Svg are text.

    >>> tag("text", "<b>", x=1.5)
    '<text x="1.5">&lt;b&gt;</text>'
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-") if key != "viewBox" else key}="{_value(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    inner = "".join(child if isinstance(child, Svg) else escape(visible(child)) for child in children)
    return Svg(f"<{name}{written}>{inner}</{name}>" if inner else f"<{name}{written}/>")


def drawing(width: float, height: float, *children: str) -> Svg:
    """Return a whole drawing of this size in its own units."""
    return tag(
        "svg",
        tag("rect", x=0, y=0, width=width, height=height, fill="#ffffff"),
        *children,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {_value(width)} {_value(height)}",
        width=width,
        height=height,
        font_family=SERIF,
        font_size=11,
    )


def text(x: float, y: float, words: str, **attributes: Any) -> Svg:
    """Return a line of text."""
    return tag("text", words, x=x, y=y, **attributes)


def line(x1: float, y1: float, x2: float, y2: float, **attributes: Any) -> Svg:
    """Return a straight line."""
    return tag("line", x1=x1, y1=y1, x2=x2, y2=y2, **attributes)


def polygon(points: list[tuple[float, float]], **attributes: Any) -> Svg:
    """Return a closed shape."""
    return tag("polygon", points=" ".join(f"{_value(x)},{_value(y)}" for x, y in points), **attributes)


def _value(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".") if abs(value) >= 0.005 else "0"
    return escape(str(value), quote=True)
