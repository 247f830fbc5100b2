"""Lists of a recipe in words: what stands in each, and an example to write."""

from __future__ import annotations

from typing import Any, get_args

_BANDS = "shares of photons that become electrons, in B, G, R and NIR (edges at 400, 500, 600, 700 and 1000 nm)"
_POINT = "[x, y, z]"
_LISTS: dict[tuple[str, str], str] = {
    ("sensor", "quantum_efficiency"): f"4 {_BANDS}: [0.55, 0.64, 0.50, 0.17]",
    ("sensor", "resolution_px"): "the width and height of the chip: [2448, 2048]",
    ("", "roi_px"): "width and height, or x, y, width and height: [1280, 960]",
    ("lights", "size_m"): "a rect's width and height, or a cylinder's length and 0: [600, 40]",
    ("baffles", "size_m"): "width and height: [640, 120]",
    ("labels", "size_m"): "width and height: [100, 60]",
    ("items", "size_m"): "length, width and height: [400, 300, 250]",
    ("", "center_m"): "right and up from the middle of the face: [20, 0]",
    ("codes", "position_m"): "right and up from the middle of the label: [0, -20]",
    ("", "codes"): "codes: [{symbology: qr, module_mm: 0.5}]",
    ("", "position_m"): f"a place: {_POINT}",
    ("", "look_at_m"): f"a place: {_POINT}",
    ("", "offset_m"): "right, up and backwards: [0, 20, 0]",
    ("", "velocity_m_s"): f"a velocity: {_POINT}",
    ("", "up"): "a direction: [0, 0, 1]",
    ("", "normal"): "a direction: [0, 0, 1]",
    ("", "along"): "a direction: [1, 0, 0]",
    ("", "region_m"): "two opposite corners: [[-3, 2, 0], [3, 4, 0]]",
    ("", "box_m"): "two opposite corners: [[-2, 1, 1.2], [2, 2, 1.9]]",
    ("clutter", "usd"): 'files or patterns of files: ["props/*.usd"]',
    ("", "outputs"): "names of maps: [image, depth]",
    ("", "randomize"): "entries: [hall_light, label_film: {share: 0.2}]",
    ("", "kinds"): "kinds of items: [carton, tote]",
}
"""(what the list is of, "" for anything; SI name of the list) -> what stands in it, with an example."""


def example(place: tuple[str | int, ...], annotation: Any = None) -> str:
    """Return what a list holds and how it is written.

    >>> example(("cameras", "top", "sensor", "resolution_px"))
    'a list of the width and height of the chip: [2448, 2048]'

    Args:
        place: the path of the list, with SI names.
        annotation: its type, for a list that no recipe of ours has.
    """
    names = [step for step in place if isinstance(step, str)]
    name = names[-1] if names else ""
    for owner in (*reversed(names[:-1]), ""):
        if (owner, name) in _LISTS:
            return f"a list of {_LISTS[owner, name]}"
    parts = [part for part in get_args(annotation) if part is not Ellipsis]
    if len(parts) > 1:
        return f"a list of {len(parts)} values: [{', '.join('abcdefgh'[: len(parts)])}]"
    return "a list: [a, b]"
