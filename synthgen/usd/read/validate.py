"""What is wrong with a stage: USD's own validators, and the rules of our schemas that USD records but does not enforce.

USD accepts a token that is not allowed, a value outside its limits and an API schema on the wrong type of prim
silently. `faults` finds them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache
from typing import Any

from pxr import Usd, UsdValidation

from synthgen.errors import StageError
from synthgen.usd import schemas
from synthgen.usd.read.open_stage import open_stage

_NAMESPACE = "synthgen:"
_PER_BAND = ("synthgen:optical:reflectance", "synthgen:optical:ink_reflectance")


def faults(stage: Usd.Stage) -> tuple[str, ...]:
    """Return one line for each fault of a stage, naming prim or property, what was found and what is allowed."""
    errors = UsdValidation.ValidationContext(_usd_validators()).Validate(stage)
    found = [_line(error) for error in errors if error.GetType() == UsdValidation.ValidationErrorType.Error]
    for prim in stage.Traverse():
        found += schema_faults(prim)
    return tuple(found)


def check(path: str) -> Usd.Stage:
    """Return the stage in a file that has no faults.

    Raises:
        StageError: it cannot be read, or has faults: one line for each.
    """
    stage = open_stage(path)
    if found := faults(stage):
        raise StageError("\n".join(f"{path}: {fault}" for fault in found))
    return stage


def schema_faults(prim: Usd.Prim) -> Iterator[str]:
    """Yield the faults of one prim under synthgen's schemas."""
    applied = [name for name in prim.GetAppliedSchemas() if name.startswith("Synthgen")]
    if not applied:
        return
    for name in applied:
        yield from _misplaced(prim, name)
    for attribute in prim.GetAttributes():
        if attribute.GetName().startswith(_NAMESPACE) and attribute.HasAuthoredValue():
            yield from _bad_value(attribute)
    if schemas.OPTICAL in applied:
        yield from _bad_bands(prim)
    for name in applied:
        if name.startswith(f"{schemas.BARCODE}:"):
            yield from _bad_barcode(prim, name.partition(":")[2])


def _misplaced(prim: Usd.Prim, applied: str) -> Iterator[str]:
    """Yield a fault where a schema is on a type of prim that it is not for."""
    allowed = Usd.SchemaRegistry.GetAPISchemaCanOnlyApplyToTypeNames(applied.partition(":")[0])
    if allowed and prim.GetTypeName() not in allowed:
        yield f"{prim.GetPath()}: {applied} is on a {prim.GetTypeName() or 'prim without type'}; {_one_of(allowed)}"


def _bad_value(attribute: Usd.Attribute) -> Iterator[str]:
    """Yield faults of one value: its type, a token that is not allowed, a number outside the hard limits."""
    value, path = attribute.Get(), attribute.GetPath()
    if value is None:
        yield f"{path}: its value is not a {attribute.GetTypeName()}; write one"
        return
    allowed = attribute.GetMetadata("allowedTokens")
    if allowed and value not in list(allowed):
        yield f"{path}: found {value!r}; {_one_of(allowed)}"
    numbers = _numbers(value)
    if not all(map(math.isfinite, numbers)):
        yield f"{path}: found {value}; write finite numbers"
    limits = (attribute.GetMetadata("limits") or {}).get("hard", {})
    low, high = limits.get("minimum", -math.inf), limits.get("maximum", math.inf)
    if any(number < low or number > high for number in numbers):
        yield f"{path}: found {value}; write {_range(low, high)}"


def _bad_bands(prim: Usd.Prim) -> Iterator[str]:
    edges = list(prim.GetAttribute("synthgen:optical:band_edges_nm").Get() or ())
    if sorted(set(edges)) != edges or len(edges) < 2:
        yield f"{prim.GetPath()}: band_edges_nm {edges}; write at least two rising wavelengths"
    for name in _PER_BAND:
        values = list(prim.GetAttribute(name).Get() or ())
        if values and len(values) != len(edges) - 1:
            yield f"{prim.GetPath()}: {name} has {len(values)} numbers; write one for each of {len(edges) - 1} bands"
        if any(not 0.0 <= value <= 1.0 for value in values):
            yield f"{prim.GetPath()}: {name} is {values}; write 0 to 1"


def _bad_barcode(prim: Usd.Prim, face: str) -> Iterator[str]:
    prefix = f"synthgen:barcode:{face}"
    quad = prim.GetAttribute(f"{prefix}:quad_m").Get()
    if quad is None or len(quad) != 4:
        yield f"{prim.GetPath()}: {prefix}:quad_m has {len(quad or ())} corners; write TL, TR, BR, BL"
    for name in ("symbology", "payload"):
        if not prim.GetAttribute(f"{prefix}:{name}").Get():
            yield f"{prim.GetPath()}: {prefix}:{name} is empty; write what is printed"


@cache
def _usd_validators() -> list[Any]:
    return UsdValidation.ValidationRegistry().GetOrLoadAllValidators()


def _line(error: Any) -> str:
    sites = ", ".join(_site(site) for site in error.GetSites())
    return f"{sites or '/'}: {error.GetMessage().strip()} ({error.GetName()})"


def _site(site: Any) -> str:
    if site.IsProperty():
        return str(site.GetProperty().GetPath())
    return str(site.GetPrim().GetPath()) if site.IsPrim() else "/"


def _numbers(value: Any) -> list[float]:
    if isinstance(value, (bool, str)):
        return []
    if isinstance(value, (int, float)):
        return [float(value)]
    try:
        return [number for item in value for number in _numbers(item)]
    except TypeError:
        return []


def _one_of(allowed: Any) -> str:
    return f"write one of {', '.join(map(str, allowed))}"


def _range(low: float, high: float) -> str:
    if math.isinf(high):
        return f"at least {low:g}"
    return f"{low:g} to {high:g}"
