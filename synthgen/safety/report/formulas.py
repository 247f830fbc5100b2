"""The formulas behind the numbers, as text: how each level is formed and which stretch of which limit was used."""

from __future__ import annotations

from collections.abc import Iterable

from synthgen.photobiology.limit_tables import LAWS, Row
from synthgen.reporting import document
from synthgen.reporting.document import Column, Table
from synthgen.reporting.numbers import lasting, number

_LEVELS = {
    "actinic-uv": ("E_S", "E(λ) S(λ) dλ, 200 to 400 nm"),
    "uva": ("E_UVA", "E(λ) dλ, 315 to 400 nm"),
    "blue-light": ("L_B", "L(λ) B(λ) dλ, 300 to 700 nm"),
    "blue-light-small": ("E_B", "E(λ) B(λ) dλ, 300 to 700 nm"),
    "retinal-thermal": ("L_R", "L(λ) R(λ) dλ, 380 to 1400 nm"),
    "retinal-thermal-weak": ("L_IR", "L(λ) R(λ) dλ, 780 to 1400 nm"),
    "ir-eye": ("E_IR", "E(λ) dλ, 780 to 3000 nm"),
    "skin-thermal": ("E_H", "E(λ) dλ, 380 to 3000 nm"),
}


def level_formula(hazard: str) -> str:
    """Return how a hazard's weighted level is formed."""
    symbol, what = _LEVELS[hazard]
    if symbol.startswith("L"):
        return f"{symbol} = largest mean over the averaging cone of share · ∫ {what}"
    return f"{symbol} = Σ over lamps of share · ∫ {what}"


def limit_formula(hazard: str, edition: str, duration_s: float) -> str:
    """Return the limit that holds for a duration, as the edition writes it.

    >>> limit_formula("ir-eye", "iec62471-2006", 100.0)
    '18000 · t^(−0.75) W/m²'
    """
    row = limit_row(hazard, edition, duration_s)
    law = LAWS[edition][hazard]
    if row.coefficient != row.coefficient:
        return "no limit"
    power = "" if row.exponent == 0.0 else " / t" if row.exponent == -1.0 else f" · t^({number(row.exponent)})"
    alpha = " / α" if law.over_alpha else ""
    unit = "W/(m² sr)" if hazard in ("blue-light", "retinal-thermal", "retinal-thermal-weak") else "W/m²"
    return f"{number(row.coefficient)}{alpha}{power} {unit}".replace("(-", "(−")


def limit_row(hazard: str, edition: str, duration_s: float) -> Row:
    """Return the stretch of an edition's limit that a duration falls in."""
    rows = LAWS[edition][hazard].rows
    return next(row for row in rows if duration_s < row.until_s or (row.closed and duration_s == row.until_s))


def formula_table(edition: str, used: Iterable[tuple[str, float]]) -> Table:
    """Return the formulas of (hazard, duration [s]) that a report compares with, in the order given, each once."""
    times: dict[tuple[str, str, str, str], list[str]] = {}
    for hazard, duration_s in dict.fromkeys(used):
        row = limit_row(hazard, edition, duration_s)
        code = row.evidence + (" †" if row.evidence in ("C", "D") else "")
        key = (hazard, limit_formula(hazard, edition, duration_s), row.clause, code)
        times.setdefault(key, []).append(lasting(duration_s))
    rows = [
        document.Row((hazard, ", ".join(found), level_formula(hazard), formula, clause, code))
        for (hazard, formula, clause, code), found in times.items()
    ]
    columns = (
        Column(title="Hazard", share=1.5),
        Column(title="t", share=1.5),
        Column(title="Weighted level", share=3.4),
        Column(title="Limit (t in s, α in rad)", share=2.2),
        Column(title="Clause", share=0.9),
        Column(title="Evid.", share=0.6),
    )
    note = (
        "share: mean level over the case's time as a share of the level while on (single pulse: 1). S, B, R: weights "
        "of the edition, S interpolated by its logarithm, B and R linearly on 5 nm, each integrated against the "
        "lamp's own spectrum. † unverified."
    )
    return Table(caption="Formulas that were used", columns=columns, rows=tuple(rows), note=note)
