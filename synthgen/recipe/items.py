"""Items of a recipe with their labels and codes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Field

from synthgen.errors import BarcodeError
from synthgen.recipe.base import (
    Flaw,
    Given,
    Name,
    NotNegative,
    Number,
    Part,
    Positive,
    Share,
    Size2,
    Switch,
    Vec2,
    Vec3,
    Whole,
    Word,
    lacks,
    one_of,
    symbologies,
)
from synthgen.recipe.placement import Angle
from synthgen.recipe.scalars import Leaf, vector
from synthgen.world import item_faces
from synthgen.world.materials import FILMS, MATERIALS

KINDS = (
    "carton",
    "mailer",
    "tote",
    "pallet",
    "pallet_load",
    "stack",
    "card",
    "beam",
    "drum",
    "shelf",
    "box",
    "usd",
)
"""Bodies that `usd.items` can make; a plain box for `box`, a file's content for `usd`."""


def _templates() -> list[str]:
    from synthgen.printing import rasterize

    return [*rasterize.TEMPLATES, *rasterize.NEGATIVES]


class CodePart(Part):
    """One barcode of a label."""

    symbology: Annotated[Any, Leaf("word", options=symbologies)]
    payload: Word | None = None
    """When left out, a payload that is plausible for the symbology is drawn."""
    module_m: Positive
    position_m: Vec2 = (0.0, 0.0)
    height_m: NotNegative = 0.0
    quarter_turns: Annotated[Any, Leaf("whole", ge=0, le=3)] = 0
    human_readable: Switch = True

    @classmethod
    def whole(cls, given: Given) -> Iterator[Flaw]:
        """Yield that a payload, or one of a choice of them, does not fit its symbology."""
        symbology, payload = given.get("symbology"), given.get("payload")
        choice = payload.get("choice") if isinstance(payload, dict) else [payload]
        if symbology not in symbologies() or not isinstance(choice, list):
            return
        from synthgen.barcodes import encode

        for one in choice:
            if isinstance(one, str) and "${" not in one:
                try:
                    encode.encode(symbology, one, alone=False)
                except BarcodeError as error:
                    yield "payload", str(error)


class WearPart(Part):
    """Print defects and handling damage of a label."""

    print_growth_x: Number = 0.0
    fade: Share = 0.0
    void_share: Share = 0.0
    dead_lines: Whole = 0
    scratches: Whole = 0
    smear_m: NotNegative = 0.0
    dirt: Share = 0.0
    tear: Share = 0.0
    crease: Whole = 0


class LabelPart(Part):
    """A printed label on one face of an item."""

    face: one_of(*item_faces.FACES) = "front"  # type: ignore[valid-type]
    center_m: Vec2 = (0.0, 0.0)
    angle_rad: Angle = 0.0
    size_m: Size2
    template: Annotated[Any, Leaf("word", options=_templates)] = "plain"
    stock: Annotated[Any, Leaf("word", options=lambda: sorted(MATERIALS))] = "thermal_paper"
    ink: Annotated[Any, Leaf("word", options=lambda: sorted(MATERIALS))] = "carbon"
    film: Annotated[Any, Leaf("word", options=lambda: ["", *sorted(FILMS)])] = ""
    wear: WearPart = WearPart()
    codes: tuple[CodePart, ...] = ()


class ItemPart(Part):
    """An item: it carries labels, or stands in the way."""

    kind: one_of(*KINDS)  # type: ignore[valid-type]
    size_m: vector(NotNegative, NotNegative, NotNegative) | None = None  # type: ignore[valid-type]
    position_m: Vec3
    yaw_rad: Angle = 0.0
    pitch_rad: Angle = 0.0
    roll_rad: Angle = 0.0
    velocity_m_s: Vec3 = (0.0, 0.0, 0.0)
    material: Annotated[Any, Leaf("word", options=lambda: sorted(MATERIALS))] = "kraft"
    tone: Positive = 1.0
    usd: Annotated[Any, Leaf("word", random=False)] = ""
    labels: dict[Name, LabelPart] = Field(default_factory=dict)

    @classmethod
    def whole(cls, given: Given) -> Iterator[Flaw]:
        """Yield what is wrong between an item's fields."""
        kind = given.get("kind")
        if kind == "usd" and not given.get("usd"):
            yield "", "is of kind usd without a file; write usd: FILE"
        if isinstance(kind, str) and kind != "usd" and given.get("usd"):
            yield "", f"is of kind {kind} and has a file; write kind: usd"
        if kind != "usd" and lacks(given, "size_m"):
            yield "", "has no size; write size_mm: [length, width, height]"
        yield from _needs(given)


def _needs(given: Given) -> Iterator[Flaw]:
    """Yield that the GS1 codes of an item together lack an identifier that one of them needs.

    Nothing is said where a payload is drawn or is itself at fault: what it holds is not known.
    """
    from synthgen.barcodes import gs1

    labels = given.get("labels")
    codes = [code for label in (labels.values() if isinstance(labels, dict) else ()) for code in _codes_of(label)]
    payloads = [code.get("payload") for code in codes if str(code.get("symbology")).startswith("gs1_")]
    try:
        elements = [element for payload in payloads for element in gs1.parse(payload)]
    except (BarcodeError, TypeError):
        return
    try:
        gs1.check_needs(elements)
    except BarcodeError as error:
        yield "labels", str(error)


def _codes_of(label: Any) -> list[dict[str, Any]]:
    codes = label.get("codes") if isinstance(label, dict) else None
    return [code for code in codes if isinstance(code, dict)] if isinstance(codes, list) else []
