"""Refuse a shot that misses what its recipe asks for: numbers of things, companion codes, module sizes."""

from __future__ import annotations

from synthgen.errors import Infeasible
from synthgen.world.distributions import allows, bounds
from synthgen.world.shot import Item

from .selection import Count, Number, Text


def require_count(drawn: int, asked: Count, found: int, what: str, cause: str) -> None:
    """Refuse a shot whose number of things is neither the drawn one nor one that the recipe allows.

    Raises:
        Infeasible: with `cause`; the message calls the things `what`.
    """
    if found != drawn and not allows(asked, found):
        raise Infeasible(cause, f"{drawn} {what} asked for, room for {found}; write a smaller count or smaller things")


def kept(asked: Text, companions: tuple[str, ...]) -> tuple[int, ...]:
    """Return the numbers of companions, counted from the first, that a recipe allows on a label."""
    counts = range(len(companions) + 1)
    return tuple(n for n in counts if n == len(companions) or allows(asked, " ".join(companions[:n])))


def require_labels(
    item_id: str, before: Item, after: Item, wanted: tuple[int | str, Count | Text], modules: Number, found: str = ""
) -> None:
    """Refuse an item whose labels are neither the drawn ones nor others that the recipe allows.

    Args:
        item_id: name of the item.
        before: the item as it was.
        after: the item with its labels.
        wanted: (what was drawn, what it was drawn from): a number of labels, or names of faces.
        modules: the module sizes that the recipe allows [m].
        found: faces that got their label, where `wanted` names faces.

    Raises:
        Infeasible: `label_too_large`.
    """
    count = len(after.labels) - len(before.labels)
    drawn, asked = wanted
    got = found if isinstance(drawn, str) else count
    if got == drawn or allows(asked, got):
        return
    size = " x ".join(f"{1e3 * s:.0f}" for s in before.size_m)
    least = f"no room for the labels asked for ({drawn}): {count} with modules of {range_mm(modules)} fit on {size} mm"
    raise Infeasible("label_too_large", f"items.{item_id}: {least}")


def range_mm(modules: Number) -> str:
    """Return the module sizes that a recipe allows [mm], in words."""
    low, high = bounds(modules)
    return f"{1e3 * low:.3g} mm" if low == high else f"{1e3 * low:.3g} to {1e3 * high:.3g} mm"
