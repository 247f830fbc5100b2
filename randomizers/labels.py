"""Print labels with barcodes on cartons, totes, racks, pallets and cards.

Shares and tolerances are ordinary practice of parcel hubs and stores, estimated, not measured; symbol sizes follow the
GS1 General Specifications. Recipes change them: every field may be a number or a distribution.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from synthgen.barcodes import payloads
from synthgen.errors import Infeasible
from synthgen.printing import design, placement
from synthgen.random_streams import Stream
from synthgen.world import item_faces
from synthgen.world.distributions import Choice, LogUniform, Normal, Uniform, allows, draw
from synthgen.world.shot import Item, Label, Shot

from .asked import kept, range_mm, require_labels
from .faces import CAMERA, candidates, named
from .selection import Count, Number, Text, selected

_DEG = math.pi / 180
_SIDES = placement.SIDES

PARCEL_MIX = Choice(
    ("code128", "gs1_128", "itf14", "ean13", "upca", "code39", "datamatrix", "qr", "pdf417", "aztec"),
    (42, 16, 3, 6, 2, 2, 8, 9, 6, 1),
)
"""Symbologies on parcels (estimate)."""
COMPANIONS = Choice(("", "qr", "datamatrix", "pdf417", "qr datamatrix", "ean13", "aztec"), (60, 10, 12, 8, 4, 4, 2))
"""Further codes on the same label, separated by blanks."""


@dataclass(frozen=True, kw_only=True)
class CartonLabels:
    """Label cartons and mailers as in parcel hubs: mostly one label, mostly on top, never quite straight."""

    on: str = "items"
    kinds: tuple[str, ...] = ("carton", "mailer")
    count: Count = Choice((1, 2, 3), (80, 16, 4))
    """Number of labels on an item."""
    symbology: Text = PARCEL_MIX
    """Symbology of each label's main code."""
    companions: Text = COMPANIONS
    template: Text = ""
    """Template of the label; "" draws one that suits the symbology."""
    module_m: Number = LogUniform(0.00025, 0.0007)
    face: Text = Choice(("top", *_SIDES, "camera"), (55, 6, 6, 6, 6, 21))
    """A face, or `camera`, the face that looks at the nearest camera."""
    tilt_rad: Number = Normal(0.0, 3 * _DEG, -12 * _DEG, 12 * _DEG)
    askew: Number = 0.05
    """Share of labels that lie at any angle."""
    quarter_turns: Count = Choice((0, 1, 2, 3), (62, 16, 8, 14))
    """Turn of the whole label on its face, before tilt."""
    offset_m: Number = Normal(0.0, 0.03, -0.09, 0.09)
    """Offset of the label from its intended place, along both axes of the face."""
    printed: Number = 0.5
    """Share of ITF-14 product labels that are flexo print on the carton itself."""
    direct_thermal: Number = 0.3
    """Share of thermal labels whose black is a dye that is bright in the near infrared."""

    def __call__(self, shot: Shot, rng: Stream) -> Shot:
        """Return `shot` with labels on its cartons.

        Raises:
            Infeasible: an item has no room for any number of labels that the recipe allows (`label_too_large`), or
                none of the faces that it allows is flat (`label_off_face`).
        """
        items = dict(shot.items)
        for item_id, item in selected(shot, self.on, self.kinds):
            count = int(draw(self.count, rng.at(item_id, "count")))
            done = item
            for number in range(count):
                done = self._label(shot, item_id, done, rng.at(item_id, number)) or done
            require_labels(item_id, item, done, (count, self.count), self.module_m)
            items[item_id] = done
        return replace(shot, items=items)

    def _label(self, shot: Shot, item_id: str, item: Item, rng: Stream) -> Item | None:
        symbology = str(draw(self.symbology, rng.at("symbology")))
        chosen = str(draw(self.template, rng.at("template")))
        order = [chosen] if chosen else design.templates(symbology, rng.at("template").generator())
        order += [name for name in ("plain", "small") if name not in order and not chosen]
        drawn = str(draw(self.face, rng.at("face")))
        faces = candidates(shot, item, drawn, self.face)
        if not faces:
            raise Infeasible("label_off_face", f"items.{item_id}: a {item.kind} has no flat {drawn} face for a label")
        for face in faces:
            for template in order:
                done = self._try(item_id, item, face, template, symbology, rng)
                if done is not None:
                    return done
        return None

    def _try(self, item_id: str, item: Item, face: str, template: str, symbology: str, rng: Stream) -> Item | None:
        turns = int(draw(self.quarter_turns, rng.at("quarter_turns")))
        room = placement.room(item, face)
        companions = () if template in ("retail", "fnsku") else _words(draw(self.companions, rng.at("companions")))
        label = design.design(
            label_id=_next(item, "label"),
            item_id=item_id,
            template=template,
            symbology=symbology,
            module_m=float(draw(self.module_m, rng.at("module_m"))),
            room_m=room if turns % 2 == 0 else room[::-1],
            stream=rng.at("design"),
            asked_m=self.module_m,
            companions=companions,
            kept=kept(self.companions, companions),
        )
        if label is None:
            return None
        tilt = float(draw(self.tilt_rad, rng.at("tilt_rad")))
        if rng.at("askew").uniform() < draw(self.askew, rng.at("askew_share")):
            tilt = rng.at("askew_angle").uniform() * 2 * math.pi
        label = replace(self._printed(label, symbology, rng), face=face, angle_rad=turns * math.pi / 2 + tilt)
        wanted = self._wanted(item, label, rng)
        if not self._may_lie(item, label, wanted, rng):
            return None
        return placement.put(item, label, wanted, rng.at("place").generator())

    def _may_lie(self, item: Item, label: Label, wanted_m: tuple[float, float], rng: Stream) -> bool:
        """Return whether the recipe still allows the offset once the label is moved inside the face's edges."""
        x, y = (float(draw(self.offset_m, rng.at(axis))) for axis in ("offset_x", "offset_y"))
        meant = placement.inside(item, label, (wanted_m[0] - x, wanted_m[1] - y))
        placed = placement.inside(item, label, wanted_m)
        if meant is None or placed is None:
            return False
        return all(allows(self.offset_m, p - m, 1e-6) for p, m in zip(placed, meant, strict=True))

    def _printed(self, label: Label, symbology: str, rng: Stream) -> Label:
        """Return the label with its stock and ink."""
        flexo = rng.at("printed").uniform() < draw(self.printed, rng.at("printed_share"))
        if symbology == "itf14" and label.template == "product" and flexo and label.codes[0].module_m >= 0.0005:
            return replace(label, stock="kraft_print", ink="flexo")
        return replace(label, stock=_stock(rng), ink=_ink(self.direct_thermal, rng))

    def _wanted(self, item: Item, label: Label, rng: Stream) -> tuple[float, float]:
        """Return a place on the face: one drawn on it, beside the tape on top, plus the offset of hand placement."""
        width, height = item_faces.size(label.face, item.size_m)
        x = 0.5 * (rng.at("x").uniform() - 0.5) * width + float(draw(self.offset_m, rng.at("offset_x")))
        y = 0.5 * (rng.at("y").uniform() - 0.5) * height + float(draw(self.offset_m, rng.at("offset_y")))
        clear = 0.026 + placement.extent(label.size_m, label.angle_rad)[1] / 2
        if label.face == "top" and item.kind == "carton" and height / 2 - 0.005 > clear + label.size_m[1] / 2:
            y = math.copysign(max(abs(y), clear), y)
        return x, y


@dataclass(frozen=True, kw_only=True)
class ToteLabels:
    """Label totes with their number, the same one on every labelled face; a label on `top` lies on the tote's lid."""

    on: str = "items"
    kinds: tuple[str, ...] = ("tote",)
    sides: Text = Choice(("front back", "front", "front back left right", "left right"), (60, 20, 15, 5))
    """Labelled faces, separated by blanks; `camera` is the face that looks at the nearest camera."""
    symbology: Text = Choice(("code128", "code39", "datamatrix", "qr"), (70, 10, 12, 8))
    companions: Text = Choice(("", "datamatrix", "qr"), (85, 10, 5))
    module_m: Number = LogUniform(0.00033, 0.0006)
    tilt_rad: Number = Normal(0.0, 0.5 * _DEG, -2 * _DEG, 2 * _DEG)
    offset_m: Number = Normal(0.0, 0.003, -0.009, 0.009)

    def __call__(self, shot: Shot, rng: Stream) -> Shot:
        """Return `shot` with labels on its totes.

        Raises:
            Infeasible: the faces that are asked for have no room for the label (`label_too_large`).
        """
        items = dict(shot.items)
        for item_id, item in selected(shot, self.on, self.kinds):
            place = rng.at(item_id)
            symbology = str(draw(self.symbology, place.at("symbology")))
            number = payloads.plausible("code128", "tote", place.at("payload"))
            done, words, found = item, _words(draw(self.sides, place.at("sides"))), []
            for word in words:
                labelled = self._side(item_id, done, named(shot, item, word), symbology, number, place)
                done, found = (labelled, [*found, word]) if labelled else (done, found)
            require_labels(item_id, item, done, (" ".join(words), self.sides), self.module_m, " ".join(found))
            items[item_id] = done
        return replace(shot, items=items)

    def _side(self, item_id: str, item: Item, face: str, symbology: str, number: str, rng: Stream) -> Item | None:
        companions = _words(draw(self.companions, rng.at("companions")))
        label = design.design(
            label_id=_next(item, "label"),
            item_id=item_id,
            template="tote",
            symbology=symbology,
            module_m=float(draw(self.module_m, rng.at("module_m"))),
            room_m=placement.room(item, face),
            stream=rng.at("design"),
            asked_m=self.module_m,
            companions=companions,
            kept=kept(self.companions, companions),
            payload=number,
        )
        if label is None:
            return None
        tilt = float(draw(self.tilt_rad, rng.at(face, "tilt_rad")))
        label = replace(label, face=face, angle_rad=tilt, stock="polypropylene")
        x, y = (float(draw(self.offset_m, rng.at(face, axis))) for axis in ("offset_x", "offset_y"))
        middle = placement.flat(item, face).center_m
        wanted = (x, y + middle[1])
        return placement.put(
            item,
            label,
            wanted,
            rng.at(face, "place").generator(),
            lambda at: all(allows(self.offset_m, a - m, 1e-6) for a, m in zip(at, middle, strict=True)),
        )


@dataclass(frozen=True, kw_only=True)
class PalletLabels:
    """Label loads with GS1 logistic labels, on two adjacent sides, 400 to 800 mm above their foot."""

    on: str = "items"
    kinds: tuple[str, ...] = ("pallet_load",)
    sides: Count = Choice((1, 2), (28, 72))
    face: Text = "camera"
    """First face: a side, top, or `camera` (the side that looks at the nearest camera); the second is the next side."""
    module_m: Number = Uniform(0.000495, 0.00075)
    second_code: Number = 0.7
    """Share of labels that carry content or batch above the SSCC."""
    height_m: Number = Uniform(0.4, 0.8)
    """Height of the label's centre above the item's foot."""
    from_edge_m: Number = Uniform(0.05, 0.3)
    """Distance of the label's right edge from the face's right edge."""
    tilt_rad: Number = Normal(0.0, 2 * _DEG, -8 * _DEG, 8 * _DEG)
    wrapped: Number = 0.25
    """Share of labels that lie below the stretch film."""

    def __call__(self, shot: Shot, rng: Stream) -> Shot:
        """Return `shot` with labels on its loads.

        Raises:
            Infeasible: the faces that are asked for have no room for a label (`label_too_large`).
        """
        items = dict(shot.items)
        for item_id, item in selected(shot, self.on, self.kinds):
            place = rng.at(item_id)
            first = named(shot, item, str(draw(self.face, place.at("face"))), _SIDES)
            second = _ROUND.get(first) or named(shot, item, CAMERA, _SIDES)
            count = int(draw(self.sides, place.at("sides")))
            done = item
            for face in (first, second)[:count]:
                done = self._side(item_id, done, face, place) or done
            require_labels(item_id, item, done, (count, self.sides), self.module_m)
            items[item_id] = done
        return replace(shot, items=items)

    def _side(self, item_id: str, item: Item, face: str, rng: Stream) -> Item | None:
        share = draw(self.second_code, rng.at("second_code"))
        second = rng.at("second").uniform() < share
        label = design.design(
            label_id=_next(item, "label"),
            item_id=item_id,
            template="sscc",
            symbology="gs1_128",
            module_m=float(draw(self.module_m, rng.at("module_m"))),
            room_m=placement.room(item, face),
            stream=rng.at("design"),  # the same for both sides: the same SSCC
            asked_m=self.module_m,
            companions=("gs1_128",) if second else (),
            kept=(0, 1) if share < 1 else None,
        )
        if label is None:
            return None
        film = rng.at(face, "film").uniform() < draw(self.wrapped, rng.at("wrapped"))
        tilt = float(draw(self.tilt_rad, rng.at(face, "tilt_rad")))
        label = replace(label, face=face, angle_rad=tilt, stock=_stock(rng), film="stretch_film" if film else "")
        width, height = item_faces.size(face, item.size_m)
        from_edge = float(draw(self.from_edge_m, rng.at(face, "from_edge_m")))
        x = width / 2 - from_edge - label.size_m[0] / 2
        y = float(draw(self.height_m, rng.at(face, "height_m"))) - height / 2
        if face not in _SIDES:  # a top has no height above the foot: the lower edge is as far as the right one
            y = from_edge + label.size_m[1] / 2 - height / 2

        def may_lie(at: tuple[float, float]) -> bool:
            beside = allows(self.from_edge_m, width / 2 - at[0] - label.size_m[0] / 2, 1e-6)
            return beside and (face not in _SIDES or allows(self.height_m, at[1] + height / 2, 1e-6))

        return placement.put(item, label, (x, y), rng.at(face, "place").generator(), may_lie)


@dataclass(frozen=True, kw_only=True)
class CardLabel:
    """Fill a card with one label that carries some codes."""

    on: str = "items"
    kinds: tuple[str, ...] = ("card",)
    face: Text = "auto"
    """A face, or `auto`, the largest face."""
    symbology: Text = Choice(("code128", "qr", "datamatrix", "ean13", "gs1_128"))
    companions: Text = Choice(("", "datamatrix", "qr", "qr datamatrix", "qr pdf417"))
    module_m: Number = LogUniform(0.00033, 0.0007)
    template: Text = "card"
    stock: Text = "paper"
    payload: Text = ""
    """Payload of the main code; "" draws a plausible one."""

    def __call__(self, shot: Shot, rng: Stream) -> Shot:
        """Return `shot` with its cards printed.

        Raises:
            Infeasible: a card is too small for its code (`label_too_large`).
        """
        items = dict(shot.items)
        for item_id, item in selected(shot, self.on, self.kinds):
            place = rng.at(item_id)
            face = str(draw(self.face, place.at("face")))
            if face == "auto":
                face = max(item_faces.FACES[::-1], key=lambda name: math.prod(item_faces.size(name, item.size_m)))
                face = {"bottom": "top", "back": "front", "right": "left"}.get(face, face)
            label = self._card(item_id, item, face, place)
            if label is None:
                modules = range_mm(self.module_m)
                raise Infeasible(
                    "label_too_large", f"items.{item_id}: no codes with modules of {modules} fit on the card"
                )
            items[item_id] = replace(item, labels=(*item.labels, label))
        return replace(shot, items=items)

    def _card(self, item_id: str, item: Item, face: str, rng: Stream) -> Label | None:
        size = item_faces.size(face, item.size_m)
        companions = _words(draw(self.companions, rng.at("companions")))
        label = design.design(
            label_id=_next(item, "label"),
            item_id=item_id,
            template=str(draw(self.template, rng.at("template"))),
            symbology=str(draw(self.symbology, rng.at("symbology"))),
            module_m=float(draw(self.module_m, rng.at("module_m"))),
            room_m=size,
            stream=rng.at("design"),
            asked_m=self.module_m,
            companions=companions,
            kept=kept(self.companions, companions),
            payload=str(draw(self.payload, rng.at("payload"))),
            size_m=size,
        )
        return label and replace(label, face=face, stock=str(draw(self.stock, rng.at("stock"))))


_ROUND = {"front": "left", "left": "back", "back": "right", "right": "front"}


def _next(item: Item, name: str) -> str:
    """Return a label name that the item does not have yet."""
    return f"{name}{len(item.labels)}"


def _words(text: object) -> tuple[str, ...]:
    return tuple(str(text).split())


def _stock(rng: Stream) -> str:
    return str(draw(Choice(("thermal_paper", "paper", "polypropylene"), (75, 15, 10)), rng.at("stock")))


def _ink(direct_thermal: Number, rng: Stream) -> str:
    return "leuco" if rng.at("ink").uniform() < draw(direct_thermal, rng.at("direct_thermal")) else "carbon"


__all__ = ["CardLabel", "CartonLabels", "PalletLabels", "ToteLabels"]
