"""The values at the end of a path: a number, a whole number, a word, a switch, or a distribution of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, WrapValidator
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, ValidationError, core_schema

from synthgen.recipe.faults import hint, shown
from synthgen.world import distributions as d

LARGEST = 1e12
"""No number of a recipe is larger in SI: sums of squares stay finite."""
_TAGS = ("uniform", "log_uniform", "normal", "int", "choice", "fixed")
_NORMAL = ("mean", "std", "min", "max")


@dataclass(frozen=True)
class Leaf:
    """A pydantic type for one value or a distribution of such values, with bounds that hold for all of them."""

    kind: str
    """number, whole, word or switch; `any` takes each of them."""
    ge: float | None = None
    gt: float | None = None
    le: float | None = None
    options: Callable[[], Sequence[str]] | None = None
    """The words that are known; None takes every word."""
    random: bool = True
    """True when a distribution may stand here."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return the validator that pydantic calls."""
        return core_schema.no_info_plain_validator_function(self.read)

    def read(self, value: Any) -> Any:
        """Return `value` checked and, where it is a distribution, built.

        Raises:
            PydanticCustomError: `leaf` says what to write; `bound` names the limit, which a message shows in the
                unit that was written.
        """
        if isinstance(value, dict):
            try:
                value = distribution(value)
            except ValueError as error:
                raise _wrong(str(error)) from None
        if not d.is_distribution(value):
            return self._one(value)
        if not self.random:
            raise _wrong(f"a distribution; write {self._wanted()}, this is decided once for the whole data set")
        return self._distribution(value)

    def _distribution(self, value: Any) -> Any:
        if isinstance(value, d.Choice):
            return replace(value, options=each(value.options, self._one))
        if isinstance(value, d.Fixed):
            return d.Fixed(self._one(value.value))
        if self.kind in ("word", "switch"):
            raise _wrong(f"a distribution of numbers; write {self._wanted()} or {{choice: [...]}}")
        if self.kind == "whole" and not isinstance(value, d.Int):
            raise _wrong("a distribution of fractions; write {int: [low, high]}")
        for bound in value.bounds():
            self._bounded(float(bound))
        return value

    def _one(self, value: Any) -> Any:
        kind = _kind(value) if self.kind == "any" else self.kind
        if kind in ("number", "whole"):
            return self._number(value, kind)
        if kind == "switch":
            if not isinstance(value, bool):
                raise _wrong(f"{shown(value)}; write true or false")
            return value
        return self._word(value)

    def _number(self, value: Any, kind: str) -> float | int:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise _wrong(f"{shown(value)}; write {self._wanted(kind)}")
        if not math.isfinite(value):
            raise _wrong(f"{shown(value)}; write a finite number")
        if kind == "whole" and value != int(value):
            raise _wrong(f"{shown(value)}; write a whole number")
        self._bounded(float(value))
        if self.kind == "any":
            return value
        return int(value) if kind == "whole" else float(value)

    def _bounded(self, value: float) -> None:
        if self.kind == "number" and abs(value) > LARGEST:
            raise _wrong(f"{value:g}, which is no physical size here; write a value of at most {LARGEST:g}")
        for op, limit, holds in (
            ("of at least", self.ge, self.ge is None or value >= self.ge),
            ("above", self.gt, self.gt is None or value > self.gt),
            ("of at most", self.le, self.le is None or value <= self.le),
        ):
            if not holds:
                raise PydanticCustomError("bound", "{op} {limit}", {"op": op, "limit": limit, "value": value})

    def _word(self, value: Any) -> str:
        if not isinstance(value, str):
            known = list(self.options()) if self.options else []
            message = f"found {shown(value)}; write {self._wanted('word')}"
            raise PydanticCustomError("word", "{message}", {"message": message, "known": known})
        known = list(self.options()) if self.options else None
        if known is not None and value not in known:
            raise _wrong(f"{shown(value)}; {hint(value, known)}")
        return value

    def _wanted(self, kind: str = "") -> str:
        words = self.options() if self.options else ()
        return {
            "number": "a number or a distribution" if self.random else "a number",
            "whole": "a whole number",
            "switch": "true or false",
            "word": f"one of {', '.join(words)}" if words else "a word",
        }.get(kind or self.kind, "a value")


def distribution(value: dict[str, Any]) -> Any:
    """Return the distribution that a mapping such as `{uniform: [0, 1]}` spells.

    Raises:
        ValueError: says what was found and what to write.
    """
    tags = [key for key in value if key in _TAGS]
    if len(tags) != 1:
        raise ValueError(f"{shown(value)} is not one distribution; {hint(next(iter(value), ''), _TAGS)}")
    (tag,) = tags
    if "per" in value:
        raise ValueError("`per` (the scope of a draw) comes in a later version; delete it, every shot draws anew")
    spare = [key for key in value if key != tag and not (tag == "choice" and key == "weights")]
    if spare:
        raise ValueError(f"{spare[0]!r} beside {tag}; write {_example(tag)}")
    return _build(tag, value[tag], value.get("weights"))


def each(options: Sequence[Any], check: Callable[[Any], Any]) -> tuple[Any, ...]:
    """Return the checked options of a choice.

    Raises:
        ValidationError: everything that is wrong with any of them, each at its own place `choice.<n>`.
    """
    checked, errors = [], []
    for n, option in enumerate(options):
        try:
            checked.append(check(option))
        except PydanticCustomError as error:
            errors.append(InitErrorDetails(type=error, loc=("choice", n), input=option))
        except ValidationError as error:
            for e in error.errors(include_url=False):
                kind = PydanticCustomError(e["type"], "{msg}", {**e.get("ctx", {}), "msg": e["msg"]})  # pyright: ignore[reportArgumentType]
                errors.append(InitErrorDetails(type=kind, loc=("choice", n, *e["loc"]), input=e["input"]))
    if errors:
        raise ValidationError.from_exception_data("choice", errors)
    return tuple(checked)


def vector(*parts: Any) -> Any:
    """Return the type of a list with one part each, or a `{choice: [[...], [...]]}` of such lists."""
    return Annotated[tuple[parts], WrapValidator(_whole_list)]


def _whole_list(value: Any, handler: Callable[[Any], Any]) -> Any:
    if isinstance(value, dict):
        try:
            value = distribution(value)
        except ValueError as error:
            raise _wrong(str(error)) from None
    if isinstance(value, d.Choice):
        return replace(value, options=each(value.options, lambda option: handler(_listed(option))))
    return handler(_listed(value.value) if isinstance(value, d.Fixed) else value)


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _build(tag: str, body: Any, weights: Any) -> Any:
    if tag == "fixed":
        return d.Fixed(_plain(body, tag))
    if tag == "choice":
        if not isinstance(body, list):
            raise ValueError(f"choice of {shown(body)}; write {_example(tag)}")
        if weights is not None and not isinstance(weights, list):
            raise ValueError(f"weights {shown(weights)}; write {_example(tag)}")
        options = tuple(_plain(option, tag) for option in body)
        return d.Choice(options, tuple(_number(w, tag) for w in weights or ()))
    if tag == "normal":
        if not isinstance(body, dict) or set(body) != set(_NORMAL):
            lacking = [k for k in _NORMAL if k not in body] if isinstance(body, dict) else []
            reason = f"without {' and '.join(lacking)}" if lacking else f"of {shown(body)}"
            raise ValueError(f"normal {reason}; write {_example(tag)}")
        return d.Normal(*(_number(body[key], tag) for key in _NORMAL))
    if not isinstance(body, list) or len(body) != 2:
        raise ValueError(f"{tag} of {shown(body)}; write {_example(tag)}")
    low, high = (_number(bound, tag) for bound in body)
    if tag != "int":
        return (d.Uniform if tag == "uniform" else d.LogUniform)(low, high)
    if low != int(low) or high != int(high):
        raise ValueError(f"int of {shown(body)}; write {_example(tag)}")
    return d.Int(int(low), int(high))


def _number(value: Any, tag: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValueError(f"{shown(value)} in {tag}; write {_example(tag)}")
    if abs(value) > LARGEST:
        raise ValueError(f"{value:g} in {tag}; write a value of at most {LARGEST:g}")
    return float(value)


def _plain(value: Any, tag: str) -> Any:
    """Return an option as an immutable value; distributions of distributions come later."""
    if isinstance(value, list):
        return tuple(_plain(item, tag) for item in value)
    if isinstance(value, dict) or value is None:
        raise ValueError(f"{shown(value)} in {tag}; write numbers, words or lists of numbers")
    return value


def _example(tag: str) -> str:
    return {
        "uniform": "{uniform: [low, high]}",
        "log_uniform": "{log_uniform: [low, high]}",
        "normal": "{normal: {mean: 15, std: 5, min: 0, max: 30}}",
        "int": "{int: [0, 6]}",
        "choice": "{choice: [630, 850], weights: [0.7, 0.3]}",
        "fixed": "{fixed: 5}",
    }[tag]


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "switch"
    return "number" if isinstance(value, (int, float)) else "word"


def _wrong(message: str) -> PydanticCustomError:
    # braces of examples must not be taken for placeholders of pydantic's template
    return PydanticCustomError("leaf", "{message}", {"message": f"found {message}"})
