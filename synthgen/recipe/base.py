"""The frozen pydantic base of everything in a recipe, and the types its fields are made of."""

from __future__ import annotations

from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

from synthgen.recipe.scalars import Leaf, vector
from synthgen.recipe.unit_suffixes import to_si

MOST = 10_000
"""The largest count of anything in one shot."""
Given = dict[str, Any]
"""The plain values of a mapping, by SI names where they spell a field."""
Flaw = tuple[str, str]
"""(name of a field, or "" for the mapping itself; what is wrong with it)."""


class Part(BaseModel):
    """A mapping of a recipe. Fields are named in SI; any unit of `units.spellings` may be written."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    @model_validator(mode="before")
    @classmethod
    def _spelled(cls, data: Any) -> Any:
        """Convert units; leave out lists and mappings that are written but empty (`lights:` and nothing)."""
        if not isinstance(data, dict):
            return data
        given = to_si(data, cls.names())
        return {k: v for k, v in given.items() if not (v is None and k in cls.model_fields and cls._holds_more(k))}

    @classmethod
    def names(cls) -> list[str]:
        """Return the SI names of the fields that a recipe may write here."""
        return list(cls.model_fields)

    @classmethod
    def whole(cls, given: Given) -> Iterator[Flaw]:
        """Yield faults between fields, found in the plain values so that faults of single fields do not hide them."""
        yield from ()

    @classmethod
    def _holds_more(cls, name: str) -> bool:
        return part_of(cls.model_fields[name].annotation) is not None or get_origin(
            cls.model_fields[name].annotation
        ) in (dict, tuple)


def part_of(annotation: Any) -> type[Part] | None:
    """Return the Part inside an annotation such as `CameraPart | None`, or None."""
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return annotation
    if get_origin(annotation) not in (Annotated, Union, UnionType):
        return None
    return next(filter(None, map(part_of, get_args(annotation))), None)


def lacks(given: Given, *names: str) -> bool:
    """Return True when none of the named fields is given."""
    return all(given.get(name) is None for name in names)


def wrong(message: str) -> PydanticCustomError:
    """Return an error for a validator to raise; the message says what was found and what to write."""
    return PydanticCustomError("part", "{message}", {"message": message})


def _named(value: str) -> str:
    """Return the name when it can be the name of a USD prim and part of a sample's key."""
    if not (value.isascii() and value.isidentifier() and len(value) <= 64):
        raise wrong(f"found the name {value[:70]!r}; write letters, digits and _, a letter first")
    return value


Name = Annotated[str, BeforeValidator(_named)]
Number = Annotated[Any, Leaf("number")]
Positive = Annotated[Any, Leaf("number", gt=0)]
NotNegative = Annotated[Any, Leaf("number", ge=0)]
Share = Annotated[Any, Leaf("number", ge=0, le=1)]
Whole = Annotated[Any, Leaf("whole", ge=0, le=MOST)]
Word = Annotated[Any, Leaf("word")]
Switch = Annotated[Any, Leaf("switch")]
Vec2 = vector(Number, Number)
Vec3 = vector(Number, Number, Number)
Size2 = vector(Positive, Positive)


def one_of(*words: str, random: bool = True) -> Any:
    """Return the type of a word from a fixed list."""
    return Annotated[Any, Leaf("word", options=lambda: words, random=random)]


def symbologies() -> list[str]:
    """Return the names of the barcode symbologies; imported late, because the encoder loads slowly."""
    from synthgen.barcodes.symbologies import SYMBOLOGIES

    return list(SYMBOLOGIES)
