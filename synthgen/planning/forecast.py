"""The report of `synthgen plan`, as text and JSON: values of the draws, codes in view, and what samples cost."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from synthgen.planning import cost, unlit, view_forecast
from synthgen.planning.cost import Cost
from synthgen.planning.plan import Statistics
from synthgen.progress import clock
from synthgen.recipe import Recipe
from synthgen.world.maps import MAPS
from synthgen.world.shot import Shot

_BARS = "▁▂▃▄▅▆▇█"
_BINS = 16
_ROWS = 60
_UNTOLD = re.compile(r"(^|_|\.)(seed|index|attempt|rotation_wxyz)(\.|$)")
_PNG_RATIO = 1.9  # a noisy sensor frame, Up filter and ISA-L at level 1, as measured with `png`


def text(statistics: Statistics, size: float, shots: int, taken: Cost | None = None) -> list[str]:
    """Return the report as text.

    Args:
        statistics: what the draws came out as.
        size: disk space of a shot [bytes].
        shots: how many were asked for.
        taken: what making samples takes.
    """
    grouped = _grouped(statistics)
    width = max(map(len, grouped), default=0)
    lines = [
        f"{statistics.shots} of {shots} shots can be built; {statistics.acceptance:.1%} of {statistics.attempts} "
        "attempts accepted"
    ]
    lines += [f"  {cause}: {times} attempts" for cause, times in sorted(statistics.causes.items())]
    lines.append(f"disk: about {size / 1e6:.1f} MB a shot, {size * shots / 1e9:.2f} GB for {shots}")
    lines += _cost_lines(taken, shots) if taken else []
    lines += view_forecast.text(view_forecast.of_looks(statistics.looks))
    if not grouped:
        return [*lines, "", "nothing but seeds differs between shots"]
    lines += ["", f"{'what differs between shots':{width}}  {'least':>10} {'median':>10} {'most':>10}"]
    for name, values in list(grouped.items())[:_ROWS]:
        low, mid, high = np.quantile(values, (0.0, 0.5, 1.0))
        lines.append(f"{name:{width}}  {low:10.4g} {mid:10.4g} {high:10.4g}  {_histogram(values)}")
    if len(grouped) > _ROWS:
        lines.append(f"... and {len(grouped) - _ROWS} more with --json")
    return lines


def _cost_lines(taken: Cost, shots: int) -> list[str]:
    """Return what making samples takes, in words."""
    whole = clock(taken.shot_s * shots)
    return [
        f"memory: about {taken.worker_bytes / 1e9:.2f} GB a worker",
        f"time: about {taken.sample_s:.2g} s a sample, {whole} for {shots} shots, on {cost.MACHINE}",
    ]


def taken(recipe: Recipe, shot: Shot, statistics: Statistics) -> Cost:
    """Return what making samples takes, from the first shot and the largest number of lamps that was drawn."""
    lamps = max((len(look.lights) for look in statistics.looks), default=len(shot.lights))
    return cost.of_shot(shot, recipe.outputs, lamps)


def summary(statistics: Statistics, size: float, shots: int, taken: Cost | None = None) -> dict[str, Any]:
    """Return the report as one JSON object; arguments as in `text`."""
    values = {
        name: {
            "count": len(values),
            "quantiles": dict(
                zip(("0", "0.25", "0.5", "0.75", "1"), np.quantile(values, (0, 0.25, 0.5, 0.75, 1)), strict=True)
            ),
            "histogram": np.histogram(values, _BINS)[0].tolist(),
        }
        for name, values in _grouped(statistics).items()
    }
    return {
        "shots": shots,
        "built": statistics.shots,
        "failed": statistics.failed,
        "attempts": statistics.attempts,
        "acceptance": statistics.acceptance,
        "causes": dict(statistics.causes),
        "bytes_per_shot": round(size),
        "bytes": round(size * shots),
        **(_cost_summary(taken, shots) if taken else {}),
        "views": view_forecast.summary(view_forecast.of_looks(statistics.looks)),
        "values": values,
    }


def _cost_summary(taken: Cost, shots: int) -> dict[str, Any]:
    return {
        "memory_bytes_per_worker": round(taken.worker_bytes),
        "processor_s_per_sample": round(taken.sample_s, 4),
        "processor_s": round(taken.shot_s * shots, 1),
        "processor": cost.MACHINE,
    }


def warnings(recipe: Recipe, statistics: Statistics, *, lit_by_usd: bool) -> list[str]:
    """Return what is allowed and probably not meant: no light, no code in view, paper that is black or saturated.

    Args:
        recipe: the recipe that was drawn.
        statistics: its draws.
        lit_by_usd: whether a USD file that the recipe names has lamps of its own.
    """
    looks = statistics.looks
    dark = unlit.warning(recipe, looks, lit_by_usd=lit_by_usd)
    return [*([dark] if dark else []), *view_forecast.warnings(recipe, view_forecast.of_looks(looks))]


def _grouped(statistics: Statistics) -> dict[str, np.ndarray]:
    """Return the values with all items of one kind in one group, without seeds and quaternions."""
    groups: dict[str, list[np.ndarray]] = {}
    for path, values in statistics.values.items():
        if not _UNTOLD.search(path):
            groups.setdefault(re.sub(r"(?<=[a-z])_?\d+(?=\.|$)|(?<=\.)\d+(?=\.[a-z])", "*", path), []).append(values)
    return {name: np.concatenate(parts) for name, parts in sorted(groups.items())}


def _histogram(values: np.ndarray) -> str:
    """Return the histogram as a line of bars."""
    counts = np.histogram(values, _BINS)[0]
    heights = np.ceil(counts / counts.max() * len(_BARS)).astype(int)
    return "".join(_BARS[height - 1] if height else " " for height in heights)


def bytes_per_shot(recipe: Recipe, shot: Shot) -> float:
    """Return about how much one shot takes on disk [bytes]."""
    total = len(shot.to_json()) * len(shot.cameras) + 4096.0
    for camera in shot.cameras.values():
        pixels = camera.sensor.resolution_px[0] * camera.sensor.resolution_px[1]
        channels = cost.channels(camera)
        maps = (MAPS[name] for name in recipe.outputs if name != "image")
        per_px = sum(m.dtype.itemsize * (channels if m.name == "raw" else m.values) for m in maps)
        total += pixels * (channels / _PNG_RATIO + per_px) + 4096
    return total
