"""Distributions of a recipe in words, units people use, and as charts of what was asked for against what was drawn."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np

from synthgen.quality.charts import Histogram, Shares, Small
from synthgen.quality.draw_check import Parameter
from synthgen.reporting.numbers import number
from synthgen.world.distributions import Choice, Distribution, Int, LogUniform, Normal, Uniform

_BINS = 24
_FEW = 10  # whole numbers up to so many are drawn as words
_UNITS = {
    "rad": (180.0 / math.pi, "°"),
    "s": (1e6, "µs"),
    "m": (1e3, "mm"),
    "nm": (1.0, "nm"),
    "w": (1.0, "W"),
    "hz": (1.0, "Hz"),
    "k": (1.0, "K"),
    "lux": (1.0, "lx"),
    "db": (1.0, "dB"),
}
_QUANTILES = (np.arange(4096) + 0.5) / 4096


def asked(parameter: Parameter) -> str:
    """Return in words what a recipe asks for."""
    wanted, (factor, unit) = parameter.wanted, _unit(parameter)
    if isinstance(wanted, Choice):
        return f"one of {_options(wanted)}"
    low, high = (number(float(bound) * factor) for bound in wanted.bounds())
    span = f"{low} to {high}{' ' if unit else ''}{unit}"
    if isinstance(wanted, Normal):
        return f"normal, {number(wanted.mean * factor)} ± {number(wanted.std * factor)}, {span}"
    name = {LogUniform: "log-uniform, ", Uniform: "uniform, ", Int: "whole, "}
    return next((word for kind, word in name.items() if isinstance(wanted, kind)), "") + span


def chart(parameter: Parameter, chance: float) -> Small | None:
    """Return what was drawn from a distribution over what was asked for; None where it holds one value."""
    skewed = parameter.gap > chance
    note = f"{len(parameter.accepted)} drawn; gap {parameter.gap:.3f}, by chance ≤ {chance:.3f}"
    told = {"title": parameter.path.removeprefix("randomize."), "note": note, "tone": "warn" if skewed else "plain"}
    wanted = parameter.wanted
    if isinstance(wanted, Choice) or (isinstance(wanted, Int) and wanted.high - wanted.low < _FEW):
        return _shares(parameter, told)
    factor, unit = _unit(parameter)
    low, high = (float(bound) * factor for bound in wanted.bounds())
    if not high > low:
        return None
    log = isinstance(wanted, LogUniform) and high / low > 4
    edges = (np.geomspace if log else np.linspace)(low, high, _BINS + 1)
    ideal = np.histogram([wanted.at(share) * factor for share in _QUANTILES], edges)[0] / len(_QUANTILES)
    counts = np.histogram(np.clip(np.array(parameter.values(), float) * factor, low, high), edges)[0]
    return Histogram(edges=edges, counts=counts, asked=ideal, unit=unit, log=log, **told)


def _options(wanted: Choice) -> str:
    """Return the options, with their shares where these are not equal."""
    words = [str(option) or "none" for option in wanted.options]
    if wanted.weights:
        total = sum(wanted.weights)
        words = [f"{word} ({100 * weight / total:.3g} %)" for word, weight in zip(words, wanted.weights, strict=True)]
    return ", ".join(words[:8]) + (f" and {len(words) - 8} more" if len(words) > 8 else "")


def _shares(parameter: Parameter, told: dict[str, Any]) -> Shares:
    factor, unit = _unit(parameter)

    def words(value: Any) -> str:
        return (
            str(value) if isinstance(value, (str, bool, tuple)) else f"{number(float(value) * factor)} {unit}".strip()
        )

    ideal = Counter(words(parameter.wanted.at(share)) for share in _QUANTILES)
    found = Counter(words(value) for value in parameter.values())
    names = sorted(ideal.keys() | found.keys(), key=lambda name: (-ideal[name], name))
    if isinstance(parameter.wanted, Int):
        names = [words(parameter.wanted.at(share)) for share in np.unique(_QUANTILES)]
        names = list(dict.fromkeys(names))
    return Shares(
        words=tuple(names),
        counts=np.array([found[name] for name in names]),
        asked=np.array([ideal[name] / len(_QUANTILES) for name in names]),
        **told,
    )


def _unit(parameter: Parameter) -> tuple[float, str]:
    """Return (factor, unit) in which a field's SI numbers are spoken of; the unit is the end of its name."""
    if isinstance(parameter.wanted, Choice) and any(
        isinstance(option, (str, bool)) for option in parameter.wanted.options
    ):
        return 1.0, ""
    field = next((step for step in reversed(parameter.path.split(".")) if not step.isdigit()), "")
    factor, unit = _UNITS.get(field.rpartition("_")[2] if "_" in field else "", (1.0, ""))
    largest = max(abs(_plain(bound)) for bound in parameter.wanted.bounds())
    if unit == "mm" and largest >= 1.0:
        return 1.0, "m"
    if unit == "µs" and largest >= 1.0:
        return 1.0, "s"
    if unit == "µs" and largest >= 1e-3:
        return 1e3, "ms"
    return factor, unit


def _plain(value: Any) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0


def is_random(wanted: Distribution) -> bool:
    """Return whether a distribution has more than one value."""
    low, high = wanted.bounds()
    return bool(low != high)
