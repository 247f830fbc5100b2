"""What share of frames will hold a code, how large its modules are and how bright its paper is: words and warnings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from synthgen.planning.code_views import View, views
from synthgen.recipe.model import Recipe
from synthgen.world.shot import Light, Shot

GOOD_SIGNAL = (0.3, 0.7)
"""Signal of white paper that leaves room for noise below and glare above, in shares of saturation."""
BLACK_SIGNAL = 0.02
"""Below it, white paper is darker than 5 of 255 DN."""
_QUANTILES = (0.0, 0.25, 0.5, 0.75, 1.0)
_BINS = 16


@dataclass(frozen=True, eq=False)
class ViewForecast:
    """What the frames of some draws show."""

    frames: int
    holding: int
    """Frames with a code in view."""
    by_camera: dict[str, tuple[int, int]]
    """(frames, frames with a code in view) of each camera."""
    module_px: np.ndarray
    """The least module size of each code in view, shape (codes in view,)."""
    paper: dict[str, np.ndarray]
    """Signal of white paper in each frame of a camera, in shares of saturation."""
    is_labelled: bool
    """Whether any item carries a code."""
    is_light_known: bool
    """False where a USD file may bring lamps of its own."""

    @property
    def share(self) -> float:
        """Return the share of frames that hold a code."""
        return self.holding / self.frames if self.frames else 0.0


@dataclass(frozen=True)
class Look:
    """What the cameras of one shot see."""

    views: tuple[View, ...]
    is_labelled: bool
    is_light_known: bool
    lights: Mapping[str, Light]


def look(shot: Shot) -> Look:
    """Return what the cameras of a drawn shot see."""
    return Look(
        views(shot),
        is_labelled=any(label.codes for item in shot.items.values() for label in item.labels),
        is_light_known=not (shot.world.usd or any(item.usd for item in shot.items.values())),
        lights=shot.lights,
    )


def of_shots(shots: Iterable[Shot]) -> ViewForecast:
    """Return the forecast of drawn shots."""
    return of_looks([look(shot) for shot in shots])


def of_looks(looks: Sequence[Look]) -> ViewForecast:
    """Return the forecast of shots that were looked at."""
    seen = [view for shot in looks for view in shot.views]
    of = {name: [view for view in seen if view.camera == name] for name in sorted({view.camera for view in seen})}
    return ViewForecast(
        frames=len(seen),
        holding=sum(bool(view.codes) for view in seen),
        by_camera={name: (len(its), sum(bool(view.codes) for view in its)) for name, its in of.items()},
        module_px=np.array([code.module_px for view in seen for code in view.codes]),
        paper={name: np.array([view.paper_share for view in its]) for name, its in of.items()},
        is_labelled=any(shot.is_labelled for shot in looks),
        is_light_known=all(shot.is_light_known for shot in looks),
    )


def text(found: ViewForecast) -> list[str]:
    """Return the forecast as lines of the report."""
    if not found.frames:
        return []
    lines = [_share_line(found)] if found.is_labelled else ["codes in view: no item carries a code"]
    if found.module_px.size:
        low, mid, high = np.quantile(found.module_px, (0.0, 0.5, 1.0))
        lines.append(f"module size of codes in view: {mid:.2g} px in the median, {low:.2g} to {high:.2g} px")
    if not found.is_light_known:
        return [*lines, "signal of white paper: not known; a USD file of this recipe may bring its own lamps"]
    for name, shares in found.paper.items():
        low, mid, high = np.quantile(shares, (0.0, 0.5, 1.0))
        good = "" if GOOD_SIGNAL[0] <= mid <= GOOD_SIGNAL[1] else "; 30 to 70 % is good"
        lines.append(
            f"signal of white paper, {name}: {mid:.0%} of saturation in the median, {low:.0%} to {high:.0%} "
            f"(estimate without shadows){good}"
        )
    return lines


def summary(found: ViewForecast) -> dict[str, Any]:
    """Return the forecast as JSON values."""
    return {
        "frames": found.frames,
        "frames_with_code": found.holding,
        "share_with_code": found.share,
        "by_camera": {
            name: {
                "frames": frames,
                "frames_with_code": holding,
                **({"paper_signal_share": _quantiles(found.paper[name])} if found.is_light_known else {}),
            }
            for name, (frames, holding) in found.by_camera.items()
        },
        "module_px": _quantiles(found.module_px) | {"histogram": np.histogram(found.module_px, _BINS)[0].tolist()}
        if found.module_px.size
        else {},
    }


def warnings(recipe: Recipe, found: ViewForecast) -> list[str]:
    """Return a line for what is probably not meant: no code in view, or paper that is black or saturated."""
    lines = []
    if found.is_labelled and found.frames and not found.holding:
        message = (
            f"no code is in view in any of {found.frames} frames; turn labels to a camera (face: camera, on totes "
            "sides: camera), or move a camera or what it should see"
        )
        lines.append(_at(recipe, ("cameras",), "cameras", message))
    for name, shares in found.paper.items() if found.is_light_known else ():
        mid = float(np.median(shares))
        if 0 < mid < BLACK_SIGNAL:
            message = f"images will be nearly black: white paper gives {mid:.2%} of saturation; write more light, "
            lines.append(_at(recipe, ("cameras", name), f"cameras.{name}", message + "a longer exposure_ms or gain_db"))
        if mid >= 1:
            message = f"images will be saturated: white paper gives {mid:.0%} of saturation; write less light, "
            lines.append(_at(recipe, ("cameras", name), f"cameras.{name}", message + "a shorter exposure_ms"))
    return lines


def _share_line(found: ViewForecast) -> str:
    cameras = ", ".join(f"{name} {holding / frames:.0%}" for name, (frames, holding) in found.by_camera.items())
    return f"codes in view: in {found.share:.0%} of {found.frames} frames ({cameras})"


def _quantiles(values: np.ndarray) -> dict[str, float]:
    return {f"{q:g}": float(value) for q, value in zip(_QUANTILES, np.quantile(values, _QUANTILES), strict=True)}


def _at(recipe: Recipe, path: tuple[str, ...], dotted: str, message: str) -> str:
    """Return the message after the place of a path in the recipe."""
    line = recipe.origin.line(path)
    place = recipe.origin.place(path) or (f"{recipe.origin.file}:{line}" if line else recipe.origin.file)
    return f"{place}: {dotted}: {message}"
