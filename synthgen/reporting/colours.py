"""The colours of drawings in reports; a grey print keeps them apart by lightness, and curves also by their dashes."""

from __future__ import annotations

INK, SOFT, GRID = "#1a1a1a", "#555555", "#c9ced3"
BLUE, PALE_BLUE, ORANGE = "#1f4e79", "#9db8d2", "#c05a00"
GOOD, WARN, BAD = "#1b5e20", "#8a5a00", "#a4161a"

_SERIES = (BLUE, ORANGE, "#4f7d2a", "#6a3d9a", "#7a7a00", "#8c1d0b")
_DASHES = (None, "7 3", "2 3", "9 3 2 3", "4 2", "1 2")


def series(index: int) -> dict[str, str | None]:
    """Return the stroke and the dashes of one of several curves, as attributes of its line."""
    return {"stroke": _SERIES[index % len(_SERIES)], "stroke_dasharray": _DASHES[index % len(_DASHES)]}
